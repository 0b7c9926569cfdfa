//! A model of a correct server, just large enough for one run: two players and a spectator, four hands, one killed node.
//!
//! It writes down what such a server and its clients would have left behind. It knows nothing of the product's code; the wire's
//! form of events is the checker's own, which `real_server` proves against the real one.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chaos_check::event::{Logged, What};
use serde_json::{Value, json};
use uuid::Uuid;

pub const ROOM: Uuid = Uuid::from_u128(0xA0);
const GAME: Uuid = Uuid::from_u128(0xB0);
pub const HOST: Uuid = Uuid::from_u128(1);
pub const ANNA: Uuid = Uuid::from_u128(2);
pub const SAM: Uuid = Uuid::from_u128(3);
const PEOPLE: [(Uuid, &str); 3] = [(HOST, "Host"), (ANNA, "Anna"), (SAM, "Sam")];

/// The wall clock at the beginning of the run: 2025-11-24T12:00:00Z.
const BEGAN: i64 = 1_763_985_600_000;
/// Time for a decision, in milliseconds; there is no time bank.
const TIMEOUT: i64 = 30_000;
/// Time for the question how often to run the missing cards.
const VOTE: i64 = 10_000;

pub fn hand(number: u64) -> Uuid {
    Uuid::from_u128(0xC0 + u128::from(number))
}

/// A text that is a bearer token of a user.
pub fn token(user: Uuid) -> String {
    format!("rj1_secret-of-{}", user.simple())
}

/// What the host and Anna hold in each hand, and the board of the hands that come to one.
pub fn cards(number: u64, user: Uuid) -> [String; 2] {
    let of_host = ["hearts_A", "clubs_2", "hearts_3", "spades_9"];
    let of_anna = ["hearts_K", "clubs_Q", "hearts_4", "spades_8"];
    let first = if user == HOST { of_host } else { of_anna }[number as usize - 1];
    [first.to_owned(), first.replace("hearts", "diamonds").replace("clubs", "hearts").replace("spades", "clubs")]
}

/// The board of a second run, and one that would have come.
const SECOND: [&str; 5] = ["clubs_3", "diamonds_8", "hearts_7", "spades_Q", "clubs_4"];
pub const RABBIT: [&str; 5] = ["clubs_5", "diamonds_9", "hearts_8", "spades_J", "clubs_6"];

const BOARD: [&str; 5] = ["spades_6", "spades_5", "clubs_10", "diamonds_J", "spades_K"];

/// The files of a run's folder: lines of JSON by name, and logs as text.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    pub lines: BTreeMap<String, Vec<Value>>,
    pub texts: BTreeMap<String, String>,
}

impl Folder {
    pub fn write(&self, dir: &Path) {
        for name in ["logs", "dump"] {
            fs::create_dir_all(dir.join(name)).unwrap();
        }
        for (name, lines) in &self.lines {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(dir.join(name), text).unwrap();
        }
        for (name, text) in &self.texts {
            fs::write(dir.join(name), text).unwrap();
        }
    }

    /// The rows of a table.
    pub fn table(&mut self, name: &str) -> &mut Vec<Value> {
        self.lines.entry(format!("dump/{name}.jsonl")).or_default()
    }

    /// The row of a table that has this value.
    pub fn row(&mut self, table: &str, field: &str, value: impl Into<Value>) -> &mut Value {
        let value = value.into();
        self.table(table).iter_mut().find(|row| row[field] == value).expect("the model has such a row")
    }

    /// The stored event `seq`.
    pub fn event(&mut self, seq: u64) -> &mut Value {
        self.row("room_events", "seq", seq)
    }

    /// The log of a client: 0 is the host's, 1 Anna's, 2 Sam's.
    pub fn client(&mut self, client: usize) -> &mut Vec<Value> {
        self.lines.entry(format!("client-{client}.jsonl")).or_default()
    }

    /// Changes the frames of a client that are of a type, as parsed JSON.
    pub fn frames(&mut self, client: usize, kind: &str, change: impl Fn(&mut Value)) {
        for line in self.client(client).iter_mut().filter(|line| line["op"] == "recv") {
            let mut frame: Value = serde_json::from_str(line["raw"].as_str().unwrap()).unwrap();
            if frame["type"] == kind {
                change(&mut frame);
                line["raw"] = json!(frame.to_string());
            }
        }
    }

    /// The answer to the last request of a client whose path ends like this.
    pub fn answer(&mut self, client: usize, path: &str) -> &mut Value {
        let log = self.client(client);
        let asked = |line: &&Value| line["path"].as_str().is_some_and(|asked| asked.ends_with(path));
        let id = log.iter().rev().find(asked).expect("the model asks that")["id"].clone();
        log.iter_mut().find(|line| line["id"] == id && line["op"] != "invoke").expect("every request has an answer")
    }

    /// The request of a client whose path ends like this.
    pub fn request(&mut self, client: usize, path: &str) -> &mut Value {
        let asked = |line: &&mut Value| line["path"].as_str().is_some_and(|asked| asked.ends_with(path));
        self.client(client).iter_mut().rfind(asked).expect("the model asks that")
    }

    /// Takes out of a client's log the frame of the event `seq`.
    pub fn lose(&mut self, client: usize, seq: u64) -> Value {
        let log = self.client(client);
        let needle = format!("\"seq\":{seq},");
        let is_it = |line: &Value| {
            line["op"] == "recv"
                && line["raw"].as_str().unwrap().contains("roomId")
                && line["raw"].as_str().unwrap().contains(&needle)
        };
        let index = log.iter().position(is_it).expect("the model delivers that");
        log.remove(index)
    }
}

/// Writes the run down.
pub struct Model {
    folder: Folder,
    /// Milliseconds of the run.
    now: i64,
    seq: u64,
    turn: u64,
    /// The number of the hand being played.
    number: u64,
    /// Who is to act.
    actor: u8,
    ids: u64,
    listening: Vec<usize>,
}

impl Model {
    /// A run in which every promise is kept.
    pub fn run() -> Folder {
        let mut model = Self::new();
        model.people_come();
        model.first_hand();
        model.second_hand();
        model.third_and_fourth_hand();
        model.final_reads([9, 187, 2, 2, 4]);
        model.store([11, 189]);
        model.folder
    }

    /// Another one: a hand that is run twice, one after which cards are shown and a rabbit is hunted, and a third that goes on.
    pub fn run_twice() -> Folder {
        let mut model = Self::new();
        model.people_come();
        model.hand_of_two_runs();
        model.hand_that_is_shown();
        model.fault("K1", "inject", "node a");
        model.pass(500);
        model.fault("K1", "heal", "node a");
        model.deal(3, 0, [101, 99]);
        model.fault("all", "healed", "");
        model.act(0, ("preflop", "CALL", 1), [99, 2, 4], Some(1), Value::Null, |_, seq| seq);
        model.final_reads([99, 97, 2, 2, 4]);
        model.store([101, 99]);
        model.folder
    }

    fn new() -> Self {
        let (folder, listening) = (Folder::default(), Vec::new());
        Self { folder, now: 0, seq: 0, turn: 0, number: 0, actor: 0, ids: 0, listening }
    }

    fn log(&mut self, client: usize, line: Value) {
        self.folder.client(client).push(line);
    }

    fn t(&self) -> i64 {
        self.now * 1000
    }

    fn pass(&mut self, millis: i64) {
        self.now += millis;
    }

    /// A request that is answered with `status`; what it causes is written in between.
    fn call(&mut self, client: usize, call: (&str, &str), body: Value, cause: impl FnOnce(&mut Self) -> (u16, Value)) {
        let (method, path) = call;
        self.pass(10);
        self.ids += 1;
        let id = self.ids;
        let path = match path {
            "actions" | "runs" | "show" | "rabbit" => format!("/api/games/{GAME}/{path}"),
            path if path.starts_with('/') => format!("/api{path}"),
            path => format!("/api/rooms/{ROOM}/{path}"),
        };
        let (t, user) = (self.t(), PEOPLE[client].0);
        self.log(client, json!({
            "t": t, "client": client, "user": user, "op": "invoke", "id": id, "kind": "", "node": "a", "method": method,
            "path": path, "auth": "bearer", "body": body, "note": null,
        }));
        self.pass(5);
        let (status, answer) = cause(self);
        self.pass(5);
        let op = if status < 300 { "ok" } else { "fail" };
        let t = self.t();
        self.log(
            client,
            json!({"t": t, "client": client, "op": op, "id": id, "status": status, "body": answer, "error": null}),
        );
    }

    fn open(&mut self, client: usize, last_seq: Option<u64>) {
        self.pass(10);
        let (t, user, seq) = (self.t(), PEOPLE[client].0, self.seq);
        self.log(client, json!({
            "t": t, "client": client, "user": user, "op": "open", "conn": client, "node": "a", "room": ROOM, "last_seq": last_seq,
        }));
        let welcome = json!({
            "type": "authenticated", "role": "approved", "status": "approved", "userId": user, "seatIndex": null,
            "seq": seq, "heartbeatSecs": 30, "serverTime": BEGAN + self.now,
        });
        self.frame(client, &welcome);
        match last_seq {
            Some(last) => {
                for row in self.folder.table("room_events").clone() {
                    if row["seq"].as_u64().unwrap() > last {
                        self.deliver(client, &row);
                    }
                }
            }
            None => self.frame(client, &json!({"type": "resync_required", "seq": seq})),
        }
        self.listening.push(client);
    }

    fn frame(&mut self, client: usize, frame: &Value) {
        let (t, user) = (self.t(), PEOPLE[client].0);
        self.log(client, json!({
            "t": t, "client": client, "user": user, "op": "recv", "conn": client, "room": ROOM, "raw": frame.to_string(),
        }));
    }

    fn deliver(&mut self, client: usize, row: &Value) {
        let what: What = serde_json::from_value(row["public"].clone()).unwrap();
        let number = match &what {
            What::HandStarted(started) => Some(started.number),
            _ => None,
        };
        let seq = row["seq"].as_u64().unwrap();
        let at = self.folder.row("commits", "seq", seq)["committed_at_ms"].as_i64().unwrap();
        let kind = row["type"].as_str().unwrap().to_owned();
        let mut event = Logged { seq, at, kind, hand: what.hand(), what }.wire(ROOM);
        let user = PEOPLE[client].0;
        if let Some(number) = number.filter(|_| user != SAM) {
            event["yourCards"] = json!(cards(number, user));
        }
        if event["type"] == "rabbit_shown" && event["userId"] == json!(user) {
            event["boards"] = json!([RABBIT]);
        }
        if event["type"] == "player_approved" && event["userId"] == json!(user) {
            event["rejoinToken"] = json!(token(user));
        }
        if event["type"] == "hand_complete" {
            for list in ["winners", "shown"] {
                for item in event[list].as_array_mut().unwrap() {
                    item["handRank"] = json!("a pair");
                }
            }
        }
        self.frame(client, &event);
    }

    /// Commits an event and tells everybody who listens.
    fn event(&mut self, public: Value) -> u64 {
        self.seq += 1;
        let seq = self.seq;
        let at = BEGAN + self.now;
        let what: What = serde_json::from_value(public.clone()).unwrap();
        let row = json!({
            "room_id": ROOM, "seq": seq, "at": iso(at), "type": what.kind(), "hand_id": what.hand(), "public": public,
            "sealed": null,
        });
        self.folder.table("room_events").push(row.clone());
        self.folder.table("commits").push(json!({"room_id": ROOM, "seq": seq, "committed_at_ms": at}));
        self.book(seq, at, &what);
        for client in self.listening.clone() {
            self.deliver(client, &row);
        }
        seq
    }

    /// The rows that an event makes in other tables.
    fn book(&mut self, seq: u64, at: i64, what: &What) {
        let mut entries = Vec::new();
        match what {
            What::Seated { user, chips, .. } => entries.push((*user, "buy_in", *chips, None)),
            What::HandCompleted(done) => {
                entries.extend(done.stacks.iter().map(|stack| (stack.user, "hand_result", stack.net, Some(done.hand))));
                let won: i64 = done.winners.iter().map(|winner| winner.amount).sum();
                let row = self.folder.row("hands", "id", json!(done.hand));
                (row["completed_at"], row["board"], row["pot"]) = (json!(iso(at)), json!(done.board), json!(won));
            }
            What::HandStarted(started) => {
                self.folder.table("hands").push(json!({
                    "id": started.hand, "room_id": ROOM, "game_id": GAME, "hand_number": started.number,
                    "button_seat": started.button, "rules": started.rules, "house": {"max_runs": 2, "run_vote": VOTE}, "action_timeout_ms": TIMEOUT, "started_at": iso(at),
                    "completed_at": null, "board": null, "pot": null,
                }));
                for seat in &started.seats {
                    self.folder.table("players").push(json!({
                        "hand_id": started.hand, "seat_index": seat.seat, "room_id": ROOM, "user_id": seat.user,
                        "display_name": "", "stack": seat.stack,
                    }));
                }
            }
            What::RunsDecided { hand, runs } => {
                self.folder.row("hands", "id", json!(hand))["house"]["runs"] = json!(runs);
            }
            What::Acted(acted) => self.folder.table("actions").push(json!({
                "room_id": ROOM, "seq": seq, "hand_id": acted.hand, "turn": acted.turn, "seat_index": acted.seat,
                "user_id": acted.user, "street": acted.street, "action": acted.action, "amount": acted.amount,
                "auto": acted.auto, "at": iso(at),
            })),
            _ => {}
        }
        for (ordinal, (user, kind, delta, hand)) in entries.into_iter().enumerate() {
            self.folder.table("chip_ledger").push(json!({
                "room_id": ROOM, "seq": seq, "ordinal": ordinal, "user_id": user, "kind": kind, "delta": delta,
                "hand_id": hand, "reason": null, "at": iso(at),
            }));
        }
    }

    fn people_come(&mut self) {
        self.call(0, ("POST", "/rooms"), json!({"displayName": "Host"}), |_| {
            (201, json!({"gameId": GAME, "rejoinToken": token(HOST)}))
        });
        self.open(0, None);
        for (client, (user, name)) in PEOPLE.into_iter().enumerate().skip(1) {
            self.call(client, ("POST", "join"), json!({"displayName": name}), |model| {
                model.event(json!({"join_requested": {"user": user, "name": name}}));
                (202, json!({"status": "pending", "waitingForApproval": true, "rejoinToken": null}))
            });
            self.call(0, ("POST", "approve"), json!({"userId": user, "approved": true}), |model| {
                model.event(json!({"approved": {"user": user, "name": name}}));
                (200, json!({"approved": true}))
            });
        }
        self.open(1, None);
        for (seat, (user, name)) in PEOPLE.into_iter().enumerate().take(2) {
            self.call(seat, ("POST", "seat"), json!({"seatIndex": seat, "buyIn": 100}), |model| {
                model.event(json!({"seated": {"seat": seat, "user": user, "name": name, "chips": 100}}));
                (200, json!({"role": "player", "seatIndex": seat, "chips": 100, "rejoinToken": token(user)}))
            });
        }
        self.call(2, ("POST", "spectate"), json!({}), |model| {
            model.event(json!({"spectator_joined": {"user": SAM, "name": "Sam"}}));
            (200, json!({"role": "spectator", "rejoinToken": token(SAM)}))
        });
        self.open(2, Some(0));
    }

    /// Whose turn it is from now on.
    fn timer(&mut self, actor: u8) -> Value {
        self.turn += 1;
        self.actor = actor;
        let now = BEGAN + self.now;
        json!({
            "actor": actor, "turn": self.turn, "started_at": now, "deadline": now + TIMEOUT, "expires": now + TIMEOUT,
            "timebank": 0,
        })
    }

    /// Deals a hand; `stacks` are the host's and Anna's, the button posts the small blind.
    fn deal(&mut self, number: u64, button: u8, stacks: [i64; 2]) {
        self.number = number;
        let posts = [(button, "small_blind", 1), (1 - button, "big_blind", 2)];
        let posted = |seat: u8| if seat == button { 1 } else { 2 };
        let seat = |seat: u8| {
            let stack = stacks[usize::from(seat)];
            json!({
                "seat": seat, "user": PEOPLE[usize::from(seat)].0, "stack": stack, "chips": stack - posted(seat),
                "bet": posted(seat),
            })
        };
        let timer = self.timer(button);
        self.event(json!({"hand_started": {
            "hand": hand(number), "number": number, "button": button, "small_blind": 1, "big_blind": 2, "ante": 0,
            "posts": posts.map(|(seat, kind, amount)| json!({"seat": seat, "kind": kind, "amount": amount})),
            "seats": [seat(0), seat(1)], "pot": 3, "timer": timer, "rules": "nlhe/2",
        }}));
    }

    fn acted(&mut self, seat: u8, action: (&str, &str, i64), after: [i64; 3], next: Option<u8>, more: Value) -> u64 {
        let (street, kind, amount) = action;
        let [chips, bet, pot] = after;
        let turn = self.turn;
        let timer = next.map(|next| self.timer(next));
        let mut public = json!({
            "hand": hand(self.number), "user": PEOPLE[usize::from(seat)].0, "seat": seat, "street": street, "kind": kind,
            "amount": amount, "chips": chips, "bet": bet, "pot": pot, "auto": false, "turn": turn, "returned": null,
            "timer": timer,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            public[name] = value.clone();
        }
        self.event(json!({ "acted": public }))
    }

    /// A player acts by a call; `then` writes what follows in the same transaction and returns the last number.
    fn act(
        &mut self,
        seat: u8,
        action: (&str, &str, i64),
        after: [i64; 3],
        next: Option<u8>,
        more: Value,
        then: impl FnOnce(&mut Self, u64) -> u64,
    ) {
        let id = Uuid::from_u128(0xF000 + u128::from(self.ids));
        let mut body = json!({"action": action.1, "turn": self.turn, "actionId": id});
        if matches!(action.1, "BET" | "RAISE") {
            body["amount"] = json!(action.2);
        }
        let client = usize::from(seat);
        self.call(client, ("POST", "actions"), body.clone(), |model| {
            let first = model.acted(seat, action, after, next, more);
            let seq = then(model, first);
            model.folder.table("command_replies").push(json!({
                "user_id": PEOPLE[client].0, "command_id": id, "fingerprint": "", "room_id": ROOM, "seq": seq,
            }));
            (200, json!({"success": true, "seq": seq}))
        });
        if action.1 == "RAISE" {
            // The client asks again, as if the answer had been lost.
            let seq = self.seq;
            self.call(client, ("POST", "actions"), body, |_| (200, json!({"success": true, "seq": seq})));
        }
    }

    fn street(&mut self, street: &str, length: usize, pot: i64, next: Option<u8>) -> u64 {
        let timer = next.map(|next| self.timer(next));
        self.event(json!({"street_advanced": {
            "hand": hand(self.number), "street": street, "board": BOARD[..length],
            "pots": [{"amount": pot, "eligible": [0, 1]}], "timer": timer,
        }}))
    }

    /// Ends a hand: one pot for one winner.
    fn finish(&mut self, winner: u8, pot: i64, board: usize, stacks: [i64; 2], net: i64) -> u64 {
        // A whole board means that hands were compared.
        let shown = board == 5;
        let user = PEOPLE[usize::from(winner)].0;
        let share = json!({"seat": winner, "user": user, "amount": pot, "compared": shown});
        self.event(
            json!({"pot_distributed": {"hand": hand(self.number), "index": 0, "amount": pot, "winners": [share]}}),
        );
        let nets = if winner == 0 { [net, -net] } else { [-net, net] };
        let stack =
            |seat: usize| json!({"seat": seat, "user": PEOPLE[seat].0, "chips": stacks[seat], "net": nets[seat]});
        let show = |seat: usize| json!({"seat": seat, "cards": cards(self.number, PEOPLE[seat].0)});
        let shown = if shown { vec![show(0), show(1)] } else { Vec::new() };
        self.event(json!({"hand_completed": {
            "hand": hand(self.number), "board": BOARD[..board], "winners": [share], "shown": shown,
            "stacks": [stack(0), stack(1)], "next_hand_at": null,
        }}))
    }

    fn first_hand(&mut self) {
        self.call(0, ("POST", "start"), json!({}), |model| {
            model.event(json!({"game_started": {"game": GAME}}));
            model.deal(1, 0, [100, 100]);
            (200, json!({"success": true, "seq": model.seq, "gameStatus": "active"}))
        });
        self.call(1, ("POST", "actions"), json!({"action": "CHECK"}), |_| {
            (409, json!({"type": "about:blank", "title": "Conflict", "status": 409, "detail": "wait", "code": "NOT_YOUR_TURN"}))
        });
        let none = Value::Null;
        self.act(0, ("preflop", "RAISE", 6), [94, 6, 8], Some(1), none.clone(), |_, seq| seq);
        self.act(1, ("preflop", "CALL", 4), [94, 6, 12], None, none.clone(), |model, _| {
            model.street("flop", 3, 12, Some(1))
        });
        self.act(1, ("flop", "CHECK", 0), [94, 0, 12], Some(0), none.clone(), |_, seq| seq);
        self.hydrate(1, "flop", 3, [94, 94, 0, 0, 12]);
        self.act(0, ("flop", "BET", 10), [84, 10, 22], Some(1), none, |_, seq| seq);
        let back = json!({"returned": {"seat": 0, "amount": 10, "stack": 94}});
        self.act(1, ("flop", "FOLD", 0), [94, 0, 22], None, back, |model, _| model.finish(0, 12, 3, [106, 94], 6));
    }

    fn second_hand(&mut self) {
        self.pass(50);
        self.deal(2, 1, [106, 94]);
        self.act(1, ("preflop", "ALL_IN", 94), [0, 94, 96], Some(0), Value::Null, |_, seq| seq);
        self.act(0, ("preflop", "CALL", 92), [12, 94, 188], None, Value::Null, |model, _| {
            for (street, length) in [("flop", 3), ("turn", 4), ("river", 5)] {
                model.street(street, length, 188, None);
            }
            model.finish(1, 188, 5, [12, 188], 94)
        });
    }

    fn third_and_fourth_hand(&mut self) {
        self.fault("K1", "inject", "node a");
        self.pass(500);
        self.fault("K1", "heal", "node a");
        self.deal(3, 0, [12, 188]);
        self.pass(TIMEOUT + 20);
        let by_clock = json!({"auto": true, "returned": {"seat": 1, "amount": 1, "stack": 187}});
        self.acted(0, ("preflop", "FOLD", 0), [11, 1, 3], None, by_clock);
        self.finish(1, 2, 0, [11, 189], 1);
        self.pass(50);
        self.deal(4, 1, [11, 189]);
        self.fault("all", "healed", "");
        self.act(1, ("preflop", "CALL", 1), [187, 2, 4], Some(0), Value::Null, |_, seq| seq);
    }

    fn hand_of_two_runs(&mut self) {
        self.call(0, ("POST", "start"), json!({}), |model| {
            model.event(json!({"game_started": {"game": GAME}}));
            model.deal(1, 0, [100, 100]);
            (200, json!({"success": true, "seq": model.seq, "gameStatus": "active"}))
        });
        self.act(0, ("preflop", "ALL_IN", 100), [0, 100, 102], Some(1), Value::Null, |_, seq| seq);
        self.act(1, ("preflop", "CALL", 98), [0, 100, 200], None, Value::Null, |model, _| {
            model.turn += 1;
            let (turn, expires) = (model.turn, BEGAN + model.now + VOTE);
            model.event(json!({"runs_asked": {
                "hand": hand(1), "seats": [0, 1], "max_runs": 2, "turn": turn, "expires": expires,
            }}))
        });
        for (seat, (user, _)) in PEOPLE.into_iter().enumerate().take(2) {
            let turn = self.turn;
            self.call(seat, ("POST", "runs"), json!({"runs": 2, "turn": turn}), |model| {
                model.event(json!({"runs_answered": {"hand": hand(1), "seat": seat, "user": user}}));
                if seat == 1 {
                    model.two_runs();
                }
                (200, json!({"success": true, "seq": model.seq}))
            });
        }
    }

    /// Each wins one.
    fn two_runs(&mut self) {
        self.event(json!({"runs_decided": {"hand": hand(1), "runs": 2}}));
        for (run, board) in [BOARD, SECOND].into_iter().enumerate() {
            self.event(json!({"run_dealt": {"hand": hand(1), "run": run, "board": board}}));
        }
        let share = |seat: usize| json!({"seat": seat, "user": PEOPLE[seat].0, "amount": 100, "compared": true});
        let part = |board: u8, seat| json!({"board": board, "half": "whole", "amount": 100, "winners": [share(seat)]});
        let (winners, parts) = (json!([share(1), share(0)]), json!([part(0, 1), part(1, 0)]));
        self.event(json!({"pot_distributed": {
            "hand": hand(1), "index": 0, "amount": 200, "winners": winners, "parts": parts,
        }}));
        let show = |seat: usize| json!({"seat": seat, "cards": cards(1, PEOPLE[seat].0)});
        let stack = |seat: usize| json!({"seat": seat, "user": PEOPLE[seat].0, "chips": 100, "net": 0});
        self.event(json!({"hand_completed": {
            "hand": hand(1), "board": BOARD, "boards": [BOARD, SECOND], "winners": winners, "shown": [show(0), show(1)],
            "stacks": [stack(0), stack(1)], "next_hand_at": null,
        }}));
    }

    /// Anna folds before the flop and shows a card; the host asks what would have come.
    fn hand_that_is_shown(&mut self) {
        self.pass(50);
        self.deal(2, 1, [100, 100]);
        let back = json!({"returned": {"seat": 0, "amount": 1, "stack": 99}});
        self.act(1, ("preflop", "FOLD", 0), [99, 1, 3], None, back, |model, _| model.finish(0, 2, 0, [101, 99], 1));
        let card = cards(2, ANNA)[0].clone();
        self.call(1, ("POST", "show"), json!({"handId": hand(2), "cards": [card]}), |model| {
            model.event(json!({"cards_shown": {"hand": hand(2), "seat": 1, "user": ANNA, "cards": [card]}}));
            (200, json!({"success": true, "seq": model.seq}))
        });
        self.call(0, ("POST", "rabbit"), json!({"handId": hand(2)}), |model| {
            model.event(json!({"rabbit_shown": {"hand": hand(2), "user": HOST, "boards": null}}));
            (200, json!({"boards": [RABBIT]}))
        });
        self.pass(50);
    }

    /// `chips` are the host's and Anna's stacks and bets, and the pot.
    fn final_reads(&mut self, chips: [i64; 5]) {
        for client in 0..3 {
            self.call(client, ("POST", "heartbeat"), Value::Null, |model| {
                (200, json!({"seq": model.seq, "serverTime": BEGAN + model.now}))
            });
        }
        self.hydrate(0, "preflop", 0, chips);
        self.hydrate(2, "preflop", 0, chips);
        let (rows, seq) = (self.folder.table("room_events").clone(), self.seq);
        self.call(2, ("GET", "events?after=0"), Value::Null, |model| {
            let events: Vec<Value> = rows.iter().map(|row| model.public(row)).collect();
            (200, json!({"events": events, "seq": seq}))
        });
        self.fault("all", "final", "");
    }

    /// The public form of a stored event.
    fn public(&mut self, row: &Value) -> Value {
        let before = self.folder.client(2).len();
        self.deliver(2, row);
        let line = self.folder.client(2).split_off(before).remove(0);
        serde_json::from_str(line["raw"].as_str().unwrap()).unwrap()
    }

    fn fault(&mut self, fault: &str, phase: &str, target: &str) {
        let line =
            json!({"t": self.t(), "fault": fault, "phase": phase, "target": target, "in_flight": 1, "bit": true});
        self.folder.lines.entry("nemesis.jsonl".to_owned()).or_default().push(line);
    }

    /// A document; `chips` are the host's and Anna's stacks and bets, and the pot.
    fn hydrate(&mut self, client: usize, phase: &str, board: usize, chips: [i64; 5]) {
        let user = PEOPLE[client].0;
        let number = self.number;
        self.call(client, ("GET", "hydrate"), Value::Null, |model| {
            let seat = |seat: usize| {
                json!({"seat_index": seat, "user_id": PEOPLE[seat].0, "chips": chips[seat], "bet": chips[seat + 2],
                       "status": "active", "shown_cards": null})
            };
            let mut me = json!({"user_id": user, "role": "player", "rejoin_token": token(user)});
            if client < 2 {
                me["hole_cards"] = json!(cards(number, user));
            }
            let mut document = json!({
                "seq": model.seq, "timestamp": BEGAN + model.now,
                "room": {"id": ROOM, "host_id": HOST, "status": "open"},
                "game": {"id": GAME, "status": "active", "current_hand_id": hand(number), "hand_number": number},
                "hand": {"id": hand(number), "number": number, "phase": phase, "board": BOARD[..board], "pot": chips[4]},
                "seats": [seat(0), seat(1)], "me": me,
                "timer": {"actor_seat": model.actor, "turn": model.turn}, "spectator_count": 1,
            });
            if client == 0 {
                document["pending_requests"] = json!([]);
            }
            (200, document)
        });
    }

    fn store(&mut self, stacks: [i64; 2]) {
        let settings = json!({
            "seats": 2, "small_blind": 1, "big_blind": 2, "ante": 0, "min_buy_in": 40, "max_buy_in": 400,
            "action_timeout_ms": TIMEOUT, "timebank_ms": 0, "between_hands_ms": 0, "max_members": 50,
            "auto_approve": false, "spectators_allowed": true,
        });
        let mut room = json!({"id": ROOM, "code": "ABCDEFGH", "name": "Room", "host_id": HOST, "status": "open"});
        room.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.folder.table("rooms").push(room);
        self.folder.table("games").push(json!({
            "id": GAME, "room_id": ROOM, "status": "active", "ending": false, "hand_number": self.number,
        }));
        let last = self.folder.event(self.seq)["public"]["acted"]["timer"]["expires"].as_i64().unwrap();
        self.folder.table("game_states").push(json!({
            "room_id": ROOM, "game_id": GAME, "seq": self.seq, "version": 1, "turn_number": self.turn, "turn_seat": self.actor,
            "expires_at": iso(last), "frozen_time_ms": null, "next_hand_at": null, "current_hand_id": hand(self.number),
            "wake_at": iso(last),
        }));
        for (seat, chips) in stacks.into_iter().enumerate() {
            self.folder.table("room_seats").push(json!({
                "room_id": ROOM, "seat_index": seat, "status": "active", "user_id": PEOPLE[seat].0,
                "display_name": PEOPLE[seat].1, "chips": chips,
            }));
        }
        for (index, (user, name)) in PEOPLE.into_iter().enumerate() {
            self.folder.table("users").push(json!({"id": user, "display_name": name}));
            self.folder.table("room_players").push(json!({
                "room_id": ROOM, "user_id": user, "display_name": name, "status": "approved", "waiting_chips": 0,
            }));
            let (role, seat) = [("host", Some(0)), ("player", Some(1)), ("spectator", None)][index];
            self.folder.table("rejoin_tokens").push(json!({
                "id": Uuid::from_u128(0xD0 + index as u128), "room_id": ROOM, "user_id": user,
                "role": role, "seat_index": seat,
                "token_hash": format!("{index:064x}"), "revoked_at": null,
            }));
        }
        self.folder.table("room_spectators").push(json!({"room_id": ROOM, "user_id": SAM}));
        let users: Vec<Value> = PEOPLE
            .iter()
            .enumerate()
            .map(|(client, (user, name))| {
                json!({"user_id": user, "display_name": name, "client": client, "tokens": [token(*user)]})
            })
            .collect();
        let run = json!({
            "commit": "c0ffee", "seed": 7, "seconds": 60, "faults": ["K1"], "nodes": ["a", "b"], "started_at_ms": BEGAN,
            "bug": null, "env": {"HOLDFAST_FREE_SEAT_AFTER_SECS": "600"}, "users": users,
            "rooms": [{"room_id": ROOM, "code": "ABCDEFGH", "game_id": GAME, "host": HOST}],
        });
        self.folder.texts.insert("run.json".to_owned(), run.to_string());
        self.folder.texts.insert("logs/node-a.log".to_owned(), "INFO serving\n".to_owned());
        self.folder.texts.insert("logs/postgres.log".to_owned(), "LOG:  ready\n".to_owned());
        self.folder.texts.insert("audit.txt".to_owned(), "1 room, no fault\nexit code: 0\n".to_owned());
    }
}

/// An instant as PostgreSQL writes it into JSON, within an hour of the beginning.
pub fn iso(at: i64) -> String {
    let millis = at - BEGAN;
    format!("2025-11-24T12:{:02}:{:02}.{:03}+00:00", millis / 60_000, millis / 1000 % 60, millis % 1000)
}
