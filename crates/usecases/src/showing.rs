//! After a hand: cards that players show, and what would have come.

use domain::card::Card;
use domain::ids::{GameId, HandId, RoomId, UserId};
use domain::room::RoomError;
use ports::Ports;
use ports::store::StoreError;

use crate::command::on_game;
use crate::{CommandError, Done};

/// A player shows some of their own cards.
///
/// # Errors
///
/// - [`CommandError::GameNotFound`]; [`CommandError::HandNotFound`]: no hand of this game.
/// - [`domain::room::Room::show_cards`]'s.
pub async fn show_cards(
    ports: &Ports,
    by: UserId,
    only_room: Option<RoomId>,
    game: GameId,
    (hand, cards): (HandId, Vec<Card>),
) -> Result<Done<()>, CommandError> {
    let mut of = None;
    let shown = on_game(ports, only_room, game, |_, room, cx| {
        of = Some(room.id);
        room.show_cards(by, hand, &cards, cx.at, cx.lifetimes).map(|events| ((), events))
    });
    let outcome = shown.await;
    of_another_hand(ports, of, hand, outcome).await
}

/// A player asks what would have come: each whole board.
///
/// # Errors
///
/// - [`CommandError::GameNotFound`]; [`CommandError::HandNotFound`]: no hand of this game.
/// - [`domain::room::Room::hunt_rabbit`]'s.
pub async fn hunt_rabbit(
    ports: &Ports,
    by: UserId,
    only_room: Option<RoomId>,
    game: GameId,
    hand: HandId,
) -> Result<Done<Vec<Vec<Card>>>, CommandError> {
    let mut of = None;
    let told = on_game(ports, only_room, game, |_, room, cx| {
        of = Some(room.id);
        room.hunt_rabbit(by, hand, cx.at, cx.lifetimes)
    });
    let outcome = told.await;
    of_another_hand(ports, of, hand, outcome).await
}

/// A hand that isn't the last one of the room `of`: it has been before, or there is none.
async fn of_another_hand<T>(
    ports: &Ports,
    of: Option<RoomId>,
    hand: HandId,
    outcome: Result<T, CommandError>,
) -> Result<T, CommandError> {
    let Err(CommandError::Room(RoomError::OtherHand)) = outcome else { return outcome };
    match ports.store.read_hand(hand).await {
        Ok(found) if Some(found.room) == of => Err(RoomError::NothingToShow.into()),
        Ok(_) | Err(StoreError::Missing(_)) => Err(CommandError::HandNotFound),
        Err(err) => Err(err.into()),
    }
}
