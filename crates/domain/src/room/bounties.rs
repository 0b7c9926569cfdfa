//! The bounty for a pot that is won with a seven and a deuce.

use crate::chips::Chips;
use crate::event::{BountyPaid, Event, Happened, Share};
use crate::game::Dealt;
use crate::ids::SeatIndex;
use crate::room::Room;

impl Room {
    /// Pays the last hand's bounty, if its winner is in this seat and has shown both cards: at the showdown, or later of their
    /// own will. To be called when cards of theirs were shown, and not again.
    pub(super) fn pay_bounty(&mut self, seat: SeatIndex) -> Option<Event> {
        let dealt = self.game.dealt.as_ref().filter(|dealt| dealt.hand.bounty_winner() == Some(seat))?;
        let stack = |seat: SeatIndex| {
            let occupant = self.seats[seat.index()].occupant();
            occupant.filter(|occupant| dealt.players.get(&seat) == Some(&occupant.user)).map(|occupant| occupant.chips)
        };
        let paid = dealt.bounty(stack)?;
        for payer in &paid.from {
            self.occupant_mut(payer.seat).chips -= payer.amount;
        }
        self.occupant_mut(paid.seat).chips += paid.amount;
        Some(Happened::BountyPaid(paid).into())
    }
}

impl Dealt {
    /// What is paid for the main pot of a complete hand whose winner has shown a seven and a deuce. `stack` is what a player of the
    /// hand has now; `None` for who has left the table, and neither pays nor gets anything. Nobody pays more than they had at the
    /// hand's end. `None` if nothing is paid.
    pub fn bounty(&self, stack: impl Fn(SeatIndex) -> Option<Chips>) -> Option<BountyPaid> {
        let winner = self.hand.bounty_winner()?;
        stack(winner)?;
        if self.shown_cards(winner).len() < self.hand.game().hole_cards {
            return None;
        }
        let setup = self.hand.setup();
        let pays = |(seat, _): (SeatIndex, Chips)| {
            let had = self.hand.player(seat)?.stack;
            let amount = setup.bounty.min(had).min(stack(seat)?);
            let payer = Share { seat, user: self.players[&seat], amount, rank: None };
            Some(payer).filter(|_| seat != winner && !amount.is_zero())
        };
        let from: Vec<Share> = setup.left_of(setup.button).filter_map(pays).collect();
        let amount = from.iter().map(|payer| payer.amount).sum();
        let paid = BountyPaid { hand: self.id, seat: winner, user: self.players[&winner], amount, from };
        Some(paid).filter(|paid| !paid.amount.is_zero())
    }
}
