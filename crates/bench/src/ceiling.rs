//! What PostgreSQL alone does with the statements of the server's actions: the most that any server could do with them.
//!
//! pgbench executes them, prepared and durable, on a database with the server's own schema and as many rooms, in the
//! same PostgreSQL that the server is measured on.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};
use testkit::TestDatabase;
use tokio::process::Command;

use crate::burn::Burner;
use crate::capture::{Capture, IDS};
use crate::process::{children_cpu, cpu_of_family, load};
use crate::rig::Postgres;
use crate::script::{ROOMS_TABLE, Script, write};

/// Connections and threads of pgbench: as many connections as the server has by default.
const CLIENTS: usize = 16;
const THREADS: usize = 2;

/// How long pgbench runs before it counts.
const WARM_UP_SECS: u64 = 3;

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Ceiling {
    /// How long it ran.
    pub seconds: f64,
    /// Rooms in the database.
    pub rooms: usize,
    /// Statements of an action, `BEGIN` and `COMMIT` included.
    pub statements: usize,
    /// Actions that were committed.
    pub transactions: u64,
    /// The same a second.
    pub transactions_per_second: f64,
    /// How long one took on average, in milliseconds.
    pub latency_ms: f64,
    /// CPU time of PostgreSQL, all of its processes, in microseconds an action.
    pub postgres_micros: f64,
    /// CPU time of pgbench, in microseconds an action.
    pub pgbench_micros: f64,
    /// How many cores pgbench and the burner, if one ran, kept busy: what was not left to PostgreSQL.
    pub cores_beside_postgres: f64,
    /// The machine's load at the end.
    pub load: f64,
}

/// A database full of rooms that pgbench plays in.
#[derive(Debug)]
pub struct Ground {
    database: TestDatabase,
    script: Script,
    rooms: usize,
}

impl Ground {
    /// Makes a database with the captured schema and so many copies of the captured room; a few more if need be, so that
    /// no two clients are ever in the same one.
    ///
    /// # Errors
    ///
    /// - PostgreSQL refuses.
    pub async fn lay(postgres: &Postgres, capture: &Capture, rooms: usize) -> anyhow::Result<Self> {
        let rooms = rooms.next_multiple_of(CLIENTS);
        let database = postgres.copy_of(&capture.database).await?;
        let [room, game, hand] = &capture.state.ids;
        let tables = database
            .try_sql(
                "SELECT table_name, string_agg(column_name, ', ') FROM information_schema.columns \
                 JOIN information_schema.tables USING (table_schema, table_name) \
                 WHERE table_schema = 'holdfast' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' \
                 GROUP BY table_name HAVING bool_or(column_name = 'room_id') OR table_name = 'rooms'",
            )
            .await?;
        let mut sql = format!(
            "SET search_path TO holdfast; SET session_replication_role = replica; \
             CREATE TABLE {ROOMS_TABLE} AS SELECT n::int, gen_random_uuid() AS room_id, gen_random_uuid() AS game_id, \
                gen_random_uuid() AS current_hand_id FROM generate_series(0, {}) AS n; \
             ALTER TABLE {ROOMS_TABLE} ADD PRIMARY KEY (n);",
            rooms - 1
        );
        for table in tables {
            let [Some(table), Some(columns)] = &table[..] else { bail!("a table without a name or columns") };
            sql.push_str(&copies((table, columns), [room, game, hand]));
        }
        sql.push_str("RESET session_replication_role; ANALYZE;");
        database.try_sql(&sql).await.context("the rooms could not be copied")?;
        Ok(Self { database, script: write(&capture.samples)?, rooms })
    }

    /// Where the rooms are, the captured one too.
    pub const fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Runs pgbench for a while, beside something else that needs the CPU or alone.
    ///
    /// # Errors
    ///
    /// - pgbench fails, or doesn't do what it says.
    pub async fn measure(
        &self,
        postgres: &Postgres,
        out: &Path,
        lasts: Duration,
        burner: Option<&Burner>,
    ) -> anyhow::Result<Ceiling> {
        std::fs::create_dir_all(out)?;
        let file = out.join("action.pgbench.sql");
        std::fs::write(&file, &self.script.text)?;
        self.database.try_sql("CHECKPOINT").await?;
        self.pgbench(postgres, &file, WARM_UP_SECS).await?;

        let done_before = self.actions().await?;
        let (began, used_before) = (Instant::now(), (cpu_of_family(postgres.pid())?, children_cpu()?));
        let burnt_before = burner.map(Burner::used).transpose()?.unwrap_or_default();
        let said = self.pgbench(postgres, &file, lasts.as_secs()).await?;
        let seconds = began.elapsed().as_secs_f64();
        let burnt = burner.map(Burner::used).transpose()?.unwrap_or_default().saturating_sub(burnt_before);
        let postgres_used = cpu_of_family(postgres.pid())?.saturating_sub(used_before.0).as_secs_f64();
        let pgbench_used = children_cpu()?.saturating_sub(used_before.1).as_secs_f64();

        let outcome = Outcome::parse(&said).with_context(|| format!("pgbench says {said}"))?;
        ensure!(outcome.failed == 0, "pgbench failed {} times: {said}", outcome.failed);
        let done = self.actions().await? - done_before;
        ensure!(
            done == outcome.transactions,
            "pgbench did {} actions and {done} are in the database: the script doesn't do what the server does",
            outcome.transactions
        );
        let an_action = |used: f64| used * 1e6 / outcome.transactions as f64;
        Ok(Ceiling {
            seconds,
            rooms: self.rooms,
            statements: self.script.statements,
            transactions: outcome.transactions,
            transactions_per_second: outcome.a_second,
            latency_ms: outcome.latency_ms,
            postgres_micros: an_action(postgres_used),
            pgbench_micros: an_action(pgbench_used),
            cores_beside_postgres: (pgbench_used + burnt.as_secs_f64()) / seconds,
            load: load(),
        })
    }

    async fn actions(&self) -> anyhow::Result<u64> {
        let rows = self.database.try_sql("SELECT count(*) FROM holdfast.actions").await?;
        let count = rows.into_iter().flatten().flatten().next().context("a count")?;
        Ok(count.parse()?)
    }

    async fn pgbench(&self, postgres: &Postgres, file: &Path, seconds: u64) -> anyhow::Result<String> {
        let name = self.database.url.rsplit('/').next().context("an address ends in a name")?;
        let mut command = Command::new(program()?);
        command.args(["--no-vacuum", "--protocol=prepared", "--host=127.0.0.1", "--username=postgres"]);
        command.arg(format!("--port={}", postgres.port())).arg(format!("--time={seconds}"));
        command.arg(format!("--client={CLIENTS}")).arg(format!("--jobs={THREADS}"));
        command.arg("--file").arg(file);
        let numbers = [("left", 0), ("visit", 0), ("clients", CLIENTS), ("rooms", self.rooms)];
        command.args(numbers.map(|(name, value)| format!("--define={name}={value}")));
        command.args(self.script.constants.iter().map(|(name, value)| format!("--define={name}={value}")));
        command.arg(name);
        // The server's sessions have the same.
        command.env("PGOPTIONS", "-c search_path=holdfast -c synchronous_commit=on -c enable_seqscan=off -c jit=off");
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.context("can't run pgbench")?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        ensure!(output.status.success(), "pgbench failed: {said}");
        Ok(said)
    }
}

/// SQL that copies a room's rows of a table into all rooms, with the ids exchanged wherever they stand.
fn copies((table, columns): (&str, &str), [room, game, hand]: [&String; 3]) -> String {
    let (belongs, unique) = match table {
        "rooms" => (format!("id = '{room}'"), "jsonb_build_object('code', 'bench-' || bench.n)"),
        "rejoin_tokens" => (
            format!("room_id = '{room}'"),
            "jsonb_build_object('id', gen_random_uuid(), 'token_hash', md5(bench.n::text) || md5(old.id::text))",
        ),
        // An id is good once for a user, in whatever room.
        "command_replies" => (format!("room_id = '{room}'"), "jsonb_build_object('command_id', gen_random_uuid())"),
        // Earlier hands have ids of their own, and nothing reads them.
        "hands" => (format!("id = '{hand}'"), "'{}'"),
        "players" | "actions" => (format!("hand_id = '{hand}'"), "'{}'"),
        _ => (format!("room_id = '{room}'"), "'{}'"),
    };
    let mut exchanged = "to_jsonb(old)::text".to_owned();
    for (old, column) in [room, game, hand].into_iter().zip(IDS) {
        exchanged = format!("replace({exchanged}, '{old}', bench.{column}::text)");
    }
    format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM ( \
             SELECT new.* FROM {table} AS old CROSS JOIN {ROOMS_TABLE} AS bench \
             CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, {exchanged}::jsonb || {unique}) AS new \
             WHERE old.{belongs}) AS copy;"
    )
}

/// Where pgbench is: beside PostgreSQL's own programs, which may be links to where they all are.
fn program() -> anyhow::Result<PathBuf> {
    let programs = testkit::programs().context("PostgreSQL is installed")?;
    let real = programs.join("postgres").canonicalize()?;
    let places = [Some(programs.as_path()), real.parent()];
    let found = places.into_iter().flatten().map(|place| place.join("pgbench")).find(|program| program.is_file());
    found.context("pgbench is installed with PostgreSQL")
}

/// What pgbench says at its end.
#[derive(Debug, PartialEq)]
struct Outcome {
    transactions: u64,
    failed: u64,
    latency_ms: f64,
    a_second: f64,
}

impl Outcome {
    fn parse(said: &str) -> Option<Self> {
        let after = |name: &str| {
            let rest = said.lines().find_map(|line| line.strip_prefix(name))?;
            rest.trim_start_matches([':', '=', ' ']).split([' ', '/']).next()
        };
        Some(Self {
            transactions: after("number of transactions actually processed")?.parse().ok()?,
            failed: after("number of failed transactions")?.parse().ok()?,
            latency_ms: after("latency average")?.parse().ok()?,
            a_second: after("tps")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pgbench_is_understood() {
        let said = "transaction type: action.sql\nnumber of transactions actually processed: 1234\n\
            number of failed transactions: 0 (0.000%)\nlatency average = 7.125 ms\n\
            initial connection time = 20.5 ms\ntps = 1602.25 (without initial connection time)\n";
        let wanted = Outcome { transactions: 1234, failed: 0, latency_ms: 7.125, a_second: 1602.25 };
        assert_eq!(Outcome::parse(said), Some(wanted));
        assert_eq!(Outcome::parse("pgbench: error"), None);
    }
}
