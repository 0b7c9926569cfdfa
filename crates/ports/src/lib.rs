//! What the inside needs from the outside, as traits.
//!
//! Nothing here knows diesel or actix. `testing` (feature `testing`) holds doubles of every port.

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod broadcaster;
pub mod bus;
pub mod identity;
pub mod randomness;
pub mod set_aside;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

use std::sync::Arc;

pub use domain::room::Lifetimes;

use broadcaster::{Broadcaster, WakeUp};
use identity::{Bearers, Passwords, RejoinTokens};
use randomness::Randomness;
use set_aside::SetAside;
use store::Store;

/// Every port in one cloneable struct.
#[derive(Clone)]
pub struct Ports {
    /// The database, the only source of truth.
    pub store: Arc<dyn Store>,
    /// Tells readers what was committed.
    pub broadcaster: Arc<dyn Broadcaster>,
    /// Is told when a deadline may have come nearer.
    pub wake_up: Arc<dyn WakeUp>,
    /// Fresh ids, codes and decks.
    pub randomness: Arc<dyn Randomness>,
    /// Hashes what people choose.
    pub passwords: Arc<dyn Passwords>,
    /// Issues bearer tokens.
    pub bearers: Arc<dyn Bearers>,
    /// Derives rejoin tokens from their rows.
    pub rejoin_tokens: Arc<dyn RejoinTokens>,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How much one user may have at once.
    pub quotas: Quotas,
    /// Rooms that this node could not serve.
    pub set_aside: Arc<SetAside>,
}

/// How much one user may have at once, so that nobody fills the database alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Open rooms that they are in as their host.
    pub open_rooms: u64,
    /// Requests to join that wait for a host's word.
    pub open_requests: u64,
}

impl Quotas {
    /// As much as they like.
    pub const NONE: Self = Self { open_rooms: u64::MAX, open_requests: u64::MAX };
}

impl Default for Quotas {
    fn default() -> Self {
        Self { open_rooms: 10, open_requests: 20 }
    }
}
