//! What the clock asks of rooms. All of it may be called by any node at any time: what was done is not done again.

use domain::ids::RoomId;
use domain::time::{Millis, Timestamp};
use ports::Ports;

use crate::Refusal;
use crate::command::{on_locked, on_room_events, room_not_found};

/// How long nodes may be silent before it counts as an outage: 2 s.
pub const OUTAGE_TOLERANCE: Millis = Millis(2000);

/// Does what is due in a room: decides for an actor whose time is up, or deals the next hand.
///
/// # Errors
///
/// - The database's.
pub async fn tick(ports: &Ports, room: RoomId) -> Result<(), Refusal> {
    on_room_events(ports, room, |room, cx| Ok::<_, Refusal>(room.tick(cx.at, cx.lifetimes, cx.chance))).await?;
    Ok(())
}

/// Looks for silent players in a room: marks them as disconnected, later frees their chairs. A sign of life that meets it is
/// either seen, or comes after it and brings its player back.
///
/// # Errors
///
/// - The database's.
pub async fn sweep(ports: &Ports, room: RoomId) -> Result<(), Refusal> {
    let mut tx = ports.store.begin().await?;
    let locked = tx.lock_room_and_players(room).await.map_err(room_not_found)?;
    on_locked(ports, tx, locked, |room, cx| Ok::<_, Refusal>(((), room.sweep(cx.at, cx.lifetimes)))).await?;
    Ok(())
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
