//! A database that is put back to what it was: whoever saw what is lost is never fed another history under its numbers.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

fn program(name: &str) -> PathBuf {
    let beside = testkit::programs().unwrap().join(name);
    if beside.is_file() { beside } else { PathBuf::from(name) }
}

/// A backup as an operator makes one.
fn dump(database: &TestDatabase, to: &Path) {
    let done = Command::new(program("pg_dump")).args(["-Fc", "-f"]).arg(to).arg(&database.url).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Puts it back: the database is made anew, under the server if one runs.
async fn restore(database: &TestDatabase, from: &Path) {
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let maintenance = TestDatabase { url: format!("{server}/postgres") };
    maintenance.sql(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
    maintenance.sql(&format!("CREATE DATABASE {name}")).await;
    let done = Command::new(program("pg_restore")).args(["-1", "-d", &database.url]).arg(from).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn play(table: &Table, hands: usize) {
    for _ in 0..hands {
        table.fold_out().await;
    }
}

/// Plays until the room's log has come past `seq`.
async fn play_past(table: &Table, seq: u64) {
    while table.hydrate(table.host()).await["seq"].as_u64().unwrap() <= seq {
        play(table, 1).await;
    }
}

fn position(document: &Value) -> (u64, String) {
    (document["seq"].as_u64().unwrap(), document["epoch"].as_str().unwrap().to_owned())
}

async fn reconnect(server: &Server, table: &Table, client: &Client, (seq, epoch): &(u64, String)) -> (Value, Value) {
    let mut socket = Socket::open(server).await;
    let hello = json!({
        "type": "authenticate", "roomId": table.room, "token": client.token, "lastSeq": seq, "epoch": epoch
    });
    socket.say(&hello).await;
    (socket.next().await, socket.next().await)
}

/// Whoever was at `before` is told that the log is another one, on every way.
async fn is_another_log(server: &Server, table: &Table, before: &(u64, String)) {
    let anna = &table.players[1];
    play_past(table, before.0).await;
    let (hello, then) = reconnect(server, table, anna, before).await;
    assert_eq!(hello["type"], "authenticated");
    assert_ne!(hello["epoch"], before.1.as_str());
    assert_eq!((&then["type"], &then["epoch"]), (&json!("resync_required"), &hello["epoch"]), "{then}");
    let path = |epoch: &str| format!("{}?after={}{epoch}", table.path("events"), before.0);
    let refused = anna.get(&path(&format!("&epoch={}", before.1))).await.refused(409, "EPOCH_CHANGED");
    assert!(refused["seq"].as_u64().unwrap() > before.0);
    // Who reads the room anew goes on as ever.
    let now = position(&table.hydrate(anna).await);
    assert_eq!(hello["epoch"], now.1.as_str());
    let page = anna.get(&path(&format!("&epoch={}", now.1))).await.ok();
    assert_eq!(page["epoch"], now.1.as_str());
    play(table, 1).await;
    let (_, event) = reconnect(server, table, anna, &now).await;
    assert_eq!(event["seq"], now.0 + 1);
    assert_eq!(anna.get(&path("")).await.status, 200, "who knows no epoch is served as before");
}

async fn must_audit_clean(server: &Server) {
    let audit = server.audit(&server.database.url, &[]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

/// The server was down meanwhile.
#[tokio::test]
async fn a_dump_that_is_restored_while_the_server_is_down_is_noticed() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    play(&table, 2).await;
    let backup = tempfile::tempdir().unwrap();
    let file = backup.path().join("backup");
    dump(&server.database, &file);
    let at_backup = position(&table.hydrate(&table.players[1]).await);
    play(&table, 4).await;
    let before = position(&table.hydrate(&table.players[1]).await);
    assert_eq!(at_backup.1, before.1, "a server that runs changes nothing of it");
    server.stop();
    server.start_again();
    assert_eq!(position(&table.hydrate(&table.players[1]).await).1, before.1, "nor does one that is started again");
    server.stop();
    restore(&server.database, &file).await;
    server.start_again();
    assert!(position(&table.hydrate(&table.players[1]).await).0 < before.0);
    is_another_log(&server, &table, &before).await;
    must_audit_clean(&server).await;
}

/// The server runs through it.
#[tokio::test]
async fn a_dump_that_is_restored_under_a_running_server_is_noticed_and_told_to_all_who_listen() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    play(&table, 1).await;
    let backup = tempfile::tempdir().unwrap();
    let file = backup.path().join("backup");
    dump(&server.database, &file);
    play(&table, 4).await;
    let before = position(&table.hydrate(&table.players[1]).await);
    let (mut socket, _) = Socket::join(&server, &table, &table.players[1], None).await;
    restore(&server.database, &file).await;
    let told = loop {
        let frame = socket.next().await;
        if frame["type"] == "resync_required" {
            break frame;
        }
        assert!(frame["seq"].is_null() || frame["seq"].as_u64().unwrap() > before.0, "{frame}");
    };
    assert_ne!(told["epoch"], before.1.as_str());
    let lost = told["seq"].as_u64().unwrap();
    assert!(lost < before.0);
    // What follows is what this log goes on with, and what is remembered of the other is forgotten.
    play(&table, 1).await;
    let last = table.hydrate(table.host()).await["seq"].as_u64().unwrap();
    let events = socket.events_until(last).await;
    assert_eq!(events.first().map(|event| event["seq"].as_u64().unwrap()), Some(lost + 1));
    is_another_log(&server, &table, &before).await;
    must_audit_clean(&server).await;
}

/// Files that are put back are the same cluster and the same tables; only its log is shorter than it was.
#[tokio::test]
async fn files_that_are_put_back_are_noticed_by_a_server_that_has_seen_more() {
    for runs_through in [true, false] {
        let postgres = testkit::Server::start();
        let mut server = Server::start_on(postgres.database().await, &[]);
        let table = Table::playing(&server, 2, json!({})).await;
        play(&table, 1).await;
        let (data, kept) = (postgres.dir().join("data"), postgres.dir().join("kept"));
        let copy = |from: &Path, to: &Path| {
            let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
            assert!(done.success());
        };
        postgres.stop();
        copy(&data, &kept);
        postgres.start_again("");
        play_past(&table, 20).await;
        let before = position(&table.hydrate(&table.players[1]).await);
        if !runs_through {
            server.stop();
        }
        postgres.stop();
        std::fs::remove_dir_all(&data).unwrap();
        copy(&kept, &data);
        postgres.start_again("");
        if !runs_through {
            server.start_again();
        }
        is_another_log(&server, &table, &before).await;
        must_audit_clean(&server).await;
    }
}

/// Where nothing can tell, the operator says it.
#[tokio::test]
async fn the_operator_can_say_that_a_database_was_restored() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let other = Table::with_members(&server, 0, json!({})).await;
    play(&table, 2).await;
    let before = position(&table.hydrate(&table.players[1]).await);
    let (mut socket, _) = Socket::join(&server, &table, &table.players[1], None).await;
    let said = server.command(&["restored"]);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(String::from_utf8_lossy(&said.stdout).starts_with("2 rooms have a new epoch"));
    let told = socket.event("resync_required").await;
    assert_ne!(told["epoch"], before.1.as_str());
    assert_ne!(told["epoch"], other.hydrate(other.host()).await["epoch"], "each room has one of its own");
    is_another_log(&server, &table, &before).await;
    must_audit_clean(&server).await;
}

#[tokio::test]
async fn a_restored_database_that_cannot_be_reached_is_said_so() {
    let server = Server::start().await;
    let nowhere = TestDatabase { url: "postgres://nobody@127.0.0.1:1/none".to_owned() };
    let said = server.command_on(&nowhere.url, &["restored"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("Nothing was changed"));
}
