//! One hand of no-limit hold'em, from the shuffled deck to the award. It knows seats, not people.
//!
//! [`Hand::deal`] makes it, [`Hand::act`] moves it on, and each says what happened as [`Step`]s. The same setup, deck and actions
//! always give the same hand: [`Hand::replay`]. The rules are those of the Poker TDA (2024) where a rule is needed, in the
//! revision that the hand's [`RuleBook`] names.
//!
//! Cards are dealt from the deck's top without burning any (a burn guards against marked cards, and here are none): from the left
//! of the button one card each, then a second one each, then flop, turn and river.

mod action;
mod betting;
mod showdown;
mod step;

pub use action::{Action, ActionError, ActionKind, LegalActions};
pub use step::{Phase, Post, PostKind, Returned, Shown, Step, Street, Winner};

pub use crate::pot::Pot;

use crate::card::Card;
use crate::card::deck::{Deck, HoleCards};
use crate::card::rank::{HandRank, evaluate};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::pot::{self, Contribution};
use crate::rules::RuleBook;
use betting::Round;

/// What a hand is played by and for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandRules {
    /// The game and the revision of its rules.
    pub book: RuleBook,
    /// The small blind; may be none.
    pub small_blind: Chips,
    /// The big blind: at least one chip, and no less than the small blind.
    pub big_blind: Chips,
    /// Posted by everybody before the blinds; may be none.
    pub ante: Chips,
}

/// Who plays a hand, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandSetup {
    /// The rule book, blinds and ante.
    pub rules: HandRules,
    /// The seat with the button: one of the players.
    pub button: SeatIndex,
    /// Two to ten players by ascending seat, each with a stack of at least one chip.
    pub players: Vec<(SeatIndex, Chips)>,
}

/// One player in a hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandPlayer {
    /// Where he sits.
    pub seat: SeatIndex,
    /// His chips outside the middle; once the hand is complete, with what he won.
    pub stack: Chips,
    /// What he has put in on this street, antes apart.
    pub bet: Chips,
    /// What he has put in in the whole hand, less what went back.
    pub committed: Chips,
    /// Whether he gave up the hand.
    pub folded: bool,
    /// His two cards.
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

    fn take_back(&mut self, amount: Chips) {
        self.stack += amount;
        self.committed -= amount;
        self.bet = self.bet.saturating_sub(amount);
        self.all_in = false;
    }
}

/// Betting ──nobody left to act, next street──▶ Betting;  ──river done, or all others folded──▶ Complete
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Betting(Round),
    Complete { winners: Vec<Winner>, shown: Vec<Shown> },
}

/// One hand. `Debug` hides the cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    setup: HandSetup,
    deck: Deck,
    posts: Vec<Post>,
    /// By ascending seat. Elsewhere in this module a `usize` for a player is a place in it.
    players: Vec<HandPlayer>,
    button: usize,
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
    /// If the button isn't one of the players, or there aren't two to ten of them: see [`HandSetup`].
    pub fn deal(setup: HandSetup, deck: Deck) -> (Self, Vec<Step>) {
        let count = setup.players.len();
        assert!((2..=10).contains(&count), "two to ten players");
        debug_assert!(setup.players.is_sorted_by(|a, b| a.0 < b.0), "ascending seats");
        debug_assert!(setup.players.iter().all(|(_, stack)| !stack.is_zero()), "everybody has chips");
        debug_assert!(!setup.rules.big_blind.is_zero() && setup.rules.small_blind <= setup.rules.big_blind, "blinds");
        let button = setup.players.iter().position(|(seat, _)| *seat == setup.button).expect("the button is a player");

        let player = |(at, &(seat, stack)): (usize, &(SeatIndex, Chips))| {
            let turn = (at + count - button - 1) % count;
            let hole = HoleCards([deck.cards()[turn], deck.cards()[count + turn]]);
            let (bet, committed) = (Chips::ZERO, Chips::ZERO);
            HandPlayer { seat, stack, bet, committed, folded: false, hole, shown: false, all_in: false, acted: false }
        };
        let players = setup.players.iter().enumerate().map(player).collect();
        let stage = Stage::Betting(Round::new(setup.rules.big_blind, setup.rules.big_blind));
        let mut hand = Self { posts: Vec::new(), players, button, street: Street::Preflop, stage, setup, deck };
        let steps = hand.open();
        (hand, steps)
    }

    /// The hand after these actions, each as [`act`](Self::act) took it.
    ///
    /// An action of a seat whose turn it isn't is a [fold out of turn](Self::fold_out_of_turn).
    ///
    /// # Errors
    ///
    /// The first action that is not legal, which no recorded hand has: [`ActionError::NotYourTurn`] also for a fold out of turn
    /// without effect.
    pub fn replay(
        setup: HandSetup,
        deck: Deck,
        actions: impl IntoIterator<Item = (SeatIndex, Action)>,
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

    /// Where it is.
    pub fn phase(&self) -> Phase {
        match self.stage {
            Stage::Betting(_) => self.street.into(),
            Stage::Complete { .. } => Phase::Complete,
        }
    }

    /// The street that is played; of a complete hand, the last one.
    pub fn street(&self) -> Street {
        self.street
    }

    /// The common cards dealt so far.
    pub fn board(&self) -> &[Card] {
        let first = 2 * self.players.len();
        &self.deck.cards()[first..first + self.street.board_len()]
    }

    /// Every chip in the middle, this street's bets included; none once the hand is complete.
    pub fn pot(&self) -> Chips {
        match self.stage {
            Stage::Betting(_) => self.players.iter().map(|player| player.committed).sum(),
            Stage::Complete { .. } => Chips::ZERO,
        }
    }

    /// The pots of the finished streets: none before the flop, none once the hand is complete.
    pub fn pots(&self) -> Vec<Pot> {
        match self.stage {
            Stage::Betting(_) if self.street > Street::Preflop => {
                pot::split(&self.contributions(|player| player.committed - player.bet))
            }
            Stage::Betting(_) | Stage::Complete { .. } => Vec::new(),
        }
    }

    /// What a player must have in on this street to stay in; before the flop at least the big blind, even if that was short.
    pub fn current_bet(&self) -> Chips {
        match &self.stage {
            Stage::Betting(round) => round.current_bet,
            Stage::Complete { .. } => Chips::ZERO,
        }
    }

    /// The smallest total the player to act may bet or raise **to** on this street; `None` if he can't.
    ///
    /// The last full bet or raise is the step (Poker TDA, "Raise Amounts"). An all-in below it doesn't become the new step, and
    /// doesn't reopen the betting for those who have acted ("Re-opening the Bet"), by which revision of the rules: see
    /// [`Revision`](crate::rules::Revision). `tests/hands/short_all_ins.txt` plays it through.
    pub fn min_raise_to(&self) -> Option<Chips> {
        self.raise_range().map(|range| *range.start())
    }

    /// Whose turn it is; nobody's once the hand is complete.
    pub fn actor(&self) -> Option<SeatIndex> {
        match &self.stage {
            Stage::Betting(round) => Some(self.players[round.actor].seat),
            Stage::Complete { .. } => None,
        }
    }

    /// Everybody who was dealt in, by ascending seat.
    pub fn players(&self) -> &[HandPlayer] {
        &self.players
    }

    /// The player on this seat, if one there was dealt in.
    pub fn player(&self, seat: SeatIndex) -> Option<&HandPlayer> {
        self.players.iter().find(|player| player.seat == seat)
    }

    /// The rank of this seat's cards with the board so far, folded or not: for its owner's eyes.
    pub fn hand_rank_of(&self, seat: SeatIndex) -> Option<HandRank> {
        self.player(seat).map(|player| self.rank(player))
    }

    /// Whether it is over.
    pub fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Complete { .. })
    }

    /// The hands shown at the showdown, in that order; none before the hand is complete.
    pub fn shown(&self) -> &[Shown] {
        match &self.stage {
            Stage::Betting(_) => &[],
            Stage::Complete { shown, .. } => shown,
        }
    }

    /// Who won, in seat order from the left of the button; none before the hand is complete.
    pub fn winners(&self) -> &[Winner] {
        match &self.stage {
            Stage::Betting(_) => &[],
            Stage::Complete { winners, .. } => winners,
        }
    }

    fn rank(&self, player: &HandPlayer) -> HandRank {
        let mut cards = [player.hole.0[0]; 7];
        let board = self.board();
        cards[1] = player.hole.0[1];
        cards[2..2 + board.len()].copy_from_slice(board);
        evaluate(&cards[..2 + board.len()])
    }

    /// All players, beginning with the one after `from`, ending with `from`.
    fn left_of(&self, from: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.players.len();
        (1..=count).map(move |distance| (from + distance) % count)
    }

    fn contributions(&self, amount: impl Fn(&HandPlayer) -> Chips) -> Vec<Contribution> {
        let of =
            |player: &HandPlayer| Contribution { seat: player.seat, amount: amount(player), folded: player.folded };
        self.players.iter().map(of).collect()
    }
}
