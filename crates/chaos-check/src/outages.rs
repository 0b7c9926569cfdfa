//! I-4: an outage is nobody's timeout, also not for a player who acts right after it. The clock's own decisions are looked at in
//! [`turns`](crate::turns); here are the refusals.

use std::collections::HashMap;

use uuid::Uuid;

use crate::call::Call;
use crate::dump::RoomDump;
use crate::event::{Timer, What};
use crate::history::{Ending, Op};
use crate::limits::Limits;
use crate::turns::Interference;
use crate::verdict::{Findings, Invariant, Violation};

/// A turn as the log tells it.
struct Turn<'a> {
    timer: &'a Timer,
    user: Option<Uuid>,
    answered: i64,
}

/// Looks at refusals of actions in one room. `wall` turns the run's microseconds into wall-clock milliseconds.
pub fn check(
    room: Uuid,
    dump: &RoomDump,
    ops: &[&Op],
    interference: &Interference,
    wall: impl Fn(i64) -> i64,
    limits: &Limits,
    findings: &mut Findings,
) {
    if interference.clock_was_moved() {
        return;
    }
    let turns = turns(dump);
    let stale = |op: &&&Op| {
        op.call == Call::Action
            && op.ending == Ending::Fail
            && op.status == Some(409)
            && op.answer["code"] == "STALE_TURN"
    };
    for op in ops.iter().filter(stale) {
        let Some(turn) = op.body["turn"].as_u64().and_then(|turn| turns.get(&turn)) else { continue };
        let (Some(expires), refused) = (turn.timer.expires, wall(op.ended)) else { continue };
        let still_open = turn.user == Some(op.user) && refused + limits.fault_edge_ms < turn.answered;
        let owed = interference.outages().iter().any(|(from, to)| {
            let took_time = turn.timer.started_at <= *from && *from < expires;
            took_time && *from < refused && refused < to + limits.after_outage_ms - limits.fault_edge_ms
        });
        if still_open && owed {
            let say = format!(
                "turn {} is refused as over right after an outage, and is open for {} ms more",
                turn.timer.turn,
                turn.answered - refused
            );
            let place = Some(op.place.clone());
            findings.add(Violation { invariant: Invariant::Turns, room: Some(room), seq: None, say, place });
        }
    }
}

fn turns(dump: &RoomDump) -> HashMap<u64, Turn<'_>> {
    let mut turns: HashMap<u64, Turn<'_>> = HashMap::new();
    for event in &dump.events {
        if let What::Acted(acted) = &event.what
            && let Some(turn) = acted.turn.and_then(|turn| turns.get_mut(&turn))
        {
            (turn.user, turn.answered) = (Some(acted.user), event.at);
        }
        if let Some(timer) = event.what.timer() {
            turns.entry(timer.turn).or_insert(Turn { timer, user: None, answered: i64::MIN });
        }
    }
    turns
}
