//! The binary `holdfast`.

use std::process::ExitCode;

use anyhow::Context;
use app::config::{Command, Config, Demo};
use app::{audit, demo, serve, telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

#[actix_web::main]
async fn main() -> anyhow::Result<ExitCode> {
    let config = Config::load();
    telemetry::init(&config.log, config.log_format)?;
    rustls::crypto::ring::default_provider().install_default().expect("nothing else has chosen a provider");
    match config.command.clone() {
        Some(Command::Audit(what)) => Ok(audit::run(&config, &what).await),
        Some(Command::Demo(tables)) => serve(config, Some(tables)).await,
        None => serve(config, None).await,
    }
}

async fn serve(config: Config, tables: Option<Demo>) -> anyhow::Result<ExitCode> {
    // Each socket is a file, and the 1024 that a process may open unless it asks for more are few players.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let (stop, stopping) = watch::channel(false);
    let mut interrupted = signal(SignalKind::interrupt()).context("signals")?;
    let mut terminated = signal(SignalKind::terminate()).context("signals")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        eprintln!("Holdfast stops.");
        let _ = stop.send(true);
    });
    serve::serve(config, stopping, |address| {
        println!("Holdfast is ready: http://{address}");
        if let Some(tables) = tables {
            tokio::spawn(async move {
                if let Err(error) = demo::run(tables, address).await {
                    tracing::error!(error = %format!("{error:#}"), "the demo ended");
                }
            });
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
