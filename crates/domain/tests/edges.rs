//! Rare situations whose result is worked out by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::card::deck::Deck;
use domain::card::{Card, Rank, Suit};
use domain::chips::Chips;
use domain::hand::{Action, Hand, HandRules, HandSetup, Step};
use domain::ids::SeatIndex;
use domain::rules::{Pack, RuleBook, Variant};
fn chips(n: u64) -> Chips {
    Chips::new(n)
}

fn seat(n: u8) -> SeatIndex {
    SeatIndex(n)
}

fn card(t: &str) -> Card {
    Card { rank: Rank::ALL["23456789TJQKA".find(&t[..1]).unwrap()], suit: Suit::ALL["cdhs".find(&t[1..]).unwrap()] }
}

/// Hole cards from the left of the button.
fn deal(blinds: (u64, u64, u64), stacks: &[u64], button: u8, holes: &str, board: &str) -> (Hand, Vec<Step>) {
    let h: Vec<Card> = holes.split_whitespace().flat_map(|h| [card(&h[..2]), card(&h[2..])]).collect();
    let mut d: Vec<Card> = h.iter().step_by(2).chain(h.iter().skip(1).step_by(2)).copied().collect();
    d.extend(board.split_whitespace().map(card));
    for x in Deck::ordered(Pack::Full).cards() {
        if !d.contains(x) {
            d.push(*x)
        }
    }
    let rules = HandRules {
        book: RuleBook::current(Variant::HoldEm),
        small_blind: chips(blinds.0),
        big_blind: chips(blinds.1),
        ante: chips(blinds.2),
        button_blind: Chips::ZERO,
    };
    let players = stacks.iter().enumerate().map(|(i, x)| (seat(i as u8), chips(*x))).collect();
    Hand::deal(HandSetup::plain(rules, seat(button), players), Deck::from_cards(d).unwrap())
}

fn stacks(h: &Hand) -> Vec<u64> {
    h.players().iter().map(|p| p.stack.get()).collect()
}

fn legal(h: &Hand) -> (u64, Option<u64>, Option<u64>) {
    let l = h.legal().unwrap();
    (l.call_amount.get(), l.min_raise_to.map(Chips::get), l.max_raise_to.map(Chips::get))
}

fn run(h: &mut Hand, acts: &[(u8, Action)]) -> Vec<Step> {
    acts.iter().flat_map(|(x, a)| h.act(seat(*x), *a).unwrap_or_else(|e| panic!("{x} {a:?} {e:?}"))).collect()
}

const BOARD: &str = "2c 7d 9h Js Kc";

#[test]
fn the_aggressor_leaves_and_a_caller_still_owes() {
    // button 0; sb 1 (10 chips) , bb 2, utg 3
    let (mut h, _) = deal((5, 10, 0), &[500, 10, 500, 500], 0, "AsAd QcQd 3s4d 5h6h", BOARD);
    run(&mut h, &[(3, Action::Raise(chips(30))), (0, Action::Fold), (1, Action::AllIn)]);
    let st = h.fold_out_of_turn(seat(3));
    assert_eq!(st.len(), 1);
    assert_eq!((h.actor(), legal(&h)), (Some(seat(2)), (20, None, None)));
    let st = run(&mut h, &[(2, Action::Call)]);
    assert!(h.is_complete());
    let aw: Vec<_> = st
        .iter()
        .filter_map(|x| {
            if let Step::PotAwarded { amount, winners, .. } = x { Some((amount.get(), winners.clone())) } else { None }
        })
        .collect();
    assert_eq!(aw, [(30, vec![(seat(1), chips(30))]), (40, vec![(seat(2), chips(40))])]);
    assert_eq!(stacks(&h), [500, 30, 510, 470]);
}

#[test]
fn excess_of_a_folded_aggressor_goes_to_the_last_pot() {
    let (mut h, _) = deal((5, 10, 0), &[20, 10, 500, 500], 0, "AsAd QcQd 3s4d 5h6h", BOARD);
    run(&mut h, &[(3, Action::Raise(chips(60))), (0, Action::AllIn), (1, Action::AllIn)]);
    h.fold_out_of_turn(seat(3));
    let st = run(&mut h, &[(2, Action::Fold)]);
    assert!(h.is_complete());
    assert!(st.iter().all(|x| !matches!(x, Step::Acted { returned: Some(_), .. })));
    // level 10: 4*10 = 40 to seat 1 (aces); the rest 50+10 to seat 0
    assert_eq!(stacks(&h), [60, 40, 490, 440]);
}

#[test]
fn blinds_that_are_left_behind_go_to_the_player_who_stays() {
    // The button has put in nothing when both blinds leave.
    let (mut h, _) = deal((1, 2, 0), &[100, 100, 100], 0, "2c7d 3c8d 4c9d", "");
    assert!(!h.fold_out_of_turn(seat(1)).is_empty());
    let steps = h.fold_out_of_turn(seat(2));
    assert!(h.is_complete());
    assert_eq!(stacks(&h), [103, 99, 98]);
    let won = steps.iter().any(|step| matches!(step, Step::PotAwarded { amount, .. } if *amount == chips(3)));
    assert!(won && h.winners().len() == 1 && h.winners()[0].amount == chips(3));
}

#[test]
fn heads_up_short_big_blind() {
    let (h, _) = deal((5, 10, 0), &[500, 4], 0, "AsAd QcQd", BOARD);
    assert!(h.is_complete());
    assert_eq!(stacks(&h), [496, 8]);
    let (h, _) = deal((5, 10, 0), &[500, 7], 0, "AsAd QcQd", BOARD);
    assert_eq!((h.actor(), legal(&h)), (Some(seat(0)), (5, None, None)));
}

#[test]
fn a_small_blind_that_covers_a_short_big_blind_is_not_asked() {
    let (mut h, _) = deal((5, 10, 0), &[500, 500, 4], 0, "AsAd QcQd 5h6h", BOARD);
    run(&mut h, &[(0, Action::Fold)]);
    assert!(h.is_complete());
    assert_eq!(stacks(&h), [500, 504, 0]);
}

#[test]
fn ten_players_tie_with_odd_chips() {
    // board plays: royal on board
    let holes = "2c3d 2d3c 2h3s 2s3h 4c5d 4d5c 4h5s 4s5h 6c7d 6d7c";
    let (mut h, _) = deal((1, 2, 0), &[100; 10], 4, holes, "As Ks Qs Js Ts");
    run(
        &mut h,
        &[
            (7, Action::Call),
            (8, Action::Call),
            (9, Action::Call),
            (0, Action::Fold),
            (1, Action::Fold),
            (2, Action::Fold),
            (3, Action::Fold),
            (4, Action::Fold),
            (5, Action::Fold),
            (6, Action::Check),
        ],
    );
    for _ in 0..3 {
        run(&mut h, &[(6, Action::Check), (7, Action::Check), (8, Action::Check), (9, Action::Check)]);
    }
    assert!(h.is_complete()); // pot 9: 6 gets 3
    assert_eq!((stacks(&h)[6], stacks(&h)[7], stacks(&h)[9], stacks(&h)[5]), (101, 100, 100, 99));
    assert_eq!(h.shown().iter().map(|x| x.seat.0).collect::<Vec<_>>(), [6, 7, 8, 9]);
    assert_eq!(h.winners().len(), 4);
}

#[test]
fn aggressor_of_the_river_who_leaves_does_not_show_first_and_caller_order() {
    let (mut h, _) = deal((1, 2, 0), &[100; 3], 0, "KsKd 3c4d AhAd", BOARD); // sb1 KK set, bb2 trash, btn0 AA
    run(&mut h, &[(0, Action::Call), (1, Action::Call), (2, Action::Check)]);
    for _ in 0..2 {
        run(&mut h, &[(1, Action::Check), (2, Action::Check), (0, Action::Check)]);
    }
    run(&mut h, &[(1, Action::Check), (2, Action::Bet(chips(10))), (0, Action::Call)]);
    h.fold_out_of_turn(seat(2));
    let st = run(&mut h, &[(1, Action::Call)]);
    assert!(st.iter().any(|x| matches!(x, Step::Completed { .. })));
    // 1 shows first (left of button), 0's aces lose: muck
    assert_eq!(h.shown().iter().map(|x| x.seat.0).collect::<Vec<_>>(), [1]);
    assert!(!h.player(seat(0)).unwrap().shown);
    assert_eq!(h.winners()[0].rank.unwrap().to_string(), "Three of a kind, kings");
}

#[test]
fn an_all_in_player_at_showdown_turns_every_hand_up() {
    let (mut h, _) = deal((1, 2, 0), &[100, 5, 100], 0, "KsKd 3c4d AhAd", BOARD);
    run(&mut h, &[(0, Action::Call), (1, Action::AllIn), (2, Action::Call), (0, Action::Call)]);
    for _ in 0..3 {
        run(&mut h, &[(2, Action::Check), (0, Action::Check)]);
    }
    assert_eq!(h.shown().len(), 3);
    assert!(h.players().iter().all(|p| !p.is_all_in()));
}

#[test]
fn ante_all_in_heads_up() {
    let (h, _) = deal((1, 2, 5), &[3, 100], 0, "KsKd 3c4d", BOARD);
    assert!(h.is_complete());
    assert_eq!(stacks(&h), [0, 103]);
    let (h, _) = deal((1, 2, 5), &[3, 100], 0, "3c4d KsKd", BOARD);
    assert_eq!(stacks(&h), [6, 97]);
}

#[test]
fn max_stacks() {
    let (mut h, _) = deal((1, 2, 0), &[1_000_000_000_000; 3], 0, "KsKd 3c4d AhAd", BOARD);
    run(&mut h, &[(0, Action::AllIn), (1, Action::AllIn), (2, Action::AllIn)]);
    assert_eq!(stacks(&h), [0, 3_000_000_000_000, 0]);
    let (mut h, _) = deal((1, 2, 0), &[100; 3], 0, "KsKd 3c4d AhAd", BOARD);
    assert!(h.act(seat(0), Action::Raise(chips(u64::MAX))).is_err());
}

#[test]
fn both_blinds_leave_and_the_button_takes_what_they_posted() {
    // Nobody who is still in the hand has put a chip into the middle.
    let (mut h, _) = deal((5, 10, 0), &[500, 500, 500], 0, "AsAd QcQd 3s4d", BOARD);
    h.fold_out_of_turn(seat(1));
    let st = h.fold_out_of_turn(seat(2));
    assert!(h.is_complete());
    assert_eq!(stacks(&h), [515, 495, 490]);
    assert!(st.iter().any(|step| matches!(step, Step::PotAwarded { amount, .. } if *amount == chips(15))), "{st:?}");
}
