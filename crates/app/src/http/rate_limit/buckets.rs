//! Token buckets, one a key.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;
use super::{Quota, Refused, whole_secs};

/// Keys remembered at least. At 60 bytes and twice as many, 6 MB for each limit.
const KEEP: usize = 50_000;

/// `count` each `every`, and `burst` at once after a rest.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// So many ...
    pub count: u32,
    /// ... in that time.
    pub every: Duration,
}

/// A token bucket for each key, kept as the instant at which it is full again (the "generic cell rate algorithm").
pub struct Buckets<K> {
    /// The time one token takes to come back.
    step: Duration,
    /// The time all of them take.
    whole: Duration,
    burst: u32,
    full_at: Mutex<Recent<K, Option<Instant>>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Full ones.
    pub fn new(rate: Rate) -> Self {
        let step = rate.every / rate.count;
        Self { step, whole: step * rate.burst, burst: rate.burst, full_at: Mutex::new(Recent::new(KEEP)) }
    }

    /// Takes a token, and tells how many are left.
    ///
    /// # Errors
    ///
    /// - The time until there is one, if there is none; a refusal costs nothing.
    pub fn take(&self, key: K, now: Instant) -> Result<Quota, Refused> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = full_at.entry(key);
        let then = full_at.unwrap_or(now).max(now) + self.step;
        match then.duration_since(now).checked_sub(self.whole) {
            Some(wait) if !wait.is_zero() => Err(Refused { wait, quota: self.quota(self.whole) }),
            _ => {
                *full_at = Some(then);
                Ok(self.quota(then - now))
            }
        }
    }
}

impl<K> Buckets<K> {
    /// What is left where so much time is spent.
    fn quota(&self, spent: Duration) -> Quota {
        let left = self.whole.saturating_sub(spent).as_nanos() / self.step.as_nanos().max(1);
        Quota {
            limit: self.burst.into(),
            remaining: u64::try_from(left).unwrap_or(0),
            reset_secs: whole_secs(spent),
            window_secs: whole_secs(self.whole),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn take(buckets: &Buckets<u8>, now: Instant) -> usize {
        (0..100).take_while(|_| buckets.take(1, now).is_ok()).count()
    }

    #[test]
    fn a_bucket_holds_its_burst_and_fills_at_its_rate() {
        let buckets = Buckets::new(Rate { burst: 10, count: 2, every: SECOND });
        let start = Instant::now();
        assert_eq!(take(&buckets, start), 10);
        assert_eq!(buckets.take(1, start).map_err(|refused| refused.wait), Err(SECOND / 2));
        assert_eq!(take(&buckets, start + SECOND / 4), 0);
        assert_eq!(take(&buckets, start + SECOND / 2), 1);
        assert_eq!(take(&buckets, start + 3 * SECOND), 5);
        assert_eq!(take(&buckets, start + 3600 * SECOND), 10, "it never holds more than its burst");
    }

    #[test]
    fn a_refusal_doesnt_make_the_wait_longer() {
        let buckets = Buckets::new(Rate { burst: 1, count: 1, every: SECOND });
        let start = Instant::now();
        assert_eq!(take(&buckets, start), 1);
        for _ in 0..1000 {
            assert_eq!(buckets.take(1, start).map_err(|refused| refused.wait), Err(SECOND));
        }
        assert_eq!(take(&buckets, start + SECOND), 1);
    }

    #[test]
    fn what_is_left_is_told() {
        let buckets = Buckets::new(Rate { burst: 3, count: 1, every: 2 * SECOND });
        let start = Instant::now();
        let left: Vec<_> = (0..3).map(|_| buckets.take(1, start).expect("three are there")).collect();
        assert_eq!(left.iter().map(|quota| quota.remaining).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(left.iter().map(|quota| quota.reset_secs).collect::<Vec<_>>(), [2, 4, 6]);
        let refused = buckets.take(1, start).expect_err("no more").quota;
        assert_eq!(refused, Quota { limit: 3, remaining: 0, reset_secs: 6, window_secs: 6 });
    }

    #[test]
    fn each_key_has_its_own() {
        let buckets = Buckets::new(Rate { burst: 3, count: 1, every: SECOND });
        let start = Instant::now();
        assert_eq!(take(&buckets, start), 3);
        buckets.take(2, start).expect("another key");
    }
}
