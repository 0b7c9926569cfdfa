//! `room_players`, `room_spectators` and `rejoin_tokens`: people, who of them watches, and what lets them back in.
//!
//! When somebody was last heard of is kept with their seat, else where they watch, else with the member.

use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use domain::button::Debts;
use domain::ids::{RoomId, TokenId, UserId};
use domain::member::{Member, MembershipStatus};
use domain::name::Name;
use domain::room::Room;
use domain::time::{Millis, Timestamp};
use domain::token::RejoinToken;
use ports::store::StoreError;
use uuid::Uuid;

use super::settings::ByName;
use super::{chips, name, time_of, timestamp};
use crate::schema::{rejoin_tokens, room_players};
use crate::seal::RejoinKey;
use crate::statement::{Statement, statement};

#[derive(Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = room_players)]
pub(crate) struct MemberRow {
    user_id: Uuid,
    display_name: String,
    status: String,
    since: Option<PgTimestamp>,
    waiting_chips: i64,
    last_seen_at: PgTimestamp,
    online: bool,
    timebank_used_ms: i64,
    /// Absent where nothing was chosen.
    preferences: Option<ByName>,
    owes_new: bool,
    owes_small_blind: bool,
    owes_big_blind: bool,
}

impl MemberRow {
    pub(crate) fn of(member: &Member) -> Self {
        let since = match member.status {
            MembershipStatus::Pending { since } | MembershipStatus::Approved { since, .. } => Some(time_of(since)),
            MembershipStatus::Rejected
            | MembershipStatus::Left
            | MembershipStatus::Kicked
            | MembershipStatus::Banned => None,
        };
        Self {
            user_id: member.user.0,
            display_name: member.name.as_str().to_owned(),
            status: member.status.name().to_owned(),
            since,
            waiting_chips: member.reserved.signed(),
            last_seen_at: time_of(member.last_seen),
            online: member.online,
            timebank_used_ms: member.timebank_used.0,
            preferences: ByName::of_preferences(&member.preferences),
            owes_new: member.debts.new,
            owes_small_blind: member.debts.small,
            owes_big_blind: member.debts.big,
        }
    }

    /// `watching` is when they were heard of as a spectator, if they are one.
    pub(crate) fn member(self, token: Option<TokenRow>, watching: Option<PgTimestamp>) -> Result<Member, StoreError> {
        let since = self.since.map(timestamp).ok_or(StoreError::Corrupt("member"));
        let status = match self.status.as_str() {
            "pending" => MembershipStatus::Pending { since: since? },
            "approved" => MembershipStatus::Approved { since: since?, watching: watching.is_some() },
            "rejected" => MembershipStatus::Rejected,
            "left" => MembershipStatus::Left,
            "kicked" => MembershipStatus::Kicked,
            "banned" => MembershipStatus::Banned,
            _ => return Err(StoreError::Corrupt("member")),
        };
        Ok(Member {
            user: UserId(self.user_id),
            name: name(&self.display_name)?,
            status,
            token: token.map(TokenRow::token),
            reserved: chips(self.waiting_chips)?,
            timebank_used: Millis(self.timebank_used_ms),
            last_seen: timestamp(self.last_seen_at).max(watching.map(timestamp).unwrap_or_default()),
            online: self.online,
            preferences: self.preferences.map_or(Ok(Default::default()), |chosen| chosen.preferences())?,
            debts: Debts { new: self.owes_new, small: self.owes_small_blind, big: self.owes_big_blind },
        })
    }

    /// Whether more than [`set_online`] and a sign of life has to be written.
    pub(crate) fn differs(&self, before: &Self) -> bool {
        *self != Self { online: self.online, last_seen_at: self.last_seen_at, ..before.clone() }
    }

    pub(crate) fn user(&self) -> UserId {
        UserId(self.user_id)
    }

    pub(crate) fn user_id(&self) -> Uuid {
        self.user_id
    }

    pub(crate) fn is_online(&self) -> bool {
        self.online
    }

    /// Signs of life come in without the room's lock: what is saved from under it never moves them back, and leaves it to
    /// [`set_online`] whether a known member's line is up.
    pub(crate) fn upsert(self, room: RoomId) -> Statement {
        statement(
            "INSERT INTO room_players \
             (room_id, user_id, display_name, status, since, waiting_chips, last_seen_at, online, timebank_used_ms, preferences, \
             owes_new, owes_small_blind, owes_big_blind) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT (room_id, user_id) DO UPDATE SET display_name = excluded.display_name, status = excluded.status, \
             since = excluded.since, waiting_chips = excluded.waiting_chips, timebank_used_ms = excluded.timebank_used_ms, \
             preferences = excluded.preferences, owes_new = excluded.owes_new, \
             owes_small_blind = excluded.owes_small_blind, owes_big_blind = excluded.owes_big_blind, \
             last_seen_at = greatest(room_players.last_seen_at, excluded.last_seen_at), \
             gone_at = CASE WHEN excluded.status IN ('rejected', 'left') THEN now() END",
        )
        .bind(room)
        .bind(self.user_id)
        .bind(self.display_name)
        .bind(self.status)
        .bind(self.since)
        .bind(self.waiting_chips)
        .bind(self.last_seen_at)
        .bind(self.online)
        .bind(self.timebank_used_ms)
        .bind(self.preferences.map(|chosen| chosen.json()))
        .bind(self.owes_new)
        .bind(self.owes_small_blind)
        .bind(self.owes_big_blind)
    }
}

pub(crate) fn set_online(room: RoomId, user: UserId, online: bool) -> Statement {
    statement("UPDATE room_players SET online = $3 WHERE room_id = $1 AND user_id = $2")
        .bind(room)
        .bind(user)
        .bind(online)
}

/// The last line of theirs on a node went down. They were there until now.
pub(crate) fn connection_lost(room: RoomId, user: UserId) -> [Statement; 2] {
    let offline = set_online(room, user, false);
    let seen = statement(
        "WITH seat AS ( \
             UPDATE room_seats SET last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
             WHERE room_id = $1 AND user_id = $2 RETURNING user_id \
         ), spectator AS ( \
             UPDATE room_spectators SET last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
             WHERE room_id = $1 AND user_id = $2 AND NOT EXISTS (SELECT FROM seat) RETURNING user_id \
         ) \
         UPDATE room_players SET last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
         WHERE room_id = $1 AND user_id = $2 AND NOT EXISTS (SELECT FROM seat) AND NOT EXISTS (SELECT FROM spectator)",
    );
    [offline, seen.bind(room).bind(user)]
}

pub(crate) fn watch(room: RoomId, user: UserId, name: &Name, last_seen: Timestamp) -> Statement {
    statement(
        "INSERT INTO room_spectators (room_id, user_id, display_name, joined_at, last_seen_at) VALUES ($1, $2, $3, now(), $4) \
         ON CONFLICT (room_id, user_id) DO UPDATE SET display_name = excluded.display_name, \
         last_seen_at = greatest(room_spectators.last_seen_at, excluded.last_seen_at)",
    )
    .bind(room)
    .bind(user)
    .bind(name.as_str())
    .bind(last_seen)
}

pub(crate) fn unwatch(room: RoomId, user: UserId) -> Statement {
    statement("DELETE FROM room_spectators WHERE room_id = $1 AND user_id = $2").bind(room).bind(user)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rejoin_tokens)]
pub(crate) struct TokenRow {
    id: Uuid,
    expires_at: PgTimestamp,
}

impl TokenRow {
    fn token(self) -> RejoinToken {
        RejoinToken { id: TokenId(self.id), expires_at: timestamp(self.expires_at) }
    }
}

/// What a token says of its owner: copies of what the room says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound {
    role: &'static str,
    seat_index: Option<i16>,
}

impl Bound {
    pub(crate) fn of(room: &Room, user: UserId) -> Self {
        Self { role: room.token_role(user), seat_index: room.occupied_seat_of(user).map(|seat| seat.0.into()) }
    }
}

pub(crate) fn insert_token(
    room: RoomId,
    user: UserId,
    (token, bound): (&RejoinToken, Bound),
    key: &RejoinKey,
) -> Statement {
    statement(
        "INSERT INTO rejoin_tokens (id, room_id, user_id, role, seat_index, token_hash, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
    )
    .bind(token.id)
    .bind(room)
    .bind(user)
    .bind(bound.role)
    .bind(bound.seat_index)
    .bind(key.hash(token.id))
    .bind(token.expires_at)
}

/// The current token says this of its owner now.
pub(crate) fn bind_token(room: RoomId, user: UserId, bound: Bound) -> Statement {
    statement(
        "UPDATE rejoin_tokens SET role = $3, seat_index = $4 WHERE room_id = $1 AND user_id = $2 AND revoked_at IS NULL",
    )
    .bind(room)
    .bind(user)
    .bind(bound.role)
    .bind(bound.seat_index)
}

/// Revokes the current token.
pub(crate) fn revoke_token(room: RoomId, user: UserId) -> Statement {
    statement("UPDATE rejoin_tokens SET revoked_at = now() WHERE room_id = $1 AND user_id = $2 AND revoked_at IS NULL")
        .bind(room)
        .bind(user)
}

/// The one before is revoked first.
pub(crate) fn renew_token(room: RoomId, user: UserId, token: (&RejoinToken, Bound), key: &RejoinKey) -> [Statement; 2] {
    [revoke_token(room, user), insert_token(room, user, token, key)]
}

/// The current tokens of these users are good until `expires_at` at least: signs of life slide them too.
///
/// The users are an array, which is looked up in the index however many there are thought to be; joined with rows, a table that
/// isn't big yet is read from end to end.
pub(crate) fn slide_tokens(room: RoomId, users: Vec<Uuid>, expires_at: Timestamp) -> Statement {
    statement(
        "UPDATE rejoin_tokens SET expires_at = greatest(expires_at, $3) \
         WHERE room_id = $1 AND user_id = ANY ($2) AND revoked_at IS NULL",
    )
    .bind(room)
    .bind(users)
    .bind(expires_at)
}
