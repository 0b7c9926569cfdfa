//! A store that reads what isn't so.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::card::deck::Deck;
use domain::event::{Acted, Committed, Event, Happened, Secret};
use domain::hand::{Action, ActionKind, Hand, Shown};
use domain::ids::{GameId, HandId, RoomId, UserId};
use domain::name::Name;
use domain::room::{Lifetimes, Room};
use domain::time::{Millis, Timestamp};
use ports::bus::Reached;
use ports::store::{
    Account, Clockwork, CommandId, Due, FoundToken, Journal, LogPage, Outage, PastHand, Pulse, Recalled, RecordedHand,
    Replies, Reply, Rooms, Sign, Snapshot, Store, StoreError, StoreFigures, Tokens, Touched, Tx, User, Users,
};
use tokio::time::sleep;

use crate::tx::WreckedTx;
use crate::{Bug, Point, Saboteur, has, has_any};

/// How long [`Bug::HydrateFromCache`] and [`Bug::TrustMemory`] remember a room.
const STALE_FOR: Duration = Duration::from_secs(1);
/// The time between the two reads of [`Bug::HydrateInTwoReads`].
const BETWEEN_READS: Duration = Duration::from_millis(10);
/// How much too early [`Bug::TimerWithoutCheck`] decides.
const TOO_EARLY: Millis = Millis(1500);

/// What the transactions of one store share.
#[derive(Default)]
pub(crate) struct Hasty {
    /// Rooms for which [`Bug::TimerWithoutCheck`] comes next.
    due: Mutex<HashSet<RoomId>>,
    /// Which room a game is in.
    games: Mutex<HashMap<GameId, RoomId>>,
}

impl Hasty {
    /// Whether it is the clock that comes for this room.
    pub(crate) fn forget(&self, room: RoomId) -> bool {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).remove(&room)
    }

    fn note(&self, rooms: &[RoomId]) {
        self.due.lock().unwrap_or_else(PoisonError::into_inner).extend(rooms);
    }

    pub(crate) fn learn(&self, game: GameId, room: RoomId) {
        self.games.lock().unwrap_or_else(PoisonError::into_inner).insert(game, room);
    }

    pub(crate) fn room_of(&self, game: GameId) -> Option<RoomId> {
        self.games.lock().unwrap_or_else(PoisonError::into_inner).get(&game).copied()
    }
}

pub(crate) struct WreckedStore {
    inner: Arc<dyn Store>,
    saboteur: Arc<Saboteur>,
    hasty: Arc<Hasty>,
    remembered: Mutex<HashMap<RoomId, (Instant, Snapshot)>>,
    recalled: Mutex<HashMap<GameId, (Instant, Recalled)>>,
}

impl WreckedStore {
    pub(crate) fn new(inner: Arc<dyn Store>, saboteur: Arc<Saboteur>) -> Self {
        Self { inner, saboteur, hasty: Arc::default(), remembered: Mutex::default(), recalled: Mutex::default() }
    }

    fn remembered(&self, room: RoomId) -> Option<Snapshot> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(&room).filter(|(at, _)| at.elapsed() < STALE_FOR).map(|(_, snapshot)| snapshot.clone())
    }
}

/// With [`Bug::ReshuffleOnRecovery`]: a hand from before `began` goes on with a deck in another order, always the same one,
/// or it could not be played on.
pub(crate) async fn other_cards(store: &dyn Store, room: &mut Room, began: Timestamp) -> Result<(), StoreError> {
    if !has(Bug::ReshuffleOnRecovery) {
        return Ok(());
    }
    let Some(dealt) = room.game.live_mut().filter(|dealt| dealt.started_at < began) else { return Ok(()) };
    let recorded = store.read_hand(dealt.id).await?;
    let actions = recorded.events.iter().filter_map(|committed| match &committed.event.what {
        Happened::Acted(acted) => Some((acted.seat, action(acted))),
        _ => None,
    });
    let mut cards = dealt.hand.deck().cards().to_vec();
    cards.reverse();
    let deck = Deck::from_cards(cards).ok_or(StoreError::Corrupt("deck"))?;
    dealt.hand = Hand::replay(dealt.hand.setup().clone(), deck, actions, dealt.hand.runs())
        .map_err(|_| StoreError::Corrupt("hand"))?;
    Ok(())
}

fn action(acted: &Acted) -> Action {
    match acted.kind {
        ActionKind::Fold => Action::Fold,
        ActionKind::Check => Action::Check,
        ActionKind::Call => Action::Call,
        ActionKind::Bet => Action::Bet(acted.amount),
        ActionKind::Raise => Action::Raise(acted.amount),
        ActionKind::AllIn => Action::AllIn,
    }
}

/// Turns everybody's cards over at the end of a hand.
fn show_all(events: &mut [Committed]) {
    let dealt = events.iter().find_map(|committed| match (&committed.event.what, &committed.event.secret) {
        (Happened::HandStarted(started), Secret::Cards(hands)) => Some((started.seats.clone(), hands.clone())),
        _ => None,
    });
    let Some((seats, hands)) = dealt else { return };
    for committed in events {
        let Happened::HandCompleted(done) = &mut committed.event.what else { continue };
        let hidden = seats.iter().filter(|dealt| done.shown.iter().all(|shown| shown.seat != dealt.seat));
        let turned: Vec<Shown> = hidden
            .filter_map(|dealt| {
                hands.iter().find(|(user, _)| *user == dealt.user).map(|(_, cards)| (dealt.seat, *cards))
            })
            .map(|(seat, cards)| Shown::new(seat, cards, done.variant.game(), &done.boards))
            .collect();
        done.shown.extend(turned);
    }
}

#[async_trait]
impl Rooms for WreckedStore {
    async fn read_room(&self, id: RoomId) -> Result<Snapshot, StoreError> {
        if has(Bug::HydrateFromCache)
            && let Some(snapshot) = self.remembered(id)
        {
            return Ok(snapshot);
        }
        let mut snapshot = self.inner.read_room(id).await?;
        self.saboteur.pass(Point::MidHydrate);
        if has(Bug::HydrateInTwoReads) {
            sleep(BETWEEN_READS).await;
            snapshot = Snapshot { seq: snapshot.seq, ..self.inner.read_room(id).await? };
        }
        other_cards(&*self.inner, &mut snapshot.room, self.saboteur.began).await?;
        if has(Bug::HydrateFromCache) {
            let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
            remembered.insert(id, (Instant::now(), snapshot.clone()));
        }
        Ok(snapshot)
    }

    async fn find_room_by_code(&self, code: &str) -> Result<Option<RoomId>, StoreError> {
        self.inner.find_room_by_code(code).await
    }

    async fn rooms_of(&self, user: UserId, limit: u32) -> Result<Vec<RoomId>, StoreError> {
        self.inner.rooms_of(user, limit).await
    }

    async fn room_password(&self, id: RoomId) -> Result<Option<String>, StoreError> {
        self.inner.room_password(id).await
    }

    async fn touch(
        &self,
        room: RoomId,
        user: UserId,
        sign: Sign,
        lifetimes: &Lifetimes,
    ) -> Result<Touched, StoreError> {
        let touched = self.inner.touch(room, user, sign, lifetimes).await;
        self.saboteur.pass(Point::InConnect);
        touched
    }

    async fn set_offline(&self, room: RoomId, user: UserId) -> Result<(), StoreError> {
        self.inner.set_offline(room, user).await
    }
}

#[async_trait]
impl Journal for WreckedStore {
    async fn events_after(&self, room: RoomId, after: u64, limit: u32) -> Result<LogPage, StoreError> {
        self.inner.events_after(room, after, limit).await
    }

    async fn seqs(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>, StoreError> {
        self.inner.seqs(rooms).await
    }

    async fn hands_before(
        &self,
        room: RoomId,
        played_by: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PastHand>, StoreError> {
        self.inner.hands_before(room, played_by, before, limit).await
    }

    async fn read_hand(&self, id: HandId) -> Result<RecordedHand, StoreError> {
        let mut hand = self.inner.read_hand(id).await?;
        if has(Bug::FoldedCardsInHistory) {
            show_all(&mut hand.events);
        }
        Ok(hand)
    }
}

#[async_trait]
impl Tokens for WreckedStore {
    async fn find_token(&self, text: &str) -> Result<Option<FoundToken>, StoreError> {
        self.inner.find_token(text).await
    }
}

#[async_trait]
impl Replies for WreckedStore {
    async fn find_reply(&self, id: CommandId) -> Result<Option<Reply>, StoreError> {
        if has(Bug::ForgetActionId) { Ok(None) } else { self.inner.find_reply(id).await }
    }
}

#[async_trait]
impl Users for WreckedStore {
    async fn ensure_user(&self, id: UserId, name: &Name) -> Result<User, StoreError> {
        self.inner.ensure_user(id, name).await
    }

    async fn create_account(&self, id: UserId, name: &Name, email: &str, password: &str) -> Result<User, StoreError> {
        self.inner.create_account(id, name, email, password).await
    }

    async fn find_user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.inner.find_user(id).await
    }

    async fn find_account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        self.inner.find_account(email).await
    }
}

#[async_trait]
impl Clockwork for WreckedStore {
    async fn due_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Due, StoreError> {
        let (limit, except) = if has(Bug::RoomStopsClock) { (1, &[][..]) } else { (limit, except) };
        let mut due = self.inner.due_rooms(limit, except).await?;
        if has(Bug::TimerWithoutCheck) {
            due.rooms.extend(self.saboteur.sql.soon_due(TOO_EARLY).await);
            self.hasty.note(&due.rooms);
        }
        if !due.rooms.is_empty() {
            self.saboteur.pass(Point::InTimer);
        }
        Ok(due)
    }

    async fn pulse(&self, tolerance: Millis) -> Result<Pulse, StoreError> {
        self.inner.pulse(tolerance).await
    }

    async fn unforgiven_rooms(&self, limit: u32, except: &[RoomId]) -> Result<Vec<RoomId>, StoreError> {
        let (limit, except) = if has(Bug::RoomStopsClock) { (1, &[][..]) } else { (limit, except) };
        self.inner.unforgiven_rooms(limit, except).await
    }

    async fn end_outage(&self, outage: Outage) -> Result<(), StoreError> {
        self.inner.end_outage(outage).await
    }

    async fn silent_rooms(&self, lifetimes: &Lifetimes) -> Result<Vec<RoomId>, StoreError> {
        if has(Bug::FreeSeatInLiveHand) {
            self.saboteur.sql.empty_silent_seats(lifetimes.free_seat_after).await;
        }
        let silent = self.inner.silent_rooms(lifetimes).await?;
        if !silent.is_empty() {
            self.saboteur.pass(Point::InSweep);
        }
        Ok(silent)
    }

    async fn forget_guests(&self, unused: Millis) -> Result<u64, StoreError> {
        self.inner.forget_guests(unused).await
    }

    async fn purge(&self) -> Result<u64, StoreError> {
        self.inner.purge().await
    }

    async fn quiet_room(&self, quiet: Millis, except: &[RoomId]) -> Result<Option<RoomId>, StoreError> {
        self.inner.quiet_room(quiet, except).await
    }

    async fn forget_room(&self, room: RoomId, quiet: Millis) -> Result<bool, StoreError> {
        self.inner.forget_room(room, quiet).await
    }
}

#[async_trait]
impl Store for WreckedStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
        Ok(Box::new(WreckedTx {
            inner: self.inner.begin().await?,
            store: self.inner.clone(),
            saboteur: self.saboteur.clone(),
            hasty: self.hasty.clone(),
            locked: None,
        }))
    }

    /// What sabotages transactions needs them: with a bug, every action takes one.
    fn recall(&self, game: GameId) -> Option<Recalled> {
        if has(Bug::TrustMemory) {
            let mut recalled = self.recalled.lock().unwrap_or_else(PoisonError::into_inner);
            recalled.retain(|_, (at, _)| at.elapsed() < STALE_FOR);
            if let Some((_, known)) = recalled.get(&game) {
                return Some(known.clone());
            }
            let known = self.inner.recall(game)?;
            recalled.insert(game, (Instant::now(), known.clone()));
            return Some(known);
        }
        if has_any() { None } else { self.inner.recall(game) }
    }

    async fn catch_up(&self, game: GameId, lifetimes: &Lifetimes) -> Result<Option<Recalled>, StoreError> {
        if has_any() { Ok(None) } else { self.inner.catch_up(game, lifetimes).await }
    }

    fn moved_on(&self, news: Reached) {
        self.inner.moved_on(news);
    }

    async fn save_action(
        &self,
        recalled: &Recalled,
        after: Room,
        events: Vec<Event>,
        reply: Option<(CommandId, Reply)>,
    ) -> Result<Option<Vec<Committed>>, StoreError> {
        if has(Bug::TrustMemory) {
            let mut tx = self.inner.begin().await?;
            tx.lock_game(after.game.id).await?;
            let committed = tx.save_room(&after, events).await?;
            tx.commit().await?;
            return Ok(Some(committed));
        }
        self.saboteur.pass(Point::BeforeCommit);
        let saved = self.inner.save_action(recalled, after, events, reply).await?;
        if saved.is_some() {
            self.saboteur.pass(Point::AfterCommit);
        }
        Ok(saved)
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }

    async fn renewals(&self) -> Result<u64, StoreError> {
        self.inner.renewals().await
    }

    fn figures(&self) -> StoreFigures {
        self.inner.figures()
    }
}
