//! One type for each kind of id, so that a user can't be taken for a room.

use std::fmt;

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A person, guest or with an account.
    UserId
    /// A room.
    RoomId
    /// The game played in a room: all hands between "start" and "end".
    GameId
    /// One hand.
    HandId
    /// Which log of a room an event's number is a number of: another one after the database was restored from a backup.
    Epoch
    /// The row of a rejoin token. Not secret: the token itself needs the server's key.
    TokenId
}

/// The number of a seat, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeatIndex(pub u8);

impl SeatIndex {
    /// As an index into a slice of seats.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for SeatIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
