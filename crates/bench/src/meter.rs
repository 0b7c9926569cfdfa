//! What a stretch of play cost: of whom, how much, and for how many actions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use testkit::TestDatabase;

use crate::process::{cpu_of_family, load, own_cpu, resident_bytes};
use crate::rig::{Holdfast, Postgres};
use crate::tally::{Spread, Tally};

/// Whose time is counted.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The server: all its nodes, and the first process of what is between them.
    pub servers: Vec<u32>,
    /// The first process of PostgreSQL.
    pub postgres: u32,
    /// The database's address.
    pub database: String,
}

impl Watched {
    /// One server and its database.
    pub fn of(server: &Holdfast, postgres: &Postgres, database: &TestDatabase) -> Self {
        Self { servers: vec![server.pid], postgres: postgres.pid(), database: database.url.clone() }
    }
}

/// CPU time so far of all who take part, and pages that PostgreSQL has looked at.
#[derive(Clone, Copy, Debug)]
struct Used {
    server: Duration,
    postgres: Duration,
    generator: Duration,
    pages: u64,
}

impl Used {
    async fn now(watched: &Watched) -> anyhow::Result<Self> {
        let counted = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()";
        let counted = TestDatabase { url: watched.database.clone() }.try_sql(counted).await?;
        let pages = counted.into_iter().flatten().flatten().next().context("PostgreSQL counts pages")?.parse()?;
        Ok(Self {
            pages,
            server: watched.servers.iter().map(|server| cpu_of_family(*server)).sum::<anyhow::Result<_>>()?,
            postgres: cpu_of_family(watched.postgres)?,
            generator: own_cpu()?,
        })
    }
}

/// A stretch of play under way.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    watched: Option<Watched>,
    used: Option<Used>,
}

impl Meter {
    /// Begins to measure. Nobody is `watched` where the server is somebody else's.
    ///
    /// # Errors
    ///
    /// - A process has ended; PostgreSQL doesn't answer.
    pub async fn start(watched: Option<Watched>) -> anyhow::Result<Self> {
        let used = match &watched {
            Some(watched) => Some(Used::now(watched).await?),
            None => None,
        };
        Ok(Self { began: Instant::now(), watched, used })
    }

    /// What each of so many things has cost so far.
    ///
    /// # Errors
    ///
    /// - A process has ended; PostgreSQL doesn't answer.
    pub async fn cost_each(&self, count: u64) -> anyhow::Result<Option<Cost>> {
        let (Some(watched), Some(before)) = (&self.watched, self.used) else { return Ok(None) };
        let seconds = self.began.elapsed().as_secs_f64();
        Ok(Some(Cost::of((before, Used::now(watched).await?), count, seconds)))
    }

    /// Ends it: `tally` is what was counted meanwhile.
    ///
    /// # Errors
    ///
    /// - A process has ended; PostgreSQL doesn't answer.
    pub async fn stop(self, tally: &Tally) -> anyhow::Result<Figures> {
        let seconds = self.began.elapsed().as_secs_f64();
        let cost = self.cost_each(tally.actions).await?;
        let memory = |watched: &Watched| -> anyhow::Result<f64> {
            let bytes: u64 = watched.servers.iter().map(|server| resident_bytes(*server)).sum::<anyhow::Result<_>>()?;
            Ok(bytes as f64 / 1_048_576.0)
        };
        let server_rss_mib = self.watched.as_ref().map(memory).transpose()?;
        Ok(Figures {
            seconds,
            actions: tally.actions,
            actions_per_second: tally.actions as f64 / seconds,
            hands: tally.hands,
            reader_events_per_second: tally.events as f64 / seconds,
            answers: tally.answers.spread(),
            readers: tally.readers.spread(),
            errors: tally.errors.clone(),
            cost,
            server_rss_mib,
            load: load(),
        })
    }
}

/// What was found in a stretch of play.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figures {
    /// How long it was.
    pub seconds: f64,
    /// Actions that were acknowledged.
    pub actions: u64,
    /// The same a second.
    pub actions_per_second: f64,
    /// Hands that began.
    pub hands: u64,
    /// Events that readers got a second, all readers together.
    pub reader_events_per_second: f64,
    /// From an action to its answer.
    pub answers: Spread,
    /// From an action to each reader's copy of its event.
    pub readers: Spread,
    /// What went wrong.
    pub errors: BTreeMap<String, u64>,
    /// CPU time; absent for a server that is somebody else's.
    pub cost: Option<Cost>,
    /// Memory of the server at the end.
    pub server_rss_mib: Option<f64>,
    /// The machine's load at the end.
    pub load: f64,
}

/// CPU time, in microseconds an action, and what PostgreSQL looked at.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Cost {
    /// Of the server.
    pub server_micros: f64,
    /// Of PostgreSQL, all of its processes.
    pub postgres_micros: f64,
    /// Of the load generator, which isn't part of the system but takes its time from the same cores.
    pub generator_micros: f64,
    /// How many cores the server and the generator kept busy together, on average: what was not left to PostgreSQL.
    pub cores_beside_postgres: f64,
    /// How many cores all three kept busy.
    pub cores: f64,
    /// Pages that PostgreSQL looked at, each time that it did. What else the machine does makes no difference to it.
    pub postgres_pages: f64,
}

impl Cost {
    fn of((before, after): (Used, Used), actions: u64, seconds: f64) -> Self {
        let spent = |of: fn(&Used) -> Duration| of(&after).saturating_sub(of(&before)).as_secs_f64();
        let (server, postgres, generator) =
            (spent(|used| used.server), spent(|used| used.postgres), spent(|used| used.generator));
        let share = |all: f64| if actions == 0 { 0.0 } else { all / actions as f64 };
        let an_action = |spent: f64| share(spent * 1e6);
        Self {
            server_micros: an_action(server),
            postgres_micros: an_action(postgres),
            generator_micros: an_action(generator),
            cores_beside_postgres: (server + generator) / seconds,
            cores: (server + postgres + generator) / seconds,
            postgres_pages: share(after.pages.saturating_sub(before.pages) as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_an_action_is_its_share_of_what_was_used() {
        let used = |server, postgres, generator, pages| Used {
            pages,
            server: Duration::from_millis(server),
            postgres: Duration::from_millis(postgres),
            generator: Duration::from_millis(generator),
        };
        let cost = Cost::of((used(100, 50, 10, 7), used(1100, 2050, 510, 30_007)), 1000, 5.0);
        assert!((cost.server_micros - 1000.0).abs() < 1e-6 && (cost.postgres_micros - 2000.0).abs() < 1e-6);
        assert!((cost.generator_micros - 500.0).abs() < 1e-6);
        assert!((cost.cores_beside_postgres - 0.3).abs() < 1e-9 && (cost.cores - 0.7).abs() < 1e-9);
        assert!((cost.postgres_pages - 30.0).abs() < 1e-9);
    }
}
