//! The wire's names for what has a fixed set of values: each is said once, by the domain, and known here to JSON, to the
//! API's documents and to TypeScript.

use domain::card::{self, Rank, Suit};
use domain::view::hydration::DocumentRole;
use domain::{button, game, hand, member, room, rules, seat};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// The schema of a string that is one of these.
pub(crate) fn one_of(doc: &str, names: &[&str]) -> RefOr<Schema> {
    let names = names.iter().copied();
    ObjectBuilder::new().schema_type(Type::String).description(Some(doc.trim())).enum_values(Some(names)).into()
}

/// `"a" | "b"`.
#[cfg(feature = "typescript")]
pub(crate) fn union(names: &[&str]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" | ")
}

/// What a type of names tells the documents and TypeScript.
macro_rules! described {
    ($name:ident, $docs:expr, $names:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::names::one_of($docs, $names)
            }
        }

        impl utoipa::ToSchema for $name {}

        #[cfg(feature = "typescript")]
        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(_: &ts_rs::Config) -> String {
                $crate::names::union($names)
            }

            fn decl(config: &ts_rs::Config) -> String {
                format!("type {} = {};", stringify!($name), Self::inline(config))
            }
        }
    };
}
pub(crate) use described;

macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident = $names:expr;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(&'static str);

        impl $name {
            /// All of them.
            pub const ALL: &[&'static str] = $names;

            /// The one that the domain calls so.
            pub fn named(name: &'static str) -> Self {
                debug_assert!(Self::ALL.contains(&name), "{name} is not described");
                Self(name)
            }
        }

        described!($name, concat!($($doc),+), Self::ALL);
    )*};
}

macro_rules! from {
    ($($name:ident: $domain:ty),+ $(,)?) => {$(
        impl From<$domain> for $name {
            fn from(it: $domain) -> Self {
                Self(it.name())
            }
        }
    )+};
}

names! {
    /// A street of a hand.
    Street = &hand::Street::NAMES;
    /// Where a hand is.
    Phase = &hand::Phase::NAMES;
    /// Why chips are posted before the cards.
    PostKind = &hand::PostKind::NAMES;
    /// Why a seat became empty.
    FreedReason = &seat::FreedReason::NAMES;
    /// Who changed a stack between hands.
    AdjustedBy = &[TOP_UP, HOST];
    /// Where a game is.
    GameStatus = &game::GameStatus::NAMES;
    /// Whether people may come in.
    RoomStatus = &room::RoomStatus::NAMES;
    /// What a member does in the room: `host` is a host without a seat.
    Role = &[
        member::Role::Approved.name(),
        member::Role::Player.name(),
        member::Role::Spectator.name(),
        DocumentRole::Host.name(),
    ];
    /// The same on a socket: `guest` is somebody who isn't let in.
    SocketRole = &[Role::ALL[0], Role::ALL[1], Role::ALL[2], Role::ALL[3], GUEST];
    /// How a person stands with a room.
    MembershipStatus = &["pending", "approved", "rejected", "left", "kicked", "banned"];
    /// How a seat is.
    SeatStatus = &["empty", "active", "sitting_out", "disconnected", "leaving"];
    /// The game that is played.
    Variant = &rules::Variant::NAMES;
    /// How a hand begins.
    HandKind = &hand::HandKind::NAMES;
    /// What players are asked beside actions.
    QuestionKind = &[RUNS];
    /// Which share of a board's part of a pot.
    Half = &hand::Half::NAMES;
    /// A blind that somebody owes: `new` is a big blind of who has just sat down.
    Owed = &button::Debts::NAMES;
    /// Why a player who would play isn't dealt in.
    WaitsFor = &button::WaitsFor::NAMES;
}

const RUNS: &str = "runs";
const TOP_UP: &str = "top_up";
const HOST: &str = "host";
const GUEST: &str = "guest";

from! {
    Street: hand::Street, Phase: hand::Phase, PostKind: hand::PostKind, FreedReason: seat::FreedReason,
    GameStatus: game::GameStatus, RoomStatus: room::RoomStatus, Role: member::Role, Role: DocumentRole,
    MembershipStatus: &member::MembershipStatus, Variant: rules::Variant, HandKind: hand::HandKind, Half: hand::Half,
    WaitsFor: button::WaitsFor,
}

impl Role {
    /// In a seat.
    pub const PLAYER: Self = Self(member::Role::Player.name());
    /// Watching.
    pub const SPECTATOR: Self = Self(member::Role::Spectator.name());
    /// Let in, neither seated nor watching.
    pub const APPROVED: Self = Self(member::Role::Approved.name());
}

impl QuestionKind {
    /// How often to run the missing cards.
    pub const RUNS: Self = Self(RUNS);
}

impl AdjustedBy {
    /// By its owner.
    pub const TOP_UP: Self = Self(TOP_UP);
    /// By the host.
    pub const HOST: Self = Self(HOST);
}

impl MembershipStatus {
    /// Waits for the host's word.
    pub const PENDING: Self = Self(Self::ALL[0]);
    /// Let in.
    pub const APPROVED: Self = Self(Self::ALL[1]);
    /// Went, or never came.
    pub const LEFT: Self = Self(Self::ALL[3]);
}

/// What a player can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActionName {
    /// To give the hand up.
    Fold,
    /// To put nothing in where nothing is to call.
    Check,
    /// To match the highest bet.
    Call,
    /// The first chips on a street.
    Bet,
    /// More than the highest bet.
    Raise,
    /// Every chip in front of the player.
    AllIn,
}

impl From<hand::ActionKind> for ActionName {
    fn from(kind: hand::ActionKind) -> Self {
        match kind {
            hand::ActionKind::Fold => Self::Fold,
            hand::ActionKind::Check => Self::Check,
            hand::ActionKind::Call => Self::Call,
            hand::ActionKind::Bet => Self::Bet,
            hand::ActionKind::Raise => Self::Raise,
            hand::ActionKind::AllIn => Self::AllIn,
        }
    }
}

/// A card: `hearts_A`, `clubs_10`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Card(String);

impl Card {
    /// The bytes by which its name is shorter than the longest one: who sees an encrypted line sees how long it is.
    pub fn blanks(&self) -> usize {
        crate::hidden::missing_of_name(&self.0)
    }
}

impl From<&card::Card> for Card {
    fn from(card: &card::Card) -> Self {
        Self(card.to_string())
    }
}

impl utoipa::PartialSchema for Card {
    fn schema() -> RefOr<Schema> {
        let (suits, ranks) = (Suit::NAMES.join("|"), Rank::NAMES.join("|"));
        let card = ObjectBuilder::new().schema_type(Type::String).description(Some("A card: suit and rank."));
        card.pattern(Some(format!("^({suits})_({ranks})$"))).examples(["hearts_A"]).into()
    }
}

impl utoipa::ToSchema for Card {}

#[cfg(feature = "typescript")]
impl ts_rs::TS for Card {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &ts_rs::Config) -> String {
        "Card".to_owned()
    }

    fn inline(_: &ts_rs::Config) -> String {
        "`${Suit}_${Rank}`".to_owned()
    }

    fn decl(config: &ts_rs::Config) -> String {
        format!("type Card = {};", Self::inline(config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chips::Chips;
    use domain::ids::UserId;
    use domain::time::{Millis, Timestamp};
    use uuid::Uuid;

    /// Two types of the domain have names that depend on what a variant holds, and so can't be listed when compiling.
    #[test]
    fn statuses_and_seats_have_the_domains_names() {
        let since = Timestamp(0);
        use member::MembershipStatus::{Approved, Banned, Kicked, Left, Pending, Rejected};
        let statuses = [Pending { since }, Approved { since, watching: false }, Rejected, Left, Kicked, Banned];
        assert_eq!(statuses.map(|status| status.name()), MembershipStatus::ALL);

        let occupant = seat::Occupant::new(UserId(Uuid::nil()), Timestamp(0), Chips::new(1), Millis(0));
        let seats = [
            seat::Seat::Empty,
            seat::Seat::Active(occupant.clone()),
            seat::Seat::SittingOut(occupant.clone()),
            seat::Seat::Absent { occupant: occupant.clone(), since: Timestamp(0), sat_out: false },
            seat::Seat::Leaving { occupant, reason: seat::FreedReason::Left },
        ];
        assert_eq!(seats.each_ref().map(seat::Seat::status), SeatStatus::ALL);
    }
}
