//! The referee of I-3: who wins, ranked from the cards by rules of its own.
//!
//! It knows the cards of everybody whose client saw them, so it also sees a winner who never showed.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::chips::Award;
use crate::hands::Hands;
use crate::verdict::{Findings, Invariant};

/// How good a hand is: a larger one wins. The category, then what decides within it.
type Strength = Vec<u8>;

/// Checks every pot for which hands were compared.
pub fn check(
    room: Uuid,
    awards: &[Award],
    hands: &Hands,
    own: &BTreeMap<(Uuid, Uuid), Vec<String>>,
    findings: &mut Findings,
) {
    for award in awards.iter().filter(|award| award.eligible.len() > 1) {
        let Some(hand) = hands.all.get(&award.hand) else { continue };
        let first = hand.boards.get(award.board).or(hand.boards.first());
        let Some(board) = hand.run_boards.get(award.board).map(|(_, board)| board).or(first) else { continue };
        if board.len() != 5 {
            continue;
        }
        let strengths: BTreeMap<u8, Strength> = award
            .eligible
            .iter()
            .filter_map(|seat| {
                let user = hand.players.get(seat)?;
                let cards = hand.shown.get(seat).or_else(|| own.get(&(award.hand, *user)))?;
                Some((*seat, strength(&[cards.as_slice(), board.as_slice()].concat())?))
            })
            .collect();
        let best = strengths.values().max();
        for (seat, known) in &strengths {
            let wins = award.winners.contains(seat);
            if wins != (Some(known) == best) {
                let say = format!(
                    "seat {seat} {} a pot with {known:?}, the best is {best:?}",
                    if wins { "wins" } else { "loses" }
                );
                findings.at(Invariant::Replay, room, award.seq, say);
            }
        }
    }
}

/// The strength of the best five of seven cards; `None` if they aren't cards.
pub fn strength(cards: &[String]) -> Option<Strength> {
    let mut ranks = Vec::new();
    let mut suits: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for card in cards {
        let (suit, rank) = card.split_once('_')?;
        let rank = match rank {
            "A" => 14,
            "K" => 13,
            "Q" => 12,
            "J" => 11,
            number => number.parse().ok()?,
        };
        ranks.push(rank);
        suits.entry(suit).or_default().push(rank);
    }
    ranks.sort_unstable_by(|a, b| b.cmp(a));
    let flush = suits.into_values().find(|suited| suited.len() >= 5).map(|mut suited| {
        suited.sort_unstable_by(|a, b| b.cmp(a));
        suited
    });
    // Ranks by how often they are there, then by height.
    let mut groups: Vec<(usize, u8)> = Vec::new();
    for rank in &ranks {
        match groups.iter_mut().find(|(_, other)| other == rank) {
            Some((count, _)) => *count += 1,
            None => groups.push((1, *rank)),
        }
    }
    groups.sort_unstable_by(|a, b| b.cmp(a));
    let first = groups[0];
    let second = groups.get(1).copied().unwrap_or((0, 0));
    let others = |without: &[u8], count: usize| -> Vec<u8> {
        let kickers = groups.iter().map(|(_, rank)| *rank).filter(|rank| !without.contains(rank));
        let mut kickers: Vec<u8> = kickers.collect();
        kickers.sort_unstable_by(|a, b| b.cmp(a));
        kickers.truncate(count);
        kickers
    };
    let made = |category: u8, decides: Vec<u8>| Some([vec![category], decides].concat());
    if let Some(high) = flush.as_deref().and_then(straight) {
        return made(8, vec![high]);
    }
    match (first, second) {
        ((4, quads), _) => made(7, [vec![quads], others(&[quads], 1)].concat()),
        ((3, trips), (2.., pair)) => made(6, vec![trips, pair]),
        _ if flush.is_some() => made(5, flush?.into_iter().take(5).collect()),
        _ if straight(&ranks).is_some() => made(4, straight(&ranks).into_iter().collect()),
        ((3, trips), _) => made(3, [vec![trips], others(&[trips], 2)].concat()),
        ((2, high), (2, low)) => made(2, [vec![high, low], others(&[high, low], 1)].concat()),
        ((2, pair), _) => made(1, [vec![pair], others(&[pair], 3)].concat()),
        _ => made(0, others(&[], 5)),
    }
}

/// The highest card of the best straight among ranks; an ace is also below the two.
fn straight(ranks: &[u8]) -> Option<u8> {
    let has = |rank: u8| ranks.contains(&if rank == 1 { 14 } else { rank });
    (5..=14).rev().find(|high| (high - 4..=*high).all(has))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cards: &str) -> Strength {
        let name = |card: &str| {
            let (rank, suit) = card.split_at(card.len() - 1);
            let suit =
                ["hearts", "diamonds", "clubs", "spades"].into_iter().find(|name| name.starts_with(suit)).unwrap();
            format!("{suit}_{rank}")
        };
        strength(&cards.split(' ').map(name).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn hands_are_ranked_by_the_rules() {
        let rising = [
            "Ah Kd 9c 7s 5h 3d 2c",
            "2h 2d 9c 7s 5h 4d Kc",
            "Ah Ad 9c 7s 5h 3d 2c",
            "2h 2d 3c 3s 5h 8d Kc",
            "Ah Ad Kc Ks Qh Qd 2c",
            "2h 2d 2c 7s 5h 9d Kc",
            "Ah 2d 3c 4s 5h 9d Kc",
            "Ah Kd Qc Js 10h 9d 9c",
            "2h 4h 6h 8h 9h Kd Kc",
            "2h 2d 2c 3s 3h 9d Kc",
            "2h 2d 2c Ks Kh Kd 5c",
            "2h 2d 2c 2s Kh Kd Kc",
            "Ah 2h 3h 4h 5h Ad Ac",
            "10h Jh Qh Kh Ah Ad Ac",
        ];
        for pair in rising.windows(2) {
            assert!(of(pair[0]) < of(pair[1]), "{pair:?}: {:?} {:?}", of(pair[0]), of(pair[1]));
        }
        assert_eq!(of("Ah Kd 9c 7s 5h 3d 2c"), of("Ac Ks 9h 7d 5c 2d 4h"), "only five cards count");
    }
}
