//! What can be done to a PostgreSQL of a test's own, and what it keeps.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use testkit::{Disk, Rows, Server, Setup, TestDatabase};

async fn with_a_row(server: &Server) -> TestDatabase {
    let database = server.database().await;
    database.sql("CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)").await;
    database
}

fn one() -> Rows {
    vec![vec![Some("1".to_owned())]]
}

#[tokio::test]
async fn what_was_committed_outlives_a_kill_of_everything() {
    let server = Server::start();
    let database = with_a_row(&server).await;
    server.kill_all();
    assert!(!server.is_running());
    assert!(database.try_sql("SELECT 1").await.is_err());
    server.try_start_again().unwrap();
    assert_eq!(database.sql("SELECT x FROM kept").await, one());
}

#[tokio::test]
async fn only_sessions_of_this_postgresql_are_killed() {
    let server = Server::start();
    let database = with_a_row(&server).await;
    assert!(!server.kill_session(i32::try_from(std::process::id()).unwrap()));
    let session = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum launcher'";
    let rows = database.sql(session).await;
    let launcher: i32 = rows[0][0].as_deref().unwrap().parse().unwrap();
    assert!(server.kill_session(launcher));
}

#[tokio::test]
async fn a_small_disk_gets_full_and_empty_again() {
    if server_cannot_have_disks() {
        return;
    }
    let setup = Setup {
        disk: Some(Disk::Data(128 << 20)),
        options: "-c max_wal_size=32MB -c min_wal_size=32MB".to_owned(),
        ..Setup::default()
    };
    let server = Server::start_with(&setup);
    let database = with_a_row(&server).await;
    let path = server.dir().join("data/ballast");
    let mut ballast = OpenOptions::new().create(true).append(true).open(&path).unwrap();
    let piece = vec![0; 1 << 16];
    while ballast.write(&piece).is_ok_and(|written| written > 0) {}
    assert_eq!(ballast.write(&piece).unwrap_err().kind(), ErrorKind::StorageFull);
    let much = "INSERT INTO kept SELECT generate_series(1, 1000000)";
    let refused = database.try_sql(much).await.unwrap_err();
    assert_eq!(refused.code().map(tokio_postgres::error::SqlState::code), Some("53100"), "{refused:?}");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(database.sql("SELECT x FROM kept").await, one());
}

/// Only root can mount one.
fn server_cannot_have_disks() -> bool {
    !nix::unistd::geteuid().is_root()
}
