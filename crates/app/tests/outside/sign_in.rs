//! Users of a Supabase project, and its keys' comings and goings.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, get_current_timestamp};
use serde_json::{Value, json};

use crate::clients::{Answer, Client, Socket, Table};
use crate::server::Server;

const SECRET: &str = "a-projects-jwt-secret-of-40-characters--";
const ANNA: &str = "0a000000-0000-4000-8000-000000000001";

fn claims(changes: &Value) -> Value {
    let now = get_current_timestamp();
    let mut claims =
        json!({ "sub": ANNA, "aud": "authenticated", "role": "authenticated", "iat": now, "exp": now + 3600 });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn shared(changes: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims(changes), &key).unwrap()
}

fn p256() -> EncodingKey {
    let head = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCA=";
    EncodingKey::from_ec_der(&[STANDARD.decode(head).unwrap(), vec![3; 32]].concat())
}

fn es256(changes: &Value) -> String {
    let header = Header { kid: Some("k1".to_owned()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, &claims(changes), &p256()).unwrap()
}

/// A server of keys, which can be away.
struct Keys {
    address: SocketAddr,
    answer: Arc<Mutex<String>>,
}

impl Keys {
    fn away() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let keys = Self { address: listener.local_addr().unwrap(), answer: Arc::default() };
        keys.answer("503 Service Unavailable", "");
        let answer = Arc::clone(&keys.answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = BufReader::new(stream.try_clone().unwrap()).lines();
                let _ = request.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                let text = answer.lock().unwrap().clone();
                let _ = stream.write_all(text.as_bytes());
            }
        });
        keys
    }

    fn answer(&self, head: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
        *self.answer.lock().unwrap() = text;
    }

    /// As Supabase does it, but for `alg`, which is optional.
    fn publish(&self) {
        let mut key = serde_json::to_value(Jwk::from_encoding_key(&p256(), Algorithm::ES256).unwrap()).unwrap();
        key.as_object_mut().unwrap().remove("alg");
        key["kid"] = "k1".into();
        key["use"] = "sig".into();
        key["key_ops"] = json!(["verify"]);
        let unknown = json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "k0", "pub": URL_SAFE_NO_PAD.encode("later") });
        self.answer("200 OK", &json!({ "keys": [unknown, key] }).to_string());
    }
}

async fn me(server: &Server, token: &str) -> Answer {
    Client::signed_in(server, ANNA, token).get("/api/auth/me").await
}

fn figure(metrics: &str, name: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// An outage of the issuer is no reason to forget a token.
#[tokio::test]
async fn while_the_keys_are_away_a_token_is_neither_good_nor_bad() {
    let keys = Keys::away();
    let url = format!("http://{}/auth/v1/.well-known/jwks.json", keys.address);
    let server = Server::start_alone(&[("SUPABASE_JWKS_URL", &url)]).await;
    let token = es256(&json!({}));
    let refused = me(&server, &token).await;
    assert_eq!(refused.headers["retry-after"], "2");
    refused.refused(503, "SIGN_IN_UNAVAILABLE");
    let table = Table::with_members(&server, 0, json!({})).await;
    let mut socket = Socket::open(&server).await;
    socket.say(&json!({ "type": "authenticate", "roomId": table.room, "token": token })).await;
    assert_eq!(socket.next().await["code"], "SIGN_IN_UNAVAILABLE");
    assert_eq!(socket.closed().await, Some(1001), "come back later");
    let client = table.host();
    assert_eq!(client.get("/readyz").await.status, 200);
    let age = figure(client.get("/metrics").await.body.as_str().unwrap(), "holdfast_jwks_age_seconds");
    assert!(age.is_some_and(|age| age > 0.0), "{age:?}");

    keys.publish();
    let began = std::time::Instant::now();
    let answer = loop {
        let answer = me(&server, &token).await;
        if answer.status != 503 {
            break answer;
        }
        assert!(began.elapsed() < crate::clients::PATIENCE, "the keys are back");
    };
    assert_eq!(answer.ok()["userId"], ANNA);
    keys.answer("503 Service Unavailable", "");
    let another = es256(&json!({ "jti": "another" }));
    assert_eq!(me(&server, &another).await.status, 200, "known keys stay");
}

/// Tokens as Supabase issues them.
#[tokio::test]
async fn supabases_longest_and_largest_tokens_are_good_on_every_way_in() {
    let server = Server::start_with(&[("SUPABASE_JWT_SECRET", SECRET)]).await;
    let table = Table::with_members(&server, 0, json!({ "autoApprove": true })).await;
    let now = get_current_timestamp();
    let week = json!({ "iat": now, "exp": now + 604_800 });
    let large = json!({ "app_metadata": { "groups": "x".repeat(5700) } });
    for changes in [week, large] {
        let token = shared(&changes);
        assert!(token.len() <= 8192);
        let client = Client::signed_in(&server, ANNA, &token);
        assert_eq!(client.get("/api/auth/me").await.ok()["userId"], ANNA);
        table.let_in(&client, "Anna").await;
        let (_, answer) = Socket::join(&server, &table, &client, None).await;
        assert_eq!(answer["userId"], ANNA);
    }
}

#[tokio::test]
async fn who_signed_in_anonymously_is_a_guest_and_nobody_else() {
    let server = Server::start_with(&[("SUPABASE_JWT_SECRET", SECRET)]).await;
    let anonymous = shared(&json!({ "is_anonymous": true }));
    let known = shared(&json!({ "is_anonymous": false }));
    assert_eq!(me(&server, &anonymous).await.ok()["guest"], true);
    assert_eq!(me(&server, &known).await.ok()["guest"], false);
    // The server meets them.
    let client = Client::signed_in(&server, ANNA, &known);
    client.post("/api/rooms", json!({ "displayName": "Anna" })).await.ok();
    assert_eq!(me(&server, &known).await.ok()["guest"], false);
    assert_eq!(me(&server, &anonymous).await.ok()["guest"], true);
}

/// An operator finds out why.
#[tokio::test]
async fn the_log_says_why_a_token_was_refused_and_never_holds_it() {
    let settings =
        [("SUPABASE_JWT_SECRET", SECRET), ("HOLDFAST_LOG", "info"), ("HOLDFAST_SUPABASE_ISSUER", "https://a.example")];
    let mut server = Server::start_with(&settings).await;
    let now = get_current_timestamp();
    let iss = "https://a.example";
    let refused = [
        shared(&json!({ "iss": "https://b.example" })),
        shared(&json!({ "iss": iss, "aud": "another-audience" })),
        shared(&json!({ "iss": iss, "iat": now, "exp": now + 700_000 })),
        shared(&json!({ "iss": iss, "iat": now - 100, "exp": now - 60 })),
        es256(&json!({ "iss": iss })),
    ];
    for token in &refused {
        assert_eq!(me(&server, token).await.status, 401);
    }
    let log = server.stop_and_read_log();
    for word in [
        "its iss isn't the configured one",
        "https://b.example",
        "another-audience",
        "700000 s",
        "HOLDFAST_SUPABASE_TOKEN_LIFE_SECS",
        "its exp is past",
        "kid=\"k1\"",
    ] {
        assert!(log.contains(word), "{word}: {log}");
    }
    for token in &refused {
        assert!(!log.contains(token.as_str()) && !log.contains(token.rsplit('.').next().unwrap()), "{log}");
    }
    assert!(!log.contains(ANNA), "{log}");
}
