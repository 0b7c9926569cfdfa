//! Results: a JSON object a line, with the command that made each, so that tables and plots follow from nothing else.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The file in a results folder.
const FILE: &str = "results.jsonl";

/// One result.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// What was measured: `run`, `ceiling`, `ratio`, …
    pub figure: String,
    /// The command that measured it.
    pub command: String,
    /// When, in seconds since the Unix epoch.
    pub at: u64,
    /// Cores of the machine.
    pub cores: usize,
    /// What was found.
    pub found: Value,
}

impl Record {
    /// What was found, typed; `None` if it is something else's.
    pub fn found<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.found).ok()
    }
}

/// Adds a result to the folder and prints it.
///
/// # Errors
///
/// - The folder can't be written to.
pub fn keep(out: &Path, figure: &str, found: &impl Serialize) -> anyhow::Result<()> {
    // Programs are where they are on each machine; the command is the same.
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let record = Record {
        figure: figure.to_owned(),
        command: format!("bench {}", without_paths(&arguments).join(" ")),
        at: std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        found: serde_json::to_value(found)?,
    };
    fs::create_dir_all(out)?;
    let path = out.join(FILE);
    let mut file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.as_mut().map_err(|err| anyhow::anyhow!("can't open {}: {err}", path.display()))?;
    writeln!(file, "{}", serde_json::to_string(&record)?)?;
    println!("{figure} {}", serde_json::to_string_pretty(&record.found)?);
    Ok(())
}

/// All results in a folder, in the order in which they were found.
///
/// # Errors
///
/// - There are none, or a line is no result.
pub fn all(out: &Path) -> anyhow::Result<Vec<Record>> {
    let path = out.join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    text.lines().map(|line| serde_json::from_str(line).context("a line is no result")).collect()
}

/// Options that name places on this machine are left out, with what follows them.
fn without_paths(arguments: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--server" | "--out" => {
                words.next();
            }
            _ => kept.push(word),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_they_were_kept() {
        let out = std::env::temp_dir().join(format!("holdfast-bench-{}", std::process::id()));
        keep(&out, "some", &[1, 2]).expect("the folder can be written to");
        keep(&out, "other", &"text").expect("the folder can be written to");
        let read = all(&out).expect("there are some");
        fs::remove_dir_all(&out).expect("it is ours");
        assert_eq!(read.iter().map(|record| record.figure.as_str()).collect::<Vec<_>>(), ["some", "other"]);
        assert_eq!(read[0].found::<Vec<u8>>(), Some(vec![1, 2]));
        assert_eq!(read[1].found::<Vec<u8>>(), None);
    }

    #[test]
    fn a_command_names_no_place() {
        let given = ["run", "--server", "target/release/holdfast", "--rooms", "4"].map(str::to_owned);
        assert_eq!(without_paths(&given), ["run", "--rooms", "4"]);
    }
}
