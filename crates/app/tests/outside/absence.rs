//! Nobody who is gone stops a table.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

fn heard(socket: &Socket, kind: &str) -> Vec<Value> {
    let events = socket.heard.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    events.filter(|event| event["type"] == kind).collect()
}

#[tokio::test]
async fn without_a_clock_all_who_are_gone_are_passed_over_their_seats_freed_and_their_host_followed() {
    let settings =
        [("HOLDFAST_DISCONNECT_AFTER_SECS", "2"), ("HOLDFAST_FREE_SEAT_AFTER_SECS", "3"), ("HOLDFAST_SWEEP_SECS", "1")];
    let server = Server::start_with(&settings).await;
    let table = Table::playing(&server, 3, json!({ "actionTimeoutSecs": 0 })).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, Some(0)).await;
    for _ in 0..3 {
        assert_eq!(socket.event("seat_freed").await["reason"], "disconnected");
    }
    let acted = heard(&socket, "player_action");
    assert!(acted.len() >= 2 && acted.iter().all(|action| action["auto"] == true), "{acted:?}");
    // The players were gone one after the other; only the watcher is there.
    let mut host = heard(&socket, "host_changed").pop();
    while host.as_ref().is_none_or(|changed| changed["userId"] != json!(watcher.user)) {
        host = Some(socket.event("host_changed").await);
    }
    watcher.patch(&table.path("settings"), json!({ "maxMembers": 9 })).await.ok();
}

#[tokio::test]
async fn who_is_away_when_the_normal_time_ends_gets_no_time_bank_and_sits_out() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({ "actionTimeoutSecs": 17, "timebankSecs": 60 })).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, Some(0)).await;
    let started = socket.event("hand_started").await;
    let folded = socket.event("player_action").await;
    let took = folded["at"].as_i64().unwrap() - started["timer"]["startedAt"].as_i64().unwrap();
    assert_eq!(folded["auto"], true);
    assert!((17_000..22_000).contains(&took), "{took} ms");
    let out = socket.event("player_sat_out").await;
    assert_eq!(out["userId"], folded["userId"]);
}

#[tokio::test]
async fn who_is_gone_and_has_no_seat_holds_no_place() {
    let server = Server::start_with(&[("HOLDFAST_FREE_SEAT_AFTER_SECS", "2")]).await;
    let table = Table::with_members(&server, 2, json!({ "maxMembers": 3, "autoApprove": true })).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), None).await;
    let newcomer = Client::guest(&server, "Nina").await;
    let joined = loop {
        let answer = newcomer.post(&table.path("join"), json!({ "displayName": "Nina" })).await;
        if answer.status != 409 {
            break answer.ok();
        }
        sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(joined["status"], "approved");
    let left = socket.event("member_left").await;
    assert!(table.players[1..].iter().any(|player| left["userId"] == json!(player.user)));
}

#[tokio::test]
async fn a_room_that_its_host_left_is_not_the_first_strangers() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({ "autoApprove": true })).await;
    table.host().post(&table.path("leave"), json!({})).await.ok();
    let stranger = Client::guest(&server, "Sid").await;
    stranger.post(&table.path("join"), json!({ "displayName": "Sid" })).await.ok();
    let ban = json!({ "userId": table.host().user, "ban": true });
    stranger.post(&table.path("kick"), ban).await.refused(403, "NOT_HOST");
    table.host().post(&table.path("join"), json!({ "displayName": "Anna" })).await.ok();
    table.host().patch(&table.path("settings"), json!({ "maxMembers": 9 })).await.ok();
}
