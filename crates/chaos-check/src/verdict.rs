//! What the checker says in the end, and the notebook in which the checks write it down.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

/// Violations that a verdict names at most.
const NAMED: usize = 20;

/// What was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Invariant {
    /// I-1: chips are neither made nor lost, and each pot is paid once.
    #[serde(rename = "I-1")]
    Chips,
    /// I-2: the log's numbers are dense and its clock doesn't run backwards.
    #[serde(rename = "I-2")]
    Sequence,
    /// I-3: the log tells the state that is stored.
    #[serde(rename = "I-3")]
    Replay,
    /// I-4: one answer a turn, by whoever was asked, in time.
    #[serde(rename = "I-4")]
    Turns,
    /// I-5: no hand vanishes, no card changes.
    #[serde(rename = "I-5")]
    Hands,
    /// I-6: one seat a user, for members, kept for as long as promised.
    #[serde(rename = "I-6")]
    Seats,
    /// I-7: one current rejoin token a member, none in clear in the database.
    #[serde(rename = "I-7")]
    Tokens,
    /// I-8: nothing is left undone.
    #[serde(rename = "I-8")]
    Leftovers,
    /// I-9: what was acknowledged was done exactly once.
    #[serde(rename = "I-9")]
    ExactlyOnce,
    /// I-10: nothing is told that isn't in the log, or before it was.
    #[serde(rename = "I-10")]
    Phantom,
    /// I-11: every connection gets every event, in order.
    #[serde(rename = "I-11")]
    Order,
    /// I-12: no answer is older than what anybody knew before it was asked for.
    #[serde(rename = "I-12")]
    Freshness,
    /// I-13: nobody sees a card, a token or a field that isn't theirs.
    #[serde(rename = "I-13")]
    Secrecy,
    /// I-14: nobody does what they have no right to.
    #[serde(rename = "I-14")]
    Authority,
    /// I-15: refusals are honest, nothing breaks down.
    #[serde(rename = "I-15")]
    Errors,
    /// After the last fault everything goes on.
    #[serde(rename = "liveness")]
    Liveness,
    /// The run shows nothing: nothing was acknowledged, or a fault never bit.
    #[serde(rename = "unknown")]
    Unknown,
}

/// A line of a file of the run, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the run's folder.
    pub file: String,
    /// The line.
    pub line: usize,
}

/// A promise that was broken.
#[derive(Clone, Debug, Serialize)]
pub struct Violation {
    /// Which promise.
    pub invariant: Invariant,
    /// In which room, if it belongs to one.
    pub room: Option<Uuid>,
    /// At which event of the room, if it belongs to one.
    pub seq: Option<u64>,
    /// How, for people.
    pub say: String,
    /// Where it was seen.
    #[serde(skip)]
    pub place: Option<Place>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Counts {
    /// Changes that were acknowledged with 2xx.
    pub acks: u64,
    /// Operations whose outcome their client doesn't know.
    pub info: u64,
    /// Operations that were refused with 4xx.
    pub fails: u64,
    /// Faults that killed a process (`K…`).
    pub kills: u64,
    /// Faults of any kind.
    pub faults: u64,
    /// Hands that were dealt.
    pub hands: u64,
    /// Events in the database.
    pub events: u64,
    /// Frames that clients received.
    pub frames: u64,
    /// Rooms in the database.
    pub rooms: u64,
}

/// How a measure is spread, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// How many were measured.
    pub count: u64,
    /// The median.
    pub p50: f64,
    /// 99 % are below.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// The spread of measures in microseconds.
    pub fn of(mut micros: Vec<i64>) -> Self {
        micros.sort_unstable();
        let Some(last) = micros.last() else { return Self::default() };
        let at = |share: f64| micros[((micros.len() - 1) as f64 * share).round() as usize] as f64 / 1000.0;
        Self { count: micros.len() as u64, p50: at(0.5), p99: at(0.99), max: *last as f64 / 1000.0 }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every promise was kept.
    Pass,
    /// A promise was broken.
    Fail,
    /// No promise was broken, but the run shows nothing.
    Unknown,
}

/// The result of a check.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// Whether every promise was kept, in a run that shows it.
    pub pass: bool,
    /// The same in more detail.
    pub outcome: Outcome,
    /// The commit that was tested.
    pub commit: String,
    /// The seed of the run.
    pub seed: u64,
    /// The bug that was seeded, if any.
    pub bug: Option<String>,
    /// The first of each kind, then more, up to 20.
    pub violations: Vec<Violation>,
    /// How many of each kind there are.
    pub violation_counts: BTreeMap<Invariant, u64>,
    /// How much was looked at.
    pub counts: Counts,
    /// How long things took: `ack_to_seen_ms`.
    pub quantiles: BTreeMap<&'static str, Spread>,
    /// What could not be checked in this run, and why.
    pub notes: Vec<String>,
}

/// Where the checks write down what they find.
#[derive(Debug, Default)]
pub struct Findings {
    by_kind: BTreeMap<Invariant, (u64, Vec<Violation>)>,
    notes: Vec<String>,
}

impl Findings {
    /// A promise about a room's event was broken.
    pub fn at(&mut self, invariant: Invariant, room: Uuid, seq: u64, say: impl Into<String>) {
        self.add(Violation { invariant, room: Some(room), seq: Some(seq), say: say.into(), place: None });
    }

    /// A promise about a room was broken.
    pub fn room(&mut self, invariant: Invariant, room: Uuid, say: impl Into<String>) {
        self.add(Violation { invariant, room: Some(room), seq: None, say: say.into(), place: None });
    }

    /// A promise about the whole run was broken.
    pub fn run(&mut self, invariant: Invariant, say: impl Into<String>) {
        self.add(Violation { invariant, room: None, seq: None, say: say.into(), place: None });
    }

    /// A promise was broken.
    pub fn add(&mut self, violation: Violation) {
        let (count, kept) = self.by_kind.entry(violation.invariant).or_default();
        *count += 1;
        if kept.len() < NAMED {
            kept.push(violation);
        }
    }

    /// Something could not be checked.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// How the run ended, what was broken how often, and what could not be checked.
    pub fn conclude(self) -> (Outcome, Vec<Violation>, BTreeMap<Invariant, u64>, Vec<String>) {
        let counts: BTreeMap<_, _> = self.by_kind.iter().map(|(kind, (count, _))| (*kind, *count)).collect();
        let outcome = match counts.keys().next() {
            None => Outcome::Pass,
            Some(Invariant::Unknown) => Outcome::Unknown,
            Some(_) => Outcome::Fail,
        };
        let mut firsts = Vec::new();
        let mut more = Vec::new();
        for (_, kept) in self.by_kind.into_values() {
            let mut kept = kept.into_iter();
            firsts.extend(kept.next());
            more.extend(kept);
        }
        firsts.extend(more);
        firsts.truncate(NAMED);
        (outcome, firsts, counts, self.notes)
    }
}
