//! The server against PostgreSQL alone, in turn, on one machine and in one go.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::burn::Burner;
use crate::capture::capture;
use crate::ceiling::{Ceiling, Ground};
use crate::meter::Figures;
use crate::rig::Postgres;
use crate::run::{Site, once};
use crate::setup::Plan;
use crate::tally::{median, range};

/// What was found.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Ratio {
    /// The server, each time.
    pub runs: Vec<Figures>,
    /// PostgreSQL alone with the whole machine, each time.
    pub ceilings: Vec<Ceiling>,
    /// PostgreSQL alone with as much CPU as the server and the load generator left to it, each time.
    pub equal_ceilings: Vec<Ceiling>,
    /// The server's actions a second by PostgreSQL's: the medians'.
    pub of_throughput: f64,
    /// The lowest and the highest ratio of one run to the ceiling after it.
    pub of_throughput_range: (f64, f64),
    /// The same with equal CPU left to PostgreSQL.
    pub of_throughput_at_equal_cpu: f64,
    /// CPU time of an action in PostgreSQL alone, by that of the server and PostgreSQL together: the medians'.
    pub of_cpu: f64,
}

/// Measures server and ceiling in turn, `times` times.
///
/// # Errors
///
/// - Something can't be measured.
pub async fn ratio(
    site: &Site,
    postgres: &Postgres,
    plan: &Plan,
    lasts: Duration,
    times: u32,
) -> anyhow::Result<Ratio> {
    let captured = capture(&site.server, postgres, plan.players, &site.out).await?;
    let (mut runs, mut ceilings, mut equal_ceilings) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times {
        let run = once(site, postgres, plan, None, lasts).await?;
        let ground = Ground::lay(postgres, &captured, plan.rooms).await?;
        let ceiling = ground.measure(postgres, &site.out, lasts, None).await?;
        let burner = Burner::light(to_burn(&run, &ceiling)).await?;
        let equal = ground.measure(postgres, &site.out, lasts, Some(&burner)).await?;
        eprintln!(
            "{:.0} actions/s, PostgreSQL alone {:.0}, with equal CPU {:.0}",
            run.actions_per_second, ceiling.transactions_per_second, equal.transactions_per_second
        );
        runs.push(run);
        ceilings.push(ceiling);
        equal_ceilings.push(equal);
    }
    Ok(Ratio::of(runs, ceilings, equal_ceilings))
}

/// How many cores have to be taken from PostgreSQL so that it has what the server left to it: pgbench takes some itself.
fn to_burn(run: &Figures, ceiling: &Ceiling) -> f64 {
    let taken = run.cost.map_or(0.0, |cost| cost.cores_beside_postgres);
    (taken - run.actions_per_second * ceiling.pgbench_micros / 1e6).max(0.0)
}

impl Ratio {
    fn of(runs: Vec<Figures>, ceilings: Vec<Ceiling>, equal_ceilings: Vec<Ceiling>) -> Self {
        let middle = |numbers: Vec<f64>| median(&numbers).unwrap_or(f64::NAN);
        let server = middle(runs.iter().map(|run| run.actions_per_second).collect());
        let alone = |ceilings: &[Ceiling]| middle(ceilings.iter().map(|each| each.transactions_per_second).collect());
        let together =
            runs.iter().filter_map(|run| run.cost).map(|cost| cost.server_micros + cost.postgres_micros).collect();
        let of_each =
            runs.iter().zip(&ceilings).map(|(run, ceiling)| run.actions_per_second / ceiling.transactions_per_second);
        Self {
            of_throughput: server / alone(&ceilings),
            of_throughput_range: range(&of_each.collect::<Vec<_>>()).unwrap_or((f64::NAN, f64::NAN)),
            of_throughput_at_equal_cpu: server / alone(&equal_ceilings),
            of_cpu: middle(ceilings.iter().map(|each| each.postgres_micros).collect()) / middle(together),
            runs,
            ceilings,
            equal_ceilings,
        }
    }
}
