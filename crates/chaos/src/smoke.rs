//! Fixed series of runs: a short one for every change, and a long one before a release.

use std::path::PathBuf;
use std::time::Duration;

use crate::node::{CRASH_POINTS, has_crash_points};
use crate::plan::Fault;
use crate::run::{self, Options, Summary};

/// Processes that a short series kills at least, and actions that are acknowledged in it at least.
const SMOKE: Goal = Goal { kills: 10, acknowledged: 5_000 };

/// What a series has to reach to say anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Processes that were killed.
    pub kills: u32,
    /// Player actions that were acknowledged.
    pub acknowledged: u64,
}

/// What all runs of a series have in common.
#[derive(Clone, Debug)]
pub struct Series {
    /// The server's binary.
    pub server: PathBuf,
    /// Each run has a folder of its own in it.
    pub out: PathBuf,
    /// The program that judges; `None`: nobody does.
    pub checker: Option<PathBuf>,
}

/// One run of the short series.
struct Case {
    faults: &'static [Fault],
    nodes: usize,
    rooms: usize,
    seconds: u64,
}

const fn case(faults: &'static [Fault], nodes: usize, rooms: usize, seconds: u64) -> Case {
    Case { faults, nodes, rooms, seconds }
}

/// About five minutes of faults. The seed of a run is its place here.
const CASES: [Case; 13] = [
    case(&[], 1, 4, 20),
    case(&[Fault::K1], 1, 4, 60),
    case(&[Fault::K1], 2, 4, 45),
    case(&[Fault::K2, Fault::K3], 1, 4, 25),
    case(&[Fault::K5, Fault::P1], 2, 3, 20),
    case(&[Fault::P2, Fault::N2, Fault::N3], 1, 3, 25),
    case(&[Fault::N6], 2, 4, 20),
    case(&[Fault::D1], 1, 3, 15),
    case(&[Fault::C1], 2, 3, 15),
    case(&[Fault::X1], 2, 4, 25),
    case(&[Fault::K4, Fault::N1], 3, 3, 20),
    case(&[Fault::D2], 1, 3, 15),
    case(&[Fault::D3, Fault::D4], 2, 3, 25),
];

/// What a series has reached.
#[derive(Debug, Default)]
struct Total {
    runs: u32,
    failed: u32,
    kills: u32,
    acknowledged: u64,
    points: Vec<&'static str>,
}

impl Total {
    fn add(&mut self, summary: &Summary) {
        println!("{summary}\n");
        self.runs += 1;
        self.failed += u32::from(!summary.is_good());
        self.kills += summary.kills;
        self.acknowledged += summary.acknowledged;
        self.points.extend(&summary.points);
    }

    const fn has_reached(&self, goal: Goal) -> bool {
        self.kills >= goal.kills && self.acknowledged >= goal.acknowledged
    }

    fn never_died_at(&self) -> Vec<&'static str> {
        CRASH_POINTS.into_iter().filter(|point| !self.points.contains(point)).collect()
    }

    fn print(&self) {
        let Self { runs, failed, kills, acknowledged, .. } = self;
        println!("{runs} runs, {failed} failed, {kills} kills, {acknowledged} actions acknowledged");
    }
}

/// The short series: every fault, every crash point.
///
/// With `second_chance`, a run that fails is done once more and counts as it ends then: for machines that are shared, where a
/// bound in time is missed now and then. A promise that is really broken is broken again; all of it is printed.
///
/// Returns whether all went well and enough was tested.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn smoke(series: &Series, second_chance: bool) -> anyhow::Result<bool> {
    let mut total = Total::default();
    for (seed, case) in (1..).zip(&CASES) {
        let options = Options {
            server: series.server.clone(),
            seed,
            lasts: Duration::from_secs(case.seconds),
            rooms: case.rooms,
            nodes: case.nodes,
            faults: case.faults.to_vec(),
            bug: None,
            out: series.out.join(seed.to_string()),
            checker: series.checker.clone(),
        };
        println!("run {seed} of {}: {}", CASES.len(), names(case.faults));
        let mut summary = run::run(&options).await?;
        if second_chance && !summary.is_good() {
            println!("{summary}\nonce more:");
            summary = run::run(&Options { out: series.out.join(format!("{seed}-again")), ..options }).await?;
        }
        total.add(&summary);
    }
    total.print();
    let mut good = total.failed == 0;
    if !total.has_reached(SMOKE) {
        println!("too little was tested: {} kills and {} actions are wanted", SMOKE.kills, SMOKE.acknowledged);
        good = false;
    }
    let missed = total.never_died_at();
    if has_crash_points(&series.server)? && !missed.is_empty() {
        println!("no node died at: {}", missed.join(", "));
        good = false;
    }
    Ok(good)
}

/// Runs with all faults, until the goal is reached or a run fails.
///
/// Returns whether all went well.
///
/// # Errors
///
/// - The rig itself can't do what it should.
pub async fn long(series: &Series, goal: Goal, rooms: usize) -> anyhow::Result<bool> {
    // D1 and D2 need different disks: they take turns. What a backup writes into the log when it is restored has no room on a
    // small one.
    let without = |left_out: &[Fault]| Fault::all().filter(|fault| !left_out.contains(fault)).collect();
    let mut total = Total::default();
    for seed in 1_000.. {
        let options = Options {
            server: series.server.clone(),
            seed,
            lasts: Duration::from_secs(180),
            rooms,
            nodes: usize::try_from(seed % 3)? + 1,
            faults: without(if seed % 2 == 0 { &[Fault::D2] } else { &[Fault::D1, Fault::D4] }),
            bug: None,
            out: series.out.join(seed.to_string()),
            checker: series.checker.clone(),
        };
        let summary = run::run(&options).await?;
        total.add(&summary);
        if !summary.is_good() || total.has_reached(goal) {
            break;
        }
        // What went well needs no looking at.
        std::fs::remove_dir_all(&options.out)?;
    }
    total.print();
    Ok(total.failed == 0)
}

fn names(faults: &[Fault]) -> String {
    if faults.is_empty() {
        return "nothing goes wrong".to_owned();
    }
    faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(", ")
}
