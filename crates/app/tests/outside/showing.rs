//! After a hand: cards that players show, and what would have come.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{Client, Socket, Table};
use crate::fairness::{proved, told};
use crate::secrecy::cards_in;
use crate::server::Server;

/// A hand that was folded on the flop, with a spectator.
async fn folded(server: &Server, settings: Value) -> (Table, Client, Value) {
    let mut all = json!({ "betweenHandsSecs": 30 });
    all.as_object_mut().unwrap().extend(settings.as_object().cloned().unwrap_or_default());
    let table = Table::playing(server, 3, all).await;
    let watcher = Client::guest(server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    for _ in 0..3 {
        let (actor, view) = table.actor().await.unwrap();
        let call = view["me"]["legal_actions"]["call_amount"] != 0;
        table.act(actor, json!({ "action": if call { "CALL" } else { "CHECK" } })).await.ok();
    }
    let hand = table.hydrate(table.host()).await["hand"]["id"].clone();
    table.fold_out().await;
    (table, watcher, hand)
}

fn call(table: &Table, name: &str) -> String {
    format!("/api/games/{}/{name}", table.game)
}

fn shown(document: &Value, seat: usize) -> Value {
    document["seats"][seat]["shown_cards"].clone()
}

fn passes_the_audit(server: &Server) {
    let output = server.command(&["audit"]);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("0 differences"), "{told}");
}

///
#[tokio::test]
async fn players_show_their_cards_to_all_and_to_the_record() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 3, json!({ "betweenHandsSecs": 30 })).await;
    let view = table.live_hand().await;
    let hand = view["hand"]["id"].clone();
    let own = table.hydrate(&table.players[1]).await["me"]["hole_cards"].clone();
    let others = table.hydrate(&table.players[2]).await["me"]["hole_cards"].clone();
    let show = |cards: Value| json!({ "handId": hand, "cards": cards });
    let path = call(&table, "show");
    let anna = &table.players[1];
    anna.post(&path, show(own.clone())).await.refused(409, "HAND_RUNNING");
    table.fold_out().await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, None).await;

    for cards in
        [json!([]), json!([own[0], own[0]]), json!([others[0]]), json!(["hearts_1"]), json!([own[0], others[0]])]
    {
        anna.post(&path, show(cards)).await.refused(422, "INVALID_CARDS");
    }
    watcher.post(&path, show(own.clone())).await.refused(403, "NOT_SEATED");
    anna.post(&path, json!({ "handId": Uuid::nil(), "cards": own })).await.refused(404, "HAND_NOT_FOUND");
    let seq = anna.post(&path, show(json!([own[1]]))).await.ok()["seq"].clone();
    let event = socket.event("cards_shown").await;
    assert_eq!((&event["seq"], &event["seatIndex"], &event["userId"]), (&seq, &json!(1), &json!(anna.user)));
    assert_eq!((&event["cards"], &event["handId"]), (&json!([own[1]]), &hand));
    assert_eq!(shown(&table.hydrate(&watcher).await, 1), json!([own[1]]));
    anna.post(&path, show(json!([own[1]]))).await.refused(409, "NOTHING_TO_SHOW");

    server.kill();
    server.start_again();
    assert_eq!(shown(&table.hydrate(&watcher).await, 1), json!([own[1]]), "after a crash too");
    anna.post(&path, show(own.clone())).await.ok();
    assert_eq!(shown(&table.hydrate(&watcher).await, 1), own);

    let record = watcher.get(&format!("/api/hands/{}", hand.as_str().unwrap())).await.ok();
    let showings = record["events"].as_array().unwrap().iter().filter(|event| event["type"] == "cards_shown");
    assert_eq!(showings.count(), 2);
    let commitment = told(&table, &watcher, hand.as_str().unwrap()).await;
    let mut cards = Vec::new();
    cards_in(&own, &mut cards);
    assert_eq!(proved(&watcher, hand.as_str().unwrap(), &commitment).await, cards.into_iter().collect());
    passes_the_audit(&server);
}

/// What belongs to the last hand ends with the next deal.
#[tokio::test]
async fn nothing_is_shown_of_a_hand_when_the_next_one_has_begun() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({ "betweenHandsSecs": 0 })).await;
    let hand = table.live_hand().await["hand"]["id"].clone();
    let own = table.hydrate(table.host()).await["me"]["hole_cards"].clone();
    table.fold_out().await;
    table.live_hand().await;
    table
        .host()
        .post(&call(&table, "show"), json!({ "handId": hand, "cards": own }))
        .await
        .refused(409, "NOTHING_TO_SHOW");
    table.host().post(&call(&table, "rabbit"), json!({ "handId": hand })).await.refused(409, "NOTHING_TO_SHOW");
}

///
#[tokio::test]
async fn a_rabbit_is_the_askers_alone_and_proved_to_nobody_else() {
    let mut server = Server::start().await;
    let (table, watcher, hand) = folded(&server, json!({ "spectatorsAllowed": true })).await;
    let (path, body) = (call(&table, "rabbit"), json!({ "handId": hand }));
    let mut sockets = Vec::new();
    for reader in [table.host(), &table.players[1], &watcher] {
        sockets.push(Socket::join(&server, &table, reader, None).await.0);
    }
    watcher.post(&path, body.clone()).await.refused(403, "NOT_SEATED");
    let boards = table.host().post(&path, body.clone()).await.ok()["boards"].clone();
    let view = table.hydrate(&watcher).await;
    let (flop, whole) = (view["hand"]["board"].as_array().unwrap(), boards[0].as_array().unwrap());
    assert_eq!((flop.len(), whole.len(), &whole[..3]), (3, 5, &flop[..]));
    for (at, socket) in sockets.iter_mut().enumerate() {
        let event = socket.event("rabbit_shown").await;
        assert_eq!((&event["handId"], &event["userId"]), (&hand, &json!(table.host().user)));
        assert_eq!(event.get("boards"), (at == 0).then_some(&boards), "reader {at}");
    }
    // Asked again, also after a crash, it is answered and no news.
    let seq = table.hydrate(table.host()).await["seq"].clone();
    server.kill();
    server.start_again();
    assert_eq!(table.host().post(&path, body.clone()).await.ok()["boards"], boards);
    assert_eq!(table.hydrate(table.host()).await["seq"], seq);

    let id = hand.as_str().unwrap();
    let commitment = told(&table, table.host(), id).await;
    let hunted = [whole[3].as_str().unwrap(), whole[4].as_str().unwrap()];
    let knows = |known: std::collections::BTreeSet<String>| hunted.iter().filter(|card| known.contains(**card)).count();
    assert_eq!(knows(proved(table.host(), id, &commitment).await), 2, "the asker");
    for reader in [&table.players[1], &watcher] {
        assert_eq!(knows(proved(reader, id, &commitment).await), 0);
        let mut seen = Vec::new();
        for path in [table.path("events?after=0"), table.path("hydrate"), format!("/api/hands/{id}")] {
            cards_in(&reader.get(&path).await.ok(), &mut seen);
        }
        assert!(!hunted.iter().any(|card| seen.iter().any(|seen| seen == card)), "{seen:?}");
    }
    let stored = "SELECT string_agg(public::text, ' ') FROM holdfast.room_events WHERE type = 'rabbit_shown'";
    let stored = server.database.sql(stored).await[0][0].clone().unwrap();
    assert!(!hunted.iter().any(|card| stored.contains(card)), "sealed: {stored}");
    passes_the_audit(&server);
}

#[tokio::test]
async fn where_the_room_shows_rabbits_everybody_sees_one_and_where_it_is_off_nobody() {
    let server = Server::start().await;
    let (table, watcher, hand) = folded(&server, json!({ "rabbitHunt": "room" })).await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, None).await;
    let boards = table.players[1].post(&call(&table, "rabbit"), json!({ "handId": hand })).await.ok()["boards"].clone();
    assert_eq!(socket.event("rabbit_shown").await["boards"], boards);
    let commitment = told(&table, &watcher, hand.as_str().unwrap()).await;
    assert_eq!(proved(&watcher, hand.as_str().unwrap(), &commitment).await.len(), 5);
    let (table, _, hand) = folded(&server, json!({ "rabbitHunt": "off" })).await;
    let body = json!({ "handId": hand });
    table.host().post(&call(&table, "rabbit"), body).await.refused(409, "NOTHING_TO_SHOW");
    let body = json!({ "handId": Uuid::nil() });
    table.host().post(&call(&table, "rabbit"), body).await.refused(404, "HAND_NOT_FOUND");
    passes_the_audit(&server);
}

///
#[tokio::test]
async fn after_a_showdown_there_is_no_rabbit() {
    let server = Server::start().await;
    let (table, view) = crate::runs::all_in(&server, 2, json!({ "runItTwice": "off", "rabbitHunt": "room" })).await;
    let body = json!({ "handId": view["hand"]["id"] });
    table.host().post(&call(&table, "rabbit"), body).await.refused(409, "NOTHING_TO_SHOW");
    let own = table.hydrate(table.host()).await["me"]["hole_cards"].clone();
    let body = json!({ "handId": view["hand"]["id"], "cards": own });
    table.host().post(&call(&table, "show"), body).await.refused(409, "NOTHING_TO_SHOW");
}
