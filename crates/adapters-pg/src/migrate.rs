//! The schema: `migrations/`, built into the server.

use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{Connection, QueryDsl, QueryResult};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::address::Address;
use crate::error::Failure;
use crate::pool;
use crate::schema::__diesel_schema_migrations as applied;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Held while migrating, so that two servers that start together don't both do it. Any number, but always the same.
const LOCK: i64 = 0x686f_6c64_6661_7374;

type Blocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The text is no address of a database.
    #[error("the database's address can't be understood: {0}")]
    Address(String),
    /// The database can't be reached.
    #[error("the database can't be reached: {0}")]
    Unavailable(String),
    /// A migration failed: nothing has changed.
    #[error("the database's schema can't be changed: {0}")]
    Failed(String),
}

/// Nobody but the owner may do anything with a table, not even where a platform grants everything to its API's roles by default.
/// Rights that an owner gave to a role of its own stay.
const CLOSED: &str = "
    REVOKE ALL ON SCHEMA holdfast FROM PUBLIC;
    REVOKE ALL ON ALL TABLES IN SCHEMA holdfast FROM PUBLIC;
    DO $$
    DECLARE
        outsider text;
    BEGIN
        FOR outsider IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
            EXECUTE format('REVOKE ALL ON SCHEMA holdfast FROM %I', outsider);
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA holdfast FROM %I', outsider);
        END LOOP;
    END
    $$";

/// Makes the schema if it isn't there: asking whether it is needs no rights, `IF NOT EXISTS` does.
const SCHEMA: &str = "
    DO $$
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'holdfast') THEN
            CREATE SCHEMA holdfast;
        END IF;
    END
    $$";

/// Brings a database's schema up to date: all of it or nothing. Servers that start together wait for each other.
///
/// # Errors
///
/// - All of [`MigrateError`].
pub async fn migrate(database_url: &str) -> Result<(), MigrateError> {
    up(&parsed(database_url)?).await
}

/// Takes all migrations back, and with them **everything that is stored**.
///
/// # Errors
///
/// - All of [`MigrateError`].
pub async fn revert(database_url: &str) -> Result<(), MigrateError> {
    run(&parsed(database_url)?, |conn| conn.revert_all_migrations(MIGRATIONS).map(drop)).await
}

pub(crate) async fn up(address: &Address) -> Result<(), MigrateError> {
    run(address, |conn| {
        conn.run_pending_migrations(MIGRATIONS)?;
        Ok(conn.batch_execute(CLOSED)?)
    })
    .await
}

/// All versions that the server was built with.
pub(crate) fn versions() -> Result<Vec<String>, String> {
    let known: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(|err| err.to_string())?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// The versions that the server was built with and the database hasn't seen.
pub(crate) async fn missing(mut conn: &AsyncPgConnection) -> QueryResult<Vec<String>> {
    let applied: Vec<String> = applied::table.select(applied::version).load(&mut conn).await?;
    let known = versions().map_err(|err| diesel::result::Error::QueryBuilderError(err.into()))?;
    Ok(known.into_iter().filter(|version| !applied.contains(version)).collect())
}

fn parsed(database_url: &str) -> Result<Address, MigrateError> {
    Address::parse(database_url).map_err(|err| MigrateError::Address(err.to_string()))
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn run(address: &Address, work: fn(&mut Blocking) -> Outcome) -> Result<(), MigrateError> {
    let conn = pool::migration_connection(address).await.map_err(|err| MigrateError::Unavailable(err.to_string()))?;
    // diesel's migrations block, which must not happen on a thread of the runtime.
    let done = tokio::task::spawn_blocking(move || locked(Blocking::from(conn), work)).await;
    done.map_err(|err| MigrateError::Failed(err.to_string()))?.map_err(|err| MigrateError::Failed(err.to_string()))
}

fn locked(mut conn: Blocking, work: fn(&mut Blocking) -> Outcome) -> Outcome {
    let mut failed = None;
    let done = conn.transaction(|conn| {
        conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK}); {SCHEMA}"))?;
        work(conn).map_err(|err| {
            failed = Some(err);
            diesel::result::Error::RollbackTransaction
        })
    });
    match (failed, done) {
        (Some(err), _) => Err(err),
        (None, Err(err)) => Err(Failure::from(err).into()),
        (None, Ok(())) => Ok(()),
    }
}
