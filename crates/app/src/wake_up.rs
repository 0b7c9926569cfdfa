//! Wakes the clock when a nearer deadline was set.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::Timestamp;
use ports::broadcaster::WakeUp;
use tokio::sync::Notify;

/// Wakes up when a deadline was set that is nearer than the one that is waited for.
pub struct Sleeper {
    earlier: Notify,
    waiting_for: AtomicI64,
}

impl Default for Sleeper {
    fn default() -> Self {
        Self { earlier: Notify::new(), waiting_for: AtomicI64::new(i64::MAX) }
    }
}

impl Sleeper {
    /// What is waited for from now on; any deadline is nearer than none.
    pub fn wait_for(&self, at: Option<Timestamp>) {
        self.waiting_for.store(at.map_or(i64::MAX, |at| at.0), Ordering::Release);
    }

    /// Until a nearer deadline is set, or at once if one was since the last time.
    pub async fn woken(&self) {
        self.earlier.notified().await;
    }
}

impl WakeUp for Sleeper {
    fn set(&self, at: Timestamp) {
        if at.0 < self.waiting_for.load(Ordering::Acquire) {
            self.earlier.notify_one();
        }
    }
}
