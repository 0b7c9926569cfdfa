//! What the clock asks of rooms. All of it may be called by any node at any time: what was done is not done again.
//!
//! No room keeps another waiting: what can't be served is set aside ([`apart`]) and tried again after a pause of its own.

use std::time::Instant;

use domain::event::Event;
use domain::ids::RoomId;
use domain::room::Room;
use domain::time::Millis;
use ports::Ports;
use ports::set_aside::Place;
use ports::store::{Due, Locked, StoreError, Tx};

use crate::CommandError;
use crate::apart::{Outcome, apart};
use crate::command::{Context, is_outage, on_locked, room_not_found};

pub use crate::command::OUTAGE_TOLERANCE;

/// Does what is due in a room: forgives it an outage that is over, decides for an actor whose time is up, or deals the next
/// hand. Returns whether it could: not while an outage goes on, which has to be ended first ([`Clock::pulse`]).
///
/// # Errors
///
/// - The database's.
pub async fn tick(ports: &Ports, room: RoomId) -> Result<bool, CommandError> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room(room).await.map_err(room_not_found)?;
    by_clock(ports, tx, locked, |room, cx| room.tick(cx.at, cx.lifetimes, cx.chance)).await
}

/// Looks for silent players in a room: marks them as disconnected, later frees their seats. A sign of life that meets it is
/// either seen, or comes after it and brings its player back. Returns whether it could: not while an outage goes on.
///
/// # Errors
///
/// - The database's.
pub async fn sweep(ports: &Ports, room: RoomId) -> Result<bool, CommandError> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room_and_players(room).await.map_err(room_not_found)?;
    by_clock(ports, tx, locked, |room, cx| room.sweep(cx.at, cx.lifetimes)).await
}

/// What the clock decides. Whether there is an outage is asked under the lock: it may have begun since it was looked for last,
/// with a node that was frozen or a clock that was set.
async fn by_clock(
    ports: &Ports,
    tx: Box<dyn Tx>,
    locked: Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Vec<Event>,
) -> Result<bool, CommandError> {
    if is_outage(&locked) {
        return Ok(false);
    }
    on_locked(ports, tx, locked, |room, cx| Ok::<_, CommandError>(((), decide(room, cx)))).await?;
    Ok(true)
}

/// [`tick`] for one room among others, whatever becomes of it.
pub async fn tick_apart(ports: &Ports, room: RoomId) -> Outcome<bool> {
    apart(ports, Place::Clock, room, tick(ports, room)).await
}

/// [`sweep`] for one room among others, whatever becomes of it.
pub async fn sweep_apart(ports: &Ports, room: RoomId) -> Outcome<bool> {
    apart(ports, Place::Sweep, room, sweep(ports, room)).await
}

/// Forgets a room in which nothing has happened for long, if there is one. `None` if there is none.
///
/// # Errors
///
/// - The database's; one room's trouble is in the outcome.
pub async fn forget_a_room(ports: &Ports, quiet: Millis) -> Result<Option<(RoomId, Outcome<bool>)>, StoreError> {
    let except = ports.set_aside.rooms(Place::Retention);
    let again = ports.set_aside.due(Place::Retention, Instant::now(), 1);
    let Some(room) = ports.store.quiet_room(quiet, &except).await?.or(again.first().copied()) else { return Ok(None) };
    let forget = async { Ok(ports.store.forget_room(room, quiet).await?) };
    Ok(Some((room, apart(ports, Place::Retention, room, forget).await)))
}

/// What a node's clock knows between two looks.
#[derive(Debug, Default)]
pub struct Clock {
    /// How many outages there had been when all rooms were looked through for those that are to be forgiven one.
    looked_through: Option<u64>,
    /// How many there have been.
    outages: u64,
}

/// Rooms to serve now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Rooms that were set aside and are to be tried again: a few at a time, so that they don't take the place of others.
    pub again: Vec<RoomId>,
    /// Rooms that are due, or to be forgiven an outage; and when the next one is.
    pub due: Due,
}

impl Clock {
    /// Notes that this node serves, and ends an outage. After one, every room in which a clock runs has to be forgiven it
    /// before anything else is decided there, which the database keeps: no room keeps the others waiting for that. Returns
    /// whether there was one.
    ///
    /// # Errors
    ///
    /// - The database's.
    pub async fn pulse(&mut self, ports: &Ports) -> Result<bool, CommandError> {
        let pulse = ports.store.pulse(OUTAGE_TOLERANCE).await?;
        self.outages = pulse.outages;
        let Some(outage) = pulse.outage else { return Ok(false) };
        ports.store.end_outage(outage).await?;
        // Another node may have been first: the next pulse says how many there were.
        self.looked_through = None;
        Ok(true)
    }

    /// Looks for rooms to serve: at most `most_again` that were set aside, and `limit` others, none of `busy`.
    ///
    /// # Errors
    ///
    /// - The database's.
    pub async fn look(
        &mut self,
        ports: &Ports,
        busy: &[RoomId],
        (most_again, limit): (usize, u32),
    ) -> Result<Found, StoreError> {
        let again = ports.set_aside.due(Place::Clock, Instant::now(), most_again + busy.len());
        let again = again.into_iter().filter(|room| !busy.contains(room)).take(most_again).collect();
        let mut except = ports.set_aside.rooms(Place::Clock);
        except.extend(busy);
        if self.looked_through != Some(self.outages) {
            let rooms = ports.store.unforgiven_rooms(limit, &except).await?;
            if !rooms.is_empty() {
                return Ok(Found { again, due: Due { rooms, next_in: Some(Millis::ZERO), next_at: None } });
            }
            self.looked_through = Some(self.outages);
        }
        Ok(Found { again, due: ports.store.due_rooms(limit, &except).await? })
    }
}
