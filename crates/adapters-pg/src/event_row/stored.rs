//! A value's form in the database, said once for each type; and each event's, in one line.

use domain::card::Card;
use domain::chips::Chips;
use domain::event::{Acted, AdjustedBy, BountyPaid, HandCompleted, HandStarted, PotDistributed, RunsAsked};
use domain::ids::{GameId, HandId, SeatIndex, UserId};
use domain::name::Name;
use domain::seat::FreedReason;
use domain::settings::Settings;
use ports::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::CORRUPT;
use super::hands::{ActedRow, BountyPaidRow, HandCompletedRow, HandStartedRow, PotDistributedRow, RunsAskedRow};
use super::parts::{AdjustedByRow, CardText, cards, cards_text};
use crate::rows::{SettingsRow, name};

/// A value of the domain that is stored.
pub(super) trait Stored: Sized {
    /// How.
    type Row: Serialize + DeserializeOwned;

    /// As it is stored.
    fn store(&self) -> Self::Row;

    /// As it was.
    ///
    /// # Errors
    ///
    /// - [`StoreError::Corrupt`]: no value is stored like this.
    fn restore(row: Self::Row) -> Result<Self, StoreError>;
}

macro_rules! stored {
    ($($type:ty as $row:ty: |$value:ident| $store:expr, |$stored:ident| $restore:expr;)*) => {$(
        impl Stored for $type {
            type Row = $row;

            fn store(&self) -> $row {
                let $value = self;
                $store
            }

            fn restore($stored: $row) -> Result<Self, StoreError> {
                $restore
            }
        }
    )*};
}

stored! {
    i64 as i64: |number| *number, |row| Ok(row);
    u8 as u8: |number| *number, |row| Ok(row);
    UserId as Uuid: |id| id.0, |row| Ok(Self(row));
    GameId as Uuid: |id| id.0, |row| Ok(Self(row));
    HandId as Uuid: |id| id.0, |row| Ok(Self(row));
    SeatIndex as u8: |seat| seat.0, |row| Ok(Self(row));
    Chips as u64: |chips| chips.get(), |row| Ok(Self::new(row));
    Vec<Card> as Vec<CardText>: |cards| cards_text(cards), |row| cards(row);
    Option<Vec<Vec<Card>>> as Option<Vec<Vec<CardText>>>:
        |boards| boards.as_ref().map(|boards| boards.iter().map(|board| cards_text(board)).collect()),
        |row| row.map(|boards| boards.into_iter().map(cards).collect()).transpose();
    Name as String: |name| name.as_str().to_owned(), |row| name(&row);
    FreedReason as String: |reason| reason.name().to_owned(), |row| Self::of_name(&row).ok_or(CORRUPT);
    Settings as SettingsRow: |settings| SettingsRow::in_event(settings), |row| row.settings();
    AdjustedBy as AdjustedByRow: |by| AdjustedByRow::of(by), |row| Ok(row.adjusted_by());
    HandStarted as HandStartedRow: |started| HandStartedRow::of(started), |row| row.started();
    Acted as ActedRow: |acted| ActedRow::of(acted), |row| row.acted();
    RunsAsked as RunsAskedRow: |asked| RunsAskedRow::of(asked), |row| Ok(row.asked());
    PotDistributed as PotDistributedRow: |paid| PotDistributedRow::of(paid), |row| row.paid();
    BountyPaid as BountyPaidRow: |paid| BountyPaidRow::of(paid), |row| Ok(row.paid());
    HandCompleted as HandCompletedRow: |done| HandCompletedRow::of(done), |row| row.completed();
}

/// The log's events, by the domain's names for them and their fields: `fields` that each have a form of their own, a `part` that has
/// one as a whole, and those whose `row` is made by hand.
///
/// Their names in the JSON are the variants' in snake case, and have to be those of [`domain::event::EventKind`].
macro_rules! stored_events {
    (
        fields { $($event:ident { $($field:ident: $type:ty),* $(,)? };)* }
        part { $($whole:ident($part:ty);)* }
        row { $($odd:ident { $($piece:ident),* } as $row:ty;)* }
    ) => {
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum PublicRow {
            $($event { $($field: <$type as Stored>::Row),* },)*
            $($whole(<$part as Stored>::Row),)*
            $($odd($row),)*
        }

        impl PublicRow {
            /// `None` for an event of a later version.
            fn of(what: &Happened) -> Option<Self> {
                Some(match what {
                    $(Happened::$event { $($field),* } => Self::$event { $($field: $field.store()),* },)*
                    $(Happened::$whole(part) => Self::$whole(part.store()),)*
                    $(Happened::$odd { $($piece),* } => Self::$odd(<$row>::of($($piece),*)),)*
                    Happened::Foreign { .. } => return None,
                })
            }

            fn happened(self) -> Result<Happened, StoreError> {
                Ok(match self {
                    $(Self::$event { $($field),* } => {
                        Happened::$event { $($field: <$type as Stored>::restore($field)?),* }
                    })*
                    $(Self::$whole(row) => Happened::$whole(<$part as Stored>::restore(row)?),)*
                    $(Self::$odd(row) => row.happened()?,)*
                })
            }
        }
    };
}
pub(super) use stored_events;
