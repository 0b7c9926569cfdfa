use async_trait::async_trait;
use domain::ids::{RoomId, UserId};
use uuid::Uuid;

use super::StoreError;

/// An id that a caller gave a command, so that it is done once: each caller has ids of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommandId {
    /// Whose.
    pub by: UserId,
    /// The id.
    pub id: Uuid,
}

/// The answer that a command got, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What was asked, so that the same id with something else is noticed.
    pub fingerprint: String,
    /// What was answered.
    pub answer: Answer,
}

/// What a command was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A player's action.
    Acted {
        /// In which room.
        room: RoomId,
        /// The number of the last event that it caused.
        seq: u64,
    },
    /// Any other command, in the words in which it was answered.
    Given {
        /// Its status.
        status: u16,
        /// Its body.
        body: Vec<u8>,
    },
}

/// The answers of commands, kept for a day.
#[async_trait]
pub trait Replies: Send + Sync {
    /// The answer that a command with this id got, if one had it.
    async fn find_reply(&self, id: CommandId) -> Result<Option<Reply>, StoreError>;
}
