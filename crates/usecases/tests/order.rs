//! Decide, persist, publish: the order of calls, over mocks. What a command comes to is told by `commands.rs`, over the store in
//! memory.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;

use domain::event::Committed;
use domain::hand::Action;
use domain::ids::{RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::room::TakeSeat;
use domain::settings::SettingsPatch;
use mockall::Sequence;
use ports::broadcaster::{MockBroadcaster, MockWakeUp};
use ports::identity::MockPasswords;
use ports::store::{Locked, MockTx, StoreError};
use ports::testing::{Fault, World};
use ports::{Ports, Quotas};
use usecases::act::{Act, act};
use usecases::membership::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use usecases::{CommandError, host, identity, runs, seats, showing};
use uuid::Uuid;

const HOST: UserId = UserId(Uuid::from_u128(1));
const ANNA: UserId = UserId(Uuid::from_u128(2));
const BEN: UserId = UserId(Uuid::from_u128(3));

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn new_room(settings: SettingsPatch, password: Option<&str>) -> CreateRoom {
    let password = password.map(str::to_owned);
    CreateRoom { by: HOST, display_name: name("Host"), name: None, password, settings }
}

fn open_to_all() -> SettingsPatch {
    SettingsPatch { auto_approve: Some(true), ..Default::default() }
}

fn join(by: UserId, room: RoomId, password: Option<&str>) -> Join {
    Join { by, room, name: name(&format!("Player {}", by.0.as_u128())), password: password.map(str::to_owned) }
}

fn seat(index: u8) -> TakeSeat {
    TakeSeat { seat: SeatIndex(index), name: None, buy_in: None }
}

/// A hand between two, in a room that lets everybody in; and how a transaction finds it.
async fn playing() -> (World, Ports, Locked) {
    let world = World::new(1);
    let ports = world.ports();
    let room = create_room(&ports, new_room(open_to_all(), None)).await.unwrap().id;
    membership::join(&ports, join(ANNA, room, None)).await.unwrap();
    seats::take_seat(&ports, HOST, room, seat(0)).await.unwrap();
    seats::take_seat(&ports, ANNA, room, seat(1)).await.unwrap();
    host::start(&ports, HOST, room).await.unwrap();
    let locked = ports.store.begin().await.unwrap().lock_room(room).await.unwrap();
    (world, ports, locked)
}

/// Nobody is told anything, and no clock is set: a mock that is called nevertheless fails the test.
fn tell_nobody(ports: &mut Ports) {
    ports.broadcaster = Arc::new(MockBroadcaster::new());
    ports.wake_up = Arc::new(MockWakeUp::new());
}

/// A transaction that is asked for the room, and then to save it.
fn saves(locked: &Locked, order: &mut Sequence) -> MockTx {
    let (mut tx, locked) = (MockTx::new(), locked.clone());
    let (seq, at) = (locked.seq, locked.at);
    tx.expect_lock_room().times(1).in_sequence(order).return_once(move |_| Ok(locked));
    let number = move |_: &_, events| Ok(Committed::number(seq + 1, at, events));
    tx.expect_save_room().times(1).in_sequence(order).returning(number);
    tx
}

#[tokio::test]
async fn a_command_locks_and_saves_and_commits_and_only_then_tells() {
    let (world, mut ports, locked) = playing().await;
    let mut order = Sequence::new();
    let mut tx = saves(&locked, &mut order);
    tx.expect_commit().times(1).in_sequence(&mut order).return_once(|| Ok(()));
    world.lend(tx);
    let (mut wake_up, mut broadcaster) = (MockWakeUp::new(), MockBroadcaster::new());
    wake_up.expect_set().times(1).in_sequence(&mut order).return_const(());
    let (room, next) = (locked.room.id, locked.seq + 1);
    let what_was_committed = move |id: &RoomId, events: &[Committed]| *id == room && events[0].seq == next;
    broadcaster.expect_publish().times(1).in_sequence(&mut order).withf(what_was_committed).return_const(());
    (ports.wake_up, ports.broadcaster) = (Arc::new(wake_up), Arc::new(broadcaster));
    membership::join(&ports, join(BEN, room, None)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_told_after_a_commit_that_failed_or_may_have() {
    let failures: [fn() -> StoreError; 3] = [
        || StoreError::Unavailable("away".into()),
        || StoreError::OutcomeUnknown("the line broke".into()),
        || StoreError::REPEATED,
    ];
    for failure in failures {
        let (world, mut ports, locked) = playing().await;
        let mut order = Sequence::new();
        let mut tx = saves(&locked, &mut order);
        tx.expect_commit().times(1).in_sequence(&mut order).return_once(move || Err(failure()));
        world.lend(tx);
        tell_nobody(&mut ports);
        let refused = membership::join(&ports, join(BEN, locked.room.id, None)).await;
        assert!(matches!(refused, Err(CommandError::Store(_))), "{}", failure());
    }
}

#[tokio::test]
async fn what_could_not_be_saved_is_not_committed() {
    let (world, mut ports, locked) = playing().await;
    let (mut tx, found) = (MockTx::new(), locked.clone());
    tx.expect_lock_room().times(1).return_once(move |_| Ok(found));
    tx.expect_save_room().times(1).return_once(|_, _| Err(StoreError::Unavailable("away".into())));
    world.lend(tx);
    tell_nobody(&mut ports);
    let refused = membership::join(&ports, join(BEN, locked.room.id, None)).await;
    assert!(matches!(refused, Err(CommandError::Store(StoreError::Unavailable(_)))));
}

#[tokio::test]
async fn what_is_refused_is_neither_saved_nor_committed_nor_told() {
    let (world, mut ports, locked) = playing().await;
    let (mut tx, found) = (MockTx::new(), locked.clone());
    tx.expect_lock_room().times(1).return_once(move |_| Ok(found));
    world.lend(tx);
    tell_nobody(&mut ports);
    let refused = seats::take_seat(&ports, HOST, locked.room.id, seat(2)).await;
    assert!(matches!(refused, Err(CommandError::Room(_))));
}

/// An action that was decided on a remembered room takes no transaction.
#[tokio::test]
async fn an_action_on_a_remembered_room_is_told_only_if_it_was_saved() {
    let (world, mut ports, locked) = playing().await;
    let call = || Act {
        by: HOST,
        only_room: None,
        game: locked.room.game.id,
        action: Action::Call,
        action_id: None,
        turn: None,
    };
    for fault in [Fault::NotDone, Fault::DoneInSilence] {
        let remembered = ports.store.recall(locked.room.game.id).unwrap();
        assert_eq!(remembered.seq, locked.seq);
        // Whoever asks it anything fails.
        world.lend(MockTx::new());
        tell_nobody(&mut ports);
        world.break_commit(fault);
        let refused = act(&ports, call()).await;
        assert!(matches!(
            refused,
            Err(CommandError::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)))
        ));
    }
}

/// Hashing is slow on purpose: it is the last thing that is done for somebody who is refused.
#[tokio::test]
async fn nothing_is_hashed_for_what_is_refused() {
    let world = World::new(2);
    let mut ports = world.ports();
    let room = create_room(&ports, new_room(SettingsPatch::default(), Some("secret"))).await.unwrap().id;
    ports.passwords = Arc::new(MockPasswords::new());
    ports.quotas = Quotas { open_rooms: 1, open_requests: 0 };

    let refused = create_room(&ports, new_room(SettingsPatch::default(), Some("secret"))).await;
    assert!(matches!(refused, Err(CommandError::TooManyRooms { most: 1 })));
    let impossible = SettingsPatch { seats: Some(1), ..Default::default() };
    let refused = create_room(&ports, new_room(impossible, Some("secret"))).await;
    assert!(matches!(refused, Err(CommandError::Settings(_))));
    let refused = membership::join(&ports, join(ANNA, room, Some("secret"))).await;
    assert!(matches!(refused, Err(CommandError::TooManyRequests { most: 0 })));
    let refused = membership::join(&ports, join(ANNA, room, None)).await;
    assert!(matches!(refused, Err(CommandError::WrongPassword)));
    assert_eq!(world.committed_room(room).members.len(), 1);
}

/// Whether an address has an account can't be timed: a password is checked in either case, once.
#[tokio::test]
async fn signing_in_to_an_account_that_is_not_there_checks_the_password_too() {
    let mut ports = World::new(3).ports();
    let mut passwords = MockPasswords::new();
    passwords
        .expect_verify()
        .times(1)
        .withf(|given, hash| given == "secret" && hash.is_none())
        .returning(|_, _| Ok(false));
    ports.passwords = Arc::new(passwords);
    let refused = identity::log_in(&ports, "nobody@example.com", "secret").await;
    assert!(matches!(refused, Err(CommandError::WrongCredentials)));
}

/// The same as [`playing`], where both are all-in and are asked how often to run the missing cards.
async fn asked() -> (World, Ports, Locked) {
    let world = World::new(1);
    let ports = world.ports();
    let patch = SettingsPatch { run_it_twice: Some("ask".to_owned()), ..open_to_all() };
    let room = create_room(&ports, new_room(patch, None)).await.unwrap().id;
    membership::join(&ports, join(ANNA, room, None)).await.unwrap();
    seats::take_seat(&ports, HOST, room, seat(0)).await.unwrap();
    seats::take_seat(&ports, ANNA, room, seat(1)).await.unwrap();
    host::start(&ports, HOST, room).await.unwrap();
    let game = world.committed_room(room).game.id;
    for by in [HOST, ANNA] {
        let (only_room, action_id, turn) = (None, None, None);
        act(&ports, Act { by, only_room, game, action: Action::AllIn, action_id, turn }).await.unwrap();
    }
    let locked = ports.store.begin().await.unwrap().lock_room(room).await.unwrap();
    (world, ports, locked)
}

/// An answer is stored before anybody hears that there is one.
#[tokio::test]
async fn an_answer_is_saved_and_committed_and_only_then_told() {
    let (world, mut ports, locked) = asked().await;
    let (mut order, mut tx, found) = (Sequence::new(), MockTx::new(), locked.clone());
    let (seq, at, room, turn) = (locked.seq, locked.at, locked.room.id, locked.room.game.turn_number);
    tx.expect_lock_game().times(1).in_sequence(&mut order).return_once(move |_| Ok(found));
    let number = move |_: &_, events| Ok(Committed::number(seq + 1, at, events));
    tx.expect_save_room().times(1).in_sequence(&mut order).returning(number);
    tx.expect_commit().times(1).in_sequence(&mut order).return_once(|| Ok(()));
    world.lend(tx);
    let (mut wake_up, mut broadcaster) = (MockWakeUp::new(), MockBroadcaster::new());
    wake_up.expect_set().times(1).in_sequence(&mut order).return_const(());
    broadcaster.expect_publish().times(1).in_sequence(&mut order).return_const(());
    (ports.wake_up, ports.broadcaster) = (Arc::new(wake_up), Arc::new(broadcaster));
    let done = runs::answer_runs(&ports, ANNA, None, locked.room.game.id, (2, turn)).await.unwrap();
    assert_eq!((done.room.id, done.seq), (room, seq + 1));
}

#[tokio::test]
async fn an_answer_that_is_refused_is_neither_saved_nor_told_and_a_late_one_names_the_rooms_last_event() {
    let (world, mut ports, locked) = asked().await;
    let turn = locked.room.game.turn_number;
    tell_nobody(&mut ports);
    for (answer, stale) in [((2, turn + 1), true), ((3, turn), false)] {
        let (mut tx, found) = (MockTx::new(), locked.clone());
        tx.expect_lock_game().times(1).return_once(move |_| Ok(found));
        world.lend(tx);
        let refused = runs::answer_runs(&ports, ANNA, None, locked.room.game.id, answer).await;
        let names_it = matches!(refused, Err(CommandError::StaleTurn { seq }) if seq == locked.seq);
        assert_eq!(names_it, stale, "{refused:?}");
        assert!(refused.is_err());
    }
}

/// What would have come, asked again, is answered without another event: nothing is saved, and nobody is told.
#[tokio::test]
async fn a_rabbit_that_was_told_is_answered_again_without_a_trace() {
    let (world, ports, locked) = playing().await;
    let game = locked.room.game.id;
    let (only_room, action_id, turn) = (None, None, None);
    act(&ports, Act { by: HOST, only_room, game, action: Action::Fold, action_id, turn }).await.unwrap();
    let hand = world.committed_room(locked.room.id).game.dealt.unwrap().id;
    let first = showing::hunt_rabbit(&ports, ANNA, None, game, hand).await.unwrap();
    let before = world.committed_room(locked.room.id);
    let again = showing::hunt_rabbit(&ports, ANNA, None, game, hand).await.unwrap();
    assert_eq!((again.value, again.seq), (first.value, first.seq));
    assert_eq!(world.committed_room(locked.room.id), before);
    let other = showing::show_cards(&ports, ANNA, None, game, (domain::ids::HandId(Uuid::nil()), Vec::new())).await;
    assert!(matches!(other, Err(CommandError::HandNotFound)), "{other:?}");
}
