//! The binary `chaos`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use chaos::plan::Fault;
use chaos::run::{self, Options};
use chaos::smoke::{self, Goal, Series};
use chaos::{bugs, measure, verdict};
use clap::{Args, Parser, Subcommand};
use tokio::signal::ctrl_c;
use tokio::signal::unix::{SignalKind, signal};

/// Hurts a whole system and asks whether it kept its promises.
#[derive(Debug, Parser)]
#[command(name = "chaos", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// One run.
    Run(Run),
    /// The short series of runs, for every change.
    Smoke(Smoke),
    /// Servers with a known bug each: every one has to be seen.
    Bugs(Bugs),
    /// Runs with all faults until enough was killed and acknowledged, before a release.
    Long(Long),
    /// P6: how soon rooms are in play after a server's start.
    Restart(Restart),
    /// P10: how soon calls are refused without a database, and served with one again.
    Away(Place),
    /// P12: what readers that never read cost.
    Slow(Slow),
    /// T-J5: what passwords that are tried cost those who play.
    Flood(Flood),
}

#[derive(Args, Debug)]
struct Place {
    /// The server's binary.
    #[arg(long, value_name = "BINARY")]
    server: PathBuf,

    /// Where everything is written. Absent: a new folder in the system's temporary directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Place {
    fn out(&self) -> PathBuf {
        let fresh = || std::env::temp_dir().join(format!("holdfast-chaos-{}", std::process::id()));
        self.out.clone().unwrap_or_else(fresh)
    }
}

#[derive(Args, Debug)]
struct Common {
    #[command(flatten)]
    place: Place,

    /// The program that judges. Absent: `chaos-check` beside this one.
    #[arg(long, value_name = "BINARY", conflicts_with = "unchecked")]
    checker: Option<PathBuf>,

    /// Nobody judges.
    #[arg(long)]
    unchecked: bool,
}

impl Common {
    fn series(self) -> anyhow::Result<Series> {
        let checker = match (self.checker, self.unchecked) {
            (_, true) => None,
            (Some(checker), false) => Some(checker),
            (None, false) => Some(verdict::beside_us()?),
        };
        Ok(Series { out: self.place.out(), server: self.place.server, checker })
    }
}

#[derive(Args, Debug)]
struct Smoke {
    #[command(flatten)]
    common: Common,

    /// A run that fails is done once more, and counts as it ends then: for shared machines.
    #[arg(long)]
    second_chance: bool,
}

#[derive(Args, Debug)]
struct Bugs {
    #[command(flatten)]
    common: Common,

    /// Only these, separated by commas. Absent: all.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Args, Debug)]
struct Long {
    #[command(flatten)]
    common: Common,

    /// Processes that are killed at least.
    #[arg(long, default_value_t = 200)]
    kills: u32,

    /// Actions that are acknowledged at least.
    #[arg(long, default_value_t = 50_000)]
    acks: u64,

    /// Rooms that are played in at once.
    #[arg(long, default_value_t = 6)]
    rooms: u16,
}

#[derive(Args, Debug)]
struct Restart {
    #[command(flatten)]
    place: Place,

    /// Rooms in play.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..))]
    rooms: u16,
}

#[derive(Args, Debug)]
struct Slow {
    #[command(flatten)]
    place: Place,

    /// Readers that never read.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    readers: u16,
}

#[derive(Args, Debug)]
struct Flood {
    #[command(flatten)]
    place: Place,

    /// Passwords that are tried a second.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    rate: u16,
}

#[derive(Args, Debug)]
struct Run {
    #[command(flatten)]
    common: Common,

    /// Decides what goes wrong, and what bots want.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// How long things go wrong. Each fault is done once at least.
    #[arg(long, default_value_t = 30)]
    seconds: u64,

    /// How many rooms.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=500))]
    rooms: u16,

    /// How many nodes.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    nodes: u8,

    /// What goes wrong, separated by commas: K1,P2. Absent: nothing.
    #[arg(long, value_delimiter = ',')]
    faults: Vec<Fault>,

    /// A bug that a server built with sabotage is to have.
    #[arg(long)]
    bug: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // The HTTP client wants one to be chosen, though everything here is plain text on loopback.
    rustls::crypto::ring::default_provider().install_default().expect("nothing else has chosen a provider");
    let outcome = tokio::select! {
        outcome = obey(cli.command) => outcome,
        // What was started is stopped when it is dropped.
        interrupted = interrupted() => interrupted.and_then(|()| bail!("interrupted")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::from(2)
        }
    }
}

/// Returns when the process is told to stop.
async fn interrupted() -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = ctrl_c() => Ok(outcome?),
        _ = terminated.recv() => Ok(()),
    }
}

async fn obey(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Run(args) => {
            let Run { common, seed, seconds, rooms, nodes, faults, bug } = args;
            let Series { server, out, checker } = common.series()?;
            let (lasts, rooms, nodes) = (Duration::from_secs(seconds), rooms.into(), nodes.into());
            let options = Options { server, seed, lasts, rooms, nodes, faults, bug, out, checker };
            let summary = run::run(&options).await?;
            println!("{summary}");
            Ok(summary.is_good())
        }
        Command::Bugs(Bugs { common, only }) => bugs::bugs(&common.series()?, &only).await,
        Command::Smoke(Smoke { common, second_chance }) => smoke::smoke(&common.series()?, second_chance).await,
        Command::Long(Long { common, kills, acks, rooms }) => {
            smoke::long(&common.series()?, Goal { kills, acknowledged: acks }, rooms.into()).await
        }
        Command::Restart(Restart { place, rooms }) => measure::restart(&place.server, &place.out(), rooms.into()).await,
        Command::Away(place) => measure::away(&place.server, &place.out()).await,
        Command::Slow(Slow { place, readers }) => measure::slow(&place.server, &place.out(), readers.into()).await,
        Command::Flood(Flood { place, rate }) => measure::flood(&place.server, &place.out(), rate.into()).await,
    }
}
