//! Too much of everything: what is refused, who is cut, and that the others play on.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::clients::{Client, PATIENCE, Socket, Table};
use crate::server::Server;

/// Something is sent until the server hangs up; returns the code with which it does.
async fn until_cut(server: &Server, frames: impl Fn(usize) -> Message) -> Option<u16> {
    let mut socket = Socket::open(server).await;
    let mut sent = 0;
    // What the network takes after the end says nothing.
    while sent < 100_000 && socket.say_raw(frames(sent)).await {
        sent += 1;
    }
    socket.closed().await
}

/// T-F1: frames that no client of ours sends end the socket before they cost anything.
#[tokio::test]
async fn broken_endless_and_countless_frames_end_the_socket() {
    let server = Server::start().await;
    let kilobyte = vec![b'x'; 1024];
    let part = |number: usize| {
        let kind = if number == 0 { Data::Text } else { Data::Continue };
        Message::Frame(Frame::message(kilobyte.clone(), OpCode::Data(kind), false))
    };
    let ping = |_| Message::Ping(vec![7; 100].into());
    let pong = |_| Message::Pong(vec![7; 100].into());
    let no_text = |_| Message::Frame(Frame::message(vec![0xc3, 0x28], OpCode::Data(Data::Text), true));
    let heartbeat = |_| Message::text("{\"type\":\"heartbeat\"}");
    let before = server.memory_kib();
    for _ in 0..4 {
        for (kind, code, expected) in [
            ("continued without end", until_cut(&server, part).await, &[Some(1009), None][..]),
            ("pings", until_cut(&server, ping).await, &[Some(1008), None]),
            ("pongs", until_cut(&server, pong).await, &[Some(1008), None]),
            ("messages", until_cut(&server, heartbeat).await, &[Some(1008), None]),
            ("no UTF-8", until_cut(&server, no_text).await, &[Some(1007), Some(1002), None]),
        ] {
            assert!(expected.contains(&code), "{kind}: {code:?}");
        }
    }
    let grown = server.memory_kib().saturating_sub(before);
    assert!(grown < 20_000, "the server has grown by {grown} KiB");
    let mut socket = Socket::open(&server).await;
    socket.say(&json!({ "type": "heartbeat", "deep": deep(5) })).await;
    assert_eq!(socket.next().await["code"], "UNAUTHENTICATED", "unknown fields are ignored");
    socket.say_raw(Message::text(format!("{{\"type\":\"heartbeat\",\"deep\":{}", "[".repeat(4000)))).await;
    assert_eq!(socket.next().await["code"], "BAD_REQUEST", "however deep");
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(Value::Null, |inner, _| json!([inner]))
}

/// T-F2: whoever floods is cut, and the tables play on meanwhile.
#[tokio::test]
async fn a_flood_of_messages_is_cut_and_hands_go_on() {
    let server = Server::start().await;
    let table = Table::playing(&server, 2, json!({})).await;
    let other = Table::with_members(&server, 0, json!({})).await;
    let flood = async {
        let mut longest = Duration::ZERO;
        for _ in 0..20 {
            let (mut socket, _) = Socket::join(&server, &other, other.host(), None).await;
            let began = Instant::now();
            while socket.say_raw(Message::text("{\"type\":\"heartbeat\"}")).await {
                assert!(began.elapsed() < PATIENCE, "never cut");
            }
            longest = longest.max(began.elapsed());
        }
        longest
    };
    let play = async {
        for _ in 0..5 {
            table.fold_out().await;
        }
    };
    let (longest, ()) = tokio::join!(flood, play);
    assert!(longest < Duration::from_secs(10), "a flood went on for {longest:?}");
}

/// A socket whose client never reads, and takes as little as TCP allows.
async fn deaf(server: &Server, table: &Table, client: &Client) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let stream = socket.connect(server.address()).await.unwrap();
    let (mut stream, _) = client_async(server.socket_url(), stream).await.unwrap();
    let hello = json!({ "type": "authenticate", "roomId": table.room, "token": client.token, "lastSeq": 0 });
    stream.send(Message::text(hello.to_string())).await.unwrap();
    let answer = timeout(PATIENCE, stream.next()).await.unwrap().unwrap().unwrap();
    assert!(answer.to_text().unwrap().contains("authenticated"), "{answer}");
    stream
}

/// T-F3: sockets that are never read from cost little, are cut, and hold nobody up.
#[tokio::test]
async fn sockets_that_never_read_cost_little_and_are_cut() {
    const DEAF: usize = 200;
    // Few connections to the database: they are open files too.
    let server = Server::start_with(&[("HOLDFAST_DB_POOL", "4")]).await;
    let table = Table::with_members(&server, 25, json!({ "autoApprove": true })).await;
    table.sit(0, 0).await.ok();
    let (mut listener, _) = Socket::join(&server, &table, table.host(), None).await;
    let (before, files) = (server.memory_kib(), server.open_files());
    let mut sockets = Vec::new();
    for first in (0..DEAF).step_by(10) {
        let some = (first..first + 10).map(|index| deaf(&server, &table, &table.players[1 + index % 25]));
        sockets.extend(join_all(some).await);
    }
    assert!(server.open_files() >= files + DEAF);

    let gift = json!({ "userId": table.host().user, "delta": 1, "reason": "🂡".repeat(200) });
    let gifts = table.path("chips");
    let mut most = 0;
    let flood = async {
        loop {
            let many = join_all((0..10).map(|_| table.host().post(&gifts, gift.clone()))).await;
            let last = many.into_iter().map(|answer| answer.ok()["seq"].as_u64().unwrap()).max().unwrap();
            // Who reads hears everything meanwhile.
            listener.events_until(last).await;
            most = most.max(server.memory_kib());
            let metrics = table.host().get("/metrics").await.body;
            if metrics.as_str().unwrap().lines().any(|line| line == "holdfast_sockets_open 1") {
                return;
            }
        }
    };
    timeout(Duration::from_secs(60), flood).await.expect("all of them are cut");
    let each = most.saturating_sub(before) / DEAF as u64;
    assert!(each < 256, "{each} KiB for each socket");
    // Cut off for good: the server keeps no connection open to somebody who will never read the farewell.
    let gone = async {
        while server.open_files() > files + 10 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(Duration::from_secs(45), gone).await.expect("their connections are closed");
    drop(sockets);
}

/// T-F4: whoever says half a request is not waited for.
#[tokio::test]
async fn half_a_request_is_not_waited_for() {
    let server = Server::start().await;
    let host = Client::guest(&server, "Host").await;
    let half_a_head = "POST /api/rooms HTTP/1.1\r\nhost: x\r\nx-slow: ".to_owned();
    let half_a_body = format!(
        "POST /api/rooms HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 1000\r\n\r\n{{",
        host.token
    );
    let ends = [half_a_head, half_a_body].map(|half| {
        let address = server.address();
        async move {
            let mut line = TcpStream::connect(address).await.unwrap();
            line.write_all(half.as_bytes()).await.unwrap();
            let mut answer = String::new();
            // However it ends, with an answer or a reset.
            let _ = timeout(PATIENCE, line.read_to_string(&mut answer)).await.expect("it ends");
            answer
        }
    });
    let answers = join_all(ends).await;
    assert!(answers[1].contains("BAD_REQUEST"), "{answers:?}");
}

/// T-F4: a socket that the server has closed is hung up on, though its client doesn't.
#[tokio::test]
async fn a_socket_that_was_closed_is_hung_up_on() {
    let server = Server::start().await;
    let mut line = TcpStream::connect(server.address()).await.unwrap();
    let upgrade = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    line.write_all(upgrade.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    // A binary frame, masked with zeros, for which sockets are closed.
    line.write_all(&[0x82, 0x81, 0, 0, 0, 0, 7]).await.unwrap();
    timeout(PATIENCE, line.read_to_end(&mut heard)).await.expect("it hangs up").unwrap();
    assert!(heard.windows(2).any(|two| two == 1003u16.to_be_bytes()), "{heard:?}");
}

/// T-F4: sockets that don't say who they are use up nothing but their address's share.
#[tokio::test]
async fn an_address_has_a_hundred_sockets_that_have_not_said_who_they_are() {
    let server = Server::start_with(&[("HOLDFAST_RATE_LIMIT", "on")]).await;
    let mut open = Vec::new();
    let refused = loop {
        match tokio_tungstenite::connect_async(server.socket_url()).await {
            Ok((stream, _)) => open.push(stream),
            Err(refused) => break refused,
        }
    };
    assert!(refused.to_string().contains("429"), "{refused}");
    assert_eq!(open.len(), 100);
    // Those who are cut make room for others.
    assert!(matches!(timeout(PATIENCE, open[0].next()).await.unwrap(), Some(Ok(Message::Close(_)))));
    assert!(tokio_tungstenite::connect_async(server.socket_url()).await.is_ok());
}

/// T-F2: one user has eight sockets to a room; one more ends the oldest.
#[tokio::test]
async fn a_ninth_socket_to_a_room_ends_the_first() {
    let server = Server::start_alone(&[]).await;
    let table = Table::with_members(&server, 1, json!({})).await;
    let mut sockets = Vec::new();
    for _ in 0..9 {
        sockets.push(Socket::join(&server, &table, table.host(), None).await.0);
    }
    assert_eq!(sockets.remove(0).closed().await, Some(4009));
    table.sit(1, 1).await.ok();
    for socket in &mut sockets {
        socket.event("player_seated").await;
    }
}

/// T-F5: a storm of hydrations is answered, each with the reader's own document or a word to come back, and hands go on.
#[tokio::test]
async fn a_storm_of_hydrations_is_answered_and_hands_go_on() {
    let server = Server::start().await;
    let table = Table::playing(&server, 3, json!({})).await;
    let path = table.path("hydrate");
    let storm = (0..200).map(|number| {
        let (path, reader) = (&path, &table.players[number % 3]);
        async move { (reader, reader.get(path).await) }
    });
    for (reader, answer) in join_all(storm).await {
        match answer.status {
            503 => assert_eq!(answer.headers["retry-after"], "1"),
            _ => assert_eq!(answer.ok()["me"]["user_id"], reader.user.as_str()),
        }
    }
    table.fold_out().await;
}

/// T-F7: nobody has more rooms or requests than allowed, however many are asked for at once.
#[tokio::test]
async fn one_user_gets_ten_rooms_and_twenty_requests_of_many_at_once() {
    let server = Server::start_with(&[("HOLDFAST_RATE_LIMIT", "on")]).await;
    let maker = Client::guest(&server, "Maker").await;
    let made = join_all((0..30).map(|_| maker.post("/api/rooms", json!({ "displayName": "Maker" })))).await;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 10);
    for answer in refused {
        answer.refused(409, "LIMIT_REACHED");
    }
    let mut rooms: Vec<String> =
        made.into_iter().map(|answer| answer.body["room"]["id"].as_str().unwrap().to_owned()).collect();
    for number in 0..2 {
        let other = Client::guest(&server, "Other").await;
        for _ in 0..10 {
            let made = other.post("/api/rooms", json!({ "displayName": format!("Other {number}") })).await.ok();
            rooms.push(made["room"]["id"].as_str().unwrap().to_owned());
        }
    }
    let asker = Client::guest(&server, "Asker").await;
    let ask = |room: &String| {
        let (asker, path) = (asker.clone(), format!("/api/rooms/{room}/join"));
        async move { asker.post(&path, json!({ "displayName": "Asker" })).await }
    };
    let answers = join_all(rooms.iter().map(ask)).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 20);
    for answer in answers.into_iter().filter(|answer| answer.status != 202) {
        answer.refused(409, "LIMIT_REACHED");
    }
    maker.post(&format!("/api/rooms/{}/end", rooms[0]), json!({})).await.ok();
    maker.post("/api/rooms", json!({ "displayName": "Maker" })).await.ok();
}

/// T-J4: of many guesses at once no more are looked at than of as many in a row.
#[tokio::test]
async fn of_a_thousand_codes_at_once_ten_are_looked_at() {
    let server = Server::start_alone(&[("HOLDFAST_RATE_LIMIT", "on"), ("HOLDFAST_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let guess = |number: usize| {
        let server = &server;
        async move {
            // Each as a user of their own would: it is the address that counts.
            let guest = Client::guest(server, "Guesser").await.via_proxy_for("198.51.100.1");
            let mut looked_at = 0;
            for round in 0..50 {
                let answer = guest.get(&format!("/api/rooms/code/ZZ{number:02}{round:04}")).await;
                match answer.status {
                    404 => looked_at += 1,
                    // A machine that is too slow to answer in time says so.
                    status => assert!(matches!(status, 429 | 503), "{}", answer.body),
                }
            }
            looked_at
        }
    };
    let looked_at: usize = join_all((0..20).map(guess)).await.into_iter().sum();
    assert_eq!(looked_at, 10);
    let table = Table::with_members(&server, 0, json!({})).await;
    let code = table.hydrate(table.host()).await["room"]["code"].as_str().unwrap().to_owned();
    let path = format!("/api/rooms/code/{code}");
    table.host().via_proxy_for("198.51.100.1").get(&path).await.refused(429, "RATE_LIMITED");
    table.host().via_proxy_for("198.51.100.2").get(&path).await.ok();
}

/// T-J5: a flood of passwords from everywhere meets the limits of the room, and hands go on.
#[tokio::test]
async fn a_flood_of_passwords_is_stopped_and_hands_go_on() {
    let server = Server::start_alone(&[("HOLDFAST_RATE_LIMIT", "on"), ("HOLDFAST_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let host = Client::guest(&server, "Host").await;
    let made = host.post("/api/rooms", json!({ "displayName": "Host", "password": "sesame" })).await.ok();
    let join = format!("/api/rooms/{}/join", made["room"]["id"].as_str().unwrap());
    let table = Table::playing(&server, 2, json!({})).await;
    let guess = |from: usize| {
        let (server, join) = (&server, &join);
        async move {
            let guest = Client::guest(server, "Guesser").await.via_proxy_for(&format!("198.51.100.{from}"));
            let mut looked_at = 0;
            for round in 0..8 {
                let body = json!({ "displayName": format!("Guesser {from}"), "password": format!("sesam{round}") });
                let answer = guest.post(join, body).await;
                match answer.status {
                    403 => looked_at += 1,
                    // A machine that is too slow to answer in time says so.
                    status => assert!(matches!(status, 429 | 503), "{}", answer.body),
                }
            }
            looked_at
        }
    };
    let (looked_at, ()) = tokio::join!(join_all((0..25).map(guess)), table.fold_out());
    assert!(looked_at.iter().all(|each| *each <= 5), "from one address: {looked_at:?}");
    // Twenty, and those that were under way by then.
    assert!((1..=50).contains(&looked_at.iter().sum::<usize>()), "for the room: {looked_at:?}");
    host.post(&join, json!({ "displayName": "Host" })).await.refused(409, "ALREADY_IN_ROOM");
}

/// T-J5: hanging up after a guess doesn't make it none.
#[tokio::test]
async fn a_guess_counts_though_its_client_hangs_up() {
    let server = Server::start_with(&[("HOLDFAST_RATE_LIMIT", "on")]).await;
    let host = Client::guest(&server, "Host").await;
    let made = host.post("/api/rooms", json!({ "displayName": "Host", "password": "sesame" })).await.ok();
    let join = format!("/api/rooms/{}/join", made["room"]["id"].as_str().unwrap());
    let guest = Client::guest(&server, "Guest").await;
    let right = json!({ "displayName": "Guest", "password": "sesame" });
    let body = json!({ "displayName": "Guest", "password": "wrong" }).to_string();
    for _ in 0..20 {
        let mut line = TcpStream::connect(server.address()).await.unwrap();
        let request = format!(
            "POST {join} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
            guest.token,
            body.len()
        );
        line.write_all(request.as_bytes()).await.unwrap();
        // Long enough to be read, too short to be answered: a hash takes longer.
        tokio::time::sleep(Duration::from_millis(10)).await;
        line.set_zero_linger().unwrap();
        drop(line);
    }
    guest.post(&join, right).await.refused(429, "RATE_LIMITED");
}

/// Without a trusted proxy nobody chooses the address that limits go by.
#[tokio::test]
async fn a_forwarded_address_counts_from_trusted_proxies_alone() {
    let server = Server::start_alone(&[("HOLDFAST_RATE_LIMIT", "on")]).await;
    let guest = Client::guest(&server, "Guesser").await;
    for number in 0..10 {
        let from = guest.via_proxy_for(&format!("198.51.100.{number}"));
        from.get(&format!("/api/rooms/code/ZZZZ{number:04}")).await.refused(404, "ROOM_NOT_FOUND");
    }
    guest.via_proxy_for("198.51.100.77").get("/api/rooms/code/ZZZZ7777").await.refused(429, "RATE_LIMITED");
}

/// P11: when a network comes back everybody is at the door at once. They wait for their turn; nobody is sent away because the
/// database's connections are busy with the others, and who plays meanwhile isn't kept waiting.
#[tokio::test]
async fn who_comes_back_with_everybody_else_waits_and_is_let_in() {
    let server = Server::start_alone(&[("HOLDFAST_DB_POOL", "2")]).await;
    let mut tables = Vec::new();
    for _ in 0..8 {
        tables.push(Table::playing(&server, 3, json!({})).await);
    }
    let lines = tables.iter().flat_map(|table| table.players.iter().map(move |player| (table, player)));
    let back = lines.flat_map(|line| std::iter::repeat_n(line, 8)).map(|(table, player)| {
        let server = &server;
        async move { Socket::join(server, table, player, Some(1)).await.1["type"].clone() }
    });
    let (back, ()) = tokio::join!(join_all(back), tables[0].fold_out());
    assert_eq!(back.len(), 192);
    assert!(back.iter().all(|kind| kind == "authenticated"), "{back:?}");
}
