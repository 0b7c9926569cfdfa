//! Times and sizes that are promised, measured on a server of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rand::RngExt;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use crate::client::Request;
use crate::lab::{Duel, Lab, PATIENCE, PEOPLE, must, percentile, play};
use crate::node::resident_bytes;
use crate::proxy::Mode;
use crate::slow::SlowReaders;

/// P6: how soon every room is in play after a server's start.
const IN_PLAY_WITHIN: Duration = Duration::from_secs(5);

/// P10: how soon a call is refused without a database, and how soon all is well with one again.
const REFUSED_WITHIN: Duration = Duration::from_secs(3);
const WELL_WITHIN: Duration = Duration::from_secs(3);

/// P12: what a reader that never reads may cost, in bytes, and how much later others may be served.
const READER_COSTS: u64 = 256 * 1024;
const OTHERS_WAIT: Duration = Duration::from_millis(20);

/// Addresses that passwords are tried from.
const ADDRESSES: u8 = 50;

/// P6: kills a server with `rooms` rooms in play, starts it again, and takes the time from the start of the process until each
/// of a sample of rooms has accepted an action.
///
/// Returns whether it was soon enough.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn restart(server: &Path, out: &Path, rooms: usize) -> anyhow::Result<bool> {
    let mut lab = Lab::open(server, out, false).await?;
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
    let lab = Lab::open(server, out, false).await?;
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
    const PAUSE: Duration = Duration::from_millis(200);
    let lab = Lab::open(server, out, false).await?;
    let duels = lab.duels(PEOPLE).await?;
    let pid = lab.node.pid().context("the server is up")?;
    // What a server keeps once it has been used is not the readers' doing.
    play(&duels, PAUSE, LASTS).await?;
    let (alone, before) = (play(&duels, PAUSE, LASTS).await?, resident_bytes(pid)?);

    let mut silent = Vec::new();
    while silent.iter().map(SlowReaders::len).sum::<usize>() < readers {
        let opened = SlowReaders::open(&lab.world, readers.min(PEOPLE)).await;
        if opened.is_empty() {
            bail!("nobody is in a room");
        }
        silent.push(opened);
    }
    let opened: usize = silent.iter().map(SlowReaders::len).sum();
    let (beside, after) = (play(&duels, PAUSE, LASTS).await?, resident_bytes(pid)?);
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

/// T-J5: has passwords of accounts and rooms tried from many addresses while others play, with the limits for addresses and
/// without them, and compares the players' waiting before and meanwhile.
///
/// Returns whether it was little enough, and every try was refused.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn flood(server: &Path, out: &Path, rate: u32) -> anyhow::Result<bool> {
    const LASTS: Duration = Duration::from_secs(20);
    const PAUSE: Duration = Duration::from_secs(1);
    let mut good = true;
    for limits in [true, false] {
        let lab = Lab::open(server, &out.join(if limits { "limits" } else { "none" }), limits).await?;
        let duels = lab.duels(5 * PEOPLE).await?;
        let flood = Flood::prepare(&lab).await?;
        play(&duels, PAUSE, LASTS / 4).await?;
        let alone = play(&duels, PAUSE, LASTS).await?;
        let (beside, statuses) = tokio::join!(play(&duels, PAUSE, LASTS), flood.run(rate, LASTS));
        let beside = beside?;
        let (p99_alone, p99_beside) = (percentile(&alone, 99), percentile(&beside, 99));
        println!(
            "T-J5: {rate} passwords a second tried from {ADDRESSES} addresses {} limits for them, answered {statuses:?}; others' \
             actions: p99 {:.1} ms alone ({} actions), {:.1} ms beside them ({} actions; promised: {} ms more at most)",
            if limits { "with" } else { "without" },
            p99_alone.as_secs_f64() * 1e3,
            alone.len(),
            p99_beside.as_secs_f64() * 1e3,
            beside.len(),
            OTHERS_WAIT.as_millis()
        );
        good &= p99_beside <= p99_alone + OTHERS_WAIT;
        good &= statuses.keys().all(|status| [401, 403, 429].contains(status));
        lab.close().await?;
    }
    Ok(good)
}

/// People who try passwords, each from an address of their own.
struct Flood {
    server: String,
    guessers: Vec<Guesser>,
    /// Rooms with a password.
    rooms: Vec<Uuid>,
}

struct Guesser {
    http: reqwest::Client,
    token: String,
}

impl Flood {
    async fn prepare(lab: &Lab) -> anyhow::Result<Self> {
        let server = format!("http://{}", lab.node.address());
        let mut guessers = Vec::new();
        for number in 1..=ADDRESSES {
            // All of 127.0.0.0/8 is this machine.
            let address = IpAddr::from(Ipv4Addr::new(127, 0, 2, number));
            let http = reqwest::Client::builder().no_proxy().local_address(address).timeout(PATIENCE).build()?;
            let guest = http.post(format!("{server}/api/auth/guest")).json(&json!({ "displayName": "Guesser" }));
            let guest: Value = guest.send().await?.error_for_status()?.json().await?;
            guessers.push(Guesser { http, token: guest["token"].as_str().context("a guest has a token")?.to_owned() });
        }
        let mut rooms = Vec::new();
        for host in &lab.people {
            let body = json!({ "displayName": host.name, "password": "correct horse" });
            let create = Request { room: None, ..Request::post("create", Uuid::nil(), "/api/rooms", body) };
            let made = must(host, &create).await?;
            rooms.push(made["room"]["id"].as_str().context("a room has an id")?.parse()?);
        }
        Ok(Self { server, guessers, rooms })
    }

    /// `rate` tries a second, however slow the answers are. Returns how often which status was answered; 0: none at all.
    async fn run(&self, rate: u32, lasts: Duration) -> BTreeMap<u16, usize> {
        let mut tries = JoinSet::new();
        let mut tick = interval(Duration::from_secs(1) / rate);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..rate as usize * lasts.as_secs() as usize {
            tick.tick().await;
            let Guesser { http, token } = &self.guessers[number % self.guessers.len()];
            let guess = format!("guess {number}");
            // Each address tries both in turn.
            let request = if (number / self.guessers.len()).is_multiple_of(2) {
                let email = format!("{}@example.com", rand::rng().random_range(0..1_000_000));
                http.post(format!("{}/api/auth/login", self.server)).json(&json!({ "email": email, "password": guess }))
            } else {
                let room = self.rooms[rand::rng().random_range(0..self.rooms.len())];
                let body = json!({ "displayName": "Guesser", "password": guess });
                http.post(format!("{}/api/rooms/{room}/join", self.server)).bearer_auth(token).json(&body)
            };
            tries.spawn(async move { request.send().await.map_or(0, |answer| answer.status().as_u16()) });
        }
        let mut statuses = BTreeMap::new();
        for status in tries.join_all().await {
            *statuses.entry(status).or_default() += 1;
        }
        statuses
    }
}
