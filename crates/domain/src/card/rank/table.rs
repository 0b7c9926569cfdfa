//! The ranks of all hands of up to seven cards, ready to look up.
//!
//! A card adds a number to a sum: one digit to base 5 for its rank, in one of three parts, and one more for its suit, in a field
//! that starts at 3 so that five of a suit set its highest bit. The three parts name a place among the 76,155 ways to take up to
//! seven cards by rank; flushes have a table by their ranks. The tables are small, so that they stay in a processor's caches.

use std::sync::LazyLock;

use super::counting::{Counted, flush};
use super::{Card, HandRank};
use crate::rules::Pack;

/// How many of the thirteen ranks belong to each part, the lowest first.
const LOW_RANKS: u32 = 4;
const MIDDLE_RANKS: u32 = 4;
const HIGH_RANKS: u32 = 5;

const MIDDLE_SHIFT: u32 = 10;
const HIGH_SHIFT: u32 = 20;
const SUIT_SHIFT: u32 = 40;
const MOST_CARDS: usize = 7;

/// The suits' fields with 3 in each.
const NO_SUITS: u64 = 0x3333 << SUIT_SHIFT;
/// Their highest bits.
const FLUSHES: u64 = 0x8888 << SUIT_SHIFT;

/// What each card adds, by [`place`].
const ADDS: [u64; 64] = {
    let mut adds = [0; 64];
    let mut place = 0;
    while place < 64 {
        let (suit, rank) = (place as u32 / 16, place as u32 % 16);
        let digit = if rank < LOW_RANKS {
            5_u64.pow(rank)
        } else if rank < LOW_RANKS + MIDDLE_RANKS {
            5_u64.pow(rank - LOW_RANKS) << MIDDLE_SHIFT
        } else {
            5_u64.pow(rank - LOW_RANKS - MIDDLE_RANKS) << HIGH_SHIFT
        };
        adds[place] = digit + (1 << (SUIT_SHIFT + 4 * suit));
        place += 1;
    }
    adds
};

/// Where a card is in [`ADDS`] and in a set: 16 places for each suit, so that no index has to be checked.
const fn place(card: Card) -> usize {
    ((card.suit as usize) << 4 | card.rank as usize) & 63
}

/// Some cards, added up.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    /// What they add, by [`ADDS`].
    adds: u64,
    /// Which they are, by [`place`].
    set: u64,
}

impl Sum {
    pub(super) const NONE: Self = Self { adds: 0, set: 0 };

    pub(super) fn of(cards: &[Card]) -> Self {
        cards.iter().fold(Self::NONE, |sum, card| sum.and(Self::one(*card)))
    }

    fn one(card: Card) -> Self {
        Self { adds: ADDS[place(card)], set: 1 << place(card) }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { adds: self.adds + other.adds, set: self.set | other.set }
    }
}

/// The ranks of the hands of one pack.
pub(super) struct Tables {
    /// Where the hands begin whose highest ranks add up to this, times 8, and how many cards that are.
    high: Box<[u32; 1 << HIGH_BITS]>,
    /// With so many cards of the highest ranks: how far from there those begin whose middle ranks add up to this.
    middle: Box<[u32; 8 << MIDDLE_SHIFT]>,
    /// How far from there the lowest ranks are.
    low: Box<[u16; 1 << MIDDLE_SHIFT]>,
    /// Which of `classes` each hand without a flush is of.
    hands: Vec<u16>,
    /// The ranks that there are without a flush.
    classes: Vec<HandRank>,
    /// The rank of each flush, by the set of its ranks.
    flushes: Vec<HandRank>,
}

/// Enough for five digits to base 5.
const HIGH_BITS: u32 = 12;

impl Tables {
    pub(super) fn of(pack: Pack) -> &'static Self {
        static FULL: LazyLock<Tables> = LazyLock::new(|| Tables::new(Pack::Full));
        static SIX_PLUS: LazyLock<Tables> = LazyLock::new(|| Tables::new(Pack::SixPlus));
        match pack {
            Pack::Full => &FULL,
            Pack::SixPlus => &SIX_PLUS,
        }
    }

    fn new(pack: Pack) -> Self {
        let (lows, middles, highs) = (parts(LOW_RANKS), parts(MIDDLE_RANKS), parts(HIGH_RANKS));
        let mut low = Box::new([0; 1 << MIDDLE_SHIFT]);
        for (place, part) in (0..).zip(&lows) {
            low[part.sum] = place;
        }
        // How many hands of the lowest ranks there are with at most so many cards.
        let fits = |room: usize| lows.iter().filter(|part| part.count <= room).count();
        let mut middle = Box::new([0; 8 << MIDDLE_SHIFT]);
        let mut sizes = [0; MOST_CARDS + 1];
        for (taken, size) in sizes.iter_mut().enumerate() {
            for part in middles.iter().filter(|part| part.count + taken <= MOST_CARDS) {
                middle[taken << MIDDLE_SHIFT | part.sum] = *size as u32;
                *size += fits(MOST_CARDS - taken - part.count);
            }
        }
        let (mut high, mut ranks) = (Box::new([0; 1 << HIGH_BITS]), Vec::new());
        for top in &highs {
            high[top.sum] = (ranks.len() << 3 | top.count) as u32;
            for part in middles.iter().filter(|part| part.count + top.count <= MOST_CARDS) {
                let room = MOST_CARDS - top.count - part.count;
                ranks.extend(lows.iter().filter(|low| low.count <= room).map(|low| {
                    let counts = [&low.counts[..4], &part.counts[..4], &top.counts[..5]].concat();
                    Counted::of(&counts).rank(pack)
                }));
            }
        }
        let mut classes = ranks.clone();
        classes.sort_unstable();
        classes.dedup();
        let class = |rank: HandRank| classes.binary_search(&rank).expect("each rank is a class") as u16;
        let hands = ranks.into_iter().map(class).collect();
        let flushes = (0..1 << 13).map(|suited| flush(pack, suited)).collect();
        Self { high, middle, low, hands, classes, flushes }
    }

    /// The rank of the best five of up to seven cards.
    pub(super) fn best_five<'c>(&self, cards: impl Iterator<Item = &'c Card> + Clone) -> HandRank {
        let adds = cards.clone().fold(NO_SUITS, |adds, card| adds + ADDS[place(*card)]);
        if adds & FLUSHES == 0 {
            self.without_flush(adds)
        } else {
            self.flush(adds, cards.fold(0, |set, card| set | 1 << place(*card)))
        }
    }

    /// The same of cards added up before.
    pub(super) fn rank(&self, sum: Sum) -> HandRank {
        let adds = sum.adds + NO_SUITS;
        if adds & FLUSHES == 0 { self.without_flush(adds) } else { self.flush(adds, sum.set) }
    }

    fn without_flush(&self, adds: u64) -> HandRank {
        const PART: u64 = (1 << MIDDLE_SHIFT) - 1;
        const HIGH: u64 = (1 << HIGH_BITS) - 1;
        let high = self.high[(adds >> HIGH_SHIFT & HIGH) as usize];
        let middle = self.middle[(high as usize & 7) << MIDDLE_SHIFT | (adds >> MIDDLE_SHIFT & PART) as usize];
        let place = (high >> 3) + middle + u32::from(self.low[(adds & PART) as usize]);
        self.classes[usize::from(self.hands[place as usize])]
    }

    /// Seven cards with a flush make nothing that beats it but a straight flush.
    fn flush(&self, adds: u64, set: u64) -> HandRank {
        let suit = ((adds & FLUSHES) >> SUIT_SHIFT).trailing_zeros() / 4;
        self.flushes[(set >> (16 * suit) & 0x1fff) as usize]
    }
}

/// How often each of some neighbouring ranks is there.
struct Part {
    counts: [u8; 5],
    /// The same as digits to base 5.
    sum: usize,
    count: usize,
}

/// All ways to take up to seven cards of so many ranks, those with the fewest cards first.
fn parts(ranks: u32) -> Vec<Part> {
    let part = |sum: usize| {
        let mut counts = [0; 5];
        let mut rest = sum;
        for count in &mut counts {
            *count = (rest % 5) as u8;
            rest /= 5;
        }
        Part { counts, sum, count: counts.iter().copied().map(usize::from).sum() }
    };
    let mut parts: Vec<Part> = (0..5_usize.pow(ranks)).map(part).filter(|part| part.count <= MOST_CARDS).collect();
    parts.sort_by_key(|part| part.count);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_place_for_each_way_to_take_up_to_seven_cards_by_rank() {
        for pack in [Pack::Full, Pack::SixPlus] {
            assert_eq!(Tables::of(pack).hands.len(), 76_155);
        }
    }
}
