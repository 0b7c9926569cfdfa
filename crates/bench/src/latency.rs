//! How long people wait where the server isn't at its limit: at half of what it can do, measured in the same go.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::meter::{Figures, Watched};
use crate::rig::{Holdfast, Postgres};
use crate::run::{Site, Stage};
use crate::setup::Plan;
use crate::table::Style;

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Latency {
    /// As fast as it goes.
    pub at_most: Figures,
    /// At half of that, actions due at random instants.
    pub at_half: Figures,
}

/// Measures what the server can do, then how long people wait at half of it.
///
/// # Errors
///
/// - Something can't be measured.
pub async fn latency(site: &Site, postgres: &Postgres, plan: &Plan, lasts: Duration) -> anyhow::Result<Latency> {
    let database = postgres.database().await;
    let server = Holdfast::start(&site.server, &database.url, &site.out).await?;
    let watched = Watched::of(&server, postgres, &database);
    let stage = Stage::set(&server.address.into(), Some(watched), *plan, Style::Passive).await?;
    let at_most = stage.play(lasts).await?;
    let at_half = stage.play_at(at_most.actions_per_second / 2.0, lasts).await?;
    stage.leave().await;
    server.stop().await?;
    Ok(Latency { at_most, at_half })
}
