//! A real PostgreSQL for tests, which start it by themselves and leave nothing behind, with TLS where a test wants it; and a real
//! NATS and a real PgBouncer, where they are installed.
//!
//! ```no_run
//! # async fn test() {
//! let database = testkit::database().await; // empty, and nobody else's
//! // … connect to &database.url
//! # }
//! ```
//!
//! The first call in a test binary makes a cluster in the temporary directory and starts it; all tests of the binary share it,
//! each with a database of its own. Settings are as durable as in service. A test that stops, kills or freezes PostgreSQL
//! takes a [`Server`] of its own.
//!
//! Each cluster has a guardian, a small shell script that stops PostgreSQL and removes the cluster as soon as the test's process
//! is gone, however it ended: a test harness offers no other way to clean up after the last test.

mod guardian;
mod nats;
mod pgbouncer;
mod tls;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use guardian::Guardian;
pub use nats::{Nats, nats};
pub use pgbouncer::PgBouncer;
pub use tls::TlsServer;

/// What the guardian says when something is done.
const DONE: &str = "ok";

/// What the guardian does: makes the cluster, then obeys a command a line, until there is nobody who could give one.
const GUARDIAN: &str = r#"
bin=$1 dir=$2 options=$3
shift 3
trap '' INT TERM HUP
cd "$dir" || exit 1
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale C --no-sync --no-instructions "$@" >initdb.log 2>&1 </dev/null \
    && echo ok || echo failed
# Only PostgreSQL sees what is loaded before it.
pg_ctl() { env ${HOLDFAST_TEST_PRELOAD:+LD_PRELOAD="$HOLDFAST_TEST_PRELOAD"} "$bin/pg_ctl" "$@"; }
while read -r command option; do
    case $command in
        start) pg_ctl -D "$dir/data" -o "$options $option" -l "$dir/log" -w -t 60 start ;;
        stop) pg_ctl -D "$dir/data" -m "$option" -w -t 60 stop ;;
    esac >/dev/null 2>&1 </dev/null && echo ok || echo failed
done
# One that its test has left frozen would never hear it.
read -r postmaster 2>/dev/null <"$dir/data/postmaster.pid" && kill -CONT "$postmaster" 2>/dev/null
pg_ctl -D "$dir/data" -m immediate -w -t 60 stop >/dev/null 2>&1
cd / && rm -rf "$dir"
"#;

/// What stands around the guardian when a disk is small: root mounts it, becomes the owner of the cluster for the guardian, and
/// takes it away at the end.
const SMALL_DISK: &str = r#"
disk=$1 size=$2 uid=$3 gid=$4 dir=$5 guardian=$6
shift 6
trap '' INT TERM HUP
mkdir "$disk" && mount -t tmpfs -o "size=$size,mode=0700,uid=$uid,gid=$gid" holdfast-test "$disk" || exit 1
setpriv --reuid="$uid" --regid="$gid" --clear-groups sh -c "$guardian" guardian "$@"
umount -l "$disk"
rm -rf "$dir"
"#;

/// How long a PostgreSQL that was killed may be in the way of the next one.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// Rows of values as text, `None` for NULL.
pub type Rows = Vec<Vec<Option<String>>>;

/// An empty database for one test.
#[derive(Debug)]
pub struct TestDatabase {
    /// Its address, for a superuser.
    pub url: String,
}

impl TestDatabase {
    /// Runs SQL as a superuser, several statements if need be; returns their rows.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub async fn sql(&self, sql: &str) -> Rows {
        run(&self.url, sql).await
    }

    /// The same, for SQL that may fail.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn try_sql(&self, sql: &str) -> Result<Rows, tokio_postgres::Error> {
        try_run(&self.url, sql).await
    }
}

/// An empty database on the PostgreSQL that all tests of this binary share.
///
/// # Panics
///
/// If PostgreSQL isn't installed or doesn't start.
pub async fn database() -> TestDatabase {
    static SHARED: OnceLock<Server> = OnceLock::new();
    let shared = SHARED.get_or_init(Server::start);
    shared.database().await
}

/// How a [`Server`] is made, if not in the usual way.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Further options of `postgres`, such as `-c track_commit_timestamp=on`.
    pub options: String,
    /// A disk of fixed size for a part of the cluster, which can get full. Only root can make one.
    pub disk: Option<Disk>,
    /// A library to be loaded into PostgreSQL before all others, such as one that fakes the time.
    pub preload: Option<PathBuf>,
    /// Further environment variables.
    pub env: Vec<(String, String)>,
}

/// What lies on a disk of fixed size, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Everything.
    Data(u64),
    /// The write-ahead log alone, in files of 1 MB.
    Wal(u64),
}

impl Disk {
    fn place(self, dir: &Path) -> PathBuf {
        match self {
            Self::Data(_) => dir.join("data"),
            Self::Wal(_) => dir.join("wal"),
        }
    }

    const fn bytes(self) -> u64 {
        match self {
            Self::Data(bytes) | Self::Wal(bytes) => bytes,
        }
    }
}

/// A PostgreSQL that one test may do to whatever it wants. Gone when it is dropped.
#[derive(Debug)]
pub struct Server {
    dir: PathBuf,
    port: u16,
    guardian: Mutex<Guardian>,
}

impl Server {
    /// Makes a cluster and starts it. Blocks for about a second.
    ///
    /// # Panics
    ///
    /// If PostgreSQL isn't installed or doesn't start.
    pub fn start() -> Self {
        Self::start_with(&Setup::default())
    }

    /// The same, set up in another way.
    ///
    /// # Panics
    ///
    /// The same; also with a small disk, unless we are root.
    pub fn start_with(setup: &Setup) -> Self {
        let bin = programs().expect("PostgreSQL's server programs (initdb, pg_ctl) are installed");
        let dir = directory();
        let port = free_port();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c shared_buffers=32MB \
             -c jit=off {}",
            setup.options
        );
        let owner = owner();
        if let Some(user) = &owner {
            chown(&dir, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("root may give a directory away");
        }

        let mut command = Command::new("sh");
        command.current_dir(&dir);
        match (&setup.disk, &owner) {
            (None, None) => {
                command.arg("-c").arg(GUARDIAN).arg("guardian");
            }
            (None, Some(user)) => {
                command.arg("-c").arg(GUARDIAN).arg("guardian").uid(user.uid.as_raw()).gid(user.gid.as_raw());
            }
            (Some(disk), Some(user)) => {
                command.arg("-c").arg(SMALL_DISK).arg("disk").arg(disk.place(&dir)).arg(disk.bytes().to_string());
                command.args([user.uid.as_raw(), user.gid.as_raw()].map(|id| id.to_string())).arg(&dir).arg(GUARDIAN);
            }
            (Some(_), None) => panic!("only root can make a small disk"),
        }
        command.arg(bin).arg(&dir).arg(options);
        if let Some(Disk::Wal(_)) = setup.disk {
            command.arg("--waldir").arg(dir.join("wal")).arg("--wal-segsize=1");
        }
        command.envs(setup.env.iter().map(|(name, value)| (name, value)));
        if let Some(library) = &setup.preload {
            command.env("HOLDFAST_TEST_PRELOAD", library);
        }
        let server = Self { dir, port, guardian: Mutex::new(Guardian::start(command)) };
        let made = server.guardian().answer();
        assert!(made == DONE, "the cluster could not be made: {}", server.said("initdb.log"));
        server.start_again("");
        server
    }

    /// An empty database on it.
    ///
    /// # Panics
    ///
    /// If it isn't running.
    pub async fn database(&self) -> TestDatabase {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        run(&self.url("postgres"), &format!("CREATE DATABASE {name}")).await;
        TestDatabase { url: self.url(&name) }
    }

    /// Stops it in good order: sessions are ended, everything is written.
    ///
    /// # Panics
    ///
    /// If it isn't running.
    pub fn stop(&self) {
        self.obey("stop fast");
    }

    /// What it has logged so far.
    ///
    /// # Panics
    ///
    /// If it can't be read.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).expect("PostgreSQL logs into its directory")
    }

    /// Stops it as a crash would: at once, nothing is written.
    ///
    /// # Panics
    ///
    /// If it isn't running.
    pub fn crash(&self) {
        self.obey("stop immediate");
    }

    /// Starts it again after [`stop`](Self::stop) or [`crash`](Self::crash), with more options (`-c fsync=off`).
    ///
    /// # Panics
    ///
    /// If it doesn't start.
    pub fn start_again(&self, options: &str) {
        self.obey(&format!("start {options}"));
    }

    /// The same for one that may not start, because its disk is full or something of its predecessor is left.
    ///
    /// # Errors
    ///
    /// - The log of PostgreSQL.
    pub fn try_start_again(&self) -> Result<(), String> {
        self.try_to("start")
    }

    /// Freezes all of its processes: it accepts connections, and never answers.
    ///
    /// # Panics
    ///
    /// If it isn't running.
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Ends [`freeze`](Self::freeze).
    ///
    /// # Panics
    ///
    /// If it isn't running.
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Kills all of its processes at once, as the kernel does when memory is short, and waits until they are gone.
    ///
    /// # Panics
    ///
    /// If it isn't running, or if something of it is left after 10 s.
    pub fn kill_all(&self) {
        let processes = self.processes();
        // Frozen first: nobody notices that others die.
        signal_all(&processes, Signal::SIGSTOP);
        signal_all(&processes, Signal::SIGKILL);
        let deadline = Instant::now() + GONE_WITHIN;
        while !processes.iter().all(|process| is_dead(*process)) {
            assert!(Instant::now() < deadline, "PostgreSQL lives on after it was killed");
            std::thread::yield_now();
        }
        // One whose parent doesn't wait for it keeps its number, which would be in the way of the next one.
        fs::remove_file(self.dir.join("data/postmaster.pid")).expect("a killed PostgreSQL leaves it behind");
    }

    /// Kills the process of one session. PostgreSQL then ends all others and recovers.
    ///
    /// Returns whether there was such a process.
    pub fn kill_session(&self, process: i32) -> bool {
        self.processes().contains(&process) && kill(Pid::from_raw(process), Signal::SIGKILL).is_ok()
    }

    /// Whether its first process lives.
    pub fn is_running(&self) -> bool {
        self.postmaster().is_some_and(|postmaster| !is_dead(postmaster))
    }

    /// The port that it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files are: the cluster in `data`, what it says in `log`.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn guardian(&self) -> MutexGuard<'_, Guardian> {
        self.guardian.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn obey(&self, command: &str) {
        self.try_to(command).unwrap_or_else(|log| panic!("PostgreSQL does not obey: {log}"));
    }

    fn try_to(&self, command: &str) -> Result<(), String> {
        if self.guardian().tell(command) == DONE { Ok(()) } else { Err(self.said("log")) }
    }

    fn said(&self, log: &str) -> String {
        fs::read_to_string(self.dir.join(log)).unwrap_or_default()
    }

    fn signal(&self, signal: Signal) {
        signal_all(&self.processes(), signal);
    }

    fn postmaster(&self) -> Option<i32> {
        fs::read_to_string(self.dir.join("data/postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    /// The first process last.
    fn processes(&self) -> Vec<i32> {
        let postmaster = self.postmaster().expect("PostgreSQL is running");
        children(postmaster).into_iter().chain([postmaster]).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that was frozen must be able to obey.
        if self.dir.join("data/postmaster.pid").exists() {
            self.thaw();
        }
    }
}

async fn run(url: &str, sql: &str) -> Rows {
    try_run(url, sql).await.unwrap_or_else(|err| panic!("{sql}: {err:?}"))
}

async fn try_run(url: &str, sql: &str) -> Result<Rows, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let driver = tokio::spawn(connection);
    let messages = client.simple_query(sql).await;
    drop(client);
    driver.await.expect("a connection doesn't panic").ok();
    let rows = messages?.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect()),
        _ => None,
    });
    Ok(rows.collect())
}

/// The directory of the server programs, which most systems keep out of `PATH`: the one in `PATH`, else the latest.
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut elsewhere: Vec<_> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().collect();
    elsewhere.sort_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().unwrap_or(0));
    let elsewhere = elsewhere.into_iter().rev().map(|version| version.path().join("bin"));
    let others = ["/opt/homebrew/opt/postgresql/bin", "/usr/local/pgsql/bin", "/usr/bin"].map(PathBuf::from);
    let mut places = std::env::split_paths(&path).chain(elsewhere).chain(others);
    places.find(|bin| ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file()))
}

/// Whom to become: PostgreSQL refuses to run as root.
fn owner() -> Option<User> {
    if !geteuid().is_root() {
        return None;
    }
    let known = |name| User::from_name(name).ok().flatten();
    Some(known("postgres").or_else(|| known("nobody")).expect("there is a user `postgres` or `nobody`"))
}

fn directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("holdfast-test-{}-{number}", std::process::id()));
        match fs::create_dir(&dir) {
            Ok(()) => return dir,
            Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(err) => panic!("can't make {}: {err}", dir.display()),
        }
    }
}

/// A port of 127.0.0.1 that nobody listens on: below those that the system gives to whoever connects to something, so that it
/// stays free until it is listened on, and while whoever listens on it is restarted.
///
/// # Panics
///
/// If there is none.
pub fn free_port() -> u16 {
    const FIRST: u32 = 11_000;
    const COUNT: u32 = 20_000;
    static TRIED: AtomicU32 = AtomicU32::new(0);
    // Processes that test at the same time begin in different places.
    let start = std::process::id().wrapping_mul(97);
    let ports = (0..COUNT).map(|_| {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        (FIRST + start.wrapping_add(tried) % COUNT) as u16
    });
    let mut free = ports.filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next().expect("the system has a free port")
}

fn signal_all(processes: &[i32], signal: Signal) {
    for process in processes {
        // One that has ended meanwhile needs no signal.
        kill(Pid::from_raw(*process), signal).ok();
    }
}

/// Whether a process is gone, or only waits for its parent to notice.
fn is_dead(process: i32) -> bool {
    stat(process).is_none_or(|stat| matches!(stat.first().map(String::as_str), Some("Z" | "X")))
}

/// What the system says about a process, from its state on.
fn stat(process: i32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name, in parentheses, may hold anything.
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn children(parent: i32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse::<i32>().ok());
    let parent_of = |id: &i32| stat(*id)?.get(1)?.parse::<i32>().ok();
    ids.filter(|id| parent_of(id) == Some(parent)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_given_to_nobody_who_connects_to_something() {
        let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").expect("the system says");
        let first: u16 = range.split_whitespace().next().expect("two numbers").parse().expect("a port");
        let ports = [free_port(), free_port()];
        assert!(ports.iter().all(|port| *port < first), "{ports:?} of {range}");
        assert_ne!(ports[0], ports[1], "not even while neither is listened on");
    }
}
