//! Behind reverse proxies: what they say of a client, and real ones with the files of docs/proxies.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::clients::{Client, PATIENCE, Table, http};
use crate::server::Server;

/// The name that the examples are made for.
const HOST: &str = "cards.example.org";
const TRUSTED: (&str, &str) = ("HOLDFAST_TRUSTED_PROXIES", "127.0.0.1");

async fn sign_in(client: &reqwest::Client, base: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Value) {
    let request = client.post(format!("{base}/api/auth/guest")).json(&json!({ "displayName": "Cora" }));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.json().await.unwrap())
}

fn is_secure(headers: &HeaderMap) -> bool {
    headers["set-cookie"].to_str().unwrap().contains("Secure")
}

/// The host and the scheme that the browser used are what a trusted proxy says, and nobody else's word counts.
#[tokio::test]
async fn only_a_trusted_proxy_says_by_which_host_and_scheme_the_browser_came() {
    let (trusting, wary) = (Server::start_with(&[TRUSTED]).await, Server::start().await);
    let origin = ("origin", "https://cards.example");
    let forwarded = [
        vec![("x-forwarded-host", "cards.example"), ("x-forwarded-proto", "https")],
        vec![("forwarded", "for=203.0.113.7;proto=https;host=cards.example")],
    ];
    for said in forwarded {
        let with_origin = [&said[..], &[origin]].concat();
        let (status, headers, body) = sign_in(&http(), &trusting.base, &with_origin).await;
        assert_eq!(status, 201, "{said:?} {body}");
        assert!(is_secure(&headers), "{said:?}");
        let (status, _, body) = sign_in(&http(), &wary.base, &with_origin).await;
        assert_eq!((status, &body["code"]), (403, &json!("ROLE_FORBIDDEN")), "{said:?}");
        let detail = body["detail"].as_str().unwrap();
        let named = [wary.address().to_string(), "HOLDFAST_ALLOWED_ORIGINS".to_owned(), "Host".to_owned()];
        assert!(named.iter().all(|name| detail.contains(name)), "{detail}");
        // Nor does a stranger's word make a cookie that plain HTTP would lose.
        let (_, headers, _) = sign_in(&http(), &wary.base, &said).await;
        assert!(!is_secure(&headers), "{said:?}");
        let evil = [&said[..], &[("origin", "https://evil.example")]].concat();
        assert_eq!(sign_in(&http(), &trusting.base, &evil).await.0, 403);
    }
    let (_, headers, _) = sign_in(&http(), &trusting.base, &[("x-forwarded-proto", "http")]).await;
    assert!(!is_secure(&headers));
}

/// Apps have schemes of their own.
#[tokio::test]
async fn apps_may_be_allowed_by_their_scheme() {
    let server = Server::start_with(&[("HOLDFAST_ALLOWED_ORIGINS", "capacitor://localhost, app://holdfast")]).await;
    for (origin, expected) in [
        ("capacitor://localhost", 201),
        ("app://holdfast", 201),
        ("capacitor://elsewhere", 403),
        ("http://localhost", 403),
        ("null", 403),
    ] {
        let (status, headers, _) = sign_in(&http(), &server.base, &[("origin", origin)]).await;
        assert_eq!(status, expected, "{origin}");
        if expected == 201 {
            assert_eq!(headers["access-control-allow-origin"], origin, "a browser lets the app read the answer");
        }
    }
}

/// A load balancer that keeps connections for a minute must not find them closed.
#[tokio::test]
async fn an_idle_connection_is_kept_for_as_long_as_it_is_set() {
    let ask = |server: &Server| {
        let mut line = TcpStream::connect(server.address()).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = [0; 4096];
        let length = line.read(&mut answer).unwrap();
        assert!(String::from_utf8_lossy(&answer[..length]).starts_with("HTTP/1.1 200"));
        (line, Instant::now())
    };
    let short = Server::start_alone(&[("HOLDFAST_KEEP_ALIVE_SECS", "1")]).await;
    let (usual, mut line) = (Server::start_alone(&[]).await, ask(&short));
    let mut kept = ask(&usual);
    // As long as the default of others, and then some: seen from here by waiting for the end of another connection.
    let mut rest = Vec::new();
    line.0.read_to_end(&mut rest).unwrap();
    assert!((0.3..10.0).contains(&line.1.elapsed().as_secs_f64()), "{:?}", line.1.elapsed());
    kept.0.set_read_timeout(Some(Duration::from_secs(6).saturating_sub(kept.1.elapsed()))).unwrap();
    let silence = kept.0.read(&mut [0; 1]).unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock, "it is still open after 6 s");
    kept.0.set_read_timeout(Some(PATIENCE)).unwrap();
    kept.0.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(kept.0.read(&mut [0; 64]).unwrap() > 0);
}

/// Figures are for operators.
#[tokio::test]
async fn figures_have_a_listener_of_their_own_where_it_is_wanted() {
    let port = testkit::free_port();
    let bind = format!("127.0.0.1:{port}");
    let server = Server::start_alone(&[("HOLDFAST_METRICS_BIND", &bind)]).await;
    let public = http().get(format!("{}/metrics", server.base)).send().await.unwrap();
    assert_eq!(
        (public.status().as_u16(), &public.headers()["content-type"]),
        (404, &"application/problem+json".parse().unwrap())
    );
    let figures = http().get(format!("http://{bind}/metrics")).send().await.unwrap();
    assert_eq!(figures.status(), 200);
    assert!(figures.text().await.unwrap().contains("holdfast_http_requests_total"));
    for path in ["/", "/api/auth/me", "/healthz", "/ws"] {
        assert_eq!(http().get(format!("http://{bind}{path}")).send().await.unwrap().status(), 404, "{path}");
    }
    // No method brings back what is elsewhere, and where it is it takes one.
    assert_eq!(http().post(format!("{}/metrics", server.base)).send().await.unwrap().status(), 404);
    let posted = http().post(format!("http://{bind}/metrics")).send().await.unwrap();
    assert_eq!((posted.status().as_u16(), &posted.headers()["allow"]), (405, &"GET, HEAD".parse().unwrap()));
}

/// A handshake that is refused is an answer like any other: whole, and for programs.
#[tokio::test]
async fn a_refused_handshake_is_a_whole_answer() {
    let server = Server::start_alone(&[]).await;
    let upgrade = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let cases = [
        (format!("{upgrade}Origin: https://evil.example\r\n\r\n"), "403"),
        ("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "400"),
        (upgrade.replace("Version: 13", "Version: 99") + "\r\n", "400"),
    ];
    for (request, status) in cases {
        let mut line = TcpStream::connect(server.address()).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        let (head, body) = loop {
            let mut part = [0; 4096];
            let length = line.read(&mut part).unwrap();
            text.push_str(std::str::from_utf8(&part[..length]).unwrap());
            let ended = text.split_once("\r\n\r\n").map(|(head, body)| (head.to_lowercase(), body.to_owned()));
            match ended {
                Some((head, body)) if length == 0 || body.ends_with('}') => break (head, body),
                _ => assert!(length > 0, "cut off: {text}"),
            }
        };
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
        assert!(head.contains("content-type: application/problem+json"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("how long it is");
        assert_eq!(length.parse::<usize>().unwrap(), body.len(), "{head}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["code"].is_string());
    }
}

/// A proxy in a process of its own. Killed when dropped.
struct Proxy {
    child: Child,
    dir: TempDir,
    address: SocketAddr,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its workers end with it.
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = places.map(|place| place.join(program)).find(|place| place.is_file());
    if found.is_none() {
        println!("skipped: this test needs {program} (Debian: {program})");
    }
    found
}

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// With every `from` in it, which must be there.
fn replaced(text: &str, changes: &[(&str, String)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is in the example");
        text.replace(from, to)
    })
}

impl Proxy {
    async fn start(dir: TempDir, address: SocketAddr, command: &mut Command) -> Self {
        let log = fs::File::create(dir.path().join("out")).unwrap();
        let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut proxy = Self { child, dir, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(proxy.child.try_wait().unwrap().is_none() && began.elapsed() < PATIENCE, "{}", proxy.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        proxy
    }

    fn log(&self) -> String {
        ["out", "error.log"].map(|name| fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()).concat()
    }

    /// nginx with docs/proxies/nginx.conf.
    async fn nginx(program: &Path, server: &Server) -> Self {
        let (dir, port, plain) = (tempfile::tempdir().unwrap(), testkit::free_port(), testkit::free_port());
        let path = dir.path().display();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", &format!("/CN={HOST}"), "-addext", &format!("subjectAltName=DNS:{HOST}")])
            .args(["-keyout", &format!("{path}/key"), "-out", &format!("{path}/pem")])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let site = replaced(
            &document("docs/proxies/nginx.conf"),
            &[
                ("listen 443 ssl http2;", format!("listen 127.0.0.1:{port} ssl http2;")),
                ("listen 80;", format!("listen 127.0.0.1:{plain};")),
                ("server 127.0.0.1:8080;", format!("server {};", server.address())),
                ("/etc/ssl/cards.example.org.pem", format!("{path}/pem")),
                ("/etc/ssl/cards.example.org.key", format!("{path}/key")),
            ],
        );
        let user = if nix::unistd::geteuid().is_root() { "user root;" } else { "" };
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let places = places.map(|place| format!("{place}_temp_path {path}/{place};")).concat();
        let main = format!(
            "{user} daemon off; pid {path}/pid; error_log {path}/error.log; worker_processes 1; events {{}}\n\
             http {{ access_log off; {places} include {path}/site; }}"
        );
        fs::write(dir.path().join("site"), site).unwrap();
        fs::write(dir.path().join("main"), main).unwrap();
        let mut command = Command::new(program);
        command.arg("-p").arg(dir.path()).arg("-e").arg(dir.path().join("error.log"));
        command.arg("-c").arg(dir.path().join("main"));
        Self::start(dir, SocketAddr::from(([127, 0, 0, 1], port)), &mut command).await
    }

    /// Caddy with docs/proxies/Caddyfile.
    async fn caddy(program: &Path, server: &Server) -> Self {
        let port = testkit::free_port();
        let site = replaced(
            &document("docs/proxies/Caddyfile"),
            &[
                ("\ncards.example.org {\n", format!("\nhttps://{HOST}:{port} {{\n\ttls internal\n\tbind 127.0.0.1\n")),
                ("127.0.0.1:8080", server.address().to_string()),
            ],
        );
        let options = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n";
        Self::caddy_with(program, &format!("{options}{site}"), port).await
    }

    async fn caddy_with(program: &Path, text: &str, port: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("Caddyfile");
        fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&file);
        command.env("HOME", dir.path()).env("XDG_DATA_HOME", dir.path()).env("XDG_CONFIG_HOME", dir.path());
        Self::start(dir, SocketAddr::from(([127, 0, 0, 1], port)), &mut command).await
    }

    /// A browser that believes its certificate.
    fn browser(&self) -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy().http1_only().timeout(PATIENCE);
        builder.resolve(HOST, self.address).tls_danger_accept_invalid_certs(true).build().unwrap()
    }

    fn base(&self) -> String {
        format!("https://{HOST}:{}", self.address.port())
    }

    /// Signs in, opens a socket, and looks at what the server knows of the client.
    async fn must_serve(&self, server: &Server) {
        let (browser, base) = (self.browser(), self.base());
        // Caddy makes its certificate when it has begun to listen.
        let began = Instant::now();
        while let Err(error) = browser.get(format!("{base}/healthz")).send().await {
            assert!(began.elapsed() < PATIENCE, "{error:?} {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let origin = ("origin", base.as_str());
        let (status, headers, body) = sign_in(&browser, &base, &[origin]).await;
        assert_eq!(status, 201, "{body} {}", self.log());
        assert!(is_secure(&headers));
        let (status, _, body) = sign_in(&browser, &base, &[("origin", "https://evil.example")]).await;
        assert_eq!(status, 403, "{body}");
        assert_eq!(browser.get(format!("{base}/metrics")).send().await.unwrap().status(), 404);

        let table = Table::with_members(server, 0, json!({})).await;
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let opening = browser.get(format!("{base}/ws")).header("origin", &base).header("connection", "Upgrade");
        let opening = opening.header("upgrade", "websocket").header("sec-websocket-version", "13");
        let opened = opening.header("sec-websocket-key", key).send().await.unwrap();
        assert_eq!(opened.status(), 101, "{}", self.log());
        let stream = opened.upgrade().await.unwrap();
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        let hello = json!({ "type": "authenticate", "roomId": table.room, "token": table.host().token });
        socket.send(Message::text(hello.to_string())).await.unwrap();
        let answer = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        let answer: Value = serde_json::from_str(answer.to_text().unwrap()).unwrap();
        assert_eq!(answer["type"], "authenticated", "{answer}");

        // The largest tokens pass.
        let large = browser.get(format!("{base}/api/auth/me")).bearer_auth("x".repeat(8000)).send().await.unwrap();
        assert_eq!((large.status().as_u16(), large.text().await.unwrap().contains("TOKEN_INVALID")), (401, true));

        // What a client claims of itself is dropped: guesses of passwords from "many addresses" are all of one.
        let guess = json!({ "email": "a@example.org", "password": "correct horse" });
        let mut limited = false;
        for number in 0..60 {
            let claimed = format!("198.51.100.{number}");
            let email = json!({ "email": format!("a{number}@example.org"), "password": guess["password"] });
            let request = browser.post(format!("{base}/api/auth/login")).json(&email);
            let request = request.header("x-forwarded-for", &claimed).header("forwarded", format!("for={claimed}"));
            limited |= request.send().await.unwrap().status() == 429;
        }
        assert!(limited, "limits go by the client's own address");
        // And the server does go by what the proxy says: another client has limits of its own.
        let direct = Client::guest(server, "Direct").await.via_proxy_for("203.0.113.9");
        direct.post("/api/auth/login", guess).await.refused(401, "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn the_example_for_nginx_works() {
    let Some(program) = found("nginx") else { return };
    let server = Server::start_alone(&[TRUSTED, ("HOLDFAST_RATE_LIMIT", "on")]).await;
    Proxy::nginx(&program, &server).await.must_serve(&server).await;
}

#[tokio::test]
async fn the_example_for_caddy_works() {
    let Some(program) = found("caddy") else { return };
    let server = Server::start_alone(&[TRUSTED, ("HOLDFAST_RATE_LIMIT", "on")]).await;
    Proxy::caddy(&program, &server).await.must_serve(&server).await;
}

/// Compose's load balancer behind a proxy that speaks TLS.
#[tokio::test]
async fn composes_balancer_passes_on_what_an_outer_proxy_says() {
    let Some(program) = found("caddy") else { return };
    let server = Server::start_alone(&[TRUSTED]).await;
    let compose = document("docker-compose.yml");
    let (_, config) = compose.split_once("  balancer:\n    content: |\n").expect("the balancer's configuration");
    let lines = config.lines().take_while(|line| line.is_empty() || line.starts_with("      "));
    let config = lines.map(|line| line.trim_start_matches("      ")).collect::<Vec<_>>().join("\n");
    for (outer, believed) in [("127.0.0.1/32", true), ("203.0.113.0/24", false)] {
        let port = testkit::free_port();
        let (start, end) = (config.find("dynamic a {").unwrap(), config.find("refresh 1s\n").unwrap());
        let dynamic = &config[start..end + config[end..].find('}').unwrap() + 1];
        let text = replaced(
            &config,
            &[
                ("${HOLDFAST_OUTER_PROXIES:-127.0.0.1/32}", outer.to_owned()),
                (dynamic, format!("to {}", server.address())),
                // Debian's Caddy 2.6 doesn't know it yet.
                ("\tpersist_config off\n", String::new()),
                (":8080 {", format!("http://127.0.0.1:{port} {{")),
            ],
        );
        let proxy = Proxy::caddy_with(&program, &text.replace("http://127.0.0.1", "http://"), port).await;
        let said = [
            ("x-forwarded-for", "198.51.100.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "cards.example"),
            ("origin", "https://cards.example"),
        ];
        let (status, headers, body) = sign_in(&http(), &format!("http://{}", proxy.address), &said).await;
        assert_eq!(status, if believed { 201 } else { 403 }, "{outer}: {body} {}", proxy.log());
        assert!(!believed || is_secure(&headers), "{outer}");
    }
}
