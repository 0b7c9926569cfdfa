//! Public keys that a project publishes, kept up to date.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{StatusCode, Url, redirect};
use serde::Deserialize;
use serde_json::Value;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// An RSA key with less can be broken (NIST SP 800-131A), in bytes.
const SHORTEST_MODULUS: usize = 256;

/// How often keys are fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// After a fetch that succeeded.
    pub(super) refresh: Duration,
    /// After one that failed: by itself, and at the soonest for a token whose key isn't known.
    pub(super) retry: Duration,
    /// At the soonest for another token with an unknown key, while fetches succeed.
    pub(super) unknown: Duration,
    /// The longest a fetch may take.
    pub(super) timeout: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        // Supabase's edge keeps them for 10 minutes, and a new key is published 20 before it signs.
        Self {
            refresh: Duration::from_secs(600),
            retry: Duration::from_secs(2),
            unknown: Duration::from_secs(30),
            timeout: Duration::from_secs(2),
        }
    }
}

/// One public key, and the one algorithm that it is for.
pub struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

type Keys = HashMap<String, Arc<Key>>;

/// How many failures in a row are one warning: the first and each of so many.
const FAILURES_A_WARNING: u32 = 30;

/// The keys could not be fetched: whether a token is good can't be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeysAway;

/// How fetches went.
struct Fetches {
    /// The last one that succeeded; before that, the start.
    fresh_at: Instant,
    /// When the last one failed, if the last one did.
    failed_at: Option<Instant>,
    /// How many have failed since one succeeded.
    failures: u32,
}

/// The key set at an address: the last good one that was fetched. Cheap to clone.
#[derive(Clone)]
pub struct Jwks(Arc<Inner>);

struct Inner {
    url: Url,
    pace: Pace,
    keys: RwLock<Keys>,
    fetches: Mutex<Fetches>,
    /// Held during a fetch. When a token with an unknown key caused the last one.
    asked: tokio::sync::Mutex<Option<Instant>>,
}

impl Jwks {
    /// An empty set; nothing is fetched yet.
    ///
    /// # Errors
    ///
    /// - What is no URL.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Self::with_pace(url, Pace::default())
    }

    pub(super) fn with_pace(url: &str, pace: Pace) -> anyhow::Result<Self> {
        let url = Url::parse(url).context("the address of the JWKS")?;
        // An error says that somebody else has chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fetches = Fetches { fresh_at: Instant::now(), failed_at: None, failures: 0 };
        Ok(Self(Arc::new(Inner {
            url,
            pace,
            keys: RwLock::default(),
            fetches: Mutex::new(fetches),
            asked: tokio::sync::Mutex::default(),
        })))
    }

    /// Fetches the keys once, and says how many can be used. Nothing is kept.
    ///
    /// # Errors
    ///
    /// - They can't be fetched or read.
    pub async fn try_out(&self) -> anyhow::Result<usize> {
        Ok(self.0.fetch().await?.len())
    }

    /// Fetches the keys now and then, forever.
    pub(super) async fn keep_fresh(&self) {
        loop {
            let fetching = self.0.asked.lock().await;
            let fetched = self.refresh().await;
            drop(fetching);
            tokio::time::sleep(if fetched { self.0.pace.refresh } else { self.0.pace.retry }).await;
        }
    }

    /// A key that was fetched already.
    pub(super) fn known(&self, kid: &str) -> Option<Arc<Key>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned()
    }

    /// How long ago the keys were fetched last; if they never were, how long ago the server started.
    pub fn age(&self) -> Duration {
        self.fetches().fresh_at.elapsed()
    }

    /// A key. One that isn't known is looked for again, but not more often than each 30 s, or each 2 s while fetches fail:
    /// tokens with made-up keys cost an attacker nothing.
    ///
    /// # Errors
    ///
    /// - [`KeysAway`]: it isn't known, and the last fetch failed.
    pub(super) async fn find(&self, kid: &str) -> Result<Option<Arc<Key>>, KeysAway> {
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        let mut asked = self.0.asked.lock().await;
        if let Some(key) = self.known(kid) {
            return Ok(Some(key)); // fetched while this one waited
        }
        let failed_at = self.fetches().failed_at;
        let is_due = match failed_at {
            Some(at) => at.elapsed() >= self.0.pace.retry,
            None => asked.is_none_or(|at| at.elapsed() >= self.0.pace.unknown),
        };
        if is_due {
            *asked = Some(Instant::now());
            // In a task: somebody who hangs up must not use up the chance without a fetch.
            let jwks = self.clone();
            let _ = tokio::spawn(async move { jwks.refresh().await }).await;
        }
        match self.known(kid) {
            Some(key) => Ok(Some(key)),
            None if self.fetches().failed_at.is_some() => Err(KeysAway),
            None => Ok(None),
        }
    }

    fn fetches(&self) -> MutexGuard<'_, Fetches> {
        self.0.fetches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the keys; says whether it succeeded. If not, the old ones stay.
    async fn refresh(&self) -> bool {
        let fetched = self.0.fetch().await;
        let mut fetches = self.fetches();
        match fetched {
            Ok(keys) => {
                if keys.is_empty() {
                    tracing::warn!(url = %self.0.url, "the JWKS holds no key that can be used (ES256 or RS256, with a kid)");
                }
                tracing::debug!(keys = keys.len(), "the JWKS was fetched");
                *fetches = Fetches { fresh_at: Instant::now(), failed_at: None, failures: 0 };
                *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
                true
            }
            Err(err) => {
                let error = format!("{err:#}");
                if fetches.failures.is_multiple_of(FAILURES_A_WARNING) {
                    tracing::warn!(error, url = %self.0.url, "the JWKS can't be fetched; the last one stays");
                } else {
                    tracing::debug!(error, "the JWKS can't be fetched");
                }
                fetches.failures = fetches.failures.saturating_add(1);
                fetches.failed_at = Some(Instant::now());
                false
            }
        }
    }
}

impl Inner {
    async fn fetch(&self) -> anyhow::Result<Keys> {
        // A client for each fetch: they are rare, and it sees changes of the machine's certificates.
        let mut client = reqwest::Client::builder().timeout(self.pace.timeout).redirect(redirect::Policy::none());
        if is_loopback(&self.url) {
            client = client.no_proxy();
        }
        let mut response = client.build()?.get(self.url.clone()).send().await?;
        ensure!(response.status() == StatusCode::OK, "the answer is {}", response.status());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            ensure!(body.len() + chunk.len() <= LONGEST_ANSWER, "the answer is longer than {LONGEST_ANSWER} bytes");
            body.extend_from_slice(&chunk);
        }
        parse(&body)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The keys of a set that we can use; the others are passed over, as RFC 7517 asks.
fn parse(text: &[u8]) -> anyhow::Result<Keys> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(text).context("the answer is no key set")?;
    let mut keys = Keys::new();
    for key in set.keys {
        if let Some((kid, key)) = usable(key) {
            keys.entry(kid).or_insert_with(|| Arc::new(key));
        }
    }
    Ok(keys)
}

/// A named key for checking signatures, and its algorithm: the one it names, else the one of its kind (RFC 7517 §4.4: `alg` is
/// optional), ES256 for P-256 and RS256 for RSA. No other is used.
fn usable(key: Value) -> Option<(String, Key)> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let operations = jwk.common.key_operations.as_deref();
    let for_checking = operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    if !for_signatures || !for_checking {
        return None;
    }
    let algorithm = match (jwk.common.key_algorithm, &jwk.algorithm) {
        (None | Some(KeyAlgorithm::ES256), AlgorithmParameters::EllipticCurve(point))
            if point.curve == EllipticCurve::P256 =>
        {
            Algorithm::ES256
        }
        (None | Some(KeyAlgorithm::RS256), AlgorithmParameters::RSA(rsa))
            if URL_SAFE_NO_PAD.decode(&rsa.n).ok()?.len() >= SHORTEST_MODULUS =>
        {
            Algorithm::RS256
        }
        _ => return None,
    };
    let decoding = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk.common.key_id?, Key { algorithm, key: decoding }))
}
