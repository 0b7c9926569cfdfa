//! A real PgBouncer in front of a test's database.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::guardian::Guardian;
use crate::{TestDatabase, free_port, owner};

/// What the guardian does.
const GUARDIAN: &str = r#"
bin=$1 ini=$2
trap '' INT TERM HUP
"$bin" -q "$ini" >/dev/null 2>&1 </dev/null & server=$!
while read -r command; do echo done; done
kill -KILL "$server" 2>/dev/null
"#;

/// How long it may take to start on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A PgBouncer in front of one database. Gone when it is dropped, or with the test's process.
pub struct PgBouncer {
    port: u16,
    database: String,
    _guardian: Guardian,
    _dir: TempDir,
}

impl PgBouncer {
    /// Starts one in this mode (`session`, `transaction`, `statement`), with so many connections to the database, handed out in
    /// turn or not. `None`, and a line that says so, if it isn't installed.
    ///
    /// # Panics
    ///
    /// If it doesn't start.
    pub fn start(database: &TestDatabase, mode: &str, connections: u16, in_turn: bool) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: there is no pgbouncer (Debian: apt-get install pgbouncer)");
            return None;
        };
        let (server, name) = database.url.rsplit_once('/').expect("an address");
        let server_port = server.rsplit(':').next().expect("an address with a port");
        let port = free_port();
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let (ini, users) = (dir.path().join("pgbouncer.ini"), dir.path().join("users.txt"));
        let in_turn = u8::from(in_turn);
        fs::write(&users, "\"postgres\" \"\"\n").expect("the directory is ours");
        let settings = format!(
            "[databases]\n{name} = host=127.0.0.1 port={server_port} dbname={name}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n\
             auth_file = {}\npool_mode = {mode}\ndefault_pool_size = {connections}\nmax_client_conn = 200\n\
             server_round_robin = {in_turn}\n",
            users.display()
        );
        fs::write(&ini, settings).expect("the directory is ours");
        let mut command = Command::new("sh");
        command.arg("-c").arg(GUARDIAN).arg("guardian").arg(program).arg(&ini).current_dir("/");
        // It refuses to run as root.
        if let Some(user) = owner() {
            for path in [dir.path(), &ini, &users] {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("root may give a file away");
            }
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let pooler = Self { port, database: name.to_owned(), _guardian: Guardian::start(command), _dir: dir };
        let deadline = Instant::now() + READY_WITHIN;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < deadline, "pgbouncer does not start");
            std::thread::yield_now();
        }
        Some(pooler)
    }

    /// The database's address through it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{}", self.port, self.database)
    }
}

/// The program, which Debian keeps where only root's `PATH` has it.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let others = ["/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let places = std::env::split_paths(&path).chain(others);
    places.map(|dir| dir.join("pgbouncer")).find(|file| file.is_file())
}
