//! Whose turn it is, what is legal, and what follows from an action.

use std::ops::RangeInclusive;

use super::{Action, ActionError, ActionKind, Hand, HandPlayer, LegalActions, Stage, Step, UncalledBet};
use crate::chips::Chips;
use crate::ids::SeatIndex;
use crate::rules::Limit;

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
    /// Whether there was a full bet or raise on the street: the first hold'em closes nothing before that.
    raised: bool,
}

impl Round {
    /// A street's betting before anybody has acted.
    pub(super) fn new(current_bet: Chips, step: Chips) -> Self {
        Self { actor: 0, current_bet, step, aggressor: None, raised: false }
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
        let all_in = player.bet + player.stack;
        if range.as_ref().is_some_and(|range| *range.end() == all_in) || player.stack <= owed {
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
    /// None if nobody else could call any of it, or if he has acted and the price went up by less than a full bet or raise
    /// since then (R-4: several short all-ins count together, and a check or a call of the big blind is an action).
    pub(super) fn raise_range(&self) -> Option<RangeInclusive<Chips>> {
        let Stage::Betting(round) = &self.stage else { return None };
        let player = &self.players[round.actor];
        let (owed, all_in) = (round.current_bet.saturating_sub(player.bet), player.bet + player.stack);
        // Who has acted had matched the price then, so what is owed is by how much it has gone up since.
        let closes = round.raised || self.setup.rules.book.short_all_ins_close();
        let closed = player.acted && owed < round.step && closes;
        let could_call = |other: &HandPlayer| other.can_bet() && other.bet + other.stack > round.current_bet;
        let callers = self.players.iter().enumerate().any(|(at, other)| at != round.actor && could_call(other));
        if closed || player.stack <= owed || !callers {
            return None;
        }
        let least = (round.current_bet + round.step).min(all_in);
        let most = match self.game().limit {
            Limit::None => all_in,
            // The smallest raise is always allowed, even above the pot.
            Limit::Pot => (round.current_bet + self.counted_in_pot() + owed).max(least).min(all_in),
        };
        Some(least..=most)
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
            // Once the betting is over, who has chips left is like one who is all-in.
            Some(at) if matches!(self.stage, Stage::Betting(_)) => {
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
    pub(super) fn pass_turn_on(&mut self, from: usize) -> bool {
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
    pub(super) fn return_uncalled(&mut self) -> Option<UncalledBet> {
        let most = (0..self.players.len()).max_by_key(|&at| self.players[at].committed)?;
        let others = self.players.iter().enumerate().filter(|&(at, _)| at != most);
        let second = others.map(|(_, player)| player.committed).max()?;
        let player = &mut self.players[most];
        let amount = player.committed - second;
        if amount.is_zero() || player.folded {
            return None;
        }
        player.take_back(amount);
        Some(UncalledBet { seat: player.seat, amount, stack: player.stack })
    }
}
