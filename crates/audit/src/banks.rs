//! What follows from the log of time banks and missed turns: bounds, since outages, which give time back, have no event.

use domain::event::Timer;
use domain::rules::Revision;
use domain::seat::Occupant;
use domain::time::{Millis, Timestamp};

use super::room::{Found, found};

/// One person's time bank.
#[derive(Default)]
pub(super) struct Bank {
    /// By which size of the room's time banks.
    size: u64,
    left: Option<Left>,
    /// What was used up to the last turn that told of it, at least and at most.
    used: (i64, i64),
}

/// What a turn told, and what is left of it.
struct Left {
    told: i64,
    least: i64,
    most: i64,
}

impl Bank {
    /// It is of the size that the settings say now: what was left of another one says nothing of it.
    pub(super) fn is_sized(&mut self, size: u64) {
        if self.size != size {
            self.used = self.used_so_far();
            (self.size, self.left) = (size, None);
        }
    }

    /// Nothing is known of what is left.
    pub(super) fn forget(&mut self) {
        self.used = self.used_so_far();
        self.left = None;
    }

    /// A new turn tells what is left: never more than before, nor less than what the turns since can have used.
    pub(super) fn is_told(&mut self, bank: Millis) -> Result<(), Found> {
        if let Some(Left { told, least, most }) = self.left {
            if !(least..=most).contains(&bank.0) {
                return Err(found("time bank", range(least, most), format!("{} ms", bank.0)));
            }
            self.used = (self.used.0 + told - bank.0, self.used.1 + told - bank.0);
        }
        self.left = Some(Left { told: bank.0, least: bank.0, most: bank.0 });
        Ok(())
    }

    /// The turn was answered so much after its normal time; `None` if that isn't known.
    pub(super) fn is_late(&mut self, late: Option<Millis>) {
        if let Some(left) = &mut self.left {
            left.least = late.map_or(0, |late| (left.least - late.0).max(0));
        }
    }

    fn used_so_far(&self) -> (i64, i64) {
        let (least, most) = self.left.as_ref().map_or((0, 0), |left| (left.told - left.most, left.told - left.least));
        (self.used.0 + least, self.used.1 + most)
    }

    /// Compares what is stored as used.
    pub(super) fn has_used(&self, stored: Millis) -> Result<(), Found> {
        let (least, most) = self.used_so_far();
        if (least..=most).contains(&stored.0) {
            return Ok(());
        }
        Err(found("time bank that was used", range(least, most), format!("{} ms", stored.0)))
    }

    /// Compares what is stored as left.
    pub(super) fn has_left(&self, stored: Millis) -> Result<(), Found> {
        match self.left {
            Some(Left { least, most, .. }) if !(least..=most).contains(&stored.0) => {
                Err(found("time bank", range(least, most), format!("{} ms", stored.0)))
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn range(least: i64, most: i64) -> String {
    if least == most { format!("{least} ms") } else { format!("{least} to {most} ms") }
}

/// The turn that waits for its answer, as it was told first.
pub(super) struct Asked {
    pub(super) turn: u64,
    /// When its normal time ends; `None` if that isn't known.
    pub(super) deadline: Option<Timestamp>,
}

impl Asked {
    pub(super) fn of(timer: &Timer) -> Self {
        Self { turn: timer.turn, deadline: timer.deadline }
    }
}

/// What the size of somebody's time bank follows from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// The settings that the room was made with.
    Made,
    /// These.
    Set(Millis),
    /// It can't be told: settings changed since they sat down, and no hand was dealt to them since.
    Unknown,
}

/// Decisions in a row that the clock made, at least and at most.
#[derive(Default)]
pub(super) struct Missed {
    least: u8,
    most: u8,
    /// When the last one was.
    at: Option<Timestamp>,
}

impl Missed {
    /// Their turn was answered. Who sits out may not have been waited for: then it counts for nothing.
    pub(super) fn decides(&mut self, auto: bool, sits_out: bool, at: Timestamp) {
        if !auto {
            *self = Self::default();
            return;
        }
        self.least = self.least.saturating_add(u8::from(!sits_out));
        self.most = self.most.saturating_add(1);
        self.at = Some(at);
    }

    /// They sit out: by the clock, together with its decision, or by themselves. Earlier versions counted on after the latter.
    pub(super) fn sits_out(&mut self, at: Timestamp, played_by: Option<Revision>) {
        let by_clock = self.at == Some(at);
        if by_clock && self.least >= 2 {
            return;
        }
        self.least = 0;
        if !by_clock && played_by > Some(Revision::First) {
            self.most = 0;
        }
    }

    /// They take part again. Earlier versions counted on for who was away.
    pub(super) fn sits_in(&mut self, is_away: bool, played_by: Option<Revision>) {
        self.least = 0;
        if !is_away || played_by > Some(Revision::First) {
            self.most = 0;
        }
    }

    /// Compares what is stored. Who is leaving was folded for, which counts for nothing.
    pub(super) fn stands(&self, occupant: &Occupant, is_leaving: bool) -> Result<(), Found> {
        let least = if is_leaving { 0 } else { self.least };
        if (least..=self.most).contains(&occupant.timeouts_in_a_row) {
            return Ok(());
        }
        let expected = if least == self.most { least.to_string() } else { format!("{least} to {}", self.most) };
        Err(found("missed turns", expected, occupant.timeouts_in_a_row))
    }
}
