//! What the length of a message tells: nothing about hidden cards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::clients::{Client, Socket, Table, http};
use crate::server::Server;

/// Deals that are compared.
const DEALS: usize = 60;

/// A body as it was sent to somebody who would take it compressed.
async fn as_sent(server: &Server, client: &Client, path: &str) -> Vec<u8> {
    let request = http().get(format!("{}{path}", server.base)).bearer_auth(&client.token);
    let response = request.header("accept-encoding", "gzip, br, zstd, deflate").send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let encoding = response.headers().get("content-encoding").map(|encoding| encoding.to_str().unwrap().to_owned());
    assert!(encoding.as_deref().is_none_or(|encoding| encoding == "identity"), "{path} is compressed: {encoding:?}");
    response.bytes().await.unwrap().to_vec()
}

/// How much longer `body` is than the same without what its reader alone may know.
fn hidden_length(body: &[u8], hide: impl Fn(&mut Value)) -> usize {
    let mut value: Value = serde_json::from_slice(body).unwrap();
    hide(&mut value);
    body.len() - value.to_string().len()
}

fn without_cards(document: &mut Value) {
    let me = document["me"].as_object_mut().unwrap();
    assert!(me.remove("hole_cards").is_some_and(|cards| cards.is_array()));
    assert!(me.remove("hand_label").is_some_and(|label| label.is_string()));
}

fn without_your_cards(event: &mut Value) {
    let event = event.as_object_mut().unwrap();
    event.remove("yourCards");
    event.remove("handLabel");
}

fn without_any_cards(record: &mut Value) {
    record["events"].as_array_mut().unwrap().iter_mut().for_each(without_your_cards);
}

/// How many of these texts say what the reader's hand is called. Everybody knows that: as many as the reader had turns.
fn own_turns(text: &str) -> usize {
    text.matches("\"handLabel\":").count()
}

/// T-C6: whoever sees the encrypted line sees how long its messages are. Over many deals there is one length, for frames and for
/// documents, as they are sent, with as many turns of the reader in them.
#[tokio::test]
async fn nothing_with_hidden_cards_tells_about_them_by_its_length() {
    let server = Server::start().await;
    let settings = json!({ "minBuyIn": 100, "maxBuyIn": 100_000 });
    let mut table = Table::playing(&server, 2, settings).await;
    let watcher = Client::guest(&server, "Watcher").await;
    table.let_in(&watcher, "Watcher").await;
    table.players.push(watcher);
    let (mut own, _) = Socket::join(&server, &table, &table.players[1], None).await;
    let (mut others, _) = Socket::join(&server, &table, &table.players[2], None).await;

    let mut lengths: BTreeMap<(&str, usize), BTreeSet<usize>> = BTreeMap::new();
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for deal in 0..DEALS {
        let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
        let (player, streets) = (&table.players[1], if deal % 6 == 0 { 4 } else { 1 });
        for _ in 0..streets {
            let document = as_sent(&server, player, &table.path("hydrate")).await;
            lengths.entry(("hydrate", 0)).or_default().insert(hidden_length(&document, without_cards));
            let document: Value = serde_json::from_slice(&document).unwrap();
            texts.insert(format!("{}{}", document["me"]["hole_cards"], document["me"]["hand_label"]));
            let street = document["hand"]["phase"].clone();
            while streets > 1
                && let Some((actor, view)) = table.actor().await
                && view["hand"]["phase"] == street
                && view["hand"]["id"] == hand.as_str()
            {
                let checks = view["me"]["legal_actions"]["actions"].as_array().unwrap().contains(&json!("CHECK"));
                table.act(actor, json!({ "action": if checks { "CHECK" } else { "CALL" } })).await.ok();
            }
        }
        if streets == 1 {
            let (actor, _) = table.actor().await.unwrap();
            table.act(actor, json!({ "action": "FOLD" })).await.ok();
            // Nothing was shown, and the board is empty: the two cards are all that is proved.
            let proofs = as_sent(&server, player, &format!("/api/hands/{hand}/proofs")).await;
            let number: Value = serde_json::from_slice(&proofs).unwrap();
            let places = number["proofs"].as_array().unwrap().iter().map(|proof| proof["place"].to_string().len());
            let public = number["handNumber"].to_string().len() + places.sum::<usize>();
            lengths.entry(("proofs", 0)).or_default().insert(proofs.len() - public);
        }
        let file = as_sent(&server, player, &format!("/api/hands/{hand}/export?format=phh")).await;
        assert!(file.starts_with(b"variant = \"NT\"\n"), "{}", String::from_utf8_lossy(&file));
        let record = as_sent(&server, player, &format!("/api/hands/{hand}")).await;
        let turns = own_turns(std::str::from_utf8(&record).unwrap());
        lengths.entry(("hand", turns)).or_default().insert(hidden_length(&record, without_any_cards));
    }
    let page = as_sent(&server, &table.players[1], &format!("{}?after=0&limit=500", table.path("events"))).await;
    let page: BTreeMap<String, Box<serde_json::value::RawValue>> = serde_json::from_slice(&page).unwrap();
    let replayed: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(page["events"].get()).unwrap();
    let replayed: BTreeSet<&str> = replayed.iter().map(|event| event.get()).collect();
    for _ in 0..DEALS {
        let (mine, public) = (own.event("hand_started").await, others.event("hand_started").await);
        assert_eq!((&mine["seq"], &public["yourCards"]), (&public["seq"], &Value::Null));
        let text = own.heard.last().unwrap();
        let hidden = hidden_length(text.as_bytes(), without_your_cards);
        lengths.entry(("frame", own_turns(text))).or_default().insert(hidden);
        let is_in_page = mine["seq"].as_u64().unwrap() <= 500;
        assert!(!is_in_page || replayed.contains(text.as_str()), "live and replayed are the same bytes: {text}");
    }
    assert!(texts.len() > DEALS / 2, "cards and labels differ: {texts:?}");
    let kinds: Vec<_> = lengths.keys().copied().collect();
    let expected = [("frame", 0), ("frame", 1), ("hand", 0), ("hand", 1), ("hand", 4), ("hydrate", 0), ("proofs", 0)];
    assert_eq!(kinds, expected);
    for (kind, lengths) in lengths {
        assert_eq!(lengths.len(), 1, "{kind:?}: {lengths:?}");
    }
}

/// T-A10: presence is for members, and about members.
#[tokio::test]
async fn whoever_is_not_let_in_makes_no_noise_with_a_socket() {
    let server = Server::start_alone(&[]).await;
    let mut table = Table::with_members(&server, 2, json!({})).await;
    let banned = table.players.pop().unwrap();
    table.host().post(&table.path("kick"), json!({ "userId": banned.user, "ban": true })).await.ok();
    let (stranger, waiting) = (Client::guest(&server, "Stranger").await, Client::guest(&server, "Waiting").await);
    let (mut host, _) = Socket::join(&server, &table, table.host(), None).await;
    for client in [&banned, &stranger] {
        let mut socket = Socket::open(&server).await;
        socket.say(&json!({ "type": "authenticate", "roomId": table.room, "token": client.token })).await;
        assert_eq!(socket.closed().await, Some(4003));
    }
    waiting.post(&table.path("join"), json!({ "displayName": "Waiting" })).await.ok();
    let (mut applicant, _) = Socket::join(&server, &table, &waiting, None).await;
    // A member's comes after all of theirs would have.
    let (member, _) = Socket::join(&server, &table, &table.players[1], None).await;
    let heard = host.event("presence").await;
    assert_eq!((&heard["userId"], &heard["online"]), (&json!(table.players[1].user), &json!(true)));
    drop(member);
    assert_eq!(host.event("presence").await["online"], false);
    // Who is let in becomes one, and hears of the others from now on.
    table.host().post(&table.path("approve"), json!({ "userId": waiting.user, "approved": true })).await.ok();
    let heard = host.event("presence").await;
    assert_eq!((&heard["userId"], &heard["online"]), (&json!(waiting.user), &json!(true)));
    applicant.event("player_approved").await;
    assert!(applicant.heard.iter().all(|frame| !frame.contains("\"presence\"")), "{:?}", applicant.heard);
    let (_again, _) = Socket::join(&server, &table, &table.players[1], None).await;
    assert_eq!(applicant.event("presence").await["userId"], table.players[1].user.as_str());
}

/// The setting means it, whichever way somebody would come to watch.
#[tokio::test]
async fn where_no_spectators_are_allowed_there_are_none() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 2, json!({ "spectatorsAllowed": false })).await;
    let (anna, ben) = (&table.players[1], &table.players[2]);
    let as_spectator = format!("{}?role=spectator", table.path("hydrate"));
    anna.get(&as_spectator).await.refused(403, "ROLE_FORBIDDEN");
    anna.post(&table.path("spectate"), json!({})).await.refused(403, "ROLE_FORBIDDEN");
    table.sit(1, 3).await.ok();
    anna.get(&as_spectator).await.ok();
    assert_eq!(anna.delete(&table.path("seat")).await.ok()["role"], "approved");
    anna.get(&as_spectator).await.refused(403, "ROLE_FORBIDDEN");
    assert_eq!(anna.get(&table.path("me")).await.ok()["role"], "approved");
    assert_eq!(table.hydrate(anna).await["me"]["role"], "approved");
    assert_eq!(table.hydrate(anna).await["spectator_count"], 0);
    // It may change while somebody watches.
    table.host().patch(&table.path("settings"), json!({ "spectatorsAllowed": true })).await.ok();
    ben.post(&table.path("spectate"), json!({})).await.ok();
    let (mut socket, _) = Socket::join(&server, &table, anna, None).await;
    table.host().patch(&table.path("settings"), json!({ "spectatorsAllowed": false })).await.ok();
    assert_eq!(socket.event("spectator_left").await["userId"], ben.user.as_str());
    assert_eq!(table.hydrate(ben).await["me"]["role"], "approved");
    ben.get(&as_spectator).await.refused(403, "ROLE_FORBIDDEN");
}
