use std::sync::Arc;

use async_trait::async_trait;
use domain::game::Unserved;
use domain::ids::{Epoch, RoomId, UserId};
use domain::room::{Lifetimes, Room};
use domain::time::Timestamp;
use domain::view::hydration::PastAction;

use super::StoreError;

/// A room that is locked for writing.
#[derive(Clone, Debug)]
pub struct Locked {
    /// The room.
    pub room: Room,
    /// The number of its last event.
    pub seq: u64,
    /// The database's clock, read after the lock was had.
    pub at: Timestamp,
    /// When the clock is to look at the room, as it is stored: with the room's deadline, or earlier, since an action leaves it
    /// where it was.
    pub wakes_at: Option<Timestamp>,
    /// When a node last noted that it serves ([`super::Clockwork::pulse`]), if one ever has.
    pub served_at: Option<Timestamp>,
    /// From the beginning of the first to the end of the last outage that is over and that the room hasn't been forgiven yet.
    /// Whoever saves the room has forgiven it.
    pub unserved: Option<Unserved>,
}

/// A room as this node remembers it. It may be out of date: whatever follows from it has to be confirmed by the database.
#[derive(Clone, Debug)]
pub struct Recalled {
    /// The room.
    pub room: Arc<Room>,
    /// The number of its last event.
    pub seq: u64,
    /// What the database's clock is reckoned to show now; never before the room's last change.
    pub at: Timestamp,
    /// Which of its states it is: goes up whenever the room is saved.
    pub version: u64,
}

/// A room as it stood at one instant.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The room.
    pub room: Room,
    /// Which log its number is of.
    pub epoch: Epoch,
    /// The number of its last event.
    pub seq: u64,
    /// The database's clock.
    pub at: Timestamp,
    /// Its last actions, oldest first.
    pub recent: Vec<PastAction>,
}

/// How somebody is heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A line of theirs is up, which they have for as long as it beats and isn't lost.
    Line,
    /// They made a call.
    Call,
}

/// What a sign of life found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// The number of the room's last event.
    pub seq: u64,
    /// The database's clock.
    pub at: Timestamp,
    /// Whether the room takes the user for disconnected and has to be told.
    pub was_absent: bool,
    /// Whether the room's host is somebody else, of whom nothing was heard for as long as it takes to free a seat.
    pub host_is_silent: bool,
}

/// Rooms, read without waiting for their writers.
#[async_trait]
pub trait Rooms: Send + Sync {
    /// One consistent snapshot. [`StoreError::Missing`] if there is no such room.
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError>;
    /// The room with this code, if there is one.
    async fn find_room_by_code(&self, code: &str) -> Result<Option<RoomId>, StoreError>;
    /// The rooms that `user` asked to join and was not turned away from, the latest first, at most `limit`.
    async fn rooms_of(&self, user: UserId, limit: u32) -> Result<Vec<RoomId>, StoreError>;
    /// The hash of a room's password, if it has one.
    async fn room_password(&self, id: RoomId) -> Result<Option<String>, StoreError>;
    /// A sign of life of a member who is let in or waits: moves `last_seen_at` and slides the rejoin token.
    /// [`StoreError::Missing`] if the user is no such member.
    async fn touch(&self, room: RoomId, user: UserId, sign: Sign, lifetimes: &Lifetimes)
    -> Result<Touched, StoreError>;
    /// The last line of a member went down: until now they were there.
    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError>;
}
