//! What every store has to do, said through the port alone: the store in memory and PostgreSQL run the same claims, and so does
//! the next one.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use domain::card::seed::Seed;
use domain::event::{Committed, Event, Happened};
use domain::hand::{Action, ActionKind};
use domain::ids::{GameId, HandId, RoomId, SeatIndex, TokenId, UserId};
use domain::name::Name;
use domain::room::{Chance, Lifetimes, NewRoom, Removal, Room, RoomError, TakeSeat};
use domain::settings::Settings;
use domain::time::{Millis, Timestamp};
use uuid::Uuid;

use super::Seeded;
use crate::bus::Reached;
use crate::store::{Answer, CommandId, FoundToken, Locked, Recalled, Reply, Sign, Store, StoreError};

/// An empty store under test, and what the port can't do to it.
#[async_trait]
pub trait Subject: Sync {
    /// The store as another node has it: what that node remembers is its own.
    async fn node(&self) -> Arc<dyn Store>;
    /// Makes all that is stored older by this.
    async fn pass(&self, length: Millis);
    /// The text of a rejoin token.
    fn text(&self, token: TokenId) -> String;
}

/// Runs every claim, each on a store of its own.
pub async fn all<S: Subject, F: Future<Output = S>>(fresh: impl Fn() -> F) {
    a_locked_room_is_what_was_saved(&fresh().await).await;
    events_are_dense_and_come_in_pages(&fresh().await).await;
    a_dropped_transaction_leaves_nothing(&fresh().await).await;
    a_reply_is_found_again_and_given_once(&fresh().await).await;
    a_room_is_found_by_its_code_and_its_people(&fresh().await).await;
    tokens_are_found_by_text_and_rotated_and_revoked(&fresh().await).await;
    signs_of_life_are_those_of_members(&fresh().await).await;
    hands_and_actions_are_kept(&fresh().await).await;
    an_action_on_a_remembered_room_is_saved_if_it_still_holds(&fresh().await).await;
    actions_of_other_nodes_are_caught_up_with(&fresh().await).await;
    a_room_is_due_when_its_deadline_has_come(&fresh().await).await;
    silent_rooms_are_found_once_for_each_thing_to_do(&fresh().await).await;
    an_outage_is_nobodys_silence_and_every_rooms_to_be_forgiven(&fresh().await).await;
    what_is_a_day_old_is_purged(&fresh().await).await;
    unused_guests_are_forgotten_and_accounts_are_not(&fresh().await).await;
    quiet_rooms_are_forgotten_whole(&fresh().await).await;
}

const HOST: UserId = UserId(Uuid::from_u128(1));
const ANNA: UserId = UserId(Uuid::from_u128(2));
const BEN: UserId = UserId(Uuid::from_u128(3));
const CARA: UserId = UserId(Uuid::from_u128(4));

const LIFETIMES: Lifetimes = Lifetimes {
    rejoin: Millis::from_secs(300),
    disconnect_after: Millis::from_secs(300),
    free_seat_after: Millis::from_secs(600),
};

const DAY: Millis = Millis::from_secs(24 * 3600);
const A_DAY_AND_MORE: Millis = Millis::from_secs(24 * 3600 + 1);

fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

fn id(number: u128) -> CommandId {
    CommandId { by: HOST, id: Uuid::from_u128(number) }
}

impl Chance for Seeded {
    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.any(), self.any())
    }

    fn seed(&mut self) -> Seed {
        let mut words = [0; 4].map(|_: u64| self.any()).into_iter().flat_map(u64::to_be_bytes);
        Seed([0; 32].map(|_| words.next().expect("four words are 32 bytes")))
    }
}

/// A room in a store.
struct Table {
    store: Arc<dyn Store>,
    room: RoomId,
    game: GameId,
    code: String,
    chance: Seeded,
}

impl Table {
    async fn new<S: Subject>(subject: &S) -> Self {
        Self::begin(subject.node().await, 1, Settings::default(), None).await.expect("a free code")
    }

    /// A new room with nobody but its host.
    async fn begin(
        store: Arc<dyn Store>,
        seed: u64,
        settings: Settings,
        code: Option<&str>,
    ) -> Result<Self, StoreError> {
        let mut chance = Seeded(seed);
        let new = NewRoom {
            id: RoomId(chance.id()),
            game: GameId(chance.id()),
            code: code.map_or_else(|| format!("{:08X}", chance.below(1 << 32)), str::to_owned),
            name: name("Friday"),
            has_password: true,
            host: HOST,
            host_name: name("Hanna"),
            settings,
        };
        let (id, game, code) = (new.id, new.game, new.code.clone());
        let room = Room::create(new, store.now().await?, &LIFETIMES, &mut chance);
        let mut tx = store.begin().await?;
        tx.create_room(&room, Some("a hash")).await?;
        tx.commit().await?;
        Ok(Self { store, room: id, game, code, chance })
    }

    /// The same, with these people in its seats.
    async fn seated<S: Subject>(subject: &S, users: &[UserId]) -> Self {
        let mut table = Self::new(subject).await;
        for (index, user) in (0..).zip(users) {
            if *user != HOST {
                table.ask_in(*user).await;
                table.must(|room, at, chance| room.approve(HOST, *user, at, &LIFETIMES, chance)).await;
            }
            let ask = TakeSeat { seat: SeatIndex(index), name: None, buy_in: None };
            table.must(|room, at, chance| room.take_seat(*user, ask, at, &LIFETIMES, chance)).await;
        }
        table
    }

    /// The same, in the middle of a hand.
    async fn in_hand<S: Subject>(subject: &S, users: &[UserId]) -> Self {
        let mut table = Self::seated(subject, users).await;
        table.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
        table
    }

    async fn ask_in(&mut self, user: UserId) {
        let called = name(&format!("Player {}", user.0.as_u128()));
        self.must(|room, at, chance| Ok(room.join(user, called, at, &LIFETIMES, chance)?.1)).await;
    }

    /// A command that is accepted, in a transaction of its own. What every node then reads is what was saved.
    async fn must(
        &mut self,
        decide: impl FnOnce(&mut Room, Timestamp, &mut dyn Chance) -> Result<Vec<Event>, RoomError>,
    ) -> Vec<Committed> {
        let mut tx = self.store.begin().await.expect("a transaction");
        let Locked { mut room, seq, at, .. } = tx.lock_room(self.room).await.expect("the room");
        let events = decide(&mut room, at, &mut self.chance).expect("it is allowed");
        let happened: Vec<Happened> = events.iter().map(|event| event.what.clone()).collect();
        let committed = tx.save_room(&room, events).await.expect("saved");
        tx.commit().await.expect("committed");
        assert_eq!(committed.iter().map(|c| c.event.what.clone()).collect::<Vec<_>>(), happened);
        assert_eq!(
            committed.iter().map(|c| c.seq).collect::<Vec<_>>(),
            (seq + 1..).take(committed.len()).collect::<Vec<_>>()
        );
        let read = self.store.read_room(self.room).await.expect("the room");
        assert_eq!(read.seq, seq + committed.len() as u64);
        assert_same(&read.room, &room);
        committed
    }

    async fn read(&self) -> Room {
        self.store.read_room(self.room).await.expect("the room").room
    }

    async fn seq(&self) -> u64 {
        self.store.read_room(self.room).await.expect("the room").seq
    }

    async fn lock(&self) -> Locked {
        self.store.begin().await.expect("a transaction").lock_room(self.room).await.expect("the room")
    }

    /// Whoever's turn it is checks, or calls.
    async fn go_along(&mut self) -> Vec<Committed> {
        let (user, action) = next(&self.read().await);
        self.must(|room, at, _| room.act(user, action, None, at, &LIFETIMES)).await
    }

    /// Plays the hand to its end. Returns its id.
    async fn finish(&mut self) -> HandId {
        let hand = self.read().await.game.live().expect("a hand is played").id;
        while self.read().await.game.live().is_some() {
            self.go_along().await;
        }
        hand
    }

    /// Deals the next hand.
    async fn deal(&mut self) {
        let dealt = self.must(|room, at, chance| {
            room.game.next_hand_at = Some(at);
            Ok(room.tick(at, &LIFETIMES, chance))
        });
        assert!(!dealt.await.is_empty());
    }

    /// What a node remembers of the room, once it does.
    async fn recall(&self, node: &dyn Store) -> Recalled {
        let seq = self.seq().await;
        // A cache promises nothing: it is asked a few times.
        for _ in 0..4 {
            if let Some(known) = node.recall(self.game).filter(|known| known.seq == seq) {
                return known;
            }
            let mut tx = node.begin().await.expect("a transaction");
            let locked = tx.lock_game(self.game).await.expect("the room");
            tx.save_room(&locked.room, Vec::new()).await.expect("saved");
            tx.commit().await.expect("committed");
        }
        panic!("the node remembers nothing")
    }

    async fn token(&self, user: UserId) -> TokenId {
        self.read().await.members[&user].token.expect("a token").id
    }
}

/// Whose turn it is, and to check, or to call.
fn next(room: &Room) -> (UserId, Action) {
    let hand = room.game.live().expect("a hand is played");
    let legal = hand.hand.legal().expect("somebody is to act");
    let actor = hand.players[&hand.hand.actor().expect("somebody is to act")];
    (actor, if legal.actions.contains(&ActionKind::Check) { Action::Check } else { Action::Call })
}

/// Equal but for signs of life, which come without the lock; and for the mark that a player has acted who has left the hand.
fn assert_same(read: &Room, saved: &Room) {
    let shape = |room: &Room| {
        let mut room = room.clone();
        for member in room.members.values_mut() {
            (member.last_seen, member.online) = (Timestamp(0), false);
            member.token.iter_mut().for_each(|token| token.expires_at = Timestamp(0));
        }
        format!("{room:#?}").replace("acted: true", "acted: false")
    };
    let (read_shape, saved_shape) = (shape(read), shape(saved));
    let lines = read_shape.lines().zip(saved_shape.lines());
    let different: Vec<_> = lines.filter(|(read, saved)| read != saved).collect();
    assert!(different.is_empty(), "what was read is not what was saved: {different:#?}");
    assert_eq!(read_shape.len(), saved_shape.len());
    let deck = |room: &Room| room.game.dealt.as_ref().map(|dealt| dealt.hand.deck().clone());
    assert!(deck(read) == deck(saved), "the deck is another one");
    assert_eq!(read.game.wake_at(), saved.game.wake_at());
}

async fn a_locked_room_is_what_was_saved<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA, BEN]).await;
    let strangers = subject.node().await;
    loop {
        let read = table.read().await;
        for node in [&table.store, &strangers] {
            let by_room = node.begin().await.expect("a transaction").lock_room(table.room).await.expect("the room");
            let by_game = node.begin().await.expect("a transaction").lock_game(table.game).await.expect("the room");
            let seq = table.seq().await;
            for locked in [by_room, by_game] {
                assert_same(&locked.room, &read);
                assert_eq!((locked.seq, locked.wakes_at), (seq, read.game.wake_at()));
            }
        }
        if read.game.live().is_none() {
            break;
        }
        table.go_along().await;
    }
    let mut tx = table.store.begin().await.expect("a transaction");
    assert!(matches!(tx.lock_room(RoomId(Uuid::from_u128(99))).await, Err(StoreError::Missing(_))));
    let mut tx = table.store.begin().await.expect("a transaction");
    assert!(matches!(tx.lock_game(GameId(Uuid::from_u128(99))).await, Err(StoreError::Missing(_))));
}

async fn events_are_dense_and_come_in_pages<S: Subject>(subject: &S) {
    let mut table = Table::new(subject).await;
    let empty = table.store.events_after(table.room, 0, 10).await.expect("a page");
    assert_eq!((empty.events.len(), empty.seq), (0, 0));
    table.ask_in(ANNA).await;
    table.must(|room, at, chance| room.approve(HOST, ANNA, at, &LIFETIMES, chance)).await;
    for (seat, user) in [(0, HOST), (1, ANNA)] {
        let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in: None };
        table.must(|room, at, chance| room.take_seat(user, ask, at, &LIFETIMES, chance)).await;
    }
    let started = table.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;

    let all = table.store.events_after(table.room, 0, 1000).await.expect("a page");
    let seqs: Vec<u64> = all.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=all.seq).collect::<Vec<_>>());
    // With all that is hidden in them.
    assert!(all.events.ends_with(&started));
    let page = table.store.events_after(table.room, 1, 2).await.expect("a page");
    assert_eq!((&page.events[..], page.seq, page.epoch), (&all.events[1..3], all.seq, all.epoch));
    assert_eq!(table.store.events_after(table.room, all.seq, 9).await.expect("a page").events, []);
    assert_eq!(table.store.read_room(table.room).await.expect("the room").epoch, all.epoch);
    let nowhere = RoomId(Uuid::from_u128(99));
    assert!(matches!(table.store.events_after(nowhere, 0, 9).await, Err(StoreError::Missing(_))));
    assert!(matches!(table.store.read_room(nowhere).await, Err(StoreError::Missing(_))));
    assert_eq!(table.store.seqs(&[table.room, nowhere]).await.expect("numbers"), [(table.room, all.seq)]);
}

async fn a_dropped_transaction_leaves_nothing<S: Subject>(subject: &S) {
    let table = Table::in_hand(subject, &[HOST, ANNA]).await;
    let (before, seq) = (table.read().await, table.seq().await);
    let mut tx = table.store.begin().await.expect("a transaction");
    let mut locked = tx.lock_room(table.room).await.expect("the room");
    let events = locked.room.pause(HOST, locked.at).expect("it is allowed");
    tx.save_reply(id(1), &given(200)).await.expect("kept");
    assert_eq!(tx.save_room(&locked.room, events).await.expect("saved")[0].seq, seq + 1);
    drop(tx);
    assert_same(&table.lock().await.room, &before);
    assert_same(&table.read().await, &before);
    assert_eq!(table.seq().await, seq);
    assert_eq!(table.store.find_reply(id(1)).await.expect("an answer"), None);
}

fn given(status: u16) -> Reply {
    Reply { fingerprint: "pause".to_owned(), answer: Answer::Given { status, body: b"{}".to_vec() } }
}

async fn a_reply_is_found_again_and_given_once<S: Subject>(subject: &S) {
    let table = Table::in_hand(subject, &[HOST, ANNA]).await;
    let acted = Answer::Acted { room: table.room, seq: 3 };
    let acted = Reply { fingerprint: "CALL".to_owned(), answer: acted };
    for (id, reply) in [(id(1), given(201)), (id(2), acted)] {
        let mut tx = table.store.begin().await.expect("a transaction");
        tx.lock_room(table.room).await.expect("the room");
        assert_eq!(tx.find_reply(id).await.expect("an answer"), None);
        tx.save_reply(id, &reply).await.expect("kept");
        tx.commit().await.expect("committed");
        assert_eq!(table.store.find_reply(id).await.expect("an answer"), Some(reply.clone()));
        let mut tx = table.store.begin().await.expect("a transaction");
        assert_eq!(tx.find_reply(id).await.expect("an answer"), Some(reply));
        let of_another = CommandId { by: ANNA, ..id };
        assert_eq!(tx.find_reply(of_another).await.expect("an answer"), None);
    }
    let before = table.seq().await;
    let mut tx = table.store.begin().await.expect("a transaction");
    let mut locked = tx.lock_room(table.room).await.expect("the room");
    let events = locked.room.pause(HOST, locked.at).expect("it is allowed");
    // From any of these.
    let again = async {
        tx.save_reply(id(1), &given(500)).await?;
        tx.save_room(&locked.room, events).await?;
        tx.commit().await
    };
    assert!(again.await.is_err_and(|err| err.is_repeated()));
    assert_eq!(table.seq().await, before);
    assert_eq!(table.store.find_reply(id(1)).await.expect("an answer"), Some(given(201)));
}

async fn a_room_is_found_by_its_code_and_its_people<S: Subject>(subject: &S) {
    let mut table = Table::new(subject).await;
    let store = table.store.clone();
    let taken = Table::begin(store.clone(), 2, Settings::default(), Some(&table.code)).await;
    assert!(matches!(taken, Err(StoreError::Duplicate(_))));
    assert_eq!(store.find_room_by_code(&table.code).await.expect("a look"), Some(table.room));
    assert_eq!(store.find_room_by_code("NOWHERE1").await.expect("a look"), None);
    assert_eq!(store.room_password(table.room).await.expect("a look"), Some("a hash".to_owned()));

    subject.pass(Millis::from_secs(60)).await;
    // What a node remembers is not made older.
    table.store = subject.node().await;
    let other = Table::begin(store.clone(), 3, Settings::default(), None).await.expect("a free code");
    assert_eq!(store.rooms_of(HOST, 9).await.expect("rooms"), [other.room, table.room]);
    assert_eq!(store.rooms_of(HOST, 1).await.expect("rooms"), [other.room]);
    table.ask_in(ANNA).await;
    assert_eq!(store.rooms_of(ANNA, 9).await.expect("rooms"), [table.room]);
    let mut tx = store.begin().await.expect("a transaction");
    let (host, anna) = (tx.engagements(HOST).await.expect("counts"), tx.engagements(ANNA).await.expect("counts"));
    drop(tx);
    assert_eq!((host.open_rooms, host.open_requests, anna.open_rooms, anna.open_requests), (2, 0, 0, 1));
    table.must(|room, _, _| room.reject(HOST, ANNA)).await;
    assert_eq!(store.rooms_of(ANNA, 9).await.expect("rooms"), []);
}

async fn tokens_are_found_by_text_and_rotated_and_revoked<S: Subject>(subject: &S) {
    let mut table = Table::seated(subject, &[HOST, ANNA, BEN]).await;
    let store = table.store.clone();
    let find = async |token: TokenId| store.find_token(&subject.text(token)).await.expect("a look");
    let first = table.token(ANNA).await;
    assert_eq!(find(first).await, Some(FoundToken { room: table.room, user: ANNA, valid: true }));
    assert_eq!(store.find_token("nonsense").await.expect("a look"), None);
    table.must(|room, at, chance| room.stand_up(ANNA, at, &LIFETIMES, chance)).await;
    let second = table.token(ANNA).await;
    assert_eq!((find(first).await, find(second).await.is_some_and(|found| found.valid)), (None, true));

    table.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
    let (host, ben) = (table.token(HOST).await, table.token(BEN).await);
    subject.pass(Millis::from_secs(301)).await;
    let valid = async |token: TokenId| find(token).await.expect("a token").valid;
    assert!(valid(host).await && valid(ben).await, "they are in the hand");
    assert!(!valid(second).await);
    store.touch(table.room, ANNA, Sign::Call, &LIFETIMES).await.expect("a member");
    assert!(!valid(second).await, "a call brings back nothing that has run out");
    store.touch(table.room, ANNA, Sign::Line, &LIFETIMES).await.expect("a member");
    assert!(valid(second).await);

    let mut table = Table { store: subject.node().await, ..table };
    table.must(|room, at, _| room.kick(HOST, ANNA, Removal::Kick, at, &LIFETIMES)).await;
    assert_eq!(find(second).await, None);
}

async fn signs_of_life_are_those_of_members<S: Subject>(subject: &S) {
    let mut table = Table::seated(subject, &[HOST, ANNA]).await;
    let store = table.store.clone();
    let touch = async |user: UserId, sign: Sign| store.touch(table.room, user, sign, &LIFETIMES).await;
    assert!(matches!(touch(BEN, Sign::Line).await, Err(StoreError::Missing(_))));
    let before = table.read().await.members[&ANNA].clone();
    subject.pass(Millis::from_secs(700)).await;
    let touched = touch(ANNA, Sign::Line).await.expect("a member");
    assert_eq!((touched.seq, touched.was_absent, touched.host_is_silent), (table.seq().await, false, true));
    let after = table.read().await.members[&ANNA].clone();
    assert!(after.online && !before.online && after.last_seen <= touched.at);
    assert!(touched.at - after.last_seen < Millis::from_secs(60));
    store.set_offline(table.room, ANNA).await.expect("noted");
    assert!(!table.read().await.members[&ANNA].online);
    touch(HOST, Sign::Call).await.expect("a member");
    let touched = touch(ANNA, Sign::Call).await.expect("a member");
    assert!(!touched.host_is_silent && !table.read().await.members[&ANNA].online, "a call is no line");

    let room = table.room;
    table.store = subject.node().await;
    table.ask_in(BEN).await;
    store.touch(room, BEN, Sign::Line, &LIFETIMES).await.expect("waits to be let in");
    table.must(|room, _, _| room.reject(HOST, BEN)).await;
    assert!(matches!(store.touch(room, BEN, Sign::Line, &LIFETIMES).await, Err(StoreError::Missing(_))));
}

async fn hands_and_actions_are_kept<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA, BEN]).await;
    let store = table.store.clone();
    let (room, dealt) = (table.room, table.read().await.game.dealt.expect("a hand"));
    assert_eq!(store.hands_before(room, None, None, 9).await.expect("hands"), []);
    let live = store.read_hand(dealt.id).await.expect("the hand");
    assert_eq!((live.room, live.number, live.completed_at, live.boards[0].len()), (room, 1, None, 0));
    assert!(live.deck == *dealt.hand.deck() && live.seed == dealt.seed);
    let players: Vec<_> = live.players.iter().map(|(seat, user, _, stack)| (*seat, *user, *stack)).collect();
    let stacks = &dealt.hand.setup().players;
    assert_eq!(players, stacks.iter().map(|(seat, stack)| (*seat, dealt.players[seat], *stack)).collect::<Vec<_>>());

    let mut hands = vec![table.finish().await];
    for _ in 0..3 {
        table.deal().await;
        hands.push(table.finish().await);
    }
    table.must(|room, at, chance| room.stand_up(BEN, at, &LIFETIMES, chance)).await;
    table.deal().await;
    hands.push(table.finish().await);
    hands.reverse();
    let ids = async |by: Option<UserId>, before: Option<u64>, limit: u32| {
        let hands = store.hands_before(room, by, before, limit).await.expect("hands");
        hands.iter().map(|hand| hand.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, None, 9).await, hands);
    assert_eq!(ids(None, Some(5), 2).await, hands[1..3]);
    assert_eq!(ids(Some(BEN), None, 9).await, hands[1..]);
    assert_eq!(ids(Some(CARA), None, 9).await, []);

    let log = store.events_after(room, 0, 10_000).await.expect("the log").events;
    for past in store.hands_before(room, None, None, 9).await.expect("hands") {
        let hand = store.read_hand(past.id).await.expect("the hand");
        let of_hand: Vec<_> = log.iter().filter(|c| c.event.what.facts().hand == Some(past.id)).cloned().collect();
        assert_eq!(hand.events, of_hand);
        let end = of_hand.iter().rev().find_map(|committed| {
            let Happened::HandCompleted(done) = &committed.event.what else { return None };
            Some((done.clone(), committed.at))
        });
        let (done, at) = end.expect("it is over");
        assert_eq!((past.completed_at, hand.completed_at, &past.winners), (at, Some(at), &done.winners));
        assert_eq!((past.number, past.started_at, past.pot), (hand.number, hand.started_at, hand.pot));
        assert_eq!(past.pot, done.winners.iter().map(|winner| winner.amount).sum());
        assert_eq!(hand.boards, done.boards);
    }
    assert!(matches!(store.read_hand(HandId(Uuid::from_u128(99))).await, Err(StoreError::Missing(_))));

    let acted = log.iter().filter_map(|committed| {
        let Happened::Acted(acted) = &committed.event.what else { return None };
        Some((committed.seq, committed.at, acted.user, acted.kind, acted.amount))
    });
    let acted: Vec<_> = acted.collect();
    assert!(acted.len() > 50, "{}", acted.len());
    let recent = store.read_room(room).await.expect("the room").recent;
    let recent: Vec<_> = recent.iter().map(|past| (past.seq, past.at, past.user, past.kind, past.amount)).collect();
    assert_eq!(recent, acted[acted.len() - 50..]);
}

/// Saves what the next player does on a recalled room.
async fn act(store: &dyn Store, recalled: &Recalled, command: Option<u128>) -> Option<Vec<Committed>> {
    let mut after = Room::clone(&recalled.room);
    let (user, action) = next(&after);
    let events = after.act(user, action, None, recalled.at, &LIFETIMES).expect("it is allowed");
    let answer = Answer::Acted { room: after.id, seq: recalled.seq + events.len() as u64 };
    let reply = Reply { fingerprint: "an action".to_owned(), answer };
    let reply = command.map(|number| (CommandId { by: user, id: Uuid::from_u128(number) }, reply));
    store.save_action(recalled, after, events, reply).await.expect("a store that answers")
}

async fn an_action_on_a_remembered_room_is_saved_if_it_still_holds<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA, BEN]).await;
    let store = table.store.clone();
    let old = table.recall(&*store).await;
    assert_same(&old.room, &table.read().await);
    let (first, second) = (next(&old.room).0, Uuid::from_u128(2));
    let committed = act(&*store, &old, Some(1)).await.expect("nothing has happened since");
    let log = store.events_after(table.room, old.seq, 9).await.expect("the log");
    assert_eq!((&log.events, log.seq), (&committed, old.seq + committed.len() as u64));
    let reply = store.find_reply(CommandId { by: first, ..id(1) }).await.expect("an answer").expect("it was kept");
    assert_eq!(reply.answer, Answer::Acted { room: table.room, seq: log.seq });

    // An old memory, an id that was answered, another time than the clock's, a turn that is over: nothing is done.
    assert_eq!(act(&*store, &old, None).await, None);
    let mut tx = store.begin().await.expect("a transaction");
    let locked = tx.lock_room(table.room).await.expect("the room");
    tx.save_reply(CommandId { by: next(&locked.room).0, id: second }, &given(200)).await.expect("kept");
    tx.commit().await.expect("committed");
    let now = table.recall(&*store).await;
    assert_eq!(act(&*store, &now, Some(2)).await, None);
    for off in [Millis(10_000), Millis(-5000)] {
        let now = table.recall(&*store).await;
        assert_eq!(act(&*store, &Recalled { at: now.at + off, ..now }, None).await, None);
    }
    let now = table.recall(&*store).await;
    table.must(|room, at, _| room.pause(HOST, at)).await;
    assert_eq!(act(&*store, &now, None).await, None);
    let log = store.events_after(table.room, 0, 1000).await.expect("the log").events;
    let acted = log.iter().filter(|committed| matches!(committed.event.what, Happened::Acted(_)));
    assert_eq!(acted.count(), 1);
}

async fn actions_of_other_nodes_are_caught_up_with<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA, BEN]).await;
    let node = subject.node().await;
    assert!(
        node.recall(table.game).is_none() && node.catch_up(table.game, &LIFETIMES).await.expect("a look").is_none()
    );
    let known = table.recall(&*node).await;
    node.moved_on(Reached { room: RoomId(Uuid::from_u128(99)), seq: known.seq + 9 });
    node.moved_on(Reached { room: table.room, seq: known.seq });
    assert!(node.recall(table.game).is_some(), "no news");
    for _ in 0..2 {
        table.go_along().await;
        let seq = table.seq().await;
        node.moved_on(Reached { room: table.room, seq });
        assert!(node.recall(table.game).is_none());
        let caught_up = node.catch_up(table.game, &LIFETIMES).await.expect("a look").expect("only actions");
        assert_same(&caught_up.room, &table.read().await);
        assert_eq!((caught_up.seq, node.recall(table.game).map(|known| known.seq)), (seq, Some(seq)));
    }
    let caught_up = table.recall(&*node).await;
    act(&*node, &caught_up, None).await.expect("it is what the room is");
    table.recall(&*node).await;
    table.ask_in(CARA).await;
    assert!(node.catch_up(table.game, &LIFETIMES).await.expect("a look").is_none(), "that was no action");
}

async fn a_room_is_due_when_its_deadline_has_come<S: Subject>(subject: &S) {
    let table = Table::in_hand(subject, &[HOST, ANNA]).await;
    let due = table.store.due_rooms(9, &[]).await.expect("a look");
    assert_eq!((due.rooms, due.next_at), (Vec::new(), table.read().await.game.wake_at()));
    assert!(due.next_in.is_some_and(|left| left > Millis::ZERO));
    subject.pass(Millis::from_secs(91)).await;
    let due = table.store.due_rooms(9, &[]).await.expect("a look");
    assert_eq!((due.rooms, due.next_at, due.next_in), (vec![table.room], None, None));
    assert_eq!(table.store.due_rooms(9, &[table.room]).await.expect("a look").rooms, []);
}

async fn silent_rooms_are_found_once_for_each_thing_to_do<S: Subject>(subject: &S) {
    let table = Table::seated(subject, &[HOST, ANNA, BEN]).await;
    let silent = async || table.store.silent_rooms(&LIFETIMES).await.expect("a look");
    assert_eq!(silent().await, []);
    for (after, due) in [(301, "a seat whose player is disconnected"), (300, "a seat that is freed")] {
        subject.pass(Millis::from_secs(after)).await;
        for user in [HOST, BEN] {
            table.store.touch(table.room, user, Sign::Line, &LIFETIMES).await.expect("a member");
        }
        assert_eq!(silent().await, [table.room], "{due}");
        let mut tx = subject.node().await.begin().await.expect("a transaction");
        let mut locked = tx.lock_room_and_players(table.room).await.expect("the room");
        let events = locked.room.sweep(locked.at, &LIFETIMES);
        assert_eq!(events.len(), 1, "{due}");
        tx.save_room(&locked.room, events).await.expect("saved");
        tx.commit().await.expect("committed");
        assert_eq!(silent().await, [], "{due}: it is known");
    }
    assert_eq!(table.read().await.seat_of(ANNA), None);
}

async fn an_outage_is_nobodys_silence_and_every_rooms_to_be_forgiven<S: Subject>(subject: &S) {
    let table = Table::in_hand(subject, &[HOST, ANNA]).await;
    let (store, tolerance) = (table.store.clone(), Millis::from_secs(2));
    assert_eq!(store.pulse(tolerance).await.expect("a pulse").outage, None);
    assert_eq!(store.pulse(tolerance).await.expect("a pulse").outage, None);
    subject.pass(Millis::from_secs(400)).await;
    let outage = store.pulse(tolerance).await.expect("a pulse").outage.expect("nobody served");
    assert_eq!(store.pulse(tolerance).await.expect("a pulse").outage, Some(outage), "until it is ended");
    store.end_outage(outage).await.expect("ended");
    store.end_outage(outage).await.expect("ended once");
    let pulse = store.pulse(tolerance).await.expect("a pulse");
    assert_eq!((pulse.outages, pulse.outage), (1, None));
    assert_eq!(store.silent_rooms(&LIFETIMES).await.expect("a look"), []);

    assert_eq!(store.unforgiven_rooms(9, &[]).await.expect("a look"), [table.room]);
    assert_eq!(store.unforgiven_rooms(9, &[table.room]).await.expect("a look"), []);
    let node = subject.node().await;
    let mut tx = node.begin().await.expect("a transaction");
    let locked = tx.lock_room(table.room).await.expect("the room");
    let unserved = locked.unserved.expect("it wasn't served");
    assert_eq!(unserved.from, outage.began);
    assert!(unserved.until - unserved.from >= Millis::from_secs(399));
    tx.commit().await.expect("nothing to commit");
    assert!(table.lock().await.unserved.is_some(), "until somebody saves the room");
    let mut tx = node.begin().await.expect("a transaction");
    let mut locked = tx.lock_room(table.room).await.expect("the room");
    locked.room.forgive_outage(unserved, locked.at);
    tx.save_room(&locked.room, Vec::new()).await.expect("saved");
    tx.commit().await.expect("committed");
    assert_eq!(table.lock().await.unserved, None);
    assert_eq!(store.unforgiven_rooms(9, &[]).await.expect("a look"), []);
}

async fn what_is_a_day_old_is_purged<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA]).await;
    table.ask_in(BEN).await;
    table.must(|room, at, chance| room.approve(HOST, BEN, at, &LIFETIMES, chance)).await;
    let mut tx = table.store.begin().await.expect("a transaction");
    tx.lock_room(table.room).await.expect("the room");
    tx.save_reply(id(1), &given(200)).await.expect("kept");
    tx.commit().await.expect("committed");
    let (host, ben) = (subject.text(table.token(HOST).await), subject.text(table.token(BEN).await));
    let store = table.store.clone();
    subject.pass(DAY - Millis::from_secs(60)).await;
    assert_eq!(store.purge().await.expect("purged"), 0);
    assert!(store.find_reply(id(1)).await.expect("an answer").is_some());
    subject.pass(Millis::from_secs(420)).await;
    assert!(store.find_token(&ben).await.expect("a look").is_some());
    assert!(store.purge().await.expect("purged") > 0);
    assert_eq!(store.find_reply(id(1)).await.expect("an answer"), None);
    assert_eq!(store.find_token(&ben).await.expect("a look"), None);
    assert!(store.find_token(&host).await.expect("a look").is_some_and(|found| found.valid), "they are in the hand");
    assert_eq!(store.purge().await.expect("purged"), 0);
}

async fn unused_guests_are_forgotten_and_accounts_are_not<S: Subject>(subject: &S) {
    let mut table = Table::new(subject).await;
    let store = table.store.clone();
    for user in [ANNA, BEN, CARA] {
        assert!(store.ensure_user(user, &name("First")).await.expect("a user").guest);
        assert_eq!(store.ensure_user(user, &name("Second")).await.expect("a user").name, name("First"));
    }
    let cara = store.create_account(CARA, &name("Cara"), "cara@example.com", "a hash").await.expect("an account");
    assert!(!cara.guest && cara.name == name("Cara"));
    for (user, address) in [(CARA, "other@example.com"), (ANNA, "cara@example.com")] {
        let refused = store.create_account(user, &name("Cara"), address, "a hash").await;
        assert!(matches!(refused, Err(StoreError::Duplicate(_))), "{address}");
    }
    let account = store.find_account("cara@example.com").await.expect("a look").expect("an account");
    assert_eq!((account.user, account.password.as_str()), (cara.clone(), "a hash"));
    assert!(store.find_account("nobody@example.com").await.expect("a look").is_none());

    table.ask_in(ANNA).await;
    assert_eq!(store.forget_guests(DAY).await.expect("done"), 0);
    subject.pass(A_DAY_AND_MORE).await;
    assert_eq!(store.forget_guests(DAY).await.expect("done"), 1);
    let known = async |user: UserId| store.find_user(user).await.expect("a look");
    assert_eq!((known(BEN).await, known(CARA).await), (None, Some(cara)));
    assert!(known(ANNA).await.is_some(), "their request waits");
}

async fn quiet_rooms_are_forgotten_whole<S: Subject>(subject: &S) {
    let mut table = Table::in_hand(subject, &[HOST, ANNA]).await;
    let store = table.store.clone();
    let quiet = async || store.quiet_room(DAY, &[]).await.expect("a look");
    table.must(|room, at, _| room.end(HOST, at, &LIFETIMES)).await;
    let hand = table.finish().await;
    assert_eq!(quiet().await, None);
    subject.pass(A_DAY_AND_MORE).await;
    assert_eq!(quiet().await, Some(table.room));
    assert_eq!(store.quiet_room(DAY, &[table.room]).await.expect("a look"), None);
    store.touch(table.room, ANNA, Sign::Call, &LIFETIMES).await.expect("a member");
    assert_eq!(quiet().await, None, "somebody was heard of");
    assert!(!store.forget_room(table.room, DAY).await.expect("a look"));
    subject.pass(A_DAY_AND_MORE).await;
    assert!(store.forget_room(table.room, DAY).await.expect("done"));
    assert!(!store.forget_room(table.room, DAY).await.expect("done"));
    assert!(matches!(store.read_room(table.room).await, Err(StoreError::Missing(_))));
    assert!(matches!(store.read_hand(hand).await, Err(StoreError::Missing(_))));
    assert_eq!(store.find_room_by_code(&table.code).await.expect("a look"), None);
    assert!(store.recall(table.game).is_none());

    let mut playing = Table::begin(store.clone(), 7, Settings::default(), None).await.expect("a free code");
    playing.ask_in(ANNA).await;
    playing.must(|room, at, chance| room.approve(HOST, ANNA, at, &LIFETIMES, chance)).await;
    for (seat, user) in [(0, HOST), (1, ANNA)] {
        let ask = TakeSeat { seat: SeatIndex(seat), name: None, buy_in: None };
        playing.must(|room, at, chance| room.take_seat(user, ask, at, &LIFETIMES, chance)).await;
    }
    playing.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
    subject.pass(A_DAY_AND_MORE).await;
    assert_eq!(quiet().await, None, "a hand is played");
}
