//! The dead button from outside: what is owed, posted and waited for, whatever becomes of seat, room and server.

use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::server::Server;

/// The hand that is played: button (`x`: dead), small blind (`-`: dead) and big blind, then who posts late: `3L` live, `3D` dead.
async fn dealt(table: &Table) -> String {
    let view = table.live_hand().await;
    let hand = view["hand"]["id"].as_str().unwrap();
    let events = table.host().get(&format!("/api/hands/{hand}")).await.ok()["events"].clone();
    let started = events.as_array().unwrap().iter().find(|event| event["type"] == "hand_started").unwrap();
    let hand = &view["hand"];
    for (field, told) in [
        ("button_seat", "buttonSeat"),
        ("button_dead", "buttonDead"),
        ("small_blind_seat", "smallBlindSeat"),
        ("big_blind_seat", "bigBlindSeat"),
    ] {
        assert_eq!(hand[field], started[told], "the document says what the event says");
    }
    let dead = if started["buttonDead"] == true { "x" } else { "" };
    let small = started["smallBlindSeat"].as_u64().map_or("-".to_owned(), |seat| seat.to_string());
    let late = started["blinds"].as_array().unwrap().iter().filter_map(|post| {
        let kind = match post["kind"].as_str().unwrap() {
            "posted_big_blind" => "L",
            "dead_small_blind" => "D",
            _ => return None,
        };
        Some(format!(" {}{kind}", post["seatIndex"]))
    });
    let late: String = late.collect();
    format!("b{}{dead} s{small} B{}{late}", started["buttonSeat"], started["bigBlindSeat"])
}

async fn next_hand(table: &Table) -> String {
    table.fold_out().await;
    dealt(table).await
}

/// What the player at this seat owes and waits for, as everybody sees it.
async fn owes(table: &Table, seat: usize) -> (Value, Value) {
    let view = table.hydrate(table.host()).await;
    (view["seats"][seat]["owes"].clone(), view["seats"][seat]["waits_for"].clone())
}

async fn call(client: &Client, table: &Table, what: &str) {
    client.post(&table.path(what), json!({})).await.ok();
}

fn passes_the_audit(server: &Server) {
    let output = server.command(&["audit"]);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("0 differences"), "{told}");
}

const BOTH: [&str; 2] = ["small_blind", "big_blind"];

#[tokio::test]
async fn who_missed_the_blinds_waits_for_the_button_and_posts_both_also_after_a_crash() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 4, json!({ "actionTimeoutSecs": 600 })).await;
    let dan = &table.players[3];
    assert_eq!(dealt(&table).await, "b0 s1 B2");
    assert_eq!(owes(&table, 3).await, (json!([]), json!(null)));
    call(dan, &table, "sit-out").await;
    assert_eq!(next_hand(&table).await, "b1 s2 B0");
    assert_eq!(owes(&table, 3).await, (json!(BOTH), json!(null)), "who sits out waits for nothing");

    server.kill();
    server.start_again();
    assert_eq!(owes(&table, 3).await, (json!(BOTH), json!(null)));
    call(dan, &table, "sit-in").await;
    assert_eq!(next_hand(&table).await, "b2 s0 B1");
    assert_eq!(owes(&table, 3).await, (json!(BOTH), json!("button_to_pass")));
    let view = table.hydrate(dan).await;
    assert!(view["me"]["hole_cards"].is_null() && view["seats"][3]["in_hand"] == false);

    server.kill();
    server.start_again();
    assert_eq!(next_hand(&table).await, "b0 s1 B2 3L 3D");
    assert_eq!(owes(&table, 3).await, (json!([]), json!(null)));
    let view = table.hydrate(dan).await;
    assert_eq!(
        (&view["seats"][3]["chips"], &view["seats"][3]["bet"]),
        (&json!(197), &json!(2)),
        "the dead one is no bet"
    );
    assert_eq!((Table::chips(&view), &view["hand"]["pot"]), (800, &json!(6)));
    assert_eq!(next_hand(&table).await, "b1 s2 B3");
    passes_the_audit(&server);
}

#[tokio::test]
async fn a_debt_is_not_shaken_off_by_standing_up_leaving_or_sitting_elsewhere() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    let dan = &table.players[3];
    assert_eq!(dealt(&table).await, "b0 s1 B2");
    call(dan, &table, "sit-out").await;
    assert_eq!(next_hand(&table).await, "b1 s2 B0");
    dan.delete(&table.path("seat")).await.ok();
    assert_eq!(owes(&table, 3).await.0, json!([]), "an empty seat owes nothing");
    call(dan, &table, "leave").await;
    assert_eq!(next_hand(&table).await, "b2 s0 B1");
    table.let_in(dan, "Dan").await;
    table.sit(3, 5).await.ok();
    assert_eq!(owes(&table, 5).await.0, json!(["new", "small_blind", "big_blind"]));
    assert_eq!(next_hand(&table).await, "b0 s1 B2 5L 5D");
    passes_the_audit(&server);
}

#[tokio::test]
async fn who_waits_for_the_big_blind_is_not_dealt_in_before_and_posts_nothing_else() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 3, json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0 })).await;
    for player in 0..3 {
        table.sit(player, player).await.ok();
    }
    call(table.host(), &table, "start").await;
    let dan = &table.players[3];
    dan.patch(&table.path("preferences"), json!({ "entry": "wait" })).await.ok();
    table.sit(3, 3).await.ok();
    assert_eq!(owes(&table, 3).await, (json!(["new"]), json!("big_blind")));
    assert_eq!(next_hand(&table).await, "b1 s2 B3", "it comes to them at once");
    assert_eq!(owes(&table, 3).await, (json!([]), json!(null)));
    dan.delete(&table.path("seat")).await.ok();
    assert_eq!(next_hand(&table).await, "b2 s- B0");
    table.sit(3, 8).await.ok();
    assert_eq!(next_hand(&table).await, "b3x s0 B1");
    assert_eq!(owes(&table, 8).await, (json!(["new"]), json!("big_blind")));
    assert_eq!(next_hand(&table).await, "b0 s1 B2");
    // They change their mind.
    dan.patch(&table.path("preferences"), json!({ "entry": "post" })).await.ok();
    assert_eq!(next_hand(&table).await, "b1 s2 B8");
    passes_the_audit(&server);
}

#[tokio::test]
async fn newcomers_may_come_in_free_and_simple_rooms_know_no_debts() {
    let server = Server::start().await;
    for (settings, owed, expected) in [
        (json!({ "newPlayers": "free" }), json!(["new"]), "b1 s2 B3"),
        (json!({ "newPlayers": "post_or_wait" }), json!(["new"]), "b1 s2 B3 5L"),
        (json!({ "newPlayers": "wait_for_bb" }), json!(["new"]), "b1 s2 B3"),
        (json!({ "buttonRule": "simple" }), json!([]), "b1 s2 B3"),
    ] {
        let table = Table::playing(&server, 4, settings.clone()).await;
        let dan = Client::guest(&server, "Dan").await;
        table.let_in(&dan, "Dan").await;
        dan.post(&table.path("seat"), json!({ "seatIndex": 5, "buyIn": 200 })).await.ok();
        let all = Table { players: table.players.iter().cloned().chain([dan]).collect(), ..table };
        assert_eq!(owes(&all, 5).await.0, owed, "{settings}");
        assert_eq!(next_hand(&all).await, expected, "{settings}");
        let waits = settings["newPlayers"] == "wait_for_bb";
        assert_eq!(all.hydrate(all.host()).await["seats"][5]["in_hand"], !waits, "{settings}");
        assert_eq!(owes(&all, 5).await.1, if waits { json!("big_blind") } else { json!(null) }, "{settings}");
    }
    passes_the_audit(&server);
}

#[tokio::test]
async fn two_become_three_and_three_two_and_nobody_has_the_big_blind_twice_running() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 2, json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0 })).await;
    table.sit(0, 0).await.ok();
    table.sit(1, 3).await.ok();
    call(table.host(), &table, "start").await;
    assert_eq!(dealt(&table).await, "b0 s0 B3");
    table.sit(2, 1).await.ok();
    assert_eq!(next_hand(&table).await, "b3 s3 B0");
    assert_eq!(owes(&table, 1).await, (json!(["new"]), json!("button_to_pass")));
    assert_eq!(next_hand(&table).await, "b3 s0 B1");
    call(&table.players[2], &table, "sit-out").await;
    assert_eq!(next_hand(&table).await, "b0 s0 B3", "the big blind has gone");
    assert_eq!(next_hand(&table).await, "b3 s3 B0");
    passes_the_audit(&server);
}

#[tokio::test]
async fn who_sits_out_at_the_next_big_blind_misses_it_once() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    let dan = &table.players[3];
    dan.patch(&table.path("preferences"), json!({ "sitOutNextBigBlind": true })).await.ok();
    assert_eq!(next_hand(&table).await, "b1 s2 B0");
    assert_eq!(owes(&table, 3).await, (json!(BOTH), json!(null)));
    let view = table.hydrate(dan).await;
    assert_eq!(view["seats"][3]["status"], "sitting_out");
    assert_eq!(view["me"]["preferences"]["sitOutNextBigBlind"], false);
    passes_the_audit(&server);
}

#[tokio::test]
async fn who_the_big_blind_leaves_behind_has_a_dead_button() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    assert_eq!(dealt(&table).await, "b0 s1 B2");
    table.players[2].delete(&table.path("seat")).await.ok();
    assert_eq!(next_hand(&table).await, "b1 s- B3");
    assert_eq!(next_hand(&table).await, "b2x s3 B0");
    assert_eq!(next_hand(&table).await, "b3 s0 B1");
    passes_the_audit(&server);
}
