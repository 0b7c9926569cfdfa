//! A reader: a socket that is let in, reads everything and says that it lives.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::frame::{self, Kind};

/// How often a socket says that it lives.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(25);

/// How long a server may take to let a socket in, when thousands come at once.
const OPEN_WITHIN: Duration = Duration::from_secs(60);

/// What a socket reads at once, in bytes: thousands of them must fit into memory.
const BUFFER: usize = 4096;

/// Who opens a socket to which room.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// The server.
    pub address: SocketAddr,
    /// The room.
    pub room: String,
    /// The user's token.
    pub token: String,
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens a socket and waits until it is let in. Returns with it the number of the room's last event. Of a reader that has
    /// the events up to `last`, the missed ones follow.
    ///
    /// # Errors
    ///
    /// - The server refuses, hangs up or takes longer than 60 s.
    pub async fn open(ticket: &Ticket, last: Option<u64>) -> anyhow::Result<(Self, u64)> {
        timeout(OPEN_WITHIN, Self::enter(ticket, last)).await.context("the server doesn't let the socket in")?
    }

    async fn enter(ticket: &Ticket, last: Option<u64>) -> anyhow::Result<(Self, u64)> {
        let stream = TcpStream::connect(ticket.address).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER);
        let (stream, _) = client_async_with_config(format!("ws://{}/ws", ticket.address), stream, Some(config)).await?;
        let mut socket = Self { stream };
        let mut hello = json!({ "type": "authenticate", "roomId": ticket.room, "token": ticket.token });
        if let Some(last) = last {
            hello["lastSeq"] = last.into();
        }
        socket.say(hello.to_string()).await?;
        let text = socket.hear().await?.context("the server hangs up")?;
        let frame = frame::parse(&text)?;
        match (frame.kind, frame.seq) {
            (Kind::Authenticated, Some(seq)) => Ok((socket, seq)),
            _ => bail!("the server says {text}"),
        }
    }

    /// The next text; `None` when the server has hung up.
    ///
    /// # Errors
    ///
    /// - The connection breaks.
    pub async fn hear(&mut self) -> anyhow::Result<Option<tokio_tungstenite::tungstenite::Utf8Bytes>> {
        loop {
            match self.stream.next().await.transpose()? {
                Some(Message::Text(text)) => return Ok(Some(text)),
                None | Some(Message::Close(_)) => return Ok(None),
                Some(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
            }
        }
    }

    /// Says that it lives.
    ///
    /// # Errors
    ///
    /// - The connection breaks.
    pub async fn heartbeat(&mut self) -> anyhow::Result<()> {
        self.say(r#"{"type":"heartbeat"}"#.to_owned()).await
    }

    /// Cuts the connection as a network does: without a word.
    ///
    /// # Errors
    ///
    /// - The system refuses.
    pub fn cut(self) -> anyhow::Result<()> {
        self.stream.into_inner().set_zero_linger()?;
        Ok(())
    }

    async fn say(&mut self, text: String) -> anyhow::Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }
}
