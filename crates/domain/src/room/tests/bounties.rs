//! The bounty for a main pot that is won with a seven and a deuce.

use super::*;
use crate::card::Card;
use crate::event::BountyPaid;
use crate::hand::Hand;
use crate::ledger::{self, EntryKind};

fn cards(names: &[&str]) -> Vec<Card> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

const SEVEN_DEUCE: [&str; 2] = ["hearts_7", "clubs_2"];
const ACES: [&str; 2] = ["hearts_A", "clubs_A"];
const NINES: [&str; 2] = ["hearts_9", "clubs_9"];
/// Twos win on it.
const BOARD: [&str; 5] = ["spades_2", "diamonds_2", "spades_J", "hearts_4", "diamonds_8"];

/// Three players with 200 chips, a bounty of 5, and these cards, by seat.
fn dealt(holes: [[&str; 2]; 3], board: [&str; 5]) -> Table {
    let mut table = Table::new(SettingsPatch { bounty72: Some(5), ..SettingsPatch::default() });
    for user in [ANNA, BEN] {
        table.join(user);
        table.approve(user).unwrap();
    }
    for (seat, user) in [HOST, ANNA, BEN].into_iter().enumerate() {
        table.sit(user, seat as u8).unwrap();
    }
    table.start().unwrap();
    let dealt = table.room.game.dealt.as_mut().unwrap();
    let setup = dealt.hand.setup().clone();
    let order: Vec<usize> = setup.left_of(setup.button).map(|(seat, _)| seat.index()).collect();
    let names: Vec<&str> = (0..2).flat_map(|round| order.iter().map(move |seat| holes[*seat][round])).collect();
    let mut deck = cards(&[&names[..], &board].concat());
    let rest: Vec<Card> =
        Deck::ordered(Pack::Full).cards().iter().filter(|card| !deck.contains(card)).copied().collect();
    deck.extend(rest);
    dealt.hand = Hand::deal(setup, Deck::from_cards(deck).unwrap()).0;
    table
}

fn paid(events: &[Event]) -> Option<&BountyPaid> {
    events.iter().find_map(|event| if let Happened::BountyPaid(paid) = &event.what { Some(paid) } else { None })
}

fn show(table: &mut Table, user: UserId, names: &[&str]) -> Vec<Event> {
    let hand = table.room.game.dealt.as_ref().unwrap().id;
    table.room.show_cards(user, hand, &cards(names), table.now, &table.lifetimes).unwrap()
}

/// Everybody but this player folds.
fn folded_to(table: &mut Table, winner: UserId) -> Vec<Event> {
    let mut events = Vec::new();
    while table.room.game.live().is_some() {
        let (actor, call) = (table.actor(), Action::Call);
        let action = if actor == winner { call } else { Action::Fold };
        events.extend(table.act(actor, action).unwrap());
    }
    events
}

/// Everybody goes all-in.
fn all_in(table: &mut Table) -> Vec<Event> {
    let mut events = Vec::new();
    while table.room.game.live().is_some() {
        events.extend(table.act(table.actor(), Action::AllIn).unwrap());
    }
    events
}

///
#[test]
fn who_wins_without_a_showdown_gets_it_once_both_cards_are_shown() {
    let mut table = dealt([SEVEN_DEUCE, ACES, NINES], BOARD);
    assert_eq!(paid(&folded_to(&mut table, HOST)), None, "nothing is shown");
    let before = table.stacks();
    assert_eq!(paid(&show(&mut table, ANNA, &ACES)), None, "not the winner's");
    assert_eq!(paid(&show(&mut table, HOST, &SEVEN_DEUCE[..1])), None, "one card");
    let events = show(&mut table, HOST, &SEVEN_DEUCE[1..]);
    let bounty = paid(&events).unwrap();
    assert_eq!((bounty.user, bounty.amount), (HOST, Chips::new(10)));
    let from: Vec<_> = bounty.from.iter().map(|payer| (payer.seat.0, payer.amount.get())).collect();
    assert_eq!(from, [(1, 5), (2, 5)], "from the left of the button, also who folded before the flop");
    let after: Vec<u64> = [before[0] + 10, before[1] - 5, before[2] - 5].into();
    assert_eq!((table.stacks(), table.chips()), (after, 600));
    let entries: Vec<_> = events.iter().flat_map(|event| ledger::entries(&event.what)).collect();
    assert!(entries.iter().all(|entry| entry.kind == EntryKind::Bounty && entry.hand.is_some()));
    assert_eq!(entries.iter().map(|entry| entry.delta).collect::<Vec<_>>(), [10, -5, -5]);
    assert_eq!(paid(&show(&mut table, BEN, &NINES)), None, "it is paid once");
}

/// at the showdown it is paid at once, of what is left after the pots.
#[test]
fn at_the_showdown_it_is_paid_after_all_pots_as_far_as_stacks_go() {
    let mut table = dealt([SEVEN_DEUCE, ACES, NINES], BOARD);
    // The big blind calls and folds on the flop: 198 are left.
    table.act(HOST, Action::Call).unwrap();
    table.act(ANNA, Action::Call).unwrap();
    table.act(BEN, Action::Check).unwrap();
    table.act(ANNA, Action::AllIn).unwrap();
    table.act(BEN, Action::Fold).unwrap();
    let events = table.act(HOST, Action::AllIn).unwrap();
    let bounty = paid(&events).unwrap();
    let from: Vec<_> = bounty.from.iter().map(|payer| (payer.seat.0, payer.amount.get())).collect();
    assert_eq!(from, [(2, 5)], "who has lost everything owes nothing");
    let place = |is: fn(&Happened) -> bool| events.iter().position(|event| is(&event.what)).unwrap();
    let done = place(|what| matches!(what, Happened::HandCompleted(_)));
    assert!(done < place(|what| matches!(what, Happened::BountyPaid(_))));
    assert_eq!((table.stacks(), table.chips()), (vec![407, 0, 193], 600));
}

#[test]
fn other_hands_a_split_pot_or_a_lost_main_pot_get_nothing() {
    let tie = [SEVEN_DEUCE, ["spades_7", "hearts_2"], NINES];
    for (holes, board) in [
        ([["hearts_7", "clubs_3"], ACES, NINES], BOARD),
        (tie, ["spades_A", "diamonds_A", "spades_J", "hearts_J", "diamonds_K"]),
        ([SEVEN_DEUCE, ACES, NINES], ["spades_3", "diamonds_4", "spades_J", "hearts_Q", "diamonds_8"]),
    ] {
        let mut table = dealt(holes, board);
        assert_eq!(paid(&all_in(&mut table)), None, "{holes:?}");
        assert_eq!(table.chips(), 600);
    }
}

#[test]
fn who_has_left_the_table_pays_nothing_and_nobody_more_than_the_hand_left() {
    let mut table = dealt([SEVEN_DEUCE, ACES, NINES], BOARD);
    folded_to(&mut table, HOST);
    table.room.stand_up(ANNA, table.now, &table.lifetimes, &mut table.chance).unwrap();
    let events = show(&mut table, HOST, &SEVEN_DEUCE);
    let from: Vec<_> = paid(&events).unwrap().from.iter().map(|payer| payer.seat.0).collect();
    assert_eq!(from, [2]);
    assert_eq!(table.chips(), 600);
}
