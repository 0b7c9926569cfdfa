//! The binary `bench`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use bench::burn::burn;
use bench::capture::capture;
use bench::ceiling::Ground;
use bench::flat::{Curve, flat};
use bench::hydrate::hydrate;
use bench::latency::latency;
use bench::nodes::{Spread, nodes};
use bench::ratio::ratio;
use bench::record::keep;
use bench::report;
use bench::rig::Postgres;
use bench::run::{self, Site};
use bench::setup::Plan;
use bench::storm::storm;
use clap::{Args, Parser, Subcommand};
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// Measures a server: how much it takes, what it costs, and how that compares with PostgreSQL alone.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Place {
    /// The server's program. Build it in release: `cargo build --release -p app`.
    #[arg(long, value_name = "BINARY", global = true, default_value = "target/release/holdfast")]
    server: PathBuf,

    /// Where results and logs go.
    #[arg(long, value_name = "DIR", global = true, default_value = "target/bench")]
    out: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays, and says how much was done, how long it took and what it cost.
    Run(Run),
    /// Has pgbench do the server's statements, captured from it, on PostgreSQL alone.
    Ceiling(Rooms),
    /// Measures the server and PostgreSQL alone in turn, and compares them.
    Ratio(Ratio),
    /// How long people wait at half of the most that the server does.
    Latency(Rooms),
    /// How many rooms can be read from scratch a second.
    Hydrate(Rooms),
    /// Cuts all sockets at once, and waits until everybody is back and has missed nothing.
    Storm(Storm),
    /// What an action costs as there are more rooms, sockets, spectators or hands.
    Flat(Flat),
    /// What several nodes on one database do together.
    Nodes(Nodes),
    /// Puts all results into docs/performance.md, and draws its plots.
    Report {
        /// The folder of documents.
        #[arg(long, default_value = "docs", value_name = "DIR")]
        docs: PathBuf,
    },
    /// Takes so many cores until it is ended.
    #[command(hide = true)]
    Burn {
        /// Cores.
        #[arg(long)]
        cores: f64,
    },
}

#[derive(Args, Debug)]
struct Ratio {
    #[command(flatten)]
    rooms: Rooms,

    /// How often.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..), value_name = "COUNT")]
    times: u32,
}

#[derive(Args, Debug)]
struct Run {
    #[command(flatten)]
    rooms: Rooms,

    /// Actions a second, due at random instants. Absent: everybody acts as soon as it is their turn.
    #[arg(long, value_name = "COUNT")]
    rate: Option<f64>,

    /// A server that runs already, with HOLDFAST_RATE_LIMIT off; its CPU time isn't known. Absent: one is started.
    #[arg(long, value_name = "ADDRESS:PORT")]
    address: Option<SocketAddr>,
}

#[derive(Args, Debug)]
struct Storm {
    /// Sockets, spread evenly over the rooms.
    #[arg(long, default_value_t = 5000, value_name = "COUNT")]
    sockets: u32,

    /// Rooms, of 6 players each; whoever else has a socket watches.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..), value_name = "COUNT")]
    rooms: u32,
}

impl Storm {
    fn plan(&self) -> anyhow::Result<Plan> {
        let each = u16::try_from(self.sockets / self.rooms)?;
        let spectators = each.checked_sub(6).context("there are at least 6 sockets in a room, the players'")?;
        Ok(Plan { rooms: usize::try_from(self.rooms)?, players: 6, spectators })
    }
}

#[derive(Args, Debug)]
struct Nodes {
    #[command(flatten)]
    rooms: Rooms,

    /// How many nodes, one number after the other.
    #[arg(long, value_delimiter = ',', default_value = "1,2,3", value_name = "COUNTS")]
    counts: Vec<usize>,

    /// At which nodes people are.
    #[arg(long, default_value = "mixed")]
    spread: Spread,

    /// Without NATS between them: nodes look for news of each other once a second.
    #[arg(long)]
    no_bus: bool,

    /// Actions a second, due at random instants. Absent: everybody acts as soon as it is their turn.
    #[arg(long, value_name = "COUNT")]
    rate: Option<f64>,
}

#[derive(Args, Debug)]
struct Flat {
    /// What there is more and more of.
    #[arg(long)]
    curve: Curve,

    /// How many at each point, in ascending order.
    #[arg(long, value_delimiter = ',', value_name = "COUNTS")]
    counts: Vec<usize>,

    /// Seconds that are measured at each point, after 3 of warming up.
    #[arg(long, default_value_t = 10, value_name = "SECS")]
    seconds: u64,
}

/// Who plays, and for how long.
#[derive(Args, Clone, Copy, Debug)]
struct Rooms {
    /// Rooms.
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    rooms: usize,

    /// Players in each.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(2..=10), value_name = "COUNT")]
    players: u8,

    /// Sockets of spectators in each.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    spectators: u16,

    /// Seconds that are measured, after 3 of warming up.
    #[arg(long, default_value_t = 20, value_name = "SECS")]
    seconds: u64,
}

impl Rooms {
    const fn plan(self) -> Plan {
        Plan { rooms: self.rooms, players: self.players, spectators: self.spectators }
    }

    const fn lasts(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> anyhow::Result<()> {
    let Cli { place, command } = Cli::parse();
    // Thousands of sockets, here and in the server, which inherits it.
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files")?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let site = Site { server: place.server, out: place.out };
    runtime.block_on(LocalSet::new().run_until(execute(site, command)))
}

async fn execute(site: Site, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Run(options) => {
            let (plan, lasts) = (options.rooms.plan(), options.rooms.lasts());
            let figures = match options.address {
                Some(address) => run::on(&address.into(), None, plan, options.rate, lasts).await?,
                None => run::once(&site, &Postgres::start().await?, &plan, options.rate, lasts).await?,
            };
            keep(&site.out, "run", &figures)
        }
        Command::Ceiling(rooms) => {
            let postgres = Postgres::start().await?;
            let captured = capture(&site.server, &postgres, rooms.players, &site.out).await?;
            let ground = Ground::lay(&postgres, &captured, rooms.rooms).await?;
            keep(&site.out, "ceiling", &ground.measure(&postgres, &site.out, rooms.lasts(), None).await?)
        }
        Command::Ratio(options) => {
            let postgres = Postgres::start().await?;
            let (plan, lasts) = (options.rooms.plan(), options.rooms.lasts());
            keep(&site.out, "ratio", &ratio(&site, &postgres, &plan, lasts, options.times).await?)
        }
        Command::Latency(rooms) => {
            let postgres = Postgres::start().await?;
            keep(&site.out, "latency", &latency(&site, &postgres, &rooms.plan(), rooms.lasts()).await?)
        }
        Command::Hydrate(rooms) => {
            let postgres = Postgres::start().await?;
            keep(&site.out, "hydrate", &hydrate(&site, &postgres, &rooms.plan(), rooms.lasts()).await?)
        }
        Command::Storm(options) => {
            let postgres = Postgres::start().await?;
            keep(&site.out, "storm", &storm(&site, &postgres, &options.plan()?).await?)
        }
        Command::Flat(Flat { curve, counts, seconds }) => {
            let postgres = Postgres::start().await?;
            let lasts = Duration::from_secs(seconds);
            flat(&site, &postgres, (curve, &counts), lasts, |point| keep(&site.out, "flat", &point)).await
        }
        Command::Nodes(options) => {
            let postgres = Postgres::start().await?;
            let (plan, lasts) = (options.rooms.plan(), options.rooms.lasts());
            for count in options.counts {
                let how = (count, options.spread, !options.no_bus);
                keep(&site.out, "nodes", &nodes(&site, &postgres, (&plan, options.rate), how, lasts).await?)?;
            }
            Ok(())
        }
        Command::Report { docs } => report::write(&site.out, &docs),
        Command::Burn { cores } => burn(cores),
    }
}
