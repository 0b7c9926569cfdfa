//! What was asked, answered and heard: one clock, one file a client, and the counts that tell whether a fault bit.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

/// An answer that took longer than this shows that something was in its way.
const SLOW: Duration = Duration::from_millis(250);

/// The one clock of a run.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    /// Unix milliseconds at the start of the run.
    pub started_at_ms: u64,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_at_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Microseconds since the start of the run.
    pub fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// What all clients together are going through.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests without an answer yet.
    in_flight: AtomicI64,
    /// Requests that got no definite answer.
    unanswered: AtomicU64,
    /// Answers that were slow to come.
    slow: AtomicU64,
    /// Sockets that broke without a word.
    cut: AtomicU64,
    /// Player actions that were acknowledged.
    acknowledged: AtomicU64,
    /// Identifiers of operations, dense over all clients.
    operations: AtomicU64,
    /// Identifiers of sockets, dense over all clients.
    sockets: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Requests without an answer yet.
    pub in_flight: u64,
    /// Player actions that were acknowledged.
    pub acknowledged: u64,
    /// Requests that got no definite answer.
    pub unanswered: u64,
    harm: u64,
}

impl Counts {
    /// Whether clients have felt something since `earlier`: no answer, a slow one, or a broken socket.
    pub const fn worse_than(&self, earlier: &Self) -> bool {
        self.harm > earlier.harm
    }
}

impl Traffic {
    /// The counts now.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::SeqCst);
        let unanswered = read(&self.unanswered);
        Counts {
            in_flight: u64::try_from(self.in_flight.load(Ordering::SeqCst)).unwrap_or(0),
            acknowledged: read(&self.acknowledged),
            unanswered,
            harm: unanswered + read(&self.slow) + read(&self.cut),
        }
    }

    /// A new socket's identifier.
    pub fn next_socket(&self) -> u64 {
        self.sockets.fetch_add(1, Ordering::SeqCst)
    }

    /// A socket broke.
    pub fn socket_cut(&self) {
        self.cut.fetch_add(1, Ordering::SeqCst);
    }
}

/// A request, as it is noted before it is sent.
#[derive(Debug, Serialize)]
pub struct Invocation<'a> {
    /// `action`, `hydrate`, `kick`, …
    pub kind: &'static str,
    /// The node that is asked, by name.
    pub node: &'static str,
    /// The room that it is about.
    pub room: Option<Uuid>,
    /// `POST`, …
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// `bearer`, `rejoin` or `none`.
    pub auth: &'static str,
    /// What is sent.
    pub body: Option<&'a Value>,
    /// What is special about it.
    pub note: Option<&'a str>,
}

/// A request that was noted and has no answer yet. Its end must be noted, too.
#[derive(Debug)]
#[must_use]
pub struct Pending {
    /// Its identifier.
    pub id: u64,
    kind: &'static str,
    began: Instant,
}

/// A client's file: its operations and all that it heard, in order.
#[derive(Debug)]
pub struct Log {
    client: u64,
    user: Uuid,
    file: Mutex<BufWriter<File>>,
}

#[derive(Serialize)]
struct Line<'a, T> {
    t: u64,
    client: u64,
    user: Uuid,
    op: &'a str,
    #[serde(flatten)]
    rest: T,
}

#[derive(Serialize)]
struct Asked<'a> {
    id: u64,
    #[serde(flatten)]
    invocation: &'a Invocation<'a>,
}

#[derive(Serialize)]
struct Answered<'a> {
    t: u64,
    client: u64,
    op: &'a str,
    id: u64,
    status: Option<u16>,
    /// As it came.
    body: Option<&'a RawValue>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Opened<'a> {
    conn: u64,
    node: &'static str,
    room: Uuid,
    last_seq: Option<u64>,
    epoch: Option<&'a str>,
}

#[derive(Serialize)]
struct Received<'a> {
    conn: u64,
    room: Uuid,
    raw: &'a str,
}

#[derive(Serialize)]
struct Closed<'a> {
    conn: u64,
    code: Option<u16>,
    by: &'a str,
}

impl Log {
    /// A new file for `client`, who is `user`.
    ///
    /// # Errors
    ///
    /// - The file can't be made.
    pub fn create(dir: &Path, client: u64, user: Uuid) -> anyhow::Result<Self> {
        let path = dir.join(format!("client-{client}.jsonl"));
        let file = File::create(&path).with_context(|| format!("can't make {}", path.display()))?;
        Ok(Self { client, user, file: Mutex::new(BufWriter::new(file)) })
    }

    /// Notes a request that is about to be sent.
    pub fn invoke(&self, clock: &Clock, traffic: &Traffic, invocation: &Invocation<'_>) -> Pending {
        let id = traffic.operations.fetch_add(1, Ordering::SeqCst);
        self.line(clock, "invoke", Asked { id, invocation });
        traffic.in_flight.fetch_add(1, Ordering::SeqCst);
        Pending { id, kind: invocation.kind, began: Instant::now() }
    }

    /// Notes what became of a request: an answer with its status and body, or the reason why there is none.
    pub fn answered(&self, clock: &Clock, traffic: &Traffic, pending: Pending, answer: Result<(u16, &str), &str>) {
        let op = match answer {
            Ok((200..300, _)) => "ok",
            Ok((400..500, _)) => "fail",
            Ok(_) | Err(_) => "info",
        };
        match (op, pending.kind) {
            ("info", _) => drop(traffic.unanswered.fetch_add(1, Ordering::SeqCst)),
            ("ok", "action") => drop(traffic.acknowledged.fetch_add(1, Ordering::SeqCst)),
            _ => {}
        }
        if pending.began.elapsed() > SLOW {
            traffic.slow.fetch_add(1, Ordering::SeqCst);
        }
        traffic.in_flight.fetch_sub(1, Ordering::SeqCst);
        let (status, text, error) = match answer {
            Ok((status, text)) => (Some(status), Some(text), None),
            Err(error) => (None, None, Some(error)),
        };
        let quoted = text.filter(|text| serde_json::from_str::<&RawValue>(text).is_err());
        let quoted = quoted.and_then(|text| serde_json::value::to_raw_value(text).ok());
        let body = quoted.as_deref().or_else(|| text.and_then(|text| serde_json::from_str(text).ok()));
        self.write(|| Answered { t: clock.now(), client: self.client, op, id: pending.id, status, body, error });
    }

    /// Notes a socket that was opened, with what its owner says they have of the room's log: the last event, and the log's epoch.
    pub fn opened(
        &self,
        clock: &Clock,
        conn: u64,
        node: &'static str,
        room: Uuid,
        (last_seq, epoch): (Option<u64>, Option<&str>),
    ) {
        self.line(clock, "open", Opened { conn, node, room, last_seq, epoch });
    }

    /// Notes a frame, as it came.
    pub fn received(&self, clock: &Clock, conn: u64, room: Uuid, raw: &str) {
        self.line(clock, "recv", Received { conn, room, raw });
    }

    /// Notes the end of a socket: its code, if it was closed with one, and by whom (`server`, `rig`, `network`).
    pub fn closed(&self, clock: &Clock, conn: u64, code: Option<u16>, by: &str) {
        self.line(clock, "close", Closed { conn, code, by });
    }

    /// Writes everything out.
    ///
    /// # Errors
    ///
    /// - The disk is full.
    pub fn flush(&self) -> anyhow::Result<()> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).flush().context("can't write a client's log")
    }

    fn line(&self, clock: &Clock, op: &str, rest: impl Serialize) {
        self.write(|| Line { t: clock.now(), client: self.client, user: self.user, op, rest });
    }

    /// The line is made under the lock, so that the times in a file only grow.
    fn write<T: Serialize>(&self, line: impl FnOnce() -> T) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // What can't be written now is missed by `flush`, which stops the run.
        if serde_json::to_writer(&mut *file, &line()).is_ok() {
            file.write_all(b"\n").ok();
        }
    }
}

/// The file of everything that the rig did to the system.
#[derive(Debug)]
pub struct Deeds {
    file: File,
    clock: Clock,
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct Deed<'a> {
    /// `K1`, …, or `all`.
    pub fault: &'a str,
    /// `inject`, `heal`, `healed`, `final`.
    pub phase: &'a str,
    /// What it was done to.
    pub target: Option<&'a str>,
    /// How.
    pub detail: Option<&'a str>,
    /// Requests under way at that moment.
    pub in_flight: u64,
    /// Whether clients felt it, as far as that is known yet.
    pub bit: Option<bool>,
}

impl Deeds {
    /// A new file.
    ///
    /// # Errors
    ///
    /// - It can't be made.
    pub fn create(dir: &Path, clock: Clock) -> anyhow::Result<Self> {
        let path = dir.join("nemesis.jsonl");
        let file = File::create(&path).with_context(|| format!("can't make {}", path.display()))?;
        Ok(Self { file, clock })
    }

    /// Notes a deed.
    ///
    /// # Errors
    ///
    /// - The disk is full.
    pub fn note(&mut self, deed: &Deed<'_>) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            t: u64,
            #[serde(flatten)]
            deed: &'a Deed<'a>,
        }
        let mut line = serde_json::to_vec(&Line { t: self.clock.now(), deed })?;
        line.push(b'\n');
        self.file.write_all(&line).context("can't write nemesis.jsonl")
    }
}
