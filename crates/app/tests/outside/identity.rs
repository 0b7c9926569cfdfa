//! Who is who.

use serde_json::json;

use crate::clients::{Client, Table};
use crate::server::Server;

#[tokio::test]
async fn a_guest_keeps_their_seat_when_they_make_an_account() {
    let server = Server::start().await;
    let guest = Client::guest(&server, "Gina").await;
    assert_eq!(
        guest.get("/api/auth/me").await.ok(),
        json!({ "userId": guest.user, "displayName": "Gina", "guest": true })
    );
    let account = json!({ "email": "Gina@Example.org", "password": "correct horse", "displayName": "Gina" });
    let made = guest.post("/api/auth/register", account.clone()).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.ok()["userId"], guest.user.as_str());
    let stranger = guest.with_header("");
    let back =
        stranger.post("/api/auth/login", json!({ "email": "gina@example.org", "password": "correct horse" })).await;
    assert_eq!(back.status, 200);
    assert_eq!(back.ok()["userId"], guest.user.as_str());
    let wrong = json!({ "email": "gina@example.org", "password": "wrong horse" });
    stranger.post("/api/auth/login", wrong).await.refused(401, "UNAUTHENTICATED");
    stranger.post("/api/auth/register", account).await.refused(409, "EMAIL_TAKEN");
    assert_eq!(guest.get("/api/auth/me").await.ok()["guest"], false);
}

/// T-A1: a credential that is none opens nothing.
#[tokio::test]
async fn a_credential_that_is_none_opens_nothing() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let host = table.host();
    host.with_header("").get(&table.path("hydrate")).await.refused(401, "UNAUTHENTICATED");
    let tampered = format!("Bearer {}x", host.token);
    for header in ["Bearer", "Bearer ", "Bearer abc", "Basic abc", "Rejoin abc", "bearer a.b.c", tampered.as_str()] {
        host.with_header(header).get(&table.path("hydrate")).await.refused(401, "TOKEN_INVALID");
        host.with_header(header).post(&table.path("start"), json!({})).await.refused(401, "TOKEN_INVALID");
    }
}

/// T-A2: a user id proves nothing.
#[tokio::test]
async fn a_user_id_that_is_not_the_callers_is_refused() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let (host, anna) = (table.host(), &table.players[1]);
    let path = format!("{}?userId={}", table.path("hydrate"), host.user);
    anna.get(&path).await.refused(403, "IDENTITY_MISMATCH");
    host.get(&path).await.ok();
    let join = json!({ "displayName": "X", "userId": host.user });
    anna.post(&table.path("join"), join).await.refused(403, "IDENTITY_MISMATCH");
    table.act(anna, json!({ "action": "FOLD", "userId": host.user })).await.refused(403, "IDENTITY_MISMATCH");
}

/// T-A5: tokens in URLs end up in logs.
#[tokio::test]
async fn a_token_in_a_url_is_refused() {
    let server = Server::start().await;
    let host = Client::guest(&server, "Host").await;
    for query in ["token", "rejoinToken", "access_token"] {
        let path = format!("/api/auth/me?{query}={}", host.token);
        host.get(&path).await.refused(400, "BAD_REQUEST");
    }
}

#[tokio::test]
async fn the_cookie_is_as_good_as_the_header_for_our_own_pages() {
    let server = Server::start().await;
    let http = crate::clients::http();
    let url = |path: &str| format!("{}{path}", server.base);
    let made = http.post(url("/api/auth/guest")).json(&json!({ "displayName": "Cora" })).send().await.unwrap();
    let cookie = made.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("holdfast_session=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let me = http.get(url("/api/auth/me")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(me.status(), 200);
    let create = |origin: &'static str| {
        let body = json!({ "displayName": "Cora" });
        http.post(url("/api/rooms")).header("cookie", &cookie).header("origin", origin).json(&body).send()
    };
    assert_eq!(create("https://evil.example").await.unwrap().status(), 401);
    let own: &'static str = Box::leak(server.base.clone().into_boxed_str());
    assert_eq!(create(own).await.unwrap().status(), 201);
}

/// T-J5: wrong passwords open nothing.
#[tokio::test]
async fn a_rooms_password_is_needed_to_ask() {
    let server = Server::start().await;
    let host = Client::guest(&server, "Host").await;
    let made = host.post("/api/rooms", json!({ "displayName": "Host", "password": "sesame" })).await.ok();
    let join = format!("/api/rooms/{}/join", made["room"]["id"].as_str().unwrap());
    let anna = Client::guest(&server, "Anna").await;
    anna.post(&join, json!({ "displayName": "Anna" })).await.refused(403, "WRONG_PASSWORD");
    anna.post(&join, json!({ "displayName": "Anna", "password": "Sesame" })).await.refused(403, "WRONG_PASSWORD");
    assert_eq!(anna.post(&join, json!({ "displayName": "Anna", "password": "sesame" })).await.status, 202);
}

/// T-J4, with the limits on: codes can't be guessed.
#[tokio::test]
async fn guessing_codes_is_stopped() {
    let server = Server::start_alone(&[("HOLDFAST_RATE_LIMIT", "on")]).await;
    let guest = Client::guest(&server, "Guesser").await;
    let mut evaluated = 0;
    for guess in 0..40 {
        let answer = guest.get(&format!("/api/rooms/code/ZZZZ{guess:04}")).await;
        if answer.status == 404 {
            evaluated += 1;
        } else {
            answer.refused(429, "RATE_LIMITED");
        }
    }
    assert_eq!(evaluated, 10);
}

/// A project's tokens are accepted with the exact checks, and `sub` is who it is.
#[tokio::test]
async fn a_supabase_user_plays_under_their_own_id() {
    let secret = "a-projects-jwt-secret-of-40-characters--";
    let server = Server::start_with(&[("SUPABASE_JWT_SECRET", secret)]).await;
    let token = |claims: serde_json::Value| {
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let sub = "6f1f9d4e-0000-4000-8000-000000000001";
    let claims =
        |aud: &str, exp: u64| json!({ "sub": sub, "aud": aud, "role": "authenticated", "iat": now, "exp": exp });
    let anybody = Client::guest(&server, "A").await;
    let good = anybody.with_header(&format!("Bearer {}", token(claims("authenticated", now + 3600))));
    assert_eq!(good.get("/api/auth/me").await.ok()["userId"], sub);
    let made = good.post("/api/rooms", json!({ "displayName": "Sue" })).await.ok();
    assert_eq!(made["room"]["hostId"], sub);
    let old = anybody.with_header(&format!("Bearer {}", token(claims("authenticated", now - 60))));
    old.get("/api/auth/me").await.refused(401, "TOKEN_EXPIRED");
    let other = anybody.with_header(&format!("Bearer {}", token(claims("anon", now + 3600))));
    other.get("/api/auth/me").await.refused(401, "TOKEN_INVALID");
}

/// A rejoin token ends after its time, except in its owner's hand; a sign of life makes it good again.
#[tokio::test]
async fn a_rejoin_token_ends_after_its_time_but_not_in_a_hand() {
    let server = Server::start_with(&[("HOLDFAST_REJOIN_TTL_SECS", "1")]).await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let anna = &table.players[1];
    let rejoin = |token: &serde_json::Value| anna.with_header(&format!("Rejoin {}", token.as_str().unwrap()));
    let idle = rejoin(&anna.get(&table.path("me")).await.ok()["rejoinToken"]);
    let ended = async {
        while idle.get(&table.path("me")).await.status == 200 {}
        idle.get(&table.path("me")).await.refused(401, "TOKEN_EXPIRED");
    };
    tokio::time::timeout(crate::clients::PATIENCE, ended).await.expect("it ends");
    let server = Server::start_with(&[("HOLDFAST_REJOIN_TTL_SECS", "1")]).await;
    let table = Table::playing(&server, 2, json!({})).await;
    let anna = &table.players[1];
    let token = anna.get(&table.path("me")).await.ok()["rejoinToken"].as_str().unwrap().to_owned();
    // The expiry passes in the database, without anything to wait for here.
    server.database.sql("UPDATE holdfast.rejoin_tokens SET expires_at = now() - interval '1 hour'").await;
    let playing = anna.with_header(&format!("Rejoin {token}"));
    assert_eq!(playing.get(&table.path("hydrate")).await.ok()["me"]["user_id"], anna.user.as_str());
}
