//! The common cards: street by street, on one board or two, or several times when the betting is over early.

use super::{ActionError, Hand, Round, Stage, Step, Street};
use crate::card::Card;
use crate::chips::Chips;

/// The whole of a board.
const FULL_BOARD: usize = 5;

impl Hand {
    /// Deals the next street, and the one after it while nobody can bet; after the last one, awards the pots.
    pub(super) fn end_street(&mut self, steps: &mut Vec<Step>) {
        if self.live_players() == 1 {
            return self.award_to_last(steps);
        }
        while let Some(street) = self.street.next() {
            if self.may_run_often() {
                self.stage = Stage::Asking;
                return;
            }
            self.begin_street(street);
            steps.push(Step::StreetAdvanced { street, boards: self.boards.clone(), pots: self.pots() });
            if self.pass_turn_on(self.button) {
                return;
            }
        }
        if self.runs == Some(1) {
            steps.push(Step::RunDealt { run: 0, board: self.boards[0].clone() });
        }
        self.showdown(steps);
    }

    fn begin_street(&mut self, street: Street) {
        self.street = street;
        self.stage = Stage::Betting(Round::new(Chips::ZERO, self.setup.rules.big_blind));
        for player in &mut self.players {
            player.bet = Chips::ZERO;
            player.acted = false;
        }
        let mut boards = std::mem::take(&mut self.boards);
        self.extend(&mut boards, street);
        self.boards = boards;
    }

    /// A street's cards, from the top of what neither a player nor a board has: those of the first board before the second's.
    fn extend(&self, boards: &mut [Vec<Card>], street: Street) {
        for at in 0..boards.len() {
            let missing = street.board_len() - boards[at].len();
            let from = self.players.len() * self.game().hole_cards + boards.iter().map(Vec::len).sum::<usize>();
            boards[at].extend(&self.deck.cards()[from..from + missing]);
        }
    }

    /// Whether the betting is over with cards to come that may be run more than once.
    fn may_run_often(&self) -> bool {
        let nobody_bets = self.players.iter().filter(|player| player.can_bet()).count() < 2;
        self.runs.is_none() && nobody_bets && self.most_runs() > 1
    }

    /// How often the missing cards can be run: as often as the setup allows and the deck has cards for.
    pub fn most_runs(&self) -> u8 {
        if self.setup.boards > 1 {
            return 1;
        }
        let shared = self.boards[0].len();
        let left = self.deck.cards().len() - self.players.len() * self.game().hole_cards - shared;
        let fit = left / (FULL_BOARD - shared).max(1);
        self.setup.max_runs.min(fit.min(3) as u8)
    }

    /// Runs the missing cards so many times, and awards the pots.
    ///
    /// # Errors
    ///
    /// - [`ActionError::NoBetting`]: that isn't asked, or can't be.
    pub fn run_out(&mut self, runs: u8) -> Result<Vec<Step>, ActionError> {
        if !self.asks_for_runs() || !(1..=self.most_runs()).contains(&runs) {
            return Err(ActionError::NoBetting);
        }
        self.runs = Some(runs);
        let mut steps = Vec::new();
        self.stage = Stage::Betting(Round::new(Chips::ZERO, self.setup.rules.big_blind));
        if runs == 1 {
            self.end_street(&mut steps);
            return Ok(steps);
        }
        let shared = self.boards[0].clone();
        let missing = FULL_BOARD - shared.len();
        let first = self.players.len() * self.game().hole_cards + shared.len();
        let run = |run: u8| {
            let from = first + usize::from(run) * missing;
            [&shared, &self.deck.cards()[from..from + missing]].concat()
        };
        self.boards = (0..runs).map(run).collect();
        self.street = Street::River;
        for player in &mut self.players {
            player.bet = Chips::ZERO;
        }
        let dealt = |(run, board): (u8, &Vec<Card>)| Step::RunDealt { run, board: board.clone() };
        steps.extend((0..).zip(&self.boards).map(dealt));
        self.showdown(&mut steps);
        Ok(steps)
    }

    /// What would have come, if the hand ended by folds before its boards were complete: each whole board.
    pub fn undealt_boards(&self) -> Option<Vec<Vec<Card>>> {
        if !self.is_complete() || self.live_players() > 1 || self.street == Street::River {
            return None;
        }
        let (mut boards, mut street) = (self.boards.clone(), self.street);
        while let Some(next) = street.next() {
            self.extend(&mut boards, next);
            street = next;
        }
        Some(boards)
    }
}
