//! Waits for deadlines, then calls use cases; decides nothing.
//!
//! Deadlines are instants in the database by its own clock. Each node looks for rooms whose deadline has come and does
//! what a player's call would do: lock, decide, commit. Whoever comes second finds nothing to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web;
use domain::ids::RoomId;
use domain::time::{Millis, Timestamp};
use futures_util::stream::{self, StreamExt};
use ports::Ports;
use ports::broadcaster::Alarm;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use usecases::clockwork;

use crate::http::App;

/// The longest pause between two looks, in case another node set a deadline.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The pause after an error.
const AFTER_ERROR: Duration = Duration::from_millis(250);
/// How often a node notes that it serves. Well below the outage that is forgiven.
const PULSE_EVERY: Duration = Duration::from_millis(500);
/// How long the database may take for the last question, when the server stops.
const LAST_LOOK: Duration = Duration::from_secs(1);
/// How often missed events are looked for.
const CATCH_UP_EVERY: Duration = Duration::from_secs(1);
/// How often rooms that are to be deleted are looked for, and the pause between two of them.
const FORGET_EVERY: Duration = Duration::from_secs(3600);
const BETWEEN_DELETIONS: Duration = Duration::from_millis(100);
/// Rooms that are served at once.
const ROOMS_AT_ONCE: usize = 8;
/// Rooms that are looked up at once.
const BATCH: u32 = 200;

/// Rings when a deadline was set that is nearer than the one that is waited for.
pub struct Bell {
    rings: Notify,
    waiting_for: AtomicI64,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rings: Notify::new(), waiting_for: AtomicI64::new(i64::MAX) }
    }
}

impl Alarm for Bell {
    fn set(&self, at: Timestamp) {
        if at.0 < self.waiting_for.load(Ordering::Acquire) {
            self.rings.notify_one();
        }
    }
}

/// What the clock is set to.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time between two looks for silent players.
    pub sweep_every: Duration,
    /// How long a room is kept after the last that happened in it; for ever if absent.
    pub keep_rooms: Option<Millis>,
}

/// Runs the clock until the server stops.
pub async fn run(app: web::Data<App>, bell: Arc<Bell>, pace: Pace, mut stopping: watch::Receiver<bool>) {
    let ports = &app.ports;
    let work = async {
        tokio::join!(
            deadlines(ports, &bell),
            sweeps(ports, pace.sweep_every),
            catching_up(&app),
            forgetting(ports, pace.keep_rooms)
        );
    };
    tokio::select! {
        () = work => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    // So that the next start knows how far the log had come.
    if let Ok(Err(error)) = timeout(LAST_LOOK, ports.store.renewals()).await {
        tracing::debug!(%error, "the log could not be looked at");
    }
}

async fn deadlines(ports: &Ports, bell: &Bell) {
    let mut pulse = interval(PULSE_EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut serving = false;
    loop {
        // No clock decides anything before an outage is forgiven.
        if !serving || timeout(Duration::ZERO, pulse.tick()).await.is_ok() {
            serving = match clockwork::pulse(ports).await {
                Ok(false) => true,
                Ok(true) => {
                    tracing::info!("an outage was forgiven: whoever is to act has at least 15 seconds");
                    true
                }
                Err(error) => {
                    tracing::warn!(%error, "no pulse");
                    sleep(AFTER_ERROR).await;
                    continue;
                }
            };
        }
        bell.waiting_for.store(i64::MAX, Ordering::Release);
        let due = match ports.store.due_rooms(BATCH).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "deadlines could not be read");
                serving = false;
                sleep(AFTER_ERROR).await;
                continue;
            }
        };
        if !due.rooms.is_empty() {
            // What can't be done by a clock has to wait for the next pulse.
            serving = each(due.rooms, |room| clockwork::tick(ports, room)).await;
            if !serving {
                sleep(AFTER_ERROR).await;
            }
            continue;
        }
        let pause = due.next_in.map_or(LOOK_EVERY, |next| Duration::from_millis(next.0.max(1) as u64).min(LOOK_EVERY));
        bell.waiting_for.store(due.next_at.map_or(i64::MAX, |at| at.0), Ordering::Release);
        // Woken early or late, the next look decides.
        let _ = timeout(pause, bell.rings.notified()).await;
    }
}

async fn sweeps(ports: &Ports, every: Duration) {
    loop {
        sleep(every).await;
        match ports.store.silent_rooms(&ports.lifetimes).await {
            Ok(rooms) => {
                each(rooms, |room| clockwork::sweep(ports, room)).await;
            }
            Err(error) => tracing::warn!(%error, "silent players could not be looked for"),
        }
        if let Err(error) = ports.store.purge().await {
            tracing::warn!(%error, "old rows could not be deleted");
        }
    }
}

async fn forgetting(ports: &Ports, keep: Option<Millis>) {
    let Some(keep) = keep else { return };
    loop {
        match ports.store.forget_quiet_room(keep).await {
            Ok(Some(room)) => {
                tracing::info!(room.id = %room, "a room was deleted: nothing had happened in it for long")
            }
            Ok(None) => sleep(FORGET_EVERY).await,
            Err(error) => {
                tracing::warn!(%error, "old rooms could not be deleted");
                sleep(FORGET_EVERY).await;
            }
        }
        // Play comes first.
        sleep(BETWEEN_DELETIONS).await;
    }
}

async fn catching_up(app: &App) {
    let mut ticks = interval(CATCH_UP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut renewals = 0;
    loop {
        ticks.tick().await;
        match app.ports.store.renewals().await {
            Ok(now) if now == renewals => {}
            Ok(now) => match app.sockets.hub.begin_another_log().await {
                Ok(()) => renewals = now,
                Err(error) => tracing::debug!(%error, "listeners could not be told of another log"),
            },
            Err(error) => tracing::debug!(%error, "the log could not be looked at"),
        }
        #[cfg(feature = "sabotage")]
        if sabotage::has(sabotage::Bug::PublishInHandler) {
            continue;
        }
        if let Err(error) = app.relay.sweep().await {
            tracing::debug!(%error, "missed events could not be looked for");
        }
    }
}

/// Serves rooms, some at once. Says whether all could be served; why one couldn't is logged.
async fn each<F: Future<Output = Result<bool, usecases::Refusal>>>(
    rooms: Vec<RoomId>,
    work: impl Fn(RoomId) -> F,
) -> bool {
    let work = &work;
    let runs = stream::iter(rooms).map(|room| async move { (room, work(room).await) });
    let outcomes = runs.buffer_unordered(ROOMS_AT_ONCE).map(|(room, outcome)| match outcome {
        Ok(done) => done,
        Err(error) => {
            tracing::warn!(room.id = %room, %error, "the clock could not serve a room");
            false
        }
    });
    outcomes.fold(true, |all, one| async move { all && one }).await
}
