//! Texts with hidden cards have the same length whatever the cards: who sees an encrypted line sees how long its messages are,
//! and the names of cards are of different lengths. What is missing is made up by blanks, which JSON allows.

use domain::card::Card;
use domain::card::rank::LONGEST_LABEL;

/// The longest name of a card, `diamonds_10`, in bytes.
const LONGEST_CARD: usize = 11;

/// The bytes by which these cards' names are shorter than the longest ones.
pub fn missing(cards: &[Card]) -> usize {
    cards.iter().map(|card| missing_of_name(&card.to_string())).sum()
}

/// The bytes by which a card's name is shorter than the longest one.
pub(crate) fn missing_of_name(card: &str) -> usize {
    LONGEST_CARD.saturating_sub(card.len())
}

/// The bytes by which a hand's label is shorter than the longest one.
pub fn missing_of_label(label: &str) -> usize {
    LONGEST_LABEL.saturating_sub(label.len())
}

/// A JSON object with so many blanks before its end.
pub fn pad(mut object: String, blanks: usize) -> String {
    debug_assert!(object.ends_with('}'), "an object");
    object.insert_str(object.len().saturating_sub(1), &" ".repeat(blanks));
    object
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::card::deck::Deck;
    use domain::card::rank::evaluate;
    use domain::rules::Pack;

    use super::*;

    fn every_card() -> Vec<Card> {
        Deck::ordered(Pack::Full).cards().to_vec()
    }

    #[test]
    fn all_pairs_of_cards_make_texts_of_one_length() {
        let all = every_card();
        let text =
            |cards: [Card; 2]| pad(format!("{{\"yourCards\":[\"{}\",\"{}\"]}}", cards[0], cards[1]), missing(&cards));
        let pairs = all.iter().flat_map(|first| all.iter().map(move |second| [*first, *second]));
        let texts: Vec<String> = pairs.map(text).collect();
        let lengths: BTreeSet<usize> = texts.iter().map(String::len).collect();
        assert_eq!(lengths.len(), 1, "{lengths:?}");
        for text in texts {
            serde_json::from_str::<serde_json::Value>(&text).expect("still JSON");
        }
    }

    /// Three of the hand's five cards decide every label.
    #[test]
    fn no_label_is_longer_than_the_longest() {
        let all = every_card();
        let ranks: Vec<Card> = all.iter().copied().take(13).collect();
        let mut longest = 0;
        for suited in all.chunks(13) {
            for run in suited.windows(5) {
                longest = longest.max(evaluate(run).to_string().len());
            }
        }
        for first in &all {
            for second in &all {
                for third in &ranks {
                    let hand: BTreeSet<_> = [*first, *second, *third].into_iter().collect();
                    let hand: Vec<Card> = hand.into_iter().collect();
                    if hand.len() < 2 {
                        continue;
                    }
                    longest = longest.max(evaluate(&hand).to_string().len());
                }
            }
        }
        for one in 0..13 {
            for other in (0..13).filter(|other| *other != one) {
                let hand = [all[one], all[one + 13], all[one + 26], all[other], all[other + 13]];
                longest = longest.max(evaluate(&hand).to_string().len());
                let pairs = [all[one], all[one + 13], all[other], all[other + 13]];
                longest = longest.max(evaluate(&pairs).to_string().len());
            }
        }
        assert!((25..=LONGEST_LABEL).contains(&longest), "{longest}");
    }
}
