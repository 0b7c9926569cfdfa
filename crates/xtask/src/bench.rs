//! The benchmark: server and load generator are built for release, then the generator does what it is told.

use std::fs;
use std::process::Command;

use anyhow::Context;

use crate::setup;
use crate::shell::{cargo, released, root, run};

/// What is measured unless something else is said, and put into `docs/performance.md` at the end.
const STANDARD: [&[&str]; 16] = [
    &["run", "--rooms", "200"],
    &["run", "--rooms", "200"],
    &["run", "--rooms", "200"],
    &["ratio", "--rooms", "200", "--times", "5", "--seconds", "15"],
    &["latency", "--rooms", "200"],
    &["latency", "--rooms", "200"],
    &["latency", "--rooms", "200"],
    &["hydrate", "--rooms", "100", "--seconds", "10"],
    &["storm", "--sockets", "5000", "--rooms", "500"],
    &["nodes", "--rooms", "100", "--spread", "together"],
    &["nodes", "--rooms", "100"],
    &["nodes", "--rooms", "100", "--counts", "2", "--no-bus", "--rate", "100"],
    &["flat", "--curve", "rooms", "--counts", "10,1000,10000"],
    &["flat", "--curve", "sockets", "--counts", "10,1000,5000"],
    &["flat", "--curve", "spectators", "--counts", "10,100,1000"],
    &["flat", "--curve", "hands", "--counts", "10,1000,10000"],
];

/// Builds what is needed and measures.
pub fn run_with(args: &[&str]) -> anyhow::Result<()> {
    setup::postgres()?;
    run(cargo().args(["build", "--release", "--package", "app", "--package", "bench"]))?;
    if !args.is_empty() {
        return measure(args);
    }
    // A report is of one series, on one machine.
    let results = root().join("target/bench");
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| format!("can't remove {}", results.display()))?;
    }
    STANDARD.iter().try_for_each(|args| measure(args))?;
    measure(&["report"])
}

fn measure(args: &[&str]) -> anyhow::Result<()> {
    let mut bench = Command::new(released("bench")?);
    bench.current_dir(root()).args(args);
    if !args.iter().any(|arg| ["help", "--help", "--server"].contains(arg)) {
        bench.arg("--server").arg(released("holdfast")?);
    }
    run(&mut bench)
}
