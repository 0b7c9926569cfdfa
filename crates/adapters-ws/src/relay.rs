//! Other nodes' events: what this node commits is announced, and what others announce is read from the log for those who
//! listen here.
//!
//! A message makes this node read, and nothing else. It goes through the same cursor as everything the hub passes on, so
//! one that is late, doubled, early or made up shows nobody anything that isn't in the log, and a lost one costs its readers
//! the time to the next sweep.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::event::Committed;
use domain::ids::RoomId;
use domain::time::Timestamp;
use ports::broadcaster::Broadcaster;
use ports::bus::{BusListener, EventBus, Reached};
use ports::store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::hub::Hub;

/// Rooms that are read at once because of messages. The rest of the database's connections are for those who play here.
const READS_AT_ONCE: usize = 4;
/// How often the lag is measured at most: it costs a question to the database, whose clock is the only one that counts.
const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Reads for this node's listeners what others have committed.
pub struct Relay {
    hub: Arc<Hub>,
    store: Arc<dyn Store>,
    /// The rooms that are read now, and up to which number at least: one read a room, however many messages come.
    wanted: Mutex<HashMap<RoomId, u64>>,
    reads: Semaphore,
    sweeps: Semaphore,
    /// Whether a sweep waits for the one before it, which may have begun too early to see what was missed.
    sweep_waits: AtomicBool,
    measured_at: Mutex<Option<Instant>>,
    lag: Box<dyn Fn(Duration) + Send + Sync>,
}

impl Relay {
    /// For the listeners of `hub`. `lag` is told now and then how old an event was when it had been passed on that this
    /// node hadn't committed itself.
    pub fn new(hub: Arc<Hub>, store: Arc<dyn Store>, lag: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        Self {
            hub,
            store,
            wanted: Mutex::default(),
            reads: Semaphore::new(READS_AT_ONCE),
            sweeps: Semaphore::new(1),
            sweep_waits: AtomicBool::new(false),
            measured_at: Mutex::default(),
            lag: Box::new(lag),
        }
    }

    /// Passes on whatever was committed anywhere without this node hearing of it.
    ///
    /// # Errors
    ///
    /// - The database's.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let Ok(_alone) = self.sweeps.acquire().await else { return Ok(()) };
        self.sweep_waits.store(false, Ordering::Release);
        let oldest = self.hub.catch_up().await?;
        self.measure(oldest).await
    }

    async fn read(&self, room: RoomId, mut seq: u64) {
        let Ok(_permit) = self.reads.acquire().await else { return };
        loop {
            let outcome = match self.hub.catch_up_to(Reached { room, seq }).await {
                Ok(oldest) => self.measure(oldest).await,
                Err(error) => Err(error),
            };
            let mut wanted = self.wanted();
            match wanted.get(&room) {
                Some(further) if *further > seq && outcome.is_ok() => seq = *further,
                Some(_) | None => {
                    wanted.remove(&room);
                    if let Err(error) = outcome {
                        // The next message or sweep reads it again.
                        tracing::debug!(room.id = %room, %error, "another node's events could not be read");
                    }
                    return;
                }
            }
        }
    }

    async fn measure(&self, oldest: Option<Timestamp>) -> Result<(), StoreError> {
        let Some(committed_at) = oldest else { return Ok(()) };
        if !self.is_time_to_measure() {
            return Ok(());
        }
        let now = self.store.now().await?;
        (self.lag)(Duration::from_millis(u64::try_from(now.0 - committed_at.0).unwrap_or(0)));
        Ok(())
    }

    fn is_time_to_measure(&self) -> bool {
        let mut last = self.measured_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= MEASURE_EVERY);
        if due {
            *last = Some(Instant::now());
        }
        due
    }

    fn wanted(&self) -> MutexGuard<'_, HashMap<RoomId, u64>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BusListener for Relay {
    fn reached(self: Arc<Self>, news: Reached) {
        self.store.moved_on(news);
        if !self.hub.has_listeners(news.room) {
            return;
        }
        match self.wanted().entry(news.room) {
            Entry::Occupied(mut reading) => {
                let further = news.seq.max(*reading.get());
                reading.insert(further);
                return;
            }
            Entry::Vacant(nobody_reads) => {
                nobody_reads.insert(news.seq);
            }
        }
        tokio::spawn(async move { self.read(news.room, news.seq).await });
    }

    fn missed(self: Arc<Self>) {
        if self.sweep_waits.swap(true, Ordering::AcqRel) {
            return;
        }
        tokio::spawn(async move {
            if let Err(error) = self.sweep().await {
                tracing::debug!(%error, "missed events could not be looked for");
            }
        });
    }
}

/// Tells this node's listeners of what this node has committed, and the other nodes that there is something to read.
pub struct Announcer {
    hub: Arc<Hub>,
    bus: Arc<dyn EventBus>,
}

impl Announcer {
    /// Listeners are those of `hub`, other nodes those on `bus`.
    pub fn new(hub: Arc<Hub>, bus: Arc<dyn EventBus>) -> Self {
        Self { hub, bus }
    }
}

#[async_trait]
impl Broadcaster for Announcer {
    async fn publish(&self, room: RoomId, events: &[Committed]) {
        // The others first: it takes no time, and what is to be told here may have to wait for the database.
        if let Some(last) = events.last() {
            self.bus.announce(Reached { room, seq: last.seq });
        }
        self.hub.publish(room, events).await;
    }
}
