//! Low hands: five different ranks, none above eight.

use std::cmp::Reverse;
use std::fmt;

use super::super::{Card, Rank};

/// How good a low hand is: the better one is the greater. Aces are low; straights and flushes don't matter.
///
/// `Display` writes its ranks from the highest: `8-6-5-4-2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LowRank(Reverse<u8>); // the set of its ranks; bit 0 is the ace, bit 7 the eight

impl LowRank {
    /// The low hand of these ranks, if it is one.
    pub(super) fn of(ranks: u8) -> Option<Self> {
        (ranks.count_ones() == 5).then_some(Self(Reverse(ranks)))
    }
}

/// The ranks of some cards that can be in a low hand; `None` if one of them can't, or two are the same.
pub(super) fn low_ranks(cards: &[Card]) -> Option<u8> {
    cards.iter().try_fold(0, |set, card| {
        let bit = if card.rank == Rank::Ace { 1 } else { (card.rank <= Rank::Eight).then(|| 2 << card.rank as u8)? };
        (set & bit == 0).then_some(set | bit)
    })
}

impl fmt::Display for LowRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranks = (0..8).rev().filter(|rank| self.0.0 >> rank & 1 == 1);
        let names: Vec<String> =
            ranks.map(|rank| if rank == 0 { "A".to_owned() } else { (rank + 1).to_string() }).collect();
        f.write_str(&names.join("-"))
    }
}
