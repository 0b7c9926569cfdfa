//! I-15: no 500, no 5xx but the honest "the database is away", no panic in any log.

use std::path::Path;

use anyhow::Result;

use crate::history::{Ending, Op};
use crate::lines;
use crate::verdict::{Findings, Invariant, Place, Violation};

/// Text in a log that no fault excuses.
const BREAKDOWNS: [&str; 2] = ["panicked at", "a command broke down"];

/// Checks the answers.
pub fn check_answers(ops: &[Op], findings: &mut Findings) {
    for op in ops {
        let Some(status) = op.status else { continue };
        let code = op.answer["code"].as_str().unwrap_or_default();
        let say = match (op.ending, status) {
            (Ending::Ok, _) => continue,
            (_, 503) if code == "DATABASE_UNAVAILABLE" => continue,
            (_, 500..) => format!("{:?} was answered with {status} {code}", op.call),
            // A request that never came whole gets no more than its status.
            (_, 408) => continue,
            (_, 400..) if code.is_empty() => format!("{:?} was refused with {status} and no code", op.call),
            _ => continue,
        };
        let (invariant, place) = (Invariant::Errors, Some(op.place.clone()));
        findings.add(Violation { invariant, room: op.room, seq: op.seq, say, place });
    }
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
