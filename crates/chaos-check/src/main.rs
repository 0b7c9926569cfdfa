//! `chaos-check DIR`: the verdict on a run as JSON on standard output, the first counter-example on standard error.
//!
//! Ends with 0 if every promise was kept, with 1 if one was broken, with 2 if the run shows nothing or can't be read.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use chaos_check::limits::Limits;
use chaos_check::verdict::Outcome;
use chaos_check::{check_within, excerpt};
use clap::Parser;

/// Checks what a chaos run left behind.
#[derive(Parser)]
struct Arguments {
    /// The run's folder.
    dir: PathBuf,
    #[command(flatten)]
    limits: Limits,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let verdict = check_within(&arguments.dir, &arguments.limits)?;
    println!("{}", serde_json::to_string_pretty(&verdict)?);
    if let Some(first) = verdict.violations.first() {
        eprint!("{}", excerpt::of(&arguments.dir, first)?);
    }
    Ok(match verdict.outcome {
        Outcome::Pass => ExitCode::SUCCESS,
        Outcome::Fail => ExitCode::from(1),
        Outcome::Unknown => ExitCode::from(2),
    })
}
