//! The second reading of the clients' logs: everything that was received, against what is known by now (I-10, I-11, I-13).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use uuid::Uuid;

use crate::call::{Call, Named};
use crate::delivery::{Connection, Copies, logged};
use crate::dump::Dump;
use crate::history::History;
use crate::limits::Limits;
use crate::lines;
use crate::liveness::Served;
use crate::log::{self, Answer, Entry, Recv};
use crate::restores::{Restores, epoch};
use crate::room::Facts;
use crate::run::{Nemesis, Run};
use crate::schema::Schema;
use crate::secrecy::{Oracle, Reader};
use crate::tokens::TokenFinder;
use crate::verdict::{Findings, Invariant, Place, Violation};

/// How an event came.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// As these bytes, on a socket.
    Frame(&'a str),
    /// In the answer to a call.
    Answer(Call),
}

/// What is known by now.
pub struct Known<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its faults.
    pub nemesis: &'a Nemesis,
    /// The database.
    pub dump: &'a Dump,
    /// What was restored.
    pub restores: &'a Restores,
    /// The rooms, at every event.
    pub facts: &'a BTreeMap<Uuid, Facts>,
    /// The clients, together.
    pub history: &'a History,
    /// Whose token is whose.
    pub tokens: &'a TokenFinder,
    /// The bounds.
    pub limits: &'a Limits,
}

impl Known<'_> {
    /// The database's clock at a microsecond of the run, at the latest; `None` where it was moved.
    pub fn database_time(&self, t: i64) -> Option<i64> {
        let latest = || self.run.wall_ms(t).saturating_add(self.limits.clock_tolerance_ms);
        (!self.nemesis.moves_database_clock()).then(latest)
    }
}

/// What the second reading measured.
#[derive(Debug, Default)]
pub struct Measured {
    /// From an acknowledgement to each other reader's copy of its event, in microseconds.
    pub ack_to_seen: Vec<i64>,
    /// Who was served when.
    pub served: Served,
}

/// Reads all logs again.
///
/// # Errors
///
/// - A log can't be read.
pub fn check(dir: &Path, known: &Known<'_>, findings: &mut Findings) -> Result<Measured> {
    let mut measured = Measured::default();
    let oracle = Oracle::new(&known.history.own_cards);
    let mut copies = Copies::default();
    let mut schema = Schema::default();
    for file in log::files(dir)? {
        let mut receiver = Receiver {
            known,
            oracle: &oracle,
            copies: &mut copies,
            schema: &mut schema,
            measured: &mut measured,
            findings,
            calls: HashMap::new(),
            connections: HashMap::new(),
            place: Place { file: file.clone(), line: 0 },
        };
        lines::each(dir, &file, |line, text, entry: Entry| {
            receiver.place.line = line;
            receiver.see(text, entry);
            Ok(())
        })?;
        receiver.finish();
    }
    Ok(measured)
}

/// A request that waits for its answer.
struct Asked {
    user: Uuid,
    call: Call,
    room: Option<Uuid>,
    t: i64,
}

struct Receiver<'a> {
    known: &'a Known<'a>,
    oracle: &'a Oracle,
    copies: &'a mut Copies,
    schema: &'a mut Schema,
    measured: &'a mut Measured,
    findings: &'a mut Findings,
    calls: HashMap<u64, Asked>,
    connections: HashMap<u64, Connection>,
    place: Place,
}

impl Receiver<'_> {
    fn wrong(&mut self, invariant: Invariant, room: Option<Uuid>, seq: Option<u64>, say: String) {
        self.findings.add(Violation { invariant, room, seq, say, place: Some(self.place.clone()) });
    }

    fn see(&mut self, text: &str, entry: Entry) {
        match entry {
            Entry::Invoke(invoke) => {
                let (call, named) = Call::of(&invoke.method, &invoke.path);
                let room = match named {
                    Named::Room(room) => Some(room),
                    Named::Game(game) => self.known.dump.game_rooms.get(&game).copied(),
                    Named::Hand(hand) => self.known.dump.hand_rooms.get(&hand).copied(),
                    Named::Nothing => None,
                };
                self.calls.insert(invoke.id, Asked { user: invoke.user, call, room, t: invoke.t });
            }
            Entry::Ok(answer) => self.answer(text, &answer, false),
            Entry::Fail(answer) | Entry::Info(answer) => self.answer(text, &answer, true),
            Entry::Open(open) => {
                self.measured.served.users.insert(open.user);
                self.connections.insert(open.conn, Connection::new(open.room, open.user, open.last_seq, open.epoch));
            }
            Entry::Recv(recv) => self.frame(text, &recv),
            Entry::Close(close) => {
                let Some(connection) = self.connections.remove(&close.conn) else { return };
                self.was_open_until(&connection, close.t);
                if close.by == "rig" {
                    self.may_not_lag(&connection, close.t);
                }
            }
        }
    }

    fn finish(&mut self) {
        for connection in std::mem::take(&mut self.connections).into_values() {
            self.was_open_until(&connection, i64::MAX);
            self.may_not_lag(&connection, self.known.history.last_heard);
        }
    }

    /// Whoever kept a connection through the last fault never has to come back, even if there is nothing to hear.
    fn was_open_until(&mut self, connection: &Connection, t: i64) {
        let healed = self.known.nemesis.healed.unwrap_or(i64::MAX);
        if connection.is_welcome() && t.saturating_sub(healed) >= self.known.limits.reconnect_ms * 1000 {
            self.measured.served.heard(connection.user, healed, healed);
        }
    }

    /// A connection that was open all the time must have got every event that is old enough.
    fn may_not_lag(&mut self, connection: &Connection, t: i64) {
        let (Some(next), Some(room)) = (connection.waits_for(), self.known.dump.rooms.get(&connection.room)) else {
            return;
        };
        let now = self.known.run.wall_ms(t);
        let old = now - self.known.limits.delivery_ms;
        let nemesis = self.known.nemesis;
        if nemesis.moves_database_clock() || nemesis.disturbs(connection.room, old - self.known.limits.delivery_ms, now)
        {
            return;
        }
        let due = room.events[..room.events.partition_point(|event| event.at <= old)].last();
        if let Some(due) = due.filter(|due| due.seq >= next) {
            let say = format!("event {next} never came on an open connection, {} was due", due.seq);
            self.wrong(Invariant::Order, Some(connection.room), Some(next), say);
        }
    }

    fn others_tokens(&mut self, text: &str, user: Uuid, room: Option<Uuid>) {
        let owner = self.known.tokens.owners_in(text).find(|owner| *owner != user);
        if let Some(owner) = owner {
            self.wrong(Invariant::Secrecy, room, None, format!("{user} receives a token of {owner}"));
        }
    }

    fn answer(&mut self, text: &str, answer: &Answer, refused: bool) {
        let Some(Asked { user, call, room, t }) = self.calls.remove(&answer.id) else { return };
        self.others_tokens(text, user, room);
        if answer.status.is_some_and(|status| status < 500) {
            self.measured.served.heard(user, answer.t, self.known.nemesis.healed.unwrap_or(i64::MAX));
        }
        let Some(body) = &answer.body else { return };
        for field in self.schema.unknown_in_answer(call, refused, body) {
            self.wrong(Invariant::Secrecy, room, None, format!("the answer to {call:?} has the unknown field {field}"));
        }
        let seq = body["seq"].as_u64();
        // What a room was that has gone back to a backup can't be told any more.
        let may_be_lost = self.known.restores.may_have_lost(t, answer.t);
        if let Some(facts) = room.and_then(|room| self.known.facts.get(&room)).filter(|_| !may_be_lost) {
            let now = self.known.database_time(answer.t).unwrap_or(i64::MAX);
            let reader = Reader { user, people: &facts.people, hands: &facts.hands, now, of_a_hand: false };
            // A refusal may show nothing at all.
            let shown_as = if refused { Call::Other } else { call };
            for say in self.oracle.answer(&reader, shown_as, body) {
                self.wrong(Invariant::Secrecy, room, seq, say);
            }
        }
        if let (Call::Events | Call::Hand, false, Some(room)) = (call, refused, room) {
            for event in body["events"].as_array().into_iter().flatten() {
                self.event(room, epoch(body), (user, answer.t), event, Way::Answer(call));
            }
        }
    }

    fn frame(&mut self, text: &str, recv: &Recv) {
        self.others_tokens(text, recv.user, Some(recv.room));
        self.measured.served.heard(recv.user, recv.t, self.known.nemesis.healed.unwrap_or(i64::MAX));
        let Ok(frame) = serde_json::from_str::<Value>(&recv.raw) else {
            return self.wrong(Invariant::Phantom, Some(recv.room), None, "a frame is no JSON".to_owned());
        };
        let seq = frame["seq"].as_u64();
        let wrong = match self.connections.get_mut(&recv.conn) {
            Some(connection) if self.known.restores.are_being_noticed(recv.t) => connection.hear_of_restore(&frame),
            Some(connection) => connection.hear(&frame),
            None => Some("a frame comes on a connection that isn't open".to_owned()),
        };
        if let Some(say) = wrong {
            self.wrong(Invariant::Order, Some(recv.room), seq, say);
        }
        if frame.get("roomId").is_some() {
            let log = self.connections.get(&recv.conn).and_then(Connection::epoch);
            self.event(recv.room, log, (recv.user, recv.t), &frame, Way::Frame(&recv.raw));
            if !seq.is_some_and(|seq| self.known.restores.has_lost(recv.room, log, recv.t, seq)) {
                self.measure(recv, seq);
                self.may_not_be_late(recv, seq);
            }
        } else {
            self.gate(recv.room, &frame);
        }
    }

    fn gate(&mut self, room: Uuid, frame: &Value) {
        for field in self.schema.unknown_in_frame(frame) {
            let say = format!("{} has the unknown field {field}", frame["type"]);
            self.wrong(Invariant::Secrecy, Some(room), frame["seq"].as_u64(), say);
        }
    }

    /// An event of the log `log`, received by somebody at a time.
    fn event(&mut self, room: Uuid, log: Option<Uuid>, (user, t): (Uuid, i64), event: &Value, way: Way<'_>) {
        self.gate(room, event);
        let seq = event["seq"].as_u64().unwrap_or(0);
        if self.known.restores.has_lost(room, log, t, seq) {
            let told_before = log.and_then(|log| self.copies.compare_lost((room, log, seq), event));
            if let Some(say) = told_before {
                self.wrong(Invariant::Phantom, Some(room), Some(seq), say);
            }
            return;
        }
        let found = self.known.dump.rooms.get(&room).and_then(|dump| Some((dump, logged(dump, seq)?)));
        let (Some((dump, logged)), Some(facts)) = (found, self.known.facts.get(&room)) else {
            let say = format!("event {seq} was received and isn't in the log: {event}");
            return self.wrong(Invariant::Phantom, Some(room), Some(seq), say);
        };
        let raw = match way {
            Way::Frame(raw) => Some(raw),
            Way::Answer(_) => None,
        };
        if let Some(say) = self.copies.compare(room, logged, event, raw) {
            self.wrong(Invariant::Phantom, Some(room), Some(seq), say);
        }
        let latest = self.known.database_time(t);
        if let (Some(committed), Some(latest)) = (dump.commits.get(&seq), latest)
            && *committed > latest
        {
            let say = format!("event {seq} was received {} ms before it was committed", committed - latest);
            self.wrong(Invariant::Phantom, Some(room), Some(seq), say);
        }
        let now = latest.unwrap_or(i64::MAX);
        let of_a_hand = matches!(way, Way::Answer(Call::Hand));
        let reader = Reader { user, people: &facts.people, hands: &facts.hands, now, of_a_hand };
        for say in self.oracle.event(&reader, logged, event) {
            self.wrong(Invariant::Secrecy, Some(room), Some(seq), say);
        }
    }

    /// I-11: what happens while a connection is open comes soon.
    fn may_not_be_late(&mut self, recv: &Recv, seq: Option<u64>) {
        let live = self.connections.get(&recv.conn).zip(seq).filter(|(connection, seq)| connection.hears_live(*seq));
        let room = self.known.dump.rooms.get(&recv.room);
        let Some((seq, logged)) = live.and_then(|(_, seq)| Some((seq, logged(room?, seq)?))) else { return };
        let now = self.known.run.wall_ms(recv.t);
        let late = now - logged.at;
        let Limits { late_event_ms, clock_tolerance_ms, fault_edge_ms, .. } = *self.known.limits;
        let nemesis = self.known.nemesis;
        if late > late_event_ms + clock_tolerance_ms
            && !nemesis.moves_database_clock()
            && !nemesis.disturbs_others(recv.room, logged.at - late_event_ms - fault_edge_ms, now)
        {
            let say = format!("event {seq} comes {late} ms after it happened, on a connection that was open");
            self.wrong(Invariant::Order, Some(recv.room), Some(seq), say);
        }
    }

    fn measure(&mut self, recv: &Recv, seq: Option<u64>) {
        if let Some(acked) = seq.and_then(|seq| self.known.history.acks.get(&(recv.room, seq))) {
            self.measured.ack_to_seen.push((recv.t - acked).max(0));
        }
    }
}
