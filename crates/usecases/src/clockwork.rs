//! What the clock asks of rooms. All of it may be called by any node at any time: what was done is not done again.

use domain::event::Event;
use domain::ids::RoomId;
use domain::room::Room;
use domain::time::{Millis, Timestamp};
use ports::Ports;
use ports::store::{Locked, Tx};

use crate::Refusal;
use crate::command::{Context, on_locked, on_room_events, room_not_found};

/// How long nodes may be silent before it counts as an outage: 2 s.
pub const OUTAGE_TOLERANCE: Millis = Millis(2000);

/// Does what is due in a room: decides for an actor whose time is up, or deals the next hand. Returns whether it could: not
/// before an outage is forgiven.
///
/// # Errors
///
/// - The database's.
pub async fn tick(ports: &Ports, room: RoomId) -> Result<bool, Refusal> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room(room).await.map_err(room_not_found)?;
    by_clock(ports, tx, locked, |room, cx| room.tick(cx.at, cx.lifetimes, cx.chance)).await
}

/// Looks for silent players in a room: marks them as disconnected, later frees their chairs. A sign of life that meets it is
/// either seen, or comes after it and brings its player back. Returns whether it could: not before an outage is forgiven.
///
/// # Errors
///
/// - The database's.
pub async fn sweep(ports: &Ports, room: RoomId) -> Result<bool, Refusal> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room_and_players(room).await.map_err(room_not_found)?;
    by_clock(ports, tx, locked, |room, cx| room.sweep(cx.at, cx.lifetimes)).await
}

/// What the clock decides. Whether there is an outage to be forgiven is asked under the lock: it may have begun since it was looked
/// for last, with a node that was frozen or a clock that was set.
async fn by_clock(
    ports: &Ports,
    mut tx: Box<dyn Tx>,
    locked: Locked,
    decide: impl FnOnce(&mut Room, &mut Context<'_>) -> Vec<Event>,
) -> Result<bool, Refusal> {
    let served_at = tx.served_at().await?.unwrap_or(locked.at);
    if locked.at - served_at > OUTAGE_TOLERANCE || served_at - locked.at > OUTAGE_TOLERANCE {
        return Ok(false);
    }
    on_locked(ports, tx, locked, |room, cx| Ok::<_, Refusal>(((), decide(room, cx)))).await?;
    Ok(true)
}

/// Notes that this node serves. After an outage first gives the time back to whoever was to act, and after the database's
/// clock was put back plans anew what was planned by it; until that is done no clock may decide anything. Returns whether there
/// was one.
///
/// # Errors
///
/// - The database's.
pub async fn pulse(ports: &Ports) -> Result<bool, Refusal> {
    let Some(outage) = ports.store.pulse(OUTAGE_TOLERANCE).await? else { return Ok(false) };
    for room in ports.store.rooms_with_running_clock().await? {
        forgive(ports, room, outage.began).await?;
    }
    ports.store.end_outage(outage).await?;
    Ok(true)
}

async fn forgive(ports: &Ports, room: RoomId, began: Timestamp) -> Result<(), Refusal> {
    on_room_events(ports, room, |room, cx| {
        room.forgive_outage(began, cx.at);
        Ok::<_, Refusal>(Vec::new())
    })
    .await?;
    Ok(())
}
