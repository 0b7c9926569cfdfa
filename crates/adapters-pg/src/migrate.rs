//! The schema: `migrations/`, built into the server.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{Connection, QueryDsl, QueryResult};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio_postgres::Config;

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

pub(crate) async fn up(config: &Config) -> Result<(), MigrateError> {
    run(config, |conn| conn.run_pending_migrations(MIGRATIONS).map(drop)).await
}

/// The versions that the server was built with and the database hasn't seen.
pub(crate) async fn missing(mut conn: &AsyncPgConnection) -> QueryResult<Vec<String>> {
    let applied: Vec<String> = applied::table.select(applied::version).load(&mut conn).await?;
    let known: Vec<Box<dyn Migration<Pg>>> =
        MIGRATIONS.migrations().map_err(diesel::result::Error::QueryBuilderError)?;
    let versions = known.iter().map(|migration| migration.name().version().to_string());
    Ok(versions.filter(|version| !applied.contains(version)).collect())
}

fn parsed(database_url: &str) -> Result<Config, MigrateError> {
    pool::config(database_url).map_err(|err| MigrateError::Address(err.to_string()))
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn run(config: &Config, work: fn(&mut Blocking) -> Outcome) -> Result<(), MigrateError> {
    let conn = pool::migration_connection(config).await.map_err(|err| MigrateError::Unavailable(err.to_string()))?;
    // diesel's migrations block, which must not happen on a thread of the runtime.
    let done = tokio::task::spawn_blocking(move || locked(Blocking::from(conn), work)).await;
    done.map_err(|err| MigrateError::Failed(err.to_string()))?.map_err(|err| MigrateError::Failed(err.to_string()))
}

fn locked(mut conn: Blocking, work: fn(&mut Blocking) -> Outcome) -> Outcome {
    use diesel::connection::SimpleConnection;

    let mut failed = None;
    let done = conn.transaction(|conn| {
        conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({LOCK}); CREATE SCHEMA IF NOT EXISTS holdfast"))?;
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
