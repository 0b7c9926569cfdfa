//! Why something was refused.

use domain::ids::UserId;
use domain::name::InvalidName;
use domain::room::RoomError;
use domain::settings::InvalidSettings;
use ports::identity::Busy;
use ports::store::{Answer, StoreError};

/// One enum for all use cases: nearly all of them can fail in nearly all of these ways, and one `match` at the edge then
/// names the status of every refusal there is.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The room's own rules say no.
    #[error(transparent)]
    Room(#[from] RoomError),
    /// The turn that was answered is over.
    #[error("the table has moved on since that turn, or its time is up")]
    StaleTurn {
        /// The number of the room's last event.
        seq: u64,
    },
    /// The number is one of another log: the database was restored from a backup since.
    #[error("the room's log is another one than that: the server was restored from a backup; hydrate")]
    EpochChanged {
        /// The number of the room's last event.
        seq: u64,
    },
    /// No room with this id or code.
    #[error("there is no such room")]
    RoomNotFound,
    /// No game with this id.
    #[error("there is no such game")]
    GameNotFound,
    /// No hand with this id.
    #[error("there is no such hand")]
    HandNotFound,
    /// The credential is good for another room only.
    #[error("this token is not valid here")]
    OtherRoom,
    /// The room's password is another, or was not given.
    #[error("the room's password is wrong")]
    WrongPassword,
    /// No account with this address and password.
    #[error("the address or the password is wrong")]
    WrongCredentials,
    /// The user is the host of too many rooms.
    #[error("you already host {most} open rooms, the maximum: end or leave one first")]
    TooManyRooms {
        /// As many as they may have.
        most: u64,
    },
    /// The user waits for too many hosts.
    #[error("you already have {most} open join requests, the maximum: withdraw one first")]
    TooManyRequests {
        /// As many as they may.
        most: u64,
    },
    /// The user has asked to join this room again and again.
    #[error("you have asked this room too often: ask again in {secs} s")]
    AskedTooOften {
        /// In so many seconds.
        secs: u64,
    },
    /// The address has an account already.
    #[error("this address has an account already")]
    EmailTaken,
    /// The caller gave another command the same id.
    #[error("this action id was used for something else")]
    ActionIdReused,
    /// It was done before, and this is what was answered.
    #[error("this was done before")]
    Answered(Answer),
    /// The body speaks of somebody else than the credential.
    #[error("the user in the request is not the one who is signed in")]
    IdentityMismatch {
        /// Whom the body names.
        named: UserId,
    },
    /// A name that can't be.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// Settings that can't be.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
