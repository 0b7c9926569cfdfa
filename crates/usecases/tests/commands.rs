//! Commands over doubles of every port.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use audit::{Foreign, audit_room};
use domain::event::Happened;
use domain::hand::Action;
use domain::ids::{RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::room::{Lifetimes, RoomError, TakeSeat};
use domain::settings::{Settings, SettingsPatch};
use domain::time::Millis;
use ports::Ports;
use ports::broadcaster::MockBroadcaster;
use ports::store::{Sign, StoreError};
use ports::testing::{Fault, World};
use usecases::act::{Act, act};
use usecases::membership::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use usecases::timers::Clock;
use usecases::{CommandError, connect, host, identity, query, seats, timers};
use uuid::Uuid;

const HOST: UserId = UserId(Uuid::from_u128(1));
const ANNA: UserId = UserId(Uuid::from_u128(2));

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

async fn room_of(ports: &Ports, password: Option<&str>, settings: SettingsPatch) -> RoomId {
    let cmd = CreateRoom { password: password.map(str::to_owned), settings, ..new_room(HOST) };
    create_room(ports, cmd).await.unwrap().id
}

fn new_room(by: UserId) -> CreateRoom {
    CreateRoom { by, display_name: name("Host"), name: None, password: None, settings: SettingsPatch::default() }
}

fn join(room: RoomId, password: Option<&str>) -> Join {
    Join { by: ANNA, room, name: name("Anna"), password: password.map(str::to_owned) }
}

/// Host in seat 0, Anna in seat 1, a hand being played, Host to act.
async fn playing(ports: &Ports) -> RoomId {
    let room = room_of(ports, None, SettingsPatch { auto_approve: Some(true), ..Default::default() }).await;
    membership::join(ports, join(room, None)).await.unwrap();
    for (seat, user) in [(0, HOST), (1, ANNA)] {
        let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in: None };
        seats::take_seat(ports, user, room, ask).await.unwrap();
    }
    host::start(ports, HOST, room).await.unwrap();
    room
}

fn action(world: &World, room: RoomId, by: UserId, action: Action, action_id: Option<u128>) -> Act {
    let game = world.committed_room(room).game.id;
    Act { by, only_room: None, game, action, action_id: action_id.map(Uuid::from_u128), turn: None }
}

#[tokio::test]
async fn what_was_committed_is_published_and_nothing_else() {
    let world = World::new(1);
    let ports = world.ports();
    let room = playing(&ports).await;
    let refused = seats::take_seat(&ports, HOST, room, TakeSeat { seat: SeatIndex(1), name: None, buy_in: None }).await;
    assert!(matches!(refused, Err(CommandError::Room(RoomError::AlreadySeated))));
    assert_eq!(world.published(), world.committed_events(room));
    let seqs: Vec<u64> = world.published().iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "dense from 1");
}

/// An event of a later version: the room goes on, and its audit says what it didn't judge.
#[tokio::test]
async fn a_room_goes_on_after_an_event_of_a_later_version_and_audits_clean() {
    let world = World::new(7);
    let ports = world.ports();
    let room = playing(&ports).await;
    let report = audit_room(&world, room, &Lifetimes::default(), false).await.unwrap();
    assert_eq!((report.foreign, report.difference), (None, None));
    let first = world.commit_foreign(room, "chat_said");
    act(&ports, action(&world, room, HOST, Action::Call, None)).await.unwrap();
    world.commit_foreign(room, "insurance_bought");
    act(&ports, action(&world, room, ANNA, Action::Check, None)).await.unwrap();
    let report = audit_room(&world, room, &Lifetimes::default(), false).await.unwrap();
    assert_eq!(report.foreign, Some(Foreign { count: 2, first, name: "chat_said".to_owned() }));
    assert_eq!((report.events, report.difference), (world.committed_events(room).len() as u64, None));
    let seqs: Vec<u64> = world.committed_events(room).iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=report.events).collect::<Vec<_>>());
}

/// What a later version wrote, only a later version writes.
#[tokio::test]
async fn an_event_of_a_later_version_is_never_saved() {
    let world = World::new(8);
    let ports = world.ports();
    let id = playing(&ports).await;
    let before = (world.committed_room(id), world.committed_events(id));
    let mut tx = ports.store.begin().await.unwrap();
    let locked = tx.lock_room(id).await.unwrap();
    let foreign = Happened::Foreign { kind: "chat_said".to_owned() };
    let refused = tx.save_room(&locked.room, vec![foreign.into()]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt("event"))));
    drop(tx);
    assert_eq!((world.committed_room(id), world.committed_events(id)), before);
}

/// P4: nothing is shown that isn't committed.
#[tokio::test]
async fn a_commit_that_fails_is_never_published() {
    let world = World::new(2);
    let ports = world.ports();
    let room = playing(&ports).await;
    for (fault, expect_done) in [(Fault::NotDone, false), (Fault::DoneInSilence, true)] {
        let (published, committed) = (world.published().len(), world.committed_events(room).len());
        world.break_commit(fault);
        let refused = host::pause(&ports, HOST, room).await;
        assert!(matches!(
            refused,
            Err(CommandError::Store(StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_)))
        ));
        assert_eq!(world.published().len(), published);
        assert_eq!(world.committed_events(room).len() > committed, expect_done);
    }
}

#[tokio::test]
async fn the_broadcaster_is_called_once_with_all_events_of_a_command() {
    let world = World::new(3);
    let mut ports = world.ports();
    let room = playing(&ports).await;
    let mut broadcaster = MockBroadcaster::new();
    let whole_hand = |_: &RoomId, events: &[domain::event::Committed]| events.len() == 3;
    broadcaster.expect_publish().withf(whole_hand).times(1).return_const(());
    ports.broadcaster = std::sync::Arc::new(broadcaster);
    act(&ports, action(&world, room, HOST, Action::Fold, None)).await.unwrap();
}

/// T-R1: a repeated action gets the first answer and changes nothing.
#[tokio::test]
async fn the_same_action_id_again_gets_the_first_answer() {
    let world = World::new(4);
    let ports = world.ports();
    let room = playing(&ports).await;
    let first = act(&ports, action(&world, room, HOST, Action::Call, Some(7))).await.unwrap();
    let events = world.committed_events(room);
    assert_eq!(act(&ports, action(&world, room, HOST, Action::Call, Some(7))).await.unwrap(), first);
    assert_eq!(world.committed_events(room), events);
}

#[tokio::test]
async fn an_action_id_is_good_for_one_action_of_each_user() {
    let world = World::new(5);
    let ports = world.ports();
    let room = playing(&ports).await;
    act(&ports, action(&world, room, HOST, Action::Call, Some(7))).await.unwrap();
    let refused = act(&ports, action(&world, room, HOST, Action::Fold, Some(7))).await;
    assert!(matches!(refused, Err(CommandError::ActionIdReused)));
    act(&ports, action(&world, room, ANNA, Action::Check, Some(7))).await.unwrap();
}

/// N3: the answer was lost, the action was not; its repetition learns that.
#[tokio::test]
async fn an_action_whose_outcome_was_unknown_is_done_once() {
    let world = World::new(6);
    let ports = world.ports();
    let room = playing(&ports).await;
    world.break_commit(Fault::DoneInSilence);
    let unknown = act(&ports, action(&world, room, HOST, Action::Call, Some(9))).await;
    assert!(matches!(unknown, Err(CommandError::Store(StoreError::OutcomeUnknown(_)))));
    let events = world.committed_events(room);
    let seq = act(&ports, action(&world, room, HOST, Action::Call, Some(9))).await.unwrap();
    assert_eq!(seq, events.last().unwrap().seq);
    assert_eq!(world.committed_events(room), events);
}

#[tokio::test]
async fn a_stale_turn_names_the_rooms_last_event() {
    let world = World::new(7);
    let ports = world.ports();
    let room = playing(&ports).await;
    let late = Act { turn: Some(99), ..action(&world, room, HOST, Action::Call, None) };
    let seq = world.committed_events(room).last().unwrap().seq;
    assert!(matches!(act(&ports, late).await, Err(CommandError::StaleTurn { seq: named }) if named == seq));
}

#[tokio::test]
async fn a_rejoin_token_of_another_room_acts_nowhere_else() {
    let world = World::new(8);
    let ports = world.ports();
    let room = playing(&ports).await;
    let foreign = Act { only_room: Some(RoomId(Uuid::nil())), ..action(&world, room, HOST, Action::Call, None) };
    assert!(matches!(act(&ports, foreign).await, Err(CommandError::OtherRoom)));
}

#[tokio::test]
async fn a_rooms_password_is_asked_of_strangers_only() {
    let world = World::new(9);
    let ports = world.ports();
    let room = room_of(&ports, Some("sesame"), SettingsPatch::default()).await;
    for wrong in [None, Some("simsim")] {
        assert!(matches!(membership::join(&ports, join(room, wrong)).await, Err(CommandError::WrongPassword)));
    }
    membership::join(&ports, join(room, Some("sesame"))).await.unwrap();
    membership::join(&ports, join(room, None)).await.expect("who waits already is not asked again");
}

#[tokio::test]
async fn a_room_that_is_not_there_is_not_found() {
    let ports = World::new(10).ports();
    let nowhere = RoomId(Uuid::nil());
    assert!(matches!(membership::join(&ports, join(nowhere, None)).await, Err(CommandError::RoomNotFound)));
    assert!(matches!(host::start(&ports, HOST, nowhere).await, Err(CommandError::RoomNotFound)));
    assert!(matches!(query::hydrate(&ports, HOST, nowhere, None).await, Err(CommandError::RoomNotFound)));
}

/// T-R3: a timer fires once, however many call it.
#[tokio::test]
async fn a_deadline_fires_once() {
    let world = World::new(11);
    let ports = world.ports();
    let room = playing(&ports).await;
    timers::tick(&ports, room).await.unwrap();
    let before = world.committed_events(room).len();
    world.pass(Millis::from_secs(90));
    for _ in 0..3 {
        timers::tick(&ports, room).await.unwrap();
    }
    assert_eq!(world.committed_events(room).len(), before + 4, "fold, sitting out, pot, end of the hand");
}

/// A pulse, and after an outage a look at every room in which a clock runs. Returns whether there was one.
async fn pulse(ports: &Ports) -> Result<bool, CommandError> {
    let mut clock = Clock::default();
    let outage = clock.pulse(ports).await?;
    for room in ports.store.unforgiven_rooms(u32::MAX, &[]).await? {
        assert!(outage && timers::tick(ports, room).await?);
    }
    Ok(outage)
}

/// Time passes while a node serves.
async fn serve(world: &World, ports: &Ports, time: Millis) {
    for _ in 0..time.0 / 1_000 {
        world.pass(Millis::from_secs(1));
        assert!(!pulse(ports).await.unwrap());
    }
}

/// P7: our outage is never your timeout.
#[tokio::test]
async fn an_outage_gives_the_actor_time_and_is_nobodys_silence() {
    let world = World::new(12);
    let ports = world.ports();
    let room = playing(&ports).await;
    assert!(!pulse(&ports).await.unwrap());
    world.pass(Millis::from_secs(3600));
    assert!(pulse(&ports).await.unwrap());
    assert!(!pulse(&ports).await.unwrap(), "it is forgiven once");
    let before = world.committed_events(room).len();
    assert!(timers::tick(&ports, room).await.unwrap());
    assert!(timers::sweep(&ports, room).await.unwrap());
    serve(&world, &ports, Millis(14_000)).await;
    assert!(timers::tick(&ports, room).await.unwrap());
    assert_eq!(world.committed_events(room).len(), before);
}

/// P1, C2: a node that wakes up, or a clock that is set, finds the clock's work due before the pulse finds the outage.
#[tokio::test]
async fn no_clock_decides_before_an_outage_is_forgiven() {
    for leap in [Millis::from_secs(3600), Millis(2_001)] {
        let world = World::new(15);
        let ports = world.ports();
        let room = playing(&ports).await;
        assert!(!pulse(&ports).await.unwrap());
        serve(&world, &ports, Millis::from_secs(88)).await;
        let before = world.committed_events(room).len();
        world.pass(leap);
        assert!(!timers::tick(&ports, room).await.unwrap());
        assert!(!timers::sweep(&ports, room).await.unwrap());
        assert!(pulse(&ports).await.unwrap());
        assert!(timers::tick(&ports, room).await.unwrap());
        assert!(timers::sweep(&ports, room).await.unwrap());
        assert_eq!(world.committed_events(room).len(), before, "nobody is late, and nobody silent");
        world.put_clock_back(leap);
        assert!(!timers::tick(&ports, room).await.unwrap());
    }
}

/// C2: whatever was planned for a time that is ten minutes away now comes when it would have come.
#[tokio::test]
async fn a_clock_that_is_put_back_stops_no_room() {
    const BACK: Millis = Millis::from_secs(600);
    let world = World::new(14);
    let ports = world.ports();
    let room = playing(&ports).await;
    assert!(!pulse(&ports).await.unwrap());

    world.put_clock_back(BACK);
    assert!(pulse(&ports).await.unwrap());
    assert!(!pulse(&ports).await.unwrap(), "it is put right once");
    // Both are there, and wait: who is away would be sat out.
    for _ in 0..3 {
        for user in [HOST, ANNA] {
            connect::heartbeat(&ports, user, room, Sign::Line).await.unwrap();
        }
        serve(&world, &ports, Millis::from_secs(30)).await;
        timers::tick(&ports, room).await.unwrap();
    }
    assert!(world.committed_room(room).game.live().is_none(), "the actor's time is up, and the other one has won");

    let hands = world.committed_room(room).game.hand_number;
    world.put_clock_back(BACK);
    assert!(pulse(&ports).await.unwrap());
    serve(&world, &ports, Settings::default().between_hands).await;
    timers::tick(&ports, room).await.unwrap();
    assert_eq!(world.committed_room(room).game.hand_number, hands + 1);
}

#[tokio::test]
async fn a_guest_who_makes_an_account_stays_who_they_are() {
    let ports = World::new(13).ports();
    let guest = identity::guest(&ports, name("Gina")).await.unwrap().user;
    let account = identity::register(&ports, Some(guest.id), name("Gina"), "G@x.org", "password").await.unwrap().user;
    assert_eq!((account.id, account.guest), (guest.id, false));
    assert_eq!(identity::log_in(&ports, "g@X.org", "password").await.unwrap().user.id, guest.id);
    assert!(matches!(identity::log_in(&ports, "g@x.org", "wrong").await, Err(CommandError::WrongCredentials)));
    let again = identity::register(&ports, None, name("Other"), "g@x.org", "password").await;
    assert!(matches!(again, Err(CommandError::EmailTaken)));
}

/// T-F7.
#[tokio::test]
async fn one_user_has_ten_open_rooms_and_twenty_open_requests_at_most() {
    let world = World::new(9);
    let ports = world.ports();
    let mut rooms = Vec::new();
    for _ in 0..10 {
        rooms.push(create_room(&ports, new_room(HOST)).await.unwrap().id);
    }
    let refused = create_room(&ports, new_room(HOST)).await;
    assert!(matches!(refused, Err(CommandError::TooManyRooms { most: 10 })));
    host::end(&ports, HOST, rooms[0]).await.unwrap();
    create_room(&ports, new_room(HOST)).await.unwrap();

    let mut others = Vec::new();
    for number in 0..21 {
        let other = UserId(Uuid::from_u128(1000 + number));
        others.push(create_room(&ports, new_room(other)).await.unwrap().id);
    }
    for room in &others[..20] {
        membership::join(&ports, join(*room, None)).await.unwrap();
    }
    let refused = membership::join(&ports, join(others[20], None)).await;
    assert!(matches!(refused, Err(CommandError::TooManyRequests { most: 20 })));
    assert!(!world.committed_room(others[20]).members.contains_key(&ANNA));
    membership::join(&ports, join(others[0], None)).await.expect("asking again is no new request");
    membership::leave(&ports, ANNA, others[0]).await.unwrap();
    membership::join(&ports, join(others[20], None)).await.expect("one was withdrawn");
}
