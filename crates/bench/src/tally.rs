//! What is counted and timed while people play.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// The longest time that is told apart from longer ones, in microseconds.
const LONGEST_MICROS: u64 = 120_000_000;

/// Times, counted by their length with three digits.
#[derive(Debug)]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_MICROS, 3).expect("the bounds are in order"))
    }
}

impl Times {
    /// Counts one.
    pub fn record(&mut self, time: Duration) {
        self.0.saturating_record(u64::try_from(time.as_micros()).unwrap_or(LONGEST_MICROS));
    }

    /// Counts those of somebody else.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    /// How they are spread.
    pub fn spread(&self) -> Spread {
        let at = |quantile| self.0.value_at_quantile(quantile) as f64 / 1000.0;
        Spread {
            count: self.0.len(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: self.0.max() as f64 / 1000.0,
        }
    }
}

/// Some times of many, in milliseconds. All 0 if there are none.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Spread {
    /// How many times there are.
    pub count: u64,
    /// The one that half of them are below.
    pub p50_ms: f64,
    /// The one that 99% are below.
    pub p99_ms: f64,
    /// The one that 99.9% are below.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Actions that were acknowledged: committed.
    pub actions: u64,
    /// Hands that began.
    pub hands: u64,
    /// Events that readers got, all readers together.
    pub events: u64,
    /// From sending an action, or from when it was due, to its answer.
    pub answers: Times,
    /// The same to each reader's copy of its event.
    pub readers: Times,
    /// What went wrong, by the contract's names and some of our own.
    pub errors: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts something that went wrong.
    pub fn error(&mut self, code: impl Into<String>) {
        *self.errors.entry(code.into()).or_default() += 1;
    }
}

/// The middle of some numbers, between the two middle ones if they are even in number; `None` of none.
pub fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (below, above) = (sorted.get(sorted.len().saturating_sub(1) / 2)?, sorted.get(sorted.len() / 2)?);
    Some((below + above) / 2.0)
}

/// The lowest and the highest; `None` of none.
pub fn range(numbers: &[f64]) -> Option<(f64, f64)> {
    let lowest = numbers.iter().copied().min_by(f64::total_cmp)?;
    Some((lowest, numbers.iter().copied().max_by(f64::total_cmp)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_times_that_were_taken() {
        let mut times = Times::default();
        for millis in 1..=1000 {
            times.record(Duration::from_millis(millis));
        }
        let spread = times.spread();
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= wanted / 1000.0;
        assert_eq!(spread.count, 1000);
        assert!(near(spread.p50_ms, 500.0) && near(spread.p99_ms, 990.0) && near(spread.p999_ms, 999.0), "{spread:?}");
        assert!(near(spread.max_ms, 1000.0), "{spread:?}");
    }

    #[test]
    fn a_time_beyond_all_bounds_counts_as_the_longest() {
        let mut times = Times::default();
        times.record(Duration::from_secs(100_000));
        assert!((times.spread().max_ms - 120_000.0).abs() < 200.0);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 3.0, 5.0]), Some(4.0));
        assert_eq!(range(&[9.0, 1.0, 3.0]), Some((1.0, 9.0)));
    }
}
