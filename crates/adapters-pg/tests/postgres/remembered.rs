//! Actions that are decided on a remembered room: saved in one statement, or not at all.

use std::time::Duration;

use adapters_pg::PgStore;
use domain::event::{Committed, Event};
use domain::hand::{Action, ActionKind};
use domain::ids::{GameId, RoomId, UserId};
use domain::room::Room;
use domain::time::Millis;
use futures_util::future::join_all;
use ports::bus::Reached;
use ports::store::{Answer, Clockwork, CommandId, Journal, Recalled, Reply, Rooms, Sign, Store, StoreError};
use tokio::time::sleep;
use uuid::Uuid;

use crate::support::{ANNA, BEN, CARA, HOST, LIFETIMES, Play, Seeded, assert_same, name, store};

const ID: Uuid = Uuid::from_u128(7);

/// Three players before the flop. With nobody else about, the last transaction's room is remembered.
async fn in_hand() -> (Play, GameId) {
    let play = Play::in_hand(11, &[HOST, ANNA, BEN]).await;
    let game = play.read().await.game.id;
    (play, game)
}

fn recall(store: &PgStore, game: GameId) -> Recalled {
    store.recall(game).expect("the room was saved by this node")
}

/// What a call by whoever's turn it is makes of a remembered room.
fn call(recalled: &Recalled) -> (UserId, Room, Vec<Event>) {
    let mut after = Room::clone(&recalled.room);
    let dealt = after.game.live().unwrap();
    let actor = dealt.players[&dealt.hand.actor().unwrap()];
    let events = after.act(actor, Action::Call, None, recalled.at, &LIFETIMES).unwrap();
    (actor, after, events)
}

async fn save(store: &PgStore, recalled: &Recalled, id: Option<Uuid>) -> Result<Option<Vec<Committed>>, StoreError> {
    let (user, after, events) = call(recalled);
    let seq = recalled.seq + events.len() as u64;
    let answer = Answer::Acted { room: after.id, seq };
    let reply = id.map(|id| (CommandId { by: user, id }, Reply { fingerprint: "CALL".to_owned(), answer }));
    store.save_action(recalled, after, events, reply).await
}

#[tokio::test]
async fn what_is_saved_is_what_a_transaction_would_have_saved() {
    let (play, game) = in_hand().await;
    let recalled = recall(&play.store, game);
    let (actor, after, _) = call(&recalled);
    let committed = save(&play.store, &recalled, Some(ID)).await.unwrap().expect("nothing has happened since");

    let read = store(&play.database).await.read_room(play.room).await.unwrap();
    assert_same(&read.room, &after);
    assert_eq!(read.seq, committed.last().unwrap().seq);
    assert_eq!(read.recent.last().map(|action| (action.seq, action.user)), Some((read.seq, actor)));
    let log = play.store.events_after(play.room, recalled.seq, 10).await.unwrap().events;
    assert_eq!(log, committed);
    let mut tx = play.store.begin().await.unwrap();
    tx.lock_game(game).await.unwrap();
    let reply = tx.find_reply(CommandId { by: actor, id: ID }).await.unwrap().unwrap();
    let answer = Answer::Acted { room: play.room, seq: read.seq };
    assert_eq!(reply, Reply { fingerprint: "CALL".to_owned(), answer });
}

/// The clock's next look stays where it was, which is early enough; the clock itself moves it on.
#[tokio::test]
async fn an_action_leaves_the_clock_s_next_look_where_it_was() {
    let (play, game) = in_hand().await;
    let first = play.store.due_rooms(1, &[]).await.unwrap().next_at;
    // By the database's clock, which counts milliseconds.
    sleep(Duration::from_millis(5)).await;
    save(&play.store, &recall(&play.store, game), None).await.unwrap().expect("nothing has happened since");
    assert!(play.read().await.game.wake_at() > first);
    assert_eq!(play.store.due_rooms(1, &[]).await.unwrap().next_at, first);

    let mut tx = play.store.begin().await.unwrap();
    let locked = tx.lock_room(play.room).await.unwrap();
    assert_eq!((locked.wakes_at, locked.room.game.wake_at() > first), (first, true));
    tx.save_room(&locked.room, Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(play.store.due_rooms(1, &[]).await.unwrap().next_at, locked.room.game.wake_at());
}

#[tokio::test]
async fn street_after_street_is_saved_and_remembered() {
    let (play, game) = in_hand().await;
    let mut saved = 0;
    loop {
        let recalled = recall(&play.store, game);
        let mut after = Room::clone(&recalled.room);
        let dealt = after.game.live().unwrap();
        let (actor, legal) = (dealt.players[&dealt.hand.actor().unwrap()], dealt.hand.legal().unwrap());
        let calls = legal.actions.contains(&ActionKind::Call);
        let action = if calls { Action::Call } else { Action::Check };
        let events = after.act(actor, action, None, recalled.at, &LIFETIMES).unwrap();
        let goes_on = after.game.live().is_some();
        let committed = play.store.save_action(&recalled, after.clone(), events, None).await.unwrap();
        assert_eq!(committed.is_some(), goes_on, "the end of a hand takes a transaction");
        if !goes_on {
            break;
        }
        assert_same(&play.read().await, &after);
        saved += 1;
    }
    assert_eq!(saved, 11, "three players on four streets, but for the last check");
}

/// T-R7: a node that wakes with an old memory writes nothing.
#[tokio::test]
async fn nothing_is_saved_that_was_decided_on_a_room_that_has_moved_on() {
    let (play, game) = in_hand().await;
    let elsewhere = store(&play.database).await;
    let mut tx = elsewhere.begin().await.unwrap();
    tx.lock_game(game).await.unwrap();
    drop(tx);
    let old = recall(&play.store, game);
    save(&elsewhere, &recall(&elsewhere, game), None).await.unwrap().expect("nothing has happened since");

    let before = play.read().await;
    assert!(save(&play.store, &old, Some(ID)).await.unwrap().is_none());
    assert_same(&play.read().await, &before);
    assert!(play.store.recall(game).is_none(), "what wasn't so is forgotten");
}

#[tokio::test]
async fn of_many_at_once_on_one_memory_one_is_saved() {
    let (play, game) = in_hand().await;
    let recalled = recall(&play.store, game);
    let saved = join_all((0..8).map(|copy| save(&play.store, &recalled, Some(Uuid::from_u128(copy))))).await;
    let saved = saved.into_iter().filter(|saved| saved.as_ref().unwrap().is_some()).count();
    assert_eq!(saved, 1);
    assert_eq!(play.read().await.game.turn_number, recalled.room.game.turn_number + 1);
}

#[tokio::test]
async fn an_id_that_was_answered_before_is_not_answered_again() {
    let (play, game) = in_hand().await;
    let recalled = recall(&play.store, game);
    let (by, room) = (call(&recalled).0, play.room);
    let answered = "INSERT INTO holdfast.command_replies (user_id, command_id, fingerprint, room_id, seq, created_at)";
    play.database.sql(&format!("{answered} VALUES ('{by}', '{ID}', 'CALL', '{room}', 1, now())")).await;
    assert!(save(&play.store, &recalled, Some(ID)).await.unwrap().is_none());
    assert_eq!(play.store.events_after(play.room, recalled.seq, 10).await.unwrap().events, []);
}

/// The clock that counts is the database's, whatever this node reckons.
#[tokio::test]
async fn nothing_is_saved_for_another_time_than_the_database_s() {
    let (play, game) = in_hand().await;
    let now = recall(&play.store, game);
    for off in [Millis(500), Millis(-5000)] {
        let wrong = Recalled { at: now.at + off, ..recall(&play.store, game) };
        assert!(save(&play.store, &wrong, None).await.unwrap().is_none(), "{off:?}");
        let mut tx = play.store.begin().await.unwrap();
        tx.lock_game(game).await.unwrap();
    }
    save(&play.store, &recall(&play.store, game), None).await.unwrap().expect("the time is right");
}

/// I-4: when the turn's clock has run out, it is for the clock to decide, even if this node reckons that there is time.
#[tokio::test]
async fn nothing_is_saved_for_a_turn_whose_time_is_up() {
    let (play, game) = in_hand().await;
    let recalled = recall(&play.store, game);
    play.database
        .sql("UPDATE holdfast.game_states SET deadline_at = now() - interval '2 ms', expires_at = now() - interval '1 ms'")
        .await;
    assert!(save(&play.store, &recalled, None).await.unwrap().is_none());
    assert_eq!(play.store.events_after(play.room, recalled.seq, 10).await.unwrap().events, []);
}

#[tokio::test]
async fn signs_of_life_are_seen_under_the_lock_though_the_room_is_remembered() {
    let (play, game) = in_hand().await;
    let before = recall(&play.store, game).room.members[&ANNA].last_seen;
    let touched = store(&play.database).await.touch(play.room, ANNA, Sign::Line, &LIFETIMES).await.unwrap();
    let mut tx = play.store.begin().await.unwrap();
    let locked = tx.lock_room(play.room).await.unwrap();
    let seen = locked.room.members[&ANNA].last_seen;
    assert!(seen > before && seen <= touched.at, "{seen:?}");
    assert!(locked.room.members[&ANNA].online);
}

#[tokio::test]
async fn an_action_that_is_a_sign_of_life_is_saved_with_it() {
    let (play, game) = in_hand().await;
    let (_, actor) = play.actor().await.unwrap();
    play.silent_for(60).await;
    let mut tx = play.store.begin().await.unwrap();
    let silent = tx.lock_game(game).await.unwrap().room;
    drop(tx);
    save(&play.store, &recall(&play.store, game), None).await.unwrap().expect("nothing has happened since");

    let members = play.read().await.members;
    for (user, was) in silent.members.iter() {
        let heard = members[user].last_seen - was.last_seen >= Millis::from_secs(60);
        assert_eq!(heard, *user == actor, "{user}");
    }
}

#[tokio::test]
async fn what_another_node_has_moved_on_is_not_recalled_and_all_else_is() {
    let (play, game) = in_hand().await;
    let seq = recall(&play.store, game).seq;
    play.store.moved_on(Reached { room: RoomId(Uuid::from_u128(999)), seq: seq + 1 });
    play.store.moved_on(Reached { room: play.room, seq });
    assert_eq!(recall(&play.store, game).seq, seq, "no news");
    play.store.moved_on(Reached { room: play.room, seq: seq + 1 });
    assert!(play.store.recall(game).is_none());

    // Made up: the room is read again, and remembered.
    play.store.begin().await.unwrap().lock_game(game).await.unwrap();
    assert_eq!(recall(&play.store, game).seq, seq);
}

/// What whoever's turn it is could do, by chance, but for going all in: hands are to go on.
fn some_action(room: &Room, chance: &mut Seeded) -> (UserId, Action) {
    let dealt = room.game.live().unwrap();
    let legal = dealt.hand.legal().unwrap();
    let free = legal.actions.contains(&ActionKind::Check);
    let action = match (chance.below(6), legal.min_raise_to) {
        (0, _) if !free => Action::Fold,
        (1, Some(to)) if legal.actions.contains(&ActionKind::Bet) => Action::Bet(to),
        (1, Some(to)) if legal.actions.contains(&ActionKind::Raise) => Action::Raise(to),
        _ if free => Action::Check,
        _ => Action::Call,
    };
    (dealt.players[&dealt.hand.actor().unwrap()], action)
}

/// The same action on a node: from memory if it can be, else under the lock.
async fn act_on(store: &PgStore, game: GameId, recalled: Option<Recalled>, chance: &mut Seeded) {
    if let Some(recalled) = recalled {
        let mut after = Room::clone(&recalled.room);
        let (user, action) = some_action(&after, chance);
        let events = after.act(user, action, None, recalled.at, &LIFETIMES).unwrap();
        if store.save_action(&recalled, after, events, None).await.unwrap().is_some() {
            return;
        }
    }
    let mut tx = store.begin().await.unwrap();
    let locked = tx.lock_game(game).await.unwrap();
    let mut after = locked.room.clone();
    let (user, action) = some_action(&after, chance);
    let events = after.act(user, action, None, locked.at, &LIFETIMES).unwrap();
    tx.save_room(&after, events).await.unwrap();
    tx.commit().await.unwrap();
}

/// I-12: any node serves any room, and a memory that was caught up with is what the database has.
#[tokio::test]
async fn what_other_nodes_did_is_replayed_on_what_is_remembered() {
    let mut play = Play::in_hand(31, &[HOST, ANNA, BEN, CARA]).await;
    let game = play.read().await.game.id;
    let nodes = [store(&play.database).await, store(&play.database).await];
    let (mut caught_up, mut chance) = (0, Seeded(5));
    for turn in 0..200 {
        let now = play.read().await;
        let node = &nodes[(chance.below(3) / 2) as usize];
        if now.game.live().is_none() {
            play.log = play.store.events_after(play.room, 0, 10_000).await.unwrap().events;
            let deal = play.must(|room, at, chance| {
                room.game.next_hand_at = Some(at);
                Ok(room.tick(at, &LIFETIMES, chance))
            });
            deal.await;
            continue;
        }
        let seq = play.store.seqs(&[play.room]).await.unwrap()[0].1;
        node.moved_on(Reached { room: play.room, seq });
        let recalled = match node.recall(game) {
            None => node.catch_up(game, &LIFETIMES).await.unwrap(),
            recalled => recalled,
        };
        if let Some(recalled) = &recalled {
            assert_same(&recalled.room, &now);
            assert_eq!(recalled.seq, seq, "turn {turn}");
            caught_up += 1;
        }
        act_on(node, game, recalled, &mut chance).await;
    }
    assert!(caught_up > 100, "{caught_up} of 200");
}

#[tokio::test]
async fn what_is_no_player_s_action_is_not_replayed() {
    let (mut play, game) = in_hand().await;
    let node = store(&play.database).await;
    let mut tx = node.begin().await.unwrap();
    tx.lock_game(game).await.unwrap();
    drop(tx);
    assert!(node.catch_up(game, &LIFETIMES).await.unwrap().is_some(), "nothing has happened");

    // Somebody who asks to join; the clock; a node that has never heard of the room.
    play.must(|room, at, chance| Ok(room.join(CARA, name("Cara"), at, &LIFETIMES, chance)?.1)).await;
    assert!(node.catch_up(game, &LIFETIMES).await.unwrap().is_none());
    let mut tx = node.begin().await.unwrap();
    tx.lock_game(game).await.unwrap();
    drop(tx);
    play.must(|room, at, chance| Ok(room.tick(at + Millis::from_secs(3600), &LIFETIMES, chance))).await;
    assert!(node.catch_up(game, &LIFETIMES).await.unwrap().is_none());
    assert!(store(&play.database).await.catch_up(game, &LIFETIMES).await.unwrap().is_none());
}

/// Rows that don't fit what is remembered, whoever wrote them: the room is read anew.
#[tokio::test]
async fn a_memory_that_does_not_fit_the_database_is_not_used() {
    for wrong in [
        "UPDATE holdfast.game_states SET turn_number = turn_number + 1",
        "UPDATE holdfast.game_states SET seq = seq + 1",
        "UPDATE holdfast.room_seats SET timebank_ms = timebank_ms + 1 WHERE status = 'active'",
        "UPDATE holdfast.actions SET auto = true",
        "UPDATE holdfast.actions SET turn = NULL, action = 'FOLD'",
    ] {
        let (play, game) = in_hand().await;
        let node = store(&play.database).await;
        let mut tx = node.begin().await.unwrap();
        tx.lock_game(game).await.unwrap();
        drop(tx);
        save(&play.store, &recall(&play.store, game), None).await.unwrap().expect("nothing has happened since");
        play.database.sql(wrong).await;
        assert!(node.catch_up(game, &LIFETIMES).await.unwrap().is_none(), "{wrong}");
        assert!(node.recall(game).is_none(), "{wrong}");
    }
}
