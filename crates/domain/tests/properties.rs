//! What holds in every hand, however it is played.

use domain::card::Card;
use domain::card::deck::Deck;
use domain::chips::Chips;
use domain::hand::{Action, ActionKind, Blinds, Hand, HandKind, HandRules, HandSetup, LatePost, Step};
use domain::ids::SeatIndex;
use domain::rules::{Limit, Pack, Posting, RuleBook, Variant};
use proptest::collection::vec;
use proptest::prelude::*;

/// A hand to be played: the game, stacks, the button, the ante, house rules, a deck, and what to do at each decision.
#[derive(Clone, Debug)]
struct Script {
    variant: Variant,
    stacks: Vec<u64>,
    button: usize,
    ante: u64,
    house: House,
    swaps: Vec<u32>,
    choices: Vec<u32>,
    /// One in so many times somebody leaves, whoever's turn it is.
    departures: u32,
}

/// How the hand differs from a plain one.
#[derive(Clone, Copy, Debug)]
enum House {
    Plain,
    Straddles(usize),
    LatePosts,
    DeadSmallBlind,
    Runs(u8),
    TwoBoards,
    BombPot(u8),
}

fn house() -> impl Strategy<Value = House> {
    prop_oneof![
        3 => Just(House::Plain),
        1 => (1usize..=3).prop_map(House::Straddles),
        1 => Just(House::LatePosts),
        1 => Just(House::DeadSmallBlind),
        1 => (2u8..=3).prop_map(House::Runs),
        1 => Just(House::TwoBoards),
        1 => (1u8..=2).prop_map(House::BombPot),
    ]
}

fn script() -> impl Strategy<Value = Script> {
    let stack = prop_oneof![1u64..25, 25u64..400, 400u64..5000];
    let ante = prop_oneof![Just(0u64), 0u64..5];
    let departures = prop_oneof![Just(2u32), Just(40u32)];
    let variant = (0..Variant::ALL.len()).prop_map(|index| Variant::ALL[index]);
    let hand = (variant, vec(stack, 2..=10), 0usize..10, ante, house());
    let play = (vec(any::<u32>(), 51), vec(any::<u32>(), 60..240), departures);
    (hand, play).prop_map(|((variant, mut stacks, button, ante, house), (swaps, choices, departures))| {
        stacks.truncate(variant.game().most_players(house.boards().into()));
        Script { button: button % stacks.len(), variant, stacks, ante, house, swaps, choices, departures }
    })
}

impl House {
    fn boards(self) -> u8 {
        match self {
            Self::TwoBoards => 2,
            Self::BombPot(boards) => boards,
            Self::Plain | Self::Straddles(_) | Self::LatePosts | Self::DeadSmallBlind | Self::Runs(_) => 1,
        }
    }
}

impl Script {
    fn setup(&self) -> HandSetup {
        let (small_blind, button_blind) = match self.variant.game().posting {
            Posting::Blinds => (Chips::new(5), Chips::ZERO),
            Posting::ButtonBlind => (Chips::ZERO, Chips::new(10)),
        };
        let book = RuleBook::current(self.variant);
        let rules =
            HandRules { book, small_blind, big_blind: Chips::new(10), ante: Chips::new(self.ante), button_blind };
        // Seats that are not next to each other, as at a table with empty ones.
        let players = self.stacks.iter().enumerate().map(|(at, stack)| (SeatIndex(at as u8 * 2), Chips::new(*stack)));
        let mut setup = HandSetup::plain(rules, self.seat(0), players.collect());
        setup.boards = self.house.boards();
        let with_blinds = self.variant.game().posting == Posting::Blinds && self.stacks.len() > 2;
        match self.house {
            House::Straddles(count) if with_blinds => {
                let able = (3..3 + count).filter(|left| *left <= self.stacks.len()).map(|left| self.seat(left));
                setup.straddles = able.collect();
            }
            House::LatePosts if with_blinds => {
                let posts = (3..self.stacks.len()).map(|left| (left, self.seat(left)));
                let posts = posts.filter(|(left, _)| left % 2 == 1);
                setup.posts =
                    posts.map(|(left, seat)| LatePost { seat, live: left % 3 > 0, dead: left % 3 < 2 }).collect();
            }
            House::DeadSmallBlind if with_blinds => {
                // An empty seat has the button.
                setup.button = SeatIndex(setup.button.0 + 1);
                setup.blinds = Blinds::At { small: None, big: self.seat(1) };
            }
            House::Runs(runs) => setup.max_runs = runs,
            House::BombPot(_) => setup.kind = HandKind::BombPot,
            House::Plain | House::TwoBoards => {}
            House::Straddles(_) | House::LatePosts | House::DeadSmallBlind => {}
        }
        setup
    }

    /// The seat so many places left of the button.
    fn seat(&self, left: usize) -> SeatIndex {
        SeatIndex(((self.button + left) % self.stacks.len()) as u8 * 2)
    }

    fn deck(&self) -> Deck {
        let mut swaps = self.swaps.iter().cycle();
        Deck::shuffled(self.variant.game().pack, |below| swaps.next().map_or(0, |swap| swap % below))
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
    if let Step::PotAwarded { amount, winners, parts, .. } = step {
        let won: Chips = winners.iter().map(|(_, won)| *won).sum();
        prop_assert_eq!(won, *amount, "a pot is paid out whole");
        let in_parts: Chips = parts.iter().map(|part| part.amount).sum();
        prop_assert!(parts.is_empty() || in_parts == *amount, "and so are its parts");
        for part in parts {
            let won: Chips = part.winners.iter().map(|(_, won)| *won).sum();
            prop_assert_eq!(won, part.amount, "each to its winners");
        }
    }
    Ok(())
}

/// Nobody holds a card that somebody else or a board has.
fn check_cards(hand: &Hand) -> Result<(), TestCaseError> {
    let hole = hand.players().iter().flat_map(|player| player.hole.cards().to_vec());
    // What several runs have in common is there once in each.
    let shared = hand.runs().filter(|runs| *runs > 1).map_or(0, |_| {
        let [first, second, ..] = hand.boards() else { return 0 };
        first.iter().zip(second).take_while(|(a, b)| a == b).count()
    });
    let common = hand.boards().iter().enumerate().flat_map(|(run, board)| &board[if run > 0 { shared } else { 0 }..]);
    let mut all: Vec<Card> = hole.chain(common.copied()).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    prop_assert_eq!(all.len(), count, "each card once");
    Ok(())
}

/// No bet goes above the pot, but for the smallest that there is.
fn check_limit(hand: &Hand) -> Result<(), TestCaseError> {
    let Some((min, max)) = hand.legal().and_then(|legal| legal.min_raise_to.zip(legal.max_raise_to)) else {
        return Ok(());
    };
    let player = hand.actor().and_then(|actor| hand.player(actor)).expect("who acts plays");
    let owed = hand.current_bet().saturating_sub(player.bet);
    let pot = hand.current_bet() + hand.pot() + owed;
    prop_assert!(min <= max && max <= player.bet + player.stack);
    if hand.game().limit == Limit::Pot && hand.posts().iter().all(|post| post.amount >= Chips::new(5)) {
        let missing = Chips::new(15);
        prop_assert!(max <= pot.max(min) + missing, "{max} of {pot}");
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
            check_cards(&hand)?;
            check_limit(&hand)?;
            if hand.asks_for_runs() {
                prop_assert!(hand.fold_out_of_turn(hand.players()[0].seat).is_empty(), "the betting is over");
                let runs = 1 + *choice as u8 % hand.most_runs();
                hand.run_out(runs).expect("it is asked").iter().try_for_each(check_step)?;
            }
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
        check_cards(&hand)?;
        prop_assert_eq!(total(&hand), before);
        prop_assert_eq!(hand.pot(), Chips::ZERO);
        let again = Hand::replay(script.setup(), script.deck(), done, hand.runs()).expect("it was legal");
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
        let deck = Deck::shuffled(Pack::Full, |below| swaps.next().map_or(0, |swap| swap % below));
        let mut numbers: Vec<u8> = deck.cards().iter().map(|card| card.number()).collect();
        numbers.sort_unstable();
        prop_assert_eq!(numbers, (0..52).collect::<Vec<u8>>());
    }
}
