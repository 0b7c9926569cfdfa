//! A room's whole life: what is saved is what is read.

use domain::hand::{Action, ActionKind};
use domain::ids::{SeatIndex, UserId};
use domain::member::{Member, MembershipStatus};
use domain::room::{Removal, Room, RoomError, RoomStatus, TakeSeat};
use domain::settings::{Settings, SettingsPatch};
use domain::time::{Millis, Timestamp};
use ports::store::{Journal, Rooms};

use crate::support::{ANNA, BEN, CARA, DAN, HOST, LIFETIMES, Play, Seeded, name};

fn seat(index: u8) -> TakeSeat {
    TakeSeat { seat: SeatIndex(index), name: None, buy_in: None }
}

async fn act(play: &mut Play, action: Action) {
    let (_, user) = play.actor().await.unwrap();
    play.must(|room, at, _| room.act(user, action, None, at, &LIFETIMES)).await;
}

async fn finish_hand(play: &mut Play) {
    while play.actor().await.is_some() {
        let legal = play.read().await.game.live().unwrap().hand.legal().unwrap();
        act(play, if legal.allows(ActionKind::Check) { Action::Check } else { Action::Call }).await;
    }
}

/// The chips in front of everybody are what the ledger says.
async fn assert_ledger(play: &Play) {
    let room = play.read().await;
    if room.game.live().is_some() {
        return;
    }
    for user in room.members.keys() {
        let chips = room.occupied_seat_of(*user).map_or(0, |seat| room.stack_of(seat).signed());
        let sum = play
            .number(&format!("SELECT coalesce(sum(delta), 0) FROM holdfast.chip_ledger WHERE user_id = '{user}'"))
            .await;
        assert_eq!(sum, chips, "{user}");
    }
    let hands = "SELECT count(*) FROM (SELECT FROM holdfast.chip_ledger WHERE kind = 'hand_result' \
                 GROUP BY hand_id HAVING sum(delta) <> 0) AS uneven";
    assert_eq!(play.number(hands).await, 0);
}

#[tokio::test]
async fn every_step_of_a_rooms_life_is_read_back_as_it_was_saved() {
    let mut play = Play::begin(1, Settings::default()).await;

    // People come, are let in, are refused and ask again.
    for (user, called) in [(ANNA, "Anna"), (BEN, "Ben"), (CARA, "Cara")] {
        play.must(|room, at, chance| Ok(room.join(user, name(called), at, &LIFETIMES, chance)?.1)).await;
    }
    play.must(|room, _, _| room.reject(HOST, CARA)).await;
    play.must(|room, at, chance| Ok(room.join(CARA, name("Cara again"), at, &LIFETIMES, chance)?.1)).await;
    for user in [ANNA, BEN, CARA] {
        play.must(|room, at, chance| room.approve(HOST, user, at, &LIFETIMES, chance)).await;
    }
    play.must(|room, at, chance| room.spectate(CARA, Some(name("Cara")), at, &LIFETIMES, chance)).await;
    assert_eq!(play.value("SELECT display_name FROM holdfast.room_spectators").await.as_deref(), Some("Cara"));
    play.must(|room, at, chance| room.take_seat(HOST, seat(0), at, &LIFETIMES, chance)).await;
    play.must(|room, at, chance| room.take_seat(ANNA, seat(8), at, &LIFETIMES, chance)).await;
    play.must(|room, at, chance| room.take_seat(CARA, seat(3), at, &LIFETIMES, chance)).await;
    assert_eq!(play.number("SELECT count(*) FROM holdfast.room_spectators").await, 0);
    assert_ledger(&play).await;

    // A hand with bets, raises and calls, while things wait for its end.
    play.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
    act(&mut play, Action::Raise(domain::chips::Chips::new(8))).await;
    act(&mut play, Action::Call).await;
    play.must(|room, at, _| Ok(room.top_up(ANNA, 50, at)?.1)).await;
    play.must(|room, at, _| Ok(room.adjust_chips(HOST, CARA, -7, Some("a \"penalty\" ✂".to_owned()), at)?.1)).await;
    act(&mut play, Action::Call).await;
    act(&mut play, Action::Bet(domain::chips::Chips::new(10))).await;
    play.must(|room, at, _| room.pause(HOST, at)).await;
    play.must(|room, at, _| room.resume(HOST, at, &LIFETIMES)).await;
    act(&mut play, Action::AllIn).await;
    // In turn and out of turn, somebody goes.
    let (_, actor) = play.actor().await.unwrap();
    play.must(|room, at, chance| room.stand_up(actor, at, &LIFETIMES, chance)).await;
    finish_hand(&mut play).await;
    assert_ledger(&play).await;

    // The clock deals and decides.
    play.must(|room, at, chance| room.take_seat(BEN, seat(5), at, &LIFETIMES, chance)).await;
    play.must(|room, at, chance| Ok(room.tick(at + Millis::from_secs(60), &LIFETIMES, chance))).await;
    play.must(|room, at, chance| Ok(room.tick(at + Millis::from_secs(3600), &LIFETIMES, chance))).await;
    if let Some((_, user)) = play.actor().await {
        let other =
            play.read().await.game.live().unwrap().players.values().copied().find(|other| *other != user).unwrap();
        play.must(|room, at, _| room.leave(other, at, &LIFETIMES)).await;
    }
    finish_hand(&mut play).await;

    // Silence, return, a smaller table, a new host, a ban.
    play.must(|room, at, _| Ok(room.sweep(at + Millis::from_secs(400), &LIFETIMES))).await;
    play.must(|room, at, _| Ok(room.seen(BEN, at + Millis::from_secs(401)))).await;
    play.must(|room, at, _| Ok(room.sweep(at + Millis::from_secs(2000), &LIFETIMES))).await;
    let patch = SettingsPatch { seats: Some(4), between_hands_secs: Some(0.25), ante: Some(1), ..Default::default() };
    play.must(|room, at, _| room.change_settings(host(room), &patch, at)).await;
    assert_eq!(play.number("SELECT count(*) FROM holdfast.room_seats").await, 4);
    let patch = SettingsPatch { seats: Some(10), ..Default::default() };
    play.must(|room, at, _| room.change_settings(host(room), &patch, at)).await;
    assert_eq!(play.number("SELECT count(*) FROM holdfast.room_seats").await, 10);
    play.must(|room, at, chance| Ok(room.join(DAN, name("Dan"), at, &LIFETIMES, chance)?.1)).await;
    play.must(|room, at, _| room.kick(host(room), DAN, Removal::Ban, at, &LIFETIMES)).await;
    assert_eq!(play.read().await.members[&DAN].status, MembershipStatus::Banned);

    // The end.
    play.must(|room, at, _| room.end(host(room), at, &LIFETIMES)).await;
    finish_hand(&mut play).await;
    let room = play.read().await;
    assert_eq!(room.status, RoomStatus::Closed);
    assert_ledger(&play).await;
    assert_eq!(play.number("SELECT count(*) FROM holdfast.games WHERE started_at < ended_at").await, 1);
    assert_eq!(play.number("SELECT count(*) FROM holdfast.game_states WHERE wake_at IS NOT NULL").await, 0);

    let page = play.store.events_after(play.room, 0, 10_000).await.unwrap();
    assert_eq!(page.events, play.log);
    let hands = play.store.hands_before(play.room, None, None, 10).await.unwrap();
    assert_eq!(hands.iter().map(|hand| hand.number).collect::<Vec<_>>(), [2, 1]);
}

fn host(room: &Room) -> UserId {
    room.host
}

/// One command that somebody might give at any time.
fn random(room: &mut Room, at: Timestamp, chance: &mut Seeded) -> Result<Vec<domain::event::Event>, RoomError> {
    let users = [HOST, ANNA, BEN, CARA, DAN];
    let user = users[chance.below(5) as usize];
    let other = users[chance.below(5) as usize];
    let later = at + Millis(chance.below(120_000) as i64);
    let actor = room.game.live().and_then(|dealt| Some(dealt.players[&dealt.hand.actor()?]));
    match chance.below(90) {
        0..=2 => Ok(room.join(user, name("Somebody"), at, &LIFETIMES, chance)?.1),
        3..=5 => {
            let pending = |(_, member): &(&UserId, &Member)| matches!(member.status, MembershipStatus::Pending { .. });
            let asks = room.members.iter().find(pending).map(|(user, _)| *user);
            room.approve(room.host, asks.unwrap_or(other), at, &LIFETIMES, chance)
        }
        6 => room.spectate(user, Some(name("Watcher")), at, &LIFETIMES, chance),
        7 => room.stop_spectating(user, at, &LIFETIMES, chance),
        8..=14 => room.take_seat(user, seat(chance.below(9) as u8), at, &LIFETIMES, chance),
        15 => room.stand_up(user, at, &LIFETIMES, chance),
        16 => room.sit_out(user, at),
        17..=20 => room.sit_in(user, at),
        21..=23 => Ok(room.top_up(user, chance.below(100) as i64, at)?.1),
        24..=26 => Ok(room.adjust_chips(room.host, user, chance.below(100) as i64 - 50, Some("because".into()), at)?.1),
        27 => room.leave(user, at, &LIFETIMES),
        28 => room.kick(room.host, user, Removal::Kick, at, &LIFETIMES),
        29 => room.pause(room.host, at),
        30..=33 => room.resume(room.host, at, &LIFETIMES),
        34..=37 => room.start(room.host, at, &LIFETIMES, chance),
        38 => Ok(room.sweep(at + Millis(chance.below(400_000) as i64), &LIFETIMES)),
        39..=41 => Ok(room.seen(user, at)),
        42 => room.hand_over(room.host, user),
        43 => {
            let (seats, ante) = (Some(chance.below(12) as i64), Some(chance.below(3) as i64));
            room.change_settings(room.host, &SettingsPatch { seats, ante, ..Default::default() }, at)
        }
        44..=47 => Ok(room.tick(later, &LIFETIMES, chance)),
        _ => {
            let Some(actor) = actor else { return Ok(room.tick(at + Millis::from_secs(40), &LIFETIMES, chance)) };
            let legal = room.game.live().and_then(|dealt| dealt.hand.legal()).unwrap();
            let action = match legal.actions[chance.below(legal.actions.len() as u64) as usize] {
                ActionKind::Fold => Action::Fold,
                ActionKind::Check => Action::Check,
                ActionKind::Call => Action::Call,
                ActionKind::Bet => Action::Bet(legal.min_raise_to.unwrap()),
                ActionKind::Raise => Action::Raise(legal.min_raise_to.unwrap()),
                ActionKind::AllIn => Action::AllIn,
            };
            room.act(actor, action, None, at, &LIFETIMES)
        }
    }
}

#[tokio::test]
async fn whatever_people_do_in_whatever_order_is_read_back_as_it_was_saved() {
    let mut play = Play::begin(7, Settings::default()).await;
    play.seat(&[HOST, ANNA, BEN]).await;
    let mut dice = Seeded(99);
    let mut refused = 0;
    for _ in 0..400 {
        let done = play.may(|room, at, _| random(room, at, &mut dice)).await;
        refused += u32::from(done.is_err());
    }
    assert_ledger(&play).await;
    assert!(refused < 300, "{refused} of 400 commands were refused");
    let hands = play.store.hands_before(play.room, None, None, 1000).await.unwrap();
    assert!(hands.len() > 3, "only {} hands", hands.len());

    let mut read = Vec::new();
    loop {
        let page = play.store.events_after(play.room, read.len() as u64, 7).await.unwrap();
        assert_eq!(page.seq, play.log.len() as u64);
        if page.events.is_empty() {
            break;
        }
        read.extend(page.events);
    }
    assert_eq!(read, play.log);

    // Past hands are told as the events told them.
    for past in hands {
        let hand = play.store.read_hand(past.id).await.unwrap();
        let mine: Vec<_> = play.log.iter().filter(|event| event.event.what.hand() == Some(past.id)).cloned().collect();
        assert_eq!(hand.events, mine);
        assert_eq!(
            (hand.number, hand.started_at, hand.completed_at),
            (past.number, past.started_at, Some(past.completed_at))
        );
        let Some(domain::event::Happened::HandCompleted(done)) = mine.last().map(|event| &event.event.what) else {
            panic!("a finished hand ends with its end");
        };
        assert_eq!((&past.winners, &hand.boards), (&done.winners, &done.boards));
        assert_eq!(past.pot, done.winners.iter().map(|winner| winner.amount).sum());
        assert_eq!(hand.players.len(), done.stacks.len());
    }
}

#[tokio::test]
async fn the_last_actions_come_with_a_room_the_oldest_first() {
    let mut play = Play::in_hand(3, &[HOST, ANNA, BEN]).await;
    act(&mut play, Action::Call).await;
    act(&mut play, Action::Call).await;
    act(&mut play, Action::Check).await;
    let recent = play.store.read_room(play.room).await.unwrap().recent;
    let kinds: Vec<_> = recent.iter().map(|action| action.kind).collect();
    assert_eq!(kinds, [ActionKind::Call, ActionKind::Call, ActionKind::Check]);
    assert!(recent.is_sorted_by_key(|action| action.seq));
}

#[tokio::test]
async fn a_room_is_found_by_its_code_and_by_its_members() {
    let mut play = Play::seated(4, &[HOST, ANNA]).await;
    let code = play.read().await.code;
    assert_eq!(play.store.find_room_by_code(&code).await.unwrap(), Some(play.room));
    assert_eq!(play.store.find_room_by_code("NOWHERE1").await.unwrap(), None);
    assert_eq!(play.store.rooms_of(ANNA, 10).await.unwrap(), [play.room]);
    play.must(|room, at, _| room.leave(ANNA, at, &LIFETIMES)).await;
    assert_eq!(play.store.rooms_of(ANNA, 10).await.unwrap(), []);
    let second = crate::support::new_room(&play.store, &mut play.chance, Settings::default(), Some("a hash")).await;
    assert_eq!(play.store.rooms_of(HOST, 10).await.unwrap(), [second.id, play.room], "the latest first");
    assert_eq!(play.store.rooms_of(HOST, 1).await.unwrap(), [second.id]);
    assert_eq!(play.store.room_password(second.id).await.unwrap().as_deref(), Some("a hash"));
    assert_eq!(play.store.room_password(play.room).await.unwrap(), None);
}
