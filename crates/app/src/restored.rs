//! The operator says that the database was restored from a backup.

use std::process::ExitCode;

use anyhow::Context;
use private_postgres::Visit;
use tracing::Level;

use crate::config::Config;
use crate::telemetry;

/// It could not be done.
const NOT_DONE: u8 = 2;

/// Gives all rooms of the database that `config` names new epochs, and prints what was done.
pub async fn run(config: &Config) -> ExitCode {
    match restored(config).await {
        Ok(rooms) => {
            println!(
                "{rooms} rooms have a new epoch: whoever comes back is told to read the room anew. Servers that run on this \
                 database notice within seconds."
            );
            ExitCode::SUCCESS
        }
        Err(err) => {
            telemetry::say(config.log_format, Level::ERROR, &format!("Nothing was changed: {err:#}"));
            ExitCode::from(NOT_DONE)
        }
    }
}

async fn restored(config: &Config) -> anyhow::Result<usize> {
    if let Some(url) = &config.database_url {
        return adapters_pg::restored(url.expose()).await.context("the database");
    }
    let visit = Visit::begin(&config.data_dir).await.context("the private database")?;
    let done = adapters_pg::restored(visit.database_url()).await;
    visit.end().await.context("the private database")?;
    done.context("the private database")
}
