//! Words and pages: ids that are cited are defined, links lead somewhere, a page has one title.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::fences::sources;
use crate::shell::root;

/// Where ids are defined: `| T-A1 |`.
const DEFINE: [&str; 2] = ["docs/threats.md", "docs/reliability.md"];

/// Names all that is out of place.
pub fn check() -> anyhow::Result<()> {
    let pages = pages()?;
    let mut faults = Vec::new();
    for page in &pages {
        let text = read(page)?;
        let shown = shown(page);
        let titles = prose(&text).filter(|line| line.starts_with("# ")).count();
        if titles != 1 {
            faults.push(format!("{shown} has {titles} titles instead of one"));
        }
        for link in prose(&text).flat_map(links) {
            let target = page.parent().unwrap_or(root()).join(link.split('#').next().unwrap_or(link));
            if !target.exists() {
                faults.push(format!("{shown} links to {link}, which isn't there"));
            }
        }
    }
    let mut defined = BTreeSet::new();
    for page in DEFINE {
        let text = read(&root().join(page))?;
        let first = text.lines().filter_map(|line| line.strip_prefix("| ")).filter_map(|row| row.split(" |").next());
        defined.extend(first.flat_map(ids).map(str::to_owned));
    }
    let mut cited = BTreeSet::new();
    for source in sources(&root().join("crates"))? {
        // These are of this file.
        if source.ends_with(file!()) {
            continue;
        }
        let text = read(&source)?;
        for id in text.lines().filter(|line| line.trim_start().starts_with("//")).flat_map(ids) {
            if !defined.contains(id) {
                faults.push(format!("{} cites {id}, which no page defines", shown(&source)));
            }
            cited.insert(id.to_owned());
        }
    }
    let untried = defined.iter().filter(|id| id.starts_with("T-") && !cited.contains(*id));
    faults.extend(untried.map(|id| format!("no test names the threat {id} of docs/threats.md")));
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(root()).unwrap_or(path).display()
}

/// Every page that people read.
fn pages() -> anyhow::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for folder in [root().to_owned(), root().join("docs"), root().join("docs/decisions")] {
        for entry in fs::read_dir(&folder).with_context(|| format!("can't list {}", folder.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    Ok(pages)
}

/// Lines that aren't code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Targets of the links in a line that lead to files.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.starts_with('#') && !target.contains("://"))
}

/// Ids of threats (`T-A1`) and invariants (`I-1`) in a line.
fn ids(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words.filter(|word| {
        let Some((kind, rest)) = word.split_once('-') else { return false };
        let number = match kind {
            "T" => rest.strip_prefix(|letter: char| letter.is_ascii_uppercase()).unwrap_or_default(),
            "I" => rest,
            _ => return false,
        };
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_and_nothing_else_is() {
        let line = "/// T-A10, I-4: not T-junction, I-beam, A10 or XT-A1; (T-C2).";
        assert_eq!(ids(line).collect::<Vec<_>>(), ["T-A10", "I-4", "T-C2"]);
    }

    #[test]
    fn links_to_files_are_found_outside_code() {
        let text = "[a](x.md#top) and [b](https://example.com)\n```\n[c](y.md)\n```\n[d](#here)";
        assert_eq!(prose(text).flat_map(links).collect::<Vec<_>>(), ["x.md#top"]);
    }
}
