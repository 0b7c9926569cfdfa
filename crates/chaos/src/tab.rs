//! A browser tab: a socket that is opened again whenever it breaks, and catches up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

use crate::client::{Client, Phase, Request};

/// How often a tab says that it lives.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(2);

/// How long a tab waits until it is let in: as long as the server waits for it.
const OPEN_WITHIN: Duration = Duration::from_secs(10);

/// A tab that has heard nothing for so long, not even the answer to a heartbeat, opens a new line.
const SILENT_AFTER: Duration = Duration::from_secs(18);

/// The first pause before a line is opened again, and the longest. Each is twice the one before.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// What a client knows of the room from its sockets.
#[derive(Debug, Default)]
pub struct Ear {
    /// While it is true, the tabs are closed: their owner is away without a word.
    pub away: watch::Sender<bool>,
    /// Rings at each event.
    pub bell: Notify,
    /// The seat whose turn it is, by the last event that said so; `u64::MAX` if nobody's.
    pub actor_seat: AtomicU64,
    /// Microseconds of the run at which something was last heard; 0 for never.
    pub heard_at: AtomicU64,
}

/// Returns when the run is over.
async fn over(phase: &mut watch::Receiver<Phase>) {
    // Without a sender there is nobody left to go on for.
    phase.wait_for(|phase| *phase == Phase::Over).await.ok();
}

/// Returns when its owner is away, or isn't.
async fn until(away: &mut watch::Receiver<bool>, wanted: bool) {
    // The sender is in the ear, which the tab holds.
    away.wait_for(|away| *away == wanted).await.ok();
}

/// Keeps a tab open until the run is over.
#[derive(Debug)]
pub struct Tab {
    client: Arc<Client>,
    room: Uuid,
    ear: Arc<Ear>,
    random: StdRng,
    had: Arc<Mutex<Had>>,
    /// Which of the nodes, counted from the client's own.
    door: usize,
}

/// What a tab has of the room's log.
#[derive(Clone, Debug, Default)]
struct Had {
    /// Which log, where the server said it.
    epoch: Option<String>,
    /// The number of the last event that is known; 0 for none.
    seq: u64,
}

impl Had {
    /// It has all up to `seq` of the log `epoch`. What is of another log than before comes from a document or a frame that says
    /// to read one.
    fn learn(&mut self, epoch: Option<&str>, seq: u64) {
        if self.epoch.as_deref() == epoch {
            self.seq = self.seq.max(seq);
        } else {
            *self = Self { epoch: epoch.map(str::to_owned), seq };
        }
    }
}

/// Why a line is over.
enum End {
    /// With the code by which the server closed it.
    Server(Option<u16>),
    Network,
    Rig,
}

type Socket = WebSocketStream<TcpStream>;

impl Tab {
    /// A tab that isn't open yet.
    pub fn new(client: Arc<Client>, room: Uuid, ear: Arc<Ear>, seed: u64, door: usize) -> Self {
        Self { client, room, ear, random: StdRng::seed_from_u64(seed), had: Arc::default(), door }
    }

    /// Runs until the run is over.
    pub async fn run(mut self) {
        let mut phase = self.client.world.phase.subscribe();
        let mut pause = PAUSES.0;
        let ear = Arc::clone(&self.ear);
        let mut away = ear.away.subscribe();
        while *phase.borrow_and_update() != Phase::Over {
            tokio::select! {
                () = until(&mut away, false) => {}
                () = over(&mut phase) => return,
            }
            let opened = tokio::select! {
                opened = self.open() => opened,
                () = over(&mut phase) => return,
            };
            if let Some((socket, conn)) = opened {
                pause = PAUSES.0;
                self.listen(socket, conn, &mut phase, &mut away).await;
            } else {
                self.door += 1;
            }
            let jitter = self.random.random_range(0.5..1.5);
            tokio::select! {
                () = sleep(pause.mul_f64(jitter)) => {}
                () = over(&mut phase) => return,
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Connects and says who it is. Half of the tabs have only a rejoin token.
    async fn open(&mut self) -> Option<(Socket, u64)> {
        let world = Arc::clone(&self.client.world);
        let door = &world.doors[self.door % world.doors.len()];
        let address = door.link.address();
        let token = self.client.rejoin_tokens().pop().filter(|_| self.random.random_bool(0.5));
        let connecting = async {
            let line = TcpStream::connect(address).await.ok()?;
            line.set_nodelay(true).ok()?;
            let (mut socket, _) = client_async(format!("ws://{address}/ws"), line).await.ok()?;
            let mut hello = json!({ "type": "authenticate", "roomId": self.room });
            match &token {
                Some(token) => hello["rejoinToken"] = json!(token),
                None => hello["token"] = json!(self.client.bearer()),
            }
            let Had { epoch, seq } = self.had();
            let last_seq = Some(seq).filter(|seq| *seq > 0);
            if let Some(seq) = last_seq {
                (hello["lastSeq"], hello["epoch"]) = (json!(seq), json!(epoch));
            }
            let conn = world.traffic.next_socket();
            let epoch = epoch.as_deref().filter(|_| last_seq.is_some());
            self.client.log.opened(&world.clock, conn, door.node, self.room, (last_seq, epoch));
            if socket.send(Message::text(hello.to_string())).await.is_err() {
                self.client.log.closed(&world.clock, conn, None, "network");
                return None;
            }
            Some((socket, conn))
        };
        timeout(OPEN_WITHIN, connecting).await.ok().flatten()
    }

    async fn listen(
        &mut self,
        mut socket: Socket,
        conn: u64,
        phase: &mut watch::Receiver<Phase>,
        away: &mut watch::Receiver<bool>,
    ) {
        let mut heartbeat = interval(HEARTBEAT_EVERY);
        let mut silent_at = Instant::now() + OPEN_WITHIN;
        let mut is_in = false;
        let mut epoch = None;
        let end = loop {
            let message = tokio::select! {
                message = socket.next() => message,
                _ = heartbeat.tick(), if is_in => {
                    if socket.send(Message::text(r#"{"type":"heartbeat"}"#)).await.is_err() {
                        break End::Network;
                    }
                    continue;
                }
                () = tokio::time::sleep_until(silent_at) => break End::Rig,
                () = until(away, true) => break End::Rig,
                () = over(phase) => {
                    socket.close(None).await.ok();
                    break End::Rig;
                }
            };
            silent_at = Instant::now() + SILENT_AFTER;
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.client.log.received(&self.client.world.clock, conn, self.room, &text);
                    let frame: Value = serde_json::from_str(&text).unwrap_or_default();
                    if frame["type"] == "authenticated" {
                        is_in = true;
                    }
                    if is_in {
                        self.ear.heard_at.store(self.client.world.clock.now(), Ordering::SeqCst);
                    }
                    self.hear(&frame, &mut epoch);
                }
                Some(Ok(Message::Close(frame))) => break End::Server(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break End::Network,
            }
        };
        let (code, by) = match end {
            End::Server(code) => (code, "server"),
            End::Network => (None, "network"),
            End::Rig => (None, "rig"),
        };
        if by == "network" {
            self.client.world.traffic.socket_cut();
        }
        // Not let in: another credential, or another node, may do better.
        if !is_in || matches!(code, Some(4001)) {
            self.door += 1;
        }
        self.client.log.closed(&self.client.world.clock, conn, code, by);
        self.ear.bell.notify_one();
    }

    /// What has to be asked for is asked beside the reading: frames are noted when they come.
    /// `epoch` is that of the log which the line tells.
    fn hear(&self, frame: &Value, epoch: &mut Option<String>) {
        if let Some(new) = frame["epoch"].as_str() {
            *epoch = Some(new.to_owned());
        }
        if frame["type"] == "resync_required" {
            // Events that come before the document are of this log.
            self.lock().learn(epoch.as_deref(), frame["seq"].as_u64().unwrap_or(0));
            self.read("resync", self.hydrate());
            return;
        }
        let Some(seq) = frame["seq"].as_u64().filter(|_| frame["roomId"].is_string()) else { return };
        let known = self.had();
        // One that was on its way when another log was read is of no use any more.
        if known.epoch.is_none() || known.epoch == *epoch {
            self.lock().learn(epoch.as_deref(), seq);
            if known.seq > 0 && seq > known.seq + 1 {
                let log = known.epoch.map(|epoch| format!("&epoch={epoch}")).unwrap_or_default();
                let path = format!("/api/rooms/{}/events?after={}{log}", self.room, known.seq);
                self.read("gap", Request::get("events", self.room, path));
            }
        }
        if let Some(timer) = frame.get("timer") {
            self.ear.actor_seat.store(timer["actorSeat"].as_u64().unwrap_or(u64::MAX), Ordering::SeqCst);
        }
        if let Some(token) = frame["rejoinToken"].as_str() {
            self.client.keep_token(self.room, token);
        }
        self.ear.bell.notify_one();
    }

    fn hydrate(&self) -> Request {
        Request::get("hydrate", self.room, format!("/api/rooms/{}/hydrate", self.room))
    }

    fn had(&self) -> Had {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Had> {
        self.had.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads something that has the number of an event, from which on the socket goes on. If the log is another one by now, that
    /// is a document.
    fn read(&self, why: &str, request: Request) {
        let (client, had, request, anew) =
            (Arc::clone(&self.client), Arc::clone(&self.had), request.noted(why), self.hydrate());
        tokio::spawn(async move {
            let mut answer = client.send(&request).await;
            let refused = answer.said.as_ref().is_some_and(|(_, body)| body["code"] == "EPOCH_CHANGED");
            if refused {
                answer = client.send(&anew.noted("another log")).await;
            }
            if let Some(body) = answer.ok()
                && let Some(last) = body["seq"].as_u64()
            {
                had.lock().unwrap_or_else(PoisonError::into_inner).learn(body["epoch"].as_str(), last);
            }
        });
    }
}
