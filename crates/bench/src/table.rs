//! A hand as its events tell it: enough to know what can be done without asking the server.

use crate::frame::{Frame, Kind, Timer};

/// What a player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Gives up.
    Fold,
    /// Stays without a bet.
    Check,
    /// Stays for what was bet.
    Call,
    /// Bets, in chips.
    Bet(u64),
    /// Raises to so many chips on this street.
    Raise(u64),
}

impl Choice {
    /// The protocol's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fold => "FOLD",
            Self::Check => "CHECK",
            Self::Call => "CALL",
            Self::Bet(_) => "BET",
            Self::Raise(_) => "RAISE",
        }
    }

    /// The protocol's amount.
    pub const fn amount(self) -> Option<u64> {
        match self {
            Self::Fold | Self::Check | Self::Call => None,
            Self::Bet(amount) | Self::Raise(amount) => Some(amount),
        }
    }
}

/// How people play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Mostly check and call, with some folds, bets and raises: hands of a dozen actions or so.
    Passive,
    /// Fold at once: hands of as few actions as there can be.
    Folding,
}

/// A bet that is this many big blinds high isn't raised, so that stacks last.
const RAISED_UP_TO: u64 = 8;

/// The betting.
#[derive(Debug, Default)]
pub struct Table {
    /// The number of the last event that was taken in.
    pub seq: u64,
    /// Whose turn it is.
    pub timer: Option<Timer>,
    big_blind: u64,
    highest: u64,
    step: u64,
    bets: [u64; 10],
}

impl Table {
    /// Takes in an event, if it is the next one. Returns whether it was.
    pub fn apply(&mut self, seq: u64, frame: &Frame<'_>) -> bool {
        if seq != self.seq + 1 {
            return false;
        }
        self.seq = seq;
        match frame.kind {
            Kind::HandStarted => {
                self.big_blind = frame.big_blind.unwrap_or(self.big_blind);
                self.new_street();
                for seat in frame.seats.iter().flatten() {
                    self.set_bet(seat.seat_index, seat.bet);
                }
                self.step = self.big_blind;
                self.highest = self.highest.max(self.big_blind);
            }
            Kind::PlayerAction => {
                if let (Some(seat), Some(bet)) = (frame.seat_index, frame.bet) {
                    self.step = self.step.max(bet.saturating_sub(self.highest));
                    self.set_bet(seat, bet);
                }
            }
            Kind::StreetAdvanced => self.new_street(),
            Kind::Authenticated | Kind::ResyncRequired | Kind::Error | Kind::Other => return true,
        }
        self.timer = frame.timer;
        true
    }

    /// What the player in `seat` does, where `chance` is between 0 and 1.
    pub fn choose(&self, seat: u8, style: Style, chance: f64) -> Choice {
        let owes = self.highest > self.bets[usize::from(seat)];
        match (style, owes) {
            (Style::Folding, true) => Choice::Fold,
            (Style::Folding, false) => Choice::Check,
            (Style::Passive, false) if self.highest == 0 && chance < 0.15 => Choice::Bet(self.big_blind),
            (Style::Passive, false) => Choice::Check,
            (Style::Passive, true) if chance < 0.30 => Choice::Fold,
            (Style::Passive, true) if chance < 0.35 && self.highest < RAISED_UP_TO * self.big_blind => {
                Choice::Raise(self.highest + self.step)
            }
            (Style::Passive, true) => Choice::Call,
        }
    }

    fn new_street(&mut self) {
        self.bets = [0; 10];
        self.highest = 0;
        self.step = self.big_blind;
    }

    fn set_bet(&mut self, seat: u8, bet: u64) {
        self.bets[usize::from(seat)] = bet;
        self.highest = self.highest.max(bet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::DealtIn;

    fn dealt() -> Table {
        let mut table = Table::default();
        let seats = [(0, 0), (1, 5), (2, 10)].map(|(seat_index, bet)| DealtIn { seat_index, bet });
        let started =
            Frame { kind: Kind::HandStarted, big_blind: Some(10), seats: Some(seats.into()), ..Frame::default() };
        assert!(table.apply(1, &started));
        table
    }

    fn acted(seat: u8, bet: u64) -> Frame<'static> {
        Frame { kind: Kind::PlayerAction, seat_index: Some(seat), bet: Some(bet), ..Frame::default() }
    }

    #[test]
    fn who_owes_nothing_checks_and_who_owes_calls() {
        let table = dealt();
        assert_eq!(table.choose(2, Style::Passive, 0.9), Choice::Check);
        assert_eq!(table.choose(1, Style::Passive, 0.9), Choice::Call);
        assert_eq!(table.choose(0, Style::Passive, 0.1), Choice::Fold);
    }

    #[test]
    fn a_raise_is_by_the_last_step_at_least() {
        let mut table = dealt();
        assert!(table.apply(2, &acted(0, 40)));
        assert_eq!(table.choose(1, Style::Passive, 0.34), Choice::Raise(70));
        assert!(table.apply(3, &acted(1, 80)));
        assert_eq!(table.choose(2, Style::Passive, 0.34), Choice::Call, "high enough");
    }

    #[test]
    fn a_street_begins_without_bets() {
        let mut table = dealt();
        assert!(table.apply(2, &Frame { kind: Kind::StreetAdvanced, ..Frame::default() }));
        assert_eq!(table.choose(1, Style::Passive, 0.1), Choice::Bet(10));
    }

    #[test]
    fn an_event_counts_once() {
        let mut table = dealt();
        assert!(!table.apply(1, &acted(0, 10)));
        assert!(!table.apply(3, &acted(0, 10)), "a gap");
        assert_eq!(table.seq, 1);
    }
}
