//! Doubles of every port, in memory, with a clock and a chance that tests set. Where the order of calls is the claim there are
//! mocks too: [`crate::store::MockTx`], [`crate::broadcaster::MockBroadcaster`] and their like.

mod archive;
pub mod conformance;
mod flaw;
mod store;
mod tx;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::card::seed::Seed;
use domain::event::{Committed, Happened};
use domain::game::Unserved;
use domain::ids::{Epoch, GameId, RoomId, TokenId, UserId};
use domain::room::{Lifetimes, Room};
use domain::time::{Millis, Timestamp};
use uuid::Uuid;

use crate::broadcaster::{Broadcaster, WakeUp};
use crate::identity::{Bearer, Bearers, Busy, Passwords, RejoinTokens};
use crate::randomness::Randomness;
use crate::store::{CommandId, Recalled, Reply, StoreError, Tx, User};
use crate::{Ports, Quotas};

/// A whole world in memory, as one node has it. Clones share it, and are the same node.
#[derive(Clone)]
pub struct World(Arc<Mutex<State>>, u64);

pub use flaw::Flaw;

use archive::Rows;

struct State {
    now: Timestamp,
    random: Seeded,
    next_id: u128,
    rooms: BTreeMap<RoomId, Record>,
    users: BTreeMap<UserId, UserRow>,
    published: Vec<(RoomId, Vec<Committed>)>,
    alive_at: Option<Timestamp>,
    /// Outages that are over.
    outages: Vec<Unserved>,
    /// Rooms that can't be served, and how.
    damaged: BTreeMap<RoomId, Damage>,
    /// Whether the database is away as a whole.
    away: bool,
    fault: Option<Fault>,
    flaw: Option<Flaw>,
    commits: u64,
    /// Answers, and since when they are kept.
    replies: HashMap<CommandId, (Reply, Timestamp)>,
    /// How often all rooms got new epochs.
    renewals: u64,
    /// How many nodes there are besides the first.
    nodes: u64,
    /// Rooms as each node remembers them, which need not be as they are.
    remembered: HashMap<(u64, GameId), Memory>,
    /// Transactions of a test, which are handed out before the world's own.
    lent: VecDeque<Box<dyn Tx>>,
}

impl State {
    fn epoch(&self) -> Epoch {
        Epoch(Uuid::from_u128(u128::from(self.renewals) + 1))
    }
}

struct UserRow {
    user: User,
    /// The address and the hash of the password.
    account: Option<(String, String)>,
    made_at: Timestamp,
}

/// A room as a node remembers it, and whether it has heard of anything later.
struct Memory {
    known: Recalled,
    moved_on: bool,
}

struct Record {
    room: Room,
    seq: u64,
    version: u64,
    created_at: Timestamp,
    /// When the clock is to look at it.
    wakes_at: Option<Timestamp>,
    /// Outages that it has been forgiven, or had nothing to do with.
    forgiven: usize,
    password: Option<String>,
    rows: Rows,
}

/// What is wrong with a room, for as long as it isn't mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One of its rows can't be.
    Corrupt,
    /// It makes the code panic.
    Panics,
    /// One of its rows is locked by somebody who doesn't let go.
    Stuck,
}

/// What goes wrong with the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not done, and says so.
    NotDone,
    /// It is done, but the line breaks before it says so.
    DoneInSilence,
}

impl World {
    /// An empty world whose chance follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(
            Arc::new(Mutex::new(State {
                now: Timestamp(1_000_000),
                random: Seeded(seed),
                next_id: u128::from(seed) << 64,
                rooms: BTreeMap::new(),
                users: BTreeMap::new(),
                published: Vec::new(),
                alive_at: None,
                outages: Vec::new(),
                damaged: BTreeMap::new(),
                away: false,
                fault: None,
                flaw: None,
                commits: 0,
                replies: HashMap::new(),
                renewals: 0,
                nodes: 0,
                remembered: HashMap::new(),
                lent: VecDeque::new(),
            })),
            0,
        )
    }

    /// A world that isn't what it should be, for tests of what has to find that out.
    pub fn flawed(seed: u64, flaw: Flaw) -> Self {
        let world = Self::new(seed);
        world.state().flaw = Some(flaw);
        world
    }

    /// Another node in the same world: what it remembers is its own.
    pub fn another_node(&self) -> Self {
        let mut state = self.state();
        state.nodes += 1;
        Self(self.0.clone(), state.nodes)
    }

    /// All ports, played by this world.
    pub fn ports(&self) -> Ports {
        let world = Arc::new(self.clone());
        Ports {
            store: world.clone(),
            broadcaster: world.clone(),
            wake_up: world.clone(),
            randomness: world.clone(),
            passwords: world.clone(),
            bearers: world.clone(),
            rejoin_tokens: world,
            lifetimes: Lifetimes::default(),
            quotas: Quotas::default(),
            set_aside: Arc::default(),
        }
    }

    /// Gives all rooms new epochs, as if the database had been restored from a backup.
    pub fn renew_epochs(&self) {
        let mut state = self.state();
        state.renewals += 1;
        state.remembered.clear();
    }

    /// Lets time pass.
    pub fn pass(&self, length: Millis) {
        let mut state = self.state();
        state.now = state.now + length;
    }

    /// Puts the clock back.
    pub fn put_clock_back(&self, by: Millis) {
        let mut state = self.state();
        state.now = Timestamp(state.now.0 - by.0);
    }

    /// Breaks the next commit.
    pub fn break_commit(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// The next transaction that begins is this one, a mock as a rule.
    pub fn lend(&self, tx: impl Tx + 'static) {
        self.state().lent.push_back(Box::new(tx));
    }

    /// Damages a room.
    pub fn damage(&self, room: RoomId, damage: Damage) {
        let mut state = self.state();
        state.damaged.insert(room, damage);
        state.remembered.retain(|_, memory| memory.known.room.id != room);
    }

    /// Makes a room as it was.
    pub fn mend(&self, room: RoomId) {
        self.state().damaged.remove(&room);
    }

    /// Takes the database away, or brings it back.
    pub fn set_away(&self, away: bool) {
        self.state().away = away;
    }

    /// A room as it was last committed.
    pub fn committed_room(&self, id: RoomId) -> Room {
        self.state().rooms[&id].room.clone()
    }

    /// A room's log.
    pub fn committed_events(&self, id: RoomId) -> Vec<Committed> {
        self.committed_events_after(id, 0)
    }

    /// A room's log after this number.
    pub fn committed_events_after(&self, id: RoomId, seq: u64) -> Vec<Committed> {
        self.state().rooms[&id].rows.events_after(seq).cloned().collect()
    }

    /// A node of a later version commits an event that this one doesn't know. Returns its number.
    pub fn commit_foreign(&self, id: RoomId, kind: &str) -> u64 {
        let mut state = self.state();
        let now = state.now;
        let record = state.rooms.get_mut(&id).expect("a room of this world");
        (record.seq, record.version) = (record.seq + 1, record.version + 1);
        let event = Happened::Foreign { kind: kind.to_owned() }.into();
        record.rows.add(&record.room, Committed::number(record.seq, now, vec![event]), None);
        record.seq
    }

    /// The rooms, in the order of their ids.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.state().rooms.keys().copied().collect()
    }

    /// All that readers were told, in the order in which they were.
    pub fn published(&self) -> Vec<Committed> {
        self.state().published.iter().flat_map(|(_, events)| events.clone()).collect()
    }

    /// The same, once: what is taken is not told again.
    pub fn take_published(&self) -> Vec<(RoomId, Vec<Committed>)> {
        std::mem::take(&mut self.state().published)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a room, or the database itself, lets itself be read.
    fn readable(&self, room: Option<RoomId>) -> Result<(), StoreError> {
        let (away, damage) = {
            let state = self.state();
            (state.away, room.and_then(|room| state.damaged.get(&room).copied()))
        };
        match damage {
            _ if away => Err(StoreError::Unavailable("the database is away".into())),
            None => Ok(()),
            Some(Damage::Corrupt) => Err(StoreError::Corrupt("deck")),
            Some(Damage::Stuck) => Err(StoreError::Unavailable("a row is locked".into())),
            Some(Damage::Panics) => panic!("a damaged room of the test"),
        }
    }

    fn record<T>(&self, id: RoomId, read: impl FnOnce(&Record) -> T) -> Result<T, StoreError> {
        self.state().rooms.get(&id).map(read).ok_or(StoreError::Missing("room"))
    }
}

/// SplitMix64: good enough for tests, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Seeded(pub u64);

impl Seeded {
    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.any() % limit
    }
}
impl State {
    /// Does it, or not, and says so, or not.
    fn commit(&mut self, work: impl FnOnce(&mut Self)) -> Result<(), StoreError> {
        let fault = self.fault.take();
        self.commits += 1;
        if fault == Some(Fault::NotDone) && self.flaw != Some(Flaw::DoesWhatItRefuses) {
            return Err(StoreError::Unavailable("a fault of the test".into()));
        }
        if !flaw::loses(self) {
            work(self);
        }
        match fault {
            Some(Fault::DoneInSilence) => Err(StoreError::OutcomeUnknown("a fault of the test".into())),
            Some(Fault::NotDone) => Err(StoreError::Unavailable("a fault of the test".into())),
            None => Ok(()),
        }
    }

    fn keep(&mut self, replies: Vec<(CommandId, Reply)>) {
        let now = self.now;
        if self.flaw != Some(Flaw::ForgetsReplies) {
            self.replies.extend(replies.into_iter().map(|(id, reply)| (id, (reply, now))));
        }
    }

    fn save(
        &mut self,
        node: u64,
        room: Room,
        (seq, wakes_at): (u64, Option<Timestamp>),
        forgiven: Option<usize>,
        events: Vec<Committed>,
    ) {
        let (flaw, commits, now) = (self.flaw, self.commits, self.now);
        let room = flaw::saved(self, room);
        let Some(record) = self.rooms.get_mut(&room.id) else { return };
        record.rows.add(&room, events, flaw);
        record.rows.add_tokens(Some(&record.room), &room, now, flaw);
        if flaw == Some(Flaw::ReadsWhatWas) {
            record.rows.before = Some(record.room.clone());
        }
        (record.room, record.seq, record.wakes_at) = (room, seq, wakes_at);
        record.version += 1;
        record.forgiven = forgiven.unwrap_or(record.forgiven);
        // Every third change comes from another node, of which this one knows nothing.
        if commits % 3 != 0 {
            let (room, version) = (Arc::new(record.room.clone()), record.version);
            let (key, known) = ((node, room.game.id), Recalled { room, seq, at: now, version });
            self.remembered.insert(key, Memory { known, moved_on: false });
        }
    }
}

#[async_trait]
impl Broadcaster for World {
    async fn publish(&self, room: RoomId, events: &[Committed]) {
        let mut state = self.state();
        let times = flaw::times_told(&state);
        for _ in 0..times {
            state.published.push((room, events.to_vec()));
        }
    }
}

impl WakeUp for World {
    fn set(&self, _: Timestamp) {}
}

impl Randomness for World {
    fn id(&self) -> Uuid {
        let mut state = self.state();
        state.next_id += 1;
        Uuid::from_u128(state.next_id)
    }

    fn seed(&self) -> Seed {
        let mut state = self.state();
        let mut words = [0; 4].map(|_: u64| state.random.any()).into_iter().flat_map(u64::to_be_bytes);
        Seed([0; 32].map(|_| words.next().expect("four words are 32 bytes")))
    }

    fn room_code(&self) -> String {
        format!("{:08X}", self.state().random.any() as u32)
    }
}

#[async_trait]
impl Passwords for World {
    async fn hash(&self, password: &str) -> Result<String, Busy> {
        Ok(format!("hash of {password}"))
    }

    async fn verify<'h>(&self, password: &str, hash: Option<&'h str>) -> Result<bool, Busy> {
        Ok(hash == Some(&format!("hash of {password}")))
    }
}

impl Bearers for World {
    fn issue(&self, user: UserId) -> Bearer {
        Bearer { token: format!("bearer of {user}"), expires_at: self.state().now + Millis::from_secs(3600) }
    }
}

impl RejoinTokens for World {
    fn text(&self, id: TokenId) -> String {
        format!("rejoin {id}")
    }
}
