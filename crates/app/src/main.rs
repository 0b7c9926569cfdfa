//! The binary `holdfast`.

use anyhow::Context;
use app::config::{Command, Config};
use app::{demo, serve, telemetry};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::load();
    config.check()?;
    telemetry::init(&config.log, config.log_format)?;
    rustls::crypto::ring::default_provider().install_default().expect("nothing else has chosen a provider");
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
    let command = config.command.clone();
    serve::serve(config, stopping, |address| {
        println!("Holdfast is ready: http://{address}");
        if let Some(Command::Demo(tables)) = command {
            tokio::spawn(async move {
                if let Err(error) = demo::run(tables, address).await {
                    tracing::error!(error = %format!("{error:#}"), "the demo ended");
                }
            });
        }
    })
    .await
}
