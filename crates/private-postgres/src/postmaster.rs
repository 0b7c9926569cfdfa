//! Is PostgreSQL running? Asked of `postmaster.pid`, which a crash leaves behind, and of the system.

use std::fs;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// A running PostgreSQL of a cluster: its first process, the parent of all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: Pid,
    pub(super) port: u16,
}

impl Postmaster {
    /// The one of this cluster, if it is alive. It may still be starting, or already stopping.
    pub(super) fn find(cluster: &Path) -> Option<Self> {
        let file = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        let found = Self::parse(&file)?;
        found.is_alive(cluster).then_some(found)
    }

    /// Lines: process id, cluster, start time, port, and more.
    fn parse(file: &str) -> Option<Self> {
        let mut lines = file.lines();
        let pid: i32 = lines.next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
        let port = lines.nth(2)?.trim().parse().ok()?;
        Some(Self { pid: Pid::from_raw(pid), port })
    }

    /// After a crash of the machine, somebody else may have its process id.
    fn is_alive(self, cluster: &Path) -> bool {
        exists(self.pid) && belongs_to(self.pid, cluster)
    }
}

/// Removes a `postmaster.pid` that would keep PostgreSQL from starting although none runs: one that a crash left empty, or
/// whose process id now belongs to something else, or to a dead process that nobody has waited for.
///
/// All other cases are left to PostgreSQL, which knows best. So is the start while any process of the cluster is left:
/// two sets of them at work would ruin it.
pub(super) fn remove_stale_pid_file(cluster: &Path) {
    let path = cluster.join("postmaster.pid");
    let Ok(file) = fs::read_to_string(&path) else { return };
    let misleads = match Postmaster::parse(&file) {
        Some(found) => exists(found.pid) && !belongs_to(found.pid, cluster),
        None => true,
    };
    if misleads && nothing_runs_in(cluster) {
        tracing::warn!(path = %path.display(), "removing what a crash left behind: this is no running PostgreSQL");
        fs::remove_file(&path).ok();
    }
}

fn exists(pid: Pid) -> bool {
    kill(pid, None) != Err(Errno::ESRCH)
}

/// PostgreSQL's processes work in the cluster's directory. Where we may not see that, as root without all of its powers
/// in a container, the command line tells: it names the directory, though perhaps not from the root on.
#[cfg(target_os = "linux")]
fn belongs_to(pid: Pid, cluster: &Path) -> bool {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    if let Ok(dir) = fs::read_link(format!("/proc/{pid}/cwd")) {
        return dir == cluster;
    }
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|part| !part.is_empty() && cluster.ends_with(OsStr::from_bytes(part)))
}

/// Without `/proc`, a process id is all we have.
#[cfg(not(target_os = "linux"))]
fn belongs_to(_pid: Pid, _cluster: &Path) -> bool {
    true
}

#[cfg(target_os = "linux")]
fn nothing_runs_in(cluster: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let (Ok(processes), Ok(ours)) = (fs::read_dir("/proc"), fs::metadata(cluster)) else { return false };
    processes.flatten().all(|process| match fs::read_link(process.path().join("cwd")) {
        Ok(dir) => dir != cluster,
        // One that we may not look at, or that is dead: only a living PostgreSQL of the cluster's owner could be of it.
        Err(_) => {
            let of_owner = process.metadata().is_ok_and(|process| process.uid() == ours.uid());
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            !of_owner || name.trim_end() != "postgres" || line.is_empty()
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn nothing_runs_in(_cluster: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_says_process_and_port() {
        let file = "4711\n/data/cluster\n1764000000\n25432\n\n127.0.0.1\n 1234 5\nready   \n";
        assert_eq!(Postmaster::parse(file), Some(Postmaster { pid: Pid::from_raw(4711), port: 25432 }));
    }

    #[test]
    fn a_pid_file_that_a_crash_cut_short_says_nothing() {
        for file in ["", "\n", "4711\n", "4711\n/data/cluster\n1764000000\n", "-4711\n/data\n1\n25432\n"] {
            assert_eq!(Postmaster::parse(file), None, "{file:?}");
        }
    }
}
