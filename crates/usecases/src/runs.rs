//! How often to run the missing cards.

use domain::ids::{GameId, RoomId, UserId};
use domain::room::RoomError;
use ports::Ports;

use crate::command::on_game;
use crate::{CommandError, Done};

/// A player says how many runs they accept at most.
///
/// # Errors
///
/// - [`CommandError::GameNotFound`]; [`CommandError::StaleTurn`] with the room's current `seq`.
/// - [`domain::room::Room::answer_runs`]'s.
pub async fn answer_runs(
    ports: &Ports,
    by: UserId,
    only_room: Option<RoomId>,
    game: GameId,
    (runs, turn): (i64, u64),
) -> Result<Done<()>, CommandError> {
    on_game(ports, only_room, game, |seq, room, cx| match room.answer_runs(by, runs, turn, cx.at, cx.lifetimes) {
        Ok(events) => Ok(((), events)),
        Err(RoomError::StaleTurn) => Err(CommandError::StaleTurn { seq }),
        Err(err) => Err(err.into()),
    })
    .await
}
