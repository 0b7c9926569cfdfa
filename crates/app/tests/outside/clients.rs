//! Clients as people would write them.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::documents::{self, Asked};
use crate::server::{Bases, Server};

/// The longest that anything may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody with a bearer token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    bases: Bases,
    pub token: String,
    pub user: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    /// The body of a good answer.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self.body
    }

    /// Refused with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.body["status"], status);
        self.body
    }
}

/// A client without proxies or pools that outlive a server.
pub fn http() -> reqwest::Client {
    builder().build().unwrap()
}

fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(PATIENCE)
}

impl Client {
    pub async fn guest(server: &Server, name: &str) -> Self {
        Self::guest_of(server.bases.clone(), name).await
    }

    pub async fn guest_at(base: &str, name: &str) -> Self {
        Self::guest_of(Bases::of([base.to_owned()]), name).await
    }

    async fn guest_of(bases: Bases, name: &str) -> Self {
        let blank = String::new();
        let mut client = Self { http: http(), bases, token: blank.clone(), user: blank };
        let session = client.post("/api/auth/guest", json!({ "displayName": name })).await.ok();
        client.token = session["token"].as_str().unwrap().to_owned();
        client.user = session["userId"].as_str().unwrap().to_owned();
        client
    }

    /// The same person at one node.
    pub fn at(&self, base: &str) -> Self {
        Self { bases: Bases::of([base.to_owned()]), ..self.clone() }
    }

    /// Somebody with a bearer token of another issuer.
    pub fn signed_in(server: &Server, user: &str, token: &str) -> Self {
        Self { http: http(), bases: server.bases.clone(), token: token.to_owned(), user: user.to_owned() }
    }

    /// The same person with another credential.
    pub fn with_header(&self, authorization: &str) -> Self {
        Self { token: format!("={authorization}"), ..self.clone() }
    }

    /// The same person, as a proxy would say that they come from this address.
    pub fn via_proxy_for(&self, address: &str) -> Self {
        let headers = [(reqwest::header::HeaderName::from_static("x-forwarded-for"), address.parse().unwrap())];
        let http = builder().default_headers(headers.into_iter().collect()).build().unwrap();
        Self { http, ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.http.post(self.url(path)).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.http.patch(self.url(path)).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.http.delete(self.url(path))).await
    }

    /// Any body, however broken.
    pub async fn raw(&self, method: reqwest::Method, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.http.request(method, self.url(path)).header("content-type", "application/json");
        self.send(request.body(body)).await
    }

    /// With these headers; a credential among them takes the place of the client's own.
    pub async fn with_headers(&self, method: &str, path: &str, headers: &[(&str, String)], body: &str) -> Answer {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, self.url(path)).header("content-type", "application/json");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let nobody = self.with_header("");
        let has_own = headers.iter().any(|(name, _)| *name == "authorization");
        if has_own {
            nobody.send(request.body(body.to_owned())).await
        } else {
            self.send(request.body(body.to_owned())).await
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.bases.next())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let request = match self.token.strip_prefix('=') {
            Some("") => request,
            Some(header) => request.header("authorization", header),
            None if self.token.is_empty() => request,
            None => request.bearer_auth(&self.token),
        };
        let request = request.build().unwrap();
        let asked = Asked::of(&request);
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        documents::check_answer(&asked, status, &headers, &text);
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, body, headers }
    }
}

/// A room with a host and people in it.
pub struct Table {
    pub room: String,
    pub game: String,
    /// The host first.
    pub players: Vec<Client>,
}

impl Table {
    /// A host's room with `others` let in, nobody seated.
    pub async fn with_members(server: &Server, others: usize, settings: Value) -> Self {
        let host = Client::guest(server, "Host").await;
        let body = json!({ "displayName": "Host", "settings": settings });
        let made = host.post("/api/rooms", body).await.ok();
        let room = made["room"]["id"].as_str().unwrap().to_owned();
        let game = made["gameId"].as_str().unwrap().to_owned();
        let mut table = Self { room, game, players: vec![host] };
        for index in 0..others {
            let name = format!("Player {index}");
            let client = Client::guest(server, &name).await;
            table.let_in(&client, &name).await;
            table.players.push(client);
        }
        table
    }

    /// Everybody seated with 200 chips, the game started. No pause between hands, no clock, unless the settings say so.
    pub async fn playing(server: &Server, players: usize, settings: Value) -> Self {
        let mut all = json!({ "betweenHandsSecs": 0, "actionTimeoutSecs": 0 });
        all.as_object_mut().unwrap().extend(settings.as_object().cloned().unwrap_or_default());
        let table = Self::with_members(server, players - 1, all).await;
        for index in 0..players {
            table.sit(index, index).await.ok();
        }
        table.players[0].post(&table.path("start"), json!({})).await.ok();
        table
    }

    /// The same table, whose people are served by other nodes.
    pub fn at(&self, bases: &Bases) -> Self {
        let player = |player: &Client| Client { bases: bases.clone(), ..player.clone() };
        Self { room: self.room.clone(), game: self.game.clone(), players: self.players.iter().map(player).collect() }
    }

    pub fn host(&self) -> &Client {
        &self.players[0]
    }

    pub fn path(&self, call: &str) -> String {
        format!("/api/rooms/{}/{call}", self.room)
    }

    pub async fn let_in(&self, client: &Client, name: &str) {
        let asked = client.post(&self.path("join"), json!({ "displayName": name })).await;
        if asked.status == 202 {
            let word = json!({ "userId": client.user, "approved": true });
            self.host().post(&self.path("approve"), word).await.ok();
        }
    }

    pub async fn sit(&self, player: usize, seat: usize) -> Answer {
        self.players[player].post(&self.path("seat"), json!({ "seatIndex": seat, "buyIn": 200 })).await
    }

    pub async fn hydrate(&self, client: &Client) -> Value {
        client.get(&self.path("hydrate")).await.ok()
    }

    pub async fn act(&self, client: &Client, action: Value) -> Answer {
        client.post(&format!("/api/games/{}/actions", self.game), action).await
    }

    /// The player whose turn it is, and what they see.
    pub async fn actor(&self) -> Option<(&Client, Value)> {
        let view = self.hydrate(self.host()).await;
        let seat = view["timer"]["actor_seat"].as_u64()?;
        let user = view["seats"][seat as usize]["user_id"].as_str()?;
        let actor = self.players.iter().find(|player| player.user == user)?;
        Some((actor, self.hydrate(actor).await))
    }

    /// What the host sees once a hand is being played.
    pub async fn live_hand(&self) -> Value {
        let waiting = async {
            loop {
                let view = self.hydrate(self.host()).await;
                if view["hand"].is_object() && view["hand"]["phase"] != "complete" {
                    return view;
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("no hand was dealt")
    }

    /// Everybody folds until the hand that is being played is over.
    pub async fn fold_out(&self) {
        let hand = self.live_hand().await["hand"]["id"].clone();
        loop {
            let Some((actor, view)) = self.actor().await else { return };
            if view["hand"]["id"] != hand {
                return;
            }
            self.act(actor, json!({ "action": "FOLD", "turn": view["timer"]["turn"] })).await;
        }
    }

    /// Every chip at the table.
    pub fn chips(view: &Value) -> u64 {
        let stacks: u64 = view["seats"].as_array().unwrap().iter().map(|seat| seat["chips"].as_u64().unwrap()).sum();
        stacks + view["hand"]["pot"].as_u64().unwrap_or(0)
    }
}

/// A WebSocket.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Everything that was heard, as text.
    pub heard: Vec<String>,
}

impl Socket {
    pub async fn open(server: &Server) -> Self {
        let (stream, _) = connect_async(server.socket_url()).await.unwrap();
        Self { stream, heard: Vec::new() }
    }

    /// Opens and authenticates; returns the first answer too.
    pub async fn join(server: &Server, table: &Table, client: &Client, last_seq: Option<u64>) -> (Self, Value) {
        Self::join_at(server.bases.next(), table, client, last_seq).await
    }

    /// The same at another node.
    pub async fn join_at(base: &str, table: &Table, client: &Client, last_seq: Option<u64>) -> (Self, Value) {
        let (stream, _) = connect_async(format!("{}/ws", base.replace("http://", "ws://"))).await.unwrap();
        let mut socket = Self { stream, heard: Vec::new() };
        let mut hello = json!({ "type": "authenticate", "roomId": table.room, "token": client.token });
        if let Some(seq) = last_seq {
            hello["lastSeq"] = json!(seq);
        }
        documents::check_message(&hello);
        socket.say(&hello).await;
        let answer = socket.next().await;
        assert_eq!(answer["type"], "authenticated", "{answer}");
        if last_seq.is_none() {
            let resync = socket.next().await;
            assert_eq!(resync["type"], "resync_required", "{resync}");
        }
        (socket, answer)
    }

    pub async fn say(&mut self, message: &Value) {
        self.stream.send(Message::text(message.to_string())).await.unwrap();
    }

    pub async fn say_raw(&mut self, message: Message) -> bool {
        self.stream.send(message).await.is_ok()
    }

    /// The next message, whatever it is.
    pub async fn next(&mut self) -> Value {
        self.next_or_close().await.expect("the socket was closed")
    }

    /// The next message, or the code with which the socket was closed.
    pub async fn next_or_close(&mut self) -> Result<Value, Option<u16>> {
        loop {
            let message = timeout(PATIENCE, self.stream.next()).await.expect("nothing came");
            match message {
                Some(Ok(Message::Text(text))) => {
                    documents::check_frame(&text);
                    self.heard.push(text.to_string());
                    return Ok(serde_json::from_str(&text).unwrap());
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The code with which the socket is closed, after anything else that comes before.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next_or_close().await {
                Ok(_) => {}
                Err(code) => return code,
            }
        }
    }

    /// The next event of this type.
    pub async fn event(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// Reads until the event with this number; returns all events on the way.
    pub async fn events_until(&mut self, seq: u64) -> Vec<Value> {
        let mut events = Vec::new();
        while events.last().and_then(|event: &Value| event["seq"].as_u64()) != Some(seq) {
            let event = self.next().await;
            if event.get("seq").is_some() && event.get("roomId").is_some() {
                events.push(event);
            }
        }
        events
    }
}

/// An event without what is its reader's own.
pub fn public_part(event: &Value) -> Value {
    let mut event = event.clone();
    let fields = event.as_object_mut().unwrap();
    fields.retain(|name, _| !["yourCards", "rejoinToken", "handLabel"].contains(&name.as_str()));
    if let Some(timer) = fields.get_mut("timer").and_then(Value::as_object_mut) {
        timer.remove("legalActions");
    }
    event
}

/// The numbers of events.
pub fn seqs(events: &[Value]) -> Vec<u64> {
    events.iter().map(|event| event["seq"].as_u64().unwrap()).collect()
}
