//! Keys, databases and the command line, as an operator meets them.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{PgBouncer, TlsServer};

use crate::clients::Table;
use crate::server::Server;

const KEY: &str = "a key of more than thirty-two characters";
const OTHER: &str = "another key of more than thirty-two characters";

/// The binary in an environment of its own.
fn holdfast(data: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    for (name, _) in std::env::vars() {
        if name.starts_with("HOLDFAST_") || name.starts_with("PG") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command.env("HOLDFAST_BIND", "127.0.0.1:0").env("HOLDFAST_DATA_DIR", data).env("HOLDFAST_WORKERS", "2");
    command.envs(settings.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A server that started, or how one ended that didn't.
enum Start {
    Ready(Running),
    Ended { code: Option<i32>, said: String },
}

/// Killed when dropped.
struct Running(Child);

impl Running {
    /// Asks it to stop; returns all that it said on standard error.
    fn stop(mut self) -> String {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.0.id()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.0.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(mut command: Command) -> Start {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    // Its output begins with the line that it is ready, or ends with it.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line.starts_with("Holdfast is ready") {
        return Start::Ready(Running(child));
    }
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    Start::Ended { code: child.wait().unwrap().code(), said }
}

#[track_caller]
fn ready(command: Command) -> Running {
    match start(command) {
        Start::Ready(running) => running,
        Start::Ended { code, said } => panic!("it ended with {code:?}: {said}"),
    }
}

#[track_caller]
fn refused(command: Command, code: i32, word: &str) -> String {
    match start(command) {
        Start::Ready(_) => panic!("it started"),
        Start::Ended { code: ended, said } => {
            assert_eq!(ended, Some(code), "{said}");
            assert!(said.contains(word), "{said}");
            said
        }
    }
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn a_database_with_nothing_in_it_but_a_first_start_takes_no_other_key() {
    let (database, data) = (testkit::database().await, directory());
    let with =
        |key: &'static str, url: &str| holdfast(data.path(), &[("DATABASE_URL", url), ("HOLDFAST_SECRET_KEY", key)]);
    ready(with(KEY, &database.url)).stop();
    refused(with(OTHER, &database.url), 2, "key");
    // None at all: none is made.
    refused(holdfast(data.path(), &[("DATABASE_URL", &database.url)]), 2, "secret.key");
    assert!(!files(data.path()).contains(&"secret.key".to_owned()));
    ready(with(KEY, &database.url)).stop();
}

#[tokio::test]
async fn of_two_servers_with_different_keys_on_an_empty_database_one_starts() {
    let (database, data) = (testkit::database().await, directory());
    let starts: Vec<_> = [KEY, OTHER]
        .into_iter()
        .map(|key| {
            let command = holdfast(data.path(), &[("DATABASE_URL", &database.url), ("HOLDFAST_SECRET_KEY", key)]);
            std::thread::spawn(move || start(command))
        })
        .collect();
    let starts: Vec<Start> = starts.into_iter().map(|start| start.join().unwrap()).collect();
    let ready = starts.iter().filter(|start| matches!(start, Start::Ready(_))).count();
    let refused = starts.iter().filter(|start| matches!(start, Start::Ended { code: Some(2), .. })).count();
    assert_eq!((ready, refused), (1, 1));
}

#[test]
fn a_lost_key_is_not_replaced_beside_a_private_database() {
    let data = directory();
    refused(holdfast(data.path(), &[("HOLDFAST_SECRET_KEY", "short")]), 2, "HOLDFAST_SECRET_KEY");
    assert_eq!(files(data.path()), [""; 0], "nothing was made");

    ready(holdfast(data.path(), &[])).stop();
    let key = data.path().join("secret.key");
    let kept = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let said = refused(holdfast(data.path(), &[]), 2, "HOLDFAST_SECRET_KEY");
    assert!(said.contains("secret.key") && !key.exists(), "{said}");
    refused(holdfast(data.path(), &[("HOLDFAST_SECRET_KEY", OTHER)]), 2, "key");
    assert!(!key.exists());
    ready(holdfast(data.path(), &[("HOLDFAST_SECRET_KEY", kept.trim())])).stop();

    fs::write(&key, &kept).unwrap();
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let audit = |args: &[&str]| {
        let elsewhere = directory();
        holdfast(elsewhere.path(), &[]).args(args).output().unwrap()
    };
    let at = data.path().to_str().unwrap();
    for args in [["audit", "--data-dir", at], ["--data-dir", at, "audit"]] {
        let audit = audit(&args);
        assert_eq!(audit.status.code(), Some(0), "{}", String::from_utf8_lossy(&audit.stderr));
    }
    let check = audit(&["check", "--data-dir", at]);
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
}

#[tokio::test]
async fn play_goes_through_a_session_pooler_and_passes_the_audit() {
    let database = testkit::database().await;
    let Some(pooler) = PgBouncer::start(&database, "session", 40, false) else { return };
    let server = Server::start_on(testkit::TestDatabase { url: pooler.url() }, &[]);
    let table = Table::playing(&server, 3, json!({})).await;
    table.fold_out().await;
    assert_eq!(server.audit(&pooler.url(), &[]).status.code(), Some(0));

    let Some(pooler) = PgBouncer::start(&database, "transaction", 40, false) else { return };
    let data = directory();
    refused(holdfast(data.path(), &[("DATABASE_URL", &pooler.url())]), 1, "session mode");
}

#[tokio::test]
async fn play_goes_over_a_line_that_is_fully_checked() {
    let tls = TlsServer::start(&["localhost"]);
    let (_, url) = tls.database("localhost").await;
    let url = format!("{url}?sslmode=verify-full");
    let ca = tls.ca().display().to_string();
    let data = directory();
    refused(holdfast(data.path(), &[("DATABASE_URL", &url)]), 1, "sslrootcert");
    let server = Server::start_on(testkit::TestDatabase { url }, &[("PGSSLROOTCERT", &ca)]);
    Table::playing(&server, 2, json!({})).await.fold_out().await;
}

#[test]
fn an_address_that_isnt_understood_says_why_and_keeps_its_password() {
    let data = directory();
    for (parameter, word) in
        [("pgbouncer=true", "pgbouncer"), ("sslmode=hush", "verify-full"), ("colour=hush", "colour")]
    {
        let url = format!("postgres://me:hush@127.0.0.1:1/db?{parameter}");
        let said = refused(holdfast(data.path(), &[("DATABASE_URL", &url)]), 2, word);
        assert!(!said.contains("hush"), "{said}");
    }
}

fn check(command: &mut Command) -> (Option<i32>, Value) {
    let output = command.args(["check", "--json"]).output().unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code(), said)
}

fn verdict<'a>(said: &'a Value, check: &str) -> &'a str {
    let checks = said["checks"].as_array().unwrap();
    checks.iter().find(|one| one["check"] == check).unwrap_or_else(|| panic!("{check}: {said}"))["verdict"]
        .as_str()
        .unwrap()
}

#[tokio::test]
async fn a_check_tries_all_and_changes_nothing() {
    let (database, data) = (testkit::database().await, directory());
    let url = database.url.as_str();
    let (code, said) = check(&mut holdfast(data.path(), &[("DATABASE_URL", url)]));
    assert_eq!((code, said["verdict"].as_str()), (Some(0), Some("ok")), "{said}");
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'holdfast'";
    assert_eq!(database.sql(schemas).await[0][0].as_deref(), Some("0"));
    assert_eq!(files(data.path()), [""; 0]);

    ready(holdfast(data.path(), &[("DATABASE_URL", url)])).stop();
    let plain = holdfast(data.path(), &[("DATABASE_URL", url)]).arg("check").output().unwrap();
    let lines = String::from_utf8(plain.stdout).unwrap();
    assert!(plain.status.success() && lines.lines().all(|line| line.starts_with("ok ")), "{lines}");
    for what in [
        "database",
        "line",
        "sessions",
        "version",
        "encoding",
        "durability",
        "rights",
        "migrations",
        "clocks",
        "key fits",
    ] {
        assert!(lines.lines().any(|line| line.contains(what)), "{what}: {lines}");
    }

    let other = [("DATABASE_URL", url), ("HOLDFAST_SECRET_KEY", OTHER)];
    let (code, said) = check(&mut holdfast(data.path(), &other));
    assert_eq!((code, verdict(&said, "key fits")), (Some(2), "fail"), "{said}");

    // Nobody listens at either.
    let away = [
        ("DATABASE_URL", url),
        ("SUPABASE_JWKS_URL", "http://127.0.0.1:1/jwks.json"),
        ("HOLDFAST_NATS_URL", "nats://me:hush@127.0.0.1:1"),
        ("HOLDFAST_SECRETKEY", "hush"),
    ];
    let (code, said) = check(&mut holdfast(data.path(), &away));
    assert_eq!(code, Some(2));
    assert_eq!((verdict(&said, "jwks"), verdict(&said, "nats"), verdict(&said, "settings")), ("fail", "warn", "warn"));
    assert!(!said.to_string().contains("hush"), "{said}");

    let (code, said) = check(&mut holdfast(data.path(), &[("DATABASE_URL", "postgres://me:hush@127.0.0.1:1/db")]));
    assert_eq!((code, verdict(&said, "database")), (Some(2), "fail"));
    assert!(!said.to_string().contains("hush"), "{said}");

    let Some(pooler) = PgBouncer::start(&database, "transaction", 4, true) else { return };
    let (code, said) = check(&mut holdfast(data.path(), &[("DATABASE_URL", &pooler.url())]));
    assert_eq!((code, verdict(&said, "sessions")), (Some(2), "fail"), "{said}");
}

#[tokio::test]
async fn all_that_is_logged_as_json_is_json_to_the_last_line() {
    let (database, data) = (testkit::database().await, directory());
    let settings =
        [("DATABASE_URL", database.url.as_str()), ("HOLDFAST_LOG_FORMAT", "json"), ("HOLDFAST_KEEP_ROOM_DAYS", "1")];
    let said = ready(holdfast(data.path(), &settings)).stop();
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "Holdfast stops."));
    let warned = lines.iter().find(|line| line["name"] == "HOLDFAST_KEEP_ROOM_DAYS").unwrap();
    assert_eq!((&warned["level"], &warned["meant"]), (&json!("WARN"), &json!("HOLDFAST_KEEP_ROOMS_DAYS")));
    for (name, bad, word) in
        [("HOLDFAST_SECRET_KEY", "short", "HOLDFAST_SECRET_KEY"), ("HOLDFAST_SWEEP_SECS", "0", "--sweep-secs")]
    {
        let settings = [("HOLDFAST_LOG_FORMAT", "json"), (name, bad)];
        let said = refused(holdfast(data.path(), &settings), 2, word);
        assert!(said.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{said}");
    }
}

#[tokio::test]
async fn a_demonstration_stays_out_of_production_and_stops_without_an_error() {
    let (database, data) = (testkit::database().await, directory());
    let mut demo = holdfast(data.path(), &[("DATABASE_URL", &database.url)]);
    demo.arg("demo");
    refused(demo, 2, "--in-database");
    let made = "SELECT count(*) FROM pg_namespace WHERE nspname = 'holdfast'";
    assert_eq!(database.sql(made).await[0][0].as_deref(), Some("0"));

    fs::write(data.path().join("secret.key"), "0f".repeat(32)).unwrap();
    let mut demo = holdfast(data.path(), &[]);
    demo.arg("demo");
    refused(demo, 2, "demonstration");
    assert_eq!(files(data.path()), ["secret.key"]);

    let mut demo = holdfast(data.path(), &[("DATABASE_URL", &database.url)]);
    demo.args(["demo", "--in-database", "--pace-ms", "0"]);
    let demo = ready(demo);
    let dealt = "SELECT count(*) FROM holdfast.hands";
    while database.sql(dealt).await[0][0].as_deref() == Some("0") {
        tokio::task::yield_now().await;
    }
    let said = demo.stop();
    assert!(!said.contains("ERROR"), "{said}");
}
