//! The rejoin token: what lets its owner back into one room without asking again.
//!
//! Minted at approval and at every change of role, which revokes the one before; revoked when the member goes.
//! Here it is only an id and an expiry: the secret text is derived from the id with the server's key, outside.

use crate::ids::TokenId;
use crate::time::{Millis, Timestamp};

/// A member's current token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejoinToken {
    /// The row.
    pub id: TokenId,
    /// Good before this instant, and beyond it while its owner is in the live hand.
    pub expires_at: Timestamp,
}

impl RejoinToken {
    /// A fresh token.
    pub fn mint(id: TokenId, at: Timestamp, lifetime: Millis) -> Self {
        Self { id, expires_at: at + lifetime }
    }

    /// Moves the expiry to `at + lifetime`, never back.
    pub fn slide(&mut self, at: Timestamp, lifetime: Millis) {
        self.expires_at = self.expires_at.max(at + lifetime);
    }

    /// Whether it opens the room at `at`.
    pub fn is_valid(&self, at: Timestamp, owner_in_live_hand: bool) -> bool {
        owner_in_live_hand || at < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_outlives_its_expiry_only_during_its_owners_hand() {
        let token = RejoinToken::mint(TokenId(Uuid::nil()), Timestamp(1000), Millis(500));
        assert!(token.is_valid(Timestamp(1499), false));
        assert!(!token.is_valid(Timestamp(1500), false));
        assert!(token.is_valid(Timestamp(1_000_000), true));
    }

    #[test]
    fn sliding_never_shortens_a_token() {
        let mut token = RejoinToken::mint(TokenId(Uuid::nil()), Timestamp(1000), Millis(500));
        token.slide(Timestamp(900), Millis(500));
        assert_eq!(token.expires_at, Timestamp(1500));
        token.slide(Timestamp(1200), Millis(500));
        assert_eq!(token.expires_at, Timestamp(1700));
    }
}
