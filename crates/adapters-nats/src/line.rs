//! The line to NATS, which comes back whatever happens.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, Message, Subscriber};
use domain::ids::RoomId;
use futures_util::StreamExt;
use ports::bus::{BusListener, Reached};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::address::{Address, Credentials};
use crate::{Shared, count};

/// What stands before a room's id in its subject.
const PREFIX: &str = "holdfast.room.";
/// All rooms.
const ALL_ROOMS: &str = "holdfast.room.*";
/// How long NATS may take to greet us.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A line on which nothing comes back is given up after the third ping.
const PING_EVERY: Duration = Duration::from_secs(2);
/// The first pause between two attempts, and the longest; each is twice as long as the one before, less up to a half, so
/// that the nodes of a NATS that comes back don't all knock at once.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Connects, listens and publishes, and begins anew when that ends, for as long as there is a bus.
pub(crate) async fn keep_up(
    address: Address,
    listener: Arc<dyn BusListener>,
    mut queue: mpsc::Receiver<Reached>,
    shared: Arc<Shared>,
) {
    let mut failures = 0;
    while !queue.is_closed() {
        match options(&address, &listener).connect(&address.servers).await {
            Ok(client) => {
                failures = 0;
                shared.set_client(Some(client.clone()));
                serve(client, &listener, &mut queue, &shared).await;
                shared.set_client(None);
            }
            Err(error) if failures == 0 => tracing::warn!(%error, "no bus; other nodes' events are found by sweeps"),
            Err(error) => tracing::debug!(%error, failures, "no bus"),
        }
        failures += 1;
        sleep(pause(failures)).await;
    }
}

/// Connects once, and says what happened.
pub(crate) async fn try_out(address: &Address) -> Result<(), String> {
    let options =
        with_credentials(address, ConnectOptions::new().name("holdfast check").connection_timeout(CONNECT_WITHIN));
    let client = options.connect(&address.servers).await.map_err(|err| err.to_string())?;
    client.flush().await.map_err(|err| err.to_string())
}

/// Serves one client, which reconnects by itself, until it gives up: as when it is refused by a server that let it in before.
async fn serve(client: Client, listener: &Arc<dyn BusListener>, queue: &mut mpsc::Receiver<Reached>, shared: &Shared) {
    let rooms = match client.subscribe(ALL_ROOMS).await {
        Ok(rooms) => rooms,
        Err(error) => {
            tracing::warn!(%error, "the bus can't be listened to");
            return;
        }
    };
    // What was announced before we listened.
    listener.clone().missed();
    // Side by side: a line that takes nothing more may still bring something.
    tokio::select! {
        () = hear(rooms, listener, shared) => {}
        () = tell(&client, queue, shared) => {}
    }
}

async fn hear(mut rooms: Subscriber, listener: &Arc<dyn BusListener>, shared: &Shared) {
    while let Some(message) = rooms.next().await {
        count(&shared.received);
        match read(&message) {
            Some(news) => listener.clone().reached(news),
            None => tracing::debug!("a message on the bus that no node sends"),
        }
    }
}

async fn tell(client: &Client, queue: &mut mpsc::Receiver<Reached>, shared: &Shared) {
    while let Some(news) = queue.recv().await {
        let subject = format!("{PREFIX}{}", news.room.0);
        // Waits while the client's own queue is full, as when NATS is frozen: ours fills up then, and drops.
        if client.publish(subject, news.seq.to_string().into()).await.is_err() {
            count(&shared.dropped);
            return;
        }
        count(&shared.sent);
    }
}

/// What a message says; `None` if it is nothing that [`tell`] writes.
fn read(message: &Message) -> Option<Reached> {
    let room = message.subject.as_str().strip_prefix(PREFIX)?.parse().ok()?;
    let seq = std::str::from_utf8(&message.payload).ok()?.parse().ok()?;
    Some(Reached { room: RoomId(room), seq })
}

fn options(address: &Address, listener: &Arc<dyn BusListener>) -> ConnectOptions {
    let listener = listener.clone();
    let options = ConnectOptions::new()
        .name("holdfast")
        // What this node says isn't news to it.
        .no_echo()
        .connection_timeout(CONNECT_WITHIN)
        .ping_interval(PING_EVERY)
        .reconnect_delay_callback(|attempts| if attempts <= 1 { Duration::ZERO } else { pause(attempts) })
        .event_callback(move |event| {
            let listener = listener.clone();
            async move { note(&event, listener) }
        });
    with_credentials(address, options)
}

fn with_credentials(address: &Address, options: ConnectOptions) -> ConnectOptions {
    match address.credentials.clone() {
        Credentials::None => options,
        Credentials::Token(token) => options.token(token),
        Credentials::Password { user, password } => options.user_and_password(user, password),
    }
}

fn note(event: &Event, listener: Arc<dyn BusListener>) {
    match event {
        Event::Connected => {
            tracing::info!("the bus is connected");
            listener.missed();
        }
        Event::SlowConsumer(_) => {
            tracing::warn!("this node is too slow for the bus");
            listener.missed();
        }
        Event::Disconnected | Event::Closed => {
            tracing::warn!(%event, "no bus; other nodes' events are found by sweeps");
        }
        Event::LameDuckMode | Event::Draining | Event::ServerError(_) => tracing::info!(%event, "the bus"),
        // One for each attempt to reconnect.
        Event::ClientError(_) => tracing::debug!(%event, "the bus"),
    }
}

fn pause(failures: usize) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let longest = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE);
    longest.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound() {
        for failures in 1..100 {
            let pause = pause(failures);
            assert!(pause >= FIRST_PAUSE / 2 && pause <= LONGEST_PAUSE, "{failures}: {pause:?}");
        }
        assert!(pause(10) >= LONGEST_PAUSE / 2);
    }
}
