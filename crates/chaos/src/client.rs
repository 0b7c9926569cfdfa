//! One person at one keyboard: requests, each of them noted before it is sent and after it was answered.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use crate::history::{Clock, Invocation, Log, Traffic};
use crate::proxy::Link;

/// How long a client waits for an answer: longer than the server may take at worst.
const PATIENCE: Duration = Duration::from_secs(6);

/// What the clients are to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Anything that people do, and some that they shouldn't.
    Rough,
    /// Come back and play, after the last fault.
    Calm,
    /// Hang up.
    Over,
}

/// A way to a node.
#[derive(Debug)]
pub struct Door {
    /// The node's name.
    pub node: &'static str,
    /// The link to it.
    pub link: Arc<Link>,
}

/// What all clients of a run share.
#[derive(Debug)]
pub struct World {
    /// The clock of all logs.
    pub clock: Clock,
    /// What they are going through.
    pub traffic: Traffic,
    /// All nodes.
    pub doors: Vec<Door>,
    /// What they are to do.
    pub phase: watch::Sender<Phase>,
    /// Rejoin tokens with the rooms that they are for.
    pub tokens: Mutex<Vec<(Uuid, String)>>,
    /// Where the logs are.
    dir: PathBuf,
    /// Everybody who ever came.
    people: Mutex<Vec<Arc<Client>>>,
    /// How many numbers were given to clients.
    numbers: AtomicU64,
}

impl World {
    /// With these nodes, and nobody there. Logs go to `dir`.
    pub fn new(clock: Clock, doors: Vec<Door>, dir: &Path) -> Self {
        let (phase, _) = watch::channel(Phase::Rough);
        Self {
            clock,
            traffic: Traffic::default(),
            doors,
            phase,
            tokens: Mutex::default(),
            dir: dir.to_owned(),
            people: Mutex::default(),
            numbers: AtomicU64::new(0),
        }
    }

    /// Everybody who ever came.
    pub fn people(&self) -> Vec<Arc<Client>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// With which credential a request is sent.
#[derive(Clone, Debug)]
pub enum Credential {
    /// The account's token.
    Bearer,
    /// A rejoin token.
    Rejoin(String),
    /// None.
    Nothing,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `action`, `hydrate`, `kick`, …
    pub kind: &'static str,
    /// The room that it is about.
    pub room: Option<Uuid>,
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// What is sent.
    pub body: Option<Value>,
    /// Who says so.
    pub credential: Credential,
    /// What is special about it.
    pub note: Option<String>,
}

impl Request {
    /// A read, with the account's token.
    pub fn get(kind: &'static str, room: Uuid, path: impl Into<String>) -> Self {
        let path = path.into();
        Self { kind, room: Some(room), method: "GET", path, body: None, credential: Credential::Bearer, note: None }
    }

    /// A command, with the account's token.
    pub fn post(kind: &'static str, room: Uuid, path: impl Into<String>, body: Value) -> Self {
        Self { method: "POST", body: Some(body), ..Self::get(kind, room, path) }
    }

    /// The same with a word about why it is sent.
    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// The same with another credential.
    #[must_use]
    pub fn with(self, credential: Credential) -> Self {
        Self { credential, ..self }
    }
}

/// What became of a request.
#[derive(Debug)]
pub struct Answer {
    /// Its identifier in the log.
    pub id: u64,
    /// Status and body; `None` if there was no answer.
    pub said: Option<(u16, Value)>,
}

impl Answer {
    /// The body of a good answer.
    pub fn ok(&self) -> Option<&Value> {
        self.said.as_ref().filter(|(status, _)| (200..300).contains(status)).map(|(_, body)| body)
    }

    /// The status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.said.as_ref().map(|(status, _)| *status)
    }

    /// Whether it may or may not have happened.
    pub fn is_open(&self) -> bool {
        self.status().is_none_or(|status| status >= 500)
    }
}

/// A person with an account.
#[derive(Debug)]
pub struct Client {
    /// The number of their log.
    pub number: u64,
    /// Who they are.
    pub user: Uuid,
    /// What they are called.
    pub name: String,
    /// Their log.
    pub log: Log,
    /// Everybody's.
    pub world: Arc<World>,
    bearer: String,
    http: reqwest::Client,
    door: AtomicUsize,
    /// All rejoin tokens that they were given, each once, the latest last.
    rejoin: Mutex<Vec<String>>,
}

impl Client {
    /// Somebody new, whose account is made as a guest's.
    ///
    /// # Errors
    ///
    /// - No node answers.
    pub async fn enter(world: &Arc<World>, name: &str) -> anyhow::Result<Arc<Self>> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).pool_idle_timeout(PATIENCE).build()?;
        let number = world.numbers.fetch_add(1, Ordering::SeqCst);
        let door = usize::try_from(number)? % world.doors.len();
        for attempt in 0..20 {
            let address = world.doors[(door + attempt) % world.doors.len()].link.address();
            let asked = http.post(format!("http://{address}/api/auth/guest")).json(&json!({ "displayName": name }));
            let Ok(answer) = asked.send().await.and_then(reqwest::Response::error_for_status) else {
                sleep(Duration::from_millis(250)).await;
                continue;
            };
            let session: Value = answer.json().await?;
            let user: Uuid = session["userId"].as_str().context("an account has a user")?.parse()?;
            let bearer = session["token"].as_str().context("an account has a token")?.to_owned();
            let client = Arc::new(Self {
                number,
                user,
                name: name.to_owned(),
                log: Log::create(&world.dir, number, user)?,
                world: Arc::clone(world),
                bearer,
                http,
                door: AtomicUsize::new(door),
                rejoin: Mutex::default(),
            });
            world.people.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&client));
            return Ok(client);
        }
        bail!("no node gave {name} an account")
    }

    /// The account's token.
    pub fn bearer(&self) -> &str {
        &self.bearer
    }

    /// All rejoin tokens so far, the latest last.
    pub fn rejoin_tokens(&self) -> Vec<String> {
        self.rejoins().clone()
    }

    /// The node that is asked at the moment.
    pub fn door(&self) -> &Door {
        &self.world.doors[self.door.load(Ordering::SeqCst) % self.world.doors.len()]
    }

    /// Goes to the next node.
    pub fn change_door(&self) {
        self.door.fetch_add(1, Ordering::SeqCst);
    }

    /// Keeps a rejoin token that somebody was given for `room`.
    pub fn keep_token(&self, room: Uuid, token: &str) {
        let mut mine = self.rejoins();
        if !mine.iter().any(|known| known == token) {
            mine.push(token.to_owned());
            let mut all = self.world.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            all.push((room, token.to_owned()));
        }
    }

    /// Sends a request and waits for what becomes of it. Without an answer the next request goes to another node.
    pub async fn send(&self, request: &Request) -> Answer {
        let door = self.door();
        let pending = self.note(request, door);
        let id = pending.id;
        let method = reqwest::Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
        let asked = self.http.request(method, format!("http://{}{}", door.link.address(), request.path));
        let asked = match &request.credential {
            Credential::Bearer => asked.bearer_auth(&self.bearer),
            Credential::Rejoin(token) => asked.header("authorization", format!("Rejoin {token}")),
            Credential::Nothing => asked,
        };
        let asked = match &request.body {
            Some(body) => asked.json(body),
            None => asked,
        };
        let answer = async {
            let answer = asked.send().await?;
            let status = answer.status().as_u16();
            Ok::<_, reqwest::Error>((status, answer.text().await?))
        };
        let (clock, traffic) = (&self.world.clock, &self.world.traffic);
        let said = match answer.await {
            Ok((status, text)) => {
                self.log.answered(clock, traffic, pending, Ok((status, &text)));
                let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
                Some((status, body))
            }
            Err(err) => {
                self.log.answered(clock, traffic, pending, Err(reason(&err)));
                self.change_door();
                None
            }
        };
        if let Some(room) = request.room
            && let Some((200..300, body)) = &said
        {
            let found = [&body["rejoinToken"], &body["me"]["rejoin_token"]];
            for token in found.into_iter().filter_map(Value::as_str) {
                self.keep_token(room, token);
            }
        }
        Answer { id, said }
    }

    /// Sends a request and resets the connection before the answer can come: nobody knows whether it was heard.
    pub async fn send_and_reset(&self, request: &Request, after: Duration) {
        let door = self.door();
        let pending = self.note(request, door);
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let text = format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            request.method,
            request.path,
            door.link.address(),
            self.bearer,
            body.len()
        );
        let sent = async {
            let mut line = TcpStream::connect(door.link.address()).await?;
            line.set_zero_linger()?;
            line.write_all(text.as_bytes()).await?;
            sleep(after).await;
            Ok::<_, std::io::Error>(())
        };
        let error = if sent.await.is_ok() { "reset by the rig" } else { "reset" };
        self.log.answered(&self.world.clock, &self.world.traffic, pending, Err(error));
    }

    fn note(&self, request: &Request, door: &Door) -> crate::history::Pending {
        let invocation = Invocation {
            kind: request.kind,
            node: door.node,
            room: request.room,
            method: request.method,
            path: &request.path,
            auth: match request.credential {
                Credential::Bearer => "bearer",
                Credential::Rejoin(_) => "rejoin",
                Credential::Nothing => "none",
            },
            body: request.body.as_ref(),
            note: request.note.as_deref(),
        };
        self.log.invoke(&self.world.clock, &self.world.traffic, &invocation)
    }

    fn rejoins(&self) -> MutexGuard<'_, Vec<String>> {
        self.rejoin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reason(err: &reqwest::Error) -> &'static str {
    if err.is_timeout() {
        "timeout"
    } else if err.is_connect() {
        "refused"
    } else {
        "reset"
    }
}
