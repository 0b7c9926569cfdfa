use async_trait::async_trait;
use domain::ids::UserId;
use domain::name::Name;

use super::StoreError;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What they call themselves.
    pub name: Name,
    /// Whether they have no account.
    pub guest: bool,
}

/// What is needed to check a log-in.
#[derive(Clone)]
pub struct Account {
    /// Whose.
    pub user: User,
    /// The hash of the password.
    pub password: String,
}

/// What a user has going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engagements {
    /// Open rooms that they are in as their host.
    pub open_rooms: u64,
    /// Requests to join an open room that wait for its host's word.
    pub open_requests: u64,
}

/// Users.
#[async_trait]
pub trait Users: Send + Sync {
    /// Stores a guest, or the name of a user whom somebody else vouches for (a Supabase project). A user who is known
    /// keeps the name they have.
    async fn ensure_user(&self, id: UserId, name: &Name) -> Result<User, StoreError>;
    /// Gives a user, known or not, an account. [`StoreError::Duplicate`] if the address has one, or the user has.
    async fn create_account(&self, id: UserId, name: &Name, email: &str, password: &str) -> Result<User, StoreError>;
    /// A user, if known.
    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError>;
    /// The account with this address (in lower case), if there is one.
    async fn find_account(&self, email: &str) -> Result<Option<Account>, StoreError>;
}
