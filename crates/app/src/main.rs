//! The binary `holdfast`.

use std::process::ExitCode;

use adapters_pg::ConnectError;
use anyhow::Context;
use app::config::{BadSetting, Command, Config, Demo, unknown_variables};
use app::{audit, check, demo, restored, serve, telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tracing::Level;

#[actix_web::main]
async fn main() -> ExitCode {
    let config = match Config::load() {
        Ok(config) => config,
        Err(code) => return code,
    };
    let format = config.log_format;
    run(config).await.unwrap_or_else(|err| {
        telemetry::say(format, Level::ERROR, &format!("Error: {err:#}"));
        ExitCode::from(exit_code(&err))
    })
}

/// 2 for what another setting would mend, as for arguments that aren't understood; else 1.
fn exit_code(err: &anyhow::Error) -> u8 {
    let setting = err.chain().any(|cause| {
        cause.is::<BadSetting>()
            || matches!(cause.downcast_ref(), Some(ConnectError::Address(_) | ConnectError::OtherKey))
    });
    if setting { 2 } else { 1 }
}

async fn run(config: Config) -> anyhow::Result<ExitCode> {
    telemetry::init(&config.log, config.log_format)?;
    rustls::crypto::ring::default_provider().install_default().expect("nothing else has chosen a provider");
    for (name, meant) in unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())) {
        match meant {
            Some(meant) => tracing::warn!(name, meant, "a variable that is no setting: was another one meant?"),
            None => tracing::warn!(name, "a variable that is no setting; `holdfast --help` names them all"),
        }
    }
    match config.command.clone() {
        Some(Command::Audit(what)) => Ok(audit::run(&config, &what).await),
        Some(Command::Check(how)) => Ok(check::run(&config, how).await),
        Some(Command::Restored) => Ok(restored::run(&config).await),
        Some(Command::Demo(tables)) => serve(config, Some(tables)).await,
        None => serve(config, None).await,
    }
}

async fn serve(config: Config, tables: Option<Demo>) -> anyhow::Result<ExitCode> {
    // Each socket is a file, and the 1024 that a process may open unless it asks for more are few players.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let format = config.log_format;
    let (stop, stopping) = watch::channel(false);
    let mut interrupted = signal(SignalKind::interrupt()).context("signals")?;
    let mut terminated = signal(SignalKind::terminate()).context("signals")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
        telemetry::say(format, Level::INFO, "Holdfast stops.");
        let _ = stop.send(true);
    });
    if tables.is_some() {
        demo::claim(&config)?;
    }
    let demo_stopping = stopping.clone();
    serve::serve(config, stopping, |address| {
        println!("Holdfast is ready: http://{address}");
        if let Some(tables) = tables {
            tokio::spawn(async move {
                // Bots that are in the middle of a request when the server stops are no error.
                if let Err(error) = demo::run(tables, address).await
                    && !*demo_stopping.borrow()
                {
                    tracing::error!(error = %format!("{error:#}"), "the demo ended");
                }
            });
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}
