//! Times and sizes that are promised, measured on a server of its own.

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
use crate::node::{Node, resident_bytes};
use crate::postgres::{Needs, Postgres};
use crate::proxy::{Link, Mode};
use crate::slow::SlowReaders;

/// P6: how soon every room is in play after a server's start.
const IN_PLAY_WITHIN: Duration = Duration::from_secs(5);

/// P10: how soon a call is refused without a database, and how soon all is well with one again.
const REFUSED_WITHIN: Duration = Duration::from_secs(3);
const WELL_WITHIN: Duration = Duration::from_secs(3);

/// P12: what a reader that never reads may cost, in bytes, and how much later others may be served.
const READER_COSTS: u64 = 256 * 1024;
const OTHERS_WAIT: Duration = Duration::from_millis(20);

/// People of a measurement; each is at many tables.
const PEOPLE: usize = 20;

/// Requests under way at once while tables are set up.
const AT_ONCE: usize = 4;

/// How often each of them is tried.
const TRIES: u32 = 10;

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with a database, and people.
struct Lab {
    node: Node,
    postgres: Postgres,
    to_database: Arc<Link>,
    world: Arc<World>,
    people: Vec<Arc<Client>>,
}

/// Two people at a table, who play.
#[derive(Clone, Debug)]
struct Duel {
    room: Uuid,
    game: Uuid,
    players: [Arc<Client>; 2],
}

impl Lab {
    async fn open(server: &Path, out: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(out).with_context(|| format!("can't make {}", out.display()))?;
        let postgres = Postgres::start(&Needs::default()).await?;
        let database = SocketAddr::from((Ipv4Addr::LOCALHOST, postgres.port()));
        let to_database = Arc::new(Link::open("node a to postgres", database).await?);
        let data = fs::canonicalize(out)?.join("data").display().to_string();
        let env: BTreeMap<String, String> = [
            ("DATABASE_URL", postgres.url_through(to_database.address().port())),
            ("HOLDFAST_DATA_DIR", data),
            ("HOLDFAST_RATE_LIMIT", "off".to_owned()),
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
    async fn duels(&self, count: usize) -> anyhow::Result<Vec<Duel>> {
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

    async fn close(mut self) -> anyhow::Result<()> {
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

    fn hydrate(&self) -> Request {
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
    async fn act_at_last(&self) {
        while self.act().await.is_none() {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Asks until there is a definite answer, on a machine that is busy with so many tables. Then a conflict means that an earlier
/// try was heard.
async fn must(client: &Client, request: &Request) -> anyhow::Result<Value> {
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

/// P6: kills a server with `rooms` rooms in play, starts it again, and takes the time from the start of the process until each
/// of a sample of rooms has accepted an action.
///
/// Returns whether it was soon enough.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn restart(server: &Path, out: &Path, rooms: usize) -> anyhow::Result<bool> {
    let mut lab = Lab::open(server, out).await?;
    let duels = lab.duels(rooms).await?;
    lab.node.kill().await?;
    let began = Instant::now();
    lab.node.start(&[]).await?;
    let serves_after = began.elapsed();

    let mut sample = JoinSet::new();
    for duel in duels.iter().step_by((rooms / 100).max(1)) {
        let duel = duel.clone();
        sample.spawn(async move {
            duel.act_at_last().await;
            began.elapsed()
        });
    }
    let mut times = timeout(PATIENCE, sample.join_all()).await.context("not all rooms are in play again")?;
    times.sort();
    let (p50, last) = (percentile(&times, 50), percentile(&times, 100));
    println!(
        "P6: {rooms} rooms in play, server killed: serves {} ms after its start; {} rooms of a sample have accepted an action \
         after {} ms (half) and {} ms (all); promised: {} ms",
        serves_after.as_millis(),
        times.len(),
        p50.as_millis(),
        last.as_millis(),
        IN_PLAY_WITHIN.as_millis()
    );
    lab.close().await?;
    Ok(last <= IN_PLAY_WITHIN)
}

/// P10: takes the database away in three ways, and the time of each refusal; brings it back, and takes the time until a document
/// and an action are good again.
///
/// Returns whether both were soon enough, and nothing was answered while it was away.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn away(server: &Path, out: &Path) -> anyhow::Result<bool> {
    let lab = Lab::open(server, out).await?;
    let duels = lab.duels(8).await?;
    let mut good = true;
    for how in ["killed", "frozen", "unreachable"] {
        match how {
            "killed" => lab.postgres.kill_all().await?,
            "frozen" => lab.postgres.freeze(),
            _ => lab.to_database.set(Mode::Stall),
        }
        let mut slowest = Duration::ZERO;
        let mut refused = 0;
        for _ in 0..2 {
            let mut asking = JoinSet::new();
            for duel in duels.clone() {
                asking.spawn(async move { refusals(&duel).await });
            }
            for (took, status) in asking.join_all().await.into_iter().flatten() {
                slowest = slowest.max(took);
                refused += usize::from(status == Some(503));
                if status != Some(503) {
                    println!("P10: with the database {how} a call was answered with {status:?}");
                    good = false;
                }
            }
        }
        let back = match how {
            "killed" => {
                lab.postgres.bring_back().await?;
                Instant::now()
            }
            "frozen" => {
                lab.postgres.thaw();
                Instant::now()
            }
            _ => {
                lab.to_database.set(Mode::Pass);
                Instant::now()
            }
        };
        let all_act = async {
            let mut acting = JoinSet::new();
            for duel in duels.clone() {
                acting.spawn(async move { duel.act_at_last().await });
            }
            acting.join_all().await;
        };
        timeout(PATIENCE, all_act).await.context("not all rooms are in play again")?;
        let well = back.elapsed();
        println!(
            "P10: database {how}: {refused} calls refused with 503, the slowest after {} ms (promised: {}); all rooms accept an \
             action {} ms after its return (promised: {})",
            slowest.as_millis(),
            REFUSED_WITHIN.as_millis(),
            well.as_millis(),
            WELL_WITHIN.as_millis()
        );
        good &= slowest <= REFUSED_WITHIN && well <= WELL_WITHIN;
    }
    lab.close().await?;
    Ok(good)
}

/// Asks for a document and for a command, and returns how long each took, with its status.
async fn refusals(duel: &Duel) -> Vec<(Duration, Option<u16>)> {
    let client = &duel.players[0];
    let sit_out = Request::post("sit_out", duel.room, format!("/api/rooms/{}/sit-out", duel.room), json!({}));
    let mut answers = Vec::new();
    for request in [duel.hydrate(), sit_out] {
        let began = Instant::now();
        let answer = client.send(&request).await;
        answers.push((began.elapsed(), answer.status()));
    }
    answers
}

/// P12: opens sockets that never read, at tables where others play, and compares the server's memory and the others' waiting
/// before and after.
///
/// Returns whether they cost little enough.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn slow(server: &Path, out: &Path, readers: usize) -> anyhow::Result<bool> {
    const LASTS: Duration = Duration::from_secs(15);
    let lab = Lab::open(server, out).await?;
    let duels = lab.duels(PEOPLE).await?;
    let pid = lab.node.pid().context("the server is up")?;
    // What a server keeps once it has been used is not the readers' doing.
    play(&duels, LASTS).await?;
    let (alone, before) = (play(&duels, LASTS).await?, resident_bytes(pid)?);

    let mut silent = Vec::new();
    while silent.iter().map(SlowReaders::len).sum::<usize>() < readers {
        let opened = SlowReaders::open(&lab.world, readers.min(PEOPLE)).await?;
        if opened.is_empty() {
            bail!("nobody is in a room");
        }
        silent.push(opened);
    }
    let opened: usize = silent.iter().map(SlowReaders::len).sum();
    let (beside, after) = (play(&duels, LASTS).await?, resident_bytes(pid)?);
    let each = after.saturating_sub(before) / u64::try_from(opened)?;
    let (p99_alone, p99_beside) = (percentile(&alone, 99), percentile(&beside, 99));
    println!(
        "P12: {opened} readers that never read cost {} KiB each (promised: {}); others' actions: p99 {} ms alone ({} actions), \
         {} ms beside them ({} actions; promised: {} ms more at most)",
        each / 1024,
        READER_COSTS / 1024,
        p99_alone.as_millis(),
        alone.len(),
        p99_beside.as_millis(),
        beside.len(),
        OTHERS_WAIT.as_millis()
    );
    for readers in silent {
        readers.close().await;
    }
    lab.close().await?;
    Ok(each <= READER_COSTS && p99_beside <= p99_alone + OTHERS_WAIT)
}

/// Plays at all tables for a while. Returns how long each accepted action took, sorted.
async fn play(duels: &[Duel], lasts: Duration) -> anyhow::Result<Vec<Duration>> {
    let over = Arc::new(AtomicBool::new(false));
    let mut playing = JoinSet::new();
    for duel in duels {
        let duel = duel.clone();
        let over = Arc::clone(&over);
        playing.spawn(async move {
            let mut times = Vec::new();
            while !over.load(Ordering::SeqCst) {
                times.extend(duel.act().await);
                // A pace at which the machine isn't the limit, so that waiting shows what is in the way.
                sleep(Duration::from_millis(200)).await;
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
fn percentile(times: &[Duration], percent: usize) -> Duration {
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
