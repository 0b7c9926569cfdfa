//! Many at once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clients::{Client, Socket, Table, seqs};
use crate::play::{Random, legal_action};
use crate::server::Server;

/// T-R1: twenty copies of one action apply once, and all get the same answer.
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

/// T-R2: two different actions for one turn: one is taken.
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

/// T-J2: ten users race for a seat and one gets it.
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

/// T-R5: the host's two tabs approve and reject at once; one counts.
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

/// T-R6: several nodes start the next hand; hand numbers stay dense.
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
    assert!(numbers.len() >= 20);
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

/// T-R1: three calls of ten are sent twice, at the same instant or after; no action counts twice.
#[tokio::test]
async fn calls_that_are_sent_twice_count_once() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let mut random = Random(11);
    let mut taken = 0;
    for _ in 0..60 {
        let Some((actor, view)) = table.actor().await else { continue };
        if !view["me"]["legal_actions"].is_object() {
            continue;
        }
        let action = legal_action(&mut random, &view);
        let copies = if random.below(10) < 3 { 2 } else { 1 };
        let answers = if random.below(2) == 0 {
            join_all((0..copies).map(|_| table.act(actor, action.clone()))).await
        } else {
            let mut answers = Vec::new();
            for _ in 0..copies {
                answers.push(table.act(actor, action.clone()).await);
            }
            answers
        };
        let answers: Vec<Value> = answers.into_iter().map(|answer| answer.ok()).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        taken += 1;
    }
    let mut acted = server.database.sql("SELECT count(*) FROM holdfast.actions WHERE NOT auto").await;
    assert_eq!(acted.remove(0).remove(0).unwrap().parse::<usize>().unwrap(), taken);
}

/// T-R2: of two to eight different actions for one turn one is taken, whoever sends them, from whichever tab.
#[tokio::test]
async fn of_any_actions_for_one_turn_one_is_taken() {
    let server = Server::start().await;
    let node = server.second_node();
    let table = Table::playing(&server, 3, json!({})).await;
    let mut random = Random(12);
    for round in 0..12 {
        let Some((actor, view)) = table.actor().await else { continue };
        let turn = view["timer"]["turn"].clone();
        let count = 2 + random.below(7);
        let tries = (0..count).map(|number| {
            let body = match number % 3 {
                0 => json!({ "action": "FOLD", "turn": turn }),
                1 => json!({ "action": "ALL_IN", "turn": turn }),
                _ => json!({ "action": "FOLD", "turn": turn, "actionId": Uuid::from_u128(u128::from(round * 10 + number)) }),
            };
            let tab = if number % 2 == 0 { actor.clone() } else { actor.at(&node.base) };
            let path = format!("/api/games/{}/actions", table.game);
            async move { tab.post(&path, body).await }
        });
        let (taken, refused): (Vec<_>, Vec<_>) =
            join_all(tries).await.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(taken.len(), 1, "round {round}");
        for answer in refused {
            let code = answer.body["code"].as_str().unwrap().to_owned();
            assert!(matches!(code.as_str(), "STALE_TURN" | "NO_HAND"), "{code}");
        }
        table.fold_out().await;
    }
}

/// T-R3: around the deadline either the player or the clock decides a turn, never both and never nobody.
#[tokio::test]
async fn a_turn_is_decided_once_by_the_player_or_by_the_clock() {
    const TABLES: u64 = 6;
    const TURNS: usize = 8;
    let server = Server::start().await;
    let play = async |seed: u64| {
        let settings = json!({ "actionTimeoutSecs": 1, "timebankSecs": 0 });
        let table = Table::playing(&server, 2, settings).await;
        let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
        let mut random = Random(seed);
        let mut results: BTreeMap<u64, Vec<bool>> = BTreeMap::new();
        let mut started = socket.event("hand_started").await;
        while results.len() < TURNS {
            let timer = started["timer"].clone();
            let actor =
                started["seats"].as_array().unwrap().iter().find(|seat| seat["seatIndex"] == timer["actorSeat"]);
            let actor = actor.unwrap()["userId"].as_str().unwrap().to_owned();
            let actor = table.players.iter().find(|player| player.user == actor).unwrap();
            let left = timer["deadlineAt"].as_i64().unwrap() - timer["startedAt"].as_i64().unwrap();
            // Within 20 ms of the deadline, before or after: the instant is what is tested, there is no event to wait for.
            let wait = left as u64 - 20 + random.below(41);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let answer = table.act(actor, json!({ "action": "FOLD", "turn": timer["turn"] })).await;
            let acted = socket.event("player_action").await;
            assert_eq!(acted["turn"], timer["turn"]);
            results.entry(acted["turn"].as_u64().unwrap()).or_default().push(acted["auto"] == true);
            assert_eq!(answer.status == 200, acted["auto"] == false, "{} {acted}", answer.body);
            if answer.status != 200 {
                answer.refused(409, "STALE_TURN");
            }
            for player in &table.players {
                player.post(&table.path("sit-in"), json!({})).await.ok();
            }
            started = socket.event("hand_started").await;
        }
        assert!(results.values().all(|of_turn| of_turn.len() == 1));
        let numbers: Vec<u64> = socket.heard.iter().filter_map(|text| seq_of(text)).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    };
    join_all((0..TABLES).map(play)).await;
}

fn seq_of(text: &str) -> Option<u64> {
    let message: Value = serde_json::from_str(text).unwrap();
    message.get("roomId").and(message["seq"].as_u64())
}

/// Everybody folds until the hand is over, also those who are on their way out.
async fn fold_whoever_is_left(table: &Table) {
    let hand = table.live_hand().await["hand"]["id"].clone();
    loop {
        let view = table.hydrate(table.host()).await;
        let Some(seat) = view["timer"]["actor_seat"].as_u64().filter(|_| view["hand"]["id"] == hand) else { return };
        let user = &view["seats"][seat as usize]["user_id"];
        if let Some(actor) = table.players.iter().find(|player| *user == player.user.as_str()) {
            table.act(actor, json!({ "action": "FOLD", "turn": view["timer"]["turn"] })).await;
        }
    }
}

/// T-R4: whoever leaves, is kicked or stands up while hands are dealt is in a hand to its end or not at all; no chip is lost.
#[tokio::test]
async fn going_while_hands_are_dealt_loses_nothing() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    let mut random = Random(13);
    for round in 0..12 {
        let goes = 1 + random.below(3) as usize;
        let gone = &table.players[goes];
        let kind = random.below(3);
        let removal = async {
            match kind {
                0 => gone.post(&table.path("leave"), json!({})).await,
                1 => table.host().post(&table.path("kick"), json!({ "userId": gone.user })).await,
                _ => gone.delete(&table.path("seat")).await,
            }
        };
        let (removed, ()) = tokio::join!(removal, fold_whoever_is_left(&table));
        removed.ok();
        if kind < 2 {
            table.let_in(gone, &format!("Player {}", goes - 1)).await;
        }
        // The seat is free when the hand is over: until then it is theirs.
        let back = async {
            loop {
                let back = gone.post(&table.path("seat"), json!({ "seatIndex": goes })).await;
                if back.status == 200 {
                    return;
                }
                let code = back.body["code"].as_str().unwrap().to_owned();
                assert!(matches!(code.as_str(), "ALREADY_SEATED" | "SEAT_TAKEN"), "{code}");
                fold_whoever_is_left(&table).await;
            }
        };
        tokio::time::timeout(crate::clients::PATIENCE, back).await.expect("the seat becomes free");
        let view = table.hydrate(table.host()).await;
        assert_eq!(Table::chips(&view), 800, "round {round}");
    }
    let events = table.host().get(&table.path("events?after=0")).await.ok();
    let numbers = seqs(events["events"].as_array().unwrap());
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

/// What may become of somebody who stands in a column when the command of a row is given: the status they have then, or
/// the code of the refusal.
const TRANSITIONS: &str = "
            none      pending   approved  rejected  left      kicked    banned
join        pending   pending   ALREADY_IN_ROOM pending pending pending BANNED
leave       NOT_APPROVED left   left      NOT_APPROVED NOT_APPROVED NOT_APPROVED NOT_APPROVED
seat        NOT_APPROVED NOT_APPROVED approved NOT_APPROVED NOT_APPROVED NOT_APPROVED NOT_APPROVED
spectate    NOT_APPROVED NOT_APPROVED approved NOT_APPROVED NOT_APPROVED NOT_APPROVED NOT_APPROVED
approve     USER_NOT_FOUND approved NOT_PENDING NOT_PENDING NOT_PENDING NOT_PENDING NOT_PENDING
reject      USER_NOT_FOUND rejected NOT_PENDING NOT_PENDING NOT_PENDING NOT_PENDING NOT_PENDING
kick        USER_NOT_FOUND kicked kicked  kicked    kicked    kicked    USER_BANNED
unban       USER_NOT_FOUND NOT_BANNED NOT_BANNED NOT_BANNED NOT_BANNED NOT_BANNED kicked
ban         USER_NOT_FOUND banned banned  banned    banned    banned    banned
hand-over   USER_NOT_FOUND NOT_APPROVED approved NOT_APPROVED NOT_APPROVED NOT_APPROVED NOT_APPROVED
";

/// T-J1: whatever somebody's status, a command leads where the table says, or is refused and changes nothing.
#[tokio::test]
async fn every_command_leads_from_every_status_where_the_table_says() {
    let server = Server::start().await;
    let mut lines = TRANSITIONS.lines().filter(|line| !line.is_empty());
    let statuses: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    for line in lines {
        let mut words = line.split_whitespace();
        let command = words.next().unwrap();
        let tries = statuses.iter().zip(words).map(|(status, expected)| transition(&server, command, status, expected));
        join_all(tries).await;
    }
}

async fn transition(server: &Server, command: &str, status: &str, expected: &str) {
    let what = format!("{command} of somebody who is {status}");
    let table = Table::with_members(server, 0, json!({})).await;
    let (host, guest) = (table.host(), Client::guest(server, "Guest").await);
    let named = json!({ "userId": guest.user });
    let ask = json!({ "displayName": "Guest" });
    if status != "none" {
        guest.post(&table.path("join"), ask.clone()).await.ok();
    }
    let before: &[(&str, Value)] = match status {
        "none" | "pending" => &[],
        "approved" => &[("approve", json!({ "userId": guest.user, "approved": true }))],
        "rejected" => &[("reject", named.clone())],
        "kicked" => &[("kick", named.clone())],
        "banned" => &[("kick", json!({ "userId": guest.user, "ban": true }))],
        "left" => {
            guest.post(&table.path("leave"), json!({})).await.ok();
            &[]
        }
        other => panic!("{other} is no status"),
    };
    for (call, body) in before {
        host.post(&table.path(call), body.clone()).await.ok();
    }
    let status_now = async || guest.get(&table.path("me")).await.body["status"].as_str().unwrap_or("none").to_owned();
    // A stranger gets a problem, whose `status` is a number: they have none.
    assert_eq!(status_now().await, status);
    let seq = table.hydrate(host).await["seq"].clone();
    let (who, call, body) = match command {
        "join" => (&guest, "join", ask),
        "leave" => (&guest, "leave", json!({})),
        "seat" => (&guest, "seat", json!({ "seatIndex": 1 })),
        "spectate" => (&guest, "spectate", json!({})),
        "approve" => (host, "approve", json!({ "userId": guest.user, "approved": true })),
        "reject" => (host, "reject", named),
        "kick" => (host, "kick", named),
        "unban" => (host, "unban", named),
        "ban" => (host, "kick", json!({ "userId": guest.user, "ban": true })),
        "hand-over" => (host, "host", named),
        other => panic!("{other} is no command"),
    };
    let answer = who.post(&table.path(call), body).await;
    if answer.status < 300 {
        assert_eq!(status_now().await, expected, "{what}");
    } else {
        assert_eq!(answer.body["code"], expected, "{what}: {}", answer.body);
        assert_eq!(status_now().await, status, "{what}");
        assert_eq!(table.hydrate(host).await["seq"], seq, "{what}");
    }
}

/// T-R5: settings against start, and closing against joining: either comes first, and both know it.
#[tokio::test]
async fn what_a_host_does_in_two_tabs_at_once_is_done_in_some_order() {
    let server = Server::start().await;
    for _ in 0..5 {
        let table = Table::with_members(&server, 1, json!({ "actionTimeoutSecs": 0 })).await;
        for player in 0..2 {
            table.sit(player, player).await.ok();
        }
        let (settings, start) = (table.path("settings"), table.path("start"));
        let change = table.host().patch(&settings, json!({ "bigBlind": 8, "smallBlind": 4 }));
        let (changed, started) = tokio::join!(change, table.host().post(&start, json!({})));
        changed.ok();
        started.ok();
        let events = table.host().get(&table.path("events?after=0")).await.ok()["events"].clone();
        let events = events.as_array().unwrap();
        let place = |kind: &str| events.iter().position(|event| event["type"] == kind).unwrap();
        let big = if place("settings_changed") < place("hand_started") { 8 } else { 2 };
        let blinds = events[place("hand_started")]["blinds"].as_array().unwrap();
        assert!(blinds.iter().any(|blind| blind["amount"] == big), "{blinds:?}");

        let late = Client::guest(&server, "Late").await;
        let (join, end) = (table.path("join"), table.path("end"));
        table.fold_out().await;
        let (joined, ended) =
            tokio::join!(late.post(&join, json!({ "displayName": "Late" })), table.host().post(&end, json!({})));
        ended.ok();
        assert!(joined.status == 202 || joined.body["code"] == "ROOM_CLOSED", "{}", joined.body);
    }
}

/// T-J2: fifty claims on one seat at once, several times: one is seated, and nobody twice.
#[tokio::test]
async fn of_fifty_claims_on_a_chair_one_is_met() {
    let server = Server::start().await;
    let node = server.second_node();
    let table = Table::with_members(&server, 9, json!({})).await;
    for round in 0..6 {
        let claims = (0..50).map(|number| {
            let player = &table.players[number % 10];
            let player = if number % 2 == 0 { player.clone() } else { player.at(&node.base) };
            let path = table.path("seat");
            async move { player.post(&path, json!({ "seatIndex": round, "buyIn": 200 })).await }
        });
        let (met, refused): (Vec<_>, Vec<_>) =
            join_all(claims).await.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(met.len(), 1, "round {round}");
        for answer in refused {
            assert_eq!(answer.status, 409);
            let code = answer.body["code"].as_str().unwrap().to_owned();
            assert!(matches!(code.as_str(), "SEAT_TAKEN" | "ALREADY_SEATED"), "{code}");
        }
    }
    let seated = server.database.sql("SELECT count(user_id), count(DISTINCT user_id) FROM holdfast.room_seats").await;
    assert_eq!(seated[0], [Some("6".to_owned()), Some("6".to_owned())]);
}
