//! Two nodes on a real NATS. Skipped where it isn't installed.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use adapters_nats::NatsBus;
use domain::ids::RoomId;
use ports::bus::{BusListener, EventBus, Reached};
use testkit::Nats;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use uuid::Uuid;

/// The longest that anything may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Reached(Reached),
    Missed,
}

struct Listener(Sender<Told>);

impl BusListener for Listener {
    fn reached(self: Arc<Self>, news: Reached) {
        let _ = self.0.try_send(Told::Reached(news));
    }

    fn missed(self: Arc<Self>) {
        let _ = self.0.try_send(Told::Missed);
    }
}

struct Node {
    bus: NatsBus,
    told: Receiver<Told>,
}

impl Node {
    fn start(url: &str) -> Self {
        let (sender, told) = channel(1_000);
        Self { bus: NatsBus::start(url.parse().unwrap(), Arc::new(Listener(sender))), told }
    }

    async fn until_connected(&self, connected: bool) {
        let deadline = Instant::now() + PATIENCE;
        while self.bus.figures().connected != connected {
            assert!(Instant::now() < deadline, "connected is not {connected}");
            tokio::task::yield_now().await;
        }
    }

    async fn is_told(&mut self) -> Told {
        timeout(PATIENCE, self.told.recv()).await.expect("nothing comes").unwrap()
    }

    /// The next announcement.
    async fn hears(&mut self) -> Reached {
        loop {
            if let Told::Reached(news) = self.is_told().await {
                return news;
            }
        }
    }
}

fn news(seq: u64) -> Reached {
    Reached { room: RoomId(Uuid::from_u128(42)), seq }
}

/// Announces until the other node hears it: it listens a moment after it is connected.
async fn meet(one: &Node, other: &mut Node) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        one.bus.announce(news(0));
        if let Ok(Some(Told::Reached(_))) = timeout(Duration::from_millis(100), other.told.recv()).await {
            break;
        }
        assert!(Instant::now() < deadline, "the nodes don't meet");
    }
}

#[tokio::test]
async fn what_one_node_announces_the_other_hears_and_not_itself() {
    let Some(nats) = Nats::start() else { return };
    let (mut one, mut other) = (Node::start(&nats.url()), Node::start(&nats.url()));
    assert_eq!(one.is_told().await, Told::Missed, "what was said before it listened");
    one.until_connected(true).await;
    meet(&one, &mut other).await;
    for seq in [7, 8, u64::MAX] {
        one.bus.announce(news(seq));
    }
    let mut heard = Vec::new();
    while heard.last() != Some(&news(u64::MAX)) {
        heard.push(other.hears().await);
    }
    heard.retain(|heard| *heard != news(0));
    assert_eq!(heard, [7, 8, u64::MAX].map(news));
    other.bus.announce(news(9));
    assert_eq!(one.hears().await, news(9), "the first that it hears is not its own");
    assert_eq!(one.bus.figures().received, 1);
}

#[tokio::test]
async fn a_bus_that_went_away_comes_back_and_says_that_something_may_be_missed() {
    let Some(nats) = Nats::start() else { return };
    let (one, mut other) = (Node::start(&nats.url()), Node::start(&nats.url()));
    one.until_connected(true).await;
    meet(&one, &mut other).await;
    nats.kill();
    one.until_connected(false).await;
    other.until_connected(false).await;
    while other.told.try_recv().is_ok() {}
    let dropped = one.bus.figures().dropped;
    one.bus.announce(news(1));
    assert_eq!(one.bus.figures().dropped, dropped + 1, "nothing waits for a line that is down");
    nats.start_again();
    while other.is_told().await != Told::Missed {}
    one.until_connected(true).await;
    meet(&one, &mut other).await;
}

/// The client gives up for good when it is refused. A node must not: a password may be wrong for a moment only.
#[tokio::test]
async fn a_bus_that_refuses_us_is_tried_again() {
    let Some(nats) = Nats::start() else { return };
    let (early, steady) = (Node::start(&nats.url().replace(nats.credentials().1, "another")), Node::start(&nats.url()));
    steady.until_connected(true).await;
    early.bus.announce(news(1));
    assert!(!early.bus.figures().connected && early.bus.figures().dropped == 1, "it was refused at the start");
    nats.kill();
    nats.start_with("another");
    early.until_connected(true).await;
    steady.until_connected(false).await;
    nats.kill();
    nats.start_again();
    steady.until_connected(true).await;
    early.until_connected(false).await;
}
