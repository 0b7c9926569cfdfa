//! Tokens of a Supabase project.

use anyhow::bail;
use domain::ids::UserId;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::jwks::Jwks;
use super::{AUTHENTICATED, TokenError, Verified, instant, rules};
use crate::config::Config;

/// What stands after the issuer in the address of its keys.
const WELL_KNOWN: &str = "/.well-known/jwks.json";
/// The longest life of a token. Supabase's setting goes up to a week, its default is an hour; its API keys, which are no
/// users, live for ten years.
const LONGEST_LIFE_SECS: f64 = 24.0 * 3600.0;
/// The longest name that is suggested, in characters.
const LONGEST_NAME: usize = 50;

/// A Supabase project whose users are ours too.
pub struct Supabase {
    pub(super) secret: Option<DecodingKey>,
    pub(super) keys: Option<Jwks>,
    pub(super) issuer: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    exp: f64,
    iat: Option<f64>,
    role: Option<Value>,
    client_id: Option<Value>,
    user_metadata: Option<Value>,
}

impl Supabase {
    /// The project that is configured, if one is.
    ///
    /// # Errors
    ///
    /// - A secret of less than 32 bytes: it could be guessed from any token.
    pub fn from_config(config: &Config) -> anyhow::Result<Option<Self>> {
        let secret = config.supabase_jwt_secret.as_ref().map(|secret| secret.expose().as_bytes());
        if secret.is_some_and(|secret| secret.len() < 32) {
            bail!("SUPABASE_JWT_SECRET is too short: an HS256 secret has 32 bytes or more");
        }
        let url = config.supabase_jwks_url.as_deref();
        if secret.is_none() && url.is_none() {
            return Ok(None);
        }
        // An address without TLS is one inside a network: not the one that the project writes into its tokens.
        let public = url.filter(|url| url.starts_with("https://"));
        let derived = || public.and_then(|url| url.strip_suffix(WELL_KNOWN)).map(str::to_owned);
        Ok(Some(Self {
            secret: secret.map(DecodingKey::from_secret),
            keys: url.map(Jwks::new).transpose()?,
            issuer: config.supabase_issuer.clone().or_else(derived),
        }))
    }

    /// The project's public keys, if they are to be fetched.
    pub fn keys(&self) -> Option<&Jwks> {
        self.keys.as_ref()
    }

    /// Checks a token whose header names the key `kid`.
    ///
    /// A key that the project publishes is used alone. A token with another `kid` or none is held against the secret;
    /// only if that didn't sign it are the published keys fetched again, in case there is a new one.
    pub(super) async fn verify(&self, token: &str, kid: Option<&str>) -> Result<Verified, TokenError> {
        let published = |key: &super::jwks::Key| self.decode(token, key.algorithm, &key.key);
        if let Some(key) = kid.and_then(|kid| self.keys.as_ref()?.known(kid)) {
            return user(published(&key)?);
        }
        if let Some(secret) = &self.secret {
            match self.decode(token, Algorithm::HS256, secret) {
                Err(err) if matches!(err.kind(), ErrorKind::InvalidAlgorithm | ErrorKind::InvalidSignature) => {}
                decoded => return user(decoded?),
            }
        }
        let (Some(kid), Some(keys)) = (kid, &self.keys) else { return Err(TokenError::Invalid) };
        let key = keys.find(kid).await.ok_or(TokenError::Invalid)?;
        user(published(&key)?)
    }

    fn decode(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Claims, Error> {
        Ok(jsonwebtoken::decode(token, key, &rules(algorithm, self.issuer.as_deref()))?.claims)
    }
}

/// The user that a well-signed token is about, if it is about one.
fn user(claims: Claims) -> Result<Verified, TokenError> {
    let Claims { sub, exp, iat, role, client_id, user_metadata } = claims;
    // `anon` and `service_role` are the project's API keys.
    let is_user = role.is_none_or(|role| role == AUTHENTICATED);
    // A token made for somebody's application is not the user's own word.
    let is_own = client_id.is_none();
    let is_short_lived = iat.is_none_or(|iat| exp - iat <= LONGEST_LIFE_SECS);
    if is_user && is_own && is_short_lived {
        let name = user_metadata.as_ref().and_then(name);
        Ok(Verified { user: UserId(sub), expires_at: instant(exp), own: false, name })
    } else {
        Err(TokenError::Invalid)
    }
}

/// A name from what users and their identity providers say about themselves.
fn name(metadata: &Value) -> Option<String> {
    let names = ["display_name", "full_name", "name", "user_name"].into_iter();
    let mut names = names.filter_map(|field| Some(metadata.get(field)?.as_str()?.trim()));
    names.find(|name| !name.is_empty()).map(|name| name.chars().take(LONGEST_NAME).collect())
}
