//! After the last fault is healed everything goes on: every client is back, and every room where somebody can play takes an
//! action.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::call::Call;
use crate::history::{Ending, Op};
use crate::limits::Limits;
use crate::run::Nemesis;
use crate::verdict::{Findings, Invariant};

/// When somebody was heard to be served.
#[derive(Debug, Default)]
pub struct Served {
    /// The users who opened a socket at some time.
    pub users: BTreeSet<Uuid>,
    /// For each of them, the first moment after the last fault at which a socket or a call of theirs was answered.
    pub back: BTreeMap<Uuid, i64>,
}

impl Served {
    /// At `t` the server spoke to `user`.
    pub fn heard(&mut self, user: Uuid, t: i64, healed: i64) {
        if t >= healed {
            let back = self.back.entry(user).or_insert(t);
            *back = t.min(*back);
        }
    }
}

/// Checks what came after the last fault. `rooms` are those where two or more can play.
pub fn check(nemesis: &Nemesis, served: &Served, ops: &[Op], rooms: &[Uuid], limits: &Limits, findings: &mut Findings) {
    let Some(healed) = nemesis.healed else {
        return findings.run(Invariant::Unknown, "the run doesn't say when its faults were healed");
    };
    if nemesis.ended.is_none() {
        findings.run(Invariant::Unknown, "the run has no final reads");
    }
    let late = |t: Option<&i64>, bound_ms: i64| match t {
        None => Some("not at all".to_owned()),
        Some(t) => (t - healed > bound_ms * 1000).then(|| format!("after {} ms", (t - healed) / 1000)),
    };
    for user in &served.users {
        if let Some(when) = late(served.back.get(user), limits.reconnect_ms) {
            findings.run(Invariant::Liveness, format!("{user} is served again {when} after the last fault"));
        }
    }
    let mut played: BTreeMap<Uuid, i64> = BTreeMap::new();
    for op in ops.iter().filter(|op| op.call == Call::Action && op.ending == Ending::Ok && op.invoked >= healed) {
        if let Some(room) = op.room {
            let first = played.entry(room).or_insert(op.ended);
            *first = op.ended.min(*first);
        }
    }
    for room in rooms {
        if let Some(when) = late(played.get(room), limits.progress_ms) {
            findings.room(Invariant::Liveness, *room, format!("the room takes an action {when} after the last fault"));
        }
    }
}
