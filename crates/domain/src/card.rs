//! Cards.

pub mod deck;
pub mod rank;
pub mod seed;

use std::fmt;
use std::str::FromStr;

/// A card's suit. Suits have no order in poker; the derived one only serves collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suit {
    /// ♣
    Clubs,
    /// ♦
    Diamonds,
    /// ♥
    Hearts,
    /// ♠
    Spades,
}

impl Suit {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Clubs, Self::Diamonds, Self::Hearts, Self::Spades];

    /// The contract's name: `hearts`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clubs => "clubs",
            Self::Diamonds => "diamonds",
            Self::Hearts => "hearts",
            Self::Spades => "spades",
        }
    }
}

/// A card's rank, deuce low, ace high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// 2
    Two,
    /// 3
    Three,
    /// 4
    Four,
    /// 5
    Five,
    /// 6
    Six,
    /// 7
    Seven,
    /// 8
    Eight,
    /// 9
    Nine,
    /// 10
    Ten,
    /// J
    Jack,
    /// Q
    Queen,
    /// K
    King,
    /// A
    Ace,
}

impl Rank {
    /// All thirteen, from the deuce up.
    pub const ALL: [Self; 13] = [
        Self::Two,
        Self::Three,
        Self::Four,
        Self::Five,
        Self::Six,
        Self::Seven,
        Self::Eight,
        Self::Nine,
        Self::Ten,
        Self::Jack,
        Self::Queen,
        Self::King,
        Self::Ace,
    ];

    /// The contract's name: `2` to `10`, `J`, `Q`, `K`, `A`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Two => "2",
            Self::Three => "3",
            Self::Four => "4",
            Self::Five => "5",
            Self::Six => "6",
            Self::Seven => "7",
            Self::Eight => "8",
            Self::Nine => "9",
            Self::Ten => "10",
            Self::Jack => "J",
            Self::Queen => "Q",
            Self::King => "K",
            Self::Ace => "A",
        }
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
        let suit = Suit::ALL.into_iter().find(|s| s.name() == suit).ok_or(NotACard)?;
        let rank = Rank::ALL.into_iter().find(|r| r.name() == rank).ok_or(NotACard)?;
        Ok(Self { rank, suit })
    }
}
