//! PostgreSQL does what every store has to.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::TokenId;
use domain::time::Millis;
use ports::identity::RejoinTokens;
use ports::store::Store;
use ports::testing::conformance::{self, Subject};
use testkit::TestDatabase;

use crate::support::{key, store};

struct Database(TestDatabase);

#[async_trait]
impl Subject for Database {
    async fn node(&self) -> Arc<dyn Store> {
        Arc::new(store(&self.0).await)
    }

    /// Every instant that is stored becomes earlier.
    async fn pass(&self, length: Millis) {
        let sql = format!(
            "DO $$ DECLARE one record; BEGIN \
                 FOR one IN \
                     SELECT table_name, string_agg(format('%1$I = %1$I - interval ''{} milliseconds''', column_name), ', ') AS earlier \
                     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) \
                     WHERE table_schema = 'holdfast' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' \
                         AND data_type = 'timestamp with time zone' \
                     GROUP BY table_name \
                 LOOP EXECUTE format('UPDATE holdfast.%I SET %s', one.table_name, one.earlier); END LOOP; \
             END $$",
            length.0
        );
        self.0.sql(&sql).await;
    }

    fn text(&self, token: TokenId) -> String {
        key().rejoin_tokens().text(token)
    }
}

#[tokio::test]
async fn postgresql_does_what_every_store_has_to() {
    conformance::all(|| async { Database(testkit::database().await) }).await;
}
