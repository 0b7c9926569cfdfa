//! Rows that can't be: their room can't be read, and every other goes on.

use domain::ids::RoomId;
use domain::time::Millis;
use ports::store::{Archive, Clockwork, Journal, Rooms, Store, StoreError};

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play, store};

/// Ways in which a room's rows may be damaged, with `$` for its id. Constraints are dropped first: a page that went bad, or another
/// release, doesn't ask them.
const DAMAGES: [(&str, &str); 5] = [
    ("deck", "UPDATE holdfast.hands SET sealed_deck = sealed_deck || '\\x00' WHERE room_id = '$'"),
    ("settings", "UPDATE holdfast.rooms SET small_blind = -5 WHERE id = '$'"),
    ("seat", "UPDATE holdfast.room_seats SET status = 'standing' WHERE room_id = '$' AND seat_index = 0"),
    ("chips", "UPDATE holdfast.room_seats SET chips = -7 WHERE room_id = '$' AND seat_index = 0"),
    ("game state", "UPDATE holdfast.game_states SET seq = -1 WHERE room_id = '$'"),
];

async fn damage(play: &Play, room: RoomId, sql: &str) {
    let checks = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
         WHERE contype = 'c' AND connamespace = 'holdfast'::regnamespace";
    for drop in play.database.sql(checks).await {
        play.database.sql(drop[0].as_deref().unwrap()).await;
    }
    let version = "UPDATE holdfast.game_states SET version = version + 1 WHERE room_id = '$'";
    for sql in [sql, version] {
        play.database.sql(&sql.replace('$', &room.to_string())).await;
    }
}

#[tokio::test]
async fn a_damaged_room_cannot_be_read_and_every_other_can() {
    for (what, sql) in DAMAGES {
        let mut play = Play::in_hand(1, &[HOST, ANNA]).await;
        let damaged = play.room;
        let good = Play::begin_beside(&mut play, &[HOST, BEN]).await;
        damage(&play, damaged, sql).await;
        // A node that remembers nothing.
        let store = store(&play.database).await;
        for (room, is_damaged) in [(damaged, true), (good, false)] {
            let mut tx = store.begin().await.unwrap();
            let locked = tx.lock_room(room).await;
            assert_eq!(matches!(locked, Err(StoreError::Corrupt(_))), is_damaged, "{what}: {locked:?}");
            let read = store.read_room(room).await;
            assert_eq!(matches!(read, Err(StoreError::Corrupt(_))), is_damaged, "{what}: {read:?}");
        }

        // What looks at all rooms finds both, or the good one at least.
        let past = "UPDATE holdfast.game_states SET wake_at = now() - interval '1 minute'";
        play.database.sql(past).await;
        let due = store.due_rooms(9, &[]).await.unwrap().rooms;
        assert!(due.contains(&good) && due.contains(&damaged), "{what}");
        assert_eq!(store.due_rooms(1, &[damaged]).await.unwrap().rooms, [good], "{what}");
        store.pulse(Millis(2000)).await.unwrap();
        play.database.sql("UPDATE holdfast.service_pulse SET alive_at = alive_at - interval '1 minute'").await;
        let outage = store.pulse(Millis(2000)).await.unwrap().outage.unwrap();
        store.end_outage(outage).await.unwrap();
        assert!(store.unforgiven_rooms(9, &[damaged]).await.unwrap().contains(&good), "{what}");
        play.silent_for(86_400).await;
        assert!(store.silent_rooms(&LIFETIMES).await.unwrap().contains(&good), "{what}");
        assert!(store.seqs(&[damaged, good]).await.unwrap().iter().any(|(room, _)| *room == good), "{what}");
        store.purge().await.unwrap();
        assert!(store.rooms_after(None, 9).await.unwrap().contains(&good), "{what}");
        store.events_after(good, 0, 200).await.unwrap();
    }
}

/// A name that no one may take today was fine when it was stored.
#[tokio::test]
async fn a_name_that_is_refused_by_now_keeps_its_room_readable() {
    let play = Play::in_hand(1, &[HOST, ANNA]).await;
    damage(&play, play.room, "UPDATE holdfast.rooms SET name = E'\\u200b' WHERE id = '$'").await;
    damage(&play, play.room, "UPDATE holdfast.room_players SET display_name = E'a\\u202eb' WHERE room_id = '$'").await;
    let store = store(&play.database).await;
    store.begin().await.unwrap().lock_room(play.room).await.unwrap();
    store.read_room(play.room).await.unwrap();
}

/// The room's log alone is damaged: it plays on, and only whoever reads that event hears of it.
#[tokio::test]
async fn an_event_that_cannot_be_stops_its_own_rooms_log_only() {
    let mut play = Play::in_hand(2, &[HOST, ANNA]).await;
    let damaged = play.room;
    let good = Play::begin_beside(&mut play, &[HOST, BEN]).await;
    let sql = "UPDATE holdfast.room_events SET public = '{\"type\": \"hand_started\"}' WHERE room_id = '$' AND seq = 3";
    damage(&play, damaged, sql).await;
    let read = play.store.events_after(damaged, 0, 200).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    play.store.events_after(good, 0, 200).await.unwrap();
    play.store.read_room(damaged).await.unwrap();
}
