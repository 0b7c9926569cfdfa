//! A server process: started, killed, frozen, stopped.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a server may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How long a server may take to stop when asked to.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);

/// The names of the places where a server built with sabotage dies when told to.
pub const CRASH_POINTS: [&str; 12] = [
    "after_lock",
    "after_event_insert",
    "before_commit",
    "after_commit",
    "before_publish",
    "after_publish",
    "mid_hydrate",
    "in_timer",
    "in_deal",
    "in_connect",
    "in_sweep",
    "in_rotate",
];

/// The variable that names the place.
pub const CRASH_AT: &str = "HOLDFAST_CRASH_AT";

/// A server, which may be down. Killed when dropped.
#[derive(Debug)]
pub struct Node {
    name: &'static str,
    binary: PathBuf,
    address: SocketAddr,
    env: BTreeMap<String, String>,
    log: PathBuf,
    child: Option<Child>,
}

impl Node {
    /// A node that is down. All that it says in all its lives goes to `log`.
    ///
    /// # Errors
    ///
    /// - There is no free port.
    pub fn new(name: &'static str, binary: &Path, env: BTreeMap<String, String>, log: PathBuf) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, testkit::free_port()));
        Ok(Self { name, binary: binary.to_owned(), address, env, log, child: None })
    }

    /// What it is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, if it is up.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts it, with more environment for this life, and waits until it serves.
    ///
    /// # Errors
    ///
    /// - It ends, or isn't ready within 30 s.
    pub async fn start(&mut self, env: &[(&str, String)]) -> anyhow::Result<()> {
        ensure!(self.child.is_none(), "node {} is up already", self.name);
        let log = append(&self.log)?;
        let mut command = Command::new(&self.binary);
        command.env("HOLDFAST_BIND", self.address.to_string()).envs(&self.env).envs(env.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("can't run {}", self.binary.display()))?;

        let (ready, is_ready) = oneshot::channel();
        let stdout = child.stdout.take().context("its output is piped")?;
        tokio::spawn(copy_log(BufReader::new(stdout), append(&self.log)?, ready));
        let child = self.child.insert(child);
        match timeout(READY_WITHIN, is_ready).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => {
                let status = child.wait().await?;
                self.child = None;
                bail!("node {} ended before it was ready ({status}): see {}", self.name, self.log.display())
            }
            Err(_) => bail!("node {} was not ready within {READY_WITHIN:?}", self.name),
        }
    }

    /// Runs the server's binary for a command beside it, with the same settings.
    ///
    /// # Errors
    ///
    /// - It can't be run, or says that something went wrong.
    pub async fn obey(&self, command: &str) -> anyhow::Result<()> {
        let output = Command::new(&self.binary).arg(command).envs(&self.env).kill_on_drop(true).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "holdfast {command}: {}: {}", output.status, said.trim());
        Ok(())
    }

    /// How it ended, if it did by itself. It is down then.
    ///
    /// # Errors
    ///
    /// - The system doesn't say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        let Some(child) = &mut self.child else { return Ok(None) };
        let status = child.try_wait()?;
        if status.is_some() {
            self.child = None;
        }
        Ok(status)
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// - The system doesn't do it.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Freezes it: its kernel answers for it, it doesn't.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Ends [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    ///
    /// - It doesn't within 15 s (it is killed then), or says that something went wrong.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        let status = self.end().await?;
        ensure!(status.is_none_or(|status| status.success()), "node {} stopped with {status:?}", self.name);
        Ok(())
    }

    /// The same, whatever it says. Returns that, unless it was down.
    ///
    /// # Errors
    ///
    /// - It doesn't within 15 s.
    pub async fn end(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.signal(Signal::SIGTERM);
        let Some(mut child) = self.child.take() else { return Ok(None) };
        let Ok(status) = timeout(STOPPED_WITHIN, child.wait()).await else {
            child.kill().await?;
            bail!("node {} did not stop within {STOPPED_WITHIN:?}", self.name);
        };
        Ok(Some(status?))
    }

    fn signal(&self, signal: Signal) {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid {
            // One that has ended meanwhile needs no signal.
            kill(Pid::from_raw(pid), signal).ok();
        }
    }
}

/// Whether a server was built with sabotage: only such a one knows the variable that names a crash point.
///
/// # Errors
///
/// - The file can't be read.
pub fn has_crash_points(binary: &Path) -> anyhow::Result<bool> {
    let bytes = std::fs::read(binary).with_context(|| format!("can't read {}", binary.display()))?;
    Ok(bytes.windows(CRASH_AT.len()).any(|window| window == CRASH_AT.as_bytes()))
}

/// Memory that a process has in RAM, in bytes.
///
/// # Errors
///
/// - There is no such process.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

fn append(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.with_context(|| format!("can't open {}", path.display()))
}

/// Copies what a server prints; says when it says that it is ready.
async fn copy_log(
    mut output: BufReader<tokio::process::ChildStdout>,
    log: File,
    ready: oneshot::Sender<()>,
) -> anyhow::Result<()> {
    let mut log = tokio::fs::File::from_std(log);
    let mut ready = Some(ready);
    let mut line = String::new();
    while output.read_line(&mut line).await? > 0 {
        if line.contains("is ready: http://")
            && let Some(ready) = ready.take()
        {
            // Whoever doesn't wait any more has given up on it.
            ready.send(()).ok();
        }
        log.write_all(line.as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crash_points_are_the_servers() {
        assert_eq!(CRASH_POINTS, sabotage::Point::NAMES);
    }
}
