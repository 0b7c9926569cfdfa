//! Lines that come up, live and go down.

use domain::ids::{RoomId, UserId};
use domain::room::Room;
use domain::time::{Millis, Timestamp};
use ports::Ports;
use ports::store::{Sign, StoreError};

use crate::CommandError;
use crate::command::on_room_events;
use crate::timers;

/// A sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alive {
    /// The number of the room's last event.
    pub seq: u64,
    /// The database's clock.
    pub server_time: Timestamp,
}

/// A member's sign of life: a line that is up, or a call. If the room took them for disconnected, it hears that they are back.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`]; [`domain::room::RoomError::NotApproved`]: neither let in nor waiting.
pub async fn heartbeat(ports: &Ports, by: UserId, room: RoomId, sign: Sign) -> Result<Alive, CommandError> {
    let touched = match ports.store.touch(room, by, sign, &ports.lifetimes).await {
        Ok(touched) => touched,
        Err(StoreError::Missing(_)) => {
            ports.store.read_room(room).await.map_err(crate::command::room_not_found)?;
            return Err(domain::room::RoomError::NotApproved.into());
        }
        Err(err) => return Err(err.into()),
    };
    let mut seq = touched.seq;
    if touched.host_is_silent {
        timers::sweep(ports, room).await?;
    }
    // What the sweep brought about has numbers of its own.
    if touched.was_absent || touched.host_is_silent {
        let back = on_room_events(ports, room, |room, cx| Ok::<_, CommandError>(room.seen(by, cx.at))).await?;
        seq = back.seq;
    }
    Ok(Alive { seq, server_time: touched.at })
}

/// How old the last sign of life may be of somebody without a line who reads: with each reading there would be a row to write.
const READING_COUNTS_EVERY: Millis = Millis::from_secs(5);

/// Somebody reads a room, which is a call: who has no line and is heard of by that alone is there.
pub(crate) async fn reads(ports: &Ports, by: UserId, room: &Room, at: Timestamp) {
    let Some(member) = room.members.get(&by).filter(|member| member.is_in_or_waits()) else { return };
    if member.is_online(at) || at - member.last_seen < READING_COUNTS_EVERY {
        return;
    }
    // What is read is read all the same.
    let _ = heartbeat(ports, by, room.id, Sign::Call).await;
}

/// The last line of a member on this node went down. Only a hint: their seat is theirs.
///
/// # Errors
///
/// - The database's.
pub async fn connection_lost(ports: &Ports, user: UserId, room: RoomId) -> Result<(), CommandError> {
    Ok(ports.store.set_offline(room, user).await?)
}
