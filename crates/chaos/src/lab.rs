//! A server with a database of its own, and people who play at a pace, for measurements.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::client::{Client, Door, Request, World};
use crate::history::Clock;
use crate::node::Node;
use crate::postgres::{Needs, Postgres};
use crate::proxy::Link;

/// People of a measurement; each is at many tables.
pub const PEOPLE: usize = 20;

/// Requests under way at once while tables are set up.
const AT_ONCE: usize = 4;

/// How often each of them is tried.
const TRIES: u32 = 10;

/// How long anything may take before the measurement is given up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a database, and people.
pub struct Lab {
    pub node: Node,
    pub postgres: Postgres,
    pub to_database: Arc<Link>,
    pub world: Arc<World>,
    pub people: Vec<Arc<Client>>,
}

/// Two people at a table, who play.
#[derive(Clone, Debug)]
pub struct Duel {
    pub room: Uuid,
    game: Uuid,
    pub players: [Arc<Client>; 2],
}

impl Lab {
    /// With `limits`, what the server allows an address and a user is limited, as it is by default.
    pub async fn open(server: &Path, out: &Path, limits: bool) -> anyhow::Result<Self> {
        fs::create_dir_all(out).with_context(|| format!("can't make {}", out.display()))?;
        let postgres = Postgres::start(&Needs::default()).await?;
        let database = SocketAddr::from((Ipv4Addr::LOCALHOST, postgres.port()));
        let to_database = Arc::new(Link::open("node a to postgres", database).await?);
        let data = fs::canonicalize(out)?.join("data").display().to_string();
        let env: BTreeMap<String, String> = [
            ("DATABASE_URL", postgres.url_through(to_database.address().port())),
            ("HOLDFAST_DATA_DIR", data),
            ("HOLDFAST_RATE_LIMIT", if limits { "on" } else { "off" }.to_owned()),
            ("HOLDFAST_LOG", "warn".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let mut node = Node::new("a", server, env, out.join("node-a.log"))?;
        node.start(&[]).await?;
        let link = Link::open("clients to node a", node.address()).await?;
        let doors = vec![Door { node: "a", link: Arc::new(link) }];
        let world = Arc::new(World::new(Clock::start(), doors, out));
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(Client::enter(&world, &format!("Player {number}")).await?);
        }
        Ok(Self { node, postgres, to_database, world, people })
    }

    /// Sets up `count` tables at which a hand is being played.
    pub async fn duels(&self, count: usize) -> anyhow::Result<Vec<Duel>> {
        let mut duels = Vec::with_capacity(count);
        let mut making = JoinSet::new();
        for number in 0..count {
            let players = [number, number + 1 + number / PEOPLE % (PEOPLE - 1)]
                .map(|index| Arc::clone(&self.people[index % PEOPLE]));
            if making.len() == AT_ONCE {
                duels.push(making.join_next().await.context("some are under way")???);
            }
            making.spawn(Duel::make(players));
        }
        while let Some(made) = making.join_next().await {
            duels.push(made??);
        }
        Ok(duels)
    }

    pub async fn close(mut self) -> anyhow::Result<()> {
        self.node.stop().await
    }
}

impl Duel {
    async fn make(players: [Arc<Client>; 2]) -> anyhow::Result<Self> {
        let [host, guest] = &players;
        let settings = json!({ "autoApprove": true, "actionTimeoutSecs": 600, "betweenHandsSecs": 0, "seats": 2 });
        let body = json!({ "displayName": host.name, "settings": settings });
        let create = Request { room: None, ..Request::post("create", Uuid::nil(), "/api/rooms", body) };
        let made = must(host, &create).await?;
        let id = |value: &Value| value.as_str().unwrap_or_default().parse::<Uuid>();
        let duel = Self { room: id(&made["room"]["id"])?, game: id(&made["gameId"])?, players: players.clone() };
        let post = |kind, body| Request::post(kind, duel.room, format!("/api/rooms/{}/{kind}", duel.room), body);
        must(guest, &post("join", json!({ "displayName": guest.name }))).await?;
        for (seat, player) in players.iter().enumerate() {
            must(player, &post("seat", json!({ "seatIndex": seat, "buyIn": 400 }))).await?;
        }
        must(host, &post("start", json!({}))).await?;
        Ok(duel)
    }

    pub fn hydrate(&self) -> Request {
        Request::get("hydrate", self.room, format!("/api/rooms/{}/hydrate", self.room))
    }

    /// Has whoever is to act check or call. Returns how long the answer took, or `None` if nobody could act.
    async fn act(&self) -> Option<Duration> {
        for player in &self.players {
            let answer = player.send(&self.hydrate()).await;
            let Some(view) = answer.ok() else { continue };
            let Some(legal) = view["me"]["legal_actions"]["actions"].as_array() else { continue };
            let action = if legal.iter().any(|action| action == "CHECK") { "CHECK" } else { "CALL" };
            let id = Uuid::from_u128(rand::random());
            let body = json!({ "action": action, "turn": view["timer"]["turn"], "actionId": id });
            let request = Request::post("action", self.room, format!("/api/games/{}/actions", self.game), body);
            let began = Instant::now();
            if player.send(&request).await.ok().is_some() {
                return Some(began.elapsed());
            }
        }
        None
    }

    /// Acts until an action is accepted.
    pub async fn act_at_last(&self) {
        while self.act().await.is_none() {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Asks until there is a definite answer, on a machine that is busy with so many tables. Then a conflict means that an earlier
/// try was heard.
pub async fn must(client: &Client, request: &Request) -> anyhow::Result<Value> {
    let mut answer = client.send(request).await;
    let mut tries = 1;
    while answer.is_open() && tries < TRIES {
        answer = client.send(request).await;
        tries += 1;
    }
    match (answer.said, tries) {
        (Some((200..300, body)), _) => Ok(body),
        (Some((409, body)), 2..) => Ok(body),
        (said, _) => bail!("{} was refused: {said:?}", request.kind),
    }
}

/// Plays at all tables for a while, with a `pause` after each action: at a pace at which the machine isn't the limit, waiting
/// shows what is in the way. Returns how long each accepted action took, sorted.
///
/// # Errors
///
/// - No action was accepted.
pub async fn play(duels: &[Duel], pause: Duration, lasts: Duration) -> anyhow::Result<Vec<Duration>> {
    let over = Arc::new(AtomicBool::new(false));
    let mut playing = JoinSet::new();
    for duel in duels {
        let duel = duel.clone();
        let over = Arc::clone(&over);
        playing.spawn(async move {
            let mut times = Vec::new();
            // Not all at once: then each waits for all others.
            sleep(pause.mul_f64(rand::random_range(0.0..1.0))).await;
            while !over.load(Ordering::SeqCst) {
                times.extend(duel.act().await);
                sleep(pause.mul_f64(rand::random_range(0.5..1.5))).await;
            }
            times
        });
    }
    sleep(lasts).await;
    over.store(true, Ordering::SeqCst);
    let times = timeout(PATIENCE, playing.join_all()).await.context("the play doesn't end")?;
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    ensure!(!times.is_empty(), "no action was accepted");
    times.sort();
    Ok(times)
}

/// Of sorted times, which aren't none.
pub fn percentile(times: &[Duration], percent: usize) -> Duration {
    times[((times.len() - 1) * percent).div_ceil(100)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_taken() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 100), Duration::from_millis(200));
        assert_eq!(percentile(&times, 50), Duration::from_millis(101));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
    }
}
