//! Finds PostgreSQL's server programs, which most systems keep out of `PATH`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::PrivateServerError;

/// The oldest version that will do, and knows all of our settings.
pub(super) use adapters_pg::OLDEST_MAJOR;

/// Where packages put the programs; one `*` each stands for any version.
const USUAL_PLACES: [&str; 8] = [
    "/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
    "/usr/pgsql-*/bin",                  // the PostgreSQL project's packages for Fedora and its like
    "/usr/lib/postgresql*/bin",          // Alpine, SUSE
    "/opt/homebrew/opt/postgresql*/bin", // Homebrew, Apple silicon
    "/usr/local/opt/postgresql*/bin",    // Homebrew, Intel
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/local/pgsql/bin", // built from source
    "/usr/local/bin",
];

/// One installed version.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    bin: PathBuf,
    /// The major version.
    pub(super) major: u32,
}

impl Programs {
    /// The first one in `PATH`, else the highest version in the usual places. A cluster, once made, needs the version
    /// that made it.
    pub(super) async fn find(cluster: &Path, made_by: Option<u32>) -> Result<Self, PrivateServerError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let in_path = Self::installed(std::env::split_paths(&path)).await;
        let mut elsewhere = Self::installed(USUAL_PLACES.iter().flat_map(|place| expand(place))).await;
        elsewhere.sort_by_key(|found| std::cmp::Reverse(found.major));

        let found: Vec<Self> = in_path.into_iter().chain(elsewhere).collect();
        let Some(made_by) = made_by else {
            return found.into_iter().next().ok_or(PrivateServerError::NoPrograms);
        };
        let versions: BTreeSet<u32> = found.iter().map(|found| found.major).collect();
        found.into_iter().find(|found| found.major == made_by).ok_or_else(|| PrivateServerError::OtherVersion {
            cluster: cluster.to_owned(),
            made_by,
            found: match versions.len() {
                0 => "none".to_owned(),
                _ => versions.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            },
        })
    }

    /// Makes a database.
    pub(super) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }

    /// Starts and stops PostgreSQL.
    pub(super) fn pg_ctl(&self) -> PathBuf {
        self.bin.join("pg_ctl")
    }

    async fn installed(dirs: impl Iterator<Item = PathBuf>) -> Vec<Self> {
        let mut found = Vec::new();
        for bin in dirs {
            let complete = ["initdb", "pg_ctl", "postgres"].iter().all(|name| bin.join(name).is_file());
            if complete
                && let Some(major) = major_version(&bin.join("postgres")).await
                && major >= OLDEST_MAJOR
            {
                found.push(Self { bin, major });
            }
        }
        found
    }
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
async fn major_version(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").output().await.ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let version = said.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The directories that a pattern with one `*` in one of its parts stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.into()] };
    let (dir, prefix) = before.rsplit_once('/').expect("patterns are absolute");
    let (suffix, rest) = after.split_once('/').expect("patterns end in a plain name");
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let fitting = names.filter(|name| name.starts_with(prefix) && name.ends_with(suffix));
    fitting.map(|name| Path::new(dir).join(name).join(rest)).collect()
}
