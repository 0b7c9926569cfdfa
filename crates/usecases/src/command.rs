//! The shape that every command on a room has.

use domain::event::{Committed, Event};
use domain::game::Unserved;
use domain::ids::{GameId, RoomId, UserId};
use domain::room::{Chance, Lifetimes, Room};
use domain::time::{Millis, Timestamp};
use ports::Ports;
use ports::randomness::Fresh;
use ports::store::{Locked, StoreError, Tx};

use crate::{CommandError, once};

/// How long nodes may be silent before it counts as an outage: 2 s.
pub const OUTAGE_TOLERANCE: Millis = Millis(2000);

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
pub async fn on_room<T: Send + Sync + 'static, E: Into<CommandError>>(
    ports: &Ports,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E> + Send,
) -> Result<Done<T>, CommandError> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room(room).await.map_err(room_not_found)?;
    once::look(&mut *tx).await?;
    on_locked(ports, tx, locked, decide).await
}

/// The same for the room of a game; `only_room` is the only one that the caller's credential is good for, if there is one. `decide`
/// is told the number of the room's last event too.
pub(crate) async fn on_game<T: Send + Sync + 'static, E: Into<CommandError>>(
    ports: &Ports,
    only_room: Option<RoomId>,
    game: GameId,
    decide: impl FnOnce(u64, &mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E> + Send,
) -> Result<Done<T>, CommandError> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_game(game).await.map_err(game_not_found)?;
    if only_room.is_some_and(|only| only != locked.room.id) {
        return Err(CommandError::OtherRoom);
    }
    once::look(&mut *tx).await?;
    let seq = locked.seq;
    on_locked(ports, tx, locked, |room, context| decide(seq, room, context)).await
}

/// The same for a room that is locked already.
pub(crate) async fn on_locked<T: Send + Sync + 'static, E: Into<CommandError>>(
    ports: &Ports,
    tx: Box<dyn Tx>,
    locked: Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E>,
) -> Result<Done<T>, CommandError> {
    let (value, events, after) = decide_on(ports, &locked, decide)?;
    finish(ports, tx, locked, after, events, value).await
}

/// The same for a command of a member, which is a sign of life as well.
pub async fn by_member<T: Send + Sync + 'static, E: Into<CommandError>>(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E> + Send,
) -> Result<Done<T>, CommandError> {
    on_room(ports, room, |room, context| {
        let (value, mut events) = decide(room, context)?;
        events.splice(0..0, room.heard(by, context.at, context.lifetimes));
        Ok::<_, E>((value, events))
    })
    .await
}

/// The same with no value of its own.
pub async fn by_member_events<E: Into<CommandError>>(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<Vec<Event>, E> + Send,
) -> Result<Done<()>, CommandError> {
    by_member(ports, by, room, |room, context| decide(room, context).map(|events| ((), events))).await
}

/// A decision of nobody's, with no value of its own.
pub async fn on_room_events<E: Into<CommandError>>(
    ports: &Ports,
    room: RoomId,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<Vec<Event>, E> + Send,
) -> Result<Done<()>, CommandError> {
    on_room(ports, room, |room, context| decide(room, context).map(|events| ((), events))).await
}

/// Whether no node has noted that it serves for longer than is tolerated, or the clock was set by as much.
pub(crate) fn is_outage(locked: &Locked) -> bool {
    let served_at = locked.served_at.unwrap_or(locked.at);
    locked.at - served_at > OUTAGE_TOLERANCE || served_at - locked.at > OUTAGE_TOLERANCE
}

/// The time in which the room wasn't served and that it hasn't been forgiven: outages that are over, and one that goes on, which
/// this command may be the first to meet.
fn unserved(locked: &Locked) -> Option<Unserved> {
    let now = locked.served_at.filter(|_| is_outage(locked)).map(|from| Unserved { from, until: locked.at });
    match (locked.unserved, now) {
        (Some(before), Some(now)) => Some(Unserved { from: before.from, until: now.until }),
        (before, now) => before.or(now),
    }
}

/// Decides on a locked room. An outage is nobody's timeout: whoever decides, a player, the host or the clock, finds the room as
/// it is once it has been forgiven what it wasn't served.
pub(crate) fn decide_on<T, E: Into<CommandError>>(
    ports: &Ports,
    locked: &Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Result<(T, Vec<Event>), E>,
) -> Result<(T, Vec<Event>, Room), CommandError> {
    let mut room = locked.room.clone();
    if let Some(outage) = unserved(locked) {
        room.forgive_outage(outage, locked.at);
    }
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
) -> Result<Done<T>, CommandError> {
    // Actions leave the clock's next look where it was: whoever finds it there too early moves it. That the room was forgiven
    // an outage is saved with it.
    let is_as_it_was = after == locked.room && locked.wakes_at == after.game.wake_at() && locked.unserved.is_none();
    let same = events.is_empty() && is_as_it_was;
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
        ports.wake_up.set(wake_at);
    }
    if !committed.is_empty() {
        ports.broadcaster.publish(room, committed).await;
    }
}

pub(crate) fn game_not_found(err: StoreError) -> CommandError {
    if matches!(err, StoreError::Missing(_)) { CommandError::GameNotFound } else { err.into() }
}

pub(crate) fn room_not_found(err: StoreError) -> CommandError {
    if matches!(err, StoreError::Missing(_)) { CommandError::RoomNotFound } else { err.into() }
}
