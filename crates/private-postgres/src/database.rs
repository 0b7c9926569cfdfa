//! What is in the cluster: a database, and a role that owns it and nothing else.

use std::path::Path;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

/// The superuser, whom the server only is in this file.
pub(super) const ADMIN: &str = "postgres";

/// Whom the server is else: may do all in its database, but neither read files nor run programs as a superuser may.
pub(super) const OWNER: &str = "holdfast";

/// The name of the database.
pub(super) const NAME: &str = "holdfast";

/// How long one try to connect may take: a PostgreSQL that was stopped accepts, but never answers.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Why the database isn't ready for use.
#[derive(Debug)]
pub(super) enum Unprepared {
    /// It may be later: PostgreSQL is starting, recovering or stopping.
    NotYet(String),
    /// It never will be: somebody else answers.
    NotOurs(String),
}

/// The address of a database. What libpq's variables say of TLS is meant for others.
pub(super) fn url(role: &str, password: &str, port: u16, database: &str) -> String {
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
}

/// Makes sure that what answers is the PostgreSQL of this cluster, and makes what is missing in it.
pub(super) async fn prepare(port: u16, password: &str, cluster: &Path) -> Result<(), Unprepared> {
    let address = url(ADMIN, password, port, ADMIN);
    let connect = tokio::time::timeout(CONNECT_WITHIN, AsyncPgConnection::establish(&address)).await;
    let mut conn = match connect {
        Ok(Ok(conn)) => conn,
        Ok(Err(err)) if err.to_string().contains("password authentication failed") => {
            return Err(Unprepared::NotOurs("it refuses the password".to_owned()));
        }
        Ok(Err(err)) => return Err(Unprepared::NotYet(err.to_string())),
        Err(_) => return Err(Unprepared::NotYet("it doesn't answer".to_owned())),
    };
    let at: String = diesel::select(sql::<Text>("current_setting('data_directory')"))
        .get_result(&mut conn)
        .await
        .map_err(not_yet)?;
    if Path::new(&at) != cluster {
        return Err(Unprepared::NotOurs(format!("its data are in {at}")));
    }
    make_missing(&mut conn, password).await.map_err(not_yet)
}

async fn make_missing(conn: &mut AsyncPgConnection, password: &str) -> diesel::QueryResult<()> {
    let role = format!("EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}')");
    if !diesel::select(sql::<Bool>(&role)).get_result(conn).await? {
        // The password is letters, digits, `-` and `_`: place.rs makes it.
        conn.batch_execute(&format!("CREATE ROLE {OWNER} LOGIN PASSWORD '{password}'")).await?;
    }
    let database = format!("EXISTS (SELECT FROM pg_database WHERE datname = '{NAME}')");
    if !diesel::select(sql::<Bool>(&database)).get_result(conn).await? {
        conn.batch_execute(&format!("CREATE DATABASE {NAME} OWNER {OWNER}")).await?;
    }
    Ok(())
}

fn not_yet(err: diesel::result::Error) -> Unprepared {
    Unprepared::NotYet(err.to_string())
}
