//! Nobody ever sees a card that is not theirs to see.

use serde_json::{Value, json};

use crate::clients::{Client, Socket, Table};
use crate::server::Server;

/// Every card in a document, wherever it stands.
pub fn cards_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            let is_card = text.split_once('_').is_some_and(|(suit, rank)| {
                ["hearts", "diamonds", "clubs", "spades"].contains(&suit)
                    && ["2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A"].contains(&rank)
            });
            if is_card {
                found.push(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| cards_in(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| cards_in(value, found)),
        _ => {}
    }
}

/// C1, C2, C4: in hands that end without a showdown, every byte that somebody gets holds only their own cards and the board.
#[tokio::test]
async fn nobody_gets_a_card_that_is_not_theirs() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({ "spectatorsAllowed": true })).await;
    let watcher = Client::guest(&server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let mut readers: Vec<Client> = table.players.clone();
    readers.push(watcher.clone());
    let mut sockets = Vec::new();
    for reader in &readers {
        sockets.push(Socket::join(&server, &table, reader, Some(0)).await.0);
    }
    let mut own: Vec<Vec<String>> = vec![Vec::new(); readers.len()];
    let mut board: Vec<String> = Vec::new();
    for _ in 0..6 {
        table.live_hand().await;
        for (index, reader) in readers.iter().enumerate() {
            cards_in(&table.hydrate(reader).await["me"]["hole_cards"], &mut own[index]);
        }
        // To the flop, then everybody folds.
        for _ in 0..3 {
            let (actor, view) = table.actor().await.unwrap();
            let call = view["me"]["legal_actions"]["call_amount"] != 0;
            table.act(actor, json!({ "action": if call { "CALL" } else { "CHECK" } })).await.ok();
        }
        cards_in(&table.hydrate(&watcher).await["hand"]["board"], &mut board);
        table.fold_out().await;
    }
    let seq = table.live_hand().await["seq"].as_u64().unwrap();
    for (index, reader) in readers.iter().enumerate() {
        sockets[index].events_until(seq).await;
        let mut seen = Vec::new();
        for text in &sockets[index].heard {
            cards_in(&serde_json::from_str(text).unwrap(), &mut seen);
        }
        let mut documents = vec![
            table.hydrate(reader).await,
            reader.get(&table.path("events?after=0")).await.ok(),
            reader.get(&table.path("")).await.body,
            reader.get(&table.path("me")).await.ok(),
            reader.get(&table.path("hands")).await.ok(),
        ];
        let hands = documents[4]["hands"].as_array().unwrap().clone();
        for hand in hands {
            documents.push(reader.get(&format!("/api/hands/{}", hand["handId"].as_str().unwrap())).await.ok());
        }
        documents.iter().for_each(|document| cards_in(document, &mut seen));
        let mut now = Vec::new();
        cards_in(&table.hydrate(reader).await["me"]["hole_cards"], &mut now);
        for card in seen {
            assert!(
                own[index].contains(&card) || board.contains(&card) || now.contains(&card),
                "reader {index} saw {card}"
            );
        }
    }
}

/// A7: the host never gets a token that is not the host's.
#[tokio::test]
async fn tokens_go_to_their_owners_alone() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 0, json!({})).await;
    let (mut host_socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let anna = Client::guest(&server, "Anna").await;
    table.let_in(&anna, "Anna").await;
    let approved = host_socket.event("player_approved").await;
    assert!(approved.get("rejoinToken").is_none());
    let token = anna.get(&table.path("me")).await.ok()["rejoinToken"].as_str().unwrap().to_owned();
    let host = table.host();
    let documents = [
        table.hydrate(host).await,
        host.get(&table.path("events?after=0")).await.ok(),
        host.get(&table.path("me")).await.ok(),
    ];
    for document in documents {
        assert!(!document.to_string().contains(&token));
    }
    assert!(host_socket.heard.iter().all(|text| !text.contains(&token)));
    let own = anna.get(&table.path("events?after=0")).await.ok();
    assert!(own.to_string().contains(&token), "the owner's replay has it");
}

/// C12: a dump of the whole database in mid-hand holds no card and no token.
#[tokio::test]
async fn a_dump_of_the_database_holds_no_live_card_and_no_token() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let dump = server.dump().await;
    assert!(dump.contains(&table.room), "the dump is one");
    for player in &table.players {
        let view = table.hydrate(player).await;
        for card in view["me"]["hole_cards"].as_array().unwrap() {
            assert!(!dump.contains(card.as_str().unwrap()));
        }
        assert!(!dump.contains(view["me"]["rejoin_token"].as_str().unwrap()));
        assert!(!dump.contains(&player.token));
    }
}

/// A pending guest hears of their own request and nothing else; a stranger hears nothing.
#[tokio::test]
async fn whoever_is_not_let_in_hears_nothing_of_the_room() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let guest = Client::guest(&server, "Gus").await;
    let mut stranger = Socket::open(&server).await;
    stranger.say(&json!({ "type": "authenticate", "roomId": table.room, "token": guest.token })).await;
    assert_eq!(stranger.next().await["code"], "NOT_APPROVED");
    assert_eq!(stranger.closed().await, Some(4003));
    guest.get(&table.path("hydrate")).await.refused(403, "NOT_APPROVED");
    guest.get(&table.path("events")).await.refused(403, "NOT_APPROVED");
    guest.get(&table.path("spectators")).await.refused(403, "NOT_APPROVED");

    guest.post(&table.path("join"), json!({ "displayName": "Gus" })).await.ok();
    let (mut pending, _) = Socket::join(&server, &table, &guest, None).await;
    guest.get(&table.path("hydrate")).await.refused(403, "NOT_APPROVED");
    table.fold_out().await;
    table.host().post(&table.path("approve"), json!({ "userId": guest.user, "approved": false })).await.ok();
    let first = pending.next().await;
    assert_eq!(first["type"], "player_rejected", "{first}");
}

/// A9: whoever is removed is cut off.
#[tokio::test]
async fn a_kicked_member_is_cut_off() {
    let server = Server::start().await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let anna = &table.players[1];
    let token = anna.get(&table.path("me")).await.ok()["rejoinToken"].as_str().unwrap().to_owned();
    let (mut socket, _) = Socket::join(&server, &table, anna, None).await;
    table.host().post(&table.path("kick"), json!({ "userId": anna.user })).await.ok();
    assert_eq!(socket.event("player_kicked").await["userId"], anna.user.as_str());
    assert_eq!(socket.closed().await, Some(4003));
    anna.get(&table.path("hydrate")).await.refused(403, "NOT_APPROVED");
    anna.with_header(&format!("Rejoin {token}")).get(&table.path("hydrate")).await.refused(401, "TOKEN_INVALID");
}

/// C8: however much is logged, no line holds a card, a token, an address or a password.
#[tokio::test]
async fn no_log_line_holds_a_card_a_token_or_an_address() {
    let mut server = Server::start_with(&[("HOLDFAST_LOG", "trace,tokio_postgres::query=trace")]).await;
    let table = Table::playing(&server, 2, json!({})).await;
    let anna = &table.players[1];
    let (mut socket, _) = Socket::join(&server, &table, anna, Some(0)).await;
    let account = json!({ "email": "anna@secret.example", "password": "correct horse", "displayName": "Anna" });
    anna.post("/api/auth/register", account.clone()).await.ok();
    anna.post("/api/auth/register", account).await.refused(409, "EMAIL_TAKEN");
    anna.post("/api/auth/login", json!({ "email": "anna@secret.example", "password": "wrong horse" })).await;
    let mut secrets: Vec<String> = vec!["anna@secret.example".into(), "correct horse".into(), "wrong horse".into()];
    for player in &table.players {
        let view = table.hydrate(player).await;
        cards_in(&view["me"]["hole_cards"], &mut secrets);
        secrets.push(view["me"]["rejoin_token"].as_str().unwrap().to_owned());
        secrets.push(player.token.clone());
    }
    table.fold_out().await;
    socket.event("hand_complete").await;
    let log = server.stop_and_read_log();
    for route in ["/api/auth/register", "/api/auth/login", "/api/games/{gameId}/actions"] {
        assert!(log.contains(route), "{route} is logged, so that this test says something");
    }
    for secret in secrets {
        // Drivers like to print what they send byte by byte.
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!log.contains(&secret) && !log.contains(bytes), "the log holds {secret}");
    }
}
