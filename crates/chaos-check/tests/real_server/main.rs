//! The proof against false alarms: what two real nodes and a real database do must pass.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rig;

use std::sync::Arc;
use std::time::Duration;

use chaos_check::limits::Limits;
use chaos_check::verdict::Outcome;
use reqwest::Method;
use rig::{Listener, Node, Person, Rig};
use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio::time::timeout;

/// A table with a log of everything that happens around it.
struct Table {
    rig: Arc<Rig>,
    database: TestDatabase,
    nodes: Vec<Node>,
    /// The host first.
    people: Vec<Person>,
    room: String,
    game: String,
    /// Picks what is done next; each run does the same.
    dice: u64,
    /// Numbers of sockets and of action ids.
    counter: u64,
}

impl Table {
    async fn open(rig: Arc<Rig>, database: TestDatabase, nodes: Vec<Node>, settings: Value, first: usize) -> Self {
        let host = Person::guest(&rig, &nodes[0], first, "Host").await;
        let body = json!({"displayName": "Host", "settings": settings});
        let made = host.ok(&nodes[0], Method::POST, "/api/rooms", body).await;
        rig.made_room(&made);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (room, game) = (text(&made["room"]["id"]), text(&made["gameId"]));
        let mut table = Self { rig, database, nodes, people: vec![host], room, game, dice: 7, counter: 0 };
        for index in 1..5 {
            let name = format!("Player {index}");
            let person = Person::guest(&table.rig, &table.nodes[0], first + index, &name).await;
            let join = json!({"displayName": name});
            person.ok(&table.nodes[index % 2], Method::POST, &table.path("join"), join.clone()).await;
            if index == 4 {
                table.host("reject", json!({"userId": person.user})).await;
                person.ok(&table.nodes[0], Method::POST, &table.path("join"), join).await;
            }
            table.host("approve", json!({"userId": person.user, "approved": true})).await;
            table.people.push(person);
        }
        for seat in 0..4 {
            table.sit(seat).await;
        }
        table.people[4].ok(&table.nodes[1], Method::POST, &table.path("spectate"), json!({})).await;
        table
    }

    fn path(&self, call: &str) -> String {
        format!("/api/rooms/{}/{call}", self.room)
    }

    async fn host(&self, call: &str, body: Value) -> Value {
        self.people[0].ok(&self.nodes[1], Method::POST, &self.path(call), body).await
    }

    async fn sit(&self, person: usize) {
        let body = json!({"seatIndex": person, "buyIn": 100 + person});
        self.people[person].ok(&self.nodes[0], Method::POST, &self.path("seat"), body).await;
    }

    async fn view(&self, person: usize) -> Value {
        let path = self.path("hydrate");
        self.people[person].ok(&self.nodes[person % 2], Method::GET, &path, Value::Null).await
    }

    async fn listen(&mut self, person: usize, node: usize, last_seq: Option<u64>) -> Listener {
        self.counter += 1;
        self.people[person].listen(&self.nodes[node], self.counter, &self.room, last_seq).await
    }

    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.dice >> 33
    }

    /// Whoever is to act does something legal, now and then twice or after something illegal. Returns the answered number.
    async fn act(&mut self) -> Option<u64> {
        let view = self.view(0).await;
        let seat = view["timer"]["actor_seat"].as_u64()? as usize;
        let user = view["seats"][seat]["user_id"].as_str()?;
        let actor = self.people.iter().position(|person| person.user == user)?;
        let view = self.view(actor).await;
        let legal = &view["me"]["legal_actions"];
        let actions = legal["actions"].as_array()?.clone();
        let roll = self.roll();
        // Folding is rare, so that most hands see a showdown.
        let choice = if roll.is_multiple_of(9) { 0 } else { 1 + roll as usize % (actions.len() - 1) };
        self.counter += 1;
        let mut body = json!({
            "action": actions[choice], "turn": view["timer"]["turn"],
            "actionId": format!("00000000-0000-4000-8000-{:012}", self.counter),
        });
        if matches!(actions[choice].as_str(), Some("BET" | "RAISE")) {
            body["amount"] = legal["min_raise_to"].clone();
        }
        let path = format!("/api/games/{}/actions", self.game);
        if roll.is_multiple_of(5) {
            let other = (actor + 1) % 4;
            let node = &self.nodes[0];
            let wrong = json!({"action": "CHECK"});
            self.people[other].call(node, Method::POST, &path, wrong, Some("illegal")).await;
        }
        let person = &self.people[actor];
        let (status, answer) =
            person.call(&self.nodes[roll as usize % 2], Method::POST, &path, body.clone(), None).await;
        if roll.is_multiple_of(3) {
            person.call(&self.nodes[1], Method::POST, &path, body, Some("duplicate")).await;
        }
        answer["seq"].as_u64().filter(|_| status == 200)
    }

    async fn play(&mut self, actions: usize) -> u64 {
        let playing = async {
            let mut last = 0;
            let mut done = 0;
            while done < actions {
                match self.act().await {
                    Some(seq) => (last, done) = (seq, done + 1),
                    // Between hands; perhaps too few have chips for the next one.
                    None => self.refill().await,
                }
            }
            last
        };
        timeout(rig::PATIENCE, playing).await.expect("the table doesn't go on")
    }

    /// Waits until the room's log is longer than `seq`; returns the number of its last event.
    async fn longer_than(&self, seq: u64) -> u64 {
        let waiting = async {
            loop {
                let last = self.view(0).await["seq"].as_u64().unwrap();
                if last > seq {
                    return last;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(rig::PATIENCE, waiting).await.expect("nothing happens")
    }

    /// Everybody plays whom the clock has sat out.
    async fn sit_in(&self) {
        for person in &self.people[..4] {
            // Who has left the table is refused.
            person.call(&self.nodes[0], Method::POST, &self.path("sit-in"), json!({}), None).await;
        }
    }

    /// A stack for everybody who has none any more.
    async fn refill(&self) {
        let view = self.view(0).await;
        for seat in 0..4 {
            if view["seats"][seat]["chips"] == 0 && view["seats"][seat]["user_id"].is_string() {
                let path = self.path("top-up");
                let body = json!({"amount": 150});
                self.people[seat].call(&self.nodes[0], Method::POST, &path, body, None).await;
            }
        }
    }
}

async fn start(dir: &std::path::Path, data: &std::path::Path) -> (Arc<Rig>, TestDatabase, Vec<Node>) {
    let rig = Rig::new(dir, &[]);
    let database = testkit::database().await;
    let nodes = ["a", "b"].map(|name| Node::start(&rig, name, "127.0.0.1:0", &database, data));
    (rig, database, nodes.into())
}

#[track_caller]
fn must_pass(dir: &std::path::Path) {
    // How fast a machine is that runs other tests meanwhile isn't the question here.
    let patient = Limits { late_event_ms: 20_000, delivery_ms: 20_000, ..Limits::default() };
    let verdict = chaos_check::check_within(dir, &patient).unwrap();
    let first = verdict.violations.first();
    let around = first.map(|first| chaos_check::excerpt::of(dir, first).unwrap()).unwrap_or_default();
    let json = serde_json::to_string_pretty(&verdict).unwrap();
    assert_eq!(verdict.outcome, Outcome::Pass, "{json}\n{around}");
    let counts = verdict.counts;
    assert!(counts.acks > 20 && counts.hands > 3 && counts.frames > 100, "{counts:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_table_with_a_killed_node_passes() {
    let (run, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (rig, database, nodes) = start(run.path(), data.path()).await;
    let settings = json!({"betweenHandsSecs": 0, "actionTimeoutSecs": 0, "maxBuyIn": 400});
    let mut table = Table::open(rig, database, nodes, settings, 0).await;

    let mut listeners = Vec::new();
    for person in 0..5 {
        listeners.push(table.listen(person, person % 2, None).await);
    }
    table.host("start", json!({})).await;
    table.play(30).await;
    table.refill().await;
    table.host("pause", json!({})).await;
    table.host("chips", json!({"userId": table.people[1].user, "delta": 25, "reason": "a gift"})).await;
    table.host("resume", json!({})).await;
    let seq = table.play(30).await;
    for listener in &listeners {
        listener.heard(seq).await;
    }

    // A node dies in the middle of a hand; who listened to it comes back at the other one.
    let (rig, mut nodes) = (table.rig.clone(), std::mem::take(&mut table.nodes));
    nodes[0].die(&rig);
    nodes[0].live(&rig, &table.database, data.path());
    table.nodes = nodes;
    let mut again = Vec::new();
    for (person, listener) in listeners.into_iter().enumerate() {
        let last = listener.close().await;
        again.push(table.listen(person, 1, Some(last).filter(|_| person != 2)).await);
    }
    table.play(20).await;

    // People go and come back, in the middle of hands.
    table.refill().await;
    table.people[3].ok(&table.nodes[0], Method::POST, &table.path("sit-out"), json!({})).await;
    table.play(6).await;
    table.people[3].ok(&table.nodes[1], Method::POST, &table.path("sit-in"), json!({})).await;
    table.people[2].ok(&table.nodes[0], Method::DELETE, &table.path("seat"), Value::Null).await;
    table.play(8).await;
    table.host("kick", json!({"userId": table.people[3].user})).await;
    let join = json!({"displayName": "Back"});
    table.people[3].ok(&table.nodes[0], Method::POST, &table.path("join"), join).await;
    table.people[3].call(&table.nodes[0], Method::GET, &table.path("hydrate"), Value::Null, Some("pending")).await;
    table.host("approve", json!({"userId": table.people[3].user, "approved": true})).await;
    table.refill().await;
    table.play(10).await;
    let patch = json!({"bigBlind": 4, "smallBlind": 2, "ante": 1, "betweenHandsSecs": 0.05});
    table.people[0].ok(&table.nodes[0], Method::PATCH, &table.path("settings"), patch).await;
    table.play(10).await;

    table.rig.fault("all", "healed", "");
    again.push(table.listen(3, 0, None).await);
    table.refill().await;
    let seq = table.play(3).await;
    for index in [0, 1, 2, 4, 5] {
        again[index].heard(seq).await;
    }
    for person in 0..5 {
        table.view(person).await;
        let node = &table.nodes[0];
        table.people[person].ok(node, Method::GET, &table.path("events?after=0&limit=500"), Value::Null).await;
        let hands = table.people[person].ok(node, Method::GET, &table.path("hands"), Value::Null).await;
        table.people[person].ok(node, Method::GET, &table.path("me"), Value::Null).await;
        for hand in hands["hands"].as_array().unwrap() {
            let path = format!("/api/hands/{}", hand["handId"].as_str().unwrap());
            table.people[person].ok(node, Method::GET, &path, Value::Null).await;
        }
        table.people[person].ok(node, Method::POST, &table.path("heartbeat"), json!({})).await;
    }
    table.rig.fault("all", "final", "");
    for listener in again {
        listener.close().await;
    }
    table.nodes.clear();
    table.rig.finish(&table.database, &table.people.iter().collect::<Vec<_>>()).await;
    must_pass(run.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_table_with_a_clock_a_pause_and_an_outage_passes() {
    let (run, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (rig, database, nodes) = start(run.path(), data.path()).await;
    let settings = json!({"betweenHandsSecs": 0, "actionTimeoutSecs": 1, "timebankSecs": 1, "maxBuyIn": 400});
    let mut table = Table::open(rig, database, nodes, settings, 0).await;
    let mut listeners = Vec::new();
    for person in 0..5 {
        listeners.push(table.listen(person, person % 2, None).await);
    }
    table.host("start", json!({})).await;
    table.play(5).await;

    // The clock decides; a pause stops it.
    let mut seq = table.view(0).await["seq"].as_u64().unwrap();
    for _ in 0..5 {
        seq = table.longer_than(seq).await;
        table.sit_in().await;
    }
    table.host("pause", json!({})).await;
    table.people[1].ok(&table.nodes[0], Method::POST, &table.path("leave"), json!({})).await;
    table.host("resume", json!({})).await;
    table.sit_in().await;
    table.play(3).await;

    // For three seconds nobody serves: that is nobody's timeout.
    let (rig, mut nodes) = (table.rig.clone(), std::mem::take(&mut table.nodes));
    nodes.iter_mut().for_each(|node| node.die(&rig));
    tokio::time::sleep(Duration::from_secs(3)).await;
    nodes.iter_mut().for_each(|node| node.live(&rig, &table.database, data.path()));
    table.nodes = nodes;
    let mut again = Vec::new();
    for (person, listener) in listeners.into_iter().enumerate() {
        let last = listener.close().await;
        if person != 1 {
            again.push(table.listen(person, person % 2, Some(last)).await);
        }
    }
    table.rig.fault("all", "healed", "");
    table.people[1].call(&table.nodes[0], Method::GET, &table.path("me"), Value::Null, None).await;
    let seq = table.view(0).await["seq"].as_u64().unwrap();
    table.longer_than(seq).await;
    table.sit_in().await;
    let seq = table.play(3).await;
    for listener in &again {
        listener.heard(seq).await;
    }
    table.rig.fault("all", "final", "");
    for listener in again {
        listener.close().await;
    }
    table.nodes.clear();
    table.rig.finish(&table.database, &table.people.iter().collect::<Vec<_>>()).await;
    must_pass(run.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_table_with_straddles_bomb_pots_and_two_boards_passes() {
    let (run, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (rig, database, nodes) = start(run.path(), data.path()).await;
    let settings = json!({
        "betweenHandsSecs": 0, "actionTimeoutSecs": 0, "maxBuyIn": 400, "straddle": "utg", "maxStraddles": 2,
        "bombPotMode": "every", "bombPotEvery": 3, "bombPotAnte": 2, "doubleBoard": "bomb_pots",
    });
    let mut table = Table::open(rig, database, nodes, settings, 0).await;
    for person in 0..4 {
        let choice = json!({"autoStraddle": person != 2});
        table.people[person].ok(&table.nodes[0], Method::PATCH, &table.path("preferences"), choice).await;
    }
    let mut listeners = Vec::new();
    for person in 0..5 {
        listeners.push(table.listen(person, person % 2, None).await);
    }
    table.host("start", json!({})).await;
    table.play(60).await;
    table.refill().await;
    let patch = json!({"bombPotMode": "manual", "doubleBoard": "always", "straddle": "button"});
    table.people[0].ok(&table.nodes[0], Method::PATCH, &table.path("settings"), patch).await;
    table.host("bomb-pot", json!({})).await;
    table.people[0].ok(&table.nodes[0], Method::DELETE, &table.path("bomb-pot"), Value::Null).await;
    table.host("bomb-pot", json!({})).await;
    table.people[1].call(&table.nodes[0], Method::POST, &table.path("bomb-pot"), json!({}), Some("illegal")).await;

    // With a bomb pot that was asked for, a node dies.
    let (rig, mut nodes) = (table.rig.clone(), std::mem::take(&mut table.nodes));
    nodes[1].die(&rig);
    nodes[1].live(&rig, &table.database, data.path());
    table.nodes = nodes;
    let mut again = Vec::new();
    for (person, listener) in listeners.into_iter().enumerate() {
        let last = listener.close().await;
        again.push(table.listen(person, person % 2, Some(last)).await);
    }
    table.rig.fault("all", "healed", "");
    table.play(40).await;
    table.refill().await;
    let seq = table.play(20).await;
    for listener in &again {
        listener.heard(seq).await;
    }
    for person in 0..5 {
        table.view(person).await;
    }
    table.rig.fault("all", "final", "");
    for listener in again {
        listener.close().await;
    }
    table.nodes.clear();
    table.rig.finish(&table.database, &table.people.iter().collect::<Vec<_>>()).await;
    must_pass(run.path());
}
