//! Deadlines, by the database's clock.

use serde_json::json;

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

#[tokio::test]
async fn the_clock_folds_for_whoever_does_not_act_and_then_sits_them_out() {
    let server = Server::start().await;
    let settings = json!({ "actionTimeoutSecs": 1, "timebankSecs": 0, "betweenHandsSecs": 0.5 });
    let table = Table::playing(&server, 2, settings).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let started = socket.event("hand_started").await;
    let timer = &started["timer"];
    assert_eq!(timer["deadlineAt"].as_i64().unwrap() - timer["startedAt"].as_i64().unwrap(), 1000);
    let folded = socket.event("player_action").await;
    assert_eq!((&folded["auto"], &folded["action"], &folded["turn"]), (&json!(true), &json!("FOLD"), &timer["turn"]));
    let late = folded["at"].as_i64().unwrap() - timer["deadlineAt"].as_i64().unwrap();
    assert!((0..2000).contains(&late), "never early, hardly late: {late} ms");
    let ended = socket.event("hand_complete").await;
    let next = socket.event("hand_started").await;
    assert!(next["at"].as_i64() >= ended["nextHandAt"].as_i64());
    // Seat 1 missed none yet: it folds on the button, then checks or folds again, and sits out.
    let out = socket.event("player_sat_out").await;
    assert!(out["seq"].as_u64() > next["seq"].as_u64());
}

#[tokio::test]
async fn the_time_bank_is_used_before_the_clock_decides() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 1, "timebankSecs": 1 })).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let started = socket.event("hand_started").await;
    let folded = socket.event("player_action").await;
    let took = folded["at"].as_i64().unwrap() - started["timer"]["startedAt"].as_i64().unwrap();
    assert!((2000..4000).contains(&took), "{took} ms");
}

#[tokio::test]
async fn without_a_clock_nobody_is_hurried() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let timer = table.hydrate(table.host()).await["timer"].clone();
    assert!(timer["deadline_at"].is_null() && timer["turn"].is_u64());
}

/// P14, on short terms: silence is noticed, then frees the seat, and the stack waits for its owner.
#[tokio::test]
async fn a_silent_player_is_missed_then_freed_and_their_stack_waits() {
    let settings =
        [("HOLDFAST_DISCONNECT_AFTER_SECS", "2"), ("HOLDFAST_FREE_SEAT_AFTER_SECS", "4"), ("HOLDFAST_SWEEP_SECS", "1")];
    let server = Server::start_with(&settings).await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let anna = &table.players[1];
    table.sit(1, 1).await.ok();
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let seated = socket.event("player_seated").await;
    let missed = socket.event("player_disconnected").await;
    assert_eq!((&missed["userId"], &missed["seatIndex"]), (&json!(anna.user), &json!(1)));
    assert!(missed["at"].as_i64().unwrap() - seated["at"].as_i64().unwrap() >= 2000);
    anna.post(&table.path("heartbeat"), json!({})).await.ok();
    let back = socket.event("player_reconnected").await;
    let missed = socket.event("player_disconnected").await;
    let freed = socket.event("seat_freed").await;
    assert_eq!((&freed["reason"], &freed["chips"]), (&json!("disconnected"), &json!(200)));
    assert!(freed["at"].as_i64().unwrap() - back["at"].as_i64().unwrap() >= 4000);
    assert!(freed["seq"].as_u64() > missed["seq"].as_u64());
    let again = anna.post(&table.path("seat"), json!({ "seatIndex": 3 })).await.ok();
    assert_eq!(again["chips"], 200);
}

#[tokio::test]
async fn a_chair_in_a_live_hand_is_kept() {
    let settings =
        [("HOLDFAST_DISCONNECT_AFTER_SECS", "1"), ("HOLDFAST_FREE_SEAT_AFTER_SECS", "2"), ("HOLDFAST_SWEEP_SECS", "1")];
    let server = Server::start_with(&settings).await;
    let table = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 4, "timebankSecs": 0 })).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, Some(0)).await;
    let folded = socket.event("player_action").await;
    assert_eq!(folded["auto"], true);
    let freed = socket.event("seat_freed").await;
    let before: Vec<_> = socket.heard.iter().filter(|text| text.contains("seat_freed")).collect();
    assert_eq!(before.len(), 1);
    assert!(freed["seq"].as_u64() > folded["seq"].as_u64());
}
