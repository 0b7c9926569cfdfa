//! The database that the server runs itself when it is given none.
//!
//! ```text
//! nothing ──initdb──▶ made ──pg_ctl start──▶ running ──stop──▶ made
//!                                 ▲             │
//!                                 └────watch────┘ gone
//! ```
//! PostgreSQL is a daemon of its own: it outlives a server that is killed, and the next [`PrivateServer::start`] adopts
//! it. One server alone may use a data directory, which a lock on `holdfast.lock` in it enforces. What lies where is said
//! in [`place`]; the settings that make an answer durable are in [`cluster`].

mod cluster;
mod database;
mod place;
mod postmaster;
mod programs;
mod visit;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::process::Child;
use tokio::sync::Mutex;

use self::database::Unprepared;
use self::place::Place;
use self::postmaster::Postmaster;
use self::programs::Programs;

pub use self::visit::Visit;

/// How often [`PrivateServer::watch`] looks, and how long it waits after a start that failed.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// How often a PostgreSQL that comes up is asked whether it is ready.
const READY_EVERY: Duration = Duration::from_millis(50);

/// How long PostgreSQL may take until it is ready at first: recovery after a crash reads up to 1 GB of log again.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How long starts may fail before it is an error: the rest of a killed PostgreSQL is gone within
/// seconds, more on a busy machine.
const START_FAILS_WITHIN: Duration = Duration::from_secs(30);

/// From when on a watcher whose starts fail says so: until a killed PostgreSQL is quite gone, they are bound to.
const COMPLAIN_AFTER: Duration = Duration::from_secs(3);

/// How often it says so again.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// A PostgreSQL of our own, for one data directory. Dropping it leaves PostgreSQL running: the next start adopts it.
#[derive(Debug)]
pub struct PrivateServer {
    place: Place,
    programs: Programs,
    password: String,
    port: u16,
    /// The `pg_ctl start` that is under way, even if the future that began it is gone: a stop must wait for it.
    starting: Mutex<Option<Child>>,
}

/// Why there is no private database.
#[derive(Debug, thiserror::Error)]
pub enum PrivateServerError {
    /// None of the usual places has the server programs, or only ones that are too old.
    #[error(
        "PostgreSQL's server programs (initdb, pg_ctl, postgres; version {oldest} or later) were not found in PATH or the \
         usual places: install them (Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install \
         postgresql-server; Arch: pacman -S postgresql; macOS: brew install postgresql@17), or set DATABASE_URL to a \
         database that is already running",
        oldest = programs::OLDEST_MAJOR
    )]
    NoPrograms,
    /// The database was made by a version that isn't installed (any more).
    #[error(
        "the database in {cluster} was made by PostgreSQL {made_by}, which is not installed here (found: {found}): install \
         that version, for instance with apt-get install postgresql-{made_by}",
        cluster = cluster.display()
    )]
    OtherVersion {
        /// Where the database is.
        cluster: PathBuf,
        /// The major version that made it.
        made_by: u32,
        /// The major versions that are installed, or `none`.
        found: String,
    },
    /// Another server has the data directory.
    #[error("another holdfast server{} is using the data directory {}", process(holder), data_dir.display())]
    InUse {
        /// The directory.
        data_dir: PathBuf,
        /// The process id that the other one left in the lock file; empty if it can't be read.
        holder: String,
    },
    /// Somebody wants to look at a database that was never made.
    #[error("there is no database in the data directory {}", data_dir.display())]
    NoDatabase {
        /// The directory.
        data_dir: PathBuf,
    },
    /// We are root, PostgreSQL refuses to be, and there is no user to become.
    #[error("PostgreSQL refuses to run as root, and this machine has no user `postgres` or `nobody` to run it as")]
    NoUser,
    /// The directory of the database isn't one that we made whole.
    #[error("{} can't be used as a database: {why}; move it away to begin with an empty one", cluster.display())]
    Damaged {
        /// Where the database should be.
        cluster: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{program} failed: {detail}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// The end of what it printed.
        detail: String,
    },
    /// PostgreSQL runs, but doesn't take our connections.
    #[error("PostgreSQL was started, but is not ready: {detail}")]
    NotReady {
        /// What it answered last.
        detail: String,
    },
    /// Something answers at the database's port that isn't this database.
    #[error("what answers on 127.0.0.1:{port} is not the database of this data directory: {detail}")]
    NotOurs {
        /// The port.
        port: u16,
        /// What told it apart.
        detail: String,
    },
    /// A file or directory could not be used.
    #[error("can't {what} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The operating system gave no randomness for the password.
    #[error("no randomness for the database's password: {0}")]
    NoRandomness(getrandom::Error),
}

fn process(holder: &str) -> String {
    if holder.is_empty() { String::new() } else { format!(" (process {holder})") }
}

impl PrivateServer {
    /// Finds PostgreSQL's programs, makes the database at first, adopts a running PostgreSQL or starts it. When this returns,
    /// it accepts connections.
    ///
    /// As root everything runs as the owner of the database, or at first as the user `postgres` or `nobody`.
    ///
    /// # Errors
    ///
    /// All of [`PrivateServerError`]. Starts that fail because a killed PostgreSQL isn't quite gone are repeated for 30 s.
    pub async fn start(data_dir: &Path) -> Result<Self, PrivateServerError> {
        let place = Place::claim(data_dir).await?;
        let programs = Programs::find(&place.cluster(), place.made_by()?).await?;
        if place.made_by()?.is_none() {
            let began = Instant::now();
            cluster::make(&place, &programs).await?;
            let (path, duration_ms) = (place.cluster(), began.elapsed().as_millis());
            tracing::info!(path = %path.display(), major = programs.major, duration_ms, "made a database");
        }

        let password = place.password()?;
        let mut server = Self { place, programs, password, port: 0, starting: Mutex::new(None) };
        server.come_up().await?;
        Ok(server)
    }

    /// The database of a data directory, if one was made there. Starts and makes nothing.
    ///
    /// # Errors
    ///
    /// - [`PrivateServerError::Io`], [`PrivateServerError::Damaged`].
    pub fn made_in(data_dir: &Path) -> Result<Option<PathBuf>, PrivateServerError> {
        if !data_dir.exists() {
            return Ok(None);
        }
        let place = Place::look(data_dir)?;
        Ok(place.made_by()?.map(|_| place.cluster()))
    }

    /// The major version of the programs that would run the database of a data directory. Starts and makes nothing.
    ///
    /// # Errors
    ///
    /// - [`PrivateServerError::NoPrograms`], [`PrivateServerError::OtherVersion`], and those of [`made_in`](Self::made_in).
    pub async fn version(data_dir: &Path) -> Result<u32, PrivateServerError> {
        let place = if data_dir.exists() { Some(Place::look(data_dir)?) } else { None };
        let made_by = place.as_ref().map(Place::made_by).transpose()?.flatten();
        let cluster = place.map_or_else(|| data_dir.to_owned(), |place| place.cluster());
        Ok(Programs::find(&cluster, made_by).await?.major)
    }

    /// How to reach the database: `postgres://holdfast:<password>@127.0.0.1:<port>/holdfast?sslmode=disable`. It stays the same for as
    /// long as `self` lives.
    pub fn database_url(&self) -> String {
        database::url(database::OWNER, &self.password, self.port, database::NAME)
    }

    /// Starts PostgreSQL again whenever it is gone, at the same port, and tries forever. Runs until it is dropped.
    pub async fn watch(&self) {
        let mut gone_since: Option<Instant> = None;
        let mut complain_after = COMPLAIN_AFTER;
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            if Postmaster::find(&self.place.cluster()).is_some() {
                continue;
            }

            let since = *gone_since.get_or_insert_with(Instant::now);
            match self.launch().await {
                Ok(()) => {
                    let duration_ms = since.elapsed().as_millis();
                    tracing::warn!(port = self.port, duration_ms, "PostgreSQL was gone and has been started again");
                    gone_since = None;
                    complain_after = COMPLAIN_AFTER;
                }
                Err(err) if since.elapsed() >= complain_after => {
                    let error = &err as &dyn std::error::Error;
                    tracing::error!(error, "PostgreSQL is gone and can't be started; trying on");
                    complain_after = since.elapsed() + COMPLAIN_EVERY;
                }
                Err(_) => {}
            }
        }
    }

    /// Shuts PostgreSQL down cleanly, without waiting for its clients, and returns when it is gone.
    ///
    /// # Errors
    ///
    /// [`PrivateServerError::Failed`] if it lives on. One that a fast shutdown doesn't end within a minute is told to quit at
    /// once; that loses nothing that was committed.
    pub async fn stop(self) -> Result<(), PrivateServerError> {
        if let Some(mut child) = self.starting.lock().await.take() {
            child.wait().await.ok();
        }
        let cluster = self.place.cluster();
        if Postmaster::find(&cluster).is_none() {
            return Ok(());
        }
        let fast = self.shut_down("fast", Duration::from_secs(60)).await;
        if fast.is_err() && Postmaster::find(&cluster).is_some() {
            return self.shut_down("immediate", Duration::from_secs(10)).await;
        }
        Ok(())
    }

    /// Runs until a PostgreSQL that is ours and ready is there, whether it ran already or not.
    async fn come_up(&mut self) -> Result<(), PrivateServerError> {
        let began = Instant::now();
        let mut starts_fail_since: Option<Instant> = None;
        let mut adopted = true;
        loop {
            let Some(postmaster) = Postmaster::find(&self.place.cluster()) else {
                adopted = false;
                self.port = self.place.choose_port()?;
                let Err(err) = self.launch().await else { continue };
                if starts_fail_since.get_or_insert_with(Instant::now).elapsed() >= START_FAILS_WITHIN {
                    return Err(err);
                }
                tokio::time::sleep(WATCH_EVERY).await;
                continue;
            };

            self.port = postmaster.port;
            match database::prepare(self.port, &self.password, &self.place.cluster()).await {
                Ok(()) => {
                    self.place.remember_port(self.port)?;
                    let (pid, duration_ms) = (postmaster.pid.as_raw(), began.elapsed().as_millis());
                    tracing::info!(pid, port = self.port, adopted, duration_ms, "the private PostgreSQL is ready");
                    return Ok(());
                }
                Err(Unprepared::NotOurs(detail)) => {
                    return Err(PrivateServerError::NotOurs { port: self.port, detail });
                }
                Err(Unprepared::NotYet(detail)) if began.elapsed() >= READY_WITHIN => {
                    return Err(PrivateServerError::NotReady { detail });
                }
                Err(Unprepared::NotYet(_)) => tokio::time::sleep(READY_EVERY).await,
            }
        }
    }

    /// One `pg_ctl start`, which makes PostgreSQL a daemon in a session of its own: a Ctrl-C in our terminal spares it.
    async fn launch(&self) -> Result<(), PrivateServerError> {
        let cluster = self.place.cluster();
        let mut starting = self.starting.lock().await;
        if let Some(child) = starting.as_mut() {
            child.wait().await.ok();
        }
        postmaster::remove_stale_pid_file(&cluster);
        cluster::write_settings(&self.place, &cluster, self.port)?;

        // Relative to the home: pg_ctl puts them into a shell command in which a `$` would mean something.
        let mut command = self.place.command(&self.programs.pg_ctl());
        command.args(["start", "-D", place::CLUSTER, "-w", "-t", "60", "-l", place::START_LOG]);
        let log = self.place.fresh_start_log()?;
        command.stdout(log.try_clone().map_err(failed_to_run)?).stderr(log);

        let status = starting.insert(command.spawn().map_err(failed_to_run)?).wait().await;
        *starting = None;
        if status.map_err(failed_to_run)?.success() { Ok(()) } else { Err(self.start_failed()) }
    }

    async fn shut_down(&self, mode: &'static str, within: Duration) -> Result<(), PrivateServerError> {
        let mut command = self.place.command(&self.programs.pg_ctl());
        command.args(["stop", "-D", place::CLUSTER, "-m", mode, "-w", "-t"]);
        command.arg(within.as_secs().to_string());
        cluster::run("pg_ctl stop", command).await
    }

    fn start_failed(&self) -> PrivateServerError {
        let said = std::fs::read_to_string(self.place.start_log()).unwrap_or_default();
        PrivateServerError::Failed { program: "pg_ctl start", detail: cluster::last_lines(&said) }
    }
}

fn failed_to_run(err: std::io::Error) -> PrivateServerError {
    PrivateServerError::Failed { program: "pg_ctl start", detail: err.to_string() }
}
