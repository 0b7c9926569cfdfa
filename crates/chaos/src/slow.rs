//! Readers that open a socket, say who they are, and never read again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::client::{Client, World};

/// The system keeps this much for a reader, in bytes (Linux doubles it): a small window fills sooner.
const WINDOW: u32 = 4 * 1024;

/// How long a reader waits until its socket is open.
const OPEN_WITHIN: Duration = Duration::from_secs(5);

/// Some of them.
#[derive(Debug, Default)]
pub struct SlowReaders(Vec<SlowReader>);

/// One of them.
#[derive(Debug)]
struct SlowReader {
    client: Arc<Client>,
    conn: u64,
    line: TcpStream,
}

impl SlowReaders {
    /// Opens a second socket for up to `count` people who are in a room.
    pub async fn open(world: &World, count: usize) -> Self {
        let rooms: Vec<(Uuid, String)> = {
            let tokens = world.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            tokens.clone()
        };
        let mut readers = Vec::new();
        for client in world.people() {
            let Some(token) = client.rejoin_tokens().pop() else { continue };
            let Some((room, _)) = rooms.iter().find(|(_, known)| *known == token) else { continue };
            if readers.len() == count {
                break;
            }
            // One whose node has just died, as something else hurts it too, doesn't come in.
            readers.extend(SlowReader::open(&client, *room).await.ok());
        }
        Self(readers)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hangs up.
    ///
    /// Returns how many had something waiting for them, or were cut off by the server.
    pub async fn close(self) -> usize {
        let mut unread = 0;
        for mut reader in self.0 {
            let mut piece = [0; 1024];
            let heard = timeout(Duration::from_millis(100), reader.line.read(&mut piece)).await;
            let cut = matches!(heard, Ok(Ok(0) | Err(_)));
            unread += usize::from(heard.is_ok());
            let by = if cut { "server" } else { "rig" };
            reader.client.log.closed(&reader.client.world.clock, reader.conn, None, by);
        }
        unread
    }
}

impl SlowReader {
    async fn open(client: &Arc<Client>, room: Uuid) -> anyhow::Result<Self> {
        let world = &client.world;
        let door = client.door();
        let address = door.link.address();
        let opening = async {
            let socket = TcpSocket::new_v4()?;
            socket.set_recv_buffer_size(WINDOW)?;
            let line = socket.connect(address).await?;
            let (mut socket, _) = client_async(format!("ws://{address}/ws"), line).await?;
            let conn = world.traffic.next_socket();
            client.log.opened(&world.clock, conn, door.node, room, (None, None));
            let hello = json!({ "type": "authenticate", "roomId": room, "token": client.bearer() });
            socket.send(Message::text(hello.to_string())).await?;
            Ok::<_, anyhow::Error>(Self { client: Arc::clone(client), conn, line: socket.into_inner() })
        };
        timeout(OPEN_WITHIN, opening).await?
    }
}
