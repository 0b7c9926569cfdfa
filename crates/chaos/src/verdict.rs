//! What the checker says of a run: a program of its own, which shares no code with the server or with us.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::process::Command;

/// The checker's word.
#[derive(Debug)]
pub struct Verdict {
    /// Whether every promise was kept.
    pub good: bool,
    /// Its report.
    pub report: Value,
}

impl Verdict {
    /// The first broken promise and how many there are of each, or all that was said if that isn't in it.
    pub fn counter_example(&self) -> String {
        let (counts, first) = (&self.report["violation_counts"], &self.report["violations"][0]);
        if first.is_null() { self.report.to_string() } else { format!("{counts}, the first: {first}") }
    }
}

/// Runs `checker DIR`: it ends with 0 if all is well, with 1 if not, and prints its report as JSON.
///
/// # Errors
///
/// - It can't be run, or doesn't know.
pub async fn ask(checker: &Path, dir: &Path) -> anyhow::Result<Verdict> {
    let output = Command::new(checker).arg(dir).output().await;
    let output = output.with_context(|| format!("can't run the checker {}", checker.display()))?;
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        Value::String(String::from_utf8_lossy(&said).trim().to_owned())
    });
    match output.status.code() {
        Some(code @ (0 | 1)) => Ok(Verdict { good: code == 0, report }),
        _ => bail!("the checker could not judge ({}): {report}", output.status),
    }
}

/// Where the checker is: beside this program, as cargo builds them.
///
/// # Errors
///
/// - It isn't there.
pub fn beside_us() -> anyhow::Result<PathBuf> {
    let checker = std::env::current_exe()?.with_file_name("chaos-check");
    if checker.is_file() { Ok(checker) } else { bail!("{} is missing: build it first", checker.display()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_of_many_is_shown() {
        let report = json!({ "violation_counts": { "I-1": 2 }, "violations": [{ "seq": 7 }, { "seq": 9 }] });
        let shown = Verdict { good: false, report }.counter_example();
        assert_eq!(shown, r#"{"I-1":2}, the first: {"seq":7}"#);
    }

    #[test]
    fn whatever_else_was_said_is_shown() {
        let verdict = Verdict { good: false, report: json!("nothing acknowledged") };
        assert_eq!(verdict.counter_example(), r#""nothing acknowledged""#);
    }
}
