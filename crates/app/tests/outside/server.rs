//! A server process of its own for each test; or several on one database, which share the requests (`HOLDFAST_TEST_NODES`).

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use testkit::TestDatabase;

/// Where requests go: to one node after the other.
#[derive(Clone)]
pub struct Bases {
    all: Arc<[String]>,
    next: Arc<AtomicUsize>,
}

impl Bases {
    /// These nodes.
    pub fn of(all: impl IntoIterator<Item = String>) -> Self {
        Self { all: all.into_iter().collect(), next: Arc::default() }
    }

    /// The next one's turn.
    pub fn next(&self) -> &str {
        &self.all[self.next.fetch_add(1, Ordering::Relaxed) % self.all.len()]
    }
}

/// A running server: its nodes. Killed when dropped.
pub struct Server {
    /// The first node's address.
    pub base: String,
    /// All nodes' addresses.
    pub bases: Bases,
    pub database: TestDatabase,
    data: TempDir,
    settings: Vec<(String, String)>,
    nodes: Vec<Node>,
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
        let nodes = std::env::var("HOLDFAST_TEST_NODES").map_or(1, |count| count.parse().unwrap());
        let bus = if nodes > 1 { testkit::nats() } else { None };
        let bus = bus.map(|bus| ("HOLDFAST_NATS_URL".to_owned(), bus.url()));
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::start_nodes(database, nodes, bus.into_iter().chain(settings).collect())
    }

    /// One node however many the others have, on a fresh database: for what a node counts, or has, for itself.
    pub async fn start_alone(settings: &[(&str, &str)]) -> Self {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::start_nodes(testkit::database().await, 1, settings.collect())
    }

    /// So many nodes with a bus at this address, on a fresh database.
    pub async fn start_nodes_with_bus(nodes: usize, nats_url: &str) -> Self {
        let settings = vec![("HOLDFAST_NATS_URL".to_owned(), nats_url.to_owned())];
        Self::start_nodes(testkit::database().await, nodes, settings)
    }

    fn start_nodes(database: TestDatabase, nodes: usize, settings: Vec<(String, String)>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = || Node::start("127.0.0.1:0", &database.url, &data, &settings);
        let nodes: Vec<Node> = (0..nodes).map(|_| start()).collect();
        let bases = Bases::of(nodes.iter().map(|node| node.base.clone()));
        Self { base: nodes[0].base.clone(), bases, database, data, settings, nodes }
    }

    /// Another node on the same database and key, which gets no requests by itself.
    pub fn second_node(&self) -> Node {
        Node::start("127.0.0.1:0", &self.database.url, &self.data, &self.settings)
    }

    /// Kills the server as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
    }

    /// Starts it again where it was.
    pub fn start_again(&mut self) {
        for node in &mut self.nodes {
            node.start_again(&self.database.url, &self.data, &self.settings);
        }
    }

    /// Asks the server to stop, and waits until it has. Returns how it ended, the worst of its nodes.
    pub fn stop(&mut self) -> ExitStatus {
        let ends: Vec<ExitStatus> = self.nodes.iter_mut().map(Node::stop).collect();
        ends.iter().copied().find(|end| !end.success()).unwrap_or(ends[0])
    }

    /// Stops the server, and returns all that it has logged.
    pub fn stop_and_read_log(&mut self) -> String {
        self.stop();
        self.nodes.iter().map(|node| std::fs::read_to_string(&node.log).unwrap()).collect()
    }

    /// Asks one of its nodes to stop, and waits until it has. Returns how to reach the others.
    pub fn stop_node(&mut self, index: usize) -> Bases {
        assert!(self.nodes[index].stop().success());
        let others = self.nodes.iter().enumerate().filter(|(other, _)| *other != index);
        Bases::of(others.map(|(_, node)| node.base.clone()))
    }

    /// Starts it again where it was.
    pub fn start_node_again(&mut self, index: usize) {
        self.nodes[index].start_again(&self.database.url, &self.data, &self.settings);
    }

    /// What `holdfast audit` makes of a database with this server's key.
    pub fn audit(&self, database_url: &str, arguments: &[&str]) -> Output {
        self.command_on(database_url, &[&["audit"], arguments].concat())
    }

    /// What `holdfast` with these arguments does to the server's database.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.command_on(&self.database.url, arguments)
    }

    /// The same on another one.
    pub fn command_on(&self, database_url: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(arguments).env("HOLDFAST_DATA_DIR", self.data.path());
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
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.nodes[0].child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Files and connections that the process has open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.nodes[0].child.id())).unwrap().count()
    }

    /// Where sockets are.
    pub fn socket_url(&self) -> String {
        format!("{}/ws", self.base.replace("http://", "ws://"))
    }
}

/// A process. Killed when dropped.
pub struct Node {
    pub base: String,
    log: PathBuf,
    child: Child,
}

impl Node {
    /// Starts the binary and waits for the line with its address.
    fn start(bind: &str, database_url: &str, data: &TempDir, settings: &[(String, String)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let log = data.path().join(format!("log-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast"))
            .env("HOLDFAST_BIND", bind)
            .env("DATABASE_URL", database_url)
            .env("HOLDFAST_DATA_DIR", data.path())
            .env("HOLDFAST_RATE_LIMIT", "off")
            .env("HOLDFAST_WORKERS", "2")
            .env("HOLDFAST_LOG", "warn")
            .envs(settings.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(base.starts_with("http://"), "the server did not start: {line:?}");
        Self { base, log, child }
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_again(&mut self, database_url: &str, data: &TempDir, settings: &[(String, String)]) {
        let again = Self::start(self.base.trim_start_matches("http://"), database_url, data, settings);
        assert_eq!(again.base, self.base);
        *self = again;
    }

    fn stop(&mut self) -> ExitStatus {
        let pid = i32::try_from(self.child.id()).unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGINT).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
