//! When actions are due, however fast the server is.
//!
//! Arrivals are a Poisson process, like those of many people who know nothing of each other. They are computed ahead and kept
//! whatever happens: an action that has to wait for the server counts from when it was due, so that a slow server can't
//! hide how long people waited by being asked less.

use std::thread;
use std::time::{Duration, Instant};

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_nanosleep};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc;

/// Arrivals that may wait to be taken up by our own runtime.
const AHEAD: usize = 4096;

/// An action is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// In which room.
    pub room: usize,
    /// Since when.
    pub due: Instant,
}

/// The gaps between arrivals, one after the other.
#[derive(Debug)]
pub struct Gaps {
    random: StdRng,
    a_second: f64,
}

impl Gaps {
    /// At a rate of so many arrivals a second, more than 0, always the same ones for a seed.
    pub fn new(a_second: f64, seed: u64) -> Self {
        Self { random: StdRng::seed_from_u64(seed), a_second }
    }
}

impl Iterator for Gaps {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let chance: f64 = self.random.random();
        // 1 - chance is never 0.
        Some(Duration::from_secs_f64(-(1.0 - chance).ln() / self.a_second))
    }
}

/// Arrivals at so many a second, all rooms in turn, until the receiver is dropped. A thread of its own waits for them: the
/// runtime's timers are a millisecond coarse.
pub fn arrivals(a_second: f64, rooms: usize) -> mpsc::Receiver<Arrival> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        let mut due = Instant::now();
        for (number, gap) in Gaps::new(a_second, 1).enumerate() {
            due += gap;
            sleep_for(due.saturating_duration_since(Instant::now()));
            if sender.blocking_send(Arrival { room: number % rooms, due }).is_err() {
                return;
            }
        }
    });
    receiver
}

fn sleep_for(time: Duration) {
    if !time.is_zero() {
        // One that is interrupted is early, which the next one makes good.
        clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty(), &TimeSpec::from_duration(time)).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_come_at_the_rate_and_not_evenly() {
        let gaps: Vec<f64> = Gaps::new(500.0, 7).take(20_000).map(|gap| gap.as_secs_f64()).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        assert!((mean - 0.002).abs() < 0.0001, "{mean}");
        // Of exponential gaps, 1 in e is longer than the mean.
        let longer = gaps.iter().filter(|gap| **gap > mean).count() as f64 / gaps.len() as f64;
        assert!((longer - 0.368).abs() < 0.02, "{longer}");
    }

    #[test]
    fn who_takes_them_up_late_still_learns_when_they_were_due() {
        let mut arrivals = arrivals(1000.0, 3);
        let first = arrivals.blocking_recv().expect("there is always another one");
        while first.due.elapsed() < Duration::from_millis(50) {
            thread::yield_now();
        }
        let second = arrivals.blocking_recv().expect("there is always another one");
        assert!(second.due > first.due && second.due.elapsed() > Duration::from_millis(1));
        assert_eq!((first.room, second.room), (0, 1));
    }
}
