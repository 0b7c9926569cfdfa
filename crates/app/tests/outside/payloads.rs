//! Text that means something elsewhere: to a browser, a database, a log, or the eye.

use serde_json::{Value, json};

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

/// What has been made to run in browsers, databases, shells, templates and logs. All of them are names as good as any.
const PAYLOADS: [&str; 60] = [
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror='window.__xss=1'>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><script>1</script>",
    "<!--><script>alert(1)</script>-->",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<plaintext>",
    "</textarea><b>",
    "\"><script>alert(1)</script>",
    "'-alert(1)-'",
    "\\\";alert(1)//",
    "javascript:alert(1)",
    "data:text/html,<script>1</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\u003cscript\\u003e",
    "${alert(1)}",
    "{{7*7}}",
    "{{constructor.constructor('1')()}}",
    "#{7*7}",
    "<%= 7*7 %>",
    "__proto__",
    "constructor",
    "toString",
    "[object Object]",
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1; SELECT pg_sleep(10)",
    "'||(SELECT version())||'",
    "') UNION SELECT NULL--",
    "admin'--",
    "$1",
    "$$; DROP SCHEMA holdfast; $$",
    "E'\\x27'",
    "\\",
    "%s%n%x",
    "{}",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "; rm -rf /",
    "`id`",
    "$(id)",
    "| cat /etc/passwd",
    "=1+1",
    "@SUM(1)",
    "\u{1b}[31mred",
];

/// T-X1, T-X2: whatever a text means elsewhere, here it is a text: stored and read back as it was, in every field.
#[tokio::test]
async fn whatever_a_text_means_elsewhere_it_is_read_back_as_it_was() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({ "autoApprove": true })).await;
    let (host, anna) = (table.host(), &table.players[1]);
    table.sit(1, 0).await.ok();
    let (mut socket, _) = Socket::join(&server, &table, host, None).await;
    for (index, payload) in PAYLOADS.into_iter().enumerate() {
        if payload.contains('\u{1b}') {
            // Control characters are no text.
            anna.post("/api/rooms", json!({ "displayName": payload })).await.refused(422, "INVALID_NAME");
            continue;
        }
        let json_of = async |answer: crate::clients::Answer| {
            let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
            assert!(kind.starts_with("application/json"), "{payload}: {kind}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
            answer.ok()
        };
        let guest = Client::guest(&server, payload).await;
        assert_eq!(json_of(guest.get("/api/auth/me").await).await["displayName"], payload);
        let mut body = json!({ "displayName": payload, "name": payload });
        // Hashing passwords is slow on purpose.
        let with_password = index % 10 == 8;
        if with_password {
            body["password"] = json!(payload);
        }
        let made = json_of(guest.post("/api/rooms", body).await).await;
        assert_eq!(made["room"]["name"], payload);
        let lobby = json_of(host.get(&format!("/api/rooms/{}", made["room"]["id"].as_str().unwrap())).await).await;
        assert_eq!((&lobby["room"]["name"], &lobby["hostDisplayName"]), (&json!(payload), &json!(payload)));
        if with_password {
            let join = format!("/api/rooms/{}/join", made["room"]["id"].as_str().unwrap());
            let ask = |password: &str| json!({ "displayName": "Anna", "password": password });
            anna.post(&join, ask(&format!("{payload} "))).await.refused(403, "WRONG_PASSWORD");
            assert_eq!(anna.post(&join, ask(payload)).await.status, 202);
            let account = json!({ "email": "nobody@example.org", "password": payload });
            guest.post("/api/auth/login", account).await.refused(401, "UNAUTHENTICATED");
        }

        guest.post(&table.path("join"), json!({ "displayName": payload })).await.ok();
        assert_eq!(socket.event("player_approved").await["displayName"], payload);
        let gift = json!({ "userId": anna.user, "delta": 1, "reason": payload });
        host.post(&table.path("chips"), gift).await.ok();
        assert_eq!(socket.event("chips_adjusted").await["reason"], payload);
        let members = table.hydrate(host).await["members"].clone();
        assert!(members.as_array().unwrap().iter().any(|member| member["display_name"] == payload), "{members}");
        guest.post(&table.path("leave"), json!({})).await.ok();
        let account = json!({ "email": payload, "password": "long enough" });
        let refused = guest.post("/api/auth/login", account).await;
        assert!(matches!(refused.status, 400 | 401), "{payload}: {}", refused.body);
        let refused = guest.get(&format!("/api/rooms/code/{}", urlencoded(payload))).await;
        assert!(matches!(refused.status, 404), "{payload}: {}", refused.body);
    }
    // Nothing of that has done anything: every table is there, and answers.
    assert!(server.dump().await.contains(&table.room));
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// T-X1: characters that hide or turn text around are in no field that others read.
#[tokio::test]
async fn what_hides_or_turns_text_around_is_refused_everywhere() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let (host, anna) = (table.host(), &table.players[1]);
    table.sit(1, 0).await.ok();
    let tricks = [
        "\u{0}",
        "\u{7}",
        "\n",
        "\r",
        "\t",
        "\u{7f}",
        "\u{85}",
        "\u{ad}",
        "\u{61c}",
        "\u{200b}",
        "\u{200e}",
        "\u{200f}",
        "\u{2028}",
        "\u{2029}",
        "\u{202a}",
        "\u{202e}",
        "\u{2060}",
        "\u{2066}",
        "\u{2069}",
        "\u{feff}",
        "\u{fff9}",
        "\u{e0041}",
    ];
    for trick in tricks {
        let name = format!("An{trick}na");
        let named = |extra: Value| {
            let mut body = json!({ "displayName": name });
            body.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
            body
        };
        let what = trick.escape_unicode().to_string();
        for (path, body) in [
            ("/api/auth/guest".to_owned(), named(json!({}))),
            ("/api/auth/register".to_owned(), named(json!({ "email": "a@example.org", "password": "long enough" }))),
            ("/api/rooms".to_owned(), named(json!({}))),
            ("/api/rooms".to_owned(), json!({ "displayName": "Anna", "name": name })),
            (table.path("join"), named(json!({}))),
            (table.path("seat"), named(json!({ "seatIndex": 3 }))),
            (table.path("spectate"), named(json!({}))),
        ] {
            let refused = anna.post(&path, body).await;
            assert_eq!((refused.status, &refused.body["code"]), (422, &json!("INVALID_NAME")), "{what} {path}");
        }
        let gift = json!({ "userId": anna.user, "delta": 1, "reason": name });
        host.post(&table.path("chips"), gift).await.refused(400, "BAD_REQUEST");
    }
}

/// T-X3: nobody at a table can be taken for somebody else at it.
#[tokio::test]
async fn a_name_that_looks_like_somebodys_is_refused() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let mallory = Client::guest(&server, "Mallory").await;
    for name in ["Рlayer 0", "PIayer O", "Player  0", "Player\u{a0}0", "Play\u{200d}er 0", "Hоst"] {
        mallory.post(&table.path("join"), json!({ "displayName": name })).await.refused(422, "INVALID_NAME");
    }
    mallory.post(&table.path("join"), json!({ "displayName": "Mallory" })).await.ok();
    table.host().post(&table.path("approve"), json!({ "userId": mallory.user, "approved": true })).await.ok();
    let sit = json!({ "seatIndex": 2, "displayName": "PIayer 0" });
    mallory.post(&table.path("seat"), sit).await.refused(422, "INVALID_NAME");
    mallory.post(&table.path("seat"), json!({ "seatIndex": 2, "displayName": "Mallory" })).await.ok();
}

/// T-X4: a text can't write a log line of its own.
#[tokio::test]
async fn no_text_makes_a_log_line_of_its_own() {
    for format in ["text", "json"] {
        let mut server = Server::start_with(&[("HOLDFAST_LOG", "trace"), ("HOLDFAST_LOG_FORMAT", format)]).await;
        let guest = Client::guest(&server, "Guest").await;
        let forged = "x\n2026-01-01T00:00:00Z ERROR forged: all is lost\r\n{\"level\":\"ERROR\",\"forged\":1}";
        guest.post("/api/rooms", json!({ "displayName": forged })).await.refused(422, "INVALID_NAME");
        let encoded = urlencoded(forged);
        guest.get(&format!("/api/rooms/{encoded}")).await.refused(404, "ROOM_NOT_FOUND");
        guest.get(&format!("/api/rooms/code/{encoded}?q={encoded}")).await.refused(404, "ROOM_NOT_FOUND");
        guest.get(&format!("/{encoded}.js")).await;
        guest.with_header(&format!("Bearer {encoded}")).get("/api/auth/me").await.refused(401, "TOKEN_INVALID");
        let mut socket = Socket::open(&server).await;
        socket.say(&json!({ "type": forged })).await;
        socket.next().await;
        let log = server.stop_and_read_log();
        assert!(log.lines().count() > 5 && !log.contains("all is lost"), "{format}");
    }
}
