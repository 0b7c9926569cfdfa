//! Many at once.

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::clients::{Client, Table};
use crate::server::Server;

/// R1: twenty copies of one action apply once, and all get the same answer.
#[tokio::test]
async fn twenty_copies_of_one_action_apply_once() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (actor, view) = table.actor().await.unwrap();
    let action = json!({ "action": "CALL", "actionId": Uuid::from_u128(77), "turn": view["timer"]["turn"] });
    let answers = join_all((0..20).map(|_| table.act(actor, action.clone()))).await;
    let seq = view["seq"].as_u64().unwrap() + 1;
    for answer in answers {
        assert_eq!(answer.ok(), json!({ "success": true, "seq": seq }));
    }
    assert_eq!(table.hydrate(actor).await["seq"], seq);
    let other = json!({ "action": "FOLD", "actionId": Uuid::from_u128(77) });
    table.act(actor, other).await.refused(422, "ACTION_ID_REUSED");
}

/// R2: two different actions for one turn: one is taken.
#[tokio::test]
async fn of_different_actions_for_one_turn_one_is_taken() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (actor, view) = table.actor().await.unwrap();
    let action = |amount: u64| json!({ "action": "RAISE", "amount": amount, "turn": view["timer"]["turn"] });
    let answers = join_all((4..12).map(|amount| table.act(actor, action(amount)))).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(taken.len(), 1);
    for answer in refused {
        answer.refused(409, "STALE_TURN");
    }
}

/// J2: ten users race for a seat and one gets it.
#[tokio::test]
async fn of_ten_users_who_race_for_a_seat_one_gets_it() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 9, json!({})).await;
    for seat in 0..3 {
        let answers = join_all((0..10).map(|player| table.sit(player, seat))).await;
        let seated = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(seated, 1, "seat {seat}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            assert!(matches!(answer.body["code"].as_str(), Some("SEAT_TAKEN" | "ALREADY_SEATED")), "{}", answer.body);
            assert_eq!(answer.status, 409);
        }
    }
    let seats = table.hydrate(table.host()).await["seats"].clone();
    let mut users: Vec<_> = seats.as_array().unwrap().iter().filter_map(|seat| seat["user_id"].as_str()).collect();
    users.sort_unstable();
    users.dedup();
    assert_eq!(users.len(), 3, "nobody has two seats");
}

/// R5: the host's two tabs approve and reject at once; one counts.
#[tokio::test]
async fn of_an_approval_and_a_refusal_at_once_one_counts() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for round in 0..5 {
        let guest = Client::guest(&server, "Guest").await;
        let name = format!("Guest {round}");
        guest.post(&table.path("join"), json!({ "displayName": name })).await.ok();
        let word = |approved: bool| json!({ "userId": guest.user, "approved": approved });
        let path = table.path("approve");
        let decide = |approved| table.host().post(&path, word(approved));
        let answers = futures_util::future::join(decide(true), decide(false)).await;
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
        let status = guest.get(&table.path("me")).await.ok()["status"].clone();
        let expected = if answers.0.status == 200 { "approved" } else { "rejected" };
        assert_eq!(status, expected);
    }
}

/// R6: several nodes start the next hand; hand numbers stay dense.
#[tokio::test]
async fn two_nodes_deal_each_hand_once() {
    let server = Server::start().await;
    let node = server.second_node();
    let table = Table::playing(&server, 2, json!({})).await;
    for _ in 0..20 {
        table.fold_out().await;
    }
    let events = table.host().at(&node.base).get(&table.path("events?after=0")).await.ok();
    let events = events["events"].as_array().unwrap();
    let numbers: Vec<u64> = events.iter().filter_map(|event| event["handNumber"].as_u64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert!(numbers.len() > 20);
    let seqs: Vec<u64> = crate::clients::seqs(events);
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
}

/// Migrations: two servers that start together on an empty database don't collide.
#[tokio::test]
async fn two_servers_start_together_on_an_empty_database() {
    let database = testkit::database().await;
    let data = tempfile::tempdir().unwrap();
    let mut servers: Vec<_> = (0..2)
        .map(|_| {
            std::process::Command::new(env!("CARGO_BIN_EXE_holdfast"))
                .env("HOLDFAST_BIND", "127.0.0.1:0")
                .env("DATABASE_URL", &database.url)
                .env("HOLDFAST_DATA_DIR", data.path())
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for server in &mut servers {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.take().unwrap()), &mut line).unwrap();
        assert!(line.contains("ready"), "{line:?}");
        server.kill().unwrap();
        server.wait().unwrap();
    }
}
