//! Rooms, read without waiting for their writers; and signs of life, which wait for a look for silence only.

use async_trait::async_trait;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{RoomId, UserId};
use domain::room::Lifetimes;
use futures_util::{FutureExt, try_join};
use ports::store::{Rooms, Snapshot, StoreError, Touched};
use uuid::Uuid;

use crate::load;
use crate::rows::{ActionRow, count, set_online, timestamp};
use crate::schema::{actions, rooms};
use crate::statement::statement;
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

    async fn touch(&self, room: RoomId, user: UserId, lifetimes: &Lifetimes) -> Result<Touched, StoreError> {
        let touched = self.pool.ask(|conn| {
            // The token's row comes after the member's, as in every other transaction: two orders could block each other.
            // The clock is read once the member's row is had: a look for silence may have held it, and came first then.
            let sign = statement::<Timestamptz>(
                "WITH seen AS ( \
                     UPDATE room_players SET online = true, \
                         last_seen_at = greatest(last_seen_at, date_trunc('milliseconds', clock_timestamp())) \
                     WHERE room_id = $1 AND user_id = $2 AND status IN ('approved', 'pending') \
                     RETURNING last_seen_at, clock_timestamp() AS at \
                 ), slid AS ( \
                     UPDATE rejoin_tokens AS token SET expires_at = \
                         greatest(token.expires_at, seen.last_seen_at + $3 * interval '1 millisecond') \
                     FROM seen \
                     WHERE token.room_id = $1 AND token.user_id = $2 AND token.revoked_at IS NULL \
                 ) \
                 SELECT at FROM seen",
            );
            // A statement of its own: one that has waited sees what was there when it began.
            let room_now = statement::<(BigInt, Bool)>(
                "SELECT state.seq, EXISTS ( \
                     SELECT FROM room_seats AS seat \
                     WHERE seat.room_id = $1 AND seat.user_id = $2 AND seat.status = 'disconnected') \
                 FROM game_states AS state WHERE state.room_id = $1",
            );
            let sign = sign.bind(room).bind(user).bind(lifetimes.rejoin);
            let room_now = room_now.bind(room).bind(user);
            async move { try_join!(sign.load(&mut { conn }), room_now.load(&mut { conn })) }.boxed()
        });
        let (sign, room_now): (Vec<PgTimestamp>, Vec<(i64, bool)>) = touched.await?;
        let at = sign.into_iter().next().ok_or(StoreError::Missing("member"))?;
        let (seq, was_absent) = room_now.into_iter().next().ok_or(StoreError::Missing("room"))?;
        Ok(Touched { seq: count(seq)?, at: timestamp(at), was_absent })
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        self.pool.ask(|conn| set_online(room, user, false).execute(&mut { conn }).boxed()).await?;
        Ok(())
    }
}
