//! Nobody who is gone stops a table.

use super::*;
use crate::game::{Clock, Turn, Unserved};

fn acted(user: UserId, kind: ActionKind) -> impl Fn(&Happened) -> bool {
    move |what| matches!(what, Happened::Acted(acted) if acted.auto && acted.user == user && acted.kind == kind)
}

fn sat_out(user: UserId) -> impl Fn(&Happened) -> bool {
    move |what| matches!(what, Happened::SatOut { user: out, .. } if *out == user)
}

impl Table {
    /// A hand without a clock.
    fn without_clock(others: &[UserId]) -> Self {
        let mut table = Self::new(SettingsPatch {
            action_timeout_secs: Some(0),
            auto_approve: Some(true),
            ..SettingsPatch::default()
        });
        for user in others {
            table.join(*user);
        }
        for (seat, user) in (0..).zip(std::iter::once(&HOST).chain(others)) {
            table.sit(*user, seat).unwrap();
        }
        table.start().unwrap();
        table
    }

    fn goes_away(&mut self, user: UserId) {
        self.away.insert(user);
        self.pass(0);
    }

    fn comes_back(&mut self, user: UserId) {
        self.away.remove(&user);
        self.pass(0);
    }

    /// Looks when the clock is to look, up to this instant.
    fn tick_until(&mut self, until: Timestamp) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(due) = self.room.game.wake_at().filter(|due| *due <= until) {
            let (now, wait) = (self.now, due - self.now);
            self.pass(0);
            self.now = now + wait;
            let away = self.away.clone();
            for (user, member) in self.room.members.iter_mut() {
                if !away.contains(user) {
                    member.last_seen = self.now;
                }
            }
            let before = self.room.clone();
            events.extend(self.room.tick(self.now, &self.lifetimes, &mut self.chance));
            assert_ne!(self.room, before, "a look that is due does something, or puts the next one off");
        }
        self.pass(u32::try_from((until - self.now).0 / 1000).unwrap());
        events
    }

    fn tick_for(&mut self, secs: u32) -> Vec<Event> {
        self.tick_until(self.now + Millis::from_secs(secs))
    }
}

#[test]
fn who_is_away_when_the_normal_time_ends_gets_no_time_bank_and_sits_out() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(HOST);
    assert_eq!(table.tick_after(29), []);
    let events = table.tick_after(1);
    assert!(has(&events, acted(HOST, ActionKind::Fold)) && has(&events, sat_out(HOST)), "{events:?}");
    let bank = table.room.seats[0].occupant().unwrap().timebank;
    assert_eq!(bank, Millis::from_secs(60), "what wasn't given isn't used");
}

#[test]
fn who_is_late_to_be_asked_for_loses_nothing_of_the_time_bank() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(HOST);
    let events = table.tick_after(33);
    assert!(has(&events, acted(HOST, ActionKind::Fold)));
    assert_eq!(table.room.seats[0].occupant().unwrap().timebank, Millis::from_secs(60));
}

#[test]
fn a_call_within_15_seconds_is_being_there() {
    for (before_the_end, there) in [(14, true), (15, false)] {
        let mut table = Table::playing(&[ANNA, BEN]);
        table.goes_away(HOST);
        table.pass(30 - before_the_end);
        let now = table.now;
        assert_eq!(table.room.seen(HOST, now), []);
        assert_eq!(table.tick_after(before_the_end).is_empty(), there, "{before_the_end} s before");
    }
}

#[test]
fn a_line_of_a_node_that_died_counts_for_90_seconds() {
    for (silence, there) in [(89, true), (90, false)] {
        let mut table = Table::playing(&[ANNA, BEN]);
        // Nobody says that it went down.
        table.room.members.get_mut(&HOST).unwrap().last_seen = Timestamp(START.0 + 30_000 - silence * 1000);
        table.room.members.get_mut(&HOST).unwrap().online = true;
        table.now = START + Millis::from_secs(30);
        let events = table.room.tick(table.now, &table.lifetimes, &mut table.chance);
        assert_eq!(events.is_empty(), there, "silent for {silence} s");
    }
}

#[test]
fn who_got_the_time_bank_keeps_it_when_they_go() {
    let mut table = Table::playing(&[ANNA, BEN]);
    assert_eq!(table.tick_after(30), []);
    table.goes_away(HOST);
    assert_eq!(table.tick_after(59), []);
    let events = table.tick_after(1);
    assert!(has(&events, acted(HOST, ActionKind::Fold)) && has(&events, sat_out(HOST)), "one is enough: they are away");
}

#[test]
fn who_comes_back_before_the_clock_asks_has_the_time_bank() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(HOST);
    assert_eq!(table.tick_after(29), []);
    table.comes_back(HOST);
    assert_eq!(table.tick_after(1), []);
    assert_eq!(table.tick_after(59), []);
    table.act(HOST, Action::Call).unwrap();
}

#[test]
fn who_was_sat_out_for_being_away_pays_no_more_clocks_in_that_hand() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(BEN);
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    // The big blind checks by the clock, after the normal time.
    let events = table.tick_for(30);
    assert!(has(&events, acted(BEN, ActionKind::Check)) && has(&events, sat_out(BEN)));
    for street in 0..3 {
        table.act(ANNA, Action::Check).unwrap();
        assert_eq!(table.actor(), BEN);
        let at = table.now;
        let events = table.tick_until(at);
        assert!(has(&events, acted(BEN, ActionKind::Check)), "street {street}: at once");
        assert!(!has(&events, sat_out(BEN)), "it is told once");
        table.act(HOST, Action::Check).unwrap();
    }
    assert!(table.room.game.live().is_none());
}

#[test]
fn who_was_sat_out_for_being_away_and_is_back_is_waited_for() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(BEN);
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    table.tick_for(30);
    table.act(ANNA, Action::Check).unwrap();
    table.comes_back(BEN);
    let at = table.now;
    assert_eq!(table.tick_until(at), []);
    let deadline = at + Millis::from_secs(30);
    assert!(
        matches!(table.room.game.turn, Some(Turn { clock: Clock::Running { deadline: is, .. }, .. }) if is == deadline)
    );
    table.act(BEN, Action::Bet(Chips::new(10))).unwrap();
}

/// Whose page is open and who looks elsewhere.
#[test]
fn who_was_sat_out_for_missing_two_turns_pays_no_more_clocks_until_they_sit_in() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    let events = table.tick_for(90);
    assert!(has(&events, acted(BEN, ActionKind::Check)) && !has(&events, sat_out(BEN)), "the first one");
    table.act(ANNA, Action::Check).unwrap();
    assert!(has(&table.tick_for(30), sat_out(BEN)), "the second, without a time bank");
    table.act(HOST, Action::Check).unwrap();
    table.act(ANNA, Action::Check).unwrap();
    let at = table.now;
    assert!(has(&table.tick_until(at), acted(BEN, ActionKind::Check)), "at once");
    table.act(HOST, Action::Check).unwrap();
    table.room.sit_in(BEN, table.now).unwrap();
    table.act(ANNA, Action::Check).unwrap();
    let at = table.now;
    assert_eq!(table.tick_until(at), []);
    table.act(BEN, Action::Check).unwrap();
}

#[test]
fn who_sits_out_by_choice_is_waited_for_in_the_hand_that_they_play() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    table.tick_for(90);
    table.room.sit_out(BEN, table.now).unwrap();
    table.act(ANNA, Action::Check).unwrap();
    assert_eq!(table.tick_for(29), []);
    table.act(BEN, Action::Check).unwrap();
}

#[test]
fn without_a_clock_an_absent_player_folds_when_their_seat_would_be_freed() {
    let mut table = Table::without_clock(&[ANNA, BEN]);
    table.goes_away(HOST);
    assert_eq!(table.tick_for(599), []);
    let events = table.tick_for(1);
    assert!(has(&events, acted(HOST, ActionKind::Fold)) && has(&events, sat_out(HOST)));
    assert_eq!(table.actor(), ANNA);
    assert_eq!(table.tick_for(6000), [], "who is there may think");
    table.act(ANNA, Action::Call).unwrap();
    table.fold_out();
    let now = table.now;
    let lifetimes = table.lifetimes;
    let freed = table.room.sweep(now, &lifetimes);
    assert!(has(&freed, |what| matches!(what, Happened::SeatFreed { user: HOST, .. })));
}

#[test]
fn without_a_clock_several_who_are_gone_are_passed_over_one_after_the_other() {
    let mut table = Table::without_clock(&[ANNA, BEN, CARA]);
    for user in [CARA, HOST, ANNA] {
        table.goes_away(user);
    }
    // Seat 3 acts first, then the button and the small blind.
    let events = table.tick_for(600);
    for user in [CARA, HOST, ANNA] {
        assert!(has(&events, acted(user, ActionKind::Fold)), "{user}");
    }
    assert!(table.room.game.live().is_none());
}

#[test]
fn without_a_clock_the_big_blind_who_is_gone_checks_on_every_street() {
    let mut table = Table::without_clock(&[ANNA, BEN]);
    table.goes_away(BEN);
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    assert!(has(&table.tick_for(600), acted(BEN, ActionKind::Check)));
    for _ in 0..3 {
        table.act(ANNA, Action::Check).unwrap();
        let at = table.now;
        assert!(has(&table.tick_until(at), acted(BEN, ActionKind::Check)));
        table.act(HOST, Action::Check).unwrap();
    }
    assert!(table.room.game.live().is_none());
}

#[test]
fn a_paused_game_without_a_clock_waits_and_asks_when_it_goes_on() {
    let mut table = Table::without_clock(&[ANNA, BEN]);
    table.goes_away(HOST);
    table.room.pause(HOST, table.now).unwrap();
    assert_eq!(table.room.game.wake_at(), None);
    assert_eq!(table.tick_after(6000), []);
    table.room.resume(HOST, table.now, &Lifetimes::default()).unwrap();
    let at = table.now;
    assert!(has(&table.tick_until(at), acted(HOST, ActionKind::Fold)));
}

#[test]
fn a_pause_in_the_time_bank_does_not_take_it_away() {
    let mut table = Table::playing(&[ANNA, BEN]);
    assert_eq!(table.tick_after(30), []);
    table.goes_away(HOST);
    table.room.pause(HOST, table.now).unwrap();
    table.pass(100);
    table.room.resume(HOST, table.now, &Lifetimes::default()).unwrap();
    assert_eq!(table.tick_for(59), []);
    assert!(has(&table.tick_for(1), acted(HOST, ActionKind::Fold)));
}

/// P7: whose line fell with ours is asked for when what they were given for it is over.
#[test]
fn after_an_outage_the_clock_asks_anew() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.goes_away(HOST);
    table.now = START + Millis::from_secs(100);
    table.room.forgive_outage(Unserved { from: START + Millis::from_secs(29), until: table.now }, table.now);
    assert_eq!(table.tick_for(14), []);
    assert!(has(&table.tick_for(1), acted(HOST, ActionKind::Fold)));

    let mut unlimited = Table::without_clock(&[ANNA, BEN]);
    unlimited.goes_away(HOST);
    unlimited.now = START + Millis::from_secs(5000);
    unlimited
        .room
        .forgive_outage(Unserved { from: START + Millis::from_secs(10), until: unlimited.now }, unlimited.now);
    assert_eq!(unlimited.room.game.wake_at(), Some(unlimited.now), "for whom, is for the signs of life to say");
    unlimited.room.members.get_mut(&HOST).unwrap().last_seen = Timestamp(unlimited.now.0 - 10_000);
    assert_eq!(unlimited.tick_for(589), []);
    assert!(has(&unlimited.tick_for(1), acted(HOST, ActionKind::Fold)));
}

fn host_is(user: UserId) -> impl Fn(&Happened) -> bool {
    move |what| matches!(what, Happened::HostChanged { user: host } if *host == user)
}

impl Table {
    fn sweep_after(&mut self, secs: u32) -> Vec<Event> {
        self.pass(secs);
        self.room.sweep(self.now, &self.lifetimes)
    }
}

#[test]
fn a_host_who_is_gone_is_followed_by_the_player_who_is_there_and_at_the_table_longest() {
    let mut table = Table::with(&[ANNA, BEN, CARA]);
    table.sit(CARA, 2).unwrap();
    table.pass(1);
    table.sit(BEN, 1).unwrap();
    table.goes_away(HOST);
    assert!(!has(&table.sweep_after(599), host_is(CARA)));
    assert!(has(&table.sweep_after(1), host_is(CARA)), "who sat down first, not who was let in first");
    assert!(table.room.is_host(CARA) && !table.room.is_host(HOST));
    table.comes_back(HOST);
    assert_eq!(table.sweep_after(1000), [], "nothing brings the powers back by itself");
}

#[test]
fn a_host_who_is_gone_is_not_followed_by_somebody_who_is_gone_too() {
    let mut table = Table::with(&[ANNA, BEN]);
    table.sit(ANNA, 1).unwrap();
    table.goes_away(HOST);
    table.goes_away(ANNA);
    table.goes_away(BEN);
    table.sweep_after(601);
    assert!(table.room.is_host(HOST));
    table.comes_back(BEN);
    assert!(has(&table.sweep_after(0), host_is(BEN)));
}

#[test]
fn a_host_whose_line_is_up_is_not_followed() {
    let mut table = Table::with(&[ANNA]);
    assert_eq!(table.sweep_after(6000), []);
    assert!(table.room.is_host(HOST));
}

#[test]
fn a_host_who_leaves_is_followed_by_somebody_who_is_there() {
    let mut table = Table::with(&[ANNA, BEN]);
    table.goes_away(ANNA);
    table.pass(20);
    let events = table.room.leave(HOST, table.now, &Lifetimes::default()).unwrap();
    assert!(has(&events, host_is(BEN)), "Anna was in first, and isn't there");
}

#[test]
fn a_room_that_its_host_left_is_followed_in_when_they_are_gone_for_long() {
    let mut table = Table::new(SettingsPatch { auto_approve: Some(true), ..Default::default() });
    table.room.leave(HOST, table.now, &Lifetimes::default()).unwrap();
    table.away.insert(HOST);
    table.join(ANNA);
    assert!(!has(&table.sweep_after(599), host_is(ANNA)));
    assert!(has(&table.sweep_after(1), host_is(ANNA)), "no room is dead");
}

#[test]
fn who_is_gone_and_has_no_seat_makes_place_for_a_newcomer() {
    let mut table = Table::new(SettingsPatch { max_members: Some(3), auto_approve: Some(true), ..Default::default() });
    table.join(ANNA);
    table.join(BEN);
    assert_eq!(table.try_join(CARA), Err(RoomError::RoomFull));
    table.goes_away(ANNA);
    table.pass(599);
    assert_eq!(table.try_join(CARA), Err(RoomError::RoomFull));
    table.pass(1);
    let (joined, events) = table.join(CARA);
    assert_eq!(joined, Joined::Approved);
    assert!(matches!(events[0].what, Happened::MemberLeft { user: ANNA }));
    assert_eq!(table.try_join(ANNA), Err(RoomError::RoomFull), "who comes back asks like everybody");
}

#[test]
fn who_has_a_seat_or_is_the_host_keeps_their_place() {
    let mut table = Table::new(SettingsPatch { max_members: Some(3), ..Default::default() });
    for user in [ANNA, BEN] {
        table.join(user);
        table.approve(user).unwrap();
    }
    table.sit(ANNA, 1).unwrap();
    for user in [HOST, ANNA] {
        table.goes_away(user);
    }
    table.pass(6000);
    assert_eq!(table.try_join(CARA), Err(RoomError::RoomFull));
    table.goes_away(BEN);
    table.pass(6000);
    table.join(CARA);
    let approved = table.approve(CARA).unwrap();
    assert!(matches!(approved[0].what, Happened::MemberLeft { user: BEN }));
}

#[test]
fn a_call_without_a_line_is_a_sign_of_life_each_time() {
    let mut table = Table::with(&[ANNA]);
    table.goes_away(ANNA);
    table.pass(3);
    let (now, lifetimes) = (table.now, table.lifetimes);
    table.room.heard(ANNA, now, &lifetimes);
    assert_eq!(table.room.members[&ANNA].last_seen, now);
    table.pass(3);
    let now = table.now;
    table.room.heard(HOST, now, &lifetimes);
    assert_eq!(table.room.members[&HOST].last_seen, now, "whose line is up is heard of by that");
}
