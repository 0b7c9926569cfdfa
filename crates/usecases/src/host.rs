//! What only the host may do.

use domain::ids::{RoomId, UserId};
use domain::room::{Adjusted, Removal};
use domain::settings::SettingsPatch;
use ports::Ports;

use crate::command::{by_member, by_member_events};
use crate::{CommandError, Done};

/// Starts the game.
///
/// # Errors
///
/// - [`domain::room::Room::start`]'s.
pub async fn start(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.start(by, cx.at, cx.lifetimes, cx.chance)).await
}

/// Stops the clock and the deals.
///
/// # Errors
///
/// - [`domain::room::Room::pause`]'s.
pub async fn pause(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.pause(by, cx.at)).await
}

/// Goes on.
///
/// # Errors
///
/// - [`domain::room::Room::resume`]'s.
pub async fn resume(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.resume(by, cx.at, cx.lifetimes)).await
}

/// Ends the game and closes the room.
///
/// # Errors
///
/// - [`domain::room::Room::end`]'s.
pub async fn end(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.end(by, cx.at, cx.lifetimes)).await
}

/// Makes the next hand a bomb pot.
///
/// # Errors
///
/// - [`domain::room::Room::queue_bomb_pot`]'s.
pub async fn queue_bomb_pot(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, _| room.queue_bomb_pot(by)).await
}

/// Takes that back.
///
/// # Errors
///
/// - [`domain::room::Room::cancel_bomb_pot`]'s.
pub async fn cancel_bomb_pot(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, _| room.cancel_bomb_pot(by)).await
}

/// Removes somebody.
///
/// # Errors
///
/// - [`domain::room::Room::kick`]'s.
pub async fn kick(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    user: UserId,
    removal: Removal,
) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.kick(by, user, removal, cx.at, cx.lifetimes)).await
}

/// Lifts a ban.
///
/// # Errors
///
/// - [`domain::room::Room::unban`]'s.
pub async fn unban(ports: &Ports, by: UserId, room: RoomId, user: UserId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, _| room.unban(by, user)).await
}

/// Gives or takes chips.
///
/// # Errors
///
/// - [`domain::room::Room::adjust_chips`]'s.
pub async fn adjust_chips(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    user: UserId,
    delta: i64,
    reason: Option<String>,
) -> Result<Done<Adjusted>, CommandError> {
    by_member(ports, by, room, |room, cx| room.adjust_chips(by, user, delta, reason, cx.at)).await
}

/// Changes settings, from the next hand.
///
/// # Errors
///
/// - [`domain::room::Room::change_settings`]'s.
pub async fn change_settings(
    ports: &Ports,
    by: UserId,
    room: RoomId,
    patch: SettingsPatch,
) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.change_settings(by, &patch, cx.at)).await
}

/// Hands the room over.
///
/// # Errors
///
/// - [`domain::room::Room::hand_over`]'s.
pub async fn hand_over(ports: &Ports, by: UserId, room: RoomId, user: UserId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, _| room.hand_over(by, user)).await
}
