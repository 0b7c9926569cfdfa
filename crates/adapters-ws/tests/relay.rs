//! Other nodes' events, as a node's listeners hear them.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters_ws::hub::{Heard, Hub, Listening};
use adapters_ws::relay::{Announcer, Relay};
use adapters_ws::renderer::Renderer;
use domain::ids::{RoomId, UserId};
use domain::name::Name;
use domain::settings::SettingsPatch;
use ports::Ports;
use ports::broadcaster::Broadcaster;
use ports::bus::{BusListener, MockEventBus, Reached};
use ports::testing::World;
use tokio::time::timeout;
use usecases::membership::{self, Join};
use usecases::rooms::{CreateRoom, create_room};
use uuid::Uuid;

const HOST: UserId = UserId(Uuid::from_u128(1));

/// A node with a listener, and a world in which others commit: it tells this node nothing by itself.
struct Node {
    world: World,
    ports: Ports,
    room: RoomId,
    hub: Arc<Hub>,
    relay: Arc<Relay>,
    lags: Arc<Mutex<Vec<Duration>>>,
    listening: Listening,
    /// The number of the last event that was heard.
    heard: u64,
}

impl Node {
    async fn new() -> Self {
        let world = World::new(1);
        let ports = world.ports();
        let name = Name::new("Host").unwrap();
        let settings = SettingsPatch::default();
        let room = CreateRoom { by: HOST, display_name: name, name: None, password: None, settings };
        let room = create_room(&ports, room).await.unwrap().id;
        let hub = Arc::new(Hub::new(
            ports.store.clone(),
            Renderer::new(ports.rejoin_tokens.clone()),
            ports.set_aside.clone(),
        ));
        let lags: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let measured = lags.clone();
        let lag = move |lag| measured.lock().unwrap().push(lag);
        let relay = Arc::new(Relay::new(hub.clone(), ports.store.clone(), lag));
        let heard = world.committed_events(room).len() as u64;
        let listening = hub.listen(room, HOST, heard).await;
        Self { world, ports, room, hub, relay, lags, listening, heard }
    }

    /// Others ask to join at another node. Returns the number of the last event.
    async fn others_commit(&self, count: u128) -> u64 {
        for number in 0..count {
            let by = UserId(Uuid::from_u128(1_000 + self.world.committed_events(self.room).len() as u128 + number));
            let join =
                Join { by, room: self.room, name: Name::new(&format!("Guest {}", by.0)).unwrap(), password: None };
            membership::join(&self.ports, join).await.unwrap();
        }
        self.world.committed_events(self.room).last().unwrap().seq
    }

    fn tell(&self, seq: u64) {
        self.relay.clone().reached(Reached { room: self.room, seq });
    }

    /// The next event is the next number, up to this one.
    async fn hears_up_to(&mut self, seq: u64) {
        while self.heard < seq {
            let heard = timeout(Duration::from_secs(10), self.listening.heard.recv()).await.expect("nothing is heard");
            if let Heard::Event(delivery) = heard.expect("the listener was cut") {
                assert_eq!(delivery.event.seq, self.heard + 1);
                self.heard = delivery.event.seq;
            }
        }
    }

    /// The next event, which has this number, as text.
    async fn hears_event(&mut self, seq: u64) -> String {
        let heard = timeout(Duration::from_secs(10), self.listening.heard.recv()).await.expect("nothing is heard");
        let Some(Heard::Event(delivery)) = heard else { panic!("no event: {heard:?}") };
        assert_eq!(delivery.event.seq, seq);
        self.heard = seq;
        delivery.public.to_string()
    }

    fn hears_no_more(&mut self) {
        assert!(self.listening.heard.is_empty());
    }
}

#[tokio::test]
async fn a_message_brings_what_others_have_committed() {
    let mut node = Node::new().await;
    let seq = node.others_commit(3).await;
    node.tell(seq);
    node.hears_up_to(seq).await;
    let seq = node.others_commit(1).await;
    node.tell(seq);
    node.hears_up_to(seq).await;
}

#[tokio::test]
async fn a_message_makes_this_node_forget_a_room_that_has_moved_on() {
    let node = Node::new().await;
    let game = node.world.committed_room(node.room).game.id;
    let seq = node.others_commit(1).await;
    node.tell(seq);
    assert!(node.ports.store.recall(game).is_some(), "no news");
    node.tell(seq + 1);
    assert!(node.ports.store.recall(game).is_none());
}

#[tokio::test]
async fn many_messages_at_once_bring_each_event_once() {
    let mut node = Node::new().await;
    let seq = node.others_commit(5).await;
    for number in (1..=seq).chain((1..=seq).rev()) {
        node.tell(number);
    }
    node.hears_up_to(seq).await;
    // Whatever was still to be read has been when this is.
    node.relay.sweep().await.unwrap();
    node.hears_no_more();
}

#[tokio::test]
async fn a_made_up_message_brings_what_is_in_the_log_and_later_ones_count() {
    let mut node = Node::new().await;
    let seq = node.others_commit(1).await;
    node.tell(u64::MAX);
    node.relay.clone().reached(Reached { room: RoomId(Uuid::from_u128(7)), seq: 5 });
    node.hears_up_to(seq).await;
    node.hears_no_more();
    let seq = node.others_commit(1).await;
    node.tell(seq);
    node.hears_up_to(seq).await;
}

/// It fills a gap, is the last of what is caught up with, and is what a message brings: each time with its number.
#[tokio::test]
async fn an_event_of_a_later_version_is_passed_on_in_its_place() {
    let mut node = Node::new().await;
    let foreign = node.world.commit_foreign(node.room, "chat_said");
    let seq = node.others_commit(1).await;
    assert_eq!(seq, foreign + 1);
    // As this node commits: it knows of its own event, and of none before.
    let own = node.world.committed_events_after(node.room, foreign);
    node.hub.publish(node.room, &own).await;
    let text = node.hears_event(foreign).await;
    let at = node.world.committed_events_after(node.room, foreign - 1)[0].at.0;
    let unknown = serde_json::json!({ "type": "unknown", "seq": foreign, "roomId": node.room.0, "at": at });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), unknown);
    node.hears_up_to(seq).await;
    let swept = node.world.commit_foreign(node.room, "chat_said");
    node.relay.sweep().await.unwrap();
    node.hears_up_to(swept).await;
    let told = node.world.commit_foreign(node.room, "chat_said");
    node.tell(told);
    node.hears_up_to(told).await;
    node.hears_no_more();
}

#[tokio::test]
async fn what_no_message_came_for_is_swept_up_and_its_age_is_measured() {
    let mut node = Node::new().await;
    let seq = node.others_commit(2).await;
    node.world.pass(domain::time::Millis(700));
    node.relay.sweep().await.unwrap();
    node.hears_up_to(seq).await;
    assert_eq!(*node.lags.lock().unwrap(), [Duration::from_millis(700)]);
    node.relay.sweep().await.unwrap();
    assert_eq!(node.lags.lock().unwrap().len(), 1, "there was nothing to be late");
}

#[tokio::test]
async fn what_is_committed_here_is_heard_here_and_announced_by_its_last_number() {
    let mut node = Node::new().await;
    let seq = node.others_commit(2).await;
    let events = node.world.committed_events_after(node.room, node.heard);
    let mut bus = MockEventBus::new();
    let news = Reached { room: node.room, seq };
    bus.expect_announce().withf(move |told| *told == news).times(1).return_const(());
    Announcer::new(node.hub.clone(), Arc::new(bus)).publish(node.room, &events).await;
    node.hears_up_to(seq).await;
}
