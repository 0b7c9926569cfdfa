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

/// T-C1, T-C2, T-C4: in hands that end without a showdown, every byte that somebody gets holds only their own cards and the board.
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

/// T-A7: the host never gets a token that is not the host's.
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

/// T-C12: a dump of the whole database in mid-hand holds no card and no token.
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

/// T-A9: whoever is removed is cut off.
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

/// T-C8: however much is logged, no line holds a card, a token, an address or a password.
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

/// T-C4: folded and mucked cards are nobody's but their owner's, at every endpoint, for every kind of reader, for good.
#[tokio::test]
async fn folded_and_mucked_cards_stay_their_owners() {
    let server = Server::start().await;
    let table = Table::playing(&server, 4, json!({})).await;
    let mut readers = table.players.clone();
    for name in ["Wim", "Appie"] {
        let reader = Client::guest(&server, name).await;
        table.let_in(&reader, name).await;
        readers.push(reader);
    }
    readers[4].post(&table.path("spectate"), json!({})).await.ok();
    let (mut socket, _) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let mut hidden_at_showdown = 0;
    for hand in 0..8 {
        let started = socket.event("hand_started").await;
        let mut own = vec![Vec::new(); readers.len()];
        for (reader, own) in table.players.iter().zip(&mut own) {
            cards_in(&table.hydrate(reader).await["me"]["hole_cards"], own);
            assert_eq!(own.len(), 2);
        }
        // One folds, the others go to the showdown.
        let mut folds = 1;
        let ended = loop {
            let Some((actor, view)) = table.actor().await else { break socket.event("hand_complete").await };
            if view["hand"]["id"] != started["handId"] {
                break socket.event("hand_complete").await;
            }
            let call = view["me"]["legal_actions"]["call_amount"] != 0;
            let action = if folds > 0 && hand % 2 == 0 {
                "FOLD"
            } else if call {
                "CALL"
            } else {
                "CHECK"
            };
            folds -= i32::from(action == "FOLD");
            table.act(actor, json!({ "action": action, "turn": view["timer"]["turn"] })).await;
        };
        let mut public = Vec::new();
        cards_in(&ended["board"], &mut public);
        cards_in(&ended["shown"], &mut public);
        let shown = ended["shown"].as_array().unwrap().len();
        hidden_at_showdown += 4 - shown;
        for (index, reader) in readers.iter().enumerate() {
            let document = reader.get(&format!("/api/hands/{}", started["handId"].as_str().unwrap())).await.ok();
            let mut seen = Vec::new();
            cards_in(&document, &mut seen);
            assert!(seen.len() >= public.len(), "the board and what was shown are in it");
            for card in seen {
                assert!(public.contains(&card) || own[index].contains(&card), "hand {hand}: reader {index} saw {card}");
            }
            for path in ["hands", "me", "spectators", ""] {
                let mut seen = Vec::new();
                cards_in(&reader.get(table.path(path).trim_end_matches('/')).await.body, &mut seen);
                assert_eq!(seen, [""; 0], "{path}");
            }
        }
    }
    assert!(hidden_at_showdown > 4, "some cards were there to be hidden");
}

/// T-C8: through a killed database, a frozen one, clients that hang up and calls that are refused, no log line of the server
/// and none of PostgreSQL's holds a card, a token or a password.
#[tokio::test]
async fn no_log_holds_a_secret_through_a_run_with_faults() {
    let postgres = testkit::Server::start();
    let settings = [("HOLDFAST_LOG", "trace"), ("HOLDFAST_LOG_FORMAT", "json")];
    let mut server = Server::start_on(postgres.database().await, &settings);
    let table = Table::playing(&server, 3, json!({})).await;
    let account = json!({ "email": "anna@secret.example", "password": "correct horse", "displayName": "Anna" });
    table.players[1].post("/api/auth/register", account.clone()).await.ok();
    let mut secrets: Vec<String> = vec!["anna@secret.example".into(), "correct horse".into()];
    for fault in 0..3 {
        for player in &table.players {
            let view = table.hydrate(player).await;
            cards_in(&view["me"]["hole_cards"], &mut secrets);
            secrets.push(view["me"]["rejoin_token"].as_str().unwrap().to_owned());
            secrets.push(player.token.clone());
        }
        let (actor, view) = table.actor().await.unwrap();
        let fold = json!({ "action": "FOLD", "turn": view["timer"]["turn"] });
        match fault {
            0 => postgres.crash(),
            1 => postgres.freeze(),
            _ => {}
        }
        let calls = [
            table.act(actor, fold.clone()).await,
            actor.with_header(&format!("Bearer {}x", actor.token)).get(&table.path("hydrate")).await,
            actor.with_header(&format!("Rejoin {}", secrets[4])).get(&table.path("hydrate")).await,
            actor.post("/api/auth/register", account.clone()).await,
            actor.get(&format!("/api/auth/me?token={}", actor.token)).await,
        ];
        assert!(calls.iter().any(|answer| answer.status >= 400));
        match fault {
            0 => postgres.start_again(""),
            1 => postgres.thaw(),
            _ => {}
        }
        let back = async { while actor.get("/readyz").await.status != 200 {} };
        tokio::time::timeout(crate::clients::PATIENCE, back).await.expect("the database is back");
    }
    table.fold_out().await;
    let (ours, theirs) = (server.stop_and_read_log(), postgres.log());
    assert!(ours.contains("/api/games/{gameId}/actions") && theirs.contains("database system was"), "both have logged");
    for secret in secrets {
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!ours.contains(&secret) && !ours.contains(bytes), "our log holds {secret}");
        assert!(!theirs.contains(&secret), "PostgreSQL's log holds {secret}");
    }
}
