//! What the clock needs. `now()` outside of a transaction is when the statement began, and lets an index be used.

use async_trait::async_trait;
use diesel::pg::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::RoomId;
use domain::room::Lifetimes;
use domain::time::Millis;
use futures_util::FutureExt;
use ports::store::{Clockwork, Due, Outage, StoreError};
use uuid::Uuid;

use crate::retention;
use crate::rows::{time_of, timestamp};
use crate::schema::game_states;
use crate::statement::{Statement, statement};
use crate::store::PgStore;

#[async_trait]
impl Clockwork for PgStore {
    async fn due_rooms(&self, limit: u32) -> Result<Due, StoreError> {
        // One more than asked for, and the next: the first that isn't taken is the next deadline, come or not.
        let rows = self.pool.ask(|conn| {
            let waking = statement::<(SqlUuid, Timestamptz, Timestamptz)>(
                "SELECT room_id, wake_at, now() FROM ( \
                     (SELECT room_id, wake_at FROM game_states WHERE wake_at <= now() ORDER BY wake_at LIMIT $1) \
                     UNION ALL \
                     (SELECT room_id, wake_at FROM game_states WHERE wake_at > now() ORDER BY wake_at LIMIT 1) \
                 ) AS waking ORDER BY wake_at",
            );
            waking.bind(i64::from(limit) + 1).load::<(Uuid, PgTimestamp, PgTimestamp)>(&mut { conn }).boxed()
        });
        let rows = rows.await?;
        let taken = rows.iter().take(limit as usize).take_while(|(_, wake_at, now)| wake_at <= now).count();
        let (due, rest) = rows.split_at(taken);
        let next = rest.first().map(|(_, wake_at, now)| (timestamp(*wake_at), timestamp(*now)));
        Ok(Due {
            rooms: due.iter().map(|(room, ..)| RoomId(*room)).collect(),
            next_in: next.map(|(wake_at, now)| wake_at - now),
            next_at: next.map(|(wake_at, _)| wake_at),
        })
    }

    async fn pulse(&self, tolerance: Millis) -> Result<Option<Outage>, StoreError> {
        let noted = self.pool.ask(|conn| {
            let note: Statement = statement(
                "INSERT INTO service_pulse (alive_at) VALUES (date_trunc('milliseconds', now())) \
                 ON CONFLICT (id) DO UPDATE SET alive_at = greatest(service_pulse.alive_at, excluded.alive_at) \
                 WHERE abs(extract(epoch FROM now() - service_pulse.alive_at)) * 1000 <= $1",
            );
            note.bind(tolerance).execute(&mut { conn }).boxed()
        });
        if noted.await? > 0 {
            return Ok(None);
        }
        // Another node may have ended the outage meanwhile: then there is none any more.
        let silent = self.pool.ask(|conn| {
            statement::<Timestamptz>(
                "SELECT alive_at FROM service_pulse WHERE abs(extract(epoch FROM now() - alive_at)) * 1000 > $1",
            )
            .bind(tolerance)
            .load::<PgTimestamp>(&mut { conn })
            .boxed()
        });
        Ok(silent.await?.into_iter().next().map(|alive_at| Outage { began: timestamp(alive_at) }))
    }

    async fn rooms_with_running_clock(&self) -> Result<Vec<RoomId>, StoreError> {
        let rooms = self.pool.ask(|conn| {
            let running = game_states::table.filter(game_states::wake_at.is_not_null());
            running.select(game_states::room_id).load::<Uuid>(&mut { conn }).boxed()
        });
        Ok(rooms.await?.into_iter().map(RoomId).collect())
    }

    async fn end_outage(&self, outage: Outage) -> Result<(), StoreError> {
        let lease = self.pool.begin("BEGIN").await?;
        let conn = lease.conn();
        // Whoever gets this lock first ends it; for whoever comes after, it has another beginning.
        let lock = statement::<Bool>("SELECT alive_at = $1 FROM service_pulse FOR UPDATE").bind(time_of(outage.began));
        let ours = lease.ask(lock.load::<bool>(&mut { conn })).await?;
        if ours != [true] {
            return Ok(());
        }
        let forgive: Statement = statement(
            "UPDATE room_players AS member \
             SET last_seen_at = least(member.last_seen_at + greatest(clock.at - $1, interval '0'), clock.at) \
             FROM room_seats AS seat, (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) AS clock \
             WHERE member.room_id = seat.room_id AND member.user_id = seat.user_id",
        );
        let forgive = forgive.bind(time_of(outage.began));
        lease.ask(forgive.execute(&mut { conn })).await?;
        let alive: Statement =
            statement("UPDATE service_pulse SET alive_at = date_trunc('milliseconds', clock_timestamp())");
        lease.ask(alive.execute(&mut { conn })).await?;
        lease.commit().await.map_err(crate::error::of_commit)
    }

    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError> {
        let rooms = self.pool.ask(|conn| {
            statement::<SqlUuid>(
                "SELECT DISTINCT seat.room_id FROM room_seats AS seat \
                 JOIN room_players AS member ON member.room_id = seat.room_id AND member.user_id = seat.user_id \
                 JOIN rooms AS room ON room.id = seat.room_id AND room.status = 'open' \
                 WHERE seat.status IN ('active', 'sitting_out') \
                       AND member.last_seen_at <= now() - $1 * interval '1 millisecond' \
                    OR seat.status = 'disconnected' \
                       AND member.last_seen_at <= now() - greatest($1, $2) * interval '1 millisecond'",
            )
            .bind(lifetimes.disconnect_after)
            .bind(lifetimes.free_seat_after)
            .load::<Uuid>(&mut { conn })
            .boxed()
        });
        Ok(rooms.await?.into_iter().map(RoomId).collect())
    }

    async fn forget_quiet_room(&self, quiet: Millis) -> Result<Option<RoomId>, StoreError> {
        retention::forget_quiet_room(self, quiet).await
    }

    async fn purge(&self) -> Result<u64, StoreError> {
        // A token is good for as long as its owner is in a live hand, however long ago it ran out.
        let tokens = self.pool.ask(|conn| {
            let delete: Statement = statement(
                "DELETE FROM rejoin_tokens AS token \
                 WHERE token.expires_on <= ((now() - interval '1 day') AT TIME ZONE 'UTC')::date \
                    AND token.expires_at < now() - interval '1 day' \
                    AND (token.revoked_at IS NOT NULL OR NOT EXISTS ( \
                        SELECT FROM game_states AS state \
                        JOIN hands AS hand ON hand.id = state.current_hand_id AND hand.completed_at IS NULL \
                        JOIN players AS player ON player.hand_id = hand.id AND player.user_id = token.user_id \
                        WHERE state.room_id = token.room_id))",
            );
            delete.execute(&mut { conn }).boxed()
        });
        let revoked = self.pool.ask(|conn| {
            let delete: Statement = statement("DELETE FROM rejoin_tokens WHERE revoked_at < now() - interval '1 day'");
            delete.execute(&mut { conn }).boxed()
        });
        let replies = self.pool.ask(|conn| {
            let delete: Statement =
                statement("DELETE FROM command_replies WHERE created_at < now() - interval '1 day'");
            delete.execute(&mut { conn }).boxed()
        });
        Ok((tokens.await? + revoked.await? + replies.await?) as u64)
    }
}
