//! After the commit.

use async_trait::async_trait;
use domain::event::Committed;
use domain::ids::RoomId;
use domain::time::Timestamp;

/// Tells readers what was committed. Only ever called after the commit, and never relied upon: whoever misses an event
/// finds it in the log.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Broadcaster: Send + Sync {
    /// `events` are consecutive, in the log's order. Two calls for one room may come in the wrong order.
    async fn publish(&self, room: RoomId, events: &[Committed]);
}

/// Is told when a room's next deadline has changed.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait WakeUp: Send + Sync {
    /// The room has to be looked at, at `at`.
    fn set(&self, at: Timestamp);
}
