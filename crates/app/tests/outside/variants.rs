//! Every game from outside: what is dealt and posted, what may be bet, how pots are told, and what is left in the database.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::fairness::{proved, told};
use crate::server::Server;

/// A variant, its hole cards, and the most that the first to act may raise to, of 200 chips with blinds 1 and 2.
const GAMES: [(&str, usize, u64); 5] =
    [("nlhe", 2, 200), ("plo", 4, 7), ("plo5", 5, 7), ("plo8", 4, 7), ("shortdeck", 2, 198)];

pub fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

pub fn sum(all: &Value) -> u64 {
    all.as_array().unwrap().iter().map(|one| one["amount"].as_u64().unwrap()).sum()
}

pub async fn passes_the_audit(server: &Server) {
    let output = server.command(&["audit"]);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("0 differences"), "{told}");
}

/// Everybody calls or checks until the hand is over.
pub async fn call_down(table: &Table, hand: &Value) {
    while let Some((actor, view)) = table.actor().await {
        if view["hand"]["id"] != *hand {
            return;
        }
        let free = texts(&view["me"]["legal_actions"]["actions"]).iter().any(|action| action == "CHECK");
        let action = if free { "CHECK" } else { "CALL" };
        table.act(actor, json!({ "action": action, "turn": view["timer"]["turn"] })).await.ok();
    }
}

/// The events of a hand, as a player sees them.
pub async fn record(reader: &Client, hand: &Value) -> Vec<Value> {
    let body = reader.get(&format!("/api/hands/{}", hand.as_str().unwrap())).await.ok();
    body["events"].as_array().unwrap().clone()
}

pub fn of_type<'e>(events: &'e [Value], kind: &'e str) -> impl Iterator<Item = &'e Value> {
    events.iter().filter(move |event| event["type"] == kind)
}

fn checks_the_end(variant: &str, holes: usize, events: &[Value]) {
    for paid in of_type(events, "pot_distributed") {
        assert_eq!(sum(&paid["parts"]), paid["amount"].as_u64().unwrap(), "{variant}: the parts are the pot: {paid}");
        assert_eq!(sum(&paid["winners"]), paid["amount"].as_u64().unwrap(), "{variant}");
        for part in paid["parts"].as_array().unwrap() {
            assert_eq!(sum(&part["winners"]), part["amount"].as_u64().unwrap(), "{variant}: {part}");
            assert!(part["half"] == "whole" || variant == "plo8", "{variant}: {part}");
        }
    }
    let done = of_type(events, "hand_complete").next().expect("the hand is over");
    assert_eq!(done["boards"], json!([done["board"]]));
    assert_eq!(done["board"].as_array().unwrap().len(), 5);
    assert!(!done["shown"].as_array().unwrap().is_empty(), "it came to a showdown");
    for shown in done["shown"].as_array().unwrap() {
        assert_eq!(shown["cards"].as_array().unwrap().len(), holes, "{variant}: a hand is shown whole");
        assert_eq!(shown["ranks"][0]["high"], shown["handRank"], "{variant}");
        assert!(shown["ranks"][0]["low"].is_null() || variant == "plo8", "{variant}: {shown}");
    }
}

#[tokio::test]
async fn every_variant_is_played_from_the_deal_to_the_showdown_and_passes_the_audit() {
    let server = Server::start().await;
    for (variant, holes, most) in GAMES {
        let table = Table::playing(&server, 4, json!({ "variant": variant })).await;
        let view = table.live_hand().await;
        let hand = view["hand"]["id"].clone();
        assert_eq!(view["hand"]["variant"], variant);
        assert_eq!((&view["hand"]["kind"], &view["game"]["variant"]), (&json!("ordinary"), &json!(variant)));
        let (actor, first) = table.actor().await.unwrap();
        let legal = &first["me"]["legal_actions"];
        assert_eq!(legal["max_raise_to"], most, "{variant}: {legal}");
        let over = json!({ "action": "RAISE", "amount": most + 1, "turn": first["timer"]["turn"] });
        table.act(actor, over).await.refused(422, "ILLEGAL_AMOUNT");
        if most < 100 {
            let refused = table.act(actor, json!({ "action": "ALL_IN" })).await.refused(422, "ILLEGAL_ACTION");
            assert_eq!(refused["legalActions"]["maxRaiseTo"], most, "{variant}");
        }
        let mut dealt = BTreeSet::new();
        for player in &table.players {
            let mine = texts(&table.hydrate(player).await["me"]["hole_cards"]);
            assert_eq!(mine.len(), holes, "{variant}");
            dealt.extend(mine);
        }
        assert_eq!(dealt.len(), 4 * holes, "{variant}: each card once");
        call_down(&table, &hand).await;
        for player in &table.players {
            let events = record(player, &hand).await;
            let started = of_type(&events, "hand_started").next().unwrap();
            assert_eq!(started["yourCards"].as_array().unwrap().len(), holes, "{variant}");
            assert_eq!((&started["boardCount"], &started["buttonDead"]), (&json!(1), &json!(false)));
            checks_the_end(variant, holes, &events);
            let commitment = told(&table, player, hand.as_str().unwrap()).await;
            assert!(proved(player, hand.as_str().unwrap(), &commitment).await.len() >= holes + 5, "{variant}");
        }
    }
    passes_the_audit(&server).await;
}

///
#[tokio::test]
async fn a_short_deck_has_no_card_below_six_and_antes_with_a_button_blind() {
    let server = Server::start().await;
    let settings = json!({ "variant": "shortdeck", "ante": 2, "buttonBlind": 4 });
    let table = Table::playing(&server, 4, settings).await;
    let hand = table.live_hand().await["hand"]["id"].clone();
    let events = record(table.host(), &hand).await;
    let started = of_type(&events, "hand_started").next().unwrap();
    let posts: Vec<_> = started["blinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|post| (post["kind"].as_str().unwrap(), &post["amount"]))
        .collect();
    assert_eq!(posts[..4], [("ante", &json!(2)); 4]);
    assert_eq!(posts[4..], [("button_blind", &json!(4))]);
    assert_eq!(started["blinds"][4]["seatIndex"], started["buttonSeat"]);
    assert_eq!((&started["smallBlindSeat"], &started["bigBlindSeat"]), (&Value::Null, &Value::Null));
    let (actor, view) = table.actor().await.unwrap();
    let left = (started["buttonSeat"].as_u64().unwrap() + 1) % 4;
    assert_eq!(view["me"]["seat_index"], left, "left of the button acts first");
    let legal = &view["me"]["legal_actions"];
    assert_eq!((&legal["call_amount"], &legal["min_raise_to"]), (&json!(4), &json!(8)));
    table.act(actor, json!({ "action": "CALL" })).await.ok();
    call_down(&table, &hand).await;
    let mut seen = Vec::new();
    for player in &table.players {
        let events = record(player, &hand).await;
        seen.extend(texts(&of_type(&events, "hand_started").next().unwrap()["yourCards"]));
        seen.extend(texts(&of_type(&events, "hand_complete").next().unwrap()["board"]));
    }
    let low: Vec<&String> = seen.iter().filter(|card| card.ends_with(['2', '3', '4', '5'])).collect();
    assert!(low.is_empty(), "{low:?}");
    passes_the_audit(&server).await;
}

#[tokio::test]
async fn a_rotation_plays_its_games_in_turn_also_after_a_restart() {
    let mut server = Server::start().await;
    let settings = json!({ "rotation": ["plo", "shortdeck", "nlhe"], "rotationHands": 2 });
    let table = Table::playing(&server, 3, settings).await;
    let mut played = Vec::new();
    for number in 1..=7 {
        let view = table.live_hand().await;
        assert_eq!(view["game"]["hand_number"], number);
        played.push(view["hand"]["variant"].as_str().unwrap().to_owned());
        assert_eq!(view["game"]["variant"], view["hand"]["variant"]);
        assert_eq!(view["game"]["hands_to_next_variant"], number % 2, "hand {number}");
        let next = ["plo", "shortdeck", "nlhe"][((number as usize - 1) / 2 + 1) % 3];
        assert_eq!(view["game"]["next_variant"], next);
        if number == 3 {
            server.kill();
            server.start_again();
        }
        table.fold_out().await;
    }
    assert_eq!(played, ["plo", "plo", "shortdeck", "shortdeck", "nlhe", "nlhe", "plo"]);
    passes_the_audit(&server).await;
}

#[tokio::test]
async fn games_that_do_not_fit_are_refused_in_words_and_change_nothing() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({ "seats": 10 })).await;
    let before = table.hydrate(table.host()).await["room"]["settings"].clone();
    for (settings, word) in [
        (json!({ "variant": "plo5" }), "nine"),
        (json!({ "rotation": ["plo", "plo5"] }), "nine"),
        (json!({ "variant": "razz" }), "nlhe"),
        (json!({ "rotation": ["plo"] }), "rotation"),
        (json!({ "rotationHands": -1 }), "rotation"),
        (json!({ "variant": "shortdeck", "buttonBlind": 3 }), "button blind"),
    ] {
        let refused = table.host().patch(&table.path("settings"), settings).await.refused(422, "INVALID_SETTINGS");
        assert!(refused["detail"].as_str().unwrap().contains(word), "{refused}");
    }
    assert_eq!(table.hydrate(table.host()).await["room"]["settings"], before);
    let five = table.host().patch(&table.path("settings"), json!({ "variant": "plo5", "seats": 9 })).await.ok();
    assert_eq!((&five["settings"]["variant"], &five["settings"]["rotation"]), (&json!("plo5"), &json!([])));
}

/// A hand of Omaha that was being played is played on, after its server was killed, with the same cards.
#[tokio::test]
async fn a_hand_of_omaha_outlives_its_server() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 3, json!({ "variant": "plo8" })).await;
    let hand = table.live_hand().await["hand"]["id"].clone();
    let (actor, view) = table.actor().await.unwrap();
    table.act(actor, json!({ "action": "RAISE", "amount": 7, "turn": view["timer"]["turn"] })).await.ok();
    let before = table.hydrate(actor).await["me"]["hole_cards"].clone();
    server.kill();
    server.start_again();
    assert_eq!(table.hydrate(actor).await["me"]["hole_cards"], before);
    call_down(&table, &hand).await;
    checks_the_end("plo8", 4, &record(actor, &hand).await);
    passes_the_audit(&server).await;
}
