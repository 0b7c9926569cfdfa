//! The store: connects, checks that the database keeps what it says it has, and hands out transactions.

use std::path::Path;
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
use ports::store::{CommandId, KeyFit, Recalled, Reply, Store, StoreError, StoreFigures, Tx};
use tokio::time::timeout;

use crate::address::Address;
use crate::catch_up;
use crate::error::{Failure, of_commit};
use crate::key_check::{self, KeyCheck};
use crate::line::{Line, Secured};
use crate::log_home::LogHome;
use crate::memory::{Memory, Remembered};
use crate::migrate::{self, MigrateError};
use crate::optimistic;
use crate::pool::{self, Pool};
use crate::probe::{self, Facts, Sessions, Unfit};
use crate::rows::timestamp;
use crate::schema::clock_timestamp;
use crate::seal::{RejoinKey, Seal, ServerKey};
use crate::shared_reads::SharedReads;
use crate::tx::PgTx;

/// How long a database may take to say how it is set up.
const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// The database as the store of everything. Clones share its connections.
#[derive(Clone)]
pub struct PgStore {
    pub(crate) pool: Pool,
    pub(crate) seal: Seal,
    pub(crate) key: RejoinKey,
    pub(crate) check: KeyCheck,
    pub(crate) memory: Arc<Memory>,
    pub(crate) reads: Arc<SharedReads>,
    /// What every connection asks first; `None` for one that only reads what is there.
    log: Option<LogHome>,
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
    /// It won't do.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It was sealed with another key.
    #[error(
        "the server's key is not the one that this database was sealed with: give it that one (HOLDFAST_SECRET_KEY, or \
         secret.key in the data directory), or another database"
    )]
    OtherKey,
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
        Self::connect_from(database_url, key, pool_size, None).await
    }

    /// The same. In `data_dir` is kept how far the database's log had come, for the next start.
    ///
    /// # Errors
    ///
    /// - All of [`ConnectError`].
    pub async fn connect_from(
        database_url: &str,
        key: &ServerKey,
        pool_size: usize,
        data_dir: Option<&Path>,
    ) -> Result<Self, ConnectError> {
        let address = parsed(database_url)?;
        let check = KeyCheck::new(key);
        let facts = facts(&address).await?;
        tell_of(&facts.line);
        if let Some(unfit) = facts.unfit().into_iter().next() {
            return Err(unfit.into());
        }
        own(&address, &check, !facts.pending.is_empty()).await?;
        let memory = Arc::new(Memory::new());
        let log = LogHome::new(address.clone(), memory.clone(), data_dir);
        let pool = Pool::new(address, check.clone(), pool_size, log.clone());
        let store = Self { memory, log: Some(log), ..Self::on(pool, key, check) };
        store.renewals().await.map_err(|err| ConnectError::Unavailable(cause(&err)))?;
        Ok(store)
    }

    fn on(pool: Pool, key: &ServerKey, check: KeyCheck) -> Self {
        let (seal, key) = (key.seal(), key.rejoin_tokens());
        Self { pool, seal, key, check, memory: Arc::new(Memory::new()), reads: Arc::default(), log: None }
    }

    /// Connects to read what is there: nothing is migrated, and every session refuses to write.
    ///
    /// # Errors
    ///
    /// - [`ConnectError::Address`]; [`ConnectError::Unavailable`] also if the schema isn't the one we were built for.
    pub async fn read_only(database_url: &str, key: &ServerKey) -> Result<Self, ConnectError> {
        let address = parsed(database_url)?;
        let facts = facts(&address).await?;
        // What isn't set in a session that doesn't stay is set in somebody else's.
        match facts.sessions {
            Sessions::Stay => {}
            Sessions::Shared(mode) => return Err(Unfit::Pooler { mode }.into()),
            Sessions::One => return Err(Unfit::OneSession.into()),
        }
        let check = KeyCheck::new(key);
        // One for the rooms' ids, one for the room that is read.
        let store = Self::on(Pool::read_only(address, check.clone(), 2), key, check);
        let ready = match store.pool.lease().await {
            Err(Failure::OtherKey) => return Err(ConnectError::OtherKey),
            Err(failure) => Err(failure.into()),
            Ok(lease) => {
                drop(lease);
                store.ready().await
            }
        };
        ready.map_err(|err| ConnectError::Unavailable(cause(&err)))?;
        Ok(store)
    }
}

fn cause(err: &StoreError) -> String {
    std::error::Error::source(err).map_or_else(|| err.to_string(), ToString::to_string)
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

/// Whether the text is an address of a database.
///
/// # Errors
///
/// - [`ConnectError::Address`].
pub fn check_address(database_url: &str) -> Result<(), ConnectError> {
    parsed(database_url).map(drop)
}

/// What a database says of itself. Changes nothing.
///
/// # Errors
///
/// - [`ConnectError::Address`], [`ConnectError::Unavailable`].
pub async fn inspect(database_url: &str) -> Result<Facts, ConnectError> {
    facts(&parsed(database_url)?).await
}

/// Whether some key has sealed something in a database already: then a new one is of no use to it.
///
/// # Errors
///
/// - [`ConnectError::Address`], [`ConnectError::Unavailable`]; [`ConnectError::Unfit`] where it can't be asked.
pub async fn is_sealed(database_url: &str) -> Result<bool, ConnectError> {
    let address = parsed(database_url)?;
    if let Some(unfit) = facts(&address).await?.unfit().into_iter().next() {
        return Err(unfit.into());
    }
    let conn = pool::migration_connection(&address).await.map_err(unavailable)?;
    key_check::is_sealed(&conn).await.map_err(|err| unavailable(err.into()))
}

/// Whether a key fits a database of whatever version. Changes nothing.
///
/// # Errors
///
/// - [`ConnectError::Address`], [`ConnectError::Unavailable`].
pub async fn key_fit(database_url: &str, key: &ServerKey) -> Result<KeyFit, ConnectError> {
    let address = parsed(database_url)?;
    let conn = pool::migration_connection(&address).await.map_err(unavailable)?;
    KeyCheck::new(key).fit(&conn).await.map_err(|err| unavailable(err.into()))
}

fn parsed(database_url: &str) -> Result<Address, ConnectError> {
    Address::parse(database_url).map_err(|err| ConnectError::Address(err.to_string()))
}

fn unavailable(failure: Failure) -> ConnectError {
    ConnectError::Unavailable(failure.to_string())
}

async fn facts(address: &Address) -> Result<Facts, ConnectError> {
    let facts = timeout(STARTS_WITHIN, probe::ask(address)).await;
    facts.map_err(|_| ConnectError::Unavailable("it does not answer".to_owned()))?.map_err(unavailable)
}

/// Makes a database ours: asks for the key first, migrates, and leaves word of the key.
async fn own(address: &Address, check: &KeyCheck, behind: bool) -> Result<(), ConnectError> {
    let conn = pool::migration_connection(address).await.map_err(unavailable)?;
    let asked = |err: diesel::result::Error| unavailable(err.into());
    let fit = check.fit(&conn).await.map_err(asked)?;
    match fit {
        KeyFit::Fits => {}
        KeyFit::Mixed { opened, shut } => tracing::warn!(
            opened,
            shut,
            "some of what is stored was sealed with another key, which was used for a time: those rooms can't be played on"
        ),
        KeyFit::Other => return Err(ConnectError::OtherKey),
    }
    if behind {
        migrate::up(address).await?;
    }
    check.claim(&conn).await.map_err(asked)?;
    // Another server may have been faster, with another key.
    match check.of(&conn).await.map_err(asked)? {
        Some(row) if check.made(&row) => Ok(()),
        Some(_) => Err(ConnectError::OtherKey),
        None => Err(ConnectError::Unavailable("its key check is gone".to_owned())),
    }
}

fn tell_of(line: &Line) {
    let Line { host, local, secured } = line;
    match secured {
        Secured::No if !local => tracing::warn!(
            host,
            "the line to the database is not encrypted: whoever is on the way can read it; ask for sslmode=verify-full"
        ),
        Secured::Encrypted if !local => tracing::info!(
            host,
            "the line to the database is encrypted, but its certificate isn't checked; sslmode=verify-full does that"
        ),
        Secured::No | Secured::Encrypted | Secured::Signed | Secured::Fully => {
            tracing::debug!(host, %secured, "the line to the database");
        }
    }
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
        let Some(save) = optimistic::save(recalled, &after, &events, reply.as_ref(), &self.seal) else {
            return Ok(None);
        };
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
                let err = of_commit(failure);
                // The same id at the same instant: the first one's answer is found under the lock.
                if matches!(err, StoreError::Duplicate(_)) { Ok(None) } else { Err(err) }
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

    async fn renewals(&self) -> Result<u64, StoreError> {
        let Some(log) = &self.log else { return Ok(0) };
        let lease = self.pool.lease().await?;
        log.check(lease.conn()).await?;
        log.keep();
        Ok(log.renewals())
    }

    fn figures(&self) -> StoreFigures {
        let (confirmed, unconfirmed) = self.memory.outcomes();
        StoreFigures { confirmed, unconfirmed, ..self.pool.figures() }
    }
}
