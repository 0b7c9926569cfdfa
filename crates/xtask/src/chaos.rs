//! The rig that hurts a whole system and has it judged: all of its parts are built, then it does what it is told. `--release` as the
//! first word builds them for release, which is for measurements and long runs.

use std::process::Command;

use crate::setup;
use crate::shell::{built, cargo, released, run};

/// What is done unless something else is said.
const DEFAULT: [&str; 1] = ["smoke"];

/// Builds the server with crash points and bugs to choose from, the rig and the checker, and runs the rig.
pub fn run_with(args: &[&str]) -> anyhow::Result<()> {
    setup::postgres()?;
    setup::nats()?;
    let (args, profile, place): (_, &[&str], fn(&str) -> _) = match args {
        ["--release", args @ ..] => (args, &["--release"], released),
        args => (args, &[], built),
    };
    run(cargo().arg("build").args(profile).args(["--package", "app", "--bin", "holdfast", "--features", "sabotage"]))?;
    run(cargo().arg("build").args(profile).args(["--package", "chaos", "--package", "chaos-check"]))?;
    let mut rig = Command::new(place("chaos")?);
    rig.args(if args.is_empty() { &DEFAULT } else { args });
    if !args.contains(&"help") && !args.contains(&"--help") {
        rig.arg("--server").arg(place("holdfast")?);
    }
    run(&mut rig)
}
