//! Commands that come with an id are done once.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{Answer, Client, Table};
use crate::server::Server;

/// An id that no other command here has.
fn fresh() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(1000);
    Uuid::from_u128(LAST.fetch_add(1, Ordering::Relaxed).into())
}

impl Client {
    async fn once(&self, id: Uuid, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.with_headers(method, path, &[("idempotency-key", id.to_string())], &body).await
    }
}

/// Two answers to the same question; not more than one of them may have changed anything.
#[track_caller]
fn same(first: &Answer, again: &Answer) {
    assert!((200..300).contains(&first.status), "{first:?}");
    assert_eq!((first.status, &first.body), (again.status, &again.body));
}

/// A caller's commands, each sent twice, with what is different at the second time if it was done twice.
#[tokio::test]
async fn every_command_is_done_once_and_answered_twice() {
    let server = Server::start().await;
    let (host, anna, ben) = (
        Client::guest(&server, "Dana").await,
        Client::guest(&server, "Anna").await,
        Client::guest(&server, "Ben").await,
    );
    let id = fresh();
    let new = json!({ "displayName": "Dana", "password": "Sesame", "settings": { "betweenHandsSecs": 30 } });
    let made = host.once(id, "POST", "/api/rooms", &new).await;
    same(&made, &host.once(id, "POST", "/api/rooms", &new).await);
    assert_eq!(made.status, 201);
    assert_eq!(host.get("/api/rooms").await.ok()["rooms"].as_array().unwrap().len(), 1);
    let (room, game) = (made.body["room"]["id"].as_str().unwrap(), made.body["gameId"].as_str().unwrap());
    let path = |call: &str| format!("/api/rooms/{room}/{call}");
    let member = |who: &Client, name: &str| (who.clone(), json!({ "displayName": name, "password": "Sesame" }));
    let seat = |index: u8| json!({ "seatIndex": index, "buyIn": 100 });
    let (none, of_anna) = (Value::Null, json!({ "userId": anna.user }));
    let word = json!({ "userId": anna.user, "approved": true });
    let chips = json!({ "userId": anna.user, "delta": 50 });
    let ((_, asks), (_, ben_asks)) = (member(&anna, "Anna"), member(&ben, "Ben"));
    let of_ben = json!({ "userId": ben.user });
    for (who, method, call, body) in [
        (&anna, "POST", "join", &asks),
        (&host, "POST", "approve", &word),
        (&ben, "POST", "join", &ben_asks),
        (&host, "POST", "reject", &of_ben),
        (&anna, "POST", "spectate", &json!({})),
        (&anna, "DELETE", "spectate", &none),
        (&anna, "POST", "heartbeat", &none),
        (&anna, "POST", "seat", &seat(1)),
        (&host, "POST", "seat", &seat(0)),
        (&host, "POST", "chips", &chips),
        (&anna, "POST", "top-up", &json!({ "amount": 20 })),
        (&host, "PATCH", "settings", &json!({ "actionTimeoutSecs": 0, "bombPotMode": "manual" })),
        (&host, "POST", "bomb-pot", &none),
        (&host, "DELETE", "bomb-pot", &none),
        (&host, "POST", "start", &none),
        (&host, "POST", "pause", &none),
        (&host, "POST", "resume", &none),
        (&anna, "PATCH", "preferences", &json!({ "entry": "wait" })),
        (&anna, "POST", "sit-out", &none),
        (&anna, "POST", "sit-in", &none),
        (&anna, "DELETE", "seat", &none),
        (&host, "POST", "host", &of_anna),
        (&anna, "POST", "kick", &json!({ "userId": host.user })),
        (&anna, "POST", "end", &none),
        (&anna, "POST", "leave", &none),
    ] {
        let id = fresh();
        let first = who.once(id, method, &path(call), body).await;
        let seq = last_seq(&server, room).await;
        same(&first, &who.once(id, method, &path(call), body).await);
        // The same id, as a client would send it that has no headers.
        let mut with_field = if body.is_null() { json!({}) } else { body.clone() };
        with_field["actionId"] = json!(id);
        let by_field = who.with_headers(method, &path(call), &[], &with_field.to_string()).await;
        same(&first, &by_field);
        assert_eq!(last_seq(&server, room).await, seq, "{call}");
        let mut other = if body.is_null() { json!({}) } else { body.clone() };
        other["somethingElse"] = json!(1);
        who.once(id, method, &path(call), &other).await.refused(422, "ACTION_ID_REUSED");
        who.once(id, "POST", "/api/rooms", &json!({ "displayName": "Other" })).await.refused(422, "ACTION_ID_REUSED");
    }
    let fold = json!({ "action": "FOLD", "actionId": id });
    let action = format!("/api/games/{game}/actions");
    host.post(&action, fold).await.refused(422, "ACTION_ID_REUSED");
    // Nothing that opens anything is readable in the database.
    let dump = server.dump().await;
    let token = made.body["rejoinToken"].as_str().unwrap();
    assert!(!dump.contains(token) && !dump.contains("Sesame") && !dump.contains(&host.token));
}

async fn last_seq(server: &Server, room: &str) -> Option<String> {
    let seq = format!("SELECT seq::text FROM holdfast.game_states WHERE room_id = '{room}'");
    server.database.sql(&seq).await[0][0].clone()
}

#[tokio::test]
async fn twenty_copies_at_once_are_one_and_each_caller_has_ids_of_their_own() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 2, json!({})).await;
    for player in 0..3 {
        table.sit(player, player).await.ok();
    }
    let (id, path) = (Uuid::from_u128(77), table.path("chips"));
    let gift = json!({ "userId": table.players[1].user, "delta": 50 });
    let answers = join_all((0..20).map(|_| table.host().once(id, "POST", &path, &gift))).await;
    answers.iter().for_each(|answer| same(answer, &answers[0]));
    assert_eq!(table.hydrate(table.host()).await["seats"][1]["chips"], 250);

    let rooms = join_all((0..20).map(|_| {
        let body = json!({ "displayName": "Player 0" });
        let client = table.players[1].clone();
        async move { client.once(id, "POST", "/api/rooms", &body).await }
    }));
    let rooms = rooms.await;
    rooms.iter().for_each(|answer| same(answer, &rooms[0]));
    assert_eq!(table.players[1].get("/api/rooms").await.ok()["rooms"].as_array().unwrap().len(), 2);

    let up = json!({ "amount": 20 });
    table.players[2].once(id, "POST", &table.path("top-up"), &up).await.ok();
    table.host().once(id, "POST", &table.path("top-up"), &up).await.refused(422, "ACTION_ID_REUSED");
}

/// Of a change that was made and an answer that was kept there is never one without the other.
#[tokio::test]
async fn after_the_server_was_killed_the_same_is_answered_by_any_node() {
    let mut server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    table.sit(1, 1).await.ok();
    let gift = json!({ "userId": table.players[1].user, "delta": 50 });
    let (id, path) = (fresh(), table.path("chips"));
    let first = table.host().once(id, "POST", &path, &gift).await;
    let sit = table.players[0].once(Uuid::from_u128(5), "POST", &table.path("seat"), &json!({ "seatIndex": 0 })).await;
    server.kill();
    server.start_again();
    same(&first, &table.host().once(id, "POST", &path, &gift).await);
    let node = server.second_node();
    let elsewhere = table.host().at(&node.base);
    same(&first, &elsewhere.once(id, "POST", &path, &gift).await);
    let again = elsewhere.once(Uuid::from_u128(5), "POST", &table.path("seat"), &json!({ "seatIndex": 0 })).await;
    same(&sit, &again);
    assert_eq!(table.hydrate(table.host()).await["seats"][1]["chips"], 250);
}

#[tokio::test]
async fn what_changed_nothing_is_kept_and_what_was_refused_is_decided_anew() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (host, pause) = (table.host(), table.path("pause"));
    host.post(&pause, json!({})).await.ok();
    let id = fresh();
    let first = host.once(id, "POST", &pause, &Value::Null).await;
    host.post(&table.path("resume"), json!({})).await.ok();
    same(&first, &host.once(id, "POST", &pause, &Value::Null).await);
    let now = host.get(&format!("/api/rooms/{}", table.room)).await.ok();
    assert_ne!(now["gameStatus"], "paused", "the second was no second pause");

    let (id, seat) = (fresh(), json!({ "seatIndex": 1 }));
    let late = Client::guest(&server, "Late").await;
    late.once(id, "POST", &table.path("seat"), &seat).await.refused(403, "NOT_APPROVED");
    table.let_in(&late, "Late").await;
    late.once(id, "POST", &table.path("seat"), &seat).await.refused(409, "SEAT_TAKEN");
    late.once(id, "POST", &table.path("seat"), &json!({ "seatIndex": 5 })).await.ok();
}

#[tokio::test]
async fn an_id_that_is_none_is_refused_where_it_would_count() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let host = table.host();
    let key = |text: &str| [("idempotency-key", text.to_owned())];
    for (method, path) in [
        ("POST", table.path("seat")),
        ("DELETE", table.path("seat")),
        ("PATCH", table.path("settings")),
        ("POST", "/api/auth/guest".to_owned()),
    ] {
        for bad in ["", "7", "not-a-uuid", "00000000-0000-0000-0000-00000000000g"] {
            let body = r#"{"seatIndex":0,"displayName":"Dana"}"#;
            host.with_headers(method, &path, &key(bad), body).await.refused(400, "BAD_REQUEST");
        }
    }
    for bad in [json!("7"), json!(7), json!({}), json!([])] {
        let body = json!({ "actionId": bad, "seatIndex": 0 });
        host.post(&table.path("seat"), body).await.refused(400, "BAD_REQUEST");
    }
    let two = json!({ "actionId": Uuid::from_u128(1), "seatIndex": 0 }).to_string();
    let other = key("00000000-0000-0000-0000-000000000002");
    host.with_headers("POST", &table.path("seat"), &other, &two).await.refused(400, "BAD_REQUEST");
    host.with_headers("GET", &table.path("hydrate"), &key("7"), "").await.ok();
    assert_eq!(table.hydrate(host).await["seats"][0]["user_id"], Value::Null);
}
