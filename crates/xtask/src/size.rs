//! How many lines of Rust code each crate has: without empty lines and comments, and tests apart.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::fences::sources;
use crate::shell::root;

/// Prints a line a crate.
pub fn print() -> anyhow::Result<()> {
    let mut total = Size::default();
    println!("{:<14}{:>8}{:>8}", "crate", "code", "tests");
    for name in crates()? {
        let mut size = Size::default();
        let dir = root().join("crates").join(&name);
        for path in sources(&dir)? {
            let source = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
            size.add(if is_test(path.strip_prefix(&dir)?) { Size::of_tests(&source) } else { Size::of(&source) });
        }
        println!("{name:<14}{:>8}{:>8}", size.code, size.tests);
        total.add(size);
    }
    println!("{:<14}{:>8}{:>8}", "all", total.code, total.tests);
    Ok(())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Size {
    code: usize,
    tests: usize,
}

impl Size {
    /// In a file of ours, tests come last.
    fn of(source: &str) -> Self {
        let (code, tests) = source.split_once("#[cfg(test)]\nmod ").unwrap_or((source, ""));
        Self { code: lines(code), tests: lines(tests) }
    }

    fn of_tests(source: &str) -> Self {
        Self { code: 0, tests: lines(source) }
    }

    fn add(&mut self, other: Self) {
        self.code += other.code;
        self.tests += other.tests;
    }
}

fn lines(source: &str) -> usize {
    source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn is_test(path: &Path) -> bool {
    path.starts_with("tests") || path.starts_with("benches") || path.file_name().is_some_and(|name| name == "tests.rs")
}

fn crates() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("crates")).context("can't list the crates")? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_do_not_count_and_tests_count_apart() {
        let source = "//! About.\n\nuse std::fs;\nfn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n";
        assert_eq!(Size::of(source), Size { code: 2, tests: 3 });
    }
}
