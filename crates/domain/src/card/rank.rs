//! Ranking of poker hands.

mod counting;
mod low;
mod made;
mod table;

use std::fmt;

pub use low::LowRank;
pub use made::{high, low};

use super::{Card, Rank};
use crate::rules::Pack;
use table::Tables;

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

    /// With the flush in the full house's place and the other way round: the order of a short deck.
    const fn swapped(self) -> Self {
        match self {
            Self::Flush => Self::FullHouse,
            Self::FullHouse => Self::Flush,
            Self::HighCard
            | Self::Pair
            | Self::TwoPair
            | Self::ThreeOfAKind
            | Self::Straight
            | Self::FourOfAKind
            | Self::StraightFlush
            | Self::RoyalFlush => self,
        }
    }
}

/// How good a hand is: the stronger one is the greater, equal ones share the pot.
///
/// `Display` writes its label: `Two pair, aces and kings`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandRank(u32); // the pack, the category's place in its order, five nibbles for what decides; 0 = nothing, 1 = deuce, 13 = ace

/// Marks the ranks of a short deck, whose categories have another order. Never compared with those of a full one.
const SIX_PLUS: u32 = 1 << 24;

impl HandRank {
    /// The category, then the ranks that decide between two hands of it, the most important first.
    fn new(pack: Pack, category: Category, deciding: [u32; 5]) -> Self {
        let order = match pack {
            Pack::Full => category as u32,
            Pack::SixPlus => 0x10 | category.swapped() as u32,
        };
        Self(deciding.into_iter().fold(order, |packed, rank| packed << 4 | rank))
    }

    /// As one number, for keeping: greater is better, within one way of comparing hands.
    pub const fn packed(self) -> u32 {
        self.0
    }

    /// The rank that [`HandRank::packed`] made this number of; `None` if it made none.
    pub fn from_packed(packed: u32) -> Option<Self> {
        let known = ((packed & !SIX_PLUS) >> 20) < Category::ALL.len() as u32;
        let ranks = (0..5).all(|at| (packed >> (4 * at) & 0xf) as usize <= Rank::ALL.len());
        (known && ranks).then_some(Self(packed))
    }

    /// The kind of hand.
    pub fn category(self) -> Category {
        let category = Category::ALL[((self.0 & !SIX_PLUS) >> 20) as usize];
        if self.0 & SIX_PLUS == 0 { category } else { category.swapped() }
    }

    /// The names of the deciding rank number `at`: one of it, many of it.
    fn deciding(self, at: u32) -> (&'static str, &'static str) {
        let rank = (self.0 >> (16 - 4 * at) & 0xf) as usize;
        names(Rank::ALL[rank.saturating_sub(1)])
    }
}

/// The rank of the best five of these two to seven cards of a full pack.
///
/// With fewer than five the missing ones count for nothing, so that a hand has a label before the flop. Only the ranks of hands
/// of equally many cards can be compared.
pub fn evaluate(cards: &[Card]) -> HandRank {
    debug_assert!((2..=7).contains(&cards.len()), "a hand has two to seven cards");
    Tables::of(Pack::Full).best_five(cards.iter())
}

/// The longest label, in bytes: `Full house, sevens over threes`, and some to spare.
pub const LONGEST_LABEL: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Suit;
    use crate::card::deck::Deck;

    fn rank(cards: &str) -> HandRank {
        let card = |text: &str| {
            let rank = "23456789TJQKA".find(&text[..1]).unwrap();
            Card { rank: Rank::ALL[rank], suit: Suit::ALL["cdhs".find(&text[1..]).unwrap()] }
        };
        evaluate(&cards.split(' ').map(card).collect::<Vec<_>>())
    }

    #[test]
    fn only_the_best_five_cards_count() {
        assert_eq!(rank("As Kd Qh Jc 9s 3d 2h"), rank("As Kd Qh Jc 9s 4d 3h"));
        assert_eq!(rank("Ac Ad Kh Ks Qc Qd 2h"), rank("Ac Ad Kh Ks Qc Jd 3h"));
        assert_eq!(rank("As Js 9s 6s 3s 2s Ad"), rank("As Js 9s 6s 3s Kd Kh"));
        assert_eq!(rank("6s 5d 4h 3c 2s Ad Kd"), rank("6s 5d 4h 3c 2s 2d 2h"));
    }

    #[test]
    fn a_straight_does_not_go_round_the_ace() {
        assert_eq!(rank("Qs Kd Ah 2c 3s 7d 8h").category(), Category::HighCard);
        assert_eq!(rank("Js Qd Kh Ac 2s 3d 5h").category(), Category::HighCard);
    }

    #[test]
    fn hands_have_labels_that_people_know() {
        let labels = [
            ("As Ks Qs Js Ts 2d 2h", "Royal flush"),
            ("9s 8s 7s 6s 5s As Ad", "Straight flush, nine high"),
            ("6s 6d 6h 6c 2s 3d 4h", "Four of a kind, sixes"),
            ("7s 7d 7h Kc Ks 2d 2h", "Full house, sevens over kings"),
            ("As Js 9s 6s 3s 2d 4h", "Flush, ace high"),
            ("9s 8d 7h 6c 5s 2d 2h", "Straight, nine high"),
            ("As 2d 3h 4c 5s 9d Kh", "Straight, five high"),
            ("4s 4d 4h Kc 9s 2d 7h", "Three of a kind, fours"),
            ("As Ad Kh Kc 9s 2d 7h", "Two pair, aces and kings"),
            ("As Ad Kh Qc 9s", "Pair of aces"),
            ("Ks Jd 9h 7c 4s 3d 2h", "High card, king"),
            ("2s 2d", "Pair of twos"),
            ("2s 7d", "High card, seven"),
        ];
        for (cards, label) in labels {
            assert_eq!(rank(cards).to_string(), label, "{cards}");
        }
    }

    /// A second opinion, slow and plain: the best of all choices of five by counting.
    fn counted(cards: &[Card]) -> (Category, Vec<(usize, Rank)>) {
        if cards.len() > 5 {
            let without = |out: usize| [&cards[..out], &cards[out + 1..]].concat();
            return (0..cards.len()).map(|out| counted(&without(out))).max().unwrap();
        }
        let of = |rank| cards.iter().filter(|card| card.rank == rank).count();
        let mut groups: Vec<_> = Rank::ALL.into_iter().map(|rank| (of(rank), rank)).filter(|(n, _)| *n > 0).collect();
        groups.sort_unstable_by(|a, b| b.cmp(a));
        let wheel = groups.iter().map(|(_, rank)| *rank as u8).eq([12, 3, 2, 1, 0]);
        let in_a_row = wheel || (groups.len() == 5 && groups[0].1 as u8 - groups[4].1 as u8 == 4);
        if wheel {
            groups.rotate_left(1);
        }
        let flush = cards.iter().all(|card| card.suit == cards[0].suit);
        let category = match (groups[0].0, groups[1].0) {
            _ if flush && in_a_row && groups[0].1 == Rank::Ace => Category::RoyalFlush,
            _ if flush && in_a_row => Category::StraightFlush,
            (4, _) => Category::FourOfAKind,
            (3, 2) => Category::FullHouse,
            _ if flush => Category::Flush,
            _ if in_a_row => Category::Straight,
            (3, _) => Category::ThreeOfAKind,
            (2, 2) => Category::TwoPair,
            (2, _) => Category::Pair,
            _ => Category::HighCard,
        };
        (category, groups)
    }

    #[test]
    fn hands_are_ordered_as_counting_orders_them() {
        let mut state = 1_u64;
        let mut hand = || {
            let deck = Deck::shuffled(Pack::Full, |n| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                u32::try_from((state >> 33) % u64::from(n)).unwrap()
            });
            let cards = &deck.cards()[..7];
            (evaluate(cards), counted(cards))
        };
        let mut before = hand();
        for _ in 0..2_000 {
            let next = hand();
            assert_eq!(next.0.category(), next.1.0);
            assert_eq!(next.0.cmp(&before.0), next.1.cmp(&before.1), "{next:?} {before:?}");
            before = next;
        }
    }

    #[test]
    fn every_choice_of_five_cards_has_the_category_it_should_by_count() {
        // The known numbers of five-card hands, 2,598,960 in all.
        let card = |number: u8| Card::from_number(number).unwrap();
        let mut counts = [0_u32; 10];
        for a in 0..52 {
            for b in a + 1..52 {
                for c in b + 1..52 {
                    for d in c + 1..52 {
                        for e in d + 1..52 {
                            counts[evaluate(&[a, b, c, d, e].map(card)).category() as usize] += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(counts, [1_302_540, 1_098_240, 123_552, 54_912, 10_200, 5_108, 3_744, 624, 36, 4]);
    }
}
