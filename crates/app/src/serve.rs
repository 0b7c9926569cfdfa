//! Starts everything in order, and stops it in the opposite order.

use std::any::Any;
use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer, web};
use anyhow::{Context, anyhow};
use private_postgres::PrivateServer;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

use crate::config::{BadSetting, Config};
use crate::state::App;
use crate::wiring::{Wired, wire};
use crate::{http, timers};

/// How long open requests may take to end when the server stops, in seconds.
const GOODBYE_SECS: u64 = 5;
/// Requests headers must be read within this.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);

/// What the system keeps for a client that doesn't read, in bytes; it takes twice as much. Left alone that is megabytes.
const SEND_BUFFER: usize = 128 * 1024;
/// A client that takes nothing of what it was sent for so long is gone, or never meant to read.
const TAKES_WITHIN: Duration = Duration::from_secs(20);

/// Serves until `stop` becomes true, or something breaks. Calls `ready` with the address once requests are taken.
///
/// # Errors
///
/// - The address is taken, the database can't be reached or is set up to lose data, a setting makes no sense.
pub async fn serve(
    config: Config,
    mut stop: watch::Receiver<bool>,
    ready: impl FnOnce(SocketAddr),
) -> anyhow::Result<()> {
    // What is wrong most often comes first: nothing has been started or made yet.
    config.check()?;
    let listener = TcpListener::bind(config.bind).with_context(|| format!("can't listen on {}", config.bind))?;
    let address = listener.local_addr()?;
    let metrics = config
        .metrics_bind
        .map(|bind| TcpListener::bind(bind).with_context(|| format!("can't listen on {bind} (HOLDFAST_METRICS_BIND)")));
    let listeners = Listeners { public: listener, metrics: metrics.transpose()? };
    let key = key(&config).await?;
    let database = database(&config).await?;
    let url = match (&config.database_url, &database) {
        (Some(url), _) => url.expose().to_owned(),
        (None, Some(database)) => database.database_url(),
        (None, None) => unreachable!("without a URL there is a private database"),
    };
    let outcome = tokio::select! {
        outcome = run(&config, key, &url, listeners, stop.clone(), || ready(address)) => outcome,
        () = watch_over(database.as_ref()) => unreachable!("the watch never ends"),
    };
    let _ = stop.borrow_and_update();
    if let Some(database) = database {
        database.stop().await.context("the private database could not be stopped")?;
    }
    outcome
}

/// Where the server listens.
struct Listeners {
    public: TcpListener,
    /// For figures alone, where they aren't public.
    metrics: Option<TcpListener>,
}

/// The server's key. A new one is made only where nothing can have been sealed with another.
async fn key(config: &Config) -> anyhow::Result<[u8; 32]> {
    if let Some(key) = config.known_server_key()? {
        return Ok(key);
    }
    let file = config.key_file();
    let lost = |place: &dyn std::fmt::Display, instead: &str| {
        BadSetting(anyhow!(
            "{place} was made with a key that isn't here, and with a new one its hands and tokens can't be read: put that key \
             back ({}), or give it as HOLDFAST_SECRET_KEY, or {instead} to begin anew",
            file.display()
        ))
    };
    match &config.database_url {
        None => {
            if let Some(cluster) = PrivateServer::made_in(&config.data_dir).context("the private database")? {
                return Err(lost(&format_args!("the database in {}", cluster.display()), "move it away").into());
            }
        }
        Some(url) => {
            if adapters_pg::is_sealed(url.expose()).await.context("the database")? {
                return Err(lost(&"the database", "use another one").into());
            }
        }
    }
    config.server_key()
}

async fn database(config: &Config) -> anyhow::Result<Option<PrivateServer>> {
    if config.database_url.is_some() {
        return Ok(None);
    }
    let server = PrivateServer::start(Path::new(&config.data_dir)).await.context("the private database")?;
    Ok(Some(server))
}

async fn watch_over(database: Option<&PrivateServer>) {
    match database {
        Some(database) => database.watch().await,
        None => std::future::pending().await,
    }
}

async fn run(
    config: &Config,
    key: [u8; 32],
    database_url: &str,
    listeners: Listeners,
    mut stop: watch::Receiver<bool>,
    ready: impl FnOnce(),
) -> anyhow::Result<()> {
    let Wired { app, sleeper } = wire(config, key, database_url, stop.clone()).await?;
    let origins = app.origins.clone();
    let app = web::Data::new(app);
    let api = web::Data::new(http::openapi::json());
    let socket_api = web::Data::new(http::openapi::asyncapi::json());
    // Dropped when the clock ends, however it does.
    let (clock_runs, clock_ended) = oneshot::channel::<Infallible>();
    let kept = app.clone();
    let clock = timers::run(app.clone(), sleeper, config.pace(), stop.clone());
    let clock = tokio::spawn(async move {
        let _clock_runs = clock_runs;
        clock.await;
    });

    let metrics = match listeners.metrics {
        Some(listener) => Some(serve_metrics(app.clone(), listener)?),
        None => None,
    };
    let metrics_elsewhere = metrics.is_some();

    let mut server = HttpServer::new(move || {
        Actix::new()
            .app_data(app.clone())
            .app_data(api.clone())
            .app_data(socket_api.clone())
            .wrap(from_fn(http::observe))
            .wrap(cors(&origins))
            .wrap(http::headers())
            .wrap(from_fn(http::framing::frame))
            .configure(|config| http::routes(config, metrics_elsewhere))
    })
    .keep_alive(Duration::from_secs(config.keep_alive_secs.into()))
    .on_connect(|connection, _| bound(connection))
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(GOODBYE_SECS)
    .disable_signals();
    if let Some(workers) = config.workers {
        server = server.workers(workers.into());
    }
    let server = server.listen(listeners.public)?.run();
    let handle = server.handle();
    ready();
    tokio::select! {
        ended = server => ended.context("the HTTP server")?,
        _ = async {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                _ = clock_ended => {}
            }
            handle.stop(true).await;
        } => {}
    }
    if let Some(metrics) = metrics {
        metrics.stop(false).await;
    }
    clock.await.context("the clock")?;
    // How far the log has come is kept for the next start: files that are put back meanwhile are noticed by it.
    if let Err(error) = kept.ports.store.renewals().await {
        tracing::debug!(%error, "the log's position could not be asked for at the end");
    }
    anyhow::ensure!(*stop.borrow(), "the clock has ended: nobody's time would run out, and no hand would be dealt");
    Ok(())
}

/// Serves figures on a listener of their own, until it is stopped.
fn serve_metrics(app: web::Data<App>, listener: TcpListener) -> anyhow::Result<ServerHandle> {
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(app.clone())
            .wrap(from_fn(http::observe))
            .wrap(http::headers())
            .configure(http::metrics_routes)
    });
    let server = server.workers(1).client_request_timeout(HEADERS_WITHIN).disable_signals().listen(listener)?.run();
    let handle = server.handle();
    tokio::spawn(server);
    tracing::info!(%address, "/metrics is served here");
    Ok(handle)
}

/// Sees to it that a client that doesn't read costs little, and not for long: when the server hangs up, the connection
/// would otherwise live on until the client has read the farewell.
fn bound(connection: &dyn Any) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let socket = SockRef::from(stream);
    let outcome =
        socket.set_send_buffer_size(SEND_BUFFER).and_then(|()| socket.set_tcp_user_timeout(Some(TAKES_WITHIN)));
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection's limits could not be set");
    }
}

fn cors(origins: &http::origin::Origins) -> Cors {
    let allow = |cors: Cors, origin: &String| cors.allowed_origin(origin);
    origins
        .others()
        .iter()
        .fold(Cors::default(), allow)
        .allow_any_method()
        .allow_any_header()
        .expose_headers(http::framing::EXPOSED)
        .supports_credentials()
        .max_age(600)
}
