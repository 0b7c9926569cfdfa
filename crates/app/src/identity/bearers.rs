//! Bearer tokens that this server issues.

use domain::ids::UserId;
use domain::time::{Millis, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use ports::identity::{Bearer, Bearers};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::refused::Refused;
use super::{AUTHENTICATED, Verified, instant, now, rules};

/// The `kid` of our tokens, and of no others.
pub(super) const KID: &str = "holdfast";
pub(super) const ISSUER: &str = "holdfast";
pub(super) const LIFE: Millis = Millis::from_secs(30 * 24 * 3600);

/// Issues and checks our own tokens: HS256, with a key derived from the server's, good for 30 days.
#[derive(Clone)]
pub struct Jwt {
    pub(super) encoding: EncodingKey,
    decoding: DecodingKey,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    role: String,
    iat: i64,
    exp: i64,
}

impl Jwt {
    /// Whoever has the same server key accepts each other's tokens.
    pub fn new(server_key: &[u8; 32]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(server_key).expect("HMAC takes keys of any length");
        mac.update(b"jwt:v1");
        let key = mac.finalize().into_bytes();
        Self { encoding: EncodingKey::from_secret(&key), decoding: DecodingKey::from_secret(&key) }
    }

    pub(super) fn verify(&self, token: &str) -> Result<Verified, Refused> {
        let rules = rules(Algorithm::HS256, Some(ISSUER));
        let Claims { sub, role, exp, .. } = jsonwebtoken::decode(token, &self.decoding, &rules)?.claims;
        if role != AUTHENTICATED {
            return Err(Refused::because("its role isn't authenticated"));
        }
        Ok(Verified { user: UserId(sub), expires_at: instant(exp as f64), own: true, name: None, guest: None })
    }

    pub(super) fn issue_at(&self, user: UserId, at: Timestamp) -> Bearer {
        let iat = at.0 / 1000;
        let exp = iat + LIFE.0 / 1000;
        let claims =
            Claims { iss: ISSUER.into(), aud: AUTHENTICATED.into(), sub: user.0, role: AUTHENTICATED.into(), iat, exp };
        let header = Header { kid: Some(KID.into()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &self.encoding).expect("plain claims and an HMAC key");
        Bearer { token, expires_at: Timestamp(exp * 1000) }
    }
}

impl Bearers for Jwt {
    fn issue(&self, user: UserId) -> Bearer {
        self.issue_at(user, now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::TokenError;

    fn error(jwt: &Jwt, token: &str) -> TokenError {
        jwt.verify(token).expect_err("refused").error
    }

    const ANNA: UserId = UserId(Uuid::from_u128(7));

    #[test]
    fn a_token_says_who_and_lasts_30_days() {
        let jwt = Jwt::new(&[1; 32]);
        let bearer = jwt.issue(ANNA);
        let verified = jwt.verify(&bearer.token).expect("our own");
        assert_eq!((verified.user, verified.own, verified.expires_at), (ANNA, true, bearer.expires_at));
        let days = (bearer.expires_at - now()).0 as f64 / 86_400_000.0;
        assert!((29.9..=30.0).contains(&days), "{days}");
    }

    #[test]
    fn a_token_of_another_server_is_refused() {
        let bearer = Jwt::new(&[1; 32]).issue(ANNA);
        assert_eq!(error(&Jwt::new(&[2; 32]), &bearer.token), TokenError::Invalid);
    }

    #[test]
    fn the_server_key_itself_signs_nothing() {
        let claims = jsonwebtoken::dangerous::insecure_decode::<Claims>(Jwt::new(&[1; 32]).issue(ANNA).token);
        let header = Header { kid: Some(KID.into()), ..Header::default() };
        let claims = claims.expect("well formed").claims;
        let forged = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&[1; 32])).expect("encodes");
        assert_eq!(error(&Jwt::new(&[1; 32]), &forged), TokenError::Invalid);
    }

    #[test]
    fn after_30_days_and_5_seconds_it_has_expired() {
        let jwt = Jwt::new(&[1; 32]);
        let ago = |secs: i64| Timestamp(now().0 - LIFE.0 - secs * 1000);
        jwt.verify(&jwt.issue_at(ANNA, ago(2)).token).expect("clocks differ");
        assert_eq!(error(&jwt, &jwt.issue_at(ANNA, ago(8)).token), TokenError::Expired);
    }
}
