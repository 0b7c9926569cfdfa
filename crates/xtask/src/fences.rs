//! The fences between the crates: what must not be known where, even through others; and text that must be nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::shell::{cargo, output, root};

/// A crate, what it must not depend on, and why.
const FENCES: [(&str, &[&str], &str); 8] = [
    (
        "domain",
        &[
            "actix-web",
            "async-trait",
            "chrono",
            "diesel",
            "futures-util",
            "getrandom",
            "ports",
            "rand",
            "rand_core",
            "serde",
            "serde_core",
            "time",
            "tokio",
        ],
        "the rules have no async, clock, randomness or serialisation: what they need comes as arguments",
    ),
    (
        "ports",
        &["actix-web", "actix-ws", "async-nats", "diesel", "diesel-async", "serde", "tokio-postgres", "usecases"],
        "a port speaks of the domain, not of what is behind it",
    ),
    (
        "usecases",
        &[
            "actix-web",
            "actix-ws",
            "adapters-nats",
            "adapters-pg",
            "adapters-ws",
            "async-nats",
            "diesel",
            "diesel-async",
            "serde",
            "tokio-postgres",
        ],
        "a use case reaches the world through ports alone",
    ),
    (
        "adapters-nats",
        &[
            "actix-web",
            "actix-ws",
            "adapters-pg",
            "adapters-ws",
            "diesel",
            "diesel-async",
            "tokio-postgres",
            "usecases",
        ],
        "no adapter knows another, or who calls it",
    ),
    (
        "adapters-pg",
        &["actix-web", "actix-ws", "adapters-nats", "adapters-ws", "async-nats", "usecases"],
        "no adapter knows another, or who calls it",
    ),
    (
        "adapters-ws",
        &["adapters-nats", "adapters-pg", "async-nats", "diesel", "diesel-async", "tokio-postgres"],
        "no adapter knows another",
    ),
    (
        "chaos-check",
        &["adapters-pg", "adapters-ws", "app", "domain", "ports", "usecases"],
        "who checks the server writes down a second time what is right",
    ),
    (
        "bench",
        &["adapters-pg", "adapters-ws", "app", "domain", "ports", "usecases"],
        "who measures the server knows its protocol only",
    ),
];

/// Text that no source may have, compared without white space, and why.
const FORBIDDEN: [(&str, &str); 2] = [
    ("sql_query(format!(", "values go into SQL by bind, never by format"),
    ("sql_query(&format!(", "values go into SQL by bind, never by format"),
];

/// Names all that is on the wrong side of a fence.
pub fn check() -> anyhow::Result<()> {
    let mut faults = Vec::new();
    for (name, banned, why) in FENCES {
        // One a line, each dependency and what it depends on: `serde v1.0.229`.
        let tree = output(cargo().args(["tree", "--package", name, "--edges", "normal", "--prefix", "none"]))?;
        let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        let found = banned.iter().filter(|banned| names.contains(banned));
        faults.extend(found.map(|found| {
            format!("{name} depends on {found}: {why} (`cargo tree -p {name} -e normal -i {found}` shows how)")
        }));
    }
    let all = sources(&root().join("crates"))?;
    // This file names what it forbids.
    for path in all.into_iter().filter(|path| !path.ends_with(file!())) {
        let source = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        let shown = path.strip_prefix(root()).unwrap_or(&path).display();
        faults.extend(forbidden_in(&source).map(|(text, why)| format!("{shown} has `{text}`: {why}")));
    }
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}

fn forbidden_in(source: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let source: String = source.split_whitespace().collect();
    FORBIDDEN.into_iter().filter(move |(text, _)| source.contains(text))
}

/// All Rust files below a directory.
pub fn sources(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("can't list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatted_sql_is_found_however_it_is_laid_out() {
        assert_eq!(forbidden_in("diesel::sql_query(\n    format!(\"DROP\"))").count(), 1);
        assert_eq!(forbidden_in("diesel::sql_query(\"SELECT $1\").bind(name)").count(), 0);
    }
}
