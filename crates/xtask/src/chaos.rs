//! The rig that hurts a whole system and has it judged: all of its parts are built, then it does what it is told.

use std::process::Command;

use crate::setup;
use crate::shell::{built, cargo, run};

/// What is done unless something else is said.
const DEFAULT: [&str; 1] = ["smoke"];

/// Builds the server with crash points and bugs to choose from, the rig and the checker, and runs the rig.
pub fn run_with(args: &[&str]) -> anyhow::Result<()> {
    setup::postgres()?;
    setup::nats()?;
    run(cargo().args(["build", "--package", "app", "--bin", "holdfast", "--features", "sabotage"]))?;
    run(cargo().args(["build", "--package", "chaos", "--package", "chaos-check"]))?;
    let mut rig = Command::new(built("chaos")?);
    rig.args(if args.is_empty() { &DEFAULT } else { args });
    if !args.contains(&"help") && !args.contains(&"--help") {
        rig.arg("--server").arg(built("holdfast")?);
    }
    run(&mut rig)
}
