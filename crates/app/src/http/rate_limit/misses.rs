//! Wrong guesses, counted after the fact.

use std::collections::VecDeque;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;
use super::{Quota, whole_secs};

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

/// The wait for guesses that are under way: they take milliseconds.
const A_MOMENT: Duration = Duration::from_secs(1);

/// The instants of the last misses of each key. Exact, where a bucket would let twice as many through in the first window.
/// Guesses under way count as misses until they have ended: otherwise a thousand at once would all be looked at.
pub struct Misses<K> {
    windows: Vec<Window>,
    seen: Mutex<Recent<K, Seen>>,
}

#[derive(Default)]
struct Seen {
    misses: VecDeque<Instant>,
    under_way: usize,
}

impl<K: Clone + Eq + Hash> Misses<K> {
    /// None yet.
    pub fn new(windows: &[Window]) -> Self {
        Self { windows: windows.to_vec(), seen: Mutex::new(Recent::new(KEEP)) }
    }

    /// Begins a guess, if another one is allowed. To be [ended](Self::end).
    ///
    /// # Errors
    ///
    /// - The time until it is.
    pub fn begin(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry(key);
        let waits = self.windows.iter().filter_map(|window| {
            let in_window = seen.misses.iter().filter(|at| **at + window.during > now).count();
            if in_window >= window.most {
                let first_to_go = seen.misses[seen.misses.len() - window.most];
                Some((first_to_go + window.during).saturating_duration_since(now))
            } else {
                (in_window + seen.under_way >= window.most).then_some(A_MOMENT)
            }
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        seen.under_way += 1;
        Ok(())
    }

    /// Whether there were as many misses as there may be.
    pub fn are_spent(&self, key: K, now: Instant) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let misses = &seen.entry(key).misses;
        let spent = |window: &Window| misses.iter().filter(|at| **at + window.during > now).count() >= window.most;
        self.windows.iter().any(spent)
    }

    /// The first window, of which nothing is left.
    pub fn none_left(&self, wait: Duration) -> Quota {
        let first = self.windows.first();
        Quota {
            limit: first.map_or(1, |window| window.most as u64),
            remaining: 0,
            reset_secs: whole_secs(wait),
            window_secs: first.map_or(1, |window| whole_secs(window.during)),
        }
    }

    /// Ends a guess: a wrong one at `missed_at`, or one that was right or came to nothing.
    pub fn end(&self, key: K, missed_at: Option<Instant>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = seen.entry(key.clone());
        // Forgotten meanwhile, if others asked with enough other keys.
        of_key.under_way = of_key.under_way.saturating_sub(1);
        of_key.misses.extend(missed_at);
        let most = self.windows.iter().map(|window| window.most).max().unwrap_or(0);
        while of_key.misses.len() > most {
            of_key.misses.pop_front();
        }
        // Made-up keys must not push out those that missed.
        if of_key.under_way == 0 && of_key.misses.is_empty() {
            seen.remove(&key);
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
                misses.begin(1, now).map(|()| misses.end(1, Some(now))).is_ok()
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
    fn a_right_guess_costs_nothing_and_each_key_has_its_own() {
        let misses = Misses::new(&[Window { most: 1, during: MINUTE }]);
        let now = Instant::now();
        for _ in 0..10 {
            misses.begin(1, now).expect("no miss yet");
            misses.end(1, None);
        }
        misses.begin(1, now).expect("no miss yet");
        misses.end(1, Some(now));
        assert_eq!(misses.begin(1, now), Err(MINUTE));
        misses.begin(2, now).expect("another key");
        misses.begin(1, now + MINUTE).expect("a minute later");
    }

    #[test]
    fn guesses_under_way_count_until_they_have_ended() {
        let misses = Misses::new(&[Window { most: 3, during: MINUTE }]);
        let now = Instant::now();
        misses.begin(1, now).expect("the first");
        misses.end(1, Some(now));
        misses.begin(1, now).expect("the second");
        misses.begin(1, now).expect("the third");
        assert_eq!(misses.begin(1, now), Err(A_MOMENT), "two are under way");
        misses.end(1, None);
        misses.begin(1, now).expect("one of them was right");
        misses.end(1, Some(now));
        misses.end(1, Some(now));
        assert_eq!(misses.begin(1, now), Err(MINUTE));
    }
}
