//! I-14: whoever was allowed to do something had the right to it at that moment, by the log.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::call::Call;
use crate::dump::RoomDump;
use crate::freshness::Sweep;
use crate::history::{Ending, Op};
use crate::people::People;
use crate::verdict::{Findings, Invariant, Violation};

/// When an operation of a room took effect: after the event before which it can't, and before the one after which it can't.
pub struct Window<'a> {
    /// What was known when.
    pub sweep: Option<&'a Sweep>,
    /// The room's log.
    pub dump: &'a RoomDump,
    /// The database's clock at some microsecond of the run, at the latest; `None` where they can't be compared.
    pub database_time: &'a dyn Fn(i64) -> Option<i64>,
}

impl Window<'_> {
    fn of(&self, op: &Op) -> (u64, u64) {
        let from = self.sweep.map_or(0, |sweep| sweep.known_before(op.invoked));
        if let Some(seq) = op.seq {
            // The repetition of an action gets the first answer, whatever has happened since.
            return (from.min(seq), seq);
        }
        let until = (self.database_time)(op.ended).map(|at| {
            let events = &self.dump.events;
            events[..events.partition_point(|event| event.at <= at)].last().map_or(0, |event| event.seq)
        });
        (from, until.unwrap_or(u64::MAX).max(from))
    }
}

/// Checks the accepted operations of one room.
pub fn check(room: Uuid, people: &People, ops: &[&Op], window: &Window<'_>, findings: &mut Findings) {
    let mut bans: BTreeMap<Uuid, i64> = BTreeMap::new();
    for op in ops.iter().filter(|op| op.ending == Ending::Ok) {
        if op.call == Call::Kick
            && op.body["ban"] == true
            && let Some(user) = op.body["userId"].as_str().and_then(|id| Uuid::try_parse(id).ok())
        {
            let since = bans.entry(user).or_insert(op.ended);
            *since = op.ended.min(*since);
        }
    }
    for op in ops.iter().filter(|op| op.ending == Ending::Ok) {
        let (from, until) = window.of(op);
        let fault = if op.auth == "none" && op.call != Call::Identity {
            Some("without a credential")
        } else if op.note.contains("foreign") || op.note.contains("stolen") {
            Some("with somebody else's credential")
        } else if op.call.is_the_hosts() && !people.was_host(op.user, from, until) {
            Some("without being the host")
        } else if op.call.is_for_members() && !people.was_in(op.user, from, until) && !is_own_record(op, window.dump) {
            Some("without being let in")
        } else if op.call == Call::Join && bans.get(&op.user).is_some_and(|since| *since < op.invoked) {
            Some("in spite of a ban")
        } else {
            None
        };
        if let Some(fault) = fault {
            let say = format!("{} was allowed {:?} {fault} (events {from} to {until})", op.user, op.call);
            let (invariant, seq, place) = (Invariant::Authority, Some(from), Some(op.place.clone()));
            findings.add(Violation { invariant, room: Some(room), seq, say, place });
        }
    }
}

/// Whoever was dealt in keeps the hands that they played, also after leaving.
fn is_own_record(op: &Op, dump: &RoomDump) -> bool {
    matches!(op.call, Call::Hands | Call::Hand) && dump.players.iter().any(|dealt| dealt.user_id == op.user)
}
