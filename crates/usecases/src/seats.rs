//! Seats and stacks.

use domain::ids::{RoomId, UserId};
use domain::room::{Adjusted, RoomError, TakeSeat};
use domain::settings::{Preferences, PreferencesPatch};
use ports::Ports;

use crate::command::{by_member, by_member_events};
use crate::{CommandError, Done};

/// Sits down.
///
/// # Errors
///
/// - [`domain::room::Room::take_seat`]'s.
pub async fn take_seat(ports: &Ports, by: UserId, room: RoomId, ask: TakeSeat) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.take_seat(by, ask, cx.at, cx.lifetimes, cx.chance)).await
}

/// Stands up and watches.
///
/// # Errors
///
/// - [`domain::room::Room::stand_up`]'s.
pub async fn stand_up(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.stand_up(by, cx.at, cx.lifetimes, cx.chance)).await
}

/// Is not dealt in any more.
///
/// # Errors
///
/// - [`domain::room::Room::sit_out`]'s.
pub async fn sit_out(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.sit_out(by, cx.at)).await
}

/// Is dealt in again.
///
/// # Errors
///
/// - [`domain::room::Room::sit_in`]'s.
pub async fn sit_in(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.sit_in(by, cx.at)).await
}

/// Buys more chips.
///
/// # Errors
///
/// - [`domain::room::Room::top_up`]'s.
pub async fn top_up(ports: &Ports, by: UserId, room: RoomId, amount: i64) -> Result<Done<Adjusted>, CommandError> {
    by_member(ports, by, room, |room, cx| room.top_up(by, amount, cx.at)).await
}

/// Changes the caller's own standing choices.
///
/// # Errors
///
/// - [`domain::room::Room::prefer`]'s.
pub async fn prefer(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    patch: PreferencesPatch,
) -> Result<Done<Preferences>, CommandError> {
    by_member(ports, by, room, |room, _| {
        room.prefer(by, &patch)?;
        Ok::<_, RoomError>((room.members[&by].preferences, Vec::new()))
    })
    .await
}
