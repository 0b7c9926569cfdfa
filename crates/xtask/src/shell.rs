//! Runs other programs, in the workspace's directory and with their output in ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// The top of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this crate is in crates/ of the workspace")
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// A program, to be run at the top of the workspace.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Shows the command, runs it and wants it to succeed.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("can't run `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// What the command prints, if it succeeds.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = line(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("can't run `{line}`"))?;
    ensure!(output.status.success(), "`{line}` failed ({})", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where cargo puts a program that it builds without optimisation.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    built_as("debug", name)
}

/// Where cargo puts a program that it builds for release.
pub fn released(name: &str) -> anyhow::Result<PathBuf> {
    built_as("release", name)
}

fn built_as(profile: &str, name: &str) -> anyhow::Result<PathBuf> {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let (_, rest) =
        metadata.split_once("\"target_directory\":\"").context("cargo metadata without a target directory")?;
    let (target, _) = rest.split_once('"').context("cargo metadata that ends early")?;
    Ok(Path::new(target).join(profile).join(name))
}

/// Where a program is, if it is in `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
