//! The database of a run, and all that can be done to it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use testkit::{Disk, Server, Setup, TestDatabase};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How long a killed PostgreSQL may take until it is back.
const BACK_WITHIN: Duration = Duration::from_secs(30);

/// How long a session of a server is waited for: each of them notes twice a second that it serves.
const SESSION_WITHIN: Duration = Duration::from_secs(3);

/// How often it is tried: the first tries may meet what is left of the one before.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// The size of a disk that gets full, in bytes.
const DISK: u64 = 224 << 20;

/// The same for a disk that holds the write-ahead log alone.
const WAL_DISK: u64 = 48 << 20;

/// What has to be prepared before the cluster is made.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// A small disk for all of it.
    pub small_disk: bool,
    /// A small disk for the write-ahead log.
    pub small_wal_disk: bool,
    /// A clock that can be set: library, and the file that says by how much.
    pub clock: Option<(PathBuf, PathBuf)>,
}

/// A PostgreSQL of our own.
#[derive(Clone, Debug)]
pub struct Postgres {
    server: Arc<Server>,
    database: Arc<TestDatabase>,
    /// What fills the small disk up.
    ballast: Option<PathBuf>,
}

impl Postgres {
    /// Makes a cluster and a database.
    ///
    /// # Errors
    ///
    /// - It doesn't start.
    pub async fn start(needs: &Needs) -> anyhow::Result<Self> {
        let mut setup = Setup { options: "-c track_commit_timestamp=on".to_owned(), ..Setup::default() };
        if needs.small_disk {
            setup.disk = Some(Disk::Data(DISK));
            setup.options += " -c max_wal_size=64MB -c min_wal_size=32MB";
        }
        if needs.small_wal_disk {
            setup.disk = Some(Disk::Wal(WAL_DISK));
            // New files all the time: else those that are there would do for a short run.
            setup.options += " -c max_wal_size=8MB -c min_wal_size=2MB -c wal_recycle=off";
        }
        if let Some((library, file)) = &needs.clock {
            setup.preload = Some(library.clone());
            setup.env = fake_clock(file).to_vec();
        }
        let server = Arc::new(spawn_blocking(move || Server::start_with(&setup)).await?);
        let ballast = match (needs.small_disk, needs.small_wal_disk) {
            (true, _) => Some(server.dir().join("data/ballast")),
            (_, true) => Some(server.dir().join("wal/ballast")),
            _ => None,
        };
        let database = Arc::new(server.database().await);
        Ok(Self { server, database, ballast })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Where the database is, through another port.
    pub fn url_through(&self, port: u16) -> String {
        self.database.url.replace(&format!(":{}/", self.port()), &format!(":{port}/"))
    }

    /// Where the database is.
    pub fn url(&self) -> &str {
        &self.database.url
    }

    /// Runs SQL, and returns the rows as text.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn sql(&self, sql: &str) -> anyhow::Result<testkit::Rows> {
        self.database.try_sql(sql).await.with_context(|| sql.to_owned())
    }

    /// Makes an empty database beside it, on the same server.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn create_beside(&self) -> anyhow::Result<TestDatabase> {
        let (maintenance, name) = self.maintenance()?;
        maintenance.try_sql(&format!("CREATE DATABASE {name}_beside")).await?;
        Ok(TestDatabase { url: format!("{}_beside", self.url()) })
    }

    /// Has a database from [`create_beside`](Self::create_beside) take its place: all of its sessions end, and what was in it is
    /// gone.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn replace_by(&self, beside: &TestDatabase) -> anyhow::Result<()> {
        let (maintenance, name) = self.maintenance()?;
        let (_, other) = beside.url.rsplit_once('/').context("a database has a name")?;
        maintenance.try_sql(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        let rename = format!("ALTER DATABASE {other} RENAME TO {name}");
        let deadline = Instant::now() + BACK_WITHIN;
        // The last session that looked at it may not have ended quite.
        while let Err(err) = maintenance.try_sql(&rename).await {
            if Instant::now() > deadline {
                return Err(err).with_context(|| rename.clone());
            }
            sleep(TRY_EVERY).await;
        }
        Ok(())
    }

    /// The database from which others are made, and the name of ours.
    fn maintenance(&self) -> anyhow::Result<(TestDatabase, &str)> {
        let (server, name) = self.url().rsplit_once('/').context("a database has a name")?;
        Ok((TestDatabase { url: format!("{server}/postgres") }, name))
    }

    /// Kills one session of a server, one that is at work if there is one. Right after PostgreSQL came back there is none yet:
    /// it is waited for.
    ///
    /// Returns its state, or `None` if there was no session all the while.
    ///
    /// # Errors
    ///
    /// - PostgreSQL doesn't say which sessions there are.
    pub async fn kill_session(&self) -> anyhow::Result<Option<String>> {
        let sessions = "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'holdfast' \
                        ORDER BY state = 'active' DESC, state LIKE 'idle in%' DESC, random()";
        let deadline = Instant::now() + SESSION_WITHIN;
        loop {
            for row in self.sql(sessions).await? {
                let [Some(pid), state] = row.as_slice() else { continue };
                if self.server.kill_session(pid.parse()?) {
                    return Ok(Some(state.clone().unwrap_or_default()));
                }
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// Whether a server has left a transaction open and said nothing in it for `idle`.
    ///
    /// # Errors
    ///
    /// - PostgreSQL doesn't say which sessions there are.
    pub async fn has_idle_transaction(&self, idle: Duration) -> anyhow::Result<bool> {
        let sessions = format!(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'holdfast' AND state = 'idle in transaction' \
             AND state_change < clock_timestamp() - interval '{} ms' LIMIT 1",
            idle.as_millis()
        );
        Ok(!self.sql(&sessions).await?.is_empty())
    }

    /// Kills all of it.
    ///
    /// # Errors
    ///
    /// - It can't be done.
    pub async fn kill_all(&self) -> anyhow::Result<()> {
        let server = Arc::clone(&self.server);
        Ok(spawn_blocking(move || server.kill_all()).await?)
    }

    /// Starts it if it is down, and returns when it accepts connections.
    ///
    /// # Errors
    ///
    /// - It doesn't within 30 s.
    pub async fn bring_back(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + BACK_WITHIN;
        loop {
            let server = Arc::clone(&self.server);
            let started = spawn_blocking(move || match server.is_running() {
                true => Ok(()),
                false => server.try_start_again(),
            });
            let failure = match started.await? {
                Ok(()) => match self.database.try_sql("SELECT 1").await {
                    Ok(_) => return Ok(()),
                    Err(err) => anyhow!(err),
                },
                Err(log) => anyhow!(log),
            };
            if Instant::now() > deadline {
                return Err(failure.context("PostgreSQL does not come back"));
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// Whether its first process lives.
    pub fn is_running(&self) -> bool {
        self.server.is_running()
    }

    /// Freezes it.
    pub fn freeze(&self) {
        self.server.freeze();
    }

    /// Ends [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Fills its small disk to the last byte.
    ///
    /// Returns how much room there was, in bytes.
    ///
    /// # Errors
    ///
    /// - It has no small disk.
    pub fn fill_disk(&self) -> anyhow::Result<u64> {
        let path = self.ballast.as_ref().context("this PostgreSQL has no small disk")?;
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let piece = vec![0; 64 << 10];
        let mut filled = 0;
        loop {
            match file.write(&piece) {
                Ok(0) => return Ok(filled),
                Ok(written) => filled += written as u64,
                Err(err) if err.kind() == std::io::ErrorKind::StorageFull => return Ok(filled),
                Err(err) => bail!("can't fill the disk: {err}"),
            }
        }
    }

    /// Ends [`fill_disk`](Self::fill_disk).
    ///
    /// # Errors
    ///
    /// - It has no small disk.
    pub fn empty_disk(&self) -> anyhow::Result<()> {
        let path = self.ballast.as_ref().context("this PostgreSQL has no small disk")?;
        File::create(path)?;
        Ok(())
    }

    /// Copies its log.
    ///
    /// # Errors
    ///
    /// - It can't be read or written.
    pub fn copy_log(&self, to: &Path) -> anyhow::Result<()> {
        fs::copy(self.server.dir().join("log"), to).context("can't copy PostgreSQL's log")?;
        Ok(())
    }
}

/// The environment in which libfaketime reads from `file`, at each look at the clock, by how much to be wrong. What measures
/// durations stays true.
pub fn fake_clock(file: &Path) -> [(String, String); 4] {
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    [
        set("FAKETIME_TIMESTAMP_FILE", &file.display().to_string()),
        set("FAKETIME_NO_CACHE", "1"),
        set("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        set("DONT_FAKE_MONOTONIC", "1"),
    ]
}
