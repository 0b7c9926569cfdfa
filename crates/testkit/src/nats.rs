//! A real NATS for tests, on a port of its own, for a user of its own.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::free_port;
use crate::guardian::Guardian;

/// What the guardian does.
const GUARDIAN: &str = r#"
bin=$1 port=$2 user=$3 password=$4
trap '' INT TERM HUP
while read -r command option; do
    case $command in
        start) "$bin" --addr 127.0.0.1 --port "$port" --user "$user" --pass "${option:-$password}" >/dev/null 2>&1 </dev/null & server=$! ;;
        kill) kill -KILL "$server" && wait "$server" ;;
        freeze) kill -STOP "$server" ;;
        thaw) kill -CONT "$server" ;;
    esac 2>/dev/null
    echo done
done
kill -KILL "$server" 2>/dev/null
"#;

const USER: &str = "holdfast";
const PASSWORD: &str = "for-tests-only";
/// How long it may take to start on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A NATS that one test may do to whatever it wants. Gone when it is dropped, or with the test's process.
#[derive(Debug)]
pub struct Nats {
    port: u16,
    guardian: Mutex<Guardian>,
}

/// The one that all tests of this binary share. `None`, and a line that says so, if it isn't installed.
pub fn nats() -> Option<&'static Nats> {
    static SHARED: OnceLock<Option<Nats>> = OnceLock::new();
    SHARED.get_or_init(Nats::start).as_ref()
}

impl Nats {
    /// Starts one. `None`, and a line that says so, if it isn't installed.
    ///
    /// # Panics
    ///
    /// If it doesn't start.
    pub fn start() -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: there is no nats-server (Debian: apt-get install nats-server)");
            return None;
        };
        let port = free_port();
        let mut command = Command::new("sh");
        command.arg("-c").arg(GUARDIAN).arg("guardian").arg(program).arg(port.to_string()).args([USER, PASSWORD]);
        let nats = Self { port, guardian: Mutex::new(Guardian::start(command)) };
        nats.start_again();
        Some(nats)
    }

    /// Its address, with user and password.
    pub fn url(&self) -> String {
        self.url_through(self.port)
    }

    /// The same behind another port of 127.0.0.1, which leads here.
    pub fn url_through(&self, port: u16) -> String {
        format!("nats://{USER}:{PASSWORD}@127.0.0.1:{port}")
    }

    /// The user and the password that it wants.
    pub fn credentials(&self) -> (&'static str, &'static str) {
        (USER, PASSWORD)
    }

    /// Whether there is one to be started.
    pub fn is_installed() -> bool {
        program().is_some()
    }

    /// The process that looks after it: its parent.
    pub fn guardian_id(&self) -> u32 {
        self.guardian().id()
    }

    /// The port that it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub fn kill(&self) {
        self.tell("kill");
    }

    /// Starts it again where it was, and waits until it greets.
    ///
    /// # Panics
    ///
    /// If it doesn't within 20 s.
    pub fn start_again(&self) {
        self.start_with(PASSWORD);
    }

    /// The same with another password than its address has.
    ///
    /// # Panics
    ///
    /// The same.
    pub fn start_with(&self, password: &str) {
        self.tell(&format!("start {password}"));
        let deadline = Instant::now() + READY_WITHIN;
        while !self.greets() {
            assert!(Instant::now() < deadline, "nats-server does not start");
            std::thread::yield_now();
        }
    }

    /// Freezes it: it accepts connections, and never answers.
    pub fn freeze(&self) {
        self.tell("freeze");
    }

    /// Ends [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.tell("thaw");
    }

    fn greets(&self) -> bool {
        let Ok(mut line) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else { return false };
        let mut greeting = [0; 4];
        line.read_exact(&mut greeting).is_ok() && &greeting == b"INFO"
    }

    fn tell(&self, command: &str) {
        self.guardian().tell(command);
    }

    fn guardian(&self) -> MutexGuard<'_, Guardian> {
        self.guardian.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program, which Debian keeps where only root's `PATH` has it.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = ["/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let places = std::env::split_paths(&path).chain(others);
    places.map(|dir| dir.join("nats-server")).find(|file| file.is_file())
}
