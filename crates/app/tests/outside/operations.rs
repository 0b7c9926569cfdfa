//! What operators and developers get.

use std::io::BufRead;

use serde_json::json;

use crate::clients::{Client, Table};
use crate::server::Server;

#[tokio::test]
async fn health_readiness_and_metrics_are_there() {
    let server = Server::start_alone(&[]).await;
    let table = Table::playing(&server, 2, json!({})).await;
    table.fold_out().await;
    let anybody = table.host().with_header("");
    assert_eq!(anybody.get("/healthz").await.status, 200);
    assert_eq!(anybody.get("/readyz").await.status, 200);
    anybody.get(&table.path("hydrate")).await.refused(401, "UNAUTHENTICATED");
    let metrics = anybody.get("/metrics").await.ok();
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("holdfast_actions_total 1"), "{metrics}");
    assert!(metrics.contains("holdfast_refusals_total{code=\"UNAUTHENTICATED\"} 1"), "{metrics}");
    assert!(metrics.contains("route=\"/api/games/{gameId}/actions\""), "patterns, not paths: {metrics}");
}

#[tokio::test]
async fn the_api_documents_itself() {
    let server = Server::start().await;
    let anybody = Client::guest(&server, "A").await.with_header("");
    let document = anybody.get("/api/openapi.json").await.ok();
    for path in [
        "/api/auth/guest",
        "/api/rooms/{roomId}/hydrate",
        "/api/games/{gameId}/actions",
        "/api/hands/{handId}",
        "/api/rooms/{roomId}/settings",
        "/metrics",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let page = anybody.get("/api/docs").await.ok();
    let page = page.as_str().unwrap().to_owned();
    let files = page.split('"').filter(|part| part.starts_with("/api/docs/"));
    let mut count = 0;
    for file in files {
        assert_eq!(anybody.get(file).await.status, 200, "{file}");
        count += 1;
    }
    assert!(count >= 3 && !page.contains("//cdn"), "the page needs nothing from elsewhere");
}

/// Each socket is a file, and shells and services begin with 1024 of them.
#[tokio::test]
async fn as_many_files_may_be_open_as_the_system_allows() {
    let database = testkit::database().await;
    let data = tempfile::tempdir().unwrap();
    let mut server = std::process::Command::new("sh")
        .args(["-c", "ulimit -Sn 300 && exec \"$0\"", env!("CARGO_BIN_EXE_holdfast")])
        .env("HOLDFAST_BIND", "127.0.0.1:0")
        .env("DATABASE_URL", &database.url)
        .env("HOLDFAST_DATA_DIR", data.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    std::io::BufReader::new(server.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let files: Vec<&str> = files.split_whitespace().collect();
    assert!(ready.contains("is ready") && files[0] == files[1] && files[0] != "300", "{ready}{files:?}");
}

/// T-C11: nothing that is somebody's own is kept by caches.
#[tokio::test]
async fn answers_are_not_for_caches_and_browsers_are_told_so() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for path in
        [table.path("hydrate"), table.path("me"), "/api/auth/me".into(), "/api/rooms".into(), "/api/nothing".into()]
    {
        let answer = table.host().get(&path).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn the_client_is_served_with_a_strict_policy() {
    let server = Server::start().await;
    let anybody = Client::guest(&server, "A").await.with_header("");
    for path in ["/", "/r/ABCD1234", "/settings"] {
        let page = anybody.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    assert_eq!(anybody.get("/no-such-file.js").await.status, 404);
    assert_eq!(anybody.get("/../Cargo.toml").await.status, 404);
    anybody.get("/api/no/such/call").await.refused(404, "NOT_FOUND");
}

#[test]
fn a_database_that_may_lose_data_is_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(testkit::database());
    let name = database.url.rsplit('/').next().unwrap();
    runtime.block_on(database.sql(&format!("ALTER DATABASE {name} SET synchronous_commit = off")));
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .env("HOLDFAST_BIND", "127.0.0.1:0")
        .env("DATABASE_URL", &database.url)
        .env("HOLDFAST_DATA_DIR", tempfile::tempdir().unwrap().path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // Its output ends with it, or begins with the line that it must not print.
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(server.stdout.take().unwrap()), &mut line).unwrap();
    let _ = server.kill();
    let ended = server.wait_with_output().unwrap();
    assert_eq!(line, "", "it does not start");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("synchronous_commit"));
}

#[test]
fn help_explains_every_setting() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_holdfast")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for setting in [
        "HOLDFAST_BIND",
        "DATABASE_URL",
        "HOLDFAST_DATA_DIR",
        "HOLDFAST_SECRET_KEY",
        "SUPABASE_JWT_SECRET",
        "SUPABASE_JWKS_URL",
        "HOLDFAST_NATS_URL",
        "HOLDFAST_DISCONNECT_AFTER_SECS",
        "HOLDFAST_FREE_SEAT_AFTER_SECS",
        "HOLDFAST_REJOIN_TTL_SECS",
        "HOLDFAST_SWEEP_SECS",
        "HOLDFAST_RATE_LIMIT",
        "HOLDFAST_ALLOWED_ORIGINS",
        "HOLDFAST_TRUSTED_PROXIES",
        "HOLDFAST_LOG",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}
