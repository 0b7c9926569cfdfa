//! Things done again and again, with a pause that grows.

use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;

/// Keys remembered at least. At 1 KB and twice as many, 10 MB for each limit at most.
const KEEP: usize = 5_000;

/// So many `within` a time for nothing; the next one after a pause, and each after that after one twice as long.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// So many for nothing.
    pub free: u32,
    /// The first pause.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
    /// What is longer ago doesn't count.
    pub within: Duration,
}

/// When each key did it last.
pub struct Pauses<K> {
    pause: Pause,
    seen: Mutex<Recent<K, VecDeque<Instant>>>,
}

impl<K: Eq + Hash> Pauses<K> {
    /// Nobody has done anything yet.
    pub fn new(pause: Pause) -> Self {
        Self { pause, seen: Mutex::new(Recent::new(KEEP)) }
    }

    /// Does it once more.
    ///
    /// # Errors
    ///
    /// - The time until it may be done; a refusal makes it no longer.
    pub fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(key);
        while seen.front().is_some_and(|at| *at + self.pause.within <= now) {
            seen.pop_front();
        }
        let over = u32::try_from(seen.len()).unwrap_or(u32::MAX).checked_sub(self.pause.free);
        if let (Some(over), Some(last)) = (over, seen.back()) {
            let pause = self.pause.first.saturating_mul(2_u32.saturating_pow(over)).min(self.pause.longest);
            let wait = (*last + pause).saturating_duration_since(now);
            if !wait.is_zero() {
                return Err(wait);
            }
        }
        seen.push_back(now);
        Ok(())
    }

    /// It came to nothing, and doesn't count.
    pub fn give_back(&self, key: K) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(key).pop_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);
    const PAUSE: Pause = Pause { free: 3, first: SECOND, longest: Duration::from_secs(60), within: HOUR };

    #[test]
    fn the_pause_grows_up_to_its_longest() {
        let pauses = Pauses::new(PAUSE);
        let mut now = Instant::now();
        for _ in 0..3 {
            pauses.take(1, now).expect("for nothing");
        }
        for secs in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(pauses.take(1, now), Err(Duration::from_secs(secs)));
            assert_eq!(pauses.take(1, now), Err(Duration::from_secs(secs)), "a refusal costs nothing");
            now += Duration::from_secs(secs);
            pauses.take(1, now).expect("after the pause");
        }
        pauses.take(2, now).expect("another key");
        pauses.take(1, now + HOUR).expect("it is forgotten");
    }

    #[test]
    fn no_hour_sees_more_than_the_pauses_leave() {
        let pauses = Pauses::new(PAUSE);
        let start = Instant::now();
        let done = (0..3 * 3600_u32).filter(|second| pauses.take(1, start + *second * SECOND).is_ok()).count();
        assert!(done < 3 * 75, "{done}");
    }

    #[test]
    fn what_came_to_nothing_does_not_count() {
        let pauses = Pauses::new(PAUSE);
        let now = Instant::now();
        for _ in 0..10 {
            pauses.take(1, now).expect("for nothing");
            pauses.give_back(1);
        }
    }
}
