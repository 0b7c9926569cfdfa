//! The first counter-example: the lines of the run around it.

use std::collections::VecDeque;
use std::fmt::Write;
use std::path::Path;

use anyhow::Result;

use crate::lines;
use crate::log;
use crate::verdict::{Place, Violation};

/// Lines that are shown before and after.
const AROUND: usize = 20;
/// Characters of a line that are shown at most.
const WIDTH: usize = 400;

/// The violation, and what every file of the run that mentions its event has around that.
///
/// # Errors
///
/// - A file can't be read.
pub fn of(dir: &Path, violation: &Violation) -> Result<String> {
    let mut text = format!("{}\n", serde_json::to_string(violation)?);
    let mut files = log::files(dir)?;
    files.extend(lines::files(dir, "", |name| name == "nemesis.jsonl")?);
    files.extend(lines::files(dir, "dump", |name| name == "room_events.jsonl" || name == "actions.jsonl")?);
    if let Some(Place { file, .. }) = &violation.place
        && !files.contains(file)
    {
        files.push(file.clone());
    }
    for file in files {
        if let Some(around) = around(dir, &file, violation)? {
            write!(text, "\n--- {file}\n{around}")?;
        }
    }
    Ok(text)
}

/// The lines around the violation's place in its own file, around the first mention of its event in the others.
fn around(dir: &Path, file: &str, violation: &Violation) -> Result<Option<String>> {
    let own = violation.place.as_ref().filter(|place| place.file == file).map(|place| place.line);
    let mut before: VecDeque<String> = VecDeque::new();
    let mut shown: Option<(String, usize)> = None;
    lines::each_text(dir, file, |number, line| {
        let hit = match own {
            Some(own) => number == own,
            None => mentions(line, violation),
        };
        let mark = if hit { '>' } else { ' ' };
        let line = format!("{mark}{number:>7} {}\n", line.chars().take(WIDTH).collect::<String>());
        match &mut shown {
            Some((text, left)) if *left > 0 => {
                text.push_str(&line);
                *left -= 1;
            }
            Some(_) => {}
            None if hit => shown = Some((before.drain(..).chain([line]).collect(), AROUND)),
            None => {
                before.push_back(line);
                if before.len() > AROUND {
                    before.pop_front();
                }
            }
        }
        Ok(())
    })?;
    Ok(shown.map(|(text, _)| text))
}

fn mentions(line: &str, violation: &Violation) -> bool {
    let (Some(room), Some(seq)) = (violation.room, violation.seq) else { return false };
    let number = |name: &str| {
        let start = line.find(name).map(|at| at + name.len());
        start.is_some_and(|at| {
            line[at..].trim_start().split(|c: char| !c.is_ascii_digit()).next() == Some(&seq.to_string())
        })
    };
    line.contains(&room.to_string()) && (number("\"seq\":") || number("\\\"seq\\\":"))
}
