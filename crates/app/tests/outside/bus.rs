//! Several nodes on one database, with NATS between them, without it, and while it comes and goes.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::Nats;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::clients::{Client, PATIENCE, Socket, Table, public_part, seqs};
use crate::play::{Random, legal_action};
use crate::secrecy::cards_in;
use crate::server::Server;

/// Somebody who listens at one node, and when they heard what.
struct Ear {
    socket: Socket,
    heard: Vec<(Value, Instant)>,
}

impl Ear {
    /// Everybody in the room, each at another node.
    async fn everywhere(server: &Server, table: &Table, readers: &[Client]) -> Vec<Self> {
        let mut ears = Vec::new();
        for reader in readers {
            let (socket, _) = Socket::join(server, table, reader, Some(0)).await;
            ears.push(Self { socket, heard: Vec::new() });
        }
        ears
    }

    /// Listens until the event with this number.
    async fn hear(&mut self, seq: u64) {
        while self.heard.last().and_then(|(event, _)| event["seq"].as_u64()) < Some(seq) {
            let event = self.socket.next().await;
            if event.get("seq").is_some() && event.get("roomId").is_some() {
                self.heard.push((event, Instant::now()));
            }
        }
    }

    fn public(&self) -> Vec<Value> {
        self.heard.iter().map(|(event, _)| public_part(event)).collect()
    }
}

/// An action that was acknowledged.
struct Acted {
    by: String,
    action: Value,
    seq: u64,
    at: Instant,
}

/// Plays random legal actions until so many hands are dealt.
async fn play(table: &Table, random: &mut Random, hands: u64) -> Vec<Acted> {
    let mut all = Vec::new();
    let mut busy_until = Instant::now() + PATIENCE;
    loop {
        let view = table.hydrate(table.host()).await;
        if view["game"]["hand_number"].as_u64().unwrap() > hands {
            return all;
        }
        for seat in view["seats"].as_array().unwrap().iter().filter(|seat| seat["chips"] == 0) {
            let broke = table.players.iter().find(|player| seat["user_id"] == player.user.as_str());
            if let Some(broke) = broke {
                // Who is in a hand with all their chips gets none.
                broke.post(&table.path("top-up"), json!({ "amount": 200 })).await;
            }
        }
        if let Some((actor, view)) = table.actor().await
            && view["me"]["legal_actions"].is_object()
        {
            let action = legal_action(random, &view);
            let seq = table.act(actor, action.clone()).await.ok()["seq"].as_u64().unwrap();
            all.push(Acted { by: actor.user.clone(), action, seq, at: Instant::now() });
            busy_until = Instant::now() + PATIENCE;
        }
        assert!(Instant::now() < busy_until, "nobody can act: {view}");
    }
}

/// A table of three with a spectator, and sockets of all four, each at another node.
async fn table_across_nodes(server: &Server) -> (Table, Vec<Client>, Vec<Ear>) {
    let table = Table::playing(server, 3, json!({ "spectatorsAllowed": true })).await;
    let watcher = Client::guest(server, "Wim").await;
    table.let_in(&watcher, "Wim").await;
    watcher.post(&table.path("spectate"), json!({})).await.ok();
    let readers: Vec<Client> = table.players.iter().cloned().chain([watcher]).collect();
    let ears = Ear::everywhere(server, &table, &readers).await;
    (table, readers, ears)
}

/// Everybody has heard the same: all of the log, in order, each event once.
async fn all_have_heard_the_log(table: &Table, ears: &mut [Ear]) -> u64 {
    let seq = table.hydrate(table.host()).await["seq"].as_u64().unwrap();
    join_all(ears.iter_mut().map(|ear| ear.hear(seq))).await;
    let first = ears[0].public();
    let last = first.last().unwrap()["seq"].as_u64().unwrap();
    assert_eq!(seqs(&first), (1..=last).collect::<Vec<_>>());
    for ear in &*ears {
        let heard = ear.public();
        let common = heard.len().min(first.len());
        assert_eq!(heard[..common], first[..common]);
    }
    seq
}

/// The value of a metric, summed over all nodes.
async fn metric(server: &Server, nodes: usize, name: &str) -> f64 {
    let anybody = Client::guest(server, "Operator").await.with_header("");
    let mut sum = 0.0;
    // One node after the other is asked.
    for _ in 0..nodes {
        let text = anybody.get("/metrics").await.ok();
        let line = text.as_str().unwrap().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
        sum += line.parse::<f64>().unwrap();
    }
    sum
}

async fn until_connected(server: &Server, nodes: usize, connected: f64) {
    let connecting = async { while metric(server, nodes, "holdfast_bus_connected").await != connected {} };
    timeout(PATIENCE, connecting).await.expect("the bus does not connect");
}

/// P9, T-C9: on three nodes with NATS everybody hears the same, soon; and on the bus are numbers of rooms and events, and
/// nothing else.
#[tokio::test]
async fn everybody_hears_the_same_on_three_nodes_and_the_bus_carries_numbers_alone() {
    let Some(nats) = Nats::start() else { return };
    let (stop, stopped) = oneshot::channel();
    let tap = tokio::spawn(tap(nats.url(), stopped));
    let server = Server::start_nodes_with_bus(3, &nats.url()).await;
    until_connected(&server, 3, 3.0).await;
    let (table, readers, mut ears) = table_across_nodes(&server).await;

    let mut random = Random(11);
    let acted = tokio::select! {
        acted = play(&table, &mut random, 30) => acted,
        _ = join_all(ears.iter_mut().map(|ear| ear.hear(u64::MAX))) => unreachable!("no log is so long"),
    };
    let seq = all_have_heard_the_log(&table, &mut ears).await;

    let mut delays: Vec<Duration> = Vec::new();
    for action in &acted {
        let heard = ears.iter().flat_map(|ear| ear.heard.iter().filter(|(event, _)| event["seq"] == action.seq));
        delays.extend(heard.map(|(_, heard)| heard.saturating_duration_since(action.at)));
    }
    delays.sort();
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize];
    println!(
        "{seq} events, {} actions, answer to socket: median {:?}, 99 % {:?}, most {:?}",
        acted.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );

    let _ = stop.send(());
    let tapped = tap.await.unwrap();
    let of_room = tapped.iter().filter(|(subject, _)| *subject == format!("holdfast.room.{}", table.room)).count();
    assert!(of_room > 100, "{of_room} messages were tapped");
    for (subject, payload) in tapped {
        // A room's id and a number: there is no place for anything else.
        let room = subject.strip_prefix("holdfast.room.").expect("only rooms are spoken of");
        assert!(room.parse::<uuid::Uuid>().is_ok() && payload.parse::<u64>().is_ok(), "{subject} {payload}");
        let mut cards = Vec::new();
        cards_in(&json!([subject, payload]), &mut cards);
        assert!(cards.is_empty() && readers.iter().all(|reader| !payload.contains(&reader.token)));
    }
    assert_eq!(metric(&server, 3, "holdfast_bus_messages_dropped_total").await, 0.0);
}

/// Everything that anybody says on the bus.
async fn tap(url: String, stopped: oneshot::Receiver<()>) -> Vec<(String, String)> {
    let url: url::Url = url.parse().unwrap();
    let options = async_nats::ConnectOptions::new()
        .user_and_password(url.username().to_owned(), url.password().unwrap().to_owned());
    let client = options.connect(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())).await.unwrap();
    let mut all = client.subscribe(">").await.unwrap();
    client.flush().await.unwrap();
    let mut heard = Vec::new();
    let listening = async {
        while let Some(message) = all.next().await {
            let payload = String::from_utf8(message.payload.to_vec()).unwrap();
            heard.push((message.subject.to_string(), payload));
        }
    };
    tokio::select! {
        () = listening => {}
        _ = stopped => {}
    }
    heard
}

/// T-A9: a kick at one node closes the sockets at another, at once with NATS, and by the sweep when NATS is away.
#[tokio::test]
async fn a_kick_at_one_node_closes_sockets_at_another_with_and_without_nats() {
    let Some(nats) = Nats::start() else { return };
    let server = Server::start_nodes_with_bus(1, &nats.url()).await;
    let other = server.second_node();
    let table = Table::with_members(&server, 2, json!({})).await;
    until_connected(&server, 1, 1.0).await;
    for (player, with_nats) in [(1, true), (2, false)] {
        if !with_nats {
            nats.kill();
            until_connected(&server, 1, 0.0).await;
        }
        let removed = &table.players[player];
        let (mut there, _) = Socket::join_at(&other.base, &table, removed, None).await;
        let began = Instant::now();
        table.host().post(&table.path("kick"), json!({ "userId": removed.user, "ban": true })).await.ok();
        assert_eq!(there.closed().await, Some(4003));
        println!("closed at the other node after {:?}, NATS {with_nats}", began.elapsed());
        // Promised are 2 s; the rest is for machines that do much else.
        assert!(began.elapsed() < Duration::from_secs(4), "closed after {:?}", began.elapsed());
    }
}

/// K4: NATS is killed in mid-play, and play goes on: nothing is lost. It comes back, and is used again. It freezes, and
/// nobody waits for it.
#[tokio::test]
async fn nats_may_die_come_back_and_freeze_in_mid_play() {
    let Some(nats) = Nats::start() else { return };
    let server = Server::start_nodes_with_bus(2, &nats.url()).await;
    until_connected(&server, 2, 2.0).await;
    let (table, _, mut ears) = table_across_nodes(&server).await;
    let mut random = Random(5);
    let mut slowest = Duration::ZERO;
    let mut played = 0;
    let mut hands = async |table: &Table| {
        played += 4;
        let began = Instant::now();
        play(table, &mut random, played).await;
        slowest = slowest.max(began.elapsed());
    };
    hands(&table).await;
    nats.kill();
    hands(&table).await;
    all_have_heard_the_log(&table, &mut ears).await;

    nats.start_again();
    until_connected(&server, 2, 2.0).await;
    let before = metric(&server, 2, "holdfast_bus_messages_received_total").await;
    hands(&table).await;
    all_have_heard_the_log(&table, &mut ears).await;
    assert!(metric(&server, 2, "holdfast_bus_messages_received_total").await > before, "NATS is used again");

    nats.freeze();
    hands(&table).await;
    all_have_heard_the_log(&table, &mut ears).await;
    nats.thaw();
    hands(&table).await;
    all_have_heard_the_log(&table, &mut ears).await;
    println!("four hands took {slowest:?} at most");
}

/// A node starts, and serves, although NATS was never there; and finds it when it comes.
#[tokio::test]
async fn nodes_start_without_nats_and_find_it_later() {
    let Some(nats) = Nats::start() else { return };
    nats.kill();
    let server = Server::start_nodes_with_bus(2, &nats.url()).await;
    let (table, _, mut ears) = table_across_nodes(&server).await;
    play(&table, &mut Random(2), 2).await;
    all_have_heard_the_log(&table, &mut ears).await;
    nats.start_again();
    until_connected(&server, 2, 2.0).await;
}

/// K5: three nodes are stopped and started one after the other while a hand is played: what was answered is there, and
/// whoever asks again has an answer.
#[tokio::test]
async fn a_rolling_restart_loses_nothing() {
    let Some(nats) = Nats::start() else { return };
    let mut server = Server::start_nodes_with_bus(3, &nats.url()).await;
    let table = Table::playing(&server, 3, json!({})).await;
    let mut random = Random(9);
    let mut acted = Vec::new();
    for node in 0..3 {
        // Those who are left play on.
        let away = table.at(&server.stop_node(node));
        let dealt = away.hydrate(away.host()).await["game"]["hand_number"].as_u64().unwrap();
        acted.extend(play(&away, &mut random, dealt + 2).await);
        server.start_node_again(node);
        acted.extend(play(&table, &mut random, dealt + 4).await);
    }
    let (mut socket, hello) = Socket::join(&server, &table, table.host(), Some(0)).await;
    let log = socket.events_until(hello["seq"].as_u64().unwrap()).await;
    assert_eq!(seqs(&log), (1..=hello["seq"].as_u64().unwrap()).collect::<Vec<_>>());
    for Acted { by, action, seq, .. } in &acted {
        // Asked again, the server gives the answer that it keeps with what was done.
        let player = table.players.iter().find(|player| player.user == *by).unwrap();
        assert_eq!(table.act(player, action.clone()).await.ok()["seq"], *seq);
    }
    assert_eq!(table.hydrate(table.host()).await["seq"], hello["seq"], "nothing was done twice");
    println!("{} actions were acknowledged over three restarts", acted.len());
}
