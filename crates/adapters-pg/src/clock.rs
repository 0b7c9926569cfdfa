//! What the clock needs. `now()` outside of a transaction is when the statement began, and lets an index be used.

use async_trait::async_trait;
use diesel::pg::data_types::PgTimestamp;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::RoomId;
use domain::room::Lifetimes;
use domain::time::Millis;
use futures_util::FutureExt;
use ports::store::{Clockwork, Due, Outage, Pulse, StoreError};
use uuid::Uuid;

use crate::error::of_commit;
use crate::retention;
use crate::rows::{count, time_of, timestamp};
use crate::statement::{Statement, statement};
use crate::store::PgStore;

/// Nobody's silence during an outage counts, with a seat or without. In the order in which a room is saved. Who had been silent
/// for a week didn't miss this.
macro_rules! forgive_silence {
    ($lock:literal) => {
        [
            forgive_silence!(
                "room_players",
                "user_id",
                $lock,
                "one.status = 'approved' AND one.last_seen_at > $1::timestamptz - interval '7 days'"
            ),
            forgive_silence!("room_spectators", "user_id", $lock, "true"),
            forgive_silence!("room_seats", "seat_index", $lock, "one.user_id IS NOT NULL"),
        ]
    };
    ($table:literal, $key:literal, $lock:literal, $which:literal) => {
        concat!(
            "WITH silent AS (SELECT one.room_id, one.",
            $key,
            " FROM ",
            $table,
            " AS one WHERE ",
            $which,
            $lock,
            ") \
             UPDATE ",
            $table,
            " AS heard \
             SET last_seen_at = least(heard.last_seen_at + greatest(clock.at - $1, interval '0'), clock.at) \
             FROM silent, (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) AS clock \
             WHERE heard.room_id = silent.room_id AND heard.",
            $key,
            " = silent.",
            $key
        )
    };
}

/// For all people.
const FORGIVE_SILENCE: [&str; 3] = forgive_silence!("");

/// The same, for all but those whose rows somebody else holds on to.
const FORGIVE_SILENCE_OF_WHOM_WE_CAN: [&str; 3] = forgive_silence!(" FOR NO KEY UPDATE SKIP LOCKED");

async fn end_outage(store: &PgStore, outage: Outage, forgive_silence: [&'static str; 3]) -> Result<(), StoreError> {
    let lease = store.pool.begin("BEGIN").await?;
    let conn = lease.conn();
    // Whoever gets this lock first ends it; for whoever comes after, it has another beginning.
    let lock = statement::<Bool>("SELECT alive_at = $1 FROM service_pulse FOR UPDATE").bind(time_of(outage.began));
    let ours = lease.ask(lock.load::<bool>(&mut { conn })).await?;
    if ours != [true] {
        return Ok(());
    }
    for forgive in forgive_silence {
        let forgive: Statement = statement(forgive);
        lease.ask(forgive.bind(time_of(outage.began)).execute(&mut { conn })).await?;
    }
    let over: Statement = statement(
        "WITH ended AS ( \
             UPDATE service_pulse SET alive_at = date_trunc('milliseconds', clock_timestamp()), outages = outages + 1 \
             RETURNING outages, alive_at \
         ) INSERT INTO outages (number, began_at, ended_at) SELECT outages, $1, alive_at FROM ended",
    );
    lease.ask(over.bind(time_of(outage.began)).execute(&mut { conn })).await?;
    lease.commit().await.map_err(of_commit)
}

#[async_trait]
impl Clockwork for PgStore {
    async fn due_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Due, StoreError> {
        let except: Vec<Option<Uuid>> = except.iter().map(|room| Some(room.0)).collect();
        // One more than asked for, and the next: the first that isn't taken is the next deadline, come or not.
        let rows = self.pool.ask(|conn| {
            let waking = statement::<(SqlUuid, Timestamptz, Timestamptz)>(
                "SELECT room_id, wake_at, now() FROM ( \
                     (SELECT room_id, wake_at FROM game_states WHERE wake_at <= now() AND room_id <> ALL($2) \
                      ORDER BY wake_at LIMIT $1) \
                     UNION ALL \
                     (SELECT room_id, wake_at FROM game_states WHERE wake_at > now() AND room_id <> ALL($2) \
                      ORDER BY wake_at LIMIT 1) \
                 ) AS waking ORDER BY wake_at",
            );
            let waking = waking.bind(i64::from(limit) + 1).bind(except.clone());
            waking.load::<(Uuid, PgTimestamp, PgTimestamp)>(&mut { conn }).boxed()
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

    async fn pulse(&self, tolerance: Millis) -> Result<Pulse, StoreError> {
        let noted = self.pool.ask(|conn| {
            let note = statement::<BigInt>(
                "INSERT INTO service_pulse (alive_at) VALUES (date_trunc('milliseconds', now())) \
                 ON CONFLICT (id) DO UPDATE SET alive_at = greatest(service_pulse.alive_at, excluded.alive_at) \
                 WHERE abs(extract(epoch FROM now() - service_pulse.alive_at)) * 1000 <= $1 \
                 RETURNING outages",
            );
            note.bind(tolerance).load::<i64>(&mut { conn }).boxed()
        });
        if let Some(outages) = noted.await?.into_iter().next() {
            return Ok(Pulse { outages: count(outages)?, outage: None });
        }
        // Another node may have ended the outage meanwhile: then there is none any more.
        let silent = self.pool.ask(|conn| {
            let silent = statement::<(BigInt, Timestamptz, Bool)>(
                "SELECT outages, alive_at, abs(extract(epoch FROM now() - alive_at)) * 1000 > $1 FROM service_pulse",
            );
            silent.bind(tolerance).load::<(i64, PgTimestamp, bool)>(&mut { conn }).boxed()
        });
        let (outages, alive_at, silent) = silent.await?.into_iter().next().ok_or(StoreError::Corrupt("pulse"))?;
        let outage = silent.then(|| Outage { began: timestamp(alive_at) });
        Ok(Pulse { outages: count(outages)?, outage })
    }

    async fn unforgiven_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Vec<RoomId>, StoreError> {
        let except: Vec<Option<Uuid>> = except.iter().map(|room| Some(room.0)).collect();
        let rooms = self.pool.ask(|conn| {
            let unforgiven = statement::<SqlUuid>(
                "SELECT room_id FROM game_states WHERE wake_at IS NOT NULL AND room_id <> ALL($2) \
                     AND forgiven < (SELECT number FROM outages ORDER BY number DESC LIMIT 1) \
                 ORDER BY wake_at LIMIT $1",
            );
            unforgiven.bind(i64::from(limit)).bind(except.clone()).load::<Uuid>(&mut { conn }).boxed()
        });
        Ok(rooms.await?.into_iter().map(RoomId).collect())
    }

    async fn end_outage(&self, outage: Outage) -> Result<(), StoreError> {
        // Whoever holds the row of somebody in a seat is waited for, but not for ever: the clocks of all rooms wait meanwhile.
        match end_outage(self, outage, FORGIVE_SILENCE).await {
            Err(StoreError::Unavailable(_)) => end_outage(self, outage, FORGIVE_SILENCE_OF_WHOM_WE_CAN).await,
            done => done,
        }
    }

    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError> {
        let rooms = self.pool.ask(|conn| {
            statement::<SqlUuid>(
                // Of a seat that is known to be silent there is nothing new before the live hand is over. Each row looks up what
                // it needs by key (no join that could be turned round, `OFFSET 0`): so does a plan that was made without statistics.
                "SELECT seat.room_id FROM room_seats AS seat \
                 WHERE seat.user_id IS NOT NULL AND seat.seen_slot <= floor(extract( \
                           epoch FROM (now() - $1 * interval '1 millisecond') AT TIME ZONE 'UTC') / 300)::integer \
                   AND (SELECT room.status FROM rooms AS room WHERE room.id = seat.room_id) = 'open' \
                   AND (seat.status IN ('active', 'sitting_out') \
                           AND seat.last_seen_at <= now() - $1 * interval '1 millisecond' \
                        OR seat.status = 'disconnected' \
                           AND seat.last_seen_at <= now() - greatest($1, $2) * interval '1 millisecond' \
                           AND NOT EXISTS ( \
                               SELECT FROM game_states AS state \
                               JOIN hands AS hand ON hand.id = state.current_hand_id AND hand.completed_at IS NULL \
                               JOIN players AS player ON player.hand_id = hand.id AND player.seat_index = seat.seat_index \
                               WHERE state.room_id = seat.room_id OFFSET 0)) \
                 UNION \
                 SELECT present.room_id \
                 FROM (SELECT room_id, user_id, status FROM room_players WHERE online OFFSET 0) AS present, \
                     LATERAL (SELECT host_id FROM rooms WHERE id = present.room_id AND status = 'open' OFFSET 0) AS room \
                 WHERE present.status = 'approved' AND present.user_id <> room.host_id \
                   AND (SELECT host.last_seen_at FROM room_players AS host \
                        WHERE host.room_id = present.room_id AND host.user_id = room.host_id) \
                       <= now() - $2 * interval '1 millisecond' \
                   AND NOT EXISTS ( \
                       SELECT FROM room_seats AS seat WHERE seat.room_id = present.room_id AND seat.user_id = room.host_id \
                       AND seat.last_seen_at > now() - $2 * interval '1 millisecond' OFFSET 0) \
                   AND NOT EXISTS ( \
                       SELECT FROM room_spectators AS spectator \
                       WHERE spectator.room_id = present.room_id AND spectator.user_id = room.host_id \
                       AND spectator.last_seen_at > now() - $2 * interval '1 millisecond' OFFSET 0)",
            )
            .bind(lifetimes.disconnect_after)
            .bind(lifetimes.free_seat_after)
            .load::<Uuid>(&mut { conn })
            .boxed()
        });
        Ok(rooms.await?.into_iter().map(RoomId).collect())
    }

    async fn quiet_room(&self, quiet: Millis, except: &[RoomId]) -> Result<Option<RoomId>, StoreError> {
        retention::quiet_room(self, quiet, except).await
    }

    async fn forget_room(&self, room: RoomId, quiet: Millis) -> Result<bool, StoreError> {
        retention::forget_room(self, room, quiet).await
    }

    async fn forget_guests(&self, unused: Millis) -> Result<u64, StoreError> {
        let gone = self.pool.ask(|conn| {
            let delete: Statement = statement(
                "DELETE FROM users WHERE id IN ( \
                     SELECT guest.id FROM users AS guest \
                     WHERE guest.email IS NULL AND guest.created_at < now() - $1 * interval '1 millisecond' \
                         AND NOT EXISTS (SELECT FROM room_players AS member WHERE member.user_id = guest.id \
                             AND (member.status IN ('pending', 'approved') OR member.waiting_chips > 0)) \
                     LIMIT 1000)",
            );
            delete.bind(unused).execute(&mut { conn }).boxed()
        });
        Ok(gone.await? as u64)
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
                        JOIN players AS player ON player.hand_id = hand.id AND player.seat_index = token.seat_index \
                            AND player.user_id = token.user_id \
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
        let outages = self.pool.ask(|conn| {
            let delete: Statement = statement(
                "DELETE FROM outages WHERE ended_at < now() - interval '90 days' \
                     AND number < (SELECT number FROM outages ORDER BY number DESC LIMIT 1)",
            );
            delete.execute(&mut { conn }).boxed()
        });
        // One that fails keeps none of the others waiting.
        let deleted = [tokens.await, revoked.await, replies.await, outages.await];
        let deleted = deleted.into_iter().collect::<Result<Vec<usize>, _>>()?;
        Ok(deleted.into_iter().sum::<usize>() as u64)
    }
}
