//! Which cards of a hand a reader may have proved: those that its events have shown them, and no other.

use super::event::{Own, Reader, for_reader};
use crate::card::Card;
use crate::event::Committed;

/// The cards of a hand that `reader` knows, each once: their own, the boards, what was shown, what would have come if they
/// were told it.
pub fn known_cards(events: &[Committed], reader: Reader) -> Vec<Card> {
    let mut known: Vec<Card> = Vec::new();
    let mut learn = |cards: &[Card]| known.extend(cards);
    for view in events.iter().filter_map(|event| for_reader(event, reader)) {
        if let Some(Own::Cards(hole)) = view.own {
            learn(hole.cards());
        }
        if let Some(Own::Boards(boards)) = view.own {
            boards.iter().for_each(|board| learn(board));
        }
        let facts = view.what.facts();
        facts.boards.unwrap_or_default().iter().for_each(|board| learn(board));
        facts.rabbit.iter().for_each(|board| learn(board));
        learn(facts.cards);
        facts.shown.iter().for_each(|shown| learn(shown.cards.cards()));
    }
    known.sort_by_key(|card| card.number());
    known.dedup();
    known
}
