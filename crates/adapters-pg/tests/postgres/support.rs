//! A room in a database, played through the port.

use adapters_pg::{PgStore, ServerKey};
use domain::card::seed::Seed;
use domain::event::{Committed, Event};
use domain::ids::{GameId, RoomId, SeatIndex, UserId};
use domain::name::Name;
use domain::room::{Chance, Lifetimes, NewRoom, Room, RoomError, TakeSeat};
use domain::settings::Settings;
use domain::time::Timestamp;
use ports::store::{Rooms, Snapshot, Store};
use testkit::TestDatabase;
use uuid::Uuid;

pub const HOST: UserId = UserId(Uuid::from_u128(1));
pub const ANNA: UserId = UserId(Uuid::from_u128(2));
pub const BEN: UserId = UserId(Uuid::from_u128(3));
pub const CARA: UserId = UserId(Uuid::from_u128(4));
pub const DAN: UserId = UserId(Uuid::from_u128(5));

pub const LIFETIMES: Lifetimes = Lifetimes {
    rejoin: domain::time::Millis::from_secs(300),
    disconnect_after: domain::time::Millis::from_secs(300),
    free_seat_after: domain::time::Millis::from_secs(600),
};

pub fn key() -> ServerKey {
    ServerKey::new([42; 32])
}

pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// SplitMix64: the same chance in every run.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Chance for Seeded {
    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }

    fn seed(&mut self) -> Seed {
        let mut words = [0; 4].map(|_: u64| self.next()).into_iter().flat_map(u64::to_be_bytes);
        Seed([0; 32].map(|_| words.next().unwrap()))
    }
}

/// A store with one room in it.
pub struct Play {
    pub database: TestDatabase,
    pub store: PgStore,
    pub room: RoomId,
    pub chance: Seeded,
    /// All that was committed.
    pub log: Vec<Committed>,
}

pub async fn store(database: &TestDatabase) -> PgStore {
    PgStore::connect(&database.url, &key(), 8).await.unwrap()
}

impl Play {
    /// A room whose host lets everybody in.
    pub async fn begin(seed: u64, settings: Settings) -> Self {
        let database = testkit::database().await;
        Self::begin_in(database, seed, settings).await
    }

    pub async fn begin_in(database: TestDatabase, seed: u64, settings: Settings) -> Self {
        let store = store(&database).await;
        let mut chance = Seeded(seed);
        let room = new_room(&store, &mut chance, settings, None).await;
        Self { database, store, room: room.id, chance, log: Vec::new() }
    }

    /// The same with these people in these seats, and no hand yet.
    pub async fn seated(seed: u64, users: &[UserId]) -> Self {
        let mut play = Self::begin(seed, Settings::default()).await;
        play.seat(users).await;
        play
    }

    /// Another room in the same database with these people in these seats, in the middle of a hand.
    pub async fn begin_beside(play: &mut Self, users: &[UserId]) -> RoomId {
        let room = new_room(&play.store, &mut play.chance, Settings::default(), None).await.id;
        let (first, log) = (std::mem::replace(&mut play.room, room), std::mem::take(&mut play.log));
        play.seat(users).await;
        play.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
        play.log = log;
        std::mem::replace(&mut play.room, first)
    }

    pub async fn seat(&mut self, users: &[UserId]) {
        for (index, user) in (0..).zip(users) {
            if *user != HOST {
                let called = name(&format!("Player {}", user.0.as_u128()));
                self.must(|room, at, chance| Ok(room.join(*user, called, at, &LIFETIMES, chance)?.1)).await;
                self.must(|room, at, chance| room.approve(HOST, *user, at, &LIFETIMES, chance)).await;
            }
            let ask = TakeSeat { seat: SeatIndex(index), name: None, buy_in: None };
            self.must(|room, at, chance| room.take_seat(*user, ask, at, &LIFETIMES, chance)).await;
        }
    }

    /// The same in the middle of a hand.
    pub async fn in_hand(seed: u64, users: &[UserId]) -> Self {
        let mut play = Self::seated(seed, users).await;
        play.must(|room, at, chance| room.start(HOST, at, &LIFETIMES, chance)).await;
        play
    }

    /// A command, which must not be refused. What is read back must be the room that was saved.
    pub async fn must(
        &mut self,
        decide: impl FnOnce(&mut Room, Timestamp, &mut dyn Chance) -> Result<Vec<Event>, RoomError>,
    ) -> Vec<Committed> {
        self.may(decide).await.unwrap()
    }

    /// A command, which may be refused.
    pub async fn may(
        &mut self,
        decide: impl FnOnce(&mut Room, Timestamp, &mut dyn Chance) -> Result<Vec<Event>, RoomError>,
    ) -> Result<Vec<Committed>, RoomError> {
        let mut tx = self.store.begin().await.unwrap();
        let locked = tx.lock_room(self.room).await.unwrap();
        assert_eq!(locked.seq, self.log.len() as u64);
        let mut room = locked.room;
        let events = decide(&mut room, locked.at, &mut self.chance)?;
        let committed = tx.save_room(&room, events).await.unwrap();
        tx.commit().await.unwrap();
        self.log.extend(committed.iter().cloned());

        let Snapshot { room: read, seq, .. } = self.store.read_room(self.room).await.unwrap();
        assert_eq!(seq, self.log.len() as u64);
        // Signs of life come without the lock, and only those of people with a seat are looked for under it.
        for member in read.members.values().filter(|member| read.occupied_seat_of(member.user).is_none()) {
            let saved = room.members.get_mut(&member.user).unwrap();
            (saved.last_seen, saved.online) = (member.last_seen, member.online);
            if let (Some(token), Some(read)) = (&mut saved.token, member.token) {
                token.expires_at = read.expires_at;
            }
        }
        assert_same(&read, &room);
        Ok(committed)
    }

    /// As if nobody had been heard of for this much longer, wherever signs of life are kept.
    pub async fn silent_for(&self, seconds: u32) {
        for table in ["room_players", "room_seats", "room_spectators"] {
            let earlier =
                format!("UPDATE holdfast.{table} SET last_seen_at = last_seen_at - {seconds} * interval '1 second'");
            self.database.sql(&earlier).await;
        }
    }

    pub async fn read(&self) -> Room {
        self.store.read_room(self.room).await.unwrap().room
    }

    /// The seat whose turn it is, and who sits there.
    pub async fn actor(&self) -> Option<(SeatIndex, UserId)> {
        let game = self.read().await.game;
        let dealt = game.live()?;
        let seat = dealt.hand.actor()?;
        Some((seat, dealt.players[&seat]))
    }

    /// The first value of the first row.
    pub async fn value(&self, sql: &str) -> Option<String> {
        self.database.sql(sql).await.into_iter().next()?.into_iter().next()?
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.value(sql).await.unwrap().parse().unwrap()
    }
}

pub async fn new_room(store: &PgStore, chance: &mut Seeded, settings: Settings, password: Option<&str>) -> Room {
    let at = store.now().await.unwrap();
    let new = NewRoom {
        id: RoomId(chance.id()),
        game: GameId(chance.id()),
        code: format!("{:08X}", chance.below(1 << 32)),
        name: name("Friday"),
        has_password: password.is_some(),
        host: HOST,
        host_name: name("Hanna"),
        settings,
    };
    let room = Room::create(new, at, &LIFETIMES, chance);
    let mut tx = store.begin().await.unwrap();
    tx.create_room(&room, password).await.unwrap();
    tx.commit().await.unwrap();
    assert_same(&store.read_room(room.id).await.unwrap().room, &room);
    room
}

/// Equal, but for one mark of a player who left: a fold for somebody who goes is replayed as their own, which notes that they
/// have acted. Nobody asks that of a player who has folded.
pub fn assert_same(read: &Room, saved: &Room) {
    let shape = |room: &Room| format!("{room:#?}").replace("acted: true", "acted: false");
    let (read_shape, saved_shape) = (shape(read), shape(saved));
    let different: Vec<_> = read_shape.lines().zip(saved_shape.lines()).filter(|(read, saved)| read != saved).collect();
    assert!(different.is_empty(), "what was read is not what was saved: {different:#?}");
    assert_eq!(read_shape.len(), saved_shape.len());
    let deck = |room: &Room| room.game.dealt.as_ref().map(|dealt| dealt.hand.deck().clone());
    assert!(deck(read) == deck(saved), "the deck is another one");
    assert_eq!(read.game.wake_at(), saved.game.wake_at());
}
