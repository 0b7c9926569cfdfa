//! Running it twice from outside: the question, its deadline over crashes and pauses, its answers, which nobody reads.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::clients::{Client, Socket, Table};
use crate::fairness::{proved, told};
use crate::server::Server;

const PATIENCE: Duration = Duration::from_secs(60);

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn sum(all: &Value) -> u64 {
    all.as_array().unwrap().iter().map(|one| one["amount"].as_u64().unwrap()).sum()
}

/// A hand in which everybody is all-in before the flop, and what the host sees then.
pub async fn all_in(server: &Server, players: usize, settings: Value) -> (Table, Value) {
    let mut all = json!({ "runItTwice": "ask", "betweenHandsSecs": 30 });
    all.as_object_mut().unwrap().extend(settings.as_object().cloned().unwrap_or_default());
    let table = Table::playing(server, players, all).await;
    while let Some((actor, view)) = table.actor().await {
        let can = texts(&view["me"]["legal_actions"]["actions"]).iter().any(|action| action == "ALL_IN");
        let action = json!({ "action": if can { "ALL_IN" } else { "CALL" }, "turn": view["timer"]["turn"] });
        table.act(actor, action).await.ok();
    }
    let view = table.hydrate(table.host()).await;
    (table, view)
}

async fn answer(table: &Table, who: &Client, runs: u64, turn: &Value) -> crate::clients::Answer {
    who.post(&format!("/api/games/{}/runs", table.game), json!({ "runs": runs, "turn": turn })).await
}

async fn record(reader: &Client, hand: &Value) -> Vec<Value> {
    let body = reader.get(&format!("/api/hands/{}", hand.as_str().unwrap())).await.ok();
    body["events"].as_array().unwrap().clone()
}

fn of_type<'e>(events: &'e [Value], kind: &'e str) -> Vec<&'e Value> {
    events.iter().filter(|event| event["type"] == kind).collect()
}

/// What the host sees once the hand is over.
async fn over(table: &Table) -> Value {
    let waiting = async {
        loop {
            let view = table.hydrate(table.host()).await;
            if view["hand"]["phase"] == "complete" {
                return view;
            }
        }
    };
    timeout(PATIENCE, waiting).await.expect("the question isn't settled")
}

fn passes_the_audit(server: &Server) {
    let output = server.command(&["audit"]);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains("0 differences"), "{told}");
}

///
#[tokio::test]
async fn a_question_is_asked_answered_and_each_run_is_dealt_and_paid() {
    let server = Server::start().await;
    for (variant, holes) in [("nlhe", 2), ("plo8", 4), ("shortdeck", 2)] {
        let settings = json!({ "maxRuns": 3, "variant": variant, "maxBuyIn": 400, "smallBlind": 50, "bigBlind": 100 });
        let (table, view) = all_in(&server, 3, settings).await;
        let (question, hand) = (view["hand"]["question"].clone(), view["hand"]["id"].clone());
        assert_eq!((&question["kind"], &question["seats"]), (&json!("runs"), &json!([0, 1, 2])), "{variant}: {view}");
        assert_eq!((&question["max_runs"], &question["answered"]), (&json!(3), &json!([])));
        assert!(question["expires_at"].as_i64().unwrap() > view["timestamp"].as_i64().unwrap());
        assert_eq!((&view["timer"], &view["hand"]["runs"]), (&Value::Null, &Value::Null));
        let hidden = view["seats"].as_array().unwrap().iter().all(|seat| seat["shown_cards"].is_null());
        assert!(hidden, "R-73: the question comes before the hands are shown");
        let turn = &question["turn"];
        table.act(table.host(), json!({ "action": "CHECK" })).await.refused(409, "NOT_YOUR_TURN");

        answer(&table, table.host(), 4, turn).await.refused(422, "INVALID_RUNS");
        answer(&table, table.host(), 0, turn).await.refused(422, "INVALID_RUNS");
        answer(&table, table.host(), 2, &json!(turn.as_u64().unwrap() - 1)).await.refused(409, "STALE_TURN");
        answer(&table, table.host(), 3, turn).await.ok();
        answer(&table, table.host(), 2, turn).await.refused(409, "ALREADY_ANSWERED");
        answer(&table, &table.players[1], 2, turn).await.ok();
        let between = table.hydrate(&table.players[2]).await;
        assert_eq!(between["hand"]["question"]["answered"], json!([0, 1]));
        let seq = answer(&table, &table.players[2], 3, turn).await.ok()["seq"].clone();

        let done = table.hydrate(table.host()).await;
        assert_eq!((&done["seq"], &done["hand"]["phase"]), (&seq, &json!("complete")));
        assert_eq!(
            (&done["hand"]["runs"], &done["hand"]["question"]),
            (&json!(2), &Value::Null),
            "the smallest answer"
        );
        answer(&table, table.host(), 2, turn).await.refused(409, "NO_QUESTION");

        let events = record(table.host(), &hand).await;
        assert_eq!(of_type(&events, "runs_asked").len(), 1);
        assert_eq!(of_type(&events, "runs_answered").len(), 3);
        assert_eq!(of_type(&events, "runs_decided")[0]["runs"], 2);
        let runs = of_type(&events, "run_dealt");
        assert_eq!(runs.iter().map(|run| &run["run"]).collect::<Vec<_>>(), [&json!(0), &json!(1)]);
        let complete = of_type(&events, "hand_complete")[0];
        assert_eq!(complete["boards"], json!([runs[0]["board"], runs[1]["board"]]));
        for shown in complete["shown"].as_array().unwrap() {
            assert_eq!(shown["ranks"].as_array().unwrap().len(), 2);
        }
        for paid in of_type(&events, "pot_distributed") {
            let amount = paid["amount"].as_u64().unwrap();
            assert_eq!((sum(&paid["parts"]), sum(&paid["winners"])), (amount, amount));
            for run in 0..2_u64 {
                let parts = paid["parts"].as_array().unwrap().iter().filter(|part| part["board"] == run);
                let share: u64 = parts.map(|part| part["amount"].as_u64().unwrap()).sum();
                assert_eq!(share, amount / 2 + u64::from(run < amount % 2), "R-20: {paid}");
            }
        }
        // Both runs, and all that was shown, are proved against what was told with the deal.
        let commitment = told(&table, table.host(), hand.as_str().unwrap()).await;
        let known = proved(table.host(), hand.as_str().unwrap(), &commitment).await;
        assert_eq!(known.len(), 3 * holes + 10, "{variant}");
    }
    passes_the_audit(&server);
}

/// Hidden answers are nobody's: no copy of an event, no document and no dump of the database tells one from another.
#[tokio::test]
async fn nobody_reads_what_somebody_answered() {
    let server = Server::start().await;
    let (table, view) = all_in(&server, 3, json!({ "maxRuns": 3, "spectatorsAllowed": true })).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let mut readers: Vec<Client> = table.players.clone();
    readers.push(watcher);
    let mut sockets = Vec::new();
    for reader in &readers {
        sockets.push(Socket::join(&server, &table, reader, None).await.0);
    }
    let turn = &view["hand"]["question"]["turn"];
    answer(&table, table.host(), 2, turn).await.ok();
    answer(&table, &table.players[1], 3, turn).await.ok();
    let known = ["type", "seq", "roomId", "at", "handId", "seatIndex"];
    for (reader, socket) in readers.iter().zip(&mut sockets) {
        for _ in 0..2 {
            let event = socket.event("runs_answered").await;
            assert!(event.as_object().unwrap().keys().all(|field| known.contains(&field.as_str())), "{event}");
        }
        let document = table.hydrate(reader).await;
        let fields: Vec<&String> = document["hand"]["question"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["answered", "expires_at", "kind", "max_runs", "seats", "turn"]);
        let events = reader.get(&table.path("events?after=0")).await.ok();
        let answers = of_type(events["events"].as_array().unwrap(), "runs_answered").len();
        assert_eq!(answers, 2);
        assert!(events["events"].as_array().unwrap().iter().all(|event| event.get("runs").is_none()));
    }
    let stored = "SELECT string_agg(public::text, ' ') FROM holdfast.room_events WHERE type = 'runs_answered'";
    let stored = server.database.sql(stored).await[0][0].clone().unwrap();
    assert!(stored.contains("seat") && !stored.contains("runs\":"), "{stored}");
    answer(&table, &table.players[2], 3, turn).await.ok();
    let after = record(table.host(), &view["hand"]["id"]).await;
    for event in of_type(&after, "runs_answered") {
        assert!(event.get("runs").is_none(), "not even when it is settled: {event}");
    }
}

/// A server that dies in mid-question keeps the answers and the deadline; an answer whose reply got lost is done once.
#[tokio::test]
async fn a_question_outlives_a_crash_with_its_answers_and_its_deadline() {
    let mut server = Server::start().await;
    let (table, view) = all_in(&server, 3, json!({ "runVoteSecs": 30 })).await;
    let question = view["hand"]["question"].clone();
    let (turn, path) = (&question["turn"], format!("/api/games/{}/runs", table.game));
    let body = json!({ "runs": 2, "turn": turn, "actionId": Uuid::from_u128(0xA17) });
    let first = table.host().post(&path, body.clone()).await.ok();
    server.kill();
    server.start_again();
    let after = table.hydrate(table.host()).await["hand"]["question"].clone();
    assert_eq!((&after["turn"], &after["answered"]), (turn, &json!([0])));
    let (was, is) = (question["expires_at"].as_i64().unwrap(), after["expires_at"].as_i64().unwrap());
    // A start takes long enough on a slow machine to be an outage: then time is given back, and never taken.
    assert!(is >= was, "{was} {is}");
    assert_eq!(table.host().post(&path, body.clone()).await.ok(), first, "the same answer again");
    let mut other = body.clone();
    other["runs"] = json!(1);
    table.host().post(&path, other).await.refused(422, "ACTION_ID_REUSED");
    assert_eq!(table.hydrate(table.host()).await["hand"]["question"]["answered"], json!([0]));

    answer(&table, &table.players[1], 2, turn).await.ok();
    server.kill();
    server.start_again();
    answer(&table, &table.players[2], 2, turn).await.ok();
    let done = table.hydrate(table.host()).await;
    assert_eq!((&done["hand"]["runs"], &done["hand"]["phase"]), (&json!(2), &json!("complete")));
    assert_eq!(table.host().post(&path, body).await.ok(), first, "also when it is long settled");
    server.kill();
    server.start_again();
    let again = table.hydrate(table.host()).await;
    assert_eq!((&again["hand"], &again["seats"]), (&done["hand"], &done["seats"]), "played again, it is the same hand");
    passes_the_audit(&server);
}

/// when the time is over a player who hasn't answered accepts one run.
#[tokio::test]
async fn the_clock_settles_a_question() {
    let server = Server::start().await;
    let (table, view) = all_in(&server, 2, json!({ "runVoteSecs": 5 })).await;
    answer(&table, table.host(), 2, &view["hand"]["question"]["turn"]).await.ok();
    let done = over(&table).await;
    assert_eq!(done["hand"]["runs"], 1);
    let events = record(table.host(), &view["hand"]["id"]).await;
    let (asked, decided) = (of_type(&events, "runs_asked")[0], of_type(&events, "runs_decided")[0]);
    assert!(decided["at"].as_i64() >= asked["expiresAt"].as_i64(), "not early: {asked} {decided}");
    assert_eq!(of_type(&events, "run_dealt").len(), 1);
    assert_eq!(of_type(&events, "street_advanced").len(), 3, "street by street");
    passes_the_audit(&server);
}

/// A pause stops the question's clock, and a player who is removed wants one run.
#[tokio::test]
async fn a_pause_freezes_a_question_and_a_kick_settles_it() {
    let server = Server::start().await;
    let (table, view) = all_in(&server, 3, json!({ "runVoteSecs": 30 })).await;
    let turn = &view["hand"]["question"]["turn"];
    table.host().post(&table.path("pause"), json!({})).await.ok();
    assert_eq!(table.hydrate(table.host()).await["hand"]["question"]["expires_at"], Value::Null);
    answer(&table, table.host(), 2, turn).await.refused(409, "GAME_PAUSED");
    table.host().post(&table.path("resume"), json!({})).await.ok();
    let resumed = table.hydrate(table.host()).await;
    let left = resumed["hand"]["question"]["expires_at"].as_i64().unwrap() - resumed["timestamp"].as_i64().unwrap();
    assert!((1..=30_000).contains(&left), "{left}");
    answer(&table, table.host(), 2, turn).await.ok();
    let of = json!({ "userId": table.players[1].user });
    table.host().post(&table.path("kick"), of).await.ok();
    let done = table.hydrate(table.host()).await;
    assert_eq!((&done["hand"]["runs"], &done["hand"]["phase"]), (&json!(1), &json!("complete")));
    passes_the_audit(&server);
}

///
#[tokio::test]
async fn always_asks_nobody_and_off_runs_once() {
    let server = Server::start().await;
    let (table, view) = all_in(&server, 2, json!({ "runItTwice": "always", "maxRuns": 3 })).await;
    assert_eq!((&view["hand"]["phase"], &view["hand"]["runs"]), (&json!("complete"), &json!(3)));
    assert_eq!(view["hand"]["boards"].as_array().unwrap().len(), 3);
    let events = record(table.host(), &view["hand"]["id"]).await;
    assert_eq!((of_type(&events, "runs_asked").len(), of_type(&events, "run_dealt").len()), (0, 3));
    let (table, view) = all_in(&server, 2, json!({ "runItTwice": "off" })).await;
    assert_eq!((&view["hand"]["phase"], &view["hand"]["runs"]), (&json!("complete"), &Value::Null));
    let events = record(table.host(), &view["hand"]["id"]).await;
    assert_eq!(of_type(&events, "run_dealt").len() + of_type(&events, "runs_decided").len(), 0);
    table
        .host()
        .post(&format!("/api/games/{}/runs", Uuid::nil()), json!({ "runs": 1, "turn": 1 }))
        .await
        .refused(404, "GAME_NOT_FOUND");
    let stranger = Client::guest(&server, "Sam").await;
    answer(&table, &stranger, 2, &json!(1)).await.refused(403, "NOT_APPROVED");
    passes_the_audit(&server);
}
