//! Who may raise, and to what: the rules of betting once more, by the revision of them that the hand carries.

use std::collections::BTreeMap;

/// The betting on a street.
#[derive(Clone, Debug)]
pub struct Raises {
    /// By the first revision of the rules, a short all-in closes the betting only after a full bet or raise on the street.
    needs_a_full_bet: bool,
    big_blind: i64,
    /// What has to be matched.
    price: i64,
    step: i64,
    was_bet_in_full: bool,
    /// The price after each player's last action.
    acted: BTreeMap<u8, i64>,
}

impl Raises {
    /// Before the flop, by the rule book of the log (`nlhe/2`; none in hands from before there were any). `opening` has to be
    /// matched: the big blind, or the last straddle.
    ///
    /// # Errors
    ///
    /// A rule book that isn't known here.
    pub fn new(rules: Option<&str>, big_blind: i64, opening: i64) -> Result<Self, String> {
        let needs_a_full_bet = match rules {
            None | Some("nlhe/1") => true,
            Some("nlhe/2") => false,
            Some(other) => return Err(format!("a hand is played by the rule book {other:?}")),
        };
        let acted = BTreeMap::new();
        Ok(Self { needs_a_full_bet, big_blind, price: opening, step: opening, was_bet_in_full: false, acted })
    }

    /// The next street.
    pub fn street(&mut self) {
        (self.price, self.step, self.was_bet_in_full) = (0, self.big_blind, false);
        self.acted.clear();
    }

    /// What has to be matched.
    pub fn price(&self) -> i64 {
        self.price
    }

    /// Whether a player has acted on this street.
    pub fn has_acted(&self, seat: u8) -> bool {
        self.acted.contains_key(&seat)
    }

    /// Takes in an action after which a player has `to` in on this street, and says what is wrong with it. `all_in`: nothing is
    /// left behind; `anybody`: somebody else could call more than the price.
    pub fn act(&mut self, seat: u8, to: i64, all_in: bool, anybody: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        let by = to - self.price;
        if by > 0 {
            let since = self.acted.get(&seat).map(|then| self.price - then);
            if since.is_some_and(|since| since < self.step) && (self.was_bet_in_full || !self.needs_a_full_bet) {
                wrong.push(format!("seat {seat} raises to {to}, and has acted since the last full bet or raise"));
            }
            if by < self.step && !all_in {
                wrong.push(format!("seat {seat} raises to {to}, less than {} and not all-in", self.price + self.step));
            }
            if !anybody {
                wrong.push(format!("seat {seat} raises to {to}, which nobody can call"));
            }
            if by >= self.step {
                (self.step, self.was_bet_in_full) = (by, true);
            }
            self.price = to;
        }
        self.acted.insert(seat, self.price);
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrongs(rules: Option<&str>, acts: &[(u8, i64, bool)]) -> usize {
        let mut raises = Raises::new(rules, 100, 100).unwrap();
        acts.iter().map(|(seat, to, all_in)| raises.act(*seat, *to, *all_in, true).len()).sum()
    }

    #[test]
    fn a_hand_is_judged_by_its_own_revision() {
        // A call, a short all-in, and a raise by the caller.
        let acts = [(0, 100, false), (1, 150, true), (0, 250, false)];
        assert_eq!(wrongs(None, &acts), 0);
        assert_eq!(wrongs(Some("nlhe/1"), &acts), 0);
        assert_eq!(wrongs(Some("nlhe/2"), &acts), 1);
        assert!(Raises::new(Some("nlhe/77"), 100, 100).is_err());
    }

    #[test]
    fn short_all_ins_close_the_betting_after_a_full_raise_and_add_up() {
        for rules in ["nlhe/1", "nlhe/2"] {
            assert_eq!(wrongs(Some(rules), &[(0, 300, false), (1, 400, true), (0, 600, false)]), 1);
            assert_eq!(wrongs(Some(rules), &[(0, 300, false), (1, 400, true), (2, 500, true), (0, 700, false)]), 0);
        }
    }

    #[test]
    fn a_raise_is_full_or_all_in_and_somebody_can_call_it() {
        assert_eq!(wrongs(Some("nlhe/2"), &[(0, 199, false)]), 1);
        assert_eq!(wrongs(Some("nlhe/2"), &[(0, 199, true)]), 0);
        assert_eq!(wrongs(Some("nlhe/2"), &[(0, 250, false), (1, 399, false)]), 1);
        assert_eq!(Raises::new(None, 100, 100).unwrap().act(0, 300, false, false).len(), 1);
    }

    #[test]
    fn a_straddle_is_the_price_and_the_smallest_raise_doubles_it() {
        let mut raises = Raises::new(Some("nlhe/2"), 100, 200).unwrap();
        assert_eq!(raises.price(), 200);
        assert_eq!(raises.act(0, 399, false, true).len(), 1);
        raises.street();
        assert!(raises.act(0, 100, false, true).is_empty(), "nothing of it is left after the flop");
    }

    #[test]
    fn a_street_begins_anew() {
        let mut raises = Raises::new(Some("nlhe/2"), 100, 100).unwrap();
        assert!(raises.act(0, 300, false, true).is_empty());
        raises.street();
        assert_eq!(raises.price(), 0);
        assert!(raises.act(0, 100, false, true).is_empty());
    }
}
