//! What bad input gets: a clear error with a code, the same state as before, and a server that lives on.

use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::server::Server;

/// Every call with a body: method, path in the room (or absolute), and a good body.
fn calls(table: &Table, client: &Client) -> Vec<(Method, String, Value)> {
    let user = json!(client.user);
    vec![
        (Method::POST, "/api/auth/guest".into(), json!({ "displayName": "A" })),
        (
            Method::POST,
            "/api/auth/register".into(),
            json!({ "email": "a@b.c", "password": "12345678", "displayName": "A" }),
        ),
        (Method::POST, "/api/auth/login".into(), json!({ "email": "a@b.c", "password": "12345678" })),
        (
            Method::POST,
            "/api/rooms".into(),
            json!({ "displayName": "A", "name": "R", "password": "p", "settings": {} }),
        ),
        (Method::POST, table.path("join"), json!({ "displayName": "A", "userId": user, "password": "p" })),
        (Method::POST, table.path("approve"), json!({ "userId": user, "approved": true })),
        (Method::POST, table.path("reject"), json!({ "userId": user })),
        (Method::POST, table.path("seat"), json!({ "seatIndex": 0, "displayName": "A", "buyIn": 100 })),
        (Method::POST, table.path("spectate"), json!({ "displayName": "A" })),
        (Method::POST, table.path("kick"), json!({ "userId": user, "ban": false })),
        (Method::POST, table.path("chips"), json!({ "userId": user, "delta": 1, "reason": "r" })),
        (Method::POST, table.path("host"), json!({ "userId": user })),
        (Method::POST, table.path("top-up"), json!({ "amount": 1 })),
        (
            Method::PATCH,
            table.path("preferences"),
            json!({
                "entry": "post", "autoStraddle": false, "runPreference": "ask", "autoMuck": true,
                "sitOutNextBigBlind": false, "maxRuns": 2
            }),
        ),
        (
            Method::PATCH,
            table.path("settings"),
            json!({
                "seats": 9, "smallBlind": 1, "bigBlind": 2, "ante": 0, "minBuyIn": 40, "maxBuyIn": 400, "actionTimeoutSecs": 0,
                "timebankSecs": 60, "betweenHandsSecs": 0, "maxMembers": 50, "autoApprove": false, "spectatorsAllowed": true,
                "variant": "nlhe"
            }),
        ),
        (
            Method::POST,
            format!("/api/games/{}/actions", table.game),
            json!({ "userId": user, "action": "FOLD", "amount": 1, "actionId": client.user, "turn": 1 }),
        ),
    ]
}

/// Values of a wrong type or out of any range.
fn wrong_values() -> Vec<Value> {
    vec![
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(true),
        json!(""),
        json!("x"),
        json!("\u{202E}evil"),
        json!("a\u{0}b"),
        json!("x".repeat(5000)),
        json!([]),
        json!([1, 2]),
        json!({}),
        json!({ "$ne": null }),
        json!("'; DROP TABLE users; --"),
        Value::Null,
    ]
}

#[tokio::test]
async fn every_field_of_every_call_survives_wrong_values() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    // Somebody in the room without powers: whatever is accepted by mistake shows.
    let anna = &table.players[1];
    let before = table.hydrate(table.host()).await;
    for (method, path, good) in calls(&table, anna) {
        for field in good.as_object().unwrap().keys() {
            for wrong in wrong_values() {
                let mut body = good.clone();
                body[field] = wrong.clone();
                let answer = anna.raw(method.clone(), &path, body.to_string()).await;
                assert!(answer.status < 500, "{method} {path} {field}={wrong}: {} {}", answer.status, answer.body);
                if answer.status >= 400 {
                    assert!(answer.body["code"].is_string(), "{method} {path} {field}={wrong}: {}", answer.body);
                    let kind = answer.headers["content-type"].to_str().unwrap();
                    assert_eq!(kind, "application/problem+json", "{path}");
                }
            }
        }
    }
    let after = table.hydrate(table.host()).await;
    for same in ["seq", "hand", "seats", "room", "game"] {
        let strip = |view: &Value| {
            let mut part = view[same].clone();
            if let Some(seats) = part.as_array_mut() {
                seats.iter_mut().for_each(|seat| seat["last_seen_at"] = Value::Null);
            }
            part
        };
        assert_eq!(strip(&after), strip(&before), "{same}");
    }
}

#[tokio::test]
async fn broken_bodies_are_refused_with_a_code() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    for (method, path, good) in calls(&table, table.host()) {
        let text = good.to_string();
        for broken in
            ["", "{", "[]", "null", "\"x\"", "{}{}", &text[..text.len() - 1], "\u{feff}{}", "{\"a\":\"\\ud800\"}"]
        {
            let answer = table.host().raw(method.clone(), &path, broken.to_owned()).await;
            assert!(answer.status < 500, "{path} {broken}: {}", answer.status);
        }
        let answer = table.host().raw(method.clone(), &path, vec![0xff, 0xfe, 0x7b]).await;
        answer.refused(400, "BAD_REQUEST");
        let huge = format!("{{\"x\":\"{}\"}}", "y".repeat(17 * 1024));
        table.host().raw(method.clone(), &path, huge).await.refused(413, "BODY_TOO_LARGE");
        let deep = "[".repeat(8000);
        assert_eq!(table.host().raw(method, &path, format!("{{\"x\":{deep}")).await.status, 400);
    }
}

#[tokio::test]
async fn ids_that_are_none_are_not_found() {
    let server = Server::start().await;
    let guest = Client::guest(&server, "G").await;
    for id in ["x", "00000000-0000-0000-0000-000000000000", "%00", "..%2f", "'--"] {
        guest.get(&format!("/api/rooms/{id}")).await.refused(404, "ROOM_NOT_FOUND");
        guest.get(&format!("/api/rooms/{id}/hydrate")).await.refused(404, "ROOM_NOT_FOUND");
        guest.get(&format!("/api/rooms/code/{id}")).await.refused(404, "ROOM_NOT_FOUND");
        guest.get(&format!("/api/hands/{id}")).await.refused(404, "HAND_NOT_FOUND");
        let act = format!("/api/games/{id}/actions");
        guest.post(&act, json!({ "action": "FOLD" })).await.refused(404, "GAME_NOT_FOUND");
    }
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for query in [
        "events?after=-1",
        "events?after=x",
        "events?limit=x",
        "hands?before=-1",
        "hydrate?role=god",
        "hydrate?userId=x",
    ] {
        table.host().get(&table.path(query)).await.refused(400, "BAD_REQUEST");
    }
    assert_eq!(table.host().get(&table.path("events?limit=0")).await.status, 200);
    assert_eq!(table.host().get(&table.path("events?after=99999999999999999999999")).await.status, 400);
    assert_eq!(table.host().get(&table.path("events?after=18446744073709551615")).await.status, 200);
}

#[tokio::test]
async fn names_with_tricks_are_refused_and_honest_ones_kept() {
    let server = Server::start().await;
    let guest = Client::guest(&server, "G").await;
    for name in ["", "   ", "\u{202E}evil", "a\u{200B}b", "a\nb", "\u{0}", &"x".repeat(51)] {
        guest.post("/api/auth/guest", json!({ "displayName": name })).await.refused(422, "INVALID_NAME");
        guest.post("/api/rooms", json!({ "displayName": name })).await.refused(422, "INVALID_NAME");
    }
    for name in ["<script>alert(1)</script>", "O'Brien", "Zoë", "山田太郎", "👩‍🚀", "'; DROP TABLE users; --"]
    {
        let made = guest.post("/api/auth/guest", json!({ "displayName": name })).await.ok();
        assert_eq!(made["displayName"], name, "kept as it is");
    }
}
