//! `holdfast audit` compares what docs/operations.md says that it compares, column by column; and databases of earlier versions pass.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use testkit::TestDatabase;
use uuid::Uuid;

use crate::clients::{Client, PATIENCE, Table};
use crate::server::Server;

const OPERATIONS: &str = include_str!("../../../../docs/operations.md");

/// What the list in docs/operations.md says of each column: whether it is compared.
fn documented() -> BTreeMap<(String, String), bool> {
    let (_, list) = OPERATIONS.split_once("### What is compared, column by column").expect("the list is there");
    let (list, _) = list.split_once("\n## ").expect("another section follows");
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let mut columns = BTreeMap::new();
    for line in list.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [table, names, says] = cells.as_slice() else { panic!("{line}") };
        let is_compared = says.starts_with("compared: ");
        assert!(is_compared || says.starts_with("not compared: "), "{line}");
        let [table] = quoted(table).try_into().unwrap();
        for name in quoted(names) {
            let twice = columns.insert((table.clone(), name.clone()), is_compared);
            assert!(twice.is_none(), "{table}.{name} is listed twice");
        }
    }
    columns
}

/// Each column with its type.
async fn stored(database: &TestDatabase) -> BTreeMap<(String, String), String> {
    let columns =
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'holdfast'";
    let rows = database.sql(columns).await.into_iter().map(|row| row.into_iter().flatten().collect::<Vec<_>>());
    rows.map(|row| {
        let [table, column, kind] = row.try_into().unwrap();
        ((table, column), kind)
    })
    .collect()
}

/// A room with all that a room can have: somebody who watches, who is missed, and who is on the way out of a live hand. Beside it
/// one that is paused, one between two hands, and one that hasn't begun.
async fn rooms() -> (Server, Table) {
    let server = Server::start_with(&[("HOLDFAST_SWEEP_SECS", "1")]).await;
    let table = Table::with_members(&server, 5, json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 600 })).await;
    for index in 0..4 {
        table.sit(index, index).await.ok();
    }
    table.players[2].post(&table.path("top-up"), json!({ "amount": 50 })).await.ok();
    table.host().patch(&table.path("settings"), json!({ "maxMembers": 40 })).await.ok();
    table.players[4].post(&table.path("spectate"), json!({})).await.ok();
    table.host().post(&table.path("start"), json!({})).await.ok();
    let gift = json!({ "userId": table.players[1].user, "delta": 7, "reason": "a gift" });
    table.host().post(&table.path("chips"), gift).await.ok();
    // Through two hands to the end, and into the third.
    let mut ids = (1..).map(Uuid::from_u128);
    while table.live_hand().await["hand"]["number"] != 3 {
        let Some((actor, view)) = table.actor().await else { continue };
        let checks = view["me"]["legal_actions"]["actions"].as_array().unwrap().contains(&json!("CHECK"));
        let action = if checks { "CHECK" } else { "CALL" };
        table.act(actor, json!({ "action": action, "actionId": ids.next() })).await.ok();
    }
    let silent = &table.players[5];
    silent.post(&table.path("seat"), json!({ "seatIndex": 6, "actionId": ids.next() })).await.ok();
    silent.post(&table.path("sit-out"), json!({})).await.ok();
    for members in ["room_players", "room_seats"] {
        let earlier = format!(
            "UPDATE holdfast.{members} SET last_seen_at = last_seen_at - interval '400 seconds' WHERE user_id = '{}'",
            silent.user
        );
        server.database.sql(&earlier).await;
    }
    let is_missed = async {
        while table.hydrate(table.host()).await["seats"][6]["status"] != "disconnected" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, is_missed).await.expect("who is silent is missed");
    let (actor, _) = table.actor().await.unwrap();
    let leaver = table.players[..4].iter().find(|player| player.user != actor.user && player.user != table.host().user);
    leaver.unwrap().delete(&table.path("seat")).await.ok();

    let paused = Table::playing(&server, 2, json!({ "actionTimeoutSecs": 600 })).await;
    paused.host().post(&paused.path("pause"), json!({})).await.ok();
    let between = Table::playing(&server, 2, json!({ "betweenHandsSecs": 30 })).await;
    let (actor, _) = between.actor().await.unwrap();
    between.act(actor, json!({ "action": "FOLD" })).await.ok();
    Table::with_members(&server, 0, json!({})).await;
    (server, table)
}

/// Changes that can't be made of a column's type alone, and what they have to be called.
const CHANGES: &[(&str, &str, &str)] = &[
    (
        "rooms.status",
        "UPDATE rooms SET status = 'closed' WHERE id = $room",
        "status of the room: the engine says open, stored is closed",
    ),
    (
        "rooms.max_buy_in",
        "UPDATE rooms SET max_buy_in = 999 WHERE id = $room",
        "setting maxBuyIn: the engine says 400, stored is 999",
    ),
    (
        "rooms.action_timeout_ms",
        "UPDATE rooms SET action_timeout_ms = 30000 WHERE id = $room",
        "setting actionTimeoutSecs",
    ),
    ("rooms.timebank_ms", "UPDATE rooms SET timebank_ms = 30000 WHERE id = $room", "setting timebankSecs"),
    (
        "rooms.house_rules",
        "UPDATE rooms SET house_rules = house_rules || '{\"variant\": \"another\"}' WHERE id = $room",
        "a row: the engine says a setting",
    ),
    (
        "room_players.status",
        "UPDATE room_players SET status = 'banned', since = NULL WHERE room_id = $room AND user_id IN (SELECT user_id FROM room_spectators)",
        "the engine says approved, stored is banned",
    ),
    (
        "room_players.preferences",
        r#"UPDATE room_players SET preferences = '{"entry": "never"}' WHERE room_id = $room"#,
        "a row: the engine says a preference",
    ),
    (
        "room_seats.status",
        "UPDATE room_seats SET status = 'sitting_out' WHERE room_id = $room AND status = 'active'",
        "status of seat 0: the engine says active, stored is sitting_out",
    ),
    (
        "room_seats.chips",
        "UPDATE room_seats SET chips = 1 WHERE room_id = $room AND user_id IS NULL",
        "a row: the engine says a seat",
    ),
    (
        "room_seats.timebank_ms",
        "UPDATE room_seats SET timebank_ms = timebank_ms - 500 WHERE room_id = $room AND seat_index = 0",
        "time bank of seat 0: the engine says 60000 ms",
    ),
    (
        "room_seats.missed_turns",
        "UPDATE room_seats SET missed_turns = 1 WHERE room_id = $room AND seat_index = 0",
        "missed turns of seat 0: the engine says 0, stored is 1",
    ),
    (
        "room_seats.queued_top_up",
        "UPDATE room_seats SET queued_top_up = 500 WHERE user_id IS NOT NULL AND seat_index = 6",
        "what waits for the end of the hand of seat 6: the engine says nothing",
    ),
    (
        "room_seats.queued_delta",
        "UPDATE room_seats SET queued_delta = 500 WHERE user_id IS NOT NULL AND seat_index = 6",
        "what waits for the end of the hand of seat 6: the engine says nothing",
    ),
    (
        "room_seats.queued_reason",
        "UPDATE room_seats SET queued_reason = 'why' WHERE user_id IS NOT NULL AND seat_index = 6",
        "what waits for the end of the hand of seat 6: the engine says nothing",
    ),
    (
        "room_seats.sat_out",
        "UPDATE room_seats SET sat_out = false WHERE sat_out",
        "status of seat 6: the engine says disconnected since",
    ),
    (
        "room_seats.leaving_reason",
        "UPDATE room_seats SET leaving_reason = 'kicked' WHERE status = 'leaving'",
        "the engine says leaving, left, stored is leaving, kicked",
    ),
    (
        "rejoin_tokens.revoked_at",
        "UPDATE rejoin_tokens SET revoked_at = now() WHERE revoked_at IS NULL AND user_id = (SELECT user_id FROM rejoin_tokens ORDER BY created_at LIMIT 1); \
      UPDATE rejoin_tokens SET revoked_at = NULL WHERE id = (SELECT id FROM rejoin_tokens ORDER BY created_at LIMIT 1)",
        "current token of ",
    ),
    (
        "rejoin_tokens.expires_at",
        "UPDATE rejoin_tokens SET expires_at = expires_at + interval '10 years' WHERE room_id = $room AND revoked_at IS NULL",
        "expiry of the token of ",
    ),
    (
        "rejoin_tokens.role",
        "UPDATE rejoin_tokens SET role = 'host' WHERE room_id = $room AND role = 'spectator' AND revoked_at IS NULL",
        "the engine says spectator, stored is host",
    ),
    (
        "rejoin_tokens.room_id",
        "UPDATE rejoin_tokens SET room_id = gen_random_uuid() WHERE room_id = $room AND role = 'spectator'",
        "current tokens of ",
    ),
    (
        "rejoin_tokens.user_id",
        "UPDATE rejoin_tokens SET user_id = gen_random_uuid() WHERE room_id = $room AND role = 'spectator' AND revoked_at IS NULL",
        "current tokens of ",
    ),
    (
        "rejoin_tokens.seat_index",
        "UPDATE rejoin_tokens SET seat_index = 8 WHERE room_id = $room AND seat_index = 0 AND revoked_at IS NULL",
        "seat in the token of ",
    ),
    (
        "games.status",
        "UPDATE games SET status = 'paused' WHERE room_id = $room",
        "status of the game: the engine says active, stored is paused",
    ),
    (
        "games.ending",
        "UPDATE games SET ending = true WHERE status = 'waiting'",
        "game that ends with its hand: the engine says none",
    ),
    (
        "games.ended_at",
        "UPDATE games SET ended_at = now() WHERE room_id = $room",
        "game that ended: the engine says none",
    ),
    (
        "game_states.deadline_at",
        "UPDATE game_states SET deadline_at = deadline_at + interval '1 second' WHERE room_id = $room",
        "deadline and end of the turn",
    ),
    (
        "game_states.next_hand_at",
        "UPDATE game_states SET next_hand_at = NULL",
        "next hand: the engine says one is due, stored is none",
    ),
    (
        "game_states.wake_at",
        "UPDATE game_states SET wake_at = NULL WHERE room_id = $room",
        "when the clock looks at the room: the engine says up to ",
    ),
    (
        "hands.rules",
        "UPDATE hands SET rules = 'nlhe/1' WHERE room_id = $room AND hand_number = 2",
        "rule book: the engine says nlhe/1, stored is nlhe/2",
    ),
    (
        "hands.winners",
        "UPDATE hands SET winners = jsonb_set(winners, '{winners,0,amount}', '1') WHERE room_id = $room AND hand_number = 2",
        "winners in the hands row",
    ),
    (
        "room_events.at",
        "UPDATE room_events SET at = at - interval '1 hour' WHERE room_id = $room AND seq = 5",
        "time of the event: the engine says ",
    ),
    (
        "room_events.public",
        "UPDATE room_events SET public = jsonb_set(public, '{acted,pot}', '9999') WHERE room_id = $room AND type = 'acted'",
        "pot: the engine says ",
    ),
    (
        "chip_ledger.at",
        "UPDATE chip_ledger SET at = at + interval '1 second' WHERE room_id = $room AND seq = (SELECT min(seq) FROM chip_ledger WHERE room_id = $room)",
        "time in the ledger: the engine says ",
    ),
    (
        "command_replies.user_id",
        "UPDATE command_replies SET user_id = gen_random_uuid() WHERE seq = (SELECT min(seq) FROM command_replies)",
        "who acted, by the answer to",
    ),
    (
        "command_replies.command_id",
        "UPDATE command_replies SET command_id = gen_random_uuid() WHERE body IS NOT NULL",
        "none that open",
    ),
    (
        "command_replies.room_id",
        "UPDATE command_replies SET room_id = gen_random_uuid() WHERE room_id IS NOT NULL",
        "room of the answer to",
    ),
    (
        "command_replies.seq",
        "UPDATE command_replies SET seq = seq + 100000 WHERE seq = (SELECT min(seq) FROM command_replies)",
        "a number up to ",
    ),
    ("hands.house", r#"UPDATE hands SET house = '{"boards": 2}' WHERE hand_number = 1"#, "number of boards"),
    (
        "outages.number",
        "INSERT INTO outages (number, began_at, ended_at) VALUES (1000, now(), now())",
        "last outage: the engine says ",
    ),
];

/// The same value, changed as its type allows it, in one row that has one: of this room, if the table has rows of it.
fn change(table: &str, column: &str, kind: &str, by: i32) -> String {
    let changed = match kind {
        "smallint" | "integer" | "bigint" => format!("{column} + {by}"),
        "timestamp with time zone" => format!("{column} + interval '10 years'"),
        "text" | "character varying" => format!("{column} || 'x'"),
        "character" => format!("reverse({column})"),
        "boolean" => format!("NOT {column}"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "bytea" => format!("set_byte({column}, 5, get_byte({column}, 5) # 1)"),
        "ARRAY" => format!("{column} || 'clubs_2'::text"),
        other => panic!("{table}.{column} is of the type {other}, and has no change of its own"),
    };
    let first = match table {
        "rooms" => "ORDER BY id = $room DESC",
        "key_check" | "service_pulse" | "__diesel_schema_migrations" => "",
        "players" => "ORDER BY room_id = $room DESC, hand_id",
        _ => "ORDER BY room_id = $room DESC NULLS LAST",
    };
    format!(
        "UPDATE {table} SET {column} = {changed} \
         WHERE ctid = (SELECT ctid FROM {table} WHERE {column} IS NOT NULL {first} LIMIT 1)"
    )
}

#[tokio::test]
async fn every_column_is_compared_or_the_documents_say_why_not() {
    let (mut server, table) = rooms().await;
    let (columns, documented) = (stored(&server.database).await, documented());
    let not_listed: Vec<_> = columns.keys().filter(|column| !documented.contains_key(*column)).collect();
    assert!(not_listed.is_empty(), "docs/operations.md doesn't say whether these are compared: {not_listed:?}");
    let not_there: Vec<_> = documented.keys().filter(|column| !columns.contains_key(*column)).collect();
    assert!(not_there.is_empty(), "docs/operations.md lists what no table has: {not_there:?}");

    server.stop();
    let database = &server.database;
    let clean = server.audit(&database.url, &[]);
    assert!(clean.status.success(), "{}", String::from_utf8_lossy(&clean.stdout));
    // What a constraint of the schema forbids has to be found all the same.
    let constraints = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
                       WHERE contype = 'c' AND connamespace = 'holdfast'::regnamespace";
    for drop in database.sql(constraints).await.into_iter().flatten().flatten() {
        database.sql(&drop).await;
    }
    let tables: BTreeSet<&String> = columns.keys().map(|(table, _)| table).collect();
    let (mut keep, mut restore) =
        ("CREATE SCHEMA kept;".to_owned(), "SET session_replication_role = replica;".to_owned());
    for table in tables {
        // What the database fills in by itself can't be inserted.
        let names = format!(
            "SELECT string_agg(column_name, ', ') FROM information_schema.columns \
             WHERE table_schema = 'holdfast' AND table_name = '{table}' AND is_generated = 'NEVER'"
        );
        let names = database.sql(&names).await[0][0].clone().unwrap();
        keep.push_str(&format!("CREATE TABLE kept.{table} AS TABLE holdfast.{table};"));
        restore.push_str(&format!(
            "DELETE FROM holdfast.{table}; INSERT INTO holdfast.{table} ({names}) SELECT {names} FROM kept.{table};"
        ));
    }
    database.sql(&keep).await;

    let changes: BTreeMap<&str, (&str, &str)> =
        CHANGES.iter().map(|(column, sql, says)| (*column, (*sql, *says))).collect();
    let mut unseen = Vec::new();
    for ((table_name, column), _) in documented.iter().filter(|(_, is_compared)| **is_compared) {
        let name = format!("{table_name}.{column}");
        let kind = &columns[&(table_name.clone(), column.clone())];
        let replica = "SET search_path TO holdfast; SET session_replication_role = replica;";
        let of_room =
            |sql: &str| format!("{replica} {} RETURNING 'changed'", sql.replace("$room", &format!("'{}'", table.room)));
        let (changed, says) = match changes.get(name.as_str()) {
            Some((sql, says)) => (database.sql(&of_room(sql)).await, *says),
            None => match database.try_sql(&of_room(&change(table_name, column, kind, 1))).await {
                Ok(changed) => (changed, ""),
                // A number that another row has already is tried again further away.
                Err(_) => (database.sql(&of_room(&change(table_name, column, kind, 100))).await, ""),
            },
        };
        assert!(!changed.is_empty(), "{name} was not changed");
        let audit = server.audit(&database.url, &[]);
        database.sql(&restore).await;
        let said = format!("{}{}", String::from_utf8_lossy(&audit.stdout), String::from_utf8_lossy(&audit.stderr));
        if audit.status.success() || !said.contains(says) {
            unseen.push(format!("{name}: {:?} {said}", audit.status.code()));
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
    assert!(server.audit(&database.url, &[]).status.success());
}

/// The newest first: what takes a database back to the schema of the first version.
const DOWN: [(&str, &str); 13] = [
    ("20261129000500", include_str!("../../../../migrations/2026-11-29-000500_blinds/down.sql")),
    ("20261128233000", include_str!("../../../../migrations/2026-11-28-233000_preferences/down.sql")),
    ("20261128171500", include_str!("../../../../migrations/2026-11-28-171500_variants/down.sql")),
    ("20261128160000", include_str!("../../../../migrations/2026-11-28-160000_set_aside/down.sql")),
    ("20261128150000", include_str!("../../../../migrations/2026-11-28-150000_house_rules/down.sql")),
    ("20261128140000", include_str!("../../../../migrations/2026-11-28-140000_epochs/down.sql")),
    ("20261128130000", include_str!("../../../../migrations/2026-11-28-130000_key_check/down.sql")),
    ("20261128120500", include_str!("../../../../migrations/2026-11-28-120500_former_members/down.sql")),
    ("20261128120000", include_str!("../../../../migrations/2026-11-28-120000_command_replies/down.sql")),
    ("20261128110000", include_str!("../../../../migrations/2026-11-28-110000_seats_and_spectators/down.sql")),
    ("20261128100500", include_str!("../../../../migrations/2026-11-28-100500_time_banks/down.sql")),
    ("20261128100000", include_str!("../../../../migrations/2026-11-28-100000_rule_books/down.sql")),
    ("20261128000000", include_str!("../../../../migrations/2026-11-28-000000_token_days/down.sql")),
];

/// What earlier versions didn't write into the log.
const EARLIER: &str = "\
    UPDATE holdfast.room_events SET public = public #- '{hand_started,rules}' WHERE type = 'hand_started'; \
    UPDATE holdfast.room_events SET public = public #- '{settings_changed,settings,house_rules}' WHERE type = 'settings_changed'; \
    UPDATE holdfast.room_events SET sealed = NULL WHERE type IN ('acted', 'street_advanced')";

#[tokio::test]
async fn a_database_of_the_first_version_migrates_plays_on_and_passes() {
    let (mut server, table) = rooms().await;
    server.stop();
    // The newest version's rows, as the first one would have them: nobody's time bank was used, and seats knew less.
    for (version, down) in DOWN {
        let back = format!("{down}; DELETE FROM holdfast.__diesel_schema_migrations WHERE version = '{version}'");
        server.database.sql(&back).await;
    }
    server.database.sql(EARLIER).await;
    let columns = stored(&server.database).await;
    let column = |table: &str, column: &str| (table.to_owned(), column.to_owned());
    assert!(!columns.contains_key(&column("room_seats", "display_name")), "it is an earlier version's");
    let people = "SELECT user_id::text, display_name, last_seen_at::text, since::text FROM holdfast.room_players ORDER BY room_id, user_id";
    let members = server.database.sql(people).await;

    server.start_again();
    let seats = "SELECT seat.user_id::text, seat.display_name, seat.seated_at::text, member.since::text \
                 FROM holdfast.room_seats AS seat JOIN holdfast.room_players AS member USING (room_id, user_id)";
    let seats = server.database.sql(seats).await;
    assert_eq!(seats.len(), 4 + 1 + 2 + 2);
    for seat in seats {
        assert!(members.iter().any(|member| member[0] == seat[0] && member[1] == seat[1]), "the name of {seat:?}");
        assert_eq!(seat[2], seat[3], "since when the seat is held is not known, but since when they are in the room");
    }
    let audit = server.audit(&server.database.url, &[]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));

    // It plays on: the hand of before by its own rules, the next by those of today.
    while table.live_hand().await["hand"]["number"] != 4 {
        let Some((actor, _)) = table.actor().await else { continue };
        table.act(actor, json!({ "action": "FOLD" })).await;
    }
    let comes: &Client = &table.players[5];
    comes.post(&table.path("sit-in"), Value::Null).await;
    let audit = server.audit(&server.database.url, &[]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    server.stop();
    let audit = server.audit(&server.database.url, &[]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
