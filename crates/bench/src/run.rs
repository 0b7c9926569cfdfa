//! One stretch of play, as fast as it goes or at a given rate.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::meter::{Figures, Meter, Watched};
use crate::player::gather;
use crate::rig::{Holdfast, Postgres};
use crate::room::{Pace, Room, World};
use crate::schedule::arrivals;
use crate::setup::{Doors, Plan, rooms};
use crate::table::Style;

/// How long is played before anything is counted: connections are opened and statements prepared meanwhile.
const WARM_UP: Duration = Duration::from_secs(3);

/// Where results and logs go, and what is measured.
#[derive(Clone, Debug)]
pub struct Site {
    /// The server's program.
    pub server: PathBuf,
    /// The folder.
    pub out: PathBuf,
}

/// Rooms with everybody in them, ready to be played in.
#[derive(Debug)]
pub struct Stage {
    /// What they share.
    pub world: Rc<World>,
    /// The rooms.
    pub rooms: Vec<Rc<Room>>,
    /// Whose time is counted.
    pub watched: Option<Watched>,
}

impl Stage {
    /// Sets everything up on a server, or on several nodes.
    ///
    /// # Errors
    ///
    /// - The server refuses something.
    pub async fn set(doors: &Doors, watched: Option<Watched>, plan: Plan, style: Style) -> anyhow::Result<Self> {
        let places = rooms(doors, &plan).await?;
        let world = Rc::new(World::new(style));
        let rooms = gather(&world, places, plan.spectators).await?;
        Ok(Self { world, rooms, watched })
    }

    /// Plays as fast as it goes.
    ///
    /// # Errors
    ///
    /// - A process that is watched has ended.
    pub async fn play(&self, lasts: Duration) -> anyhow::Result<Figures> {
        self.world.set_pace(Pace::AtOnce, &self.rooms);
        self.measure(lasts).await
    }

    /// Plays at so many actions a second, whatever the server makes of it.
    ///
    /// # Errors
    ///
    /// - A process that is watched has ended.
    pub async fn play_at(&self, a_second: f64, lasts: Duration) -> anyhow::Result<Figures> {
        self.world.set_pace(Pace::WhenDue, &self.rooms);
        let rooms = self.rooms.clone();
        let mut due = arrivals(a_second, rooms.len());
        let dealing = spawn_local(async move {
            while let Some(arrival) = due.recv().await {
                rooms[arrival.room].is_due(arrival.due);
            }
        });
        let figures = self.measure(lasts).await;
        dealing.abort();
        figures
    }

    /// Everybody hangs up.
    pub async fn leave(self) {
        let mut readers = self.world.readers.take();
        readers.shutdown().await;
    }

    async fn measure(&self, lasts: Duration) -> anyhow::Result<Figures> {
        sleep(WARM_UP).await;
        self.world.take_tally();
        let meter = Meter::start(self.watched.clone()).await?;
        sleep(lasts).await;
        let figures = meter.stop(&self.world.take_tally()).await;
        self.world.set_pace(Pace::Rest, &self.rooms);
        figures
    }
}

/// Plays on a server and a database of its own, which are gone afterwards.
///
/// # Errors
///
/// - Something doesn't start, or ends early.
pub async fn once(
    site: &Site,
    postgres: &Postgres,
    plan: &Plan,
    rate: Option<f64>,
    lasts: Duration,
) -> anyhow::Result<Figures> {
    let database = postgres.database().await;
    let server = Holdfast::start(&site.server, &database.url, &site.out).await?;
    let watched = Watched::of(&server, postgres, &database);
    let figures = on(&server.address.into(), Some(watched), *plan, rate, lasts).await?;
    server.stop().await?;
    Ok(figures)
}

/// Plays on a server that is there, or on several nodes, in rooms of its own.
///
/// # Errors
///
/// - The server refuses something; a process that is watched has ended.
pub async fn on(
    doors: &Doors,
    watched: Option<Watched>,
    plan: Plan,
    rate: Option<f64>,
    lasts: Duration,
) -> anyhow::Result<Figures> {
    let stage = Stage::set(doors, watched, plan, Style::Passive).await?;
    let figures = match rate {
        None => stage.play(lasts).await,
        Some(rate) => stage.play_at(rate, lasts).await,
    };
    stage.leave().await;
    figures
}
