//! Does the faults of a plan to a running system, and heals them again.

mod faults;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use tokio::time::sleep;

use crate::backup::Backup;
use crate::bus::{self, Bus};
use crate::client::World;
use crate::damage::Damage;
use crate::history::{Counts, Deed, Deeds};
use crate::node::{CRASH_POINTS, Node};
use crate::plan::{Fault, Plan, Step};
use crate::postgres::Postgres;
use crate::proxy::Link;
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
    kept: Kept,
}

/// What healing needs.
#[derive(Debug, Default)]
struct Kept {
    /// Sockets of readers that don't read.
    readers: Option<SlowReaders>,
    /// What was said on the bus just before.
    bus: Option<bus::Figures>,
    /// Damaged rows.
    damage: Option<Damage>,
    /// The database as it was.
    backup: Option<Backup>,
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
    /// The folder of the run.
    pub out: PathBuf,
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
        Ok(Some(Wound { fault: Fault::K1, node, target, before, bit: None, kept: Kept::default() }))
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
                let (fault, bit, kept) = (Fault::K1, Some(true), Kept::default());
                return Ok(Some(Wound { fault, node, target, before, bit, kept }));
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
