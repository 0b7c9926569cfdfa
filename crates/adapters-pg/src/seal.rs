//! What the database may not read: decks, hole cards and whose a token is are sealed with the server's key before they are
//! stored, and rejoin tokens follow from it. Whoever has the database alone can neither see a card nor open a room.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Seed;
use domain::ids::{HandId, RoomId, TokenId};
use hmac::{Hmac, Mac};
use ports::identity::RejoinTokens;
use ports::store::{CommandId, StoreError};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const NONCE_LEN: usize = 24;

/// The secret that this server, or all servers on one database, have. Without it live hands and tokens are lost.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    /// A key from 32 random bytes.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// A key for one purpose, from which neither this key nor the one for another purpose can be found.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        hmac(&self.0, &[purpose.as_bytes()])
    }

    /// Derives the texts of rejoin tokens.
    pub fn rejoin_tokens(&self) -> RejoinKey {
        RejoinKey(self.derive("holdfast:rejoin:v1"))
    }

    /// Recognises what commands asked for.
    pub fn fingerprints(&self) -> Fingerprints {
        Fingerprints(self.derive("holdfast:command:v1"))
    }

    /// What a database keeps to tell this key from others. The key can't be found from it.
    pub(crate) fn check_value(&self, salt: &[u8]) -> [u8; 32] {
        hmac(&self.derive("holdfast:key-check:v1"), &[salt])
    }

    pub(crate) fn seal(&self) -> Seal {
        Seal(XChaCha20Poly1305::new(&self.derive("holdfast:seal:v1").into()))
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The key of rejoin tokens: a token's text is `base64url(HMAC-SHA256(key, "rejoin:v1:" ‖ row id))`.
#[derive(Clone)]
pub struct RejoinKey([u8; 32]);

impl RejoinTokens for RejoinKey {
    fn text(&self, id: TokenId) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(hmac(&self.0, &[b"rejoin:v1:", id.0.as_bytes()]))
    }
}

impl RejoinKey {
    /// What is stored of the token of this row.
    pub(crate) fn hash(&self, id: TokenId) -> String {
        token_hash(&self.text(id))
    }
}

impl fmt::Debug for RejoinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The key of commands' fingerprints, by which the same command is recognised, and nothing found out of what it said: it may
/// have been a password.
#[derive(Clone)]
pub struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// The fingerprint of what has these parts, 64 characters. None of them may have a zero byte in it but the last.
    pub fn of(&self, parts: &[&[u8]]) -> String {
        let parts: Vec<&[u8]> = parts.iter().flat_map(|part| [*part, &[0]]).collect();
        hmac(&self.0, &parts).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What is stored of a token: the hex SHA-256 of its text, 64 characters. Fast on purpose: 256 bits can't be guessed.
pub(crate) fn token_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Seals and opens columns: a random nonce, then the ciphertext. What it is and whose is authenticated with it, so that a
/// sealed value that was moved to another row doesn't open.
#[derive(Clone)]
pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn deck(&self, deck: &Deck, room: RoomId, hand: HandId) -> Vec<u8> {
        let numbers: Vec<u8> = deck.cards().iter().map(|card| card.number()).collect();
        self.close(&numbers, &deck_context(room, hand))
    }

    pub(crate) fn open_deck(&self, sealed: &[u8], room: RoomId, hand: HandId) -> Result<Deck, StoreError> {
        let numbers = self.open(sealed, &deck_context(room, hand)).ok_or(StoreError::Corrupt("deck"))?;
        let cards: Option<Vec<Card>> = numbers.into_iter().map(Card::from_number).collect();
        cards.and_then(Deck::from_cards).ok_or(StoreError::Corrupt("deck"))
    }

    pub(crate) fn seed(&self, seed: &Seed, room: RoomId, hand: HandId) -> Vec<u8> {
        self.close(&seed.0, &seed_context(room, hand))
    }

    pub(crate) fn open_seed(&self, sealed: &[u8], room: RoomId, hand: HandId) -> Result<Seed, StoreError> {
        let seed = self.open(sealed, &seed_context(room, hand)).and_then(|seed| seed.try_into().ok());
        seed.map(Seed).ok_or(StoreError::Corrupt("seed"))
    }

    pub(crate) fn event(&self, secret: &[u8], room: RoomId, seq: u64) -> Vec<u8> {
        self.close(secret, &event_context(room, seq))
    }

    pub(crate) fn open_event(&self, sealed: &[u8], room: RoomId, seq: u64) -> Result<Vec<u8>, StoreError> {
        self.open(sealed, &event_context(room, seq)).ok_or(StoreError::Corrupt("sealed event"))
    }

    pub(crate) fn answer(&self, body: &[u8], id: CommandId) -> Vec<u8> {
        self.close(body, &answer_context(id))
    }

    pub(crate) fn open_answer(&self, sealed: &[u8], id: CommandId) -> Result<Vec<u8>, StoreError> {
        self.open(sealed, &answer_context(id)).ok_or(StoreError::Corrupt("answer"))
    }

    fn close(&self, secret: &[u8], context: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).expect("the operating system has randomness");
        let payload = Payload { msg: secret, aad: context };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).expect("what is sealed is short");
        [&nonce[..], &sealed].concat()
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: context }).ok()
    }
}

fn deck_context(room: RoomId, hand: HandId) -> Vec<u8> {
    context(b"deck:v1", room.0, hand.0.as_bytes())
}

fn seed_context(room: RoomId, hand: HandId) -> Vec<u8> {
    context(b"seed:v1", room.0, hand.0.as_bytes())
}

fn event_context(room: RoomId, seq: u64) -> Vec<u8> {
    context(b"event:v1", room.0, &seq.to_be_bytes())
}

fn answer_context(id: CommandId) -> Vec<u8> {
    context(b"answer:v1", id.by.0, id.id.as_bytes())
}

fn context(purpose: &[u8], whose: Uuid, row: &[u8]) -> Vec<u8> {
    [purpose, whose.as_bytes(), row].concat()
}

#[cfg(test)]
mod tests {
    use domain::rules::Pack;

    use super::*;

    fn key() -> ServerKey {
        ServerKey::new([7; 32])
    }

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_sealed_deck_opens_only_in_its_own_room_and_hand() {
        let (seal, deck) = (key().seal(), Deck::ordered(Pack::Full));
        let (room, hand) = (RoomId(id(1)), HandId(id(2)));
        let sealed = seal.deck(&deck, room, hand);
        assert_eq!(seal.open_deck(&sealed, room, hand).unwrap(), deck);
        assert!(seal.open_deck(&sealed, RoomId(id(3)), hand).is_err());
        assert!(seal.open_deck(&sealed, room, HandId(id(3))).is_err());
        assert!(ServerKey::new([8; 32]).seal().open_deck(&sealed, room, hand).is_err());
    }

    #[test]
    fn a_sealed_seed_opens_only_in_its_own_room_and_hand() {
        let (seal, seed) = (key().seal(), Seed([9; 32]));
        let (room, hand) = (RoomId(id(1)), HandId(id(2)));
        let sealed = seal.seed(&seed, room, hand);
        assert_eq!(seal.open_seed(&sealed, room, hand).unwrap(), seed);
        assert!(seal.open_seed(&sealed, RoomId(id(3)), hand).is_err());
        assert!(seal.open_seed(&sealed, room, HandId(id(3))).is_err());
        assert!(seal.open_deck(&sealed, room, hand).is_err());
    }

    #[test]
    fn a_changed_or_cut_off_seal_does_not_open() {
        let seal = key().seal();
        let (room, hand) = (RoomId(id(1)), HandId(id(2)));
        let mut sealed = seal.deck(&Deck::ordered(Pack::Full), room, hand);
        assert!(seal.open_deck(&sealed[..20], room, hand).is_err());
        sealed[30] ^= 1;
        assert!(seal.open_deck(&sealed, room, hand).is_err());
    }

    #[test]
    fn the_same_deck_is_never_sealed_to_the_same_bytes() {
        let (room, hand) = (RoomId(id(1)), HandId(id(2)));
        assert_ne!(
            key().seal().deck(&Deck::ordered(Pack::Full), room, hand),
            key().seal().deck(&Deck::ordered(Pack::Full), room, hand)
        );
    }

    #[test]
    fn a_token_has_256_bits_and_follows_from_key_and_row() {
        let token = key().rejoin_tokens().text(TokenId(id(1)));
        assert_eq!(token.len(), 43);
        assert_eq!(token, key().rejoin_tokens().text(TokenId(id(1))));
        assert_ne!(token, key().rejoin_tokens().text(TokenId(id(2))));
        assert_ne!(token, ServerKey::new([8; 32]).rejoin_tokens().text(TokenId(id(1))));
        assert_eq!(token_hash(&token).len(), 64);
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?} {:?}", key(), key().rejoin_tokens()), "*** ***");
    }
}
