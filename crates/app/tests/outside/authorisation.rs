//! Who may call what: every route for every kind of caller, written down in one table.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::clients::{Answer, Client, Socket, Table};
use crate::secrecy::cards_in;
use crate::server::Server;

/// The columns. All of them come to one room in which a hand is being played, before the flop, and Pia is to act.
///
/// - `none`: no credential; `forg`: a forged one; `expd`: a bearer token that has expired
/// - `outs`: signed in, never asked to join; `pend`: asked; `rejd`, `kick`, `band`, `left`: not in the room any more
/// - `appr`: let in, neither seated nor watching; `spec`: watches; `play`: Pia; `host`: the host, seated
/// - `chls`: the host of such a room without a seat
/// - `ohst`, `opla`: the host and a player of another room
/// - `rejn`: Pia with her rejoin token; `rejo`: `opla` with the other room's; `rexp`: `spec` with one that has expired
const CALLERS: [&str; 19] = [
    "none", "forg", "expd", "outs", "pend", "rejd", "kick", "band", "left", "appr", "spec", "play", "host", "chls",
    "ohst", "opla", "rejn", "rejo", "rexp",
];

/// What the cells stand for. `ok` is any 2xx.
const REFUSALS: [(&str, u16, &str); 18] = [
    ("401", 401, "UNAUTHENTICATED"),
    ("inv", 401, "TOKEN_INVALID"),
    ("exp", 401, "TOKEN_EXPIRED"),
    ("out", 403, "NOT_APPROVED"),
    ("hst", 403, "NOT_HOST"),
    ("sit", 403, "NOT_SEATED"),
    ("rol", 403, "ROLE_FORBIDDEN"),
    ("ban", 403, "BANNED"),
    ("idm", 403, "IDENTITY_MISMATCH"),
    ("in!", 409, "ALREADY_IN_ROOM"),
    ("trn", 409, "NOT_YOUR_TURN"),
    ("std", 409, "ALREADY_SEATED"),
    ("npd", 409, "NOT_PENDING"),
    ("nbn", 409, "NOT_BANNED"),
    ("nhd", 409, "NO_HAND"),
    ("nqu", 409, "NO_QUESTION"),
    ("run", 409, "HAND_RUNNING"),
    ("bad", 400, "BAD_REQUEST"),
];

/// Every route of the server's own description, some with a query; and the socket, where the cell is the first answer.
const MATRIX: &str = include_str!("authorisation.txt");

/// One row: method, path as the server describes it, query, and a cell for each caller.
struct Row {
    method: &'static str,
    route: &'static str,
    query: &'static str,
    cells: Vec<&'static str>,
}

impl Row {
    fn name(&self) -> String {
        format!("{} {} {}", self.method, self.route, self.query)
    }
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        Row { method, route, query, cells: words.collect() }
    };
    let mut lines = MATRIX.lines().filter(|line| !line.is_empty());
    let columns: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(columns, CALLERS);
    lines.map(row).collect()
}

/// Everybody who appears, by column; and those who are only spoken of.
struct Cast(BTreeMap<&'static str, Client>);

const PEOPLE: [&str; 16] = [
    "outs", "pend", "rejd", "kick", "band", "left", "appr", "spec", "play", "host", "chls", "ohst", "opla", "third",
    "none", "expd",
];

impl Cast {
    async fn new(server: &Server) -> Self {
        let people = PEOPLE.map(|name| async move { (name, Client::guest(server, name).await) });
        Self(join_all(people).await.into_iter().collect())
    }

    fn get(&self, name: &str) -> &Client {
        &self.0[name]
    }
}

/// The room of the table, and what everybody brings to it.
struct Scene {
    table: Table,
    hand: String,
    code: String,
    callers: BTreeMap<&'static str, Client>,
    /// Of each caller: the tokens and the cards that are theirs.
    own: BTreeMap<&'static str, Vec<String>>,
    /// All tokens and cards that are somebody's.
    secrets: BTreeSet<String>,
}

impl Scene {
    /// With the host in a seat (`chls` is not in this scene), or without one.
    async fn new(server: &Server, cast: &Cast, other: &Table, host_sits: bool) -> Self {
        let host = cast.get(if host_sits { "host" } else { "chls" });
        let settings = json!({ "actionTimeoutSecs": 0, "betweenHandsSecs": 0, "bombPotMode": "manual" });
        let made = host.post("/api/rooms", json!({ "displayName": "host", "settings": settings })).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (room, game) = (text(&made["room"]["id"]), text(&made["gameId"]));
        let others = ["play", "third", "appr", "spec"].map(|name| cast.get(name).clone());
        let players = [host.clone()].into_iter().chain(others).collect();
        let table = Table { room, game, players };

        host.patch(&table.path("settings"), json!({ "autoApprove": true })).await.ok();
        let asks = ["kick", "band", "left", "appr", "spec", "play", "third"].map(|name| {
            let (table, client) = (&table, cast.get(name));
            async move { client.post(&table.path("join"), json!({ "displayName": name })).await.ok() }
        });
        join_all(asks).await;
        host.patch(&table.path("settings"), json!({ "autoApprove": false })).await.ok();
        for name in ["pend", "rejd"] {
            cast.get(name).post(&table.path("join"), json!({ "displayName": name })).await.ok();
        }
        host.post(&table.path("reject"), json!({ "userId": cast.get("rejd").user })).await.ok();
        for (name, ban) in [("kick", false), ("band", true)] {
            let word = json!({ "userId": cast.get(name).user, "ban": ban });
            host.post(&table.path("kick"), word).await.ok();
        }
        cast.get("left").post(&table.path("leave"), json!({})).await.ok();
        cast.get("spec").post(&table.path("spectate"), json!({})).await.ok();
        for player in if host_sits { 0..3 } else { 1..3 } {
            table.sit(player, player).await.ok();
        }
        host.post(&table.path("start"), json!({})).await.ok();
        // Everybody before Pia calls.
        let view = loop {
            let (actor, view) = table.actor().await.unwrap();
            if actor.user == cast.get("play").user {
                break view;
            }
            table.act(actor, json!({ "action": "CALL" })).await.ok();
        };

        let mut scene = Self {
            hand: text(&view["hand"]["id"]),
            code: text(&made["room"]["code"]),
            callers: BTreeMap::new(),
            own: BTreeMap::new(),
            secrets: BTreeSet::new(),
            table,
        };
        scene.give_credentials(server, cast, other).await;
        scene
    }

    /// Finds out what is whose, so that [`check_secrecy`](Self::check_secrecy) can tell.
    async fn with_secrets(mut self, cast: &Cast, other: &Table) -> Self {
        for (name, client) in &cast.0 {
            let own = self.own.entry(name).or_default();
            own.push(client.token.clone());
            for table in [&self.table, other] {
                let me = client.get(&table.path("me")).await.body;
                own.extend(me["rejoinToken"].as_str().map(str::to_owned));
                let hydrated = client.get(&table.path("hydrate")).await.body;
                cards_in(&hydrated["me"]["hole_cards"], own);
            }
            self.secrets.extend(own.iter().cloned());
        }
        for (column, name) in [("rejn", "play"), ("rejo", "opla"), ("rexp", "spec"), ("forg", "outs")] {
            self.own.insert(column, self.own[name].clone());
        }
        self
    }

    async fn give_credentials(&mut self, server: &Server, cast: &Cast, other: &Table) {
        let rejoin = async |name: &str, table: &Table| {
            let client = cast.get(name);
            let token = client.get(&table.path("me")).await.ok()["rejoinToken"].as_str().unwrap().to_owned();
            client.with_header(&format!("Rejoin {token}"))
        };
        for caller in CALLERS {
            let client = match caller {
                "none" => cast.get("none").with_header(""),
                "forg" => cast.get("outs").with_header(&format!("Bearer {}x", cast.get("outs").token)),
                "expd" => cast.get("expd").with_header(&format!("Bearer {}", expired_bearer(&cast.get("play").user))),
                "rejn" => rejoin("play", &self.table).await,
                "rejo" => rejoin("opla", other).await,
                "rexp" => rejoin("spec", &self.table).await,
                name => cast.get(name).clone(),
            };
            self.callers.insert(caller, client);
        }
        let end = format!(
            "UPDATE holdfast.rejoin_tokens SET expires_at = now() - interval '1 hour' WHERE room_id = '{}' AND user_id = '{}'",
            self.table.room,
            cast.get("spec").user
        );
        server.database.sql(&end).await;
    }

    /// What a caller sends to a route: a good request, so that only who they are can be wrong with it.
    fn body(&self, row: &Row, caller: &str) -> Value {
        let user = |index: usize| self.table.players[index].user.clone();
        match row.route.rsplit('/').next().unwrap() {
            "guest" => json!({ "displayName": "Guest" }),
            "register" => {
                let email = format!("{caller}.{}@example.org", self.table.room);
                json!({ "email": email, "password": "long enough", "displayName": "Reg" })
            }
            "login" => json!({ "email": "known@example.org", "password": "long enough" }),
            "rooms" => json!({ "displayName": "Maker" }),
            "join" => json!({ "displayName": caller }),
            "approve" => json!({ "userId": self.callers["pend"].user, "approved": true }),
            "reject" => json!({ "userId": self.callers["pend"].user }),
            "seat" => json!({ "seatIndex": if caller == "appr" { 5 } else { 6 }, "buyIn": 100 }),
            "kick" | "unban" => json!({ "userId": user(2) }),
            "chips" => json!({ "userId": user(2), "delta": 5 }),
            "settings" => json!({ "bigBlind": 4 }),
            "preferences" => json!({ "entry": "wait" }),
            "host" => json!({ "userId": user(3) }),
            "top-up" => json!({ "amount": 5 }),
            "actions" => json!({ "action": "CALL" }),
            "runs" => json!({ "runs": 2, "turn": 1 }),
            "show" => json!({ "handId": self.hand, "cards": ["hearts_A"] }),
            "rabbit" => json!({ "handId": self.hand }),
            _ => json!({}),
        }
    }

    async fn call(&self, row: &Row, caller: &str) -> Answer {
        let client = &self.callers[caller];
        let path = row
            .route
            .replace("{roomId}", &self.table.room)
            .replace("{gameId}", &self.table.game)
            .replace("{handId}", &self.hand)
            .replace("{code}", &self.code);
        let query = row.query.replace("{play}", &self.callers["play"].user);
        let path = if query.is_empty() { path } else { format!("{path}?{query}") };
        match row.method {
            "GET" => client.get(&path).await,
            method => {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                client.raw(method, &path, self.body(row, caller).to_string()).await
            }
        }
    }

    /// The first answer on a socket.
    async fn listen(&self, server: &Server, caller: &str) -> Answer {
        let token = self.callers[caller].token.clone();
        let (kind, token) = match token.strip_prefix('=').unwrap_or(&token).split_once(' ') {
            Some(("Rejoin", token)) => ("rejoinToken", token.to_owned()),
            Some((_, token)) => ("token", token.to_owned()),
            None => ("token", token.trim_start_matches('=').to_owned()),
        };
        let mut hello = json!({ "type": "authenticate", "roomId": self.table.room });
        if !token.is_empty() {
            hello[kind] = json!(token);
        }
        let mut socket = Socket::open(server).await;
        socket.say(&hello).await;
        let body = socket.next().await;
        let code = body["code"].as_str().unwrap_or_default();
        let status = REFUSALS.iter().find(|(_, _, known)| *known == code).map_or(200, |(_, status, _)| *status);
        Answer { status, body, headers: Default::default() }
    }

    /// Nothing that an answer holds is somebody else's.
    fn check_secrecy(&self, what: &str, caller: &str, answer: &Answer) {
        let text = answer.body.to_string();
        let mut cards = Vec::new();
        cards_in(&answer.body, &mut cards);
        for secret in self.secrets.iter().filter(|secret| !self.own[caller].contains(secret)) {
            let told = if secret.len() < 12 { cards.contains(secret) } else { text.contains(secret.as_str()) };
            assert!(!told, "{what} tells {caller} what is not theirs: {secret}\n{text}");
        }
    }
}

/// A bearer token of the project that the server knows, good until an hour ago.
fn expired_bearer(user: &str) -> String {
    let now = jsonwebtoken::get_current_timestamp();
    let claims =
        json!({ "sub": user, "aud": "authenticated", "role": "authenticated", "iat": now - 7200, "exp": now - 3600 });
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap()
}

const SECRET: &str = "a-projects-jwt-secret-of-40-characters--";

/// The cell that an answer would be written as.
fn cell(answer: &Answer) -> String {
    let code = answer.body["code"].as_str().unwrap_or_default();
    match REFUSALS.iter().find(|(_, status, known)| (*status, *known) == (answer.status, code)) {
        Some((cell, _, _)) => (*cell).to_owned(),
        None if (200..300).contains(&answer.status) => "ok".to_owned(),
        None => format!("{}:{code}", answer.status),
    }
}

/// Everything in the database but signs of life.
async fn state(server: &Server) -> Vec<(String, String)> {
    let tables = server.database.sql(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast' AND tablename <> 'service_pulse' ORDER BY 1",
    );
    let digest = |table: &str| {
        format!(
            "SELECT '{table}', md5(string_agg(row, '' ORDER BY row)) FROM (SELECT (to_jsonb(t) - 'last_seen_at' - 'online' \
             - 'expires_at' - 'expires_on')::text AS row FROM holdfast.{table} t) rows"
        )
    };
    let digests: Vec<_> = tables.await.iter().map(|row| digest(row[0].as_deref().unwrap())).collect();
    let rows = server.database.sql(&digests.join(" UNION ALL ")).await;
    rows.into_iter().map(|row| (row[0].clone().unwrap(), row[1].clone().unwrap_or_default())).collect()
}

/// The scenes of the matrix: two in which refusals and reads must change nothing, and those that commands wear out.
struct Stage<'a> {
    server: &'a Server,
    cast: &'a Cast,
    other: &'a Table,
    seated: Scene,
    chairless: Scene,
    worn: BTreeMap<&'static str, Scene>,
}

impl<'a> Stage<'a> {
    async fn new(server: &'a Server, cast: &'a Cast, other: &'a Table) -> Self {
        let seated = Scene::new(server, cast, other, true).await.with_secrets(cast, other).await;
        let chairless = Scene::new(server, cast, other, false).await.with_secrets(cast, other).await;
        Self { server, cast, other, seated, chairless, worn: BTreeMap::new() }
    }

    fn untouched(&self, caller: &str) -> &Scene {
        if caller == "chls" { &self.chairless } else { &self.seated }
    }

    /// Calls whatever changes nothing, all at once: refusals and reads.
    async fn call_harmless(&self, row: &Row, callers: Vec<&'static str>) -> Vec<(&'static str, Answer)> {
        let call = |caller: &'static str| async move {
            let scene = self.untouched(caller);
            let answer = match row.method {
                "WS" => scene.listen(self.server, caller).await,
                _ => scene.call(row, caller).await,
            };
            scene.check_secrecy(&row.name(), caller, &answer);
            // T-C11: no cache keeps what is somebody's.
            assert!(row.method == "WS" || answer.headers["cache-control"] == "no-store", "{}", row.name());
            (caller, answer)
        };
        // Their owner's sign of life makes expired tokens good again: whoever has one comes first.
        let (expired, others): (Vec<_>, Vec<_>) = callers.into_iter().partition(|caller| *caller == "rexp");
        let mut answers = join_all(expired.into_iter().map(call)).await;
        answers.extend(join_all(others.into_iter().map(call)).await);
        answers
    }

    /// Calls what changes something, in a room of its own.
    async fn call_for_good(&mut self, row: &Row, caller: &'static str) -> Answer {
        if !row.route.contains('{') {
            return self.untouched(caller).call(row, caller).await;
        }
        // Pia with her other credential comes to another room than Pia: what she may do once, she did.
        let kind = if matches!(caller, "chls" | "rejn") { caller } else { "all" };
        if !self.worn.contains_key(kind) {
            let scene = Scene::new(self.server, self.cast, self.other, kind != "chls").await;
            self.worn.insert(kind, scene);
        }
        self.worn[kind].call(row, caller).await
    }

    /// Who is who may be different from now on.
    fn clear(&mut self) {
        self.worn.clear();
    }
}

/// T-C1, I-14: every route for every kind of caller answers as the table says; what is refused or only read changes
/// nothing; and no such answer holds anything that is somebody else's.
#[tokio::test]
async fn every_route_answers_every_kind_of_caller_as_the_table_says() {
    let server = Server::start_with(&[("SUPABASE_JWT_SECRET", SECRET)]).await;
    let cast = Cast::new(&server).await;
    let account = json!({ "email": "known@example.org", "password": "long enough", "displayName": "Known" });
    cast.get("none").with_header("").post("/api/auth/register", account).await.ok();
    let other = other_room(&cast).await;
    let mut stage = Stage::new(&server, &cast, &other).await;

    let mut wrong = Vec::new();
    for row in rows() {
        let name = row.name();
        let told = |caller: &str| row.cells[CALLERS.iter().position(|known| *known == caller).unwrap()];
        let changes = |caller: &str| !matches!(row.method, "GET" | "WS") && told(caller) == "ok";
        let before = state(&server).await;
        let harmless = CALLERS.into_iter().filter(|caller| !changes(caller)).collect();
        let mut answers = stage.call_harmless(&row, harmless).await;
        assert_eq!(state(&server).await, before, "{name}: refusals and reads change nothing");
        for caller in CALLERS.into_iter().filter(|caller| changes(caller)) {
            answers.push((caller, stage.call_for_good(&row, caller).await));
        }
        if answers.iter().any(|(caller, _)| changes(caller))
            && !LASTING.contains(&row.route.rsplit('/').next().unwrap())
        {
            stage.clear();
        }
        for (caller, answer) in answers {
            let is = cell(&answer);
            if is != told(caller) {
                wrong.push(format!("{name} as {caller}: {is} instead of {}", told(caller)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Commands after which everybody in a room is who they were.
const LASTING: [&str; 11] = [
    "heartbeat",
    "sit-out",
    "sit-in",
    "top-up",
    "start",
    "pause",
    "resume",
    "bomb-pot",
    "chips",
    "settings",
    "preferences",
];

/// The other room: two people, both of them players.
async fn other_room(cast: &Cast) -> Table {
    let made = cast
        .get("ohst")
        .post("/api/rooms", json!({ "displayName": "Other host", "settings": { "actionTimeoutSecs": 0 } }))
        .await
        .ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let players = vec![cast.get("ohst").clone(), cast.get("opla").clone()];
    let table = Table { room: text(&made["room"]["id"]), game: text(&made["gameId"]), players };
    table.let_in(cast.get("opla"), "Other player").await;
    for player in 0..2 {
        table.sit(player, player).await.ok();
    }
    table.host().post(&table.path("start"), json!({})).await.ok();
    table
}

/// T-C1: a route that the server describes and the table doesn't have, or the other way round, is a mistake.
#[tokio::test]
async fn the_table_has_every_route_that_the_server_describes() {
    let server = Server::start().await;
    let document = Client::guest(&server, "A").await.with_header("").get("/api/openapi.json").await.ok();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
        described.extend(
            methods.filter(|method| Method::from_bytes(method.as_bytes()).is_ok()).map(|m| format!("{m} {path}")),
        );
    }
    let written = rows().into_iter().map(|row| match row.method {
        "WS" => format!("GET {}", row.route),
        method => format!("{method} {}", row.route),
    });
    assert_eq!(written.collect::<BTreeSet<_>>(), described);
}
