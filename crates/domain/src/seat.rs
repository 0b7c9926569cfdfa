//! One seat.

use crate::chips::Chips;
use crate::ids::UserId;
use crate::time::{Millis, Timestamp};

/// Who sits in a seat, and what is theirs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupant {
    /// Who.
    pub user: UserId,
    /// Since when.
    pub since: Timestamp,
    /// Chips between hands; during a hand that they play, what they began it with.
    pub chips: Chips,
    /// Extra time that is left to them, as of the last deal or decision.
    pub timebank: Millis,
    /// Decisions in a row that the clock made for them.
    pub timeouts_in_a_row: u8,
    /// What waits for the end of the hand.
    pub queued: Queued,
}

/// Changes of a stack that wait for the end of the hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queued {
    /// The player's own top-up.
    pub top_up: Chips,
    /// The host's adjustments, summed.
    pub delta: i64,
    /// The host's last reason.
    pub reason: Option<String>,
}

impl Queued {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Occupant {
    /// Somebody who has just sat down.
    pub fn new(user: UserId, since: Timestamp, chips: Chips, timebank: Millis) -> Self {
        Self { user, since, chips, timebank, timeouts_in_a_row: 0, queued: Queued::default() }
    }
}

crate::named! {
    /// Why a seat became empty.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum FreedReason {
        /// Stood up or left the room.
        Left = "left",
        /// Removed by the host.
        Kicked = "kicked",
        /// Silent for too long.
        Disconnected = "disconnected",
        /// The game ended.
        Ended = "ended",
    }
}

/// Empty ──take──▶ Active ◀──sit out / sit in──▶ SittingOut;  both ──silent──▶ Absent ──seen──▶ as before;
/// any ──leaves in a hand──▶ Leaving ──hand ends──▶ Empty
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Nobody's.
    Empty,
    /// Is dealt in.
    Active(Occupant),
    /// Keeps the seat, isn't dealt in.
    SittingOut(Occupant),
    /// Not heard of for a while; isn't dealt in.
    Absent {
        /// Who.
        occupant: Occupant,
        /// When it was noticed.
        since: Timestamp,
        /// Whether they sat out before.
        sat_out: bool,
    },
    /// Gone, but still in the hand that is being played.
    Leaving {
        /// Who.
        occupant: Occupant,
        /// Why.
        reason: FreedReason,
    },
}

impl Seat {
    /// Who sits or sat here, if anybody.
    pub fn occupant(&self) -> Option<&Occupant> {
        match self {
            Self::Empty => None,
            Self::Active(occupant)
            | Self::SittingOut(occupant)
            | Self::Absent { occupant, .. }
            | Self::Leaving { occupant, .. } => Some(occupant),
        }
    }

    /// The same, to change.
    pub fn occupant_mut(&mut self) -> Option<&mut Occupant> {
        match self {
            Self::Empty => None,
            Self::Active(occupant)
            | Self::SittingOut(occupant)
            | Self::Absent { occupant, .. }
            | Self::Leaving { occupant, .. } => Some(occupant),
        }
    }

    /// Whether this seat is held by `user`, leaving or not.
    pub fn is_of(&self, user: UserId) -> bool {
        self.occupant().is_some_and(|occupant| occupant.user == user)
    }

    /// Whether its occupant is on the way out.
    pub fn is_leaving(&self) -> bool {
        matches!(self, Self::Leaving { .. })
    }

    /// Whether its occupant sits out, by their own choice or by the clock's.
    pub fn is_out(&self) -> bool {
        matches!(self, Self::SittingOut(_) | Self::Absent { sat_out: true, .. })
    }

    /// Whether it is dealt into the next hand.
    pub fn plays(&self) -> bool {
        matches!(self, Self::Active(occupant) if !occupant.chips.is_zero())
    }

    /// Stays in the seat without cards. `None` if that changes nothing.
    pub fn sit_out(&self) -> Option<Self> {
        match self {
            Self::Active(occupant) => Some(Self::SittingOut(occupant.clone())),
            Self::Absent { occupant, since, sat_out: false } => {
                Some(Self::Absent { occupant: occupant.clone(), since: *since, sat_out: true })
            }
            Self::Empty | Self::SittingOut(_) | Self::Absent { sat_out: true, .. } | Self::Leaving { .. } => None,
        }
    }

    /// Takes part again. `None` if that changes nothing.
    pub fn sit_in(&self) -> Option<Self> {
        match self {
            Self::SittingOut(occupant) => Some(Self::Active(Occupant { timeouts_in_a_row: 0, ..occupant.clone() })),
            Self::Absent { occupant, since, sat_out: true } => {
                let occupant = Occupant { timeouts_in_a_row: 0, ..occupant.clone() };
                Some(Self::Absent { occupant, since: *since, sat_out: false })
            }
            Self::Empty | Self::Active(_) | Self::Absent { sat_out: false, .. } | Self::Leaving { .. } => None,
        }
    }

    /// Isn't heard of any more. `None` if that was known, or doesn't matter.
    pub fn miss(&self, at: Timestamp) -> Option<Self> {
        match self {
            Self::Active(occupant) => Some(Self::Absent { occupant: occupant.clone(), since: at, sat_out: false }),
            Self::SittingOut(occupant) => Some(Self::Absent { occupant: occupant.clone(), since: at, sat_out: true }),
            Self::Empty | Self::Absent { .. } | Self::Leaving { .. } => None,
        }
    }

    /// Is heard of again. `None` if they were never missed.
    pub fn see(&self) -> Option<Self> {
        match self {
            Self::Absent { occupant, sat_out: true, .. } => Some(Self::SittingOut(occupant.clone())),
            Self::Absent { occupant, sat_out: false, .. } => Some(Self::Active(occupant.clone())),
            Self::Empty | Self::Active(_) | Self::SittingOut(_) | Self::Leaving { .. } => None,
        }
    }

    /// The contract's name of the seat's status.
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Active(_) => "active",
            Self::SittingOut(_) => "sitting_out",
            Self::Absent { .. } => "disconnected",
            Self::Leaving { .. } => "leaving",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn anna() -> Occupant {
        Occupant::new(UserId(Uuid::from_u128(1)), Timestamp(1), Chips::new(80), Millis::from_secs(60))
    }

    #[test]
    fn who_was_missed_comes_back_as_they_were() {
        let out = Seat::SittingOut(anna());
        assert_eq!(out.miss(Timestamp(5)).and_then(|seat| seat.see()), Some(out));
        let active = Seat::Active(anna());
        assert_eq!(active.miss(Timestamp(5)).and_then(|seat| seat.see()), Some(active));
    }

    #[test]
    fn an_absent_or_broke_player_is_not_dealt_in() {
        assert!(Seat::Active(anna()).plays());
        assert!(!Seat::Active(Occupant { chips: Chips::ZERO, ..anna() }).plays());
        assert!(!Seat::Active(anna()).miss(Timestamp(5)).expect("was active").plays());
    }

    #[test]
    fn sitting_in_again_forgives_timeouts() {
        let seat = Seat::SittingOut(Occupant { timeouts_in_a_row: 2, ..anna() });
        assert_eq!(seat.sit_in(), Some(Seat::Active(anna())));
    }
}
