//! Straddles: who posts one before the cards.

use crate::hand::HandSetup;
use crate::ids::SeatIndex;
use crate::room::Room;
use crate::settings::Straddle;

/// The fewest players with whom there are straddles.
const FEWEST: usize = 3;

impl Room {
    /// Who straddles, in the order of posting: those whose place it is, who want to and have enough chips, until the first who
    /// doesn't. Nobody is asked and waited for. A blind is no straddler.
    pub(super) fn straddlers(&self, setup: &HandSetup) -> Vec<SeatIndex> {
        let Some((small, big)) = setup.blind_seats().filter(|_| setup.players.len() >= FEWEST) else {
            return Vec::new();
        };
        let left = setup.left_of(big).take_while(|(seat, _)| *seat != big && Some(*seat) != small);
        let in_turn: Vec<_> = match self.settings.straddle {
            Straddle::Off => return Vec::new(),
            Straddle::Utg => left.take(self.settings.max_straddles.into()).collect(),
            Straddle::Button => left.filter(|(seat, _)| *seat == setup.button).collect(),
        };
        let posts_late = |seat: SeatIndex| setup.posts.iter().any(|post| post.seat == seat);
        let mut price = setup.rules.big_blind;
        let mut straddlers = Vec::new();
        for (seat, stack) in in_turn {
            price = price + price;
            if !self.wants_to_straddle(seat) || posts_late(seat) || stack < setup.rules.ante + price {
                break;
            }
            straddlers.push(seat);
        }
        straddlers
    }

    /// Whether who sits there straddles whenever they may.
    fn wants_to_straddle(&self, seat: SeatIndex) -> bool {
        let member = self.seats[seat.index()].occupant().and_then(|occupant| self.members.get(&occupant.user));
        member.is_some_and(|member| member.preferences.auto_straddle)
    }
}
