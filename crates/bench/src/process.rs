//! What processes have used, by the system's own books.

use std::fs;
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::unistd::{SysconfVar, sysconf};

/// CPU time of a process and of all its children, the dead ones included.
///
/// # Errors
///
/// - There is no such process.
pub fn cpu_of_family(root: u32) -> anyhow::Result<Duration> {
    let mut ticks = Stat::of(root).with_context(|| format!("process {root} has ended"))?.with_dead_children();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that ends while we look is in its parent's books by the next time.
        if let Some(stat) = Stat::of(pid).filter(|stat| stat.parent == root) {
            ticks += stat.with_dead_children();
        }
    }
    in_time(ticks)
}

/// CPU time of this process alone.
///
/// # Errors
///
/// - The system doesn't say.
pub fn own_cpu() -> anyhow::Result<Duration> {
    in_time(Stat::of(std::process::id()).context("the system doesn't say what we used")?.own)
}

/// CPU time of children of ours that have ended.
///
/// # Errors
///
/// - The system doesn't say.
pub fn children_cpu() -> anyhow::Result<Duration> {
    in_time(Stat::of(std::process::id()).context("the system doesn't say what we used")?.dead_children)
}

/// Memory that a process has in RAM, in bytes.
///
/// # Errors
///
/// - There is no such process.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

/// The machine's load: tasks that ran or wanted to, averaged over a minute.
pub fn load() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|minute| minute.parse().ok()).unwrap_or(0.0)
}

fn in_time(ticks: u64) -> anyhow::Result<Duration> {
    let a_second = sysconf(SysconfVar::CLK_TCK)?.unwrap_or(100);
    ensure!(a_second > 0, "the system has no clock ticks");
    Ok(Duration::from_secs_f64(ticks as f64 / a_second as f64))
}

/// A line of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// Ticks in user and in system mode.
    own: u64,
    /// The same of its dead children.
    dead_children: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(line: &str) -> Option<Self> {
        // The name, in parentheses, may hold anything. After it come state and parent; utime is the 12th, cstime the 15th.
        let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks =
            |from: usize| Some(fields.get(from)?.parse::<u64>().ok()? + fields.get(from + 1)?.parse::<u64>().ok()?);
        Some(Self { parent: fields.get(1)?.parse().ok()?, own: ticks(11)?, dead_children: ticks(13)? })
    }

    const fn with_dead_children(&self) -> u64 {
        self.own + self.dead_children
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_its_own_and_its_dead_childrens_time() {
        let line =
            "7 (post) gres) S 1 7 7 0 -1 4194304 100 200 0 0 10 20 300 400 20 0 1 0 100 1000 10 18446744073709551615";
        assert_eq!(Stat::parse(line), Some(Stat { parent: 1, own: 30, dead_children: 700 }));
    }

    #[test]
    fn our_own_time_grows_with_what_we_do() {
        let before = own_cpu().expect("we live");
        let mut sum = 0_u64;
        while own_cpu().expect("we live") < before + Duration::from_millis(20) {
            sum = std::hint::black_box(sum.wrapping_mul(31) + 1);
        }
        assert!(cpu_of_family(std::process::id()).expect("we live") > before);
        assert!(resident_bytes(std::process::id()).expect("we live") > 100_000);
    }
}
