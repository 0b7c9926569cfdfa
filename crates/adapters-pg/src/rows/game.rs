//! `games` and `game_states`: what changes with a hand, and what changes with an action.

use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use domain::button::{BlindPlaces, Places};
use domain::game::{Asked, Clock, Game, GameStatus, Turn};
use domain::ids::{Epoch, RoomId};
use domain::settings::Place;
use domain::time::{Millis, Timestamp};
use ports::store::StoreError;
use uuid::Uuid;

use super::{count, seat_index, signed, time_of, timestamp};
use crate::schema::{game_states, games};
use crate::statement::{Statement, statement};

#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = games)]
pub(crate) struct GameRow {
    pub(crate) id: Uuid,
    status: String,
    pub(crate) ending: bool,
    hand_number: i64,
    rotation_index: Option<i16>,
    rotation_left: Option<i16>,
    last_button: Option<i16>,
    last_small_blind: Option<i16>,
    last_big_blind: Option<i16>,
    pub(crate) bomb_pot_queued: bool,
}

impl GameRow {
    pub(crate) fn of(game: &Game) -> Self {
        let blinds = game.places.and_then(|places| places.blinds);
        Self {
            id: game.id.0,
            status: game.status.name().to_owned(),
            ending: game.ending,
            hand_number: signed(game.hand_number),
            rotation_index: game.rotation.map(|place| place.index.into()),
            rotation_left: game.rotation.map(|place| place.left.try_into().expect("a game has 500 hands at most")),
            last_button: game.places.map(|places| places.button.0.into()),
            last_small_blind: blinds.map(|blinds| blinds.small.0.into()),
            last_big_blind: blinds.map(|blinds| blinds.big.0.into()),
            bomb_pot_queued: game.bomb_pot_queued,
        }
    }

    pub(crate) fn rotation(&self) -> Result<Option<Place>, StoreError> {
        const CORRUPT: StoreError = StoreError::Corrupt("rotation");
        let Some((index, left)) = self.rotation_index.zip(self.rotation_left) else { return Ok(None) };
        let place = |index, left| Place { index, left };
        let read = u8::try_from(index).ok().zip(u16::try_from(left).ok());
        read.map(|(index, left)| Some(place(index, left))).ok_or(CORRUPT)
    }

    pub(crate) fn places(&self) -> Result<Option<Places>, StoreError> {
        let seat = |seat: Option<i16>| seat.map(seat_index).transpose();
        let (button, small, big) = (seat(self.last_button)?, seat(self.last_small_blind)?, seat(self.last_big_blind)?);
        let blinds = match (small, big) {
            (None, None) => None,
            (Some(small), Some(big)) => Some(BlindPlaces { small, big }),
            (Some(_), None) | (None, Some(_)) => return Err(StoreError::Corrupt("blinds")),
        };
        match button {
            Some(button) => Ok(Some(Places { button, blinds })),
            None if blinds.is_none() => Ok(None),
            None => Err(StoreError::Corrupt("button")),
        }
    }

    pub(crate) fn status(&self) -> Result<GameStatus, StoreError> {
        GameStatus::of_name(&self.status).ok_or(StoreError::Corrupt("game status"))
    }

    pub(crate) fn hand_number(&self) -> Result<u64, StoreError> {
        count(self.hand_number)
    }

    pub(crate) fn insert(self, room: RoomId) -> Statement {
        let insert = statement(
            "INSERT INTO games (id, status, ending, hand_number, room_id, rotation_index, rotation_left, last_button, \
             last_small_blind, last_big_blind, bomb_pot_queued) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        );
        insert
            .bind(self.id)
            .bind(self.status)
            .bind(self.ending)
            .bind(self.hand_number)
            .bind(room)
            .bind(self.rotation_index)
            .bind(self.rotation_left)
            .bind(self.last_button)
            .bind(self.last_small_blind)
            .bind(self.last_big_blind)
            .bind(self.bomb_pot_queued)
    }

    /// Notes as well when it began and ended.
    pub(crate) fn update(self, at: Timestamp) -> Statement {
        statement(
            "UPDATE games SET status = $2, ending = $3, hand_number = $4, \
             started_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE coalesce(started_at, $5) END, \
             ended_at = CASE WHEN $2 = 'completed' THEN coalesce(ended_at, $5) END, \
             rotation_index = $6, rotation_left = $7, last_button = $8, last_small_blind = $9, last_big_blind = $10, \
             bomb_pot_queued = $11 WHERE id = $1",
        )
        .bind(self.id)
        .bind(self.status)
        .bind(self.ending)
        .bind(self.hand_number)
        .bind(at)
        .bind(self.rotation_index)
        .bind(self.rotation_left)
        .bind(self.last_button)
        .bind(self.last_small_blind)
        .bind(self.last_big_blind)
        .bind(self.bomb_pot_queued)
    }
}

#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = game_states)]
pub(crate) struct StateRow {
    pub(crate) room_id: Uuid,
    pub(crate) game_id: Uuid,
    seq: i64,
    turn_number: i64,
    turn_seat: Option<i16>,
    turn_started_at: Option<PgTimestamp>,
    deadline_at: Option<PgTimestamp>,
    expires_at: Option<PgTimestamp>,
    frozen_time_ms: Option<i64>,
    frozen_bank_ms: Option<i64>,
    next_hand_at: Option<PgTimestamp>,
    pub(crate) current_hand_id: Option<Uuid>,
    wake_at: Option<PgTimestamp>,
    asks_at: Option<PgTimestamp>,
    /// How often the room was saved. The database counts: what is written has none.
    pub(crate) version: i64,
    /// Which log its number is a number of. The database makes it: what is written has none.
    epoch: Uuid,
    /// The number of the last outage that the room was forgiven. Written with the room, by whoever has forgiven it.
    pub(crate) forgiven: i64,
}

impl StateRow {
    pub(crate) fn of(room: RoomId, game: &Game, seq: u64) -> Self {
        let (deadline, expires, frozen) = match game.turn.map(|turn| turn.clock) {
            None | Some(Clock::Unlimited) => (None, None, None),
            Some(Clock::Running { deadline, expires }) => (Some(deadline), Some(expires), None),
            Some(Clock::Frozen { time, bank }) => (None, None, Some((time.0, bank.0))),
        };
        Self {
            room_id: room.0,
            game_id: game.id.0,
            seq: signed(seq),
            turn_number: signed(game.turn_number),
            turn_seat: game.turn.and_then(|turn| turn.actor()).map(|seat| seat.0.into()),
            turn_started_at: game.turn.map(|turn| time_of(turn.started_at)),
            deadline_at: deadline.map(time_of),
            expires_at: expires.map(time_of),
            frozen_time_ms: frozen.map(|(time, _)| time),
            frozen_bank_ms: frozen.map(|(_, bank)| bank),
            next_hand_at: game.next_hand_at.map(time_of),
            current_hand_id: game.dealt.as_ref().map(|dealt| dealt.id.0),
            wake_at: game.wake_at().map(time_of),
            asks_at: game.turn.and_then(|turn| turn.asks_at).map(time_of),
            version: 0,
            epoch: Uuid::nil(),
            forgiven: 0,
        }
    }

    /// Whether it says the same of the log, the hand and the turn. When to look again is left where it was by an action, and when
    /// to ask for the actor follows from their signs of life, of which another node may know more.
    pub(crate) fn is_same_turn(&self, other: &Self) -> bool {
        let other = Self {
            wake_at: self.wake_at,
            asks_at: self.asks_at,
            version: self.version,
            epoch: self.epoch,
            forgiven: self.forgiven,
            ..other.clone()
        };
        *self == other
    }

    pub(crate) fn asks_at(&self) -> Option<Timestamp> {
        self.asks_at.map(timestamp)
    }

    pub(crate) fn seq(&self) -> Result<u64, StoreError> {
        count(self.seq)
    }

    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    pub(crate) fn wakes_at(&self) -> Option<Timestamp> {
        self.wake_at.map(timestamp)
    }

    /// Whether somebody's action is waited for. While none is, the log says what players did beside their actions.
    pub(crate) fn has_actor(&self) -> bool {
        self.turn_seat.is_some()
    }

    pub(crate) fn turn_number(&self) -> Result<u64, StoreError> {
        count(self.turn_number)
    }

    pub(crate) fn next_hand_at(&self) -> Option<Timestamp> {
        self.next_hand_at.map(timestamp)
    }

    pub(crate) fn turn(&self) -> Result<Option<Turn>, StoreError> {
        let Some(started_at) = self.turn_started_at else { return Ok(None) };
        let running = self.deadline_at.zip(self.expires_at);
        let frozen = self.frozen_time_ms.zip(self.frozen_bank_ms);
        let clock = match (running, frozen) {
            (None, None) => Clock::Unlimited,
            (Some((deadline, expires)), None) => {
                Clock::Running { deadline: timestamp(deadline), expires: timestamp(expires) }
            }
            (None, Some((time, bank))) => Clock::Frozen { time: Millis(time), bank: Millis(bank) },
            (Some(_), Some(_)) => return Err(StoreError::Corrupt("clock")),
        };
        let actor = self.turn_seat.map(seat_index).transpose()?;
        let asked = actor.map_or(Asked::Runs, Asked::Actor);
        Ok(Some(Turn { asked, started_at: timestamp(started_at), clock, asks_at: self.asks_at() }))
    }

    /// Binds what an action changes: the last event's number, the turn, when to look again and when to ask for the actor.
    pub(crate) fn bind_turn<Row>(self, statement: Statement<Row>) -> Statement<Row> {
        statement
            .bind(self.seq)
            .bind(self.turn_number)
            .bind(self.turn_seat)
            .bind(self.turn_started_at)
            .bind(self.deadline_at)
            .bind(self.expires_at)
            .bind(self.wake_at)
            .bind(self.asks_at)
    }

    pub(crate) fn insert(self) -> Statement {
        self.bind(statement(
            "INSERT INTO game_states (room_id, game_id, seq, turn_number, turn_seat, turn_started_at, deadline_at, expires_at, \
             frozen_time_ms, frozen_bank_ms, next_hand_at, current_hand_id, wake_at, asks_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)",
        ))
    }

    pub(crate) fn update(self, forgiven: i64) -> Statement {
        let statement = self.bind(statement(
            "UPDATE game_states SET game_id = $2, seq = $3, turn_number = $4, turn_seat = $5, turn_started_at = $6, \
             deadline_at = $7, expires_at = $8, frozen_time_ms = $9, frozen_bank_ms = $10, next_hand_at = $11, \
             current_hand_id = $12, wake_at = $13, asks_at = $14, forgiven = greatest(forgiven, $15), version = version + 1 \
             WHERE room_id = $1",
        ));
        statement.bind(forgiven)
    }

    fn bind(self, statement: Statement) -> Statement {
        statement
            .bind(self.room_id)
            .bind(self.game_id)
            .bind(self.seq)
            .bind(self.turn_number)
            .bind(self.turn_seat)
            .bind(self.turn_started_at)
            .bind(self.deadline_at)
            .bind(self.expires_at)
            .bind(self.frozen_time_ms)
            .bind(self.frozen_bank_ms)
            .bind(self.next_hand_at)
            .bind(self.current_hand_id)
            .bind(self.wake_at)
            .bind(self.asks_at)
    }
}
