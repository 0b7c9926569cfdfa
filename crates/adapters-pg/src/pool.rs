//! Connections: how they are made, lent, given up and replaced.
//!
//! A connection that may have an answer or a transaction left in it is never lent again. One whose other end is gone is found
//! out without asking the database, so that nobody meets a stale one after PostgreSQL was restarted.

use std::future::Future;
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

use crate::address::Address;
use crate::error::Failure;
use crate::key_check::KeyCheck;
use crate::line::{self, Session};
use crate::log_home::LogHome;

/// How long any statement may take, seen from here: a PostgreSQL that was stopped never says so itself. Requests must be
/// answered within 3 s whatever happens.
const DEADLINE: Duration = Duration::from_millis(2500);

/// How long to wait for a connection, old or new.
const CONNECTION_WITHIN: Duration = Duration::from_secs(2);

/// A failure that comes this fast is a connection that was dead already, and worth a second try on another one.
const AT_ONCE: Duration = Duration::from_millis(500);

/// What every session is set to, once it is open: poolers refuse, or forget, what is asked for while it opens. Whoever freezes
/// must not keep a room locked for long.
///
/// A plan is kept for as long as its session, or until the table is analyzed. One that was made while a table was small must not
/// read it from end to end when it has grown: what has an index is looked up there, whatever the table's size.
const SESSION: &str = "SET search_path = holdfast; SET synchronous_commit = on; SET statement_timeout = '5s'; \
                       SET lock_timeout = '2s'; SET idle_in_transaction_session_timeout = '5s'; SET enable_seqscan = off; \
                       SET jit = off";

/// The same for a session that refuses to write.
const READING_SESSION: &str = "SET search_path = holdfast; SET statement_timeout = '5s'; SET lock_timeout = '2s'; \
                               SET idle_in_transaction_session_timeout = '5s'; SET enable_seqscan = off; SET jit = off; \
                               SET default_transaction_read_only = on";

/// The same for the session that migrates: it waits for another server that does, and may take its time, whatever the role is
/// used to.
const MIGRATION_SESSION: &str = "SET search_path = holdfast; SET synchronous_commit = on; SET lock_timeout = '60s'; \
                                 SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
                                 SET default_transaction_read_only = off";

/// A connection of its own, for migrations.
pub(crate) async fn migration_connection(address: &Address) -> Result<AsyncPgConnection, Failure> {
    Ok(connect(address, MIGRATION_SESSION).await?.0)
}

async fn connect(address: &Address, settings: &str) -> Result<(AsyncPgConnection, JoinHandle<()>), Failure> {
    let connecting = async {
        let Session { client, driver, .. } = line::open(address).await?;
        client.batch_execute(settings).await.map_err(|err| Failure::NoConnection(line::describe(&err)))?;
        let conn = AsyncPgConnection::try_from(client).await.map_err(|err| Failure::NoConnection(err.to_string()))?;
        Ok((conn, driver))
    };
    timeout(CONNECTION_WITHIN, connecting).await.unwrap_or(Err(Failure::Deadline(CONNECTION_WITHIN)))
}

/// Some connections, lent one at a time. Clones share them.
#[derive(Clone)]
pub(crate) struct Pool {
    lines: managed::Pool<Lines>,
    /// Microseconds for which connections were waited for.
    waited: Arc<AtomicU64>,
}

impl Pool {
    /// At most `size` connections, none of them made yet. None is lent to a database that was sealed with another key, and each
    /// looks at `log` before it is lent for the first time.
    pub(crate) fn new(address: Address, key: KeyCheck, size: usize, log: LogHome) -> Self {
        Self::with(Lines { address, key, settings: SESSION, log: Some(log) }, size)
    }

    /// The same, and every session refuses to write.
    pub(crate) fn read_only(address: Address, key: KeyCheck, size: usize) -> Self {
        Self::with(Lines { address, key, settings: READING_SESSION, log: None }, size)
    }

    fn with(lines: Lines, size: usize) -> Self {
        let pool = managed::Pool::builder(lines).max_size(size.max(1)).build();
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
    address: Address,
    key: KeyCheck,
    settings: &'static str,
    log: Option<LogHome>,
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
        let (conn, driver) = connect(&self.address, self.settings).await?;
        // Another database may have taken this one's place, a restored one for instance. Nothing may be sealed in it then.
        if self.key.of(&conn).await.is_ok_and(|row| row.is_some_and(|row| !self.key.made(&row))) {
            return Err(Failure::OtherKey);
        }
        let line = Line { conn, driver };
        if let Some(log) = &self.log
            && let Err(failure) =
                timeout(DEADLINE, log.check(&line.conn)).await.unwrap_or(Err(Failure::Deadline(DEADLINE)))
        {
            line.driver.abort();
            return Err(failure);
        }
        Ok(line)
    }

    async fn recycle(&self, line: &mut Line, _: &Metrics) -> RecycleResult<Failure> {
        if line.driver.is_finished() { Err(RecycleError::message("the connection is closed")) } else { Ok(()) }
    }
}
