//! What this node remembers of rooms and of the database's clock. A cache and no more: whatever is decided on it is saved
//! only if the database confirms it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::pg::data_types::PgTimestamp;
use domain::ids::{GameId, RoomId};
use domain::room::Room;
use domain::time::Timestamp;
use lru::LruCache;

use crate::rows::timestamp;

/// Rooms that are remembered at most; those that were played in last.
const ROOMS: NonZeroUsize = NonZeroUsize::new(4096).expect("it isn't zero");

/// Rooms of which is kept how far their logs had come; those that were played in last.
const REACHED: NonZeroUsize = NonZeroUsize::new(64).expect("it isn't zero");

/// A later reading of the clock replaces one that is as old as this, even if it says less: the two clocks drift apart.
const REFRESH_AFTER: Duration = Duration::from_secs(2);
/// A reading that is older isn't reckoned from any more.
const FORGET_AFTER: Duration = Duration::from_secs(10);
/// How much a reading may be behind for its way here, in microseconds. More is a clock that was set.
const LATE: i64 = 50_000;

/// A room as it was left.
#[derive(Clone)]
pub(crate) struct Remembered {
    pub(crate) room: Arc<Room>,
    /// The number of its last event.
    pub(crate) seq: u64,
    /// How often it was saved.
    pub(crate) version: i64,
    /// The database's clock then.
    pub(crate) at: Timestamp,
}

/// The memory of one node.
pub(crate) struct Memory {
    rooms: Mutex<Rooms>,
    /// How far rooms' logs had come at least: it stays when what is known of a room is forgotten, as in an outage.
    reached: Mutex<LruCache<RoomId, u64>>,
    clock: Mutex<Option<Reading>>,
    confirmed: AtomicU64,
    unconfirmed: AtomicU64,
}

/// Rooms by their games, and their games by them.
struct Rooms {
    known: LruCache<GameId, Entry>,
    games: HashMap<RoomId, GameId>,
}

/// A room, and whether it is said to have moved on since.
struct Entry {
    known: Remembered,
    moved_on: bool,
}

impl Rooms {
    fn put(&mut self, known: Remembered) {
        let (game, room) = (known.room.game.id, known.room.id);
        if let Some((_, left)) = self.known.push(game, Entry { known, moved_on: false }) {
            self.games.remove(&left.known.room.id);
        }
        self.games.insert(room, game);
    }

    fn pop(&mut self, game: GameId) {
        if let Some(left) = self.known.pop(&game) {
            self.games.remove(&left.known.room.id);
        }
    }
}

/// A time that the database's clock has shown, and when we heard of it. It was read before that: what is reckoned from it is
/// never ahead.
#[derive(Clone, Copy)]
struct Reading {
    micros: i64,
    heard: Instant,
}

impl Memory {
    pub(crate) fn new() -> Self {
        let rooms = Rooms { known: LruCache::new(ROOMS), games: HashMap::new() };
        Self {
            rooms: Mutex::new(rooms),
            reached: Mutex::new(LruCache::new(REACHED)),
            clock: Mutex::default(),
            confirmed: AtomicU64::new(0),
            unconfirmed: AtomicU64::new(0),
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a game's room, of whatever time.
    pub(crate) fn room(&self, game: GameId) -> Option<Remembered> {
        self.rooms().known.get(&game).map(|entry| entry.known.clone())
    }

    /// The same, unless it is said to have moved on.
    pub(crate) fn current(&self, game: GameId) -> Option<Remembered> {
        self.rooms().known.get(&game).filter(|entry| !entry.moved_on).map(|entry| entry.known.clone())
    }

    /// Keeps a room, unless a later state of it is known.
    pub(crate) fn remember(&self, known: Remembered) {
        let (room, seq) = (known.room.id, known.seq);
        let mut reached = self.reached();
        let before = reached.get(&room).copied().unwrap_or_default();
        reached.put(room, before.max(seq));
        drop(reached);
        let mut rooms = self.rooms();
        let other = rooms.known.peek(&known.room.game.id);
        if other.is_none_or(|other| other.known.version <= known.version) {
            rooms.put(known);
        }
    }

    /// What is known of a room isn't so, or may not be.
    pub(crate) fn forget(&self, game: GameId) {
        self.rooms().pop(game);
    }

    /// How far the logs of the rooms had come at least that were played in last.
    pub(crate) fn latest(&self) -> Vec<(RoomId, u64)> {
        self.reached().iter().map(|(room, seq)| (*room, *seq)).collect()
    }

    fn reached(&self) -> MutexGuard<'_, LruCache<RoomId, u64>> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing that is known is so: the database is another one.
    pub(crate) fn forget_all(&self) {
        let mut rooms = self.rooms();
        rooms.known.clear();
        rooms.games.clear();
        drop(rooms);
        self.reached().clear();
    }

    /// A room's log has come to this number: what is decided on what is known of a time before that would only be found wrong.
    pub(crate) fn moved_on(&self, room: RoomId, seq: u64) {
        let mut rooms = self.rooms();
        let Some(game) = rooms.games.get(&room).copied() else { return };
        if let Some(entry) = rooms.known.peek_mut(&game)
            && entry.known.seq < seq
        {
            entry.moved_on = true;
        }
    }

    /// The database confirmed what was decided on a remembered room.
    pub(crate) fn was_right(&self) {
        self.confirmed.fetch_add(1, Ordering::Relaxed);
    }

    /// It didn't.
    pub(crate) fn was_wrong(&self, game: GameId) {
        self.unconfirmed.fetch_add(1, Ordering::Relaxed);
        self.forget(game);
    }

    /// How often it did, and how often it didn't.
    pub(crate) fn outcomes(&self) -> (u64, u64) {
        (self.confirmed.load(Ordering::Relaxed), self.unconfirmed.load(Ordering::Relaxed))
    }

    /// Keeps a time that the database has just told.
    pub(crate) fn hear(&self, clock: PgTimestamp) {
        let told = Reading { micros: clock.0, heard: Instant::now() };
        let mut known = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = known.map(|known| known.at(told.heard) - told.micros);
        let stands = known.is_some_and(|known| told.heard - known.heard < REFRESH_AFTER)
            && behind.is_some_and(|behind| (0..LATE).contains(&behind));
        if !stands {
            *known = Some(told);
        }
    }

    /// What the database's clock shows now, or a little less.
    pub(crate) fn reckon(&self) -> Option<Timestamp> {
        let (known, now) = (*self.clock.lock().unwrap_or_else(PoisonError::into_inner), Instant::now());
        let known = known.filter(|known| now - known.heard < FORGET_AFTER)?;
        Some(timestamp(PgTimestamp(known.at(now))))
    }
}

impl Reading {
    fn at(self, now: Instant) -> i64 {
        self.micros.saturating_add(i64::try_from((now - self.heard).as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_reading_that_came_late_does_not_set_the_clock_back() {
        let memory = Memory::new();
        memory.hear(PgTimestamp(100 * SECOND));
        memory.hear(PgTimestamp(100 * SECOND - 20_000));
        assert!(memory.reckon().unwrap() >= timestamp(PgTimestamp(100 * SECOND)));
    }

    #[test]
    fn a_clock_that_was_set_is_believed_both_ways() {
        let memory = Memory::new();
        for shown in [100, 700, 50] {
            memory.hear(PgTimestamp(shown * SECOND));
            let ahead = memory.reckon().unwrap() - timestamp(PgTimestamp(shown * SECOND));
            assert!((0..SECOND / 1000).contains(&ahead.0), "{shown}: {ahead:?}");
        }
    }

    #[test]
    fn nothing_is_reckoned_from_nothing() {
        assert_eq!(Memory::new().reckon(), None);
    }
}
