//! Events as they are stored: the public part as JSON that programs and people can read, the secret part sealed.
//!
//! The names in here are in databases: they may be added to, never changed.

#[cfg(test)]
mod golden;
mod hands;
mod parts;
mod stored;

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
    Acted, AdjustedBy, BountyPaid, Committed, Event, EventKind, HandCompleted, HandStarted, Happened, OwnTurn,
    PotDistributed, RunsAsked, Secret, Share,
};
use domain::hand::{ActionKind, LegalActions};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, TokenId, UserId};
use domain::name::Name;
use domain::rules::Variant;
use domain::seat::FreedReason;
use domain::settings::Settings;
use ports::store::{HandTold, StoreError};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use hands::StreetAdvancedRow;
use parts::{CardText, ShareRow, ShownRow, boards, cards_text, further_boards};
use stored::{Stored, stored_events};

use crate::rows::{count, signed, time_of, timestamp};
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
    /// The most runs that a player accepts.
    Runs(u8),
    /// What would have come on each board.
    Boards {
        of: Uuid,
        boards: Vec<Vec<u8>>,
    },
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
            (Secret::Runs(runs), _) => Some(Self::Runs(*runs)),
            (Secret::Boards { of, boards }, _) => {
                let numbers = |board: &Vec<Card>| board.iter().map(|card| card.number()).collect();
                Some(Self::Boards { of: of.0, boards: boards.iter().map(numbers).collect() })
            }
        }
    }

    fn opened(self) -> Result<(Secret, Option<OwnTurn>), StoreError> {
        Ok(match self {
            Self::Cards(hands) => (Secret::Cards(hole_cards(hands)?), None),
            Self::Dealt { cards, turn } => (Secret::Cards(hole_cards(cards)?), Some(turn.turn()?)),
            Self::Token { of, id } => (Secret::Token { of: UserId(of), id: TokenId(id) }, None),
            Self::Turn(turn) => (Secret::None, Some(turn.turn()?)),
            Self::Runs(runs) => (Secret::Runs(runs), None),
            Self::Boards { of, boards } => {
                let board = |numbers: Vec<u8>| {
                    let cards: Option<Vec<Card>> = numbers.into_iter().map(Card::from_number).collect();
                    cards.ok_or(CORRUPT)
                };
                let boards = boards.into_iter().map(board).collect::<Result<_, _>>()?;
                (Secret::Boards { of: UserId(of), boards }, None)
            }
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

stored_events! {
    fields {
        JoinRequested { user: UserId, name: Name };
        Approved { user: UserId, name: Name };
        Rejected { user: UserId, name: Name };
        Seated { seat: SeatIndex, user: UserId, name: Name, chips: Chips };
        SpectatorJoined { user: UserId, name: Name };
        SpectatorLeft { user: UserId, name: Name };
        SeatFreed { seat: SeatIndex, user: UserId, reason: FreedReason, chips: Chips };
        Disconnected { user: UserId, seat: SeatIndex };
        Reconnected { user: UserId, seat: SeatIndex };
        SatOut { user: UserId, seat: SeatIndex };
        SatIn { user: UserId, seat: SeatIndex };
        MemberLeft { user: UserId };
        Kicked { user: UserId };
        HostChanged { user: UserId };
        SettingsChanged { settings: Settings };
        ChipsAdjusted { user: UserId, delta: i64, chips: Chips, by: AdjustedBy };
        GameStarted { game: GameId };
        GamePaused { game: GameId };
        GameResumed { game: GameId };
        GameEnded { game: GameId };
        RunsAnswered { hand: HandId, seat: SeatIndex, user: UserId };
        RunsDecided { hand: HandId, runs: u8 };
        RunDealt { hand: HandId, run: u8, board: Vec<Card> };
        CardsShown { hand: HandId, seat: SeatIndex, user: UserId, cards: Vec<Card> };
        RabbitShown { hand: HandId, user: UserId, boards: Option<Vec<Vec<Card>>> };
        BombPotQueued { by: UserId };
        BombPotCancelled { by: UserId };
    }
    part {
        RunsAsked(RunsAsked);
        HandStarted(HandStarted);
        Acted(Acted);
        PotDistributed(PotDistributed);
        HandCompleted(HandCompleted);
        BountyPaid(BountyPaid);
    }
    row {
        StreetAdvanced { hand, street, boards, pots, timer } as StreetAdvancedRow;
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
