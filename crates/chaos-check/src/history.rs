//! The first reading of the clients' logs: all operations with their outcomes, and what the clients know together.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use uuid::Uuid;

use crate::call::{Call, Named};
use crate::card;
use crate::dump::Dump;
use crate::freshness::Sweep;
use crate::lines;
use crate::log::{self, Answer, Entry, Invoke, Open, Recv};
use crate::presence::Presence;
use crate::replay::Read;
use crate::restores::{Restores, epoch};
use crate::verdict::{Findings, Invariant, Place, Violation};

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// 2xx.
    Ok,
    /// 4xx.
    Fail,
    /// Not known: no answer, or 5xx.
    Info,
}

/// One operation of a client.
#[derive(Clone, Debug)]
pub struct Op {
    /// Where it was begun.
    pub place: Place,
    /// Who.
    pub user: Uuid,
    /// What.
    pub call: Call,
    /// In which room.
    pub room: Option<Uuid>,
    /// `bearer`, `rejoin` or `none`.
    pub auth: String,
    /// The request's body.
    pub body: Value,
    /// What the rig says about it.
    pub note: String,
    /// When it was begun, in microseconds of the run.
    pub invoked: i64,
    /// When it ended; never, if there is no answer.
    pub ended: i64,
    /// How.
    pub ending: Ending,
    /// The answer's HTTP status.
    pub status: Option<u16>,
    /// The answer's body, of changes and refusals.
    pub answer: Value,
    /// The number of an event in the answer.
    pub seq: Option<u64>,
}

impl Op {
    /// The action id in the request.
    pub fn action_id(&self) -> Option<Uuid> {
        self.body["actionId"].as_str().and_then(|id| Uuid::try_parse(id).ok())
    }
}

/// What all clients did and know together.
#[derive(Debug, Default)]
pub struct History {
    /// All operations.
    pub ops: Vec<Op>,
    /// Each player's own cards in each hand, as they saw them themselves: by hand and user.
    pub own_cards: BTreeMap<(Uuid, Uuid), Vec<String>>,
    /// When each member of a room gave a sign of life, by the database's clock.
    pub signs: HashMap<Uuid, BTreeMap<Uuid, Vec<i64>>>,
    /// When each member of a room may have been there.
    pub presence: HashMap<Uuid, Presence>,
    /// The documents that were read in a room.
    pub reads: HashMap<Uuid, Vec<Read>>,
    /// The order in real time, room by room.
    pub sweeps: HashMap<Uuid, Sweep>,
    /// When an action was acknowledged: by room and the number that was answered.
    pub acks: HashMap<(Uuid, u64), i64>,
    /// Frames that were received.
    pub frames: u64,
    /// When anybody last heard from the server, in microseconds of the run.
    pub last_heard: i64,
}

/// Reads all logs.
///
/// # Errors
///
/// - A log can't be read.
pub fn read(dir: &Path, dump: &Dump, restores: &Restores, findings: &mut Findings) -> Result<History> {
    let mut history = History::default();
    for file in log::files(dir)? {
        let mut reader = Reader {
            history: &mut history,
            dump,
            restores,
            findings,
            file: &file,
            pending: HashMap::new(),
            open: HashMap::new(),
            epochs: HashMap::new(),
        };
        lines::each(dir, &file, |number, _, entry: Entry| {
            reader.see(number, entry);
            Ok(())
        })?;
        reader.open.drain().for_each(|(_, open)| open.ends(reader.history, i64::MAX, false));
        let unanswered: Vec<Op> = reader.pending.into_values().collect();
        history.ops.extend(unanswered);
    }
    for op in &history.ops {
        if let Some(room) = op.room {
            history.presence.entry(room).or_default().called(op.user, op.invoked, op.ended);
        }
    }
    history.ops.sort_by_key(|op| op.invoked);
    Ok(history)
}

impl Open {
    /// It was there until `t`.
    fn ends(self, history: &mut History, t: i64, broke: bool) {
        history.presence.entry(self.room).or_default().had_socket(self.user, self.t, t, broke);
    }
}

struct Reader<'a> {
    history: &'a mut History,
    dump: &'a Dump,
    restores: &'a Restores,
    findings: &'a mut Findings,
    file: &'a str,
    pending: HashMap<u64, Op>,
    /// Sockets that are open.
    open: HashMap<u64, Open>,
    /// Which log a socket tells.
    epochs: HashMap<u64, Uuid>,
}

impl Reader<'_> {
    fn see(&mut self, line: usize, entry: Entry) {
        let place = Place { file: self.file.to_owned(), line };
        match entry {
            Entry::Invoke(invoke) => {
                let id = invoke.id;
                let op = self.begin(place, invoke);
                self.pending.insert(id, op);
            }
            Entry::Ok(answer) => self.end(place, answer, Ending::Ok),
            Entry::Fail(answer) => self.end(place, answer, Ending::Fail),
            Entry::Info(answer) => self.end(place, answer, Ending::Info),
            Entry::Open(open) => {
                self.open.insert(open.conn, open);
            }
            Entry::Recv(recv) => self.hear(place, &recv),
            Entry::Close(close) => {
                if let Some(open) = self.open.remove(&close.conn) {
                    open.ends(self.history, close.t, !matches!(close.by.as_str(), "rig" | "server"));
                }
            }
        }
    }

    fn begin(&self, place: Place, invoke: Invoke) -> Op {
        let Invoke { t, user, id: _, room, method, path, auth, body, note } = invoke;
        let (call, named) = Call::of(&method, &path);
        let room = match named {
            Named::Room(room) => Some(room),
            Named::Game(game) => self.dump.game_rooms.get(&game).copied(),
            Named::Hand(hand) => self.dump.hand_rooms.get(&hand).copied(),
            Named::Nothing => room,
        };
        Op {
            place,
            user,
            call,
            room,
            auth,
            body: body.unwrap_or(Value::Null),
            note: note.unwrap_or_default(),
            invoked: t,
            ended: i64::MAX,
            ending: Ending::Info,
            status: None,
            answer: Value::Null,
            seq: None,
        }
    }

    fn end(&mut self, place: Place, answer: Answer, ending: Ending) {
        let Some(mut op) = self.pending.remove(&answer.id) else {
            let say = format!("an answer to the request {}, which was never made", answer.id);
            let (invariant, place) = (Invariant::Unknown, Some(place));
            self.findings.add(Violation { invariant, room: None, seq: None, say, place });
            return;
        };
        let body = answer.body.unwrap_or(Value::Null);
        (op.ending, op.status) = (ending, answer.status);
        if ending != Ending::Info {
            self.history.last_heard = self.history.last_heard.max(answer.t);
            op.ended = answer.t;
        }
        op.seq = body["seq"].as_u64();
        if let (Ending::Ok, Some(room)) = (ending, op.room) {
            self.learn(&op, room, &body, place);
        }
        if self.restores.may_have_lost(op.invoked, answer.t) {
            // Whether what was done is in the backup isn't known.
            op.ending = if ending == Ending::Ok { Ending::Info } else { ending };
            op.seq = None;
        }
        if op.call.changes() || ending != Ending::Ok {
            op.answer = body;
        }
        self.history.ops.push(op);
    }

    fn learn(&mut self, op: &Op, room: Uuid, body: &Value, place: Place) {
        match op.call {
            Call::Hydrate => {
                self.own_cards(&body["hand"]["id"], op.user, &body["me"]["hole_cards"], &place);
                let read = Read::of(body, place);
                let lost = |read: &Read| self.restores.has_lost(room, epoch(body), op.ended, read.seq);
                self.history.reads.entry(room).or_default().extend(read.filter(|read| !lost(read)));
            }
            Call::Events | Call::Hand => {
                for event in body["events"].as_array().into_iter().flatten() {
                    self.own_cards(&event["handId"], op.user, &event["yourCards"], &place);
                }
            }
            Call::Heartbeat => self.alive(room, op.user, &body["serverTime"]),
            Call::Action => {
                if let Some(seq) = op.seq
                    && !self.restores.has_lost(room, None, op.ended, seq)
                {
                    self.history.acks.entry((room, seq)).or_insert(op.ended);
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, place: Place, recv: &Recv) {
        self.history.frames += 1;
        self.history.last_heard = self.history.last_heard.max(recv.t);
        let Ok(frame) = serde_json::from_str::<Value>(&recv.raw) else { return };
        if let Some(epoch) = epoch(&frame) {
            self.epochs.insert(recv.conn, epoch);
        }
        let log = self.epochs.get(&recv.conn).copied();
        let lost = |seq: &u64| self.restores.has_lost(recv.room, log, recv.t, *seq);
        let seq = frame["seq"].as_u64().filter(|seq| !lost(seq));
        let sweep = self.history.sweeps.entry(recv.room).or_default();
        match (frame["type"].as_str(), seq) {
            (Some("authenticated"), Some(seq)) => {
                let opened = self.open.get(&recv.conn).map_or(recv.t, |open| open.t);
                sweep.answered(opened, recv.t, seq, false, place);
                self.alive(recv.room, recv.user, &frame["serverTime"]);
            }
            (Some("heartbeat_ack"), Some(seq)) => {
                sweep.known(recv.t, seq);
                self.alive(recv.room, recv.user, &frame["serverTime"]);
            }
            (Some("hand_started"), Some(seq)) => {
                sweep.known(recv.t, seq);
                self.own_cards(&frame["handId"], recv.user, &frame["yourCards"], &place);
            }
            (_, Some(seq)) => sweep.known(recv.t, seq),
            _ => {}
        }
    }

    fn alive(&mut self, room: Uuid, user: Uuid, server_time: &Value) {
        if let Some(at) = server_time.as_i64() {
            self.history.signs.entry(room).or_default().entry(user).or_default().push(at);
        }
    }

    fn own_cards(&mut self, hand: &Value, user: Uuid, cards: &Value, place: &Place) {
        let Some(hand) = hand.as_str().and_then(|hand| Uuid::try_parse(hand).ok()) else { return };
        let cards = card::list(cards);
        if cards.is_empty() {
            return;
        }
        let known = self.history.own_cards.entry((hand, user)).or_insert_with(|| cards.clone());
        if *known != cards {
            let say = format!("{user} held {known:?} in hand {hand}, and holds {cards:?} now");
            let room = self.dump.hand_rooms.get(&hand).copied();
            self.findings.add(Violation {
                invariant: Invariant::Hands,
                room,
                seq: None,
                say,
                place: Some(place.clone()),
            });
        }
    }
}
