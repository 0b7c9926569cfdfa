//! Who may bet how much, said a second time: from the list of what was done on the street alone, and held against the engine at
//! every decision of random hands that are full of short all-ins.
//!
//! Poker TDA (2024), "Raise Amounts" and "Re-opening the Bet".

use domain::card::deck::Deck;
use domain::chips::Chips;
use domain::hand::{Action, ActionKind, Hand, HandRules, HandSetup};
use domain::ids::SeatIndex;
use domain::rules::{Pack, Revision, RuleBook, Variant};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const SMALL_BLIND: u64 = 50;
const BIG_BLIND: u64 = 100;

/// A hand to be played: stacks, the button's place, the ante, and what to do at each decision.
#[derive(Clone, Debug)]
struct Script {
    stacks: Vec<u64>,
    button: usize,
    ante: u64,
    choices: Vec<u32>,
}

fn script() -> impl Strategy<Value = Script> {
    // Stacks of like size make ladders of short all-ins; a few deep ones can answer them.
    let stack = prop_oneof![
        3 => 1u64..BIG_BLIND,
        5 => BIG_BLIND..3 * BIG_BLIND,
        3 => 3 * BIG_BLIND..8 * BIG_BLIND,
        2 => 20 * BIG_BLIND..100 * BIG_BLIND,
    ];
    let ante = prop_oneof![3 => Just(0), 1 => 1u64..BIG_BLIND];
    (vec(stack, 2..=10), 0usize..10, ante, vec(any::<u32>(), 200)).prop_map(|(stacks, button, ante, choices)| Script {
        button: button % stacks.len(),
        stacks,
        ante,
        choices,
    })
}

impl Script {
    fn setup(&self, revision: Revision) -> HandSetup {
        let book = RuleBook { variant: Variant::HoldEm, revision };
        let (small_blind, big_blind) = (Chips::new(SMALL_BLIND), Chips::new(BIG_BLIND));
        let rules = HandRules { book, small_blind, big_blind, ante: Chips::new(self.ante), button_blind: Chips::ZERO };
        let players = self.stacks.iter().enumerate().map(|(at, stack)| (SeatIndex(at as u8), Chips::new(*stack)));
        HandSetup::plain(rules, SeatIndex(self.button as u8), players.collect())
    }
}

/// A street as somebody at the table would write it down.
struct Street {
    /// The price when it began.
    opening: u64,
    /// Who did something, and the price after it. Blinds are nobody's action.
    acts: Vec<(usize, u64)>,
}

impl Street {
    fn price(&self) -> u64 {
        self.acts.last().map_or(self.opening, |(_, price)| *price)
    }

    /// By how much the price went up each time.
    fn rises(&self) -> impl Iterator<Item = u64> {
        let before = std::iter::once(self.opening).chain(self.acts.iter().map(|(_, price)| *price));
        before.zip(&self.acts).map(|(before, (_, after))| after - before).filter(|rise| *rise > 0)
    }

    /// The last full bet or raise, at first the big blind. What is less than that was a short all-in.
    fn step(&self) -> u64 {
        self.rises().fold(BIG_BLIND, |step, rise| if rise >= step { rise } else { step })
    }

    fn was_bet_in_full(&self) -> bool {
        self.rises().any(|rise| rise >= BIG_BLIND)
    }

    /// Whether the betting is closed to this player.
    fn is_closed_to(&self, player: usize, revision: Revision) -> bool {
        let last = self.acts.iter().rev().find(|(who, _)| *who == player);
        let Some((_, then)) = last else { return false };
        let short = self.price() - then < self.step();
        match revision {
            Revision::First => short && self.was_bet_in_full(),
            Revision::Second => short,
        }
    }
}

/// The table as somebody at it would see it: what is in front of each player.
struct Table {
    street: Street,
    bets: Vec<u64>,
    behind: Vec<u64>,
    folded: Vec<bool>,
}

impl Table {
    fn of(hand: &Hand) -> Self {
        let players = hand.players();
        Self {
            street: Street { opening: BIG_BLIND, acts: Vec::new() },
            bets: players.iter().map(|player| player.bet.get()).collect(),
            behind: players.iter().map(|player| player.stack.get()).collect(),
            folded: vec![false; players.len()],
        }
    }

    /// What this player may raise to: smallest and largest.
    fn raises(&self, player: usize, revision: Revision) -> Option<(u64, u64)> {
        let price = self.street.price();
        let most = self.bets[player] + self.behind[player];
        let anybody_could_call = (0..self.bets.len()).any(|other| {
            other != player
                && !self.folded[other]
                && self.behind[other] > 0
                && self.bets[other] + self.behind[other] > price
        });
        if most <= price || !anybody_could_call || self.street.is_closed_to(player, revision) {
            return None;
        }
        Some(((price + self.street.step()).min(most), most))
    }

    fn act(&mut self, player: usize, action: Action) {
        let price = self.street.price();
        let to = match action {
            Action::Fold | Action::Check => self.bets[player],
            Action::Call => price.min(self.bets[player] + self.behind[player]),
            Action::Bet(to) | Action::Raise(to) => to.get(),
            Action::AllIn => self.bets[player] + self.behind[player],
        };
        self.folded[player] |= action == Action::Fold;
        self.behind[player] -= to - self.bets[player];
        self.bets[player] = to;
        self.street.acts.push((player, price.max(to)));
    }

    fn next_street(&mut self) {
        self.street = Street { opening: 0, acts: Vec::new() };
        self.bets.fill(0);
    }
}

/// Mostly calls and all-ins, so that prices creep up.
fn choose(hand: &Hand, choice: u32) -> Action {
    let legal = hand.legal().expect("somebody is to act");
    let raise = |to: Chips| if legal.allows(ActionKind::Bet) { Action::Bet(to) } else { Action::Raise(to) };
    let stay = if legal.allows(ActionKind::Check) { Action::Check } else { Action::Call };
    match (choice % 16, legal.min_raise_to.zip(legal.max_raise_to)) {
        (0, _) => Action::Fold,
        (1 | 2, Some((min, _))) => raise(min),
        (3, Some((min, max))) => raise(Chips::new(min.get() + u64::from(choice / 16) % (max.get() - min.get() + 1))),
        // All-in where that is short, seldom otherwise.
        (4..=8, Some((_, max))) if max.get() < hand.current_bet().get() + 2 * BIG_BLIND => Action::AllIn,
        (9, _) if legal.allows(ActionKind::AllIn) => Action::AllIn,
        _ => stay,
    }
}

/// What a hand had in it.
#[derive(Default)]
struct Seen {
    /// Decisions at which a player who may not raise could have by the first revision.
    closed_without_a_full_bet: u32,
    /// Raises that only several short all-ins together made legal.
    reopened_by_a_sum: u32,
}

/// Plays by the one revision, and holds every decision against the other.
fn play(script: &Script, played: Revision, said: Revision) -> Result<Seen, String> {
    let (mut hand, _) = Hand::deal(script.setup(played), Deck::ordered(Pack::Full));
    let mut table = Table::of(&hand);
    let mut seen = Seen::default();
    let mut street = hand.street();
    for choice in script.choices.iter().cycle().take(2000) {
        let Some(actor) = hand.actor() else { return Ok(seen) };
        if hand.street() != street {
            street = hand.street();
            table.next_street();
        }
        let player = actor.index();
        let legal = hand.legal().ok_or("nothing is legal")?;
        let raises = table.raises(player, said);
        let offered = legal.min_raise_to.zip(legal.max_raise_to).map(|(min, max)| (min.get(), max.get()));
        if raises != offered {
            return Err(format!(
                "seat {actor} may raise to {raises:?}, offered is {offered:?}, after {:?}",
                table.street.acts
            ));
        }
        let owed = (table.street.price() - table.bets[player]).min(table.behind[player]);
        if (legal.call_amount.get(), hand.min_raise_to().map(Chips::get)) != (owed, raises.map(|(min, _)| min)) {
            return Err(format!("seat {actor} owes {owed}, told is {legal:?}"));
        }
        let price = table.street.price();
        let kinds = [
            (ActionKind::Fold, true),
            (ActionKind::Check, owed == 0),
            (ActionKind::Call, owed > 0),
            (ActionKind::Bet, raises.is_some() && price == 0),
            (ActionKind::Raise, raises.is_some() && price > 0),
            (ActionKind::AllIn, raises.is_some() || table.behind[player] <= owed),
        ];
        if let Some((kind, may)) = kinds.into_iter().find(|(kind, may)| legal.allows(*kind) != *may) {
            return Err(format!("seat {actor}: {} is legal: {may}, offered is {legal:?}", kind.name()));
        }
        // What isn't offered isn't done either.
        for (kind, to) in
            [(ActionKind::Raise, price + 1), (ActionKind::Raise, table.bets[player] + table.behind[player] + 1)]
        {
            let fits = raises.is_some_and(|(min, max)| (min..=max).contains(&to));
            let raise = if price == 0 { Action::Bet(Chips::new(to)) } else { Action::Raise(Chips::new(to)) };
            if !fits && hand.clone().act(actor, raise).is_ok() {
                return Err(format!("seat {actor} could {} to {to}", kind.name()));
            }
        }
        let other = |revision| table.raises(player, revision);
        seen.closed_without_a_full_bet += u32::from(other(Revision::First) != other(Revision::Second));
        let since = table.street.acts.iter().rposition(|(who, _)| *who == player);
        seen.reopened_by_a_sum += u32::from(since.is_some_and(|since| {
            let prices: Vec<u64> = table.street.acts[since..].iter().map(|(_, price)| *price).collect();
            raises.is_some() && prices.windows(2).all(|two| two[1] - two[0] < table.street.step())
        }));
        let action = choose(&hand, *choice);
        table.act(player, action);
        hand.act(actor, action).map_err(|error| format!("{action:?} was offered: {error}"))?;
    }
    Err("the hand doesn't end".to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn who_has_acted_may_raise_only_after_the_price_went_up_by_a_full_step(script in script()) {
        play(&script, Revision::Second, Revision::Second).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn hands_of_the_first_revision_are_played_as_they_were(script in script()) {
        play(&script, Revision::First, Revision::First).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn the_random_hands_tell_the_revisions_apart() {
    let mut runner = TestRunner::deterministic();
    let (mut closed, mut reopened, mut found) = (0, 0, 0);
    for _ in 0..1000 {
        let script = script().new_tree(&mut runner).expect("a script").current();
        let seen =
            play(&script, Revision::Second, Revision::Second).unwrap_or_else(|error| panic!("{error}: {script:?}"));
        closed += seen.closed_without_a_full_bet;
        reopened += seen.reopened_by_a_sum;
        found += u32::from(play(&script, Revision::First, Revision::Second).is_err());
    }
    assert!(closed >= 50 && reopened >= 10, "{closed} closed, {reopened} reopened");
    assert!(found >= 30, "an engine that plays by the first revision is found by {found} of 1000 hands");
}
