//! The question how often to run the missing cards.

use super::*;
use crate::card::Card;
use crate::event::{RunsAsked, Secret};
use crate::game::{Asked, Unserved};
use crate::settings::{PreferencesPatch, RunItTwice};

impl Table {
    /// The host and these people in seats, before the first hand.
    fn ready(people: &[UserId], mode: RunItTwice, max_runs: i64) -> Self {
        let mut table = Self::new(SettingsPatch {
            auto_approve: Some(true),
            run_it_twice: Some(mode.name().to_owned()),
            max_runs: Some(max_runs),
            ..SettingsPatch::default()
        });
        for (seat, user) in (0..).zip(std::iter::once(&HOST).chain(people)) {
            if *user != HOST {
                table.join(*user);
            }
            table.sit(*user, seat).unwrap();
        }
        table.pass(0);
        table
    }

    /// Everybody is all-in before the flop; returns the events of the last action.
    fn go_all_in(&mut self) -> Vec<Event> {
        self.start().unwrap();
        let mut last = Vec::new();
        while self.room.game.live().is_some_and(|dealt| dealt.hand.actor().is_some()) {
            let legal = self.room.game.live().unwrap().hand.legal().unwrap();
            let action = if legal.actions.contains(&ActionKind::AllIn) { Action::AllIn } else { Action::Call };
            last = self.act(self.actor(), action).unwrap();
        }
        last
    }

    fn all_in(people: &[UserId], mode: RunItTwice, max_runs: i64) -> (Self, Vec<Event>) {
        let mut table = Self::ready(people, mode, max_runs);
        let last = table.go_all_in();
        (table, last)
    }

    fn answer(&mut self, user: UserId, runs: i64) -> Result<Vec<Event>, RoomError> {
        let turn = self.room.game.turn_number;
        self.room.answer_runs(user, runs, turn, self.now, &self.lifetimes)
    }
}

fn decided(runs: u8) -> impl Fn(&Happened) -> bool {
    move |what| matches!(what, Happened::RunsDecided { runs: told, .. } if *told == runs)
}

fn runs_dealt(events: &[Event]) -> Vec<(u8, Vec<Card>)> {
    let run = |event: &Event| {
        let Happened::RunDealt { run, board, .. } = &event.what else { return None };
        Some((*run, board.clone()))
    };
    events.iter().filter_map(run).collect()
}

///
#[test]
fn all_who_are_still_in_are_asked_and_nothing_is_shown_before_it_is_settled() {
    let (mut table, events) = Table::all_in(&[ANNA, BEN], RunItTwice::Ask, 2);
    let Happened::RunsAsked(RunsAsked { seats, max_runs, turn, expires, .. }) = &events.last().unwrap().what else {
        panic!("{events:?}")
    };
    assert_eq!((seats.as_slice(), *max_runs), (&[SeatIndex(0), SeatIndex(1), SeatIndex(2)][..], 2));
    assert_eq!((*turn, *expires), (table.room.game.turn_number, Some(table.now + Millis::from_secs(10))));
    assert!(!has(&events, |what| matches!(what, Happened::HandCompleted(_) | Happened::StreetAdvanced { .. })));
    assert_eq!(table.room.timer(), None, "nobody is to act");
    assert_eq!(table.act(HOST, Action::Check), Err(RoomError::NotYourTurn));

    let first = table.answer(ANNA, 2).unwrap();
    assert!(matches!(first[0].what, Happened::RunsAnswered { seat: SeatIndex(1), user: ANNA, .. }));
    assert_eq!((first.len(), &first[0].secret), (1, &Secret::Runs(2)));
    assert_eq!(table.room.game.question().unwrap().answered, [SeatIndex(1)]);
    table.answer(HOST, 2).unwrap();
    let last = table.answer(BEN, 2).unwrap();
    assert!(has(&last, decided(2)));
    assert_eq!(table.chips(), 600);
}

/// the shared cards, then the deck's next for each run.
#[test]
fn each_run_has_the_decks_next_cards() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 3);
    table.answer(HOST, 3).unwrap();
    let events = table.answer(ANNA, 3).unwrap();
    let deck = table.room.game.dealt.as_ref().unwrap().hand.deck().cards().to_vec();
    let expected: Vec<(u8, Vec<Card>)> =
        (0..3).map(|run: u8| (run, deck[4 + 5 * usize::from(run)..][..5].to_vec())).collect();
    assert_eq!(runs_dealt(&events), expected);
    let Some(Happened::HandCompleted(done)) =
        events.iter().map(|event| &event.what).find(|what| matches!(what, Happened::HandCompleted(_)))
    else {
        panic!("{events:?}")
    };
    assert_eq!(done.boards, expected.into_iter().map(|(_, board)| board).collect::<Vec<_>>());
    assert_eq!(done.shown[0].made.len(), 3);
    for event in &events {
        if let Happened::PotDistributed(paid) = &event.what {
            let amounts: Vec<u64> = paid.parts.iter().map(|part| part.amount.get()).collect();
            assert_eq!(amounts, [134, 133, 133], "R-20");
        }
    }
}

///
#[test]
fn the_smallest_answer_is_played_and_the_first_one_ends_the_question() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 3);
    table.answer(HOST, 3).unwrap();
    assert!(has(&table.answer(ANNA, 2).unwrap(), decided(2)), "the smallest");
    let (mut table, _) = Table::all_in(&[ANNA, BEN], RunItTwice::Ask, 3);
    let events = table.answer(HOST, 1).unwrap();
    assert!(has(&events, decided(1)), "nobody else is waited for");
    assert_eq!(runs_dealt(&events).len(), 1);
    assert!(has(&events, |what| matches!(what, Happened::StreetAdvanced { .. })), "dealt street by street");
}

#[test]
fn what_can_not_be_answered_changes_nothing() {
    let (mut table, _) = Table::all_in(&[ANNA, BEN], RunItTwice::Ask, 2);
    table.answer(ANNA, 2).unwrap();
    let before = table.room.clone();
    let (turn, now, lifetimes) = (table.room.game.turn_number, table.now, table.lifetimes);
    let mut refused = |user, runs, turn| table.room.answer_runs(user, runs, turn, now, &lifetimes).unwrap_err();
    assert_eq!(refused(ANNA, 1, turn), RoomError::AlreadyAnswered);
    assert_eq!(refused(BEN, 2, turn - 1), RoomError::StaleTurn);
    for runs in [0, 3, -1, i64::MAX] {
        assert_eq!(refused(BEN, runs, turn), RoomError::InvalidRuns { most: 2 });
    }
    assert_eq!(refused(CARA, 2, turn), RoomError::NotApproved);
    assert_eq!(table.room, before);
    table.pass(10);
    assert_eq!(table.answer(BEN, 2), Err(RoomError::StaleTurn), "the clock settles it");
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Off, 2);
    assert_eq!(table.answer(ANNA, 2), Err(RoomError::NoQuestion));
}

#[test]
fn who_has_folded_is_not_asked() {
    let mut table = Table::new(SettingsPatch {
        auto_approve: Some(true),
        run_it_twice: Some("ask".to_owned()),
        ..SettingsPatch::default()
    });
    table.join(ANNA);
    table.join(BEN);
    for (seat, user) in (0..).zip([HOST, ANNA, BEN]) {
        table.sit(user, seat).unwrap();
    }
    table.start().unwrap();
    let folds = table.actor();
    table.act(folds, Action::Fold).unwrap();
    for _ in 0..2 {
        table.act(table.actor(), Action::AllIn).unwrap();
    }
    assert_eq!(table.room.game.question().unwrap().seats.len(), 2);
    assert_eq!(table.answer(folds, 2), Err(RoomError::NoQuestion));
}

#[test]
fn when_the_time_is_over_a_player_who_has_not_answered_accepts_one_run() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    table.answer(HOST, 2).unwrap();
    assert_eq!(table.tick_after(9), Vec::new());
    let events = table.tick_after(1);
    assert!(has(&events, decided(1)));
    assert!(!has(&events, |what| matches!(what, Happened::RunsAnswered { .. })), "nobody answered for them");
    assert!(!has(&events, |what| matches!(what, Happened::SatOut { .. })), "it is no missed turn");
}

/// disconnected is like silent, and no longer.
#[test]
fn a_player_who_is_away_is_waited_for_as_long_as_anybody() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    table.away.insert(ANNA);
    table.answer(HOST, 2).unwrap();
    assert_eq!(table.tick_after(9), Vec::new());
    assert!(has(&table.tick_after(1), decided(1)));
}

#[test]
fn a_player_who_goes_wants_no_more_than_one_run() {
    let (mut table, _) = Table::all_in(&[ANNA, BEN], RunItTwice::Ask, 2);
    table.answer(HOST, 2).unwrap();
    let events = table.kick(ANNA).unwrap();
    assert!(has(&events, |what| matches!(what, Happened::RunsAnswered { user: ANNA, .. })));
    assert!(has(&events, decided(1)));
    assert_eq!(table.chips(), 600);

    // Who has answered before they go has answered.
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    table.answer(ANNA, 2).unwrap();
    assert!(!has(&table.kick(ANNA).unwrap(), |what| matches!(what, Happened::RunsDecided { .. })));
    assert!(has(&table.answer(HOST, 2).unwrap(), decided(2)));
}

///
#[test]
fn always_asks_nobody() {
    let (_, events) = Table::all_in(&[ANNA], RunItTwice::Always, 3);
    assert!(!has(&events, |what| matches!(what, Happened::RunsAsked(_))));
    assert!(has(&events, decided(3)));
    assert_eq!(runs_dealt(&events).len(), 3);
}

#[test]
fn a_pause_stops_the_questions_clock() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    table.pass(4);
    table.room.pause(HOST, table.now).unwrap();
    assert_eq!(table.room.game.question().unwrap().expires, None);
    assert_eq!(table.answer(ANNA, 2), Err(RoomError::GamePaused));
    assert_eq!(table.tick_after(100), Vec::new());
    table.room.resume(HOST, table.now, &table.lifetimes).unwrap();
    assert_eq!(table.room.game.question().unwrap().expires, Some(table.now + Millis::from_secs(6)));
    assert_eq!(table.tick_after(5), Vec::new());
    assert!(has(&table.tick_after(1), decided(1)));
}

/// P7: our outage is never your timeout.
#[test]
fn an_outage_is_forgiven_as_a_turns() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    let from = table.now + Millis::from_secs(2);
    table.pass(60);
    table.room.forgive_outage(Unserved { from, until: table.now }, table.now);
    assert_eq!(table.room.game.turn.map(|turn| turn.asked), Some(Asked::Runs));
    assert_eq!(table.tick_after(14), Vec::new());
    assert!(has(&table.tick_after(1), decided(1)));
}

#[test]
fn a_hand_keeps_the_rule_by_which_it_was_dealt() {
    let (mut table, _) = Table::all_in(&[ANNA], RunItTwice::Ask, 2);
    let off = SettingsPatch { run_it_twice: Some("off".to_owned()), ..SettingsPatch::default() };
    table.room.change_settings(HOST, &off, table.now).unwrap();
    table.answer(HOST, 2).unwrap();
    assert!(has(&table.answer(ANNA, 2).unwrap(), decided(2)));
}

/// a standing choice answers at once.
#[test]
fn standing_choices_answer_by_themselves() {
    let prefer = |table: &mut Table, user, choice: &str, most| {
        let patch = PreferencesPatch {
            run_preference: Some(choice.to_owned()),
            max_runs: Some(most),
            ..PreferencesPatch::default()
        };
        table.room.prefer(user, &patch).unwrap();
    };
    let mut table = Table::ready(&[ANNA, BEN], RunItTwice::Ask, 3);
    prefer(&mut table, HOST, "always", None);
    prefer(&mut table, ANNA, "always", Some(2));
    let events = table.go_all_in();
    assert_eq!(table.room.game.question().unwrap().answered, [SeatIndex(0), SeatIndex(1)]);
    assert!(!has(&events, |what| matches!(what, Happened::RunsDecided { .. })));
    assert!(has(&table.answer(BEN, 3).unwrap(), decided(2)), "Anna takes no more than two");

    let mut table = Table::ready(&[ANNA, BEN], RunItTwice::Ask, 3);
    prefer(&mut table, BEN, "never", None);
    let events = table.go_all_in();
    assert!(has(&events, |what| matches!(what, Happened::RunsAsked(_))) && has(&events, decided(1)));
    assert!(table.room.game.live().is_none(), "nobody is waited for");
}
