//! The WebSocket protocol, and clients that don't keep to it.

use serde_json::json;
use testkit::TestDatabase;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::clients::{Client, Socket, Table, seqs};
use crate::server::Server;

#[tokio::test]
async fn nonsense_is_answered_with_an_error_and_the_socket_lives() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let mut socket = Socket::open(&server).await;
    for nonsense in ["", "{", "[]", "null", "{\"type\":\"fly\"}", "{\"type\":\"authenticate\"}", "{\"type\":7}"] {
        socket.say_raw(Message::text(nonsense)).await;
        let answer = socket.next().await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("BAD_REQUEST")), "{nonsense}");
    }
    socket.say(&json!({ "type": "heartbeat" })).await;
    assert_eq!(socket.next().await["code"], "UNAUTHENTICATED");
    let hello = json!({ "type": "authenticate", "roomId": table.room, "token": table.host().token, "more": 1 });
    socket.say(&hello).await;
    assert_eq!(socket.next().await["type"], "authenticated");
    assert_eq!(socket.next().await["type"], "resync_required");
    socket.say(&json!({ "type": "heartbeat" })).await;
    let ack = socket.next().await;
    assert_eq!((&ack["type"], &ack["seq"]), (&json!("heartbeat_ack"), &json!(0)));
    assert!(ack["serverTime"].is_i64());
}

#[tokio::test]
async fn a_bad_credential_ends_the_socket() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    for hello in [
        json!({ "type": "authenticate", "roomId": table.room }),
        json!({ "type": "authenticate", "roomId": table.room, "userId": table.host().user }),
        json!({ "type": "authenticate", "roomId": table.room, "token": "abc" }),
        json!({ "type": "authenticate", "roomId": table.room, "rejoinToken": "abc" }),
    ] {
        let mut socket = Socket::open(&server).await;
        socket.say(&hello).await;
        let answer = socket.next().await;
        assert_eq!(answer["type"], "error");
        assert!(["UNAUTHENTICATED", "TOKEN_INVALID"].contains(&answer["code"].as_str().unwrap()), "{answer}");
        assert_eq!(socket.closed().await, Some(4001));
    }
}

/// T-F1: frames that are too big or no text.
#[tokio::test]
async fn frames_that_are_too_big_or_no_text_end_the_socket() {
    let server = Server::start().await;
    let mut socket = Socket::open(&server).await;
    socket.say_raw(Message::text("x".repeat(9000))).await;
    assert!(matches!(socket.closed().await, Some(1009) | None));
    let mut socket = Socket::open(&server).await;
    socket.say_raw(Message::binary(vec![0, 159, 146, 150])).await;
    assert_eq!(socket.closed().await, Some(1003));
}

/// T-F2: a flood of messages ends the socket.
#[tokio::test]
async fn a_flood_ends_the_socket() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), None).await;
    for _ in 0..200 {
        if !socket.say_raw(Message::text("{\"type\":\"heartbeat\"}")).await {
            break;
        }
    }
    assert!(matches!(socket.closed().await, Some(1008) | None));
}

/// T-A10: a page of another origin gets no socket.
#[tokio::test]
async fn a_page_of_another_origin_gets_no_socket() {
    let server = Server::start().await;
    for (origin, open) in [("https://evil.example", false), (server.base.as_str(), true)] {
        let mut request = server.socket_url().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        assert_eq!(tokio_tungstenite::connect_async(request).await.is_ok(), open, "{origin}");
    }
}

#[tokio::test]
async fn missed_events_are_replayed_in_order_and_too_many_ask_for_a_resync() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    for _ in 0..8 {
        table.fold_out().await;
    }
    let seq = table.hydrate(table.host()).await["seq"].as_u64().unwrap();
    let (mut socket, hello) = Socket::join(&server, &table, table.host(), Some(3)).await;
    assert!(hello["seq"].as_u64().unwrap() >= seq);
    let missed = socket.events_until(seq).await;
    assert_eq!(seqs(&missed), (4..=seq).collect::<Vec<_>>());
    let mut ahead = Socket::open(&server).await;
    let hello =
        json!({ "type": "authenticate", "roomId": table.room, "token": table.host().token, "lastSeq": seq + 100_000 });
    ahead.say(&hello).await;
    ahead.next().await;
    assert_eq!(ahead.next().await["type"], "resync_required");
}

#[tokio::test]
async fn a_line_that_comes_up_or_goes_down_is_a_hint() {
    let server = Server::start_alone(&[]).await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let (mut host, _) = Socket::join(&server, &table, table.host(), None).await;
    let anna = &table.players[1];
    let (socket, _) = Socket::join(&server, &table, anna, None).await;
    let up = host.event("presence").await;
    assert_eq!((&up["userId"], &up["online"]), (&json!(anna.user), &json!(true)));
    assert!(up.get("seq").is_none());
    drop(socket);
    assert_eq!(host.event("presence").await["online"], false);
}

/// P3 over two nodes: what is done at one is heard at the other, in the same order.
#[tokio::test]
async fn what_is_done_at_one_node_is_heard_at_another() {
    let server = Server::start().await;
    let node = server.second_node();
    let table = Table::playing(&server, 2, json!({})).await;
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    for _ in 0..3 {
        let Some((actor, _)) = table.actor().await else { continue };
        actor.at(&node.base).post(&format!("/api/games/{}/actions", table.game), json!({ "action": "FOLD" })).await;
    }
    let seq = table.hydrate(&table.host().at(&node.base)).await["seq"].as_u64().unwrap();
    assert_eq!(seqs(&socket.events_until(seq).await), (1..=seq).collect::<Vec<_>>());
}

/// T-F4: whoever says nothing is cut off after 10 s.
#[tokio::test]
async fn a_socket_that_says_nothing_is_closed() {
    let server = Server::start().await;
    let _ = Client::guest(&server, "Warm-up").await;
    let mut socket = Socket::open(&server).await;
    assert_eq!(socket.closed().await, Some(4001));
}

/// What a heartbeat notes may have to wait in the database; what happens in the room doesn't wait for it.
#[tokio::test]
async fn events_do_not_wait_for_a_heartbeat() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let watcher = Client::guest(&server, "Watcher").await;
    table.let_in(&watcher, "Watcher").await;
    let (mut socket, _) = Socket::join(&server, &table, &watcher, None).await;
    let (actor, view) = table.actor().await.unwrap();

    let database = TestDatabase { url: server.database.url.clone() };
    let hold = format!(
        "BEGIN; SELECT FROM holdfast.room_players WHERE user_id = '{}' FOR UPDATE; SELECT pg_sleep(1.8); COMMIT",
        watcher.user
    );
    let holder = tokio::spawn(async move { database.sql(&hold).await });
    let waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let holding = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while server.database.sql(holding).await.is_empty() {}
    socket.say(&json!({ "type": "heartbeat" })).await;
    while server.database.sql(waiting).await.is_empty() {}

    table.act(actor, json!({ "action": "FOLD", "turn": view["timer"]["turn"] })).await.ok();
    let mut first = socket.next().await;
    while first["type"] == "presence" {
        first = socket.next().await;
    }
    assert_eq!(first["type"], "player_action");
    socket.event("heartbeat_ack").await;
    holder.await.unwrap();
}
