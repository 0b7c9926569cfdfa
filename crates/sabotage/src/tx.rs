//! Transactions that do a little less, or more, than they should.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use domain::chips::Chips;
use domain::event::{Committed, Event, Happened};
use domain::ids::{GameId, RoomId, UserId};
use domain::room::Room;
use domain::seat::Seat;
use domain::time::{Millis, Timestamp};
use ports::store::{CommandId, Engagements, Locked, Reply, Store, StoreError, Tx};
use tokio::time::sleep;

use crate::store::{Hasty, other_cards};
use crate::{Bug, Point, Saboteur, has};

/// How long a gap between two steps is held open, where a bug lives in it.
const GAP: Duration = Duration::from_millis(20);

pub(crate) struct WreckedTx {
    pub(crate) inner: Box<dyn Tx>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) saboteur: Arc<Saboteur>,
    pub(crate) hasty: Arc<Hasty>,
    pub(crate) locked: Option<Locked>,
}

impl WreckedTx {
    async fn wreck(&mut self, mut locked: Locked, stale: Option<Room>) -> Result<Locked, StoreError> {
        self.saboteur.pass(Point::AfterLock);
        if let Some(stale) = stale {
            locked.room = stale;
        }
        if has(Bug::NodeClock) {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            locked.at = Timestamp(since.as_millis() as i64);
        }
        if has(Bug::TimerWithoutCheck) && self.hasty.forget(locked.room.id) {
            locked.at = locked.room.game.wake_at().map_or(locked.at, |due| due.max(locked.at));
        }
        other_cards(&*self.store, &mut locked.room, self.saboteur.began).await?;
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    /// What is saved instead.
    fn worse(&self, room: &Room, events: &[Event]) -> Room {
        let mut room = room.clone();
        for event in events {
            match &event.what {
                Happened::Reconnected { user, seat } if has(Bug::ChipsTwiceOnReconnect) => {
                    let stack = room.seats[seat.index()].occupant().map(|occupant| occupant.chips);
                    if let (Some(stack), Some(member)) = (stack, room.members.get_mut(user)) {
                        member.reserved = more(member.reserved, stack);
                    }
                }
                Happened::PotDistributed(paid) if has(Bug::PotTwiceOnRecovery) && self.outlived(&room) => {
                    for winner in &paid.winners {
                        if let Some(occupant) = room.seats[winner.seat.index()].occupant_mut() {
                            occupant.chips = more(occupant.chips, winner.amount);
                        }
                    }
                }
                Happened::HandCompleted(_) if has(Bug::RefilledTimeBank) => {
                    let full = room.settings.timebank;
                    for occupant in room.seats.iter_mut().filter_map(Seat::occupant_mut) {
                        occupant.timebank = full;
                    }
                    for member in room.members.values_mut() {
                        member.timebank_used = Millis::ZERO;
                    }
                }
                _ => {}
            }
        }
        room
    }

    fn outlived(&self, room: &Room) -> bool {
        room.game.dealt.as_ref().is_some_and(|dealt| dealt.started_at < self.saboteur.began)
    }

    fn mints(&self, room: &Room) -> bool {
        let before = self.locked.as_ref().map(|locked| &locked.room.members);
        room.members.values().any(|member| {
            let old = before.and_then(|members| members.get(&member.user)).and_then(|old| old.token);
            member.token.map(|token| token.id) != old.map(|token| token.id)
        })
    }
}

/// The room before anybody waits for it.
async fn stale(store: &dyn Store, room: RoomId) -> Option<Room> {
    if !has(Bug::DecideWithoutLock) {
        return None;
    }
    let stale = store.read_room(room).await.ok()?.room;
    sleep(GAP).await;
    Some(stale)
}

fn more(chips: Chips, than: Chips) -> Chips {
    Chips::new(chips.get() + than.get())
}

#[async_trait]
impl Tx for WreckedTx {
    async fn lock_room(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let stale = stale(&*self.store, id).await;
        let locked = self.inner.lock_room(id).await?;
        self.wreck(locked, stale).await
    }

    async fn lock_room_and_players(&mut self, id: RoomId) -> Result<Locked, StoreError> {
        let stale = stale(&*self.store, id).await;
        let locked = self.inner.lock_room_and_players(id).await?;
        self.wreck(locked, stale).await
    }

    async fn hear_everybody(&mut self) -> Result<Locked, StoreError> {
        let locked = self.inner.hear_everybody().await?;
        self.locked = Some(locked.clone());
        Ok(locked)
    }

    async fn lock_game(&mut self, id: GameId) -> Result<Locked, StoreError> {
        let stale = match self.hasty.room_of(id) {
            Some(room) => stale(&*self.store, room).await,
            None => None,
        };
        let mut locked = self.inner.lock_game(id).await?;
        if has(Bug::OutageCharged) {
            (locked.served_at, locked.unserved) = (Some(locked.at), None);
        }
        self.hasty.learn(id, locked.room.id);
        self.wreck(locked, stale).await
    }

    async fn engagements(&mut self, user: UserId) -> Result<Engagements, StoreError> {
        self.inner.engagements(user).await
    }

    async fn create_room<'h>(&mut self, room: &Room, password: Option<&'h str>) -> Result<(), StoreError> {
        self.inner.create_room(room, password).await
    }

    async fn save_room(&mut self, room: &Room, events: Vec<Event>) -> Result<Vec<Committed>, StoreError> {
        if events.iter().any(|event| matches!(event.what, Happened::HandStarted(_))) {
            self.saboteur.pass(Point::InDeal);
        }
        if self.mints(room) {
            self.saboteur.pass(Point::InRotate);
        }
        let room = self.worse(room, &events);
        let committed = self.inner.save_room(&room, events).await?;
        self.saboteur.pass(Point::AfterEventInsert);
        if has(Bug::PublishBeforeCommit)
            && !committed.is_empty()
            && let Some(broadcaster) = self.saboteur.broadcaster.get()
        {
            broadcaster.publish(room.id, &committed).await;
            sleep(GAP).await;
        }
        Ok(committed)
    }

    async fn find_reply(&mut self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        if has(Bug::ForgetActionId) { Ok(None) } else { self.inner.find_reply(id).await }
    }

    async fn save_reply(&mut self, id: CommandId, reply: &Reply) -> Result<(), StoreError> {
        if has(Bug::ForgetActionId) { Ok(()) } else { self.inner.save_reply(id, reply).await }
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.saboteur.pass(Point::BeforeCommit);
        self.inner.commit().await?;
        self.saboteur.pass(Point::AfterCommit);
        if has(Bug::SeqOutsideTransaction)
            && let Some(locked) = self.locked
        {
            sleep(GAP).await;
            self.saboteur.sql.write_seq(locked.room.id).await;
        }
        Ok(())
    }
}
