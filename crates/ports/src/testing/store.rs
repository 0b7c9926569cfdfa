//! The store in memory.

use std::cmp::Reverse;
use std::sync::Arc;

use async_trait::async_trait;
use domain::event::{Committed, Event};
use domain::game::{Clock, Unserved};
use domain::hand::{Action, ActionKind};
use domain::ids::{GameId, HandId, RoomId, UserId};
use domain::member::{Member, MembershipStatus};
use domain::name::Name;
use domain::room::{Lifetimes, Room, RoomStatus};
use domain::time::{Millis, Timestamp};

use super::flaw::Flaw;
use super::tx::WorldTx;
use super::{Memory, Record, State, UserRow, World, flaw};
use crate::bus::Reached;
use crate::identity::RejoinTokens;
use crate::store::{
    Account, ActionRecord, Clockwork, CommandId, Due, FoundToken, Journal, LogPage, Outage, PastHand, Pulse, Recalled,
    RecordedHand, Replies, Reply, Rooms, Sign, Snapshot, Store, StoreError, StoreFigures, Tokens, Touched, Tx, User,
    Users,
};

/// How many of a room's last actions a snapshot has.
const RECENT_ACTIONS: usize = 50;

/// How long answers and ended tokens are kept.
const DAY: Millis = Millis::from_secs(24 * 3600);

#[async_trait]
impl Store for World {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        let lent = self.state().lent.pop_front();
        Ok(lent.unwrap_or_else(|| Box::new(WorldTx::begin(self.clone()))))
    }

    fn recall(&self, game: GameId) -> Option<Recalled> {
        let state = self.state();
        let memory = state.remembered.get(&(self.1, game)).filter(|memory| !memory.moved_on)?;
        Some(Recalled { at: state.now, ..memory.known.clone() })
    }

    async fn catch_up(&self, game: GameId, lifetimes: &Lifetimes) -> Result<Option<Recalled>, StoreError> {
        self.readable(None)?;
        let mut state = self.state();
        let (key, at) = ((self.1, game), state.now);
        let Some(Memory { known, .. }) = state.remembered.remove(&key) else { return Ok(None) };
        let caught_up = state.rooms.get(&known.room.id).and_then(|record| caught_up(record, &known, lifetimes));
        let Some(known) = caught_up else { return Ok(None) };
        state.remembered.insert(key, Memory { known: known.clone(), moved_on: false });
        Ok(Some(Recalled { at, ..known }))
    }

    fn moved_on(&self, news: Reached) {
        let mut state = self.state();
        let mine = state.remembered.iter_mut().filter(|((node, _), _)| *node == self.1);
        for (_, memory) in mine.filter(|(_, memory)| memory.known.room.id == news.room) {
            memory.moved_on |= memory.known.seq < news.seq;
        }
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
        // By the clock of the database, as it is now: what was decided a while ago, or when the turn was over, doesn't count.
        let expired = record.room.game.turn.is_some_and(|turn| match turn.clock {
            Clock::Running { expires, .. } => expires <= state.now,
            Clock::Unlimited | Clock::Frozen { .. } => false,
        });
        let in_time = recalled.at <= state.now && state.now <= recalled.at + Millis::from_secs(1) && !expired;
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
        if takes_more {
            return Ok(None);
        }
        if is_known || !in_time || record.version != recalled.version && !trusts {
            state.remembered.remove(&(self.1, after.game.id));
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
            state.save(self.1, after, (seq, wakes_at), None, told);
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
/// A remembered room, as players' actions have made it what it is now, if nothing else has.
fn caught_up(record: &Record, known: &Recalled, lifetimes: &Lifetimes) -> Option<Recalled> {
    let actions = record.rows.actions_after(known.seq);
    if record.version.checked_sub(known.version)? != actions.len() as u64 {
        return None;
    }
    let (mut room, mut seq, mut at) = (Room::clone(&known.room), known.seq, known.at);
    for action in actions {
        let (by, what) = answered(action, seq + 1)?;
        at = action.at;
        seq += room.act(by, what, None, at, lifetimes).ok()?.len() as u64;
    }
    // When the clock asks depends on who is there, which is not remembered.
    if let (Some(turn), Some(now)) = (&mut room.game.turn, record.room.game.turn) {
        turn.asks_at = now.asks_at;
    }
    let is_so = seq == record.seq && room.game == record.room.game && room.seats == record.room.seats;
    (is_so && room.game.live().is_some()).then(|| Recalled { room: Arc::new(room), seq, at, version: record.version })
}

/// Who did what, if it is event `seq` and a player answered their turn with it.
fn answered(action: &ActionRecord, seq: u64) -> Option<(UserId, Action)> {
    let what = match action.kind {
        ActionKind::Fold => Action::Fold,
        ActionKind::Check => Action::Check,
        ActionKind::Call => Action::Call,
        ActionKind::Bet => Action::Bet(action.amount),
        ActionKind::Raise => Action::Raise(action.amount),
        ActionKind::AllIn => Action::AllIn,
    };
    (action.turn.is_some() && !action.auto && action.seq == seq).then_some((action.user, what))
}

#[async_trait]
impl Replies for World {
    async fn find_reply(&self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        Ok(self.state().replies.get(&id).map(|(reply, _)| reply.clone()))
    }
}

#[async_trait]
impl Rooms for World {
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        self.readable(Some(id))?;
        let read = |record: &Record| (record.room.clone(), record.seq, record.rows.recent(RECENT_ACTIONS));
        let (room, seq, recent) = self.record(id, read)?;
        let state = self.state();
        Ok(Snapshot { room, epoch: state.epoch(), seq, at: state.now, recent })
    }

    async fn find_room_by_code(&self, code: &str) -> Result<Option<RoomId>, StoreError> {
        Ok(self.state().rooms.values().find(|record| record.room.code == code).map(|record| record.room.id))
    }

    async fn rooms_of(&self, user: UserId, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        let state = self.state();
        let since = |room: &Room| match room.members.get(&user)?.status {
            MembershipStatus::Pending { since } | MembershipStatus::Approved { since, .. } => Some(since),
            MembershipStatus::Rejected
            | MembershipStatus::Left
            | MembershipStatus::Kicked
            | MembershipStatus::Banned => None,
        };
        let mine = state.rooms.values().filter_map(|record| Some((since(&record.room)?, record.room.id)));
        let mut mine: Vec<(Timestamp, RoomId)> = mine.collect();
        mine.sort_by_key(|(since, _)| Reverse(*since));
        Ok(mine.into_iter().map(|(_, room)| room).take(limit as usize).collect())
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
        let member = record.room.members.get_mut(&user).filter(|member| member.is_in_or_waits());
        let member = member.ok_or(StoreError::Missing("member"))?;
        let is_in = member.is_approved();
        member.last_seen = member.last_seen.max(at);
        member.online |= sign == Sign::Line;
        if let Some(token) = &mut member.token
            && (sign == Sign::Line || token.is_valid(at, false))
        {
            token.slide(at, lifetimes.rejoin);
        }
        let room = &record.room;
        let silence = room.members.get(&room.host).map_or(Millis::ZERO, |host| at - host.last_seen);
        let is_open = room.status == RoomStatus::Open;
        let host_is_silent = is_in && is_open && room.host != user && silence >= lifetimes.free_seat_after;
        Ok(Touched { seq: record.seq, at, was_absent, host_is_silent })
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        let mut state = self.state();
        let now = state.now;
        let member = state.rooms.get_mut(&room).and_then(|record| record.room.members.get_mut(&user));
        if let Some(member) = member {
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
        room: RoomId,
        played_by: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PastHand>, StoreError> {
        let state = self.state();
        let hands = state.rooms.get(&room).map(|record| record.rows.past_hands(played_by, before));
        Ok(hands.into_iter().flatten().take(limit as usize).collect())
    }

    async fn read_hand(&self, id: HandId) -> Result<RecordedHand, StoreError> {
        let state = self.state();
        let hand = state.rooms.values().find_map(|record| record.rows.recorded(record.room.id, id));
        hand.ok_or(StoreError::Missing("hand"))
    }
}

#[async_trait]
impl Tokens for World {
    async fn find_token(&self, text: &str) -> Result<Option<FoundToken>, StoreError> {
        let state = self.state();
        for record in state.rooms.values() {
            for member in record.room.members.values() {
                let Some(token) = member.token.filter(|token| self.text(token.id) == text) else { continue };
                let seat = record.room.occupied_seat_of(member.user);
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
        let made_at = state.now;
        let new = || UserRow { user: User { id, name: name.clone(), guest: true }, account: None, made_at };
        Ok(state.users.entry(id).or_insert_with(new).user.clone())
    }

    async fn create_account(&self, id: UserId, name: &Name, email: &str, password: &str) -> Result<User, StoreError> {
        let mut state = self.state();
        let taken = |row: &UserRow| row.account.as_ref().is_some_and(|(known, _)| known == email);
        let has_one = state.users.get(&id).is_some_and(|row| row.account.is_some());
        if has_one || state.users.values().any(taken) {
            return Err(StoreError::Duplicate("account"));
        }
        let user = User { id, name: name.clone(), guest: false };
        let made_at = state.users.get(&id).map_or(state.now, |row| row.made_at);
        let account = Some((email.to_owned(), password.to_owned()));
        state.users.insert(id, UserRow { user: user.clone(), account, made_at });
        Ok(user)
    }

    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).map(|row| row.user.clone()))
    }

    async fn find_account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let state = self.state();
        let mut accounts = state.users.values().filter_map(|row| Some((&row.user, row.account.as_ref()?)));
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
        // What a look for silence would do is what there is to do.
        let silent = |room: &Room| {
            let mut swept = room.clone();
            !swept.sweep(state.now, lifetimes).is_empty() || swept != *room
        };
        let open = state.rooms.values().filter(|record| record.room.status == RoomStatus::Open);
        Ok(open.filter(|record| silent(&record.room)).map(|record| record.room.id).collect())
    }

    async fn forget_guests(&self, unused: Millis) -> Result<u64, StoreError> {
        let mut state = self.state();
        let State { users, rooms, now, .. } = &mut *state;
        let is_held = |member: &Member| member.is_in_or_waits() || !member.reserved.is_zero();
        let is_used = |user: &UserId| rooms.values().any(|r| r.room.members.get(user).is_some_and(is_held));
        let before = users.len();
        users.retain(|id, row| row.account.is_some() || *now - row.made_at <= unused || is_used(id));
        Ok((before - users.len()) as u64)
    }

    async fn purge(&self) -> Result<u64, StoreError> {
        let mut state = self.state();
        let State { replies, rooms, now, .. } = &mut *state;
        let end = Timestamp(now.0 - DAY.0);
        let before = replies.len();
        replies.retain(|_, (_, at)| *at >= end);
        let mut deleted = (before - replies.len()) as u64;
        for record in rooms.values_mut() {
            let room = &mut record.room;
            let in_hand: Vec<UserId> =
                room.game.live().iter().flat_map(|live| live.players.values().copied()).collect();
            let mut ended = Vec::new();
            for member in room.members.values_mut().filter(|member| !in_hand.contains(&member.user)) {
                ended.extend(member.token.take_if(|token| token.expires_at < end).map(|token| token.id));
            }
            deleted += record.rows.forget_tokens(end, &ended);
        }
        Ok(deleted)
    }

    async fn quiet_room(&self, quiet: Millis, except: &[RoomId]) -> Result<Option<RoomId>, StoreError> {
        let state = self.state();
        let is_quiet = |record: &&Record| is_quiet(record, state.now, quiet) && !except.contains(&record.room.id);
        Ok(state.rooms.values().find(is_quiet).map(|record| record.room.id))
    }

    async fn forget_room(&self, room: RoomId, quiet: Millis) -> Result<bool, StoreError> {
        let mut state = self.state();
        let is_quiet = state.rooms.get(&room).is_some_and(|record| is_quiet(record, state.now, quiet));
        if is_quiet {
            state.rooms.remove(&room);
            state.remembered.retain(|_, memory| memory.known.room.id != room);
        }
        Ok(is_quiet)
    }
}

/// Whether nothing has happened in a room for so long, no clock runs, and nobody was heard of.
fn is_quiet(record: &Record, now: Timestamp, quiet: Millis) -> bool {
    let last = record.rows.last_at().unwrap_or(record.created_at);
    let heard = record.room.members.values().any(|member| now - member.last_seen <= quiet);
    record.wakes_at.is_none() && now - last > quiet && !heard
}
