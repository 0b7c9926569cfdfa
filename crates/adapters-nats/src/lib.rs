//! The bus between nodes, on core NATS: each node says on `holdfast.room.<room id>` how far that room's log has come, as a
//! decimal number.
//!
//! A node listens to **all** rooms with one subscription, and drops what nobody here reads. A message is about 80 bytes, so
//! even 10,000 commits a second in all rooms together are less than 1 MB/s and one look into a map each. The other way, a
//! subscription for each room that has sockets here, costs NATS and the client two commands whenever somebody's first tab
//! opens or last tab closes (thousands at once after a node has died), has to be made up again after each reconnect, and has
//! a moment between asking for it and having it.
//!
//! Nothing depends on NATS. Messages wait in a short queue, and are dropped when it is full or the line is down; whoever
//! missed one finds the events in the log. So NATS may be away at the start, go away, and never come back.

// An event, a rule, a reason or a state that is added has to be thought of wherever one is handled.
#![warn(clippy::wildcard_enum_match_arm)]

mod address;
mod line;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_nats::connection::State;
use ports::bus::{BusFigures, BusListener, EventBus, Reached};
use tokio::sync::mpsc;

pub use address::{Address, BadAddress};

/// Announcements that wait for the line at most. A second's worth at a pace that a database can keep.
const QUEUE: usize = 4096;

/// A bus on NATS. Its line is kept up for as long as the runtime lives that it was started on.
pub struct NatsBus {
    queue: mpsc::Sender<Reached>,
    shared: Arc<Shared>,
}

impl NatsBus {
    /// Begins to connect, and returns at once. `listener` hears what other nodes announce, from now on.
    pub fn start(address: Address, listener: Arc<dyn BusListener>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let shared = Arc::new(Shared::default());
        tokio::spawn(line::keep_up(address, listener, waiting, shared.clone()));
        Self { queue, shared }
    }
}

/// Whether NATS is there and lets us in.
///
/// # Errors
///
/// - What it says.
pub async fn try_out(address: &Address) -> Result<(), String> {
    line::try_out(address).await
}

impl EventBus for NatsBus {
    fn announce(&self, news: Reached) {
        if !self.shared.is_connected() || self.queue.try_send(news).is_err() {
            count(&self.shared.dropped);
        }
    }

    fn figures(&self) -> BusFigures {
        BusFigures {
            connected: self.shared.is_connected(),
            sent: self.shared.sent.load(Ordering::Relaxed),
            received: self.shared.received.load(Ordering::Relaxed),
            dropped: self.shared.dropped.load(Ordering::Relaxed),
        }
    }
}

/// What the bus and the task that keeps its line up both see.
#[derive(Default)]
struct Shared {
    client: Mutex<Option<async_nats::Client>>,
    sent: AtomicU64,
    received: AtomicU64,
    dropped: AtomicU64,
}

impl Shared {
    fn is_connected(&self) -> bool {
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        client.as_ref().is_some_and(|client| client.connection_state() == State::Connected)
    }

    fn set_client(&self, client: Option<async_nats::Client>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }
}

fn count(figure: &AtomicU64) {
    figure.fetch_add(1, Ordering::Relaxed);
}
