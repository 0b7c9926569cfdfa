//! Does the checker see? A run in which every promise is kept passes; each way to break one is found, and called by its name.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod model;

use std::collections::BTreeMap;

use chaos_check::verdict::{Invariant, Outcome, Verdict};
use model::{ANNA, Folder, HOST, Model, RABBIT, ROOM, SAM, cards, hand, iso, token};
use serde_json::{Value, json};
use uuid::Uuid;

fn verdict(folder: &Folder) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    folder.write(dir.path());
    let verdict = chaos_check::check(dir.path()).unwrap();
    if let Some(first) = verdict.violations.first() {
        // The counter-example can always be shown.
        assert!(chaos_check::excerpt::of(dir.path(), first).unwrap().contains(&first.say.replace('"', "\\\"")));
    }
    verdict
}

#[test]
fn a_run_in_which_every_promise_is_kept_passes() {
    let verdict = verdict(&Model::run());
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", serde_json::to_string_pretty(&verdict).unwrap());
    assert!(verdict.pass && verdict.notes.is_empty(), "{:?}", verdict.notes);
    let counts = verdict.counts;
    assert_eq!((counts.acks, counts.fails, counts.kills, counts.hands, counts.rooms), (18, 1, 1, 4, 1));
    assert_eq!(verdict.quantiles["ack_to_seen_ms"].count, 24, "eight acknowledged actions, three readers");
}

type Mutation = (&'static str, Invariant, fn(&mut Folder));

/// Swaps a value for another one and returns the old one.
fn set(place: &mut Value, new: impl Into<Value>) -> Value {
    std::mem::replace(place, new.into())
}

/// Puts the frame of the event `seq` at the end of a client's log and returns a copy.
fn put_last(folder: &mut Folder, client: usize, seq: u64) -> Value {
    let line = folder.lose(client, seq);
    folder.client(client).push(line.clone());
    line
}

const MUTATIONS: [Mutation; 82] = [
    ("a bounty is paid for nothing", Invariant::Hands, |run| {
        let hand = run.event(17)["public"]["hand_completed"]["hand"].clone();
        let from = json!([{"seat": 1, "user": ANNA, "amount": 5}]);
        set(&mut run.event(18)["type"], "bounty_paid");
        set(
            &mut run.event(18)["public"],
            json!({"bounty_paid": {"hand": hand, "seat": 0, "user": HOST, "amount": 5, "from": from}}),
        );
    }),
    ("a pot is divided into parts that are not its own", Invariant::Chips, |run| {
        let paid = &mut run.event(16)["public"]["pot_distributed"];
        let winners = paid["winners"].clone();
        set(&mut paid["parts"], json!([{"board": 0, "half": "whole", "amount": 11, "winners": winners}]));
    }),
    ("a hand has a second board that nobody chose", Invariant::Hands, |run| {
        set(&mut run.event(18)["public"]["hand_started"]["boards"], 2);
    }),
    ("a bomb pot comes that is none by the settings", Invariant::Hands, |run| {
        set(&mut run.event(18)["public"]["hand_started"]["kind"], "bomb_pot");
    }),
    ("a straddle is posted heads-up", Invariant::Hands, |run| {
        set(&mut run.event(18)["public"]["hand_started"]["posts"][1]["kind"], "straddle");
    }),
    ("a straddle is no twice the blind before it", Invariant::Chips, |run| {
        set(&mut run.event(18)["public"]["hand_started"]["posts"][1]["kind"], "straddle");
    }),
    ("a player is passed over", Invariant::Turns, |run| {
        for seq in [12, 13] {
            let asked = &mut run.event(seq)["public"];
            let what = asked.as_object_mut().unwrap().values_mut().next().unwrap();
            let other = 1 - what["timer"]["actor"].as_u64().unwrap();
            set(&mut what["timer"]["actor"], other);
        }
    }),
    ("a stack grows in a call", Invariant::Chips, |run| {
        set(&mut run.event(11)["public"]["acted"]["chips"], 95);
    }),
    ("a pot is larger than what was put in", Invariant::Chips, |run| {
        set(&mut run.event(16)["public"]["pot_distributed"]["amount"], 13);
    }),
    ("a pot is paid twice", Invariant::Chips, |run| {
        let mut again = run.event(16).clone();
        set(&mut again["seq"], 17);
        set(&mut run.event(17)["public"], again["public"].clone());
    }),
    ("a ledger row is missing", Invariant::Chips, |run| {
        run.table("chip_ledger").remove(0);
    }),
    ("a ledger row belongs to nothing", Invariant::Chips, |run| {
        let row = run.table("chip_ledger")[0].clone();
        set(&mut run.table("chip_ledger")[0]["ordinal"], 0);
        run.table("chip_ledger").push(json!({"room_id": row["room_id"], "seq": 1000, "ordinal": 0, "user_id": HOST,
            "kind": "top_up", "delta": 5, "hand_id": null}));
    }),
    ("uncalled chips go back to the wrong player", Invariant::Chips, |run| {
        set(&mut run.event(15)["public"]["acted"]["returned"]["seat"], 1);
    }),
    ("a hand's results don't add up", Invariant::Chips, |run| {
        set(&mut run.event(17)["public"]["hand_completed"]["stacks"][0]["chips"], 107);
    }),
    ("a check isn't free", Invariant::Chips, |run| {
        let acted = &mut run.event(15)["public"]["acted"];
        set(&mut acted["kind"], "CHECK");
    }),
    ("an event is missing", Invariant::Sequence, |run| {
        run.table("room_events").retain(|row| row["seq"] != 13);
    }),
    ("two events have one number", Invariant::Sequence, |run| {
        let again = run.event(13).clone();
        run.table("room_events").push(again);
    }),
    ("the stored number is behind", Invariant::Sequence, |run| {
        let seq = run.table("game_states")[0]["seq"].as_u64().unwrap();
        set(&mut run.table("game_states")[0]["seq"], seq - 1);
    }),
    ("the clock runs backwards", Invariant::Sequence, |run| {
        set(&mut run.event(12)["at"], "2025-11-24T12:00:00.001+00:00");
    }),
    ("an event is stored under another name", Invariant::Sequence, |run| {
        set(&mut run.event(13)["type"], "seated");
    }),
    ("a stored stack isn't the log's", Invariant::Replay, |run| {
        set(&mut run.row("room_seats", "seat_index", 0)["chips"], 12);
    }),
    ("a seat has another name than its player", Invariant::Replay, |run| {
        set(&mut run.row("room_seats", "seat_index", 0)["display_name"], "Somebody");
    }),
    ("the stored hand number isn't the log's", Invariant::Replay, |run| {
        set(&mut run.table("games")[0]["hand_number"], 5);
    }),
    ("a member is stored as gone", Invariant::Replay, |run| {
        set(&mut run.row("room_players", "user_id", json!(ANNA))["status"], "left");
    }),
    ("a document has another pot than the log", Invariant::Replay, |run| {
        set(&mut run.answer(0, "hydrate")["body"]["hand"]["pot"], 5);
    }),
    ("a document's state is newer than its number", Invariant::Replay, |run| {
        let body = &mut run.answer(2, "hydrate")["body"];
        set(&mut body["timer"]["turn"], 11);
    }),
    ("the server's own audit fails", Invariant::Replay, |run| {
        run.texts.insert("audit.txt".to_owned(), "seat 0 differs\nexit code: 1\n".to_owned());
    }),
    ("somebody else answers a turn", Invariant::Turns, |run| {
        let acted = &mut run.event(13)["public"]["acted"];
        set(&mut acted["seat"], 0);
        set(&mut acted["user"], json!(HOST));
    }),
    ("a turn is answered twice", Invariant::Turns, |run| {
        set(&mut run.event(14)["public"]["acted"]["turn"], 3);
        set(&mut run.row("actions", "seq", 14)["turn"], 3);
    }),
    ("a number of a turn is left out", Invariant::Turns, |run| {
        set(&mut run.event(13)["public"]["acted"]["timer"]["turn"], 9);
    }),
    ("the clock decides early", Invariant::Turns, |run| {
        let expires = run.event(26)["public"]["hand_started"]["timer"]["expires"].as_i64().unwrap();
        set(&mut run.event(27)["at"], iso(expires - 1));
    }),
    ("an answer is taken after the time was up", Invariant::Turns, |run| {
        // A fault near by would excuse it.
        run.lines.get_mut("nemesis.jsonl").unwrap().retain(|line| line["fault"] == "all");
        let expires = run.event(13)["public"]["acted"]["timer"]["expires"].as_i64().unwrap();
        set(&mut run.event(14)["at"], iso(expires));
    }),
    ("an outage is a timeout", Invariant::Turns, |run| {
        let expires = run.event(26)["public"]["hand_started"]["timer"]["expires"].as_i64().unwrap();
        let t = (expires - 1_763_985_600_000) * 1000;
        let faults = run.lines.get_mut("nemesis.jsonl").unwrap();
        let line =
            |t: i64, phase: &str| json!({"t": t, "fault": "P2", "phase": phase, "target": "postgres", "bit": true});
        faults.insert(2, line(t - 9_000_000, "inject"));
        faults.insert(3, line(t - 5_000_000, "heal"));
    }),
    ("an outage is charged to an action that comes right after it", Invariant::Turns, |run| {
        let asked = run.event(26)["public"]["hand_started"]["timer"].clone();
        let began = (asked["started_at"].as_i64().unwrap() - 1_763_985_600_000) * 1000;
        let faults = run.lines.get_mut("nemesis.jsonl").unwrap();
        let fault =
            |t: i64, phase: &str| json!({"t": t, "fault": "P2", "phase": phase, "target": "postgres", "bit": true});
        faults.insert(2, fault(began + 1_000_000, "inject"));
        faults.insert(3, fault(began + 5_000_000, "heal"));
        let client = asked["actor"].as_u64().unwrap() as usize;
        let log = run.client(client);
        let act = |line: &&Value| line["op"] == "invoke" && line["body"]["action"].is_string();
        let mut invoke = log.iter().find(act).unwrap().clone();
        let mut answer = log.iter().find(|line| line["op"] == "ok" && line["id"] == invoke["id"]).unwrap().clone();
        (invoke["id"], answer["id"]) = (json!(9_999), json!(9_999));
        (invoke["t"], answer["t"]) = (json!(began + 6_000_000), json!(began + 6_010_000));
        (invoke["body"]["turn"], invoke["body"]["actionId"]) = (asked["turn"].clone(), json!(Uuid::from_u128(0xE0)));
        (answer["op"], answer["status"]) = (json!("fail"), json!(409));
        answer["body"] = json!({"code": "STALE_TURN"});
        log.extend([invoke, answer]);
    }),
    ("a time bank is filled again", Invariant::Turns, |run| {
        for row in run.table("room_events") {
            for what in row["public"].as_object_mut().unwrap().values_mut() {
                if let Some(turn) = what["timer"]["turn"].as_i64() {
                    set(&mut what["timer"]["timebank"], turn * 1000);
                }
            }
        }
    }),
    ("an action isn't stored", Invariant::Turns, |run| {
        run.table("actions").pop();
    }),
    ("a hand is stored that the log doesn't know", Invariant::Hands, |run| {
        let mut row = run.table("hands")[0].clone();
        set(&mut row["id"], json!(hand(9)));
        set(&mut row["hand_number"], 5);
        run.table("hands").push(row);
    }),
    ("a hand is stored with another rule book than was told", Invariant::Hands, |run| {
        set(&mut run.table("hands")[0]["rules"], "nlhe/1");
    }),
    ("a hand is played by a rule book that there isn't", Invariant::Chips, |run| {
        set(&mut run.table("hands")[0]["rules"], "nlhe/9");
        set(&mut run.event(18)["public"]["hand_started"]["rules"], "nlhe/9");
    }),
    ("a hand number is left out", Invariant::Hands, |run| {
        set(&mut run.event(18)["public"]["hand_started"]["number"], 3);
    }),
    ("a hand vanishes", Invariant::Hands, |run| {
        let started = run.event(18)["public"].clone();
        set(&mut run.event(17)["public"], started);
    }),
    ("a card on the board changes", Invariant::Hands, |run| {
        set(&mut run.event(22)["public"]["street_advanced"]["board"][0], "spades_3");
    }),
    ("a card is on the board and in a hand", Invariant::Hands, |run| {
        for seq in 21..=23 {
            set(&mut run.event(seq)["public"]["street_advanced"]["board"][0], cards(2, ANNA)[0].clone());
        }
    }),
    ("a player's cards change during a hand", Invariant::Hands, |run| {
        set(&mut run.answer(1, "hydrate")["body"]["me"]["hole_cards"], json!(["clubs_3", "clubs_4"]));
    }),
    ("a player shows other cards than they held", Invariant::Hands, |run| {
        let done = &mut run.event(25)["public"]["hand_completed"];
        set(&mut done["shown"][0]["cards"], json!(["clubs_3", "clubs_4"]));
    }),
    ("one user has two seats", Invariant::Seats, |run| {
        set(&mut run.event(6)["public"]["seated"]["user"], json!(HOST));
    }),
    ("two users have one seat", Invariant::Seats, |run| {
        set(&mut run.event(6)["public"]["seated"]["seat"], 0);
    }),
    ("somebody sits down who isn't let in", Invariant::Seats, |run| {
        let name = json!({"rejected": {"user": ANNA, "name": "Anna"}});
        set(&mut run.event(2)["public"], name);
    }),
    ("a seat is freed in spite of a sign of life", Invariant::Seats, |run| {
        let freed = json!({"seat_freed": {"seat": 0, "user": HOST, "reason": "disconnected", "chips": 106}});
        set(&mut run.event(18)["public"], freed);
    }),
    ("a member has two current tokens", Invariant::Tokens, |run| {
        let mut row = run.table("rejoin_tokens")[0].clone();
        set(&mut row["id"], json!(Uuid::from_u128(0xDD)));
        run.table("rejoin_tokens").push(row);
    }),
    ("a token names its owner something else", Invariant::Tokens, |run| {
        set(&mut run.table("rejoin_tokens")[1]["role"], "host");
    }),
    ("a token says another seat", Invariant::Tokens, |run| {
        set(&mut run.table("rejoin_tokens")[1]["seat_index"], 0);
    }),
    ("a token is stored in clear", Invariant::Tokens, |run| {
        set(&mut run.table("users")[1]["display_name"], token(ANNA));
    }),
    ("a table that could go on isn't going to", Invariant::Leftovers, |run| {
        set(&mut run.table("game_states")[0]["wake_at"], Value::Null);
    }),
    ("an acknowledged action is lost", Invariant::ExactlyOnce, |run| {
        run.table("command_replies").remove(0);
    }),
    ("an action is done with another amount", Invariant::ExactlyOnce, |run| {
        let asked = run.client(0).iter_mut().find(|line| line["body"]["action"] == "BET").unwrap();
        set(&mut asked["body"]["amount"], 12);
    }),
    ("an action is done that nobody asked for", Invariant::ExactlyOnce, |run| {
        let id = run.client(0).iter().find(|line| line["body"]["action"] == "BET").unwrap()["id"].clone();
        run.client(0).retain(|line| line["id"] != id);
    }),
    ("a refused action is stored", Invariant::ExactlyOnce, |run| {
        let id = run.client(1).iter().find(|line| line["body"]["action"] == "FOLD").unwrap()["id"].clone();
        let answer = run.client(1).iter_mut().find(|line| line["id"] == id && line["op"] == "ok").unwrap();
        set(&mut answer["op"], "fail");
        set(&mut answer["status"], 409);
        set(&mut answer["body"], json!({"code": "STALE_TURN"}));
    }),
    ("a repetition gets another answer", Invariant::ExactlyOnce, |run| {
        let log = run.client(0);
        let asks: Vec<Value> =
            log.iter().filter(|line| line["body"]["action"] == "RAISE").map(|line| line["id"].clone()).collect();
        let answer = log.iter_mut().find(|line| line["op"] == "ok" && line["id"] == asks[1]).unwrap();
        set(&mut answer["body"]["seq"], 11);
    }),
    ("a repetition is refused", Invariant::ExactlyOnce, |run| {
        let log = run.client(0);
        let asks: Vec<Value> =
            log.iter().filter(|line| line["body"]["action"] == "RAISE").map(|line| line["id"].clone()).collect();
        let answer = log.iter_mut().find(|line| line["op"] == "ok" && line["id"] == asks[1]).unwrap();
        set(&mut answer["op"], "fail");
        set(&mut answer["status"], 409);
        set(&mut answer["body"], json!({"code": "STALE_TURN"}));
    }),
    ("an acknowledged approval is lost", Invariant::ExactlyOnce, |run| {
        set(&mut run.event(4)["public"], json!({"rejected": {"user": SAM, "name": "Sam"}}));
    }),
    ("a member leaves whom nobody asked to", Invariant::ExactlyOnce, |run| {
        set(&mut run.event(7)["public"], json!({"member_left": {"user": SAM}}));
    }),
    ("an event is received that isn't in the log", Invariant::Phantom, |run| {
        let mut line = put_last(run, 0, 31);
        let raw = line["raw"].as_str().unwrap().replace("\"seq\":31", "\"seq\":32");
        set(&mut line["raw"], raw);
        run.client(0).push(line);
    }),
    ("an event is received with another content", Invariant::Phantom, |run| {
        run.frames(2, "pot_distributed", |frame| drop(set(&mut frame["amount"], 11)));
    }),
    ("two readers get different hands in words", Invariant::Phantom, |run| {
        run.frames(2, "hand_complete", |frame| {
            if let Some(winner) = frame["winners"].as_array_mut().unwrap().first_mut() {
                set(&mut winner["handRank"], "a flush");
            }
        });
    }),
    ("an event is received before it is committed", Invariant::Phantom, |run| {
        let row = run.row("commits", "seq", 12);
        let at = row["committed_at_ms"].as_i64().unwrap();
        set(&mut row["committed_at_ms"], at + 400);
    }),
    ("an event is skipped on a connection", Invariant::Order, |run| {
        run.lose(1, 13);
    }),
    ("an event comes twice", Invariant::Order, |run| {
        let line = put_last(run, 1, 31);
        run.client(1).push(line);
    }),
    ("the last events never come", Invariant::Order, |run| {
        for seq in 24..=31 {
            run.lose(2, seq);
        }
        // Somebody hears from the server long after.
        let t = run.client(0).last().unwrap()["t"].as_i64().unwrap() + 20_000_000;
        let ack = json!({"type": "heartbeat_ack", "seq": 31, "serverTime": 1}).to_string();
        run.client(0)
            .push(json!({"t": t, "client": 0, "user": HOST, "op": "recv", "conn": 0, "room": ROOM, "raw": ack}));
    }),
    ("a document is older than what was known", Invariant::Freshness, |run| {
        set(&mut run.answer(1, "heartbeat")["body"]["seq"], 20);
    }),
    ("a socket's welcome is older than what was known", Invariant::Freshness, |run| {
        run.frames(2, "authenticated", |frame| drop(set(&mut frame["seq"], 5)));
    }),
    ("a spectator gets a player's cards", Invariant::Secrecy, |run| {
        run.frames(2, "hand_started", |frame| drop(set(&mut frame["yourCards"], json!(cards(1, ANNA)))));
    }),
    ("a spectator is told what a player's hand is called", Invariant::Secrecy, |run| {
        run.frames(2, "player_action", |frame| drop(set(&mut frame["handLabel"], json!("a pair"))));
    }),
    ("a spectator is told what a player may do", Invariant::Secrecy, |run| {
        run.frames(2, "player_action", |frame| {
            set(&mut frame["timer"]["legalActions"], json!({ "actions": ["FOLD"] }));
        });
    }),
    ("a document shows a seat's cards early", Invariant::Secrecy, |run| {
        set(&mut run.answer(0, "hydrate")["body"]["seats"][1]["shown_cards"], json!(cards(4, ANNA)));
    }),
    ("a document has the next board card", Invariant::Secrecy, |run| {
        set(&mut run.answer(2, "hydrate")["body"]["hand"]["board"], json!(["hearts_7"]));
    }),
    ("an answer has a field that nobody knows", Invariant::Secrecy, |run| {
        set(&mut run.answer(0, "hydrate")["body"]["deck"], json!([]));
    }),
    ("the host gets the token with the approval", Invariant::Secrecy, |run| {
        set(&mut run.answer(0, "approve")["body"]["reason"], token(SAM));
    }),
    ("a card is in a node's log", Invariant::Secrecy, |run| {
        run.texts.insert("logs/node-a.log".to_owned(), "DEBUG dealt hearts_A\n".to_owned());
    }),
    ("a token is in PostgreSQL's log", Invariant::Secrecy, |run| {
        run.texts.insert("logs/postgres.log".to_owned(), format!("ERROR: {}\n", token(HOST)));
    }),
    ("a spectator gets the host's part of the document", Invariant::Secrecy, |run| {
        set(&mut run.answer(2, "hydrate")["body"]["pending_requests"], json!([]));
    }),
    ("somebody reads before they are let in", Invariant::Authority, |run| {
        let mut ask = run.request(2, "heartbeat").clone();
        set(&mut ask["id"], 900);
        set(&mut ask["t"], 1);
        set(&mut ask["method"], "GET");
        set(&mut ask["path"], format!("/api/rooms/{ROOM}/hands"));
        let answer = json!({"t": 2, "client": 2, "op": "ok", "id": 900, "status": 200, "body": {"hands": []}});
        run.client(2).splice(0..0, [ask, answer]);
    }),
];

/// More of them: what a clock, a right or an error has to do with it.
const MORE: [Mutation; 24] = [
    ("the host's copy of an approval has the token", Invariant::Secrecy, |run| {
        run.frames(0, "player_approved", |frame| drop(set(&mut frame["rejoinToken"], "a-token-of-later")));
    }),
    ("an event comes late on an open connection", Invariant::Order, |run| {
        let raw = |line: &Value| line["raw"].as_str().is_some_and(|raw| raw.contains("\"seq\":27,"));
        let log = run.client(2);
        let first = log.iter().position(raw).unwrap();
        for line in &mut log[first..] {
            let t = line["t"].as_i64().unwrap();
            set(&mut line["t"], t + 3_000_000);
        }
    }),
    ("the worse hand wins", Invariant::Replay, |run| {
        // With this card on the board the host has three of them.
        for seq in 21..=23 {
            set(&mut run.event(seq)["public"]["street_advanced"]["board"][0], "spades_2");
        }
        set(&mut run.event(25)["public"]["hand_completed"]["board"][0], "spades_2");
        set(&mut run.row("hands", "hand_number", 2)["board"][0], "spades_2");
    }),
    ("a guest does what only the host may", Invariant::Authority, |run| {
        set(&mut run.request(0, "start")["user"], json!(ANNA));
    }),
    ("somebody acts for somebody else", Invariant::Authority, |run| {
        let asked = run.client(1).iter_mut().find(|line| line["body"]["action"] == "CALL").unwrap();
        set(&mut asked["user"], json!(SAM));
        let reply = run.row("command_replies", "seq", 12);
        set(&mut reply["user_id"], json!(SAM));
    }),
    ("a stolen token is good", Invariant::Authority, |run| {
        set(&mut run.request(2, "heartbeat")["note"], "foreign token");
    }),
    ("no credential is good", Invariant::Authority, |run| {
        set(&mut run.request(2, "heartbeat")["auth"], "none");
    }),
    ("a banned member joins", Invariant::Authority, |run| {
        let t = run.request(1, "heartbeat")["t"].as_i64().unwrap();
        let line = |client: usize, user: Uuid, id: u64, t: i64, call: &str, body: Value| {
            json!({"t": t, "client": client, "user": user, "op": "invoke", "id": id, "method": "POST", "auth": "bearer",
                   "path": format!("/api/rooms/{ROOM}/{call}"), "body": body})
        };
        let done = |client: usize, id: u64, t: i64, status: u16, body: Value| json!({"t": t, "client": client, "op": "ok", "id": id, "status": status, "body": body});
        let ban = json!({"userId": SAM, "ban": true});
        run.client(0).push(line(0, HOST, 901, t, "kick", ban));
        run.client(0).push(done(0, 901, t + 1, 200, json!({"success": true})));
        run.client(2).push(line(2, SAM, 902, t + 2, "join", json!({})));
        run.client(2).push(done(2, 902, t + 3, 202, json!({"status": "pending", "waitingForApproval": true})));
    }),
    ("a request is answered with 500", Invariant::Errors, |run| {
        let answer = run.answer(1, "heartbeat");
        set(&mut answer["op"], "info");
        set(&mut answer["status"], 500);
        set(&mut answer["body"], json!({"code": "INTERNAL"}));
    }),
    ("a node panics", Invariant::Errors, |run| {
        run.texts.insert("logs/node-b.log".to_owned(), "thread 'main' panicked at src/main.rs:1\n".to_owned());
    }),
    ("a client never comes back", Invariant::Liveness, |run| {
        let healed = run.lines["nemesis.jsonl"].iter().find(|line| line["phase"] == "healed").unwrap()["t"].clone();
        run.client(2).retain(|line| line["t"].as_i64() < healed.as_i64());
        run.client(2).push(json!({"t": healed, "client": 2, "op": "close", "conn": 2, "code": 1001, "by": "server"}));
    }),
    ("a table doesn't go on", Invariant::Liveness, |run| {
        let end = run.lines["nemesis.jsonl"].iter().find(|line| line["phase"] == "final").unwrap()["t"].clone();
        let line =
            run.lines.get_mut("nemesis.jsonl").unwrap().iter_mut().find(|line| line["phase"] == "healed").unwrap();
        set(&mut line["t"], end.as_i64().unwrap() - 1);
    }),
    ("a fault hits nothing", Invariant::Unknown, |run| {
        set(&mut run.lines.get_mut("nemesis.jsonl").unwrap()[1]["bit"], false);
    }),
    ("nothing is acknowledged", Invariant::Unknown, |run| {
        for client in 0..3 {
            run.client(client).retain(|line| line["op"] != "ok");
        }
    }),
    ("the final reads are missing", Invariant::Unknown, |run| {
        run.lines.get_mut("nemesis.jsonl").unwrap().pop();
    }),
    ("the clock doesn't come when a turn's time is up", Invariant::Turns, |run| {
        no_faults(run);
        late_from(run, 27, 6_000);
    }),
    ("the clock doesn't deal the next hand", Invariant::Turns, |run| {
        no_faults(run);
        late_from(run, 18, 6_000);
    }),
    ("a damaged room stops another one's clock", Invariant::Turns, |run| {
        no_faults(run);
        damage(run, OTHER_ROOM);
        late_from(run, 27, 6_000);
    }),
    ("somebody who is away isn't sat out", Invariant::Turns, |run| {
        no_faults(run);
        let acts = |line: &Value| line["body"]["action"] == "CALL" && line["op"] == "invoke";
        let t = run.client(0).iter().rfind(|line| acts(line)).unwrap()["t"].as_i64().unwrap() + 50_000;
        let log = run.client(0);
        log.retain(|line| line["t"].as_i64() <= Some(t));
        log.push(json!({"t": t, "client": 0, "op": "close", "conn": 0, "code": 1000, "by": "rig"}));
    }),
    ("a token that the server gave is refused", Invariant::Errors, |run| {
        let answer = run.answer(1, "heartbeat");
        (answer["op"], answer["status"]) = (json!("fail"), json!(401));
        answer["body"] = json!({"code": "TOKEN_INVALID"});
    }),
    ("a room breaks down that isn't the damaged one", Invariant::Errors, |run| {
        damage(run, OTHER_ROOM);
        break_down(run);
    }),
    ("a log that went back to a backup has its old epoch", Invariant::Phantom, |run| {
        restore(run, OLD_EPOCH);
    }),
    ("two histories under one epoch", Invariant::Phantom, |run| {
        restore(run, NEW_EPOCH);
        lose_event(run, 0, 32);
        lose_event(run, 2, 32);
        let line = run.client(2).last_mut().unwrap();
        line["raw"] = json!(line["raw"].as_str().unwrap().replace("CALL", "FOLD"));
    }),
    ("what was acknowledged before the backup is lost", Invariant::ExactlyOnce, |run| {
        restore(run, NEW_EPOCH);
        run.table("command_replies").remove(0);
    }),
];

const OTHER_ROOM: Uuid = Uuid::from_u128(0xA9);
const OLD_EPOCH: Uuid = Uuid::from_u128(0xE1);
const NEW_EPOCH: Uuid = Uuid::from_u128(0xE2);

/// What can go wrong when cards are run twice, shown and hunted. The numbers of the events are those of [`Model::run_twice`].
const OF_RUNS: [Mutation; 13] = [
    ("a question is answered twice", Invariant::Turns, |run| {
        let first = run.row("room_events", "type", "runs_answered")["public"].clone();
        let again = run.table("room_events").iter_mut().rfind(|row| row["type"] == "runs_answered").unwrap();
        again["public"] = first;
    }),
    ("more runs than were offered are decided", Invariant::Turns, |run| {
        set(&mut run.row("room_events", "type", "runs_decided")["public"]["runs_decided"]["runs"], 3);
    }),
    ("more than one run is decided before everybody has answered", Invariant::Turns, |run| {
        set(&mut run.row("room_events", "type", "runs_asked")["public"]["runs_asked"]["seats"], json!([0, 1, 2]));
    }),
    ("a question has no number of its own", Invariant::Turns, |run| {
        let turn = &mut run.row("room_events", "type", "runs_asked")["public"]["runs_asked"]["turn"];
        let before = turn.as_i64().unwrap() - 1;
        set(turn, before);
    }),
    ("a question lasts longer than its hand has time for", Invariant::Turns, |run| {
        let expires = &mut run.row("room_events", "type", "runs_asked")["public"]["runs_asked"]["expires"];
        let later = expires.as_i64().unwrap() + 1000;
        set(expires, later);
    }),
    ("a pot is split over the runs wrongly", Invariant::Chips, |run| {
        let paid = &mut run.row("room_events", "type", "pot_distributed")["public"]["pot_distributed"];
        for (part, amount) in [(0, 120), (1, 80)] {
            set(&mut paid["parts"][part]["amount"], amount);
            set(&mut paid["parts"][part]["winners"][0]["amount"], amount);
            set(&mut paid["winners"][part]["amount"], amount);
        }
    }),
    ("a run is won by the worse hand", Invariant::Replay, |run| {
        let paid = &mut run.row("room_events", "type", "pot_distributed")["public"]["pot_distributed"];
        let (first, second) = (paid["parts"][0]["winners"].clone(), paid["parts"][1]["winners"].clone());
        (paid["parts"][0]["winners"], paid["parts"][1]["winners"]) = (second, first);
    }),
    ("a card comes in two runs", Invariant::Hands, |run| {
        let again = run.table("room_events").iter_mut().rfind(|row| row["type"] == "run_dealt").unwrap();
        set(&mut again["public"]["run_dealt"]["board"][4], "spades_K");
    }),
    ("a hand is stored with another number of runs", Invariant::Hands, |run| {
        set(&mut run.row("hands", "id", json!(hand(1)))["house"]["runs"], 1);
    }),
    ("somebody shows a card that they weren't dealt", Invariant::Hands, |run| {
        set(&mut run.row("room_events", "type", "cards_shown")["public"]["cards_shown"]["cards"][0], "spades_2");
    }),
    ("a rabbit is told twice to one player", Invariant::Hands, |run| {
        let rabbit = run.row("room_events", "type", "rabbit_shown")["public"].clone();
        set(&mut run.row("room_events", "type", "cards_shown")["public"], rabbit);
    }),
    ("a rabbit card that lies: it is somebody's own", Invariant::Secrecy, |run| {
        run.frames(0, "rabbit_shown", |frame| frame["boards"][0][4] = json!(cards(2, ANNA)[1]));
    }),
    ("a spectator is told a rabbit that somebody else asked for", Invariant::Secrecy, |run| {
        run.frames(2, "rabbit_shown", |frame| frame["boards"] = json!([RABBIT]));
    }),
];

#[test]
fn a_run_with_runs_shown_cards_and_a_rabbit_passes() {
    let verdict = verdict(&Model::run_twice());
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", serde_json::to_string_pretty(&verdict).unwrap());
}

/// Nothing goes wrong: faults near by would excuse much.
fn no_faults(run: &mut Folder) {
    run.lines.get_mut("nemesis.jsonl").unwrap().retain(|line| line["fault"] == "all");
}

/// All events from `seq` on come later.
fn late_from(run: &mut Folder, seq: u64, millis: i64) {
    for row in run.table("commits").iter_mut().filter(|row| row["seq"].as_u64() >= Some(seq)) {
        row["committed_at_ms"] = json!(row["committed_at_ms"].as_i64().unwrap() + millis);
    }
    let times: BTreeMap<u64, i64> = run
        .table("commits")
        .iter()
        .map(|row| (row["seq"].as_u64().unwrap(), row["committed_at_ms"].as_i64().unwrap()))
        .collect();
    for (seq, at) in times.range(seq..) {
        run.event(*seq)["at"] = json!(iso(*at));
    }
}

/// A room's rows are damaged for as long as the run lasts.
fn damage(run: &mut Folder, room: Uuid) {
    let faults = run.lines.get_mut("nemesis.jsonl").unwrap();
    let fault = |t: i64, phase: &str| json!({"t": t, "fault": "D3", "phase": phase, "target": format!("room {room}"), "bit": true});
    let end = faults.last().unwrap()["t"].as_i64().unwrap();
    faults.insert(0, fault(1, "inject"));
    faults.insert(1, fault(end, "heal"));
}

fn break_down(run: &mut Folder) {
    let answer = run.answer(1, "heartbeat");
    (answer["op"], answer["status"]) = (json!("info"), json!(500));
    answer["body"] = json!({"code": "INTERNAL"});
}

/// The database goes back to a backup that has the whole log, after all that the clients did; the log has the epoch `now` then.
fn restore(run: &mut Folder, now: Uuid) {
    for client in 0..3 {
        for told in ["authenticated", "resync_required"] {
            run.frames(client, told, |frame| frame["epoch"] = json!(OLD_EPOCH));
        }
    }
    run.table("game_states")[0]["epoch"] = json!(now);
    let end = run.lines["nemesis.jsonl"].last().unwrap()["t"].as_i64().unwrap();
    let restore = json!({"from": end + 1, "swap": end + 1000, "to": end + 1100, "rooms": {ROOM.to_string(): 31}});
    run.lines.insert("restores.jsonl".to_owned(), vec![restore]);
}

/// A client hears of an event that the backup hasn't, and has an action acknowledged by it.
fn lose_event(run: &mut Folder, client: usize, seq: u64) {
    let t = run.lines["restores.jsonl"][0]["from"].as_i64().unwrap() + 10;
    let mut line = put_last(run, client, 31);
    let mut copy = line.clone();
    copy["t"] = json!(t);
    copy["raw"] = json!(line["raw"].as_str().unwrap().replace("\"seq\":31", &format!("\"seq\":{seq}")));
    run.client(client).pop();
    let place = run
        .client(client)
        .iter()
        .position(|other| other["t"].as_i64() > line["t"].as_i64())
        .unwrap_or(run.client(client).len());
    run.client(client).insert(place, line.take());
    run.client(client).push(copy);
}

#[test]
fn what_an_older_backup_loses_is_lost_lawfully() {
    let mut folder = Model::run();
    restore(&mut folder, NEW_EPOCH);
    for client in [0, 2] {
        lose_event(&mut folder, client, 32);
    }
    let asked = folder.client(0).iter().rfind(|line| line["body"]["action"] == "CALL").unwrap().clone();
    let t = folder.lines["restores.jsonl"][0]["from"].as_i64().unwrap() + 20;
    let body = json!({"action": "CALL", "turn": 99, "actionId": Uuid::from_u128(0xE0)});
    let mut invoke = asked;
    (invoke["id"], invoke["t"], invoke["body"]) = (json!(9_999), json!(t), body);
    let answer =
        json!({"t": t + 1, "client": 0, "op": "ok", "id": 9_999, "status": 200, "body": {"success": true, "seq": 32}});
    folder.client(0).extend([invoke, answer]);
    let verdict = verdict(&folder);
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", serde_json::to_string_pretty(&verdict).unwrap());
}

#[test]
fn a_damaged_room_may_say_that_it_cannot_be_read() {
    let mut folder = Model::run();
    damage(&mut folder, ROOM);
    break_down(&mut folder);
    let verdict = verdict(&folder);
    assert_eq!(verdict.outcome, Outcome::Pass, "{}", serde_json::to_string_pretty(&verdict).unwrap());
}

#[test]
fn every_broken_promise_is_found_and_called_by_its_name() {
    let mut missed = Vec::new();
    let first = MUTATIONS.iter().chain(&MORE).map(|mutation| (mutation, Model::run as fn() -> Folder));
    let second = OF_RUNS.iter().map(|mutation| (mutation, Model::run_twice as fn() -> Folder));
    for ((name, invariant, mutate), model) in first.chain(second) {
        let mut folder = model();
        mutate(&mut folder);
        let verdict = verdict(&folder);
        let named = verdict.violations.iter().any(|violation| violation.invariant == *invariant);
        if verdict.pass || !verdict.violation_counts.contains_key(invariant) || !named {
            missed.push(format!("{name}: {invariant:?} isn't in {:?}", verdict.violation_counts));
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}

#[test]
fn a_run_that_only_shows_nothing_is_unknown() {
    let mut folder = Model::run();
    set(&mut folder.lines.get_mut("nemesis.jsonl").unwrap()[1]["bit"], false);
    assert_eq!(verdict(&folder).outcome, Outcome::Unknown);
}
