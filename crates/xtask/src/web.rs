//! The web client in `web/`: its build, which is committed as `web/dist`, and its tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::setup;
use crate::shell::{cargo, find, program, root, run};

/// Builds the web client into `web/dist`.
pub fn build() -> anyhow::Result<()> {
    ensure!(
        find("npm").is_some(),
        "building the web client needs Node.js 20.19 or later with npm (Debian: nodejs npm)"
    );
    install()?;
    run(npm().args(["run", "build"]))
}

/// Writes the wire's types for the web client, by the test that else compares them.
pub fn write_types() -> anyhow::Result<()> {
    run(cargo().args(["test", "--package", "app", "--lib", "typescript"]).env("HOLDFAST_WRITE_TYPES", "1"))
}

/// Checks the web client's formatting, and what its linter knows. `npm run format` formats.
pub fn lint() -> anyhow::Result<()> {
    if !folder().join("package.json").exists() {
        return Ok(());
    }
    if find("node").is_none() || find("npm").is_none() {
        println!("skipped: the web client's formatting and lint (they need Node.js 20.19 or later with npm)");
        return Ok(());
    }
    install()?;
    run(npm().args(["run", "lint"]))
}

/// Runs the web client's checks, and its browser tests against the server that `built_server` gives.
pub fn test(built_server: impl FnOnce() -> anyhow::Result<PathBuf>) -> anyhow::Result<()> {
    let Ok(package) = fs::read_to_string(folder().join("package.json")) else {
        println!("skipped: the web client's tests (there is no web/package.json)");
        return Ok(());
    };
    if find("node").is_none() || find("npm").is_none() {
        println!("skipped: the web client's tests (they need Node.js 20.19 or later with npm; Debian: nodejs npm)");
        return Ok(());
    }
    let has_script = |name: &str| package.contains(&format!("\"{name}\":"));
    install()?;
    for script in ["typecheck", "test"].into_iter().filter(|name| has_script(name)) {
        run(npm().args(["run", script]))?;
    }
    if has_script("build") {
        rebuild_to_the_same()?;
    }

    if !has_script("e2e") || !has_files(&folder().join("e2e")) {
        println!("skipped: the browser tests (there are none)");
    } else if !setup::browser()? {
        println!("skipped: the browser tests (they need Chromium; Debian: chromium fonts-dejavu-core)");
    } else {
        run(npm().args(["run", "e2e"]).env("HOLDFAST_BIN", built_server()?))?;
    }
    Ok(())
}

/// Installs the packages that the lock file names, unless they are there.
fn install() -> anyhow::Result<()> {
    let modified = |path| fs::metadata(folder().join(path)).and_then(|found| found.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    run(npm().args(["ci", "--no-audit", "--no-fund"]))
}

/// What the server embeds must be what the sources say. On Linux the build gives the same bytes everywhere.
fn rebuild_to_the_same() -> anyhow::Result<()> {
    let dist = folder().join("dist");
    let before = contents(&dist)?;
    run(npm().args(["run", "build"]))?;
    let same = before == contents(&dist)?;
    ensure!(
        same || !cfg!(target_os = "linux"),
        "web/dist was not what web/src builds; now it is: look at it and commit it"
    );
    Ok(())
}

fn contents(dir: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    if !dir.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(dir).with_context(|| format!("can't list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut contents(&path)?);
        } else {
            found.insert(path.clone(), fs::read(&path).with_context(|| format!("can't read {}", path.display()))?);
        }
    }
    Ok(found)
}

fn has_files(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some())
}

fn npm() -> Command {
    let mut npm = program("npm");
    npm.current_dir(folder());
    npm
}

fn folder() -> PathBuf {
    root().join("web")
}
