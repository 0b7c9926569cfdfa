//! The API's documents: written to `docs/`, and tried with other people's tools.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use anyhow::{Context, bail, ensure};

use crate::shell::{built, cargo, find, program, root, run};

/// Runs one of the chores about documents.
pub fn run_with(args: &[&str]) -> anyhow::Result<()> {
    match args {
        [] => write(),
        ["--examples"] => write_examples(),
        ["--check"] => check(),
        _ => bail!("`cargo xtask documents` takes --check, --examples or nothing"),
    }
}

/// Writes what the server says into `docs/`, by the test that else compares it.
fn write() -> anyhow::Result<()> {
    let test = ["test", "--package", "app", "--test", "outside", "what_is_served_is_what_is_kept_in_docs"];
    run(cargo().args(test).env("HOLDFAST_WRITE_DOCUMENTS", "1"))
}

/// Adds an example for each answer and frame that has none and that the outside tests see; then writes the documents.
fn write_examples() -> anyhow::Result<()> {
    let test = ["test", "--package", "app", "--test", "outside", "--", "--skip", "documents::"];
    run(cargo().args(test).env("HOLDFAST_WRITE_EXAMPLES", "1"))?;
    write()
}

/// Has the documents read by validators, and a hand played by clients that are made from them.
fn check() -> anyhow::Result<()> {
    let missing: Vec<_> = ["npm", "node", "python3"].into_iter().filter(|name| find(name).is_none()).collect();
    if !missing.is_empty() {
        ensure!(env::var_os("CI").is_none(), "CI must have {}", missing.join(", "));
        println!("skipped: the checks of the documents by other people's tools (they need {})", missing.join(", "));
        return Ok(());
    }
    let (openapi, asyncapi) = (root().join("docs/openapi.json"), root().join("docs/asyncapi.json"));
    let made = folder().join("made");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    fs::create_dir_all(&made)?;
    run(here("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    let python = python()?;

    run(tool("redocly").args(["lint", "--config", "redocly.yaml"]).arg(&openapi).env("REDOCLY_TELEMETRY", "off"))?;
    run(tool("spectral").args(["lint", "--fail-severity", "error"]).args([&openapi, &asyncapi]))?;
    run(here("node").arg("asyncapi.mjs").arg(&asyncapi))?;
    run(in_folder(&python.join("openapi-spec-validator")).arg(&openapi))?;

    run(tool("openapi-typescript").arg(&openapi).args(["--output", "made/api.d.ts"]))?;
    run(&mut tool("tsc"))?;
    run(in_folder(&python.join("openapi-python-client"))
        .args(["generate", "--config", "python-client.yaml", "--meta", "none", "--fail-on-warning"])
        .args(["--output-path", "made/holdfast", "--path"])
        .arg(&openapi)
        .env("PATH", with_path(&python)?))?;

    run(cargo().args(["build", "--package", "app", "--bin", "holdfast"]))?;
    let server = Server::start()?;
    run(here("node").args(["made/js/play.js", &server.base]))?;
    run(in_folder(&python.join("python")).args(["play.py", &server.base]).env("PYTHONDONTWRITEBYTECODE", "1"))
}

fn folder() -> PathBuf {
    root().join("crates/app/tests/generated")
}

fn here(name: &str) -> Command {
    let mut command = program(name);
    command.current_dir(folder());
    command
}

fn in_folder(path: &Path) -> Command {
    here(&path.to_string_lossy())
}

/// A program that npm has installed.
fn tool(name: &str) -> Command {
    in_folder(&folder().join("node_modules/.bin").join(name))
}

/// The folder with the programs of a Python of our own, with the packages that are asked for.
fn python() -> anyhow::Result<PathBuf> {
    let home = root().join("target/documents-python");
    let programs = home.join("bin");
    if !programs.join("pip").is_file() {
        run(here("python3").args(["-m", "venv"]).arg(&home))?;
    }
    let asked = ["install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"];
    run(in_folder(&programs.join("pip")).args(asked))?;
    Ok(programs)
}

/// Our search path with a folder before it: the generator calls a formatter that is installed beside it.
fn with_path(folder: &Path) -> anyhow::Result<OsString> {
    let known = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths([folder.to_owned()].into_iter().chain(env::split_paths(&known)))?)
}

/// A server with a database of its own. Stopped when dropped.
struct Server {
    base: String,
    child: Child,
    data: PathBuf,
}

impl Server {
    fn start() -> anyhow::Result<Self> {
        let data = env::temp_dir().join(format!("holdfast-documents-{}", std::process::id()));
        let mut child = Command::new(built("holdfast")?)
            .env_remove("DATABASE_URL")
            .env("HOLDFAST_BIND", "127.0.0.1:0")
            .env("HOLDFAST_DATA_DIR", &data)
            .env("HOLDFAST_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start the server")?;
        let said = child.stdout.take().context("the server has an output")?;
        let mut server = Self { base: String::new(), child, data };
        for line in BufReader::new(said).lines() {
            let line = line?;
            if let Some(base) = line.split_whitespace().find(|word| word.starts_with("http://")) {
                base.trim_end_matches(['/', '.']).clone_into(&mut server.base);
                return Ok(server);
            }
        }
        bail!("the server did not start")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // As Ctrl-C does, so that its database stops too.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
