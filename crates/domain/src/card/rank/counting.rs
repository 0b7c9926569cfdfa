//! The rank of a hand by counting, from which the tables are made.

use super::{Category, HandRank};
use crate::rules::Pack;

/// The ranks that a hand has at least once, twice, three and four times, as sets: bit 0 is the deuce, bit 12 the ace.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) once: u32,
    pub(super) twice: u32,
    pub(super) thrice: u32,
    pub(super) four: u32,
}

impl Counted {
    /// From how often each of the thirteen ranks is there, the deuce first.
    pub(super) fn of(counts: &[u8]) -> Self {
        let at_least =
            |times| (0..counts.len()).filter(|&rank| counts[rank] >= times).fold(0, |set, rank| set | 1 << rank);
        Self { once: at_least(1), twice: at_least(2), thrice: at_least(3), four: at_least(4) }
    }

    /// The rank of the best five, suits apart.
    pub(super) fn rank(self, pack: Pack) -> HandRank {
        let Self { once, twice, thrice, four } = self;
        let rank = |category, deciding| HandRank::new(pack, category, deciding);
        if four != 0 {
            let quads = highest(four);
            return rank(Category::FourOfAKind, [quads, highest(once & !bit(quads)), 0, 0, 0]);
        }
        let trips = highest(thrice);
        let under = twice & !bit(trips);
        if trips != 0 && under != 0 {
            return rank(Category::FullHouse, [trips, highest(under), 0, 0, 0]);
        }
        if let Some(high) = straight(pack, once) {
            return rank(Category::Straight, [high, 0, 0, 0, 0]);
        }
        if trips != 0 {
            let [first, second, ..] = five_highest(once & !bit(trips));
            return rank(Category::ThreeOfAKind, [trips, first, second, 0, 0]);
        }
        let pair = highest(twice);
        let other = highest(twice & !bit(pair));
        if other != 0 {
            let kicker = highest(once & !bit(pair) & !bit(other));
            return rank(Category::TwoPair, [pair, other, kicker, 0, 0]);
        }
        if pair != 0 {
            let [first, second, third, ..] = five_highest(once & !bit(pair));
            return rank(Category::Pair, [pair, first, second, third, 0]);
        }
        rank(Category::HighCard, five_highest(once))
    }
}

/// The rank of five or more cards of one suit.
pub(super) fn flush(pack: Pack, suited: u32) -> HandRank {
    match straight(pack, suited) {
        Some(ACE) => HandRank::new(pack, Category::RoyalFlush, [ACE, 0, 0, 0, 0]),
        Some(high) => HandRank::new(pack, Category::StraightFlush, [high, 0, 0, 0, 0]),
        None => HandRank::new(pack, Category::Flush, five_highest(suited)),
    }
}

const ACE: u32 = 13;

/// The set of this one rank; the empty set for none.
fn bit(rank: u32) -> u32 {
    (1 << rank) >> 1
}

/// The highest rank of a set, 0 for an empty one.
fn highest(ranks: u32) -> u32 {
    u32::BITS - ranks.leading_zeros()
}

fn five_highest(mut ranks: u32) -> [u32; 5] {
    let mut found = [0; 5];
    for place in &mut found {
        *place = highest(ranks);
        ranks &= !bit(*place);
    }
    found
}

/// The highest rank of the best straight within a set of ranks: the ace is also the card below the lowest of the pack.
fn straight(pack: Pack, ranks: u32) -> Option<u32> {
    let below = match pack {
        Pack::Full => 0,
        Pack::SixPlus => 4,
    };
    // Bit 0 is now the one below the deuce.
    let with_low_ace = ranks << 1 | (ranks >> 12) << below;
    let lowest = with_low_ace & with_low_ace >> 1 & with_low_ace >> 2 & with_low_ace >> 3 & with_low_ace >> 4;
    (lowest != 0).then(|| highest(lowest) + 3)
}
