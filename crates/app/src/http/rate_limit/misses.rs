//! Wrong guesses, counted after the fact.

use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;

/// Keys remembered at least. At 1 KB and twice as many, 10 MB for each limit at most.
const KEEP: usize = 5_000;

/// At most so many during any such time.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// So many ...
    pub most: usize,
    /// ... in that time.
    pub during: Duration,
}

/// The instants of the last misses of each key. Exact, where a bucket would let twice as many through in the first window.
pub struct Misses<K> {
    windows: Vec<Window>,
    seen: Mutex<Recent<K, VecDeque<Instant>>>,
}

impl<K: Eq + Hash> Misses<K> {
    /// None yet.
    pub fn new(windows: &[Window]) -> Self {
        Self { windows: windows.to_vec(), seen: Mutex::new(Recent::new(KEEP)) }
    }

    /// Whether another guess is allowed.
    ///
    /// # Errors
    ///
    /// - The time until it is.
    pub fn check(&self, key: &K, now: Instant) -> Result<(), Duration> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(misses) = seen.get(key) else { return Ok(()) };
        let waits = self.windows.iter().filter_map(|window| {
            let oldest = misses.len().checked_sub(window.most)?;
            Some((misses[oldest] + window.during).saturating_duration_since(now))
        });
        match waits.max() {
            Some(wait) if !wait.is_zero() => Err(wait),
            Some(_) | None => Ok(()),
        }
    }

    /// A guess was wrong.
    pub fn missed(&self, key: K, now: Instant) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let misses = seen.entry(key);
        misses.push_back(now);
        let most = self.windows.iter().map(|window| window.most).max().unwrap_or(0);
        while misses.len() > most {
            misses.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn no_minute_sees_more_than_ten_and_no_hour_more_than_a_hundred() {
        let misses = Misses::new(&[Window { most: 10, during: MINUTE }, Window { most: 100, during: 60 * MINUTE }]);
        let start = Instant::now();
        // A guess each second for three hours.
        let guesses: Vec<u64> = (0..3 * 3600)
            .filter(|&second| {
                let now = start + Duration::from_secs(second);
                misses.check(&1, now).map(|()| misses.missed(1, now)).is_ok()
            })
            .collect();
        let busiest = |span: u64| {
            guesses.iter().map(|from| guesses.iter().filter(|&at| (*from..from + span).contains(at)).count()).max()
        };
        assert_eq!(busiest(60), Some(10));
        assert_eq!(busiest(3600), Some(100));
        assert_eq!(guesses.len(), 300);
    }

    #[test]
    fn a_check_alone_costs_nothing_and_each_key_has_its_own() {
        let misses = Misses::new(&[Window { most: 1, during: MINUTE }]);
        let now = Instant::now();
        for _ in 0..10 {
            misses.check(&1, now).expect("no miss yet");
        }
        misses.missed(1, now);
        assert_eq!(misses.check(&1, now), Err(MINUTE));
        misses.check(&2, now).expect("another key");
        misses.check(&1, now + MINUTE).expect("a minute later");
    }
}
