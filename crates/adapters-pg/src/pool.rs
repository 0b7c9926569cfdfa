//! Connections: how they are made, lent, given up and replaced.
//!
//! A connection that may have an answer or a transaction left in it is never lent again. One whose other end is gone is found
//! out without asking the database, so that nobody meets a stale one after PostgreSQL was restarted.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, Object, RecycleError, RecycleResult};
use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::{BoxFuture, try_join};
use ports::store::StoreFigures;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Failure;

/// How long any statement may take, seen from here: a PostgreSQL that was stopped never says so itself. Requests must be
/// answered within 3 s whatever happens.
const DEADLINE: Duration = Duration::from_millis(2500);

/// How long to wait for a connection, old or new.
const CONNECTION_WITHIN: Duration = Duration::from_secs(2);

/// A failure that comes this fast is a connection that was dead already, and worth a second try on another one.
const AT_ONCE: Duration = Duration::from_millis(500);

/// What every session is set to. Whoever freezes must not keep a room locked for long.
///
/// A plan is kept for as long as its session, or until the table is analyzed. One that was made while a table was small must not
/// read it from end to end when it has grown: what has an index is looked up there, whatever the table's size.
const SESSION: [&str; 7] = [
    "search_path=holdfast",
    "synchronous_commit=on",
    "statement_timeout=5s",
    "lock_timeout=2s",
    "idle_in_transaction_session_timeout=5s",
    "enable_seqscan=off",
    "jit=off",
];

/// The same for the session that migrates: it waits for another server that does, and may take its time.
const MIGRATION_SESSION: [&str; 3] = ["search_path=holdfast", "synchronous_commit=on", "lock_timeout=60s"];

/// Where the database is, from its address.
pub(crate) fn config(database_url: &str) -> Result<Config, tokio_postgres::Error> {
    let mut config = Config::from_str(database_url)?;
    if config.get_application_name().is_none() {
        config.application_name("holdfast");
    }
    config.connect_timeout(CONNECTION_WITHIN);
    config.keepalives(true).keepalives_idle(Duration::from_secs(5));
    config.keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
    config.tcp_user_timeout(Duration::from_secs(10));
    Ok(config)
}

/// A connection of its own, for migrations.
pub(crate) async fn migration_connection(config: &Config) -> Result<AsyncPgConnection, Failure> {
    Ok(connect(config, &MIGRATION_SESSION).await?.0)
}

async fn connect(config: &Config, settings: &[&str]) -> Result<(AsyncPgConnection, JoinHandle<()>), Failure> {
    let options = settings.iter().map(|setting| format!("-c {setting}"));
    let options: Vec<String> = config.get_options().map(str::to_owned).into_iter().chain(options).collect();
    let mut config = config.clone();
    config.options(options.join(" "));

    let connecting = async {
        let (client, driver) = open_session(&config).await?;
        let conn = AsyncPgConnection::try_from(client).await.map_err(|err| Failure::NoConnection(err.to_string()))?;
        Ok((conn, driver))
    };
    timeout(CONNECTION_WITHIN, connecting).await.unwrap_or(Err(Failure::Deadline(CONNECTION_WITHIN)))
}

/// A session as the address asks for it. With `sslmode=require` it is encrypted, and the server has to show a certificate that
/// this machine trusts; else it isn't: a database on the same machine or network often has a certificate that nobody signed.
pub(crate) async fn open_session(config: &Config) -> Result<(Client, JoinHandle<()>), Failure> {
    let lost = |err: tokio_postgres::Error| Failure::NoConnection(describe(&err));
    if config.get_ssl_mode() != SslMode::Require {
        let (client, connection) = config.connect(NoTls).await.map_err(lost)?;
        return Ok((client, tokio::spawn(drive(connection))));
    }
    let (tls, _) = MakeRustlsConnect::with_native_certs().map_err(|_| {
        Failure::NoConnection("this machine trusts no certificates: install ca-certificates".to_owned())
    })?;
    let (client, connection) = config.connect(tls).await.map_err(lost)?;
    Ok((client, tokio::spawn(drive(connection))))
}

async fn drive(connection: impl Future<Output = Result<(), tokio_postgres::Error>>) {
    if let Err(err) = connection.await {
        tracing::warn!(reason = describe(&err), "a connection to the database was lost");
    }
}

/// The error with its causes, of which the first line alone says nothing. DETAIL isn't part of it.
fn describe(err: &tokio_postgres::Error) -> String {
    match err.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => std::error::Error::source(err).map_or_else(|| err.to_string(), |cause| format!("{err}: {cause}")),
    }
}

/// Some connections, lent one at a time. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    lines: managed::Pool<Lines>,
    /// Microseconds for which connections were waited for.
    waited: Arc<AtomicU64>,
}

impl Pool {
    /// At most `size` connections, none of them made yet.
    pub(crate) fn new(config: Config, size: usize) -> Self {
        let pool = managed::Pool::builder(Lines { config }).max_size(size.max(1)).build();
        let lines = pool.expect("a pool without timeouts of its own needs no runtime");
        Self { lines, waited: Arc::default() }
    }

    /// What its connections are at.
    pub(crate) fn figures(&self) -> StoreFigures {
        let status = self.lines.status();
        StoreFigures {
            connections: status.size,
            idle: status.available,
            waiting: status.waiting,
            waited: Duration::from_micros(self.waited.load(Ordering::Relaxed)),
            ..StoreFigures::default()
        }
    }

    /// Lends a connection.
    pub(crate) async fn lease(&self) -> Result<Lease, Failure> {
        let began = Instant::now();
        let got = timeout(CONNECTION_WITHIN, self.lines.get()).await;
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(took, Ordering::Relaxed);
        let line = match got {
            Err(_) => return Err(Failure::NoConnection("all connections are busy".to_owned())),
            Ok(Err(managed::PoolError::Backend(failure))) => return Err(failure),
            Ok(Err(err)) => return Err(Failure::NoConnection(err.to_string())),
            Ok(Ok(line)) => line,
        };
        Ok(Lease {
            line: Some(line),
            broken: AtomicBool::new(false),
            in_transaction: false,
            failed: AtomicBool::new(false),
        })
    }

    /// Asks something that may be asked twice, outside of a transaction.
    pub(crate) async fn ask<T>(
        &self,
        query: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>>,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let lease = self.lease().await?;
        match lease.ask(query(lease.conn())).await {
            Err(Failure::Connection(_)) if began.elapsed() < AT_ONCE => {}
            answer => return answer,
        }
        drop(lease);
        let lease = self.lease().await?;
        lease.ask(query(lease.conn())).await
    }

    /// Begins a transaction, which undoes itself when the lease is dropped, and asks its first question in the same round trip.
    pub(crate) async fn begin_asking<T: Send>(
        &self,
        begin: &'static str,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>>,
    ) -> Result<(Lease, T), Failure> {
        let began = Instant::now();
        let mut lease = self.lease().await?;
        match lease.begin_asking(begin, &question).await {
            Err(Failure::Connection(_)) if began.elapsed() < AT_ONCE => {}
            answer => return answer.map(|answer| (lease, answer)),
        }
        drop(lease);
        let mut lease = self.lease().await?;
        let answer = lease.begin_asking(begin, &question).await?;
        Ok((lease, answer))
    }

    /// Begins a transaction with `begin`, which undoes itself when the lease is dropped.
    pub(crate) async fn begin(&self, begin: &'static str) -> Result<Lease, Failure> {
        let began = Instant::now();
        let mut lease = self.lease().await?;
        match lease.begin(begin).await {
            Err(Failure::Connection(_)) if began.elapsed() < AT_ONCE => {}
            done => return done.map(|()| lease),
        }
        drop(lease);
        let mut lease = self.lease().await?;
        lease.begin(begin).await?;
        Ok(lease)
    }
}

/// A borrowed connection.
pub(crate) struct Lease {
    line: Option<Object<Lines>>,
    broken: AtomicBool,
    in_transaction: bool,
    /// Whether a statement in the transaction did.
    failed: AtomicBool,
}

impl Lease {
    /// The connection. Statements that are polled together go out together.
    pub(crate) fn conn(&self) -> &AsyncPgConnection {
        &self.line.as_ref().expect("a lease has its connection until it is dropped").conn
    }

    /// Waits for an answer, but not forever. After a failure that may have left something behind, the connection isn't used
    /// again.
    pub(crate) async fn ask<T>(&self, answer: impl Future<Output = QueryResult<T>> + Send) -> Result<T, Failure> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Failure::Connection("the connection broke before".to_owned()));
        }
        let answer = timeout(DEADLINE, answer).await;
        let answer = answer.map_or(Err(Failure::Deadline(DEADLINE)), |answer| answer.map_err(Failure::from));
        if answer.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        if answer.as_ref().is_err_and(Failure::breaks_connection) {
            self.broken.store(true, Ordering::Relaxed);
        }
        answer
    }

    async fn begin(&mut self, begin: &'static str) -> Result<(), Failure> {
        self.in_transaction = true;
        let mut conn = self.conn();
        self.ask(conn.batch_execute(begin)).await
    }

    async fn begin_asking<T: Send>(
        &mut self,
        begin: &'static str,
        question: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>>,
    ) -> Result<T, Failure> {
        self.in_transaction = true;
        let mut conn = self.conn();
        // The one that is polled first is sent first.
        let both = try_join(conn.batch_execute(begin), question(self.conn()));
        Ok(self.ask(both).await?.1)
    }

    /// Ends the transaction.
    pub(crate) async fn commit(mut self) -> Result<(), Failure> {
        if *self.failed.get_mut() {
            return Err(Failure::Aborted);
        }
        let mut conn = self.conn();
        let done = self.ask(conn.batch_execute("COMMIT")).await;
        self.in_transaction = self.in_transaction && done.is_err();
        done
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(line) = self.line.take() else { return };
        if *self.broken.get_mut() {
            return give_up(line);
        }
        if !self.in_transaction {
            return;
        }
        // Rolled back at once: whoever waits for the room must not wait for the next lease.
        let Ok(runtime) = Handle::try_current() else { return give_up(line) };
        runtime.spawn(async move {
            let mut conn = &line.conn;
            match timeout(DEADLINE, conn.batch_execute("ROLLBACK")).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => give_up(line),
            }
        });
    }
}

fn give_up(line: Object<Lines>) {
    // The socket is closed even if answers are outstanding, which tells PostgreSQL to let go of everything.
    Object::take(line).driver.abort();
}

struct Lines {
    config: Config,
}

struct Line {
    conn: AsyncPgConnection,
    /// Ends when the connection does.
    driver: JoinHandle<()>,
}

impl managed::Manager for Lines {
    type Type = Line;
    type Error = Failure;

    async fn create(&self) -> Result<Line, Failure> {
        let (conn, driver) = connect(&self.config, &SESSION).await?;
        Ok(Line { conn, driver })
    }

    async fn recycle(&self, line: &mut Line, _: &Metrics) -> RecycleResult<Failure> {
        if line.driver.is_finished() { Err(RecycleError::message("the connection is closed")) } else { Ok(()) }
    }
}
