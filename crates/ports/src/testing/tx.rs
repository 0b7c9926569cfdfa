//! Transactions of the store in memory.

use async_trait::async_trait;
use domain::event::{Committed, Event, Happened};
use domain::game::Unserved;
use domain::ids::{GameId, RoomId, UserId};
use domain::member::MembershipStatus;
use domain::room::{Room, RoomStatus};

use super::archive::Rows;
use super::{Record, World, flaw};
use crate::store::{CommandId, Engagements, Locked, Reply, StoreError, Tx};

/// A transaction, of which nobody sees anything before it is committed.
pub(super) struct WorldTx {
    world: World,
    locked: Option<Locked>,
    /// Outages that the locked room is forgiven with this transaction.
    forgiven: Option<usize>,
    /// Whether signs of life wait for this transaction.
    holds_players: bool,
    saved: bool,
    events: Vec<Committed>,
    replies: Vec<(CommandId, Reply)>,
    created: Option<Record>,
}

impl WorldTx {
    pub(super) fn begin(world: World) -> Self {
        let (events, replies) = (Vec::new(), Vec::new());
        Self { world, locked: None, forgiven: None, holds_players: false, saved: false, events, replies, created: None }
    }

    fn locked(&self) -> &Locked {
        self.locked.as_ref().expect("a room is locked before anything is done to it")
    }
}

#[async_trait]
impl Tx for WorldTx {
    async fn lock_room(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        self.world.readable(Some(id))?;
        let state = self.world.state();
        let record = state.rooms.get(&id).ok_or(StoreError::Missing("room"))?;
        let (room, wakes_at) = (flaw::room(&state, record), record.wakes_at);
        let missed = state.outages.get(record.forgiven..).unwrap_or_default();
        let unserved = missed.first().zip(missed.last());
        let locked = Locked {
            room,
            seq: record.seq,
            at: state.now,
            wakes_at,
            served_at: state.alive_at,
            unserved: unserved.map(|(first, last)| Unserved { from: first.from, until: last.until }),
        };
        self.forgiven = Some(state.outages.len());
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    async fn lock_room_and_players(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        self.holds_players = true;
        self.lock_room(id).await
    }

    async fn hear_everybody(&mut self) -> Result<Locked, StoreError> {
        Ok(self.locked().clone())
    }

    async fn lock_game(&mut self, id: GameId) -> Result<Locked, StoreError> {
        let room = self.world.state().rooms.values().find(|record| record.room.game.id == id).map(|r| r.room.id);
        self.lock_room(room.ok_or(StoreError::Missing("game"))?).await
    }

    async fn create_room<'h>(&mut self, room: &Room, password: Option<&'h str>) -> Result<(), StoreError> {
        if self.world.state().rooms.values().any(|record| record.room.code == room.code) {
            return Err(StoreError::Duplicate("room code"));
        }
        let (room, password, created_at) = (room.clone(), password.map(str::to_owned), self.world.state().now);
        self.created = Some(Record {
            room,
            seq: 0,
            version: 0,
            created_at,
            wakes_at: None,
            forgiven: 0,
            password,
            rows: Rows::default(),
        });
        Ok(())
    }

    async fn engagements(&mut self, user: UserId) -> Result<Engagements, StoreError> {
        let state = self.world.state();
        let open = state.rooms.values().map(|record| &record.room).filter(|room| room.status == RoomStatus::Open);
        let (mut open_rooms, mut open_requests) = (0, 0);
        for room in open {
            let status = room.members.get(&user).map(|member| member.status);
            if matches!(status, Some(MembershipStatus::Approved { .. })) && room.host == user {
                open_rooms += 1;
            }
            if matches!(status, Some(MembershipStatus::Pending { .. })) {
                open_requests += 1;
            }
        }
        Ok(Engagements { open_rooms, open_requests })
    }

    async fn save_room(&mut self, room: &Room, events: Vec<Event>) -> Result<Vec<Committed>, StoreError> {
        let misses = events.iter().any(|event| matches!(event.what, Happened::Disconnected { .. }));
        assert!(self.holds_players || !misses, "nobody is missed while signs of life go unseen");
        if events.iter().any(|event| event.what.facts().kind.is_none()) {
            return Err(StoreError::Corrupt("event"));
        }
        let (at, first) = (self.world.state().now, self.locked().seq + 1);
        let first = flaw::first_number(&self.world.state(), first);
        let events = Committed::number(first, at, events);
        let seq = events.last().map_or(self.locked().seq, |event| event.seq);
        let wakes_at = room.game.wake_at();
        self.locked = Some(Locked { room: room.clone(), seq, at, wakes_at, ..self.locked().clone() });
        self.events.extend(events.iter().cloned());
        self.saved = true;
        Ok(events)
    }

    async fn find_reply(&mut self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        Ok(self.world.state().replies.get(&id).map(|(reply, _)| reply.clone()))
    }

    async fn save_reply(&mut self, id: CommandId, reply: &Reply) -> Result<(), StoreError> {
        self.replies.push((id, reply.clone()));
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { world, locked, forgiven, events, replies, created, saved, holds_players: _ } = *self;
        let mut state = world.state();
        if replies.iter().any(|(id, _)| state.replies.contains_key(id)) {
            return Err(StoreError::REPEATED);
        }
        state.commit(|state| {
            let flaw = state.flaw;
            state.keep(replies);
            if let Some(mut record) = created {
                record.rows.add_tokens(None, &record.room, state.now, flaw);
                state.rooms.insert(record.room.id, record);
            }
            if let Some(Locked { room, seq, wakes_at, .. }) = locked.filter(|_| saved) {
                state.save(world.1, room, (seq, wakes_at), forgiven, events);
            }
        })
    }
}
