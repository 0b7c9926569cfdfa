//! Rooms that could not be served: each is tried again after a pause of its own, and none of them keeps another waiting.
//!
//! What a node knows of them is forgotten when it stops: the first try after that finds out again. It knows no clock: whoever
//! asks says what time it is.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ids::RoomId;

domain::named! {
    /// Where a room could not be served.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Place {
        /// Its deadlines, and outages that it is to be forgiven.
        Clock = "clock",
        /// Its silent players.
        Sweep = "sweep",
        /// Its events, on their way to those who listen.
        Delivery = "delivery",
        /// Its deletion.
        Retention = "retention",
        /// The list of a user's rooms.
        Rooms = "rooms",
    }
}

/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause: how long a room that was mended waits at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often the same room is named again.
const SAY_EVERY: Duration = Duration::from_secs(60);
/// How many rooms are named at most in one stretch of [`LINES_WITHIN`]; the others are only counted.
const LINES: u32 = 20;
const LINES_WITHIN: Duration = Duration::from_secs(10);
/// A room that nobody has tried again for so long after it was time is nobody's concern here any more: nobody asks for it, or it
/// has nothing to do.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(150);
/// Rooms that are known at most, so that nothing grows without bound. What comes on top is tried again at once.
const ROOMS: usize = 100_000;

/// What is known of the rooms that could not be served.
#[derive(Debug, Default)]
pub struct SetAside(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    rooms: HashMap<(Place, RoomId), Entry>,
    failures: [u64; Place::ALL.len()],
    lines: Option<(Instant, u32)>,
}

#[derive(Debug)]
struct Entry {
    since: Instant,
    pause: Duration,
    next_try: Instant,
    said: Option<Instant>,
}

/// What is to be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is worth a line in the log. Not each one is: a room fails again and again.
    pub says: bool,
    /// When the next try is.
    pub pause: Duration,
}

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAsideFigures {
    /// Rooms that are set aside now.
    pub rooms: usize,
    /// Failures since the start, by place.
    pub failures: [(Place, u64); Place::ALL.len()],
}

impl SetAside {
    /// A room could not be served.
    pub fn failed(&self, place: Place, room: RoomId, now: Instant) -> Verdict {
        let mut known = self.known();
        known.failures[place as usize] += 1;
        if known.rooms.len() >= ROOMS && !known.rooms.contains_key(&(place, room)) {
            return Verdict { says: known.may_say(now), pause: Duration::ZERO };
        }
        let new = || Entry { since: now, pause: FIRST_PAUSE / 2, next_try: now, said: None };
        let entry = known.rooms.entry((place, room)).or_insert_with(new);
        entry.pause = (entry.pause * 2).min(LONGEST_PAUSE);
        entry.next_try = now + entry.pause;
        let (pause, said) = (entry.pause, entry.said);
        let says = said.is_none_or(|said| now - said >= SAY_EVERY) && known.may_say(now);
        if says && let Some(entry) = known.rooms.get_mut(&(place, room)) {
            entry.said = Some(now);
        }
        Verdict { says, pause }
    }

    /// A room was served, or is gone. Returns for how long it had been set aside, if it had.
    pub fn served(&self, place: Place, room: RoomId, now: Instant) -> Option<Duration> {
        let mut known = self.known();
        if place == Place::Clock {
            // It has read and saved the whole room: what else only reads it will do so too.
            known.rooms.remove(&(Place::Rooms, room));
            known.rooms.remove(&(Place::Sweep, room));
        }
        known.rooms.remove(&(place, room)).map(|entry| now - entry.since)
    }

    /// Rooms that are set aside here, whether it is time for another try or not.
    pub fn rooms(&self, place: Place) -> Vec<RoomId> {
        self.known().rooms.keys().filter(|(at, _)| *at == place).map(|(_, room)| *room).collect()
    }

    /// Those of them that are to be tried again, the longest due first, at most `limit`.
    pub fn due(&self, place: Place, now: Instant, limit: usize) -> Vec<RoomId> {
        let known = self.known();
        let due = known.rooms.iter().filter(|((at, _), entry)| *at == place && entry.next_try <= now);
        let mut due: Vec<_> = due.map(|((_, room), entry)| (entry.next_try, *room)).collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(_, room)| room).collect()
    }

    /// Whether a room is set aside here and not to be tried yet.
    pub fn waits(&self, place: Place, room: RoomId, now: Instant) -> bool {
        self.known().rooms.get(&(place, room)).is_some_and(|entry| entry.next_try > now)
    }

    /// How many there are. A room that is set aside in several places is one.
    pub fn figures(&self, now: Instant) -> SetAsideFigures {
        let mut known = self.known();
        known.rooms.retain(|_, entry| now.saturating_duration_since(entry.next_try) < FORGOTTEN_AFTER);
        let mut rooms: Vec<RoomId> = known.rooms.keys().map(|(_, room)| *room).collect();
        rooms.sort_unstable();
        rooms.dedup();
        SetAsideFigures {
            rooms: rooms.len(),
            failures: Place::ALL.map(|place| (place, known.failures[place as usize])),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn may_say(&mut self, now: Instant) -> bool {
        let (began, said) = self.lines.filter(|(began, _)| now - *began < LINES_WITHIN).unwrap_or((now, 0));
        self.lines = Some((began, said + 1));
        said < LINES
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn room(number: u128) -> RoomId {
        RoomId(Uuid::from_u128(number))
    }

    #[test]
    fn a_room_is_tried_again_after_growing_pauses_and_forgotten_when_it_is_served() {
        let (aside, start) = (SetAside::default(), Instant::now());
        let mut now = start;
        let mut pauses = Vec::new();
        for _ in 0..8 {
            let Verdict { pause, .. } = aside.failed(Place::Clock, room(1), now);
            assert!(aside.waits(Place::Clock, room(1), now));
            assert_eq!(aside.due(Place::Clock, now, 9), []);
            now += pause;
            assert_eq!(aside.due(Place::Clock, now, 9), [room(1)]);
            pauses.push(pause.as_millis());
        }
        assert_eq!(pauses, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
        assert_eq!(aside.rooms(Place::Sweep), [], "elsewhere it is none");
        assert_eq!(aside.figures(now).rooms, 1);
        assert_eq!(aside.served(Place::Clock, room(1), now), Some(now - start));
        assert_eq!(aside.served(Place::Clock, room(1), now), None);
        assert_eq!((aside.figures(now).rooms, aside.figures(now).failures[0]), (0, (Place::Clock, 8)));
    }

    #[test]
    fn a_room_is_named_once_a_minute_and_many_rooms_are_counted() {
        let (aside, now) = (SetAside::default(), Instant::now());
        assert!(aside.failed(Place::Clock, room(1), now).says);
        assert!(!aside.failed(Place::Clock, room(1), now + Duration::from_secs(59)).says);
        assert!(aside.failed(Place::Clock, room(1), now + Duration::from_secs(60)).says);
        let later = now + Duration::from_secs(100);
        let said = (2..1002).filter(|number| aside.failed(Place::Delivery, room(*number), later).says).count();
        assert_eq!(said, LINES as usize);
        assert_eq!(aside.figures(later).failures[2], (Place::Delivery, 1000));
    }

    #[test]
    fn a_room_whose_clock_goes_on_is_listed_again() {
        let (aside, now) = (SetAside::default(), Instant::now());
        for place in [Place::Clock, Place::Rooms, Place::Sweep, Place::Delivery] {
            aside.failed(place, room(1), now);
        }
        aside.served(Place::Clock, room(1), now);
        assert_eq!(aside.rooms(Place::Delivery), [room(1)], "its log is another matter");
        aside.served(Place::Delivery, room(1), now);
        assert_eq!(aside.figures(now).rooms, 0);
    }

    #[test]
    fn a_room_that_nobody_tries_again_is_forgotten() {
        let (aside, now) = (SetAside::default(), Instant::now());
        aside.failed(Place::Rooms, room(1), now);
        assert_eq!(aside.figures(now + FORGOTTEN_AFTER).rooms, 1);
        assert_eq!(aside.figures(now + FORGOTTEN_AFTER + FIRST_PAUSE).rooms, 0);
    }

    #[test]
    fn the_name_of_a_place_is_its_own() {
        let mut names = Place::ALL.map(Place::name).to_vec();
        names.dedup();
        assert_eq!(names.len(), Place::ALL.len());
        assert!(Place::ALL.iter().enumerate().all(|(index, place)| *place as usize == index));
    }
}
