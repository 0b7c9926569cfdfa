//! A backup as an operator makes one, and its restoration over what was played since.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Serialize;
use tokio::process::Command;
use uuid::Uuid;

use crate::history::Clock;
use crate::postgres::Postgres;

/// The file in a run's folder that says what was restored.
pub const RESTORES: &str = "restores.jsonl";

/// The database as it was.
#[derive(Debug)]
pub struct Backup {
    file: PathBuf,
    /// Microseconds of the run at which it was begun: what was acknowledged before is in it.
    from: u64,
}

/// A line of [`RESTORES`]; times are microseconds of the run.
#[derive(Debug, Serialize)]
struct Restore {
    /// When the backup was begun.
    from: u64,
    /// When the database began to be replaced by it.
    swap: u64,
    /// When it had been.
    to: u64,
    /// Each room's last event in it.
    rooms: BTreeMap<Uuid, u64>,
}

impl Backup {
    /// Makes one beside those who play.
    ///
    /// # Errors
    ///
    /// - `pg_dump` fails.
    pub async fn make(postgres: &Postgres, clock: Clock, dir: &Path) -> anyhow::Result<Self> {
        let from = clock.now();
        let file = dir.join("backup");
        run("pg_dump", |command| command.args(["-Fc", "-f"]).arg(&file).arg(postgres.url())).await?;
        Ok(Self { file, from })
    }

    /// Puts it in the database's place, and says so in the run's folder. It is restored beside the database first, so that what
    /// is in it is known for certain. Returns how many events are lost.
    ///
    /// # Errors
    ///
    /// - `pg_restore` fails; what PostgreSQL says.
    pub async fn restore(self, postgres: &Postgres, clock: Clock, dir: &Path) -> anyhow::Result<u64> {
        let beside = postgres.create_beside().await?;
        run("pg_restore", |command| command.args(["-1", "-d", &beside.url]).arg(&self.file)).await?;
        let kept = seqs(beside.try_sql(SEQS).await?)?;
        let had = seqs(postgres.sql(SEQS).await?)?;
        let swap = clock.now();
        postgres.replace_by(&beside).await?;
        let to = clock.now();
        let lost = had.iter().map(|(room, seq)| seq.saturating_sub(kept.get(room).copied().unwrap_or(0))).sum();
        let mut line = serde_json::to_vec(&Restore { from: self.from, swap, to, rooms: kept })?;
        line.push(b'\n');
        let file = OpenOptions::new().create(true).append(true).open(dir.join(RESTORES));
        file.and_then(|mut file| file.write_all(&line)).with_context(|| format!("can't write {RESTORES}"))?;
        std::fs::remove_file(&self.file)?;
        Ok(lost)
    }
}

const SEQS: &str = "SELECT room_id::text, seq::text FROM holdfast.game_states";

fn seqs(rows: testkit::Rows) -> anyhow::Result<BTreeMap<Uuid, u64>> {
    let mut seqs = BTreeMap::new();
    for row in rows {
        let [Some(room), Some(seq)] = row.as_slice() else { bail!("a room has a number") };
        seqs.insert(room.parse()?, seq.parse()?);
    }
    Ok(seqs)
}

/// Runs one of PostgreSQL's programs.
async fn run(name: &str, with: impl FnOnce(&mut Command) -> &mut Command) -> anyhow::Result<()> {
    let beside = testkit::programs().map(|dir| dir.join(name)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| PathBuf::from(name)));
    let output = with(&mut command).kill_on_drop(true).output().await.with_context(|| format!("can't run {name}"))?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{name}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())
}
