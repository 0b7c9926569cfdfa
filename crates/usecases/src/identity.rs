//! Guests and accounts.

use domain::ids::UserId;
use domain::name::Name;
use ports::Ports;
use ports::identity::Bearer;
use ports::store::{StoreError, User};

use crate::CommandError;

/// Somebody who is signed in.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// What proves it.
    pub bearer: Bearer,
}

/// A new guest.
///
/// # Errors
///
/// - The database's.
pub async fn guest(ports: &Ports, name: Name) -> Result<SignedIn, CommandError> {
    let user = ports.store.ensure_user(UserId(ports.randomness.id()), &name).await?;
    Ok(signed_in(ports, user))
}

/// A new account; a guest who makes one stays who they are.
///
/// # Errors
///
/// - [`CommandError::EmailTaken`]; [`CommandError::Busy`]: too many passwords are being hashed.
pub async fn register(
    ports: &Ports,
    guest: Option<UserId>,
    name: Name,
    email: &str,
    password: &str,
) -> Result<SignedIn, CommandError> {
    let hash = ports.passwords.hash(password).await?;
    let id = guest.unwrap_or_else(|| UserId(ports.randomness.id()));
    let user = ports.store.create_account(id, &name, &email.to_lowercase(), &hash).await;
    let user = user
        .map_err(|err| if matches!(err, StoreError::Duplicate(_)) { CommandError::EmailTaken } else { err.into() })?;
    Ok(signed_in(ports, user))
}

/// Signs in to an account. An address without one takes as long as a wrong password.
///
/// # Errors
///
/// - [`CommandError::WrongCredentials`]; [`CommandError::Busy`].
pub async fn log_in(ports: &Ports, email: &str, password: &str) -> Result<SignedIn, CommandError> {
    let account = ports.store.find_account(&email.to_lowercase()).await?;
    let hash = account.as_ref().map(|account| account.password.as_str());
    let right = ports.passwords.verify(password, hash).await?;
    match account {
        Some(account) if right => Ok(signed_in(ports, account.user)),
        _ => Err(CommandError::WrongCredentials),
    }
}

fn signed_in(ports: &Ports, user: User) -> SignedIn {
    SignedIn { bearer: ports.bearers.issue(user.id), user }
}
