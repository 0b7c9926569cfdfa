//! Why a token was refused: for the operator's log alone.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::{Error, ErrorKind};
use serde_json::Value;

use super::TokenError;
use super::jwks::KeysAway;

/// Lines at level info in [`WINDOW`]; the others are at level debug.
const LINES: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// The most characters of a value that a token claims.
const LONGEST_VALUE: usize = 100;

/// A refusal, with its reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: TokenError,
    pub(super) reason: Cow<'static, str>,
}

impl Refused {
    /// It isn't valid.
    pub(super) fn because(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { error: TokenError::Invalid, reason: reason.into() }
    }
}

impl From<Error> for Refused {
    fn from(err: Error) -> Self {
        let reason = match err.kind() {
            // Signatures are checked before times: what is called expired was signed.
            ErrorKind::ExpiredSignature => {
                return Self { error: TokenError::Expired, reason: "its exp is past".into() };
            }
            ErrorKind::InvalidSignature => "its signature isn't the key's".into(),
            ErrorKind::InvalidAlgorithm => "its alg isn't the key's".into(),
            ErrorKind::InvalidIssuer => "its iss isn't the configured one".into(),
            ErrorKind::InvalidAudience => "its aud isn't authenticated".into(),
            ErrorKind::ImmatureSignature => "its nbf is in the future".into(),
            ErrorKind::MissingRequiredClaim(name) => format!("it has no {name}").into(),
            ErrorKind::Json(_) => "its header or a claim is of another form than expected".into(),
            ErrorKind::Base64(_) | ErrorKind::InvalidToken | ErrorKind::Utf8(_) => "it is no JWT".into(),
            _ => "it can't be checked".into(),
        };
        Self { error: TokenError::Invalid, reason }
    }
}

impl From<KeysAway> for Refused {
    fn from(KeysAway: KeysAway) -> Self {
        Self { error: TokenError::KeysAway, reason: "the JWKS can't be fetched, and its kid isn't known".into() }
    }
}

/// What a token says of itself, checked or not. Never what it is for: neither its subject nor its signature.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) alg: Option<String>,
    pub(super) kid: Option<String>,
    pub(super) iss: Option<String>,
    pub(super) aud: Option<String>,
    pub(super) exp: Option<f64>,
    /// `exp` − `iat`, in seconds.
    pub(super) life: Option<f64>,
}

impl Told {
    /// What can be read of `token`.
    pub(super) fn by(token: &str) -> Self {
        let mut parts = token.split('.').map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
            serde_json::from_slice::<Value>(&bytes).unwrap_or_default()
        });
        let (header, claims) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.chars().take(LONGEST_VALUE).collect()),
            other => Some(other.to_string().chars().take(LONGEST_VALUE).collect()),
        };
        let exp = claims["exp"].as_f64();
        Self {
            alg: text(&header["alg"]),
            kid: text(&header["kid"]),
            iss: text(&claims["iss"]),
            aud: text(&claims["aud"]),
            exp,
            life: exp.zip(claims["iat"].as_f64()).map(|(exp, iat)| exp - iat),
        }
    }
}

/// Quoted, so that nothing in it can pass for a line of the log.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [("alg", &self.alg), ("kid", &self.kid), ("iss", &self.iss), ("aud", &self.aud)];
        for (name, text) in texts {
            match text {
                Some(text) => write!(f, "{name}={text:?} ")?,
                None => write!(f, "{name}=- ")?,
            }
        }
        let number = |secs: Option<f64>| secs.map_or_else(|| "-".to_owned(), |secs| format!("{secs:.0}"));
        write!(f, "exp={} life={}", number(self.exp), number(self.life))
    }
}

/// Writes refusals into the log: a few a minute at level info, all at level debug. Strangers must not fill it.
#[derive(Default)]
pub(super) struct Log(Mutex<Window>);

#[derive(Default)]
struct Window {
    began: Option<Instant>,
    lines: u32,
}

impl Log {
    /// Notes why `token` was refused, and returns what its bearer is told.
    pub(super) fn note(&self, token: &str, Refused { error, reason }: Refused) -> TokenError {
        if self.has_room(Instant::now()) {
            tracing::info!(%reason, claims = %Told::by(token), "a token was refused");
        } else {
            tracing::debug!(%reason, claims = %Told::by(token), "a token was refused");
        }
        error
    }

    fn has_room(&self, now: Instant) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.began.is_none_or(|began| now - began >= WINDOW) {
            *window = Window { began: Some(now), lines: 0 };
        }
        window.lines += 1;
        window.lines <= LINES
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode("the signature"))
    }

    #[test]
    fn a_line_names_what_a_token_claims_and_neither_its_subject_nor_its_signature() {
        let claims = json!({
            "iss": "https://other.example\n2026 INFO all is well", "aud": ["a", "b"], "sub": "somebody", "exp": 2000,
            "iat": 1000, "email": "anna@example.com"
        });
        let token = token(&json!({ "alg": "ES256", "kid": "k1" }), &claims);
        let line = Told::by(&token).to_string();
        assert_eq!(
            line,
            r#"alg="ES256" kid="k1" iss="https://other.example\n2026 INFO all is well" aud="[\"a\",\"b\"]" exp=2000 life=1000"#
        );
        for secret in ["somebody", "anna", token.rsplit('.').next().expect("three parts")] {
            assert!(!line.contains(secret), "{line}");
        }
    }

    #[test]
    fn what_is_no_token_says_nothing_and_a_long_value_is_cut() {
        for text in ["", "a.b.c", "....", "\u{0}.é"] {
            assert_eq!(Told::by(text), Told::default(), "{text}");
        }
        let told = Told::by(&token(&json!({ "kid": "k".repeat(5000) }), &json!({})));
        assert_eq!(told.kid.map(|kid| kid.len()), Some(LONGEST_VALUE));
    }

    #[test]
    fn strangers_cannot_fill_the_log() {
        let (log, start) = (Log::default(), Instant::now());
        let lines = (0..1000).filter(|_| log.has_room(start)).count();
        assert_eq!(lines, LINES as usize);
        assert!(!log.has_room(start + WINDOW / 2));
        assert!(log.has_room(start + WINDOW), "the next minute");
    }
}
