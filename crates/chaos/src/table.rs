//! A room of a run: its host, players and spectators, and the tasks in which they live.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::bot::Bot;
use crate::client::{Client, Request, World};
use crate::tab::{Ear, Tab};

/// The fewest and the most players of a room.
const PLAYERS: (usize, usize) = (4, 6);

/// Those who only watch.
const SPECTATORS: usize = 2;

/// A room and who belongs to it.
#[derive(Debug)]
pub struct Table {
    /// The room.
    pub room: Uuid,
    /// Its code.
    pub code: String,
    /// Its game.
    pub game: Uuid,
    /// Who made it.
    pub first_host: Uuid,
    /// Everybody, players first, with what they hear.
    pub people: Vec<(Arc<Client>, Arc<Ear>)>,
    /// How many of them came to play.
    pub players: usize,
    /// Microseconds of the run at which an action was last accepted.
    pub acted_at: AtomicU64,
}

/// What `run.json` says of a room.
#[derive(Debug, Serialize)]
pub struct TableRecord {
    room_id: Uuid,
    code: String,
    game_id: Uuid,
    host: Uuid,
}

impl Table {
    /// Makes a room and lets everybody in; they take their seats by themselves.
    ///
    /// # Errors
    ///
    /// - The server doesn't do what it is asked.
    pub async fn make(world: &Arc<World>, number: usize, seed: u64) -> anyhow::Result<Arc<Self>> {
        let mut random = StdRng::seed_from_u64(seed);
        let players = random.random_range(PLAYERS.0..=PLAYERS.1);
        let mut people = Vec::new();
        for index in 0..players + SPECTATORS {
            let name = match index {
                0 => format!("Host {number}"),
                _ if index < players => format!("Player {number}-{index}"),
                _ => format!("Watcher {number}-{index}"),
            };
            people.push((Client::enter(world, &name).await?, Arc::<Ear>::default()));
        }

        let host = &people[0].0;
        let big_blind: u64 = *[2, 10, 20].get(number % 3).unwrap_or(&2);
        let run_it_twice = ["ask", "ask", "always", "off"][number % 4];
        let rabbit_hunt = ["asker", "room", "off"][number % 3];
        let settings = json!({
            "smallBlind": big_blind / 2, "bigBlind": big_blind, "minBuyIn": big_blind * 20, "maxBuyIn": big_blind * 200,
            "ante": if number % 4 == 3 { 1 } else { 0 },
            // Fast, so that a player who doesn't act meets the clock in a short run; every other room waits for the next hand.
            "actionTimeoutSecs": 2, "timebankSecs": 1, "betweenHandsSecs": if number.is_multiple_of(2) { 0.0 } else { 0.2 },
            "runItTwice": run_it_twice, "maxRuns": 2 + number % 2, "runVoteSecs": 5, "rabbitHunt": rabbit_hunt,
        });
        let body = json!({ "displayName": host.name, "settings": settings });
        let request = Request { room: None, ..Request::post("create", Uuid::nil(), "/api/rooms", body) };
        let made = host.send(&request).await;
        let made = made.ok().context("the room could not be made")?;
        let id = |value: &serde_json::Value| value.as_str().unwrap_or_default().parse::<Uuid>();
        let (room, game) = (id(&made["room"]["id"])?, id(&made["gameId"])?);
        if let Some(token) = made["rejoinToken"].as_str() {
            host.keep_token(room, token);
        }
        let code = made["room"]["code"].as_str().unwrap_or_default().to_owned();
        let (first_host, acted_at) = (host.user, AtomicU64::new(0));
        Ok(Arc::new(Self { room, code, game, first_host, people, players, acted_at }))
    }

    /// For `run.json`.
    pub fn record(&self) -> TableRecord {
        TableRecord { room_id: self.room, code: self.code.clone(), game_id: self.game, host: self.first_host }
    }

    /// A path below the room's.
    pub fn path(&self, call: &str) -> String {
        format!("/api/rooms/{}/{call}", self.room)
    }

    /// Notes that an action was accepted.
    pub fn acted(&self, at: u64) {
        self.acted_at.fetch_max(at, Ordering::SeqCst);
    }

    /// Sets everybody going. Every third has two tabs open, at two nodes if there are two.
    pub fn live(self: &Arc<Self>, tasks: &mut JoinSet<()>, seed: u64) {
        for (index, (client, ear)) in self.people.iter().enumerate() {
            let seed = seed.wrapping_mul(31).wrapping_add(client.number);
            let door = usize::try_from(client.number).unwrap_or(0);
            for tab in 0..if client.number % 3 == 2 { 2 } else { 1 } {
                let seed = seed ^ (0x5eed << tab);
                let tab = Tab::new(Arc::clone(client), self.room, Arc::clone(ear), seed, door + tab);
                tasks.spawn(tab.run());
            }
            let bot = Bot::new(Arc::clone(self), Arc::clone(client), Arc::clone(ear), seed, index < self.players);
            tasks.spawn(bot.run());
        }
    }
}
