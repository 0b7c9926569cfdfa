//! Who shows, who wins what.

use super::{Chips, Hand, HandRank, Pot, Shown, Stage, Step, Winner};
use crate::pot;

impl Hand {
    /// Ends a hand that all but one have folded: he takes everything and shows nothing.
    pub(super) fn award_to_last(&mut self, steps: &mut Vec<Step>) {
        let pots = self.final_pots();
        self.award(&pots, &vec![None; self.players.len()], Vec::new(), steps);
    }

    /// Ends a hand that two or more have played to the end: hands are shown, each pot goes to its best.
    pub(super) fn show_down(&mut self, steps: &mut Vec<Step>) {
        let pots = self.final_pots();
        let ranks: Vec<_> = self.players.iter().map(|player| (!player.folded).then(|| self.rank(player))).collect();
        let shown = self.show(&pots, &ranks);
        self.award(&pots, &ranks, shown, steps);
    }

    fn final_pots(&self) -> Vec<Pot> {
        pot::split(&self.contributions(|player| player.committed))
    }

    /// The hands that are turned over, in that order.
    ///
    /// The river's last aggressor begins, or else the first player left of the button; after him, only who beats or ties what was
    /// shown for a pot he can win ("Showdown", Poker TDA). With somebody all-in everybody shows ("Face Up for All-Ins").
    fn show(&self, pots: &[Pot], ranks: &[Option<HandRank>]) -> Vec<Shown> {
        let aggressor = match &self.stage {
            Stage::Betting(round) => round.aggressor.filter(|&at| !self.players[at].folded),
            Stage::Complete { .. } => None,
        };
        let before_first = match aggressor {
            Some(at) => (at + self.players.len() - 1) % self.players.len(),
            None => self.button,
        };
        let everybody = self.players.iter().any(|player| player.is_all_in() && !player.folded);
        let mut best: Vec<Option<HandRank>> = vec![None; pots.len()];
        let mut shown = Vec::with_capacity(self.live_players());
        for at in self.left_of(before_first) {
            let (player, Some(rank)) = (&self.players[at], ranks[at]) else { continue };
            let mut may_win = false;
            for (best, _) in best.iter_mut().zip(pots).filter(|(_, pot)| pot.eligible.contains(&player.seat)) {
                may_win |= *best <= Some(rank);
                *best = (*best).max(Some(rank));
            }
            if may_win || everybody {
                shown.push(Shown { seat: player.seat, cards: player.hole, rank });
            }
        }
        shown
    }

    /// Moves each pot into its winners' stacks and completes the hand.
    fn award(&mut self, pots: &[Pot], ranks: &[Option<HandRank>], shown: Vec<Shown>, steps: &mut Vec<Step>) {
        let mut won = vec![Chips::ZERO; self.players.len()];
        let in_order: Vec<_> = self.left_of(self.button).collect();
        for (index, pot) in pots.iter().enumerate() {
            let eligible = |at: &&usize| pot.eligible.contains(&self.players[**at].seat);
            let best = in_order.iter().filter(eligible).map(|&at| ranks[at]).max().flatten();
            let winners = in_order.iter().filter(eligible).filter(|&&at| ranks[at] == best);
            let winners = pot::share(pot.amount, &winners.map(|&at| self.players[at].seat).collect::<Vec<_>>());
            for &(seat, amount) in &winners {
                let at = self.players.iter().position(|player| player.seat == seat);
                won[at.expect("a pot's winner is a player")] += amount;
            }
            steps.push(Step::PotAwarded { index, amount: pot.amount, winners });
        }
        for (player, &won) in self.players.iter_mut().zip(&won) {
            player.stack += won;
            player.bet = Chips::ZERO;
            player.all_in = false;
            player.shown = shown.iter().any(|shown| shown.seat == player.seat);
        }
        let winner = |at: usize| Winner { seat: self.players[at].seat, amount: won[at], rank: ranks[at] };
        let winners: Vec<_> = in_order.into_iter().filter(|&at| !won[at].is_zero()).map(winner).collect();
        let stacks = self.players.iter().map(|player| (player.seat, player.stack)).collect();
        let board = self.board().to_vec();
        steps.push(Step::Completed { board, winners: winners.clone(), shown: shown.clone(), stacks });
        self.stage = Stage::Complete { winners, shown };
    }
}
