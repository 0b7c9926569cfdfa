//! I-4: a time bank only gets smaller, from one turn to the next and by what the turn took of it. Standing up, leaving or a new
//! connection doesn't fill it.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::event::{Logged, Timer, What};
use crate::seats::Seat;
use crate::turns::Interference;
use crate::verdict::{Findings, Invariant};

/// The time banks of a room's players.
#[derive(Debug)]
pub struct Banks<'a> {
    room: Uuid,
    interference: &'a Interference,
    /// What is left at most, in milliseconds.
    most: BTreeMap<Uuid, i64>,
    asked: Option<Asked>,
    /// Whether settings have changed since the last deal.
    resized: bool,
}

/// The turn that waits for its answer.
#[derive(Debug)]
struct Asked {
    user: Uuid,
    timer: Timer,
    /// Whether the clock stood still meanwhile: then it isn't known here what was used.
    stood_still: bool,
}

impl<'a> Banks<'a> {
    /// None yet.
    pub fn new(room: Uuid, interference: &'a Interference) -> Self {
        Self { room, interference, most: BTreeMap::new(), asked: None, resized: false }
    }

    /// Takes in an event. `taken` are the seats after it.
    pub fn see(&mut self, event: &Logged, taken: &BTreeMap<u8, Seat>, findings: &mut Findings) {
        match &event.what {
            What::Acted(acted) => self.answered(acted.turn, event.at),
            What::GamePaused { .. } | What::GameResumed { .. } => {
                if let Some(asked) = &mut self.asked {
                    asked.stood_still = true;
                }
            }
            // The bank's full size may be another one, at the latest from the next hand on.
            What::SettingsChanged { .. } => {
                self.most.clear();
                self.resized = true;
            }
            What::HandStarted(_) if self.resized => {
                self.most.clear();
                self.resized = false;
            }
            _ => {}
        }
        let Some(timer) = event.what.timer() else { return };
        let Some(user) = taken.get(&timer.actor).map(|seat| seat.user) else { return };
        if self.asked.as_ref().is_some_and(|asked| asked.timer.turn == timer.turn) {
            return;
        }
        // Somebody who is away may be shown none, and has it back when they return.
        if timer.timebank > 0 {
            let most = *self.most.entry(user).or_insert(timer.timebank);
            if timer.timebank > most {
                let say = format!(
                    "the time bank of {user} has {} ms in turn {} and had {most} ms at most",
                    timer.timebank, timer.turn
                );
                findings.at(Invariant::Turns, self.room, event.seq, say);
            }
        }
        self.asked = Some(Asked { user, timer: timer.clone(), stood_still: false });
    }

    fn answered(&mut self, turn: Option<u64>, at: i64) {
        let Some(asked) = self.asked.take_if(|asked| turn == Some(asked.timer.turn)) else { return };
        let Some(deadline) = asked.timer.deadline else { return };
        if asked.stood_still || self.interference.touches(asked.timer.started_at, at) {
            return;
        }
        let used = (at - deadline).clamp(0, asked.timer.timebank);
        if let Some(most) = self.most.get_mut(&asked.user) {
            *most -= used;
        }
    }
}
