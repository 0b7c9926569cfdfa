//! One room's rows, damaged as a page that went bad or another release would, and mended again.

use anyhow::{Context, ensure};
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use uuid::Uuid;

use crate::postgres::Postgres;

/// Rows of the room `$` that are damaged together: a query for the statement that mends each, and the damage.
type Rows = [(&'static str, &'static str)];

/// What leaves the room readable: its last event, and one of its tokens.
const BESIDE: [(&str, &str); 2] = [
    (
        "SELECT format('UPDATE holdfast.room_events SET public = %L WHERE room_id = %L AND seq = %s', e.public, room_id, seq) \
         FROM holdfast.room_events e JOIN holdfast.game_states USING (room_id, seq) WHERE room_id = '$'",
        "UPDATE holdfast.room_events e SET public = '{\"type\": \"hand_started\"}' FROM holdfast.game_states s \
         WHERE e.room_id = '$' AND s.room_id = e.room_id AND s.seq = e.seq",
    ),
    (
        "SELECT format('UPDATE holdfast.rejoin_tokens SET token_hash = %L WHERE id = %L', token_hash, id) \
         FROM holdfast.rejoin_tokens WHERE room_id = '$' AND revoked_at IS NULL ORDER BY id LIMIT 1",
        "UPDATE holdfast.rejoin_tokens SET token_hash = reverse(token_hash) WHERE id = \
         (SELECT id FROM holdfast.rejoin_tokens WHERE room_id = '$' AND revoked_at IS NULL ORDER BY id LIMIT 1)",
    ),
];

/// What doesn't: one of these.
const WORST: [(&str, &Rows); 3] = [
    (
        "the deck of its hand",
        &[(
            "SELECT format('UPDATE holdfast.hands SET sealed_deck = %L WHERE id = %L', sealed_deck, id) FROM holdfast.hands \
             JOIN holdfast.game_states ON current_hand_id = id WHERE game_states.room_id = '$' AND turn_seat IS NOT NULL",
            "UPDATE holdfast.hands SET sealed_deck = sealed_deck || '\\x00' FROM holdfast.game_states \
             WHERE current_hand_id = id AND game_states.room_id = '$' AND turn_seat IS NOT NULL",
        )],
    ),
    (
        "what a seat is",
        &[(
            "SELECT format('UPDATE holdfast.room_seats SET status = %L WHERE room_id = %L AND seat_index = 0', status, room_id) \
             FROM holdfast.room_seats WHERE room_id = '$' AND seat_index = 0",
            "UPDATE holdfast.room_seats SET status = 'standing' WHERE room_id = '$' AND seat_index = 0",
        )],
    ),
    (
        "the chips of a seat",
        &[(
            "SELECT format('UPDATE holdfast.room_seats SET chips = %s WHERE room_id = %L AND seat_index = 0', chips, room_id) \
             FROM holdfast.room_seats WHERE room_id = '$' AND seat_index = 0",
            "UPDATE holdfast.room_seats SET chips = -7 WHERE room_id = '$' AND seat_index = 0",
        )],
    ),
];

/// Locks the room, and makes nodes that remember it read it anew, now and when it is mended.
const ANEW: (&str, &str) = (
    "SELECT format('UPDATE holdfast.game_states SET version = version + 1 WHERE room_id = %L', room_id) \
     FROM holdfast.game_states WHERE room_id = '$' FOR UPDATE",
    "UPDATE holdfast.game_states SET version = version + 1 WHERE room_id = '$'",
);

/// Hands of other rooms that were dealt so long after the damage weren't under way before it.
const DEALT_AFTER: &str = "1 second";

/// A damaged room.
#[derive(Debug)]
pub struct Damage {
    /// Which.
    pub room: Uuid,
    /// What of it.
    pub what: &'static str,
    /// Statements.
    mend: String,
    /// Since when, as PostgreSQL writes it.
    since: String,
}

/// Has PostgreSQL take rows that can't be: what damages them doesn't ask its constraints.
///
/// # Errors
///
/// - What PostgreSQL says.
pub async fn allow(postgres: &Postgres) -> anyhow::Result<()> {
    let checks = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
         WHERE contype = 'c' AND connamespace = 'holdfast'::regnamespace";
    let drops = texts(postgres.sql(checks).await?);
    postgres.sql(&drops.join(";")).await.map(drop)
}

impl Damage {
    /// Damages a room, one in which a hand is on if there is one: so that it can't be read, nor its last event, and that one of
    /// its tokens opens nothing.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says; there is no room.
    pub async fn inflict(postgres: &Postgres, random: &mut StdRng) -> anyhow::Result<Self> {
        let with_hand = "SELECT room_id::text FROM holdfast.game_states WHERE turn_seat IS NOT NULL ORDER BY room_id";
        let mut rooms = texts(postgres.sql(with_hand).await?);
        if rooms.is_empty() {
            rooms = texts(postgres.sql("SELECT room_id::text FROM holdfast.game_states ORDER BY room_id").await?);
        }
        let room: Uuid = rooms.choose(random).context("there is no room to damage")?.parse()?;
        let since =
            texts(postgres.sql("SELECT clock_timestamp()::text").await?).pop().context("PostgreSQL has a clock")?;
        let mut kinds = WORST;
        kinds.shuffle(random);
        for (what, worst) in kinds {
            let rows: Vec<_> = std::iter::once(&ANEW).chain(worst).chain(&BESIDE).collect();
            let statements = rows.iter().map(|(mend, _)| *mend).chain(rows.iter().map(|(_, damage)| *damage));
            let mend = texts(postgres.sql(&in_room(statements, room)).await?);
            let damage = Self { room, what, mend: mend.join(";"), since: since.clone() };
            if mend.len() == rows.len() {
                return Ok(damage);
            }
            // The hand was over by then, or the room has lost its last token: it is damaged in another way.
            ensure!(!mend.is_empty(), "room {room} is gone");
            damage.mend(postgres).await?;
        }
        anyhow::bail!("room {room} has no rows to damage")
    }

    /// Makes the rows what they were.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn mend(&self, postgres: &Postgres) -> anyhow::Result<()> {
        postgres.sql(&self.mend).await.map(drop)
    }

    /// How many other rooms there are, and how many hands their clocks have dealt since.
    ///
    /// # Errors
    ///
    /// - What PostgreSQL says.
    pub async fn dealt_elsewhere(&self, postgres: &Postgres) -> anyhow::Result<(u64, u64)> {
        let Self { room, since, .. } = self;
        let count = |sql: String| async move {
            let rows = texts(postgres.sql(&sql).await?);
            anyhow::Ok(rows.first().context("a count is a row")?.parse::<u64>()?)
        };
        let others = count(format!("SELECT count(*) FROM holdfast.rooms WHERE id <> '{room}'")).await?;
        let dealt = format!(
            "SELECT count(*) FROM holdfast.hands WHERE room_id <> '{room}' \
             AND started_at > '{since}'::timestamptz + interval '{DEALT_AFTER}'"
        );
        Ok((others, count(dealt).await?))
    }
}

fn in_room<'a>(statements: impl Iterator<Item = &'a str>, room: Uuid) -> String {
    statements.collect::<Vec<_>>().join(";").replace('$', &room.to_string())
}

fn texts(rows: testkit::Rows) -> Vec<String> {
    rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect()
}
