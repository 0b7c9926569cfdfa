//! From 32 random bytes to a deck, and to proofs that a card was where it was dealt from before anybody saw one.
//!
//! `poker-deck-v1`, with everything hashed by SHA-256 and `‖` for "followed by":
//!
//! ```text
//! commit   = SHA256("poker/seed/v1" ‖ seed)
//! entropy  = SHA256("poker/entropy/v1" ‖ for each contribution, by user id: user id (16) ‖ length (1) ‖ bytes)
//! key      = HMAC(seed, "poker/deck/v1" ‖ room id (16) ‖ hand number (8, big-endian) ‖ entropy)
//! stream   = HMAC(key, "stream" ‖ 0 (8)) ‖ HMAC(key, "stream" ‖ 1 (8)) ‖ …, read as big-endian words of 4 bytes
//! deck     = 2c … Ac 2d … Ad 2h … Ah 2s … As, of n = 52 cards; in games from the six up 6c … Ac … 6s … As, n = 36.
//!            For i = n-1 … 1: swap i with j, where j = x mod (i+1) and x is the next word below the last whole multiple of i+1 in 2^32
//! salt[p]  = HMAC(key, "leaf" ‖ p (1))[0..16]
//! leaf[p]  = SHA256(0x00 ‖ room id ‖ hand number ‖ p (1) ‖ card (1) ‖ salt[p]); a card's byte is its place in a new deck of 52
//! root     = the root of the Merkle tree over the n leaves and 64 - n of zero bytes; node = SHA256(0x01 ‖ left ‖ right)
//! ```
//!
//! The room is told `commit` and `root` with the deal. A salt can't be guessed, so a proof shows one card and says nothing about
//! the others, and the folded ones stay folded.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::Card;
use super::deck::Deck;
use crate::ids::RoomId;
use crate::rules::Pack;

/// The name under which it is published.
pub const ALGORITHM: &str = "poker-deck-v1";

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Bytes as text, in small letters.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash from its text; `None` if that isn't 64 hexadecimal digits.
pub fn hash_from_hex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(hash)
}

/// How deep the tree is: 64 leaves.
const DEPTH: usize = 6;

/// All the chance of one hand. Never told to anybody. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What the room is told before the first card is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Of the seed.
    pub seed: Hash,
    /// Of the whole deck, place by place.
    pub root: Hash,
}

/// That a card lay at a place of the deck to which a room was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// From the top of the deck, from 0.
    pub place: u8,
    /// The card.
    pub card: Card,
    /// What keeps the others hidden.
    pub salt: [u8; 16],
    /// The hashes beside the way up to the root, the lowest first.
    pub path: [Hash; DEPTH],
}

/// The randomness of one hand of one room, ready to use.
pub struct Chances {
    commit: Hash,
    key: Hash,
    room: RoomId,
    number: u64,
}

impl Chances {
    /// Of the hand with this number, in this room.
    pub fn new(seed: &Seed, room: RoomId, number: u64) -> Self {
        let entropy = sha256(&[b"poker/entropy/v1"]);
        let key = hmac(&seed.0, &[b"poker/deck/v1", room.0.as_bytes(), &number.to_be_bytes(), &entropy]);
        Self { commit: sha256(&[b"poker/seed/v1", &seed.0]), key, room, number }
    }

    /// The deck that follows from the seed.
    pub fn deck(&self, pack: Pack) -> Deck {
        let mut words = (0_u64..).flat_map(|block| {
            let bytes = hmac(&self.key, &[b"stream", &block.to_be_bytes()]);
            std::array::from_fn::<u32, 8, _>(|i| {
                u32::from_be_bytes([bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2], bytes[4 * i + 3]])
            })
        });
        Deck::shuffled(pack, |n| {
            let end = (1_u64 << 32) / u64::from(n) * u64::from(n);
            let word = words.find(|word| u64::from(*word) < end).expect("the stream has no end");
            word % n
        })
    }

    /// What the room is told of a deck.
    pub fn commitment(&self, deck: &Deck) -> Commitment {
        let tree = self.tree(deck);
        Commitment { seed: self.commit, root: tree[1] }
    }

    /// Proves where a card of the deck lies.
    pub fn proof(&self, deck: &Deck, card: Card) -> Proof {
        let place = deck.cards().iter().position(|at| *at == card).expect("a deck has every card");
        let tree = self.tree(deck);
        let path = std::array::from_fn(|level| tree[((64 + place) >> level) ^ 1]);
        Proof { place: place as u8, card, salt: self.salt(place as u8), path }
    }

    /// The tree as an array: the root at 1, below `n` its children `2n` and `2n + 1`, the leaves from 64.
    fn tree(&self, deck: &Deck) -> [Hash; 128] {
        let mut tree = [[0; 32]; 128];
        for (place, card) in (0_u8..).zip(deck.cards()) {
            tree[64 + usize::from(place)] = leaf(self.room, self.number, place, *card, &self.salt(place));
        }
        for node in (1..64).rev() {
            tree[node] = sha256(&[&[1], &tree[2 * node], &tree[2 * node + 1]]);
        }
        tree
    }

    fn salt(&self, place: u8) -> [u8; 16] {
        let long = hmac(&self.key, &[b"leaf", &[place]]);
        std::array::from_fn(|i| long[i])
    }
}

impl Proof {
    /// Whether it proves that the card was dealt in this hand of this room, to which `root` was told.
    pub fn holds(&self, root: &Hash, room: RoomId, number: u64) -> bool {
        let leaf = leaf(room, number, self.place, self.card, &self.salt);
        let climb = |(node, hash): (usize, Hash), beside: &Hash| {
            let pair = if node.is_multiple_of(2) { [&hash, beside] } else { [beside, &hash] };
            (node / 2, sha256(&[&[1], pair[0], pair[1]]))
        };
        let (_, top) = self.path.iter().fold((64 + usize::from(self.place), leaf), climb);
        self.place < 52 && top == *root
    }
}

fn leaf(room: RoomId, number: u64, place: u8, card: Card, salt: &[u8; 16]) -> Hash {
    sha256(&[&[0], room.0.as_bytes(), &number.to_be_bytes(), &[place, card.number()], salt])
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

fn hmac(key: &Hash, parts: &[&[u8]]) -> Hash {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("an HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ROOM: RoomId = RoomId(Uuid::nil());

    fn seed() -> Seed {
        Seed(std::array::from_fn(|i| i as u8))
    }

    /// Made by an independent program in another language.
    #[test]
    fn the_published_vector() {
        let chances = Chances::new(&seed(), ROOM, 1);
        let deck = chances.deck(Pack::Full);
        let told: Vec<String> = deck
            .cards()
            .iter()
            .map(|card| {
                let rank = if card.rank.name() == "10" { "T" } else { card.rank.name() };
                format!("{rank}{}", &card.suit.name()[..1])
            })
            .collect();
        assert_eq!(
            told.join(" "),
            "4c Ah 8c Qc As 6c 9c 6s Ks Jh Tc 2s Ad Th Qs 8h Jd 2h Td 4s 4d 6h 5s 3c 8s 3s 9d 9s 3h Jc Js 5c 3d 7c Ts 7h 6d 9h \
             Kd Ac 5d Qd 7s 2d 2c 7d Kh Kc 4h Qh 5h 8d"
        );
        let commitment = chances.commitment(&deck);
        assert_eq!(hex(&commitment.seed), "e1d658d4d34561b56108be81babd0a592cd6e06f1f358137289322cef609e23f");
        assert_eq!(hex(&commitment.root), "84af568d0d0bf55f46934ca4e29b0b8d8dd900239d38a488567a3fd4dac2ad3f");
    }

    #[test]
    fn a_hash_reads_as_it_is_written() {
        let hash: Hash = std::array::from_fn(|i| (i * 37) as u8);
        assert_eq!(hash_from_hex(&hex(&hash)), Some(hash));
        for text in ["", "ab", &"a".repeat(63), &"g".repeat(64), &"a".repeat(66)] {
            assert_eq!(hash_from_hex(text), None, "{text}");
        }
    }

    #[test]
    fn every_card_can_be_proved_and_nothing_else() {
        let chances = Chances::new(&seed(), ROOM, 7);
        let deck = chances.deck(Pack::Full);
        let root = chances.commitment(&deck).root;
        for (place, card) in deck.cards().iter().enumerate() {
            let proof = chances.proof(&deck, *card);
            assert_eq!(usize::from(proof.place), place);
            assert!(proof.holds(&root, ROOM, 7));
            assert!(!proof.holds(&root, ROOM, 8), "another hand");
            assert!(!proof.holds(&root, RoomId(Uuid::max()), 7), "another room");
            let other = deck.cards()[(place + 1) % 52];
            assert!(!Proof { card: other, ..proof.clone() }.holds(&root, ROOM, 7), "another card");
            assert!(!Proof { place: (proof.place + 1) % 52, ..proof.clone() }.holds(&root, ROOM, 7), "another place");
            let mut salt = proof.salt;
            salt[15] ^= 1;
            assert!(!Proof { salt, ..proof }.holds(&root, ROOM, 7), "another salt");
        }
    }

    #[test]
    fn every_card_of_a_short_deck_can_be_proved() {
        let chances = Chances::new(&seed(), ROOM, 7);
        let deck = chances.deck(Pack::SixPlus);
        assert_eq!(deck.cards().len(), 36);
        let root = chances.commitment(&deck).root;
        for (place, card) in deck.cards().iter().enumerate() {
            let proof = chances.proof(&deck, *card);
            assert_eq!(usize::from(proof.place), place);
            assert!(proof.holds(&root, ROOM, 7) && !proof.holds(&root, ROOM, 8));
        }
        assert_ne!(root, chances.commitment(&chances.deck(Pack::Full)).root);
    }

    #[test]
    fn one_bit_of_the_seed_or_one_hand_more_is_another_deck() {
        let deck = Chances::new(&seed(), ROOM, 1).deck(Pack::Full);
        let mut other = seed();
        other.0[31] ^= 1;
        let same = |other: Deck| deck.cards().iter().zip(other.cards()).filter(|(a, b)| a == b).count();
        assert!(same(Chances::new(&other, ROOM, 1).deck(Pack::Full)) < 10);
        assert!(same(Chances::new(&seed(), ROOM, 2).deck(Pack::Full)) < 10);
    }

    /// T-C13: nothing about the order shows in any place: every card is as often in every place, and so is every ordered pair
    /// of first two cards.
    #[test]
    fn every_card_is_as_often_in_every_place() {
        const DECKS: u64 = 6_000;
        let mut places = [[0_u32; 52]; 52];
        let mut pairs = [[0_u32; 52]; 52];
        for number in 0..DECKS {
            let deck = Chances::new(&seed(), ROOM, number).deck(Pack::Full);
            let cards: Vec<usize> = deck.cards().iter().map(|card| usize::from(card.number())).collect();
            for (place, &card) in cards.iter().enumerate() {
                places[place][card] += 1;
            }
            pairs[cards[0]][cards[1]] += 1;
        }
        let squares = |counts: &[[u32; 52]; 52], expected: f64| -> f64 {
            counts.as_flattened().iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum()
        };
        // Rows and columns have fixed sums: 51 * 51 degrees of freedom, stretched by 52/51.
        let (mean, sigma) = (52.0 * 51.0, 52.0 / 51.0 * (2.0 * 51.0 * 51.0_f64).sqrt());
        let sigmas = (squares(&places, DECKS as f64 / 52.0) - mean) / sigma;
        assert!(sigmas.abs() < 4.0, "{sigmas} standard deviations");
        let expected = DECKS as f64 / (52.0 * 51.0);
        // A pair of the same card never comes: each of the 52 adds its expectation.
        let squares = squares(&pairs, expected) - 52.0 * expected;
        let freedom: f64 = 52.0 * 51.0 - 1.0;
        let sigmas = (squares - freedom) / (2.0 * freedom).sqrt();
        assert!(sigmas.abs() < 4.0, "{sigmas} standard deviations");
    }

    #[test]
    fn debug_output_holds_no_seed() {
        assert_eq!(format!("{:?}", seed()), "***");
    }
}
