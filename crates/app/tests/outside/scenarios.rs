//! The scenarios that the design began with.

use serde_json::json;

use crate::clients::{Client, Socket, Table, seqs};
use crate::server::Server;

#[tokio::test]
async fn a_guest_joins_is_approved_sits_down_and_plays() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let (mut host_socket, _) = Socket::join(&server, &table, table.host(), None).await;

    let anna = Client::guest(&server, "Anna").await;
    let asked = anna.post(&table.path("join"), json!({ "displayName": "Anna", "userId": anna.user })).await;
    assert_eq!(asked.status, 202);
    assert_eq!(asked.ok(), json!({ "status": "pending", "waitingForApproval": true }));
    assert_eq!(host_socket.event("player_join_requested").await["userId"], anna.user.as_str());
    let (mut anna_socket, hello) = Socket::join(&server, &table, &anna, None).await;
    assert_eq!((&hello["status"], &hello["role"]), (&json!("pending"), &json!("guest")));

    let word = json!({ "userId": anna.user, "approved": true });
    assert_eq!(table.host().post(&table.path("approve"), word).await.ok(), json!({ "approved": true }));
    let approved = anna_socket.event("player_approved").await;
    let token = approved["rejoinToken"].as_str().expect("the owner's copy has the token");
    let mine = anna.get(&table.path("me")).await.ok();
    assert_eq!((&mine["status"], &mine["rejoinToken"]), (&json!("approved"), &json!(token)));

    let seated = anna.post(&table.path("seat"), json!({ "seatIndex": 1, "buyIn": 100 })).await.ok();
    assert_eq!((&seated["role"], &seated["seatIndex"], &seated["chips"]), (&json!("player"), &json!(1), &json!(100)));
    assert_ne!(seated["rejoinToken"], token, "a role change revokes the token before");
    table.sit(0, 0).await.ok();
    table.host().post(&table.path("start"), json!({})).await.ok();
    let dealt = anna_socket.event("hand_started").await;
    assert_eq!(dealt["yourCards"].as_array().unwrap().len(), 2);

    let (actor, view) = table.actor().await.unwrap();
    let turn = view["timer"]["turn"].clone();
    let acted = table.act(actor, json!({ "action": "CALL", "turn": turn })).await.ok();
    let action = anna_socket.event("player_action").await;
    assert_eq!(action["seq"], acted["seq"]);
    assert_eq!((&action["action"], &action["amount"]), (&json!("CALL"), &json!(1)));
}

#[tokio::test]
async fn a_spectator_watches_without_cards() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    let watching = watcher.post(&table.path("spectate"), json!({})).await.ok();
    assert_eq!(watching["role"], "spectator");
    let (mut socket, hello) = Socket::join(&server, &table, &watcher, None).await;
    assert_eq!(hello["role"], "spectator");

    let view = table.hydrate(&watcher).await;
    assert_eq!((&view["me"]["role"], &view["spectator_count"]), (&json!("spectator"), &json!(1)));
    for absent in ["hole_cards", "seat_index", "legal_actions"] {
        assert!(view["me"].get(absent).is_none(), "{absent}");
    }
    for absent in ["pending_requests", "host_controls"] {
        assert!(view.get(absent).is_none(), "{absent}");
    }
    watcher.get(&format!("{}?role=player", table.path("hydrate"))).await.refused(403, "ROLE_FORBIDDEN");
    watcher.get(&format!("{}?role=host", table.path("hydrate"))).await.refused(403, "ROLE_FORBIDDEN");

    let (actor, _) = table.actor().await.unwrap();
    table.act(actor, json!({ "action": "FOLD" })).await.ok();
    assert_eq!(socket.event("player_action").await["action"], "FOLD");
    let next = socket.event("hand_started").await;
    assert!(next.get("yourCards").is_none());
    let listed = table.host().get(&table.path("spectators")).await.ok();
    assert_eq!(listed["spectators"][0]["userId"], watcher.user.as_str());
    assert_eq!(watcher.delete(&table.path("spectate")).await.ok()["role"], "approved");
}

#[tokio::test]
async fn a_player_who_refreshes_in_a_hand_finds_the_same_cards() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let (actor, before) = table.actor().await.unwrap();
    let (socket, _) = Socket::join(&server, &table, actor, None).await;
    drop(socket);
    let (_, hello) = Socket::join(&server, &table, actor, Some(before["seq"].as_u64().unwrap())).await;
    assert_eq!(hello["seq"], before["seq"]);
    let after = table.hydrate(actor).await;
    for same in ["hole_cards", "legal_actions", "seat_index", "rejoin_token", "hand_label"] {
        assert_eq!(after["me"][same], before["me"][same], "{same}");
    }
    assert_eq!((&after["hand"], &after["seq"]), (&before["hand"], &before["seq"]));
    assert_eq!(after["me"]["hole_cards"].as_array().unwrap().len(), 2);
    table.act(actor, json!({ "action": "CALL", "turn": after["timer"]["turn"] })).await.ok();
}

#[tokio::test]
async fn a_rejoin_token_opens_its_room_and_nothing_else() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let anna = &table.players[1];
    let token = table.hydrate(anna).await["me"]["rejoin_token"].as_str().unwrap().to_owned();
    let back = anna.with_header(&format!("Rejoin {token}"));
    assert_eq!(table.hydrate(&back).await["me"]["user_id"], anna.user.as_str());
    let other = Table::with_members(&server, 0, json!({})).await;
    back.get(&other.path("hydrate")).await.refused(401, "TOKEN_INVALID");
    back.get("/api/auth/me").await.refused(401, "TOKEN_INVALID");
    back.get("/api/rooms").await.refused(401, "TOKEN_INVALID");
    let mut socket = Socket::open(&server).await;
    socket.say(&json!({ "type": "authenticate", "roomId": table.room, "rejoinToken": token })).await;
    assert_eq!(socket.next().await["userId"], anna.user.as_str());
    anna.delete(&table.path("seat")).await.ok();
    back.get(&table.path("hydrate")).await.refused(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn a_spectator_who_refreshes_watches_on() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let before = table.hydrate(&watcher).await["seq"].as_u64().unwrap();
    table.fold_out().await;
    let (mut socket, hello) = Socket::join(&server, &table, &watcher, Some(before)).await;
    assert_eq!((&hello["role"], &hello["status"]), (&json!("spectator"), &json!("approved")));
    let missed = socket.events_until(hello["seq"].as_u64().unwrap()).await;
    assert_eq!(seqs(&missed), (before + 1..=hello["seq"].as_u64().unwrap()).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_have_the_same_dense_numbers_for_every_reader_live_and_replayed() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 2, json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0 })).await;
    let mut sockets = Vec::new();
    for player in &table.players {
        sockets.push(Socket::join(&server, &table, player, Some(0)).await.0);
    }
    for index in 0..3 {
        table.sit(index, index).await.ok();
    }
    table.host().post(&table.path("start"), json!({})).await.ok();
    for _ in 0..5 {
        table.fold_out().await;
    }
    let seq = table.hydrate(table.host()).await["seq"].as_u64().unwrap();
    for (socket, player) in sockets.iter_mut().zip(&table.players) {
        let live = socket.events_until(seq).await;
        assert_eq!(seqs(&live), (1..=seq).collect::<Vec<_>>());
        let read = player.raw(reqwest::Method::GET, &table.path("events?after=0&limit=500"), "").await.ok();
        assert_eq!(read["events"].as_array().unwrap()[..live.len()], live[..], "live and read are the same");
        let (mut again, _) = Socket::join(&server, &table, player, Some(0)).await;
        again.events_until(seq).await;
        let text = |heard: &[String]| -> Vec<String> {
            heard.iter().filter(|text| text.contains("\"roomId\"")).take(live.len()).cloned().collect()
        };
        assert_eq!(text(&again.heard), text(&socket.heard), "live and replayed are the same bytes");
    }
}
