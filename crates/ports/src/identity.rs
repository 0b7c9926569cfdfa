//! Passwords and tokens.

use async_trait::async_trait;
use domain::ids::{TokenId, UserId};
use domain::time::Timestamp;

/// Too many hashes are being made already: hashing must not starve play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at the moment")]
pub struct Busy;

/// Hashes what people choose, slowly, a few at a time.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Passwords: Send + Sync {
    /// A salted hash to store.
    async fn hash(&self, password: &str) -> Result<String, Busy>;
    /// Whether `password` made `hash`. With `None` takes as long, and says no: whether an account exists can't be timed.
    async fn verify<'h>(&self, password: &str, hash: Option<&'h str>) -> Result<bool, Busy>;
}

/// A bearer token and its end.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The JWT.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Issues bearer tokens.
pub trait Bearers: Send + Sync {
    /// A token that says who the caller is.
    fn issue(&self, user: UserId) -> Bearer;
}

/// Derives the secret text of a rejoin token from its row's id and the server's key.
pub trait RejoinTokens: Send + Sync {
    /// The text that its owner carries.
    fn text(&self, id: TokenId) -> String;
}
