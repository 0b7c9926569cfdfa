//! The log: dense numbers, any part of it, the same for everybody who reads.

use domain::ids::RoomId;
use ports::store::{Journal, StoreError};
use uuid::Uuid;

use crate::support::{ANNA, BEN, HOST, Play};

#[tokio::test]
async fn events_are_numbered_from_one_without_a_gap() {
    let play = Play::in_hand(1, &[HOST, ANNA, BEN]).await;
    let page = play.store.events_after(play.room, 0, 1000).await.unwrap();
    assert_eq!(page.events.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=page.seq).collect::<Vec<_>>());
    assert!(page.events.is_sorted_by_key(|event| event.at));
    let dense = "SELECT count(*) FROM holdfast.game_states AS state \
                 WHERE seq <> (SELECT max(seq) FROM holdfast.room_events) OR seq <> (SELECT count(*) FROM holdfast.room_events)";
    assert_eq!(play.number(dense).await, 0);
}

#[tokio::test]
async fn a_page_begins_after_its_number_and_knows_the_rooms_last_one() {
    let play = Play::seated(2, &[HOST, ANNA]).await;
    let all = play.store.events_after(play.room, 0, 1000).await.unwrap();
    let page = play.store.events_after(play.room, 1, 2).await.unwrap();
    assert_eq!((page.events, page.seq), (all.events[1..3].to_vec(), all.seq));
    for (after, limit) in [(all.seq, 10), (all.seq + 100, 10), (i64::MAX as u64, 10), (0, 0)] {
        let page = play.store.events_after(play.room, after, limit).await.unwrap();
        assert_eq!((page.events.len(), page.seq), (0, all.seq));
    }
}

#[tokio::test]
async fn a_room_that_is_not_there_has_no_log() {
    let play = Play::seated(3, &[HOST]).await;
    let nowhere = RoomId(Uuid::from_u128(99));
    assert!(matches!(play.store.events_after(nowhere, 0, 10).await, Err(StoreError::Missing(_))));
    let seqs = play.store.seqs(&[nowhere, play.room]).await.unwrap();
    assert_eq!(seqs, [(play.room, play.log.len() as u64)]);
    assert_eq!(play.store.seqs(&[]).await.unwrap(), []);
    let hand = play.store.read_hand(domain::ids::HandId(Uuid::from_u128(99))).await;
    assert!(matches!(hand, Err(StoreError::Missing(_))));
}

#[tokio::test]
async fn a_hand_that_is_being_played_is_no_past_hand_but_can_be_read() {
    let play = Play::in_hand(4, &[HOST, ANNA]).await;
    assert_eq!(play.store.hands_before(play.room, None, None, 10).await.unwrap(), []);
    let id = play.read().await.game.dealt.unwrap().id;
    let hand = play.store.read_hand(id).await.unwrap();
    assert_eq!((hand.room, hand.number, hand.completed_at), (play.room, 1, None));
    assert_eq!(hand.players.iter().map(|(_, user, ..)| *user).collect::<Vec<_>>(), [HOST, ANNA]);
    assert_eq!(hand.boards, [[]]);
}
