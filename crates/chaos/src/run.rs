//! One run: a system is started, used and hurt, healed, read once more, stopped and judged.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::unistd::geteuid;
use serde::Serialize;
use testkit::Nats;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::bus::Bus;
use crate::client::{Answer, Client, Door, Phase, Request, World};
use crate::damage;
use crate::dump;
use crate::history::{Clock, Deed, Deeds};
use crate::nemesis::{Nemesis, Outcome, Scene, Tally};
use crate::node::{self, Node};
use crate::plan::{Fault, Plan};
use crate::postgres::{Needs, Postgres, fake_clock};
use crate::proxy::Link;
use crate::table::{Table, TableRecord};
use crate::verdict;

/// The names of nodes.
const NAMES: [&str; 3] = ["a", "b", "c"];

/// The library that fakes clocks, where Debian puts it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// How long it may take until the first actions are accepted in every room, with nothing wrong.
const WARM_UP_WITHIN: Duration = Duration::from_secs(60);

/// How long it may take after the last fault until everybody is back and every room has accepted an action: a server is back
/// within 5 s of its start, or within 3 s of PostgreSQL's return, and clients wait for up to 1.5 s between their tries.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// How much longer where a room was damaged: one that was set aside is tried again after so long at most.
const MENDED_WITHIN: Duration = Duration::from_secs(10);

/// How long requests that are under way at the end may take.
const END_WITHIN: Duration = Duration::from_secs(15);

/// How many read everything at once at the end.
const READERS_AT_ONCE: usize = 3;

/// Events that a page has at most.
const PAGE: u64 = 500;

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's binary.
    pub server: PathBuf,
    /// Decides the plan and what bots want.
    pub seed: u64,
    /// How long faults go on. Each is done once, however long that takes.
    pub lasts: Duration,
    /// How many rooms.
    pub rooms: usize,
    /// One to three.
    pub nodes: usize,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// A bug that a server built with sabotage is to have.
    pub bug: Option<String>,
    /// Where everything is written.
    pub out: PathBuf,
    /// The program that judges; `None`: nobody does.
    pub checker: Option<PathBuf>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Summary {
    commit: String,
    seed: u64,
    /// Player actions that were acknowledged.
    pub acknowledged: u64,
    /// Requests without a definite answer.
    pub unanswered: u64,
    /// Processes that were killed.
    pub kills: u32,
    /// Crash points at which a node died.
    pub points: Vec<&'static str>,
    tally: BTreeMap<Fault, Tally>,
    back_after: Duration,
    /// Why it is no good.
    pub problems: Vec<String>,
    out: PathBuf,
}

impl Summary {
    /// Whether every promise was kept, as far as was looked.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_good() { "ok" } else { "FAILED" };
        write!(f, "{word}: commit {} seed {}", self.commit, self.seed)?;
        write!(f, ", {} actions acknowledged, {} requests unanswered", self.acknowledged, self.unanswered)?;
        write!(f, ", {} kills, all back after {:.1} s, faults that bit:", self.kills, self.back_after.as_secs_f64())?;
        for (fault, Tally { done, bit }) in &self.tally {
            write!(f, " {fault} {bit}/{done}")?;
        }
        if !self.points.is_empty() {
            write!(f, ", died at: {}", self.points.join(" "))?;
        }
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        if !self.is_good() {
            write!(f, "\n  everything is in {}", self.out.display())?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct RunRecord<'a> {
    commit: &'a str,
    seed: u64,
    seconds: u64,
    faults: Vec<&'static str>,
    nodes: Vec<&'static str>,
    started_at_ms: u64,
    bug: Option<&'a str>,
    env: &'a BTreeMap<String, String>,
    rooms: Vec<TableRecord>,
    users: Vec<UserRecord<'a>>,
}

#[derive(Serialize)]
struct UserRecord<'a> {
    user_id: Uuid,
    display_name: &'a str,
    client: u64,
    tokens: Vec<String>,
}

/// A system that is up, with nobody there.
struct Stage {
    scene: Scene,
    env: BTreeMap<String, String>,
}

/// Runs it to its end and has it judged.
///
/// # Errors
///
/// - The rig itself can't do what it should. What the server does wrong is in the summary.
pub async fn run(options: &Options) -> anyhow::Result<Summary> {
    let commit = commit().await;
    let faults = possible(&options.faults, options.nodes)?;
    let logs = options.out.join("logs");
    fs::create_dir_all(&logs).with_context(|| format!("can't make {}", logs.display()))?;

    let Stage { mut scene, env } = set_up(options, &faults, &logs).await?;
    for node in &mut scene.nodes {
        node.start(&[]).await?;
    }
    if faults.contains(&Fault::D3) {
        damage::allow(&scene.postgres).await?;
    }
    let world = Arc::clone(&scene.world);
    let tables = make_tables(&world, options).await?;
    let mut people = JoinSet::new();
    for table in &tables {
        table.live(&mut people, options.seed);
    }
    warm_up(&tables).await?;

    let mut nemesis = Nemesis::new(scene, options.seed);
    let until = Instant::now() + options.lasts;
    nemesis.rage(Plan::new(&faults, options.seed), faults.len(), until).await?;
    let back = come_back(&world, &tables, back_within(&faults)).await;
    world.phase.send_replace(Phase::Over);
    let all_end = async {
        while people.join_next().await.is_some() || world.traffic.counts().in_flight > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(END_WITHIN, all_end).await.context("clients are still waiting for answers")?;
    // After the last bot has left: a log that bots write into faster than all can read it has no end.
    read_all(&tables).await;

    let Nemesis { mut scene, mut outcome, .. } = nemesis;
    let in_flight = world.traffic.counts().in_flight;
    scene.deeds.note(&Deed { fault: "all", phase: "final", target: None, detail: None, in_flight, bit: None })?;
    for node in &mut scene.nodes {
        if let Some(status) = node.ended()? {
            outcome.problems.push(format!("node {} ended by itself: {status}", node.name()));
        } else if let Err(err) = node.stop().await {
            outcome.problems.push(format!("{err:#}"));
        }
    }
    dump::write(&scene.postgres, &options.out.join("dump")).await?;
    if let Some(problem) = audit(options, &env, scene.postgres.url()).await? {
        outcome.problems.push(problem);
    }
    scene.postgres.copy_log(&logs.join("postgres.log"))?;
    write_record(options, &commit, &faults, &env, &world, &tables)?;
    drop(scene);
    judge(options, commit, &world, outcome, back).await
}

async fn judge(
    options: &Options,
    commit: String,
    world: &World,
    outcome: Outcome,
    back: Result<Duration, String>,
) -> anyhow::Result<Summary> {
    let counts = world.traffic.counts();
    let Outcome { tally, kills, points, mut problems } = outcome;
    if counts.acknowledged == 0 {
        problems.push("no action was acknowledged: nothing was tested".to_owned());
    }
    // Those that came along in a pair weren't asked for by themselves.
    let idle = tally.iter().filter(|(fault, tally)| options.faults.contains(fault) && tally.bit == 0);
    problems.extend(idle.map(|(fault, _)| format!("{fault} never bit: it was not tested")));
    let back_after = back.unwrap_or_else(|problem| {
        problems.push(problem);
        back_within(&options.faults)
    });
    if let Some(checker) = &options.checker {
        let verdict = verdict::ask(checker, &options.out).await?;
        fs::write(options.out.join("verdict.json"), verdict.report.to_string()).context("can't write verdict.json")?;
        if !verdict.good {
            problems.push(format!("the checker: {}", verdict.counter_example()));
        }
    }
    Ok(Summary {
        commit,
        seed: options.seed,
        acknowledged: counts.acknowledged,
        unanswered: counts.unanswered,
        kills,
        points,
        tally,
        back_after,
        problems,
        out: options.out.clone(),
    })
}

/// The faults that can be done here. The others are named, with the reason.
fn possible(faults: &[Fault], nodes: usize) -> anyhow::Result<Vec<Fault>> {
    let mut possible = Vec::new();
    for fault in faults {
        let obstacle = match fault {
            Fault::N1 | Fault::K4 if nodes < 2 => Some("one node needs no bus"),
            Fault::N1 | Fault::K4 if !Nats::is_installed() => Some("nats-server is not installed"),
            Fault::D1 | Fault::D2 if !geteuid().is_root() => Some("only root can make a small disk"),
            Fault::C1 | Fault::C2 if !Path::new(FAKETIME).exists() => Some("libfaketime is not installed"),
            _ => None,
        };
        match obstacle {
            Some(obstacle) => eprintln!("{fault} is skipped: {obstacle}"),
            None => possible.push(*fault),
        }
    }
    if possible.contains(&Fault::D1) && possible.contains(&Fault::D2) {
        bail!("D1 and D2 need different disks: run them one after the other");
    }
    Ok(possible)
}

/// Sets a system up. Its nodes are down yet.
async fn set_up(options: &Options, faults: &[Fault], logs: &Path) -> anyhow::Result<Stage> {
    let out = fs::canonicalize(&options.out)?;
    let clock_file = |fault: Fault, name: &str| -> anyhow::Result<Option<PathBuf>> {
        if !faults.contains(&fault) {
            return Ok(None);
        }
        // Where PostgreSQL's user may read it, whoever owns the folder of the run.
        let file = std::env::temp_dir().join(format!("holdfast-chaos-{}-{name}", std::process::id()));
        fs::write(&file, "+0\n").with_context(|| format!("can't write {}", file.display()))?;
        Ok(Some(file))
    };
    let (node_clock, database_clock) = (clock_file(Fault::C1, "node")?, clock_file(Fault::C2, "postgres")?);
    let needs = Needs {
        small_disk: faults.contains(&Fault::D1),
        small_wal_disk: faults.contains(&Fault::D2),
        clock: database_clock.clone().map(|file| (PathBuf::from(FAKETIME), file)),
    };
    let postgres = Postgres::start(&needs).await?;

    let foreign_secret = Uuid::from_u128(rand::random()).to_string();
    let env = settings(options, &out, &foreign_secret);
    let database = SocketAddr::from((Ipv4Addr::LOCALHOST, postgres.port()));
    let mut bus = if options.nodes > 1 { Bus::start(logs.join("bus.log"))? } else { None };
    let (mut nodes, mut database_links, mut doors) = (Vec::new(), Vec::new(), Vec::new());
    for name in NAMES.into_iter().take(options.nodes) {
        let link = Arc::new(Link::open(format!("node {name} to postgres"), database).await?);
        let mut env = env.clone();
        env.insert("DATABASE_URL".to_owned(), postgres.url_through(link.address().port()));
        if let Some(bus) = &mut bus {
            env.insert("HOLDFAST_NATS_URL".to_owned(), bus.link(name).await?);
        }
        if let Some(file) = &node_clock {
            env.insert("LD_PRELOAD".to_owned(), FAKETIME.to_owned());
            env.extend(fake_clock(file));
        }
        let node = Node::new(name, &options.server, env, logs.join(format!("node-{name}.log")))?;
        let door = Link::open(format!("clients to node {name}"), node.address()).await?;
        doors.push(Door { node: name, link: Arc::new(door) });
        nodes.push(node);
        database_links.push(link);
    }

    let clock = Clock::start();
    let world = Arc::new(World::new(clock, doors, &options.out));
    let deeds = Deeds::create(&options.out, clock)?;
    let has_crash_points = node::has_crash_points(&options.server)?;
    if faults.contains(&Fault::K1) && !has_crash_points {
        eprintln!("this server has no crash points (feature `sabotage`): nodes are killed at random only");
    }
    let scene = Scene {
        world,
        nodes,
        database_links,
        postgres,
        bus,
        deeds,
        node_clock,
        database_clock,
        out,
        foreign_secret,
        has_crash_points,
    };
    Ok(Stage { scene, env })
}

/// The settings of all nodes: clocks that a short run gets to see.
fn settings(options: &Options, out: &Path, foreign_secret: &str) -> BTreeMap<String, String> {
    let data = out.join("data");
    let fixed = [
        ("HOLDFAST_RATE_LIMIT", "off"),
        ("HOLDFAST_LOG", "info"),
        ("HOLDFAST_DISCONNECT_AFTER_SECS", "6"),
        ("HOLDFAST_FREE_SEAT_AFTER_SECS", "12"),
        ("HOLDFAST_REJOIN_TTL_SECS", "60"),
        ("HOLDFAST_SWEEP_SECS", "2"),
        ("HOLDFAST_WORKERS", "2"),
        ("RUST_BACKTRACE", "1"),
    ];
    let mut env: BTreeMap<String, String> =
        fixed.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    env.insert("HOLDFAST_DATA_DIR".to_owned(), data.display().to_string());
    // Made here, so that whoever looks at the run can open what is sealed.
    let key: [u8; 32] = rand::random();
    let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
    env.insert("HOLDFAST_SECRET_KEY".to_owned(), key);
    env.insert("SUPABASE_JWT_SECRET".to_owned(), foreign_secret.to_owned());
    if let Some(bug) = &options.bug {
        env.insert("HOLDFAST_BUG".to_owned(), bug.clone());
    }
    env
}

async fn make_tables(world: &Arc<World>, options: &Options) -> anyhow::Result<Vec<Arc<Table>>> {
    let mut tables = Vec::new();
    for number in 0..options.rooms {
        tables.push(Table::make(world, number, options.seed.wrapping_add(number as u64)).await?);
    }
    Ok(tables)
}

/// Waits until there is play in every room.
async fn warm_up(tables: &[Arc<Table>]) -> anyhow::Result<()> {
    let playing = async {
        while tables.iter().any(|table| table.acted_at.load(Ordering::SeqCst) == 0) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(WARM_UP_WITHIN, playing).await.context("nobody plays, though nothing is wrong yet")
}

fn back_within(faults: &[Fault]) -> Duration {
    if faults.contains(&Fault::D3) { BACK_WITHIN + MENDED_WITHIN } else { BACK_WITHIN }
}

/// Waits until everybody has heard something and every room has accepted an action.
///
/// Returns how long that took, or who is still missing at the end.
async fn come_back(world: &World, tables: &[Arc<Table>], within: Duration) -> Result<Duration, String> {
    world.phase.send_replace(Phase::Calm);
    let (began, healed_at) = (Instant::now(), world.clock.now());
    loop {
        let stuck = tables.iter().filter(|table| table.acted_at.load(Ordering::SeqCst) < healed_at);
        let mut missing: Vec<String> = stuck.map(|table| format!("room {} accepts no action", table.room)).collect();
        for table in tables {
            let deaf = table.people.iter().filter(|(_, ear)| ear.heard_at.load(Ordering::SeqCst) < healed_at);
            missing.extend(deaf.map(|(client, _)| format!("client {} ({}) hears nothing", client.number, client.name)));
        }
        if missing.is_empty() {
            return Ok(began.elapsed());
        }
        if began.elapsed() > within {
            return Err(format!("{within:?} after the last fault: {}", missing.join("; ")));
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Everybody reads everything once more, some at a time, while nobody plays: a storm is another test.
async fn read_all(tables: &[Arc<Table>]) {
    let mut readers = JoinSet::new();
    for table in tables {
        for (client, _) in &table.people {
            if readers.len() == READERS_AT_ONCE {
                readers.join_next().await;
            }
            let (table, client) = (Arc::clone(table), Arc::clone(client));
            readers.spawn(async move { read_room(&table, &client).await });
        }
    }
    readers.join_all().await;
}

async fn read_room(table: &Table, client: &Client) {
    let get = |kind, call: &str| Request::get(kind, table.room, table.path(call)).noted("final");
    read(client, &get("hydrate", "hydrate")).await;
    let mut after = 0;
    loop {
        let page = read(client, &get("events", &format!("events?after={after}&limit={PAGE}"))).await;
        let Some(events) = page.ok().and_then(|page| page["events"].as_array()) else { break };
        let Some(last) = events.last().and_then(|event| event["seq"].as_u64()) else { break };
        after = last;
    }
    let hands = read(client, &get("hands", "hands?limit=10")).await;
    for hand in hands.ok().and_then(|body| body["hands"].as_array()).into_iter().flatten() {
        let path = format!("/api/hands/{}", hand["handId"].as_str().unwrap_or_default());
        read(client, &Request::get("hand", table.room, path).noted("final")).await;
    }
}

/// Reads, up to three times if there is no definite answer.
async fn read(client: &Client, request: &Request) -> Answer {
    let mut answer = client.send(request).await;
    for _ in 0..2 {
        if answer.is_open() {
            answer = client.send(request).await;
        }
    }
    answer
}

/// Has the server itself look for differences, if it can. Returns what it found.
async fn audit(options: &Options, env: &BTreeMap<String, String>, url: &str) -> anyhow::Result<Option<String>> {
    let help = Command::new(&options.server).arg("--help").output().await?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    if !help.lines().any(|line| line.trim_start().starts_with("audit ")) {
        return Ok(None);
    }
    let mut audit = Command::new(&options.server);
    audit.arg("audit").envs(env).env("DATABASE_URL", url);
    if options.faults.contains(&Fault::C2) {
        audit.arg("--clock-was-set");
    }
    let output = audit.output().await?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().map_or("none".to_owned(), |code| code.to_string());
    fs::write(options.out.join("audit.txt"), format!("{said}\nexit code: {code}\n"))?;
    Ok((!output.status.success()).then(|| format!("holdfast audit: {}: {}", output.status, said.trim())))
}

fn write_record(
    options: &Options,
    commit: &str,
    faults: &[Fault],
    env: &BTreeMap<String, String>,
    world: &World,
    tables: &[Arc<Table>],
) -> anyhow::Result<()> {
    let people = world.people();
    for client in &people {
        client.log.flush()?;
    }
    let users = people.iter().map(|client| UserRecord {
        user_id: client.user,
        display_name: &client.name,
        client: client.number,
        tokens: [client.bearer().to_owned()].into_iter().chain(client.rejoin_tokens()).collect(),
    });
    let record = RunRecord {
        commit,
        seed: options.seed,
        seconds: options.lasts.as_secs(),
        faults: faults.iter().map(|fault| fault.name()).collect(),
        nodes: NAMES.into_iter().take(options.nodes).collect(),
        started_at_ms: world.clock.started_at_ms,
        bug: options.bug.as_deref(),
        env,
        rooms: tables.iter().map(|table| table.record()).collect(),
        users: users.collect(),
    };
    fs::write(options.out.join("run.json"), serde_json::to_vec_pretty(&record)?).context("can't write run.json")
}

/// The commit of the working tree, with a `+` if it has changes.
async fn commit() -> String {
    let git = async |args: &[&str]| {
        let output = Command::new("git").args(args).output().await.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]).await else { return "unknown".to_owned() };
    match git(&["status", "--porcelain", "--untracked-files=no"]).await {
        Some(changes) if changes.is_empty() => commit,
        _ => commit + "+",
    }
}
