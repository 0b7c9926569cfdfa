//! Several nodes on one database: what they do together, and what it costs that people of one room are at different ones.

use std::time::Duration;

use anyhow::Context;
use hyper::Method;
use serde::{Deserialize, Serialize};
use testkit::Nats;

use crate::http::Caller;
use crate::meter::{Figures, Watched};
use crate::rig::{Holdfast, Postgres};
use crate::run::{Site, on};
use crate::setup::{Doors, Plan};

/// Counts the actions that were committed, and those decided on a room as a node remembered it that had to be decided again.
const ACTIONS: &str = "holdfast_actions_total";
const UNCONFIRMED: &str = "holdfast_actions_unconfirmed_total";

/// How people and nodes come together.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// All people of a room are at one node.
    Together,
    /// Neighbours at a table are at different nodes, as a balancer that knows nothing of rooms has it.
    Mixed,
}

/// What was found with so many nodes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Nodes {
    /// How many.
    pub nodes: usize,
    /// Who was where.
    pub spread: Spread,
    /// Whether there was a bus between them.
    pub bus: bool,
    /// What was found. The bus's CPU time is counted as the server's.
    pub figures: Figures,
    /// Actions that had to be decided twice, as another node had moved the room on, by all actions, warming up included.
    pub decided_twice: f64,
}

/// Plays on so many nodes, which are gone afterwards. One node has no bus.
///
/// # Errors
///
/// - Something doesn't start, or ends early; NATS isn't installed.
pub async fn nodes(
    site: &Site,
    postgres: &Postgres,
    (plan, rate): (&Plan, Option<f64>),
    (count, spread, bus): (usize, Spread, bool),
    lasts: Duration,
) -> anyhow::Result<Nodes> {
    let database = postgres.database().await;
    let nats = match bus && count > 1 {
        true => Some(Nats::start().context("nats-server isn't installed")?),
        false => None,
    };
    let url = nats.as_ref().map(Nats::url);
    let mut servers = Vec::new();
    for _ in 0..count {
        servers.push(Holdfast::start_node(&site.server, &database.url, url.as_deref(), &site.out).await?);
    }
    let doors = Doors::of(servers.iter().map(|server| server.address).collect(), spread == Spread::Mixed);
    let pids = servers.iter().map(|server| server.pid).chain(nats.as_ref().map(Nats::guardian_id));
    let watched = Watched { servers: pids.collect(), postgres: postgres.pid(), database: database.url.clone() };
    let figures = on(&doors, Some(watched), *plan, rate, lasts).await?;
    let (mut twice, mut all) = (0.0, 0.0);
    for server in servers {
        twice += counter(&server, UNCONFIRMED).await?;
        all += counter(&server, ACTIONS).await?;
        server.stop().await?;
    }
    Ok(Nodes { nodes: count, spread, bus: nats.is_some(), figures, decided_twice: twice / all })
}

/// What a counter without labels says.
async fn counter(server: &Holdfast, name: &str) -> anyhow::Result<f64> {
    let answer = Caller::new(server.address, None)?.send(Method::GET, "/metrics", bytes::Bytes::new()).await?;
    let text = std::str::from_utf8(&answer.body)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.with_context(|| format!("there is no metric {name}"))?.parse().context("a counter is a number")
}
