//! A server process of its own for each test.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use testkit::TestDatabase;

/// A running server. Killed when dropped.
pub struct Server {
    pub base: String,
    pub database: TestDatabase,
    data: TempDir,
    settings: Vec<(String, String)>,
    child: Child,
}

impl Server {
    /// On a fresh database, without rate limits.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with settings.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_on(testkit::database().await, settings)
    }

    /// On a given database.
    pub fn start_on(database: TestDatabase, settings: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings: Vec<(String, String)> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (child, base) = spawn("127.0.0.1:0", &database.url, &data, &settings);
        Self { base, database, data, settings, child }
    }

    /// Another node on the same database and key.
    pub fn second_node(&self) -> Node {
        let (child, base) = spawn("127.0.0.1:0", &self.database.url, &self.data, &self.settings);
        Node { base, child }
    }

    /// Kills the server as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        let address = self.base.trim_start_matches("http://").to_owned();
        let (child, base) = spawn(&address, &self.database.url, &self.data, &self.settings);
        assert_eq!(base, self.base);
        self.child = child;
    }

    /// Asks the server to stop, and waits until it has.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let pid = i32::try_from(self.child.id()).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGINT).unwrap();
        self.child.wait().unwrap()
    }

    /// Stops the server, and returns all that it has logged.
    pub fn stop_and_read_log(&mut self) -> String {
        self.stop();
        std::fs::read_to_string(self.data.path().join("log")).unwrap()
    }

    /// What `holdfast audit` makes of a database with this server's key.
    pub fn audit(&self, database_url: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.arg("audit").args(arguments).env("HOLDFAST_DATA_DIR", self.data.path());
        command.env("DATABASE_URL", database_url).env("HOLDFAST_LOG", "warn").output().unwrap()
    }

    /// Everything in the database, as text.
    pub async fn dump(&self) -> String {
        let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'holdfast'";
        let mut dump = String::new();
        for table in self.database.sql(tables).await {
            let table = table[0].as_deref().unwrap();
            for row in self.database.sql(&format!("SELECT t::text FROM {table} t")).await {
                dump.push_str(row[0].as_deref().unwrap_or_default());
                dump.push('\n');
            }
        }
        dump
    }

    /// Where it listens, without the scheme.
    pub fn address(&self) -> std::net::SocketAddr {
        self.base.trim_start_matches("http://").parse().unwrap()
    }

    /// The memory that the process has for itself now, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Files and connections that the process has open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// Where sockets are.
    pub fn socket_url(&self) -> String {
        format!("{}/ws", self.base.replace("http://", "ws://"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A further node. Killed when dropped.
pub struct Node {
    pub base: String,
    child: Child,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the binary and waits for the line with its address.
fn spawn(bind: &str, database_url: &str, data: &TempDir, settings: &[(String, String)]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .env("HOLDFAST_BIND", bind)
        .env("DATABASE_URL", database_url)
        .env("HOLDFAST_DATA_DIR", data.path())
        .env("HOLDFAST_RATE_LIMIT", "off")
        .env("HOLDFAST_WORKERS", "2")
        .env("HOLDFAST_LOG", "warn")
        .envs(settings.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(File::create(data.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(base.starts_with("http://"), "the server did not start: {line:?}");
    (child, base)
}
