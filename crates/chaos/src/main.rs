//! The binary `chaos`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chaos::plan::Fault;
use chaos::run::{self, Options};
use chaos::verdict;
use clap::{Args, Parser, Subcommand};

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
}

#[derive(Args, Debug)]
struct Common {
    /// The server's binary.
    #[arg(long, value_name = "BINARY")]
    server: PathBuf,

    /// Where everything is written. Absent: a new folder for each run in the system's temporary directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The program that judges. Absent: `chaos-check` beside this one.
    #[arg(long, value_name = "BINARY", conflicts_with = "unchecked")]
    checker: Option<PathBuf>,

    /// Nobody judges.
    #[arg(long)]
    unchecked: bool,
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
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
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
    match obey(cli.command).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("error: {err:#}");
            ExitCode::from(2)
        }
    }
}

async fn obey(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Run(args) => {
            let Run { common, seed, seconds, rooms, nodes, faults, bug } = args;
            let checker = match (common.checker, common.unchecked) {
                (_, true) => None,
                (Some(checker), false) => Some(checker),
                (None, false) => Some(verdict::beside_us()?),
            };
            let out = common.out.unwrap_or_else(|| run::fresh_dir(seed));
            let options = Options {
                server: common.server,
                seed,
                lasts: Duration::from_secs(seconds),
                rooms: rooms.into(),
                nodes: nodes.into(),
                faults,
                bug,
                out,
                checker,
            };
            let summary = run::run(&options).await?;
            println!("{summary}");
            Ok(summary.is_good())
        }
    }
}
