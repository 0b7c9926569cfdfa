//! Everything that is in the database at the end of a run.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use crate::postgres::Postgres;

/// When each event was committed, by PostgreSQL's own record.
const COMMITS: &str = "SELECT json_build_object('room_id', room_id, 'seq', seq, 'committed_at_ms', \
    floor(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::bigint)::text \
    FROM holdfast.room_events ORDER BY room_id, seq";

/// Writes each table to a file of its own, one row a line, and the times of commits to another.
///
/// # Errors
///
/// - The database can't be read, or the files can't be written.
pub async fn write(postgres: &Postgres, dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
    let tables =
        "SELECT tablename, format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'holdfast'";
    for row in postgres.sql(tables).await? {
        let [Some(name), Some(table)] = row.as_slice() else { continue };
        let rows = postgres.sql(&format!("SELECT row_to_json(t)::text FROM {table} t")).await?;
        lines(&dir.join(format!("{name}.jsonl")), rows)?;
    }
    lines(&dir.join("commits.jsonl"), postgres.sql(COMMITS).await?)
}

fn lines(path: &Path, rows: testkit::Rows) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("can't make {}", path.display()))?;
    let mut file = BufWriter::new(file);
    for row in rows {
        writeln!(file, "{}", row.first().cloned().flatten().unwrap_or_default())?;
    }
    file.flush().with_context(|| format!("can't write {}", path.display()))
}
