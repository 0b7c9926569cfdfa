//! The deck, an argument of a hand: the domain shuffles with numbers it is given.

use std::fmt;

use super::Card;

/// All 52 cards in the order in which they are dealt, the top first. `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Deck([Card; 52]);

impl Deck {
    /// A deck in this order; `None` unless the cards are 52 different ones.
    pub fn from_cards(cards: [Card; 52]) -> Option<Self> {
        let seen = cards.iter().fold(0_u64, |seen, card| seen | 1 << card.number());
        (seen.count_ones() == 52).then_some(Self(cards))
    }

    /// A new deck, out of the box: clubs, diamonds, hearts, spades, deuce to ace in each.
    pub fn ordered() -> Self {
        let mut number = 0;
        Self([(); 52].map(|()| {
            let card = Card::from_number(number).expect("there are 52 cards");
            number += 1;
            card
        }))
    }

    /// A shuffled deck: Fisher-Yates, where `below(n)` gives an unbiased random number in `0..n`.
    ///
    /// # Panics
    ///
    /// If `below(n)` gives `n` or more.
    pub fn shuffled(mut below: impl FnMut(u32) -> u32) -> Self {
        let Self(mut cards) = Self::ordered();
        for last in (1..52_u32).rev() {
            let pick = below(last + 1);
            assert!(pick <= last, "below(n) gives a number below n");
            cards.swap(last as usize, pick as usize);
        }
        Self(cards)
    }

    /// The cards, the top first.
    pub fn cards(&self) -> &[Card; 52] {
        &self.0
    }
}

impl fmt::Debug for Deck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A player's two cards, the one dealt first in front. `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HoleCards(pub [Card; 2]);

impl fmt::Debug for HoleCards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_has_52_different_cards() {
        let mut cards = *Deck::ordered().cards();
        assert_eq!(Deck::from_cards(cards), Some(Deck::ordered()));
        cards[7] = cards[8];
        assert_eq!(Deck::from_cards(cards), None);
    }

    #[test]
    fn a_shuffle_keeps_every_card_and_asks_for_each_place_once() {
        let mut asked = Vec::new();
        let deck = Deck::shuffled(|n| {
            asked.push(n);
            n / 2
        });
        assert!(Deck::from_cards(*deck.cards()).is_some());
        assert_ne!(deck, Deck::ordered());
        assert!(asked.into_iter().eq((2..=52).rev()));
    }

    #[test]
    fn every_order_of_three_cards_is_as_likely_as_any_other() {
        // All choices for the last two draws, which decide who is where among the first three places.
        let mut orders = std::collections::BTreeSet::new();
        for (second, third) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
            let deck = Deck::shuffled(|n| match n {
                3 => second,
                2 => third,
                n => n - 1,
            });
            orders.insert([0, 1, 2].map(|place: usize| deck.cards()[place]));
        }
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn debug_output_holds_no_card() {
        let deck = Deck::ordered();
        let hole = HoleCards([deck.cards()[0], deck.cards()[51]]);
        assert_eq!(format!("{deck:?} {hole:?}"), "*** ***");
    }
}
