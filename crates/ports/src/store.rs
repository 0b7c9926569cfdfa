//! The database. Everything that was acknowledged is in it, and what it says wins over any memory.

mod archive;
mod clock;
mod journal;
mod rooms;
mod tokens;
mod users;

use async_trait::async_trait;

pub use archive::{
    ActionRecord, Archive, EventRecord, HandRecord, HandResult, HandTold, LogRecords, RoomArchive, RoomRecord,
    TokenRecord,
};
pub use clock::{Clockwork, Due, Outage};
pub use journal::{Journal, LogPage, PastHand, RecordedHand};
pub use rooms::{ActionReply, Locked, Rooms, Snapshot, Touched};
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
    #[error("there is such a {0} already")]
    Duplicate(&'static str),
    /// A row that the domain can't have written.
    #[error("the database holds a {0} that can't be")]
    Corrupt(&'static str),
}

/// The whole store: single reads, and transactions.
#[async_trait]
pub trait Store: Rooms + Journal + Tokens + Users + Clockwork {
    /// Begins a transaction that writes.
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;
    /// The database's clock.
    async fn now(&self) -> Result<domain::time::Timestamp, StoreError>;
    /// Whether the database answers and its schema is the one we were built for.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// One transaction on one room. Dropping it without [`commit`](Self::commit) undoes it.
#[async_trait]
pub trait Tx: Send {
    /// Reads a room and makes its other writers wait until this transaction ends.
    ///
    /// [`StoreError::Missing`] if there is none.
    async fn lock_room(&mut self, id: domain::ids::RoomId) -> Result<Locked, StoreError>;

    /// The same, and makes the signs of life of those who hold a chair wait too: their silence lasts until this transaction
    /// ends, and whoever gives a sign after it finds what it has done.
    async fn lock_room_and_players(&mut self, id: domain::ids::RoomId) -> Result<Locked, StoreError>;

    /// The same as [`lock_room`](Self::lock_room), for the room of a game.
    async fn lock_game(&mut self, id: domain::ids::GameId) -> Result<Locked, StoreError>;

    /// Stores a new room.
    ///
    /// [`StoreError::Duplicate`] if its code is taken.
    async fn create_room(&mut self, room: &domain::room::Room, password: Option<&str>) -> Result<(), StoreError>;

    /// What a user has going on in all rooms. Makes other transactions that ask the same of them wait until this one ends.
    /// To be asked after a room is locked, if one is.
    async fn engagements(&mut self, user: domain::ids::UserId) -> Result<Engagements, StoreError>;

    /// Saves the locked room, and numbers its events.
    async fn save_room(
        &mut self,
        room: &domain::room::Room,
        events: Vec<domain::event::Event>,
    ) -> Result<Vec<domain::event::Committed>, StoreError>;

    /// The answer that an action with this id got before, in the locked room.
    async fn find_reply(&mut self, action: uuid::Uuid) -> Result<Option<ActionReply>, StoreError>;

    /// Keeps an action's answer for its repetitions.
    async fn save_reply(&mut self, action: uuid::Uuid, reply: &ActionReply) -> Result<(), StoreError>;

    /// [`StoreError::OutcomeUnknown`] if the connection breaks: it may or may not have happened.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
