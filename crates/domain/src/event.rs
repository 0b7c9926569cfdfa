//! All that can have happened in a room.
//!
//! An event is a public part, [`Happened`], that can't hold anything hidden, and a [`Secret`] for its owners. What a
//! reader gets of it is decided in [`crate::view::event`].

use crate::card::Card;
use crate::card::deck::HoleCards;
use crate::card::rank::HandRank;
use crate::card::seed::Commitment;
use crate::chips::Chips;
use crate::hand::{ActionKind, HandRules, LegalActions, Post, Pot, Returned, Shown, Street};
use crate::ids::{GameId, HandId, SeatIndex, TokenId, UserId};
use crate::name::Name;
use crate::seat::FreedReason;
use crate::settings::Settings;
use crate::time::{Millis, Timestamp};

/// One event, before it has its number in the room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What everybody in the room may know.
    pub what: Happened,
    /// What only its owners may know.
    pub secret: Secret,
    /// What only the player may know whose turn it tells of. Absent in events from before it was kept.
    pub turn: Option<OwnTurn>,
}

impl From<Happened> for Event {
    fn from(what: Happened) -> Self {
        Self { what, secret: Secret::None, turn: None }
    }
}

/// A turn as the player sees it who is to act: as it is right after the event that tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTurn {
    /// Who is to act.
    pub of: UserId,
    /// What they may do.
    pub legal: LegalActions,
    /// What their cards make with the board so far.
    pub rank: HandRank,
}

/// An event in the room's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its number in the room: dense, from 1.
    pub seq: u64,
    /// When it was committed, by the database's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Committed {
    /// The events of one change, numbered from `first` on.
    pub fn number(first: u64, at: Timestamp, events: Vec<Event>) -> Vec<Self> {
        (first..).zip(events).map(|(seq, event)| Self { seq, at, event }).collect()
    }
}

/// The hidden part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// Nothing is hidden.
    None,
    /// Each player's own two cards.
    Cards(Vec<(UserId, HoleCards)>),
    /// A rejoin token, for its owner.
    Token {
        /// The owner.
        of: UserId,
        /// The token's row.
        id: TokenId,
    },
}

/// Whose turn it is and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Who is to act.
    pub actor: SeatIndex,
    /// The number of the turn, counted through the whole game.
    pub turn: u64,
    /// When the turn began.
    pub started_at: Timestamp,
    /// When the normal time for the decision ends; `None` without a clock, or while it stands still.
    pub deadline: Option<Timestamp>,
    /// When the time bank is used up too and the clock decides.
    pub expires: Option<Timestamp>,
    /// What is left in the actor's time bank.
    pub timebank: Millis,
}

/// A player at the start of a hand, blinds and antes posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DealtIn {
    /// The chair.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips before the hand.
    pub stack: Chips,
    /// Chips behind, after posting.
    pub chips: Chips,
    /// This street's bet.
    pub bet: Chips,
}

/// A share of one pot, or of all pots of a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The chair.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips won.
    pub amount: Chips,
    /// With what, when hands were compared.
    pub rank: Option<HandRank>,
}

/// A stack at the end of a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalStack {
    /// The chair.
    pub seat: SeatIndex,
    /// Who sits there.
    pub user: UserId,
    /// Chips after the hand.
    pub chips: Chips,
    /// Chips won or lost in it.
    pub net: i64,
}

/// Who changed a stack between hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustedBy {
    /// The player, buying more chips.
    TopUp,
    /// The host.
    Host {
        /// What the host says about it.
        reason: Option<String>,
    },
}

/// The public part of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    JoinRequested { user: UserId, name: Name },
    Approved { user: UserId, name: Name },
    Rejected { user: UserId, name: Name },
    Seated { seat: SeatIndex, user: UserId, name: Name, chips: Chips },
    SpectatorJoined { user: UserId, name: Name },
    SpectatorLeft { user: UserId, name: Name },
    SeatFreed { seat: SeatIndex, user: UserId, reason: FreedReason, chips: Chips },
    Disconnected { user: UserId, seat: SeatIndex },
    Reconnected { user: UserId, seat: SeatIndex },
    SatOut { user: UserId, seat: SeatIndex },
    SatIn { user: UserId, seat: SeatIndex },
    MemberLeft { user: UserId },
    Kicked { user: UserId },
    HostChanged { user: UserId },
    SettingsChanged { settings: Settings },
    ChipsAdjusted { user: UserId, delta: i64, chips: Chips, by: AdjustedBy },
    GameStarted { game: GameId },
    GamePaused { game: GameId },
    GameResumed { game: GameId },
    GameEnded { game: GameId },
    HandStarted(HandStarted),
    Acted(Acted),
    StreetAdvanced { hand: HandId, street: Street, board: Vec<Card>, pots: Vec<Pot>, timer: Option<Timer> },
    PotDistributed { hand: HandId, index: usize, amount: Chips, winners: Vec<Share> },
    HandCompleted(HandCompleted),
}

/// A hand was dealt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandStarted {
    pub hand: HandId,
    pub number: u64,
    pub button: SeatIndex,
    pub rules: HandRules,
    pub posts: Vec<Post>,
    pub seats: Vec<DealtIn>,
    pub pot: Chips,
    pub timer: Option<Timer>,
    /// To which deck the room is committed; none in hands from before there were proofs.
    pub commitment: Option<Commitment>,
}

/// A player acted, or the clock or the host did it for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acted {
    pub hand: HandId,
    pub user: UserId,
    pub seat: SeatIndex,
    pub street: Street,
    pub kind: ActionKind,
    pub amount: Chips,
    pub chips: Chips,
    pub bet: Chips,
    pub pot: Chips,
    /// Not the player's own decision.
    pub auto: bool,
    /// The turn that this answers; `None` for a fold out of turn.
    pub turn: Option<u64>,
    /// Chips that nobody called and that go back right after this action.
    pub returned: Option<Returned>,
    pub timer: Option<Timer>,
}

/// A hand is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandCompleted {
    pub hand: HandId,
    pub board: Vec<Card>,
    pub winners: Vec<Share>,
    pub shown: Vec<Shown>,
    pub stacks: Vec<FinalStack>,
    /// When the next hand is due, if one can be dealt.
    pub next_hand_at: Option<Timestamp>,
}

impl Happened {
    /// The hand it belongs to.
    pub fn hand(&self) -> Option<HandId> {
        match self {
            Self::HandStarted(HandStarted { hand, .. })
            | Self::Acted(Acted { hand, .. })
            | Self::StreetAdvanced { hand, .. }
            | Self::PotDistributed { hand, .. }
            | Self::HandCompleted(HandCompleted { hand, .. }) => Some(*hand),
            Self::JoinRequested { .. }
            | Self::Approved { .. }
            | Self::Rejected { .. }
            | Self::Seated { .. }
            | Self::SpectatorJoined { .. }
            | Self::SpectatorLeft { .. }
            | Self::SeatFreed { .. }
            | Self::Disconnected { .. }
            | Self::Reconnected { .. }
            | Self::SatOut { .. }
            | Self::SatIn { .. }
            | Self::MemberLeft { .. }
            | Self::Kicked { .. }
            | Self::HostChanged { .. }
            | Self::SettingsChanged { .. }
            | Self::ChipsAdjusted { .. }
            | Self::GameStarted { .. }
            | Self::GamePaused { .. }
            | Self::GameResumed { .. }
            | Self::GameEnded { .. } => None,
        }
    }
}
