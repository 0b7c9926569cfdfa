//! What the run was (`run.json`) and what was done to it (`nemesis.jsonl`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::limits::Limits;
use crate::lines;

/// `run.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// The commit that was tested.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub commit: String,
    /// The seed of the run's choices.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub seed: u64,
    /// The nodes' names.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub nodes: Vec<String>,
    /// The wall clock at `t = 0`, in milliseconds since the Unix epoch.
    pub started_at_ms: i64,
    /// The seeded bug, if any.
    #[serde(default)]
    pub bug: Option<String>,
    /// The settings that the nodes ran with.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub env: BTreeMap<String, Value>,
    /// The rooms that were made.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub rooms: Vec<RunRoom>,
    /// The users who took part.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub users: Vec<RunUser>,
}

/// A room that the run made.
#[derive(Clone, Debug, Deserialize)]
pub struct RunRoom {
    /// Its id.
    pub room_id: Uuid,
    /// Who made it.
    pub host: Uuid,
}

/// A user who took part.
#[derive(Clone, Debug, Deserialize)]
pub struct RunUser {
    /// Their id.
    pub user_id: Uuid,
    /// Every bearer and rejoin token that they got.
    #[serde(default, deserialize_with = "lines::or_default")]
    pub tokens: Vec<String>,
}

impl Run {
    /// Reads `run.json`.
    ///
    /// # Errors
    ///
    /// - There is none, or it isn't one.
    pub fn read(dir: &Path) -> Result<Self> {
        let text = fs::read_to_string(dir.join("run.json")).context("run.json can't be read")?;
        serde_json::from_str(&text).context("run.json can't be understood")
    }

    /// The wall clock at `t` microseconds of the run, in milliseconds since the Unix epoch.
    pub fn wall_ms(&self, t: i64) -> i64 {
        self.started_at_ms + t / 1000
    }

    /// A setting in whole seconds, in milliseconds.
    pub fn env_secs(&self, name: &str, default_secs: i64) -> i64 {
        let secs = match self.env.get(name) {
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_i64(),
            None => None,
        };
        secs.unwrap_or(default_secs) * 1000
    }
}

#[derive(Debug, Deserialize)]
struct NemesisLine {
    t: i64,
    fault: String,
    phase: String,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    bit: Option<bool>,
}

/// One fault, from its injection to its healing. Times are wall-clock milliseconds.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its name in the fault plan.
    pub name: String,
    /// What it hit.
    pub target: String,
    /// The room that it hit, if it hit no other.
    pub room: Option<Uuid>,
    /// When it began.
    pub from: i64,
    /// When it ended: the end of the faults if nothing says so.
    pub to: i64,
}

/// `nemesis.jsonl`.
#[derive(Clone, Debug, Default)]
pub struct Nemesis {
    /// The faults, by beginning.
    pub faults: Vec<Fault>,
    /// Those that hit nothing.
    pub missed: Vec<Fault>,
    /// When the last fault was healed, in microseconds of the run.
    pub healed: Option<i64>,
    /// When the final reads were done, in microseconds of the run.
    pub ended: Option<i64>,
}

impl Nemesis {
    /// Reads `nemesis.jsonl`.
    ///
    /// # Errors
    ///
    /// - There is none, or a line isn't what it should be.
    pub fn read(dir: &Path, run: &Run) -> Result<Self> {
        let mut nemesis = Self::default();
        let mut open: Vec<(Fault, Option<bool>)> = Vec::new();
        lines::each(dir, "nemesis.jsonl", |_, _, line: NemesisLine| {
            let now = run.wall_ms(line.t);
            let target = line.target.unwrap_or_default();
            let room = target.strip_prefix("room ").and_then(|room| Uuid::try_parse(room).ok());
            match line.phase.as_str() {
                "healed" => nemesis.healed = Some(line.t),
                "final" => nemesis.ended = Some(line.t),
                "inject" => open.push((Fault { name: line.fault, target, room, from: now, to: now }, line.bit)),
                _ => {
                    let same = |(fault, _): &(Fault, _)| fault.name == line.fault && fault.target == target;
                    let Some(index) = open.iter().position(same) else {
                        // The end of several faults at once, which have lines of their own.
                        if line.bit == Some(false) {
                            nemesis.missed.push(Fault { name: line.fault, target, room, from: now, to: now });
                        }
                        return Ok(());
                    };
                    let (fault, bit) = open.remove(index);
                    nemesis.note(Fault { to: now, ..fault }, line.bit.or(bit));
                }
            }
            Ok(())
        })?;
        let end = nemesis.healed.map(|t| run.wall_ms(t));
        for (fault, bit) in open {
            let to = end.unwrap_or(fault.from).max(fault.from);
            nemesis.note(Fault { to, ..fault }, bit);
        }
        nemesis.faults.sort_by_key(|fault| fault.from);
        Ok(nemesis)
    }

    fn note(&mut self, fault: Fault, bit: Option<bool>) {
        if bit == Some(false) {
            self.missed.push(fault.clone());
        }
        self.faults.push(fault);
    }

    /// Those faults that this room may feel: not what was done to another one alone.
    #[must_use]
    pub fn in_room(&self, room: Uuid) -> Self {
        let faults = self.faults.iter().filter(|fault| fault.room.is_none_or(|hit| hit == room)).cloned();
        Self { faults: faults.collect(), missed: Vec::new(), healed: self.healed, ended: self.ended }
    }

    /// Whether this room's rows were damaged at some time between these two, in wall-clock milliseconds.
    pub fn damages(&self, room: Uuid, (from, to): (i64, i64), limits: &Limits) -> bool {
        let edge = limits.fault_edge_ms;
        let hit = |fault: &Fault| fault.room == Some(room) && fault.from - edge <= to && from <= fault.to + edge;
        self.faults.iter().any(hit)
    }

    /// Whether a node's clock or the database's was moved: then what is signed with one may be refused by the other.
    pub fn moves_clocks(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault.name.as_str(), "C1" | "C2"))
    }

    /// Whether the database's clock was moved: then its instants can't be compared with the rig's.
    pub fn moves_database_clock(&self) -> bool {
        self.database_clock_jumps() > 0
    }

    /// How often the database's clock was moved, there or back.
    pub fn database_clock_jumps(&self) -> usize {
        2 * self.faults.iter().filter(|fault| fault.name == "C2").count()
    }

    /// Whether any fault that the room may feel touches this time, in wall-clock milliseconds.
    pub fn disturbs(&self, room: Uuid, from: i64, to: i64) -> bool {
        self.felt(room, from, to).next().is_some()
    }

    /// The same without clients that hang up (N6): that is nobody else's excuse.
    pub fn disturbs_others(&self, room: Uuid, from: i64, to: i64) -> bool {
        self.felt(room, from, to).any(|fault| fault.name != "N6")
    }

    fn felt(&self, room: Uuid, from: i64, to: i64) -> impl Iterator<Item = &Fault> {
        let felt =
            move |fault: &&Fault| fault.room.is_none_or(|hit| hit == room) && fault.from <= to && from <= fault.to;
        self.faults.iter().filter(felt)
    }

    /// The times in which certainly no node could serve anybody, longer than the promise's outage: the database was
    /// away, or all nodes at once.
    pub fn outages(&self, run: &Run, limits: &Limits) -> Vec<(i64, i64)> {
        let mut outages = Vec::new();
        for fault in &self.faults {
            if is_of_database(fault) && takes_away(fault) {
                outages.push((fault.from, fault.to));
            }
        }
        if let Some(away) = self.all_nodes_away(run) {
            outages.extend(away);
        }
        outages.retain(|(from, to)| to - from >= limits.outage_ms + limits.fault_edge_ms);
        outages.sort_unstable();
        outages
    }

    fn all_nodes_away(&self, run: &Run) -> Option<Vec<(i64, i64)>> {
        let mut common: Option<Vec<(i64, i64)>> = None;
        for node in &run.nodes {
            let hits = |fault: &&Fault| takes_away(fault) && is_of_node(fault, node);
            let mine: Vec<_> = self.faults.iter().filter(hits).map(|fault| (fault.from, fault.to)).collect();
            common = Some(match common {
                None => mine,
                Some(others) => overlaps(&others, &mine),
            });
        }
        common
    }
}

/// Whether a fault stops its target altogether: kills and freezes, not delays or lost lines.
fn takes_away(fault: &Fault) -> bool {
    matches!(fault.name.as_str(), "K1" | "K3" | "P1" | "P2" | "D2")
}

fn is_of_database(fault: &Fault) -> bool {
    matches!(fault.name.as_str(), "K3" | "P2" | "D2")
}

fn is_of_node(fault: &Fault, node: &str) -> bool {
    let short = |name: &str| name.trim_start_matches("node-").to_owned();
    fault.target.split_whitespace().any(|word| short(word) == short(node))
}

fn overlaps(some: &[(i64, i64)], others: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let pairs = some.iter().flat_map(|a| others.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(from, to)| from < to).collect()
}
