//! I-4: the clock comes. A turn whose time is up is decided, and a hand that is due is dealt, soon; whatever becomes of any other
//! room.

use uuid::Uuid;

use crate::event::{Logged, What};
use crate::limits::Limits;
use crate::turns::Interference;
use crate::verdict::{Findings, Invariant};

/// Something that the clock has to do in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it was known. What goes wrong from here on may put it off.
    pub since: i64,
    /// When it is to be done.
    pub at: i64,
}

/// What the clock of a room has to do.
#[derive(Debug)]
pub struct Clock<'a> {
    room: Uuid,
    interference: &'a Interference,
    limits: &'a Limits,
    turn: Option<Due>,
    hand: Option<Due>,
}

impl<'a> Clock<'a> {
    /// Nothing yet.
    pub fn new(room: Uuid, interference: &'a Interference, limits: &'a Limits) -> Self {
        Self { room, interference, limits, turn: None, hand: None }
    }

    /// Takes in an event: what was due before has been done late if it wasn't until now. Afterwards `turn` is due, and a hand
    /// `pause` after it became possible, if it `can_deal`.
    pub fn see(&mut self, event: &Logged, turn: Option<Due>, (can_deal, pause): (bool, i64), findings: &mut Findings) {
        self.look(event.at, Some(event.seq), findings);
        self.turn = turn;
        let planned = match &event.what {
            What::HandCompleted(done) => done.next_hand_at,
            _ => None,
        };
        self.hand = match self.hand {
            _ if !can_deal => None,
            Some(due) => Some(due),
            None => Some(Due { since: event.at, at: planned.unwrap_or(event.at + pause) }),
        };
    }

    /// The log ends, and the run went on until `at`.
    pub fn finish(&mut self, at: i64, findings: &mut Findings) {
        self.look(at, None, findings);
    }

    fn look(&mut self, at: i64, seq: Option<u64>, findings: &mut Findings) {
        for (what, due) in [("a turn's time is up", &mut self.turn), ("a hand is due", &mut self.hand)] {
            let late_by = self.limits.late_clock_ms;
            let Some(late) = due.filter(|due| at > due.at + late_by) else { continue };
            // Said once.
            *due = None;
            if !self.interference.touches(late.since - late_by, at) {
                let say = format!("{what}, and the clock does nothing about it for {} ms", at - late.at);
                findings.add(crate::verdict::Violation {
                    invariant: Invariant::Turns,
                    room: Some(self.room),
                    seq,
                    say,
                    place: None,
                });
            }
        }
    }
}
