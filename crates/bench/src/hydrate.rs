//! How many rooms can be read from scratch a second: what everybody does who was away for long.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::try_join_all;
use hyper::Method;
use serde::{Deserialize, Serialize};

use crate::meter::{Cost, Meter, Watched};
use crate::process::load;
use crate::rig::{Holdfast, Postgres};
use crate::run::Site;
use crate::setup::{Person, Plan, rooms};
use crate::tally::{Spread, Tally};

/// How many people ask at once.
const AT_ONCE: usize = 32;

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Hydrations {
    /// Rooms, in each of which a hand is being played.
    pub rooms: usize,
    /// Hydrations a second, by 32 people who ask again as soon as they are answered.
    pub per_second: f64,
    /// How long one took.
    pub times: Spread,
    /// The size of a document, in bytes: the last one's.
    pub bytes: usize,
    /// Answers that were errors.
    pub errors: u64,
    /// CPU time of one.
    pub cost: Option<Cost>,
    /// The machine's load at the end.
    pub load: f64,
}

/// Hydrates for a while on a server of its own.
///
/// # Errors
///
/// - Something doesn't start, or ends early.
pub async fn hydrate(site: &Site, postgres: &Postgres, plan: &Plan, lasts: Duration) -> anyhow::Result<Hydrations> {
    let database = postgres.database().await;
    let server = Holdfast::start(&site.server, &database.url, &site.out).await?;
    let mut readers = Vec::new();
    for mut place in rooms(&server.address.into(), plan).await? {
        place.start().await?;
        let path = format!("/api/rooms/{}/hydrate", place.room);
        readers.extend(place.players.into_iter().map(|player| (player, path.clone())));
    }
    // Everybody asks for a room of their own, as far as there are enough.
    readers.sort_by(|(_, one), (_, other)| one.cmp(other));
    let step = (readers.len() / AT_ONCE).max(1);
    let readers = readers.into_iter().step_by(step).take(AT_ONCE);

    let meter = Meter::start(Some(Watched::of(&server, postgres, &database))).await?;
    let began = Instant::now();
    let done = try_join_all(readers.map(|(reader, path)| ask(reader, path, began + lasts))).await?;
    let seconds = began.elapsed().as_secs_f64();
    let mut all = Tally::default();
    let mut bytes = 0;
    for (tally, size) in done {
        all.answers.add(&tally.answers);
        all.actions += tally.actions;
        for (code, count) in tally.errors {
            *all.errors.entry(code).or_default() += count;
        }
        bytes = size;
    }
    let found = Hydrations {
        rooms: plan.rooms,
        per_second: all.actions as f64 / seconds,
        times: all.answers.spread(),
        bytes,
        errors: all.errors.values().sum(),
        cost: meter.cost_each(all.actions).await?,
        load: load(),
    };
    server.stop().await?;
    Ok(found)
}

async fn ask(mut reader: Person, path: String, until: Instant) -> anyhow::Result<(Tally, usize)> {
    let (mut tally, mut size) = (Tally::default(), 0);
    while Instant::now() < until {
        let asked = Instant::now();
        let answer = reader.caller.send(Method::GET, &path, Bytes::new()).await?;
        if answer.is_ok() {
            tally.actions += 1;
            tally.answers.record(asked.elapsed());
            size = answer.body.len();
        } else {
            tally.error(answer.code());
        }
    }
    Ok((tally, size))
}
