//! What people do: mostly what they should, and some of what they shouldn't.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::client::{Answer, Client, Credential, Phase, Request};
use crate::tab::Ear;
use crate::table::Table;

/// How long a bot waits for news before it looks for itself: somebody who sits at a game, and somebody who doesn't yet.
const LOOK_EVERY: Duration = Duration::from_millis(1_200);
const LOOK_SOON: Duration = Duration::from_millis(250);

/// How often an action without a definite answer is sent again, and for how long at least it is tried.
const RETRIES: u32 = 60;

/// The pause before an action is sent again, at first and at most.
const RETRY_PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Chances of what happens beside the play, for each look.
mod chance {
    /// An action that isn't legal.
    pub(super) const ILLEGAL: f64 = 0.10;
    /// The same action twice, at once.
    pub(super) const TWICE_AT_ONCE: f64 = 0.15;
    /// The same action again, later.
    pub(super) const AGAIN_LATER: f64 = 0.15;
    /// The connection is reset right after the request.
    pub(super) const RESET: f64 = 0.04;
    /// No action: the clock decides.
    pub(super) const ASLEEP: f64 = 0.01;
    /// A player does something else than to play.
    pub(super) const ELSE: f64 = 0.06;
    /// The host does something else than to let people in.
    pub(super) const HOST: f64 = 0.03;
    /// No answer to a question: the clock settles it.
    pub(super) const SILENT: f64 = 0.1;
    /// The last hand's cards are shown, or it is asked what would have come.
    pub(super) const AFTER_HAND: f64 = 0.2;
}

/// Somebody in a room.
#[derive(Debug)]
pub struct Bot {
    table: Arc<Table>,
    client: Arc<Client>,
    ear: Arc<Ear>,
    random: StdRng,
    plays: bool,
    /// The seat, when it was last looked at.
    seat: Option<u64>,
    /// Whether there is nothing to do but to wait for one's turn.
    settled: bool,
    /// The last action that was acknowledged, to be sent again.
    last: Option<Request>,
    /// A hand of this room that is over.
    past_hand: Option<String>,
}

impl Bot {
    /// Somebody who plays, or only watches.
    pub fn new(table: Arc<Table>, client: Arc<Client>, ear: Arc<Ear>, seed: u64, plays: bool) -> Self {
        Self {
            table,
            client,
            ear,
            random: StdRng::seed_from_u64(seed),
            plays,
            seat: None,
            settled: false,
            last: None,
            past_hand: None,
        }
    }

    /// Lives until the run is over.
    pub async fn run(mut self) {
        let mut phase = self.client.world.phase.subscribe();
        loop {
            let now = *phase.borrow_and_update();
            if now == Phase::Over {
                return;
            }
            self.look(now).await;
            self.wait().await;
        }
    }

    /// Until it is our turn, or time to look all the same.
    async fn wait(&self) {
        let our_turn = async {
            loop {
                self.ear.bell.notified().await;
                if self.seat.is_some_and(|seat| self.ear.actor_seat.load(Ordering::SeqCst) == seat) {
                    return;
                }
            }
        };
        let at_most = if self.settled { LOOK_EVERY } else { LOOK_SOON };
        timeout(at_most, our_turn).await.ok();
    }

    /// Sees how things stand, and does one thing about it.
    async fn look(&mut self, phase: Phase) {
        self.settled = false;
        let document = self.hydrate().await;
        let Some(view) = document.ok() else {
            if document.status() == Some(403) {
                self.come_in().await;
            } else if document.status().is_none() {
                sleep(Duration::from_millis(50)).await;
            }
            return;
        };
        self.settled = view["game"]["status"] == "active" && (!self.plays || view["me"]["seat_index"].is_u64());
        if view["pending_requests"].is_array() {
            self.host(view, phase).await;
        }
        if self.plays {
            self.play(view, phase).await;
        } else {
            self.watch(view, phase).await;
        }
    }

    async fn hydrate(&self) -> Answer {
        self.client.send(&self.get("hydrate", "hydrate")).await
    }

    async fn come_in(&self) {
        let standing = self.client.send(&self.get("me", "me")).await;
        match standing.ok().and_then(|body| body["status"].as_str()) {
            Some("pending") => return,
            Some("approved") => {}
            _ => drop(self.client.send(&self.post("join", "join", json!({ "displayName": self.client.name }))).await),
        }
        sleep(Duration::from_millis(100)).await;
    }

    async fn host(&mut self, view: &Value, phase: Phase) {
        for request in view["pending_requests"].as_array().into_iter().flatten() {
            let user = &request["user_id"];
            let (kind, body) = if phase == Phase::Rough && self.random.random_bool(0.1) {
                ("reject", json!({ "userId": user }))
            } else {
                ("approve", json!({ "userId": user, "approved": true }))
            };
            self.client.send(&self.post(kind, kind, body)).await;
        }
        let with_chips = seats(view).filter(|seat| seat["chips"].as_u64() > Some(0)).count();
        match view["game"]["status"].as_str() {
            Some("waiting") if with_chips >= 2 => return self.command("start", json!({})).await,
            Some("paused") if phase == Phase::Calm || self.random.random_bool(0.5) => {
                return self.command("resume", json!({})).await;
            }
            _ => {}
        }
        if phase == Phase::Rough && self.random.random_bool(chance::HOST) {
            self.rule(view).await;
        }
    }

    /// What hosts do beside letting people in.
    async fn rule(&mut self, view: &Value) {
        let others: Vec<&Value> = seats(view).filter(|seat| !self.is_me(&seat["user_id"])).collect();
        let other = others.choose(&mut self.random).map(|seat| seat["user_id"].clone());
        let big_blind = view["room"]["settings"]["bigBlind"].as_i64().unwrap_or(2);
        match (self.random.random_range(0..6), other) {
            (0, _) => self.command("pause", json!({})).await,
            (1, Some(user)) => {
                let delta = self.random.random_range(-10..=20) * big_blind;
                self.command("chips", json!({ "userId": user, "delta": delta, "reason": "chaos" })).await;
            }
            (2, Some(user)) => self.command("kick", json!({ "userId": user })).await,
            (3, Some(user)) => self.command("host", json!({ "userId": user })).await,
            (4, _) => {
                let ante = self.random.random_range(0..=1);
                let body = json!({ "ante": ante, "maxBuyIn": big_blind * self.random.random_range(150..=300) });
                let request = self.post("settings", "settings", body);
                self.client.send(&Request { method: "PATCH", ..request }).await;
            }
            _ => self.ban_a_stranger().await,
        }
    }

    /// Somebody new asks to come in, is let in and banned, and asks again.
    async fn ban_a_stranger(&mut self) {
        let Ok(stranger) = Client::enter(&self.client.world, "Stranger").await else { return };
        let join = self.post("join", "join", json!({ "displayName": stranger.name }));
        stranger.send(&join).await;
        let user = stranger.user;
        self.command("approve", json!({ "userId": user, "approved": true })).await;
        self.command("kick", json!({ "userId": user, "ban": true })).await;
        stranger.send(&join.noted("banned")).await;
        stranger.send(&self.get("hydrate", "hydrate").noted("banned")).await;
    }

    async fn play(&mut self, view: &Value, phase: Phase) {
        let me = &view["me"];
        self.seat = me["seat_index"].as_u64();
        let rough = phase == Phase::Rough;
        if me["seat_index"].is_null() {
            return self.sit_down(view).await;
        }
        if me["legal_actions"].is_object() {
            return self.act(view, rough).await;
        }
        if view["hand"]["question"].is_object() {
            return self.answer(view, rough).await;
        }
        if rough && view["hand"]["phase"] == "complete" && self.random.random_bool(chance::AFTER_HAND) {
            self.after_hand(view).await;
        }
        let seat = seats(view).find(|seat| self.is_me(&seat["user_id"]));
        // Whoever is in a hand with no chips behind may yet win it.
        let over = view["hand"].is_null() || view["hand"]["phase"] == "complete";
        let broke = seat.is_some_and(|seat| seat["chips"] == 0 && (over || seat["in_hand"] == false));
        if broke {
            let amount = self.buy_in(view);
            return self.command("top_up", json!({ "amount": amount })).await;
        }
        if seat.is_some_and(|seat| seat["status"] == "sitting_out") && (!rough || self.random.random_bool(0.3)) {
            return self.command("sit_in", json!({})).await;
        }
        if rough && self.random.random_bool(chance::ELSE) {
            self.something_else(view).await;
        }
    }

    async fn sit_down(&mut self, view: &Value) {
        let free: Vec<u64> = view["seats"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|seat| seat["user_id"].is_null())
            .filter_map(|seat| seat["seat_index"].as_u64())
            .collect();
        let Some(seat) = free.choose(&mut self.random).copied() else { return };
        // A stack that waits from earlier comes back without a buy-in.
        let waiting = view["me"]["waiting_chips"].as_u64().unwrap_or(0);
        let body = match waiting {
            0 => json!({ "seatIndex": seat, "buyIn": self.buy_in(view) }),
            _ => json!({ "seatIndex": seat }),
        };
        self.command("seat", body).await;
    }

    /// Says how many runs are accepted, now and then twice or not at all.
    async fn answer(&mut self, view: &Value, rough: bool) {
        let question = &view["hand"]["question"];
        let has = |list: &Value| list.as_array().is_some_and(|seats| seats.contains(&view["me"]["seat_index"]));
        if !has(&question["seats"]) || has(&question["answered"]) || rough && self.random.random_bool(chance::SILENT) {
            return;
        }
        let most = question["max_runs"].as_u64().unwrap_or(2);
        let runs = if self.random.random_bool(0.8) { most } else { self.random.random_range(1..=most) };
        let body = json!({ "runs": runs, "turn": question["turn"], "actionId": self.uuid() });
        let request = self.in_game("runs", body);
        let first = self.client.send(&request).await;
        let settled = self.until_definite(&request, first).await;
        if settled.ok().is_some() && rough && self.random.random_bool(chance::AGAIN_LATER) {
            let body = json!({ "runs": 1, "turn": question["turn"], "actionId": self.uuid() });
            self.client.send(&self.in_game("runs", body).noted("a second answer")).await;
        }
    }

    /// Shows cards, or asks what would have come.
    async fn after_hand(&mut self, view: &Value) {
        let hand = &view["hand"]["id"];
        let cards = view["me"]["hole_cards"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(card) = cards.choose(&mut self.random) else { return };
        let request = match self.random.random_bool(0.5) {
            true => self.in_game("show", json!({ "handId": hand, "cards": [card] })),
            false => self.in_game("rabbit", json!({ "handId": hand })),
        };
        self.client.send(&request).await;
    }

    /// Acts, for once not quite as it should be done.
    async fn act(&mut self, view: &Value, rough: bool) {
        if rough && self.random.random_bool(chance::ASLEEP) {
            sleep(Duration::from_millis(3_500)).await;
            return;
        }
        if rough && self.random.random_bool(chance::ILLEGAL) {
            let body = self.illegal(view);
            self.client.send(&self.action(body).noted("illegal")).await;
        }
        let body = self.legal(view);
        let request = self.action(body);
        if rough && self.random.random_bool(chance::RESET) {
            let after = Duration::from_micros(self.random.random_range(0..5_000));
            self.client.send_and_reset(&request, after).await;
        }
        let twice = rough && self.random.random_bool(chance::TWICE_AT_ONCE);
        let first = if twice {
            let note = "sent twice at once";
            let double = request.clone().noted(note);
            let (first, _) = tokio::join!(self.client.send(&request), self.client.send(&double));
            first
        } else {
            self.client.send(&request).await
        };
        let settled = self.until_definite(&request, first).await;
        if settled.ok().is_some() {
            self.table.acted(self.client.world.clock.now());
            if rough && self.random.random_bool(chance::AGAIN_LATER) {
                self.last = Some(request.noted(format!("duplicate of {}", settled.id)));
            }
        }
    }

    /// Sends it again, with the same identifier, until there is a definite answer.
    async fn until_definite(&mut self, request: &Request, first: Answer) -> Answer {
        let mut answer = first;
        let mut pause = RETRY_PAUSES.0;
        for _ in 0..RETRIES {
            if !answer.is_open() || *self.client.world.phase.borrow() == Phase::Over {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(RETRY_PAUSES.1);
            let again = request.clone().noted(format!("retry of {}", answer.id));
            answer = self.client.send(&again).await;
        }
        answer
    }

    fn legal(&mut self, view: &Value) -> Value {
        let legal = &view["me"]["legal_actions"];
        let offered = legal["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
        // Folding and all-in are rarer than the rest, so that hands go on.
        let rare = |action: &Value| action == "FOLD" || action == "ALL_IN";
        let chosen = offered.choose_weighted(&mut self.random, |action| if rare(action) { 1 } else { 4 });
        let action = chosen.ok().and_then(Value::as_str).unwrap_or("FOLD").to_owned();
        let mut body = json!({ "action": action, "turn": view["timer"]["turn"], "actionId": self.uuid() });
        if matches!(action.as_str(), "BET" | "RAISE") {
            let least = legal["min_raise_to"].as_u64().unwrap_or(0);
            let most = legal["max_raise_to"].as_u64().unwrap_or(least).min(least.saturating_mul(3)).max(least);
            body["amount"] = json!(self.random.random_range(least..=most));
        }
        body
    }

    fn illegal(&mut self, view: &Value) -> Value {
        let legal = &view["me"]["legal_actions"];
        let turn = view["timer"]["turn"].as_u64().unwrap_or(0);
        let id = self.uuid();
        match self.random.random_range(0..5) {
            0 => json!({ "action": "RAISE", "amount": 1, "turn": turn, "actionId": id }),
            1 => {
                let much = legal["max_raise_to"].as_u64().unwrap_or(0) + 1_000_000;
                json!({ "action": "RAISE", "amount": much, "turn": turn, "actionId": id })
            }
            2 => json!({ "action": "CALL", "turn": turn + 1, "actionId": id }),
            3 => json!({ "action": "BET", "amount": -5, "turn": turn, "actionId": id }),
            _ if legal["call_amount"].as_u64() > Some(0) => json!({ "action": "CHECK", "turn": turn, "actionId": id }),
            _ => json!({ "action": "SHOVE", "turn": turn, "actionId": id }),
        }
    }

    /// What players do beside playing.
    async fn something_else(&mut self, view: &Value) {
        match self.random.random_range(0..16) {
            7 | 8 => self.be_away().await,
            0 => self.command("sit_out", json!({})).await,
            1 => {
                let amount = self.random.random_range(1..50);
                self.command("top_up", json!({ "amount": amount })).await;
            }
            2 => {
                let request = self.get("leave_seat", "seat");
                self.client.send(&Request { method: "DELETE", ..request }).await;
            }
            3 if !self.is_me(&view["room"]["host_id"]) => self.command("leave", json!({})).await,
            4 => self.out_of_turn(view).await,
            5 => {
                if let Some(last) = self.last.take() {
                    self.client.send(&last).await;
                }
            }
            6 => self.command("kick", json!({ "userId": self.table.first_host })).await,
            _ => self.read(view).await,
        }
        if let Some(last) = self.last.take() {
            self.client.send(&last).await;
        }
    }

    /// Closes all tabs and is silent, for so long that it counts, until everybody is called back.
    async fn be_away(&mut self) {
        let lasts = Duration::from_millis(self.random.random_range(5_000..20_000));
        let mut phase = self.client.world.phase.subscribe();
        self.ear.away.send_replace(true);
        // Either way it is time to come back.
        timeout(lasts, phase.wait_for(|phase| *phase != Phase::Rough)).await.map(drop).ok();
        self.ear.away.send_replace(false);
    }

    async fn out_of_turn(&mut self, view: &Value) {
        let body = json!({ "action": "CALL", "turn": view["timer"]["turn"], "actionId": self.uuid() });
        self.client.send(&self.action(body).noted("out of turn")).await;
    }

    async fn watch(&mut self, view: &Value, phase: Phase) {
        if view["me"]["role"] != "spectator" && self.random.random_bool(0.5) {
            return self.command("spectate", json!({})).await;
        }
        if phase == Phase::Rough {
            match self.random.random_range(0..12) {
                0 => {
                    let request = self.get("stop_spectating", "spectate");
                    self.client.send(&Request { method: "DELETE", ..request }).await;
                }
                1 => self.out_of_turn(view).await,
                _ => self.read(view).await,
            }
        }
        // Spectators look less often than the events come.
        sleep(Duration::from_millis(self.random.random_range(100..300))).await;
    }

    /// Reads in every way there is, allowed and not.
    async fn read(&mut self, view: &Value) {
        let seq = view["seq"].as_u64().unwrap_or(0);
        let request = match self.random.random_range(0..14) {
            0 => self.get("events", &format!("events?after={}&limit=50", seq.saturating_sub(30))),
            1 => {
                let after = self.random.random_range(0..=seq);
                self.get("events", &format!("events?after={after}"))
            }
            2 | 3 => return self.read_hands().await,
            4 => self.get("me", "me"),
            5 => Request { path: format!("/api/rooms/{}", self.table.room), ..self.get("lobby", "") },
            6 => self.get("spectators", "spectators"),
            7 => self.post("heartbeat", "heartbeat", json!({})),
            8 => self.get("hydrate", "hydrate?role=host").noted("as host"),
            9 => self.get("hydrate", "hydrate?role=spectator").noted("as spectator"),
            10 => {
                let other = seats(view).map(|seat| &seat["user_id"]).find(|user| !self.is_me(user));
                let other = other.and_then(Value::as_str).unwrap_or_default();
                self.get("hydrate", &format!("hydrate?userId={other}")).noted("as another")
            }
            _ => return self.knock().await,
        };
        self.client.send(&request).await;
    }

    async fn read_hands(&mut self) {
        let list = self.client.send(&self.get("hands", "hands?limit=5")).await;
        let hands = list.ok().and_then(|body| body["hands"].as_array());
        if let Some(hand) = hands.and_then(|hands| hands.choose(&mut self.random)) {
            self.past_hand = hand["handId"].as_str().map(str::to_owned);
        }
        if let Some(hand) = &self.past_hand {
            let request = Request { path: format!("/api/hands/{hand}"), ..self.get("hand", "") };
            self.client.send(&request).await;
        }
    }

    /// Tries credentials that open nothing here.
    async fn knock(&mut self) {
        let old = self.client.rejoin_tokens();
        let foreign = {
            let all = self.client.world.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // The latest: older ones may have been revoked, and would open nothing anywhere.
            let others: Vec<_> = all.iter().rev().filter(|(room, _)| *room != self.table.room).take(6).collect();
            others.choose(&mut self.random).map(|(_, token)| token.clone())
        };
        let request = self.get("hydrate", "hydrate");
        let request = match (self.random.random_range(0..5), foreign) {
            (0, Some(token)) => request.with(Credential::Rejoin(token)).noted("foreign token"),
            (1, Some(token)) => {
                let body = json!({ "action": "FOLD", "actionId": self.uuid() });
                self.action(body).with(Credential::Rejoin(token)).noted("foreign token")
            }
            // Anybody may see the lobby of a room, but with a credential that is good there.
            (2, Some(token)) => {
                let lobby = Request { path: format!("/api/rooms/{}", self.table.room), ..self.get("lobby", "") };
                lobby.with(Credential::Rejoin(token)).noted("foreign token")
            }
            (3, _) if old.len() > 1 => request.with(Credential::Rejoin(old[0].clone())).noted("old token"),
            (4, _) if !old.is_empty() => {
                request.with(Credential::Rejoin(old[old.len() - 1].clone())).noted("own token")
            }
            _ => request.with(Credential::Nothing).noted("no token"),
        };
        self.client.send(&request).await;
    }

    async fn command(&self, kind: &'static str, body: Value) {
        let call = kind.replace('_', "-");
        self.client.send(&self.post(kind, &call, body)).await;
    }

    fn in_game(&self, call: &'static str, body: Value) -> Request {
        Request::post(call, self.table.room, format!("/api/games/{}/{call}", self.table.game), body)
    }

    fn action(&self, body: Value) -> Request {
        Request::post("action", self.table.room, format!("/api/games/{}/actions", self.table.game), body)
    }

    fn get(&self, kind: &'static str, call: &str) -> Request {
        Request::get(kind, self.table.room, self.table.path(call))
    }

    fn post(&self, kind: &'static str, call: &str, body: Value) -> Request {
        Request::post(kind, self.table.room, self.table.path(call), body)
    }

    fn buy_in(&mut self, view: &Value) -> u64 {
        let settings = &view["room"]["settings"];
        let least = settings["minBuyIn"].as_u64().unwrap_or(40);
        let most = settings["maxBuyIn"].as_u64().unwrap_or(least).max(least);
        self.random.random_range(least..=most.min(least * 3))
    }

    fn is_me(&self, user: &Value) -> bool {
        user.as_str() == Some(self.client.user.to_string().as_str())
    }

    fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.random.random()).into_uuid()
    }
}

/// The seats that are taken.
fn seats(view: &Value) -> impl Iterator<Item = &Value> {
    view["seats"].as_array().into_iter().flatten().filter(|seat| !seat["user_id"].is_null())
}
