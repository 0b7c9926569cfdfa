//! Rooms that are deleted with their whole past, a while after the last that happened in them.
//!
//! Rooms are forgotten whole: a log that begins in its middle could not be checked any more, and the ledger's sums would be
//! off. One transaction a room, on rows that nobody else writes to, in statements that are short each: play in other rooms
//! waits for none of them.

use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use domain::ids::{GameId, RoomId};
use domain::time::Millis;
use futures_util::FutureExt;
use ports::store::StoreError;
use uuid::Uuid;

use crate::error::of_commit;
use crate::pool::Lease;
use crate::statement::{Statement, statement};
use crate::store::PgStore;

/// Rooms in which nothing has happened for so long, no clock runs, and of whose people nobody was heard.
macro_rules! quiet {
    ($which:literal) => {
        concat!(
            "SELECT state.room_id, state.game_id FROM game_states AS state \
             JOIN rooms AS room ON room.id = state.room_id \
             LEFT JOIN room_events AS event ON event.room_id = state.room_id AND event.seq = state.seq \
             WHERE state.wake_at IS NULL \
                 AND coalesce(event.at, room.created_at) < now() - $1 * interval '1 millisecond' \
                 AND NOT EXISTS (SELECT FROM room_players AS member \
                     WHERE member.room_id = state.room_id AND member.last_seen_at >= now() - $1 * interval '1 millisecond') \
                 AND NOT EXISTS (SELECT FROM room_seats AS seat \
                     WHERE seat.room_id = state.room_id AND seat.last_seen_at >= now() - $1 * interval '1 millisecond') \
                 AND NOT EXISTS (SELECT FROM room_spectators AS spectator \
                     WHERE spectator.room_id = state.room_id \
                         AND spectator.last_seen_at >= now() - $1 * interval '1 millisecond') \
                 AND ",
            $which,
            " LIMIT 1 FOR UPDATE OF state SKIP LOCKED"
        )
    };
}

/// What refers to a room without the database's knowing, or is too much for one statement; each deletes the oldest part.
const PARTS: [&str; 4] = [
    "DELETE FROM room_events WHERE room_id = $1 \
     AND seq < 5000 + (SELECT min(seq) FROM room_events WHERE room_id = $1)",
    "DELETE FROM actions WHERE room_id = $1 AND seq < 5000 + (SELECT min(seq) FROM actions WHERE room_id = $1)",
    "DELETE FROM chip_ledger WHERE room_id = $1 AND seq < 5000 + (SELECT min(seq) FROM chip_ledger WHERE room_id = $1)",
    "DELETE FROM hands WHERE room_id = $1 \
     AND hand_number < 500 + (SELECT min(hand_number) FROM hands WHERE room_id = $1)",
];

/// What is left of it, by which everything else goes too; but for answers, which live a day.
const REST: &str = "DELETE FROM rooms WHERE id = $1";

/// One that nobody writes to; one that somebody does is left for another time.
pub(crate) async fn quiet_room(
    store: &PgStore,
    quiet: Millis,
    except: &[RoomId],
) -> Result<Option<RoomId>, StoreError> {
    let except: Vec<Option<Uuid>> = except.iter().map(|room| Some(room.0)).collect();
    let found = store.pool.ask(|conn| {
        let found = statement::<(SqlUuid, SqlUuid)>(quiet!("state.room_id <> ALL($2)"));
        found.bind(quiet).bind(except.clone()).load::<(Uuid, Uuid)>(&mut { conn }).boxed()
    });
    Ok(found.await?.into_iter().next().map(|(room, _)| RoomId(room)))
}

pub(crate) async fn forget_room(store: &PgStore, room: RoomId, quiet: Millis) -> Result<bool, StoreError> {
    let lease = store.pool.begin("BEGIN").await?;
    let found = statement::<(SqlUuid, SqlUuid)>(quiet!("state.room_id = $2")).bind(quiet).bind(room);
    let found = lease.ask(found.load::<(Uuid, Uuid)>(&mut lease.conn())).await?;
    let Some(&(room, game)) = found.as_slice().first() else { return Ok(false) };
    for part in PARTS {
        while delete(&lease, part, room).await? > 0 {}
    }
    delete(&lease, REST, room).await?;
    lease.commit().await.map_err(of_commit)?;
    store.memory.forget(GameId(game));
    Ok(true)
}

async fn delete(lease: &Lease, sql: &'static str, room: Uuid) -> Result<usize, StoreError> {
    let delete: Statement = statement(sql);
    Ok(lease.ask(delete.bind(room).execute(&mut lease.conn())).await?)
}
