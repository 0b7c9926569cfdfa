//! Chance from the operating system.

use domain::card::seed::Seed;
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

    fn seed(&self) -> Seed {
        Seed(random())
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_seed_id_or_code_comes_twice() {
        let seeds: HashSet<_> = (0..1000).map(|_| OsRandomness.seed().0).collect();
        let ids: HashSet<_> = (0..1000).map(|_| OsRandomness.id()).collect();
        let codes: HashSet<_> = (0..1000).map(|_| OsRandomness.room_code()).collect();
        assert_eq!((seeds.len(), ids.len(), codes.len()), (1000, 1000, 1000));
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
}
