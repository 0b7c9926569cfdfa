//! Rooms are made.

use domain::ids::{GameId, RoomId, UserId};
use domain::name::Name;
use domain::room::{NewRoom, Room};
use domain::settings::{Settings, SettingsPatch};
use ports::Ports;
use ports::randomness::Fresh;
use ports::store::{StoreError, Tx};

use crate::{CommandError, once};

/// What a new room is to be.
#[derive(Clone)]
pub struct CreateRoom {
    /// Who makes it.
    pub by: UserId,
    /// What they are called in it.
    pub display_name: Name,
    /// What the room is called; absent: after its host.
    pub name: Option<Name>,
    /// What people have to know besides the code.
    pub password: Option<String>,
    /// What differs from the defaults.
    pub settings: SettingsPatch,
}

/// As the store calls it.
const ROOM_CODE: &str = "room code";

/// Makes a room; the caller is its host and let in.
///
/// # Errors
///
/// - [`CommandError::Settings`]; [`CommandError::Busy`]: too many passwords are being hashed; [`CommandError::TooManyRooms`].
pub async fn create_room(ports: &Ports, cmd: CreateRoom) -> Result<Room, CommandError> {
    let settings = Settings::default().patched(&cmd.settings)?;
    let password = match &cmd.password {
        Some(password) => {
            // Hashing is slow on purpose: not for a room that is refused anyway.
            has_place(ports, &mut *ports.store.begin().await?, cmd.by).await?;
            Some(ports.passwords.hash(password).await?)
        }
        None => None,
    };
    let name = match cmd.name {
        Some(name) => name,
        None => Name::new(&format!("{}'s room", cmd.display_name)).or_else(|_| Name::new("Private room"))?,
    };
    // A code is taken about never: 2^40 of them.
    for _ in 0..3 {
        let new = NewRoom {
            id: RoomId(ports.randomness.id()),
            game: GameId(ports.randomness.id()),
            code: ports.randomness.room_code(),
            name: name.clone(),
            has_password: password.is_some(),
            host: cmd.by,
            host_name: cmd.display_name.clone(),
            settings: settings.clone(),
        };
        match store(ports, new, password.as_deref()).await {
            Err(CommandError::Store(StoreError::Duplicate(ROOM_CODE))) => {}
            outcome => return outcome,
        }
    }
    Err(StoreError::Duplicate(ROOM_CODE).into())
}

async fn store(ports: &Ports, new: NewRoom, password: Option<&str>) -> Result<Room, CommandError> {
    ports.store.ensure_user(new.host, &new.host_name).await?;
    let new_host = new.host;
    let at = ports.store.now().await?;
    let room = Room::create(new, at, &ports.lifetimes, &mut Fresh(&*ports.randomness));
    let mut tx = ports.store.begin().await?;
    has_place(ports, &mut *tx, new_host).await?;
    tx.create_room(&room, password).await?;
    once::keep(&mut *tx, &room).await?;
    tx.commit().await?;
    Ok(room)
}

/// Refuses a room to a user who has as many as one may have, and a command that was done before.
async fn has_place(ports: &Ports, tx: &mut dyn Tx, user: UserId) -> Result<(), CommandError> {
    let most = ports.quotas.open_rooms;
    let engaged = tx.engagements(user).await?;
    once::look(tx).await?;
    if engaged.open_rooms >= most {
        return Err(CommandError::TooManyRooms { most });
    }
    Ok(())
}
