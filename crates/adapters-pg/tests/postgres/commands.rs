//! Transactions: one writer a room, all or nothing.

use std::time::{Duration, Instant};

use domain::event::Happened;
use domain::ids::{GameId, RoomId};
use domain::settings::Settings;
use futures_util::future::join_all;
use ports::store::{Answer, CommandId, Journal, Replies, Reply, Rooms, Store, StoreError};
use uuid::Uuid;

use crate::support::{ANNA, BEN, HOST, LIFETIMES, Play, name, new_room};

#[tokio::test]
async fn a_second_writer_waits_for_the_first_and_sees_what_it_wrote() {
    let play = Play::begin(1, Settings::default()).await;
    let mut first = play.store.begin().await.unwrap();
    let locked = first.lock_room(play.room).await.unwrap();

    let (store, room) = (play.store.clone(), play.room);
    let second = tokio::spawn(async move {
        let mut second = store.begin().await.unwrap();
        second.lock_room(room).await.unwrap()
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!second.is_finished());

    let mut room = locked.room;
    room.settings.max_members = 7;
    first.save_room(&room, vec![Happened::Kicked { user: ANNA }.into()]).await.unwrap();
    first.commit().await.unwrap();
    let second = second.await.unwrap();
    assert_eq!((second.seq, second.room), (locked.seq + 1, room));
    assert!(second.at >= locked.at, "the clock is read after the lock was had");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_leave_no_gap_and_lose_nothing() {
    let play = Play::begin(2, Settings::default()).await;
    let writers = (0..16).map(|_| {
        let (store, room) = (play.store.clone(), play.room);
        tokio::spawn(async move {
            let mut seqs = Vec::new();
            for _ in 0..10 {
                let mut tx = store.begin().await.unwrap();
                let locked = tx.lock_room(room).await.unwrap();
                let events = vec![Happened::Kicked { user: ANNA }.into(), Happened::HostChanged { user: HOST }.into()];
                let committed = tx.save_room(&locked.room, events).await.unwrap();
                assert_eq!(committed[0].seq, locked.seq + 1);
                tx.commit().await.unwrap();
                seqs.extend(committed.iter().map(|event| event.seq));
            }
            seqs
        })
    });
    let mut seqs: Vec<u64> = join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=320).collect::<Vec<_>>());
    let page = play.store.events_after(play.room, 0, 1000).await.unwrap();
    assert_eq!((page.events.len(), page.seq), (320, 320));
    assert_eq!(play.number("SELECT version FROM holdfast.game_states").await, 160, "each save counts");
}

#[tokio::test]
async fn a_transaction_that_is_dropped_changes_nothing_and_lets_go_at_once() {
    let play = Play::begin(3, Settings::default()).await;
    let mut tx = play.store.begin().await.unwrap();
    let mut locked = tx.lock_room(play.room).await.unwrap();
    locked.room.host = ANNA;
    tx.save_room(&locked.room, vec![Happened::HostChanged { user: ANNA }.into()]).await.unwrap();
    drop(tx);

    let began = Instant::now();
    let mut tx = play.store.begin().await.unwrap();
    let again = tx.lock_room(play.room).await.unwrap();
    assert_eq!((again.room.host, again.seq), (HOST, 0));
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
}

/// Rule 10: a frozen node must not freeze a room.
#[tokio::test]
async fn whoever_waits_too_long_for_a_room_is_told_so_within_three_seconds() {
    let play = Play::begin(4, Settings::default()).await;
    let mut holder = play.store.begin().await.unwrap();
    holder.lock_room(play.room).await.unwrap();
    let began = Instant::now();
    let mut waiter = play.store.begin().await.unwrap();
    let refused = waiter.lock_room(play.room).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // Reading doesn't wait.
    play.store.read_room(play.room).await.unwrap();
}

#[tokio::test]
async fn a_room_is_locked_by_its_game_as_well() {
    let play = Play::begin(5, Settings::default()).await;
    let room = play.read().await;
    let mut tx = play.store.begin().await.unwrap();
    assert_eq!(tx.lock_game(room.game.id).await.unwrap().room, room);
    drop(tx);
    let mut tx = play.store.begin().await.unwrap();
    assert!(matches!(tx.lock_game(GameId(Uuid::nil())).await, Err(StoreError::Missing("game"))));
    assert!(matches!(tx.lock_room(RoomId(Uuid::nil())).await, Err(StoreError::Missing("room"))));
    assert!(matches!(play.store.read_room(RoomId(Uuid::nil())).await, Err(StoreError::Missing("room"))));
}

#[tokio::test]
async fn an_answer_is_kept_with_its_change_and_for_its_caller_only() {
    let play = Play::begin(6, Settings::default()).await;
    let acted = Reply { fingerprint: "CALL 0 Some(3)".to_owned(), answer: Answer::Acted { room: play.room, seq: 12 } };
    let body = br#"{"rejoinToken":"hush"}"#.to_vec();
    let given = Reply { fingerprint: "7".repeat(64), answer: Answer::Given { status: 201, body } };
    for (number, reply) in [(77, acted), (78, given)] {
        let id = CommandId { by: ANNA, id: Uuid::from_u128(number) };
        let mut tx = play.store.begin().await.unwrap();
        tx.lock_room(play.room).await.unwrap();
        assert_eq!(tx.find_reply(id).await.unwrap(), None);
        tx.save_reply(id, &reply).await.unwrap();
        assert_eq!(play.store.find_reply(id).await.unwrap(), None, "it isn't committed");
        tx.commit().await.unwrap();

        assert_eq!(play.store.find_reply(id).await.unwrap(), Some(reply.clone()));
        assert_eq!(play.store.find_reply(CommandId { by: BEN, ..id }).await.unwrap(), None);
        // Whether or not anything else is done in its transaction.
        let alone = CommandId { by: BEN, ..id };
        let mut tx = play.store.begin().await.unwrap();
        tx.save_reply(alone, &reply).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(play.store.find_reply(alone).await.unwrap(), Some(reply.clone()));
        // Even where no room's lock lets one wait for the other.
        let mut tx = play.store.begin().await.unwrap();
        assert_eq!(tx.find_reply(id).await.unwrap(), Some(reply.clone()));
        tx.save_reply(id, &reply).await.unwrap();
        assert!(tx.commit().await.is_err_and(|err| err.is_repeated()));
    }
    let stored = "SELECT encode(body, 'escape') FROM holdfast.command_replies WHERE body IS NOT NULL";
    let stored = play.database.sql(stored).await;
    assert!(!stored[0][0].as_deref().unwrap().contains("hush"), "{stored:?}");
}

/// A row for everybody who ever asked, as a room has them that many have asked to join.
#[tokio::test]
async fn those_who_have_gone_with_nothing_are_not_read() {
    let mut play = Play::begin(9, Settings::default()).await;
    let room = play.room;
    let many = format!(
        "INSERT INTO holdfast.room_players \
         (room_id, user_id, display_name, status, since, waiting_chips, last_seen_at, online) \
         SELECT '{room}', md5('gone ' || i)::uuid, 'Gone', CASE WHEN i % 2 = 0 THEN 'left' ELSE 'rejected' END, NULL, \
             CASE WHEN i = 7 THEN 40 ELSE 0 END, now(), false FROM generate_series(1, 5000) AS i"
    );
    play.database.sql(&many).await;
    let other_node = crate::support::store(&play.database).await;
    let read = other_node.read_room(room).await.unwrap().room;
    assert!(read.members.len() <= 3 + 100 + 1, "{}", read.members.len());
    assert!(read.members.values().any(|member| member.reserved.get() == 40), "chips that wait for somebody are known");
    // Whoever has gone last asks what became of them, and whoever comes back is one and the same.
    for comes in [true, false] {
        let mut tx = play.store.begin().await.unwrap();
        let locked = tx.lock_room(room).await.unwrap();
        let mut room = locked.room;
        let events = match comes {
            true => room.join(BEN, name("Ben"), locked.at, &LIFETIMES, &mut play.chance).unwrap().1,
            false => room.reject(HOST, BEN).unwrap(),
        };
        tx.save_room(&room, events).await.unwrap();
        tx.commit().await.unwrap();
    }
    let read = crate::support::store(&play.database).await.read_room(room).await.unwrap().room;
    assert_eq!(read.members[&BEN].status.name(), "rejected");
    let rows = "SELECT count(*)::text FROM holdfast.room_players WHERE display_name = 'Gone'";
    assert_eq!(play.database.sql(rows).await[0][0].as_deref(), Some("5000"));
}

#[tokio::test]
async fn a_room_code_is_given_once() {
    let mut play = Play::begin(7, Settings::default()).await;
    let mut room = play.read().await;
    room.id = RoomId(Uuid::from_u128(8));
    room.game.id = GameId(Uuid::from_u128(9));
    room.members.get_mut(&HOST).unwrap().token = None;
    let mut tx = play.store.begin().await.unwrap();
    assert!(matches!(tx.create_room(&room, None).await, Err(StoreError::Duplicate("room code"))));
    drop(tx);
    new_room(&play.store, &mut play.chance, Settings::default(), None).await;
}

#[tokio::test]
async fn nothing_is_saved_without_a_lock() {
    let play = Play::begin(8, Settings::default()).await;
    let room = play.read().await;
    let mut tx = play.store.begin().await.unwrap();
    assert!(tx.save_room(&room, vec![Happened::Kicked { user: ANNA }.into()]).await.is_err());
}
