//! Rejoin tokens, found by the hash of their text.

use async_trait::async_trait;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::ids::{RoomId, UserId};
use futures_util::FutureExt;
use ports::store::{FoundToken, StoreError, Tokens};
use uuid::Uuid;

use crate::seal::token_hash;
use crate::statement::statement;
use crate::store::PgStore;

#[async_trait]
impl Tokens for PgStore {
    async fn find_token(&self, text: &str) -> Result<Option<FoundToken>, StoreError> {
        let hash = token_hash(text);
        let found = self.pool.ask(|conn| {
            // Compared as what the column is: as text, its index could not be used.
            // By its hash before all else: while there are few, a plan would read all current ones as well, and be kept.
            statement::<(SqlUuid, SqlUuid, Bool)>(
                // By its hash before all else: while there are few, a plan would read all current ones as well, and be kept.
                "SELECT token.room_id, token.user_id, token.expires_at > date_trunc('milliseconds', now()) OR EXISTS ( \
                     SELECT FROM game_states AS state \
                     JOIN hands AS hand ON hand.id = state.current_hand_id AND hand.completed_at IS NULL \
                     JOIN players AS player ON player.hand_id = hand.id AND player.seat_index = token.seat_index \
                         AND player.user_id = token.user_id \
                     WHERE state.room_id = token.room_id) \
                 FROM (SELECT * FROM rejoin_tokens WHERE token_hash = $1::bpchar OFFSET 0) AS token \
                 WHERE token.revoked_at IS NULL",
            )
            .bind(hash.as_str())
            .load::<(Uuid, Uuid, bool)>(&mut { conn })
            .boxed()
        });
        let found = found.await?.into_iter().next();
        Ok(found.map(|(room, user, valid)| FoundToken { room: RoomId(room), user: UserId(user), valid }))
    }
}
