//! `room_seats`: one row a seat, empty or not.

use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use domain::ids::{RoomId, SeatIndex, UserId};
use domain::member::Members;
use domain::seat::{FreedReason, Occupant, Queued, Seat};
use domain::time::{Millis, Timestamp};
use ports::store::StoreError;
use uuid::Uuid;

use super::{chips, time_of, timestamp};
use crate::schema::room_seats;
use crate::statement::{Statement, column, statement};

#[derive(Clone, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = room_seats)]
pub(crate) struct SeatRow {
    pub(crate) seat_index: i16,
    status: String,
    user_id: Option<Uuid>,
    chips: i64,
    timebank_ms: i64,
    missed_turns: i16,
    queued_top_up: i64,
    queued_delta: i64,
    queued_reason: Option<String>,
    absent_since: Option<PgTimestamp>,
    sat_out: Option<bool>,
    leaving_reason: Option<String>,
    /// A copy of the member's.
    display_name: Option<String>,
    seated_at: Option<PgTimestamp>,
    /// When they were last heard of.
    last_seen_at: Option<PgTimestamp>,
}

impl SeatRow {
    pub(crate) fn of(index: SeatIndex, seat: &Seat, members: &Members) -> Self {
        let held = seat.occupant().map_or_else(Self::default, |occupant| Self {
            user_id: Some(occupant.user.0),
            display_name: members.get(&occupant.user).map(|member| member.name.as_str().to_owned()),
            last_seen_at: members.get(&occupant.user).map(|member| time_of(member.last_seen)),
            seated_at: Some(time_of(occupant.since)),
            chips: occupant.chips.signed(),
            timebank_ms: occupant.timebank.0,
            missed_turns: occupant.timeouts_in_a_row.into(),
            queued_top_up: occupant.queued.top_up.signed(),
            queued_delta: occupant.queued.delta,
            queued_reason: occupant.queued.reason.clone(),
            ..Self::default()
        });
        let (absent_since, sat_out, leaving_reason) = match seat {
            Seat::Empty | Seat::Active(_) | Seat::SittingOut(_) => (None, None, None),
            Seat::Absent { since, sat_out, .. } => (Some(time_of(*since)), Some(*sat_out), None),
            Seat::Leaving { reason, .. } => (None, None, Some(reason.name().to_owned())),
        };
        let status = seat.status().to_owned();
        Self { seat_index: index.0.into(), status, absent_since, sat_out, leaving_reason, ..held }
    }

    pub(crate) fn user_id(&self) -> Option<Uuid> {
        self.user_id
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.user_id.is_none()
    }

    /// Whether it says the same, but for signs of life, which come without the room's lock.
    pub(crate) fn is_same_but_for_signs(&self, other: &Self) -> bool {
        *self == Self { last_seen_at: self.last_seen_at, ..other.clone() }
    }

    /// The sign of life that is kept with the seat, and of whom.
    pub(crate) fn sign(&self) -> Option<(UserId, Timestamp)> {
        self.user_id.map(UserId).zip(self.last_seen_at.map(timestamp))
    }

    /// The name that is kept with the seat.
    pub(crate) fn display_name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    /// The seat, if the row says nothing else: no chips in an empty one, nor since when somebody is missed who isn't.
    pub(crate) fn exactly(self) -> Result<Seat, StoreError> {
        let index = super::seat_index(self.seat_index)?;
        let row = self.clone();
        let seat = self.seat()?;
        let again = Self::of(index, &seat, &Members::default());
        let again = match &seat {
            Seat::Empty => again,
            // What the row knows of the member is compared with theirs.
            Seat::Active(_) | Seat::SittingOut(_) | Seat::Absent { .. } | Seat::Leaving { .. } => {
                Self { display_name: row.display_name.clone(), last_seen_at: row.last_seen_at, ..again }
            }
        };
        if again == row { Ok(seat) } else { Err(StoreError::Corrupt("seat")) }
    }

    pub(crate) fn seat(self) -> Result<Seat, StoreError> {
        const CORRUPT: StoreError = StoreError::Corrupt("seat");
        let Some(user) = self.user_id else {
            return if self.status == "empty" { Ok(Seat::Empty) } else { Err(CORRUPT) };
        };
        let occupant = Occupant {
            user: UserId(user),
            since: self.seated_at.map(timestamp).ok_or(CORRUPT)?,
            chips: chips(self.chips)?,
            timebank: Millis(self.timebank_ms),
            timeouts_in_a_row: self.missed_turns.try_into().map_err(|_| CORRUPT)?,
            queued: Queued { top_up: chips(self.queued_top_up)?, delta: self.queued_delta, reason: self.queued_reason },
        };
        Ok(match self.status.as_str() {
            "active" => Seat::Active(occupant),
            "sitting_out" => Seat::SittingOut(occupant),
            "disconnected" => Seat::Absent {
                occupant,
                since: self.absent_since.map(timestamp).ok_or(CORRUPT)?,
                sat_out: self.sat_out.ok_or(CORRUPT)?,
            },
            "leaving" => {
                let reason = self.leaving_reason.as_deref().and_then(FreedReason::of_name).ok_or(CORRUPT)?;
                Seat::Leaving { occupant, reason }
            }
            _ => return Err(CORRUPT),
        })
    }
}

/// Seats as they are now, written in this order. Signs of life come in without the room's lock: a player's is never moved back.
pub(crate) fn upsert_seats(room: RoomId, seats: &[SeatRow]) -> Statement {
    statement(
        "INSERT INTO room_seats (room_id, seat_index, status, user_id, chips, timebank_ms, missed_turns, queued_top_up, \
         queued_delta, queued_reason, absent_since, sat_out, leaving_reason, display_name, seated_at, last_seen_at) \
         SELECT $1, seat.* FROM unnest($2::smallint[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[], $7::smallint[], \
         $8::bigint[], $9::bigint[], $10::text[], $11::timestamptz[], $12::boolean[], $13::text[], $14::text[], $15::timestamptz[], \
         $16::timestamptz[]) AS seat \
         ON CONFLICT (room_id, seat_index) DO UPDATE SET status = excluded.status, user_id = excluded.user_id, \
         chips = excluded.chips, timebank_ms = excluded.timebank_ms, missed_turns = excluded.missed_turns, \
         queued_top_up = excluded.queued_top_up, queued_delta = excluded.queued_delta, \
         queued_reason = excluded.queued_reason, absent_since = excluded.absent_since, sat_out = excluded.sat_out, \
         leaving_reason = excluded.leaving_reason, display_name = excluded.display_name, seated_at = excluded.seated_at, \
         last_seen_at = CASE WHEN room_seats.user_id = excluded.user_id \
             THEN greatest(room_seats.last_seen_at, excluded.last_seen_at) ELSE excluded.last_seen_at END",
    )
    .bind(room)
    .bind(column(seats, |seat| seat.seat_index))
    .bind(column(seats, |seat| seat.status.as_str()))
    .bind(column(seats, |seat| seat.user_id))
    .bind(column(seats, |seat| seat.chips))
    .bind(column(seats, |seat| seat.timebank_ms))
    .bind(column(seats, |seat| seat.missed_turns))
    .bind(column(seats, |seat| seat.queued_top_up))
    .bind(column(seats, |seat| seat.queued_delta))
    .bind(column(seats, |seat| seat.queued_reason.clone()))
    .bind(column(seats, |seat| seat.absent_since))
    .bind(column(seats, |seat| seat.sat_out))
    .bind(column(seats, |seat| seat.leaving_reason.clone()))
    .bind(column(seats, |seat| seat.display_name.clone()))
    .bind(column(seats, |seat| seat.seated_at))
    .bind(column(seats, |seat| seat.last_seen_at))
}

/// Takes away the seats from this number on.
pub(crate) fn remove_seats(room: RoomId, from: i16) -> Statement {
    statement("DELETE FROM room_seats WHERE room_id = $1 AND seat_index >= $2").bind(room).bind(from)
}
