//! The store in memory.

use async_trait::async_trait;
use domain::event::{Committed, Event};
use domain::game::Unserved;
use domain::ids::{GameId, HandId, RoomId, UserId};
use domain::member::Member;
use domain::name::Name;
use domain::room::{Lifetimes, Room, RoomStatus};
use domain::time::{Millis, Timestamp};

use super::flaw::Flaw;
use super::tx::WorldTx;
use super::{Record, World, flaw};
use crate::bus::Reached;
use crate::identity::RejoinTokens;
use crate::store::{
    Account, Clockwork, CommandId, Due, FoundToken, Journal, LogPage, Outage, PastHand, Pulse, Recalled, RecordedHand,
    Replies, Reply, Rooms, Sign, Snapshot, Store, StoreError, StoreFigures, Tokens, Touched, Tx, User, Users,
};

#[async_trait]
impl Store for World {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let lent = self.state().lent.pop_front();
        Ok(lent.unwrap_or_else(|| Box::new(WorldTx::begin(self.clone()))))
    }

    fn recall(&self, game: GameId) -> Option<Recalled> {
        let state = self.state();
        let known = state.remembered.get(&game)?;
        Some(Recalled { at: state.now, ..known.clone() })
    }

    /// What has moved on is forgotten here, and is read under the lock.
    async fn catch_up(&self, _: GameId, _: &Lifetimes) -> Result<Option<Recalled>, StoreError> {
        Ok(None)
    }

    fn moved_on(&self, news: Reached) {
        self.state().remembered.retain(|_, known| known.room.id != news.room || known.seq >= news.seq);
    }

    async fn save_action(
        &self,
        recalled: &Recalled,
        after: Room,
        events: Vec<Event>,
        reply: Option<(CommandId, Reply)>,
    ) -> Result<Option<Vec<Committed>>, StoreError> {
        let mut state = self.state();
        let trusts = state.flaw == Some(Flaw::TrustsMemory);
        let record = state.rooms.get(&after.id).ok_or(StoreError::Missing("room"))?;
        let is_known = reply.as_ref().is_some_and(|(id, _)| state.replies.contains_key(id));
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
        state.commit(|state| {
            state.keep(reply.into_iter().collect());
            state.save(after, (seq, wakes_at), None, told);
        })?;
        Ok(Some(events))
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.readable(None)?;
        Ok(self.state().now)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn renewals(&self) -> Result<u64, StoreError> {
        Ok(self.state().renewals)
    }

    fn figures(&self) -> StoreFigures {
        StoreFigures::default()
    }
}
#[async_trait]
impl Replies for World {
    async fn find_reply(&self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        Ok(self.state().replies.get(&id).cloned())
    }
}

#[async_trait]
impl Rooms for World {
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        self.readable(Some(id))?;
        let (room, seq) = self.record(id, |record| (record.room.clone(), record.seq))?;
        let state = self.state();
        Ok(Snapshot { room, epoch: state.epoch(), seq, at: state.now, recent: Vec::new() })
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

    async fn touch(
        &self,
        room: RoomId,
        user: UserId,
        sign: Sign,
        lifetimes: &Lifetimes,
    ) -> Result<Touched, StoreError> {
        let mut state = self.state();
        let at = state.now;
        let record = state.rooms.get_mut(&room).ok_or(StoreError::Missing("room"))?;
        let seat = record.room.seat_of(user);
        let was_absent = seat.is_some_and(|seat| record.room.seats[seat.index()].see().is_some());
        let member = record.room.members.get_mut(&user).ok_or(StoreError::Missing("member"))?;
        member.last_seen = at;
        member.online |= sign == Sign::Line;
        if let Some(token) = &mut member.token
            && (sign == Sign::Line || token.is_valid(at, false))
        {
            token.slide(at, lifetimes.rejoin);
        }
        let room = &record.room;
        let silence = room.members.get(&room.host).map_or(Millis::ZERO, |host| at - host.last_seen);
        let is_open = room.status == RoomStatus::Open;
        let host_is_silent = is_open && room.host != user && silence >= lifetimes.free_seat_after;
        Ok(Touched { seq: record.seq, at, was_absent, host_is_silent })
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        let mut state = self.state();
        let now = state.now;
        let record = state.rooms.get_mut(&room).ok_or(StoreError::Missing("room"))?;
        if let Some(member) = record.room.members.get_mut(&user) {
            member.online = false;
            member.last_seen = member.last_seen.max(now);
        }
        Ok(())
    }
}

#[async_trait]
impl Journal for World {
    async fn events_after(&self, room: RoomId, after: u64, limit: u32) -> Result<LogPage, StoreError> {
        self.readable(Some(room))?;
        let epoch = self.state().epoch();
        self.record(room, |record| {
            let events = record.rows.events_after(after).take(limit as usize).cloned().collect();
            LogPage { events, epoch, seq: record.seq }
        })
    }

    async fn seqs(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>, StoreError> {
        let state = self.state();
        Ok(rooms.iter().filter_map(|id| state.rooms.get(id).map(|record| (*id, record.seq))).collect())
    }

    async fn hands_before(
        &self,
        _: RoomId,
        _: Option<UserId>,
        _: Option<u64>,
        _: u32,
    ) -> Result<Vec<PastHand>, StoreError> {
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
    async fn due_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Due, StoreError> {
        self.readable(None)?;
        let state = self.state();
        let wakes = state.rooms.values().filter_map(|record| Some((record.wakes_at?, record.room.id)));
        let wakes = wakes.filter(|(_, room)| !except.contains(room));
        let mut wakes: Vec<_> = wakes.collect();
        wakes.sort();
        let due = wakes.iter().filter(|(at, _)| *at <= state.now).map(|(_, room)| *room).take(limit as usize);
        let next_at = wakes.iter().map(|(at, _)| *at).find(|at| *at > state.now);
        Ok(Due { rooms: due.collect(), next_in: next_at.map(|at| at - state.now), next_at })
    }

    async fn pulse(&self, tolerance: Millis) -> Result<Pulse, StoreError> {
        self.readable(None)?;
        let mut state = self.state();
        let outages = state.outages.len() as u64;
        match state.alive_at {
            Some(began) if state.now - began > tolerance || began - state.now > tolerance => {
                Ok(Pulse { outages, outage: Some(Outage { began }) })
            }
            Some(_) | None => {
                state.alive_at = Some(state.now);
                Ok(Pulse { outages, outage: None })
            }
        }
    }

    async fn unforgiven_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Vec<RoomId>, StoreError> {
        self.readable(None)?;
        let state = self.state();
        let unforgiven = |record: &&Record| record.wakes_at.is_some() && record.forgiven < state.outages.len();
        let rooms = state.rooms.values().filter(unforgiven).map(|record| record.room.id);
        Ok(rooms.filter(|room| !except.contains(room)).take(limit as usize).collect())
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
            state.outages.push(Unserved { from: outage.began, until: now });
        }
        state.alive_at = Some(now);
        Ok(())
    }

    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError> {
        let state = self.state();
        let silent = |room: &Room| {
            let host_is_gone =
                room.members.get(&room.host).is_some_and(|host| host.is_gone(state.now, lifetimes.free_seat_after));
            if host_is_gone && room.approved().any(|member| member.online && member.user != room.host) {
                return true;
            }
            let mut seated = room.members.values().filter(|member| room.chair_of(member.user).is_some());
            seated.any(|member| state.now - member.last_seen >= lifetimes.disconnect_after)
        };
        let open = state.rooms.values().filter(|record| record.room.status == RoomStatus::Open);
        Ok(open.filter(|record| silent(&record.room)).map(|record| record.room.id).collect())
    }

    async fn forget_guests(&self, _: Millis) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn purge(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn quiet_room(&self, _: Millis, _: &[RoomId]) -> Result<Option<RoomId>, StoreError> {
        Ok(None)
    }

    async fn forget_room(&self, _: RoomId, _: Millis) -> Result<bool, StoreError> {
        Ok(false)
    }
}
