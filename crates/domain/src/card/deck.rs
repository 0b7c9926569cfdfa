//! The deck, an argument of a hand: the domain shuffles with numbers it is given.

use std::fmt;

use super::{Card, Rank};
use crate::rules::Pack;

/// The cards of a pack in the order in which they are dealt, the top first. `Debug` hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Deck {
    pack: Pack,
    cards: Vec<Card>,
}

/// Whether a card is in a pack.
fn is_in(pack: Pack, card: Card) -> bool {
    match pack {
        Pack::Full => true,
        Pack::SixPlus => card.rank >= Rank::Six,
    }
}

impl Deck {
    /// A deck in this order; `None` unless the cards are all those of one pack, each once.
    pub fn from_cards(cards: impl Into<Vec<Card>>) -> Option<Self> {
        let cards = cards.into();
        let pack = [Pack::Full, Pack::SixPlus].into_iter().find(|pack| pack.len() == cards.len())?;
        let seen = cards.iter().filter(|card| is_in(pack, **card)).fold(0_u64, |seen, card| seen | 1 << card.number());
        (seen.count_ones() as usize == pack.len()).then_some(Self { pack, cards })
    }

    /// A new deck, out of the box: clubs, diamonds, hearts, spades, the lowest card to the ace in each.
    pub fn ordered(pack: Pack) -> Self {
        Self { pack, cards: (0..52).filter_map(Card::from_number).filter(|card| is_in(pack, *card)).collect() }
    }

    /// A shuffled deck: Fisher-Yates, where `below(n)` gives an unbiased random number in `0..n`.
    ///
    /// # Panics
    ///
    /// If `below(n)` gives `n` or more.
    pub fn shuffled(pack: Pack, mut below: impl FnMut(u32) -> u32) -> Self {
        let Self { mut cards, .. } = Self::ordered(pack);
        for last in (1..cards.len() as u32).rev() {
            let pick = below(last + 1);
            assert!(pick <= last, "below(n) gives a number below n");
            cards.swap(last as usize, pick as usize);
        }
        Self { pack, cards }
    }

    /// Which cards it has.
    pub fn pack(&self) -> Pack {
        self.pack
    }

    /// The cards, the top first.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }
}

impl fmt::Debug for Deck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The most hole cards that any game deals.
pub const MOST_HOLE_CARDS: usize = 5;

/// A player's own cards, two to five, in the order in which they were dealt. `Debug` hides them.
#[derive(Clone, Copy)]
pub struct HoleCards {
    count: u8,
    cards: [Card; MOST_HOLE_CARDS],
}

impl HoleCards {
    /// These cards; `None` unless they are one to five.
    pub fn new(hole: &[Card]) -> Option<Self> {
        let first = *hole.first()?;
        let mut cards = [first; MOST_HOLE_CARDS];
        cards.get_mut(..hole.len())?.copy_from_slice(hole);
        Some(Self { count: hole.len() as u8, cards })
    }

    /// The cards, the one dealt first in front.
    pub fn cards(&self) -> &[Card] {
        &self.cards[..usize::from(self.count)]
    }
}

impl PartialEq for HoleCards {
    fn eq(&self, other: &Self) -> bool {
        self.cards() == other.cards()
    }
}

impl Eq for HoleCards {}

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
        let mut cards = Deck::ordered(Pack::Full).cards().to_vec();
        assert_eq!(Deck::from_cards(cards.clone()), Some(Deck::ordered(Pack::Full)));
        cards[7] = cards[8];
        assert_eq!(Deck::from_cards(cards.clone()), None);
        assert_eq!(Deck::from_cards(&cards[..51]), None);
    }

    #[test]
    fn a_short_deck_has_36_different_cards_from_the_six_up() {
        let mut cards = Deck::ordered(Pack::SixPlus).cards().to_vec();
        assert_eq!(cards.len(), 36);
        assert!(cards.iter().all(|card| card.rank >= Rank::Six));
        assert_eq!(Deck::from_cards(cards.clone()), Some(Deck::ordered(Pack::SixPlus)));
        cards[3] = Card::from_number(0).unwrap();
        assert_eq!(Deck::from_cards(cards), None, "no deuce");
    }

    #[test]
    fn hole_cards_are_one_to_five() {
        let deck = Deck::ordered(Pack::Full);
        for count in 1..=5 {
            assert_eq!(HoleCards::new(&deck.cards()[..count]).unwrap().cards(), &deck.cards()[..count]);
        }
        assert!(HoleCards::new(&[]).is_none() && HoleCards::new(&deck.cards()[..6]).is_none());
        assert_ne!(HoleCards::new(&deck.cards()[..2]), HoleCards::new(&deck.cards()[..3]));
    }

    #[test]
    fn a_shuffle_keeps_every_card_and_asks_for_each_place_once() {
        let mut asked = Vec::new();
        let deck = Deck::shuffled(Pack::Full, |n| {
            asked.push(n);
            n / 2
        });
        assert!(Deck::from_cards(deck.cards()).is_some());
        assert_ne!(deck, Deck::ordered(Pack::Full));
        assert!(asked.into_iter().eq((2..=52).rev()));
    }

    #[test]
    fn every_order_of_three_cards_is_as_likely_as_any_other() {
        // All choices for the last two draws, which decide who is where among the first three places.
        let mut orders = std::collections::BTreeSet::new();
        for (second, third) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
            let deck = Deck::shuffled(Pack::Full, |n| match n {
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
        let deck = Deck::ordered(Pack::Full);
        let hole = HoleCards::new(&deck.cards()[50..]).unwrap();
        assert_eq!(format!("{deck:?} {hole:?}"), "*** ***");
    }
}
