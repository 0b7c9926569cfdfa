//! Chance from the operating system.

use domain::card::deck::Deck;
use ports::randomness::Randomness;
use uuid::Uuid;

/// Crockford's base 32: no I, L, O or U.
const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The operating system's generator for secrets, asked anew each time: nothing is kept that could be stolen, forked or
/// rewound.
///
/// # Panics
///
/// Every method does if the operating system has no randomness to give: there is no deal without it, and no id.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    fn id(&self) -> Uuid {
        uuid::Builder::from_random_bytes(random()).into_uuid()
    }

    fn deck(&self) -> Deck {
        let mut words = Words::none_yet();
        Deck::shuffled(|n| words.below(n))
    }

    fn room_code(&self) -> String {
        let bits = random::<5>().into_iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(byte));
        (0..8).map(|place| char::from(CODE_ALPHABET[(bits >> (place * 5)) as usize & 31])).collect()
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness: without it nothing can be dealt");
    bytes
}

/// Random words, fetched by the 64: a shuffle needs 51, and hardly ever more.
struct Words {
    words: [u32; 64],
    left: usize,
}

impl Words {
    fn none_yet() -> Self {
        Self { words: [0; 64], left: 0 }
    }

    fn next(&mut self) -> u32 {
        if self.left == 0 {
            let bytes = random::<256>();
            let (chunks, _) = bytes.as_chunks::<4>();
            for (word, chunk) in self.words.iter_mut().zip(chunks) {
                *word = u32::from_le_bytes(*chunk);
            }
            self.left = self.words.len();
        }
        self.left -= 1;
        self.words[self.left]
    }

    /// A number in `0..n`, each as likely as any other: words from the incomplete last block of `n` are thrown away.
    fn below(&mut self, n: u32) -> u32 {
        let end = u32::MAX - u32::MAX % n;
        loop {
            let word = self.next();
            if word < end {
                return word % n;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_card_is_as_often_in_every_place() {
        const DECKS: u32 = 20_000;
        let mut seen = [[0_u32; 52]; 52];
        for _ in 0..DECKS {
            for (place, card) in OsRandomness.deck().cards().iter().enumerate() {
                seen[place][usize::from(card.number())] += 1;
            }
        }
        let expected = f64::from(DECKS) / 52.0;
        let squares = seen.as_flattened().iter().map(|&count| (f64::from(count) - expected).powi(2) / expected);
        // Rows and columns have fixed sums: 51 * 51 degrees of freedom, stretched by 52/51.
        let (mean, sigma) = (52.0 * 51.0, 52.0 / 51.0 * (2.0 * 51.0 * 51.0_f64).sqrt());
        let sigmas = (squares.sum::<f64>() - mean) / sigma;
        assert!(sigmas.abs() < 5.0, "{sigmas} standard deviations");
    }

    #[test]
    fn no_deck_id_or_code_comes_twice() {
        let orders: HashSet<_> = (0..1000).map(|_| OsRandomness.deck().cards().map(|card| card.number())).collect();
        let ids: HashSet<_> = (0..1000).map(|_| OsRandomness.id()).collect();
        let codes: HashSet<_> = (0..1000).map(|_| OsRandomness.room_code()).collect();
        assert_eq!((orders.len(), ids.len(), codes.len()), (1000, 1000, 1000));
    }

    #[test]
    fn an_id_is_a_random_uuid() {
        assert_eq!(OsRandomness.id().get_version_num(), 4);
    }

    #[test]
    fn a_code_has_8_characters_and_uses_the_whole_alphabet_in_every_place() {
        let codes: Vec<_> = (0..2000).map(|_| OsRandomness.room_code()).collect();
        assert!(codes.iter().all(|code| code.len() == 8));
        for place in 0..8 {
            let used: HashSet<u8> = codes.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(used, CODE_ALPHABET.iter().copied().collect());
        }
    }

    #[test]
    fn the_incomplete_last_block_is_thrown_away() {
        let mut words = Words::none_yet();
        (words.words[0], words.words[1], words.left) = (5, u32::MAX, 2);
        assert_eq!(words.below(3), 2, "u32::MAX is a multiple of 3 and begins an incomplete block");
        assert_eq!(words.left, 0);
    }
}
