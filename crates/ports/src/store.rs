//! The database. Everything that was acknowledged is in it, and what it says wins over any memory.

mod archive;
mod clock;
mod journal;
mod replies;
mod rooms;
mod tokens;
mod users;

use std::time::Duration;

use async_trait::async_trait;

pub use archive::{
    ActedReply, ActionRecord, Archive, EntryRecord, EventRecord, HandRecord, HandResult, HandTold, KeyFit, LogRecords,
    OutageRecords, ReplyRecord, RoomArchive, RoomRecord, SeatRecord, SpectatorRecord, TokenRecord,
};
pub use clock::{Clockwork, Due, Outage, Pulse};
pub use journal::{Journal, LogPage, PastHand, RecordedHand};
pub use replies::{Answer, CommandId, Replies, Reply};
pub use rooms::{Locked, Recalled, Rooms, Sign, Snapshot, Touched};
pub use tokens::{FoundToken, Tokens};
pub use users::{Account, Engagements, User, Users};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, or is too slow. Nothing was done.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The line broke during a commit: it may or may not have happened.
    #[error("the database did not say whether it was done")]
    OutcomeUnknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no such row.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A value that must be unique is there already.
    #[error("this {0} already exists")]
    Duplicate(&'static str),
    /// A row that the domain can't have written.
    #[error("invalid {0} in the database")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Another command of the same caller has this id.
    pub const REPEATED: Self = Self::Duplicate("command id");

    /// Whether it is [`REPEATED`](Self::REPEATED).
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Duplicate("command id"))
    }
}

/// The whole store: single reads, and transactions.
#[async_trait]
pub trait Store: Rooms + Journal + Tokens + Users + Replies + Clockwork {
    /// A transaction that writes. It begins with what it is asked first.
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;

    /// A game's room as this node remembers it, if it does and has no news of anything later.
    fn recall(&self, game: domain::ids::GameId) -> Option<Recalled>;

    /// A game's room as this node remembers it and as it has become since, if nothing but players' actions has happened in it.
    /// `None` if it isn't remembered, or if anything else has happened: then it is to be read under the lock.
    async fn catch_up(
        &self,
        game: domain::ids::GameId,
        lifetimes: &domain::room::Lifetimes,
    ) -> Result<Option<Recalled>, StoreError>;

    /// Another node says that a room's log has come to this number: what this node remembers of a time before that isn't
    /// recalled any more. A hint that may be late or made up, and costs a read at most.
    fn moved_on(&self, news: crate::bus::Reached);

    /// Saves what a player's action made of a recalled room, with the answer for its repetitions, if the database confirms
    /// all that it rests on: nothing was saved of the room since, its own clock has come to `recalled.at` just now and not to
    /// the end of the turn, and no command of the user had this id before. `None` if it doesn't, or if the change is of a kind that takes a
    /// transaction: then nothing was done, and it is to be decided again under the lock.
    ///
    /// [`StoreError::OutcomeUnknown`] if the connection breaks: it may or may not have happened.
    async fn save_action(
        &self,
        recalled: &Recalled,
        after: domain::room::Room,
        events: Vec<domain::event::Event>,
        reply: Option<(CommandId, Reply)>,
    ) -> Result<Option<Vec<domain::event::Committed>>, StoreError>;

    /// The database's clock.
    async fn now(&self) -> Result<domain::time::Timestamp, StoreError>;
    /// Whether the database answers and its schema is the one we were built for.
    async fn ready(&self) -> Result<(), StoreError>;
    /// Looks whether the log is still the one that this node knows, and gives all rooms new epochs where it can tell that the
    /// database was restored from a backup. Returns how often this node has found that epochs were renewed, by whomever: each
    /// time, whoever listens has to read their room anew.
    async fn renewals(&self) -> Result<u64, StoreError>;
    /// What the store is at, for operators.
    fn figures(&self) -> StoreFigures;
}

/// What a store is at, and has done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreFigures {
    /// Connections to the database.
    pub connections: usize,
    /// Those of them that nobody uses now.
    pub idle: usize,
    /// Who waits for one now.
    pub waiting: usize,
    /// How long was waited for connections, all in all.
    pub waited: Duration,
    /// Actions that were decided on a remembered room, and that the database confirmed.
    pub confirmed: u64,
    /// Actions that it didn't confirm, which were decided again.
    pub unconfirmed: u64,
}

/// One transaction on one room. Dropping it without [`commit`](Self::commit) undoes it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Tx: Send {
    /// Reads a room and makes its other writers wait until this transaction ends.
    ///
    /// [`StoreError::Missing`] if there is none.
    async fn lock_room(&mut self, id: domain::ids::RoomId) -> Result<Locked, StoreError>;

    /// The same, and makes the signs of life of those who hold a seat wait too: their silence lasts until this transaction
    /// ends, and whoever gives a sign after it finds what it has done.
    async fn lock_room_and_players(&mut self, id: domain::ids::RoomId) -> Result<Locked, StoreError>;

    /// Reads anew what was heard of everybody in the locked room: [`lock_room`](Self::lock_room) knows it of those who have a
    /// seat.
    async fn hear_everybody(&mut self) -> Result<Locked, StoreError>;

    /// The same as [`lock_room`](Self::lock_room), for the room of a game.
    async fn lock_game(&mut self, id: domain::ids::GameId) -> Result<Locked, StoreError>;

    /// Stores a new room.
    ///
    /// [`StoreError::Duplicate`] if its code is taken.
    async fn create_room<'h>(&mut self, room: &domain::room::Room, password: Option<&'h str>)
    -> Result<(), StoreError>;

    /// What a user has going on in all rooms. Makes other transactions that ask the same of them wait until this one ends.
    /// To be asked after a room is locked, if one is.
    async fn engagements(&mut self, user: domain::ids::UserId) -> Result<Engagements, StoreError>;

    /// Saves the locked room, and numbers its events.
    async fn save_room(
        &mut self,
        room: &domain::room::Room,
        events: Vec<domain::event::Event>,
    ) -> Result<Vec<domain::event::Committed>, StoreError>;

    /// The answer that a command with this id got before.
    async fn find_reply(&mut self, id: CommandId) -> Result<Option<Reply>, StoreError>;

    /// Keeps a command's answer for its repetitions: [`StoreError::REPEATED`], from this or from what comes next, if its id has
    /// one.
    async fn save_reply(&mut self, id: CommandId, reply: &Reply) -> Result<(), StoreError>;

    /// [`StoreError::OutcomeUnknown`] if the connection breaks: it may or may not have happened.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
