//! Rows of the tables, to and from domain values: a row that no value fits is [`Corrupt`](StoreError::Corrupt).

mod game;
mod hand;
mod house;
mod member;
mod room;
mod seat;
mod settings;

use diesel::pg::data_types::PgTimestamp;
use domain::chips::Chips;
use domain::hand::{ActionKind, Street};
use domain::ids::SeatIndex;
use domain::name::Name;
use domain::time::Timestamp;
use ports::store::StoreError;

pub(crate) use game::{GameRow, StateRow};
pub(crate) use hand::{ActionRow, HandRow, PlayerRow, complete_hand, insert_action, insert_hand, insert_players};
pub(crate) use member::{
    Bound, MemberRow, TokenRow, bind_token, connection_lost, insert_token, renew_token, revoke_token, set_online,
    slide_tokens, unwatch, watch,
};
pub(crate) use room::RoomRow;
pub(crate) use seat::{SeatRow, remove_seats, upsert_seats};
pub(crate) use settings::SettingsRow;

/// PostgreSQL counts from 2000-01-01.
const EPOCH_MILLIS: i64 = 946_684_800_000;

/// To the database's own, which counts microseconds.
pub(crate) const fn time_of(at: Timestamp) -> PgTimestamp {
    PgTimestamp(at.0.saturating_sub(EPOCH_MILLIS).saturating_mul(1000))
}

/// From the database's own; fractions of a millisecond are cut off.
pub(crate) const fn timestamp(at: PgTimestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(1000).saturating_add(EPOCH_MILLIS))
}

pub(crate) fn chips(count: i64) -> Result<Chips, StoreError> {
    Chips::from_signed(count).ok_or(StoreError::Corrupt("number of chips"))
}

pub(crate) fn seat_index(index: i16) -> Result<SeatIndex, StoreError> {
    u8::try_from(index).map(SeatIndex).map_err(|_| StoreError::Corrupt("seat"))
}

pub(crate) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Corrupt("number"))
}

/// A number that counts events, turns or hands, for the database. Exact for all that exist; one that somebody made up to ask
/// for may be larger than any, and stays so.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn name(text: &str) -> Result<Name, StoreError> {
    Name::restore(text).map_err(|_| StoreError::Corrupt("name"))
}

pub(crate) fn street(name: &str) -> Result<Street, StoreError> {
    Street::of_name(name).ok_or(StoreError::Corrupt("street"))
}

pub(crate) fn action_kind(name: &str) -> Result<ActionKind, StoreError> {
    ActionKind::of_name(name).ok_or(StoreError::Corrupt("action"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_the_database() {
        for millis in [0, 1, -1, 946_684_800_000, 1_764_000_000_123] {
            assert_eq!(timestamp(time_of(Timestamp(millis))), Timestamp(millis));
        }
    }

    #[test]
    fn fractions_of_a_millisecond_are_cut_off_before_2000_too() {
        assert_eq!(timestamp(PgTimestamp(1999)), Timestamp(EPOCH_MILLIS + 1));
        assert_eq!(timestamp(PgTimestamp(-1)), Timestamp(EPOCH_MILLIS - 1));
    }
}
