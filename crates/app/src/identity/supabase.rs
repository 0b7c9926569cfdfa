//! Tokens of a Supabase project.

use anyhow::bail;
use domain::ids::UserId;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::jwks::Jwks;
use super::refused::{Refused, Told};
use super::{AUTHENTICATED, LEEWAY_SECS, Verified, instant, now, rules};
use crate::config::Config;

/// What stands after the issuer in the address of its keys.
const WELL_KNOWN: &str = "/.well-known/jwks.json";
/// The longest name that is suggested, in characters.
const LONGEST_NAME: usize = 50;

/// A Supabase project whose users are ours too.
pub struct Supabase {
    pub(super) secret: Option<DecodingKey>,
    pub(super) keys: Option<Jwks>,
    pub(super) issuer: Option<String>,
    /// The longest life of a token, in seconds. Supabase's API keys, which are no users, live for ten years.
    pub(super) longest_life_secs: u32,
}

#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    exp: f64,
    iat: Option<f64>,
    role: Option<Value>,
    client_id: Option<Value>,
    is_anonymous: Option<Value>,
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
            longest_life_secs: config.supabase_token_life_secs,
        }))
    }

    /// The project's public keys, if they are to be fetched.
    pub fn keys(&self) -> Option<&Jwks> {
        self.keys.as_ref()
    }

    /// Checks a token with its `header`.
    ///
    /// A key that the project publishes is used alone. A token with another `kid` or none is held against the secret;
    /// only if that didn't sign it are the published keys fetched again, in case there is a new one.
    pub(super) async fn verify(&self, token: &str, header: &Header) -> Result<Verified, Refused> {
        let kid = header.kid.as_deref();
        let published = |key: &super::jwks::Key| self.decode(token, key.algorithm, &key.key);
        if let Some(key) = kid.and_then(|kid| self.keys.as_ref()?.known(kid)) {
            return self.user(published(&key)?);
        }
        if let Some(secret) = &self.secret {
            match self.decode(token, Algorithm::HS256, secret) {
                Err(err) if matches!(err.kind(), ErrorKind::InvalidAlgorithm | ErrorKind::InvalidSignature) => {}
                decoded => return self.user(decoded?),
            }
        }
        let Some(keys) = &self.keys else {
            return Err(Refused::because("SUPABASE_JWT_SECRET didn't sign it"));
        };
        let Some(kid) = kid else {
            return Err(Refused::because("it names no key (kid) of the JWKS"));
        };
        if !matches!(header.alg, Algorithm::ES256 | Algorithm::RS256) {
            return Err(Refused::because("its alg is neither ES256 nor RS256"));
        }
        // A token that another issuer's key signed is no reason to fetch ours, or to say that ours are away.
        if let Some(issuer) = &self.issuer
            && Told::by(token).iss.as_deref() != Some(issuer)
        {
            return Err(Refused::because(format!("its iss isn't {issuer}")));
        }
        let key = keys.find(kid).await?.ok_or_else(|| Refused::because("the JWKS has no usable key with its kid"))?;
        self.user(published(&key)?)
    }

    fn decode(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Result<Claims, Error> {
        Ok(jsonwebtoken::decode(token, key, &rules(algorithm, self.issuer.as_deref()))?.claims)
    }

    /// The user that a well-signed token is about, if it is about one.
    fn user(&self, claims: Claims) -> Result<Verified, Refused> {
        let Claims { sub, exp, iat, role, client_id, is_anonymous, user_metadata } = claims;
        // `anon` and `service_role` are the project's API keys.
        if role.is_some_and(|role| role != AUTHENTICATED) {
            return Err(Refused::because("its role isn't authenticated"));
        }
        // A token made for somebody's application is not the user's own word.
        if client_id.is_some() {
            return Err(Refused::because("it was issued to an application (client_id)"));
        }
        // One that says nothing of its beginning, or has it in the future, can't be older than now.
        let now = now().0 as f64 / 1000.0;
        let (began, slack) = match iat {
            Some(iat) if iat <= now => (iat, 0.0),
            Some(_) | None => (now, LEEWAY_SECS as f64),
        };
        let longest = f64::from(self.longest_life_secs);
        if exp - began > longest + slack {
            return Err(Refused::because(format!(
                "it lives for {:.0} s, longer than HOLDFAST_SUPABASE_TOKEN_LIFE_SECS={longest}",
                exp - began
            )));
        }
        let name = user_metadata.as_ref().and_then(name);
        let guest = is_anonymous == Some(Value::Bool(true));
        Ok(Verified { user: UserId(sub), expires_at: instant(exp), own: false, name, guest: Some(guest) })
    }
}

/// A name from what users and their identity providers say about themselves.
fn name(metadata: &Value) -> Option<String> {
    let names = ["display_name", "full_name", "name", "user_name"].into_iter();
    let mut names = names.filter_map(|field| Some(metadata.get(field)?.as_str()?.trim()));
    names.find(|name| !name.is_empty()).map(|name| name.chars().take(LONGEST_NAME).collect())
}
