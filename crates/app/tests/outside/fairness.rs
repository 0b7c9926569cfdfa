//! The deal can be checked: what the room was told with the deal fits the cards that came, and nothing else is proved.

use std::collections::BTreeSet;

use domain::card::Card;
use domain::card::seed::{Hash, Proof, hash_from_hex};
use domain::ids::RoomId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{Client, Table};
use crate::server::Server;

fn hash(value: &Value) -> Hash {
    hash_from_hex(value.as_str().expect("a hash")).expect("64 hexadecimal digits")
}

fn cards(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|card| card.as_str().expect("a card").to_owned()).collect()
}

/// What the room was told when the running or last hand was dealt.
pub async fn told(table: &Table, reader: &Client, hand: &str) -> Value {
    let record = reader.get(&format!("/api/hands/{hand}")).await.ok();
    let started = record["events"].as_array().unwrap().iter().find(|event| event["type"] == "hand_started");
    let commitment = started.expect("a hand has its deal")["commitment"].clone();
    assert_eq!(commitment["algorithm"], "poker-deck-v1", "in {}", table.path(""));
    commitment
}

/// The cards that are proved to a reader; panics unless every proof holds against what the room was told.
pub async fn proved(reader: &Client, hand: &str, told: &Value) -> BTreeSet<String> {
    let body = reader.get(&format!("/api/hands/{hand}/proofs")).await.ok();
    assert_eq!(&body["commitment"], told);
    let room = RoomId(body["roomId"].as_str().unwrap().parse::<Uuid>().unwrap());
    let number = body["handNumber"].as_u64().unwrap();
    let salt = |text: &Value| {
        let bytes = text.as_str().unwrap().as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        bytes.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect::<Vec<_>>().try_into().unwrap()
    };
    let proofs = body["proofs"].as_array().unwrap().iter();
    proofs
        .map(|proof| {
            let card = proof["card"].as_str().unwrap();
            let path: Vec<Hash> = proof["path"].as_array().unwrap().iter().map(hash).collect();
            let proof = Proof {
                place: proof["place"].as_u64().unwrap() as u8,
                card: card.parse::<Card>().unwrap(),
                salt: salt(&proof["salt"]),
                path: path.try_into().unwrap(),
            };
            assert!(proof.holds(&hash(&told["root"]), room, number), "{card} was not where it is said to have been");
            card.to_owned()
        })
        .collect()
}

/// P18, T-C5: everybody can check the cards they have seen, and nobody gets a proof of any other; not even after the hand.
#[tokio::test]
async fn the_cards_that_somebody_saw_are_proved_to_them_and_no_others() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
    let told = told(&table, &watcher, &hand).await;
    assert_eq!(proved(&watcher, &hand, &told).await, BTreeSet::new(), "a spectator before the flop");
    let mut own = Vec::new();
    for player in &table.players {
        own.push(cards(&table.hydrate(player).await["me"]["hole_cards"]));
        assert_eq!(&proved(player, &hand, &told).await, own.last().unwrap());
    }
    // To the flop, then everybody folds.
    for _ in 0..3 {
        let (actor, view) = table.actor().await.unwrap();
        let call = view["me"]["legal_actions"]["call_amount"] != 0;
        table.act(actor, json!({ "action": if call { "CALL" } else { "CHECK" } })).await.ok();
    }
    let board = cards(&table.hydrate(&watcher).await["hand"]["board"]);
    assert_eq!(board.len(), 3);
    table.fold_out().await;
    assert_eq!(proved(&watcher, &hand, &told).await, board);
    for (player, own) in table.players.iter().zip(&own) {
        assert_eq!(proved(player, &hand, &told).await, own | &board);
    }
    let stranger = Client::guest(&server, "Sam").await;
    stranger.get(&format!("/api/hands/{hand}/proofs")).await.refused(403, "NOT_APPROVED");
    watcher.get(&format!("/api/hands/{}/proofs", Uuid::nil())).await.refused(404, "HAND_NOT_FOUND");
}

/// I-5: a crash in mid-hand changes neither the commitment nor a card of it.
#[tokio::test]
async fn the_commitment_outlives_a_crash() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
    let before = told(&table, table.host(), &hand).await;
    let cards = proved(table.host(), &hand, &before).await;
    server.kill();
    server.start_again();
    assert_eq!(told(&table, table.host(), &hand).await, before);
    assert_eq!(proved(table.host(), &hand, &before).await, cards);
}
