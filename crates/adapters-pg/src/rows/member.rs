//! `room_players`, `room_spectators` and `rejoin_tokens`: people, who of them watches, and what lets them back in.

use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use domain::ids::{RoomId, TokenId, UserId};
use domain::member::{Member, Standing};
use domain::name::Name;
use domain::time::{Millis, Timestamp};
use domain::token::RejoinToken;
use ports::store::StoreError;
use uuid::Uuid;

use super::{chips, name, role, time_of, timestamp};
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
}

impl MemberRow {
    pub(crate) fn of(member: &Member) -> Self {
        let since = match member.standing {
            Standing::Pending { since } | Standing::Approved { since, .. } => Some(time_of(since)),
            Standing::Rejected | Standing::Left | Standing::Kicked | Standing::Banned => None,
        };
        Self {
            user_id: member.user.0,
            display_name: member.name.as_str().to_owned(),
            status: member.standing.name().to_owned(),
            since,
            waiting_chips: member.waiting.signed(),
            last_seen_at: time_of(member.last_seen),
            online: member.online,
            timebank_used_ms: member.timebank_used.0,
        }
    }

    pub(crate) fn member(self, token: Option<TokenRow>, watching: bool) -> Result<Member, StoreError> {
        let since = self.since.map(timestamp).ok_or(StoreError::Corrupt("member"));
        let standing = match self.status.as_str() {
            "pending" => Standing::Pending { since: since? },
            "approved" => Standing::Approved { since: since?, watching },
            "rejected" => Standing::Rejected,
            "left" => Standing::Left,
            "kicked" => Standing::Kicked,
            "banned" => Standing::Banned,
            _ => return Err(StoreError::Corrupt("member")),
        };
        Ok(Member {
            user: UserId(self.user_id),
            name: name(&self.display_name)?,
            standing,
            token: token.map(TokenRow::token).transpose()?,
            waiting: chips(self.waiting_chips)?,
            timebank_used: Millis(self.timebank_used_ms),
            last_seen: timestamp(self.last_seen_at),
            online: self.online,
        })
    }

    /// Whether more than [`set_online`] has to be written.
    pub(crate) fn differs(&self, before: &Self) -> bool {
        *self != Self { online: self.online, ..before.clone() }
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
             (room_id, user_id, display_name, status, since, waiting_chips, last_seen_at, online, timebank_used_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (room_id, user_id) DO UPDATE SET display_name = excluded.display_name, status = excluded.status, \
             since = excluded.since, waiting_chips = excluded.waiting_chips, timebank_used_ms = excluded.timebank_used_ms, \
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
    }
}

pub(crate) fn set_online(room: RoomId, user: UserId, online: bool) -> Statement {
    statement("UPDATE room_players SET online = $3 WHERE room_id = $1 AND user_id = $2")
        .bind(room)
        .bind(user)
        .bind(online)
}

pub(crate) fn watch(room: RoomId, user: UserId, name: &Name) -> Statement {
    statement(
        "INSERT INTO room_spectators (room_id, user_id, display_name, joined_at) VALUES ($1, $2, $3, now()) \
         ON CONFLICT (room_id, user_id) DO UPDATE SET display_name = excluded.display_name",
    )
    .bind(room)
    .bind(user)
    .bind(name.as_str())
}

pub(crate) fn unwatch(room: RoomId, user: UserId) -> Statement {
    statement("DELETE FROM room_spectators WHERE room_id = $1 AND user_id = $2").bind(room).bind(user)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rejoin_tokens)]
pub(crate) struct TokenRow {
    id: Uuid,
    role: String,
    expires_at: PgTimestamp,
}

impl TokenRow {
    fn token(self) -> Result<RejoinToken, StoreError> {
        Ok(RejoinToken { id: TokenId(self.id), role: role(&self.role)?, expires_at: timestamp(self.expires_at) })
    }
}

pub(crate) fn insert_token(room: RoomId, user: UserId, token: &RejoinToken, key: &RejoinKey) -> Statement {
    statement(
        "INSERT INTO rejoin_tokens (id, room_id, user_id, role, token_hash, expires_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, now())",
    )
    .bind(token.id)
    .bind(room)
    .bind(user)
    .bind(token.role.name())
    .bind(key.hash(token.id))
    .bind(token.expires_at)
}

/// Revokes the current token.
pub(crate) fn revoke_token(room: RoomId, user: UserId) -> Statement {
    statement("UPDATE rejoin_tokens SET revoked_at = now() WHERE room_id = $1 AND user_id = $2 AND revoked_at IS NULL")
        .bind(room)
        .bind(user)
}

/// The one before is revoked first.
pub(crate) fn renew_token(room: RoomId, user: UserId, token: &RejoinToken, key: &RejoinKey) -> [Statement; 2] {
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
