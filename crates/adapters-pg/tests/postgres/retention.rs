//! Rooms that are deleted with their past.

use domain::ids::{RoomId, SeatIndex};
use domain::room::TakeSeat;
use domain::settings::Settings;
use domain::time::Millis;
use ports::store::{Clockwork, Rooms, Sign, Store, StoreError};

use crate::support::{ANNA, HOST, LIFETIMES, Play, new_room};

const WEEK: Millis = Millis(7 * 24 * 3600 * 1000);

/// Everything of the room is as old as this.
async fn age(play: &Play, days: u32) {
    let seen = "last_seen_at";
    let people = [("room_players", seen), ("room_seats", seen), ("room_spectators", seen)];
    for (table, column) in [("room_events", "at"), ("rooms", "created_at")].into_iter().chain(people) {
        let older = format!("UPDATE holdfast.{table} SET {column} = {column} - {days} * interval '1 day'");
        play.database.sql(&older).await;
    }
}

/// A room whose game was played and is over.
async fn over() -> Play {
    let mut play = Play::in_hand(5, &[HOST, ANNA]).await;
    play.must(|room, at, _| room.end(HOST, at, &LIFETIMES)).await;
    while let Some((_, actor)) = play.actor().await {
        play.must(|room, at, _| room.act(actor, domain::hand::Action::Fold, None, at, &LIFETIMES)).await;
    }
    play
}

async fn rows_left(play: &Play) -> i64 {
    let tables = play.database.sql(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'holdfast' AND column_name = 'room_id'",
    );
    let mut left = 0;
    for table in tables.await.into_iter().filter_map(|row| row.into_iter().next()?) {
        left += play.number(&format!("SELECT count(*) FROM holdfast.{table} WHERE room_id = '{}'", play.room)).await;
    }
    left
}

/// Deletes a room that is quiet enough, if there is one.
async fn forget(play: &Play) -> Option<RoomId> {
    let room = play.store.quiet_room(WEEK, &[]).await.unwrap()?;
    play.store.forget_room(room, WEEK).await.unwrap().then_some(room)
}

#[tokio::test]
async fn a_room_with_events_of_a_later_version_is_deleted_like_any_other() {
    let play = over().await;
    let foreign = "WITH state AS (UPDATE holdfast.game_states SET seq = seq + 1, version = version + 1 RETURNING room_id, seq) \
                   INSERT INTO holdfast.room_events (room_id, seq, at, type, public, sealed) \
                   SELECT room_id, seq, clock_timestamp(), 'chat_said', '{\"chat_said\":{}}', '\\x00' FROM state";
    play.database.sql(foreign).await;
    assert_eq!(forget(&play).await, None);
    age(&play, 30).await;
    assert_eq!(forget(&play).await, Some(play.room));
    assert_eq!(rows_left(&play).await, 0);
}

/// One that can't be deleted doesn't keep the others.
#[tokio::test]
async fn a_room_that_is_left_out_hides_no_other_that_is_quiet() {
    let mut play = over().await;
    let other = new_room(&play.store, &mut play.chance, Settings::default(), None).await.id;
    age(&play, 30).await;
    let first = play.store.quiet_room(WEEK, &[]).await.unwrap().unwrap();
    let second = play.store.quiet_room(WEEK, &[first]).await.unwrap().unwrap();
    assert!([play.room, other].contains(&first) && [play.room, other].contains(&second) && first != second);
    assert_eq!(play.store.quiet_room(WEEK, &[first, second]).await.unwrap(), None);
}

#[tokio::test]
async fn a_room_that_was_heard_of_meanwhile_is_not_deleted() {
    let play = over().await;
    age(&play, 30).await;
    let room = play.store.quiet_room(WEEK, &[]).await.unwrap().unwrap();
    play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
    assert!(!play.store.forget_room(room, WEEK).await.unwrap());
}

#[tokio::test]
async fn a_room_is_deleted_whole_when_all_was_quiet_for_long() {
    let mut play = over().await;
    let other = new_room(&play.store, &mut play.chance, Settings::default(), None).await.id;
    age(&play, 6).await;
    assert_eq!(forget(&play).await, None, "six days are less than a week");
    age(&play, 2).await;
    play.database.sql(&format!("UPDATE holdfast.rooms SET created_at = now() WHERE id = '{other}'")).await;
    assert!(rows_left(&play).await > 20);

    assert_eq!(forget(&play).await, Some(play.room));
    assert_eq!(rows_left(&play).await, 0);
    assert!(matches!(play.store.read_room(play.room).await, Err(StoreError::Missing("room"))));
    assert_eq!(forget(&play).await, None);
    play.store.read_room(other).await.unwrap();
}

#[tokio::test]
async fn a_room_is_kept_while_a_hand_is_played_or_somebody_is_heard_of() {
    let play = Play::in_hand(6, &[HOST, ANNA]).await;
    age(&play, 30).await;
    assert_eq!(forget(&play).await, None, "a hand is being played");

    let play = over().await;
    age(&play, 30).await;
    play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
    assert_eq!(forget(&play).await, None, "somebody looks at it");
}

#[tokio::test]
async fn a_room_that_somebody_writes_to_is_left_alone_and_nobody_waits() {
    let mut play = Play::begin(7, Settings::default()).await;
    let ask = TakeSeat { seat: SeatIndex(0), name: None, buy_in: None };
    play.must(|room, at, chance| room.take_seat(HOST, ask, at, &LIFETIMES, chance)).await;
    age(&play, 30).await;
    let mut tx = play.store.begin().await.unwrap();
    tx.lock_room(play.room).await.unwrap();
    assert_eq!(forget(&play).await, None);
    drop(tx);
}
