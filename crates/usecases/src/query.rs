//! What can be read. Everything comes from the database, in one consistent snapshot.

use domain::card::seed::{Chances, Commitment, Proof};
use domain::event::Committed;
use domain::ids::{Epoch, HandId, RoomId, UserId};
use domain::member::MembershipStatus;
use domain::room::{Room, RoomError};
use domain::view::event::Reader;
use domain::view::hydration::{self, DocumentRole, Hydration, PastAction};
use domain::view::proof::known_cards;
use ports::Ports;
use ports::set_aside::Place;
use ports::store::{LogPage, PastHand, RecordedHand, Rooms, Snapshot, StoreError};

use crate::CommandError;
use crate::apart::{Outcome, apart};
use crate::command::room_not_found;
use crate::connect;

/// A room as it is now, for whoever may see that it exists.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`].
pub async fn room(ports: &Ports, id: RoomId) -> Result<Snapshot, CommandError> {
    ports.store.read_room(id).await.map_err(room_not_found)
}

/// The room with a code, however it was typed: case, spaces and dashes don't matter, nor letters that are read for digits.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`].
pub async fn room_by_code(ports: &Ports, code: &str) -> Result<Snapshot, CommandError> {
    let id = room_id_by_code(&*ports.store, code).await?.ok_or(CommandError::RoomNotFound)?;
    room(ports, id).await
}

/// The id of the room with a code, however it was typed, if there is one.
///
/// # Errors
///
/// - The database's.
pub async fn room_id_by_code(rooms: &(impl Rooms + ?Sized), code: &str) -> Result<Option<RoomId>, StoreError> {
    let code: String = code.chars().filter(|c| !matches!(c, '-' | ' ')).take(64).map(read_digit).collect();
    if !code.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    rooms.find_room_by_code(&code).await
}

/// A character of a code as it was meant: no code has an O, an I or an L (Crockford's base 32, "Decoding").
fn read_digit(typed: char) -> char {
    match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    }
}

/// The rooms that a user belongs to or asked to join, the latest first; and those that can't be read, with the reason, where it
/// is worth a line in the log.
///
/// # Errors
///
/// - The database's.
pub async fn rooms_of(ports: &Ports, user: UserId) -> Result<(Vec<Snapshot>, Vec<(RoomId, String)>), CommandError> {
    let (mut rooms, mut unreadable) = (Vec::new(), Vec::new());
    for id in ports.store.rooms_of(user, 50).await? {
        match apart(ports, Place::Rooms, id, room(ports, id)).await {
            Outcome::Served { value, .. } => rooms.push(value),
            Outcome::SetAside { why, verdict } => unreadable.extend(verdict.says.then_some((id, why))),
            Outcome::Gone => {}
            Outcome::Away(err) => return Err(err.into()),
        }
    }
    Ok((rooms, unreadable))
}

/// The document of a room, with the number of the last event in it.
pub struct Hydrated {
    /// Which log that number is of.
    pub epoch: Epoch,
    /// The number of the last event that it contains.
    pub seq: u64,
    /// The database's clock.
    pub at: domain::time::Timestamp,
    /// What the reader may see.
    pub view: Hydration,
    /// The last actions, oldest first.
    pub recent: Vec<PastAction>,
}

/// Everything that a reader may know of a room.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`]; [`hydration::hydrate`]'s.
pub async fn hydrate(
    ports: &Ports,
    by: UserId,
    id: RoomId,
    ask: Option<DocumentRole>,
) -> Result<Hydrated, CommandError> {
    let Snapshot { room, epoch, seq, at, recent } = room(ports, id).await?;
    let view = hydration::hydrate(&room, by, ask, &recent, at)?;
    connect::reads(ports, by, &room, at).await;
    Ok(Hydrated { epoch, seq, at, view, recent })
}

/// As whom `user` reads the room's events.
///
/// # Errors
///
/// - [`RoomError::NotApproved`]: neither let in nor waiting.
pub fn reader(room: &Room, user: UserId) -> Result<Reader, RoomError> {
    match room.members.get(&user).map(|member| member.status) {
        Some(MembershipStatus::Approved { .. }) => Ok(Reader::Member(user)),
        Some(MembershipStatus::Pending { .. } | MembershipStatus::Rejected) => Ok(Reader::Applicant(user)),
        Some(MembershipStatus::Left | MembershipStatus::Kicked | MembershipStatus::Banned) | None => {
            Err(RoomError::NotApproved)
        }
    }
}

/// Events after a number, and as whom the caller reads them. `epoch` is that of the log which the number is of, if the caller
/// knows it.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`]; [`RoomError::NotApproved`]: not let in.
/// - [`CommandError::EpochChanged`]: the log is another one.
pub async fn events(
    ports: &Ports,
    by: UserId,
    id: RoomId,
    (epoch, after): (Option<Epoch>, u64),
    limit: u32,
) -> Result<(Reader, LogPage), CommandError> {
    let reader = member(ports, by, id).await?;
    let page = ports.store.events_after(id, after, limit).await.map_err(room_not_found)?;
    if epoch.is_some_and(|epoch| epoch != page.epoch) {
        return Err(CommandError::EpochChanged { seq: page.seq });
    }
    Ok((reader, page))
}

/// Finished hands, newest first. Somebody who has left or was removed keeps those that they played.
///
/// # Errors
///
/// - [`CommandError::RoomNotFound`]; [`RoomError::NotApproved`]: not let in, and never dealt in.
pub async fn hands(
    ports: &Ports,
    by: UserId,
    id: RoomId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<PastHand>, CommandError> {
    match member(ports, by, id).await {
        Ok(_) => Ok(ports.store.hands_before(id, None, before, limit).await?),
        Err(CommandError::Room(RoomError::NotApproved)) => {
            let played = ports.store.hands_before(id, Some(by), before, limit).await?;
            // A page after the last one is empty for those who have played, too.
            if played.is_empty() && ports.store.hands_before(id, Some(by), None, 1).await?.is_empty() {
                return Err(RoomError::NotApproved.into());
            }
            Ok(played)
        }
        Err(err) => Err(err),
    }
}

/// One hand with its events, and as whom the caller reads them. A hand stays readable for everybody who was dealt in.
///
/// # Errors
///
/// - [`CommandError::HandNotFound`]; [`RoomError::NotApproved`]: isn't in its room, and wasn't dealt in.
pub async fn hand(ports: &Ports, by: UserId, id: HandId) -> Result<(Reader, RecordedHand), CommandError> {
    let hand =
        ports.store.read_hand(id).await.map_err(|err| {
            if matches!(err, StoreError::Missing(_)) { CommandError::HandNotFound } else { err.into() }
        })?;
    if hand.players.iter().any(|(_, user, ..)| *user == by) {
        return Ok((Reader::Member(by), hand));
    }
    Ok((member(ports, by, hand.room).await?, hand))
}

/// The cards of a hand that the caller knows, each with the proof that it was where it was dealt from before anybody saw one.
pub struct ProvedHand {
    /// Its room.
    pub room: RoomId,
    /// Its number in the game.
    pub number: u64,
    /// What the room was told with the deal; none in hands from before there were proofs.
    pub commitment: Option<Commitment>,
    /// The proofs, by place in the deck.
    pub proofs: Vec<Proof>,
}

/// Proves the cards of a hand that the caller knows, and no other.
///
/// # Errors
///
/// - [`CommandError::HandNotFound`]; [`RoomError::NotApproved`]: isn't in its room.
pub async fn proofs(ports: &Ports, by: UserId, id: HandId) -> Result<ProvedHand, CommandError> {
    let (reader, hand) = hand(ports, by, id).await?;
    let (room, number) = (hand.room, hand.number);
    let Some(seed) = &hand.seed else { return Ok(ProvedHand { room, number, commitment: None, proofs: Vec::new() }) };
    let chances = Chances::new(seed, room, number);
    let known = known_cards(&hand.events, reader);
    let mut proofs: Vec<Proof> = known.into_iter().map(|card| chances.proof(&hand.deck, card)).collect();
    proofs.sort_by_key(|proof| proof.place);
    Ok(ProvedHand { room, number, commitment: Some(chances.commitment(&hand.deck)), proofs })
}

async fn member(ports: &Ports, by: UserId, id: RoomId) -> Result<Reader, CommandError> {
    let snapshot = room(ports, id).await?;
    match reader(&snapshot.room, by)? {
        reader @ Reader::Member(_) => {
            connect::reads(ports, by, &snapshot.room, snapshot.at).await;
            Ok(reader)
        }
        Reader::Applicant(_) => Err(RoomError::NotApproved.into()),
    }
}

/// What `reader` sees of some events.
pub fn visible(events: &[Committed], reader: Reader) -> impl Iterator<Item = domain::view::event::EventView<'_>> {
    events.iter().filter_map(move |event| domain::view::event::for_reader(event, reader))
}
