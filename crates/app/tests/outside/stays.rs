//! Chips and time between two stays at a table.

use serde_json::json;

use crate::clients::Table;
use crate::server::Server;

#[tokio::test]
async fn who_leaves_with_more_comes_back_with_it_however_they_left() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let anna = &table.players[1];
    let sit = async |buy_in: u64| anna.post(&table.path("seat"), json!({ "seatIndex": 3, "buyIn": buy_in })).await;
    sit(398).await.ok();
    for way in ["seat", "leave", "kick"] {
        match way {
            "seat" => drop(anna.delete(&table.path("seat")).await.ok()),
            "leave" => drop(anna.post(&table.path("leave"), json!({})).await.ok()),
            _ => drop(table.host().post(&table.path("kick"), json!({ "userId": anna.user })).await.ok()),
        }
        table.let_in(anna, "Player 0").await;
        for less in [40, 397] {
            let refused = sit(less).await.refused(422, "INVALID_BUY_IN");
            assert!(refused["detail"].as_str().unwrap().contains("398"), "{refused}");
        }
        assert_eq!(table.hydrate(anna).await["me"]["waiting_chips"], 398);
        assert_eq!(sit(398).await.ok()["chips"], 398);
    }
    assert!(server.audit(&server.database.url, &[]).status.success());
}

#[tokio::test]
async fn who_is_broke_buys_in_as_everybody_does() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let host = table.host();
    table.sit(0, 0).await.ok();
    let take = json!({ "userId": host.user, "delta": -200, "reason": "broke" });
    host.post(&table.path("chips"), take).await.ok();
    for amount in [1, 39, 401] {
        host.post(&table.path("top-up"), json!({ "amount": amount })).await.refused(422, "INVALID_BUY_IN");
    }
    host.delete(&table.path("seat")).await.ok();
    let sit = async |buy_in: u64| host.post(&table.path("seat"), json!({ "seatIndex": 0, "buyIn": buy_in })).await;
    sit(39).await.refused(422, "INVALID_BUY_IN");
    assert_eq!(sit(40).await.ok()["chips"], 40);
}

#[tokio::test]
async fn a_time_bank_has_its_new_size_from_the_next_hand() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({ "timebankSecs": 0, "actionTimeoutSecs": 600 })).await;
    let bank = async || table.hydrate(table.host()).await["me"]["timebank_remaining"].clone();
    table.live_hand().await;
    for (size, before) in [(60, 0), (5, 60), (600, 5)] {
        table.host().patch(&table.path("settings"), json!({ "timebankSecs": size })).await.ok();
        assert_eq!(bank().await, before, "the hand goes on as it began");
        table.fold_out().await;
        table.live_hand().await;
        assert_eq!(bank().await, size);
    }
    assert!(server.audit(&server.database.url, &[]).status.success());
}
