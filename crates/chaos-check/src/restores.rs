//! Databases that were put back to what they were (`restores.jsonl`): what was acknowledged after the backup is lost, and that is
//! lawful. It is never told again under the same epoch as something else (I-10).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::dump::Dump;
use crate::lines;
use crate::log::{self, Entry};
use crate::verdict::{Findings, Invariant};

const FILE: &str = "restores.jsonl";

/// How long after a restoration each node has noticed it, in microseconds: they look once a second.
const NOTICED_WITHIN: i64 = 5_000_000;

/// One that was. Times are microseconds of the run.
#[derive(Clone, Debug, Deserialize)]
struct Restore {
    /// When the backup was begun: what was acknowledged before is in it.
    from: i64,
    /// When the database began to be replaced.
    swap: i64,
    /// When it had been.
    to: i64,
    /// Each room's last event in the backup.
    rooms: BTreeMap<Uuid, u64>,
}

/// All of a run.
#[derive(Debug, Default)]
pub struct Restores {
    all: Vec<Restore>,
    /// When each epoch of a room was first told, by room and epoch.
    first_told: HashMap<(Uuid, Uuid), i64>,
}

impl Restores {
    /// Reads what was restored, and if anything was, which epochs the clients were told when.
    ///
    /// # Errors
    ///
    /// - A file can't be read.
    pub fn read(dir: &Path) -> Result<Self> {
        let mut restores = Self::default();
        if !dir.join(FILE).exists() {
            return Ok(restores);
        }
        lines::each(dir, FILE, |_, _, restore: Restore| {
            restores.all.push(restore);
            Ok(())
        })?;
        for file in log::files(dir)? {
            let mut asked = HashMap::new();
            lines::each(dir, &file, |_, _, entry: Entry| {
                let told = match entry {
                    Entry::Invoke(invoke) => {
                        asked.extend(invoke.room.map(|room| (invoke.id, room)));
                        None
                    }
                    Entry::Ok(answer) => {
                        let room = asked.remove(&answer.id);
                        room.zip(answer.body.as_ref().and_then(epoch)).map(|told| (told, answer.t))
                    }
                    Entry::Recv(recv) => {
                        let frame = serde_json::from_str(&recv.raw).unwrap_or(Value::Null);
                        epoch(&frame).map(|epoch| ((recv.room, epoch), recv.t))
                    }
                    Entry::Fail(_) | Entry::Info(_) | Entry::Open(_) | Entry::Close(_) => None,
                };
                if let Some((told, t)) = told {
                    let first = restores.first_told.entry(told).or_insert(t);
                    *first = t.min(*first);
                }
                Ok(())
            })?;
        }
        Ok(restores)
    }

    /// Whether an event that was told at `t` under `epoch` is of a log that was lost: then another one may have its number. What
    /// names no epoch is of the log that there was then.
    pub fn has_lost(&self, room: Uuid, epoch: Option<Uuid>, t: i64, seq: u64) -> bool {
        let told = epoch.and_then(|epoch| self.first_told.get(&(room, epoch)).copied()).unwrap_or(t);
        // An epoch that was told before the database was replaced is of the log that was lost with it.
        let later = self.all.iter().filter(|restore| told <= restore.swap);
        later.map(|restore| restore.rooms.get(&room).copied().unwrap_or(0)).any(|kept| seq > kept)
    }

    /// Whether what was asked and answered in this time may have been lost, or not.
    pub fn may_have_lost(&self, invoked: i64, ended: i64) -> bool {
        self.all.iter().any(|restore| invoked <= restore.to && restore.from <= ended)
    }

    /// Whether a node may just be learning that the log is another one, and tell so to those who listen.
    pub fn are_being_noticed(&self, t: i64) -> bool {
        self.all.iter().any(|restore| restore.swap <= t && t <= restore.to + NOTICED_WITHIN)
    }

    /// Whether somebody who first asked for something at `t` may have been lost.
    pub fn may_have_lost_user(&self, t: i64) -> bool {
        self.all.iter().any(|restore| restore.from <= t)
    }

    /// What the backup had was committed once more when it was restored: when it was at first is not known any more.
    pub fn forget_commits(&self, dump: &mut Dump) {
        let Some(last) = self.all.last() else { return };
        for (room, stored) in &mut dump.rooms {
            let kept = last.rooms.get(room).copied().unwrap_or(0);
            stored.commits.retain(|seq, _| *seq > kept);
        }
    }

    /// The log that goes on has another epoch than the one that was lost.
    pub fn check(&self, dump: &Dump, findings: &mut Findings) {
        let Some(last) = self.all.last() else { return };
        for (room, stored) in &dump.rooms {
            let Some(epoch) = stored.state.as_ref().and_then(|state| state.epoch) else { continue };
            if self.first_told.get(&(*room, epoch)).is_some_and(|told| *told <= last.swap) {
                let say = format!("the log went back to a backup, and its epoch {epoch} is the one that it had before");
                findings.room(Invariant::Phantom, *room, say);
            }
        }
    }
}

/// The epoch of a frame or an answer.
pub fn epoch(body: &Value) -> Option<Uuid> {
    body["epoch"].as_str().and_then(|epoch| Uuid::try_parse(epoch).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_before_a_restore_and_is_not_in_the_backup_is_lost() {
        let (room, old, new) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let restore = Restore { from: 100, swap: 200, to: 220, rooms: BTreeMap::from([(room, 7)]) };
        let first_told = HashMap::from([((room, old), 10), ((room, new), 230)]);
        let restores = Restores { all: vec![restore], first_told };
        assert!(!restores.has_lost(room, Some(old), 150, 7), "the backup has it");
        assert!(restores.has_lost(room, Some(old), 150, 8));
        assert!(restores.has_lost(room, Some(old), 205, 8), "it was on its way");
        assert!(!restores.has_lost(room, Some(new), 240, 8));
        assert!(restores.has_lost(room, None, 150, 8) && !restores.has_lost(room, None, 240, 8));
        assert!(restores.may_have_lost(90, 110) && restores.may_have_lost(210, i64::MAX));
        assert!(restores.are_being_noticed(230) && !restores.are_being_noticed(199));
        assert!(!restores.may_have_lost(80, 99) && !restores.may_have_lost(221, 230));
    }
}
