//! What the nodes of one database tell each other.

use domain::ids::RoomId;

/// How far a room's log has come. It is all that nodes ever tell each other: a number can't hold a card, a token or an
/// address, and whoever hears it reads the rest from the database, which its readers' own parts have to come from anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The room.
    pub room: RoomId,
    /// The number of the last event in its log, which is committed.
    pub seq: u64,
}

/// Tells the other nodes. A hint and never a promise: what gets lost is found in the log, a second later at most.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait EventBus: Send + Sync {
    /// Tells whoever can be told. Never waits, and never fails: what there is no room or no line for is dropped.
    fn announce(&self, news: Reached);
    /// What happened so far.
    fn figures(&self) -> BusFigures;
}

/// What a bus has done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusFigures {
    /// Whether others can be told now.
    pub connected: bool,
    /// Messages that were handed to the line.
    pub sent: u64,
    /// Messages of other nodes.
    pub received: u64,
    /// Messages that never left.
    pub dropped: u64,
}

/// Hears what other nodes announce.
pub trait BusListener: Send + Sync {
    /// Another node says so; it may be late, come twice, or be made up. Must not block.
    fn reached(self: std::sync::Arc<Self>, news: Reached);
    /// Messages may have been lost. Must not block.
    fn missed(self: std::sync::Arc<Self>);
}

/// The bus of a node that knows of no others.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBus;

impl EventBus for NoBus {
    fn announce(&self, _: Reached) {}

    fn figures(&self) -> BusFigures {
        BusFigures::default()
    }
}
