//! A room's rules, one sentence a test.

mod absence;
mod blinds;
mod bomb_pots;
mod bounties;
mod runs;
mod showing;

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::event::HandStarted;
use crate::hand::{Action, ActionKind};
use crate::seat::FreedReason;
use crate::settings::SettingsPatch;

const HOST: UserId = UserId(Uuid::from_u128(1));
const ANNA: UserId = UserId(Uuid::from_u128(2));
const BEN: UserId = UserId(Uuid::from_u128(3));
const CARA: UserId = UserId(Uuid::from_u128(4));
const START: Timestamp = Timestamp(1_000_000);

/// Ids that count up, and always the same deck.
struct Plain(u128);

impl Chance for Plain {
    fn id(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }

    fn seed(&mut self) -> Seed {
        Seed([7; 32])
    }

    fn deck(&mut self, _: &Chances, pack: Pack) -> Deck {
        Deck::shuffled(pack, |below| below / 3)
    }
}

struct Table {
    room: Room,
    chance: Plain,
    lifetimes: Lifetimes,
    now: Timestamp,
    /// Whose line is down.
    away: BTreeSet<UserId>,
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

impl Table {
    fn new(patch: SettingsPatch) -> Self {
        let mut chance = Plain(100);
        let lifetimes = Lifetimes::default();
        let new = NewRoom {
            id: RoomId(Uuid::from_u128(10)),
            game: GameId(Uuid::from_u128(11)),
            code: "CODE".into(),
            name: name("Friday"),
            has_password: false,
            host: HOST,
            host_name: name("Host"),
            settings: Settings::default().patched(&patch).unwrap(),
        };
        let room = Room::create(new, START, &lifetimes, &mut chance);
        Self { room, chance, lifetimes, now: START, away: BTreeSet::new() }
    }

    /// A room in which these people are let in.
    fn with(members: &[UserId]) -> Self {
        let mut table = Self::new(SettingsPatch::default());
        for user in members {
            table.join(*user);
            table.approve(*user).unwrap();
        }
        table
    }

    /// The host and these people sit in seats 0, 1, 2, … with 200 chips each, and a hand is being played.
    fn playing(others: &[UserId]) -> Self {
        let mut table = Self::with(others);
        for (index, user) in std::iter::once(&HOST).chain(others).enumerate() {
            table.sit(*user, index as u8).unwrap();
        }
        table.start().unwrap();
        table
    }

    fn join(&mut self, user: UserId) -> (Joined, Vec<Event>) {
        self.try_join(user).unwrap()
    }

    fn try_join(&mut self, user: UserId) -> Result<(Joined, Vec<Event>), RoomError> {
        self.room.join(user, name(&format!("Guest {}", user.0.as_u128())), self.now, &self.lifetimes, &mut self.chance)
    }

    fn approve(&mut self, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.room.approve(HOST, user, self.now, &self.lifetimes, &mut self.chance)
    }

    fn sit(&mut self, user: UserId, seat: u8) -> Result<Vec<Event>, RoomError> {
        let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in: None };
        self.room.take_seat(user, ask, self.now, &self.lifetimes, &mut self.chance)
    }

    fn start(&mut self) -> Result<Vec<Event>, RoomError> {
        self.room.start(HOST, self.now, &self.lifetimes, &mut self.chance)
    }

    fn act(&mut self, user: UserId, action: Action) -> Result<Vec<Event>, RoomError> {
        self.room.act(user, action, None, self.now, &self.lifetimes)
    }

    fn kick(&mut self, user: UserId) -> Result<Vec<Event>, RoomError> {
        self.room.kick(HOST, user, Removal::Kick, self.now, &self.lifetimes)
    }

    /// Lets time go by, in which everybody but those who are away has a line.
    fn pass(&mut self, secs: u32) {
        self.now = self.now + Millis::from_secs(secs);
        for (user, member) in self.room.members.iter_mut() {
            member.online = !self.away.contains(user);
            if member.online {
                member.last_seen = self.now;
            }
        }
    }

    fn tick_after(&mut self, secs: u32) -> Vec<Event> {
        self.pass(secs);
        self.room.tick(self.now, &self.lifetimes, &mut self.chance)
    }

    fn actor(&self) -> UserId {
        let dealt = self.room.game.live().expect("a hand is being played");
        dealt.players[&dealt.hand.actor().expect("somebody is to act")]
    }

    /// The actor folds until the hand is over.
    fn fold_out(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while self.room.game.live().is_some() {
            events.extend(self.act(self.actor(), Action::Fold).unwrap());
        }
        events
    }

    fn stacks(&self) -> Vec<u64> {
        (0..3).map(|seat| self.room.stack_of(SeatIndex(seat)).get()).collect()
    }

    fn chips(&self) -> u64 {
        let pot = self.room.game.live().map_or(0, |dealt| dealt.hand.pot().get());
        let stacks: u64 = (0..self.room.seats.len()).map(|seat| self.room.stack_of(SeatIndex(seat as u8)).get()).sum();
        let waiting: u64 = self.room.members.values().map(|member| member.reserved.get()).sum();
        pot + stacks + waiting
    }
}

fn has(events: &[Event], what: impl Fn(&Happened) -> bool) -> bool {
    events.iter().any(|event| what(&event.what))
}

#[test]
fn asking_twice_is_one_request() {
    let mut table = Table::new(SettingsPatch::default());
    let (joined, events) = table.join(ANNA);
    assert_eq!((joined, events.len()), (Joined::Pending, 1));
    assert_eq!(table.join(ANNA), (Joined::Pending, Vec::new()));
}

#[test]
fn only_an_open_request_can_be_approved_and_only_by_the_host() {
    let mut table = Table::with(&[]);
    assert_eq!(table.approve(ANNA), Err(RoomError::UserNotFound));
    table.join(ANNA);
    assert_eq!(table.room.reject(BEN, ANNA), Err(RoomError::NotHost));
    table.approve(ANNA).unwrap();
    assert_eq!(table.approve(ANNA), Err(RoomError::NotPending));
    assert_eq!(table.room.reject(HOST, ANNA), Err(RoomError::NotPending));
    assert_eq!(table.try_join(ANNA), Err(RoomError::AlreadyInRoom));
}

#[test]
fn an_approval_gives_a_token_to_its_owner_alone() {
    let mut table = Table::new(SettingsPatch::default());
    table.join(ANNA);
    let events = table.approve(ANNA).unwrap();
    let id = table.room.members[&ANNA].token.unwrap().id;
    assert_eq!(events[0].secret, Secret::Token { of: ANNA, id });
}

#[test]
fn a_role_change_mints_a_new_token() {
    let mut table = Table::with(&[ANNA]);
    let before = table.room.members[&ANNA].token.unwrap();
    table.sit(ANNA, 1).unwrap();
    let after = table.room.members[&ANNA].token.unwrap();
    assert_ne!(before.id, after.id);
    assert_eq!((table.room.token_role(ANNA), table.room.token_role(HOST)), ("player", "host"));
}

#[test]
fn whoever_is_banned_stays_out_and_whoever_is_kicked_may_ask_again() {
    let mut table = Table::with(&[ANNA, BEN]);
    table.kick(ANNA).unwrap();
    assert!(table.try_join(ANNA).is_ok());
    table.room.kick(HOST, BEN, Removal::Ban, table.now, &table.lifetimes).unwrap();
    assert_eq!(table.try_join(BEN), Err(RoomError::Banned));
    assert_eq!(table.kick(BEN), Err(RoomError::UserBanned), "a later kick doesn't lift a ban");
    assert_eq!(table.try_join(BEN), Err(RoomError::Banned));
}

#[test]
fn a_ban_is_lifted_by_the_host_alone_and_only_if_there_is_one() {
    let mut table = Table::with(&[ANNA, BEN]);
    table.room.kick(HOST, BEN, Removal::Ban, table.now, &table.lifetimes).unwrap();
    let before = table.room.clone();
    assert_eq!(table.room.unban(ANNA, BEN), Err(RoomError::NotHost));
    assert_eq!(table.room.unban(HOST, ANNA), Err(RoomError::NotBanned));
    assert_eq!(table.room.unban(HOST, CARA), Err(RoomError::UserNotFound));
    assert_eq!(table.room, before);
    table.room.unban(HOST, BEN).unwrap();
    let (joined, _) = table.try_join(BEN).unwrap();
    assert_eq!(joined, Joined::Pending, "and has to ask again");
}

#[test]
fn nobody_is_let_in_unseen_under_the_hosts_name() {
    let mut table = Table::new(SettingsPatch { auto_approve: Some(true), ..SettingsPatch::default() });
    let mut join =
        |user, text: &str| table.room.join(user, name(text), table.now, &table.lifetimes, &mut table.chance).unwrap().0;
    assert_eq!(join(ANNA, "Anna"), Joined::Approved);
    assert_eq!(join(BEN, "Anna"), Joined::Approved, "two people may have one name");
    assert_eq!(join(CARA, "host"), Joined::Pending);
    let before = table.room.clone();
    let ask = |text: &str| TakeSeat { seat: SeatIndex(0), name: Some(name(text)), buy_in: None };
    for text in ["Host", "HOST", "dealer"] {
        let refused = table.room.take_seat(ANNA, ask(text), table.now, &table.lifetimes, &mut table.chance);
        assert_eq!(refused, Err(RoomError::LookalikeName), "{text}");
    }
    assert_eq!(table.room, before);
    table.room.take_seat(ANNA, ask("Anna"), table.now, &table.lifetimes, &mut table.chance).unwrap();
}

#[test]
fn a_full_room_takes_nobody_else() {
    let mut table = Table::new(SettingsPatch { max_members: Some(2), ..Default::default() });
    table.join(ANNA);
    table.join(BEN);
    table.approve(ANNA).unwrap();
    assert_eq!(table.approve(BEN), Err(RoomError::RoomFull));
    assert_eq!(table.try_join(CARA), Err(RoomError::RoomFull));
}

#[test]
fn a_taken_seat_is_refused() {
    let mut table = Table::with(&[ANNA]);
    assert_eq!(table.sit(CARA, 0), Err(RoomError::NotApproved));
    table.sit(HOST, 0).unwrap();
    assert_eq!(table.sit(ANNA, 0), Err(RoomError::SeatTaken));
    assert_eq!(table.sit(ANNA, 9), Err(RoomError::InvalidSeat));
    assert_eq!(table.sit(HOST, 1), Err(RoomError::AlreadySeated));
}

#[test]
fn a_buy_in_outside_the_limits_is_refused() {
    let mut table = Table::with(&[]);
    for buy_in in [39, 401, 0, -1, i64::MAX, i64::MIN] {
        let ask = TakeSeat { seat: SeatIndex(0), name: None, buy_in: Some(buy_in) };
        let refused = table.room.take_seat(HOST, ask, table.now, &table.lifetimes, &mut table.chance);
        assert!(matches!(refused, Err(RoomError::InvalidBuyIn { .. })), "{buy_in}");
    }
}

fn sit_with(table: &mut Table, user: UserId, seat: u8, buy_in: Option<i64>) -> Result<Vec<Event>, RoomError> {
    let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in };
    table.room.take_seat(user, ask, table.now, &table.lifetimes, &mut table.chance)
}

fn stand_up(table: &mut Table, user: UserId) {
    table.room.stand_up(user, table.now, &table.lifetimes, &mut table.chance).unwrap();
}

/// Each way in which somebody can be without a seat and come back.
const ABSENCES: [fn(&mut Table, UserId); 4] = [
    stand_up,
    |table, user| {
        table.room.leave(user, table.now, &table.lifetimes).unwrap();
        table.join(user);
        table.approve(user).unwrap();
    },
    |table, user| {
        table.kick(user).unwrap();
        table.join(user);
        table.approve(user).unwrap();
    },
    |table, user| {
        table.now = table.now + Millis::from_secs(600);
        let (now, lifetimes) = (table.now, table.lifetimes);
        table.room.sweep(now, &lifetimes);
        assert_eq!(table.room.occupied_seat_of(user), None);
    },
];

#[test]
fn a_stack_that_left_the_table_comes_back_whole() {
    for absence in ABSENCES {
        let mut table = Table::with(&[ANNA]);
        sit_with(&mut table, ANNA, 1, Some(398)).unwrap();
        absence(&mut table, ANNA);
        let refused = RoomError::StackComesBack { whole: Chips::new(398), max: Chips::new(400) };
        assert!(refused.to_string().contains("398"));
        for less in [40, 200, 397] {
            assert_eq!(sit_with(&mut table, ANNA, 1, Some(less)), Err(refused.clone()));
        }
        assert!(matches!(sit_with(&mut table, ANNA, 1, Some(401)), Err(RoomError::InvalidBuyIn { .. })));
        assert_eq!(table.room.members[&ANNA].reserved, Chips::new(398), "a refusal changes nothing");
        sit_with(&mut table, ANNA, 1, Some(398)).unwrap();
        assert_eq!(table.room.members[&ANNA].reserved, Chips::ZERO);
        absence(&mut table, ANNA);
        sit_with(&mut table, ANNA, 2, Some(400)).unwrap();
        absence(&mut table, ANNA);
        assert!(sit_with(&mut table, ANNA, 3, Some(399)).is_err(), "each time anew");
        sit_with(&mut table, ANNA, 3, None).unwrap();
        assert_eq!(table.room.stack_of(SeatIndex(3)), Chips::new(400));
    }
}

#[test]
fn a_stack_above_the_largest_buy_in_comes_back_whole_or_as_the_largest_buy_in() {
    for (asked, comes) in [(Some(400), 400), (None, 500)] {
        let mut table = Table::with(&[ANNA]);
        sit_with(&mut table, ANNA, 1, Some(200)).unwrap();
        table.room.adjust_chips(HOST, ANNA, 300, None, table.now).unwrap();
        stand_up(&mut table, ANNA);
        assert!(matches!(sit_with(&mut table, ANNA, 1, Some(399)), Err(RoomError::StackComesBack { .. })));
        sit_with(&mut table, ANNA, 1, asked).unwrap();
        assert_eq!(table.room.stack_of(SeatIndex(1)), Chips::new(comes));
        assert_eq!(table.chips(), 500);
    }
}

#[test]
fn who_is_broke_buys_in_within_the_limits() {
    let mut table = Table::with(&[ANNA]);
    table.sit(ANNA, 1).unwrap();
    table.room.adjust_chips(HOST, ANNA, -200, None, table.now).unwrap();
    for amount in [0, 1, 39, 401] {
        let refused = RoomError::InvalidBuyIn { min: Chips::new(40), max: Chips::new(400) };
        assert_eq!(table.room.top_up(ANNA, amount, table.now), Err(refused), "{amount}");
    }
    stand_up(&mut table, ANNA);
    assert!(matches!(sit_with(&mut table, ANNA, 1, Some(39)), Err(RoomError::InvalidBuyIn { .. })));
    sit_with(&mut table, ANNA, 1, Some(40)).unwrap();
    table.room.adjust_chips(HOST, ANNA, -40, None, table.now).unwrap();
    table.room.top_up(ANNA, 40, table.now).unwrap();
    table.room.top_up(ANNA, 1, table.now).unwrap();
    assert_eq!(table.room.stack_of(SeatIndex(1)), Chips::new(41));
}

fn bank(table: &Table, seat: usize) -> Millis {
    table.room.seats[seat].occupant().unwrap().timebank
}

/// The host uses 4 s of the time bank in hand 1.
fn after_four_seconds_of_the_bank() -> Table {
    let mut table = Table::playing(&[ANNA, BEN]);
    assert_eq!(table.actor(), HOST);
    table.now = table.now + Millis::from_secs(34);
    table.fold_out();
    assert_eq!(bank(&table, 0), Millis::from_secs(56));
    table
}

#[test]
fn nobody_comes_back_with_a_full_time_bank() {
    let mut table = after_four_seconds_of_the_bank();
    stand_up(&mut table, HOST);
    table.sit(HOST, 5).unwrap();
    assert_eq!(bank(&table, 5), Millis::from_secs(56));
    for absence in ABSENCES {
        let mut table = Table::playing(&[ANNA, BEN]);
        table.act(HOST, Action::Fold).unwrap();
        table.now = table.now + Millis::from_secs(34);
        assert_eq!(table.actor(), ANNA);
        table.act(ANNA, Action::Fold).unwrap();
        absence(&mut table, ANNA);
        table.sit(ANNA, 5).unwrap();
        assert_eq!(bank(&table, 5), Millis::from_secs(56));
    }
}

#[test]
fn a_decision_in_time_or_a_reconnect_leaves_the_time_bank_alone() {
    let mut table = after_four_seconds_of_the_bank();
    table.tick_after(4);
    table.fold_out();
    table.room.seen(HOST, table.now);
    table.tick_after(4);
    assert_eq!(bank(&table, 0), Millis::from_secs(56));
    assert_eq!(bank(&table, 1), Millis::from_secs(60));
}

#[test]
fn a_time_bank_has_its_new_size_from_the_next_hand_less_what_was_used() {
    for (size, host, anna) in [(120, 116, 120), (30, 26, 30), (3, 0, 3), (0, 0, 0)] {
        let mut table = after_four_seconds_of_the_bank();
        let patch = SettingsPatch { timebank_secs: Some(size), ..SettingsPatch::default() };
        table.room.change_settings(HOST, &patch, table.now).unwrap();
        assert_eq!((bank(&table, 0), bank(&table, 1)), (Millis::from_secs(56), Millis::from_secs(60)));
        table.tick_after(4);
        assert_eq!((bank(&table, 0), bank(&table, 1)), (Millis::from_secs(host), Millis::from_secs(anna)), "{size}");
    }
    let mut table = Table::new(SettingsPatch { timebank_secs: Some(0), ..SettingsPatch::default() });
    for (user, seat) in [(HOST, 0), (ANNA, 1)] {
        if user == ANNA {
            table.join(user);
            table.approve(user).unwrap();
        }
        table.sit(user, seat).unwrap();
    }
    table.start().unwrap();
    let patch = SettingsPatch { timebank_secs: Some(60), ..SettingsPatch::default() };
    table.room.change_settings(HOST, &patch, table.now).unwrap();
    assert_eq!((bank(&table, 0), bank(&table, 1)), (Millis::ZERO, Millis::ZERO), "the hand goes on as it began");
    table.fold_out();
    table.tick_after(4);
    assert_eq!((bank(&table, 0), bank(&table, 1)), (Millis::from_secs(60), Millis::from_secs(60)));
}

#[test]
fn a_host_can_take_from_a_stack_that_has_grown_above_what_can_be_given() {
    let mut table = Table::with(&[ANNA]);
    table.sit(ANNA, 1).unwrap();
    table.room.seats[1].occupant_mut().unwrap().chips = Chips::new(4 * Chips::MAX.get());
    assert_eq!(table.room.adjust_chips(HOST, ANNA, 1, None, table.now), Err(RoomError::StackOutOfRange));
    table.room.adjust_chips(HOST, ANNA, -1, None, table.now).unwrap();
    assert_eq!(table.room.stack_of(SeatIndex(1)), Chips::new(4 * Chips::MAX.get() - 1));
    let all = -(4 * Chips::MAX.get() as i64);
    assert_eq!(table.room.adjust_chips(HOST, ANNA, all, None, table.now), Err(RoomError::StackOutOfRange));
}

#[test]
fn a_stack_waits_for_its_owners_return() {
    let mut table = Table::playing(&[ANNA]);
    table.fold_out();
    let stack = table.room.stack_of(SeatIndex(1));
    let events = table.room.stand_up(ANNA, table.now, &table.lifetimes, &mut table.chance).unwrap();
    assert!(has(
        &events,
        |what| matches!(what, Happened::SeatFreed { reason: FreedReason::Left, chips, .. } if *chips == stack)
    ));
    assert_eq!(table.room.role_of(ANNA), Some(Role::Spectator));
    table.sit(ANNA, 5).unwrap();
    assert_eq!(table.room.stack_of(SeatIndex(5)), stack);
}

#[test]
fn a_game_needs_two_players_with_chips() {
    let mut table = Table::with(&[ANNA]);
    table.sit(HOST, 0).unwrap();
    assert_eq!(table.start(), Err(RoomError::NotEnoughPlayers));
    assert_eq!(table.room.start(ANNA, START, &table.lifetimes, &mut table.chance), Err(RoomError::NotHost));
}

#[test]
fn a_hand_deals_cards_only_to_those_who_play() {
    let table = Table::playing(&[ANNA, BEN]);
    let dealt = table.room.game.live().unwrap();
    assert_eq!(dealt.players.len(), 3);
    assert_eq!(table.stacks(), [200, 199, 198], "button 0, blinds 1 and 2");
}

#[test]
fn nobody_acts_out_of_turn_or_answers_a_turn_that_is_over() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let turn = table.room.game.turn_number;
    assert_eq!(table.actor(), HOST);
    assert_eq!(table.act(ANNA, Action::Fold), Err(RoomError::NotYourTurn));
    let (now, lifetimes) = (table.now, table.lifetimes);
    assert_eq!(table.room.act(HOST, Action::Fold, Some(turn + 1), now, &lifetimes), Err(RoomError::StaleTurn));
    table.room.act(HOST, Action::Call, Some(turn), now, &lifetimes).unwrap();
    assert_eq!(table.room.act(HOST, Action::Call, Some(turn), now, &lifetimes), Err(RoomError::StaleTurn));
}

/// I-4, T-R3: the database's clock decides, to the millisecond.
#[test]
fn an_answer_counts_up_to_the_last_millisecond_and_then_it_is_the_clocks_turn() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let (turn, lifetimes) = (table.room.game.turn_number, table.lifetimes);
    assert_eq!(table.tick_after(30), [], "the time bank begins");
    let expires = table.room.game.wake_at().unwrap();
    let mut in_time = table.room.clone();
    in_time.act(HOST, Action::Call, Some(turn), expires + Millis(-1), &lifetimes).unwrap();
    for answers in [Some(turn), None] {
        assert_eq!(table.room.act(HOST, Action::Call, answers, expires, &lifetimes), Err(RoomError::StaleTurn));
    }
    assert_eq!(table.room.act(ANNA, Action::Call, None, expires, &lifetimes), Err(RoomError::NotYourTurn));
    let decided = table.room.tick(expires, &lifetimes, &mut table.chance);
    assert!(matches!(&decided[0].what, Happened::Acted(acted) if acted.auto && acted.turn == Some(turn)));
}

#[test]
fn turns_are_numbered_through_the_whole_game() {
    let mut table = Table::playing(&[ANNA]);
    table.fold_out();
    let last = table.room.game.turn_number;
    table.tick_after(4);
    assert_eq!(table.room.game.turn_number, last + 1);
}

#[test]
fn the_button_moves_on_and_heads_up_blinds_alternate() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let mut buttons = Vec::new();
    for _ in 0..4 {
        buttons.push(table.room.game.dealt.as_ref().unwrap().hand.setup().button.0);
        table.fold_out();
        table.tick_after(4);
    }
    assert_eq!(buttons, [0, 1, 2, 0]);
}

#[test]
fn heads_up_nobody_posts_the_big_blind_twice_running() {
    // Button 0, big blind 2. The button leaves: without a correction seat 2 would post it again.
    let mut table = Table::playing(&[ANNA, BEN]);
    table.fold_out();
    table.room.sit_out(HOST, table.now).unwrap();
    table.tick_after(4);
    let hand = &table.room.game.live().unwrap().hand;
    assert_eq!(hand.setup().button, SeatIndex(2));
    assert_eq!(hand.posts().iter().map(|post| post.seat.0).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn the_next_hand_follows_after_the_pause_and_not_before() {
    let mut table = Table::playing(&[ANNA]);
    table.fold_out();
    assert_eq!(table.room.game.next_hand_at, Some(table.now + Millis::from_secs(4)));
    assert_eq!(table.tick_after(3), []);
    assert!(has(&table.tick_after(1), |what| matches!(what, Happened::HandStarted(HandStarted { number: 2, .. }))));
    assert_eq!(table.tick_after(0), [], "it is dealt once");
}

#[test]
fn the_clock_checks_or_folds_and_then_sits_the_player_out() {
    let mut table = Table::playing(&[ANNA, BEN]);
    assert_eq!(table.tick_after(30), [], "30 s, then the time bank of 60 s");
    assert_eq!(table.tick_after(59), []);
    let events = table.tick_after(1);
    let folded =
        |what: &Happened| matches!(what, Happened::Acted(acted) if acted.auto && acted.kind == ActionKind::Fold);
    assert!(has(&events, folded));
    assert_eq!(table.room.seats[0].occupant().unwrap().timebank, Millis::ZERO);
    table.fold_out();
    table.tick_after(4);
    // Hand 2: the button is 1, so 1 acts first, then 2, then the host in the big blind.
    table.act(ANNA, Action::Call).unwrap();
    table.act(BEN, Action::Call).unwrap();
    let events = table.tick_after(30);
    assert!(has(
        &events,
        |what| matches!(what, Happened::Acted(acted) if acted.auto && acted.kind == ActionKind::Check)
    ));
    assert!(has(&events, |what| matches!(what, Happened::SatOut { user: HOST, .. })));
}

#[test]
fn an_own_decision_forgives_a_missed_one() {
    let mut table = Table::playing(&[ANNA]);
    table.tick_after(30);
    table.tick_after(60);
    assert_eq!(table.room.seats[0].occupant().unwrap().timeouts_in_a_row, 1);
    table.tick_after(4);
    table.act(ANNA, Action::Call).unwrap();
    table.act(HOST, Action::Check).unwrap();
    assert_eq!(table.room.seats[0].occupant().unwrap().timeouts_in_a_row, 0);
}

#[test]
fn a_pause_refuses_actions_and_keeps_the_time() {
    let mut table = Table::playing(&[ANNA]);
    table.room.pause(HOST, table.now).unwrap();
    assert_eq!(table.act(HOST, Action::Fold), Err(RoomError::GamePaused));
    assert_eq!(table.tick_after(1000), []);
    table.room.resume(HOST, table.now, &Lifetimes::default()).unwrap();
    assert_eq!(table.tick_after(30), []);
    assert_eq!(table.tick_after(59), []);
    assert_ne!(table.tick_after(1), []);
}

#[test]
fn a_paused_game_deals_no_hand() {
    let mut table = Table::playing(&[ANNA]);
    table.fold_out();
    table.room.pause(HOST, table.now).unwrap();
    assert_eq!(table.tick_after(1000), []);
    table.room.resume(HOST, table.now, &Lifetimes::default()).unwrap();
    assert_ne!(table.tick_after(4), []);
}

#[test]
fn whoever_stands_up_in_a_hand_is_folded_now_and_freed_at_its_end() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let before = table.chips();
    let events = table.room.stand_up(BEN, table.now, &table.lifetimes, &mut table.chance).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::Acted(acted) if acted.user == BEN && acted.turn.is_none())));
    assert!(!has(&events, |what| matches!(what, Happened::SeatFreed { .. })));
    assert_eq!(table.actor(), HOST, "the turn of whoever thinks isn't touched");
    assert_eq!(table.sit(BEN, 4), Err(RoomError::AlreadySeated));
    let events = table.fold_out();
    assert!(has(&events, |what| matches!(what, Happened::SeatFreed { user: BEN, .. })));
    assert_eq!(table.chips(), before);
}

/// T-H2: a host can't kick somebody to steal the pot that they are all-in for.
#[test]
fn a_kicked_player_who_is_all_in_plays_the_hand_out() {
    let mut table = Table::playing(&[ANNA, BEN]);
    table.act(HOST, Action::Fold).unwrap();
    table.act(ANNA, Action::AllIn).unwrap();
    table.kick(ANNA).unwrap();
    assert!(!table.room.game.live().unwrap().hand.player(SeatIndex(1)).unwrap().folded);
    let before = table.chips();
    let events = table.act(BEN, Action::Call).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::SeatFreed { user: ANNA, reason: FreedReason::Kicked, .. })));
    assert_eq!(table.chips(), before);
}

#[test]
fn chips_that_the_host_gives_in_a_hand_come_after_it() {
    let mut table = Table::playing(&[ANNA]);
    let (adjusted, events) = table.room.adjust_chips(HOST, ANNA, 50, Some("late".into()), table.now).unwrap();
    assert!(adjusted.queued && events.is_empty());
    let events = table.fold_out();
    assert!(has(&events, |what| matches!(what, Happened::ChipsAdjusted { user: ANNA, delta: 50, .. })));
}

#[test]
fn chips_can_not_be_taken_below_zero() {
    let mut table = Table::with(&[]);
    table.sit(HOST, 0).unwrap();
    for delta in [-201, i64::MIN, i64::MAX] {
        let refused = table.room.adjust_chips(HOST, HOST, delta, None, table.now);
        assert_eq!(refused, Err(RoomError::StackOutOfRange), "{delta}");
    }
    table.room.adjust_chips(HOST, HOST, -200, None, table.now).unwrap();
    assert_eq!(table.room.stack_of(SeatIndex(0)), Chips::ZERO);
}

#[test]
fn what_the_host_takes_is_never_more_than_the_hand_left() {
    let mut table = Table::playing(&[ANNA]);
    // Queued against 198 chips, but all of them are lost before it happens.
    table.room.adjust_chips(HOST, ANNA, -150, None, table.now).unwrap();
    table.act(HOST, Action::AllIn).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    assert_eq!(table.room.game.live(), None);
    assert!(table.room.stack_of(SeatIndex(1)) <= Chips::new(250));
}

#[test]
fn a_top_up_never_leads_above_the_largest_buy_in() {
    let mut table = Table::playing(&[ANNA]);
    assert!(table.room.top_up(ANNA, 203, table.now).is_err());
    assert!(table.room.top_up(ANNA, 0, table.now).is_err());
    assert!(table.room.top_up(ANNA, -5, table.now).is_err());
    assert!(table.room.top_up(ANNA, 100, table.now).unwrap().0.queued);
    assert!(table.room.top_up(ANNA, 103, table.now).is_err(), "what waits counts too");
    let events = table.fold_out();
    assert!(has(&events, |what| matches!(what, Happened::ChipsAdjusted { user: ANNA, delta: 100, .. })));
}

#[test]
fn whoever_is_broke_sits_on_until_they_top_up() {
    let mut table = Table::playing(&[ANNA]);
    table.act(HOST, Action::AllIn).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    let broke = if table.room.stack_of(SeatIndex(0)).is_zero() { HOST } else { ANNA };
    assert_eq!(table.tick_after(10), [], "one player is no game");
    table.room.top_up(broke, 100, table.now).unwrap();
    assert!(has(&table.tick_after(4), |what| matches!(what, Happened::HandStarted(_))));
}

#[test]
fn settings_change_from_the_next_hand() {
    let mut table = Table::playing(&[ANNA]);
    let patch = SettingsPatch { small_blind: Some(5), big_blind: Some(10), ..Default::default() };
    table.room.change_settings(HOST, &patch, table.now).unwrap();
    assert_eq!(table.room.game.live().unwrap().hand.setup().rules.big_blind, Chips::new(2));
    table.fold_out();
    table.tick_after(4);
    assert_eq!(table.room.game.live().unwrap().hand.setup().rules.big_blind, Chips::new(10));
}

#[test]
fn a_taken_seat_can_not_be_removed() {
    let mut table = Table::with(&[]);
    table.sit(HOST, 8).unwrap();
    let fewer = SettingsPatch { seats: Some(6), ..Default::default() };
    assert!(matches!(table.room.change_settings(HOST, &fewer, table.now), Err(RoomError::Settings(_))));
    assert_eq!(table.room.seats.len(), 9);
}

#[test]
fn the_game_ends_after_the_hand_and_everybody_is_cashed_out() {
    let mut table = Table::playing(&[ANNA]);
    let before = table.chips();
    assert_eq!(table.room.end(HOST, table.now, &Lifetimes::default()).unwrap(), []);
    let events = table.fold_out();
    let freed =
        events.iter().filter(|event| matches!(event.what, Happened::SeatFreed { reason: FreedReason::Ended, .. }));
    assert_eq!(freed.count(), 2);
    assert!(has(&events, |what| matches!(what, Happened::GameEnded { .. })));
    assert_eq!(table.chips(), before);
    assert_eq!(table.tick_after(100), []);
    assert_eq!(table.sit(ANNA, 0), Err(RoomError::RoomClosed));
    assert_eq!(table.start(), Err(RoomError::RoomClosed));
}

#[test]
fn a_paused_game_that_ends_plays_its_hand_out() {
    let mut table = Table::playing(&[ANNA]);
    table.room.pause(HOST, table.now).unwrap();
    table.room.end(HOST, table.now, &Lifetimes::default()).unwrap();
    let events = table.fold_out();
    assert!(has(&events, |what| matches!(what, Happened::GameEnded { .. })));
}

/// T-H4: a room is never left without a host while somebody is in it.
#[test]
fn a_host_who_leaves_hands_the_room_to_the_player_who_is_there_longest() {
    let mut table = Table::with(&[ANNA, BEN]);
    table.sit(BEN, 3).unwrap();
    let events = table.room.leave(HOST, table.now, &table.lifetimes).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::HostChanged { user: BEN })));
    assert_eq!(table.room.host, BEN);
    assert_eq!(table.kick(ANNA), Err(RoomError::NotHost));
}

#[test]
fn a_host_who_comes_back_to_an_empty_room_is_let_in() {
    let mut table = Table::with(&[]);
    table.room.leave(HOST, table.now, &table.lifetimes).unwrap();
    assert_eq!(table.join(HOST).0, Joined::Approved);
}

/// T-H4: powers are for who is in the room.
#[test]
fn a_host_who_left_an_empty_room_has_no_powers_until_they_are_back() {
    let mut table = Table::with(&[]);
    table.join(ANNA);
    table.room.leave(HOST, table.now, &table.lifetimes).unwrap();
    assert_eq!(table.approve(ANNA), Err(RoomError::NotHost));
    assert_eq!(table.room.end(HOST, table.now, &Lifetimes::default()), Err(RoomError::NotHost));
    assert!(!table.room.is_host(HOST));
    table.join(HOST);
    table.approve(ANNA).unwrap();
}

#[test]
fn a_room_that_all_have_left_is_its_hosts_when_they_come_back() {
    let mut table = Table::new(SettingsPatch { auto_approve: Some(true), ..Default::default() });
    table.room.leave(HOST, table.now, &table.lifetimes).unwrap();
    let (joined, events) = table.join(ANNA);
    assert_eq!((joined, events.len()), (Joined::Approved, 1), "the first stranger doesn't get it");
    assert_eq!(table.room.kick(ANNA, HOST, Removal::Ban, table.now, &table.lifetimes), Err(RoomError::NotHost));
    table.join(HOST);
    assert!(table.room.is_host(HOST) && !table.room.is_host(ANNA));
}

#[test]
fn the_host_can_not_be_kicked() {
    assert_eq!(Table::with(&[]).kick(HOST), Err(RoomError::HostStays));
}

#[test]
fn hosting_can_be_handed_only_to_somebody_who_is_let_in() {
    let mut table = Table::with(&[ANNA]);
    table.join(BEN);
    assert_eq!(table.room.hand_over(HOST, CARA), Err(RoomError::UserNotFound));
    assert_eq!(table.room.hand_over(HOST, BEN), Err(RoomError::NotApproved));
    table.room.hand_over(HOST, ANNA).unwrap();
    assert_eq!(table.room.hand_over(HOST, HOST), Err(RoomError::NotHost));
}

/// P14: 5 minutes of silence are noticed, 10 free the seat.
#[test]
fn a_silent_player_is_missed_after_5_minutes_and_freed_after_10() {
    let mut table = Table::with(&[ANNA]);
    table.sit(ANNA, 1).unwrap();
    let at = |secs| START + Millis::from_secs(secs);
    let lifetimes = table.lifetimes;
    assert_eq!(table.room.sweep(at(299), &lifetimes), []);
    let missed = table.room.sweep(at(300), &lifetimes);
    assert!(has(&missed, |what| matches!(what, Happened::Disconnected { user: ANNA, .. })));
    assert_eq!(table.room.sweep(at(599), &lifetimes), [], "it is noticed once");
    let freed = table.room.sweep(at(600), &lifetimes);
    assert!(has(&freed, |what| matches!(what, Happened::SeatFreed { reason: FreedReason::Disconnected, .. })));
    assert_eq!(table.room.members[&ANNA].reserved, Chips::new(200));
}

#[test]
fn a_chair_in_a_live_hand_is_never_freed_by_silence() {
    let mut table = Table::playing(&[ANNA]);
    let lifetimes = table.lifetimes;
    let late = START + Millis::from_secs(6000);
    let events = table.room.sweep(late, &lifetimes);
    assert!(!has(&events, |what| matches!(what, Happened::SeatFreed { .. })));
    table.fold_out();
    let events = table.room.sweep(late, &lifetimes);
    assert!(has(&events, |what| matches!(what, Happened::SeatFreed { .. })));
}

#[test]
fn whoever_is_heard_of_again_is_told_to_the_others_once() {
    let mut table = Table::with(&[ANNA]);
    table.sit(ANNA, 1).unwrap();
    let lifetimes = table.lifetimes;
    table.room.sweep(START + Millis::from_secs(300), &lifetimes);
    let back = table.room.seen(ANNA, START + Millis::from_secs(400));
    assert!(has(&back, |what| matches!(what, Happened::Reconnected { user: ANNA, .. })));
    assert_eq!(table.room.seen(ANNA, START + Millis::from_secs(401)), []);
}

#[test]
fn a_spectator_where_none_are_allowed_is_refused() {
    let mut table = Table::with(&[ANNA]);
    let patch = SettingsPatch { spectators_allowed: Some(false), ..Default::default() };
    table.room.change_settings(HOST, &patch, table.now).unwrap();
    let refused = table.room.spectate(ANNA, None, table.now, &table.lifetimes, &mut table.chance);
    assert_eq!(refused, Err(RoomError::RoleForbidden));
}

/// The setting means it, by whatever way somebody would come to watch.
#[test]
fn where_no_spectators_are_allowed_nobody_comes_to_watch() {
    use crate::view::hydration::{DocumentRole, hydrate};

    let mut table = Table::with(&[ANNA, BEN, CARA]);
    table.sit(ANNA, 1).unwrap();
    table.room.spectate(BEN, None, table.now, &table.lifetimes, &mut table.chance).unwrap();
    let patch = SettingsPatch { spectators_allowed: Some(false), ..Default::default() };
    let events = table.room.change_settings(HOST, &patch, table.now).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::SpectatorLeft { user: BEN, .. })));
    let events = table.room.stand_up(ANNA, table.now, &table.lifetimes, &mut table.chance).unwrap();
    assert!(!has(&events, |what| matches!(what, Happened::SpectatorJoined { .. })));
    table.sit(CARA, 2).unwrap();
    for user in [ANNA, BEN] {
        assert_eq!(table.room.role_of(user), Some(Role::Approved));
        let ask = |role| hydrate(&table.room, user, role, &[], table.now).map(|document| document.me.role);
        assert_eq!(ask(Some(DocumentRole::Spectator)), Err(RoomError::RoleForbidden));
        assert_eq!(ask(None), Ok("approved"));
    }
    for user in [CARA, HOST] {
        hydrate(&table.room, user, Some(DocumentRole::Spectator), &[], table.now).expect("less than they have");
    }
    assert_eq!(table.room.spectators().count(), 0);
}

#[test]
fn a_refused_command_changes_nothing() {
    let mut table = Table::playing(&[ANNA, BEN]);
    let before = table.room.clone();
    let _ = table.act(BEN, Action::Raise(Chips::new(10)));
    let _ = table.act(HOST, Action::Raise(Chips::new(3)));
    let _ = table.act(HOST, Action::Check);
    let _ = table.sit(CARA, 0);
    let _ = table.kick(CARA);
    let _ = table.room.top_up(ANNA, 100_000, table.now);
    assert_eq!(table.room, before);
}

/// I-6.
#[test]
fn an_action_is_a_sign_of_life() {
    let mut table =
        Table::new(SettingsPatch { action_timeout_secs: Some(0), auto_approve: Some(true), ..Default::default() });
    table.join(ANNA);
    for (user, seat) in [(HOST, 0), (ANNA, 1)] {
        table.sit(user, seat).unwrap();
    }
    table.start().unwrap();
    let actor = table.actor();
    table.now = table.now + Millis::from_secs(299);
    table.act(actor, Action::Call).unwrap();
    table.now = table.now + Millis::from_secs(2);
    let silent = |user: UserId| move |what: &Happened| matches!(what, Happened::Disconnected { user: gone, .. } if *gone == user);
    let swept = table.room.sweep(table.now, &table.lifetimes);
    assert!(!has(&swept, silent(actor)));
    assert!(has(&swept, silent(table.actor())), "who does nothing is silent");
    let back = table.act(table.actor(), Action::Check).unwrap();
    assert!(matches!(back[0].what, Happened::Reconnected { .. }), "whoever acts is back before it");
}

/// T-X3.
#[test]
fn nobody_takes_a_name_that_looks_like_somebodys() {
    let mut table = Table::with(&[ANNA]);
    let mut join = |user, text: &str| {
        table.room.join(user, name(text), table.now, &table.lifetimes, &mut table.chance).map(|(joined, _)| joined)
    };
    assert_eq!(join(BEN, "Hоst"), Err(RoomError::LookalikeName), "with a Cyrillic o");
    assert_eq!(join(BEN, "Ben"), Ok(Joined::Pending));
    assert_eq!(join(CARA, "Веn"), Err(RoomError::LookalikeName), "who waits has a name too");
    let before = table.room.clone();
    let ask = |text: &str| TakeSeat { seat: SeatIndex(0), name: Some(name(text)), buy_in: None };
    let refused = table.room.take_seat(ANNA, ask("Hоst"), table.now, &table.lifetimes, &mut table.chance);
    assert_eq!(refused, Err(RoomError::LookalikeName));
    let refused = table.room.spectate(ANNA, Some(name("Hоst")), table.now, &table.lifetimes, &mut table.chance);
    assert_eq!((refused, &table.room), (Err(RoomError::LookalikeName), &before));
    let guest = before.members[&ANNA].name.to_string();
    table.room.take_seat(ANNA, ask(&guest), table.now, &table.lifetimes, &mut table.chance).unwrap();
    table.room.leave(BEN, table.now, &table.lifetimes).unwrap();
    let again = table.room.join(CARA, name("Веn"), table.now, &table.lifetimes, &mut table.chance);
    assert_eq!(again.unwrap().0, Joined::Pending, "the name is free again");
    let same = table.room.join(BEN, name("Host"), table.now, &table.lifetimes, &mut table.chance);
    assert_eq!(same.unwrap().0, Joined::Pending, "two people may have one name");
}
