//! Standing choices: what they are before anything was chosen, that they stay, and that nobody hears of another's.

use serde_json::{Value, json};

use crate::clients::{Client, Table};
use crate::server::Server;

fn chosen(changes: &Value) -> Value {
    let mut all = json!({
        "entry": "post", "autoStraddle": false, "runPreference": "ask", "autoMuck": true, "sitOutNextBigBlind": false,
        "maxRuns": null
    });
    all.as_object_mut().unwrap().extend(changes.as_object().cloned().unwrap_or_default());
    all
}

async fn own(table: &Table, client: &Client) -> Value {
    table.hydrate(client).await["me"]["preferences"].clone()
}

#[tokio::test]
async fn choices_stay_with_the_membership_whatever_becomes_of_seat_and_server() {
    let mut server = Server::start().await;
    let table = Table::with_members(&server, 2, json!({})).await;
    let (host, anna, ben) = (table.host(), &table.players[1], &table.players[2]);
    let path = table.path("preferences");
    assert_eq!(own(&table, anna).await, chosen(&json!({})), "before anything was chosen");

    let first = anna.patch(&path, json!({ "entry": "wait", "maxRuns": 2 })).await.ok();
    assert_eq!(first["preferences"], chosen(&json!({ "entry": "wait", "maxRuns": 2 })));
    let all = json!({ "entry": "post", "autoStraddle": true, "runPreference": "never", "autoMuck": false,
                      "sitOutNextBigBlind": true, "maxRuns": null });
    anna.patch(&path, all.clone()).await.ok();
    assert_eq!(own(&table, anna).await, all);
    assert_eq!(anna.patch(&path, json!({ "ofTomorrow": [1] })).await.ok()["preferences"], all, "no change");
    assert_eq!(own(&table, ben).await, chosen(&json!({})), "everybody has their own");
    assert!(!table.hydrate(host).await.to_string().contains("never"), "and nobody hears of another's");

    table.sit(1, 3).await.ok();
    anna.delete(&table.path("seat")).await.ok();
    anna.post(&table.path("leave"), json!({})).await.ok();
    anna.patch(&path, json!({ "entry": "wait" })).await.refused(403, "NOT_APPROVED");
    table.let_in(anna, "Anna").await;
    server.kill();
    server.start_again();
    assert_eq!(own(&table, anna).await, all);
    let output = server.command(&["audit"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn what_nobody_can_choose_is_said_in_words_and_changes_nothing() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let (anna, path) = (&table.players[1], table.path("preferences"));
    for (wrong, says) in [
        (json!({ "entry": "later" }), "post, wait"),
        (json!({ "autoMuck": false, "entry": "" }), "post, wait"),
        (json!({ "runPreference": "ALWAYS" }), "ask, always, never"),
        (json!({ "maxRuns": 0 }), "between 1 and 3"),
        (json!({ "maxRuns": 4 }), "between 1 and 3"),
        (json!({ "maxRuns": i64::MAX }), "between 1 and 3"),
    ] {
        let refused = anna.patch(&path, wrong.clone()).await.refused(422, "INVALID_PREFERENCE");
        assert!(refused["detail"].as_str().unwrap().contains(says), "{wrong}: {refused}");
    }
    for wrong in
        [json!({ "entry": 1 }), json!({ "autoMuck": "yes" }), json!({ "maxRuns": 1.5 }), json!({ "maxRuns": "2" })]
    {
        anna.patch(&path, wrong).await.refused(400, "BAD_REQUEST");
    }
    assert_eq!(own(&table, anna).await, chosen(&json!({})));

    let headers = [("Idempotency-Key", "5f0c6f2e-3f2a-4c57-9d63-000000000001".to_owned())];
    let first = anna.with_headers("PATCH", &path, &headers, r#"{"entry":"wait"}"#).await.ok();
    anna.patch(&path, json!({ "entry": "post" })).await.ok();
    let again = anna.with_headers("PATCH", &path, &headers, r#"{"entry":"wait"}"#).await.ok();
    assert_eq!((first, own(&table, anna).await), (again, chosen(&json!({}))), "once and no more");
    let other = anna.with_headers("PATCH", &path, &headers, r#"{"entry":"post"}"#).await;
    other.refused(422, "ACTION_ID_REUSED");
}
