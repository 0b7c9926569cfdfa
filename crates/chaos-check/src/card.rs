//! Cards as the wire names them: `hearts_A`, `diamonds_10`.

use serde_json::Value;

const SUITS: [&str; 4] = ["hearts", "diamonds", "clubs", "spades"];
const RANKS: [&str; 13] = ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"];

/// Whether a text is a card's name.
pub fn is_card(text: &str) -> bool {
    text.split_once('_').is_some_and(|(suit, rank)| SUITS.contains(&suit) && RANKS.contains(&rank))
}

/// The names of all 52.
pub fn all() -> Vec<String> {
    SUITS.iter().flat_map(|suit| RANKS.iter().map(move |rank| format!("{suit}_{rank}"))).collect()
}

/// The cards in a list of names; nothing for what isn't one.
pub fn list(value: &Value) -> Vec<String> {
    let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// A card that is there twice.
pub fn twice<'a>(cards: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = std::collections::BTreeSet::new();
    cards.into_iter().find(|card| !seen.insert(card.as_str()))
}

/// Calls `see` with every card in a value and the path to it: `seats[].shown_cards[]`.
pub fn each_in(value: &Value, path: &mut String, see: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) if is_card(text) => see(path, text),
        Value::Array(items) => {
            let length = path.len();
            path.push_str("[]");
            items.iter().for_each(|item| each_in(item, path, see));
            path.truncate(length);
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(name);
                each_in(field, path, see);
                path.truncate(length);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
