//! What strangers may cost, and what every answer has, whatever it is about.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::clients::{Answer, Client, PATIENCE, Table, http};
use crate::server::Server;

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).map(|value| value.to_str().unwrap())
}

/// All that comes until the server hangs up.
async fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the connection was left open").unwrap();
    String::from_utf8(answer).unwrap()
}

/// Limits on, addresses as a proxy says them.
async fn limited(more: &[(&str, &str)]) -> Server {
    let limits = [("HOLDFAST_RATE_LIMIT", "on"), ("HOLDFAST_TRUSTED_PROXIES", "127.0.0.1")];
    Server::start_alone(&[&limits[..], more].concat()).await
}

#[tokio::test]
async fn whoever_asks_to_join_again_and_again_waits_longer_and_longer() {
    let server = limited(&[]).await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let eve = Client::guest(&server, "Eve").await.via_proxy_for("198.51.100.7");
    let ask = json!({ "displayName": "Eve" });
    for _ in 0..3 {
        assert_eq!(eve.post(&table.path("join"), ask.clone()).await.status, 202);
        // Asking again while it waits costs nothing.
        assert_eq!(eve.post(&table.path("join"), ask.clone()).await.status, 202);
        eve.post(&table.path("leave"), json!({})).await.ok();
    }
    let refused = eve.post(&table.path("join"), ask.clone()).await;
    assert!((1..=10).contains(&header(&refused, "retry-after").unwrap().parse::<u64>().unwrap()));
    assert_eq!(header(&refused, "ratelimit-remaining"), Some("0"));
    refused.refused(429, "RATE_LIMITED");
    let anna = Client::guest(&server, "Anna").await.via_proxy_for("198.51.100.8");
    assert_eq!(anna.post(&table.path("join"), json!({ "displayName": "Anna" })).await.status, 202);

    let crowd = join_all((0..30).map(|index| {
        let (server, path) = (&server, table.path("join"));
        async move {
            let guest = Client::guest(server, "Crowd").await.via_proxy_for("198.51.100.9");
            guest.post(&path, json!({ "displayName": format!("Crowd {index}") })).await.status
        }
    }));
    let crowd = crowd.await;
    let asked = crowd.iter().filter(|status| **status == 202).count();
    assert!((20..30).contains(&asked), "{crowd:?}");
    assert!(crowd.iter().all(|status| [202, 429].contains(status)), "{crowd:?}");
}

#[tokio::test]
async fn whoever_guesses_at_a_room_keeps_no_friend_out() {
    let server = limited(&[]).await;
    let host = Client::guest(&server, "Host").await;
    let made = host.post("/api/rooms", json!({ "displayName": "Host", "password": "sesame" })).await.ok();
    let path = format!("/api/rooms/{}/join", made["room"]["id"].as_str().unwrap());
    let eve = Client::guest(&server, "Eve").await;
    for last in 1..=8 {
        let eve = eve.via_proxy_for(&format!("203.0.113.{last}"));
        for guess in 0..6 {
            eve.post(&path, json!({ "displayName": "Eve", "password": format!("guess {guess}") })).await;
        }
    }
    let late = eve.via_proxy_for("203.0.113.8");
    late.post(&path, json!({ "displayName": "Eve", "password": "one more" })).await.refused(429, "RATE_LIMITED");
    let friend = Client::guest(&server, "Ben").await.via_proxy_for("198.51.100.20");
    assert_eq!(friend.post(&path, json!({ "displayName": "Ben", "password": "sesame" })).await.status, 202);
}

#[tokio::test]
async fn an_address_makes_no_rooms_and_accounts_without_end() {
    let server = limited(&[("HOLDFAST_LIMIT_ROOMS", "3,1/h"), ("HOLDFAST_LIMIT_SIGN_UPS", "2,1/h")]).await;
    let room = json!({ "displayName": "Eve" });
    let mut answers = Vec::new();
    for _ in 0..4 {
        let guest = Client::guest(&server, "Eve").await.via_proxy_for("198.51.100.7");
        answers.push(guest.post("/api/rooms", room.clone()).await);
    }
    let last = answers.pop().unwrap();
    assert_eq!(
        answers.iter().map(|answer| header(answer, "ratelimit-remaining")).collect::<Vec<_>>(),
        [Some("2"), Some("1"), Some("0")]
    );
    assert_eq!(header(&last, "ratelimit-limit"), Some("3"));
    assert_eq!(header(&last, "ratelimit-policy"), Some("3;w=10800"));
    assert_eq!(header(&last, "retry-after"), header(&last, "ratelimit-reset"));
    last.refused(429, "RATE_LIMITED");
    let other = Client::guest(&server, "Anna").await.via_proxy_for("198.51.100.8");
    other.post("/api/rooms", room).await.ok();

    let nobody = other.with_header("").via_proxy_for("198.51.100.7");
    let account =
        |number: u8| json!({ "email": format!("{number}@e.example"), "password": "long enough", "displayName": "E" });
    for number in 0..2 {
        assert_eq!(nobody.post("/api/auth/register", account(number)).await.status, 201);
    }
    nobody.post("/api/auth/register", account(3)).await.refused(429, "RATE_LIMITED");
    let login = json!({ "email": "0@e.example", "password": "long enough" });
    nobody.post("/api/auth/login", login).await.ok();
}

#[tokio::test]
async fn every_answer_has_the_id_of_its_request() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let host = table.host();
    for (method, path, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/api/rooms", 200),
        ("GET", "/api/nothing", 404),
        ("PUT", "/api/rooms", 405),
        ("GET", "/ws", 400),
        ("GET", "/no-such-file.js", 404),
        ("POST", "/api/rooms", 400),
    ] {
        let given = host.with_headers(method, path, &[("x-request-id", "abc-123:x".to_owned())], "[").await;
        assert_eq!((given.status, header(&given, "x-request-id")), (status, Some("abc-123:x")), "{path}");
        for bad in ["", &"x".repeat(129), "tab\there"] {
            let made = host.with_headers(method, path, &[("x-request-id", bad.to_owned())], "[").await;
            let made = header(&made, "x-request-id").unwrap();
            assert!(uuid::Uuid::try_parse(made).is_ok(), "{path}: {bad:?} became {made:?}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for (method, path, allow) in [
        ("PUT", "/api/rooms".to_owned(), "GET, HEAD, POST"),
        ("GET", table.path("join"), "POST"),
        ("POST", table.path("hydrate"), "GET, HEAD"),
        ("PATCH", table.path("seat"), "DELETE, POST"),
        ("GET", table.path("settings"), "PATCH"),
        ("DELETE", "/api/auth/me".to_owned(), "GET, HEAD"),
        ("POST", "/ws".to_owned(), "GET, HEAD"),
        ("POST", "/healthz".to_owned(), "GET, HEAD"),
        ("POST", "/api/openapi.json".to_owned(), "GET, HEAD"),
        ("POST", "/".to_owned(), "GET, HEAD"),
    ] {
        let answer = table.host().with_headers(method, &path, &[], "{}").await;
        assert_eq!(header(&answer, "allow"), Some(allow), "{method} {path}");
        assert_eq!(header(&answer, "content-type"), Some("application/problem+json"));
        answer.refused(405, "METHOD_NOT_ALLOWED");
    }
    table.host().with_headers("PUT", "/api/nothing", &[], "{}").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_can_be_got_has_a_head() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for path in ["/healthz", "/", "/api/rooms", "/api/openapi.json", &table.path("me")] {
        let (get, head) = (table.host().get(path).await, table.host().with_headers("HEAD", path, &[], "").await);
        assert_eq!((head.status, &head.body), (get.status, &Value::String(String::new())), "{path}");
        assert_eq!(header(&head, "content-type"), header(&get, "content-type"), "{path}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_can_read_what_they_need() {
    let server = Server::start_with(&[("HOLDFAST_ALLOWED_ORIGINS", "https://app.example")]).await;
    let answer = http().get(format!("{}/api/rooms", server.base)).header("origin", "https://app.example").send().await;
    let answer = answer.unwrap();
    let exposed = answer.headers().get("access-control-expose-headers").unwrap().to_str().unwrap().to_lowercase();
    for name in [
        "x-request-id",
        "retry-after",
        "allow",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit-policy",
    ] {
        assert!(exposed.contains(name), "{name} isn't in {exposed}");
    }
}

/// RFC 9112: one status line, headers, and as much of a body as they say.
#[track_caller]
fn is_http(answer: &str) -> u16 {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no end of headers: {answer:?}"));
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap();
    let (version, status) = first.split_once(' ').unwrap();
    assert!(["HTTP/1.1", "HTTP/1.0"].contains(&version), "{first:?}");
    let status = status.get(..3).unwrap().parse().unwrap();
    let headers: Vec<_> = lines.map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{line:?}"))).collect();
    let of = |name: &str| headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    match (of("content-length"), of("transfer-encoding")) {
        (Some(length), None) => assert_eq!(length.parse::<usize>().unwrap(), body.len(), "{answer:?}"),
        (None, Some("chunked")) => assert!(body.ends_with("0\r\n\r\n"), "{answer:?}"),
        (None, None) => assert!(body.is_empty() || of("connection") == Some("close"), "{answer:?}"),
        both => panic!("{both:?}"),
    }
    status
}

#[tokio::test]
async fn every_refusal_is_http_whatever_was_asked() {
    let server = Server::start_with(&[("HOLDFAST_ALLOWED_ORIGINS", "https://app.example")]).await;
    let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (request, status) in [
        (format!("GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\n{socket}"), 403),
        (format!("GET /ws?token=x HTTP/1.1\r\nHost: x\r\n{socket}"), 400),
        (format!("GET /api/rooms HTTP/1.1\r\nHost: x\r\n{socket}"), 401),
        (format!("POST /ws HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{socket}"), 405),
        ("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n".to_owned(), 400),
        (
            "GET /api/rooms HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n".to_owned(),
            401,
        ),
        ("GET /api/rooms HTTP/1.0\r\n".to_owned(), 401),
        (
            "POST /api/rooms HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n"
                .to_owned(),
            401,
        ),
    ] {
        let request = match request.contains("Connection") || request.contains("HTTP/1.0") {
            true => format!("{request}\r\n"),
            false => format!("{request}Connection: close\r\n\r\n"),
        };
        // Nothing more is to come on this connection.
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = first_answer(&mut stream).await;
        let answer = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer).to_owned();
        assert_eq!(is_http(&answer), status, "{request:?}: {answer:?}");
    }
}

/// What comes until a whole answer is there, or the server hangs up.
async fn first_answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = timeout(PATIENCE, stream.read(&mut part)).await.expect("no whole answer came").unwrap();
        answer.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let whole = text.rsplit("HTTP/1.").next().and_then(|last| {
            let (head, body) = last.split_once("\r\n\r\n")?;
            let length = head.to_lowercase();
            let length: usize = length.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
            (body.len() >= length).then_some(())
        });
        if read == 0 || whole.is_some() {
            return text;
        }
    }
}

#[tokio::test]
async fn garbage_of_strangers_is_no_error_in_the_log() {
    let mut server = Server::start_with(&[("HOLDFAST_LOG", "info")]).await;
    for garbage in
        ["\r\n\r\nGARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{1}\u{2}\u{3}\r\n\r\n", "GET /\u{7f} HTTP/1.1\r\n\r\n"]
    {
        raw(&server, garbage).await;
    }
    let host = Client::guest(&server, "Host").await;
    host.get("/api/rooms").await.ok();
    let log = server.stop_and_read_log();
    assert!(!log.contains("ERROR"), "{log}");
}

#[tokio::test]
async fn a_failure_is_logged_with_the_id_of_its_request() {
    let mut server = Server::start_with(&[("HOLDFAST_LOG", "info,app=debug")]).await;
    let host = Client::guest(&server, "Host").await;
    host.with_headers("GET", "/api/rooms", &[("x-request-id", "find-me-again".to_owned())], "").await.ok();
    let log = server.stop_and_read_log();
    assert!(log.lines().any(|line| line.contains("find-me-again") && line.contains("/api/rooms")), "{log}");
}

#[tokio::test]
async fn guests_without_a_room_are_deleted_and_their_tokens_make_nobody_again() {
    let mut server = Server::start_alone(&[("HOLDFAST_KEEP_GUESTS_DAYS", "1")]).await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let (gone, late) = (Client::guest(&server, "Gone").await, Client::guest(&server, "Late").await);
    let account = json!({ "email": "a@e.example", "password": "long enough", "displayName": "Anna" });
    late.with_header("").post("/api/auth/register", account).await.ok();
    table.let_in(&late, "Late").await;
    late.post(&table.path("leave"), json!({})).await.ok();
    server
        .database
        .sql("UPDATE holdfast.users SET created_at = now() - interval '25 hours' WHERE display_name <> 'Late'")
        .await;
    server.kill();
    server.start_again();
    let left = async {
        let count = "SELECT display_name FROM holdfast.users ORDER BY display_name";
        loop {
            let names: Vec<_> =
                server.database.sql(count).await.into_iter().map(|row| row[0].clone().unwrap()).collect();
            if !names.contains(&"Gone".to_owned()) {
                return names;
            }
        }
    };
    let left = timeout(PATIENCE, left).await.expect("nobody was deleted");
    assert_eq!(left, ["Anna", "Host", "Late", "Player 0"]);
    gone.get("/api/auth/me").await.refused(401, "TOKEN_INVALID");
    gone.post("/api/rooms", json!({ "displayName": "Gone" })).await.refused(401, "TOKEN_INVALID");
    gone.post(&table.path("join"), json!({ "displayName": "Gone" })).await.refused(401, "TOKEN_INVALID");
    let users = server.database.sql("SELECT count(*)::text FROM holdfast.users").await;
    assert_eq!(users[0][0].as_deref(), Some("4"));
    table.host().get("/api/auth/me").await.ok();
}
