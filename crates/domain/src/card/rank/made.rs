//! What hole cards make with a board, by the rules of a game.

use super::low::low_ranks;
use super::table::{Sum, Tables};
use super::{HandRank, LowRank};
use crate::card::Card;
use crate::rules::{Game, Makes};

/// The best high hand of these hole cards and this board of up to five cards.
///
/// Before the river the missing cards count for nothing, so that a hand has a label at any time.
pub fn high(game: Game, hole: &[Card], board: &[Card]) -> HandRank {
    let tables = Tables::of(game.pack);
    match game.makes {
        Makes::AnyFive => tables.best_five(hole.iter().chain(board)),
        Makes::TwoAndThree => {
            let (pairs, triples) = (choices::<2, 10>(hole), choices::<3, 10>(board));
            let each = pairs.iter().flat_map(|pair| triples.iter().map(|triple| tables.rank(pair.and(*triple))));
            each.max().expect("there are two hole cards or more")
        }
    }
}

/// The best low hand, if the game has one and they make one.
pub fn low(game: Game, hole: &[Card], board: &[Card]) -> Option<LowRank> {
    if !game.splits_low {
        return None;
    }
    let mut best = None;
    for_each_choice::<2>(hole, |pair| {
        let Some(mine) = low_ranks(pair) else { return };
        for_each_choice::<3>(board, |triple| {
            best = best.max(low_ranks(triple).and_then(|common| LowRank::of(mine | common)));
        });
    });
    best
}

/// Up to `N` sums.
struct Choices<const N: usize> {
    sums: [Sum; N],
    count: usize,
}

impl<const N: usize> Choices<N> {
    fn iter(&self) -> impl Iterator<Item = &Sum> {
        self.sums[..self.count].iter()
    }
}

/// All ways to take `K` of these cards, added up; if there are no more than that, all of them.
fn choices<const K: usize, const N: usize>(cards: &[Card]) -> Choices<N> {
    let mut choices = Choices { sums: [Sum::NONE; N], count: 0 };
    for_each_choice::<K>(cards, |chosen| {
        choices.sums[choices.count] = Sum::of(chosen);
        choices.count += 1;
    });
    choices
}

/// Calls `take` with all ways to take `K` of these cards, two or three; with all of them if there are no more.
fn for_each_choice<const K: usize>(cards: &[Card], mut take: impl FnMut(&[Card])) {
    if cards.len() <= K {
        return take(cards);
    }
    for (first, &a) in cards.iter().enumerate() {
        for (second, &b) in cards.iter().enumerate().skip(first + 1) {
            match K {
                2 => take(&[a, b]),
                _ => cards[second + 1..].iter().for_each(|&c| take(&[a, b, c])),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Category;
    use super::*;
    use crate::card::{Rank, Suit};
    use crate::rules::Variant;

    fn cards(text: &str) -> Vec<Card> {
        let card = |text: &str| {
            let rank = "23456789TJQKA".find(&text[..1]).unwrap();
            Card { rank: Rank::ALL[rank], suit: Suit::ALL["cdhs".find(&text[1..]).unwrap()] }
        };
        text.split(' ').map(card).collect()
    }

    fn category(variant: Variant, hole: &str, board: &str) -> Category {
        high(variant.game(), &cards(hole), &cards(board)).category()
    }

    #[test]
    fn omaha_takes_exactly_two_and_three() {
        let four_spades = "As Ks Qs 2s 3d";
        assert_eq!(category(Variant::Omaha, "Js 9h 8d 7c", four_spades), Category::HighCard, "one spade is no flush");
        assert_eq!(category(Variant::Omaha, "Js 9s 8d 7c", four_spades), Category::Flush);
        assert_eq!(category(Variant::Omaha, "Js Jh Jd Jc", "2c 3d 7h 9s Kd"), Category::Pair, "two of the four");
        assert_eq!(category(Variant::HoldEm, "Js 9h", four_spades), Category::Flush);
        assert_eq!(category(Variant::OmahaFive, "2c 3c Js Jh 9d", "Jd Td 2d 2h 9c"), Category::FullHouse);
    }

    #[test]
    fn a_hand_has_a_rank_before_the_river() {
        assert_eq!(high(Variant::Omaha.game(), &cards("As Ah Kd Qc"), &[]).to_string(), "Pair of aces");
        assert_eq!(high(Variant::HoldEm.game(), &cards("As Kd"), &[]).to_string(), "High card, ace");
        assert_eq!(
            high(Variant::Omaha.game(), &cards("As Ah Kd Qc"), &cards("Ad 2c 2d")).to_string(),
            "Full house, aces over twos"
        );
    }

    ///
    #[test]
    fn in_a_short_deck_a_flush_beats_a_full_house_and_the_ace_stands_for_a_five() {
        let rank = |hole: &str, board: &str| high(Variant::ShortDeck.game(), &cards(hole), &cards(board));
        let board = "As Ks 9s 9d 6h";
        assert!(rank("Qs 7s", board) > rank("9c 6d", board));
        assert!(rank("9c 9h", board) > rank("Qs 7s", board));
        assert!(rank("7c 8d", board) > rank("9c Td", board), "a straight beats three of a kind");
        assert_eq!(rank("7c 8d", board).to_string(), "Straight, nine high");
        assert!(rank("7c Td", "8s 9d Jc Qh 6d") > rank("7c Ad", "8s 9d Jc Kh 6d"), "the lowest straight");
        assert_eq!(category(Variant::ShortDeck, "7c 8d", "As Ks 6s Jd Qh"), Category::HighCard, "not round the ace");
        assert_eq!(rank("6s 7s", "As 8s 9s Kd Qh").to_string(), "Straight flush, nine high");
        assert_eq!(rank("Qs 7s", board).category(), Category::Flush);
        assert_eq!(rank("9c 6d", board).to_string(), "Full house, nines over sixes");
    }

    ///
    #[test]
    fn a_low_has_five_ranks_up_to_eight_two_from_the_hand() {
        let low = |hole: &str, board: &str| low(Variant::OmahaEight.game(), &cards(hole), &cards(board));
        assert_eq!(low("As 2s Kd Kh", "3c 4d 5h Qs Qd").unwrap().to_string(), "5-4-3-2-A");
        assert_eq!(low("As 2s Kd Kh", "8c 7d 6h Qs Qd").unwrap().to_string(), "8-7-6-2-A");
        assert_eq!(low("As Ks Kd Kh", "8c 7d 6h 5s 4d"), None, "only one low card in the hand");
        assert_eq!(low("As 2s Kd Kh", "8c 7d 9h Qs Qd"), None, "only two on the board");
        assert_eq!(low("As 2s Kd Kh", "2c 2d Ah 8s 7d"), None, "paired");
        assert_eq!(low("As 2s 3d Kh", "2c 4d 6h 8s Kd").unwrap().to_string(), "6-4-3-2-A", "another two of the hand");
        assert!(low("As 2s Kd Kh", "3c 4d 5h Qs Qd") > low("As 3s Kd Kh", "2c 4d 6h Qs Qd"));
        assert!(low("7s 6s Kd Kh", "4c 3d 2h Qs Qd") > low("8s 6s Kd Kh", "4c 3d 2h Qs Qd"));
        assert_eq!(super::low(Variant::Omaha.game(), &cards("As 2s Kd Kh"), &cards("3c 4d 5h Qs Qd")), None);
    }
}
