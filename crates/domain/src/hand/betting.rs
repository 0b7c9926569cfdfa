//! Whose turn it is, what is legal, and what follows from an action.

use std::ops::RangeInclusive;

use super::{
    Action, ActionError, ActionKind, Hand, HandPlayer, LegalActions, Post, PostKind, Returned, Stage, Step, Street,
};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::rules::Revision;

/// The betting on one street.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Round {
    /// Whose turn it is.
    pub(super) actor: usize,
    /// What everybody has to match, in chips on this street.
    pub(super) current_bet: Chips,
    /// By how much a raise must go above it: the last full bet or raise of the street, at first the big blind.
    step: Chips,
    /// Who made the last bet or raise of the street.
    pub(super) aggressor: Option<usize>,
    /// Whether there was a full bet or raise on the street: [`Revision::First`] closes nothing before that.
    raised: bool,
}

impl Round {
    /// A street's betting before anybody has acted.
    pub(super) fn new(current_bet: Chips, big_blind: Chips) -> Self {
        Self { actor: 0, current_bet, step: big_blind, aggressor: None, raised: false }
    }

    /// Notes a bet or a raise to this total. One below a full raise, all-in, leaves the step as it was.
    fn raise_to(&mut self, total: Chips) {
        let by = total - self.current_bet;
        self.raised |= by >= self.step;
        self.step = self.step.max(by);
        self.current_bet = total;
        self.aggressor = Some(self.actor);
    }
}

impl Hand {
    /// Posts antes and blinds and finds who acts first.
    pub(super) fn open(&mut self) -> Vec<Step> {
        let rules = self.setup.rules;
        for at in self.left_of(self.button) {
            self.post(at, PostKind::Ante, rules.ante);
        }
        let mut left = self.left_of(self.button);
        // Heads-up the button posts the small blind.
        let small = if self.players.len() == 2 { Some(self.button) } else { left.next() };
        let (small, big) = small.zip(left.next()).expect("two blinds for two or more players");
        self.post(small, PostKind::SmallBlind, rules.small_blind);
        self.post(big, PostKind::BigBlind, rules.big_blind);

        let mut steps = Vec::new();
        if !self.pass_turn_on(big) {
            self.return_uncalled();
            self.end_street(&mut steps);
        }
        steps
    }

    fn post(&mut self, at: usize, kind: PostKind, amount: Chips) {
        let player = &mut self.players[at];
        let amount = amount.min(player.stack);
        if amount.is_zero() {
            return;
        }
        match kind {
            PostKind::Ante => player.pay(amount),
            PostKind::SmallBlind | PostKind::BigBlind => player.put_in(amount),
        }
        self.posts.push(Post { seat: player.seat, kind, amount });
    }

    /// What the player to act may do; `None` once the hand is complete.
    pub fn legal(&self) -> Option<LegalActions> {
        let Stage::Betting(round) = &self.stage else { return None };
        let player = &self.players[round.actor];
        let owed = round.current_bet.saturating_sub(player.bet);
        let range = self.raise_range();

        let mut actions = Vec::with_capacity(4);
        actions.push(ActionKind::Fold);
        actions.push(if owed.is_zero() { ActionKind::Check } else { ActionKind::Call });
        if range.is_some() {
            actions.push(if round.current_bet.is_zero() { ActionKind::Bet } else { ActionKind::Raise });
        }
        if range.is_some() || player.stack <= owed {
            actions.push(ActionKind::AllIn);
        }
        Some(LegalActions {
            actions,
            call_amount: owed.min(player.stack),
            min_raise_to: range.as_ref().map(|range| *range.start()),
            max_raise_to: range.as_ref().map(|range| *range.end()),
        })
    }

    /// The totals the player to act may bet or raise to.
    ///
    /// None if nobody else could call any of it, or if he has acted and the price went up by less than a full bet or raise since
    /// then (Poker TDA, "Re-opening the Bet": several short all-ins count together, and a check or a call of the big blind is an
    /// action).
    pub(super) fn raise_range(&self) -> Option<RangeInclusive<Chips>> {
        let Stage::Betting(round) = &self.stage else { return None };
        let player = &self.players[round.actor];
        let (owed, all_in) = (round.current_bet.saturating_sub(player.bet), player.bet + player.stack);
        // Who has acted had matched the price then, so what is owed is by how much it has gone up since.
        let closed = player.acted
            && owed < round.step
            && match self.setup.rules.book.revision {
                Revision::First => round.raised,
                Revision::Second => true,
            };
        let could_call = |other: &HandPlayer| other.can_bet() && other.bet + other.stack > round.current_bet;
        let callers = self.players.iter().enumerate().any(|(at, other)| at != round.actor && could_call(other));
        if closed || player.stack <= owed || !callers {
            return None;
        }
        Some((round.current_bet + round.step).min(all_in)..=all_in)
    }

    /// Does what the player on `seat` asks for on his turn, and plays the hand on to where somebody has to decide.
    ///
    /// # Errors
    ///
    /// - [`ActionError::NoBetting`]: the hand is complete.
    /// - [`ActionError::NotYourTurn`]: somebody else is to act, or nobody who plays sits there.
    /// - [`ActionError::IllegalAction`], [`ActionError::IllegalAmount`]: see [`LegalActions`].
    pub fn act(&mut self, seat: SeatIndex, action: Action) -> Result<Vec<Step>, ActionError> {
        let legal = self.legal().ok_or(ActionError::NoBetting)?;
        if self.actor() != Some(seat) {
            return Err(ActionError::NotYourTurn);
        }
        if !legal.allows(action.kind()) {
            return Err(ActionError::IllegalAction { legal });
        }
        if let Action::Bet(to) | Action::Raise(to) = action
            && !self.raise_range().is_some_and(|range| range.contains(&to))
        {
            return Err(ActionError::IllegalAmount { legal });
        }
        let Stage::Betting(round) = &mut self.stage else { return Err(ActionError::NoBetting) };
        let at = round.actor;
        let player = &mut self.players[at];
        player.acted = true;
        let amount = match action {
            Action::Fold => {
                player.folded = true;
                Chips::ZERO
            }
            Action::Check => Chips::ZERO,
            Action::Call => {
                player.put_in(legal.call_amount);
                legal.call_amount
            }
            Action::Bet(to) | Action::Raise(to) => {
                player.put_in(to - player.bet);
                to
            }
            Action::AllIn => {
                player.put_in(player.stack);
                player.bet
            }
        };
        if player.bet > round.current_bet {
            round.raise_to(player.bet);
        }
        Ok(self.go_on_after(at, action.kind(), amount))
    }

    /// Folds for a player who leaves, whether or not it is his turn. Nothing happens, and no step is given, if he has folded, is
    /// all-in (his chips stay in play without him), wasn't dealt in, or the hand is complete.
    ///
    /// What he has bet stays in the pot, also if nobody else has matched it.
    pub fn fold_out_of_turn(&mut self, seat: SeatIndex) -> Vec<Step> {
        let at = self.players.iter().position(|player| player.seat == seat && player.can_bet());
        match at {
            Some(at) if !self.is_complete() => {
                self.players[at].folded = true;
                self.players[at].acted = true;
                self.go_on_after(at, ActionKind::Fold, Chips::ZERO)
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Passes the turn on, or ends the street and what follows from that.
    fn go_on_after(&mut self, at: usize, kind: ActionKind, amount: Chips) -> Vec<Step> {
        let HandPlayer { seat, stack, bet, .. } = self.players[at];
        let (street, pot) = (self.street, self.pot());
        let goes_on = self.pass_turn();
        let returned = if goes_on { None } else { self.return_uncalled() };
        let mut steps = vec![Step::Acted { seat, street, kind, amount, stack, bet, pot, returned }];
        if !goes_on {
            self.end_street(&mut steps);
        }
        steps
    }

    /// Leaves the turn where it is if that player still has to act, else gives it to the next who has to. `false` if none has.
    fn pass_turn(&mut self) -> bool {
        let Stage::Betting(round) = &self.stage else { return false };
        let actor = round.actor;
        (self.live_players() > 1 && self.must_act(actor)) || self.pass_turn_on(actor)
    }

    /// Gives the turn to the first player after `from` who has to act. `false` if none has.
    fn pass_turn_on(&mut self, from: usize) -> bool {
        let next = self.left_of(from).find(|&at| self.must_act(at)).filter(|_| self.live_players() > 1);
        if let (Stage::Betting(round), Some(next)) = (&mut self.stage, next) {
            round.actor = next;
        }
        next.is_some()
    }

    /// Whether the betting can't go on without this player.
    ///
    /// He isn't asked where there is nothing to decide: everybody else is all-in, and nobody has more in than he has (the bet to
    /// match can be more than that after a short big blind). But where somebody could have made it a decision and has folded
    /// instead, he may check, as the big blind may who meets nobody but players all-in.
    fn must_act(&self, at: usize) -> bool {
        let (Stage::Betting(round), player) = (&self.stage, &self.players[at]) else { return false };
        player.can_bet()
            && (!player.acted || player.bet < round.current_bet)
            && (self.others_can_bet(at)
                || self.players.iter().any(|other| other.bet > player.bet)
                || (!player.acted
                    && player.bet >= round.current_bet
                    && self.players.iter().any(|other| other.acted && other.bet + other.stack > player.bet)))
    }

    fn others_can_bet(&self, at: usize) -> bool {
        self.players.iter().enumerate().any(|(other, player)| other != at && player.can_bet())
    }

    /// How many have not folded.
    pub(super) fn live_players(&self) -> usize {
        self.players.iter().filter(|player| !player.folded).count()
    }

    /// Gives back what nobody has matched: what one player has put in above everybody else, unless he has folded.
    ///
    /// Counted over the whole hand, because antes can differ too.
    fn return_uncalled(&mut self) -> Option<Returned> {
        let most = (0..self.players.len()).max_by_key(|&at| self.players[at].committed)?;
        let others = self.players.iter().enumerate().filter(|&(at, _)| at != most);
        let second = others.map(|(_, player)| player.committed).max()?;
        let player = &mut self.players[most];
        let amount = player.committed - second;
        if amount.is_zero() || player.folded {
            return None;
        }
        player.take_back(amount);
        Some(Returned { seat: player.seat, amount, stack: player.stack })
    }

    /// Deals the next street, and the one after it while nobody can bet; after the last one, awards the pots.
    fn end_street(&mut self, steps: &mut Vec<Step>) {
        if self.live_players() == 1 {
            return self.award_to_last(steps);
        }
        while let Some(street) = self.street.next() {
            self.begin_street(street);
            steps.push(Step::StreetAdvanced { street, board: self.board().to_vec(), pots: self.pots() });
            if self.pass_turn_on(self.button) {
                return;
            }
        }
        self.show_down(steps);
    }

    fn begin_street(&mut self, street: Street) {
        self.street = street;
        self.stage = Stage::Betting(Round::new(Chips::ZERO, self.setup.rules.big_blind));
        for player in &mut self.players {
            player.bet = Chips::ZERO;
            player.acted = false;
        }
    }
}
