//! Fan-out: who listens to which room, and what they have to hear.
//!
//! For each room that somebody listens to, the hub keeps the number of the last event it passed on. It passes events on
//! in the log's order and without gaps: one that is early makes it read the missing ones from the log, one that is late
//! is dropped. So it doesn't matter who tells it about events, in which order, or whether anybody does:
//! [`Hub::catch_up`] finds what was missed.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use bytestring::ByteString;
use domain::event::Committed;
use domain::ids::{RoomId, UserId};
use domain::time::Timestamp;
use domain::view::event::public;
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use ports::broadcaster::Broadcaster;
use ports::bus::Reached;
use ports::set_aside::{Place, SetAside};
use ports::store::{Store, StoreError};
use tokio::sync::mpsc;

use crate::renderer::Renderer;
use protocol::frame::ServerFrame;

/// Events that wait for a socket at most. A reader that falls further behind is cut and catches up from the log.
pub const QUEUE: usize = 256;

/// Connections that a user may have to one room on one node: a few tabs and devices, and connections that died without a word. One more
/// ends the oldest.
pub const MOST_CONNECTIONS: usize = 8;

/// Rooms that are read at once when events were missed.
const READS_AT_ONCE: usize = 4;

/// An event, with the bytes that everybody gets to whom nothing in it is their own.
#[derive(Debug)]
pub struct Delivery {
    /// The event.
    pub event: Committed,
    /// Its public bytes, shared by all sockets.
    pub public: ByteString,
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// An event was committed.
    Event(Arc<Delivery>),
    /// A hint, as text.
    Hint(ByteString),
    /// The database was restored from a backup: what was heard before is of another log, and the room is to be read anew.
    AnotherLog,
    /// The user has opened too many connections since: this one ends.
    Replaced,
}

struct Listener {
    id: u64,
    user: UserId,
    stage: Stage,
    queue: mpsc::Sender<Heard>,
}

/// How far a listener has come. Whoever isn't let in must not be noticed by those who are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Listens, so as to miss nothing, until it is known whether they may.
    AtTheDoor,
    /// May listen, but is no member.
    Applicant,
    /// A member: is told who is there, and the others are told of them.
    Member,
}

struct Channel {
    /// The number of the last event that was passed on.
    cursor: u64,
    listeners: Vec<Listener>,
}

type Shared = Arc<tokio::sync::Mutex<Channel>>;

/// The hub of one node.
pub struct Hub {
    store: Arc<dyn Store>,
    renderer: Renderer,
    rooms: Mutex<HashMap<RoomId, Shared>>,
    next_id: AtomicU64,
    cut: AtomicU64,
    delivered: AtomicU64,
    set_aside: Arc<SetAside>,
}

/// What a hub is at, and has done since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HubFigures {
    /// Rooms that somebody listens to.
    pub rooms: usize,
    /// Who listens.
    pub listeners: usize,
    /// Events that wait for the slowest of them.
    pub longest_queue: usize,
    /// Listeners that were cut for being slow.
    pub cut: u64,
    /// Events that were passed on, counted for each listener.
    pub delivered: u64,
}

/// A place among a room's listeners.
pub struct Listening {
    id: u64,
    /// What is heard. Ends when the listener was cut for being slow.
    pub heard: mpsc::Receiver<Heard>,
}

impl Hub {
    /// Reads from `store` what it wasn't told. A room whose log can't be read is `set_aside`: the others' readers don't wait.
    pub fn new(store: Arc<dyn Store>, renderer: Renderer, set_aside: Arc<SetAside>) -> Self {
        Self {
            store,
            renderer,
            rooms: Mutex::default(),
            next_id: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            set_aside,
        }
    }

    /// What the hub is at.
    pub async fn figures(&self) -> HubFigures {
        let channels = self.channels();
        let (mut listeners, mut longest_queue) = (0, 0);
        for (_, channel) in &channels {
            let channel = channel.lock().await;
            listeners += channel.listeners.len();
            let queues = channel.listeners.iter().map(|listener| QUEUE - listener.queue.capacity());
            longest_queue = queues.fold(longest_queue, usize::max);
        }
        HubFigures {
            rooms: channels.len(),
            listeners,
            longest_queue,
            cut: self.cut.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
        }
    }

    /// Listens to a room whose last event had the number `seq` or a higher one. What is heard may begin with events that
    /// are known already; nothing after `seq` that is not read from the log after this call is missed.
    pub async fn listen(&self, room: RoomId, user: UserId, seq: u64) -> Listening {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (queue, heard) = mpsc::channel(QUEUE);
        loop {
            let channel = self.channel_or_new(room, seq);
            let mut guard = channel.lock().await;
            if !self.is_current(room, &channel) {
                continue;
            }
            if guard.listeners.iter().filter(|listener| listener.user == user).count() >= MOST_CONNECTIONS
                && let Some(oldest) = guard.listeners.iter().position(|listener| listener.user == user)
            {
                // One whose queue is full ends anyway.
                let _ = guard.listeners.remove(oldest).queue.try_send(Heard::Replaced);
            }
            guard.listeners.push(Listener { id, user, stage: Stage::AtTheDoor, queue });
            return Listening { id, heard };
        }
    }

    /// Whoever listens may do so. The members are told if they are one and had no connection.
    pub async fn enter(&self, room: RoomId, listening: &Listening, user: UserId, is_member: bool) {
        let Some(channel) = self.channel(room) else { return };
        let mut guard = channel.lock().await;
        let is_news = is_member && !has_connection(&guard, user, Stage::Member);
        let stage = if is_member { Stage::Member } else { Stage::Applicant };
        if is_news {
            self.hint(&mut guard, user, true);
        }
        if let Some(listener) = guard.listeners.iter_mut().find(|listener| listener.id == listening.id) {
            listener.stage = stage;
        }
    }

    /// Stops listening. Says whether that was the user's last connection to the room on this node, of those that were let in.
    pub async fn leave(&self, room: RoomId, listening: &Listening, user: UserId) -> bool {
        let Some(channel) = self.channel(room) else { return true };
        let mut guard = channel.lock().await;
        let place = guard.listeners.iter().position(|listener| listener.id == listening.id);
        // One that was cut for being slow is out of the list, and was let in.
        let stage = place.map_or(Stage::Member, |place| guard.listeners.remove(place).stage);
        let others = [Stage::Applicant, Stage::Member].map(|stage| has_connection(&guard, user, stage));
        let gone = stage != Stage::AtTheDoor && !others.contains(&true);
        if gone && stage == Stage::Member {
            self.hint(&mut guard, user, false);
        }
        if guard.listeners.is_empty() {
            let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            if rooms.get(&room).is_some_and(|current| Arc::ptr_eq(current, &channel)) {
                rooms.remove(&room);
            }
        }
        gone
    }

    /// Whether anybody on this node listens to a room.
    pub(crate) fn has_listeners(&self, room: RoomId) -> bool {
        self.channel(room).is_some()
    }

    /// Passes on what was committed in any room without this node hearing of it. Returns when the oldest of it was
    /// committed, if there was any. Rooms that are set aside are left out until it is time for another try.
    ///
    /// # Errors
    ///
    /// - The database's. Rooms that could be read have been.
    pub async fn catch_up(&self) -> Result<Option<Timestamp>, StoreError> {
        let now = Instant::now();
        let rooms: Vec<RoomId> = self.channels().into_iter().map(|(room, _)| room).collect();
        let seqs = self.store.seqs(&rooms).await?.into_iter();
        let seqs = seqs.filter(|(room, _)| !self.set_aside.waits(Place::Delivery, *room, now));
        let reads = seqs.map(|(room, seq)| self.catch_up_to(Reached { room, seq }));
        let outcomes = stream::iter(reads).buffer_unordered(READS_AT_ONCE).collect::<Vec<_>>().await;
        let told: Vec<Option<Timestamp>> = outcomes.into_iter().collect::<Result<_, _>>()?;
        Ok(told.into_iter().flatten().min())
    }

    /// The database was restored from a backup: numbers begin anew, and whoever listens is told.
    ///
    /// # Errors
    ///
    /// - The database's. Then nobody may have been told, and it is to be done again.
    pub async fn begin_another_log(&self) -> Result<(), StoreError> {
        for (room, channel) in self.channels() {
            let mut guard = channel.lock().await;
            // Read under the channel's lock: what is published meanwhile comes after.
            let seqs = self.store.seqs(&[room]).await?;
            guard.cursor = seqs.first().map_or(0, |(_, seq)| *seq);
            self.send(&mut guard, &Heard::AnotherLog);
        }
        Ok(())
    }

    /// Passes on what was committed in one room, at least up to a number that its log is said to have reached. Returns the
    /// same as [`catch_up`](Self::catch_up).
    ///
    /// # Errors
    ///
    /// - The database's. A log that can't be is none: its room is set aside.
    pub(crate) async fn catch_up_to(&self, news: Reached) -> Result<Option<Timestamp>, StoreError> {
        let Some(channel) = self.channel(news.room) else { return Ok(None) };
        let mut guard = channel.lock().await;
        let read = self.read_up_to(news.room, &mut guard, news.seq);
        match AssertUnwindSafe(read).catch_unwind().await {
            Ok(Ok(oldest)) => {
                if let Some(after) = self.set_aside.served(Place::Delivery, news.room, Instant::now()) {
                    tracing::info!(room.id = %news.room, after_ms = after.as_millis() as u64, "a room's events go on");
                }
                Ok(oldest)
            }
            Ok(Err(error @ (StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)))) => Err(error),
            Ok(Err(error)) => {
                self.set_aside(news.room, &error);
                Ok(None)
            }
            Err(_) => {
                self.set_aside(news.room, &"the code panicked");
                Ok(None)
            }
        }
    }

    fn set_aside(&self, room: RoomId, why: &dyn std::fmt::Display) {
        if self.set_aside.failed(Place::Delivery, room, Instant::now()).says {
            tracing::warn!(room.id = %room, place = Place::Delivery.name(), %why, "a room is set aside: its readers hear nothing more");
        }
    }

    async fn read_up_to(&self, room: RoomId, channel: &mut Channel, seq: u64) -> Result<Option<Timestamp>, StoreError> {
        let mut oldest = None;
        while channel.cursor < seq {
            let page = self.store.events_after(room, channel.cursor, 200).await?;
            let Some(first) = page.events.first() else { break };
            oldest = oldest.or(Some(first.at));
            self.deliver(room, channel, page.events);
        }
        Ok(oldest)
    }

    fn deliver(&self, room: RoomId, channel: &mut Channel, events: impl IntoIterator<Item = Committed>) {
        for event in events {
            if !follows(&event, channel.cursor) {
                continue;
            }
            channel.cursor = event.seq;
            let public = self.renderer.text(room, &public(&event)).into();
            let delivery = Heard::Event(Arc::new(Delivery { event, public }));
            self.send(channel, &delivery);
        }
    }

    fn hint(&self, channel: &mut Channel, user: UserId, online: bool) {
        let text = ServerFrame::Presence { user_id: user.0, online }.text();
        self.send_to(channel, &Heard::Hint(text.into()), |listener| listener.stage == Stage::Member);
    }

    /// A listener whose queue is full is dropped, which ends its socket.
    fn send(&self, channel: &mut Channel, heard: &Heard) {
        self.send_to(channel, heard, |_| true);
    }

    fn send_to(&self, channel: &mut Channel, heard: &Heard, is_for: impl Fn(&Listener) -> bool) {
        let before = channel.listeners.len();
        let mut told = 0;
        channel.listeners.retain(|listener| {
            if !is_for(listener) {
                return true;
            }
            told += 1;
            listener.queue.try_send(heard.clone()).is_ok()
        });
        let cut = (before - channel.listeners.len()) as u64;
        self.delivered.fetch_add(told - cut, Ordering::Relaxed);
        self.cut.fetch_add(cut, Ordering::Relaxed);
    }

    fn channels(&self) -> Vec<(RoomId, Shared)> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.iter().map(|(room, channel)| (*room, channel.clone())).collect()
    }

    fn channel(&self, room: RoomId) -> Option<Shared> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(&room).cloned()
    }

    fn channel_or_new(&self, room: RoomId, cursor: u64) -> Shared {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(tokio::sync::Mutex::new(Channel { cursor, listeners: Vec::new() }));
        rooms.entry(room).or_insert_with(new).clone()
    }

    /// A channel whose last listener has just gone is not the room's any more.
    fn is_current(&self, room: RoomId, channel: &Shared) -> bool {
        self.channel(room).is_some_and(|current| Arc::ptr_eq(&current, channel))
    }
}

fn has_connection(channel: &Channel, user: UserId, stage: Stage) -> bool {
    channel.listeners.iter().any(|listener| listener.user == user && listener.stage == stage)
}

/// Whether it is the next event after `cursor`.
fn follows(event: &Committed, cursor: u64) -> bool {
    #[cfg(feature = "sabotage")]
    if sabotage::has(sabotage::Bug::NoGapCheck) || sabotage::has(sabotage::Bug::PublishInHandler) {
        return event.seq > cursor;
    }
    event.seq == cursor + 1
}

#[async_trait]
impl Broadcaster for Hub {
    async fn publish(&self, room: RoomId, events: &[Committed]) {
        let (Some(channel), Some(first)) = (self.channel(room), events.first()) else { return };
        let mut guard = channel.lock().await;
        let passed_on = async {
            if !follows(first, guard.cursor) && first.seq > guard.cursor {
                self.read_up_to(room, &mut guard, first.seq - 1).await?;
            }
            self.deliver(room, &mut guard, events.iter().cloned());
            Ok::<_, StoreError>(())
        };
        // They are committed: the next event or sweep reads them again, and whoever sent the command must not hear of it.
        match AssertUnwindSafe(passed_on).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error @ (StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)))) => {
                tracing::warn!(room.id = %room, %error, "missing events could not be read");
            }
            Ok(Err(error)) => self.set_aside(room, &error),
            Err(_) => self.set_aside(room, &"the code panicked"),
        }
    }
}
