//! Hands, from outside.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

/// A small generator, so that a failure can be repeated.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// One of the legal actions, with a legal amount.
pub fn legal_action(random: &mut Random, view: &Value) -> Value {
    let legal = &view["me"]["legal_actions"];
    let actions = legal["actions"].as_array().expect("it is the reader's turn");
    let action = actions[random.below(actions.len() as u64) as usize].as_str().unwrap();
    let mut body = json!({ "action": action, "turn": view["timer"]["turn"], "actionId": Uuid::from_u128(u128::from(random.below(u64::MAX)) << 64 | u128::from(random.below(u64::MAX))) });
    if matches!(action, "BET" | "RAISE") {
        let (min, max) = (legal["min_raise_to"].as_u64().unwrap(), legal["max_raise_to"].as_u64().unwrap());
        body["amount"] = json!(min + random.below((max - min + 1).min(40)));
    }
    body
}

#[tokio::test]
async fn two_hundred_hands_of_random_legal_play_keep_every_chip() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    let mut random = Random(42);
    let mut broke = 0;
    loop {
        let view = table.hydrate(table.host()).await;
        let hand = view["game"]["hand_number"].as_u64().unwrap();
        if hand > 200 {
            break;
        }
        let total = 800 + broke;
        assert_eq!(Table::chips(&view), total, "hand {hand}");
        if let Some((actor, view)) = table.actor().await
            && view["me"]["legal_actions"].is_object()
        {
            assert_eq!(Table::chips(&view), total);
            let action = legal_action(&mut random, &view);
            table.act(actor, action.clone()).await.ok();
        } else if view["hand"]["phase"] == "complete" {
            for seat in view["seats"].as_array().unwrap().iter().filter(|seat| seat["chips"] == 0) {
                let Some(player) = table.players.iter().find(|player| seat["user_id"] == player.user.as_str()) else {
                    continue;
                };
                // The next hand may begin in between; who is broke isn't in it.
                if player.post(&table.path("top-up"), json!({ "amount": 200 })).await.status == 200 {
                    broke += 200;
                }
            }
        }
    }
    let events = table.host().get(&table.path("events?after=0&limit=500")).await.ok();
    assert_eq!(events["events"].as_array().unwrap().len(), 500);
}

#[tokio::test]
async fn the_chips_of_a_hand_add_up_after_every_event() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let mut random = Random(7);
    let (mut chips, mut pot) = ([200u64; 3], 0);
    let mut hands = 0;
    while hands < 10 {
        if let Some((actor, view)) = table.actor().await
            && view["me"]["legal_actions"].is_object()
        {
            table.act(actor, legal_action(&mut random, &view)).await.ok();
        }
        let seq = table.hydrate(table.host()).await["seq"].as_u64().unwrap();
        let last =
            socket.heard.iter().rev().find_map(|text| serde_json::from_str::<Value>(text).unwrap()["seq"].as_u64());
        if last >= Some(seq) {
            if chips.iter().filter(|stack| **stack > 0).count() < 2 {
                break;
            }
            continue;
        }
        for event in socket.events_until(seq).await {
            match event["type"].as_str().unwrap() {
                "hand_started" => {
                    for seat in event["seats"].as_array().unwrap() {
                        chips[seat["seatIndex"].as_u64().unwrap() as usize] = seat["chips"].as_u64().unwrap();
                    }
                    pot = event["pot"].as_u64().unwrap();
                }
                "player_action" => {
                    chips[event["seatIndex"].as_u64().unwrap() as usize] = event["chips"].as_u64().unwrap();
                    pot = event["pot"].as_u64().unwrap();
                    assert_eq!(chips.iter().sum::<u64>() + pot, 600, "before anything goes back: {event}");
                    if let Some(back) = event["returned"].as_object() {
                        chips[back["seatIndex"].as_u64().unwrap() as usize] = back["chips"].as_u64().unwrap();
                        pot -= back["amount"].as_u64().unwrap();
                    }
                }
                "pot_distributed" => {
                    pot -= event["amount"].as_u64().unwrap();
                    for winner in event["winners"].as_array().unwrap() {
                        chips[winner["seatIndex"].as_u64().unwrap() as usize] += winner["amount"].as_u64().unwrap();
                    }
                }
                "hand_complete" => {
                    hands += 1;
                    for stack in event["chips"].as_array().unwrap() {
                        assert_eq!(
                            chips[stack["seatIndex"].as_u64().unwrap() as usize],
                            stack["chips"].as_u64().unwrap()
                        );
                    }
                }
                _ => {}
            }
            if chips != [200; 3] || pot > 0 {
                assert_eq!(chips.iter().sum::<u64>() + pot, 600, "{event}");
            }
        }
    }
}

#[tokio::test]
async fn a_refused_action_names_what_was_legal() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (actor, view) = table.actor().await.unwrap();
    let other = table.players.iter().find(|player| player.user != actor.user).unwrap();
    let refused = table.act(actor, json!({ "action": "CHECK" })).await.refused(422, "ILLEGAL_ACTION");
    let legal =
        json!({ "actions": ["FOLD", "CALL", "RAISE", "ALL_IN"], "callAmount": 1, "minRaiseTo": 4, "maxRaiseTo": 200 });
    assert_eq!(refused["legalActions"], legal);
    for amount in [json!(3), json!(201), json!(0), json!(-5), Value::Null, json!(i64::MAX)] {
        let refused = table.act(actor, json!({ "action": "RAISE", "amount": amount })).await;
        assert_eq!(refused.refused(422, "ILLEGAL_AMOUNT")["legalActions"], legal, "{amount}");
    }
    table.act(other, json!({ "action": "FOLD" })).await.refused(409, "NOT_YOUR_TURN");
    let late = view["timer"]["turn"].as_u64().unwrap() + 1;
    let stale = table.act(actor, json!({ "action": "CALL", "turn": late })).await.refused(409, "STALE_TURN");
    assert_eq!(stale["seq"], view["seq"]);
    let nowhere = format!("/api/games/{}/actions", Uuid::nil());
    actor.post(&nowhere, json!({ "action": "FOLD" })).await.refused(404, "GAME_NOT_FOUND");
    assert_eq!(table.hydrate(actor).await["seq"], view["seq"], "nothing has changed");
}

#[tokio::test]
async fn a_finished_hand_can_be_read_again() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let anna = &table.players[1];
    let mine = table.hydrate(anna).await["me"]["hole_cards"].clone();
    table.fold_out().await;
    let listed = anna.get(&table.path("hands?limit=5")).await.ok();
    let hand = &listed["hands"][0];
    assert_eq!((&hand["handNumber"], &hand["winners"][0]["amount"]), (&json!(1), &hand["pot"]));
    let hand = anna.get(&format!("/api/hands/{}", hand["handId"].as_str().unwrap())).await.ok();
    assert_eq!(hand["events"][0]["type"], "hand_started");
    assert_eq!(hand["events"][0]["yourCards"], mine);
    assert_eq!(hand["events"].as_array().unwrap().last().unwrap()["type"], "hand_complete");
    assert_eq!(hand["hand"]["seats"][0]["chips"], 200);
    anna.get(&format!("/api/hands/{}", Uuid::nil())).await.refused(404, "HAND_NOT_FOUND");
    let stranger = crate::clients::Client::guest(&server, "Stranger").await;
    let path = format!("/api/hands/{}", listed["hands"][0]["handId"].as_str().unwrap());
    stranger.get(&path).await.refused(403, "NOT_APPROVED");
    assert_eq!(anna.get(&table.path("hands?before=1")).await.ok()["hands"], json!([]));
}

#[tokio::test]
async fn a_finished_hand_can_be_saved_as_a_file_with_the_readers_cards_alone() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/hands/{hand}/export");
    table.host().get(&format!("{path}?format=phh")).await.refused(409, "HAND_RUNNING");
    let cards = table.hydrate(table.host()).await["me"]["hole_cards"].clone();
    table.fold_out().await;
    let codes: String = cards.as_array().unwrap().iter().map(|card| code(card.as_str().unwrap())).collect();
    let file = |client: &Client| {
        let request =
            crate::clients::http().get(format!("{}{path}?format=phh", server.base)).bearer_auth(&client.token);
        async move { request.send().await.unwrap() }
    };
    let saved = file(table.host()).await;
    assert_eq!(saved.headers()["content-type"], "application/toml");
    assert_eq!(saved.headers()["content-disposition"], "attachment; filename=\"hand-1.phh\"");
    let saved = saved.text().await.unwrap();
    assert!(saved.contains(&codes), "{codes} isn't in {saved}");
    assert_eq!(saved.matches("????").count(), 2, "{saved}");
    let others = file(&table.players[1]).await.text().await.unwrap();
    assert!(!others.contains(&codes), "{others}");
    for wrong in ["?format=pdf", "?format="] {
        table.host().get(&format!("{path}{wrong}")).await.refused(422, "INVALID_FORMAT");
    }
    table.host().get(&path).await.refused(400, "BAD_REQUEST");
    let stranger = Client::guest(&server, "Stranger").await;
    stranger.get(&format!("{path}?format=phh")).await.refused(403, "NOT_APPROVED");
    let nothing = format!("/api/hands/{}/export?format=phh", Uuid::nil());
    table.host().get(&nothing).await.refused(404, "HAND_NOT_FOUND");
}

/// A card by the code of hand histories.
fn code(card: &str) -> String {
    let (suit, rank) = card.split_once('_').unwrap();
    format!("{}{}", if rank == "10" { "T" } else { rank }, &suit[..1])
}

#[tokio::test]
async fn the_host_has_powers_and_nobody_else_has() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let (host, anna) = (table.host(), &table.players[1]);
    for call in ["start", "pause", "resume", "end"] {
        anna.post(&table.path(call), json!({})).await.refused(403, "NOT_HOST");
    }
    let somebody = json!({ "userId": host.user });
    anna.post(&table.path("kick"), somebody.clone()).await.refused(403, "NOT_HOST");
    anna.post(&table.path("host"), somebody.clone()).await.refused(403, "NOT_HOST");
    anna.patch(&table.path("settings"), json!({ "bigBlind": 4 })).await.refused(403, "NOT_HOST");
    anna.post(&table.path("chips"), json!({ "userId": anna.user, "delta": 5 })).await.refused(403, "NOT_HOST");
    anna.get(&format!("{}?role=host", table.path("hydrate"))).await.refused(403, "ROLE_FORBIDDEN");

    host.post(&table.path("pause"), json!({})).await.ok();
    let (actor, view) = table.actor().await.unwrap();
    assert_eq!(view["game"]["status"], "paused");
    table.act(actor, json!({ "action": "FOLD" })).await.refused(409, "GAME_PAUSED");
    host.post(&table.path("resume"), json!({})).await.ok();
    table.act(actor, json!({ "action": "FOLD" })).await.ok();

    let given =
        host.post(&table.path("chips"), json!({ "userId": anna.user, "delta": 50, "reason": "late" })).await.ok();
    assert_eq!(given["queued"], true);
    let settings = host.patch(&table.path("settings"), json!({ "bigBlind": 10, "smallBlind": 5 })).await.ok();
    assert_eq!((&settings["settings"]["bigBlind"], &settings["settings"]["seats"]), (&json!(10), &json!(9)));
    host.patch(&table.path("settings"), json!({ "bigBlind": 1 })).await.refused(422, "INVALID_SETTINGS");

    host.post(&table.path("host"), json!({ "userId": anna.user })).await.ok();
    host.post(&table.path("pause"), json!({})).await.refused(403, "NOT_HOST");
    anna.post(&table.path("kick"), json!({ "userId": host.user, "ban": true })).await.ok();
    host.post(&table.path("join"), json!({ "displayName": "Host" })).await.refused(403, "BANNED");
    host.get(&table.path("hydrate")).await.refused(403, "NOT_APPROVED");
    assert_eq!(host.get(&table.path("me")).await.ok()["status"], "banned");

    let banned = table.hydrate(anna).await["banned"].clone();
    assert_eq!(banned[0]["user_id"], host.user.as_str());
    let named = json!({ "userId": host.user });
    anna.post(&table.path("kick"), named.clone()).await.refused(409, "USER_BANNED");
    anna.post(&table.path("unban"), named.clone()).await.ok();
    anna.post(&table.path("unban"), named).await.refused(409, "NOT_BANNED");
    assert_eq!(table.hydrate(anna).await["banned"], json!([]));
    assert_eq!(host.post(&table.path("join"), json!({ "displayName": "Host" })).await.status, 202);
}

/// Of their own hands people keep what they saw: after leaving, a kick, a ban.
#[tokio::test]
async fn who_is_gone_still_reads_the_hands_that_they_played() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/hands/{hand}");
    let own = |answer: &Value| {
        let dealt = answer["events"].as_array().unwrap().iter().find(|event| event["type"] == "hand_started");
        dealt.unwrap()["yourCards"].clone()
    };
    let before: Vec<Value> =
        [own(&table.players[1].get(&path).await.ok()), own(&table.players[2].get(&path).await.ok())].into();
    table.players[1].post(&table.path("leave"), json!({})).await.ok();
    table.host().post(&table.path("kick"), json!({ "userId": table.players[2].user, "ban": true })).await.ok();
    for (gone, cards) in table.players[1..].iter().zip(&before) {
        assert_eq!(own(&gone.get(&path).await.ok()), *cards);
        let listed = gone.get(&table.path("hands")).await.ok();
        assert_eq!(listed["hands"][0]["handId"], hand.as_str());
        assert_eq!(listed["hands"].as_array().unwrap().len(), 1);
        assert_eq!(gone.get(&table.path("hands?before=1")).await.ok(), json!({ "hands": [] }));
        gone.get(&format!("{path}/proofs")).await.ok();
        gone.get(&table.path("events?after=0")).await.refused(403, "NOT_APPROVED");
    }
    let stranger = Client::guest(&server, "Stranger").await;
    stranger.get(&path).await.refused(403, "NOT_APPROVED");
    stranger.get(&table.path("hands")).await.refused(403, "NOT_APPROVED");
    stranger.get(&table.path("hands?before=2")).await.refused(403, "NOT_APPROVED");
    stranger.post(&table.path("join"), json!({ "displayName": "Stranger" })).await.ok();
    stranger.get(&path).await.refused(403, "NOT_APPROVED");
    stranger.get(&table.path("hands")).await.refused(403, "NOT_APPROVED");
}

#[tokio::test]
async fn a_code_is_found_however_its_digits_are_read() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let code = "J1G08YJ5";
    server.database.sql(&format!("UPDATE holdfast.rooms SET code = '{code}'")).await;
    for typed in ["J1G08YJ5", "jlgo8yj5", "JIGO-8YJ5", "jig0%208yj5"] {
        let found = table.host().get(&format!("/api/rooms/code/{typed}")).await.ok();
        assert_eq!(found["room"]["id"], table.room.as_str(), "{typed}");
    }
    table.host().get("/api/rooms/code/J1G08YJS").await.refused(404, "ROOM_NOT_FOUND");
}

#[tokio::test]
async fn the_game_ends_with_the_hand_and_the_room_is_closed() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), None).await;
    table.host().post(&table.path("end"), json!({})).await.ok();
    assert_eq!(table.hydrate(table.host()).await["game"]["ending"], true);
    table.fold_out().await;
    for _ in 0..2 {
        assert_eq!(socket.event("seat_freed").await["reason"], "ended");
    }
    socket.event("game_ended").await;
    let view = table.hydrate(table.host()).await;
    assert_eq!((&view["room"]["status"], &view["game"]["status"]), (&json!("closed"), &json!("completed")));
    table.sit(0, 0).await.refused(409, "ROOM_CLOSED");
    let late = crate::clients::Client::guest(&server, "Late").await;
    late.post(&table.path("join"), json!({ "displayName": "Late" })).await.refused(409, "ROOM_CLOSED");
}

#[tokio::test]
async fn players_come_and_go_between_hands_and_within_them() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let (anna, ben) = (&table.players[1], &table.players[2]);
    let (mut socket, _) = Socket::join(&server, &table, table.host(), None).await;
    assert_eq!(ben.delete(&table.path("seat")).await.ok()["role"], "spectator");
    assert_eq!(socket.event("player_action").await["auto"], true);
    table.fold_out().await;
    assert_eq!(socket.event("seat_freed").await["userId"], ben.user.as_str());
    anna.post(&table.path("sit-out"), json!({})).await.ok();
    table.fold_out().await;
    tokio::time::timeout(Duration::from_secs(10), async {
        while table.hydrate(anna).await["hand"]["phase"] != "complete" {}
    })
    .await
    .unwrap();
    assert_eq!(table.hydrate(anna).await["game"]["next_hand_at"], Value::Null, "one player is no game");
    anna.post(&table.path("sit-in"), json!({})).await.ok();
    socket.event("hand_started").await;
    assert_eq!(anna.post(&table.path("leave"), json!({})).await.ok(), json!({ "status": "left" }));
    assert_eq!(socket.event("member_left").await["userId"], anna.user.as_str());
    table.act(anna, json!({ "action": "FOLD" })).await.refused(403, "NOT_APPROVED");
}
