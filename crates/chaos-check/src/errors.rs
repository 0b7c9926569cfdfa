//! I-15: no 500, no 5xx but the honest "the database is away", no panic in any log.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use crate::history::{Ending, Op};
use crate::lines;
use crate::receive::Known;
use crate::verdict::{Findings, Invariant, Place, Violation};

/// Text in a log that no fault excuses.
const BREAKDOWNS: [&str; 2] = ["panicked at", "a command broke down"];

/// Checks the answers.
pub fn check_answers(known: &Known<'_>, findings: &mut Findings) {
    let mut first_asked = HashMap::new();
    for op in &known.history.ops {
        // They are in the order in which they were begun.
        let came = *first_asked.entry(op.user).or_insert(op.invoked);
        let Some(status) = op.status else { continue };
        let code = op.answer["code"].as_str().unwrap_or_default();
        let say = match (op.ending, status) {
            (Ending::Ok, _) => continue,
            (_, 503) if code == "DATABASE_UNAVAILABLE" => continue,
            (_, 500) if code == "INTERNAL" && is_of_damaged_room(op, known) => continue,
            (_, 500..) => format!("{:?} was answered with {status} {code}", op.call),
            (_, 401) if op.auth == "bearer" && is_good_for_ever(came, known) => {
                format!("{:?} was refused with {status} {code}, with a token that the server gave", op.call)
            }
            // A request that never came whole gets no more than its status.
            (_, 408) => continue,
            (_, 400..) if code.is_empty() => format!("{:?} was refused with {status} and no code", op.call),
            _ => continue,
        };
        let (invariant, place) = (Invariant::Errors, Some(op.place.clone()));
        findings.add(Violation { invariant, room: op.room, seq: op.seq, say, place });
    }
}

/// A room that can't be read says so, for itself.
fn is_of_damaged_room(op: &Op, known: &Known<'_>) -> bool {
    let time = (known.run.wall_ms(op.invoked), known.run.wall_ms(op.ended));
    op.room.is_some_and(|room| known.nemesis.damages(room, time, known.limits))
}

/// A bearer token outlives a run, unless its owner is lost with an older backup, or clocks disagree about its time.
fn is_good_for_ever(came: i64, known: &Known<'_>) -> bool {
    !known.restores.may_have_lost_user(came) && !known.nemesis.moves_clocks()
}

/// Checks the processes' logs.
///
/// # Errors
///
/// - A log can't be read.
pub fn check_logs(dir: &Path, findings: &mut Findings) -> Result<()> {
    for file in lines::files(dir, "logs", |name| name.ends_with(".log"))? {
        lines::each_text(dir, &file, |line, text| {
            if let Some(found) = BREAKDOWNS.iter().find(|breakdown| text.contains(**breakdown)) {
                let (invariant, place) = (Invariant::Errors, Some(Place { file: file.clone(), line }));
                let say = format!("{file}:{line} says {found:?}");
                findings.add(Violation { invariant, room: None, seq: None, say, place });
            }
            Ok(())
        })?;
    }
    Ok(())
}
