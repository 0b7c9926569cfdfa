use async_trait::async_trait;
use domain::button::Places;
use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Seed;
use domain::chips::Chips;
use domain::event::{Committed, Share};
use domain::game::{GameStatus, Turn};
use domain::hand::{ActionKind, HandSetup, Shown, Street};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use domain::ledger::Entry;
use domain::member::Member;
use domain::room::RoomStatus;
use domain::seat::Seat;
use domain::settings::{RabbitHunt, Settings};
use domain::time::{Millis, Timestamp};

use super::{CommandId, StoreError};

/// All that is stored, row by row, for whoever checks it. It is only read, and nothing that play waits for is held.
#[async_trait]
pub trait Archive: Send + Sync {
    /// Rooms with ids above `after`, ascending, at most `limit`.
    async fn rooms_after(&self, after: Option<RoomId>, limit: u32) -> Result<Vec<RoomId>, StoreError>;
    /// Whether the server's key is the one that what is stored was sealed with. Nothing sealed fits every key.
    async fn key_fit(&self) -> Result<KeyFit, StoreError>;
    /// Answers of commands with ids above `after`, ascending, at most `limit`; with `room` only those of actions in it.
    async fn replies_after(
        &self,
        after: Option<CommandId>,
        room: Option<RoomId>,
        limit: u32,
    ) -> Result<Vec<ReplyRecord>, StoreError>;
    /// What is known of outages.
    async fn outages(&self) -> Result<OutageRecords, StoreError>;
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
    /// The database's clock as it is read.
    pub now: Timestamp,
    /// Its host.
    pub host: UserId,
    /// Whether people may come in.
    pub room_status: RoomStatus,
    /// Its settings.
    pub settings: Settings,
    /// The number of the last event, as the row that writers lock has it.
    pub seq: u64,
    /// The highest number in the log, the ledger and the actions.
    pub last: u64,
    /// Its game.
    pub game: GameId,
    /// How the game stands.
    pub status: GameStatus,
    /// Whether it ends with the hand that is played.
    pub ending: bool,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The number of the last hand.
    pub hand_number: u64,
    /// What the hands leave behind for the button and the blinds of the next one.
    pub places: Option<Places>,
    /// Whether the host has asked for a bomb pot.
    pub bomb_pot_queued: bool,
    /// The number of the last turn.
    pub turn_number: u64,
    /// The turn that is waited for.
    pub turn: Option<Turn>,
    /// When the next hand is due.
    pub next_hand_at: Option<Timestamp>,
    /// When the clock is to look at the room.
    pub wakes_at: Option<Timestamp>,
    /// The number of the last outage that it was forgiven.
    pub forgiven: u64,
    /// The number of the last outage.
    pub outages: u64,
    /// The hand that is played or was played last.
    pub current_hand: Option<HandId>,
    /// How many hands are stored.
    pub hands: u64,
    /// Those of them that are not complete.
    pub live_hands: Vec<HandId>,
    /// The seats by their numbers, empty ones too.
    pub seats: Vec<SeatRecord>,
    /// Everybody who ever asked to join, as their own row has it, without their token.
    pub members: Vec<Member>,
    /// Who watches.
    pub spectators: Vec<SpectatorRecord>,
    /// Rejoin tokens.
    pub tokens: Vec<TokenRecord>,
}

/// A seat's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRecord {
    /// Its number.
    pub index: SeatIndex,
    /// The seat.
    pub seat: Seat,
    /// The name of its player, which is a copy of the member's.
    pub name: Option<String>,
    /// When its player was last heard of.
    pub last_seen: Option<Timestamp>,
}

/// A spectator's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpectatorRecord {
    /// Who.
    pub user: UserId,
    /// Their name, which is a copy of the member's.
    pub name: String,
    /// When they were last heard of.
    pub last_seen: Timestamp,
}

/// A rejoin token's row, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Whose.
    pub owner: UserId,
    /// What it names its owner.
    pub role: String,
    /// The seat that it says its owner has.
    pub seat: Option<SeatIndex>,
    /// Whether its hash is that of the token which the server's key makes of its id.
    pub genuine: bool,
    /// When it was minted: when the transaction that did it began.
    pub created_at: Timestamp,
    /// When it runs out.
    pub expires_at: Timestamp,
    /// When it was revoked; `None` for a current one.
    pub revoked_at: Option<Timestamp>,
}

impl TokenRecord {
    /// Whether it was not revoked.
    pub fn is_current(&self) -> bool {
        self.revoked_at.is_none()
    }
}

/// The row of a command's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRecord {
    /// Whose command it was, and its id.
    pub id: CommandId,
    /// When it was answered: when the transaction that did it began.
    pub created_at: Timestamp,
    /// The database's clock as it is read.
    pub now: Timestamp,
    /// What a player's action was answered, with what is stored of it; any other command's answer is words.
    pub acted: Option<ActedReply>,
    /// Whether the words open with the server's key; a player's action has none.
    pub opens: bool,
}

/// What is stored of the action that an answer is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActedReply {
    /// In which room it says that it was.
    pub room: RoomId,
    /// The room's code and the number of its last event, if there is such a room.
    pub found: Option<(String, u64)>,
    /// The number of the last event that it caused, as it says.
    pub seq: u64,
    /// Who did the last action up to that number, if there is one, and whether it was their own decision and that event is of the
    /// same change.
    pub by: Option<(UserId, bool)>,
}

/// What is stored of outages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutageRecords {
    /// How many were counted.
    pub counted: u64,
    /// How many rows there are.
    pub rows: u64,
    /// The lowest number in them, 0 without any.
    pub first: u64,
    /// The highest, 0 without any.
    pub last: u64,
    /// When a node last noted that it serves, if one ever has.
    pub alive_at: Option<Timestamp>,
    /// The database's clock as it is read.
    pub now: Timestamp,
}

/// A part of a room's log with what is stored of each event elsewhere, each ascending by number.
#[derive(Debug, Default)]
pub struct LogRecords {
    /// Events.
    pub events: Vec<EventRecord>,
    /// Rows of the ledger, those of one event in their order.
    pub entries: Vec<EntryRecord>,
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

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// Its event's number.
    pub seq: u64,
    /// Its place among those of the event, from 0.
    pub ordinal: u64,
    /// What it says.
    pub entry: Entry,
    /// When.
    pub at: Timestamp,
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
    /// Whose seat.
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
    /// What it was dealt from: stakes, button, and who was dealt in with which stack.
    pub setup: HandSetup,
    /// Time for a decision.
    pub action_timeout: Millis,
    /// How long the players are asked how often to run the missing cards; `None` where nobody is asked.
    pub run_vote: Option<Millis>,
    /// Who may see what would have come.
    pub rabbit_hunt: RabbitHunt,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// Who was dealt in, by which name and with which stack, by ascending seat.
    pub players: Vec<(SeatIndex, UserId, String, Chips)>,
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
    /// How often the missing cards were run, if that was decided.
    pub runs: Option<u8>,
    /// Who won what, and on which board; [`StoreError::Corrupt`] if that can't be.
    pub told: Result<HandTold, StoreError>,
}

/// The cards and winners of a finished hand, as everybody in the room may know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandTold {
    /// Each board or run, one or more.
    pub boards: Vec<Vec<Card>>,
    /// The winners.
    pub winners: Vec<Share>,
    /// The hands that were shown.
    pub shown: Vec<Shown>,
}
