//! Bets to side pots, pots to awards, the odd chip.

use crate::chips::Chips;
use crate::ids::SeatIndex;

/// Chips in the middle, and who can win them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pot {
    /// How many chips.
    pub amount: Chips,
    /// The seats that can win them, ascending: those in the hand that put in as much as anybody in this pot.
    pub eligible: Vec<SeatIndex>,
}

/// What one player has put into the middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Whose.
    pub seat: SeatIndex,
    /// How many chips.
    pub amount: Chips,
    /// Whether the player has folded: the chips stay, the claim is gone.
    pub folded: bool,
}

/// The main pot, then the side pots: one for each amount that a player still in the hand has put in.
///
/// A player can win from each other no more than he put in himself. Folded chips above the highest amount of those still in the
/// hand belong to the last pot; if those still in the hand have put in nothing (both blinds have left), they are the only one.
/// None without chips or without anybody who could win them.
pub fn split(contributions: &[Contribution]) -> Vec<Pot> {
    let mut pots = Vec::new();
    let mut below = Chips::ZERO;
    while let Some(level) = next_level(contributions, below) {
        let in_level = |c: &Contribution| c.amount.min(level).saturating_sub(below);
        pots.push(Pot { amount: contributions.iter().map(in_level).sum(), eligible: in_for(contributions, level) });
        below = level;
    }
    let above: Chips = contributions.iter().map(|c| c.amount.saturating_sub(below)).sum();
    let everybody = in_for(contributions, Chips::ZERO);
    match pots.last_mut() {
        Some(last) => last.amount += above,
        None if above.is_zero() || everybody.is_empty() => {}
        None => pots.push(Pot { amount: above, eligible: everybody }),
    }
    pots
}

/// Who is still in the hand and has put in as much.
fn in_for(contributions: &[Contribution], level: Chips) -> Vec<SeatIndex> {
    contributions.iter().filter(|c| !c.folded && c.amount >= level).map(|c| c.seat).collect()
}

/// The lowest amount above `below` that somebody still in the hand has put in.
fn next_level(contributions: &[Contribution], below: Chips) -> Option<Chips> {
    contributions.iter().filter(|c| !c.folded && c.amount > below).map(|c| c.amount).min()
}

/// An amount in so many parts: the odd chips go one each to the first.
pub fn divide(amount: Chips, parts: usize) -> Vec<Chips> {
    let count = parts as u64;
    (0..count).map(|place| Chips::new(amount.get() / count + u64::from(place < amount.get() % count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(seat: u8, amount: u64) -> Contribution {
        Contribution { seat: SeatIndex(seat), amount: Chips::new(amount), folded: false }
    }

    fn folded(seat: u8, amount: u64) -> Contribution {
        Contribution { folded: true, ..live(seat, amount) }
    }

    fn pot(amount: u64, eligible: &[u8]) -> Pot {
        Pot { amount: Chips::new(amount), eligible: eligible.iter().map(|&seat| SeatIndex(seat)).collect() }
    }

    #[test]
    fn each_all_in_amount_makes_a_pot() {
        let pots = split(&[live(0, 50), live(1, 20), live(2, 100), live(3, 100)]);
        assert_eq!(pots, [pot(80, &[0, 1, 2, 3]), pot(90, &[0, 2, 3]), pot(100, &[2, 3])]);
    }

    #[test]
    fn a_folded_amount_makes_no_pot_of_its_own() {
        let pots = split(&[live(0, 50), folded(1, 20), live(2, 50)]);
        assert_eq!(pots, [pot(120, &[0, 2])]);
    }

    #[test]
    fn folded_chips_above_everybody_else_belong_to_the_last_pot() {
        let pots = split(&[live(0, 20), folded(1, 100), live(2, 50)]);
        assert_eq!(pots, [pot(60, &[0, 2]), pot(110, &[2])]);
    }

    #[test]
    fn chips_of_those_who_are_gone_belong_to_those_who_stay_even_if_they_put_in_nothing() {
        assert_eq!(split(&[live(0, 0), folded(1, 1), folded(2, 2)]), [pot(3, &[0])]);
        assert_eq!(split(&[folded(0, 1), folded(1, 2)]), [], "nobody could win them");
    }

    #[test]
    fn no_chips_make_no_pot() {
        assert_eq!(split(&[live(0, 0), live(1, 0)]), []);
    }

    #[test]
    fn odd_chips_go_one_each_to_the_first_parts() {
        assert_eq!(divide(Chips::new(100), 3), [34, 33, 33].map(Chips::new));
        assert_eq!(divide(Chips::new(1), 2), [1, 0].map(Chips::new));
        assert_eq!(divide(Chips::new(5), 1), [Chips::new(5)]);
    }
}
