//! People and rooms, made through the API as anybody would.

use std::net::SocketAddr;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use serde_json::{Value, json};

use crate::http::Caller;

/// Rooms that are set up at once.
const AT_ONCE: usize = 16;

/// Members that a room may have.
const MOST_MEMBERS: u16 = 1000;

/// The big blind, in chips; and a stack so deep that nobody ever runs out of it.
const BIG_BLIND: u64 = 2;
const STACK: u64 = 1_000_000_000;

/// What rooms are made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many.
    pub rooms: usize,
    /// Players in each, 2 to 10.
    pub players: u8,
    /// Sockets of spectators in each.
    pub spectators: u16,
}

impl Plan {
    /// Members who watch: as many as there are sockets, unless the room can't hold them; then some have several.
    pub fn watchers(&self) -> u16 {
        self.spectators.min(MOST_MEMBERS - u16::from(self.players))
    }

    /// All sockets.
    pub fn sockets(&self) -> usize {
        self.rooms * (usize::from(self.players) + usize::from(self.spectators))
    }
}

/// Where the people of rooms go to: the addresses of one server or more.
#[derive(Clone, Debug)]
pub struct Doors {
    addresses: Vec<SocketAddr>,
    mixed: bool,
}

impl From<SocketAddr> for Doors {
    fn from(address: SocketAddr) -> Self {
        Self { addresses: vec![address], mixed: false }
    }
}

impl Doors {
    /// To several nodes, all of a room to the same one, or, `mixed`, each to the next.
    pub const fn of(addresses: Vec<SocketAddr>, mixed: bool) -> Self {
        Self { addresses, mixed }
    }

    fn of_person(&self, room: usize, person: usize) -> SocketAddr {
        let number = if self.mixed { room + person } else { room };
        self.addresses[number % self.addresses.len()]
    }
}

/// A user with a connection.
#[derive(Debug)]
pub struct Person {
    /// Where they ask.
    pub address: SocketAddr,
    /// Their token.
    pub token: String,
    /// How they ask.
    pub caller: Caller,
}

impl Person {
    /// A new guest.
    ///
    /// # Errors
    ///
    /// - The server refuses.
    pub async fn enter(address: SocketAddr, name: &str) -> anyhow::Result<Self> {
        let mut stranger = Caller::new(address, None)?;
        let session = stranger.must(Method::POST, "/api/auth/guest", &json!({ "displayName": name })).await?;
        let token = session["token"].as_str().context("an account has a token")?.to_owned();
        Ok(Self { address, caller: Caller::new(address, Some(&token))?, token })
    }
}

/// A room with everybody in place, and nothing dealt yet.
#[derive(Debug)]
pub struct Place {
    /// Its id.
    pub room: String,
    /// Its game's.
    pub game: String,
    /// Who sits in which seat; the first one is the host.
    pub players: Vec<Person>,
    /// Who watches.
    pub watchers: Vec<Person>,
}

impl Place {
    async fn make(doors: &Doors, number: usize, plan: &Plan) -> anyhow::Result<Self> {
        let mut players = Vec::new();
        for seat in 0..plan.players {
            let address = doors.of_person(number, seat.into());
            players.push(Person::enter(address, &format!("Player {seat}")).await?);
        }
        let mut watchers = Vec::new();
        for watcher in 0..plan.watchers() {
            let address = doors.of_person(number, usize::from(plan.players) + usize::from(watcher));
            watchers.push(Person::enter(address, &format!("Watcher {watcher}")).await?);
        }
        let host = players.first_mut().context("a room has players")?;
        let (room, game) = open(host, plan).await?;
        for (seat, player) in players.iter_mut().enumerate() {
            if seat > 0 {
                join(player, &room).await?;
            }
            sit(player, &room, seat).await?;
        }
        for watcher in &mut watchers {
            join(watcher, &room).await?;
            let path = format!("/api/rooms/{room}/spectate");
            watcher.caller.must(Method::POST, &path, &json!({})).await?;
        }
        Ok(Self { room, game, players, watchers })
    }

    /// Deals the first hand.
    ///
    /// # Errors
    ///
    /// - The server refuses.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        start(self.players.first_mut().context("a room has players")?, &self.room).await
    }
}

/// Makes all rooms of a plan, with people of their own.
///
/// # Errors
///
/// - The server refuses something.
pub async fn rooms(doors: &Doors, plan: &Plan) -> anyhow::Result<Vec<Place>> {
    let makings = (0..plan.rooms).map(|number| Place::make(doors, number, plan));
    stream::iter(makings).buffer_unordered(AT_ONCE).try_collect().await
}

/// Makes rooms in which two people sit at a hand that nobody plays: what a database is full of. Pairs have 100 rooms each.
///
/// # Errors
///
/// - The server refuses something.
pub async fn silent_rooms(address: SocketAddr, count: usize) -> anyhow::Result<()> {
    const A_PAIR: usize = 100;
    let pairs = (0..count).step_by(A_PAIR).map(|first| async move {
        let mut host = Person::enter(address, "Host").await?;
        let mut guest = Person::enter(address, "Guest").await?;
        let plan = Plan { rooms: 1, players: 2, spectators: 0 };
        for _ in first..count.min(first + A_PAIR) {
            let (room, _) = open(&mut host, &plan).await?;
            join(&mut guest, &room).await?;
            sit(&mut host, &room, 0).await?;
            sit(&mut guest, &room, 1).await?;
            start(&mut host, &room).await?;
        }
        anyhow::Ok(())
    });
    stream::iter(pairs).buffer_unordered(AT_ONCE).try_collect().await
}

async fn open(host: &mut Person, plan: &Plan) -> anyhow::Result<(String, String)> {
    let members = (plan.watchers() + u16::from(plan.players)).max(10);
    let settings = json!({
        "seats": plan.players, "smallBlind": BIG_BLIND / 2, "bigBlind": BIG_BLIND,
        "minBuyIn": STACK, "maxBuyIn": STACK, "actionTimeoutSecs": 600, "betweenHandsSecs": 0,
        "maxMembers": members, "autoApprove": true,
    });
    let body = json!({ "displayName": "Host", "settings": settings });
    let made = host.caller.must(Method::POST, "/api/rooms", &body).await?;
    let id = |value: &Value| value.as_str().map(str::to_owned).context("a room has ids");
    Ok((id(&made["room"]["id"])?, id(&made["gameId"])?))
}

async fn join(person: &mut Person, room: &str) -> anyhow::Result<()> {
    let path = format!("/api/rooms/{room}/join");
    person.caller.must(Method::POST, &path, &json!({ "displayName": "Guest" })).await?;
    Ok(())
}

async fn sit(person: &mut Person, room: &str, seat: usize) -> anyhow::Result<()> {
    let path = format!("/api/rooms/{room}/seat");
    person.caller.must(Method::POST, &path, &json!({ "seatIndex": seat, "buyIn": STACK })).await?;
    Ok(())
}

async fn start(host: &mut Person, room: &str) -> anyhow::Result<()> {
    host.caller.must(Method::POST, &format!("/api/rooms/{room}/start"), &Value::Null).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_has_one_node_or_all_of_them() {
        let addresses: Vec<SocketAddr> = (1..=3).map(|port| SocketAddr::from(([127, 0, 0, 1], port))).collect();
        let ports = |mixed, room| {
            let doors = Doors::of(addresses.clone(), mixed);
            [0, 1, 2, 3].map(|person| doors.of_person(room, person).port())
        };
        assert_eq!((ports(false, 0), ports(false, 4)), ([1, 1, 1, 1], [2, 2, 2, 2]));
        assert_eq!((ports(true, 0), ports(true, 4)), ([1, 2, 3, 1], [2, 3, 1, 2]));
    }
}
