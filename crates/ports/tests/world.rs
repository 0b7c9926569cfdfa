//! The store in memory does what every store has to.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::TokenId;
use domain::time::Millis;
use ports::identity::RejoinTokens;
use ports::store::Store;
use ports::testing::conformance::{self, Subject};
use ports::testing::{Flaw, World};

struct Memory(World);

#[async_trait]
impl Subject for Memory {
    async fn node(&self) -> Arc<dyn Store> {
        Arc::new(self.0.another_node())
    }

    async fn pass(&self, length: Millis) {
        self.0.pass(length);
    }

    fn text(&self, token: TokenId) -> String {
        self.0.text(token)
    }
}

#[tokio::test]
async fn the_store_in_memory_does_what_every_store_has_to() {
    conformance::all(|| async { Memory(World::new(1)) }).await;
}

/// What the port shows of a flawed store, the suite finds; the rest (ledgers, rows, who is told) is for the audit.
#[test]
fn a_store_with_a_flaw_does_not_pass() {
    let shown = [
        Flaw::ForgetsReplies,
        Flaw::SkipsNumbers,
        Flaw::LosesCommits,
        Flaw::ReadsWhatWas,
        Flaw::StoresAnotherDeck,
        Flaw::TrustsMemory,
        Flaw::QueuesTopUps,
        Flaw::MistakesNames,
    ];
    for flaw in shown {
        let suite = || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(conformance::all(|| async { Memory(World::flawed(1, flaw)) }));
        };
        assert!(std::panic::catch_unwind(suite).is_err(), "{flaw:?}");
    }
}
