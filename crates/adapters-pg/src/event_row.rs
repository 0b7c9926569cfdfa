//! Events as they are stored: the public part as JSON that programs and people can read, the secret part sealed.
//!
//! The names in here are in databases: they may be added to, never changed.

#[cfg(test)]
mod golden;
mod hands;
mod parts;

use std::borrow::Cow;
use std::collections::BTreeMap;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::data_types::PgTimestamp;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Jsonb;
use domain::card::Card;
use domain::card::deck::HoleCards;
use domain::card::rank::HandRank;
use domain::chips::Chips;
use domain::event::{
    AdjustedBy, Committed, Event, EventKind, HandCompleted, Happened, OwnTurn, PotDistributed, Secret, Share,
};
use domain::hand::{ActionKind, LegalActions};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, TokenId, UserId};
use domain::rules::Variant;
use domain::seat::FreedReason;
use ports::store::{HandTold, StoreError};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use hands::{ActedRow, HandCompletedRow, HandStartedRow};
use parts::{
    AdjustedByRow, CardText, PartRow, PotRow, ShareRow, ShownRow, TimerRow, boards, cards_text, further_boards,
};

use crate::rows::{SettingsRow, count, name, signed, street, time_of, timestamp};
use crate::schema::room_events;
use crate::seal::Seal;
use crate::statement::{Statement, column, statement};

const CORRUPT: StoreError = StoreError::Corrupt("event");

/// JSON text, as `jsonb` takes and gives it.
#[derive(Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
pub(crate) struct Json(Vec<u8>);

impl Json {
    pub(crate) fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_vec(value).expect("rows have string keys and finite numbers"))
    }

    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_slice(&self.0).map_err(|_| CORRUPT)
    }
}

/// The version of `jsonb`'s binary form.
const JSONB_VERSION: u8 = 1;

impl ToSql<Jsonb, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        out.write_all(&[JSONB_VERSION])?;
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

impl FromSql<Jsonb, Pg> for Json {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((&JSONB_VERSION, text)) => Ok(Self(text.to_vec())),
            Some(_) | None => Err("an unknown version of jsonb".into()),
        }
    }
}

/// The public part of an event.
///
/// # Errors
///
/// - [`StoreError::Corrupt`]: an event of a later version is read, never written.
pub(crate) fn public_json(what: &Happened) -> Result<Json, StoreError> {
    PublicRow::of(what).map(|row| Json::of(&row)).ok_or(CORRUPT)
}

/// The hidden part of an event, if it has one.
pub(crate) fn sealed(room: RoomId, committed: &Committed, seal: &Seal) -> Option<Vec<u8>> {
    let hidden = SecretRow::of(&committed.event)?;
    Some(seal.event(&Json::of(&hidden).0, room, committed.seq))
}

/// The events of one change, in their order.
///
/// # Errors
///
/// - [`StoreError::Corrupt`]: see [`public_json`].
pub(crate) fn insert_events(room: RoomId, events: &[Committed], seal: &Seal) -> Result<Statement, StoreError> {
    let sealed = |committed: &Committed| sealed(room, committed, seal);
    let publics: Vec<Json> =
        events.iter().map(|committed| public_json(&committed.event.what)).collect::<Result<_, _>>()?;
    Ok(statement(
        "INSERT INTO room_events (room_id, seq, at, type, hand_id, public, sealed) \
         SELECT $1, event.* FROM unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::uuid[], $6::jsonb[], \
         $7::bytea[]) AS event",
    )
    .bind(room)
    .bind(column(events, |committed| signed(committed.seq)))
    .bind(column(events, |committed| time_of(committed.at)))
    .bind(Some(column(events, |committed| committed.event.what.name().to_owned())))
    .bind(column(events, |committed| committed.event.what.hand().map(|hand| hand.0)))
    .bind(publics)
    .bind(column(events, sealed)))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = room_events)]
pub(crate) struct EventRow {
    room_id: Uuid,
    seq: i64,
    at: PgTimestamp,
    kind: String,
    public: Json,
    sealed: Option<Vec<u8>>,
}

impl EventRow {
    pub(crate) fn committed(self, seal: &Seal) -> Result<Committed, StoreError> {
        let (seq, at) = (count(self.seq)?, timestamp(self.at));
        let what = happened(self.kind, &self.public)?;
        let (secret, turn) = match self.sealed {
            None => (Secret::None, None),
            // What a later version hides is for a later version to open.
            Some(_) if what.facts().kind.is_none() => (Secret::None, None),
            Some(sealed) => {
                let opened = seal.open_event(&sealed, RoomId(self.room_id), seq)?;
                Json(opened).parse::<SecretRow>()?.opened()?
            }
        };
        Ok(Committed { seq, at, event: Event { what, secret, turn } })
    }
}

/// The public part of the event with this name. One that a later version wrote may hold anything, but no event that is known by
/// another name.
fn happened(kind: String, public: &Json) -> Result<Happened, StoreError> {
    if EventKind::of_name(&kind).is_some() {
        return public.parse::<PublicRow>()?.happened();
    }
    let tags = public.parse::<BTreeMap<String, IgnoredAny>>().unwrap_or_default();
    if tags.keys().any(|tag| EventKind::of_name(tag).is_some()) {
        return Err(CORRUPT);
    }
    Ok(Happened::Foreign { kind })
}

type CardsRow = Vec<(Uuid, Vec<u8>)>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SecretRow {
    /// From before turns were kept, and for hands that were over at once.
    Cards(CardsRow),
    Dealt {
        cards: CardsRow,
        turn: TurnRow,
    },
    Token {
        of: Uuid,
        id: Uuid,
    },
    Turn(TurnRow),
}

/// What the player to act may do.
#[derive(Serialize, Deserialize)]
struct TurnRow {
    of: Uuid,
    actions: Vec<Cow<'static, str>>,
    call: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<u64>,
    rank: u32,
}

impl SecretRow {
    fn of(event: &Event) -> Option<Self> {
        let cards = |hands: &[(UserId, HoleCards)]| {
            let numbers = |hole: &HoleCards| hole.cards().iter().map(|card| card.number()).collect();
            hands.iter().map(|(user, hole)| (user.0, numbers(hole))).collect()
        };
        match (&event.secret, &event.turn) {
            (Secret::None, None) => None,
            (Secret::None, Some(turn)) => Some(Self::Turn(TurnRow::of(turn))),
            (Secret::Cards(hands), None) => Some(Self::Cards(cards(hands))),
            (Secret::Cards(hands), Some(turn)) => Some(Self::Dealt { cards: cards(hands), turn: TurnRow::of(turn) }),
            (Secret::Token { of, id }, _) => Some(Self::Token { of: of.0, id: id.0 }),
        }
    }

    fn opened(self) -> Result<(Secret, Option<OwnTurn>), StoreError> {
        Ok(match self {
            Self::Cards(hands) => (Secret::Cards(hole_cards(hands)?), None),
            Self::Dealt { cards, turn } => (Secret::Cards(hole_cards(cards)?), Some(turn.turn()?)),
            Self::Token { of, id } => (Secret::Token { of: UserId(of), id: TokenId(id) }, None),
            Self::Turn(turn) => (Secret::None, Some(turn.turn()?)),
        })
    }
}

fn hole_cards(hands: CardsRow) -> Result<Vec<(UserId, HoleCards)>, StoreError> {
    let hole = |numbers: Vec<u8>| {
        let cards: Option<Vec<Card>> = numbers.into_iter().map(Card::from_number).collect();
        cards.and_then(|cards| HoleCards::new(&cards)).ok_or(CORRUPT)
    };
    hands.into_iter().map(|(user, numbers)| Ok((UserId(user), hole(numbers)?))).collect()
}

impl TurnRow {
    fn of(turn: &OwnTurn) -> Self {
        let OwnTurn { of, legal, rank } = turn;
        Self {
            of: of.0,
            actions: legal.actions.iter().map(|action| action.name().into()).collect(),
            call: legal.call_amount.get(),
            min: legal.min_raise_to.map(Chips::get),
            max: legal.max_raise_to.map(Chips::get),
            rank: rank.packed(),
        }
    }

    fn turn(self) -> Result<OwnTurn, StoreError> {
        let action = |name: &Cow<'_, str>| ActionKind::of_name(name).ok_or(CORRUPT);
        Ok(OwnTurn {
            of: UserId(self.of),
            legal: LegalActions {
                actions: self.actions.iter().map(action).collect::<Result<_, _>>()?,
                call_amount: Chips::new(self.call),
                min_raise_to: self.min.map(Chips::new),
                max_raise_to: self.max.map(Chips::new),
            },
            rank: HandRank::from_packed(self.rank).ok_or(CORRUPT)?,
        })
    }
}

/// The winners of a finished hand. What they won it with isn't stored but found again, from the cards that they showed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Winners {
    board: Vec<CardText>,
    /// Where there was more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boards: Option<Vec<Vec<CardText>>>,
    /// Absent in hold'em.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    winners: Vec<ShareRow>,
    shown: Vec<ShownRow>,
}

impl Winners {
    pub(crate) fn of(done: &HandCompleted) -> Self {
        Self {
            board: done.boards.first().map_or_else(Vec::new, |board| cards_text(board)),
            boards: further_boards(&done.boards),
            variant: variant_text(done.variant),
            winners: done.winners.iter().map(ShareRow::of).collect(),
            shown: done.shown.iter().map(ShownRow::of).collect(),
        }
    }

    pub(crate) fn json(&self) -> Json {
        Json::of(self)
    }

    pub(crate) fn shares(json: &Json) -> Result<Vec<Share>, StoreError> {
        Ok(Self::told(json)?.winners)
    }

    pub(crate) fn told(json: &Json) -> Result<HandTold, StoreError> {
        json.parse::<Self>()?.read().map(|(_, told)| told)
    }

    fn read(self) -> Result<(Variant, HandTold), StoreError> {
        let variant = self.variant.map_or(Some(Variant::HoldEm), |name| Variant::of_name(&name)).ok_or(CORRUPT)?;
        let boards = boards(self.board, self.boards)?;
        let shown = self.shown.into_iter().map(|row| row.shown(variant, &boards)).collect::<Result<Vec<_>, _>>()?;
        let winners = self.winners.into_iter().map(|winner| winner.share(&shown)).collect::<Result<_, _>>()?;
        Ok((variant, HandTold { boards, winners, shown }))
    }
}

/// Which game, unless it is hold'em.
fn variant_text(variant: Variant) -> Option<String> {
    (variant != Variant::HoldEm).then(|| variant.name().to_owned())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PublicRow {
    JoinRequested {
        user: Uuid,
        name: String,
    },
    Approved {
        user: Uuid,
        name: String,
    },
    Rejected {
        user: Uuid,
        name: String,
    },
    Seated {
        seat: u8,
        user: Uuid,
        name: String,
        chips: u64,
    },
    SpectatorJoined {
        user: Uuid,
        name: String,
    },
    SpectatorLeft {
        user: Uuid,
        name: String,
    },
    SeatFreed {
        seat: u8,
        user: Uuid,
        reason: String,
        chips: u64,
    },
    Disconnected {
        user: Uuid,
        seat: u8,
    },
    Reconnected {
        user: Uuid,
        seat: u8,
    },
    SatOut {
        user: Uuid,
        seat: u8,
    },
    SatIn {
        user: Uuid,
        seat: u8,
    },
    MemberLeft {
        user: Uuid,
    },
    Kicked {
        user: Uuid,
    },
    HostChanged {
        user: Uuid,
    },
    SettingsChanged {
        settings: SettingsRow,
    },
    ChipsAdjusted {
        user: Uuid,
        delta: i64,
        chips: u64,
        by: AdjustedByRow,
    },
    GameStarted {
        game: Uuid,
    },
    GamePaused {
        game: Uuid,
    },
    GameResumed {
        game: Uuid,
    },
    GameEnded {
        game: Uuid,
    },
    HandStarted(HandStartedRow),
    Acted(ActedRow),
    StreetAdvanced {
        hand: Uuid,
        street: String,
        board: Vec<CardText>,
        /// Where there is more than one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boards: Option<Vec<Vec<CardText>>>,
        pots: Vec<PotRow>,
        timer: Option<TimerRow>,
    },
    PotDistributed {
        hand: Uuid,
        index: usize,
        amount: u64,
        winners: Vec<ShareRow>,
        /// Absent without a showdown, and in events from before it was kept.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<PartRow>,
    },
    HandCompleted(HandCompletedRow),
}

impl PublicRow {
    /// `None` for an event of a later version.
    fn of(what: &Happened) -> Option<Self> {
        let text = |name: &domain::name::Name| name.as_str().to_owned();
        Some(match what {
            Happened::JoinRequested { user, name } => Self::JoinRequested { user: user.0, name: text(name) },
            Happened::Approved { user, name } => Self::Approved { user: user.0, name: text(name) },
            Happened::Rejected { user, name } => Self::Rejected { user: user.0, name: text(name) },
            Happened::Seated { seat, user, name, chips } => {
                Self::Seated { seat: seat.0, user: user.0, name: text(name), chips: chips.get() }
            }
            Happened::SpectatorJoined { user, name } => Self::SpectatorJoined { user: user.0, name: text(name) },
            Happened::SpectatorLeft { user, name } => Self::SpectatorLeft { user: user.0, name: text(name) },
            Happened::SeatFreed { seat, user, reason, chips } => {
                Self::SeatFreed { seat: seat.0, user: user.0, reason: reason.name().to_owned(), chips: chips.get() }
            }
            Happened::Disconnected { user, seat } => Self::Disconnected { user: user.0, seat: seat.0 },
            Happened::Reconnected { user, seat } => Self::Reconnected { user: user.0, seat: seat.0 },
            Happened::SatOut { user, seat } => Self::SatOut { user: user.0, seat: seat.0 },
            Happened::SatIn { user, seat } => Self::SatIn { user: user.0, seat: seat.0 },
            Happened::MemberLeft { user } => Self::MemberLeft { user: user.0 },
            Happened::Kicked { user } => Self::Kicked { user: user.0 },
            Happened::HostChanged { user } => Self::HostChanged { user: user.0 },
            Happened::SettingsChanged { settings } => {
                Self::SettingsChanged { settings: SettingsRow::in_event(settings) }
            }
            Happened::ChipsAdjusted { user, delta, chips, by } => Self::ChipsAdjusted {
                user: user.0,
                delta: *delta,
                chips: chips.get(),
                by: match by {
                    AdjustedBy::TopUp => AdjustedByRow::TopUp,
                    AdjustedBy::Host { reason } => AdjustedByRow::Host { reason: reason.clone() },
                },
            },
            Happened::GameStarted { game } => Self::GameStarted { game: game.0 },
            Happened::GamePaused { game } => Self::GamePaused { game: game.0 },
            Happened::GameResumed { game } => Self::GameResumed { game: game.0 },
            Happened::GameEnded { game } => Self::GameEnded { game: game.0 },
            Happened::HandStarted(started) => Self::HandStarted(HandStartedRow::of(started)),
            Happened::Acted(acted) => Self::Acted(ActedRow::of(acted)),
            Happened::StreetAdvanced { hand, street, boards, pots, timer } => Self::StreetAdvanced {
                hand: hand.0,
                street: street.name().to_owned(),
                board: boards.first().map_or_else(Vec::new, |board| cards_text(board)),
                boards: further_boards(boards),
                pots: pots.iter().map(PotRow::of).collect(),
                timer: timer.as_ref().map(TimerRow::of),
            },
            Happened::PotDistributed(paid) => Self::PotDistributed {
                hand: paid.hand.0,
                index: paid.index,
                amount: paid.amount.get(),
                winners: paid.winners.iter().map(ShareRow::of).collect(),
                parts: paid.parts.iter().map(PartRow::of).collect(),
            },
            Happened::HandCompleted(done) => Self::HandCompleted(HandCompletedRow::of(done)),
            Happened::Foreign { .. } => return None,
        })
    }

    fn happened(self) -> Result<Happened, StoreError> {
        Ok(match self {
            Self::JoinRequested { user, name: text } => {
                Happened::JoinRequested { user: UserId(user), name: name(&text)? }
            }
            Self::Approved { user, name: text } => Happened::Approved { user: UserId(user), name: name(&text)? },
            Self::Rejected { user, name: text } => Happened::Rejected { user: UserId(user), name: name(&text)? },
            Self::Seated { seat, user, name: text, chips } => Happened::Seated {
                seat: SeatIndex(seat),
                user: UserId(user),
                name: name(&text)?,
                chips: Chips::new(chips),
            },
            Self::SpectatorJoined { user, name: text } => {
                Happened::SpectatorJoined { user: UserId(user), name: name(&text)? }
            }
            Self::SpectatorLeft { user, name: text } => {
                Happened::SpectatorLeft { user: UserId(user), name: name(&text)? }
            }
            Self::SeatFreed { seat, user, reason, chips } => {
                let reason = FreedReason::of_name(&reason).ok_or(CORRUPT)?;
                Happened::SeatFreed { seat: SeatIndex(seat), user: UserId(user), reason, chips: Chips::new(chips) }
            }
            Self::Disconnected { user, seat } => Happened::Disconnected { user: UserId(user), seat: SeatIndex(seat) },
            Self::Reconnected { user, seat } => Happened::Reconnected { user: UserId(user), seat: SeatIndex(seat) },
            Self::SatOut { user, seat } => Happened::SatOut { user: UserId(user), seat: SeatIndex(seat) },
            Self::SatIn { user, seat } => Happened::SatIn { user: UserId(user), seat: SeatIndex(seat) },
            Self::MemberLeft { user } => Happened::MemberLeft { user: UserId(user) },
            Self::Kicked { user } => Happened::Kicked { user: UserId(user) },
            Self::HostChanged { user } => Happened::HostChanged { user: UserId(user) },
            Self::SettingsChanged { settings } => Happened::SettingsChanged { settings: settings.settings()? },
            Self::ChipsAdjusted { user, delta, chips, by } => {
                let by = match by {
                    AdjustedByRow::TopUp => AdjustedBy::TopUp,
                    AdjustedByRow::Host { reason } => AdjustedBy::Host { reason },
                };
                Happened::ChipsAdjusted { user: UserId(user), delta, chips: Chips::new(chips), by }
            }
            Self::GameStarted { game } => Happened::GameStarted { game: GameId(game) },
            Self::GamePaused { game } => Happened::GamePaused { game: GameId(game) },
            Self::GameResumed { game } => Happened::GameResumed { game: GameId(game) },
            Self::GameEnded { game } => Happened::GameEnded { game: GameId(game) },
            Self::HandStarted(started) => Happened::HandStarted(started.started()?),
            Self::Acted(acted) => Happened::Acted(acted.acted()?),
            Self::StreetAdvanced { hand, street: named, board, boards: all, pots, timer } => Happened::StreetAdvanced {
                hand: HandId(hand),
                street: street(&named)?,
                boards: boards(board, all)?,
                pots: pots.into_iter().map(PotRow::pot).collect(),
                timer: timer.map(TimerRow::timer),
            },
            Self::PotDistributed { hand, index, amount, winners, parts } => Happened::PotDistributed(PotDistributed {
                hand: HandId(hand),
                index,
                amount: Chips::new(amount),
                winners: winners.into_iter().map(|winner| winner.share(&[])).collect::<Result<_, _>>()?,
                parts: parts.into_iter().map(PartRow::part).collect::<Result<_, _>>()?,
            }),
            Self::HandCompleted(done) => Happened::HandCompleted(done.completed()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use domain::event::HandStarted;
    use domain::hand::HandRules;
    use domain::rules::{RuleBook, Variant};
    use domain::time::Timestamp;

    use super::golden::{USER, hidden, started};
    use super::*;
    use crate::seal::ServerKey;

    #[test]
    fn the_secret_part_survives_and_cannot_be_read() {
        let seal = ServerKey::new([1; 32]).seal();
        let room = RoomId(Uuid::from_u128(9));
        for event in hidden() {
            let row = SecretRow::of(&event).unwrap();
            let sealed = seal.event(&Json::of(&row).0, room, 5);
            let opened = Json(seal.open_event(&sealed, room, 5).unwrap());
            assert_eq!(opened.parse::<SecretRow>().unwrap().opened().unwrap(), (event.secret, event.turn));
            assert!(seal.open_event(&sealed, room, 6).is_err());
            assert!(!sealed.windows(opened.0.len().min(8)).any(|bytes| opened.0.starts_with(bytes)));
        }
        assert!(SecretRow::of(&Happened::MemberLeft { user: USER }.into()).is_none());
    }

    #[test]
    fn the_hidden_part_of_a_deal_from_before_turns_were_kept_is_read() {
        let old = format!("{{\"cards\":[[\"{}\",[3,51]]]}}", Uuid::from_u128(4));
        let (secret, turn) = Json(old.into_bytes()).parse::<SecretRow>().unwrap().opened().unwrap();
        let hole = HoleCards::new(&[3, 51].map(|number| Card::from_number(number).unwrap())).unwrap();
        assert_eq!((secret, turn), (Secret::Cards(vec![(UserId(Uuid::from_u128(4)), hole)]), None));
    }

    #[test]
    fn a_turn_that_cannot_be_is_corrupt_and_no_panic() {
        for (action, rank) in [("DANCE", 0), ("FOLD", u32::MAX), ("FOLD", 0xf)] {
            let row = format!(
                "{{\"turn\":{{\"of\":\"{}\",\"actions\":[\"{action}\"],\"call\":0,\"rank\":{rank}}}}}",
                Uuid::nil()
            );
            assert!(Json(row.into_bytes()).parse::<SecretRow>().unwrap().opened().is_err());
        }
    }

    #[test]
    fn a_hand_from_before_there_was_a_second_rule_book_is_told_by_the_first() {
        let json = |book| {
            let rules = HandRules { book, ..started().rules };
            String::from_utf8(public_json(&Happened::HandStarted(HandStarted { rules, ..started() })).unwrap().0)
                .unwrap()
        };
        let old = json(RuleBook::OLDEST);
        assert!(!old.contains("rules"), "as it was stored then: {old}");
        let read = |text: &str| Json(text.as_bytes().to_vec()).parse::<PublicRow>().and_then(PublicRow::happened);
        let Ok(Happened::HandStarted(told)) = read(&old) else { panic!("{old}") };
        assert_eq!(told.rules.book, RuleBook::OLDEST);
        let new = json(RuleBook::current(Variant::HoldEm));
        assert!(new.contains(r#""rules":"nlhe/2""#), "{new}");
        let unknown = new.replace("nlhe/2", "nlhe/9999");
        assert!(matches!(read(&unknown), Err(StoreError::Corrupt(_))), "{unknown}");
    }

    fn row(kind: &str, public: &str, sealed: Option<&[u8]>) -> EventRow {
        EventRow {
            room_id: Uuid::from_u128(9),
            seq: 7,
            at: PgTimestamp(0),
            kind: kind.to_owned(),
            public: Json(public.as_bytes().to_vec()),
            sealed: sealed.map(<[u8]>::to_vec),
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_read_by_its_name_and_its_hidden_part_stays_shut() {
        let seal = ServerKey::new([1; 32]).seal();
        for public in [r#"{"chat_said":{"text":"hi"}}"#, r#"{"chat_said":null}"#, "{}", "[]", "7", r#""hi""#] {
            let read = row("chat_said", public, Some(b"sealed by a later version")).committed(&seal).unwrap();
            assert_eq!(
                (read.seq, read.event),
                (7, Happened::Foreign { kind: "chat_said".to_owned() }.into()),
                "{public}"
            );
        }
    }

    #[test]
    fn an_event_of_a_later_version_is_never_written() {
        let event = Committed::number(7, Timestamp(0), vec![Happened::Foreign { kind: "chat_said".to_owned() }.into()]);
        assert!(matches!(public_json(&event[0].event.what), Err(StoreError::Corrupt(_))));
        let seal = ServerKey::new([1; 32]).seal();
        assert!(insert_events(RoomId(Uuid::from_u128(9)), &event, &seal).is_err());
    }

    #[test]
    fn a_known_event_that_does_not_parse_is_corrupt_and_no_later_version() {
        let seal = ServerKey::new([1; 32]).seal();
        let known = r#"{"member_left":{"user":"00000000-0000-0000-0000-000000000001"}}"#;
        assert!(row("member_left", known, None).committed(&seal).is_ok());
        for (kind, public) in [
            ("seated", r#"{"seated":{"seat":1}}"#),
            ("seated", r#"{"chat_said":{"text":"hi"}}"#),
            ("seated", "{}"),
            ("chat_said", known),
            ("chat_said", r#"{"seated":{"seat":1}}"#),
        ] {
            assert!(matches!(row(kind, public, None).committed(&seal), Err(StoreError::Corrupt(_))), "{kind} {public}");
        }
    }

    #[test]
    fn an_event_that_cannot_be_is_corrupt_and_no_panic() {
        for text in [
            r#"{"seated":{"seat":1}}"#,
            r#"{"unheard_of":{}}"#,
            r#"[]"#,
            r#"{"seat_freed":{"seat":1,"user":"00000000-0000-0000-0000-000000000001","reason":"bored","chips":1}}"#,
            r#"{"seated":{"seat":1,"user":"00000000-0000-0000-0000-000000000001","name":"","chips":1}}"#,
            r#"{"street_advanced":{"hand":"00000000-0000-0000-0000-000000000001","street":"flop","board":["hearts_1"],"pots":[],"timer":null}}"#,
        ] {
            let parsed = Json(text.as_bytes().to_vec()).parse::<PublicRow>().and_then(PublicRow::happened);
            assert!(matches!(parsed, Err(StoreError::Corrupt(_))), "{text}");
        }
    }
}
