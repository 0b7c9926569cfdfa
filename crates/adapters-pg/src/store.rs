//! The store: connects, checks that the database keeps what it says it has, and hands out transactions.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use diesel::pg::data_types::PgTimestamp;
use diesel_async::RunQueryDsl;
use domain::event::{Committed, Event};
use domain::ids::GameId;
use domain::room::{Lifetimes, Room};
use domain::time::Timestamp;
use futures_util::FutureExt;
use ports::bus::Reached;
use ports::store::{CommandId, Recalled, Reply, Store, StoreError, StoreFigures, Tx};
use tokio::time::timeout;
use tokio_postgres::Config;

use crate::catch_up;
use crate::error::of_commit;
use crate::memory::{Memory, Remembered};
use crate::migrate::{self, MigrateError};
use crate::pool::{self, Pool};
use crate::rows::timestamp;
use crate::schema::clock_timestamp;
use crate::seal::{RejoinKey, Seal, ServerKey};
use crate::shared_reads::SharedReads;
use crate::short;
use crate::tx::PgTx;

/// How long a database may take to say how it is set up.
const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// The database as the store of everything. Clones share its connections.
#[derive(Clone)]
pub struct PgStore {
    pub(crate) pool: Pool,
    pub(crate) seal: Seal,
    pub(crate) key: RejoinKey,
    pub(crate) memory: Arc<Memory>,
    pub(crate) reads: Arc<SharedReads>,
}

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The text is no address of a database.
    #[error("the database's address can't be understood: {0}")]
    Address(String),
    /// It can't be reached.
    #[error("the database can't be reached: {0}")]
    Unavailable(String),
    /// It may lose what it has acknowledged.
    #[error(
        "the database is set up to lose data: {setting} is off. Set {setting} = on in postgresql.conf, reload PostgreSQL, and \
         start again"
    )]
    Unsafe {
        /// The setting that is off.
        setting: &'static str,
    },
    /// Its schema can't be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrateError),
}

impl PgStore {
    /// Connects with at most `pool_size` connections, and brings the schema up to date. Refuses a database that may lose what
    /// it has acknowledged.
    ///
    /// # Errors
    ///
    /// - All of [`ConnectError`]. A database that is away is an error at once: whether to wait for it is the caller's choice.
    pub async fn connect(database_url: &str, key: &ServerKey, pool_size: usize) -> Result<Self, ConnectError> {
        let config = pool::config(database_url).map_err(|err| ConnectError::Address(err.to_string()))?;
        let pool = Pool::new(config.clone(), pool_size);
        let check = timeout(STARTS_WITHIN, check_durability(&config)).await;
        check.unwrap_or_else(|_| Err(ConnectError::Unavailable("it does not answer".to_owned())))?;
        migrate::up(&config).await?;
        Ok(Self {
            pool,
            seal: key.seal(),
            key: key.rejoin_tokens(),
            memory: Arc::new(Memory::new()),
            reads: Arc::default(),
        })
    }

    /// Connects to read what is there: nothing is migrated, and every session refuses to write.
    ///
    /// # Errors
    ///
    /// - [`ConnectError::Address`]; [`ConnectError::Unavailable`] also if the schema isn't the one we were built for.
    pub async fn read_only(database_url: &str, key: &ServerKey) -> Result<Self, ConnectError> {
        let mut config = pool::config(database_url).map_err(|err| ConnectError::Address(err.to_string()))?;
        let options = config.get_options().map(|options| format!("{options} ")).unwrap_or_default();
        config.options(format!("{options}-c default_transaction_read_only=on"));
        // One for the rooms' ids, one for the room that is read.
        let pool = Pool::new(config, 2);
        let store = Self {
            pool,
            seal: key.seal(),
            key: key.rejoin_tokens(),
            memory: Arc::new(Memory::new()),
            reads: Arc::default(),
        };
        let ready = store.ready().await;
        ready.map_err(|err| {
            let cause = std::error::Error::source(&err).map_or_else(|| err.to_string(), ToString::to_string);
            ConnectError::Unavailable(cause)
        })?;
        Ok(store)
    }
}

impl PgStore {
    /// What is remembered, as of now.
    fn recalled(&self, known: Remembered) -> Option<Recalled> {
        let Remembered { room, seq, version, at } = known;
        // A room's clock never goes back, not even for as long as an answer takes to get here.
        let at = self.memory.reckon()?.max(at);
        Some(Recalled { room, seq, at, version: version.try_into().ok()? })
    }
}

/// Asks in a session without our own settings: what the database does by itself is what a mistake of ours would lead to.
async fn check_durability(config: &Config) -> Result<(), ConnectError> {
    let (client, driver) =
        pool::open_session(config).await.map_err(|err| ConnectError::Unavailable(err.to_string()))?;
    let unavailable = |err: tokio_postgres::Error| ConnectError::Unavailable(err.to_string());
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let row = client.query_one("SELECT current_setting($1)", &[&setting]).await.map_err(unavailable)?;
        if row.get::<_, String>(0) == "off" {
            return Err(ConnectError::Unsafe { setting });
        }
    }
    drop(client);
    // The session ends with its client; how doesn't matter any more.
    let _ = driver.await;
    Ok(())
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(PgTx::new(self.clone())))
    }

    fn recall(&self, game: GameId) -> Option<Recalled> {
        self.recalled(self.memory.current(game)?)
    }

    async fn catch_up(&self, game: GameId, lifetimes: &Lifetimes) -> Result<Option<Recalled>, StoreError> {
        let Some(known) = self.memory.room(game) else { return Ok(None) };
        let (room, seq) = (known.room.id, known.seq);
        let since = self.pool.ask(|conn| catch_up::since(conn, room, seq).boxed()).await?;
        self.memory.hear(since.clock);
        let Some(known) = since.replay_on(&known, lifetimes) else {
            self.memory.forget(game);
            return Ok(None);
        };
        self.memory.remember(known.clone());
        Ok(self.recalled(known))
    }

    fn moved_on(&self, Reached { room, seq }: Reached) {
        self.memory.moved_on(room, seq);
    }

    async fn save_action(
        &self,
        recalled: &Recalled,
        after: Room,
        events: Vec<Event>,
        reply: Option<(CommandId, Reply)>,
    ) -> Result<Option<Vec<Committed>>, StoreError> {
        let events = Committed::number(recalled.seq + 1, recalled.at, events);
        let Some(save) = short::save(recalled, &after, &events, reply.as_ref()) else { return Ok(None) };
        let lease = self.pool.lease().await?;
        let done = lease.ask(save.load::<PgTimestamp>(&mut lease.conn())).await;
        let game = after.game.id;
        match done.map(|clocks| clocks.as_slice().first().copied()) {
            Ok(Some(clock)) => {
                self.memory.was_right();
                self.memory.hear(clock);
                let seq = events.last().map_or(recalled.seq, |event| event.seq);
                let version = recalled.version as i64 + 1;
                self.memory.remember(Remembered { room: Arc::new(after), seq, version, at: recalled.at });
                Ok(Some(events))
            }
            Ok(None) => {
                self.memory.was_wrong(game);
                Ok(None)
            }
            Err(failure) => {
                self.memory.forget(game);
                match of_commit(failure) {
                    // The same id at the same instant: the first one's answer is found under the lock.
                    StoreError::Duplicate(_) => Ok(None),
                    err => Err(err),
                }
            }
        }
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        let now =
            self.pool.ask(|conn| diesel::select(clock_timestamp()).get_result::<PgTimestamp>(&mut { conn }).boxed());
        Ok(timestamp(now.await?))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        let missing = self.pool.ask(|conn| migrate::missing(conn).boxed()).await?;
        match missing.as_slice().first() {
            None => Ok(()),
            Some(version) => Err(StoreError::Unavailable(format!("migration {version} is not applied").into())),
        }
    }

    fn figures(&self) -> StoreFigures {
        let (confirmed, unconfirmed) = self.memory.outcomes();
        StoreFigures { confirmed, unconfirmed, ..self.pool.figures() }
    }
}
