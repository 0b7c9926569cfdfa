//! I-12: strict serialisability of a room. Whatever anybody knew before something was asked is in the answer.
//!
//! Every answer carries the number of the room's last event, so no search is needed: sorted by time, each answer's number must
//! reach the highest number that was known before its question.

use uuid::Uuid;

use crate::verdict::{Findings, Invariant, Place, Violation};

/// What was asked of a room, and answered with an event's number.
#[derive(Debug)]
struct Answered {
    invoked: i64,
    seq: u64,
    /// Whether the answer's event must be a new one.
    new: bool,
    place: Place,
}

/// The order in real time of what happened in a room, in microseconds of the run.
#[derive(Debug, Default)]
pub struct Sweep {
    known: Vec<(i64, u64)>,
    answers: Vec<Answered>,
}

impl Sweep {
    /// At `t` somebody knew of the event `seq`.
    pub fn known(&mut self, t: i64, seq: u64) {
        self.known.push((t, seq));
    }

    /// Something was asked at `invoked` and answered at `ended` with the event `seq`; `new` if it had to cause it.
    pub fn answered(&mut self, invoked: i64, ended: i64, seq: u64, new: bool, place: Place) {
        self.known(ended, seq);
        self.answers.push(Answered { invoked, seq, new, place });
    }

    /// The events that were certainly committed before `t`: the highest number that anybody knew. Only after `sort`.
    pub fn known_before(&self, t: i64) -> u64 {
        let until = self.known.partition_point(|(when, _)| *when < t);
        self.known[..until].last().map_or(0, |(_, seq)| *seq)
    }

    /// Puts what was known in order, so that it can be asked.
    pub fn sort(&mut self) {
        self.known.sort_unstable();
        let mut highest = 0;
        for (_, seq) in &mut self.known {
            highest = highest.max(*seq);
            *seq = highest;
        }
    }

    /// Looks for answers that are older than their questions. Only after `sort`.
    pub fn check(&self, room: Uuid, findings: &mut Findings) {
        for answer in &self.answers {
            let known = self.known_before(answer.invoked);
            let stale = answer.seq < known || (answer.new && answer.seq == known);
            if stale {
                let say = format!(
                    "an answer with event {}, when event {known} was known before it was asked for",
                    answer.seq
                );
                findings.add(Violation {
                    invariant: Invariant::Freshness,
                    room: Some(room),
                    seq: Some(answer.seq),
                    say,
                    place: Some(answer.place.clone()),
                });
            }
        }
    }
}
