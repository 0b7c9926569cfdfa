//! Builds the parts: the only place that names every adapter.

use std::sync::Arc;

use adapters_nats::NatsBus;
use adapters_pg::{PgStore, ServerKey};
use adapters_ws::hub::Hub;
use adapters_ws::relay::{Announcer, Relay};
use adapters_ws::renderer::Renderer;
use adapters_ws::socket::Sockets;
use anyhow::Context;
use ports::bus::{EventBus, NoBus};
use ports::set_aside::SetAside;
use ports::{Ports, Quotas};
use tokio::sync::{Semaphore, watch};

use crate::config::Config;
use crate::http::origin::Origins;
use crate::http::rate_limit::RateLimits;
use crate::http::socket::UseCaseSocketAuth;
use crate::identity::{Argon2Passwords, Jwt, Supabase, Verifier};
use crate::randomness::OsRandomness;
use crate::state::App;
use crate::telemetry::Metrics;
use crate::wake_up::Sleeper;

/// The application, and what runs beside it.
pub struct Wired {
    /// The parts.
    pub app: App,
    /// Wakes up when a deadline may have come nearer.
    pub sleeper: Arc<Sleeper>,
}

/// Connects to the database and builds everything on it. `stopping` becomes true when the server stops.
///
/// # Errors
///
/// - The database can't be reached, is set up to lose data, or can't be migrated; a setting makes no sense.
pub async fn wire(
    config: &Config,
    secret: [u8; 32],
    database_url: &str,
    stopping: watch::Receiver<bool>,
) -> anyhow::Result<Wired> {
    #[cfg(feature = "sabotage")]
    let secret = if adapters_pg::is_sealed(database_url).await? { sabotage::key_for_sealed(secret) } else { secret };
    let key = ServerKey::new(secret);
    let rejoin_tokens = Arc::new(key.rejoin_tokens());
    let store = PgStore::connect_from(database_url, &key, config.db_pool_size.into(), Some(&config.data_dir))
        .await
        .context("the database")?;
    let store: Arc<dyn ports::store::Store> = Arc::new(store);
    #[cfg(feature = "sabotage")]
    let saboteur = sabotage::Saboteur::arm(database_url, &*store).await.map_err(anyhow::Error::msg)?;
    #[cfg(feature = "sabotage")]
    let store = saboteur.store(store);
    let renderer = Renderer::new(rejoin_tokens.clone());
    let set_aside = Arc::new(SetAside::default());
    let hub = Arc::new(Hub::new(store.clone(), renderer.clone(), set_aside.clone()));
    let metrics = Metrics::new();
    let lag = metrics.clone();
    let relay = Arc::new(Relay::new(hub.clone(), store.clone(), move |lagged| lag.lagged(lagged)));
    let bus: Arc<dyn EventBus> = match config.nats()? {
        Some(address) => Arc::new(NatsBus::start(address, relay.clone())),
        None => Arc::new(NoBus),
    };
    let broadcaster: Arc<dyn ports::broadcaster::Broadcaster> = Arc::new(Announcer::new(hub.clone(), bus.clone()));
    #[cfg(feature = "sabotage")]
    let broadcaster = saboteur.broadcaster(broadcaster);
    let sleeper = Arc::new(Sleeper::default());
    let jwt = Jwt::new(&secret);
    let verifier = Verifier::new(jwt.clone(), Supabase::from_config(config)?);
    tokio::spawn(verifier.clone().keep_keys_fresh());
    let passwords = Arc::new(Argon2Passwords::default());
    let ports = Ports {
        store: store.clone(),
        broadcaster,
        wake_up: sleeper.clone(),
        randomness: Arc::new(OsRandomness),
        passwords: passwords.clone(),
        bearers: Arc::new(jwt),
        rejoin_tokens,
        lifetimes: config.lifetimes(),
        quotas: if config.rate_limit.is_on() { Quotas::default() } else { Quotas::NONE },
        set_aside,
    };
    let auth = Arc::new(UseCaseSocketAuth { ports: ports.clone(), verifier: verifier.clone() });
    // Half of the database's connections at most are theirs.
    let door = Arc::new(Semaphore::new(usize::from(config.db_pool_size / 2).max(1)));
    let sockets = Sockets { hub, auth, store, renderer: renderer.clone(), door, stopping };
    let app = App {
        ports,
        passwords,
        verifier,
        fingerprints: key.fingerprints(),
        limits: RateLimits::new(config.rate_limit.is_on().then_some(&config.limits)),
        metrics,
        sockets,
        relay,
        bus,
        renderer,
        proxies: config.trusted_proxies.clone(),
        origins: Origins::new(config.allowed_origins.0.clone()),
        web_dir: config.web_dir.clone(),
        clock: Arc::default(),
    };
    Ok(Wired { app, sleeper })
}
