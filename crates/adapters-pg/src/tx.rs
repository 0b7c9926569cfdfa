//! One transaction on one room.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::event::{Committed, Event};
use domain::game::Unserved;
use domain::ids::{GameId, RoomId, UserId};
use domain::member::{Member, MembershipStatus};
use domain::room::Room;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ports::store::{CommandId, Engagements, Locked, Reply, StoreError, Tx};
use uuid::Uuid;

use crate::error::of_commit;
use crate::load;
use crate::memory::Remembered;
use crate::pool::Lease;
use crate::replies;
use crate::rows::{StateRow, count, timestamp};
use crate::save::{self, Batch};
use crate::statement::statement;
use crate::store::PgStore;

/// A transaction. Its lease undoes it when it is dropped.
pub(crate) struct PgTx {
    store: PgStore,
    /// None until it has something to ask: it begins with its first question.
    lease: Option<Lease>,
    /// The room as the database has it, within this transaction.
    locked: Option<Locked>,
    /// How often the locked room was saved, this transaction included.
    version: i64,
    /// The number of the last outage. Whoever saves the room has forgiven it.
    outages: i64,
    /// What goes out with the room, when it is saved.
    waiting: Batch,
}

impl PgTx {
    pub(crate) fn new(store: PgStore) -> Self {
        Self { store, lease: None, locked: None, version: 0, outages: 0, waiting: Batch::default() }
    }

    async fn lease(&mut self) -> Result<&Lease, StoreError> {
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => self.store.pool.begin("BEGIN").await?,
        };
        Ok(self.lease.insert(lease))
    }

    /// Asks for a room's state, and waits until nobody else writes to it.
    async fn lock(
        &mut self,
        state: impl for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<Option<StateRow>>>,
    ) -> Result<Option<StateRow>, StoreError> {
        if let Some(lease) = &self.lease {
            return Ok(lease.ask(state(lease.conn())).await?);
        }
        let (lease, state) = self.store.pool.begin_asking("BEGIN", state).await?;
        self.lease = Some(lease);
        Ok(state)
    }

    async fn read(&mut self, state: Option<StateRow>, what: &'static str) -> Result<Locked, StoreError> {
        let state = state.ok_or(StoreError::Missing(what))?;
        let (game, version, seq) = (GameId(state.game_id), state.version, state.seq()?);
        let (wakes_at, forgiven) = (state.wakes_at(), state.forgiven);
        let known = self.store.memory.room(game).filter(|known| (known.version, known.seq) == (version, seq));
        let seal = self.store.seal.clone();
        let lease = self.lease().await?;
        let (room, service) = match known {
            // Nobody has saved the room since: only signs of life can have come.
            Some(known) => {
                let (heard, service) = lease.ask(load::seated(lease.conn(), &known.room, forgiven)).await?;
                let mut room = Room::clone(&known.room);
                heard.refresh(&mut room.members)?;
                (room, service)
            }
            None => {
                let parts = lease.ask(load::parts(lease.conn(), state)).await?;
                let service = parts.service();
                (parts.room(&seal)?, service)
            }
        };
        self.store.memory.hear(service.clock);
        let unserved = |(from, until)| Unserved { from: timestamp(from), until: timestamp(until) };
        let locked = Locked {
            room,
            seq,
            at: timestamp(service.clock),
            wakes_at,
            served_at: service.alive_at.map(timestamp),
            unserved: service.unserved.map(unserved),
        };
        self.outages = service.outages;
        self.locked = Some(locked.clone());
        self.version = version;
        self.remember();
        Ok(locked)
    }

    fn remember(&self) {
        let Some(Locked { room, seq, at, .. }) = &self.locked else { return };
        let room = Arc::new(room.clone());
        self.store.memory.remember(Remembered { room, seq: *seq, version: self.version, at: *at });
    }

    fn locked(&self) -> Result<&Locked, StoreError> {
        self.locked.as_ref().ok_or_else(|| StoreError::Unavailable("no room is locked in this transaction".into()))
    }
}

/// Whoever has gone is remembered no longer than they are read.
fn forget_gone(room: &mut Room) {
    let has_gone = |member: &Member| {
        let gone = matches!(member.status, MembershipStatus::Rejected | MembershipStatus::Left);
        gone && member.reserved.is_zero()
            && member.timebank_used == domain::time::Millis::ZERO
            && room.seats.iter().filter_map(|seat| seat.occupant()).all(|o| o.user != member.user)
    };
    if room.members.values().filter(|member| has_gone(member)).count() > load::MOST_GONE as usize {
        let gone: Vec<UserId> = room.members.values().filter(|member| has_gone(member)).map(|m| m.user).collect();
        gone.iter().for_each(|user| drop(room.members.remove(user)));
    }
}

#[async_trait]
impl Tx for PgTx {
    async fn lock_room(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let state = self.lock(|conn| load::lock_room(conn, id).boxed()).await?;
        self.read(state, "room").await
    }

    async fn lock_room_and_players(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let state = self.lock(|conn| load::lock_room(conn, id).boxed()).await?;
        let lease = self.lease().await?;
        // The room is locked before its people, as in every other transaction: two orders could block each other.
        lease.ask(load::lock_players(lease.conn(), id)).await?;
        self.read(state, "room").await?;
        self.hear_everybody().await
    }

    async fn hear_everybody(&mut self) -> Result<Locked, StoreError> {
        let mut locked = self.locked()?.clone();
        let lease = self.lease().await?;
        let (heard, clock) = lease.ask(load::everybody(lease.conn(), locked.room.id)).await?;
        locked.at = locked.at.max(timestamp(clock));
        heard.refresh(&mut locked.room.members)?;
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    async fn lock_game(&mut self, id: GameId) -> Result<Locked, StoreError> {
        let state = self.lock(|conn| load::lock_game(conn, id).boxed()).await?;
        self.read(state, "game").await
    }

    async fn create_room<'h>(&mut self, room: &Room, password: Option<&'h str>) -> Result<(), StoreError> {
        let batch = save::create(room, password, &self.store.key);
        let lease = self.lease().await?;
        Ok(lease.ask(batch.execute(lease.conn())).await?)
    }

    async fn engagements(&mut self, user: UserId) -> Result<Engagements, StoreError> {
        let lease = self.lease().await?;
        // Statements of their own: one that waited for the lock would count what was there when it began. Foreign keys to
        // the user don't wait for this lock.
        let lock = statement::<SqlUuid>("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(user);
        lease.ask(lock.load::<Uuid>(&mut lease.conn())).await?;
        let counts = statement::<(BigInt, BigInt)>(
            "SELECT count(*) FILTER (WHERE member.status = 'approved' AND room.host_id = member.user_id), \
                    count(*) FILTER (WHERE member.status = 'pending') \
             FROM room_players AS member JOIN rooms AS room ON room.id = member.room_id \
             WHERE member.user_id = $1 AND member.status IN ('approved', 'pending') AND room.status = 'open'",
        );
        let counts = counts.bind(user);
        let counts = lease.ask(counts.load::<(i64, i64)>(&mut lease.conn())).await?;
        let (open_rooms, open_requests) = counts.into_iter().next().ok_or(StoreError::Corrupt("count"))?;
        Ok(Engagements { open_rooms: count(open_rooms)?, open_requests: count(open_requests)? })
    }

    async fn save_room(&mut self, room: &Room, events: Vec<Event>) -> Result<Vec<Committed>, StoreError> {
        let Locked { room: before, seq, at, .. } = self.locked()?;
        let at = *at;
        let events = Committed::number(seq + 1, at, events);
        let seq = events.last().map_or(*seq, |event| event.seq);
        let mut batch =
            save::changes((before, room), &events, (seq, at, self.outages), (&self.store.seal, &self.store.key))?;
        batch.append(std::mem::take(&mut self.waiting));
        let lease = self.lease().await?;
        lease.ask(batch.execute(lease.conn())).await?;
        let wakes_at = room.game.wake_at();
        let mut known = room.clone();
        forget_gone(&mut known);
        self.locked = Some(Locked { room: known, seq, wakes_at, ..self.locked()?.clone() });
        self.version += 1;
        Ok(events)
    }

    async fn find_reply(&mut self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        let seal = self.store.seal.clone();
        let lease = self.lease().await?;
        replies::read(&seal, id, lease.ask(replies::find(lease.conn(), id)).await?)
    }

    async fn save_reply(&mut self, id: CommandId, reply: &Reply) -> Result<(), StoreError> {
        self.lease().await?;
        self.waiting.add(replies::insert(&self.store.seal, id, reply));
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { store, lease, locked, version, outages: _, waiting } = *self;
        let Some(lease) = lease else { return Ok(()) };
        lease.ask(waiting.execute(lease.conn())).await?;
        let done = lease.commit().await;
        if let Some(Locked { room, seq, at, .. }) = locked {
            match done {
                Ok(()) => store.memory.remember(Remembered { room: Arc::new(room), seq, version, at }),
                Err(_) => store.memory.forget(room.game.id),
            }
        }
        done.map_err(of_commit)
    }
}
