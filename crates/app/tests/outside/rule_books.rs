//! A hand is played to its end, and audited ever after, by the rule book that it was dealt with.

use std::process::Output;

use serde_json::{Value, json};

use crate::clients::{Socket, Table};
use crate::server::Server;

const DOWN: &str = include_str!("../../../../migrations/2026-11-28-100000_rule_books/down.sql");

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn passes(output: &Output) {
    assert!(output.status.success() && text(output).contains("0 differences"), "{}", text(output));
}

/// Blinds 10 and 20. The first to act calls, the button is all-in for 30, the blinds call: the first to act owes 10 more.
async fn after_a_short_all_in(server: &Server) -> Table {
    let settings = json!({
        "smallBlind": 10, "bigBlind": 20, "minBuyIn": 30, "maxBuyIn": 1000, "actionTimeoutSecs": 0, "betweenHandsSecs": 0
    });
    let table = Table::with_members(server, 3, settings).await;
    for (seat, player) in table.players.iter().enumerate() {
        let buy_in = if seat == 0 { 30 } else { 400 };
        player.post(&table.path("seat"), json!({ "seatIndex": seat, "buyIn": buy_in })).await.ok();
    }
    table.host().post(&table.path("start"), json!({})).await.ok();
    for (seat, action) in [(3, "CALL"), (0, "ALL_IN"), (1, "CALL"), (2, "CALL")] {
        let (actor, view) = table.actor().await.unwrap();
        assert_eq!(view["me"]["seat_index"], seat);
        table.act(actor, json!({ "action": action })).await.ok();
    }
    let view = table.hydrate(&table.players[3]).await;
    assert_eq!((&view["timer"]["actor_seat"], &view["me"]["legal_actions"]["call_amount"]), (&json!(3), &json!(10)));
    table
}

fn actions(view: &Value) -> Vec<&str> {
    view["me"]["legal_actions"]["actions"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_has_called_may_not_raise_a_short_all_in_and_everybody_is_told_by_which_rules() {
    let server = Server::start().await;
    let table = after_a_short_all_in(&server).await;
    let caller = &table.players[3];
    let before = table.hydrate(caller).await;
    assert_eq!(actions(&before), ["FOLD", "CALL"]);
    assert_eq!(before["me"]["legal_actions"]["min_raise_to"], Value::Null);
    assert_eq!(before["hand"]["min_raise_to"], Value::Null);
    assert_eq!(before["hand"]["variant"], "nlhe");
    for raise in [json!({ "action": "RAISE", "amount": 50 }), json!({ "action": "ALL_IN" })] {
        let refused = table.act(caller, raise).await.refused(422, "ILLEGAL_ACTION");
        assert_eq!(refused["legalActions"]["actions"], json!(["FOLD", "CALL"]));
    }
    assert_eq!(table.hydrate(caller).await["seq"], before["seq"], "nothing was done");
    let (mut socket, _) = Socket::join(&server, &table, caller, Some(0)).await;
    let started = socket.event("hand_started").await;
    assert_eq!((&started["variant"], &started["rules"]), (&json!("nlhe"), &json!(2)));
    table.act(caller, json!({ "action": "CALL" })).await.ok();
    assert_eq!(table.hydrate(caller).await["hand"]["phase"], "flop");
    passes(&server.audit(&server.database.url, &[]));
}

#[tokio::test]
async fn a_hand_that_an_earlier_version_dealt_is_played_and_audited_by_its_own_rules() {
    let mut server = Server::start().await;
    let table = after_a_short_all_in(&server).await;
    server.stop();
    // As an earlier version left the database, in the middle of the hand: what the player to act was told was not kept.
    let earlier = "DELETE FROM holdfast.__diesel_schema_migrations WHERE version = '20261128100000'; \
                   UPDATE holdfast.room_events SET public = public #- '{hand_started,rules}' WHERE type = 'hand_started'; \
                   UPDATE holdfast.room_events SET sealed = NULL WHERE type = 'acted'";
    let changed = format!("{DOWN} {earlier}");
    server.database.sql(&changed).await;
    server.start_again();

    let caller = &table.players[3];
    let view = table.hydrate(caller).await;
    assert_eq!(actions(&view), ["FOLD", "CALL", "RAISE", "ALL_IN"]);
    assert_eq!(view["me"]["legal_actions"]["min_raise_to"], 50);
    table.act(caller, json!({ "action": "RAISE", "amount": 50 })).await.ok();
    for _ in 0..2 {
        let (actor, _) = table.actor().await.unwrap();
        table.act(actor, json!({ "action": "FOLD" })).await.ok();
    }
    // The next hand is dealt by the rules of today.
    let next = table.live_hand().await;
    assert_eq!(next["hand"]["number"], 2);
    let books = server.database.sql("SELECT rules FROM holdfast.hands ORDER BY hand_number").await;
    assert_eq!(books.iter().flatten().flatten().collect::<Vec<_>>(), ["nlhe/1", "nlhe/2"]);
    passes(&server.audit(&server.database.url, &[]));
    server.stop();
    passes(&server.audit(&server.database.url, &[]));

    // By the rules of today the raise could not have been.
    server
        .database
        .sql(
            "UPDATE holdfast.hands SET rules = 'nlhe/2' WHERE hand_number = 1; \
             UPDATE holdfast.room_events SET public = jsonb_set(public, '{hand_started,rules}', '\"nlhe/2\"') \
             WHERE type = 'hand_started' AND public #>> '{hand_started,number}' = '1'",
        )
        .await;
    let audit = server.audit(&server.database.url, &[]);
    assert_eq!(audit.status.code(), Some(1));
    assert!(text(&audit).contains("hand 1, seq ") && text(&audit).contains("legal action: "), "{}", text(&audit));
}

#[tokio::test]
async fn a_rule_book_that_is_not_known_makes_its_own_room_unreadable_and_no_other() {
    let mut server = Server::start().await;
    let broken = after_a_short_all_in(&server).await;
    let other = Table::playing(&server, 2, json!({ "betweenHandsSecs": 0 })).await;
    server.stop();
    let unknown = format!("UPDATE holdfast.hands SET rules = 'nlhe/99' WHERE room_id = '{}'", broken.room);
    server.database.sql(&unknown).await;
    server.start_again();
    let path = format!("/api/rooms/{}/hydrate", broken.room);
    broken.players[3].get(&path).await.refused(500, "INTERNAL");
    let (actor, _) = other.actor().await.unwrap();
    other.act(actor, json!({ "action": "FOLD" })).await.ok();
    assert_eq!(other.live_hand().await["hand"]["number"], 2);
    let audit = server.audit(&server.database.url, &[]);
    assert_eq!(audit.status.code(), Some(1));
    assert!(text(&audit).contains("rule book") && text(&audit).contains("2 rooms"), "{}", text(&audit));
    assert!(text(&audit).contains("1 differences"), "{}", text(&audit));
}
