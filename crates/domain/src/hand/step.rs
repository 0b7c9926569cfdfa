//! What happens in a hand, step by step.

use super::ActionKind;
use crate::card::Card;
use crate::card::deck::HoleCards;
use crate::card::rank::{self, HandRank, LowRank};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::pot::Pot;
use crate::rules::Game;

crate::named! {
    /// A round of betting, named after the cards before it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Street {
        /// Only hole cards.
        Preflop = "preflop",
        /// Three cards on the board.
        Flop = "flop",
        /// Four.
        Turn = "turn",
        /// Five.
        River = "river",
    }
}

impl Street {
    /// How many cards are on the board.
    pub const fn board_len(self) -> usize {
        match self {
            Self::Preflop => 0,
            Self::Flop => 3,
            Self::Turn => 4,
            Self::River => 5,
        }
    }

    /// The one after it.
    pub(super) const fn next(self) -> Option<Self> {
        match self {
            Self::Preflop => Some(Self::Flop),
            Self::Flop => Some(Self::Turn),
            Self::Turn => Some(Self::River),
            Self::River => None,
        }
    }
}

crate::named! {
    /// Where a hand is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Phase {
        /// Betting before the flop.
        Preflop = "preflop",
        /// Betting on the flop.
        Flop = "flop",
        /// Betting on the turn.
        Turn = "turn",
        /// Betting on the river.
        River = "river",
        /// Hands are compared. A [`Hand`](super::Hand) passes through it within a call, so no caller finds it there.
        Showdown = "showdown",
        /// The chips are awarded.
        Complete = "complete",
    }
}

impl From<Street> for Phase {
    fn from(street: Street) -> Self {
        match street {
            Street::Preflop => Self::Preflop,
            Street::Flop => Self::Flop,
            Street::Turn => Self::Turn,
            Street::River => Self::River,
        }
    }
}

crate::named! {
    /// Why chips are posted before the cards.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum PostKind {
        /// By everybody; not part of the street's bet.
        Ante = "ante",
        /// By the first player left of the button; heads-up by the button.
        SmallBlind = "small_blind",
        /// By the player after that.
        BigBlind = "big_blind",
        /// By the button, in place of blinds.
        ButtonBlind = "button_blind",
        /// By who wants to act last before the flop, for twice the blind before it.
        Straddle = "straddle",
        /// A big blind by somebody who missed it or is new.
        PostedBigBlind = "posted_big_blind",
        /// A small blind by somebody who missed it; not part of the street's bet.
        DeadSmallBlind = "dead_small_blind",
    }
}

impl PostKind {
    /// Whether it is part of the street's bet.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Ante | Self::DeadSmallBlind => false,
            Self::SmallBlind | Self::BigBlind | Self::ButtonBlind | Self::Straddle | Self::PostedBigBlind => true,
        }
    }
}

/// An ante or a blind, posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// By whom.
    pub seat: SeatIndex,
    /// What for.
    pub kind: PostKind,
    /// How many chips: fewer than the rules ask for if the player has no more.
    pub amount: Chips,
}

/// Chips that nobody called, given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UncalledBet {
    /// To whom.
    pub seat: SeatIndex,
    /// How many chips.
    pub amount: Chips,
    /// The player's stack with them.
    pub stack: Chips,
}

/// Somebody who won chips.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
    /// Who.
    pub seat: SeatIndex,
    /// How many chips from all the pots, his own included.
    pub amount: Chips,
    /// With what; `None` without a showdown. On several boards, his best.
    pub rank: Option<HandRank>,
}

/// What somebody's cards make with one board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// The high hand.
    pub high: HandRank,
    /// The low hand, where the game has one and he makes one.
    pub low: Option<LowRank>,
}

impl Made {
    /// What these cards make with each of these boards.
    pub fn all(game: Game, hole: &HoleCards, boards: &[Vec<Card>]) -> Vec<Self> {
        let made = |board: &Vec<Card>| Self {
            high: rank::high(game, hole.cards(), board),
            low: rank::low(game, hole.cards(), board),
        };
        boards.iter().map(made).collect()
    }
}

crate::named! {
    /// Which share of a board's part of a pot.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Half {
        /// All of it.
        Whole = "whole",
        /// The high hand's half.
        High = "high",
        /// The low hand's half.
        Low = "low",
    }
}

/// A part of a pot that was compared for: one board's or run's, or half of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The board's or the run's number, from 0.
    pub board: u8,
    /// Which half of it.
    pub half: Half,
    /// How many chips.
    pub amount: Chips,
    /// Who gets how many, in seat order from the left of the button.
    pub winners: Vec<(SeatIndex, Chips)>,
}

/// A hand turned over at the showdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whose.
    pub seat: SeatIndex,
    /// The cards.
    pub cards: HoleCards,
    /// Their rank, with the board; on several boards, the best.
    pub rank: HandRank,
    /// What they make with each board or run.
    pub made: Vec<Made>,
}

impl Shown {
    /// These cards turned over on complete boards.
    pub fn new(seat: SeatIndex, cards: HoleCards, game: Game, boards: &[Vec<Card>]) -> Self {
        let made = Made::all(game, &cards, boards);
        let rank = made.iter().map(|made| made.high).max().expect("there is a board");
        Self { seat, cards, rank, made }
    }
}

/// Something that happened in a hand, in the order in which it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A player acted.
    Acted {
        /// Who.
        seat: SeatIndex,
        /// When.
        street: Street,
        /// What was asked for: stays `AllIn` where that was a call or a raise.
        kind: ActionKind,
        /// Fold and check: none. Call: the chips added. Bet, raise and all-in: the total on this street.
        amount: Chips,
        /// The player's stack right after it, before uncalled chips go back.
        stack: Chips,
        /// His total on this street right after it, before uncalled chips go back.
        bet: Chips,
        /// Every chip in the middle right after it, before uncalled chips go back.
        pot: Chips,
        /// What went back because the action ended the betting.
        returned: Option<UncalledBet>,
    },
    /// Cards came on the board.
    StreetAdvanced {
        /// The street that begins.
        street: Street,
        /// Each whole board so far.
        boards: Vec<Vec<Card>>,
        /// The pots of the streets before it.
        pots: Vec<Pot>,
    },
    /// The missing cards came once more, where it was decided how often.
    RunDealt {
        /// Which run, from 0.
        run: u8,
        /// Its whole board.
        board: Vec<Card>,
    },
    /// A pot was won.
    PotAwarded {
        /// 0 for the main pot, then the side pots.
        index: usize,
        /// How many chips.
        amount: Chips,
        /// Who gets how many, in seat order from the left of the button.
        winners: Vec<(SeatIndex, Chips)>,
        /// What that is made of; none where nobody had to show.
        parts: Vec<Part>,
    },
    /// The hand is over.
    Completed {
        /// The cards that came, on each board or in each run.
        boards: Vec<Vec<Card>>,
        /// In seat order from the left of the button.
        winners: Vec<Winner>,
        /// In the order in which they were shown; nothing of those who mucked or folded.
        shown: Vec<Shown>,
        /// Everybody's chips at the end, by ascending seat.
        stacks: Vec<(SeatIndex, Chips)>,
    },
}
