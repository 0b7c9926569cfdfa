//! The schema: how it comes to be, what it forbids, and whom.

use adapters_pg::{ConnectError, PgStore, Unfit, migrate, revert};
use ports::store::{Store, StoreError};
use testkit::{Server, TestDatabase};

use crate::support::{ANNA, BEN, HOST, Play, key, store};

async fn tables(database: &TestDatabase) -> Vec<String> {
    let rows = database
        .sql("SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast' AND tablename NOT LIKE '\\_%' ORDER BY 1")
        .await;
    rows.into_iter().map(|mut row| row.remove(0).unwrap()).collect()
}

#[tokio::test]
async fn migrations_go_up_and_down_and_up_again() {
    let database = testkit::database().await;
    migrate(&database.url).await.unwrap();
    let first = tables(&database).await;
    for name in
        ["users", "rooms", "room_players", "room_seats", "room_spectators", "rejoin_tokens", "games", "game_states"]
    {
        assert!(first.iter().any(|table| table == name), "{name}");
    }
    for name in ["hands", "players", "actions", "room_events", "chip_ledger", "command_replies"] {
        assert!(first.iter().any(|table| table == name), "{name}");
    }
    revert(&database.url).await.unwrap();
    assert_eq!(tables(&database).await, [""; 0]);
    migrate(&database.url).await.unwrap();
    assert_eq!(tables(&database).await, first);
    migrate(&database.url).await.unwrap();
    let outside = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(database.sql(outside).await[0][0].as_deref(), Some("0"));
}

#[tokio::test]
async fn servers_that_start_together_do_not_collide() {
    let database = testkit::database().await;
    let key = key();
    let starts = (0..4).map(|_| PgStore::connect(&database.url, &key, 2));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap().ready().await.unwrap();
    }
}

#[tokio::test]
async fn a_database_whose_schema_is_behind_is_not_ready() {
    let database = testkit::database().await;
    let store = store(&database).await;
    store.ready().await.unwrap();
    database.sql("DELETE FROM holdfast.__diesel_schema_migrations").await;
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_database_that_may_lose_what_it_acknowledged_is_refused_by_the_name_of_the_setting() {
    let server = Server::start();
    let database = server.database().await;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        server.stop();
        server.start_again(&format!("-c {setting}=off"));
        let refused = PgStore::connect(&database.url, &key(), 2).await.map(drop).unwrap_err();
        assert!(
            matches!(refused, ConnectError::Unfit(Unfit::Unsafe { setting: named }) if named == setting),
            "{refused}"
        );
        assert!(refused.to_string().contains(setting));
    }
    assert_eq!(tables(&database).await, [""; 0], "nothing was changed");
}

#[tokio::test]
async fn a_wrong_address_and_a_database_that_is_away_are_told_apart() {
    let wrong = PgStore::connect("nonsense://", &key(), 2).await.map(drop);
    assert!(matches!(wrong, Err(ConnectError::Address(_))));
    let away = PgStore::connect("postgres://postgres:secret@127.0.0.1:1/none", &key(), 2).await.map(drop).unwrap_err();
    assert!(matches!(away, ConnectError::Unavailable(_)));
    assert!(!format!("{away} {away:?}").contains("secret"));
}

/// T-C10: a platform's data API serves what its roles may read.
#[tokio::test]
async fn the_roles_of_a_data_api_can_do_nothing_with_any_table() {
    let database = testkit::database().await;
    // As generous as such a platform is, in this database, before we come.
    database
        .sql(
            "CREATE ROLE anon; CREATE ROLE authenticated; \
             ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO anon, authenticated, PUBLIC; \
             CREATE SCHEMA holdfast; GRANT ALL ON SCHEMA holdfast TO anon, authenticated, PUBLIC;",
        )
        .await;
    store(&database).await;
    let tables = tables(&database).await;
    assert!(tables.len() >= 15);
    for role in ["anon", "authenticated"] {
        for table in &tables {
            for what in ["SELECT * FROM", "DELETE FROM", "TRUNCATE", "LOCK TABLE", "INSERT INTO"] {
                let rest = if what == "INSERT INTO" { "DEFAULT VALUES" } else { "" };
                let done = database.try_sql(&format!("SET ROLE {role}; {what} holdfast.{table} {rest}")).await;
                let code = done.expect_err(what).code().map(|code| code.code().to_owned());
                assert_eq!(code.as_deref(), Some("42501"), "{role}: {what} {table}: not for want of permission");
            }
            let granted = format!(
                "SELECT has_table_privilege('{role}', 'holdfast.{table}', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES')"
            );
            assert_eq!(database.sql(&granted).await[0][0].as_deref(), Some("f"), "{role} {table}");
        }
        let later = "CREATE TABLE IF NOT EXISTS holdfast.later (id int)";
        let read = database.try_sql(&format!("{later}; SET ROLE {role}; SELECT * FROM holdfast.later")).await;
        assert!(read.is_err(), "{role} can read a later table");
    }
}

#[tokio::test]
async fn what_must_never_be_is_refused_by_the_schema() {
    let play = Play::in_hand(5, &[HOST, ANNA, BEN]).await;
    play.store.ready().await.unwrap();
    for forbidden in [
        "UPDATE room_seats SET chips = -1 WHERE seat_index = 0",
        "UPDATE room_seats SET user_id = NULL WHERE seat_index = 0",
        "UPDATE room_seats SET status = 'active' WHERE seat_index = 7",
        "UPDATE room_seats SET user_id = (SELECT user_id FROM room_seats WHERE seat_index = 0) WHERE seat_index = 1",
        "UPDATE room_players SET waiting_chips = -1",
        "UPDATE room_players SET status = 'admired'",
        "UPDATE rooms SET seats = 11",
        "UPDATE rooms SET big_blind = 0",
        "UPDATE games SET status = 'completed'",
        "UPDATE game_states SET seq = -1",
        "UPDATE game_states SET frozen_time_ms = 1, frozen_bank_ms = 1",
        "UPDATE rejoin_tokens SET revoked_at = NULL",
        "UPDATE rejoin_tokens SET token_hash = (SELECT min(token_hash) FROM rejoin_tokens)",
        "UPDATE players SET user_id = (SELECT user_id FROM players LIMIT 1)",
        "UPDATE hands SET completed_at = now()",
        "INSERT INTO room_events SELECT * FROM room_events LIMIT 1",
        "INSERT INTO hands SELECT gen_random_uuid(), room_id, game_id, hand_number, button_seat, small_blind, big_blind, ante, \
         action_timeout_ms, started_at, sealed_deck FROM hands",
    ] {
        let done = play.database.try_sql(&format!("SET search_path = holdfast; {forbidden}")).await;
        let err = done.expect_err(forbidden);
        let code = err.code().unwrap().code();
        assert!(code.starts_with("23"), "{forbidden}: {err:?}");
    }
}
