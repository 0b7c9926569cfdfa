//! Whether the clock runs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long the clock may not have come round before the node says that it isn't ready.
const ROUND_WITHIN: Duration = Duration::from_secs(5);

/// When the clock last came round, for whoever asks whether it runs.
pub struct Rounds {
    started: Instant,
    /// Milliseconds after the start.
    last_look: AtomicU64,
    last_pulse: AtomicU64,
}

impl Default for Rounds {
    fn default() -> Self {
        Self { started: Instant::now(), last_look: AtomicU64::new(0), last_pulse: AtomicU64::new(0) }
    }
}

impl Rounds {
    fn note(&self, what: &AtomicU64) {
        what.store(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Rooms were looked through for deadlines.
    pub fn looked(&self) {
        self.note(&self.last_look);
    }

    /// This node has noted that it serves.
    pub fn pulsed(&self) {
        self.note(&self.last_pulse);
    }

    fn age(&self, what: &AtomicU64) -> Duration {
        self.started.elapsed().saturating_sub(Duration::from_millis(what.load(Ordering::Acquire)))
    }

    /// How long ago all rooms were looked through for deadlines; since the start if they never were.
    pub fn look_age(&self) -> Duration {
        self.age(&self.last_look)
    }

    /// How long ago this node noted that it serves; since the start if it never has.
    pub fn pulse_age(&self) -> Duration {
        self.age(&self.last_pulse)
    }

    /// For how long the clock hasn't come round, if that is too long.
    pub fn stands_since(&self) -> Option<Duration> {
        Some(self.look_age().max(self.pulse_age())).filter(|age| *age > ROUND_WITHIN)
    }
}
