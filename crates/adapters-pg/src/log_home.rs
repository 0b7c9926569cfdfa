//! Whether the log is still the one that this node knows.
//!
//! A database that was restored from a backup has lost its latest events, and gives their numbers to others. Its rooms get new
//! epochs, so that nobody who has seen the lost ones is fed the new ones. The server can tell by itself where
//!
//! - the log is found at another place than it says it was written at (`log_home`): another cluster (`system_identifier`), another
//!   timeline of it (recovery to a point in time, a standby that took over), another database, or tables that were made anew. So
//!   `pg_dump` and `pg_restore`, templates, base backups and standbys are noticed, whoever does it and wherever the server is;
//! - the cluster is where it was, but its write-ahead log is shorter than this node has seen it: its files were put back. This node
//!   remembers its length while it runs, and in a file in the data directory for the time when it doesn't;
//! - a room's log is shorter than this node has seen it committed, whatever was put back and how.
//!
//! What can't be noticed is said by `holdfast restored`: rows or files that were put back while no server ran that had seen what was
//! lost.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods as _, QueryDsl as _, QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use uuid::Uuid;

use crate::address::Address;
use crate::error::Failure;
use crate::memory::Memory;
use crate::pool;
use crate::rows::signed;
use crate::schema::game_states;
use crate::statement::{Statement, statement};

/// The file in the data directory.
const FILE: &str = "log-position";

/// Whether this role may ask for the cluster's identifier, which any may unless an administrator forbids it.
const MAY_ASK: &str = "SELECT has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";

/// The place, the length of the write-ahead log, and what the database says of the place. The length is what is on disk: that
/// never becomes less, not by a crash either.
macro_rules! look {
    ($cluster:literal) => {
        concat!(
            "SELECT concat_ws('/', ",
            $cluster,
            ", substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8), \
             (SELECT oid FROM pg_database WHERE datname = current_database()), 'holdfast.log_home'::regclass::oid), \
             (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint, \
             (SELECT home FROM log_home), (SELECT generation FROM log_home)"
        )
    };
}
const LOOK: &str = look!("(SELECT system_identifier FROM pg_control_system())");
const LOOK_WITHOUT_CLUSTER: &str = look!("'-'");

/// What the database was found to be.
struct Found {
    home: String,
    length: i64,
    /// What it says of its home.
    written: Option<String>,
    generation: Option<Uuid>,
    /// Whether a room's log is shorter than it was.
    has_lost: bool,
}

/// What this node knows of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    home: String,
    /// How long the write-ahead log was at least, in bytes.
    length: i64,
    /// Unknown until the database was asked by this process.
    generation: Option<Uuid>,
}

impl Found {
    fn is_another_log(&self, before: Option<&Known>) -> bool {
        let now = Known { home: self.home.clone(), length: self.length, generation: self.generation };
        self.has_lost
            || self.written.as_ref() != Some(&self.home)
            || before.is_some_and(|before| now.is_shorter_than(before))
    }
}

impl Known {
    fn is_shorter_than(&self, other: &Self) -> bool {
        self.home == other.home && self.length < other.length
    }
}

/// What every connection asks before it is used.
#[derive(Clone)]
pub(crate) struct LogHome(Arc<Inner>);

struct Inner {
    address: Address,
    memory: Arc<Memory>,
    file: Option<PathBuf>,
    known: Mutex<Option<Known>>,
    renewals: AtomicU64,
    /// One at a time; what it takes has nothing to do with how long a caller waits.
    renewing: tokio::sync::Mutex<()>,
}

impl LogHome {
    /// What is known from before is read from `data_dir`, if there is one.
    pub(crate) fn new(address: Address, memory: Arc<Memory>, data_dir: Option<&Path>) -> Self {
        let file = data_dir.map(|dir| dir.join(FILE));
        let known = file.as_deref().and_then(read);
        Self(Arc::new(Inner {
            address,
            memory,
            file,
            known: Mutex::new(known),
            renewals: AtomicU64::new(0),
            renewing: tokio::sync::Mutex::default(),
        }))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often this node has found that epochs were renewed, by itself or by another.
    pub(crate) fn renewals(&self) -> u64 {
        AtomicU64::load(&self.0.renewals, Ordering::Acquire)
    }

    /// Looks through a connection that nobody uses yet. Whatever comes through it afterwards is of a log with epochs of its own.
    pub(crate) async fn check(&self, conn: &AsyncPgConnection) -> Result<(), Failure> {
        // Before the question: answers to others may overtake this one.
        let before = self.known().clone();
        let now = self.look(conn).await.map_err(Failure::from)?;
        if now.is_another_log(before.as_ref()) {
            // In a task: a caller who gives up waiting doesn't stop it.
            let this = self.clone();
            let renewed = tokio::spawn(async move { this.renew_if_needed().await }).await;
            return renewed.map_err(|crash| Failure::NoConnection(crash.to_string()))?;
        }
        self.learn(now);
        Ok(())
    }

    async fn look(&self, conn: &AsyncPgConnection) -> QueryResult<Found> {
        let latest = self.0.memory.latest();
        let mut found = look(conn).await?;
        if !latest.is_empty() {
            let rooms: Vec<Uuid> = latest.iter().map(|(room, _)| room.0).collect();
            let logs = game_states::table.filter(game_states::room_id.eq_any(rooms));
            let logs = logs.select((game_states::room_id, game_states::seq)).load::<(Uuid, i64)>(&mut { conn }).await?;
            let logs: HashMap<Uuid, i64> = logs.into_iter().collect();
            // A room that isn't there may have been deleted for its age.
            found.has_lost = latest.iter().any(|(room, seq)| logs.get(&room.0).is_some_and(|now| *now < signed(*seq)));
        }
        Ok(found)
    }

    async fn renew_if_needed(&self) -> Result<(), Failure> {
        let _one = self.0.renewing.lock().await;
        let conn = pool::migration_connection(&self.0.address).await?;
        // Another caller may have done it meanwhile.
        let before = self.known().clone();
        let now = self.look(&conn).await.map_err(Failure::from)?;
        if now.is_another_log(before.as_ref()) {
            let Found { home, written, generation: seen, .. } = &now;
            if written.is_none() && before.as_ref().is_none_or(|before| before.home != *home) {
                // A database that no server with epochs has used: all of them are new.
                settle(&conn, home).await.map_err(Failure::from)?;
            } else if let Some(rooms) = renew(&conn, home, Some(*seen)).await.map_err(Failure::from)? {
                tracing::warn!(
                    rooms,
                    "the database was restored from a backup, or replaced: whoever comes back to a room reads it anew"
                );
            }
            // What is known of the log that is gone says nothing of this one.
            self.0.memory.forget_all();
            *self.known() = before.map(|before| Known { home: String::new(), length: 0, ..before });
        }
        let now = self.look(&conn).await.map_err(Failure::from)?;
        self.learn(now);
        Ok(())
    }

    fn learn(&self, Found { home, length, generation, .. }: Found) {
        let mut known = self.known();
        let before = known.take();
        let was = before.as_ref().and_then(|before| before.generation);
        if was.is_some() && was != generation {
            self.0.memory.forget_all();
            self.0.renewals.fetch_add(1, Ordering::AcqRel);
        }
        let least = before.filter(|before| before.home == home && was == generation).map_or(0, |before| before.length);
        *known = Some(Known { home, length: length.max(least), generation });
    }

    /// Keeps what is known for the time when the server doesn't run.
    pub(crate) fn keep(&self) {
        let (Some(file), Some(known)) = (&self.0.file, self.known().clone()) else { return };
        if read(file).is_some_and(|kept| kept.home == known.home && kept.length == known.length) {
            return;
        }
        // Another node may write at the same time, and a reader must not see half of it.
        let draft = file.with_extension(std::process::id().to_string());
        let text = format!("{} {}\n", known.home, known.length);
        if let Err(error) = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, file)) {
            tracing::debug!(%error, "the log's position could not be kept in the data directory");
        }
    }
}

fn read(file: &Path) -> Option<Known> {
    let text = std::fs::read_to_string(file).ok()?;
    let (home, length) = text.trim().split_once(' ')?;
    Some(Known { home: home.to_owned(), length: length.parse().ok()?, generation: None })
}

async fn look(mut conn: &AsyncPgConnection) -> QueryResult<Found> {
    let may_ask: Vec<bool> = statement::<Bool>(MAY_ASK).load(&mut conn).await?;
    let sql = if may_ask == [true] { LOOK } else { LOOK_WITHOUT_CLUSTER };
    let look = statement::<(Text, BigInt, Nullable<Text>, Nullable<SqlUuid>)>(sql);
    let mut rows: Vec<(String, i64, Option<String>, Option<Uuid>)> = look.load(&mut conn).await?;
    let (home, length, written, generation) = rows.pop().ok_or(diesel::result::Error::NotFound)?;
    Ok(Found { home, length, written, generation, has_lost: false })
}

/// Notes where the log is, if nobody has.
async fn settle(mut conn: &AsyncPgConnection, home: &str) -> QueryResult<()> {
    let note: Statement = statement("INSERT INTO log_home (home) VALUES ($1) ON CONFLICT DO NOTHING");
    note.bind(home).execute(&mut conn).await?;
    Ok(())
}

/// Gives all rooms new epochs, in one transaction, if the log's generation is still `seen` (if that matters). Returns how many
/// rooms there are, or `None` if another has done it meanwhile.
///
/// A room's version takes a leap that none of those before can make: what any node remembers of it is refused.
async fn renew(conn: &AsyncPgConnection, home: &str, seen: Option<Option<Uuid>>) -> QueryResult<Option<usize>> {
    let mut on = conn;
    on.batch_execute("BEGIN; LOCK TABLE log_home IN EXCLUSIVE MODE").await?;
    let done = async {
        let now: Vec<Uuid> = statement::<SqlUuid>("SELECT generation FROM log_home").load(&mut { conn }).await?;
        if seen.is_some_and(|seen| seen != now.as_slice().first().copied()) {
            return Ok(None);
        }
        let rooms: Statement = statement(
            "UPDATE game_states SET epoch = gen_random_uuid(), \
             version = version + 4294967296 + floor(random() * 1099511627776)::bigint",
        );
        let rooms = rooms.execute(&mut { conn }).await?;
        let note: Statement = statement(
            "INSERT INTO log_home (home) VALUES ($1) \
             ON CONFLICT (id) DO UPDATE SET home = excluded.home, generation = gen_random_uuid(), renewed_at = now()",
        );
        note.bind(home).execute(&mut { conn }).await?;
        Ok(Some(rooms))
    };
    let done = done.boxed().await;
    on.batch_execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    done
}

/// Says that a database was restored: gives all rooms new epochs. Servers that run notice within a second. Returns how many rooms
/// there are.
///
/// # Errors
///
/// - The address makes no sense, the database can't be reached, or was never used by a server of this version.
pub async fn restored(database_url: &str) -> Result<usize, super::ConnectError> {
    let unavailable = |failure: Failure| super::ConnectError::Unavailable(failure.to_string());
    let address = Address::parse(database_url).map_err(|err| super::ConnectError::Address(err.to_string()))?;
    crate::migrate::up(&address).await?;
    let conn = pool::migration_connection(&address).await.map_err(unavailable)?;
    let asked = async {
        let Found { home, .. } = look(&conn).await?;
        renew(&conn, &home, None).await
    };
    let rooms = asked.await.map_err(|err| unavailable(Failure::from(err)))?;
    Ok(rooms.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(home: &str, length: i64) -> Known {
        Known { home: home.to_owned(), length, generation: None }
    }

    #[test]
    fn lengths_are_compared_at_one_place_only() {
        assert!(known("a", 1).is_shorter_than(&known("a", 2)));
        assert!(!known("a", 2).is_shorter_than(&known("a", 2)));
        assert!(!known("b", 1).is_shorter_than(&known("a", 2)));
    }

    #[test]
    fn what_a_file_says_is_read_and_nonsense_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        assert_eq!(read(&file), None);
        for (text, expected) in [("1/2/3 77\n", Some(known("1/2/3", 77))), ("", None), ("1/2/3", None), ("a b c", None)]
        {
            std::fs::write(&file, text).unwrap();
            assert_eq!(read(&file), expected, "{text:?}");
        }
    }
}
