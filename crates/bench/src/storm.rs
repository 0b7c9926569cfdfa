//! All sockets are cut at once: how long until everybody is back, and misses nothing.
//!
//! While they come back, the first hand of every room is dealt. A socket is back when it has read every event from the last
//! one it had to that hand's first, without a gap, whether they were sent again or live.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use crate::frame::{self, Kind};
use crate::process::{load, resident_bytes};
use crate::rig::{Holdfast, Postgres};
use crate::run::Site;
use crate::setup::{Place, Plan, rooms};
use crate::socket::{Socket, Ticket};
use crate::tally::{Spread, Times};

/// Sockets that are opened at once before the storm, and rooms whose hand is dealt at once in it.
const AT_ONCE: usize = 64;
const DEALT_AT_ONCE: usize = 8;

/// Rooms that are made before anything is measured.
const WARM_UP_ROOMS: usize = 16;

/// The pause of a client that wasn't let in.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// How long a storm may last.
const PATIENCE: Duration = Duration::from_secs(300);

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Storm {
    /// Sockets.
    pub sockets: usize,
    /// Rooms.
    pub rooms: usize,
    /// From the cut until everybody was back and had missed nothing.
    pub all_back_seconds: f64,
    /// From the cut until a socket was back.
    pub back: Spread,
    /// How often somebody had to try again who wasn't let in, or not up to date.
    pub retries: u64,
    /// How often a host had to try again who wanted to deal.
    pub start_retries: u64,
    /// What the server's memory grows by for a room in which nobody listens, with its people and the requests that made it,
    /// in KiB.
    pub room_kib: f64,
    /// Memory of the server that an idle socket takes, in KiB.
    pub socket_kib: f64,
    /// Memory of the server with next to nobody in it, in MiB.
    pub empty_mib: f64,
    /// The machine's load at the end.
    pub load: f64,
}

/// Cuts all sockets of a server of its own.
///
/// # Errors
///
/// - Something doesn't start; a socket misses an event, or isn't back after 5 minutes.
pub async fn storm(site: &Site, postgres: &Postgres, plan: &Plan) -> anyhow::Result<Storm> {
    let database = postgres.database().await;
    let server = Holdfast::start(&site.server, &database.url, &site.out).await?;
    // The first ones pay for what all have in common: connections to the database, statements, caches.
    rooms(&server.address.into(), &Plan { rooms: WARM_UP_ROOMS, ..*plan }).await?;
    let empty = resident_bytes(server.pid)?;
    let mut places = rooms(&server.address.into(), plan).await?;
    let with_rooms = resident_bytes(server.pid)?;
    let tickets = places.iter().flat_map(|place| {
        let watchers = place.watchers.iter().cycle().take(plan.spectators.into());
        let people = place.players.iter().chain(watchers);
        people.map(|person| Ticket { address: server.address, room: place.room.clone(), token: person.token.clone() })
    });
    let opening = tickets.map(|ticket| async move {
        let (socket, last) = Socket::open(&ticket, None).await?;
        anyhow::Ok((ticket, socket, last))
    });
    let open: Vec<_> = stream::iter(opening).buffer_unordered(AT_ONCE).try_collect().await?;
    let with_sockets = resident_bytes(server.pid)?;

    let mut away = Vec::new();
    for (ticket, socket, last) in open {
        socket.cut()?;
        away.push((ticket, last));
    }
    let cut = Instant::now();
    let coming = try_join_all(away.iter().map(|(ticket, last)| back(ticket, *last, cut)));
    let (came, start_retries) =
        timeout(PATIENCE, async { tokio::try_join!(coming, deal(&mut places)) }).await.context("some stay away")??;
    let all_back_seconds = cut.elapsed().as_secs_f64();

    let mut times = Times::default();
    came.iter().for_each(|came| times.record(came.after));
    let each = |more: u64, less: u64, count: usize| more.saturating_sub(less) as f64 / 1024.0 / count as f64;
    let found = Storm {
        sockets: plan.sockets(),
        rooms: plan.rooms,
        all_back_seconds,
        back: times.spread(),
        retries: came.iter().map(|came| came.retries).sum(),
        start_retries,
        room_kib: each(with_rooms, empty, plan.rooms),
        socket_kib: each(with_sockets, with_rooms, plan.sockets()),
        empty_mib: empty as f64 / 1_048_576.0,
        load: load(),
    };
    drop(came);
    server.stop().await?;
    Ok(found)
}

/// Deals every room's first hand. A host who is told that the server is too busy asks again, which does no harm.
async fn deal(places: &mut [Place]) -> anyhow::Result<u64> {
    let dealing = places.iter_mut().map(|place| async move {
        let mut retries = 0;
        while place.start().await.is_err() {
            retries += 1;
            sleep(TRY_AGAIN_AFTER).await;
        }
        retries
    });
    Ok(stream::iter(dealing).buffer_unordered(DEALT_AT_ONCE).fold(0, |sum, retries| async move { sum + retries }).await)
}

/// Somebody who is back.
struct Back {
    after: Duration,
    retries: u64,
    /// Open until all are back.
    _socket: Socket,
}

async fn back(ticket: &Ticket, mut last: u64, cut: Instant) -> anyhow::Result<Back> {
    let mut retries = 0;
    loop {
        if let Ok((socket, _)) = Socket::open(ticket, Some(last)).await
            && let Some(socket) = up_to_the_hand(socket, &mut last).await?
        {
            return Ok(Back { after: cut.elapsed(), retries, _socket: socket });
        }
        retries += 1;
        sleep(TRY_AGAIN_AFTER).await;
    }
}

/// Reads until the hand begins; `None` if the server hangs up before. Nothing between `last` and it may be missing.
async fn up_to_the_hand(mut socket: Socket, last: &mut u64) -> anyhow::Result<Option<Socket>> {
    while let Ok(Some(text)) = socket.hear().await {
        let frame = frame::parse(&text)?;
        if frame.kind == Kind::ResyncRequired {
            bail!("the server has lost events after {last}");
        }
        let Some(seq) = frame.event() else { continue };
        if seq != *last + 1 {
            bail!("after event {last} comes {seq}");
        }
        *last = seq;
        if frame.kind == Kind::HandStarted {
            return Ok(Some(socket));
        }
    }
    Ok(None)
}
