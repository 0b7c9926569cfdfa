//! Does the faults of a plan to a running system, and heals them again.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use tokio::time::{sleep, timeout};

use crate::bus::{self, Bus};
use crate::client::World;
use crate::history::{Counts, Deed, Deeds};
use crate::node::{CRASH_AT, CRASH_POINTS, Node};
use crate::plan::{Fault, Plan, Step};
use crate::postgres::Postgres;
use crate::proxy::{Cut, Link, Mode};
use crate::skew;
use crate::slow::SlowReaders;

/// How long a node may take to come to the place where it is to die.
const POINT_WITHIN: Duration = Duration::from_secs(8);

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Actions that are to be acknowledged between two faults, and how long to wait for them.
const ACTIONS_BETWEEN: u64 = 20;
const PLAY_WITHIN: Duration = Duration::from_secs(4);

/// How long a fault waits for a request or a transaction that it can interrupt.
const ASKED_WITHIN: Duration = Duration::from_secs(2);

/// How long PostgreSQL says nothing to a node until it has nothing more to say.
const SETTLED_AFTER: Duration = Duration::from_millis(10);

/// How long after it is healed a fault may show.
const FELT_WITHIN: Duration = Duration::from_millis(1_500);

/// How wrong a wrong clock is, in seconds.
const WRONG_BY: i64 = 600;

/// How often connections are reset while they are.
const RESET_EVERY: Duration = Duration::from_millis(250);

/// A fault that is going on.
#[derive(Debug)]
struct Wound {
    fault: Fault,
    /// Which node.
    node: usize,
    target: String,
    /// The counts just before.
    before: Counts,
    /// Whether it is known to have bitten.
    bit: Option<bool>,
    /// Sockets of readers that don't read.
    readers: Option<SlowReaders>,
    /// What was said on the bus just before.
    bus: Option<bus::Figures>,
}

/// How often a fault was done, and how often it bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Done.
    pub done: u32,
    /// Felt.
    pub bit: u32,
}

/// What a [`Nemesis`] works on.
#[derive(Debug)]
pub struct Scene {
    /// What clients share.
    pub world: Arc<World>,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// From each node to PostgreSQL.
    pub database_links: Vec<Arc<Link>>,
    /// The database.
    pub postgres: Postgres,
    /// The bus, if there is one.
    pub bus: Option<Bus>,
    /// Everything that was done.
    pub deeds: Deeds,
    /// By how much the nodes' clocks are wrong, if they can be.
    pub node_clock: Option<PathBuf>,
    /// The same for PostgreSQL.
    pub database_clock: Option<PathBuf>,
    /// The secret of somebody else who signs tokens.
    pub foreign_secret: String,
    /// Whether the server has places where it dies when told to.
    pub has_crash_points: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often what was done.
    pub tally: BTreeMap<Fault, Tally>,
    /// Processes that were killed.
    pub kills: u32,
    /// Crash points at which a node died.
    pub points: Vec<&'static str>,
    /// What went wrong that no fault explains.
    pub problems: Vec<String>,
}

/// Whoever does it.
#[derive(Debug)]
pub struct Nemesis {
    /// What it works on.
    pub scene: Scene,
    /// What came of it so far.
    pub outcome: Outcome,
    /// The places where nodes are still to die, the next one last.
    points_left: Vec<&'static str>,
    /// Where each node is about to die.
    armed: Vec<Option<&'static str>>,
    random: StdRng,
}

impl Nemesis {
    /// Everything is well so far.
    pub fn new(scene: Scene, seed: u64) -> Self {
        let armed = vec![None; scene.nodes.len()];
        let random = StdRng::seed_from_u64(seed);
        Self { scene, outcome: Outcome::default(), points_left: Vec::new(), armed, random }
    }

    /// Does what is planned until `until`, but each fault once at least; then heals everything.
    ///
    /// # Errors
    ///
    /// - Something can't be done, or can't be healed again.
    pub async fn rage(&mut self, plan: Plan, faults: usize, until: Instant) -> anyhow::Result<()> {
        for (number, step) in plan.enumerate() {
            if number >= faults && Instant::now() > until {
                break;
            }
            self.let_play(step.after).await?;
            self.strike(&step).await?;
            self.tend().await?;
        }
        sleep(until.saturating_duration_since(Instant::now())).await;
        self.disarm().await?;
        self.scene.deeds.note(&Deed {
            fault: "all",
            phase: "healed",
            target: None,
            detail: None,
            in_flight: self.counts().in_flight,
            bit: None,
        })
    }

    /// Leaves the system alone for a while, and until it is in use again: what hits nobody tests nothing.
    async fn let_play(&mut self, pause: Duration) -> anyhow::Result<()> {
        let wanted = self.counts().acknowledged + ACTIONS_BETWEEN;
        let began = Instant::now();
        while began.elapsed() < pause || self.counts().acknowledged < wanted && began.elapsed() < PLAY_WITHIN {
            self.tend().await?;
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    async fn strike(&mut self, step: &Step) -> anyhow::Result<()> {
        let mut wounds = Vec::new();
        for fault in &step.faults {
            let node = self.random.random_range(0..self.scene.nodes.len());
            if let Some(wound) = self.inject(*fault, node).await.with_context(|| format!("{fault} can't be done"))? {
                wounds.push(wound);
            }
        }
        let both =
            (step.faults.len() > 1).then(|| step.faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join("+"));
        self.hold(&mut wounds, step.lasts).await?;
        let mut all_bit = true;
        // Nodes last: one that can't reach its database doesn't start.
        wounds.sort_by_key(|wound| wound.fault == Fault::K1);
        for wound in wounds {
            let fault = wound.fault;
            all_bit &= self.heal(wound).await.with_context(|| format!("{fault} can't be healed"))?;
        }
        if let Some(both) = both {
            self.count(Fault::X1, all_bit);
            let in_flight = self.counts().in_flight;
            let (target, detail) = (Some("all"), Some(both.as_str()));
            let deed = Deed { fault: "X1", phase: "heal", target, detail, in_flight, bit: Some(all_bit) };
            self.scene.deeds.note(&deed)?;
        }
        Ok(())
    }

    /// Lets the wounds be, and does what has to be done again and again. A node that dies meanwhile is another wound.
    async fn hold(&mut self, wounds: &mut Vec<Wound>, lasts: Duration) -> anyhow::Result<()> {
        let until = Instant::now() + lasts;
        let mut reset_at = wounds.iter().any(|wound| wound.fault == Fault::N6).then(Instant::now);
        while Instant::now() < until {
            if reset_at.is_some_and(|at| at <= Instant::now()) {
                self.reset_some();
                reset_at = Some(Instant::now() + RESET_EVERY);
            }
            for node in 0..self.scene.nodes.len() {
                wounds.extend(self.died_where_told(node, Duration::ZERO).await?);
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn reset_some(&mut self) {
        let links: Vec<Arc<Link>> = self.links().collect();
        let link = &links[self.random.random_range(0..links.len())];
        match self.random.random_range(0..4) {
            0 => link.cut_some(Cut::Finish, 0.3),
            1 => link.cut_some(Cut::HalfClose, 0.2),
            _ => link.cut_some(Cut::Reset, 0.4),
        };
    }

    /// Returns `None` if there is nothing to heal.
    async fn inject(&mut self, fault: Fault, node: usize) -> anyhow::Result<Option<Wound>> {
        let before = self.counts();
        let name = format!("node {}", self.scene.nodes[node].name());
        let database = || "postgres".to_owned();
        let (mut readers, mut said) = (None, None);
        let (target, detail, bit) = match fault {
            Fault::K1 => return self.kill_node(node).await,
            Fault::K2 => {
                let state = self.scene.postgres.kill_session().await?;
                self.outcome.kills += u32::from(state.is_some());
                let detail = state.as_ref().map_or("no session".to_owned(), |state| format!("a session, {state}"));
                (database(), detail, state.is_none().then_some(false))
            }
            Fault::K3 => {
                self.scene.postgres.kill_all().await?;
                self.outcome.kills += 1;
                (database(), "all processes".to_owned(), None)
            }
            Fault::K4 => {
                said = bus::figures(&self.scene.nodes, node).await.ok();
                self.scene.bus.as_mut().context("there is no bus")?.kill();
                self.outcome.kills += 1;
                ("nats".to_owned(), "killed".to_owned(), None)
            }
            Fault::K5 => (name, "in turn".to_owned(), None),
            Fault::P1 => {
                let inside = self.random.random_bool(0.7) && self.freeze_in_transaction(node).await;
                self.scene.nodes[node].freeze();
                (name, if inside { "frozen in a transaction" } else { "frozen" }.to_owned(), None)
            }
            Fault::P2 => {
                self.scene.postgres.freeze();
                (database(), "frozen".to_owned(), None)
            }
            Fault::P3 => {
                let sockets = SlowReaders::open(&self.scene.world, 4).await?;
                let detail = format!("{} readers that never read", sockets.len());
                readers = Some(sockets);
                ("clients".to_owned(), detail, None)
            }
            Fault::N1 => {
                let one_way = self.random.random_bool(0.5);
                let mode = if one_way { Mode::DropToClient } else { Mode::Stall };
                self.scene.bus.as_ref().context("there is no bus")?.links()[node].set(mode);
                // What was on its way has arrived by now.
                sleep(LOOK_EVERY).await;
                said = bus::figures(&self.scene.nodes, node).await.ok();
                (name, if one_way { "hears nothing from nats" } else { "no way to nats and back" }.to_owned(), None)
            }
            Fault::N2 => {
                self.scene.database_links[node].set(Mode::Stall);
                (name, "no way to postgres and back".to_owned(), None)
            }
            Fault::N3 => {
                self.scene.database_links[node].set(Mode::DropToClient);
                (name, "hears nothing from postgres".to_owned(), None)
            }
            Fault::N4 => ("links".to_owned(), self.clog().await, None),
            Fault::N5 => {
                let mean = Duration::from_millis(self.random.random_range(5..=100));
                let mode = Mode::Delay { mean, jitter: mean.mul_f64(0.8) };
                self.links().for_each(|link| link.set(mode));
                ("links".to_owned(), format!("late by {} ms", mean.as_millis()), None)
            }
            Fault::N6 => ("links".to_owned(), "connections are cut".to_owned(), None),
            Fault::D1 | Fault::D2 => {
                let room = self.scene.postgres.fill_disk()?;
                (database(), format!("{} KiB of disk filled", room / 1024), None)
            }
            Fault::C1 | Fault::C2 => {
                let by = if self.random.random_bool(0.5) { WRONG_BY } else { -WRONG_BY };
                self.set_clock(fault, by)?;
                let target = if fault == Fault::C1 { "all nodes".to_owned() } else { database() };
                (target, format!("{by:+} s"), None)
            }
            Fault::C3 => {
                let wrong = skew::try_all(&self.scene.world, &self.scene.foreign_secret).await?;
                let bit = Some(wrong.is_empty());
                self.outcome.problems.extend(wrong);
                ("clients".to_owned(), "tokens that are early or late by 4 s and by 120 s".to_owned(), bit)
            }
            Fault::X1 => return Ok(None),
        };
        self.note(fault, "inject", &target, &detail, before.in_flight, bit)?;
        Ok(Some(Wound { fault, node, target, before, bit, readers, bus: said }))
    }

    /// Returns whether it bit.
    async fn heal(&mut self, wound: Wound) -> anyhow::Result<bool> {
        let Wound { fault, node, target, before, mut bit, readers, bus: said } = wound;
        let mut detail = String::new();
        // A node that something else has hurt as well says nothing: then it is for the clients to tell.
        if let Some(said) = said
            && let Ok(figures) = bus::figures(&self.scene.nodes, node).await
        {
            bit = Some(figures.show_harm_since(&said));
        }
        match fault {
            // It died while nodes were restarted in turn: that has brought it back.
            Fault::K1 if self.scene.nodes[node].pid().is_some() => {}
            Fault::K1 => {
                let point = self.next_point();
                let env = point.map(|point| (CRASH_AT, self.how_often(point)));
                self.scene.nodes[node].start(env.as_slice()).await?;
                self.armed[node] = point;
                detail = point.map(|point| format!("to die at {point}")).unwrap_or_default();
            }
            Fault::K2 | Fault::K3 => self.scene.postgres.bring_back().await?,
            Fault::K5 => {
                for index in 0..self.scene.nodes.len() {
                    if let Err(err) = self.scene.nodes[index].stop().await {
                        self.outcome.problems.push(format!("K5: {err:#}"));
                    }
                    self.scene.nodes[index].start(&[]).await?;
                    self.armed[index] = None;
                }
            }
            Fault::K4 => {
                let bus = self.scene.bus.as_mut().context("there is no bus")?;
                // Or it stays away until it is to be killed again, or for good.
                if self.random.random_bool(0.6) {
                    bus.bring_back();
                }
            }
            Fault::N1 => {
                let link = &self.scene.bus.as_ref().context("there is no bus")?.links()[node];
                link.set(Mode::Pass);
                if self.random.random_bool(0.5) {
                    detail = format!("{} connections reset", link.cut_all(Cut::Reset));
                }
            }
            Fault::P1 => self.scene.nodes[node].thaw(),
            Fault::P2 => self.scene.postgres.thaw(),
            Fault::P3 => {
                let unread = match readers {
                    Some(readers) => readers.close().await,
                    None => 0,
                };
                detail = format!("{unread} of them had something to read");
                bit = Some(unread > 0);
            }
            Fault::N2 | Fault::N3 => {
                let link = &self.scene.database_links[node];
                link.set(Mode::Pass);
                if self.random.random_bool(0.5) {
                    detail = format!("{} connections reset", link.cut_all(Cut::Reset));
                }
            }
            Fault::N4 | Fault::N5 | Fault::N6 => {
                let mut links: Vec<Arc<Link>> = self.links().collect();
                links.shuffle(&mut self.random);
                for link in links {
                    link.set(Mode::Pass);
                    if fault == Fault::N4 {
                        sleep(Duration::from_millis(self.random.random_range(50..300))).await;
                    }
                }
            }
            Fault::D1 | Fault::D2 => {
                let survived = self.scene.postgres.is_running();
                self.scene.postgres.empty_disk()?;
                self.scene.postgres.bring_back().await?;
                detail = if survived { "it lived on" } else { "it was down" }.to_owned();
            }
            Fault::C1 | Fault::C2 => {
                // Whoever has just died shows no time.
                bit = self.clock_is_wrong(fault).await.ok();
                self.set_clock(fault, 0)?;
            }
            Fault::C3 | Fault::X1 => {}
        }
        let bit = match bit {
            Some(bit) => bit,
            None => fault == Fault::K1 && before.in_flight > 0 || self.hurt_since(&before).await,
        };
        self.count(fault, bit);
        self.note(fault, "heal", &target, &detail, self.counts().in_flight, Some(bit))?;
        Ok(bit)
    }

    /// Freezes a node again and again, until it is in the middle of a transaction: what that has locked stays locked.
    ///
    /// Returns whether it is. A database that says nothing, as it is hurt too, isn't asked twice.
    async fn freeze_in_transaction(&mut self, node: usize) -> bool {
        let until = Instant::now() + ASKED_WITHIN;
        while Instant::now() < until {
            self.scene.nodes[node].freeze();
            // What PostgreSQL was about to answer is answered.
            sleep(SETTLED_AFTER * 2).await;
            match timeout(ASKED_WITHIN, self.scene.postgres.has_idle_transaction(SETTLED_AFTER)).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => return true,
                Ok(Err(_)) | Err(_) => return false,
            }
            self.scene.nodes[node].thaw();
            sleep(Duration::from_millis(self.random.random_range(1..20))).await;
        }
        false
    }

    /// Whether clients have felt it. Requests that were held up until now show it when they are answered.
    async fn hurt_since(&self, before: &Counts) -> bool {
        let until = Instant::now() + FELT_WITHIN;
        while !self.counts().worse_than(before) {
            if Instant::now() >= until {
                return false;
            }
            sleep(LOOK_EVERY).await;
        }
        true
    }

    /// A node that is about to die somewhere gets the time to do it; else it is killed wherever it is.
    async fn kill_node(&mut self, node: usize) -> anyhow::Result<Option<Wound>> {
        if let Some(wound) = self.died_where_told(node, POINT_WITHIN).await? {
            return Ok(Some(wound));
        }
        self.until_asked().await;
        let before = self.counts();
        self.scene.nodes[node].kill().await?;
        self.outcome.kills += 1;
        let detail = match self.armed[node].take() {
            Some(point) => {
                self.points_left.insert(0, point);
                format!("anywhere, having never come to {point}")
            }
            None => "anywhere".to_owned(),
        };
        let target = format!("node {}", self.scene.nodes[node].name());
        self.note(Fault::K1, "inject", &target, &detail, before.in_flight, Some(before.in_flight > 0))?;
        Ok(Some(Wound { fault: Fault::K1, node, target, before, bit: None, readers: None, bus: None }))
    }

    /// Waits until a request is under way: who dies idle loses nothing.
    async fn until_asked(&self) {
        let until = Instant::now() + ASKED_WITHIN;
        while self.counts().in_flight == 0 && Instant::now() < until {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until a node has died where it was told to, if it was told.
    async fn died_where_told(&mut self, node: usize, within: Duration) -> anyhow::Result<Option<Wound>> {
        let Some(point) = self.armed[node] else { return Ok(None) };
        let until = Instant::now() + within;
        loop {
            let before = self.counts();
            if self.scene.nodes[node].ended()?.is_some() {
                self.armed[node] = None;
                self.outcome.kills += 1;
                self.outcome.points.push(point);
                let target = format!("node {}", self.scene.nodes[node].name());
                self.note(Fault::K1, "inject", &target, point, before.in_flight, Some(true))?;
                return Ok(Some(Wound {
                    fault: Fault::K1,
                    node,
                    target,
                    before,
                    bit: Some(true),
                    readers: None,
                    bus: None,
                }));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Looks after nodes that ended by themselves: they may only do so where they were told to.
    async fn tend(&mut self) -> anyhow::Result<()> {
        for node in 0..self.scene.nodes.len() {
            if let Some(wound) = self.died_where_told(node, Duration::ZERO).await? {
                sleep(Duration::from_millis(self.random.random_range(50..1_000))).await;
                self.heal(wound).await?;
            } else if let Some(status) = self.scene.nodes[node].ended()? {
                let name = self.scene.nodes[node].name();
                self.outcome.problems.push(format!("node {name} ended by itself: {status}"));
                self.scene.nodes[node].start(&[]).await?;
            }
        }
        Ok(())
    }

    /// Nodes that are still to die somewhere are started anew: from here on nothing goes wrong any more.
    async fn disarm(&mut self) -> anyhow::Result<()> {
        self.scene.has_crash_points = false;
        for node in 0..self.scene.nodes.len() {
            if self.armed[node].is_some()
                && let Some(wound) = self.kill_node(node).await?
            {
                self.heal(wound).await?;
            }
        }
        Ok(())
    }

    fn next_point(&mut self) -> Option<&'static str> {
        if !self.scene.has_crash_points {
            return None;
        }
        if self.points_left.is_empty() {
            self.points_left = CRASH_POINTS.to_vec();
            self.points_left.shuffle(&mut self.random);
        }
        self.points_left.pop()
    }

    /// `point:n`: at the n-th time. What happens all the time happens a few times first.
    fn how_often(&mut self, point: &str) -> String {
        let most = match point {
            "in_sweep" | "in_rotate" | "in_connect" | "in_timer" => 1,
            "in_deal" => 2,
            _ => 30,
        };
        format!("{point}:{}", self.random.random_range(1..=most))
    }

    /// Stops some of the links, one by one.
    async fn clog(&mut self) -> String {
        let mut links: Vec<Arc<Link>> = self.links().collect();
        links.shuffle(&mut self.random);
        links.truncate(self.random.random_range(1..=links.len()));
        let mut names = Vec::new();
        for link in links {
            link.set(Mode::Stall);
            names.push(link.name().to_owned());
            sleep(Duration::from_millis(self.random.random_range(50..300))).await;
        }
        format!("stopped in this order: {}", names.join(", "))
    }

    fn set_clock(&self, fault: Fault, by: i64) -> anyhow::Result<()> {
        let file = if fault == Fault::C1 { &self.scene.node_clock } else { &self.scene.database_clock };
        let file = file.as_ref().context("this clock can't be set")?;
        fs::write(file, format!("{by:+}\n")).context("can't set a clock")
    }

    /// By what the server or PostgreSQL says of the time.
    async fn clock_is_wrong(&self, fault: Fault) -> anyhow::Result<bool> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
        let theirs = match fault {
            Fault::C1 => skew::clock_of_node(&self.scene.world).await?,
            _ => {
                let rows = self.scene.postgres.sql("SELECT extract(epoch FROM clock_timestamp())::bigint").await?;
                rows.first().and_then(|row| row.first()?.as_deref()?.parse().ok()).context("PostgreSQL has a clock")?
            }
        };
        Ok((theirs - now).abs() > WRONG_BY / 2)
    }

    fn links(&self) -> impl Iterator<Item = Arc<Link>> {
        let doors = self.scene.world.doors.iter().map(|door| Arc::clone(&door.link));
        let bus = self.scene.bus.iter().flat_map(Bus::links).cloned();
        doors.chain(self.scene.database_links.iter().cloned()).chain(bus).collect::<Vec<_>>().into_iter()
    }

    fn counts(&self) -> Counts {
        self.scene.world.traffic.counts()
    }

    fn count(&mut self, fault: Fault, bit: bool) {
        let tally = self.outcome.tally.entry(fault).or_default();
        tally.done += 1;
        tally.bit += u32::from(bit);
    }

    fn note(
        &mut self,
        fault: Fault,
        phase: &str,
        target: &str,
        detail: &str,
        in_flight: u64,
        bit: Option<bool>,
    ) -> anyhow::Result<()> {
        eprintln!("{:>9.3} s  {fault} {phase}: {target} {detail}", self.scene.world.clock.now() as f64 / 1e6);
        let (target, detail) = (Some(target), Some(detail).filter(|detail| !detail.is_empty()));
        self.scene.deeds.note(&Deed { fault: fault.name(), phase, target, detail, in_flight, bit })
    }
}
