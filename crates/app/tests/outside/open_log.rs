//! The log is open: events of a later version pass through a node that doesn't know them.

use std::process::Output;

use serde_json::{Value, json};
use testkit::{Nats, TestDatabase};

use crate::clients::{Client, Socket, Table, public_part, seqs};
use crate::server::{Bases, Server};

/// Commits what a node of a later version would: an event with a part that it has sealed. Returns the event's number.
async fn as_a_later_version(database: &TestDatabase, room: &str, hand: Option<&str>, event: &str) -> u64 {
    let hand = hand.map_or("NULL".to_owned(), |hand| format!("'{hand}'"));
    let rows = database
        .sql(&format!(
            "WITH state AS (UPDATE holdfast.game_states SET seq = seq + 1, version = version + 1 WHERE room_id = '{room}' \
             RETURNING room_id, seq) \
             INSERT INTO holdfast.room_events (room_id, seq, at, type, hand_id, public, sealed) \
             SELECT room_id, seq, clock_timestamp(), '{event}', {hand}, '{{\"{event}\":{{\"text\":\"Ada has hearts_A\"}}}}', '\\x00' \
             FROM state RETURNING seq"
        ))
        .await;
    rows.iter().flatten().flatten().next().unwrap().parse().unwrap()
}

fn passes(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.trim_end().ends_with("events: 0 differences"), "{said}");
    said
}

/// The event as everybody gets it: nothing but its number, room and time.
fn is_unknown(event: &Value, table: &Table, seq: u64) {
    let expected = json!({ "type": "unknown", "seq": seq, "roomId": table.room, "at": event["at"] });
    assert_eq!(*event, expected);
    assert!(event["at"].is_i64());
}

async fn plays_on(table: &Table, hands: u64) -> u64 {
    for _ in 0..hands {
        table.fold_out().await;
    }
    table.hydrate(table.host()).await["seq"].as_u64().unwrap()
}

async fn log(table: &Table, client: &Client, after: u64) -> Vec<Value> {
    let page = client.get(&table.path(&format!("events?after={after}"))).await.ok();
    page["events"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_event_of_a_later_version_passes_through_with_its_number() {
    let mut server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let asks = Client::guest(&server, "Pia").await;
    asks.post(&table.path("join"), json!({ "displayName": "Pia" })).await;
    let view = table.live_hand().await;
    let (before, hand) = (view["seq"].as_u64().unwrap(), view["hand"]["id"].as_str().unwrap().to_owned());
    let (mut anna, _) = Socket::join(&server, &table, table.host(), Some(before)).await;
    let (mut waiting, _) = Socket::join(&server, &table, &asks, Some(before)).await;

    // In the middle of a hand, before and after an action.
    let said = as_a_later_version(&server.database, &table.room, None, "chat_said").await;
    assert_eq!(said, before + 1);
    let (actor, view) = table.actor().await.unwrap();
    assert_eq!(view["seq"], said, "the document goes on");
    let acted = table.act(actor, json!({ "action": "CALL" })).await.ok()["seq"].as_u64().unwrap();
    let in_hand = as_a_later_version(&server.database, &table.room, Some(&hand), "insurance_bought").await;
    let last = plays_on(&table, 2).await;
    assert!(last > in_hand);

    // Live, replayed and over HTTP the same; to somebody who waits for approval nothing.
    let live = anna.events_until(last).await;
    assert_eq!(seqs(&live), (said..=last).collect::<Vec<_>>());
    let at = |seq: u64| &live[(seq - said) as usize];
    is_unknown(at(said), &table, said);
    is_unknown(at(in_hand), &table, in_hand);
    assert_eq!(at(acted)["type"], "player_action");
    let (mut again, _) = Socket::join(&server, &table, table.host(), Some(before)).await;
    assert_eq!(again.events_until(last).await, live);
    assert_eq!(log(&table, table.host(), before).await[..live.len()], live);
    let told = table.host().get(&format!("/api/hands/{hand}")).await.ok();
    let told = told["events"].as_array().unwrap();
    is_unknown(told.iter().find(|event| event["seq"] == in_hand).unwrap(), &table, in_hand);
    table.host().get(&format!("/api/hands/{hand}/proofs")).await.ok();
    let word = json!({ "userId": asks.user, "approved": false });
    table.host().post(&table.path("approve"), word).await.ok();
    waiting.event("player_rejected").await;
    assert!(waiting.heard.iter().all(|text| !text.contains("unknown")), "{:?}", waiting.heard);

    // Its text, and what it hides, went to nobody.
    let heard = [&anna.heard, &again.heard].into_iter().flatten();
    assert!(heard.into_iter().all(|text| !text.contains("hearts_A") || text.contains("yourCards")));

    let code = table.hydrate(table.host()).await["room"]["code"].as_str().unwrap().to_owned();
    let line = format!("room {code}: 2 events of a later version not judged, from seq {said} on (\"chat_said\")");
    assert!(passes(&server.audit(&server.database.url, &[])).lines().any(|said| said == line));
    server.kill();
    server.start_again();
    plays_on(&table, 1).await;
    assert!(passes(&server.audit(&server.database.url, &[])).contains(&line));
}

#[tokio::test]
async fn what_a_later_version_changed_beside_it_is_still_audited() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    as_a_later_version(&server.database, &table.room, None, "chat_said").await;
    plays_on(&table, 1).await;
    passes(&server.audit(&server.database.url, &[]));
    server.database.sql("UPDATE holdfast.room_seats SET chips = chips + 1 WHERE seat_index = 0").await;
    let audit = server.audit(&server.database.url, &[]);
    assert_eq!(audit.status.code(), Some(1));
    let said = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(said.contains("1 event of a later version not judged") && said.contains(", seat 0: "), "{said}");
}

/// A known event that can't be read stays what it was: damage, and no later version.
#[tokio::test]
async fn a_known_event_that_does_not_parse_is_no_later_version() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let seq = plays_on(&table, 1).await;
    let change = "UPDATE holdfast.room_events SET public = '{\"chat_said\":{}}' WHERE seq = 2";
    server.database.sql(change).await;
    table.host().get(&table.path("events?after=0")).await.refused(500, "INTERNAL");
    assert_eq!(log(&table, table.host(), seq - 1).await[0]["seq"], seq);
    let audit = server.audit(&server.database.url, &[]);
    assert_eq!(audit.status.code(), Some(1));
}

/// Two nodes. One is replaced by a later version, which writes an event that the other one doesn't know, in the middle of a hand;
/// then the later version is taken back.
#[tokio::test]
async fn a_rolling_upgrade_and_a_rollback_go_across_a_version_with_a_new_event() {
    let Some(nats) = Nats::start() else { return };
    let mut server = Server::start_nodes_with_bus(2, &nats.url()).await;
    let table = Table::playing(&server, 3, json!({})).await;
    let hand = table.live_hand().await["hand"]["id"].as_str().unwrap().to_owned();
    let bases: Vec<String> = (0..2).map(|_| server.bases.next().to_owned()).collect();
    let first = bases.iter().position(|base| *base == server.base).unwrap();
    let (replaced, other) = (&bases[first], &bases[1 - first]);
    let (mut there, _) = Socket::join_at(replaced, &table, table.host(), Some(0)).await;
    let (mut here, _) = Socket::join_at(other, &table, &table.players[1], Some(0)).await;

    // The upgrade: the first node goes, and what follows is done by its successor and by the other node in turn.
    let others = server.stop_node(0);
    there.closed().await;
    let left = table.at(&others);
    let (actor, _) = left.actor().await.unwrap();
    left.act(actor, json!({ "action": "CALL" })).await.ok();
    let mut foreign = vec![as_a_later_version(&server.database, &table.room, Some(&hand), "insurance_offered").await];
    let (actor, view) = left.actor().await.unwrap();
    assert_eq!(view["hand"]["id"], json!(hand), "the hand goes on");
    left.act(actor, json!({ "action": "CALL" })).await.ok();
    foreign.push(as_a_later_version(&server.database, &table.room, Some(&hand), "insurance_paid").await);
    foreign.push(as_a_later_version(&server.database, &table.room, None, "chat_said").await);
    // Nothing is done after it: the other node finds it by itself.
    let heard = here.events_until(foreign[2]).await;
    assert_eq!(seqs(&heard), (1..=foreign[2]).collect::<Vec<_>>());

    // The rollback: the successor goes, and a node of the old version takes its place, with all of that in the log.
    server.start_node_again(0);
    let (mut back, hello) = Socket::join_at(replaced, &table, table.host(), Some(foreign[0] - 1)).await;
    assert_eq!(hello["seq"], foreign[2]);
    let both = table.at(&Bases::of(bases.clone()));
    let last = plays_on(&both, 2).await;
    let replayed = back.events_until(last).await;
    let live = here.events_until(last).await;
    let all: Vec<Value> = heard.into_iter().chain(live).collect();
    assert_eq!(seqs(&all), (1..=last).collect::<Vec<_>>());
    let public = |events: &[Value]| events.iter().map(public_part).collect::<Vec<_>>();
    assert_eq!(public(&replayed), public(&all[foreign[0] as usize - 1..]));
    for seq in foreign {
        is_unknown(&all[seq as usize - 1], &table, seq);
    }
    assert!(passes(&server.audit(&server.database.url, &[])).contains("3 events of a later version not judged"));
}
