//! What is measured: a PostgreSQL of our own and a server of its own on it.

use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::{Server, Setup, TestDatabase};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};

/// How long a server may take until it listens, and until it has stopped.
const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// The settings of the server's private PostgreSQL that cost or save time, none of which is about durability: that is as
/// PostgreSQL has it by default, which is what the server insists on. The log is JSON, for whoever captures statements.
const OPTIONS: &str = "-c shared_buffers=128MB -c idle_in_transaction_session_timeout=5s \
    -c logging_collector=on -c log_destination=jsonlog -c log_directory=log -c log_filename=postgresql.log \
    -c log_rotation_age=0 -c log_rotation_size=0 -c timezone=UTC -c log_timezone=UTC";

/// A PostgreSQL for one series of measurements. Gone when it is dropped.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
    pid: u32,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    ///
    /// - It isn't installed, or doesn't start.
    pub async fn start() -> anyhow::Result<Self> {
        let setup = Setup { options: OPTIONS.to_owned(), ..Setup::default() };
        let server = spawn_blocking(move || Server::start_with(&setup)).await?;
        let file = std::fs::read_to_string(server.dir().join("data/postmaster.pid"))?;
        let pid = file.lines().next().context("PostgreSQL notes its process")?.trim().parse()?;
        Ok(Self { server, pid })
    }

    /// Its first process, the parent of all others.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// An empty database.
    pub async fn database(&self) -> TestDatabase {
        self.server.database().await
    }

    /// A copy of a database that nobody is connected to, with the default settings.
    ///
    /// # Errors
    ///
    /// - PostgreSQL refuses.
    pub async fn copy_of(&self, original: &TestDatabase) -> anyhow::Result<TestDatabase> {
        let copy = self.database().await;
        let name = |database: &TestDatabase| database.url.rsplit('/').next().unwrap_or_default().to_owned();
        let (from, to) = (name(original), name(&copy));
        // Databases aren't made or dropped in one transaction with anything else, as several statements at once would be.
        let admin = TestDatabase { url: copy.url.replace(&format!("/{to}"), "/postgres") };
        admin.try_sql(&format!("DROP DATABASE {to}")).await?;
        admin.try_sql(&format!("CREATE DATABASE {to} TEMPLATE {from}")).await?;
        Ok(copy)
    }

    /// The log, a JSON object a line.
    pub fn log(&self) -> PathBuf {
        self.server.dir().join("data/log/postgresql.json")
    }

    /// The port that it listens on, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }
}

/// A server under test. Killed when it is dropped.
#[derive(Debug)]
pub struct Holdfast {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its process.
    pub pid: u32,
    child: Child,
}

impl Holdfast {
    /// Starts the program with its defaults on a database, but without limits on how often one address may ask: all people
    /// come from one. What it logs goes to `out`.
    ///
    /// # Errors
    ///
    /// - It isn't there, ends, or doesn't listen within a minute.
    pub async fn start(program: &Path, database: &str, out: &Path) -> anyhow::Result<Self> {
        Self::start_node(program, database, None, out).await
    }

    /// The same as one of several nodes, which tell each other what happens over a NATS.
    ///
    /// # Errors
    ///
    /// - The same.
    pub async fn start_node(program: &Path, database: &str, bus: Option<&str>, out: &Path) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, testkit::free_port()));
        let mut command = Command::new(program);
        command.env("HOLDFAST_BIND", address.to_string()).env("DATABASE_URL", database);
        command.env("HOLDFAST_SECRET_KEY", "a secret of the benchmark, and of nobody else");
        command.env("HOLDFAST_RATE_LIMIT", "off");
        if let Some(bus) = bus {
            command.env("HOLDFAST_NATS_URL", bus);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log(out)?).kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("can't run {}", program.display()))?;
        let pid = child.id().context("a process that was just started has an id")?;
        let mut server = Self { address, pid, child };
        let deadline = Instant::now() + READY_WITHIN;
        while TcpStream::connect(address).await.is_err() || !is_ready(address).await {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended before it was ready ({status}): see {}", out.display());
            }
            anyhow::ensure!(Instant::now() < deadline, "the server wasn't ready within {READY_WITHIN:?}");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(server)
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    ///
    /// - It doesn't within half a minute, or says that something went wrong.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid)?), Signal::SIGTERM)?;
        let status = timeout(STOPPED_WITHIN, self.child.wait()).await.context("the server doesn't stop")??;
        anyhow::ensure!(status.success(), "the server stopped with {status}");
        Ok(())
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stranger) = crate::http::Caller::new(address, None) else { return false };
    let answer = stranger.send(hyper::Method::GET, "/readyz", bytes::Bytes::new()).await;
    answer.is_ok_and(|answer| answer.is_ok())
}

fn log(out: &Path) -> anyhow::Result<File> {
    std::fs::create_dir_all(out)?;
    let path = out.join("server.log");
    OpenOptions::new().create(true).append(true).open(&path).with_context(|| format!("can't open {}", path.display()))
}
