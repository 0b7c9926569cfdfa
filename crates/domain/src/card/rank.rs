//! Ranking of poker hands: the best five of up to seven cards.

use std::fmt;

use super::{Card, Rank};

/// The kind of a poker hand, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Nothing of the below.
    HighCard,
    /// Two of a rank.
    Pair,
    /// Two pairs.
    TwoPair,
    /// Three of a rank.
    ThreeOfAKind,
    /// Five ranks in a row; the ace is high or, below the deuce, low.
    Straight,
    /// Five of a suit.
    Flush,
    /// Three of one rank, two of another.
    FullHouse,
    /// Four of a rank.
    FourOfAKind,
    /// A straight in one suit.
    StraightFlush,
    /// The straight flush up to the ace.
    RoyalFlush,
}

impl Category {
    const ALL: [Self; 10] = [
        Self::HighCard,
        Self::Pair,
        Self::TwoPair,
        Self::ThreeOfAKind,
        Self::Straight,
        Self::Flush,
        Self::FullHouse,
        Self::FourOfAKind,
        Self::StraightFlush,
        Self::RoyalFlush,
    ];
}

/// How good a hand is: the stronger one is the greater, equal ones share the pot.
///
/// `Display` writes its label: `Two pair, aces and kings`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandRank(u32); // the category, then five nibbles for what decides within it; 0 = nothing, 1 = deuce, 13 = ace

impl HandRank {
    /// The category, then the ranks that decide between two hands of it, the most important first.
    fn new(category: Category, deciding: [u32; 5]) -> Self {
        Self(deciding.into_iter().fold(category as u32, |packed, rank| packed << 4 | rank))
    }

    /// The kind of hand.
    pub fn category(self) -> Category {
        Category::ALL[(self.0 >> 20) as usize]
    }

    /// The names of the deciding rank number `at`: one of it, many of it.
    fn deciding(self, at: u32) -> (&'static str, &'static str) {
        let rank = (self.0 >> (16 - 4 * at) & 0xf) as usize;
        names(Rank::ALL[rank.saturating_sub(1)])
    }
}

/// The rank of the best five of these two to seven cards.
///
/// With fewer than five the missing ones count for nothing, so that a hand has a label before the flop. Only the ranks of hands
/// of equally many cards can be compared.
pub fn evaluate(cards: &[Card]) -> HandRank {
    debug_assert!((2..=7).contains(&cards.len()), "a hand has two to seven cards");
    let (mut once, mut twice, mut thrice, mut four, mut suits) = (0_u32, 0_u32, 0_u32, 0_u32, [0_u32; 4]);
    for card in cards {
        let bit = 1 << card.rank as u32;
        four |= thrice & bit;
        thrice |= twice & bit;
        twice |= once & bit;
        once |= bit;
        suits[card.suit as usize] |= bit;
    }
    let flush = suits.into_iter().find(|suit| suit.count_ones() >= 5);

    if let Some(high) = flush.and_then(straight) {
        let category = if high == ACE { Category::RoyalFlush } else { Category::StraightFlush };
        return HandRank::new(category, [high, 0, 0, 0, 0]);
    }
    if four != 0 {
        let quads = highest(four);
        return HandRank::new(Category::FourOfAKind, [quads, highest(once & !bit(quads)), 0, 0, 0]);
    }
    let trips = highest(thrice);
    let under = twice & !bit(trips);
    if trips != 0 && under != 0 {
        return HandRank::new(Category::FullHouse, [trips, highest(under), 0, 0, 0]);
    }
    if let Some(suited) = flush {
        return HandRank::new(Category::Flush, five_highest(suited));
    }
    if let Some(high) = straight(once) {
        return HandRank::new(Category::Straight, [high, 0, 0, 0, 0]);
    }
    if trips != 0 {
        let [first, second, ..] = five_highest(once & !bit(trips));
        return HandRank::new(Category::ThreeOfAKind, [trips, first, second, 0, 0]);
    }
    let pair = highest(twice);
    let other = highest(twice & !bit(pair));
    if other != 0 {
        let kicker = highest(once & !bit(pair) & !bit(other));
        return HandRank::new(Category::TwoPair, [pair, other, kicker, 0, 0]);
    }
    if pair != 0 {
        let [first, second, third, ..] = five_highest(once & !bit(pair));
        return HandRank::new(Category::Pair, [pair, first, second, third, 0]);
    }
    HandRank::new(Category::HighCard, five_highest(once))
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

/// The highest rank of the best straight within a set of ranks.
fn straight(ranks: u32) -> Option<u32> {
    let with_low_ace = ranks << 1 | ranks >> 12;
    let lowest = with_low_ace & with_low_ace >> 1 & with_low_ace >> 2 & with_low_ace >> 3 & with_low_ace >> 4;
    (lowest != 0).then(|| highest(lowest) + 3)
}

/// "ace" and "aces".
fn names(rank: Rank) -> (&'static str, &'static str) {
    match rank {
        Rank::Two => ("two", "twos"),
        Rank::Three => ("three", "threes"),
        Rank::Four => ("four", "fours"),
        Rank::Five => ("five", "fives"),
        Rank::Six => ("six", "sixes"),
        Rank::Seven => ("seven", "sevens"),
        Rank::Eight => ("eight", "eights"),
        Rank::Nine => ("nine", "nines"),
        Rank::Ten => ("ten", "tens"),
        Rank::Jack => ("jack", "jacks"),
        Rank::Queen => ("queen", "queens"),
        Rank::King => ("king", "kings"),
        Rank::Ace => ("ace", "aces"),
    }
}

impl fmt::Display for HandRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((one, many), (_, many_below)) = (self.deciding(0), self.deciding(1));
        match self.category() {
            Category::HighCard => write!(f, "High card, {one}"),
            Category::Pair => write!(f, "Pair of {many}"),
            Category::TwoPair => write!(f, "Two pair, {many} and {many_below}"),
            Category::ThreeOfAKind => write!(f, "Three of a kind, {many}"),
            Category::Straight => write!(f, "Straight, {one} high"),
            Category::Flush => write!(f, "Flush, {one} high"),
            Category::FullHouse => write!(f, "Full house, {many} over {many_below}"),
            Category::FourOfAKind => write!(f, "Four of a kind, {many}"),
            Category::StraightFlush => write!(f, "Straight flush, {one} high"),
            Category::RoyalFlush => f.write_str("Royal flush"),
        }
    }
}

/// The label only, so that no log line can tell the cards behind it.
impl fmt::Debug for HandRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
