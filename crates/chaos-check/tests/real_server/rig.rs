//! The smallest rig that writes a run's folder: real nodes, a real database, clients that log what they do.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// The longest that anything may take on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The server's binary. A test of the whole workspace has built it already; else it is built now.
pub fn server_binary() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.ancestors().nth(2).unwrap().join("holdfast");
    if !binary.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "--quiet", "--package", "app"]).status().unwrap();
        assert!(built.success(), "the server doesn't build");
    }
    binary
}

/// A run that is written down as it goes.
pub struct Rig {
    pub dir: PathBuf,
    start: Instant,
    started_at_ms: u64,
    nemesis: Mutex<File>,
    rooms: Mutex<Vec<Value>>,
    env: Vec<(&'static str, &'static str)>,
}

impl Rig {
    pub fn new(dir: &Path, env: &[(&'static str, &'static str)]) -> Arc<Self> {
        fs::create_dir_all(dir.join("logs")).unwrap();
        fs::create_dir_all(dir.join("dump")).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        Arc::new(Self {
            dir: dir.to_owned(),
            start: Instant::now(),
            started_at_ms: SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64,
            nemesis: Mutex::new(File::create(dir.join("nemesis.jsonl")).unwrap()),
            rooms: Mutex::new(Vec::new()),
            env: env.to_vec(),
        })
    }

    fn t(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    pub fn fault(&self, fault: &str, phase: &str, target: &str) {
        let line = json!({"t": self.t(), "fault": fault, "phase": phase, "target": target, "bit": true});
        writeln!(self.nemesis.lock().unwrap(), "{line}").unwrap();
    }

    pub fn made_room(&self, made: &Value) {
        let room = json!({
            "room_id": made["room"]["id"], "code": made["room"]["code"], "game_id": made["gameId"],
            "host": made["room"]["hostId"],
        });
        self.rooms.lock().unwrap().push(room);
    }

    /// Writes the rest of the folder: what the run was, and all that is stored.
    pub async fn finish(&self, database: &TestDatabase, people: &[&Person]) {
        let users: Vec<Value> = people
            .iter()
            .map(|person| json!({"user_id": person.user, "client": person.index, "tokens": *person.tokens.lock().unwrap()}))
            .collect();
        let env: serde_json::Map<String, Value> =
            self.env.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let run = json!({
            "commit": "", "seed": 1, "nodes": ["a", "b"], "started_at_ms": self.started_at_ms, "bug": null,
            "env": env, "rooms": *self.rooms.lock().unwrap(), "users": users,
        });
        fs::write(self.dir.join("run.json"), run.to_string()).unwrap();
        let tables = database.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'holdfast'").await;
        for table in tables {
            let table = table[0].as_deref().unwrap();
            let mut file = File::create(self.dir.join(format!("dump/{table}.jsonl"))).unwrap();
            for row in database.sql(&format!("SELECT row_to_json(t) FROM holdfast.{table} t")).await {
                writeln!(file, "{}", row[0].as_deref().unwrap()).unwrap();
            }
        }
    }
}

/// A node. Killed when dropped.
pub struct Node {
    pub base: String,
    name: &'static str,
    child: Child,
}

impl Node {
    pub fn start(rig: &Rig, name: &'static str, bind: &str, database: &TestDatabase, data: &Path) -> Self {
        let log =
            File::options().create(true).append(true).open(rig.dir.join(format!("logs/node-{name}.log"))).unwrap();
        let mut child = Command::new(server_binary())
            .env("HOLDFAST_BIND", bind)
            .env("DATABASE_URL", &database.url)
            .env("HOLDFAST_DATA_DIR", data)
            .env("HOLDFAST_RATE_LIMIT", "off")
            .env("HOLDFAST_LOG", "debug")
            .envs(rig.env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(base.starts_with("http://"), "the node did not start: {line:?}");
        Self { base, name, child }
    }

    /// Kills it as `kill -9` does.
    pub fn die(&mut self, rig: &Rig) {
        rig.fault("K1", "inject", &format!("node {}", self.name));
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again where it was.
    pub fn live(&mut self, rig: &Rig, database: &TestDatabase, data: &Path) {
        let bind = self.base.trim_start_matches("http://").to_owned();
        *self = Self::start(rig, self.name, &bind, database, data);
        rig.fault("K1", "heal", &format!("node {}", self.name));
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user with a client that logs.
pub struct Person {
    pub index: usize,
    pub user: String,
    token: String,
    tokens: Arc<Mutex<Vec<String>>>,
    log: Arc<Mutex<File>>,
    http: reqwest::Client,
    ids: AtomicU64,
    rig: Arc<Rig>,
}

impl Person {
    pub async fn guest(rig: &Arc<Rig>, node: &Node, index: usize, name: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(PATIENCE).build().unwrap();
        let body = json!({ "displayName": name });
        let answer = http.post(format!("{}/api/auth/guest", node.base)).json(&body).send().await.unwrap();
        let session: Value = answer.json().await.unwrap();
        let token = session["token"].as_str().unwrap().to_owned();
        Self {
            index,
            user: session["userId"].as_str().unwrap().to_owned(),
            tokens: Arc::new(Mutex::new(vec![token.clone()])),
            token,
            log: Arc::new(Mutex::new(File::create(rig.dir.join(format!("client-{index}.jsonl"))).unwrap())),
            http,
            ids: AtomicU64::new(1),
            rig: rig.clone(),
        }
    }

    fn write(&self, line: &Value) {
        writeln!(self.log.lock().unwrap(), "{line}").unwrap();
    }

    /// Asks; returns the status and the body, 0 if there was no answer.
    pub async fn call(&self, node: &Node, method: Method, path: &str, body: Value, note: Option<&str>) -> (u16, Value) {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        self.write(&json!({
            "t": self.rig.t(), "client": self.index, "user": self.user, "op": "invoke", "id": id, "kind": "",
            "node": node.name, "method": method.as_str(), "path": path, "auth": "bearer", "body": body, "note": note,
        }));
        let mut request = self.http.request(method, format!("{}{path}", node.base)).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(&body);
        }
        let (status, text) = match request.send().await {
            Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
            Err(_) => (0, String::new()),
        };
        let body: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let (op, seen) = match status {
            200..300 => ("ok", Some(status)),
            400..500 => ("fail", Some(status)),
            0 => ("info", None),
            _ => ("info", Some(status)),
        };
        for token in ["rejoinToken", "rejoin_token"].iter().filter_map(|name| body[name].as_str()) {
            self.tokens.lock().unwrap().push(token.to_owned());
        }
        self.write(&json!({
            "t": self.rig.t(), "client": self.index, "op": op, "id": id, "status": seen, "body": body,
            "error": seen.is_none().then_some("reset"),
        }));
        (status, body)
    }

    /// Asks, and must be answered with 2xx.
    pub async fn ok(&self, node: &Node, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(node, method, path, body, None).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// Opens a socket, and logs all that comes until it is closed.
    pub async fn listen(&self, node: &Node, conn: u64, room: &str, last_seq: Option<u64>) -> Listener {
        self.write(&json!({
            "t": self.rig.t(), "client": self.index, "user": self.user, "op": "open", "conn": conn, "node": node.name,
            "room": room, "last_seq": last_seq,
        }));
        let url = format!("{}/ws", node.base.replace("http://", "ws://"));
        let (mut stream, _) = connect_async(url).await.unwrap();
        let mut hello = json!({"type": "authenticate", "roomId": room, "token": self.token});
        if let Some(last_seq) = last_seq {
            hello["lastSeq"] = json!(last_seq);
        }
        stream.send(Message::text(hello.to_string())).await.unwrap();
        let (hang_up, mut hung_up) = oneshot::channel::<()>();
        let (welcome, welcomed) = oneshot::channel::<()>();
        let (rig, log, tokens) = (self.rig.clone(), self.log.clone(), self.tokens.clone());
        let (index, user, room) = (self.index, self.user.clone(), room.to_owned());
        let seq = Arc::new(AtomicU64::new(last_seq.unwrap_or(0)));
        let last = seq.clone();
        let task = tokio::spawn(async move {
            let mut welcome = Some(welcome);
            let by = loop {
                let message = tokio::select! {
                    _ = &mut hung_up => break "rig",
                    message = stream.next() => message,
                };
                let Some(Ok(message)) = message else { break "network" };
                let Message::Text(text) = message else { continue };
                let line = json!({
                    "t": rig.t(), "client": index, "user": user, "op": "recv", "conn": conn, "room": room,
                    "raw": text.as_str(),
                });
                writeln!(log.lock().unwrap(), "{line}").unwrap();
                let frame: Value = serde_json::from_str(&text).unwrap();
                if let Some(token) = frame["rejoinToken"].as_str() {
                    tokens.lock().unwrap().push(token.to_owned());
                }
                if let Some(seq) = frame["seq"].as_u64().filter(|_| frame["type"] != "authenticated") {
                    last.fetch_max(seq, Ordering::AcqRel);
                }
                if let Some(welcome) = welcome.take() {
                    let _ = welcome.send(());
                }
            };
            let line = json!({"t": rig.t(), "client": index, "op": "close", "conn": conn, "code": null, "by": by});
            writeln!(log.lock().unwrap(), "{line}").unwrap();
        });
        timeout(PATIENCE, welcomed).await.expect("no welcome came").unwrap();
        Listener { seq, hang_up, task }
    }
}

/// A socket that is listened to.
pub struct Listener {
    seq: Arc<AtomicU64>,
    hang_up: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Waits until the event `seq` has come.
    pub async fn heard(&self, seq: u64) {
        let waiting = async {
            while self.seq.load(Ordering::Acquire) < seq {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("an event never came");
    }

    /// Closes the socket; returns the number of the last event that was heard.
    pub async fn close(self) -> u64 {
        let _ = self.hang_up.send(());
        self.task.await.unwrap();
        self.seq.load(Ordering::Acquire)
    }
}
