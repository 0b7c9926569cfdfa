//! Points at which a server can be made to die.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

domain::named! {
    /// Between which two steps.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Point {
        /// A room is locked and read; nothing is decided.
        AfterLock = "after_lock",
        /// State and events are written; the transaction is open.
        AfterEventInsert = "after_event_insert",
        /// The same, just before `COMMIT` is sent.
        BeforeCommit = "before_commit",
        /// Committed; nobody was told.
        AfterCommit = "after_commit",
        /// Before readers on this node are told.
        BeforePublish = "before_publish",
        /// Readers were told; the caller has no answer yet.
        AfterPublish = "after_publish",
        /// A room was read for somebody's document, which isn't sent yet.
        MidHydrate = "mid_hydrate",
        /// The clock has found rooms that are due.
        InTimer = "in_timer",
        /// Before a new hand is written.
        InDeal = "in_deal",
        /// A sign of life was noted.
        InConnect = "in_connect",
        /// Silent players were found.
        InSweep = "in_sweep",
        /// Before a new rejoin token is written.
        InRotate = "in_rotate",
    }
}

/// The end of this process, at a point.
#[derive(Debug)]
pub(crate) struct Crash {
    at: Point,
    times: u64,
    passed: AtomicU64,
}

impl Crash {
    /// Counts, and aborts when it is time: no destructor runs, nothing is flushed, as with SIGKILL.
    #[expect(clippy::disallowed_methods, reason = "to skip what must be undone is the point")]
    pub(crate) fn pass(&self, point: Point) {
        if point == self.at && self.passed.fetch_add(1, Ordering::Relaxed) + 1 == self.times {
            eprintln!("crashes on purpose at {}", point.name());
            std::process::abort();
        }
    }
}

impl FromStr for Crash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, times) = text.split_once(':').unwrap_or((text, "1"));
        let at = Point::of_name(name).ok_or_else(|| format!("HOLDFAST_CRASH_AT: there is no point `{name}`"))?;
        let times = times.parse().ok().filter(|times| *times > 0);
        let times = times.ok_or_else(|| format!("HOLDFAST_CRASH_AT: `{text}` has no count from 1 after the colon"))?;
        Ok(Self { at, times, passed: AtomicU64::new(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_may_be_passed_until_it_is_time() {
        let crash: Crash = "before_commit:3".parse().unwrap();
        crash.pass(Point::AfterCommit);
        crash.pass(Point::BeforeCommit);
        crash.pass(Point::BeforeCommit);
        assert_eq!(crash.passed.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn what_names_no_point_is_refused() {
        for text in ["", "nowhere", "before_commit:", "before_commit:0", "before_commit:x"] {
            assert!(text.parse::<Crash>().is_err(), "{text}");
        }
    }
}
