//! Doubles of every port, in memory, with a clock and a chance that tests set. For single calls and faults of one port
//! there are mocks too: [`crate::broadcaster::MockBroadcaster`] and its like.

mod archive;
mod flaw;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::card::seed::Seed;
use domain::event::{Committed, Event, Happened};
use domain::ids::{GameId, HandId, RoomId, TokenId, UserId};
use domain::member::{Member, Standing};
use domain::name::Name;
use domain::room::{Lifetimes, Room, RoomStatus};
use domain::time::{Millis, Timestamp};
use uuid::Uuid;

use crate::broadcaster::{Alarm, Broadcaster};
use crate::bus::Reached;
use crate::identity::{Bearer, Bearers, Busy, Passwords, RejoinTokens};
use crate::randomness::Randomness;
use crate::store::{
    Account, ActionReply, Clockwork, Due, Engagements, FoundToken, Journal, Locked, LogPage, Outage, PastHand,
    Recalled, RecordedHand, Rooms, Snapshot, Store, StoreError, StoreFigures, Tokens, Touched, Tx, User, Users,
};
use crate::{Ports, Quotas};

/// A whole world in memory. Clones share it.
#[derive(Clone)]
pub struct World(Arc<Mutex<State>>);

pub use flaw::Flaw;

use archive::Rows;

struct State {
    now: Timestamp,
    random: Seeded,
    next_id: u128,
    rooms: BTreeMap<RoomId, Record>,
    users: BTreeMap<UserId, (User, Option<(String, String)>)>,
    published: Vec<(RoomId, Vec<Committed>)>,
    alive_at: Option<Timestamp>,
    fault: Option<Fault>,
    flaw: Option<Flaw>,
    commits: u64,
    /// Rooms as the node remembers them, which need not be as they are.
    remembered: HashMap<GameId, Recalled>,
}

struct Record {
    room: Room,
    seq: u64,
    version: u64,
    /// When the clock is to look at it.
    wakes_at: Option<Timestamp>,
    password: Option<String>,
    replies: HashMap<Uuid, ActionReply>,
    rows: Rows,
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
        Self(Arc::new(Mutex::new(State {
            now: Timestamp(1_000_000),
            random: Seeded(seed),
            next_id: u128::from(seed) << 64,
            rooms: BTreeMap::new(),
            users: BTreeMap::new(),
            published: Vec::new(),
            alive_at: None,
            fault: None,
            flaw: None,
            commits: 0,
            remembered: HashMap::new(),
        })))
    }

    /// A world that isn't what it should be, for tests of what has to find that out.
    pub fn flawed(seed: u64, flaw: Flaw) -> Self {
        let world = Self::new(seed);
        world.state().flaw = Some(flaw);
        world
    }

    /// All ports, played by this world.
    pub fn ports(&self) -> Ports {
        let world = Arc::new(self.clone());
        Ports {
            store: world.clone(),
            broadcaster: world.clone(),
            alarm: world.clone(),
            randomness: world.clone(),
            passwords: world.clone(),
            bearers: world.clone(),
            rejoin_tokens: world,
            lifetimes: Lifetimes::default(),
            quotas: Quotas::default(),
        }
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

struct WorldTx {
    world: World,
    locked: Option<Locked>,
    /// Whether signs of life wait for this transaction.
    holds_players: bool,
    events: Vec<Committed>,
    replies: Vec<(Uuid, ActionReply)>,
    created: Option<Record>,
}

impl WorldTx {
    fn locked(&self) -> &Locked {
        self.locked.as_ref().expect("a room is locked before anything is done to it")
    }
}

#[async_trait]
impl Store for World {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let (events, replies) = (Vec::new(), Vec::new());
        let world = self.clone();
        Ok(Box::new(WorldTx { world, locked: None, holds_players: false, events, replies, created: None }))
    }

    fn recall(&self, game: GameId) -> Option<Recalled> {
        let state = self.state();
        let known = state.remembered.get(&game)?;
        Some(Recalled { at: state.now, ..known.clone() })
    }

    fn moved_on(&self, news: Reached) {
        self.state().remembered.retain(|_, known| known.room.id != news.room || known.seq >= news.seq);
    }

    async fn save_action(
        &self,
        recalled: &Recalled,
        after: Room,
        events: Vec<Event>,
        reply: Option<(Uuid, ActionReply)>,
    ) -> Result<Option<Vec<Committed>>, StoreError> {
        let mut state = self.state();
        let trusts = state.flaw == Some(Flaw::TrustsMemory);
        let record = state.rooms.get(&after.id).ok_or(StoreError::Missing("room"))?;
        let is_known = reply.as_ref().is_some_and(|(id, _)| record.replies.contains_key(id));
        // Signs of life don't count as changes: what is known of people may be older, and isn't written.
        let mut members = record.room.members.clone();
        let mut takes_more = after.members.len() != recalled.room.members.len();
        for (now, was) in after.members.values().zip(recalled.room.members.values()) {
            takes_more |= Member { last_seen: was.last_seen, ..now.clone() } != *was;
            if now.last_seen > was.last_seen
                && let Some(member) = members.get_mut(&now.user)
            {
                member.last_seen = member.last_seen.max(now.last_seen);
            }
        }
        if is_known || takes_more || record.version != recalled.version && !trusts {
            return Ok(None);
        }
        let after = Room { members, ..after };
        let first = flaw::first_number(&state, record.seq + 1);
        let at = recalled.at;
        let events = Committed::number(first, at, events);
        let seq = events.last().map_or(recalled.seq, |event| event.seq);
        let told = events.clone();
        // Left where it is, if that is early enough.
        let wakes_at = [record.wakes_at, after.game.wake_at()].into_iter().flatten().min();
        state.commit(|state| state.save(after, (seq, wakes_at), told, reply.into_iter().collect()))?;
        Ok(Some(events))
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.state().now)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn figures(&self) -> StoreFigures {
        StoreFigures::default()
    }
}

#[async_trait]
impl Tx for WorldTx {
    async fn lock_room(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let state = self.world.state();
        let record = state.rooms.get(&id).ok_or(StoreError::Missing("room"))?;
        let (room, wakes_at) = (flaw::room(&state, record), record.wakes_at);
        let locked = Locked { room, seq: record.seq, at: state.now, wakes_at };
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    async fn served_at(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.world.state().alive_at)
    }

    async fn lock_room_and_players(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        self.holds_players = true;
        self.lock_room(id).await
    }

    async fn lock_game(&mut self, id: GameId) -> Result<Locked, StoreError> {
        let room = self.world.state().rooms.values().find(|record| record.room.game.id == id).map(|r| r.room.id);
        self.lock_room(room.ok_or(StoreError::Missing("game"))?).await
    }

    async fn create_room(&mut self, room: &Room, password: Option<&str>) -> Result<(), StoreError> {
        if self.world.state().rooms.values().any(|record| record.room.code == room.code) {
            return Err(StoreError::Duplicate("room code"));
        }
        let (room, password) = (room.clone(), password.map(str::to_owned));
        self.created = Some(Record {
            room,
            seq: 0,
            version: 0,
            wakes_at: None,
            password,
            replies: HashMap::new(),
            rows: Rows::default(),
        });
        Ok(())
    }

    async fn engagements(&mut self, user: UserId) -> Result<Engagements, StoreError> {
        let state = self.world.state();
        let open = state.rooms.values().map(|record| &record.room).filter(|room| room.status == RoomStatus::Open);
        let (mut open_rooms, mut open_requests) = (0, 0);
        for room in open {
            match room.members.get(&user).map(|member| member.standing) {
                Some(Standing::Approved { .. }) if room.host == user => open_rooms += 1,
                Some(Standing::Pending { .. }) => open_requests += 1,
                _ => {}
            }
        }
        Ok(Engagements { open_rooms, open_requests })
    }

    async fn save_room(&mut self, room: &Room, events: Vec<Event>) -> Result<Vec<Committed>, StoreError> {
        let misses = events.iter().any(|event| matches!(event.what, Happened::Disconnected { .. }));
        assert!(self.holds_players || !misses, "nobody is missed while signs of life go unseen");
        let (at, first) = (self.world.state().now, self.locked().seq + 1);
        let first = flaw::first_number(&self.world.state(), first);
        let events = Committed::number(first, at, events);
        let seq = events.last().map_or(self.locked().seq, |event| event.seq);
        self.locked = Some(Locked { room: room.clone(), seq, at, wakes_at: room.game.wake_at() });
        self.events.extend(events.iter().cloned());
        Ok(events)
    }

    async fn find_reply(&mut self, action: Uuid) -> Result<Option<ActionReply>, StoreError> {
        self.world.record(self.locked().room.id, |record| record.replies.get(&action).cloned())
    }

    async fn save_reply(&mut self, action: Uuid, reply: &ActionReply) -> Result<(), StoreError> {
        self.replies.push((action, reply.clone()));
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { world, locked, events, replies, created, holds_players: _ } = *self;
        let mut state = world.state();
        state.commit(|state| {
            let flaw = state.flaw;
            if let Some(mut record) = created {
                record.rows.add_tokens(None, &record.room, flaw);
                state.rooms.insert(record.room.id, record);
            }
            if let Some(Locked { room, seq, wakes_at, .. }) = locked {
                state.save(room, (seq, wakes_at), events, replies);
            }
        })
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

    fn save(
        &mut self,
        room: Room,
        (seq, wakes_at): (u64, Option<Timestamp>),
        events: Vec<Committed>,
        replies: Vec<(Uuid, ActionReply)>,
    ) {
        let (flaw, commits, now) = (self.flaw, self.commits, self.now);
        let Some(record) = self.rooms.get_mut(&room.id) else { return };
        record.rows.add(&room, events, flaw);
        record.rows.add_tokens(Some(&record.room), &room, flaw);
        if flaw == Some(Flaw::ReadsWhatWas) {
            record.rows.before = Some(record.room.clone());
        }
        if flaw != Some(Flaw::ForgetsReplies) {
            record.replies.extend(replies);
        }
        (record.room, record.seq, record.wakes_at) = (room, seq, wakes_at);
        record.version += 1;
        // Every third change comes from another node, of which this one knows nothing.
        if commits % 3 != 0 {
            let (room, version) = (Arc::new(record.room.clone()), record.version);
            self.remembered.insert(room.game.id, Recalled { room, seq, at: now, version });
        }
    }
}

#[async_trait]
impl Rooms for World {
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        let (room, seq) = self.record(id, |record| (record.room.clone(), record.seq))?;
        Ok(Snapshot { room, seq, at: self.state().now, recent: Vec::new() })
    }

    async fn find_room_by_code(&self, code: &str) -> Result<Option<RoomId>, StoreError> {
        Ok(self.state().rooms.values().find(|record| record.room.code == code).map(|record| record.room.id))
    }

    async fn rooms_of(&self, user: UserId, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        let state = self.state();
        let mine = state.rooms.values().filter(|record| record.room.members.contains_key(&user));
        Ok(mine.map(|record| record.room.id).take(limit as usize).collect())
    }

    async fn room_password(&self, id: RoomId) -> Result<Option<String>, StoreError> {
        self.record(id, |record| record.password.clone())
    }

    async fn touch(&self, room: RoomId, user: UserId, lifetimes: &Lifetimes) -> Result<Touched, StoreError> {
        let mut state = self.state();
        let at = state.now;
        let record = state.rooms.get_mut(&room).ok_or(StoreError::Missing("room"))?;
        let seat = record.room.seat_of(user);
        let was_absent = seat.is_some_and(|seat| record.room.seats[seat.index()].see().is_some());
        let member = record.room.members.get_mut(&user).ok_or(StoreError::Missing("member"))?;
        member.last_seen = at;
        member.online = true;
        if let Some(token) = &mut member.token {
            token.slide(at, lifetimes.rejoin);
        }
        Ok(Touched { seq: record.seq, at, was_absent })
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        let mut state = self.state();
        let record = state.rooms.get_mut(&room).ok_or(StoreError::Missing("room"))?;
        if let Some(member) = record.room.members.get_mut(&user) {
            member.online = false;
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for World {
    async fn events_after(&self, room: RoomId, after: u64, limit: u32) -> Result<LogPage, StoreError> {
        self.record(room, |record| {
            let events = record.rows.events_after(after).take(limit as usize).cloned().collect();
            LogPage { events, seq: record.seq }
        })
    }

    async fn seqs(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>, StoreError> {
        let state = self.state();
        Ok(rooms.iter().filter_map(|id| state.rooms.get(id).map(|record| (*id, record.seq))).collect())
    }

    async fn hands_before(&self, _: RoomId, _: Option<u64>, _: u32) -> Result<Vec<PastHand>, StoreError> {
        Ok(Vec::new())
    }

    async fn read_hand(&self, _: HandId) -> Result<RecordedHand, StoreError> {
        Err(StoreError::Missing("hand"))
    }
}

#[async_trait]
impl Tokens for World {
    async fn find_token(&self, text: &str) -> Result<Option<FoundToken>, StoreError> {
        let state = self.state();
        for record in state.rooms.values() {
            for member in record.room.members.values() {
                let Some(token) = member.token.filter(|token| self.text(token.id) == text) else { continue };
                let seat = record.room.chair_of(member.user);
                let in_hand = seat.is_some_and(|seat| record.room.game.is_in_live_hand(seat));
                let valid = token.is_valid(state.now, in_hand);
                return Ok(Some(FoundToken { room: record.room.id, user: member.user, valid }));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl Users for World {
    async fn ensure_user(&self, id: UserId, name: &Name) -> Result<User, StoreError> {
        let mut state = self.state();
        let new = || (User { id, name: name.clone(), guest: true }, None);
        Ok(state.users.entry(id).or_insert_with(new).0.clone())
    }

    async fn create_account(&self, id: UserId, name: &Name, email: &str, password: &str) -> Result<User, StoreError> {
        let mut state = self.state();
        let taken = |account: &Option<(String, String)>| account.as_ref().is_some_and(|(known, _)| known == email);
        let has_one = state.users.get(&id).is_some_and(|(_, account)| account.is_some());
        if has_one || state.users.values().any(|(_, account)| taken(account)) {
            return Err(StoreError::Duplicate("account"));
        }
        let user = User { id, name: name.clone(), guest: false };
        state.users.insert(id, (user.clone(), Some((email.to_owned(), password.to_owned()))));
        Ok(user)
    }

    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).map(|(user, _)| user.clone()))
    }

    async fn find_account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let state = self.state();
        let mut accounts = state.users.values().filter_map(|(user, account)| Some((user, account.as_ref()?)));
        let found = accounts.find(|(_, (known, _))| known == email);
        Ok(found.map(|(user, (_, password))| Account { user: user.clone(), password: password.clone() }))
    }
}

#[async_trait]
impl Clockwork for World {
    async fn due_rooms(&self, limit: u32) -> Result<Due, StoreError> {
        let state = self.state();
        let wakes = state.rooms.values().filter_map(|record| Some((record.wakes_at?, record.room.id)));
        let mut wakes: Vec<_> = wakes.collect();
        wakes.sort();
        let due = wakes.iter().filter(|(at, _)| *at <= state.now).map(|(_, room)| *room).take(limit as usize);
        let next_at = wakes.iter().map(|(at, _)| *at).find(|at| *at > state.now);
        Ok(Due { rooms: due.collect(), next_in: next_at.map(|at| at - state.now), next_at })
    }

    async fn pulse(&self, tolerance: Millis) -> Result<Option<Outage>, StoreError> {
        let mut state = self.state();
        match state.alive_at {
            Some(began) if state.now - began > tolerance || began - state.now > tolerance => Ok(Some(Outage { began })),
            Some(_) | None => {
                state.alive_at = Some(state.now);
                Ok(None)
            }
        }
    }

    async fn rooms_with_running_clock(&self) -> Result<Vec<RoomId>, StoreError> {
        Ok(self
            .state()
            .rooms
            .values()
            .filter(|record| record.wakes_at.is_some())
            .map(|record| record.room.id)
            .collect())
    }

    async fn end_outage(&self, outage: Outage) -> Result<(), StoreError> {
        let mut state = self.state();
        let now = state.now;
        if state.alive_at == Some(outage.began) {
            for record in state.rooms.values_mut() {
                for member in record.room.members.values_mut() {
                    member.last_seen = (member.last_seen + (now - outage.began)).min(now);
                }
            }
        }
        state.alive_at = Some(now);
        Ok(())
    }

    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError> {
        let state = self.state();
        let silent = |room: &Room| {
            let mut seated = room.members.values().filter(|member| room.chair_of(member.user).is_some());
            seated.any(|member| state.now - member.last_seen >= lifetimes.disconnect_after)
        };
        let open = state.rooms.values().filter(|record| record.room.status == RoomStatus::Open);
        Ok(open.filter(|record| silent(&record.room)).map(|record| record.room.id).collect())
    }

    async fn purge(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn forget_quiet_room(&self, _: Millis) -> Result<Option<RoomId>, StoreError> {
        Ok(None)
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

impl Alarm for World {
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

    async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Busy> {
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
