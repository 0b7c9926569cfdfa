use async_trait::async_trait;
use domain::ids::{RoomId, UserId};

use super::StoreError;

/// What a rejoin token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundToken {
    /// The room.
    pub room: RoomId,
    /// Its owner.
    pub user: UserId,
    /// Whether it is still good: not past its expiry, or its owner is in the live hand.
    pub valid: bool,
}

/// Rejoin tokens.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// The token with this text, unless it was revoked or never existed.
    async fn find_token(&self, text: &str) -> Result<Option<FoundToken>, StoreError>;
}
