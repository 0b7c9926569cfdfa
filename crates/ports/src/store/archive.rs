use async_trait::async_trait;
use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Seed;
use domain::chips::Chips;
use domain::event::{Committed, Share};
use domain::game::GameStatus;
use domain::hand::{ActionKind, HandRules, Shown, Street};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use domain::ledger::Entry;
use domain::member::Standing;
use domain::time::{Millis, Timestamp};

use super::StoreError;

/// All that is stored, row by row, for whoever checks it. It is only read, and nothing that play waits for is held.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Rooms with ids above `after`, ascending, at most `limit`.
    async fn rooms_after(&self, after: Option<RoomId>, limit: u32) -> Result<Vec<RoomId>, StoreError>;
    /// Whether the server's key is the one that what is stored was sealed with. Nothing sealed fits every key.
    async fn key_fit(&self) -> Result<KeyFit, StoreError>;
    /// One room as of one instant, whatever is played meanwhile. [`StoreError::Missing`] if there is none.
    async fn open(&self, room: RoomId) -> Result<Box<dyn RoomArchive>, StoreError>;
}

/// Whether a key is the one that a database was sealed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFit {
    /// It is, or nothing is sealed yet.
    Fits,
    /// It is, but some of the sealed values that were tried don't open: they were changed, or another one was used for a time.
    Mixed {
        /// How many open.
        opened: u64,
        /// How many don't.
        shut: u64,
    },
    /// It isn't.
    Other,
}

/// One room's rows, all as of the same instant.
#[async_trait]
pub trait RoomArchive: Send {
    /// How the room stands.
    async fn room(&mut self) -> Result<RoomRecord, StoreError>;
    /// What is stored under the numbers from `after + 1` to `after + count`.
    async fn log(&mut self, after: u64, count: u32) -> Result<LogRecords, StoreError>;
    /// A hand of this room, if it is there.
    async fn hand(&mut self, id: HandId) -> Result<Option<HandRecord>, StoreError>;
}

/// How a room stands: what follows from its log, and is stored beside it.
#[derive(Clone, Debug)]
pub struct RoomRecord {
    /// Its id.
    pub id: RoomId,
    /// Its code.
    pub code: String,
    /// Its host.
    pub host: UserId,
    /// The number of the last event, as the row that writers lock has it.
    pub seq: u64,
    /// The highest number in the log, the ledger and the actions.
    pub last: u64,
    /// Its game.
    pub game: GameId,
    /// How the game stands.
    pub status: GameStatus,
    /// The number of the last hand.
    pub hand_number: u64,
    /// The number of the last turn.
    pub turn_number: u64,
    /// Whose turn it is.
    pub turn_seat: Option<SeatIndex>,
    /// The hand that is played or was played last.
    pub current_hand: Option<HandId>,
    /// How many hands are stored.
    pub hands: u64,
    /// Those of them that are not complete.
    pub live_hands: Vec<HandId>,
    /// Who holds which chair, with how many chips between hands.
    pub chairs: Vec<(SeatIndex, UserId, Chips)>,
    /// Everybody who ever asked to join: how they stand, and the chips that wait for them.
    pub members: Vec<(UserId, Standing, Chips)>,
    /// Rejoin tokens.
    pub tokens: Vec<TokenRecord>,
    /// What is stored of people a second time.
    pub copies: Copies,
}

/// What the rows of seats and spectators say of people, beside the members' own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// The members' own names.
    pub members: Vec<(UserId, String)>,
    /// The name in each seat that is held, and whether its player is on the way out.
    pub seats: Vec<(SeatIndex, UserId, String, bool)>,
    /// Who watches, by which name.
    pub spectators: Vec<(UserId, String)>,
}

/// A rejoin token's row, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Whose.
    pub owner: UserId,
    /// Whether it was not revoked.
    pub current: bool,
    /// What it names its owner.
    pub role: String,
    /// The seat that it says its owner has.
    pub seat: Option<SeatIndex>,
    /// Whether its hash is that of the token which the server's key makes of its id.
    pub genuine: bool,
}

/// A part of a room's log with what is stored of each event elsewhere, each ascending by number.
#[derive(Debug, Default)]
pub struct LogRecords {
    /// Events.
    pub events: Vec<EventRecord>,
    /// Rows of the ledger, those of one event in their order.
    pub entries: Vec<(u64, Entry)>,
    /// Actions.
    pub actions: Vec<ActionRecord>,
}

/// An event's row.
#[derive(Debug)]
pub struct EventRecord {
    /// Its number.
    pub seq: u64,
    /// What it says; [`StoreError::Corrupt`] if no event is like this.
    pub event: Result<Committed, StoreError>,
}

/// An action's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRecord {
    /// Its event's number.
    pub seq: u64,
    /// In which hand.
    pub hand: HandId,
    /// The turn that it answers; `None` for a fold out of turn.
    pub turn: Option<u64>,
    /// Whose chair.
    pub seat: SeatIndex,
    /// Whose.
    pub user: UserId,
    /// On which street.
    pub street: Street,
    /// What.
    pub kind: ActionKind,
    /// As in the event.
    pub amount: Chips,
    /// Whether it wasn't the player's own decision.
    pub auto: bool,
    /// When.
    pub at: Timestamp,
}

/// A hand's rows.
#[derive(Debug)]
pub struct HandRecord {
    /// Its id.
    pub id: HandId,
    /// In which game.
    pub game: GameId,
    /// Its number.
    pub number: u64,
    /// Where the button is.
    pub button: SeatIndex,
    /// Its stakes.
    pub rules: HandRules,
    /// Time for a decision.
    pub action_timeout: Millis,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// Who was dealt in with which stack, by ascending seat.
    pub players: Vec<(SeatIndex, UserId, Chips)>,
    /// The deck; [`StoreError::Corrupt`] if it doesn't open or isn't one.
    pub deck: Result<Deck, StoreError>,
    /// What the deck and its proofs follow from, if there were proofs yet; [`StoreError::Corrupt`] if it doesn't open.
    pub seed: Result<Option<Seed>, StoreError>,
    /// What is kept of its end, once it is over.
    pub result: Option<HandResult>,
}

/// A hand's end, as its row has it.
#[derive(Debug)]
pub struct HandResult {
    /// When it was over.
    pub completed_at: Timestamp,
    /// All that was won.
    pub pot: Chips,
    /// Who won what, and on which board; [`StoreError::Corrupt`] if that can't be.
    pub told: Result<HandTold, StoreError>,
}

/// The cards and winners of a finished hand, as everybody in the room may know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandTold {
    /// The board.
    pub board: Vec<Card>,
    /// The winners.
    pub winners: Vec<Share>,
    /// The hands that were shown.
    pub shown: Vec<Shown>,
}
