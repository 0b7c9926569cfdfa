//! Rejoin tokens and signs of life.

use std::time::{Duration, Instant};

use domain::event::Happened;
use domain::ids::UserId;
use domain::room::Removal;
use domain::time::Millis;
use ports::identity::RejoinTokens;
use ports::store::{Clockwork, FoundToken, Rooms, Sign, Store, StoreError, Tokens};

use crate::support::{ANNA, BEN, DAN, HOST, LIFETIMES, Play, key};

async fn text_of(play: &Play, user: UserId) -> String {
    key().rejoin_tokens().text(play.read().await.members[&user].token.unwrap().id)
}

async fn expire(play: &Play) {
    play.database.sql("UPDATE holdfast.rejoin_tokens SET expires_at = now() - interval '1 second'").await;
}

#[tokio::test]
async fn a_token_opens_its_room_for_its_owner_until_it_expires() {
    let play = Play::seated(1, &[HOST, ANNA]).await;
    let text = text_of(&play, ANNA).await;
    let found = FoundToken { room: play.room, user: ANNA, valid: true };
    assert_eq!(play.store.find_token(&text).await.unwrap(), Some(found));
    for wrong in ["", "nonsense", &text[1..], &format!("{text} ")] {
        assert_eq!(play.store.find_token(wrong).await.unwrap(), None);
    }
    expire(&play).await;
    assert_eq!(play.store.find_token(&text).await.unwrap(), Some(FoundToken { valid: false, ..found }));
}

#[tokio::test]
async fn a_token_is_good_for_as_long_as_its_owner_is_in_the_live_hand() {
    let mut play = Play::in_hand(2, &[HOST, ANNA]).await;
    play.must(|room, at, chance| Ok(room.join(BEN, crate::support::name("Ben"), at, &LIFETIMES, chance)?.1)).await;
    play.must(|room, at, chance| room.approve(HOST, BEN, at, &LIFETIMES, chance)).await;
    let (anna, ben) = (text_of(&play, ANNA).await, text_of(&play, BEN).await);
    expire(&play).await;
    assert!(play.store.find_token(&anna).await.unwrap().unwrap().valid);
    assert!(!play.store.find_token(&ben).await.unwrap().unwrap().valid);

    // The end of the hand gives it its normal life again.
    let (_, actor) = play.actor().await.unwrap();
    play.must(|room, at, _| room.act(actor, domain::hand::Action::Fold, None, at, &LIFETIMES)).await;
    assert!(play.store.find_token(&anna).await.unwrap().unwrap().valid);
    expire(&play).await;
    assert!(!play.store.find_token(&anna).await.unwrap().unwrap().valid);
}

#[tokio::test]
async fn a_change_of_role_revokes_the_token_before_and_going_revokes_the_last() {
    let mut play = Play::seated(3, &[HOST, ANNA]).await;
    let first = text_of(&play, ANNA).await;
    play.must(|room, at, chance| room.stand_up(ANNA, at, &LIFETIMES, chance)).await;
    let second = text_of(&play, ANNA).await;
    assert_eq!(play.store.find_token(&first).await.unwrap(), None);
    assert!(play.store.find_token(&second).await.unwrap().unwrap().valid);
    play.must(|room, at, _| room.kick(HOST, ANNA, Removal::Kick, at, &LIFETIMES)).await;
    assert_eq!(play.store.find_token(&second).await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_of_life_moves_the_last_one_and_the_token_without_the_rooms_lock() {
    let play = Play::seated(4, &[HOST, ANNA]).await;
    expire(&play).await;
    let text = text_of(&play, ANNA).await;
    let mut writer = play.store.begin().await.unwrap();
    writer.lock_room(play.room).await.unwrap();

    play.store.touch(play.room, ANNA, Sign::Call, &LIFETIMES).await.unwrap();
    assert!(!play.store.find_token(&text).await.unwrap().unwrap().valid, "a call brings back nothing that has run out");
    let before = play.read().await.members[&ANNA].last_seen;
    let touched = play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
    assert_eq!((touched.seq, touched.was_absent), (play.log.len() as u64, false));
    let member = play.read().await.members[&ANNA].clone();
    assert!(member.online && member.last_seen > before && member.last_seen <= touched.at);
    assert_eq!(member.token.unwrap().expires_at, member.last_seen + LIFETIMES.rejoin);
    assert!(play.store.find_token(&text).await.unwrap().unwrap().valid);
    assert!(!play.read().await.members[&HOST].online);

    play.store.set_offline(play.room, ANNA).await.unwrap();
    assert!(!play.read().await.members[&ANNA].online);
}

#[tokio::test]
async fn what_is_saved_from_under_the_lock_does_not_undo_a_sign_of_life() {
    let mut play = Play::seated(5, &[HOST, ANNA]).await;
    let mut tx = play.store.begin().await.unwrap();
    let mut locked = tx.lock_room(play.room).await.unwrap();
    play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
    let touched = play.read().await.members[&ANNA].clone();

    let events = locked.room.sit_out(ANNA, locked.at).unwrap();
    locked.room.members.get_mut(&ANNA).unwrap().name = crate::support::name("Anna II");
    let token = locked.room.members.get_mut(&ANNA).unwrap().token.as_mut().unwrap();
    token.slide(token.expires_at, Millis(1));
    play.log.extend(tx.save_room(&locked.room, events).await.unwrap());
    tx.commit().await.unwrap();
    let saved = play.read().await.members[&ANNA].clone();
    assert_eq!((saved.last_seen, saved.online, saved.token), (touched.last_seen, true, touched.token));
    assert_eq!(saved.name.as_str(), "Anna II");
}

#[tokio::test]
async fn only_members_who_are_in_or_wait_can_show_signs_of_life() {
    let mut play = Play::seated(6, &[HOST, ANNA]).await;
    assert!(matches!(play.store.touch(play.room, DAN, Sign::Line, &LIFETIMES).await, Err(StoreError::Missing(_))));
    play.must(|room, at, chance| Ok(room.join(DAN, crate::support::name("Dan"), at, &LIFETIMES, chance)?.1)).await;
    play.store.touch(play.room, DAN, Sign::Line, &LIFETIMES).await.unwrap();
    play.must(|room, _, _| room.reject(HOST, DAN)).await;
    assert!(matches!(play.store.touch(play.room, DAN, Sign::Line, &LIFETIMES).await, Err(StoreError::Missing(_))));
}

#[tokio::test]
async fn somebody_whom_the_room_missed_is_noticed() {
    let mut play = Play::seated(7, &[HOST, ANNA]).await;
    play.must(|room, at, _| Ok(room.sweep(at + Millis::from_secs(301), &LIFETIMES))).await;
    assert!(play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap().was_absent);
    play.must(|room, at, _| Ok(room.seen(ANNA, at))).await;
    assert!(!play.store.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap().was_absent);
}

/// Waits until somebody waits for a row of `play`'s database.
async fn somebody_waits(play: &Play) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + Duration::from_secs(10);
    while play.number(waiting).await == 0 {
        assert!(Instant::now() < deadline, "nobody waits");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// I-6: who has given a sign of life doesn't lose the seat to a look for silence that met it.
#[tokio::test]
async fn a_sign_of_life_that_meets_a_look_for_silence_comes_after_it_and_finds_what_it_did() {
    let mut play = Play::seated(9, &[HOST, ANNA]).await;
    play.silent_for(301).await;
    let mut tx = play.store.begin().await.unwrap();
    let mut locked = tx.lock_room_and_players(play.room).await.unwrap();
    let (store, room) = (play.store.clone(), play.room);
    let sign = tokio::spawn(async move { store.touch(room, ANNA, Sign::Line, &LIFETIMES).await.unwrap() });
    somebody_waits(&play).await;

    let events = locked.room.sweep(locked.at, &LIFETIMES);
    assert_eq!(events.len(), 2);
    play.log.extend(tx.save_room(&locked.room, events).await.unwrap());
    tx.commit().await.unwrap();
    let sign = sign.await.unwrap();
    assert_eq!((sign.was_absent, sign.seq), (true, play.log.len() as u64), "it sees what came before it");
    let last_seen = play.read().await.members[&ANNA].last_seen;
    assert!(last_seen > locked.at && sign.at >= last_seen, "and is later");
}

/// I-6, the other way round.
#[tokio::test]
async fn a_look_for_silence_waits_for_a_sign_of_life_that_came_first_and_sees_it() {
    let play = Play::seated(10, &[HOST, ANNA]).await;
    play.silent_for(301).await;
    let mut first = play.store.begin().await.unwrap();
    first.lock_room_and_players(play.room).await.unwrap();
    let (store, room) = (play.store.clone(), play.room);
    let sign = tokio::spawn(async move { store.touch(room, ANNA, Sign::Line, &LIFETIMES).await.unwrap() });
    somebody_waits(&play).await;
    drop(first);
    let sign = sign.await.unwrap();

    let mut look = play.store.begin().await.unwrap();
    let mut locked = look.lock_room_and_players(play.room).await.unwrap();
    assert!(locked.at >= sign.at);
    let missed = locked.room.sweep(locked.at, &LIFETIMES);
    assert!(matches!(&missed[..], [only] if matches!(only.what, Happened::Disconnected { user: HOST, .. })));
}

#[tokio::test]
async fn tokens_are_deleted_a_day_after_their_end_and_answers_after_two() {
    let mut play = Play::in_hand(8, &[HOST, ANNA]).await;
    play.must(|room, at, chance| Ok(room.join(BEN, crate::support::name("Ben"), at, &LIFETIMES, chance)?.1)).await;
    play.must(|room, at, chance| room.approve(HOST, BEN, at, &LIFETIMES, chance)).await;
    let count = "SELECT count(*) FROM holdfast.rejoin_tokens";
    let all = play.number(count).await;
    assert_eq!(all, 5, "two of the players' five are current, and one is Ben's");
    assert_eq!(play.store.purge().await.unwrap(), 0);

    play.database
        .sql("UPDATE holdfast.rejoin_tokens SET revoked_at = now() - interval '25 hours' WHERE revoked_at IS NOT NULL")
        .await;
    assert_eq!(play.store.purge().await.unwrap(), 2);
    play.database.sql("UPDATE holdfast.rejoin_tokens SET expires_at = now() - interval '25 hours'").await;
    assert_eq!(play.store.purge().await.unwrap(), 1, "those of the live hand stay");
    assert!(play.store.find_token(&text_of(&play, ANNA).await).await.unwrap().unwrap().valid);

    play.database
        .sql(
            "INSERT INTO holdfast.command_replies (user_id, command_id, fingerprint, room_id, seq, created_at) \
             SELECT gen_random_uuid(), gen_random_uuid(), '', room_id, 1, now() - age.hours * interval '1 hour' \
             FROM holdfast.game_states, (VALUES (23), (25)) AS age (hours)",
        )
        .await;
    assert_eq!(play.store.purge().await.unwrap(), 1);
}
