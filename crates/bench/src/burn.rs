//! Something that takes a given part of the CPU, whatever else runs: so much is left to PostgreSQL as the server leaves it.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};
use tokio::process::{Child, Command};

use crate::process::cpu_of_family;

/// How long a thread that is ahead of its share waits.
const PAUSE: Duration = Duration::from_micros(500);

/// A process that takes its share. Ends when it is dropped.
#[derive(Debug)]
pub struct Burner {
    pid: u32,
    _child: Child,
}

impl Burner {
    /// Takes so many cores, spread over all of them.
    ///
    /// It runs before everybody else, by real-time scheduling: beside a busy PostgreSQL it wouldn't get its share otherwise, and
    /// a high priority among ordinary processes makes these wait far longer than it runs. Where that isn't permitted, as it
    /// is to root, it makes up for what it didn't get as far as it can; [`used`](Self::used) tells how far.
    ///
    /// # Errors
    ///
    /// - This program can't be run again.
    pub async fn light(cores: f64) -> anyhow::Result<Self> {
        let ourselves = std::env::current_exe()?;
        let first = ["-f", "1"];
        let permitted = Command::new("chrt").args(first).arg("true").stderr(Stdio::null()).status().await;
        let mut command = if permitted.is_ok_and(|status| status.success()) {
            let mut command = Command::new("chrt");
            command.args(first).arg(ourselves);
            command
        } else {
            Command::new(ourselves)
        };
        command.args(["burn", "--cores"]).arg(cores.to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn()?;
        Ok(Self { pid: child.id().context("a process that was just started has an id")?, _child: child })
    }

    /// CPU time that it has taken so far.
    ///
    /// # Errors
    ///
    /// - It has ended.
    pub fn used(&self) -> anyhow::Result<Duration> {
        cpu_of_family(self.pid)
    }
}

/// Takes so many cores, until the process is ended.
///
/// # Errors
///
/// - A thread has no clock.
pub fn burn(cores: f64) -> anyhow::Result<()> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = (cores / threads as f64).clamp(0.0, 1.0);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(move || take(share))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or(Ok(())))
    })
}

fn take(share: f64) -> anyhow::Result<()> {
    let began = Instant::now();
    loop {
        let used = Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?);
        if used > began.elapsed().mul_f64(share) {
            clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::empty(), &TimeSpec::from_duration(PAUSE))
                .ok();
        } else {
            std::hint::black_box((0..2000_u64).fold(0, |sum: u64, number| sum.wrapping_mul(31) ^ number));
        }
    }
}
