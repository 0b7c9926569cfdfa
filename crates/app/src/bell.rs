//! Wakes the clock when a nearer deadline was set.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::Timestamp;
use ports::broadcaster::Alarm;
use tokio::sync::Notify;

/// Rings when a deadline was set that is nearer than the one that is waited for.
pub struct Bell {
    rings: Notify,
    waiting_for: AtomicI64,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rings: Notify::new(), waiting_for: AtomicI64::new(i64::MAX) }
    }
}

impl Bell {
    /// What is waited for from now on; any deadline is nearer than none.
    pub fn wait_for(&self, at: Option<Timestamp>) {
        self.waiting_for.store(at.map_or(i64::MAX, |at| at.0), Ordering::Release);
    }

    /// Until a nearer deadline is set, or at once if one was since the last time.
    pub async fn rung(&self) {
        self.rings.notified().await;
    }
}

impl Alarm for Bell {
    fn set(&self, at: Timestamp) {
        if at.0 < self.waiting_for.load(Ordering::Acquire) {
            self.rings.notify_one();
        }
    }
}
