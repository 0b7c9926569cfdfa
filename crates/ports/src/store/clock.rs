use async_trait::async_trait;
use domain::ids::RoomId;
use domain::room::Lifetimes;
use domain::time::{Millis, Timestamp};

use super::StoreError;

/// Rooms whose deadline has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The rooms.
    pub rooms: Vec<RoomId>,
    /// How long until the next deadline after these, by the database's clock.
    pub next_in: Option<Millis>,
    /// The next deadline itself.
    pub next_at: Option<Timestamp>,
}

/// A time in which no node served anybody, or a clock of the database's that was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When the last node was last known to serve. In the future: by the clock as it was then.
    pub began: Timestamp,
}

/// What a pulse found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// How many outages there have been so far.
    pub outages: u64,
    /// The one that goes on.
    pub outage: Option<Outage>,
}

/// What the clock needs. All times are the database's.
#[async_trait]
pub trait Clockwork: Send + Sync {
    /// Rooms whose deadline has come, at most `limit`, none of `except`.
    async fn due_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Due, StoreError>;
    /// Notes that a node serves. Says so, and notes nothing, if none has for longer than `tolerance`, or if the clock was put
    /// back by more than that: then [`end_outage`](Self::end_outage) comes first.
    async fn pulse(&self, tolerance: Millis) -> Result<Pulse, StoreError>;
    /// Rooms in which somebody's time runs, or the next hand is planned, and that haven't been forgiven an outage yet, at most
    /// `limit`, none of `except`.
    async fn unforgiven_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Vec<RoomId>, StoreError>;
    /// The outage is over: nobody's silence during it counts, with a seat or without, and each room has to be forgiven it before anything is decided
    /// there ([`Locked::unserved`](super::Locked::unserved)).
    async fn end_outage(&self, outage: Outage) -> Result<(), StoreError>;
    /// Rooms with a player who has been silent for too long and isn't known to be, or with a host who has been and somebody who
    /// may follow them.
    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError>;
    /// Deletes users without an account who were made longer ago than this, and are in no room, wait for none and have no chips
    /// waiting. Some of them, if there are many.
    async fn forget_guests(&self, unused: Millis) -> Result<u64, StoreError>;
    /// Deletes what is of no use any more: tokens a day after their end, commands' answers after a day.
    async fn purge(&self) -> Result<u64, StoreError>;
    /// A room in which nothing has happened for `quiet`, and of whose people nobody was heard for as long, if there is one that
    /// nobody writes to and that is none of `except`.
    async fn quiet_room(&self, quiet: Millis, except: &[RoomId]) -> Result<Option<RoomId>, StoreError>;
    /// Deletes a room, its log, its hands and all else of it, if it is as quiet as that still. Returns whether it was.
    async fn forget_room(&self, room: RoomId, quiet: Millis) -> Result<bool, StoreError>;
}
