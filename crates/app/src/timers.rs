//! Waits for deadlines, then calls use cases; decides nothing.
//!
//! Deadlines are instants in the database by its own clock. Each node looks for rooms whose deadline has come and does
//! what a player's call would do: lock, decide, commit. Whoever comes second finds nothing to do.
//!
//! Each room is served in a task of its own. One that can't be served is set aside and tried again after a while; one that takes
//! long keeps one of [`ROOMS_AT_ONCE`] places, and the looks for others go on.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use domain::ids::RoomId;
use domain::time::Millis;
use futures_util::stream::{self, StreamExt};
use ports::Ports;
use ports::set_aside::Place;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use usecases::apart::{Outcome, caught};
use usecases::timers::{self, Clock, Found};

use crate::config::Pace;
use crate::rounds::Rounds;
use crate::state::App;
use crate::wake_up::Sleeper;

/// The longest pause between two looks, in case another node set a deadline.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The pause after an error.
const AFTER_ERROR: Duration = Duration::from_millis(250);
/// The pause before a part of the clock that broke down begins anew.
const AFTER_PANIC: Duration = Duration::from_secs(1);
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
/// Those of them at most that were set aside and are tried again.
const AGAIN_AT_ONCE: usize = 2;
/// Rooms that are looked up at once.
const BATCH: u32 = 200;

/// Runs the clock until the server stops.
pub async fn run(app: web::Data<App>, sleeper: Arc<Sleeper>, pace: Pace, mut stopping: watch::Receiver<bool>) {
    let ports = &app.ports;
    let work = async {
        tokio::join!(
            always("deadlines", || deadlines(ports, &sleeper, &app.clock)),
            always("sweeps", || sweeps(ports, pace.sweep_every)),
            always("catching up", || catching_up(&app)),
            always("retention", || forgetting(ports, pace.keep_rooms)),
            always("guests", || forgetting_guests(ports, pace.keep_guests))
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

/// Does a part of the clock's work, and begins anew if it breaks down: that part's trouble ends none of the others.
async fn always<F: Future<Output = ()>>(part: &str, work: impl Fn() -> F) {
    while let Err(panic) = caught(work()).await {
        tracing::error!(part, panic = panic.0, "a part of the clock broke down and begins anew");
        sleep(AFTER_PANIC).await;
    }
}

/// Rooms that are being served.
#[derive(Default)]
struct Serving {
    tasks: JoinSet<(RoomId, Outcome<bool>)>,
    rooms: HashSet<RoomId>,
    /// Those that were set aside before.
    again: HashSet<RoomId>,
    /// Those that are due and have no place yet.
    waiting: VecDeque<RoomId>,
}

impl Serving {
    fn busy(&self) -> Vec<RoomId> {
        self.rooms.iter().chain(&self.waiting).copied().collect()
    }

    fn take(&mut self, found: Found, ports: &Ports) {
        for room in found.again {
            self.again.insert(room);
            self.begin(room, ports);
        }
        self.waiting.extend(found.due.rooms);
    }

    fn fill(&mut self, ports: &Ports) {
        while self.rooms.len() < ROOMS_AT_ONCE
            && let Some(room) = self.waiting.pop_front()
        {
            self.begin(room, ports);
        }
    }

    fn begin(&mut self, room: RoomId, ports: &Ports) {
        if !self.rooms.insert(room) {
            return;
        }
        let ports = ports.clone();
        self.tasks.spawn(async move { (room, timers::tick_apart(&ports, room).await) });
    }

    /// Waits until a room was served. Says whether the clock may go on: not while there is an outage, or no database.
    async fn next(&mut self) -> bool {
        match self.tasks.join_next().await {
            Some(Ok((room, outcome))) => {
                self.rooms.remove(&room);
                self.again.remove(&room);
                told(Place::Clock, room, outcome).unwrap_or(true)
            }
            // Panics are caught within: only a task that was aborted gets here, and none is.
            Some(Err(error)) => {
                tracing::error!(%error, "a room's task ended");
                self.rooms.clear();
                true
            }
            None => std::future::pending().await,
        }
    }
}

async fn deadlines(ports: &Ports, sleeper: &Sleeper, rounds: &Rounds) {
    let mut pulse = interval(PULSE_EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut clock, mut serving, mut goes_on) = (Clock::default(), Serving::default(), false);
    loop {
        // No clock decides anything before an outage is over.
        if !goes_on || timeout(Duration::ZERO, pulse.tick()).await.is_ok() {
            match clock.pulse(ports).await {
                Ok(false) => {}
                Ok(true) => tracing::info!("an outage is over: whoever is to act has at least 15 seconds"),
                Err(error) => {
                    tracing::warn!(%error, "no pulse");
                    goes_on = false;
                    sleep(AFTER_ERROR).await;
                    continue;
                }
            }
            goes_on = true;
            rounds.pulsed();
        }
        let mut pause = LOOK_EVERY;
        if serving.waiting.is_empty() {
            sleeper.wait_for(None);
            let again = AGAIN_AT_ONCE.saturating_sub(serving.again.len());
            match clock.look(ports, &serving.busy(), (again, BATCH)).await {
                Ok(found) => {
                    rounds.looked();
                    let (next_in, next_at) = (found.due.next_in, found.due.next_at);
                    pause =
                        next_in.map_or(LOOK_EVERY, |next| Duration::from_millis(next.0.max(1) as u64).min(LOOK_EVERY));
                    serving.take(found, ports);
                    sleeper.wait_for(next_at);
                }
                Err(error) => {
                    tracing::warn!(%error, "deadlines could not be read");
                    goes_on = false;
                    sleep(AFTER_ERROR).await;
                    continue;
                }
            }
        }
        serving.fill(ports);
        // Woken early or late, the next look decides.
        tokio::select! {
            may_go_on = serving.next() => if !may_go_on {
                goes_on = false;
                serving.waiting.clear();
                sleep(AFTER_ERROR).await;
            },
            () = sleeper.woken() => {}
            () = sleep(pause) => {}
        }
    }
}

/// Says in the log what became of a room, where that is worth a line. Returns what came of it; `Some(false)` if the database is
/// away.
fn told(place: Place, room: RoomId, outcome: Outcome<bool>) -> Option<bool> {
    let place = place.name();
    match outcome {
        Outcome::Served { value, after } => {
            if let Some(after) = after {
                let after_ms = after.as_millis() as u64;
                tracing::info!(room.id = %room, place, after_ms, "a room that was set aside can be served again");
            }
            Some(value)
        }
        Outcome::Gone => None,
        Outcome::SetAside { why, verdict } => {
            if verdict.says {
                let next_try_ms = verdict.pause.as_millis() as u64;
                tracing::warn!(room.id = %room, place, why, next_try_ms, "a room can't be served and is set aside: the others go on");
            }
            None
        }
        Outcome::Away(error) => {
            tracing::warn!(room.id = %room, place, %error, "the database is away");
            Some(false)
        }
    }
}

async fn sweeps(ports: &Ports, every: Duration) {
    loop {
        sleep(every).await;
        match ports.store.silent_rooms(&ports.lifetimes).await {
            Ok(rooms) => {
                let runs =
                    stream::iter(rooms).map(|room| async move { (room, timers::sweep_apart(ports, room).await) });
                let told = |(room, outcome)| async move {
                    told(Place::Sweep, room, outcome);
                };
                runs.buffer_unordered(ROOMS_AT_ONCE).for_each(told).await;
            }
            Err(error) => tracing::warn!(%error, "silent players could not be looked for"),
        }
        if let Err(error) = ports.store.purge().await {
            tracing::warn!(%error, "old rows could not be deleted");
        }
    }
}

async fn forgetting_guests(ports: &Ports, keep: Option<Millis>) {
    let Some(keep) = keep else { return };
    loop {
        match ports.store.forget_guests(keep).await {
            Ok(0) => sleep(FORGET_EVERY).await,
            Ok(guests) => tracing::info!(guests, "guests were deleted who were in no room for long"),
            Err(error) => {
                tracing::warn!(%error, "guests could not be deleted");
                sleep(FORGET_EVERY).await;
            }
        }
        // Play comes first.
        sleep(BETWEEN_DELETIONS).await;
    }
}

async fn forgetting(ports: &Ports, keep: Option<Millis>) {
    let Some(keep) = keep else { return };
    loop {
        match timers::forget_a_room(ports, keep).await {
            Ok(Some((room, outcome))) => {
                if told(Place::Retention, room, outcome) == Some(true) {
                    tracing::info!(room.id = %room, "a room was deleted: nothing had happened in it for long");
                }
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
