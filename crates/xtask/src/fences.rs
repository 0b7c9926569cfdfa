//! The fences between the crates: what must not be known where, even through others; and text that must be nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::shell::{cargo, output, root};

/// Each crate of the workspace and the crates of the workspace that it may use. A crate that isn't here may not be at all.
const MAY_USE: [(&str, &[&str]); 17] = [
    // The rules.
    ("domain", &[]),
    // The shapes of messages, however they travel.
    ("protocol", &["domain"]),
    ("ports", &["domain"]),
    ("usecases", &["domain", "ports"]),
    // Reads the store and plays it again; it shares nothing with the use cases that wrote it.
    ("audit", &["domain", "ports"]),
    // Finished hands in the formats of others.
    ("hand-history", &["domain", "ports"]),
    // No adapter knows another, or who calls it.
    ("adapters-nats", &["domain", "ports"]),
    ("adapters-pg", &["domain", "ports"]),
    ("adapters-ws", &["domain", "ports", "protocol"]),
    // Starts what the store needs, and knows nothing of what is in it.
    ("private-postgres", &["adapters-pg"]),
    (
        "app",
        &[
            "adapters-nats",
            "adapters-pg",
            "adapters-ws",
            "audit",
            "domain",
            "hand-history",
            "ports",
            "private-postgres",
            "protocol",
            "usecases",
        ],
    ),
    // Doubles of the ports.
    ("sabotage", &["domain", "ports"]),
    // Who tries the server from outside knows its protocol only; who checks it writes down a second time what is right.
    ("testkit", &[]),
    ("bench", &["testkit"]),
    ("chaos", &["testkit"]),
    ("chaos-check", &[]),
    ("xtask", &[]),
];

/// A crate, what it must not depend on, even through others, and why.
const FENCES: [(&str, &[&str], &str); 7] = [
    (
        "domain",
        &[
            "actix-web",
            "async-trait",
            "chrono",
            "diesel",
            "futures-util",
            "getrandom",
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
        "protocol",
        &["actix-web", "actix-ws", "async-nats", "diesel", "tokio"],
        "shapes of messages know nothing of how they travel",
    ),
    (
        "ports",
        &["actix-web", "actix-ws", "async-nats", "diesel", "diesel-async", "serde", "tokio-postgres"],
        "a port speaks of the domain, not of what is behind it",
    ),
    (
        "usecases",
        &["actix-web", "actix-ws", "async-nats", "diesel", "diesel-async", "serde", "tokio-postgres"],
        "a use case reaches the world through ports alone",
    ),
    (
        "adapters-nats",
        &["actix-web", "actix-ws", "diesel", "diesel-async", "tokio-postgres"],
        "an adapter knows its own outside only",
    ),
    ("adapters-pg", &["actix-web", "actix-ws", "async-nats"], "an adapter knows its own outside only"),
    (
        "adapters-ws",
        &["async-nats", "diesel", "diesel-async", "tokio-postgres"],
        "an adapter knows its own outside only",
    ),
];

/// Text that no source may have, compared without white space, and why.
const FORBIDDEN: [(&str, &str); 2] = [
    ("sql_query(format!(", "values go into SQL by bind, never by format"),
    ("sql_query(&format!(", "values go into SQL by bind, never by format"),
];

/// Names all that is on the wrong side of a fence.
pub fn check() -> anyhow::Result<()> {
    let mut faults = unknown_arrows()?;
    for (name, banned, why) in FENCES {
        let tree = tree(name, &[])?;
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

/// What a crate depends on, one a line: `serde v1.0.229`, or `domain v0.1.0 (/where/it/is)` for one of the workspace.
fn tree(name: &str, more: &[&str]) -> anyhow::Result<String> {
    output(cargo().args(["tree", "--package", name, "--edges", "normal", "--prefix", "none"]).args(more))
}

/// Arrows between crates of the workspace that nobody has allowed, and crates that nobody has placed.
fn unknown_arrows() -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for entry in fs::read_dir(root().join("crates"))? {
        let name = entry?.file_name();
        if !MAY_USE.iter().any(|(known, _)| name == *known) {
            faults.push(format!("{} isn't in the list of crates and what they may use", name.display()));
        }
    }
    for (name, may_use) in MAY_USE {
        let tree = tree(name, &["--depth", "1"])?;
        let used = tree.lines().skip(1).filter(|line| line.contains(" (/")).filter_map(|line| line.split(' ').next());
        faults.extend(used.filter(|used| !may_use.contains(used)).map(|used| format!("{name} must not use {used}")));
    }
    Ok(faults)
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
