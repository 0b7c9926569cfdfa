//! Rules that no recorded hand shows: those of the Poker TDA (2024) where the referee's differ, and people who leave.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::card::deck::Deck;
use domain::chips::Chips;
use domain::hand::{Action, ActionError, ActionKind, Hand, HandRules, HandSetup, PostKind, Step};
use domain::ids::SeatIndex;
use domain::rules::{Pack, Revision, RuleBook, Variant};

fn seat(index: u8) -> SeatIndex {
    SeatIndex(index)
}

fn chips(count: u64) -> Chips {
    Chips::new(count)
}

/// A hand with these stacks in seats 0, 1, …, the button in the last, blinds 5 and 10.
fn hand(stacks: &[u64], ante: u64) -> (Hand, Vec<Step>) {
    hand_by(Revision::Second, stacks, ante)
}

fn hand_by(revision: Revision, stacks: &[u64], ante: u64) -> (Hand, Vec<Step>) {
    let book = RuleBook { variant: Variant::HoldEm, revision };
    let rules =
        HandRules { book, small_blind: chips(5), big_blind: chips(10), ante: chips(ante), button_blind: Chips::ZERO };
    let players = stacks.iter().enumerate().map(|(index, stack)| (seat(index as u8), chips(*stack))).collect();
    let setup = HandSetup::plain(rules, seat(stacks.len() as u8 - 1), players);
    Hand::deal(setup, Deck::shuffled(Pack::Full, |below| below / 3))
}

fn legal(hand: &Hand) -> (u64, Option<u64>) {
    let legal = hand.legal().expect("somebody is to act");
    (legal.call_amount.get(), legal.min_raise_to.map(Chips::get))
}

fn total(hand: &Hand) -> u64 {
    hand.players().iter().map(|player| player.stack.get()).sum::<u64>() + hand.pot().get()
}

#[test]
fn a_short_big_blind_does_not_lower_the_price() {
    let (hand, _) = hand(&[500, 4, 500], 0);
    assert_eq!(hand.posts().iter().map(|post| post.amount.get()).collect::<Vec<_>>(), [5, 4]);
    assert_eq!(hand.actor(), Some(seat(2)));
    assert_eq!(legal(&hand), (10, Some(20)), "the full big blind, and twice that");
}

#[test]
fn a_short_small_blind_is_all_in_for_what_it_has() {
    let (hand, _) = hand(&[3, 500, 500], 0);
    assert!(hand.player(seat(0)).unwrap().is_all_in());
    assert_eq!(legal(&hand), (10, Some(20)));
}

#[test]
fn a_player_whom_the_ante_puts_all_in_plays_for_the_antes() {
    let (mut hand, _) = hand(&[500, 500, 2], 2);
    assert!(hand.player(seat(2)).unwrap().is_all_in());
    assert!(hand.posts().iter().any(|post| post.seat == seat(2) && post.kind == PostKind::Ante));
    hand.act(seat(0), Action::Raise(chips(100))).unwrap();
    hand.act(seat(1), Action::Fold).unwrap();
    assert!(hand.is_complete(), "nobody else can bet");
    assert_eq!(total(&hand), 1002);
}

#[test]
fn short_blinds_that_leave_nobody_to_act_run_the_board_out() {
    let (hand, steps) = hand(&[3, 2], 0);
    assert!(hand.is_complete());
    assert_eq!(hand.board().len(), 5);
    assert!(matches!(steps.last(), Some(Step::Completed { .. })));
    assert_eq!(total(&hand), 5);
}

#[test]
fn short_all_ins_that_together_are_a_full_raise_reopen_the_betting() {
    // 3 raises to 40 (a step of 30). All-ins to 55 and 75 are short, together 35.
    let (mut hand, _) = hand(&[75, 500, 55, 500], 0);
    assert_eq!(hand.actor(), Some(seat(2)));
    hand.act(seat(2), Action::Call).unwrap();
    hand.act(seat(3), Action::Raise(chips(40))).unwrap();
    hand.act(seat(0), Action::Call).unwrap();
    hand.act(seat(1), Action::Call).unwrap();
    hand.act(seat(2), Action::AllIn).unwrap();
    assert_eq!(legal(&hand), (15, None), "55 alone doesn't reopen for 3");
    hand.act(seat(3), Action::Call).unwrap();
    hand.act(seat(0), Action::AllIn).unwrap_err();
    hand.act(seat(0), Action::Call).unwrap();
    hand.act(seat(1), Action::Call).unwrap();
    assert_eq!(hand.board().len(), 3);
}

#[test]
fn the_sum_of_two_short_all_ins_reopens_for_whoever_acted_before_both() {
    // 0 bets 30; 1 all-in to 45 and 2 to 62 are short raises, together 32.
    let (mut hand, _) = hand(&[510, 55, 72, 510], 0);
    while hand.board().is_empty() {
        let actor = hand.actor().unwrap();
        let free = hand.legal().unwrap().allows(ActionKind::Check);
        hand.act(actor, if free { Action::Check } else { Action::Call }).unwrap();
    }
    hand.act(seat(0), Action::Bet(chips(30))).unwrap();
    hand.act(seat(1), Action::AllIn).unwrap();
    hand.act(seat(2), Action::AllIn).unwrap();
    hand.act(seat(3), Action::Call).unwrap();
    assert_eq!(hand.actor(), Some(seat(0)));
    assert_eq!(legal(&hand), (32, Some(92)), "a full raise is 30 more than 62");
}

/// 2 calls the big blind, 3 is all-in for 15, 0 calls, the big blind calls; then 2, who has acted, and 0 once more on the flop.
fn after_a_short_all_in_over_limpers(revision: Revision) -> Hand {
    let (mut hand, _) = hand_by(revision, &[500, 500, 500, 15], 0);
    hand.act(seat(2), Action::Call).unwrap();
    hand.act(seat(3), Action::AllIn).unwrap();
    hand.act(seat(0), Action::Call).unwrap();
    assert_eq!(legal(&hand), (5, Some(25)), "the big blind hasn't acted, and may raise");
    hand.act(seat(1), Action::Call).unwrap();
    assert_eq!(hand.actor(), Some(seat(2)));
    hand
}

#[test]
fn who_called_the_big_blind_may_not_raise_a_short_all_in() {
    let mut hand = after_a_short_all_in_over_limpers(Revision::Second);
    assert_eq!(legal(&hand), (5, None));
    let before = hand.clone();
    for action in [Action::Raise(chips(25)), Action::Raise(chips(500)), Action::AllIn] {
        assert!(matches!(hand.act(seat(2), action), Err(ActionError::IllegalAction { .. })), "{action:?}");
    }
    assert_eq!(hand, before);
    hand.act(seat(2), Action::Call).unwrap();
    assert_eq!(hand.board().len(), 3);
}

#[test]
fn by_the_first_revision_who_called_the_big_blind_may_raise_a_short_all_in() {
    let mut hand = after_a_short_all_in_over_limpers(Revision::First);
    assert_eq!(legal(&hand), (5, Some(25)));
    hand.act(seat(2), Action::Raise(chips(25))).unwrap();
}

#[test]
fn who_has_checked_may_not_raise_an_all_in_of_less_than_the_big_blind() {
    for (revision, raise) in [(Revision::First, Some(14)), (Revision::Second, None)] {
        let (mut hand, _) = hand_by(revision, &[500, 500, 14], 0);
        while hand.board().is_empty() {
            let actor = hand.actor().unwrap();
            let free = hand.legal().unwrap().allows(ActionKind::Check);
            hand.act(actor, if free { Action::Check } else { Action::Call }).unwrap();
        }
        hand.act(seat(0), Action::Check).unwrap();
        hand.act(seat(1), Action::Check).unwrap();
        hand.act(seat(2), Action::AllIn).unwrap();
        assert_eq!(legal(&hand), (4, raise), "{revision:?}");
    }
}

#[test]
fn short_all_ins_that_add_up_to_a_bet_reopen_the_betting_for_who_has_checked() {
    // All-ins to 4 and 10 on the flop are together a big blind.
    let (mut hand, _) = hand(&[500, 500, 14, 20], 0);
    while hand.board().is_empty() {
        let actor = hand.actor().unwrap();
        let free = hand.legal().unwrap().allows(ActionKind::Check);
        hand.act(actor, if free { Action::Check } else { Action::Call }).unwrap();
    }
    hand.act(seat(0), Action::Check).unwrap();
    hand.act(seat(1), Action::Check).unwrap();
    hand.act(seat(2), Action::AllIn).unwrap();
    hand.act(seat(3), Action::AllIn).unwrap();
    assert_eq!(legal(&hand), (10, Some(20)), "the step is still a big blind");
    hand.act(seat(0), Action::Raise(chips(20))).unwrap();
}

#[test]
fn a_player_who_leaves_is_folded_out_of_turn_and_the_turn_stays() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    let steps = hand.fold_out_of_turn(seat(1));
    assert!(matches!(steps[..], [Step::Acted { kind: ActionKind::Fold, .. }]));
    assert_eq!(hand.actor(), Some(seat(2)));
    hand.act(seat(2), Action::Fold).unwrap();
    assert!(hand.is_complete());
    assert_eq!(total(&hand), 1500);
}

#[test]
fn a_bettor_who_leaves_forfeits_the_bet() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    hand.act(seat(2), Action::Raise(chips(100))).unwrap();
    hand.fold_out_of_turn(seat(2));
    hand.act(seat(0), Action::Call).unwrap();
    hand.act(seat(1), Action::Fold).unwrap();
    assert!(hand.is_complete());
    assert_eq!(hand.player(seat(0)).unwrap().stack, chips(610));
}

#[test]
fn heads_up_whoever_stays_wins_at_once() {
    let (mut hand, _) = hand(&[500, 500], 0);
    let steps = hand.fold_out_of_turn(seat(0));
    assert!(hand.is_complete());
    assert!(matches!(steps.last(), Some(Step::Completed { .. })));
    assert_eq!(hand.player(seat(1)).unwrap().stack, chips(510), "the big blind that was left behind stays in the pot");
}

#[test]
fn an_all_in_player_who_leaves_is_not_folded() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    hand.act(seat(2), Action::AllIn).unwrap();
    assert_eq!(hand.fold_out_of_turn(seat(2)), []);
    hand.act(seat(0), Action::Call).unwrap();
    hand.act(seat(1), Action::Fold).unwrap();
    assert_eq!(hand.shown().len(), 2);
}

#[test]
fn the_last_aggressor_of_the_river_shows_first_and_who_can_not_win_mucks() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    let mut river = Vec::new();
    while hand.board().len() < 5 {
        let actor = hand.actor().unwrap();
        let free = hand.legal().unwrap().allows(ActionKind::Check);
        hand.act(actor, if free { Action::Check } else { Action::Call }).unwrap();
    }
    hand.act(seat(0), Action::Check).unwrap();
    hand.act(seat(1), Action::Bet(chips(20))).unwrap();
    hand.act(seat(2), Action::Call).unwrap();
    river.extend(hand.act(seat(0), Action::Call).unwrap());
    assert_eq!(hand.shown()[0].seat, seat(1));
    let mut best = hand.shown()[0].rank;
    for shown in &hand.shown()[1..] {
        assert!(shown.rank >= best, "who can't win doesn't show");
        best = shown.rank;
    }
    assert!(hand.winners().iter().all(|winner| hand.shown().iter().any(|shown| shown.seat == winner.seat)));
}

#[test]
fn nothing_is_shown_when_all_but_one_fold() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    hand.act(seat(2), Action::Raise(chips(100))).unwrap();
    hand.act(seat(0), Action::Fold).unwrap();
    let steps = hand.act(seat(1), Action::Fold).unwrap();
    assert_eq!(hand.shown(), []);
    let Step::Acted { returned: Some(returned), .. } = &steps[0] else { panic!("nobody called") };
    assert_eq!((returned.seat, returned.amount), (seat(2), chips(90)));
}

#[test]
fn a_refused_action_changes_nothing() {
    let (mut hand, _) = hand(&[500, 500, 500], 0);
    let before = hand.clone();
    assert_eq!(hand.act(seat(0), Action::Fold), Err(ActionError::NotYourTurn));
    assert!(matches!(hand.act(seat(2), Action::Check), Err(ActionError::IllegalAction { .. })));
    assert!(matches!(hand.act(seat(2), Action::Bet(chips(50))), Err(ActionError::IllegalAction { .. })));
    for amount in [0, 19, 501, u64::MAX] {
        assert!(matches!(hand.act(seat(2), Action::Raise(chips(amount))), Err(ActionError::IllegalAmount { .. })));
    }
    assert_eq!(hand, before);
}
