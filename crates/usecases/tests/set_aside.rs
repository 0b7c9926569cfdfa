//! One room never harms another, and an outage is nobody's timeout, on every path.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::time::Duration;

use domain::game::Clock as TurnClock;
use domain::hand::Action;
use domain::ids::{RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::room::{RoomError, TakeSeat};
use domain::settings::SettingsPatch;
use domain::time::Millis;
use ports::Ports;
use ports::set_aside::Place;
use ports::testing::{Damage, World};
use usecases::act::{Act, act};
use usecases::apart::Outcome;
use usecases::membership::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use usecases::timers::{self, Clock};
use usecases::{CommandError, host, query, seats};
use uuid::Uuid;

const HOST: UserId = UserId(Uuid::from_u128(1));
const ANNA: UserId = UserId(Uuid::from_u128(2));
/// Normal time and time bank of a turn.
const TURN: Millis = Millis::from_secs(30 + 60);

/// Host and Anna at a table of their own, a hand being played, Host to act.
async fn playing(ports: &Ports) -> RoomId {
    let settings = SettingsPatch { auto_approve: Some(true), ..SettingsPatch::default() };
    let name = |text| Name::new(text).unwrap();
    let new = CreateRoom { by: HOST, display_name: name("Host"), name: None, password: None, settings };
    let room = create_room(ports, new).await.unwrap().id;
    let join = Join { by: ANNA, room, name: name("Anna"), password: None };
    membership::join(ports, join).await.unwrap();
    for (seat, user) in [(0, HOST), (1, ANNA)] {
        let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in: None };
        seats::take_seat(ports, user, room, ask).await.unwrap();
    }
    host::start(ports, HOST, room).await.unwrap();
    room
}

fn call(world: &World, room: RoomId) -> Act {
    let game = world.committed_room(room).game;
    let action_id = Some(Uuid::from_u128(7));
    Act { by: HOST, only_room: None, game: game.id, action: Action::Call, action_id, turn: Some(game.turn_number) }
}

/// A pulse and a look, and all that was found is served. Returns what became of each room.
async fn round(ports: &Ports, clock: &mut Clock, limit: u32) -> Vec<(RoomId, Outcome<bool>)> {
    clock.pulse(ports).await.unwrap();
    let found = clock.look(ports, &[], (2, limit)).await.unwrap();
    let mut outcomes = Vec::new();
    for room in found.again.into_iter().chain(found.due.rooms) {
        outcomes.push((room, timers::tick_apart(ports, room).await));
    }
    outcomes
}

/// Time passes, and the node serves.
async fn serve(world: &World, ports: &Ports, clock: &mut Clock, time: Millis) {
    for _ in 0..time.0 / 1000 {
        world.pass(Millis::from_secs(1));
        clock.pulse(ports).await.unwrap();
    }
}

fn is_decided(world: &World, room: RoomId) -> bool {
    world.committed_room(room).game.live().is_none()
}

#[tokio::test]
async fn after_an_outage_a_room_that_cannot_be_read_stops_no_other() {
    for damage in [Damage::Corrupt, Damage::Panics, Damage::Stuck] {
        let world = World::new(1);
        let ports = world.ports();
        let (damaged, good) = (playing(&ports).await, playing(&ports).await);
        let mut clock = Clock::default();
        round(&ports, &mut clock, 200).await;
        world.damage(damaged, damage);
        world.pass(Millis::from_secs(100));

        let outcomes = round(&ports, &mut clock, 200).await;
        let aside = outcomes.iter().find(|(room, _)| *room == damaged).unwrap();
        assert!(matches!(aside.1, Outcome::SetAside { verdict, .. } if verdict.says), "{damage:?}: {aside:?}");
        assert_eq!(ports.set_aside.figures(std::time::Instant::now()).rooms, 1);
        assert!(!clock.pulse(&ports).await.unwrap(), "the outage is over");
        let now = world.committed_room(good).game.turn.unwrap();
        assert!(!now.is_past_deadline(ports.store.now().await.unwrap()), "the good room was forgiven");

        // A new room plays, and the good one's clock decides.
        let new = playing(&ports).await;
        serve(&world, &ports, &mut clock, TURN).await;
        round(&ports, &mut clock, 200).await;
        round(&ports, &mut clock, 200).await;
        assert!(is_decided(&world, good) && is_decided(&world, new), "{damage:?}");
        assert!(!is_decided(&world, damaged));
    }
}

#[tokio::test]
async fn damaged_rooms_that_are_due_never_hide_a_healthy_one() {
    let world = World::new(2);
    let ports = Ports { quotas: ports::Quotas::NONE, ..world.ports() };
    let mut clock = Clock::default();
    let mut damaged = Vec::new();
    for _ in 0..12 {
        damaged.push(playing(&ports).await);
    }
    let good = playing(&ports).await;
    for room in &damaged {
        world.damage(*room, Damage::Corrupt);
    }
    serve(&world, &ports, &mut clock, TURN).await;
    // A batch of five: the damaged ones come first, and don't come back.
    for _ in 0..4 {
        round(&ports, &mut clock, 5).await;
    }
    assert!(is_decided(&world, good));
    let aside = ports.set_aside.rooms(Place::Clock);
    assert_eq!(aside.len(), damaged.len());
}

#[tokio::test]
async fn a_database_that_is_away_is_no_rooms_fault() {
    let world = World::new(3);
    let ports = world.ports();
    let room = playing(&ports).await;
    world.set_away(true);
    world.damage(room, Damage::Stuck);
    assert!(matches!(timers::tick_apart(&ports, room).await, Outcome::Away(_)));
    assert_eq!(ports.set_aside.figures(std::time::Instant::now()).rooms, 0);
    world.set_away(false);
    assert!(matches!(timers::tick_apart(&ports, room).await, Outcome::SetAside { .. }), "the others can be served");
}

/// A restart forgets which rooms were set aside, and not that they are to be forgiven.
#[tokio::test]
async fn a_room_that_is_mended_is_forgiven_before_its_clock_decides() {
    let world = World::new(4);
    let ports = world.ports();
    let room = playing(&ports).await;
    let mut clock = Clock::default();
    round(&ports, &mut clock, 200).await;
    world.damage(room, Damage::Corrupt);
    world.pass(TURN);
    round(&ports, &mut clock, 200).await;
    serve(&world, &ports, &mut clock, Millis::from_secs(600)).await;

    let (ports, mut clock) = (world.ports(), Clock::default());
    world.mend(room);
    let outcomes = round(&ports, &mut clock, 200).await;
    assert!(matches!(outcomes.as_slice(), [(_, Outcome::Served { value: true, .. })]), "{outcomes:?}");
    let turn = world.committed_room(room).game.turn.unwrap();
    let TurnClock::Running { deadline, .. } = turn.clock else { unreachable!("it runs") };
    let now = ports.store.now().await.unwrap();
    assert_eq!(deadline - now, Millis::from_secs(30), "what was left when the outage began");
    assert_eq!(round(&ports, &mut clock, 200).await.len(), 0, "it is forgiven once");
    act(&ports, call(&world, room)).await.unwrap();
}

#[tokio::test]
async fn a_room_that_is_set_aside_is_tried_again_by_itself() {
    let world = World::new(5);
    let ports = world.ports();
    let room = playing(&ports).await;
    let mut clock = Clock::default();
    world.damage(room, Damage::Corrupt);
    serve(&world, &ports, &mut clock, TURN).await;
    assert!(matches!(round(&ports, &mut clock, 200).await.as_slice(), [(_, Outcome::SetAside { .. })]));
    assert!(round(&ports, &mut clock, 200).await.is_empty(), "not at once");
    world.mend(room);
    let healed = async {
        loop {
            match round(&ports, &mut clock, 200).await.pop() {
                Some((_, Outcome::Served { after: Some(_), .. })) => return,
                Some(other) => unreachable!("{other:?}"),
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), healed).await.unwrap();
    assert_eq!(ports.set_aside.figures(std::time::Instant::now()).rooms, 0);
    assert!(is_decided(&world, room));
}

#[tokio::test]
async fn a_list_of_rooms_leaves_out_the_one_that_cannot_be_read() {
    let world = World::new(6);
    let ports = world.ports();
    let (damaged, good) = (playing(&ports).await, playing(&ports).await);
    for damage in [Damage::Corrupt, Damage::Panics] {
        world.damage(damaged, damage);
        let (rooms, unreadable) = query::rooms_of(&ports, HOST).await.unwrap();
        assert_eq!(rooms.iter().map(|found| found.room.id).collect::<Vec<_>>(), [good]);
        assert!(unreadable.iter().all(|(room, _)| *room == damaged));
    }
}

/// Each way in which a call may be the first to come after an outage.
#[tokio::test]
async fn an_action_right_after_an_outage_is_not_too_late() {
    for ended in [false, true] {
        for away in [TURN, Millis::from_secs(600)] {
            let world = World::new(7);
            let ports = world.ports();
            let room = playing(&ports).await;
            let mut clock = Clock::default();
            clock.pulse(&ports).await.unwrap();
            let cmd = call(&world, room);
            world.pass(away);
            if ended {
                clock.pulse(&ports).await.unwrap();
            }
            let seq = act(&ports, cmd.clone()).await.unwrap();
            assert_eq!(act(&ports, cmd).await.unwrap(), seq, "the same id again gets the first answer");
            let room = world.committed_room(room);
            assert_eq!(room.game.turn.unwrap().actor(), Some(SeatIndex(1)));
            assert_eq!(room.seats[0].occupant().unwrap().timebank, Millis::from_secs(60), "the bank is as it was");
        }
    }
}

#[tokio::test]
async fn an_outage_is_charged_to_nobodys_time_bank() {
    let world = World::new(8);
    let ports = world.ports();
    let room = playing(&ports).await;
    Clock::default().pulse(&ports).await.unwrap();
    // The normal time ends in the outage: on the remembered room alone, 20 s of the bank would be gone.
    world.pass(Millis::from_secs(50));
    act(&ports, call(&world, room)).await.unwrap();
    let room = world.committed_room(room);
    assert_eq!(room.seats[0].occupant().unwrap().timebank, Millis::from_secs(60));
}

#[tokio::test]
async fn a_pause_right_after_an_outage_keeps_what_the_actor_had() {
    let world = World::new(9);
    let ports = world.ports();
    let room = playing(&ports).await;
    Clock::default().pulse(&ports).await.unwrap();
    world.pass(Millis::from_secs(600));
    host::pause(&ports, HOST, room).await.unwrap();
    let turn = world.committed_room(room).game.turn.unwrap();
    assert_eq!(turn.clock, TurnClock::Frozen { time: TURN - Millis::from_secs(60), bank: Millis::from_secs(60) });
}

#[tokio::test]
async fn a_turn_that_is_over_without_an_outage_is_over() {
    let world = World::new(10);
    let ports = world.ports();
    let room = playing(&ports).await;
    let mut clock = Clock::default();
    clock.pulse(&ports).await.unwrap();
    world.pass(Millis::from_secs(600));
    clock.pulse(&ports).await.unwrap();
    round(&ports, &mut clock, 200).await;
    serve(&world, &ports, &mut clock, TURN).await;
    let refused = act(&ports, call(&world, room)).await;
    assert!(
        matches!(refused, Err(CommandError::StaleTurn { .. } | CommandError::Room(RoomError::StaleTurn))),
        "{refused:?}"
    );
}
