//! What no port would let through, done to the database behind the server's back.

use domain::ids::{RoomId, UserId};
use domain::time::Millis;
use tokio_postgres::{Client, NoTls, Row};
use uuid::Uuid;

use crate::{Bug, has};

/// Makes each transaction of a room one that is acknowledged before it is on disk.
const ASYNCHRONOUS: &str = "
    CREATE OR REPLACE FUNCTION holdfast.sabotage() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NEW; END$$;
    CREATE OR REPLACE TRIGGER sabotage BEFORE UPDATE ON holdfast.game_states
    FOR EACH ROW EXECUTE FUNCTION holdfast.sabotage();";

/// Leaves the number of the last event as it was; [`Sql::write_seq`] writes it.
const SEQ_LATER: &str = "
    CREATE OR REPLACE FUNCTION holdfast.sabotage() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN
        IF current_setting('holdfast.sabotage', true) IS DISTINCT FROM 'on' THEN NEW.seq := OLD.seq; END IF;
        RETURN NEW;
    END$$;
    CREATE OR REPLACE TRIGGER sabotage BEFORE UPDATE ON holdfast.game_states
    FOR EACH ROW EXECUTE FUNCTION holdfast.sabotage();";

pub(crate) struct Sql {
    database_url: String,
}

impl Sql {
    pub(crate) fn new(database_url: &str) -> Self {
        Self { database_url: database_url.to_owned() }
    }

    /// Installs the triggers that some bugs need.
    pub(crate) async fn prepare(&self) -> Result<(), String> {
        let trigger = if has(Bug::AsynchronousCommit) {
            ASYNCHRONOUS
        } else if has(Bug::SeqOutsideTransaction) {
            SEQ_LATER
        } else {
            return Ok(());
        };
        let client = self.client().await.map_err(|err| err.to_string())?;
        client.batch_execute(trigger).await.map_err(|err| err.to_string())
    }

    /// The second half of [`Bug::SeqOutsideTransaction`].
    pub(crate) async fn write_seq(&self, room: RoomId) {
        let seq = "UPDATE holdfast.game_states SET seq = (SELECT max(seq) FROM holdfast.room_events WHERE room_id = $1::text::uuid)
                   WHERE room_id = $1::text::uuid";
        self.attempt(async |client| {
            client.batch_execute("SET holdfast.sabotage = on").await?;
            client.execute(seq, &[&room.0.to_string()]).await.map(drop)
        })
        .await;
    }

    /// Who watches a room.
    pub(crate) async fn spectators(&self, room: RoomId) -> Vec<UserId> {
        let mut found = Vec::new();
        self.attempt(async |client| {
            let watching = "SELECT user_id::text FROM holdfast.room_spectators WHERE room_id = $1::text::uuid";
            let rows = client.query(watching, &[&room.0.to_string()]).await?;
            found.extend(rows.iter().filter_map(id).map(UserId));
            Ok(())
        })
        .await;
        found
    }

    /// Whose room it is.
    pub(crate) async fn host(&self, room: RoomId) -> Option<UserId> {
        let mut found = None;
        self.attempt(async |client| {
            let host = "SELECT host_id::text FROM holdfast.rooms WHERE id = $1::text::uuid";
            found = id(&client.query_one(host, &[&room.0.to_string()]).await?).map(UserId);
            Ok(())
        })
        .await;
        found
    }

    /// Rooms whose clock decides within `ahead`.
    pub(crate) async fn soon_due(&self, ahead: Millis) -> Vec<RoomId> {
        let mut found = Vec::new();
        let soon =
            "SELECT room_id::text FROM holdfast.game_states WHERE expires_at < now() + $1 * interval '1 millisecond'";
        self.attempt(async |client| {
            let rows = client.query(soon, &[&(ahead.0 as f64)]).await?;
            found.extend(rows.iter().filter_map(id).map(RoomId));
            Ok(())
        })
        .await;
        found
    }

    /// Empties the seats of whoever was silent for `silence`, and nothing else.
    pub(crate) async fn empty_silent_seats(&self, silence: Millis) {
        let empty = "WITH emptied AS (UPDATE holdfast.room_seats AS s
            SET status = 'empty', user_id = NULL, chips = 0, timebank_ms = 0, missed_turns = 0, queued_top_up = 0,
                queued_delta = 0, queued_reason = NULL, absent_since = NULL, sat_out = NULL, leaving_reason = NULL,
                display_name = NULL, seated_at = NULL, last_seen_at = NULL
            WHERE s.last_seen_at < now() - $1 * interval '1 millisecond'
            RETURNING s.room_id)
            UPDATE holdfast.game_states SET version = version + 1 WHERE room_id IN (SELECT room_id FROM emptied)";
        self.attempt(async |client| client.execute(empty, &[&(silence.0 as f64)]).await.map(drop)).await;
    }

    async fn attempt(&self, work: impl AsyncFnOnce(&Client) -> Result<(), tokio_postgres::Error>) {
        let outcome = match self.client().await {
            Ok(client) => work(&client).await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "the sabotage failed");
        }
    }

    async fn client(&self) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(&self.database_url, NoTls).await?;
        // Ends with its client.
        tokio::spawn(connection);
        Ok(client)
    }
}

fn id(row: &Row) -> Option<Uuid> {
    row.get::<_, &str>(0).parse().ok()
}
