//! Coming in and going.

use domain::ids::{RoomId, TokenId, UserId};
use domain::name::Name;
use domain::room::{Joined, Room, RoomError};
use ports::Ports;
use ports::randomness::Fresh;
use ports::store::{Snapshot, Tx};

use crate::command::{by_member_events, decide_on, finish, on_locked, room_not_found};
use crate::{CommandError, Done, once};

/// Asks to join.
#[derive(Clone)]
pub struct Join {
    /// Who.
    pub by: UserId,
    /// Which room.
    pub room: RoomId,
    /// What the others will see.
    pub name: Name,
    /// The room's password.
    pub password: Option<String>,
}

/// Asks to join a room; the answer has the caller's token if they were let in at once.
///
/// # Errors
///
/// - [`CommandError::WrongPassword`]; [`CommandError::TooManyRequests`]; [`domain::room::Room::join`]'s.
pub async fn join(ports: &Ports, cmd: Join) -> Result<Done<Joined>, CommandError> {
    let snapshot = ports.store.read_room(cmd.room).await.map_err(room_not_found)?;
    // The password is checked before the lock: hashing is slow on purpose. Nobody can change it meanwhile.
    if snapshot.room.has_password && !knows_the_room(&snapshot.room, cmd.by) {
        let hash = ports.store.room_password(cmd.room).await?;
        let given = cmd.password.as_deref().ok_or(CommandError::WrongPassword)?;
        // Not for a request that would be one too many.
        if would_wait(ports, &snapshot, &cmd) {
            may_ask(ports, &mut *ports.store.begin().await?, cmd.by).await?;
        }
        if !ports.passwords.verify(given, hash.as_deref()).await? {
            return Err(CommandError::WrongPassword);
        }
    }
    ports.store.ensure_user(cmd.by, &cmd.name).await?;
    let mut tx = ports.store.begin().await?;
    let mut locked = tx.lock_room(cmd.room).await.map_err(room_not_found)?;
    once::look(&mut *tx).await?;
    if locked.room.is_full() {
        locked = tx.hear_everybody().await?;
    }
    let (joined, events, after) =
        decide_on(ports, &locked, |room, cx| room.join(cmd.by, cmd.name, cx.at, cx.lifetimes, cx.chance))?;
    let is_new_request = joined == Joined::Pending && !events.is_empty();
    if is_new_request {
        may_ask(ports, &mut *tx, cmd.by).await?;
    }
    finish(ports, tx, locked, after, events, joined).await
}

/// Whether the host would have to let them in, as the room stands.
fn would_wait(ports: &Ports, snapshot: &Snapshot, cmd: &Join) -> bool {
    let (mut room, mut fresh) = (snapshot.room.clone(), Fresh(&*ports.randomness));
    let joined = room.join(cmd.by, cmd.name.clone(), snapshot.at, &ports.lifetimes, &mut fresh);
    matches!(joined, Ok((Joined::Pending, _)))
}

/// Refuses a request to a user who has as many open ones as one may have.
async fn may_ask(ports: &Ports, tx: &mut dyn Tx, user: UserId) -> Result<(), CommandError> {
    let most = ports.quotas.open_requests;
    if tx.engagements(user).await?.open_requests >= most {
        return Err(CommandError::TooManyRequests { most });
    }
    Ok(())
}

/// Whether somebody is in, waits or is banned: asking again, they get an answer and change nothing.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`].
pub async fn is_known(ports: &Ports, room: RoomId, user: UserId) -> Result<bool, CommandError> {
    let snapshot = ports.store.read_room(room).await.map_err(room_not_found)?;
    Ok(knows_the_room(&snapshot.room, user))
}

/// Whoever is in, waits or is banned gets the room's answer, not a question for the password.
fn knows_the_room(room: &Room, user: UserId) -> bool {
    use domain::member::MembershipStatus;
    room.members.get(&user).is_some_and(|member| match member.status {
        MembershipStatus::Pending { .. } | MembershipStatus::Approved { .. } | MembershipStatus::Banned => true,
        MembershipStatus::Rejected | MembershipStatus::Left | MembershipStatus::Kicked => false,
    })
}

/// The host lets somebody in.
///
/// # Errors
///
/// - [`domain::room::Room::approve`]'s.
pub async fn approve(ports: &Ports, by: UserId, room: RoomId, user: UserId) -> Result<Done<()>, CommandError> {
    let mut tx = ports.store.begin().await?;
    let mut locked = tx.lock_room(room).await.map_err(room_not_found)?;
    once::look(&mut *tx).await?;
    if locked.room.is_full() {
        locked = tx.hear_everybody().await?;
    }
    on_locked(ports, tx, locked, |room, cx| {
        let mut events = room.approve(by, user, cx.at, cx.lifetimes, cx.chance)?;
        events.splice(0..0, room.heard(by, cx.at, cx.lifetimes));
        Ok::<_, RoomError>(((), events))
    })
    .await
}

/// The host refuses somebody.
///
/// # Errors
///
/// - [`domain::room::Room::reject`]'s.
pub async fn reject(ports: &Ports, by: UserId, room: RoomId, user: UserId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, _| room.reject(by, user)).await
}

/// Watches.
///
/// # Errors
///
/// - [`domain::room::Room::spectate`]'s.
pub async fn spectate(ports: &Ports, by: UserId, room: RoomId, name: Option<Name>) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.spectate(by, name, cx.at, cx.lifetimes, cx.chance)).await
}

/// Stops watching.
///
/// # Errors
///
/// - [`domain::room::Room::stop_spectating`]'s.
pub async fn stop_spectating(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    by_member_events(ports, by, room, |room, cx| room.stop_spectating(by, cx.at, cx.lifetimes, cx.chance)).await
}

/// Goes.
///
/// # Errors
///
/// - [`domain::room::Room::leave`]'s.
pub async fn leave(ports: &Ports, by: UserId, room: RoomId) -> Result<Done<()>, CommandError> {
    let mut tx = ports.store.begin().await?;
    let mut locked = tx.lock_room(room).await.map_err(room_not_found)?;
    once::look(&mut *tx).await?;
    // Somebody who is there follows.
    if locked.room.is_host(by) {
        locked = tx.hear_everybody().await?;
    }
    on_locked(ports, tx, locked, |room, cx| room.leave(by, cx.at, cx.lifetimes).map(|events| ((), events))).await
}

/// A member's current token, for themselves alone.
pub fn token_of(room: &Room, user: UserId) -> Option<TokenId> {
    room.members.get(&user)?.token.map(|token| token.id)
}
