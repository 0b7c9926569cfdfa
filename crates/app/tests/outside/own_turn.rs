//! The actor's copy: the event that gives somebody the turn says what they may do.

use serde_json::{Value, json};

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

/// The document's words for the same.
fn as_in_the_document(legal: &Value) -> Value {
    json!({
        "actions": legal["actions"],
        "call_amount": legal["callAmount"],
        "min_raise_to": legal["minRaiseTo"],
        "max_raise_to": legal["maxRaiseTo"],
    })
}

fn tells_a_turn(event: &Value) -> bool {
    event["timer"].is_object()
}

#[tokio::test]
async fn only_the_player_to_act_is_told_what_is_legal_and_no_document_says_otherwise() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 3, json!({ "betweenHandsSecs": 0, "seats": 4 })).await;
    for player in 0..3 {
        table.sit(player, player).await.ok();
    }
    let watcher = table.players[3].clone();
    let mut lines: Vec<(Client, Socket, Vec<Value>)> = Vec::new();
    for client in &table.players {
        let (line, _) = Socket::join(&server, &table, client, None).await;
        lines.push((client.clone(), line, Vec::new()));
    }
    table.host().post(&table.path("start"), json!({})).await.ok();

    // Three hands: to the showdown, with raises, and by folds. After each step everybody's copies are compared with the document.
    let mut turns = 0;
    for step in 0..40 {
        let Some((actor, doc)) = table.actor().await else { continue };
        let seq = doc["seq"].as_u64().unwrap();
        for (client, line, heard) in &mut lines {
            heard.extend(line.events_until(seq).await);
            let last = heard.iter().rev().find(|event| tells_a_turn(event)).unwrap();
            let own = client.user == actor.user;
            assert_eq!(last["timer"]["legalActions"].is_object(), own, "{last}");
            assert_eq!(last.get("handLabel").is_some(), own, "{last}");
            if own {
                assert_eq!(as_in_the_document(&last["timer"]["legalActions"]), doc["me"]["legal_actions"], "{last}");
                assert_eq!(last["handLabel"], doc["me"]["hand_label"], "{last}");
                turns += 1;
            }
        }
        let legal = doc["me"]["legal_actions"]["actions"].as_array().unwrap();
        let can = |name: &str| legal.iter().any(|action| action == name);
        let action = match step % 5 {
            0 if can("RAISE") => json!({ "action": "RAISE", "amount": doc["me"]["legal_actions"]["min_raise_to"] }),
            3 if step > 25 => json!({ "action": "FOLD" }),
            _ if can("CHECK") => json!({ "action": "CHECK" }),
            _ => json!({ "action": "CALL" }),
        };
        table.act(actor, action).await.ok();
    }
    assert!(turns > 20, "{turns}");

    // Live, replayed and asked for, an event has the same bytes.
    for (client, _, heard) in &lines {
        let first = heard[0]["seq"].as_u64().unwrap();
        let last = heard.last().unwrap()["seq"].as_u64().unwrap();
        let (mut again, _) = Socket::join(&server, &table, client, Some(first - 1)).await;
        let replayed = again.events_until(last).await;
        assert_eq!(replayed[..heard.len()], heard[..]);
        let path = table.path(&format!("events?after={}&limit=500", first - 1));
        let asked = client.get(&path).await.ok();
        assert_eq!(asked["events"].as_array().unwrap()[..heard.len()], heard[..]);
    }
    let watched = watcher.get(&table.path("events?after=0&limit=500")).await.ok().to_string();
    assert!(!watched.contains("legalActions") && !watched.contains("handLabel"));
    let audited = server.audit(&server.database.url, &[]);
    assert!(audited.status.success(), "{}", String::from_utf8_lossy(&audited.stdout));
}
