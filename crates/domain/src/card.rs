//! Cards.

pub mod deck;
pub mod rank;
pub mod seed;

use std::fmt;
use std::str::FromStr;

crate::named! {
    /// A card's suit. Suits have no order in poker; the derived one only serves collections.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Suit {
        /// ♣
        Clubs = "clubs",
        /// ♦
        Diamonds = "diamonds",
        /// ♥
        Hearts = "hearts",
        /// ♠
        Spades = "spades",
    }
}

crate::named! {
    /// A card's rank, deuce low, ace high.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Rank {
        /// 2
        Two = "2",
        /// 3
        Three = "3",
        /// 4
        Four = "4",
        /// 5
        Five = "5",
        /// 6
        Six = "6",
        /// 7
        Seven = "7",
        /// 8
        Eight = "8",
        /// 9
        Nine = "9",
        /// 10
        Ten = "10",
        /// J
        Jack = "J",
        /// Q
        Queen = "Q",
        /// K
        King = "K",
        /// A
        Ace = "A",
    }
}

/// One of the 52 cards.
///
/// `Display` writes the contract's name (`hearts_A`); `Debug` hides it, so that no log line can hold a card.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Card {
    /// Its rank.
    pub rank: Rank,
    /// Its suit.
    pub suit: Suit,
}

impl Card {
    /// The card with this number, 0 to 51: suits in [`Suit::ALL`]'s order, deuce to ace in each.
    pub fn from_number(number: u8) -> Option<Self> {
        let suit = *Suit::ALL.get(usize::from(number / 13))?;
        Some(Self { rank: Rank::ALL[usize::from(number % 13)], suit })
    }

    /// Its number, 0 to 51: the inverse of [`Card::from_number`].
    pub const fn number(self) -> u8 {
        self.suit as u8 * 13 + self.rank as u8
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.suit.name(), self.rank.name())
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The text is not the name of a card.
#[derive(Debug, thiserror::Error)]
#[error("not a card")]
pub struct NotACard;

impl FromStr for Card {
    type Err = NotACard;
    fn from_str(name: &str) -> Result<Self, NotACard> {
        let (suit, rank) = name.split_once('_').ok_or(NotACard)?;
        let suit = Suit::of_name(suit).ok_or(NotACard)?;
        let rank = Rank::of_name(rank).ok_or(NotACard)?;
        Ok(Self { rank, suit })
    }
}
