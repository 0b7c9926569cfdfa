//! Requests and frames that nobody would write, thousands of them: each gets an answer with a code, none of them a 5xx, the
//! server lives on, and what it has stored stays sound. The same in every run; what was once found stays in the corpus.

use domain::settings::{PREFERENCES, SETTINGS};
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::clients::{Answer, Client, Socket, Table};
use crate::play::Random;
use crate::server::Server;

/// Random requests.
const REQUESTS: u64 = 800;
/// Random frames, on as many sockets as it takes.
const FRAMES: u64 = 300;
/// More than any refusal may have, in bytes.
const LONGEST_REFUSAL: usize = 4096;

const CALLS: &[(&str, &str)] = &[
    ("POST", "/api/auth/guest"),
    ("POST", "/api/auth/login"),
    ("GET", "/api/auth/me"),
    ("POST", "/api/rooms"),
    ("GET", "/api/rooms"),
    ("GET", "/api/rooms/{room}"),
    ("GET", "/api/rooms/code/{text}"),
    ("POST", "/api/rooms/{room}/join"),
    ("GET", "/api/rooms/{room}/me"),
    ("POST", "/api/rooms/{room}/approve"),
    ("POST", "/api/rooms/{room}/reject"),
    ("POST", "/api/rooms/{room}/seat"),
    ("DELETE", "/api/rooms/{room}/seat"),
    ("POST", "/api/rooms/{room}/spectate"),
    ("DELETE", "/api/rooms/{room}/spectate"),
    ("GET", "/api/rooms/{room}/spectators"),
    ("POST", "/api/rooms/{room}/leave"),
    ("POST", "/api/rooms/{room}/heartbeat"),
    ("POST", "/api/rooms/{room}/start"),
    ("POST", "/api/rooms/{room}/pause"),
    ("POST", "/api/rooms/{room}/resume"),
    ("POST", "/api/rooms/{room}/bomb-pot"),
    ("DELETE", "/api/rooms/{room}/bomb-pot"),
    ("POST", "/api/rooms/{room}/kick"),
    ("POST", "/api/rooms/{room}/unban"),
    ("POST", "/api/rooms/{room}/chips"),
    ("PATCH", "/api/rooms/{room}/settings"),
    ("POST", "/api/rooms/{room}/host"),
    ("PATCH", "/api/rooms/{room}/preferences"),
    ("POST", "/api/rooms/{room}/sit-out"),
    ("POST", "/api/rooms/{room}/sit-in"),
    ("POST", "/api/rooms/{room}/top-up"),
    ("POST", "/api/games/{game}/actions"),
    ("GET", "/api/rooms/{room}/hydrate?role={text}&userId={text}"),
    ("GET", "/api/rooms/{room}/events?after={text}&limit={text}"),
    ("GET", "/api/rooms/{room}/hands?before={text}&limit={text}"),
    ("GET", "/api/hands/{text}"),
    ("GET", "/api/rooms/{text}/hydrate"),
    ("GET", "/{text}"),
];

/// Fields of bodies; those of settings and preferences are the domain's.
const FIELDS: &[&str] = &[
    "displayName",
    "name",
    "password",
    "email",
    "settings",
    "userId",
    "approved",
    "seatIndex",
    "buyIn",
    "ban",
    "delta",
    "reason",
    "amount",
    "action",
    "actionId",
    "turn",
];

/// The name of a field, of a body, of its settings or of its preferences.
fn field(random: &mut Random) -> &'static str {
    let settings = SETTINGS.iter().map(|setting| setting.name);
    let preferences = PREFERENCES.iter().map(|preference| preference.name);
    let names: Vec<&str> = FIELDS.iter().copied().chain(settings).chain(preferences).collect();
    names[random.below(names.len() as u64) as usize]
}

fn pick<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[random.below(all.len() as u64) as usize]
}

/// Text of up to `longest` characters, of all kinds.
fn text(random: &mut Random, longest: u64) -> String {
    let characters =
        ['a', 'Z', '0', '-', '_', '.', '/', '%', '\'', '"', '\\', '{', ' ', '\u{0}', '\n', 'é', '山', '\u{202E}', '👩'];
    (0..random.below(longest + 1)).map(|_| *pick(random, &characters)).collect()
}

fn value(random: &mut Random, user: &str, depth: u32) -> Value {
    match random.below(if depth == 0 { 12 } else { 14 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(500)),
        3 => json!(-1),
        4 => json!(*pick(random, &[i64::MAX, i64::MIN, 1_000_000_000_000, 1_000_000_000_001])),
        5 => json!(u64::MAX),
        6 => json!(*pick(random, &[0.5, 1e300, -1e-300, 1.5e18])),
        7 => json!(user),
        8 => json!(*pick(random, &["FOLD", "CALL", "ALL_IN", "RAISE", "nlhe", "plo", ""])),
        9 => json!(text(random, 60)),
        10 => json!(text(random, 6000)),
        11 => json!("00000000-0000-0000-0000-000000000001"),
        12 => json!((0..random.below(4)).map(|_| value(random, user, depth - 1)).collect::<Vec<_>>()),
        _ => object(random, user, depth - 1),
    }
}

fn object(random: &mut Random, user: &str, depth: u32) -> Value {
    let fields = (0..random.below(7)).map(|_| (field(random).to_owned(), value(random, user, depth)));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// A body: mostly an object, sometimes cut off, sometimes with a byte that doesn't belong there.
fn body(random: &mut Random, user: &str) -> Vec<u8> {
    let mut body = object(random, user, 3).to_string().into_bytes();
    match random.below(8) {
        0 => body.truncate(random.below(body.len() as u64 + 1) as usize),
        1 if !body.is_empty() => {
            let at = random.below(body.len() as u64) as usize;
            body[at] = random.below(256) as u8;
        }
        _ => {}
    }
    body
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[track_caller]
fn is_an_answer(answer: &Answer, request: &str) {
    assert!(answer.status < 500, "{request}: {} {}", answer.status, answer.body);
    if answer.status >= 400 {
        assert!(answer.body["code"].is_string(), "{request}: {}", answer.body);
        let length = answer.body.to_string().len();
        assert!(length <= LONGEST_REFUSAL, "{request}: a refusal of {length} bytes");
    }
}

#[tokio::test]
async fn requests_that_nobody_would_write_are_answered_and_change_nothing_unsound() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let mut random = Random(99);
    for _ in 0..REQUESTS {
        let (method, path) = *pick(&mut random, CALLS);
        let player = pick(&mut random, &table.players).clone();
        let mut path = path.replace("{room}", &table.room).replace("{game}", &table.game);
        while path.contains("{text}") {
            path = path.replacen("{text}", &escaped(&text(&mut random, 40)), 1);
        }
        let body = body(&mut random, &player.user);
        let request = format!("{method} {path} {}", String::from_utf8_lossy(&body));
        let answer = player.raw(Method::from_bytes(method.as_bytes()).unwrap(), &path, body).await;
        is_an_answer(&answer, &request);
    }
    assert_eq!(table.host().get("/readyz").await.status, 200);
    let audit = server.audit(&server.database.url, &[]);
    assert_eq!(audit.status.code(), Some(0), "{}", String::from_utf8_lossy(&audit.stdout));
}

#[tokio::test]
async fn the_corpus_of_requests_is_answered_as_it_says() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let lines = include_str!("../corpus/requests.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let parts: Vec<&str> = line.splitn(5, ' ').collect();
        let [status, method, path, headers, body] = parts[..] else { panic!("{line}") };
        let path = path.replace("{room}", &table.room).replace("{game}", &table.game);
        let path = path.replace("{user}", &table.host().user);
        let headers = if headers == "-" { "" } else { headers };
        let headers: Vec<(&str, String)> = headers
            .split(';')
            .filter_map(|header| header.split_once(':'))
            .map(|(name, value)| (name, value.replace("%20", " ")))
            .collect();
        let body = if body == "-" { "" } else { body };
        let answer = table.host().with_headers(method, &path, &headers, body).await;
        is_an_answer(&answer, line);
        assert_eq!(answer.status.to_string(), status, "{line}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_a_client_sent_is_not_said_back_at_length() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let long = json!({ "seatIndex": "\u{1}".repeat(2000) });
    let refused = table.host().post(&table.path("seat"), long).await;
    is_an_answer(&refused, "a long text in place of a number");
    refused.refused(400, "BAD_REQUEST");
    is_an_answer(&table.host().get(&table.path(&format!("hydrate?role={}", "x".repeat(5000)))).await, "a long query");
}

#[tokio::test]
async fn frames_that_nobody_would_send_are_answered_or_end_the_socket() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let mut random = Random(7);
    let mut socket = Socket::open(&server).await;
    let mut sent = 0;
    while sent < FRAMES {
        let kind = *pick(&mut random, &["authenticate", "heartbeat", "x"]);
        let mut frame = object(&mut random, &table.room, 2);
        frame["type"] = json!(kind);
        frame["roomId"] = if random.below(4) == 0 { json!(table.room) } else { value(&mut random, &table.room, 1) };
        frame["token"] = value(&mut random, &table.host().token, 1);
        frame["lastSeq"] = value(&mut random, "", 1);
        let mut text = frame.to_string();
        if random.below(4) == 0 {
            text.truncate((0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default());
        }
        sent += 1;
        if !socket.say_raw(Message::text(text.clone())).await {
            socket = Socket::open(&server).await;
            continue;
        }
        match socket.next_or_close().await {
            Ok(answer) => {
                assert!(answer["type"].is_string() && answer.to_string().len() <= LONGEST_REFUSAL, "{text}: {answer}")
            }
            // Too much or too wrong: another socket is welcome.
            Err(_) => socket = Socket::open(&server).await,
        }
    }
    let (_, hello) = Socket::join(&server, &table, table.host(), None).await;
    assert_eq!(hello["type"], "authenticated");
}

/// The room of a stranger stays closed to them, whatever they write.
#[tokio::test]
async fn a_stranger_changes_nothing_whatever_they_write() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let stranger = Client::guest(&server, "Eve").await;
    let before = table.hydrate(table.host()).await["seq"].clone();
    let mut random = Random(3);
    for (method, path) in CALLS.iter().filter(|(_, path)| path.contains("{room}") && !path.contains("{text}")) {
        if path.ends_with("/join") {
            continue;
        }
        for _ in 0..5 {
            let body = body(&mut random, &stranger.user);
            let path = path.replace("{room}", &table.room);
            let answer = stranger.raw(Method::from_bytes(method.as_bytes()).unwrap(), &path, body).await;
            is_an_answer(&answer, &path);
        }
    }
    assert_eq!(table.hydrate(table.host()).await["seq"], before);
}
