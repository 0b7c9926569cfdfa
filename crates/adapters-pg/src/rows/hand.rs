//! `hands`, `players` and `actions`: what a hand is replayed from.

use std::collections::BTreeMap;

use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Seed;
use domain::chips::Chips;
use domain::event::{Acted, HandCompleted};
use domain::game::{Beside, Dealt};
use domain::hand::{Action, ActionKind, Hand, HandRules, HandSetup};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::rules::RuleBook;
use domain::settings::RabbitHunt;
use domain::time::{Millis, Timestamp};
use domain::view::hydration::PastAction;
use ports::store::StoreError;
use uuid::Uuid;

use super::house::HouseRow;
use super::{action_kind, chips, count, seat_index, signed, street, timestamp};
use crate::event_row::{Json, Winners};
use crate::schema::{actions, hands, players};
use crate::seal::Seal;
use crate::statement::{Statement, column, statement};

#[derive(Queryable, Selectable)]
#[diesel(table_name = hands)]
pub(crate) struct HandRow {
    id: Uuid,
    pub(crate) room_id: Uuid,
    hand_number: i64,
    button_seat: i16,
    small_blind: i64,
    big_blind: i64,
    ante: i64,
    rules: String,
    action_timeout_ms: i64,
    started_at: PgTimestamp,
    sealed_deck: Vec<u8>,
    sealed_seed: Option<Vec<u8>>,
    completed_at: Option<PgTimestamp>,
    pub(crate) pot: Option<i64>,
    /// How it differs from a plain one; absent in those.
    house: Option<Json>,
}

impl HandRow {
    pub(crate) fn number(&self) -> Result<u64, StoreError> {
        count(self.hand_number)
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        timestamp(self.started_at)
    }

    pub(crate) fn completed_at(&self) -> Option<Timestamp> {
        self.completed_at.map(timestamp)
    }

    pub(crate) fn button(&self) -> Result<SeatIndex, StoreError> {
        seat_index(self.button_seat)
    }

    /// Without what [`HouseRow`] has.
    fn plain_rules(&self) -> Result<HandRules, StoreError> {
        Ok(HandRules {
            book: RuleBook::from_text(&self.rules).ok_or(StoreError::Corrupt("rule book"))?,
            small_blind: chips(self.small_blind)?,
            big_blind: chips(self.big_blind)?,
            ante: chips(self.ante)?,
            button_blind: Chips::ZERO,
        })
    }

    /// What it is dealt from.
    pub(crate) fn setup(&self, players: &[PlayerRow]) -> Result<HandSetup, StoreError> {
        let players = players.iter().map(|player| Ok((player.seat()?, chips(player.stack)?)));
        let players = players.collect::<Result<Vec<_>, StoreError>>()?;
        let plain = HandSetup::plain(self.plain_rules()?, self.button()?, players);
        self.house()?.apply(plain)
    }

    fn house(&self) -> Result<HouseRow, StoreError> {
        self.house.as_ref().map_or_else(|| Ok(HouseRow::default()), Json::parse)
    }

    /// How often the missing cards were run, if that was decided.
    pub(crate) fn runs(&self) -> Result<Option<u8>, StoreError> {
        Ok(self.house()?.runs)
    }

    /// How long it is asked how often.
    pub(crate) fn run_vote(&self) -> Result<Option<Millis>, StoreError> {
        Ok(self.house()?.run_vote())
    }

    /// Who may see what would have come.
    pub(crate) fn rabbit_hunt(&self) -> Result<RabbitHunt, StoreError> {
        self.house()?.rabbit_hunt()
    }

    pub(crate) fn action_timeout(&self) -> Millis {
        Millis(self.action_timeout_ms)
    }

    /// The cards that it is dealt from.
    pub(crate) fn deck(&self, seal: &Seal) -> Result<Deck, StoreError> {
        seal.open_deck(&self.sealed_deck, RoomId(self.room_id), HandId(self.id))
    }

    /// What the deck and its proofs follow from.
    pub(crate) fn seed(&self, seal: &Seal) -> Result<Option<Seed>, StoreError> {
        let sealed = self.sealed_seed.as_ref();
        sealed.map(|sealed| seal.open_seed(sealed, RoomId(self.room_id), HandId(self.id))).transpose()
    }

    /// Plays the hand again, up to its last action.
    pub(crate) fn replay(
        self,
        mut players: Vec<PlayerRow>,
        mut actions: Vec<ActionRow>,
        seal: &Seal,
    ) -> Result<Dealt, StoreError> {
        const CORRUPT: StoreError = StoreError::Corrupt("hand");
        players.sort_by_key(|player| player.seat_index);
        actions.sort_by_key(|action| action.seq);

        let setup = self.setup(&players)?;
        // What dealing would panic at.
        setup.check().map_err(|_| CORRUPT)?;
        let users = players.iter().map(|player| Ok((player.seat()?, player.user())));
        let users: BTreeMap<_, _> = users.collect::<Result<_, StoreError>>()?;

        let deck = self.deck(seal)?;
        if deck.pack() != setup.rules.game().pack {
            return Err(CORRUPT);
        }
        let seed = self.seed(seal)?;
        let (run_vote, rabbit_hunt) = (self.run_vote()?, self.rabbit_hunt()?);
        let actions: Vec<_> = actions.iter().map(ActionRow::action).collect::<Result<_, _>>()?;
        let hand = Hand::replay(setup, deck, actions, self.runs()?).map_err(|_| CORRUPT)?;
        if hand.is_complete() != self.completed_at.is_some() {
            return Err(CORRUPT);
        }
        Ok(Dealt {
            id: HandId(self.id),
            number: self.number()?,
            started_at: self.started_at(),
            completed_at: self.completed_at(),
            action_timeout: self.action_timeout(),
            players: users,
            hand,
            seed,
            run_vote,
            rabbit_hunt,
            beside: Beside::default(),
        })
    }
}

pub(crate) fn insert_hand(room: RoomId, game: GameId, dealt: &Dealt, seal: &Seal) -> Statement {
    let setup = dealt.hand.setup();
    statement(
        "INSERT INTO hands (id, room_id, game_id, hand_number, button_seat, small_blind, big_blind, ante, action_timeout_ms, \
         started_at, sealed_deck, sealed_seed, rules, house) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(dealt.id)
    .bind(room)
    .bind(game)
    .bind(signed(dealt.number))
    .bind(setup.button)
    .bind(setup.rules.small_blind)
    .bind(setup.rules.big_blind)
    .bind(setup.rules.ante)
    .bind(dealt.action_timeout)
    .bind(dealt.started_at)
    .bind(seal.deck(dealt.hand.deck(), room, dealt.id))
    .bind(dealt.seed.as_ref().map(|seed| seal.seed(seed, room, dealt.id)))
    .bind(setup.rules.book.to_string())
    .bind(HouseRow::of_dealt(dealt).json())
}

/// Cards that came to be seen are stored in clear, and only now. `runs` is how often the missing ones were run, if that was
/// decided.
pub(crate) fn complete_hand(done: &HandCompleted, runs: Option<u8>, at: Timestamp) -> Statement {
    let pot: domain::chips::Chips = done.winners.iter().map(|winner| winner.amount).sum();
    statement(
        "UPDATE hands SET completed_at = $2, board = $3, pot = $4, winners = $5, \
         house = CASE WHEN $6::smallint IS NULL THEN house \
             ELSE coalesce(house, '{}') || jsonb_build_object('runs', $6::smallint) END WHERE id = $1",
    )
    .bind(done.hand)
    .bind(at)
    .bind(done.boards.first().map(|board| board.iter().map(Card::to_string).collect::<Vec<_>>()))
    .bind(pot)
    .bind(Winners::of(done).json())
    .bind(runs.map(i16::from))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = players)]
pub(crate) struct PlayerRow {
    seat_index: i16,
    user_id: Uuid,
    pub(crate) display_name: String,
    pub(crate) stack: i64,
}

impl PlayerRow {
    pub(crate) fn seat(&self) -> Result<SeatIndex, StoreError> {
        seat_index(self.seat_index)
    }

    pub(crate) fn user(&self) -> UserId {
        UserId(self.user_id)
    }
}

/// Who was dealt into a hand: by seat, who that is, what they are called, and their chips.
pub(crate) fn insert_players(room: RoomId, hand: HandId, players: &[(SeatIndex, UserId, &Name, Chips)]) -> Statement {
    statement(
        "INSERT INTO players (hand_id, room_id, seat_index, user_id, display_name, stack) \
         SELECT $1, $2, player.* FROM unnest($3::smallint[], $4::uuid[], $5::text[], $6::bigint[]) AS player",
    )
    .bind(hand)
    .bind(room)
    .bind(column(players, |(seat, ..)| i16::from(seat.0)))
    .bind(column(players, |(_, user, ..)| user.0))
    .bind(column(players, |(_, _, name, _)| name.as_str()))
    .bind(column(players, |(.., stack)| stack.signed()))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = actions)]
pub(crate) struct ActionRow {
    seq: i64,
    hand_id: Uuid,
    turn: Option<i64>,
    seat_index: i16,
    user_id: Uuid,
    street: String,
    action: String,
    amount: i64,
    auto: bool,
    at: PgTimestamp,
}

impl ActionRow {
    fn action(&self) -> Result<(SeatIndex, Action), StoreError> {
        let action = match action_kind(&self.action)? {
            ActionKind::Fold => Action::Fold,
            ActionKind::Check => Action::Check,
            ActionKind::Call => Action::Call,
            ActionKind::Bet => Action::Bet(chips(self.amount)?),
            ActionKind::Raise => Action::Raise(chips(self.amount)?),
            ActionKind::AllIn => Action::AllIn,
        };
        Ok((seat_index(self.seat_index)?, action))
    }

    /// Who did what, and when, if it is event `seq` and a player answered their turn with it.
    pub(crate) fn of_player(&self, seq: u64) -> Option<(UserId, Action, Timestamp)> {
        let answered = self.turn.is_some() && !self.auto && self.seq == signed(seq);
        let (_, action) = self.action().ok()?;
        answered.then(|| (UserId(self.user_id), action, timestamp(self.at)))
    }

    pub(crate) fn past(&self) -> Result<PastAction, StoreError> {
        Ok(PastAction {
            seq: count(self.seq)?,
            hand: HandId(self.hand_id),
            user: UserId(self.user_id),
            seat: seat_index(self.seat_index)?,
            street: street(&self.street)?,
            kind: action_kind(&self.action)?,
            amount: chips(self.amount)?,
            at: timestamp(self.at),
        })
    }
}

pub(crate) fn insert_action(room: RoomId, seq: u64, acted: &Acted, at: Timestamp) -> Statement {
    statement(
        "INSERT INTO actions (room_id, seq, hand_id, turn, seat_index, user_id, street, action, amount, auto, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(room)
    .bind(signed(seq))
    .bind(acted.hand)
    .bind(acted.turn.map(signed))
    .bind(acted.seat)
    .bind(acted.user)
    .bind(acted.street.name())
    .bind(acted.kind.name())
    .bind(acted.amount)
    .bind(acted.auto)
    .bind(at)
}
