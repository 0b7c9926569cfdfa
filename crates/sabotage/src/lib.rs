//! A server that is meant to fail: crashes at named points, and known bugs, so that whoever looks for faults can be tried.
//!
//! Only a server built with the feature `sabotage` of `app` knows this crate; what is released has none of it. Two variables
//! of the environment arm it:
//!
//! - `HOLDFAST_CRASH_AT=POINT` or `POINT:N`: aborts when a [`Point`] is passed for the first, or the Nth, time.
//! - `HOLDFAST_BUG=NAME`: makes one [`Bug`].
//!
//! Almost all of it is done from outside, by doubles of the ports that pass everything on but their one mistake: the code
//! that is tried is the code that is released.

mod broadcaster;
mod bug;
mod crash;
mod sql;
mod store;
mod tx;

use std::env;
use std::sync::{Arc, LazyLock, OnceLock};

use domain::time::Timestamp;
use ports::broadcaster::Broadcaster;
use ports::store::Store;

pub use bug::Bug;
pub use crash::Point;

use broadcaster::WreckedBroadcaster;
use crash::Crash;
use sql::Sql;
use store::WreckedStore;

/// The bug that the environment names. One that it misnames is none, until [`Saboteur::arm`] says so.
static BUG: LazyLock<Option<Bug>> = LazyLock::new(|| variable("HOLDFAST_BUG")?.parse().ok());

/// Whether the server has this bug.
pub fn has(bug: Bug) -> bool {
    *BUG == Some(bug)
}

/// Whether the server has any.
fn has_any() -> bool {
    BUG.is_some()
}

/// The key of a server that finds a database that is sealed already: another one with [`Bug::WrongKey`].
pub fn key_for_sealed(mut key: [u8; 32]) -> [u8; 32] {
    if has(Bug::WrongKey) {
        key.reverse();
    }
    key
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

/// What was armed, shared by all doubles.
pub struct Saboteur {
    crash: Option<Crash>,
    sql: Sql,
    /// When this process began to serve, by the database's clock.
    began: Timestamp,
    broadcaster: OnceLock<Arc<dyn Broadcaster>>,
}

impl Saboteur {
    /// Reads the environment, and prepares the database for the bugs that need it.
    ///
    /// # Errors
    ///
    /// - A variable names no point or no bug; the database does not answer.
    pub async fn arm(database_url: &str, store: &dyn Store) -> Result<Arc<Self>, String> {
        let crash = variable("HOLDFAST_CRASH_AT").map(|text| text.parse()).transpose()?;
        if let Some(name) = variable("HOLDFAST_BUG") {
            name.parse::<Bug>()?;
            tracing::warn!(name, "this server has a bug on purpose");
        }
        let sql = Sql::new(database_url);
        sql.prepare().await?;
        let began = store.now().await.map_err(|err| err.to_string())?;
        Ok(Arc::new(Self { crash, sql, began, broadcaster: OnceLock::new() }))
    }

    /// The store with the armed faults.
    pub fn store(self: &Arc<Self>, inner: Arc<dyn Store>) -> Arc<dyn Store> {
        Arc::new(WreckedStore::new(inner, self.clone()))
    }

    /// The broadcaster with the armed faults.
    pub fn broadcaster(self: &Arc<Self>, inner: Arc<dyn Broadcaster>) -> Arc<dyn Broadcaster> {
        let wrecked: Arc<dyn Broadcaster> = Arc::new(WreckedBroadcaster::new(inner, self.clone()));
        self.broadcaster.get_or_init(|| wrecked.clone());
        wrecked
    }

    /// Passes a point, if it lets us.
    fn pass(&self, point: Point) {
        if let Some(crash) = &self.crash {
            crash.pass(point);
        }
    }
}
