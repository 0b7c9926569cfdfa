//! The shape that every command on a room has.

use domain::event::{Committed, Event};
use domain::ids::RoomId;
use domain::room::{Chance, Lifetimes, Room};
use domain::time::Timestamp;
use ports::Ports;
use ports::randomness::Fresh;
use ports::store::{Locked, StoreError, Tx};

use crate::{Refusal, once};

/// An accepted command.
#[derive(Debug)]
pub struct Done<T> {
    /// The number of the room's last event.
    pub seq: u64,
    /// The room after it.
    pub room: Room,
    /// The database's clock.
    pub at: Timestamp,
    /// What else came of it.
    pub value: T,
}

/// What a decision may use besides the room.
pub struct Context<'a> {
    /// The database's clock, read under the lock.
    pub at: Timestamp,
    /// How long things last.
    pub lifetimes: &'a Lifetimes,
    /// Fresh randomness.
    pub chance: &'a mut dyn Chance,
}

/// Locks the room, lets `decide`, and if it accepts saves, commits and publishes.
pub async fn on_room<T: Send + Sync + 'static, E: Into<Refusal>>(
    ports: &Ports,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E> + Send,
) -> Result<Done<T>, Refusal> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room(room).await.map_err(room_not_found)?;
    once::look(&mut *tx).await?;
    on_locked(ports, tx, locked, decide).await
}

/// The same for a room that is locked already.
pub(crate) async fn on_locked<T: Send + Sync + 'static, E: Into<Refusal>>(
    ports: &Ports,
    tx: Box<dyn Tx>,
    locked: Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E>,
) -> Result<Done<T>, Refusal> {
    let (value, events, after) = decide_on(ports, &locked, decide)?;
    finish(ports, tx, locked, after, events, value).await
}

/// The same for a decision with no value of its own.
pub async fn on_room_events<E: Into<Refusal>>(
    ports: &Ports,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<Vec<Event>, E> + Send,
) -> Result<Done<()>, Refusal> {
    on_room(ports, room, |room, context| decide(room, context).map(|events| ((), events))).await
}

pub(crate) fn decide_on<T, E: Into<Refusal>>(
    ports: &Ports,
    locked: &Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E>,
) -> Result<(T, Vec<Event>, Room), Refusal> {
    let mut room = locked.room.clone();
    let mut fresh = Fresh(&*ports.randomness);
    let mut context = Context { at: locked.at, lifetimes: &ports.lifetimes, chance: &mut fresh };
    let (value, events) = decide(&mut room, &mut context).map_err(Into::into)?;
    Ok((value, events, room))
}

pub(crate) async fn finish<T: Send + Sync + 'static>(
    ports: &Ports,
    mut tx: Box<dyn Tx>,
    locked: Locked,
    after: Room,
    events: Vec<Event>,
    value: T,
) -> Result<Done<T>, Refusal> {
    // Actions leave the clock's next look where it was: whoever finds it there too early moves it.
    let same = events.is_empty() && after == locked.room && locked.wakes_at == after.game.wake_at();
    let done = Done { seq: locked.seq + events.len() as u64, room: after, at: locked.at, value };
    let kept = once::keep(&mut *tx, &done).await?;
    let committed = if same { Vec::new() } else { tx.save_room(&done.room, events).await? };
    if !same || kept {
        tx.commit().await?;
    }
    if !same {
        announce(ports, done.room.id, done.room.game.wake_at(), &committed).await;
    }
    Ok(done)
}

/// Tells the clock and the readers of what is committed.
pub(crate) async fn announce(ports: &Ports, room: RoomId, wake_at: Option<Timestamp>, committed: &[Committed]) {
    if let Some(wake_at) = wake_at {
        ports.alarm.set(wake_at);
    }
    if !committed.is_empty() {
        ports.broadcaster.publish(room, committed).await;
    }
}

pub(crate) fn room_not_found(err: StoreError) -> Refusal {
    match err {
        StoreError::Missing(_) => Refusal::RoomNotFound,
        err => err.into(),
    }
}
