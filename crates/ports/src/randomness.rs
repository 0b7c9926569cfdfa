//! Chance.

use domain::card::seed::Seed;
use domain::room::Chance;
use uuid::Uuid;

/// A source of fresh randomness for everything: unpredictable to everybody.
pub trait Randomness: Send + Sync {
    /// A random id.
    fn id(&self) -> Uuid;
    /// The chance of one hand: 32 bytes that nobody can guess.
    fn seed(&self) -> Seed;
    /// A room code: 8 characters of Crockford's base 32 (40 bits).
    fn room_code(&self) -> String;
}

/// Lends a [`Randomness`] to the domain for one command.
pub struct Fresh<'a>(pub &'a dyn Randomness);

impl Chance for Fresh<'_> {
    fn id(&mut self) -> Uuid {
        self.0.id()
    }

    fn seed(&mut self) -> Seed {
        self.0.seed()
    }
}
