//! Tokens of all kinds, against everything that checks them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::time::Millis;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, EncodingKey, Header};
use ports::identity::Bearers as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::jwks::{Jwks, Pace};
use super::*;
use crate::config::Config;

const SECRET: &str = "a secret that only the project and this test know";
const ISSUER: &str = "https://project.example/auth/v1";
/// The longest life of Supabase's tokens, in seconds.
const WEEK: u32 = 604_800;
const ANNA: Uuid = Uuid::from_u128(0x0a00_0000_0000_4000_8000_0000_0000_0001);

/// A P-256 key with a given secret number (PKCS #8).
fn p256(number: u8) -> EncodingKey {
    let mut der = vec![
        0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20,
    ];
    der.extend([number; 32]);
    EncodingKey::from_ec_der(&der)
}

/// A key made for this test (PKCS #1): making one takes seconds.
fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(&STANDARD.decode(RSA.concat()).expect("base64"))
}

/// The public half of a key, as it is published.
fn published(kid: &str, key: &EncodingKey, algorithm: Algorithm) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).expect("a key of that kind");
    jwk.common.key_id = Some(kid.to_owned());
    serde_json::to_value(jwk).expect("serialisable")
}

/// A server of key sets on loopback, which counts how often it is asked.
struct Stub {
    address: SocketAddr,
    answer: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Stub {
    fn new(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (answer, asked) = (Arc::<Mutex<String>>::default(), Arc::<AtomicUsize>::default());
        let (answers, count) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let request = BufReader::new(stream.try_clone().expect("a handle")).lines();
                let _ = request.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answers.lock().expect("no panic").clone();
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let stub = Self { address, answer, asked };
        stub.publish(keys);
        stub
    }

    fn publish(&self, keys: &[Value]) {
        let body = json!({ "keys": keys }).to_string();
        self.answer(&format!("200 OK\r\nContent-Length: {}", body.len()), &body);
    }

    fn answer(&self, head: &str, body: &str) {
        *self.answer.lock().expect("no panic") = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}");
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("http://{}/auth/v1/.well-known/jwks.json", self.address)
    }

    fn verifier(&self, retry: Duration) -> Verifier {
        let pace =
            Pace { refresh: Duration::from_secs(600), retry, unknown: retry, timeout: Duration::from_millis(500) };
        let keys = Jwks::with_pace(&self.url(), pace).expect("a URL");
        let supabase =
            Supabase { secret: None, keys: Some(keys), issuer: Some(ISSUER.to_owned()), longest_life_secs: WEEK };
        Verifier::new(Jwt::new(&[1; 32]), Some(supabase))
    }
}

fn secs() -> i64 {
    now().0 / 1000
}

/// What Supabase says of a user, with some of it replaced or, by `null`, left out.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "authenticated", "sub": ANNA, "role": "authenticated",
        "iat": secs() - 10, "exp": secs() + 3590, "session_id": Uuid::from_u128(9), "aal": "aal1",
        "is_anonymous": false, "email": "anna@example.com", "app_metadata": {"provider": "email"},
        "user_metadata": {"name": " Anna ", "role": "service_role"},
    });
    let Value::Object(changes) = changes else { panic!("an object") };
    let object = claims.as_object_mut().expect("an object");
    for (name, value) in changes {
        match value {
            Value::Null => drop(object.remove(&name)),
            value => drop(object.insert(name, value)),
        }
    }
    claims
}

fn signed(algorithm: Algorithm, kid: Option<&str>, key: &EncodingKey, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, key).expect("a key of that kind")
}

/// Signed with the project's secret.
fn shared(changes: Value) -> String {
    signed(Algorithm::HS256, None, &EncodingKey::from_secret(SECRET.as_bytes()), &claims(changes))
}

/// Signed with the project's P-256 key.
fn es256(changes: Value) -> String {
    signed(Algorithm::ES256, Some("ec"), &p256(1), &claims(changes))
}

/// Encoded by hand, with a signature that is anything.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// A token whose part at `place` was replaced.
fn altered(token: &str, place: usize, with: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[place] = with;
    parts.join(".")
}

fn own(kid: Option<&str>, changes: Value) -> String {
    let mut base = json!({ "iss": bearers::ISSUER });
    base.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    signed(Algorithm::HS256, kid, &Jwt::new(&[1; 32]).encoding, &claims(base))
}

/// A server with everything configured: a secret, published keys good and bad, and an issuer.
async fn full() -> Verifier {
    let mut encryption = published("encryption", &p256(2), Algorithm::ES256);
    encryption["use"] = "enc".into();
    let without = |mut jwk: Value, field: &str| {
        jwk.as_object_mut().expect("an object").remove(field);
        jwk
    };
    let with = |mut jwk: Value, field: &str, value: Value| {
        jwk[field] = value;
        jwk
    };
    let bare = |kid: &str, key: &EncodingKey, algorithm| without(published(kid, key, algorithm), "alg");
    let mut signing = bare("signing", &p256(5), Algorithm::ES256);
    signing = with(signing, "key_ops", json!(["sign"]));
    let mut checking = bare("checking", &p256(6), Algorithm::ES256);
    checking = with(checking, "key_ops", json!(["verify", "from the future"]));
    let other_algorithm = with(published("other-algorithm", &rsa(), Algorithm::RS256), "alg", json!("RS512"));
    let new_algorithm = with(published("new-algorithm", &p256(3), Algorithm::ES256), "alg", json!("ES256-FUTURE"));
    let p384 = with(bare("p384", &p256(3), Algorithm::ES256), "crv", json!("P-384"));
    let ed25519 = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "okp", "x": URL_SAFE_NO_PAD.encode([7; 32]) });
    let symmetric = json!({
        "kty": "oct", "kid": "symmetric", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode("published, so no secret at all")
    });
    let mut weak = published("weak", &rsa(), Algorithm::RS256);
    weak["n"] = URL_SAFE_NO_PAD.encode([255; 128]).into();
    let stub = Stub::new(&[
        json!({ "kty": "from the future", "kid": "future" }),
        json!("not a key"),
        encryption,
        bare("bare", &p256(3), Algorithm::ES256),
        bare("bare-rsa", &rsa(), Algorithm::RS256),
        signing,
        checking,
        other_algorithm,
        new_algorithm,
        p384,
        ed25519,
        without(published("", &p256(3), Algorithm::ES256), "kid"),
        symmetric,
        weak,
        published("ec", &p256(1), Algorithm::ES256),
        published("rsa", &rsa(), Algorithm::RS256),
        published("ec", &p256(4), Algorithm::ES256),
    ]);
    let mut verifier = stub.verifier(Duration::from_secs(30));
    let inner = Arc::get_mut(&mut verifier.0).expect("not shared yet");
    inner.supabase.as_mut().expect("configured").secret = Some(DecodingKey::from_secret(SECRET.as_bytes()));
    verifier.verify(&es256(json!({ "jti": "first" }))).await.expect("a good token, and the keys are there");
    let keys = verifier.0.supabase.as_ref().and_then(Supabase::keys).expect("configured");
    let known = |kid: &&str| keys.known(kid).is_some();
    let kids = [
        "future",
        "encryption",
        "bare",
        "bare-rsa",
        "signing",
        "checking",
        "other-algorithm",
        "new-algorithm",
        "p384",
        "okp",
        "symmetric",
        "weak",
        "ec",
        "rsa",
    ];
    let usable = ["bare", "bare-rsa", "checking", "ec", "rsa"];
    assert_eq!(kids.into_iter().filter(known).collect::<Vec<_>>(), usable);
    verifier
}

#[tokio::test]
async fn tokens_of_users_are_accepted() {
    let anna = Jwt::new(&[1; 32]).issue(UserId(ANNA)).token;
    let with_header =
        |header: Header| jsonwebtoken::encode(&header, &claims(json!({})), &p256(1)).expect("a key of that kind");
    let ec = Header { kid: Some("ec".to_owned()), ..Header::new(Algorithm::ES256) };
    let good = [
        ("our own", anna),
        ("shared secret", shared(json!({}))),
        ("shared secret, and a key id of its own", {
            signed(Algorithm::HS256, Some("legacy"), &EncodingKey::from_secret(SECRET.as_bytes()), &claims(json!({})))
        }),
        ("P-256", es256(json!({}))),
        ("RSA", signed(Algorithm::RS256, Some("rsa"), &rsa(), &claims(json!({})))),
        ("several audiences", es256(json!({ "aud": ["other", "authenticated"] }))),
        ("no role", shared(json!({ "role": null }))),
        ("no time of issue", shared(json!({ "iat": null }))),
        ("anonymous sign-in", es256(json!({ "is_anonymous": true, "email": "" }))),
        ("P-256 without alg", signed(Algorithm::ES256, Some("bare"), &p256(3), &claims(json!({})))),
        ("RSA without alg", signed(Algorithm::RS256, Some("bare-rsa"), &rsa(), &claims(json!({})))),
        ("a key for checking", signed(Algorithm::ES256, Some("checking"), &p256(6), &claims(json!({})))),
        ("24 hours", shared(json!({ "iat": secs() - 10, "exp": secs() - 10 + 86_400 }))),
        ("a week, Supabase's longest", shared(json!({ "iat": secs(), "exp": secs() + i64::from(WEEK) }))),
        ("a week, no time of issue", shared(json!({ "iat": null, "exp": secs() + i64::from(WEEK) }))),
        ("a week, a time of issue to come", shared(json!({ "iat": secs() + 2, "exp": secs() + i64::from(WEEK) }))),
        ("5 KB", shared(json!({ "app_metadata": { "groups": "x".repeat(5000 * 3 / 4) } }))),
        ("expired 2 s ago: clocks differ", shared(json!({ "exp": secs() - 2 }))),
        ("from in 2 s: clocks differ", shared(json!({ "nbf": secs() + 2 }))),
        ("seconds with a fraction", shared(json!({ "exp": secs() as f64 + 100.5 }))),
        (
            "says where to find a key",
            with_header(Header {
                jku: Some("http://evil.example/jwks.json".to_owned()),
                x5u: Some("http://evil.example/x5u".to_owned()),
                ..ec
            }),
        ),
    ];
    let verifier = full().await;
    for (kind, token) in good {
        let verified = verifier.verify(&token).await;
        assert!(verified.as_ref().is_ok_and(|verified| verified.user == UserId(ANNA)), "{kind}: {verified:?}");
        assert_eq!(verifier.verify(&token).await, verified, "{kind}, again");
    }
}

#[tokio::test]
async fn forged_altered_and_stale_tokens_are_refused() {
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let (plain, asymmetric) = (shared(json!({})), es256(json!({})));
    let signature = plain.rsplit('.').next().expect("three parts").to_owned();
    let bens = URL_SAFE_NO_PAD.encode(claims(json!({ "sub": Uuid::from_u128(2) })).to_string());
    let flipped: String = signature
        .chars()
        .enumerate()
        .map(|(place, c)| {
            if place != 5 {
                c
            } else if c == 'A' {
                'B'
            } else {
                'A'
            }
        })
        .collect();
    let public = published("ec", &p256(1), Algorithm::ES256);
    let point = [vec![4], coordinate(&public, "x"), coordinate(&public, "y")].concat();
    let hs256 = |kid: Option<&str>, key: &[u8]| {
        signed(Algorithm::HS256, kid, &EncodingKey::from_secret(key), &claims(json!({})))
    };
    let header = |changes: Header| jsonwebtoken::encode(&changes, &claims(json!({})), &p256(9)).expect("encodes");
    let es = || Header::new(Algorithm::ES256);

    let invalid = [
        ("nothing", String::new()),
        ("one part", "token".to_owned()),
        ("two parts", "a.b".to_owned()),
        ("three parts of nonsense", "a.b.c".to_owned()),
        ("four parts", format!("{plain}.x")),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("no text of ours", "\u{0}\u{fffd}.\u{202e}.ä".to_owned()),
        ("with its scheme", format!("Bearer {plain}")),
        ("a space in front", format!(" {plain}")),
        ("no algorithm", raw(&json!({ "alg": "none" }), &claims(json!({})), "")),
        ("no algorithm, other case", raw(&json!({ "alg": "nOnE" }), &claims(json!({})), "")),
        ("no algorithm, our kid", raw(&json!({ "alg": "none", "kid": "holdfast" }), &claims(json!({})), "")),
        ("no algorithm, a published kid", raw(&json!({ "alg": "none", "kid": "ec" }), &claims(json!({})), "")),
        ("no header field but the type", raw(&json!({ "typ": "JWT" }), &claims(json!({})), &signature)),
        ("signature left out", altered(&plain, 2, "")),
        ("signature altered", altered(&plain, 2, &flipped)),
        ("signature of another token", altered(&shared(json!({ "jti": "1" })), 2, &signature)),
        ("somebody else's id put in", altered(&plain, 1, &bens)),
        ("somebody else's id put in, P-256", altered(&asymmetric, 1, &bens)),
        ("header replaced", altered(&plain, 0, &URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"at+jwt"}"#))),
        ("another secret", hs256(None, b"a secret that only a forger knows, as long as ours")),
        ("an empty secret", hs256(None, b"")),
        ("another P-256 key", signed(Algorithm::ES256, Some("ec"), &p256(9), &claims(json!({})))),
        ("the second key with a kid", signed(Algorithm::ES256, Some("ec"), &p256(4), &claims(json!({})))),
        ("zero signature", altered(&asymmetric, 2, &URL_SAFE_NO_PAD.encode([0; 64]))),
        ("public point as a secret", hs256(Some("ec"), &point)),
        ("public point as a secret, no kid", hs256(None, &point)),
        ("published key's text as a secret", hs256(Some("ec"), public.to_string().as_bytes())),
        ("the secret under a published kid", hs256(Some("ec"), SECRET.as_bytes())),
        ("the secret under our kid", hs256(Some("holdfast"), SECRET.as_bytes())),
        ("a published symmetric key", hs256(Some("symmetric"), b"published, so no secret at all")),
        ("a published key without its kid", signed(Algorithm::ES256, None, &p256(1), &claims(json!({})))),
        ("P-256 under RSA's kid", signed(Algorithm::ES256, Some("rsa"), &p256(1), &claims(json!({})))),
        ("RSA with another hash", signed(Algorithm::RS512, Some("rsa"), &rsa(), &claims(json!({})))),
        ("RSA-PSS", signed(Algorithm::PS256, Some("rsa"), &rsa(), &claims(json!({})))),
        ("a key for encryption", signed(Algorithm::ES256, Some("encryption"), &p256(2), &claims(json!({})))),
        ("a key for signing", signed(Algorithm::ES256, Some("signing"), &p256(5), &claims(json!({})))),
        ("a key with another algorithm", signed(Algorithm::RS256, Some("other-algorithm"), &rsa(), &claims(json!({})))),
        ("another algorithm than a bare key's kind has", {
            signed(Algorithm::RS512, Some("bare-rsa"), &rsa(), &claims(json!({})))
        }),
        ("HS384", signed(Algorithm::HS384, None, &secret, &claims(json!({})))),
        ("HS512", signed(Algorithm::HS512, None, &secret, &claims(json!({})))),
        ("an unknown kid", signed(Algorithm::ES256, Some("unknown"), &p256(9), &claims(json!({})))),
        ("a kid that is a path", hs256(Some("../../../../dev/null"), b"")),
        ("a kid that is SQL", hs256(Some("x' UNION SELECT 'key"), b"key")),
        (
            "its own key in the header",
            header(Header {
                jwk: serde_json::from_value(published("mine", &p256(9), Algorithm::ES256)).expect("a key"),
                ..es()
            }),
        ),
        (
            "its own key's address",
            header(Header {
                jku: Some("http://127.0.0.1:1/jwks.json".to_owned()),
                kid: Some("mine".to_owned()),
                ..es()
            }),
        ),
        (
            "an extension that must be understood",
            jsonwebtoken::encode(
                &Header { crit: Some(vec!["exp".to_owned()]), ..Header::new(Algorithm::HS256) },
                &claims(json!({})),
                &secret,
            )
            .expect("encodes"),
        ),
        ("no end", shared(json!({ "exp": null }))),
        ("an end that is text", shared(json!({ "exp": "tomorrow" }))),
        ("an end before time began", shared(json!({ "exp": -1 }))),
        ("not yet good", shared(json!({ "nbf": secs() + 60 }))),
        ("no audience", shared(json!({ "aud": null }))),
        ("another audience", shared(json!({ "aud": "anon" }))),
        ("only other audiences", shared(json!({ "aud": ["anon", "other"] }))),
        ("no issuer", shared(json!({ "iss": null }))),
        ("another issuer", es256(json!({ "iss": "https://other.example/auth/v1" }))),
        ("an issuer that begins like ours", es256(json!({ "iss": format!("{ISSUER}.evil.example") }))),
        ("no user", shared(json!({ "sub": null }))),
        ("a user that is no uuid", shared(json!({ "sub": "anna" }))),
        ("role anon", shared(json!({ "role": "anon" }))),
        ("role service_role", es256(json!({ "role": "service_role" }))),
        ("several roles", es256(json!({ "role": ["authenticated"] }))),
        (
            "the project's anon key",
            shared(json!({
                "iss": "supabase", "sub": null, "aud": null, "role": "anon", "exp": secs() + 315_360_000
            })),
        ),
        ("a life of a week and a second", shared(json!({ "iat": secs(), "exp": secs() + i64::from(WEEK) + 1 }))),
        ("a life of a year, no time of issue", shared(json!({ "iat": null, "exp": secs() + 31_536_000 }))),
        ("a life of a year, issued at its end", {
            shared(json!({ "iat": secs() + 31_536_000, "exp": secs() + 31_536_000 }))
        }),
        ("a life of a year", es256(json!({ "exp": secs() + 31_536_000 }))),
        ("a token for an application", es256(json!({ "client_id": Uuid::from_u128(5), "scope": "openid" }))),
        ("too long", shared(json!({ "app_metadata": "x".repeat(8192) }))),
        ("our key without our kid", own(None, json!({}))),
        ("our key under a published kid", own(Some("ec"), json!({}))),
        ("our key, another issuer", own(Some("holdfast"), json!({ "iss": ISSUER }))),
        ("our key, another audience", own(Some("holdfast"), json!({ "aud": "room" }))),
        ("our key, another role", own(Some("holdfast"), json!({ "role": "anon" }))),
        ("our key, no end", own(Some("holdfast"), json!({ "exp": null }))),
    ];
    let expired = [
        ("over for 8 s", shared(json!({ "exp": secs() - 8 }))),
        ("over for 8 s, P-256", es256(json!({ "exp": secs() - 8 }))),
        ("over since 1970", es256(json!({ "exp": 0, "iat": 0 }))),
        ("our own, over", {
            let issued = Timestamp(now().0 - bearers::LIFE.0 - Millis::from_secs(8).0);
            Jwt::new(&[1; 32]).issue_at(UserId(ANNA), issued).token
        }),
    ];

    let verifier = full().await;
    for (kind, token) in invalid {
        assert_eq!(verifier.verify(&token).await, Err(TokenError::Invalid), "{kind}: {token}");
    }
    for (kind, token) in expired {
        assert_eq!(verifier.verify(&token).await, Err(TokenError::Expired), "{kind}: {token}");
    }
    verifier.verify(&plain).await.expect("nothing of that harmed the good one");
}

fn coordinate(jwk: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk[name].as_str().expect("a coordinate")).expect("base64")
}

#[tokio::test]
async fn without_supabase_only_our_own_tokens_are_accepted() {
    let verifier = Verifier::new(Jwt::new(&[1; 32]), None);
    let bearer = Jwt::new(&[1; 32]).issue(UserId(ANNA));
    let verified = verifier.verify(&bearer.token).await.expect("our own");
    assert_eq!(
        verified,
        Verified { user: UserId(ANNA), expires_at: bearer.expires_at, own: true, name: None, guest: None }
    );
    for token in [shared(json!({})), es256(json!({})), Jwt::new(&[2; 32]).issue(UserId(ANNA)).token] {
        assert_eq!(verifier.verify(&token).await, Err(TokenError::Invalid));
    }
}

#[tokio::test]
async fn with_a_secret_alone_a_token_needs_no_more_than_user_audience_and_end() {
    let config = Config::from_args_alone(&["--supabase-jwt-secret", SECRET]).expect("good arguments");
    let supabase = Supabase::from_config(&config).expect("long enough").expect("configured");
    let verifier = Verifier::new(Jwt::new(&[1; 32]), Some(supabase));
    let minimal = json!({ "sub": ANNA, "aud": "authenticated", "exp": secs() + 60 });
    let token = signed(Algorithm::HS256, None, &EncodingKey::from_secret(SECRET.as_bytes()), &minimal);
    let verified = verifier.verify(&token).await.expect("enough");
    assert_eq!((verified.user, verified.own, verified.name), (UserId(ANNA), false, None));
    assert_eq!(verifier.verify(&shared(json!({}))).await.map(|verified| verified.name), Ok(Some("Anna".to_owned())));
}

#[test]
fn a_short_secret_is_refused_at_the_start() {
    let config = Config::from_args_alone(&["--supabase-jwt-secret", "hush"]).expect("good arguments");
    let err = Supabase::from_config(&config).err().expect("too short").to_string();
    assert!(err.contains("SUPABASE_JWT_SECRET") && !err.contains("hush"), "{err}");
}

#[test]
fn the_issuer_is_the_one_given_or_what_stands_before_the_key_set() {
    let issuer = |args: &[&str]| {
        let config = Config::from_args_alone(args).expect("good arguments");
        Supabase::from_config(&config).expect("good").expect("configured").issuer
    };
    let url = "https://project.example/auth/v1/.well-known/jwks.json";
    assert_eq!(issuer(&["--supabase-jwks-url", url]).as_deref(), Some(ISSUER));
    assert_eq!(issuer(&["--supabase-jwks-url", "http://localhost/keys"]), None);
    let given = ["--supabase-jwks-url", url, "--supabase-issuer", "https://other.example"];
    assert_eq!(issuer(&given).as_deref(), Some("https://other.example"));
}

#[tokio::test]
async fn a_new_key_is_fetched_when_its_first_token_comes_and_the_old_one_is_dropped() {
    let stub = Stub::new(&[published("old", &p256(1), Algorithm::ES256)]);
    let verifier = stub.verifier(Duration::ZERO);
    let with = |kid: &str, number: u8, id: &str| {
        signed(Algorithm::ES256, Some(kid), &p256(number), &claims(json!({ "jti": id })))
    };
    verifier.verify(&with("old", 1, "a")).await.expect("the first key");
    verifier.verify(&with("old", 1, "b")).await.expect("known by now");
    assert_eq!(stub.asked(), 1);
    stub.publish(&[published("new", &p256(2), Algorithm::ES256)]);
    verifier.verify(&with("new", 2, "c")).await.expect("the new key");
    assert_eq!(stub.asked(), 2);
    assert_eq!(verifier.verify(&with("old", 1, "d")).await, Err(TokenError::Invalid));
}

#[tokio::test]
async fn made_up_keys_make_us_fetch_once() {
    let stub = Stub::new(&[published("ec", &p256(1), Algorithm::ES256)]);
    let verifier = stub.verifier(Duration::from_secs(30));
    let made_up: Vec<String> = (0..200)
        .map(|number| signed(Algorithm::ES256, Some(&format!("kid {number}")), &p256(9), &claims(json!({}))))
        .collect();
    let outcomes = futures_util::future::join_all(made_up.iter().map(|token| verifier.verify(token))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Err(TokenError::Invalid)));
    assert_eq!(stub.asked(), 1);
    verifier.verify(&es256(json!({}))).await.expect("fetched on the way");
    assert_eq!(stub.asked(), 1);
}

#[tokio::test]
async fn the_last_good_keys_stay_when_a_fetch_fails() {
    let stub = Stub::new(&[published("ec", &p256(1), Algorithm::ES256)]);
    let verifier = stub.verifier(Duration::ZERO);
    verifier.verify(&es256(json!({ "jti": 0 }))).await.expect("fetched");
    let unknown = signed(Algorithm::ES256, Some("unknown"), &p256(9), &claims(json!({})));
    let elsewhere = Stub::new(&[published("unknown", &p256(9), Algorithm::ES256)]);
    let failures = [
        ("500 Oh", "{}".to_owned()),
        ("200 OK", "<html>".to_owned()),
        ("200 OK", "{}".to_owned()),
        ("200 OK", format!("{{\"keys\":[],\"pad\":\"{}\"}}", "x".repeat(70_000))),
        ("200 OK\r\nContent-Length: 999", "{}".to_owned()),
        (&*format!("302 Found\r\nLocation: {}", elsewhere.url()), String::new()),
    ];
    for (count, (head, body)) in failures.into_iter().enumerate() {
        stub.answer(head, &body);
        assert_eq!(verifier.verify(&unknown).await, Err(TokenError::KeysAway), "{head}");
        assert_eq!(stub.asked(), count + 2, "{head}");
        verifier.verify(&es256(json!({ "jti": count + 1 }))).await.expect("the old keys");
    }
    assert_eq!(elsewhere.asked(), 0, "redirects aren't followed");
}

#[tokio::test]
async fn keys_that_cant_be_had_at_the_start_are_fetched_later() {
    let stub = Stub::new(&[]);
    stub.answer("503 Away", "");
    let verifier = stub.verifier(Duration::from_millis(50));
    let keeping = tokio::spawn(verifier.clone().keep_keys_fresh());
    while stub.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(verifier.verify(&es256(json!({ "jti": 0 }))).await, Err(TokenError::KeysAway));
    stub.publish(&[published("ec", &p256(1), Algorithm::ES256)]);
    let before = stub.asked();
    while stub.asked() < before + 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        if verifier.0.supabase.as_ref().and_then(Supabase::keys).is_some_and(|keys| keys.known("ec").is_some()) {
            break;
        }
    }
    verifier.verify(&es256(json!({ "jti": 1 }))).await.expect("there by now");
    keeping.abort();
}

#[tokio::test]
async fn a_server_of_keys_that_hangs_delays_a_token_and_nothing_else() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/jwks.json", silent.local_addr().expect("bound"));
    let pace = Pace { retry: Duration::from_secs(30), timeout: Duration::from_millis(200), ..Pace::default() };
    let keys = Jwks::with_pace(&url, pace).expect("a URL");
    let supabase = Supabase { secret: None, keys: Some(keys), issuer: None, longest_life_secs: WEEK };
    let verifier = Verifier::new(Jwt::new(&[1; 32]), Some(supabase));
    let start = Instant::now();
    assert_eq!(verifier.verify(&es256(json!({}))).await, Err(TokenError::KeysAway));
    assert!((200..2000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let start = Instant::now();
    assert_eq!(verifier.verify(&es256(json!({}))).await, Err(TokenError::KeysAway));
    verifier.verify(&Jwt::new(&[1; 32]).issue(UserId(ANNA)).token).await.expect("our own");
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

/// An outage of the issuer is not the fault of a token.
#[tokio::test]
async fn while_the_keys_are_away_only_tokens_that_may_be_good_are_left_undecided() {
    let stub = Stub::new(&[]);
    stub.answer("503 Away", "");
    let verifier = stub.verifier(Duration::from_secs(30));
    assert_eq!(verifier.verify(&es256(json!({}))).await, Err(TokenError::KeysAway));
    let (secret, asked) = (EncodingKey::from_secret(SECRET.as_bytes()), stub.asked());
    let hopeless = [
        es256(json!({ "iss": "https://other.example" })),
        signed(Algorithm::ES256, None, &p256(1), &claims(json!({}))),
        signed(Algorithm::HS256, Some("ec"), &secret, &claims(json!({}))),
        signed(Algorithm::RS512, Some("rsa"), &rsa(), &claims(json!({}))),
        "a.b.c".to_owned(),
    ];
    for token in hopeless {
        assert_eq!(verifier.verify(&token).await, Err(TokenError::Invalid), "{token}");
    }
    assert_eq!(verifier.verify(&es256(json!({ "jti": 2 }))).await, Err(TokenError::KeysAway));
    assert_eq!(stub.asked(), asked, "asked for again after a pause only");
}

#[tokio::test]
async fn keys_that_are_back_are_fetched_for_the_next_token() {
    let stub = Stub::new(&[]);
    stub.answer("503 Away", "");
    let verifier = stub.verifier(Duration::ZERO);
    assert_eq!(verifier.verify(&es256(json!({}))).await, Err(TokenError::KeysAway));
    stub.publish(&[published("ec", &p256(1), Algorithm::ES256)]);
    verifier.verify(&es256(json!({}))).await.expect("fetched for it");
    assert!(verifier.keys_age().is_some_and(|age| age < Duration::from_secs(60)));
    assert!(Pace::default().retry <= Duration::from_secs(3), "a few seconds");
}

#[tokio::test]
async fn who_signed_in_anonymously_is_a_guest() {
    let verifier = full().await;
    for (anonymous, expected) in
        [(json!(true), true), (json!(false), false), (json!(null), false), (json!("true"), false)]
    {
        let verified = verifier.verify(&shared(json!({ "is_anonymous": anonymous }))).await.expect("good");
        assert_eq!(verified.guest, Some(expected), "{anonymous}");
    }
}

#[tokio::test]
async fn the_longest_life_is_a_setting() {
    let config = Config::from_args_alone(&["--supabase-jwt-secret", SECRET, "--supabase-token-life-secs", "3600"]);
    let supabase = Supabase::from_config(&config.expect("good arguments")).expect("long enough").expect("configured");
    let verifier = Verifier::new(Jwt::new(&[1; 32]), Some(supabase));
    verifier.verify(&shared(json!({ "iat": secs(), "exp": secs() + 3600 }))).await.expect("an hour");
    let longer = shared(json!({ "iat": secs(), "exp": secs() + 3601 }));
    assert_eq!(verifier.verify(&longer).await, Err(TokenError::Invalid));
}

#[test]
fn the_cache_is_bounded_and_forgets_what_has_expired() {
    let mut cache = Cache::default();
    let until = |secs: i64| Verified {
        user: UserId(ANNA),
        expires_at: Timestamp(now().0 + secs * 1000),
        own: true,
        name: None,
        guest: None,
    };
    for number in 0..25_000_u32 {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&number.to_be_bytes());
        cache.put(digest, until(60));
        assert!(cache.0.len() <= Cache::MOST);
        assert!(cache.get(&digest).is_some());
    }
    cache.put([1; 32], until(-1));
    assert_eq!(cache.get(&[1; 32]), None);
}

const RSA: &[&str] = &[
    "MIIEpQIBAAKCAQEAmaowiPFsBQrOkCLemtQ5npxloqbmWPRtCGHbCXA5v2XmnFzpJer6JUMagg32zA0azsULKbE9M6gv7M8EVUf5ufoXWdAkga",
    "lSezOwKy3Yyzdt9owkF9LpwPsgKWkpOGeb1Qk8ER9TD6r/Yolm4tSOaf+P0FHptoPMQJ4XNqmbvJKRxrZO1V3AysGhLyRXl3iUqNp66stiB7eE",
    "OG93fuQgKpvQJhwy+tBHruTcKDxnuUIX7es3VbCHHs35cvT8GvHSKkb0bd7m/9hwAJZP5nJeuqsZeZg8eUY1bXLZ1HxMLbigGIboLUN36aHfIq",
    "SrH4UjXpJffTcRBNsQ2v5bZY5JdQIDAQABAoIBACKJ5Nfa/88QU0aFd+hwHDVg7N1Gy06iPeGc8Rkpfulc051AquzpaGk4sHwb/GV36pcgJfas",
    "jleOjZsaGty6TVC2fEolJRd5wf7MKuRBrVFb95zree9a6kyEhYGZT/kMHLQhG72zfz1tz3JL9PK2GP6NQTtvNeteq2m4vvn73HPhWrIIqvuG6L",
    "9PYM3glUz4f+FG9HP1BfLuu0mvETH3bJ5pOdisQwXx+No8BkZzoDqTayZGZejnY1czxabiVK9oNzHHl3GtY3cW56lr85L5afW9TlSSyyiGcUCo",
    "Y86zTZ3Mr0qQuImr4FLX5dkTazQyRBsbHNL8jeSmv/rgvzKwMrECgYEAylL9L+Zfzc9QfxdLbiMpSDiKMfOhQ9R/CwnJ8FTMa/lt6ZZTlLo9Ec",
    "mzkQJ0f2BleSBs/e8a9z2yBPToJHIPsWvHK1bqM5Mn7eNgw5pNC0vG0Kupd78zT8R3HFJ3CmehHGhLFctbbEDYnnrinmAypPRGLKfrSqbm8ODv",
    "iaxo8+kCgYEAwm51roPEGUOdRguxVknvTNMvYfvkWhsfIY8pslm1bvClOno7YFqKCbkjn/c7szvRr2D6dEIBUNGCectppQNwFfOw5zGnHDp77I",
    "uoqn6dRrn9dN7o4+8Pc4W6Ty0j2NRYlFd88o18S+EXB04sfaFKwUPygdp1qzezPQyqsHhFra0CgYEArrsjS/XicWUEuO3OSAz3vxaNSvyEHodr",
    "PIY0r2kcrndY1C3uevioey899BMxtzvyBrzZRCj2meXfU2aLAca8BNb2yFgkpWwGRO1lCSi+Nu43gslt7yviTZZ3467YfdTnkBgGGIlqqEAMlD",
    "m+c1bTBiCsZi6TBwLDWe55EOYkMdkCgYEAqqu7sY0IvgSUMcBh0pTj8lQO67vpHw9frF23BE+q689huotBQ7s2IILbureTOCnyTjiaoSKvdPnz",
    "xmXAPpFd+mcHimoTfrv3vBR74e1ysXrh+Y0SccKPlaB1grrlFJiRiOWjUGbSDOlxBYChnUXQEQZMAaB6Wely9MwBqRZqU6ECgYEAlMQGa72Zcj",
    "fMoprfdMOr7vIxJsVTunTsDtXnvs3O8egHA9f9gLARO5opKWBouW/4XfnBLRc7uEgxIf5056qdycMHBmnAb1LYyg7kmgzjJIhCTwnitagRF2dq",
    "FMHc0t4VOSybEzixzMxYIGbohf9BB0LZ6n4Wmk/frApu7dNeDf0=",
];
