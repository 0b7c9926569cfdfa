//! The database goes away and comes back.

use std::time::{Duration, Instant};

use adapters_pg::PgStore;
use domain::event::Happened;
use domain::settings::Settings;
use ports::store::{Journal, Rooms, Sign, Store, StoreError};
use testkit::Server;

use crate::support::{ANNA, HOST, LIFETIMES, Play, key};

async fn play(server: &Server) -> Play {
    Play::begin_in(server.database().await, 1, Settings::default()).await
}

/// As many at once as there are connections, and more.
async fn read_often(store: &PgStore, play: &Play) -> Vec<Result<u64, StoreError>> {
    let reads = (0..20).map(|_| async { store.read_room(play.room).await.map(|read| read.seq) });
    futures_util::future::join_all(reads).await
}

async fn write(play: &Play) -> Result<u64, StoreError> {
    let mut tx = play.store.begin().await?;
    let locked = tx.lock_room(play.room).await?;
    let committed = tx.save_room(&locked.room, vec![Happened::Kicked { user: ANNA }.into()]).await?;
    tx.commit().await?;
    Ok(committed[0].seq)
}

#[tokio::test]
async fn while_the_database_is_away_all_is_unavailable_at_once_and_after_its_return_all_is_well_at_once() {
    let server = Server::start();
    let play = play(&server).await;
    assert_eq!(write(&play).await.unwrap(), 1);
    for crash in [false, true] {
        for answer in read_often(&play.store, &play).await {
            answer.unwrap();
        }
        if crash {
            server.crash()
        } else {
            server.stop()
        };
        let began = Instant::now();
        assert!(matches!(write(&play).await, Err(StoreError::Unavailable(_))));
        for answer in read_often(&play.store, &play).await {
            assert!(matches!(answer, Err(StoreError::Unavailable(_))));
        }
        assert!(matches!(play.store.ready().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(
            play.store.touch(play.room, HOST, Sign::Line, &LIFETIMES).await,
            Err(StoreError::Unavailable(_))
        ));
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());

        server.start_again("");
        let began = Instant::now();
        for answer in read_often(&play.store, &play).await {
            answer.unwrap();
        }
        write(&play).await.unwrap();
        play.store.ready().await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    assert_eq!(play.store.events_after(play.room, 0, 10).await.unwrap().seq, 3, "what was acknowledged is there");
}

#[tokio::test]
async fn after_a_restart_between_two_requests_nobody_meets_a_stale_connection() {
    let server = Server::start();
    let play = play(&server).await;
    read_often(&play.store, &play).await;
    server.crash();
    server.start_again("");
    for answer in read_often(&play.store, &play).await {
        answer.unwrap();
    }
    write(&play).await.unwrap();
}

#[tokio::test]
async fn a_database_that_freezes_is_unavailable_within_three_seconds_and_usable_when_it_thaws() {
    let server = Server::start();
    let play = play(&server).await;
    read_often(&play.store, &play).await;
    server.freeze();
    let began = Instant::now();
    let (read, written) = tokio::join!(play.store.read_room(play.room), write(&play));
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
    assert!(matches!(written, Err(StoreError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    server.thaw();
    let began = Instant::now();
    write(&play).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_transaction_whose_connection_breaks_is_undone() {
    let server = Server::start();
    let play = play(&server).await;
    let mut tx = play.store.begin().await.unwrap();
    let locked = tx.lock_room(play.room).await.unwrap();
    server.crash();
    server.start_again("");
    let broken = tx.save_room(&locked.room, vec![Happened::Kicked { user: ANNA }.into()]).await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))));
    drop(tx);
    assert_eq!(play.store.read_room(play.room).await.unwrap().seq, 0);
    assert_eq!(write(&play).await.unwrap(), 1);
}

#[tokio::test]
async fn a_commit_that_gets_no_answer_is_unknown() {
    let server = Server::start();
    let play = play(&server).await;
    for freeze in [true, false] {
        let mut tx = play.store.begin().await.unwrap();
        let locked = tx.lock_room(play.room).await.unwrap();
        tx.save_room(&locked.room, vec![Happened::Kicked { user: ANNA }.into()]).await.unwrap();
        if freeze {
            server.freeze()
        } else {
            server.crash()
        };
        let began = Instant::now();
        assert!(matches!(tx.commit().await, Err(StoreError::OutcomeUnknown(_))));
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        if freeze {
            server.thaw()
        } else {
            server.start_again("")
        };
    }
    let page = play.store.events_after(play.room, 0, 10).await.unwrap();
    assert_eq!(page.events.len() as u64, page.seq, "done or not, but whole");
}

#[tokio::test]
async fn a_transaction_that_failed_is_not_committed() {
    let server = Server::start();
    let play = play(&server).await;
    let mut tx = play.store.begin().await.unwrap();
    let mut locked = tx.lock_room(play.room).await.unwrap();
    locked.room.code = String::new();
    assert!(tx.save_room(&locked.room, vec![Happened::Kicked { user: ANNA }.into()]).await.is_err());
    assert!(tx.commit().await.is_err(), "PostgreSQL would only say that it rolled back");
    assert_eq!(play.store.read_room(play.room).await.unwrap().seq, 0);
}

#[tokio::test]
async fn when_all_connections_are_busy_the_next_one_waits_two_seconds_at_most() {
    let database = testkit::database().await;
    let store = PgStore::connect(&database.url, &key(), 2).await.unwrap();
    let mut busy = [store.begin().await.unwrap(), store.begin().await.unwrap()];
    for tx in &mut busy {
        tx.engagements(ANNA).await.unwrap();
    }
    let began = Instant::now();
    let mut next = store.begin().await.unwrap();
    assert!(matches!(next.engagements(ANNA).await, Err(StoreError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    drop(busy);
    store.now().await.unwrap();
}

#[tokio::test]
async fn a_request_that_is_given_up_leaves_no_lock_and_no_transaction_behind() {
    let play = Play::begin(2, Settings::default()).await;
    let mut holder = play.store.begin().await.unwrap();
    holder.lock_room(play.room).await.unwrap();
    for _ in 0..5 {
        let waiting = async {
            let mut tx = play.store.begin().await.unwrap();
            tx.lock_room(play.room).await.map(drop)
        };
        assert!(tokio::time::timeout(Duration::from_millis(50), waiting).await.is_err());
        let reading = play.store.read_room(play.room);
        tokio::time::timeout(Duration::from_micros(300), reading).await.ok();
    }
    drop(holder);
    let began = Instant::now();
    write(&play).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    tokio::time::sleep(Duration::from_millis(200)).await;
    let left = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(play.number(left).await, 0);
}
