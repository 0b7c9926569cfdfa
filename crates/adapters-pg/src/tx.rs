//! One transaction on one room.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::event::{Committed, Event};
use domain::ids::{GameId, RoomId, UserId};
use domain::room::Room;
use ports::store::{ActionReply, Engagements, Locked, StoreError, Tx};
use uuid::Uuid;

use crate::error::of_commit;
use crate::load;
use crate::pool::Lease;
use crate::rows::{StateRow, count, signed};
use crate::save;
use crate::schema::action_replies;
use crate::seal::{RejoinKey, Seal};
use crate::statement::{Statement, statement};

/// A transaction that has begun. Its lease undoes it when it is dropped.
pub(crate) struct PgTx {
    pub(crate) lease: Lease,
    pub(crate) seal: Seal,
    pub(crate) key: RejoinKey,
    /// The room as the database has it, within this transaction.
    pub(crate) locked: Option<Locked>,
}

impl PgTx {
    async fn read(&mut self, state: Option<StateRow>, what: &'static str) -> Result<Locked, StoreError> {
        let state = state.ok_or(StoreError::Missing(what))?;
        let parts = self.lease.ask(load::parts(self.lease.conn(), state)).await?;
        let (seq, at) = (parts.seq()?, parts.at());
        let locked = Locked { room: parts.room(&self.seal)?, seq, at };
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    fn locked(&self) -> Result<&Locked, StoreError> {
        self.locked.as_ref().ok_or_else(|| StoreError::Unavailable("no room is locked in this transaction".into()))
    }
}

#[async_trait]
impl Tx for PgTx {
    async fn lock_room(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let state = self.lease.ask(load::lock_room(self.lease.conn(), id)).await?;
        self.read(state, "room").await
    }

    async fn lock_room_and_players(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let state = self.lease.ask(load::lock_room(self.lease.conn(), id)).await?;
        // The room is locked before its people, as in every other transaction: two orders could block each other.
        self.lease.ask(load::lock_players(self.lease.conn(), id)).await?;
        self.read(state, "room").await
    }

    async fn lock_game(&mut self, id: GameId) -> Result<Locked, StoreError> {
        let state = self.lease.ask(load::lock_game(self.lease.conn(), id)).await?;
        self.read(state, "game").await
    }

    async fn create_room(&mut self, room: &Room, password: Option<&str>) -> Result<(), StoreError> {
        let batch = save::create(room, password, &self.key);
        Ok(self.lease.ask(batch.execute(self.lease.conn())).await?)
    }

    async fn engagements(&mut self, user: UserId) -> Result<Engagements, StoreError> {
        // Statements of their own: one that waited for the lock would count what was there when it began. Foreign keys to
        // the user don't wait for this lock.
        let lock = statement::<SqlUuid>("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE").bind(user);
        self.lease.ask(lock.load::<Uuid>(&mut self.lease.conn())).await?;
        let counts = statement::<(BigInt, BigInt)>(
            "SELECT count(*) FILTER (WHERE member.status = 'approved' AND room.host_id = member.user_id), \
                    count(*) FILTER (WHERE member.status = 'pending') \
             FROM room_players AS member JOIN rooms AS room ON room.id = member.room_id \
             WHERE member.user_id = $1 AND member.status IN ('approved', 'pending') AND room.status = 'open'",
        );
        let counts = counts.bind(user);
        let counts = self.lease.ask(counts.load::<(i64, i64)>(&mut self.lease.conn())).await?;
        let (open_rooms, open_requests) = counts.into_iter().next().ok_or(StoreError::Corrupt("count"))?;
        Ok(Engagements { open_rooms: count(open_rooms)?, open_requests: count(open_requests)? })
    }

    async fn save_room(&mut self, room: &Room, events: Vec<Event>) -> Result<Vec<Committed>, StoreError> {
        let Locked { room: before, seq, at } = self.locked()?;
        let (at, first) = (*at, seq + 1);
        let events: Vec<Committed> = (first..).zip(events).map(|(seq, event)| Committed { seq, at, event }).collect();
        let seq = events.last().map_or(*seq, |event| event.seq);
        let batch = save::changes((before, room), &events, (seq, at), (&self.seal, &self.key))?;
        self.lease.ask(batch.execute(self.lease.conn())).await?;
        self.locked = Some(Locked { room: room.clone(), seq, at });
        Ok(events)
    }

    async fn find_reply(&mut self, action: Uuid) -> Result<Option<ActionReply>, StoreError> {
        let reply = action_replies::table.find((self.locked()?.room.id.0, action)).select((
            action_replies::user_id,
            action_replies::fingerprint,
            action_replies::seq,
        ));
        let found = self.lease.ask(reply.load::<(Uuid, String, i64)>(&mut self.lease.conn())).await?;
        let reply = |(user, fingerprint, seq)| Ok(ActionReply { user: UserId(user), fingerprint, seq: count(seq)? });
        found.into_iter().next().map(reply).transpose()
    }

    async fn save_reply(&mut self, action: Uuid, reply: &ActionReply) -> Result<(), StoreError> {
        let Locked { room, at, .. } = self.locked()?;
        let insert: Statement = statement(
            "INSERT INTO action_replies (room_id, action_id, game_id, user_id, fingerprint, seq, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert
            .bind(room.id)
            .bind(action)
            .bind(room.game.id)
            .bind(reply.user)
            .bind(reply.fingerprint.as_str())
            .bind(signed(reply.seq))
            .bind(*at);
        self.lease.ask(insert.execute(&mut self.lease.conn())).await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.lease.commit().await.map_err(of_commit)
    }
}
