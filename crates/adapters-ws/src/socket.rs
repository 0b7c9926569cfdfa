//! One connection: authenticate, catch up, live, heartbeat, closing.

use std::sync::Arc;
use std::time::Duration;

use actix_ws::{AggregatedMessage, CloseCode, CloseReason, MessageStream, Session};
use async_trait::async_trait;
use bytestring::ByteString;
use domain::event::Happened;
use domain::ids::{Epoch, RoomId, UserId};
use domain::time::Timestamp;
use domain::view::event::{Reader, for_reader};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use ports::store::Store;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout};

use crate::hub::{Heard, Hub, Listening};
use crate::renderer::Renderer;
use protocol::code::ErrorCode;
use protocol::frame::{ClientFrame, Closing, ServerFrame};
use protocol::names::{MembershipStatus, SocketRole};

/// The largest frame, in bytes: a bearer token of 8 KiB, and what stands around it.
pub const MAX_FRAME: usize = 8 * 1024 + 512;
/// How long a client may take to say who it is.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(10);
/// How often a client must send a heartbeat, in seconds.
const HEARTBEAT_SECS: u32 = 30;
/// How long a client may be silent: two heartbeats and some slack.
const SILENT_AFTER: Duration = Duration::from_secs(75);
/// How long a client may take to read a message.
const SEND_WITHIN: Duration = Duration::from_secs(5);
/// Missed events that are sent again at most; who missed more hydrates.
const REACH: u64 = 500;
/// Messages that a client may send at once, and the pause after which it may send one more.
const BURST: u32 = 30;
const ONE_MORE_AFTER: Duration = Duration::from_millis(100);

/// Why the auth lets somebody in no further.
pub struct SocketError {
    /// The contract's error code.
    pub code: ErrorCode,
    /// For people.
    pub detail: String,
    /// How the socket is closed.
    pub closing: Closing,
}

/// Somebody whom the auth knows.
pub struct Known {
    /// Who.
    pub user: UserId,
    /// For how long the credential is good.
    pub good_for: Option<Duration>,
}

/// Somebody who is in.
pub struct Welcome {
    /// As whom they read.
    pub reader: Reader,
    /// Their role, by the contract's name.
    pub role: SocketRole,
    /// Their status, by the contract's name.
    pub status: MembershipStatus,
    /// Their seat.
    pub seat: Option<u8>,
    /// Which log the number is of.
    pub epoch: Epoch,
    /// The number of the room's last event.
    pub seq: u64,
    /// The database's clock.
    pub at: Timestamp,
}

/// Who decides about sockets: asks the database who may listen, and tells it who lives. Speaks to the use cases, which
/// this crate doesn't know.
#[async_trait]
pub trait SocketAuth: Send + Sync {
    /// Checks the credential.
    async fn identify(&self, room: RoomId, token: Option<&str>, rejoin: Option<&str>) -> Result<Known, SocketError>;
    /// Lets a member in, and notes that they live.
    async fn enter(&self, room: RoomId, user: UserId) -> Result<Welcome, SocketError>;
    /// Notes that a member lives; returns the number of the room's last event and the database's clock.
    async fn heartbeat(&self, room: RoomId, user: UserId) -> Result<(u64, Timestamp), SocketError>;
    /// The last connection of a member went down.
    async fn connection_lost(&self, room: RoomId, user: UserId);
}

/// What every socket of a node shares.
#[derive(Clone)]
pub struct Sockets {
    /// Who tells them what happens.
    pub hub: Arc<Hub>,
    /// Who lets them in.
    pub auth: Arc<dyn SocketAuth>,
    /// Where the log is.
    pub store: Arc<dyn Store>,
    /// How events are written.
    pub renderer: Renderer,
    /// How many may come in, or note that they went, at once. When a network comes back everybody is at the door together, and
    /// the database's connections are for those who play as well.
    pub door: Arc<Semaphore>,
    /// Becomes true when the server stops.
    pub stopping: tokio::sync::watch::Receiver<bool>,
}

impl Sockets {
    /// Asks the database when it is this one's turn. Nobody is written to meanwhile: who doesn't read must not keep the door.
    async fn with_deadline<T>(&self, question: impl Future<Output = T>) -> T {
        let _turn = self.door.acquire().await.ok();
        question.await
    }
}

/// Why the conversation is over: with words, or because nobody is there any more.
enum End {
    Say(Closing),
    Gone,
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        Self::Say(closing)
    }
}

struct Connection {
    session: Session,
    frames: actix_ws::AggregatedMessageStream,
    allowance: Allowance,
}

/// Serves one connection to its end. `until_known` is dropped as soon as the client has said who it is.
pub async fn serve(sockets: Sockets, session: Session, stream: MessageStream, until_known: impl Send + 'static) {
    let frames = stream.max_frame_size(MAX_FRAME).aggregate_continuations().max_continuation_size(MAX_FRAME);
    let mut connection = Connection { session, frames, allowance: Allowance::full() };
    if let End::Say(closing) = converse(&sockets, &mut connection, until_known).await {
        let reason = CloseReason { code: CloseCode::Other(closing.code()), description: Some(closing.reason().into()) };
        // A client that doesn't read can't be told: its socket is dropped.
        let _ = timeout(SEND_WITHIN, connection.session.close(Some(reason))).await;
    }
}

async fn converse(sockets: &Sockets, connection: &mut Connection, until_known: impl Send) -> End {
    let deadline = Instant::now() + AUTHENTICATE_WITHIN;
    let (room, known, had) = match authenticate(sockets, connection, deadline).await {
        Ok(who) => who,
        Err(end) => return end,
    };
    drop(until_known);
    let seq = match sockets.with_deadline(sockets.store.seqs(&[room])).await {
        Ok(seqs) => seqs.first().map_or(0, |(_, seq)| *seq),
        Err(_) => return Closing::ServerAway.into(),
    };
    // Listening begins before the snapshot is taken, so that nothing falls between the two.
    let mut listening = sockets.hub.listen(room, known.user, seq).await;
    let end = match attend(sockets, connection, room, &known, had, &mut listening).await {
        Ok(never) => match never {},
        Err(end) => end,
    };
    if sockets.hub.leave(room, &listening, known.user).await {
        sockets.with_deadline(sockets.auth.connection_lost(room, known.user)).await;
    }
    end
}

async fn authenticate(
    sockets: &Sockets,
    connection: &mut Connection,
    deadline: Instant,
) -> Result<(RoomId, Known, Had), End> {
    let mut stopping = sockets.stopping.clone();
    loop {
        let frame = tokio::select! {
            frame = connection.next() => frame?,
            () = sleep_until(deadline) => return Err(Closing::Unauthenticated.into()),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Closing::ServerAway.into()),
        };
        let Some(frame) = frame else { continue };
        let ClientFrame::Authenticate { room_id, token, rejoin_token, last_seq, epoch } = frame else {
            connection
                .error(ErrorCode::Unauthenticated, "say who you are first: {\"type\":\"authenticate\", ...}")
                .await?;
            continue;
        };
        let room = RoomId(room_id);
        return match sockets.auth.identify(room, token.as_deref(), rejoin_token.as_deref()).await {
            Ok(known) => Ok((room, known, Had { seq: last_seq, epoch: epoch.map(Epoch) })),
            Err(away) => Err(connection.refuse(away).await),
        };
    }
}

async fn attend(
    sockets: &Sockets,
    connection: &mut Connection,
    room: RoomId,
    known: &Known,
    had: Had,
    listening: &mut Listening,
) -> Result<std::convert::Infallible, End> {
    let welcome = match sockets.with_deadline(sockets.auth.enter(room, known.user)).await {
        Ok(welcome) => welcome,
        Err(away) => return Err(connection.refuse(away).await),
    };
    let authenticated = ServerFrame::Authenticated {
        role: welcome.role,
        status: welcome.status,
        user_id: known.user.0,
        seat_index: welcome.seat,
        epoch: welcome.epoch.0,
        seq: welcome.seq,
        heartbeat_secs: HEARTBEAT_SECS,
        server_time: welcome.at.0,
    };
    connection.say(authenticated.text()).await?;

    let is_member = matches!(welcome.reader, Reader::Member(_));
    sockets.hub.enter(room, listening, known.user, is_member).await;
    let mut reading = Reading { room, reader: welcome.reader, seq: welcome.seq };
    match had.within_reach_of(&welcome) {
        Some(last) => replay(sockets, connection, last, &welcome, &mut reading).await?,
        None => connection.resync(&welcome).await?,
    }

    let ends = known.good_for.map(|length| Instant::now() + length);
    let mut stopping = sockets.stopping.clone();
    let mut silent_at = Instant::now() + SILENT_AFTER;
    // A heartbeat that the database hasn't answered yet. Events go on meanwhile, and the client's next frame waits.
    let mut asking: Option<BoxFuture<'_, Result<(u64, Timestamp), SocketError>>> = None;
    loop {
        tokio::select! {
            heard = listening.heard.recv() => match heard {
                Some(Heard::Event(delivery)) => {
                    if delivery.event.seq > reading.seq {
                        let before = reading.reader;
                        reading.pass_on(sockets, connection, &delivery.event, Some(&delivery.public)).await?;
                        if before != reading.reader && matches!(reading.reader, Reader::Member(_)) {
                            sockets.hub.enter(room, listening, known.user, true).await;
                        }
                    }
                }
                Some(Heard::Hint(text)) => {
                    if matches!(reading.reader, Reader::Member(_)) {
                        connection.say(text).await?;
                    }
                }
                Some(Heard::AnotherLog) => {
                    let welcome = match sockets.with_deadline(sockets.auth.enter(room, known.user)).await {
                        Ok(welcome) => welcome,
                        Err(away) => return Err(connection.refuse(away).await),
                    };
                    (reading.reader, reading.seq) = (welcome.reader, welcome.seq);
                    connection.resync(&welcome).await?;
                }
                Some(Heard::Replaced) => return Err(Closing::Replaced.into()),
                None => return Err(Closing::Slow.into()),
            },
            alive = async { asking.as_mut().expect("only awaited while there is one").await }, if asking.is_some() => {
                asking = None;
                acknowledge(connection, alive).await?;
            }
            frame = connection.next(), if asking.is_none() => {
                silent_at = Instant::now() + SILENT_AFTER;
                match frame? {
                    Some(ClientFrame::Heartbeat {}) => asking = Some(sockets.auth.heartbeat(room, known.user)),
                    Some(ClientFrame::Authenticate { .. }) => {
                        connection.error(ErrorCode::BadRequest, "this socket is authenticated already").await?;
                    }
                    None => {}
                }
            }
            () = sleep_until(silent_at) => return Err(Closing::Silent.into()),
            () = sleep_until(ends.unwrap_or(silent_at)), if ends.is_some() => return Err(Closing::Unauthenticated.into()),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Closing::ServerAway.into()),
        }
    }
}

async fn acknowledge(connection: &mut Connection, alive: Result<(u64, Timestamp), SocketError>) -> Result<(), End> {
    match alive {
        Ok((seq, at)) => connection.say(ServerFrame::HeartbeatAck { seq, server_time: at.0 }.text()).await,
        Err(away) if away.closing == Closing::ServerAway => connection.error(away.code, &away.detail).await,
        Err(away) => Err(connection.refuse(away).await),
    }
}

async fn replay(
    sockets: &Sockets,
    connection: &mut Connection,
    last: u64,
    welcome: &Welcome,
    reading: &mut Reading,
) -> Result<(), End> {
    let seq = welcome.seq;
    reading.seq = last;
    while reading.seq < seq {
        let page = sockets.with_deadline(sockets.store.events_after(reading.room, reading.seq, 200)).await;
        let page = page.map_err(|_| Closing::ServerAway)?;
        if page.events.is_empty() || page.epoch != welcome.epoch {
            return Err(Closing::ServerAway.into());
        }
        for event in page.events.iter().take_while(|event| event.seq <= seq) {
            reading.pass_on(sockets, connection, event, None).await?;
        }
    }
    Ok(())
}

/// What a client has heard before.
struct Had {
    /// The number of the last event.
    seq: Option<u64>,
    /// Which log that is of, if the client knows.
    epoch: Option<Epoch>,
}

impl Had {
    /// The number after which the missed events follow, if they are of the same log and not too many.
    fn within_reach_of(&self, welcome: &Welcome) -> Option<u64> {
        let is_same_log = self.epoch.is_none_or(|epoch| epoch == welcome.epoch);
        self.seq.filter(|last| is_same_log && *last <= welcome.seq && welcome.seq - last <= REACH)
    }
}

/// Where a reader is in the room's log, and as whom they read it.
struct Reading {
    room: RoomId,
    reader: Reader,
    /// The number of the last event that was passed on.
    seq: u64,
}

impl Reading {
    async fn pass_on(
        &mut self,
        sockets: &Sockets,
        connection: &mut Connection,
        event: &domain::event::Committed,
        public: Option<&ByteString>,
    ) -> Result<(), End> {
        self.seq = event.seq;
        let user = self.reader.user();
        if matches!(&event.event.what, Happened::Approved { user: approved, .. } if *approved == user) {
            self.reader = Reader::Member(user);
        }
        #[cfg(feature = "sabotage")]
        if sabotage::has(sabotage::Bug::SkipPrivateEvents) && is_for_others(event, user) {
            return Ok(());
        }
        if let Some(view) = for_reader(event, self.reader) {
            let text = match public {
                Some(public) if view.is_public() => public.clone(),
                Some(_) | None => sockets.renderer.text(self.room, &view).into(),
            };
            connection.say(text).await?;
        }
        let gone = matches!(
            &event.event.what,
            Happened::Kicked { user: gone } | Happened::MemberLeft { user: gone } if *gone == user
        );
        if gone {
            self.reader = self.reader_after_leaving(sockets).await?;
        }
        Ok(())
    }

    /// A removal ends the socket, unless it is one that is replayed and the member has come back since.
    async fn reader_after_leaving(&self, sockets: &Sockets) -> Result<Reader, End> {
        match sockets.auth.enter(self.room, self.reader.user()).await {
            Ok(welcome) if welcome.seq > self.seq => Ok(welcome.reader),
            Ok(_) | Err(_) => Err(Closing::Removed.into()),
        }
    }
}

impl Connection {
    /// The next frame; `None` for one that was answered with an error.
    async fn next(&mut self) -> Result<Option<ClientFrame>, End> {
        let message = match self.frames.next().await {
            Some(Ok(message)) => message,
            Some(Err(actix_ws::ProtocolError::Overflow)) => return Err(Closing::TooBig.into()),
            Some(Err(_)) | None => return Err(End::Gone),
        };
        if !self.allowance.take() {
            return Err(Closing::Abuse.into());
        }
        match message {
            AggregatedMessage::Text(text) => match ClientFrame::parse(&text) {
                Ok(frame) => Ok(Some(frame)),
                Err(detail) => {
                    self.error(ErrorCode::BadRequest, &detail).await?;
                    Ok(None)
                }
            },
            AggregatedMessage::Ping(bytes) => {
                let pong = timeout(SEND_WITHIN, self.session.pong(&bytes)).await;
                if matches!(pong, Ok(Ok(()))) { Ok(None) } else { Err(End::Gone) }
            }
            AggregatedMessage::Pong(_) => Ok(None),
            AggregatedMessage::Binary(_) => Err(Closing::NotText.into()),
            AggregatedMessage::Close(_) => Err(End::Gone),
        }
    }

    async fn say(&mut self, text: impl Into<ByteString>) -> Result<(), End> {
        match timeout(SEND_WITHIN, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(Closing::Slow.into()),
        }
    }

    async fn resync(&mut self, welcome: &Welcome) -> Result<(), End> {
        self.say(ServerFrame::ResyncRequired { epoch: welcome.epoch.0, seq: welcome.seq }.text()).await
    }

    async fn error(&mut self, code: ErrorCode, detail: &str) -> Result<(), End> {
        self.say(ServerFrame::Error { code, detail }.text()).await
    }

    async fn refuse(&mut self, away: SocketError) -> End {
        match self.error(away.code, &away.detail).await {
            Ok(()) => away.closing.into(),
            Err(end) => end,
        }
    }
}

/// A token bucket for the client's messages.
struct Allowance {
    left: u32,
    refilled_at: Instant,
}

impl Allowance {
    fn full() -> Self {
        Self { left: BURST, refilled_at: Instant::now() }
    }

    fn take(&mut self) -> bool {
        let more = self.refilled_at.elapsed().as_millis() / ONE_MORE_AFTER.as_millis();
        if more > 0 {
            self.left = self.left.saturating_add(u32::try_from(more).unwrap_or(BURST)).min(BURST);
            self.refilled_at = Instant::now();
        }
        self.left = match self.left.checked_sub(1) {
            Some(left) => left,
            None => return false,
        };
        true
    }
}

/// Whether somebody has a private part in it, but not this reader.
#[cfg(feature = "sabotage")]
fn is_for_others(event: &domain::event::Committed, reader: UserId) -> bool {
    match &event.event.secret {
        domain::event::Secret::None => event.event.turn.as_ref().is_some_and(|turn| turn.of != reader),
        domain::event::Secret::Cards(hands) => hands.iter().all(|(owner, _)| *owner != reader),
        domain::event::Secret::Runs(_) => true,
        domain::event::Secret::Boards { of, .. } | domain::event::Secret::Token { of, .. } => *of != reader,
    }
}
