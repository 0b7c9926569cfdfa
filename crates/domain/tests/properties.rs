//! What holds in every hand, however it is played.

use domain::card::deck::Deck;
use domain::chips::Chips;
use domain::hand::{Action, ActionKind, Hand, HandRules, HandSetup, Step};
use domain::ids::SeatIndex;
use domain::rules::{RuleBook, Variant};
use proptest::collection::vec;
use proptest::prelude::*;

/// A hand to be played: stacks, the button, the ante, a deck, and what to do at each decision.
#[derive(Clone, Debug)]
struct Script {
    stacks: Vec<u64>,
    button: usize,
    ante: u64,
    swaps: Vec<u32>,
    choices: Vec<u32>,
    /// One in so many times somebody leaves, whoever's turn it is.
    departures: u32,
}

fn script() -> impl Strategy<Value = Script> {
    let stack = prop_oneof![1u64..25, 25u64..400, 400u64..5000];
    let ante = prop_oneof![Just(0u64), 0u64..5];
    let departures = prop_oneof![Just(2u32), Just(40u32)];
    let parts = (vec(stack, 2..=10), 0usize..10, ante, vec(any::<u32>(), 51), vec(any::<u32>(), 60..240), departures);
    parts.prop_map(|(stacks, button, ante, swaps, choices, departures)| Script {
        button: button % stacks.len(),
        stacks,
        ante,
        swaps,
        choices,
        departures,
    })
}

impl Script {
    fn setup(&self) -> HandSetup {
        let rules = HandRules {
            book: RuleBook::current(Variant::HoldEm),
            small_blind: Chips::new(5),
            big_blind: Chips::new(10),
            ante: Chips::new(self.ante),
        };
        // Chairs that are not next to each other, as at a table with empty ones.
        let players = self.stacks.iter().enumerate().map(|(at, stack)| (SeatIndex(at as u8 * 2), Chips::new(*stack)));
        HandSetup { rules, button: SeatIndex(self.button as u8 * 2), players: players.collect() }
    }

    fn deck(&self) -> Deck {
        let mut swaps = self.swaps.iter().cycle();
        Deck::shuffled(|below| swaps.next().map_or(0, |swap| swap % below))
    }
}

fn total(hand: &Hand) -> u64 {
    hand.players().iter().map(|player| player.stack.get()).sum::<u64>() + hand.pot().get()
}

fn legal_action(hand: &Hand, choice: u32) -> Action {
    let legal = hand.legal().expect("somebody is to act");
    let kind = legal.actions[choice as usize % legal.actions.len()];
    let amount = || {
        let (min, max) = (legal.min_raise_to.expect("legal").get(), legal.max_raise_to.expect("legal").get());
        Chips::new(min + u64::from(choice / 8) % (max - min + 1))
    };
    match kind {
        ActionKind::Fold => Action::Fold,
        ActionKind::Check => Action::Check,
        ActionKind::Call => Action::Call,
        ActionKind::Bet => Action::Bet(amount()),
        ActionKind::Raise => Action::Raise(amount()),
        ActionKind::AllIn => Action::AllIn,
    }
}

fn check_step(step: &Step) -> Result<(), TestCaseError> {
    if let Step::PotAwarded { amount, winners, .. } = step {
        let won: Chips = winners.iter().map(|(_, won)| *won).sum();
        prop_assert_eq!(won, *amount, "a pot is paid out whole");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_chip_is_made_or_lost_and_every_hand_ends(script in script()) {
        let before: u64 = script.stacks.iter().sum();
        let (mut hand, steps) = Hand::deal(script.setup(), script.deck());
        let mut done = Vec::new();
        steps.iter().try_for_each(check_step)?;
        for choice in script.choices.iter().cycle().take(2000) {
            prop_assert_eq!(total(&hand), before);
            let Some(actor) = hand.actor() else { break };
            let leaver = SeatIndex((choice / 7 % script.stacks.len() as u32) as u8 * 2);
            let (seat, action, steps) = if choice % script.departures == 0 {
                (leaver, Action::Fold, hand.fold_out_of_turn(leaver))
            } else {
                let action = legal_action(&hand, *choice);
                (actor, action, hand.act(actor, action).expect("it is legal"))
            };
            steps.iter().try_for_each(check_step)?;
            if !steps.is_empty() {
                done.push((seat, action));
            }
        }
        prop_assert!(hand.is_complete(), "no hand is stuck");
        prop_assert_eq!(total(&hand), before);
        prop_assert_eq!(hand.pot(), Chips::ZERO);
        let again = Hand::replay(script.setup(), script.deck(), done).expect("it was legal");
        prop_assert_eq!(again, hand);
    }

    #[test]
    fn illegal_play_neither_panics_nor_changes_anything(script in script(), wild in vec((0u8..24, 0u8..6, any::<u64>()), 40)) {
        let (mut hand, _) = Hand::deal(script.setup(), script.deck());
        for ((seat, kind, amount), choice) in wild.into_iter().zip(&script.choices) {
            let amount = Chips::new(amount >> (choice % 64));
            let action = match kind {
                0 => Action::Fold,
                1 => Action::Check,
                2 => Action::Call,
                3 => Action::Bet(amount),
                4 => Action::Raise(amount),
                _ => Action::AllIn,
            };
            let before = hand.clone();
            if hand.act(SeatIndex(seat), action).is_err() {
                prop_assert_eq!(&hand, &before);
            }
            if hand.actor().is_some() && choice % 3 == 0 {
                let actor = hand.actor().expect("just seen");
                let action = legal_action(&hand, *choice);
                hand.act(actor, action).expect("it is legal");
            }
        }
    }

    #[test]
    fn a_deck_has_52_different_cards(swaps in vec(any::<u32>(), 51)) {
        let mut swaps = swaps.into_iter();
        let deck = Deck::shuffled(|below| swaps.next().map_or(0, |swap| swap % below));
        let mut numbers: Vec<u8> = deck.cards().iter().map(|card| card.number()).collect();
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (0..52).collect::<Vec<u8>>());
    }
}
