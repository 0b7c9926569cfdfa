//! Servers that are killed, clients that hang up, databases that go away.

use std::io::Write;
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::sys::socket::{setsockopt, sockopt::Linger};
use serde_json::{Value, json};

use crate::clients::{Socket, Table};
use crate::play::{Random, legal_action};
use crate::server::Server;

/// P6: a server that is killed in the middle of a hand, ten times; the same hand goes on with the same cards.
#[tokio::test]
async fn a_hand_survives_ten_kills_of_the_server() {
    let mut server = Server::start_with(&[]).await;
    let table = Table::playing(&server, 4, json!({ "actionTimeoutSecs": 600 })).await;
    let mut random = Random(3);
    for kill in 0..10 {
        let (actor, before) = loop {
            match table.actor().await {
                Some((actor, view)) if view["me"]["legal_actions"].is_object() => break (actor, view),
                _ => {}
            }
        };
        server.kill();
        server.start_again();
        let after = table.hydrate(actor).await;
        for same in ["seq", "hand", "recent_actions", "game"] {
            assert_eq!(after[same], before[same], "kill {kill}: {same}");
        }
        assert_eq!(after["me"]["hole_cards"], before["me"]["hole_cards"], "kill {kill}");
        assert_eq!(after["me"]["legal_actions"], before["me"]["legal_actions"], "kill {kill}");
        for player in &table.players {
            assert_eq!(Table::chips(&table.hydrate(player).await), 800);
        }
        table.act(actor, legal_action(&mut random, &after)).await.ok();
    }
}

/// P7: after an outage of more than 2 s the player to act has at least 15 s.
#[tokio::test]
async fn an_outage_of_ours_is_not_the_players_time() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 3, "timebankSecs": 0 })).await;
    let (actor, before) = table.actor().await.unwrap();
    server.kill();
    // The outage itself is what is tested: there is no event to wait for.
    tokio::time::sleep(std::time::Duration::from_millis(4_000)).await;
    server.start_again();
    let mut after = table.hydrate(actor).await;
    for _ in 0..50 {
        if after["timer"]["deadline_at"] != before["timer"]["deadline_at"] {
            break;
        }
        after = table.hydrate(actor).await;
    }
    assert_eq!(after["timer"]["turn"], before["timer"]["turn"]);
    let left = after["timer"]["deadline_at"].as_i64().unwrap() - after["timestamp"].as_i64().unwrap();
    assert!((13_000..=15_000).contains(&left), "{left} ms");
}

/// P7: the first call after an outage finds the turn as it is: the server was away for longer than the turn had left.
#[tokio::test]
async fn an_action_right_after_our_outage_is_not_too_late() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 4, "timebankSecs": 0 })).await;
    let (actor, view) = table.actor().await.unwrap();
    let action =
        json!({ "action": "CALL", "turn": view["timer"]["turn"], "actionId": "6f1c2a1e-7b0d-4b8e-9a53-1f0c6f5d2e77" });
    server.kill();
    // The outage itself is what is tested: there is no event to wait for.
    tokio::time::sleep(std::time::Duration::from_millis(4_500)).await;
    server.start_again();
    let first = until_answered(&table, actor, &action).await;
    assert_eq!(table.act(actor, action).await.ok()["seq"], first["seq"], "the same id again gets the first answer");
}

/// P7: the same with PostgreSQL frozen, and the client repeats its call all the while.
#[tokio::test]
async fn an_action_that_is_repeated_through_an_outage_of_the_database_is_taken() {
    let postgres = testkit::Server::start();
    let server = Server::start_on(postgres.database().await, &[]);
    let table = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 4, "timebankSecs": 0 })).await;
    let (actor, view) = table.actor().await.unwrap();
    let action =
        json!({ "action": "CALL", "turn": view["timer"]["turn"], "actionId": "6f1c2a1e-7b0d-4b8e-9a53-1f0c6f5d2e77" });
    postgres.freeze();
    let thaw = async {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        postgres.thaw();
    };
    tokio::join!(thaw, until_answered(&table, actor, &action));
    let after = table.hydrate(actor).await;
    let taken: Vec<_> = after["recent_actions"].as_array().unwrap().iter().map(|taken| &taken["action"]).collect();
    assert_eq!(taken, [&json!("CALL")]);
}

/// Sends the same call until it isn't refused as unavailable.
async fn until_answered(table: &Table, actor: &crate::clients::Client, action: &Value) -> Value {
    for _ in 0..200 {
        let answer = table.act(actor, action.clone()).await;
        if answer.status != 503 {
            return answer.ok();
        }
    }
    unreachable!("unavailable for ever")
}

/// One room never harms another: one that can't be read when an outage is over stops nobody's clock but its own, and goes on by
/// itself when it is mended.
#[tokio::test]
async fn a_room_that_cannot_be_read_stops_no_other() {
    let mut server = Server::start_alone(&[]).await;
    let settings = json!({ "actionTimeoutSecs": 12, "timebankSecs": 0 });
    let damaged = Table::playing(&server, 2, settings.clone()).await;
    let good = Table::playing(&server, 2, settings).await;
    let before = good.hydrate(good.host()).await["seq"].as_u64().unwrap();
    server.kill();
    let deck =
        format!("UPDATE holdfast.hands SET sealed_deck = sealed_deck || '\\x00' WHERE room_id = '{}'", damaged.room);
    server.database.sql(&deck).await;
    tokio::time::sleep(std::time::Duration::from_millis(3_000)).await;
    server.start_again();

    // A new room plays, and the good one's clock decides.
    let new = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 1, "timebankSecs": 0 })).await;
    let (mut socket, _) = Socket::join(&server, &new, new.host(), Some(0)).await;
    assert_eq!(socket.event("player_action").await["auto"], json!(true));
    let (mut socket, _) = Socket::join(&server, &good, good.host(), Some(before)).await;
    assert_eq!(socket.event("player_action").await["auto"], json!(true));

    // The damaged one says so, for itself.
    damaged.host().get(&damaged.path("hydrate")).await.refused(500, "INTERNAL");
    let mine = damaged.host().get("/api/rooms").await.ok();
    assert_eq!(mine["rooms"], json!([]), "a list leaves it out");
    assert_eq!(damaged.host().get("/readyz").await.status, 200);
    let metrics = damaged.host().get("/metrics").await.ok();
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("holdfast_rooms_set_aside 1\n"), "{metrics}");
    assert!(metrics.contains("holdfast_set_aside_total{place=\"clock\"}"), "{metrics}");

    let mended =
        deck.replace("sealed_deck || '\\x00'", "substring(sealed_deck FROM 1 FOR octet_length(sealed_deck) - 1)");
    server.database.sql(&mended).await;
    let healed = async {
        loop {
            let metrics = damaged.host().get("/metrics").await.ok();
            if metrics.as_str().unwrap().contains("holdfast_rooms_set_aside 0\n") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), healed).await.unwrap();
    let (mut socket, _) = Socket::join(&server, &damaged, damaged.host(), Some(0)).await;
    assert_eq!(socket.event("player_action").await["auto"], json!(true));
    let log = server.stop_and_read_log();
    let named = log.lines().filter(|line| line.contains(&damaged.room) && line.contains("set aside")).count();
    assert!((1..=3).contains(&named), "{named} lines in {log}");
}

/// T-R8: the client resets the connection right after its action; everybody else still hears of it.
#[tokio::test]
async fn an_action_whose_client_hangs_up_is_published_all_the_same() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (mut watcher, _) = Socket::join(&server, &table, table.host(), None).await;
    for _ in 0..15 {
        let (actor, view) = table.actor().await.unwrap();
        let body = json!({ "action": "FOLD", "turn": view["timer"]["turn"] }).to_string();
        let address = server.base.trim_start_matches("http://");
        let mut line = TcpStream::connect(address).unwrap();
        let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
        setsockopt(&line.as_fd(), Linger, &linger).unwrap();
        write!(
            line,
            "POST /api/games/{}/actions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            table.game,
            actor.token,
            body.len()
        )
        .unwrap();
        // With these options closing sends a reset. When it comes before the request was read, nothing happens at all.
        drop(line);
        let settled = tokio::time::timeout(std::time::Duration::from_millis(300), watcher.event("hand_started")).await;
        let now = table.hydrate(table.host()).await;
        match settled {
            Ok(_) => {}
            Err(_) => {
                let unread = now["seq"] == view["seq"];
                assert!(unread, "committed up to {} but not published", now["seq"]);
                table.act(actor, json!({ "action": "FOLD" })).await.ok();
                watcher.event("hand_started").await;
            }
        }
    }
}

/// P10: with the database away every call says so, and afterwards everything goes on without a restart of ours.
#[tokio::test]
async fn while_the_database_is_away_calls_say_so_and_then_go_on() {
    let postgres = testkit::Server::start();
    let server = Server::start_on(postgres.database().await, &[]);
    let table = Table::playing(&server, 2, json!({})).await;
    let (actor, before) = table.actor().await.unwrap();
    postgres.crash();
    let refused = actor.get(&table.path("hydrate")).await.refused(503, "DATABASE_UNAVAILABLE");
    assert!(refused.get("outcome").is_none_or(Value::is_null), "{refused}");
    table.act(actor, json!({ "action": "FOLD" })).await.refused(503, "DATABASE_UNAVAILABLE");
    assert_eq!(actor.get("/readyz").await.status, 503);
    assert_eq!(actor.get("/healthz").await.status, 200);
    postgres.start_again("");
    let mut after = actor.get(&table.path("hydrate")).await;
    for _ in 0..100 {
        if after.status == 200 {
            break;
        }
        after = actor.get(&table.path("hydrate")).await;
    }
    assert_eq!(after.ok()["hand"], before["hand"]);
    table.act(actor, json!({ "action": "FOLD" })).await.ok();
}

/// A server that is told to stop does so, and tells its sockets.
#[tokio::test]
async fn a_server_that_stops_says_goodbye() {
    let mut server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), None).await;
    let closed = tokio::spawn(async move { socket.closed().await });
    assert!(server.stop().success());
    assert_eq!(closed.await.unwrap(), Some(1001));
}
