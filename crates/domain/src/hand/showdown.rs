//! Who shows, who wins what.

use std::collections::BTreeMap;

use super::{Chips, Half, Hand, HandPlayer, Made, Part, Pot, Shown, Stage, Step, Winner};
use crate::ids::SeatIndex;
use crate::pot;

impl Hand {
    /// Ends a hand that all but one have folded: he takes everything and shows nothing.
    pub(super) fn award_to_last(&mut self, steps: &mut Vec<Step>) {
        let pots = self.split(|player| player.committed);
        self.award(&pots, None, Vec::new(), steps);
    }

    /// Ends a hand that two or more have played to the end: hands are shown, each pot goes to its best.
    pub(super) fn showdown(&mut self, steps: &mut Vec<Step>) {
        let pots = self.split(|player| player.committed);
        let of = |player: &HandPlayer| if player.folded { Vec::new() } else { self.made(player) };
        let made: Vec<Vec<Made>> = self.players.iter().map(of).collect();
        let shown = self.show(&pots, &made);
        self.award(&pots, Some(&made), shown, steps);
    }

    /// The hands that are turned over, in that order.
    ///
    /// The river's last aggressor begins, or else the first player left of the button; after him, only who beats or ties what was
    /// shown for a part that he can win, and who wants to show a beaten hand too. With somebody all-in everybody shows.
    fn show(&self, pots: &[Pot], made: &[Vec<Made>]) -> Vec<Shown> {
        let aggressor = match &self.stage {
            Stage::Betting(round) => round.aggressor.filter(|&at| !self.players[at].folded),
            Stage::Asking | Stage::Complete { .. } => None,
        };
        let before_first = match aggressor {
            Some(at) => (at + self.players.len() - 1) % self.players.len(),
            None => self.button,
        };
        let everybody = self.players.iter().any(|player| player.is_all_in() && !player.folded);
        let mut best: Vec<Vec<(Option<_>, Option<_>)>> = vec![vec![(None, None); self.boards.len()]; pots.len()];
        let mut shown = Vec::with_capacity(self.live_players());
        for at in self.left_of(before_first) {
            let player = &self.players[at];
            if player.folded {
                continue;
            }
            let mut may_win = false;
            for (best, _) in best.iter_mut().zip(pots).filter(|(_, pot)| pot.eligible.contains(&player.seat)) {
                for ((high, low), made) in best.iter_mut().zip(&made[at]) {
                    may_win |= *high <= Some(made.high) || (made.low.is_some() && *low <= made.low);
                    *high = (*high).max(Some(made.high));
                    *low = (*low).max(made.low);
                }
            }
            if may_win || everybody || self.setup.shows_beaten.contains(&player.seat) {
                shown.push(Shown::new(player.seat, player.hole, self.game(), &self.boards));
            }
        }
        shown
    }

    /// Moves each pot into its winners' stacks and completes the hand. `made` is what each player has, if hands are compared.
    fn award(&mut self, pots: &[Pot], made: Option<&[Vec<Made>]>, shown: Vec<Shown>, steps: &mut Vec<Step>) {
        let in_order: Vec<usize> = self.left_of(self.button).collect();
        let mut won = vec![Chips::ZERO; self.players.len()];
        let mut main_pot = None;
        for (index, pot) in pots.iter().enumerate() {
            let contenders: Vec<usize> =
                in_order.iter().copied().filter(|&at| pot.eligible.contains(&self.players[at].seat)).collect();
            let parts = made.map_or_else(Vec::new, |made| self.parts(pot.amount, &contenders, made));
            let mut shares = vec![Chips::ZERO; self.players.len()];
            let mut wins = vec![false; self.players.len()];
            for (seat, amount) in parts.iter().flat_map(|part| &part.winners) {
                shares[self.place_of(*seat)] += *amount;
                wins[self.place_of(*seat)] = true;
            }
            if parts.is_empty() {
                shares[contenders[0]] = pot.amount;
                wins[contenders[0]] = true;
            }
            let winners = in_order
                .iter()
                .filter(|&&at| wins[at])
                .map(|&at| (self.players[at].seat, shares[at]))
                .collect::<Vec<_>>();
            won.iter_mut().zip(&shares).for_each(|(won, share)| *won += *share);
            if let (0, [(seat, _)]) = (index, &winners[..]) {
                main_pot = Some(*seat);
            }
            steps.push(Step::PotAwarded { index, amount: pot.amount, winners, parts });
        }
        self.complete((&in_order, main_pot), &won, made, shown, steps);
    }

    fn complete(
        &mut self,
        (in_order, main_pot): (&[usize], Option<SeatIndex>),
        won: &[Chips],
        made: Option<&[Vec<Made>]>,
        shown: Vec<Shown>,
        steps: &mut Vec<Step>,
    ) {
        for (player, &won) in self.players.iter_mut().zip(won) {
            player.stack += won;
            player.bet = Chips::ZERO;
            player.all_in = false;
            player.shown = shown.iter().any(|shown| shown.seat == player.seat);
        }
        let rank = |at: usize| made.and_then(|made| made[at].iter().map(|made| made.high).max());
        let winner = |&at: &usize| Winner { seat: self.players[at].seat, amount: won[at], rank: rank(at) };
        let winners: Vec<_> = in_order.iter().filter(|&&at| !won[at].is_zero()).map(winner).collect();
        let stacks = self.players.iter().map(|player| (player.seat, player.stack)).collect();
        let boards = self.boards.clone();
        steps.push(Step::Completed { boards, winners: winners.clone(), shown: shown.clone(), stacks });
        self.stage = Stage::Complete { winners, shown, main_pot };
    }

    /// A pot, divided by boards or runs, then by high and low.
    fn parts(&self, amount: Chips, contenders: &[usize], made: &[Vec<Made>]) -> Vec<Part> {
        let mut odd = OddChips::default();
        let mut parts = Vec::new();
        for (board, share) in pot::divide(amount, self.boards.len()).into_iter().enumerate() {
            let mut part = |half, amount, winners: Vec<usize>| {
                let seats: Vec<SeatIndex> = winners.into_iter().map(|at| self.players[at].seat).collect();
                let winners = odd.share(amount, &seats);
                parts.push(Part { board: board as u8, half, amount, winners });
            };
            let high = best(contenders, |at| Some(made[at][board].high));
            let low = best(contenders, |at| made[at][board].low);
            if low.is_empty() {
                part(Half::Whole, share, high);
                continue;
            }
            let halves = pot::divide(share, 2);
            part(Half::High, halves[0], high);
            part(Half::Low, halves[1], low);
        }
        parts
    }
}

/// Those with the best rank, in the same order; none where nobody has one.
fn best<R: Ord>(contenders: &[usize], rank: impl Fn(usize) -> Option<R>) -> Vec<usize> {
    let best = contenders.iter().filter_map(|&at| rank(at)).max();
    contenders.iter().copied().filter(|&at| best.is_some() && rank(at) == best).collect()
}

/// Who is next for an odd chip of a pot, for each set of winners.
#[derive(Default)]
struct OddChips(BTreeMap<Vec<SeatIndex>, usize>);

impl OddChips {
    /// A part shared by its winners, given in seat order from the left of the button.
    fn share(&mut self, amount: Chips, winners: &[SeatIndex]) -> Vec<(SeatIndex, Chips)> {
        let next = self.0.entry(winners.to_vec()).or_default();
        let count = winners.len();
        let odd = (amount.get() % count as u64) as usize;
        let gets_one = |place: usize| (place + count - *next) % count < odd;
        let base = amount.get() / count as u64;
        let share = |(place, &seat)| (seat, Chips::new(base + u64::from(gets_one(place))));
        let shares = winners.iter().enumerate().map(share).collect();
        *next = (*next + odd) % count;
        shares
    }
}
