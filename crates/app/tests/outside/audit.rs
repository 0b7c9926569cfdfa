//! `holdfast audit`: a clean database passes, beside its server and alone; whatever is changed in it is found and named.

use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::play::{Random, legal_action};
use crate::server::Server;

/// Four players and a spectator through ten hands and more, with all that moves chips, up to somewhere in a hand.
async fn played() -> (Server, Table) {
    let server = Server::start().await;
    let table = Table::with_members(&server, 3, json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0 })).await;
    for index in 0..4 {
        table.sit(index, index).await.ok();
    }
    table.players[2].post(&table.path("top-up"), json!({ "amount": 50 })).await.ok();
    table.host().post(&table.path("start"), json!({})).await.ok();
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let mut random = Random(5);
    for turn in 0.. {
        let view = table.hydrate(table.host()).await;
        if view["game"]["hand_number"].as_u64() >= Some(10) && view["hand"]["phase"] != "complete" && turn > 60 {
            break;
        }
        for seat in view["seats"].as_array().unwrap().iter().filter(|seat| seat["chips"] == 0) {
            if let Some(player) = table.players.iter().find(|player| seat["user_id"] == player.user.as_str()) {
                player.post(&table.path("top-up"), json!({ "amount": 150 })).await;
            }
        }
        match turn {
            20 => {
                let gift = json!({ "userId": table.players[1].user, "delta": 7, "reason": "a gift" });
                table.host().post(&table.path("chips"), gift).await.ok();
            }
            30 => drop(table.players[3].delete(&table.path("seat")).await.ok()),
            45 => comes_back(&table).await,
            _ => {}
        }
        if let Some((actor, view)) = table.actor().await
            && view["me"]["legal_actions"].is_object()
        {
            table.act(actor, legal_action(&mut random, &view)).await;
        }
    }
    (server, table)
}

/// Who left sits down again, with what waits for them at least.
async fn comes_back(table: &Table) {
    let player = &table.players[3];
    let view = table.hydrate(player).await;
    let (waiting, most) = (&view["me"]["waiting_chips"], &view["room"]["settings"]["maxBuyIn"]);
    let buy_in = waiting.as_u64().unwrap_or_default().max(200).min(most.as_u64().unwrap());
    player.post(&table.path("seat"), json!({ "seatIndex": 5, "buyIn": buy_in })).await.ok();
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn passes(output: &Output) -> String {
    let (said, complained) = (text(output), String::from_utf8_lossy(&output.stderr).into_owned());
    assert_eq!(output.status.code(), Some(0), "{said}{complained}");
    assert!(said.trim_end().ends_with("events: 0 differences"), "{said}");
    said
}

#[tokio::test]
async fn a_played_database_passes_beside_its_server_and_without_it() {
    let (mut server, table) = played().await;
    let url = server.database.url.clone();
    let beside = passes(&server.audit(&url, &[]));
    assert!(beside.starts_with("1 rooms, "), "{beside}");
    let code = table.hydrate(table.host()).await["room"]["code"].as_str().unwrap().to_owned();
    assert_eq!(passes(&server.audit(&url, &["--room", &code.to_lowercase()])), beside);

    // A room lock that somebody holds doesn't keep an audit waiting, and an audit changes nothing.
    let locked = "BEGIN; SELECT FROM holdfast.game_states FOR UPDATE; SELECT pg_sleep(600)";
    let holder = tokio::spawn({
        let url = url.clone();
        async move { testkit::TestDatabase { url }.try_sql(locked).await }
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)%' AND \
                   wait_event = 'PgSleep'";
    while server.database.sql(waiting).await[0][0].as_deref() == Some("0") {
        tokio::task::yield_now().await;
    }
    let before = server.dump().await;
    assert_eq!(passes(&server.audit(&url, &[])), beside);
    assert_eq!(without_signs_of_life(&server.dump().await), without_signs_of_life(&before));
    holder.abort();

    server.stop();
    passes(&server.audit(&url, &[]));
}

/// Nodes note each half second that they live.
fn without_signs_of_life(dump: &str) -> Vec<&str> {
    dump.lines().filter(|line| !line.starts_with("(t,")).collect()
}

/// What is changed, and what the audit has to say of it: hand, event and field, with the engine's value where it is known.
const CORRUPTIONS: &[(&str, &str, &[&str])] = &[
    (
        "a stack",
        "UPDATE room_seats SET chips = chips + 1 WHERE seat_index = 0",
        &["seat 0: the engine says", "stored is"],
    ),
    (
        "an action's amount",
        "UPDATE actions SET amount = amount + 1 WHERE seq = (SELECT min(seq) FROM actions WHERE action = 'RAISE')",
        &["hand ", "seq ", "amount in the actions row: the engine says"],
    ),
    (
        "an action and its event",
        "UPDATE actions SET amount = amount + 1 WHERE seq = (SELECT min(seq) FROM actions WHERE action = 'RAISE'); \
         UPDATE room_events SET public = jsonb_set(public, '{acted,amount}', to_jsonb((public #>> '{acted,amount}')::bigint + 1)) \
         WHERE seq = (SELECT min(seq) FROM actions WHERE action = 'RAISE')",
        &["hand ", "seq ", "stack: the engine says"],
    ),
    (
        "who acted",
        "UPDATE actions SET seat_index = (seat_index + 1) % 4 WHERE seq = (SELECT min(seq) FROM actions)",
        &["hand 1, seq ", "seat in the actions row"],
    ),
    (
        "an action's turn",
        "UPDATE actions SET turn = turn + 100000 WHERE seq = (SELECT min(seq) FROM actions)",
        &["hand 1, seq ", "turn in the actions row: the engine says 1, stored is 100001"],
    ),
    (
        "a decision that was not the player's own",
        "UPDATE actions SET auto = true WHERE seq = (SELECT min(seq) FROM actions WHERE action = 'CALL'); \
         UPDATE room_events SET public = jsonb_set(public, '{acted,auto}', 'true') \
         WHERE seq = (SELECT min(seq) FROM actions WHERE action = 'CALL')",
        &["automatic action: the engine says FOLD or CHECK, stored is CALL"],
    ),
    (
        "an action that is gone",
        "DELETE FROM actions WHERE seq = (SELECT min(seq) FROM actions)",
        &["hand 1, seq ", "actions row: the engine says one, stored is none"],
    ),
    (
        "a ledger row",
        "UPDATE chip_ledger SET delta = delta + 1 WHERE seq = (SELECT min(seq) FROM chip_ledger WHERE kind = 'hand_result') AND ordinal = 0",
        &["hand 1, seq ", "ledger: the engine says hand_result"],
    ),
    (
        "a ledger row that is gone",
        "DELETE FROM chip_ledger WHERE seq = (SELECT min(seq) FROM chip_ledger WHERE kind = 'top_up')",
        &["seq ", "ledger: the engine says top_up +50", "stored is none"],
    ),
    (
        "a ledger row too many",
        "INSERT INTO chip_ledger SELECT room_id, seq, 77, user_id, kind, delta, hand_id, reason, at FROM chip_ledger WHERE kind = 'adjustment'",
        &["seq ", "ledger: the engine says adjustment +7"],
    ),
    (
        "an event that is gone",
        "DELETE FROM room_events WHERE seq = (SELECT min(seq) FROM room_events WHERE type = 'street_advanced')",
        &["hand ", "number of the event", "there is a gap"],
    ),
    (
        "an event of an action that is gone",
        "DELETE FROM room_events WHERE seq = (SELECT min(seq) FROM room_events WHERE type = 'acted')",
        &["hand 1, ", "event: the engine says one, stored is none, but rows that belong to it"],
    ),
    (
        "the log's last event",
        "DELETE FROM room_events WHERE seq = (SELECT max(seq) FROM room_events); \
         DELETE FROM actions WHERE seq > (SELECT max(seq) FROM room_events); \
         DELETE FROM chip_ledger WHERE seq > (SELECT max(seq) FROM room_events)",
        &["last number in game_states: the engine says"],
    ),
    (
        "the number of the last event",
        "UPDATE game_states SET seq = seq + 1",
        &["last number in game_states: the engine says"],
    ),
    (
        "the order of the log",
        "UPDATE room_events SET seq = seq + 1000000; UPDATE room_events SET seq = seq - 999999 WHERE seq < 1000003; \
         UPDATE room_events SET seq = 1 WHERE seq = 3; UPDATE room_events SET seq = seq - 1000000 WHERE seq > 1000000",
        &["seq "],
    ),
    (
        "a pot",
        "UPDATE room_events SET public = jsonb_set(public, '{acted,pot}', '9999') \
         WHERE seq = (SELECT min(seq) FROM room_events WHERE type = 'acted')",
        &["hand 1, seq ", "pot: the engine says", "stored is 9999"],
    ),
    (
        "the winners in the log",
        "UPDATE room_events SET public = jsonb_set(public, '{hand_completed,winners,0,seat}', '9') \
         WHERE seq = (SELECT min(seq) FROM room_events WHERE type = 'hand_completed' AND NOT (public #> '{hand_completed,winners,0,compared}')::boolean)",
        &["hand ", "winners: the engine says seat ", "stored is seat 9"],
    ),
    (
        "the winners of a hand",
        "UPDATE hands SET winners = jsonb_set(winners, '{winners,0,amount}', '1') WHERE hand_number = 2",
        &["hand 2, seq ", "winners in the hands row: the engine says seat "],
    ),
    (
        "the pot of a hand",
        "UPDATE hands SET pot = pot + 1 WHERE hand_number = 3",
        &["hand 3, seq ", "pot in the hands row: the engine says "],
    ),
    (
        "the board of a hand",
        "UPDATE hands SET board = ARRAY['clubs_2', 'clubs_3', 'clubs_4'] WHERE hand_number = 2",
        &["hand 2, seq ", "winners in the hands row"],
    ),
    (
        "a deck, swapped",
        "UPDATE hands SET sealed_deck = (SELECT sealed_deck FROM hands WHERE hand_number = 1) WHERE hand_number = 2",
        &["seq ", "deck: the engine says 52 different cards, stored is none that opens"],
    ),
    (
        "own cards, swapped",
        "UPDATE room_events SET sealed = NULL WHERE type = 'hand_started' AND seq = (SELECT max(seq) FROM room_events WHERE type = 'hand_started')",
        &["seq ", "cards of the players: the engine says the first of the deck, stored is others"],
    ),
    (
        "a stack in a hand",
        "UPDATE players SET stack = stack + 1 WHERE hand_id = (SELECT id FROM hands WHERE hand_number = 2) AND seat_index = 0",
        &["seq ", "stack of seat 0 in the players row: the engine says "],
    ),
    (
        "the button",
        "UPDATE hands SET button_seat = 8 WHERE hand_number = 2",
        &["seq ", "button in the hands row: the engine says ", "stored is 8"],
    ),
    (
        "a hand that is gone",
        "DELETE FROM players WHERE hand_id = (SELECT id FROM hands WHERE hand_number = 4); DELETE FROM hands WHERE hand_number = 4",
        &["seq ", "hands row: the engine says one, stored is none"],
    ),
    (
        "hand numbers",
        "UPDATE hands SET hand_number = 1000 WHERE hand_number = 5",
        &["seq ", "hand number in the hands row: the engine says 5, stored is 1000"],
    ),
    (
        "a second live hand",
        "UPDATE hands SET completed_at = NULL, board = NULL, pot = NULL, winners = NULL WHERE hand_number = 3",
        &["hand 3, seq ", "hands row: the engine says complete, stored is not complete"],
    ),
    (
        "whose turn it is",
        "UPDATE game_states SET turn_number = turn_number + 1",
        &["hand ", "turn number: the engine says "],
    ),
    (
        "a token",
        "UPDATE rejoin_tokens SET token_hash = repeat('0', 64) WHERE id = (SELECT id FROM rejoin_tokens ORDER BY id LIMIT 1)",
        &["hash of a token of "],
    ),
    (
        "a member's status",
        "UPDATE room_players SET status = 'pending' WHERE user_id = (SELECT user_id FROM room_spectators)",
        &["status of ", "the engine says approved, stored is pending"],
    ),
    (
        "reserved chips",
        "UPDATE room_players SET waiting_chips = waiting_chips + 5 WHERE user_id = (SELECT user_id FROM room_spectators)",
        &["reserved chips of ", "the engine says 0, stored is 5"],
    ),
    ("an event that is none", "UPDATE room_events SET public = '{}' WHERE seq = 3", &["seq 3, event: "]),
    (
        "absurdly many chips",
        "UPDATE room_events SET public = jsonb_set(public, '{seated,chips}', '18446744073709551615') WHERE type = 'seated'",
        &["seq ", "chips: the engine says less than there can be"],
    ),
];

/// The tables in which something is changed.
const TABLES: [&str; 9] = [
    "game_states",
    "hands",
    "players",
    "actions",
    "room_events",
    "chip_ledger",
    "room_players",
    "room_seats",
    "rejoin_tokens",
];

#[tokio::test]
async fn whatever_is_changed_is_found_and_named() {
    let (mut server, table) = played().await;
    let code = table.hydrate(table.host()).await["room"]["code"].as_str().unwrap().to_owned();
    server.stop();
    let database = &server.database;
    passes(&server.audit(&database.url, &[]));
    let (mut keep, mut restore) =
        ("CREATE SCHEMA kept;".to_owned(), "SET session_replication_role = replica;".to_owned());
    for table in TABLES {
        // What the database fills in by itself can't be inserted.
        let columns = database
            .sql(&format!(
                "SELECT string_agg(column_name, ', ') FROM information_schema.columns \
                 WHERE table_schema = 'holdfast' AND table_name = '{table}' AND is_generated = 'NEVER'"
            ))
            .await;
        let columns = columns[0][0].as_deref().expect("a table has columns");
        keep.push_str(&format!("CREATE TABLE kept.{table} AS TABLE holdfast.{table};"));
        restore.push_str(&format!(
            "DELETE FROM holdfast.{table}; INSERT INTO holdfast.{table} ({columns}) SELECT {columns} FROM kept.{table};"
        ));
    }
    database.sql(&keep).await;
    let mut unseen = Vec::new();
    for (what, sql, named) in CORRUPTIONS {
        database.sql(&format!("SET search_path TO holdfast; {sql}")).await;
        let audit = server.audit(&database.url, &[]);
        database.sql(&restore).await;

        let said = text(&audit);
        let first = said.lines().next().unwrap_or_default();
        let found = audit.status.code() == Some(1)
            && first.starts_with(&format!("room {code}, "))
            && named.iter().all(|part| first.contains(part))
            && said.trim_end().ends_with("events: 1 differences");
        if !found {
            unseen.push(format!("{what}: {:?} {said}{}", audit.status, String::from_utf8_lossy(&audit.stderr)));
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
    passes(&server.audit(&database.url, &[]));
}

#[tokio::test]
async fn an_audit_that_cannot_be_done_says_why() {
    let (server, _) = played().await;
    let cannot = |output: Output, why: &str| {
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{complained}");
        assert!(complained.contains(why) && text(&output).is_empty(), "{complained}");
    };
    let url = &server.database.url;
    cannot(server.audit(url, &["--room", "NOSUCHROOM"]), "there is no room with the code");
    let mut other_key = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    other_key.arg("audit").env("DATABASE_URL", url).env("HOLDFAST_SECRET_KEY", "another key ".repeat(4));
    cannot(other_key.output().unwrap(), "not the one that this database was sealed with");
    cannot(server.audit(&testkit::database().await.url, &[]), "the database");
    cannot(server.audit("postgres://nobody@127.0.0.1:1/none", &[]), "can't be reached");
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.arg("audit").env("HOLDFAST_DATA_DIR", empty.path()).env("DATABASE_URL", "");
    cannot(command.output().unwrap(), "secret key");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test]
async fn the_private_database_is_audited_beside_its_server_and_without_one() {
    let data = tempfile::tempdir().unwrap();
    let holdfast = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(arguments).env("HOLDFAST_DATA_DIR", data.path()).env("DATABASE_URL", "");
        command.env("HOLDFAST_BIND", "127.0.0.1:0").env("HOLDFAST_LOG", "warn");
        command
    };
    let mut server = holdfast(&[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.take().unwrap()), &mut line).unwrap();
    let base = line.trim().rsplit(' ').next().unwrap().to_owned();
    let host = Client::guest_at(&base, "Host").await;
    let made: Value = host.post("/api/rooms", json!({ "displayName": "Host" })).await.ok();
    host.post(&format!("/api/rooms/{}/seat", made["room"]["id"].as_str().unwrap()), json!({ "seatIndex": 0 }))
        .await
        .ok();

    passes(&holdfast(&["audit"]).output().unwrap());
    assert_eq!(host.get("/readyz").await.status, 200, "the server goes on");
    kill(Pid::from_raw(server.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    server.wait().unwrap();
    assert_eq!(passes(&holdfast(&["audit"]).output().unwrap()), "1 rooms, 0 hands, 1 events: 0 differences\n");
    let left = walk(data.path());
    assert!(!left.iter().any(|path| path.ends_with("postmaster.pid")), "what was started for it is stopped: {left:?}");
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.flat_map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { vec![entry.path()] }).collect()
}
