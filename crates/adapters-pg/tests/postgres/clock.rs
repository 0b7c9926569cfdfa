//! Deadlines, outages and silence.

use domain::game::Clock;
use domain::ids::RoomId;
use domain::settings::Settings;
use domain::time::Millis;
use ports::store::{Clockwork, Due, Outage, Rooms, Sign, Store};

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play, new_room, store};

const NONE: [RoomId; 0] = [];

/// As if this much time had gone by.
async fn pass(play: &Play, seconds: u32) {
    for column in ["wake_at", "asks_at", "expires_at", "deadline_at", "turn_started_at", "next_hand_at"] {
        let earlier = format!("UPDATE holdfast.game_states SET {column} = {column} - {seconds} * interval '1 second'");
        play.database.sql(&earlier).await;
    }
    play.silent_for(seconds).await;
    play.database
        .sql(&format!("UPDATE holdfast.service_pulse SET alive_at = alive_at - {seconds} * interval '1 second'"))
        .await;
}

/// An outage of so many seconds that is over.
async fn outage(play: &Play, seconds: u32) -> Outage {
    play.store.pulse(Millis(2000)).await.unwrap();
    pass(play, seconds).await;
    let outage = play.store.pulse(Millis(2000)).await.unwrap().outage.unwrap();
    play.store.end_outage(outage).await.unwrap();
    outage
}

#[tokio::test]
async fn a_room_is_due_when_its_deadline_has_come_and_not_before() {
    let play = Play::in_hand(1, &[HOST, ANNA]).await;
    let due = play.store.due_rooms(10, &[]).await.unwrap();
    assert_eq!(due.rooms, []);
    assert_eq!(due.next_at, play.read().await.game.wake_at());
    let next_in = due.next_in.unwrap();
    assert!(next_in > Millis::from_secs(20) && next_in <= Millis::from_secs(30), "{next_in:?}");

    pass(&play, 91).await;
    let due = play.store.due_rooms(10, &[]).await.unwrap();
    assert_eq!(due, Due { rooms: vec![play.room], next_in: None, next_at: None });
}

#[tokio::test]
async fn of_more_due_rooms_than_asked_for_the_longest_due_come_first_and_the_rest_at_once() {
    let mut play = Play::in_hand(2, &[HOST, ANNA]).await;
    let mut rooms = vec![play.room];
    for _ in 0..2 {
        rooms.push(new_room(&play.store, &mut play.chance, Settings::default(), None).await.id);
    }
    for (age, room) in (0..).zip(&rooms) {
        let wake = format!(
            "UPDATE holdfast.game_states SET wake_at = now() - {age} * interval '1 minute' WHERE room_id = '{room}'"
        );
        play.database.sql(&wake).await;
    }
    rooms.reverse();
    let due = play.store.due_rooms(2, &[]).await.unwrap();
    assert_eq!((due.rooms.as_slice(), due.next_in), (&rooms[..2], Some(Millis::ZERO)));
    assert_eq!(play.store.due_rooms(3, &[]).await.unwrap().rooms, rooms);
    // However many are left out, the one after them is found.
    let due = play.store.due_rooms(1, &rooms[..2]).await.unwrap();
    assert_eq!((due.rooms.as_slice(), due.next_in), (&rooms[2..], None));
}

#[tokio::test]
async fn only_a_clock_that_runs_has_to_be_forgiven() {
    let mut play = Play::in_hand(3, &[HOST, ANNA]).await;
    let unforgiven = async |play: &Play| play.store.unforgiven_rooms(9, &[]).await.unwrap();
    assert_eq!(unforgiven(&play).await, NONE);
    outage(&play, 10).await;
    assert_eq!(unforgiven(&play).await, [play.room]);
    assert_eq!(play.store.unforgiven_rooms(9, &[play.room]).await.unwrap(), NONE);
    play.must(|room, at, _| room.pause(HOST, at)).await;
    assert!(matches!(play.read().await.game.turn.unwrap().clock, Clock::Frozen { .. }));
    outage(&play, 10).await;
    assert_eq!(unforgiven(&play).await, NONE);
    assert_eq!(play.store.due_rooms(10, &[]).await.unwrap(), Due::default());
}

#[tokio::test]
async fn the_first_pulse_and_a_regular_one_are_no_outage() {
    let play = Play::begin(4, Settings::default()).await;
    for _ in 0..3 {
        assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, None);
    }
    pass(&play, 1).await;
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, None);
}

#[tokio::test]
async fn an_outage_is_told_until_somebody_ends_it_and_nobodys_silence_in_it_counts() {
    let play = Play::seated(5, &[HOST, ANNA]).await;
    play.store.pulse(Millis(2000)).await.unwrap();
    pass(&play, 400).await;
    let before = play.read().await.members[&ANNA].last_seen;
    let now = play.store.now().await.unwrap();
    let outage = play.store.pulse(Millis(2000)).await.unwrap().outage.expect("nobody served for 400 s");
    let away = now - outage.began;
    assert!(away >= Millis(400_000) && away < Millis(410_000), "{away:?}");
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, Some(outage), "noting it is not forgiving it");
    let mut tx = play.store.begin().await.unwrap();
    let locked = tx.lock_room(play.room).await.unwrap();
    assert_eq!(locked.served_at, Some(outage.began), "whoever holds the lock can know of it");
    drop(tx);

    // Two nodes at once: it is given back once.
    let other = store(&play.database).await;
    let (first, second) = tokio::join!(play.store.end_outage(outage), other.end_outage(outage));
    first.unwrap();
    second.unwrap();
    let given = play.read().await.members[&ANNA].last_seen - before;
    assert!(given >= Millis(400_000) && given < Millis(410_000), "{given:?}");
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, None);
    assert_eq!(play.store.silent_rooms(&LIFETIMES).await.unwrap(), []);
}

#[tokio::test]
async fn an_outage_that_is_over_is_not_ended_again() {
    let play = Play::seated(6, &[HOST, ANNA]).await;
    play.store.pulse(Millis(2000)).await.unwrap();
    let now = play.store.now().await.unwrap();
    let before = play.read().await.members[&ANNA].last_seen;
    play.store.end_outage(Outage { began: domain::time::Timestamp(now.0 - 100_000) }).await.unwrap();
    assert_eq!(play.read().await.members[&ANNA].last_seen, before);
}

/// C2: who was heard of by the clock as it was has been heard of now, and who was heard of since stays so.
#[tokio::test]
async fn a_clock_that_was_put_back_is_told_until_somebody_ends_it_and_makes_nobody_silent() {
    let play = Play::seated(8, &[HOST, ANNA]).await;
    play.store.pulse(Millis(2000)).await.unwrap();
    let before = play.read().await.members[&HOST].last_seen;
    play.database.sql("UPDATE holdfast.service_pulse SET alive_at = alive_at + interval '400 s'").await;
    let ahead = "UPDATE holdfast.room_seats SET last_seen_at = last_seen_at + interval '400 s' WHERE user_id =";
    play.database.sql(&format!("{ahead} '{ANNA}'")).await;

    let outage = play.store.pulse(Millis(2000)).await.unwrap().outage.expect("the clock is 400 s behind itself");
    assert!(outage.began - play.store.now().await.unwrap() > Millis(390_000));
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, Some(outage), "noting it is not forgiving it");
    play.store.end_outage(outage).await.unwrap();
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, None);
    let members = play.read().await.members;
    assert_eq!(members[&HOST].last_seen, before);
    assert!(members[&ANNA].last_seen <= play.store.now().await.unwrap());
}

#[tokio::test]
async fn a_room_with_a_silent_player_is_found_once_for_each_thing_to_do() {
    let mut play = Play::seated(7, &[HOST, ANNA, BEN]).await;
    let silent = async |play: &Play| play.store.silent_rooms(&LIFETIMES).await.unwrap();
    assert_eq!(silent(&play).await, NONE);
    pass(&play, 301).await;
    for user in [HOST, BEN] {
        play.store.touch(play.room, user, Sign::Line, &LIFETIMES).await.unwrap();
    }
    assert_eq!(silent(&play).await, [play.room]);

    let sweep = play.must(|room, at, _| Ok(room.sweep(at, &LIFETIMES))).await;
    assert_eq!(sweep.len(), 1);
    assert_eq!(silent(&play).await, NONE, "it is known");

    pass(&play, 300).await;
    for user in [HOST, BEN] {
        play.store.touch(play.room, user, Sign::Line, &LIFETIMES).await.unwrap();
    }
    assert_eq!(silent(&play).await, [play.room], "now the seat is due");
    let sweep = play.must(|room, at, _| Ok(room.sweep(at, &LIFETIMES))).await;
    assert_eq!(sweep.len(), 1);
    assert_eq!(silent(&play).await, NONE);
}

/// What the room is to be forgiven is kept by the database until somebody has saved it, however many outages there are.
#[tokio::test]
async fn a_room_knows_what_it_was_not_served_until_it_is_saved() {
    let mut play = Play::in_hand(9, &[HOST, ANNA]).await;
    let first = outage(&play, 10).await;
    let second = outage(&play, 20).await;
    assert_eq!(play.number("SELECT outages FROM holdfast.service_pulse").await, 2);
    // Another node, which remembers nothing, and this one, which does.
    for store in [&store(&play.database).await, &play.store] {
        let mut tx = store.begin().await.unwrap();
        let unserved = tx.lock_room(play.room).await.unwrap().unserved.unwrap();
        assert!(unserved.from <= first.began && unserved.until >= second.began, "{unserved:?}");
        assert!(unserved.until - unserved.from >= Millis::from_secs(10));
    }
    play.must(|room, at, _| room.sit_out(HOST, at)).await;
    let mut tx = play.store.begin().await.unwrap();
    assert_eq!(tx.lock_room(play.room).await.unwrap().unserved, None);
    assert_eq!(play.store.unforgiven_rooms(9, &[]).await.unwrap(), NONE);
}

/// Somebody in a console holds on to a row: the outage ends all the same, and the others' silence doesn't count.
#[tokio::test]
async fn an_outage_ends_although_the_row_of_a_player_is_locked() {
    let play = Play::seated(10, &[HOST, ANNA]).await;
    play.store.pulse(Millis(2000)).await.unwrap();
    pass(&play, 400).await;
    let outage = play.store.pulse(Millis(2000)).await.unwrap().outage.unwrap();
    let before = play.read().await.members;
    let (client, line) = tokio_postgres::connect(&play.database.url, tokio_postgres::NoTls).await.unwrap();
    let line = tokio::spawn(line);
    client.batch_execute("BEGIN").await.unwrap();
    for table in ["room_players", "room_seats"] {
        let hold = format!("SELECT FROM holdfast.{table} WHERE user_id = '{ANNA}' FOR UPDATE");
        client.batch_execute(&hold).await.unwrap();
    }
    play.store.end_outage(outage).await.unwrap();
    drop(client);
    line.await.unwrap().unwrap();
    assert_eq!(play.store.pulse(Millis(2000)).await.unwrap().outage, None);
    let after = play.read().await.members;
    assert!(after[&HOST].last_seen - before[&HOST].last_seen >= Millis::from_secs(400));
    assert_eq!(after[&ANNA].last_seen, before[&ANNA].last_seen);
}
