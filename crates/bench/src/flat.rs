//! Curves that ought to be flat: what an action costs as there are more rooms, sockets, spectators and hands.

use std::time::Duration;

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::meter::{Figures, Watched};
use crate::rig::{Holdfast, Postgres};
use crate::room::Pace;
use crate::run::{Site, Stage};
use crate::setup::{Plan, silent_rooms};
use crate::table::Style;

/// Who plays while others only are there.
const ACTIVE: Plan = Plan { rooms: 10, players: 6, spectators: 0 };

/// Sockets of a room in which nothing happens.
const IDLE: Plan = Plan { rooms: 1, players: 2, spectators: 8 };

/// How long the hands of a room may take to be played.
const HANDS_WITHIN: Duration = Duration::from_secs(900);

/// What there is more and more of.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// Rooms in the database, each with a hand that nobody plays; 10 others are played in.
    Rooms,
    /// Open sockets in rooms in which nothing happens; 10 others are played in.
    Sockets,
    /// Spectators of the only room that is played in.
    Spectators,
    /// Hands that were played before in the only room.
    Hands,
}

/// One point of a curve.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Point {
    /// Which curve.
    pub curve: Curve,
    /// How many there were.
    pub count: usize,
    /// What was found there.
    pub figures: Figures,
}

/// Measures the points of a curve, in ascending order, on one server, and hands each one to `keep`.
///
/// # Errors
///
/// - Something can't be set up or measured, or kept.
pub async fn flat(
    site: &Site,
    postgres: &Postgres,
    (curve, counts): (Curve, &[usize]),
    lasts: Duration,
    mut keep: impl FnMut(Point) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let database = postgres.database().await;
    let server = Holdfast::start(&site.server, &database.url, &site.out).await?;
    let watched = Watched::of(&server, postgres, &database);
    let doors = server.address.into();
    let stage = |plan: Plan, style| Stage::set(&doors, Some(watched.clone()), plan, style);
    let mut there = 0;
    let mut idle = Vec::new();
    let playing = match curve {
        Curve::Rooms | Curve::Sockets => Some(stage(ACTIVE, Style::Passive).await?),
        Curve::Hands => Some(stage(Plan { rooms: 1, players: 2, spectators: 0 }, Style::Folding).await?),
        // Each has a room of its own: nobody comes to a table whose events they have missed.
        Curve::Spectators => None,
    };
    for &count in counts {
        let more = count.saturating_sub(there);
        let figures = match (curve, &playing) {
            (Curve::Rooms, Some(playing)) => {
                silent_rooms(server.address, more).await?;
                playing.play(lasts).await?
            }
            (Curve::Sockets, Some(playing)) => {
                let each = usize::from(IDLE.players) + usize::from(IDLE.spectators);
                idle.push(stage(Plan { rooms: more.div_ceil(each), ..IDLE }, Style::Passive).await?);
                playing.play(lasts).await?
            }
            (Curve::Hands, Some(playing)) => {
                play_hands(playing, more).await?;
                playing.play(lasts).await?
            }
            (_, _) => {
                let plan = Plan { rooms: 1, spectators: u16::try_from(count)?, ..ACTIVE };
                let playing = stage(plan, Style::Passive).await?;
                let figures = playing.play(lasts).await?;
                playing.leave().await;
                figures
            }
        };
        there = count;
        keep(Point { curve, count, figures })?;
    }
    for stage in idle.into_iter().chain(playing) {
        stage.leave().await;
    }
    server.stop().await
}

async fn play_hands(stage: &Stage, count: usize) -> anyhow::Result<()> {
    stage.world.take_tally();
    stage.world.set_pace(Pace::AtOnce, &stage.rooms);
    let deadline = Instant::now() + HANDS_WITHIN;
    while stage.world.tally.borrow().hands < count as u64 {
        ensure!(Instant::now() < deadline, "the hands were not played within {HANDS_WITHIN:?}");
        sleep(Duration::from_millis(20)).await;
    }
    stage.world.set_pace(Pace::Rest, &stage.rooms);
    Ok(())
}
