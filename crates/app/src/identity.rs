//! Who somebody is: bearer tokens of our own and of Supabase, and passwords.
//!
//! The key that a token is checked with follows from the token's `kid` and our configuration, never from its `alg`; each
//! key has one algorithm. What a token says about where to find its key (`jku`, `x5u`, `jwk`) is not looked at.

pub mod bearers;
#[cfg(test)]
mod fuzz;
pub mod jwks;
pub mod passwords;
mod refused;
pub mod supabase;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::ids::UserId;
use domain::time::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use sha2::{Digest as _, Sha256};

pub use bearers::Jwt;
pub use passwords::Argon2Passwords;
pub use supabase::Supabase;

use refused::{Log, Refused};

/// The audience of all tokens, and the role of all users.
const AUTHENTICATED: &str = "authenticated";
/// The longest token that is looked at, in bytes: what proxies let through as one header.
pub const LONGEST_TOKEN: usize = 8 * 1024;
/// How far our clock may be from an issuer's, in seconds.
const LEEWAY_SECS: u64 = 5;

/// What a good token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who.
    pub user: UserId,
    /// Until when.
    pub expires_at: Timestamp,
    /// Whether this server issued the token.
    pub own: bool,
    /// A name to suggest. The user chose it: it says nothing about who they are or what they may do.
    pub name: Option<String>,
    /// Whether they are without an account, where the token says so. Our own don't: the database knows.
    pub guest: Option<bool>,
}

/// Why a token is refused. No more is said: a forger would learn from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Its time is over; it was good.
    #[error("the token has expired")]
    Expired,
    /// Anything else.
    #[error("the token is not valid")]
    Invalid,
    /// The keys that would tell can't be fetched: it may be good.
    #[error("the token can't be checked now: the keys of its issuer can't be fetched")]
    KeysAway,
}

/// Checks bearer tokens. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    jwt: Jwt,
    supabase: Option<Supabase>,
    cache: Mutex<Cache>,
    refusals: Log,
}

impl Verifier {
    /// Accepts tokens issued by `jwt` and, if there is one, by a Supabase project.
    pub fn new(jwt: Jwt, supabase: Option<Supabase>) -> Self {
        Self(Arc::new(Inner { jwt, supabase, cache: Mutex::default(), refusals: Log::default() }))
    }

    /// Keeps the keys of the Supabase project up to date, from now on and forever; ends at once if there are none to
    /// fetch. To be run as a task of its own.
    pub async fn keep_keys_fresh(self) {
        if let Some(keys) = self.0.supabase.as_ref().and_then(Supabase::keys) {
            keys.keep_fresh().await;
        }
    }

    /// How long ago the keys of the Supabase project were fetched, if there are some to fetch; if they never were, how long ago
    /// the server started.
    pub fn keys_age(&self) -> Option<Duration> {
        self.0.supabase.as_ref().and_then(Supabase::keys).map(jwks::Jwks::age)
    }

    /// Checks a token. Why one is refused is logged. Waits 2 s at most, and only if Supabase's keys have to be fetched for it.
    ///
    /// # Errors
    ///
    /// - [`TokenError::Expired`]: it was good.
    /// - [`TokenError::Invalid`]: it isn't one of ours or of Supabase's, or not a user's.
    /// - [`TokenError::KeysAway`]: it may be one of Supabase's, whose keys can't be fetched.
    pub async fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        if token.len() > LONGEST_TOKEN {
            return Err(self.0.refusals.note("", Refused::because(format!("it is longer than {LONGEST_TOKEN} bytes"))));
        }
        let digest = Sha256::digest(token).into();
        if let Some(known) = self.cache().get(&digest) {
            return Ok(known);
        }
        let verified = self.check(token).await.map_err(|refused| self.0.refusals.note(token, refused))?;
        self.cache().put(digest, verified.clone());
        Ok(verified)
    }

    async fn check(&self, token: &str) -> Result<Verified, Refused> {
        let header = jsonwebtoken::decode_header(token)?;
        // Extensions that must be understood (RFC 7515, "crit"): none is.
        if header.crit.is_some() {
            return Err(Refused::because("its header has an extension (crit)"));
        }
        match (header.kid.as_deref(), &self.0.supabase) {
            (Some(bearers::KID), _) => self.0.jwt.verify(token),
            (_, Some(supabase)) => supabase.verify(token, &header).await,
            (_, None) => Err(Refused::because("it is none of this server's, and no Supabase project is configured")),
        }
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.0.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Good tokens that were checked lately, by their SHA-256: in a storm of reconnects, signatures cost too much.
#[derive(Default)]
struct Cache(HashMap<[u8; 32], (Verified, Instant)>);

impl Cache {
    const MOST: usize = 10_000;
    const KEPT: Duration = Duration::from_secs(60);

    fn get(&self, digest: &[u8; 32]) -> Option<Verified> {
        let (verified, at) = self.0.get(digest)?;
        (at.elapsed() < Self::KEPT && verified.expires_at > now()).then(|| verified.clone())
    }

    fn put(&mut self, digest: [u8; 32], verified: Verified) {
        if self.0.len() >= Self::MOST {
            self.0.retain(|_, (_, at)| at.elapsed() < Self::KEPT);
        }
        // All of them are fresh: to find the oldest each time would cost more than to start again.
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(digest, (verified, Instant::now()));
    }
}

/// Rules for all tokens: one algorithm, signed, neither expired nor early, for us, with a subject, from `issuer` if given.
fn rules(algorithm: Algorithm, issuer: Option<&str>) -> Validation {
    let mut rules = Validation::new(algorithm);
    rules.leeway = LEEWAY_SECS;
    rules.validate_nbf = true;
    rules.set_audience(&[AUTHENTICATED]);
    match issuer {
        Some(issuer) => {
            rules.set_issuer(&[issuer]);
            rules.set_required_spec_claims(&["exp", "aud", "sub", "iss"]);
        }
        // Left alone, a claim may be missing.
        None => rules.set_required_spec_claims(&["exp", "aud", "sub"]),
    }
    rules
}

/// An instant from a JWT, which has seconds, maybe with a fraction.
fn instant(secs: f64) -> Timestamp {
    Timestamp((secs * 1000.0) as i64)
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(since.as_millis().try_into().unwrap_or(i64::MAX))
}
