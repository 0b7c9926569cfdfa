//! Databases that people really have: TLS in all its modes, poolers, encodings, roles with few rights.

use adapters_pg::{ConnectError, PgStore, Secured, Sessions, Unfit, inspect};
use domain::settings::Settings;
use ports::store::Store;
use testkit::{PgBouncer, Server, TestDatabase, TlsServer};

use crate::support::{ANNA, HOST, Play, key};

async fn unfit(url: &str) -> Unfit {
    match PgStore::connect(url, &key(), 2).await.map(drop).unwrap_err() {
        ConnectError::Unfit(unfit) => unfit,
        other => panic!("{other}"),
    }
}

async fn unavailable(url: &str) -> String {
    match inspect(url).await.unwrap_err() {
        ConnectError::Unavailable(why) => why,
        other => panic!("{other}"),
    }
}

async fn secured(url: &str) -> Secured {
    inspect(url).await.unwrap_or_else(|err| panic!("{url}: {err}")).line.secured
}

#[tokio::test]
async fn a_server_that_wants_tls_is_spoken_to_as_the_address_says() {
    let tls = TlsServer::start(&["localhost"]);
    let (database, url) = tls.database("localhost").await;
    let (ca, other) = (tls.ca().display().to_string(), tls.other_ca().display().to_string());

    assert_eq!(secured(&url).await, Secured::Encrypted, "without a word");
    for mode in ["allow", "prefer", "require"] {
        assert_eq!(secured(&format!("{url}?sslmode={mode}")).await, Secured::Encrypted, "{mode}");
    }
    unavailable(&format!("{url}?sslmode=disable")).await;

    for mode in ["require", "verify-ca"] {
        assert_eq!(secured(&format!("{url}?sslmode={mode}&sslrootcert={ca}")).await, Secured::Signed, "{mode}");
        let why = unavailable(&format!("{url}?sslmode={mode}&sslrootcert={other}")).await;
        assert!(why.contains("sslrootcert"), "{why}");
    }
    assert_eq!(secured(&format!("{url}?sslmode=verify-full&sslrootcert={ca}")).await, Secured::Fully);
    assert_eq!(
        secured(&format!("{url}?sslmode=verify-full&sslrootcert={}", tls.certificate().display())).await,
        Secured::Fully
    );
    unavailable(&format!("{url}?sslmode=verify-full&sslrootcert={other}")).await;
    unavailable(&format!("{url}?sslmode=verify-full")).await;
    unavailable(&format!("{url}?sslrootcert=system")).await;
    let why = unavailable(&format!("{url}?sslmode=verify-ca&sslrootcert=/no/such/file")).await;
    assert!(why.contains("/no/such/file"), "{why}");

    // The name that the certificate isn't for.
    let by_number = url.replace("localhost", "127.0.0.1");
    assert_eq!(secured(&format!("{by_number}?sslmode=verify-ca&sslrootcert={ca}")).await, Secured::Signed);
    let why = unavailable(&format!("{by_number}?sslmode=verify-full&sslrootcert={ca}")).await;
    assert!(why.contains("another host"), "{why}");

    // And it is played over it.
    let own = TestDatabase { url: format!("{url}?sslmode=verify-full&sslrootcert={ca}") };
    let mut play = Play::begin_in(own, 1, Settings::default()).await;
    play.seat(&[HOST, ANNA]).await;
    let used = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'ciphered' AND ssl";
    assert_ne!(database.sql(used).await[0][0].as_deref(), Some("0"));
}

#[tokio::test]
async fn a_server_without_tls_is_spoken_to_in_clear_only_where_that_is_allowed() {
    let database = testkit::database().await;
    for mode in ["", "?sslmode=disable", "?sslmode=allow", "?sslmode=prefer"] {
        assert_eq!(secured(&format!("{}{mode}", database.url)).await, Secured::No, "{mode}");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        unavailable(&format!("{}?sslmode={mode}", database.url)).await;
    }
}

#[tokio::test]
async fn the_host_that_answers_is_taken_of_several() {
    let database = testkit::database().await;
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let port = server.rsplit(':').next().unwrap();
    let url = format!("postgres://postgres@127.0.0.1:1,127.0.0.1:{port}/{name}?target_session_attrs=read-write");
    PgStore::connect(&url, &key(), 2).await.unwrap().ready().await.unwrap();
}

#[tokio::test]
async fn a_pooler_in_session_mode_is_played_through_with_all_settings() {
    let database = testkit::database().await;
    let Some(pooler) = PgBouncer::start(&database, "session", 20, false) else { return };
    assert_eq!(inspect(&pooler.url()).await.unwrap().sessions, Sessions::Stay);
    let through = TestDatabase { url: pooler.url() };
    let mut play = Play::begin_in(through, 2, Settings::default()).await;
    play.seat(&[HOST, ANNA]).await;
    // A statement that waits for a lock ends by itself: the session's settings are there.
    let holder = tokio::spawn({
        let url = database.url.clone();
        async move {
            TestDatabase { url }
                .try_sql("BEGIN; SELECT FROM holdfast.game_states FOR UPDATE; SELECT pg_sleep(600)")
                .await
        }
    });
    let sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'";
    while database.sql(sleeping).await[0][0].as_deref() != Some("1") {
        tokio::task::yield_now().await;
    }
    let mut tx = play.store.begin().await.unwrap();
    assert!(tx.lock_room(play.room).await.is_err(), "it doesn't wait for ever");
    holder.abort();
}

#[tokio::test]
async fn a_pooler_that_shares_its_connections_is_refused_however_it_hands_them_out() {
    let database = testkit::database().await;
    for connections in [1, 2, 3, 20] {
        for in_turn in [false, true] {
            let Some(pooler) = PgBouncer::start(&database, "transaction", connections, in_turn) else { return };
            let refused = unfit(&pooler.url()).await;
            assert_eq!(refused, Unfit::Pooler { mode: "transaction" }, "{connections} {in_turn}");
            assert!(refused.to_string().contains("session mode") && refused.to_string().contains("5432"));
        }
    }
    let Some(pooler) = PgBouncer::start(&database, "statement", 20, false) else { return };
    assert_eq!(unfit(&pooler.url()).await, Unfit::Pooler { mode: "statement" });
    let Some(pooler) = PgBouncer::start(&database, "session", 1, false) else { return };
    assert_eq!(unfit(&pooler.url()).await, Unfit::OneSession);
    let made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'holdfast'";
    assert_eq!(database.sql(made).await[0][0].as_deref(), Some("0"), "nothing was changed");
}

#[tokio::test]
async fn only_utf8_holds_every_name() {
    let database = testkit::database().await;
    let (server, name) = database.url.rsplit_once('/').unwrap();
    for encoding in ["LATIN1", "SQL_ASCII", "WIN1252"] {
        let other = format!("{name}_{}", encoding.to_lowercase());
        let make =
            format!("CREATE DATABASE {other} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        database.sql(&make).await;
        let refused = unfit(&format!("{server}/{other}")).await;
        assert_eq!(refused, Unfit::Encoding { encoding: encoding.to_owned() });
    }
}

#[tokio::test]
async fn a_database_that_takes_no_changes_is_refused() {
    let server = Server::start();
    let database = server.database().await;
    let name = database.url.rsplit('/').next().unwrap();
    database.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    assert_eq!(unfit(&database.url).await, Unfit::ReadOnly);
}

/// A role's own address to a database.
fn as_role(database: &TestDatabase, role: &str) -> String {
    database.url.replace("postgres@", &format!("{role}@"))
}

#[tokio::test]
async fn a_role_needs_no_more_than_its_schema_and_later_no_more_than_its_rows() {
    let server = Server::start();
    let database = server.database().await;
    let name = database.url.rsplit('/').next().unwrap();
    database
        .sql(&format!(
            "CREATE ROLE keeper LOGIN; CREATE ROLE player LOGIN; REVOKE ALL ON DATABASE {name} FROM PUBLIC; \
             GRANT CONNECT ON DATABASE {name} TO keeper, player"
        ))
        .await;
    let (keeper, player) = (as_role(&database, "keeper"), as_role(&database, "player"));
    let Unfit::Rights { missing } = unfit(&keeper).await else { panic!("it may not make a schema") };
    assert!(missing[0].contains("CREATE SCHEMA holdfast AUTHORIZATION \"keeper\""), "{missing:?}");

    // As the message says.
    database.sql(&missing[0]).await;
    let mut play = Play::begin_in(TestDatabase { url: keeper.clone() }, 3, Settings::default()).await;
    play.seat(&[HOST, ANNA]).await;
    PgStore::connect(&keeper, &key(), 2).await.unwrap();

    // One who only plays: each message names what is still lacking.
    for step in 0.. {
        let missing = match PgStore::connect(&player, &key(), 2).await {
            Ok(_) => break,
            Err(ConnectError::Unfit(Unfit::Rights { missing })) => missing,
            Err(err) => panic!("{err}"),
        };
        assert!(step < 4, "{missing:?}");
        database.sql(&missing[0]).await;
    }
    play.store = PgStore::connect(&player, &key(), 4).await.unwrap();
    play.must(|room, at, chance| room.start(HOST, at, &crate::support::LIFETIMES, chance)).await;

    // It may not migrate, and is told so.
    database.sql("DELETE FROM holdfast.__diesel_schema_migrations WHERE version = '20261128130000'; DROP TABLE holdfast.key_check").await;
    let Unfit::Rights { missing } = unfit(&player).await else { panic!("it owns nothing") };
    assert!(missing.iter().any(|what| what.contains("keeper")), "{missing:?}");
}
