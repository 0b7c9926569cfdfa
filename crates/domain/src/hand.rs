//! One hand, from the shuffled deck to the award. It knows seats, not people.
//!
//! [`Hand::deal`] makes it, [`Hand::act`] moves it on, and each says what happened as [`Step`]s. The same setup, deck and actions
//! always give the same hand: [`Hand::replay`]. The rules are those of `docs/rules.md` (R-numbers are its), in the revision that
//! the hand's [`RuleBook`](crate::rules::RuleBook) names; what differs between games is told by its [`Game`].
//!
//! Cards are dealt from the deck's top without burning any (a burn guards against marked cards, and here are none): from the left
//! of the button one card each until everybody has theirs, then flop, turn and river, on each of the boards in turn.

mod action;
mod betting;
mod boards;
mod posting;
mod setup;
mod showdown;
mod step;

pub use action::{Action, ActionError, ActionKind, LegalActions};
pub use setup::{Blinds, HandKind, HandRules, HandSetup, LatePost};
pub use step::{Half, Made, Part, Phase, Post, PostKind, Shown, Step, Street, UncalledBet, Winner};

pub use crate::pot::Pot;

use crate::card::deck::{Deck, HoleCards};
use crate::card::rank::{self, HandRank};
use crate::card::{Card, Rank};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::pot::{self, Contribution};
use crate::rules::Game;
use betting::Round;

/// One player in a hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandPlayer {
    /// Where he sits.
    pub seat: SeatIndex,
    /// His chips outside the middle; once the hand is complete, with what he won.
    pub stack: Chips,
    /// What he has put in on this street, antes apart.
    pub bet: Chips,
    /// What he has put in in the whole hand, less what went back, dead posts apart.
    pub committed: Chips,
    /// Whether he gave up the hand.
    pub folded: bool,
    /// His cards.
    pub hole: HoleCards,
    /// Whether they were shown at the showdown.
    pub shown: bool,
    all_in: bool,
    /// Whether he has acted on this street; he may have to again after a raise.
    acted: bool,
}

impl HandPlayer {
    /// Whether he plays on without a chip outside the middle. Nobody is once the hand is complete.
    pub fn is_all_in(&self) -> bool {
        self.all_in
    }

    /// Whether he can still bet.
    fn can_bet(&self) -> bool {
        !self.folded && !self.all_in
    }

    /// Moves chips into the middle as a bet.
    fn put_in(&mut self, amount: Chips) {
        self.bet += amount;
        self.pay(amount);
    }

    /// Moves chips into the middle, but not as a bet.
    fn pay(&mut self, amount: Chips) {
        self.stack -= amount;
        self.committed += amount;
        self.all_in = self.stack.is_zero();
    }

    /// Moves chips into the main pot, where they count for nothing.
    fn pay_dead(&mut self, amount: Chips) {
        self.stack -= amount;
        self.all_in = self.stack.is_zero();
    }

    fn take_back(&mut self, amount: Chips) {
        self.stack += amount;
        self.committed -= amount;
        self.bet = self.bet.saturating_sub(amount);
        self.all_in = false;
    }
}

/// Betting ──nobody left to act, next street──▶ Betting;  ──river done, or all others folded──▶ Complete
/// Betting ──nobody left who can bet, cards to come──▶ Asking ──runs decided──▶ Complete
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Betting(Round),
    /// How often to run the missing cards.
    Asking,
    Complete {
        winners: Vec<Winner>,
        shown: Vec<Shown>,
        /// Who won the whole main pot alone.
        main_pot: Option<SeatIndex>,
    },
}

/// One hand. `Debug` hides the cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    setup: HandSetup,
    deck: Deck,
    posts: Vec<Post>,
    /// By ascending seat. Elsewhere in this module a `usize` for a player is a place in it.
    players: Vec<HandPlayer>,
    /// The button; where it is dead, the player before its place, who acts last after the flop.
    button: usize,
    /// What was posted dead.
    dead: Chips,
    /// The cards on each board, or, once there were several runs, of each run.
    boards: Vec<Vec<Card>>,
    /// How often the missing cards were run, once that is decided.
    runs: Option<u8>,
    street: Street,
    stage: Stage,
}

impl Hand {
    /// Deals the cards, posts antes and blinds; if that leaves nobody to act, plays the hand to its end.
    ///
    /// Chips that nobody could call because of that go back before the first step.
    ///
    /// # Panics
    ///
    /// If the setup can't be dealt ([`HandSetup::check`]), or the deck is another game's.
    pub fn deal(setup: HandSetup, deck: Deck) -> (Self, Vec<Step>) {
        setup.check().expect("a setup that can be dealt");
        let (game, count) = (setup.rules.game(), setup.players.len());
        assert_eq!(deck.pack(), game.pack, "the game's deck");
        let before = setup.players.iter().rposition(|(seat, _)| *seat <= setup.button);
        let button = before.unwrap_or(count - 1);

        let player = |(at, &(seat, stack)): (usize, &(SeatIndex, Chips))| {
            let turn = (at + count - button - 1) % count;
            let dealt: Vec<Card> = (0..game.hole_cards).map(|round| deck.cards()[turn + round * count]).collect();
            let hole = HoleCards::new(&dealt).expect("a game deals two to five cards");
            let (bet, committed) = (Chips::ZERO, Chips::ZERO);
            HandPlayer { seat, stack, bet, committed, folded: false, hole, shown: false, all_in: false, acted: false }
        };
        let players = setup.players.iter().enumerate().map(player).collect();
        let stage = Stage::Betting(Round::new(Chips::ZERO, setup.rules.big_blind));
        let boards = vec![Vec::new(); usize::from(setup.boards)];
        let (posts, dead, street) = (Vec::new(), Chips::ZERO, Street::Preflop);
        let mut hand = Self { posts, players, button, dead, boards, runs: None, street, stage, setup, deck };
        let steps = hand.open();
        (hand, steps)
    }

    /// The hand after these actions, each as [`act`](Self::act) took it.
    ///
    /// An action of a seat whose turn it isn't is a [fold out of turn](Self::fold_out_of_turn). `runs` is how often the missing
    /// cards were run, if that was asked and decided.
    ///
    /// # Errors
    ///
    /// The first action that is not legal, which no recorded hand has: [`ActionError::NotYourTurn`] also for a fold out of turn
    /// without effect.
    pub fn replay(
        setup: HandSetup,
        deck: Deck,
        actions: impl IntoIterator<Item = (SeatIndex, Action)>,
        runs: Option<u8>,
    ) -> Result<Self, ActionError> {
        let (mut hand, _) = Self::deal(setup, deck);
        for (seat, action) in actions {
            if action == Action::Fold && !hand.is_complete() && hand.actor() != Some(seat) {
                if hand.fold_out_of_turn(seat).is_empty() {
                    return Err(ActionError::NotYourTurn);
                }
            } else {
                hand.act(seat, action)?;
            }
        }
        if let Some(runs) = runs {
            hand.run_out(runs)?;
        }
        Ok(hand)
    }

    /// What it was dealt from.
    pub fn setup(&self) -> &HandSetup {
        &self.setup
    }

    /// The cards it is dealt from, the undealt ones too: for the store alone.
    pub fn deck(&self) -> &Deck {
        &self.deck
    }

    /// Antes from the left of the button, then the blinds. What a rule puts at no chips isn't listed.
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// The game that is played.
    pub fn game(&self) -> Game {
        self.setup.rules.game()
    }

    /// Where it is.
    pub fn phase(&self) -> Phase {
        match self.stage {
            Stage::Betting(_) | Stage::Asking => self.street.into(),
            Stage::Complete { .. } => Phase::Complete,
        }
    }

    /// The street that is played; of a complete hand, the last one.
    pub fn street(&self) -> Street {
        self.street
    }

    /// The common cards dealt so far, on the first board.
    pub fn board(&self) -> &[Card] {
        &self.boards[0]
    }

    /// The common cards dealt so far, on each board or in each run.
    pub fn boards(&self) -> &[Vec<Card>] {
        &self.boards
    }

    /// How often the missing cards were run, if that was asked and decided.
    pub fn runs(&self) -> Option<u8> {
        self.runs
    }

    /// Every chip in the middle, this street's bets included; none once the hand is complete.
    pub fn pot(&self) -> Chips {
        match self.stage {
            Stage::Betting(_) | Stage::Asking => self.total(),
            Stage::Complete { .. } => Chips::ZERO,
        }
    }

    fn total(&self) -> Chips {
        self.players.iter().map(|player| player.committed).sum::<Chips>() + self.dead
    }

    /// The pots of the finished streets: none before the flop, none once the hand is complete.
    pub fn pots(&self) -> Vec<Pot> {
        match self.stage {
            Stage::Betting(_) if self.street > Street::Preflop => self.split(|player| player.committed - player.bet),
            Stage::Asking => self.split(|player| player.committed),
            Stage::Betting(_) | Stage::Complete { .. } => Vec::new(),
        }
    }

    /// What a player must have in on this street to stay in; before the flop at least the big blind, even if that was short.
    pub fn current_bet(&self) -> Chips {
        match &self.stage {
            Stage::Betting(round) => round.current_bet,
            Stage::Asking | Stage::Complete { .. } => Chips::ZERO,
        }
    }

    /// The smallest total the player to act may bet or raise **to** on this street; `None` if he can't.
    ///
    /// The last full bet or raise is the step (Poker TDA, "Raise Amounts"). An all-in below it doesn't become the new step, and
    /// doesn't reopen the betting for those who have acted: `tests/hands/short_all_ins.txt` plays it through.
    pub fn min_raise_to(&self) -> Option<Chips> {
        self.raise_range().map(|range| *range.start())
    }

    /// Whose turn it is; nobody's once the betting is over.
    pub fn actor(&self) -> Option<SeatIndex> {
        match &self.stage {
            Stage::Betting(round) => Some(self.players[round.actor].seat),
            Stage::Asking | Stage::Complete { .. } => None,
        }
    }

    /// Everybody who was dealt in, by ascending seat.
    pub fn players(&self) -> &[HandPlayer] {
        &self.players
    }

    /// The seats of those who have not folded, ascending.
    pub fn live_seats(&self) -> Vec<SeatIndex> {
        self.players.iter().filter(|player| !player.folded).map(|player| player.seat).collect()
    }

    /// The player on this seat, if one there was dealt in.
    pub fn player(&self, seat: SeatIndex) -> Option<&HandPlayer> {
        self.players.iter().find(|player| player.seat == seat)
    }

    /// The rank of this seat's cards with the board so far, folded or not: for its owner's eyes.
    pub fn hand_rank_of(&self, seat: SeatIndex) -> Option<HandRank> {
        self.player(seat).map(|player| self.best(player))
    }

    /// Whether it waits to be told how often to run the missing cards: [`run_out`](Self::run_out).
    pub fn asks_for_runs(&self) -> bool {
        matches!(self.stage, Stage::Asking)
    }

    /// Whether it is over.
    pub fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete { .. })
    }

    /// The hands shown at the showdown, in that order; none before the hand is complete.
    pub fn shown(&self) -> &[Shown] {
        match &self.stage {
            Stage::Betting(_) | Stage::Asking => &[],
            Stage::Complete { shown, .. } => shown,
        }
    }

    /// Who won, in seat order from the left of the button; none before the hand is complete.
    pub fn winners(&self) -> &[Winner] {
        match &self.stage {
            Stage::Betting(_) | Stage::Asking => &[],
            Stage::Complete { winners, .. } => winners,
        }
    }

    /// Who won the whole main pot alone, with a seven and a deuce, in a hand that has a bounty for it; nobody before
    /// it is complete.
    pub fn bounty_winner(&self) -> Option<SeatIndex> {
        let Stage::Complete { main_pot: Some(seat), .. } = self.stage else { return None };
        let ranks = self.player(seat)?.hole.cards().iter().map(|card| card.rank);
        let mut ranks: Vec<Rank> = ranks.collect();
        ranks.sort_unstable();
        (!self.setup.bounty.is_zero() && ranks == [Rank::Two, Rank::Seven]).then_some(seat)
    }

    /// What a player's cards make with each board.
    fn made(&self, player: &HandPlayer) -> Vec<Made> {
        Made::all(self.game(), &player.hole, &self.boards)
    }

    /// The best high hand that a player's cards make, on whichever board.
    fn best(&self, player: &HandPlayer) -> HandRank {
        let rank = |board: &Vec<Card>| rank::high(self.game(), player.hole.cards(), board);
        self.boards.iter().map(rank).max().expect("there is a board")
    }

    /// All players, beginning with the one after `from`, ending with `from`.
    fn left_of(&self, from: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.players.len();
        (1..=count).map(move |distance| (from + distance) % count)
    }

    /// The main pot, with what was posted dead, and the side pots, of these amounts.
    fn split(&self, amount: impl Fn(&HandPlayer) -> Chips) -> Vec<Pot> {
        let of =
            |player: &HandPlayer| Contribution { seat: player.seat, amount: amount(player), folded: player.folded };
        let mut pots = pot::split(&self.players.iter().map(of).collect::<Vec<_>>());
        match pots.first_mut() {
            Some(main) => main.amount += self.dead,
            None if self.dead.is_zero() => {}
            None => {
                let live = self.players.iter().filter(|player| !player.folded);
                pots.push(Pot { amount: self.dead, eligible: live.map(|player| player.seat).collect() });
            }
        }
        pots
    }
}
