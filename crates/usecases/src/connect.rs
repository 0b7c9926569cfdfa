//! Lines that come up, live and go down.

use domain::ids::{RoomId, UserId};
use domain::time::Timestamp;
use ports::Ports;
use ports::store::StoreError;

use crate::Refusal;
use crate::command::on_room_events;

/// A sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alive {
    /// The number of the room's last event.
    pub seq: u64,
    /// The database's clock.
    pub server_time: Timestamp,
}

/// A member's sign of life. If the room took them for disconnected, it hears that they are back.
///
/// # Errors
///
/// - [`Refusal::RoomNotFound`]; [`domain::room::RoomError::NotApproved`]: neither let in nor waiting.
pub async fn heartbeat(ports: &Ports, by: UserId, room: RoomId) -> Result<Alive, Refusal> {
    let touched = match ports.store.touch(room, by, &ports.lifetimes).await {
        Ok(touched) => touched,
        Err(StoreError::Missing(_)) => {
            ports.store.read_room(room).await.map_err(crate::command::room_not_found)?;
            return Err(domain::room::RoomError::NotApproved.into());
        }
        Err(err) => return Err(err.into()),
    };
    let mut seq = touched.seq;
    if touched.was_absent {
        let back = on_room_events(ports, room, |room, cx| Ok::<_, Refusal>(room.seen(by, cx.at))).await?;
        seq = back.seq;
    }
    Ok(Alive { seq, server_time: touched.at })
}

/// The last line of a member on this node went down. Only a hint: their chair is theirs.
///
/// # Errors
///
/// - The database's.
pub async fn line_lost(ports: &Ports, user: UserId, room: RoomId) -> Result<(), Refusal> {
    Ok(ports.store.set_offline(room, user).await?)
}
