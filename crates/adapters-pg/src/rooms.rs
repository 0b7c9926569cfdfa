//! Rooms, read without waiting for their writers; and signs of life, which wait for a look for silence only.

use async_trait::async_trait;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{RoomId, UserId};
use domain::room::Lifetimes;
use futures_util::{FutureExt, try_join};
use ports::store::{Rooms, Sign, Snapshot, StoreError, Touched};
use uuid::Uuid;

use crate::load;
use crate::rows::{ActionRow, connection_lost, count, timestamp};
use crate::schema::{actions, rooms};
use crate::statement::{Statement, statement};
use crate::store::PgStore;

/// Everything in it is read as of one instant.
pub(crate) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How many of a room's last actions a snapshot has.
const RECENT_ACTIONS: i64 = 50;

impl PgStore {
    async fn read_snapshot(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        let (lease, state) = self.pool.begin_asking(SNAPSHOT, |conn| load::state(conn, id).boxed()).await?;
        let (conn, state) = (lease.conn(), state.ok_or(StoreError::Missing("room"))?);
        let recent = actions::table
            .filter(actions::room_id.eq(id.0))
            .order(actions::seq.desc())
            .limit(RECENT_ACTIONS)
            .select(ActionRow::as_select())
            .load(&mut { conn });
        let (parts, recent) = lease.ask(async { try_join!(load::parts(conn, state), recent) }).await?;
        lease.commit().await?;

        let (epoch, seq, at) = (parts.epoch(), parts.seq()?, timestamp(parts.service().clock));
        let recent = recent.iter().rev().map(ActionRow::past).collect::<Result<_, _>>()?;
        Ok(Snapshot { room: parts.room(&self.seal)?, epoch, seq, at, recent })
    }
}

#[async_trait]
impl Rooms for PgStore {
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        self.reads.read(id, self.read_snapshot(id)).await
    }

    async fn find_room_by_code(&self, code: &str) -> Result<Option<RoomId>, StoreError> {
        let room = self.pool.ask(|conn| {
            rooms::table.filter(rooms::code.eq(code.to_owned())).select(rooms::id).load(&mut { conn }).boxed()
        });
        Ok(room.await?.into_iter().next().map(RoomId))
    }

    async fn rooms_of(&self, user: UserId, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        // The states are named in its text: given as values, they would not be known to be those of the index.
        let rooms = self.pool.ask(|conn| {
            let here = statement::<SqlUuid>(
                "SELECT room_id FROM room_players WHERE user_id = $1 AND status IN ('pending', 'approved') \
                 ORDER BY since DESC LIMIT $2",
            );
            here.bind(user).bind(i64::from(limit)).load::<Uuid>(&mut { conn }).boxed()
        });
        Ok(rooms.await?.into_iter().map(RoomId).collect())
    }

    async fn room_password(&self, id: RoomId) -> Result<Option<String>, StoreError> {
        let hash = self.pool.ask(|conn| {
            rooms::table.find(id.0).select(rooms::password_hash).load::<Option<String>>(&mut { conn }).boxed()
        });
        hash.await?.into_iter().next().ok_or(StoreError::Missing("room"))
    }

    async fn touch(
        &self,
        room: RoomId,
        user: UserId,
        sign: Sign,
        lifetimes: &Lifetimes,
    ) -> Result<Touched, StoreError> {
        let by_line = sign == Sign::Line;
        let touched = self.pool.ask(|conn| {
            // Whoever has a seat is heard of there, whoever watches among the spectators: one row, and after it the token's, as in
            // every other transaction: two orders could block each other. The clock is read once the row is had: a look for
            // silence may have held it, and came first then. A token that has run out is good again when its owner's line is up,
            // not by a call.
            let seen = statement::<Timestamptz>(
                "WITH seat AS ( \
                     UPDATE room_seats SET \
                         last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
                     WHERE room_id = $1 AND user_id = $2 AND (status <> 'leaving' OR EXISTS ( \
                         SELECT FROM room_players WHERE room_id = $1 AND user_id = $2 AND status = 'approved')) \
                     RETURNING last_seen_at, clock_timestamp() AS at \
                 ), spectator AS ( \
                     UPDATE room_spectators SET \
                         last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
                     WHERE room_id = $1 AND user_id = $2 AND NOT EXISTS (SELECT FROM seat) \
                     RETURNING last_seen_at, clock_timestamp() AS at \
                 ), member AS ( \
                     UPDATE room_players SET \
                         last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
                     WHERE room_id = $1 AND user_id = $2 AND status IN ('approved', 'pending') \
                         AND NOT EXISTS (SELECT FROM seat) AND NOT EXISTS (SELECT FROM spectator) \
                     RETURNING last_seen_at, clock_timestamp() AS at \
                 ), seen AS ( \
                     SELECT * FROM seat UNION ALL SELECT * FROM spectator UNION ALL SELECT * FROM member \
                 ), slid AS ( \
                     UPDATE rejoin_tokens AS token SET expires_at = \
                         greatest(token.expires_at, seen.last_seen_at + $3 * interval '1 millisecond') \
                     FROM seen \
                     WHERE token.room_id = $1 AND token.user_id = $2 AND token.revoked_at IS NULL \
                         AND ($4 OR token.expires_at > seen.at) \
                 ) \
                 SELECT at FROM seen",
            );
            // Statements of their own: one that has waited sees what was there when it began.
            let line_up: Statement = statement(
                "UPDATE room_players SET online = true WHERE room_id = $1 AND user_id = $2 AND $3 AND NOT online \
                 AND status IN ('approved', 'pending')",
            );
            let room_now = statement::<(BigInt, Bool, Bool)>(
                "SELECT state.seq, EXISTS ( \
                     SELECT FROM room_seats AS seat \
                     WHERE seat.room_id = $1 AND seat.user_id = $2 AND seat.status = 'disconnected'), \
                 EXISTS ( \
                     SELECT FROM rooms AS room \
                     JOIN room_players AS host ON host.room_id = room.id AND host.user_id = room.host_id \
                     LEFT JOIN room_seats AS seat ON seat.room_id = room.id AND seat.user_id = room.host_id \
                     JOIN room_players AS me ON me.room_id = room.id AND me.user_id = $2 AND me.status = 'approved' \
                     LEFT JOIN room_spectators AS spectator \
                         ON spectator.room_id = room.id AND spectator.user_id = room.host_id \
                     WHERE room.id = $1 AND room.status = 'open' AND room.host_id <> $2 \
                       AND greatest(host.last_seen_at, seat.last_seen_at, spectator.last_seen_at) \
                           <= now() - $3 * interval '1 millisecond') \
                 FROM game_states AS state WHERE state.room_id = $1",
            );
            let line_up = line_up.bind(room).bind(user).bind(by_line);
            let sign = seen.bind(room).bind(user).bind(lifetimes.rejoin).bind(by_line);
            let room_now = room_now.bind(room).bind(user).bind(lifetimes.free_seat_after);
            async move {
                    try_join!(line_up.execute(&mut { conn }), sign.load(&mut { conn }), room_now.load(&mut { conn }))
                }
                .boxed()
        });
        let (_, sign, room_now): (usize, Vec<PgTimestamp>, Vec<(i64, bool, bool)>) = touched.await?;
        let at = sign.into_iter().next().ok_or(StoreError::Missing("member"))?;
        let (seq, was_absent, host_is_silent) = room_now.into_iter().next().ok_or(StoreError::Missing("room"))?;
        Ok(Touched { seq: count(seq)?, at: timestamp(at), was_absent, host_is_silent })
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        let noted = self.pool.ask(|conn| {
            let [offline, seen] = connection_lost(room, user);
            async move { try_join!(offline.execute(&mut { conn }), seen.execute(&mut { conn })) }.boxed()
        });
        noted.await?;
        Ok(())
    }
}
