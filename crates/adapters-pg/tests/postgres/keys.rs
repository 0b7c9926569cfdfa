//! The right key or none: a database is opened only with the key that it was sealed with.

use adapters_pg::{ConnectError, PgStore, ServerKey, is_sealed, key_fit, migrate};
use ports::store::{Archive, KeyFit, Rooms, Store};
use testkit::TestDatabase;

use crate::support::{ANNA, HOST, Play, key};

const OTHER: ServerKey = ServerKey::new([43; 32]);

async fn refused(database: &TestDatabase, key: &ServerKey) {
    let refused = PgStore::connect(&database.url, key, 2).await.map(drop).unwrap_err();
    assert!(matches!(refused, ConnectError::OtherKey), "{refused}");
}

/// All that is stored, the migrations too.
async fn contents(database: &TestDatabase) -> String {
    let mut contents = String::new();
    let tables =
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'holdfast' ORDER BY 1";
    for table in database.sql(tables).await {
        let table = table[0].clone().unwrap();
        contents.push_str(&format!(
            "{table}: {:?}\n",
            database.sql(&format!("SELECT t::text FROM {table} t ORDER BY 1")).await
        ));
    }
    contents
}

#[tokio::test]
async fn an_empty_database_is_the_first_servers_and_nothing_tells_its_key() {
    let database = testkit::database().await;
    assert!(!is_sealed(&database.url).await.unwrap());
    PgStore::connect(&database.url, &key(), 2).await.unwrap();
    assert!(is_sealed(&database.url).await.unwrap());
    let before = contents(&database).await;
    refused(&database, &OTHER).await;
    assert_eq!(contents(&database).await, before);
    PgStore::connect(&database.url, &key(), 2).await.unwrap();
    assert!(!before.contains(&"2a".repeat(8)), "the key itself is not in it");

    // The same key says something else to another database.
    let value = "SELECT encode(salt, 'hex'), encode(mac, 'hex') FROM holdfast.key_check";
    let second = testkit::database().await;
    PgStore::connect(&second.url, &key(), 2).await.unwrap();
    let (first, second) = (database.sql(value).await, second.sql(value).await);
    assert!(first.len() == 1 && second.len() == 1 && first[0][0] != second[0][0] && first[0][1] != second[0][1]);
}

#[tokio::test]
async fn of_servers_that_start_together_with_different_keys_one_wins() {
    for _ in 0..3 {
        let database = testkit::database().await;
        let keys: Vec<ServerKey> = (1..=4).map(|byte| ServerKey::new([byte; 32])).collect();
        let starts = keys.iter().map(|key| PgStore::connect(&database.url, key, 2));
        let started = futures_util::future::join_all(starts).await;
        let winners = started.iter().filter(|started| started.is_ok()).count();
        let refused = started.iter().filter(|started| matches!(started, Err(ConnectError::OtherKey))).count();
        assert_eq!((winners, refused), (1, 3));
    }
}

/// As an earlier version left it.
async fn forget(play: &Play) {
    play.database
        .sql("DROP TABLE holdfast.key_check; DELETE FROM holdfast.__diesel_schema_migrations WHERE version = '20261128130000'")
        .await;
}

#[tokio::test]
async fn a_database_of_before_takes_only_the_key_that_opens_what_is_in_it() {
    let play = Play::in_hand(3, &[HOST, ANNA]).await;
    forget(&play).await;
    assert!(is_sealed(&play.database.url).await.unwrap());
    assert_eq!(key_fit(&play.database.url, &OTHER).await.unwrap(), KeyFit::Other);
    let before = contents(&play.database).await;
    refused(&play.database, &OTHER).await;
    assert_eq!(contents(&play.database).await, before, "it isn't even migrated");
    let store = PgStore::connect(&play.database.url, &key(), 2).await.unwrap();
    store.read_room(play.room).await.unwrap();
    refused(&play.database, &OTHER).await;
}

#[tokio::test]
async fn a_database_that_was_only_migrated_is_nobodys() {
    let database = testkit::database().await;
    migrate(&database.url).await.unwrap();
    assert!(!is_sealed(&database.url).await.unwrap());
    PgStore::connect(&database.url, &OTHER, 2).await.unwrap();
    refused(&database, &key()).await;
}

#[tokio::test]
async fn a_database_that_two_keys_sealed_says_so_and_goes_with_what_most_was_sealed_with() {
    let mut play = Play::in_hand(4, &[HOST, ANNA]).await;
    // A token of another key: what a server left behind before keys were checked.
    play.database
        .sql(&format!(
            "UPDATE holdfast.rejoin_tokens SET token_hash = md5(id::text) || md5(id::text) WHERE user_id = '{}'",
            ANNA.0
        ))
        .await;
    assert!(matches!(play.store.key_fit().await.unwrap(), KeyFit::Mixed { opened: 2.., shut: 1.. }));
    PgStore::connect(&play.database.url, &key(), 2).await.unwrap();

    forget(&play).await;
    assert!(matches!(key_fit(&play.database.url, &key()).await.unwrap(), KeyFit::Mixed { .. }));
    refused(&play.database, &OTHER).await;
    play.store = PgStore::connect(&play.database.url, &key(), 2).await.unwrap();
    play.read().await;
    refused(&play.database, &OTHER).await;
}

/// What a server remembers of its key outlives neither the database nor the row.
#[tokio::test]
async fn a_running_server_seals_nothing_in_a_database_that_took_its_places_under_another_key() {
    let server = testkit::Server::start();
    let database = server.database().await;
    let store = PgStore::connect(&database.url, &key(), 4).await.unwrap();
    store.ready().await.unwrap();
    let theirs = server.database().await;
    PgStore::connect(&theirs.url, &OTHER, 2).await.unwrap();
    let row = theirs.sql("SELECT encode(salt, 'hex'), encode(mac, 'hex') FROM holdfast.key_check").await;
    let (salt, mac) = (row[0][0].clone().unwrap(), row[0][1].clone().unwrap());
    database
        .sql(&format!("UPDATE holdfast.key_check SET salt = decode('{salt}', 'hex'), mac = decode('{mac}', 'hex')"))
        .await;
    server.stop();
    server.start_again("");
    let refused = store.ready().await.unwrap_err();
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert!(cause.contains("key"), "{cause}");
    assert!(store.now().await.is_err());
    assert_eq!(store.key_fit().await.unwrap(), KeyFit::Other);
}
