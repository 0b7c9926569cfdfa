//! Credentials that are none, any more or at all, on every way in.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

const SECRET: &str = "a-projects-jwt-secret-of-40-characters--";

/// Claims of a good token of the project's, changed; `null` takes one away.
fn claims(sub: &str, changes: &Value) -> Value {
    let now = jsonwebtoken::get_current_timestamp();
    let mut claims =
        json!({ "sub": sub, "aud": "authenticated", "role": "authenticated", "iat": now - 10, "exp": now + 3600 });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn signed(algorithm: jsonwebtoken::Algorithm, sub: &str, changes: Value) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::new(algorithm), &claims(sub, &changes), &key).unwrap()
}

fn unsigned(header: &Value, sub: &str) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(&claims(sub, &json!({}))))
}

/// T-A1: a forged or stale bearer token opens no route and no socket, and says no more than that.
#[tokio::test]
async fn forged_and_stale_tokens_open_no_route_and_no_socket() {
    use jsonwebtoken::Algorithm::{HS256, HS384, HS512};
    let server = Server::start_with(&[("SUPABASE_JWT_SECRET", SECRET)]).await;
    let table = Table::playing(&server, 2, json!({})).await;
    let host = table.host();
    let (sub, own) = (host.user.as_str(), host.token.as_str());
    let now = jsonwebtoken::get_current_timestamp();
    let parts: Vec<&str> = own.split('.').collect();
    let ends = signed(HS256, sub, json!({}));
    let good = host.with_header(&format!("Bearer {ends}"));
    assert_eq!(good.get("/api/auth/me").await.ok()["userId"], sub, "the table below differs from a good token");
    let (invalid, expired) = ("TOKEN_INVALID", "TOKEN_EXPIRED");
    let forged = [
        ("none", unsigned(&json!({ "alg": "none" }), sub), invalid),
        ("none, our kid", unsigned(&json!({ "alg": "none", "kid": "holdfast" }), sub), invalid),
        ("HS384", signed(HS384, sub, json!({})), invalid),
        ("HS512", signed(HS512, sub, json!({})), invalid),
        ("no audience", signed(HS256, sub, json!({ "aud": null })), invalid),
        ("another audience", signed(HS256, sub, json!({ "aud": "anon" })), invalid),
        ("no end", signed(HS256, sub, json!({ "exp": null })), invalid),
        ("over", signed(HS256, sub, json!({ "exp": now - 60 })), expired),
        ("not yet good", signed(HS256, sub, json!({ "nbf": now + 60 })), invalid),
        ("a life of years", signed(HS256, sub, json!({ "exp": now + 315_360_000 })), invalid),
        ("no user", signed(HS256, sub, json!({ "sub": null })), invalid),
        ("no uuid", signed(HS256, "anna", json!({})), invalid),
        ("role anon", signed(HS256, sub, json!({ "role": "anon" })), invalid),
        ("role service_role", signed(HS256, sub, json!({ "role": "service_role" })), invalid),
        ("an application's", signed(HS256, sub, json!({ "client_id": "x" })), invalid),
        ("too long", signed(HS256, sub, json!({ "app_metadata": "x".repeat(6000) })), invalid),
        ("our own, altered", format!("{}.{}x.{}", parts[0], parts[1], parts[2]), invalid),
        ("our own, no signature", format!("{}.{}.", parts[0], parts[1]), invalid),
        (
            "ours under the project's signature",
            format!("{}.{}", &own[..own.rfind('.').unwrap()], &ends[ends.rfind('.').unwrap() + 1..]),
            invalid,
        ),
        ("doubled", format!("Bearer {own}"), invalid),
        ("nothing", String::new(), invalid),
    ];
    let before = table.hydrate(host).await["seq"].clone();
    let tries = forged.iter().map(|(kind, token, code)| {
        let (table, server) = (&table, &server);
        async move {
            let forger = table.host().with_header(&format!("Bearer {token}"));
            forger.get("/api/auth/me").await.refused(401, code);
            forger.get(&table.path("hydrate")).await.refused(401, code);
            forger.post(&table.path("pause"), json!({})).await.refused(401, code);
            let act = format!("/api/games/{}/actions", table.game);
            let refused = forger.post(&act, json!({ "action": "FOLD" })).await;
            assert_eq!(refused.headers["www-authenticate"], "Bearer, Rejoin");
            refused.refused(401, code);
            let mut socket = Socket::open(server).await;
            socket.say(&json!({ "type": "authenticate", "roomId": table.room, "token": token })).await;
            let answer = socket.next().await;
            assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{kind}");
            assert_eq!(socket.closed().await, Some(4001), "{kind}");
        }
    });
    join_all(tries).await;
    assert_eq!(table.hydrate(host).await["seq"], before);
}

async fn rejoin_token(table: &Table, client: &Client) -> String {
    client.get(&table.path("me")).await.ok()["rejoinToken"].as_str().unwrap().to_owned()
}

/// T-A3, T-A4: a rejoin token opens its own room to its owner in the role it was given for, on a socket and without.
#[tokio::test]
async fn a_rejoin_token_is_void_after_everything_that_changes_who_its_owner_is() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 5, json!({})).await;
    let other = Table::with_members(&server, 0, json!({})).await;
    let anna = &table.players[1];
    let opens = async |table: &Table, token: &str| {
        let by_token = anna.with_header(&format!("Rejoin {token}"));
        let answer = by_token.get(&table.path("me")).await;
        let mut socket = Socket::open(&server).await;
        socket.say(&json!({ "type": "authenticate", "roomId": table.room, "rejoinToken": token })).await;
        let heard = socket.next().await;
        assert_eq!(heard["type"] == "authenticated", answer.status == 200, "{heard} {}", answer.body);
        if answer.status != 200 {
            assert_eq!((answer.status, &answer.body["code"]), (401, &heard["code"]));
        }
        answer.status == 200
    };

    let first = rejoin_token(&table, anna).await;
    assert!(opens(&table, &first).await && !opens(&other, &first).await, "of one room");
    anna.post(&table.path("spectate"), json!({})).await.ok();
    let watching = rejoin_token(&table, anna).await;
    assert!(!opens(&table, &first).await && opens(&table, &watching).await, "watching is another role");
    table.sit(1, 1).await.ok();
    let sitting = rejoin_token(&table, anna).await;
    assert!(!opens(&table, &watching).await && opens(&table, &sitting).await, "so is playing");
    anna.delete(&table.path("seat")).await.ok();
    assert!(!opens(&table, &sitting).await, "and standing up");

    for (player, ban) in [(2, false), (3, true)] {
        let removed = &table.players[player];
        let token = rejoin_token(&table, removed).await;
        table.host().post(&table.path("kick"), json!({ "userId": removed.user, "ban": ban })).await.ok();
        assert!(!opens(&table, &token).await, "removed");
    }
    let left = &table.players[4];
    let token = rejoin_token(&table, left).await;
    left.post(&table.path("leave"), json!({})).await.ok();
    assert!(!opens(&table, &token).await, "gone");
    table.let_in(left, "Back again").await;
    assert!(!opens(&table, &token).await, "it doesn't come back with its owner");
    assert!(opens(&table, &rejoin_token(&table, left).await).await, "who has a new one");
    // Two credentials of two people are none.
    let mut socket = Socket::open(&server).await;
    let token = rejoin_token(&table, left).await;
    socket
        .say(&json!({ "type": "authenticate", "roomId": table.room, "token": anna.token, "rejoinToken": token }))
        .await;
    assert_eq!(socket.next().await["code"], "IDENTITY_MISMATCH");
}

/// T-A5: a token in a URL is refused, whatever the call and however it is written, and isn't in the log.
#[tokio::test]
async fn a_token_in_a_url_is_refused_everywhere_and_not_logged() {
    let mut server = Server::start_with(&[("HOLDFAST_LOG", "trace")]).await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let secret = "rj1_a-token-that-must-not-be-in-any-log";
    for path in ["hydrate".to_owned(), "me".to_owned(), "events".to_owned()].map(|call| table.path(&call)) {
        for name in ["token", "Token", "rejoinToken", "access_token", "jwt", "%74oken"] {
            let path = format!("{path}?x=1&{name}={secret}");
            table.host().get(&path).await.refused(400, "BAD_REQUEST");
        }
    }
    let upgrade = format!("{}?token={secret}", server.socket_url());
    assert!(tokio_tungstenite::connect_async(upgrade).await.unwrap_err().to_string().contains("400"));
    let log = server.stop_and_read_log();
    assert!(log.contains("/api/rooms/{roomId}/hydrate") || log.contains("request"), "something is logged");
    assert!(!log.contains(secret));
}

/// T-A9: whoever is removed is cut off within 2 s wherever they listen, also at a node that heard nothing of it.
#[tokio::test]
async fn whoever_is_removed_is_cut_off_at_every_node() {
    let server = Server::start().await;
    let node = server.second_node();
    let table = Table::with_members(&server, 3, json!({})).await;
    for (player, ban) in [(1, false), (2, true)] {
        let removed = &table.players[player];
        let (mut here, _) = Socket::join(&server, &table, removed, None).await;
        let (mut there, _) = Socket::join_at(&node.base, &table, removed, None).await;
        let began = std::time::Instant::now();
        table.host().post(&table.path("kick"), json!({ "userId": removed.user, "ban": ban })).await.ok();
        assert_eq!((here.closed().await, there.closed().await), (Some(4003), Some(4003)));
        let took = began.elapsed();
        assert!(took < std::time::Duration::from_secs(3), "cut off after {took:?}");
    }
    let left = &table.players[3];
    let (mut there, _) = Socket::join_at(&node.base, &table, left, None).await;
    left.post(&table.path("leave"), json!({})).await.ok();
    assert_eq!(there.closed().await, Some(4003));
}

/// T-A10, T-A11: a page of somebody else's gets no socket, changes nothing with the cookie, and signs nobody in.
#[tokio::test]
async fn a_page_of_another_origin_can_do_nothing_in_a_browsers_name() {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let server = Server::start_with(&[("HOLDFAST_ALLOWED_ORIGINS", "https://app.example.com")]).await;
    let host = Client::guest(&server, "Host").await;
    let http = crate::clients::http();
    let own = server.base.clone();
    let other_port = format!("http://127.0.0.1:{}", server.address().port().wrapping_add(1));
    let origins = [
        ("https://evil.example", false),
        ("null", false),
        ("https://app.example.com.evil.example", false),
        ("https://evil.example/https://app.example.com", false),
        ("http://app.example.com", false),
        (other_port.as_str(), false),
        ("https://app.example.com", true),
        (own.as_str(), true),
    ];
    for (origin, allowed) in origins {
        let mut upgrade = server.socket_url().into_client_request().unwrap();
        upgrade.headers_mut().insert("origin", origin.parse().unwrap());
        assert_eq!(tokio_tungstenite::connect_async(upgrade).await.is_ok(), allowed, "{origin}");
        let send = |path: &str, body: Value| {
            let request = http.post(format!("{}{path}", server.base)).header("origin", origin);
            request.header("cookie", format!("holdfast_session={}", host.token)).body(body.to_string()).send()
        };
        let made = send("/api/rooms", json!({ "displayName": "Host" })).await.unwrap();
        assert_eq!(made.status().as_u16(), if allowed { 201 } else { 401 }, "{origin}");
        for (path, body) in [
            ("/api/auth/guest", json!({ "displayName": "Mallory" })),
            ("/api/auth/register", json!({ "email": "m@example.org", "password": "12345678", "displayName": "M" })),
            ("/api/auth/login", json!({ "email": "m@example.org", "password": "12345678" })),
            ("/api/auth/logout", json!({})),
        ] {
            let answer = send(path, body).await.unwrap();
            let with_cookie = answer.headers().contains_key("set-cookie");
            assert!(allowed || (answer.status() == 403 && !with_cookie), "{origin} {path}: {}", answer.status());
            let readable = answer.headers().get("access-control-allow-origin").is_some();
            assert!(allowed || !readable, "{origin} may read {path}");
        }
    }
}
