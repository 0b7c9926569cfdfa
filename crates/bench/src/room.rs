//! A room while it is played in, and what all rooms of a run share.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::frame::{Frame, Kind};
use crate::table::{Style, Table};
use crate::tally::Tally;

/// When players act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Not at all.
    Rest,
    /// As soon as it is their turn.
    AtOnce,
    /// When an action is due.
    WhenDue,
}

/// What all rooms share.
#[derive(Debug)]
pub struct World {
    /// How people play.
    pub style: Style,
    /// What is counted.
    pub tally: RefCell<Tally>,
    /// Everybody who reads.
    pub readers: RefCell<JoinSet<()>>,
    pace: Cell<Pace>,
}

impl World {
    /// In which nobody acts yet.
    pub fn new(style: Style) -> Self {
        Self { style, tally: RefCell::default(), readers: RefCell::default(), pace: Cell::new(Pace::Rest) }
    }

    /// From now on players act so.
    pub fn set_pace(&self, pace: Pace, rooms: &[Rc<Room>]) {
        self.pace.set(pace);
        for room in rooms {
            room.due.borrow_mut().clear();
            room.bell.notify_waiters();
        }
    }

    /// What was counted since the last call.
    pub fn take_tally(&self) -> Tally {
        self.tally.take()
    }

    /// Counts something that went wrong.
    pub fn error(&self, code: impl Into<String>) {
        self.tally.borrow_mut().error(code);
    }
}

/// Turns whose beginning is remembered: more than readers can be behind each other.
const REMEMBERED: usize = 64;

/// A room.
#[derive(Debug)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// Where actions go.
    pub actions_path: String,
    /// The hand, as the first reader of each event tells it.
    pub table: RefCell<Table>,
    due: RefCell<VecDeque<Instant>>,
    bell: Notify,
    /// Since when each turn was being answered.
    since: RefCell<[Option<(u64, Instant)>; REMEMBERED]>,
}

impl Room {
    /// With nothing played in it.
    pub fn new(id: &str, game: &str) -> Self {
        Self {
            id: id.to_owned(),
            actions_path: format!("/api/games/{game}/actions"),
            table: RefCell::default(),
            due: RefCell::default(),
            bell: Notify::new(),
            since: RefCell::new([None; REMEMBERED]),
        }
    }

    /// An action is due, whoever's turn it is.
    pub fn is_due(&self, since: Instant) {
        self.due.borrow_mut().push_back(since);
        self.bell.notify_waiters();
    }

    /// Waits until the turn may be answered. Returns since when it is being answered.
    pub async fn may_act(&self, world: &World, turn: u64) -> Instant {
        let since = loop {
            // Asked for before looking, so that no ring is missed.
            let bell = self.bell.notified();
            match world.pace.get() {
                Pace::AtOnce => break Instant::now(),
                Pace::WhenDue => {
                    if let Some(since) = self.due.borrow_mut().pop_front() {
                        break since;
                    }
                }
                Pace::Rest => {}
            }
            bell.await;
        };
        self.since.borrow_mut()[slot(turn)] = Some((turn, since));
        since
    }

    /// A reader got an event: `last` is the number of the one before it that they got.
    pub fn heard(&self, world: &World, frame: &Frame<'_>, (seq, last): (u64, u64)) {
        let mut tally = world.tally.borrow_mut();
        tally.events += 1;
        if seq != last + 1 {
            tally.error("GAP");
        }
        if let (Kind::PlayerAction, Some(turn)) = (frame.kind, frame.turn)
            && let Some((of, since)) = self.since.borrow()[slot(turn)]
            && of == turn
        {
            tally.readers.record(since.elapsed());
        }
        if self.table.borrow_mut().apply(seq, frame) && frame.kind == Kind::HandStarted {
            tally.hands += 1;
        }
    }
}

const fn slot(turn: u64) -> usize {
    (turn % REMEMBERED as u64) as usize
}
