//! What operators see: logs and metrics.

use std::io::IsTerminal as _;
use std::time::Duration;

use adapters_ws::hub::HubFigures;
use anyhow::{Context as _, anyhow};
use ports::bus::BusFigures;
use ports::set_aside::SetAsideFigures;
use ports::store::StoreFigures;
use prometheus::core::Collector;
use prometheus::{
    Counter, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};
use serde_json::json;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::config::LogFormat;
use crate::rounds::Rounds;

/// Sends log lines that `filter` lets through to standard error. Once a process.
///
/// # Errors
///
/// - A filter that isn't understood.
/// - Logging was set up already.
pub fn init(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let tells_garbage = ["debug", "trace", "actix_http"].iter().any(|word| filter.contains(word));
    let filter = EnvFilter::builder().parse(filter).with_context(|| format!("the log filter {filter:?}"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => {
            let lines = lines.with_ansi(std::io::stderr().is_terminal());
            registry.with(lines.with_filter(filter_fn(move |line| is_fit_for_logs(line, tells_garbage)))).try_init()
        }
        LogFormat::Json => {
            log_panics();
            registry
                .with(
                    lines
                        .json()
                        .flatten_event(true)
                        .with_filter(filter_fn(move |line| is_fit_for_logs(line, tells_garbage))),
                )
                .try_init()
        }
    }
    .map_err(|err| anyhow!(err).context("logging can't be set up"))
}

/// Says something on standard error whatever the filter lets through: why the process ends, and that it does.
pub fn say(format: LogFormat, level: Level, text: &str) {
    match format {
        LogFormat::Text => eprintln!("{text}"),
        LogFormat::Json => {
            let mut timestamp = String::new();
            let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
            let (level, target) = (level.as_str(), "holdfast");
            eprintln!("{}", json!({ "timestamp": timestamp, "level": level, "message": text, "target": target }));
        }
    }
}

/// A panic is one log line, as everything else is.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("of another kind");
        tracing::error!(location, message, "a panic");
    }));
}

/// Whatever a filter asks for: the finer lines of those who carry values for us hold the values.
///
/// What strangers send that isn't HTTP is an error to the library that reads it, and nothing to us unless it is looked for.
fn is_fit_for_logs(line: &Metadata<'_>, tells_garbage: bool) -> bool {
    let carriers = ["tokio_postgres", "async_nats", "reqwest", "hyper", "h2", "rustls", "actix_http"];
    let part = line.target().split("::").next().unwrap_or_default();
    let is_told = part != "actix_http" || tells_garbage;
    is_told && (!carriers.contains(&part) || *line.level() <= Level::WARN)
}

/// The server's figures. Cheap to clone; clones count together.
///
/// Labels only take values that the source text lists, never what a client sends.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    refusals: IntCounterVec,
    actions: IntCounter,
    sockets_open: IntGauge,
    rooms_live: IntGauge,
    socket_queue: IntGauge,
    sockets_cut: IntCounter,
    events_delivered: IntCounter,
    password_queue: IntGauge,
    keys_age: GaugeVec,
    database_connections: IntGauge,
    database_idle: IntGauge,
    database_waiting: IntGauge,
    database_waited: Counter,
    confirmed: IntCounter,
    unconfirmed: IntCounter,
    bus_connected: IntGauge,
    bus_sent: IntCounter,
    bus_received: IntCounter,
    bus_dropped: IntCounter,
    lag: Histogram,
    rooms_set_aside: IntGauge,
    set_aside: IntCounterVec,
    clock_look_age: Gauge,
    clock_pulse_age: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero, in a registry of their own.
    pub fn new() -> Self {
        let registry = Registry::new();
        let seconds = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
        let lags = vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.2, 2.5, 5.0];
        let lag = HistogramOpts::new(
            "holdfast_other_nodes_lag_seconds",
            "Age of an event of another node when listeners here had been told, by the database's clock; a sample a second.",
        );
        let durations = HistogramOpts::new("holdfast_http_request_duration_seconds", "Time taken to answer a request.");
        Self {
            requests: add(
                &registry,
                IntCounterVec::new(
                    Opts::new("holdfast_http_requests_total", "Requests answered."),
                    &["method", "route", "status"],
                ),
            ),
            durations: add(&registry, HistogramVec::new(durations.buckets(seconds), &["method", "route"])),
            refusals: add(
                &registry,
                IntCounterVec::new(Opts::new("holdfast_refusals_total", "Requests refused, by error code."), &["code"]),
            ),
            actions: counter(&registry, "holdfast_actions_total", "Actions at the table that were committed."),
            sockets_open: gauge(&registry, "holdfast_sockets_open", "Sockets that listen to a room."),
            rooms_live: gauge(&registry, "holdfast_rooms_live", "Rooms that a socket listens to."),
            socket_queue: gauge(&registry, "holdfast_socket_queue", "Events that wait for the slowest socket."),
            sockets_cut: counter(&registry, "holdfast_sockets_cut_total", "Sockets cut because they fell behind."),
            events_delivered: counter(&registry, "holdfast_events_delivered_total", "Events passed on to sockets."),
            password_queue: gauge(&registry, "holdfast_password_queue", "Passwords that wait to be hashed."),
            keys_age: add(
                &registry,
                GaugeVec::new(
                    Opts::new(
                        "holdfast_jwks_age_seconds",
                        "Time since the JWKS was fetched, or since the start if it never was.",
                    ),
                    &[],
                ),
            ),
            database_connections: gauge(&registry, "holdfast_database_connections", "Connections to the database."),
            database_idle: gauge(&registry, "holdfast_database_idle", "Connections to the database that nobody uses."),
            database_waiting: gauge(&registry, "holdfast_database_waiting", "Who waits for a connection."),
            database_waited: add(
                &registry,
                Counter::new("holdfast_database_waited_seconds_total", "Time waited for connections."),
            ),
            confirmed: counter(
                &registry,
                "holdfast_actions_confirmed_total",
                "Actions decided on a remembered room that the database confirmed.",
            ),
            unconfirmed: counter(
                &registry,
                "holdfast_actions_unconfirmed_total",
                "Actions that it didn't confirm, which were decided again.",
            ),
            bus_connected: gauge(&registry, "holdfast_bus_connected", "Whether NATS is connected; 0 without NATS too."),
            bus_sent: counter(&registry, "holdfast_bus_messages_sent_total", "Announcements handed to NATS."),
            bus_received: counter(&registry, "holdfast_bus_messages_received_total", "Announcements of other nodes."),
            bus_dropped: counter(
                &registry,
                "holdfast_bus_messages_dropped_total",
                "Announcements dropped because NATS was away or too slow.",
            ),
            lag: add(&registry, Histogram::with_opts(lag.buckets(lags))),
            rooms_set_aside: gauge(
                &registry,
                "holdfast_rooms_set_aside",
                "Rooms that can't be served now and are tried again: the log says why.",
            ),
            set_aside: add(
                &registry,
                IntCounterVec::new(
                    Opts::new("holdfast_set_aside_total", "Times that a room could not be served, by place."),
                    &["place"],
                ),
            ),
            clock_look_age: add(
                &registry,
                Gauge::new(
                    "holdfast_clock_look_age_seconds",
                    "Time since all rooms were looked through for deadlines.",
                ),
            ),
            clock_pulse_age: add(
                &registry,
                Gauge::new("holdfast_clock_pulse_age_seconds", "Time since this node noted that it serves."),
            ),
            registry,
        }
    }

    /// A request was answered. `route` is the pattern that matched, `None` if none did.
    pub fn request(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        let route = route.unwrap_or("none");
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    /// A request was refused with one of the contract's error codes.
    pub fn refused(&self, code: &'static str) {
        self.refusals.with_label_values(&[code]).inc();
    }

    /// An action at the table was committed.
    pub fn action_committed(&self) {
        self.actions.inc();
    }

    /// What the sockets are at.
    pub fn hub(&self, figures: &HubFigures) {
        set(&self.sockets_open, figures.listeners);
        set(&self.rooms_live, figures.rooms);
        set(&self.socket_queue, figures.longest_queue);
        raise(&self.sockets_cut, figures.cut);
        raise(&self.events_delivered, figures.delivered);
    }

    /// What the database's connections are at.
    pub fn store(&self, figures: &StoreFigures) {
        set(&self.database_connections, figures.connections);
        set(&self.database_idle, figures.idle);
        set(&self.database_waiting, figures.waiting);
        self.database_waited.inc_by((figures.waited.as_secs_f64() - self.database_waited.get()).max(0.0));
        raise(&self.confirmed, figures.confirmed);
        raise(&self.unconfirmed, figures.unconfirmed);
    }

    /// Passwords that wait to be hashed now.
    pub fn password_queue(&self, waiting: usize) {
        set(&self.password_queue, waiting);
    }

    /// How old the issuer's keys are, if there are some to fetch.
    pub fn keys_age(&self, age: Option<Duration>) {
        if let Some(age) = age {
            self.keys_age.with_label_values::<&str>(&[]).set(age.as_secs_f64());
        }
    }

    /// What the bus between nodes has done since the start.
    pub fn bus(&self, figures: BusFigures) {
        self.bus_connected.set(figures.connected.into());
        raise(&self.bus_sent, figures.sent);
        raise(&self.bus_received, figures.received);
        raise(&self.bus_dropped, figures.dropped);
    }

    /// An event of another node was so old when listeners here had been told of it.
    pub fn lagged(&self, lag: Duration) {
        self.lag.observe(lag.as_secs_f64());
    }

    /// When the clock last came round.
    pub fn clock(&self, rounds: &Rounds) {
        self.clock_look_age.set(rounds.look_age().as_secs_f64());
        self.clock_pulse_age.set(rounds.pulse_age().as_secs_f64());
    }

    /// Rooms that could not be served.
    pub fn set_aside(&self, figures: &SetAsideFigures) {
        set(&self.rooms_set_aside, figures.rooms);
        for (place, failures) in figures.failures {
            raise(&self.set_aside.with_label_values(&[place.name()]), failures);
        }
    }

    /// All figures in the text format of Prometheus (0.0.4).
    pub fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|err| {
            tracing::error!(error = %err, "the metrics can't be written");
            String::new()
        })
    }
}

fn set(gauge: &IntGauge, count: usize) {
    gauge.set(count.try_into().unwrap_or(i64::MAX));
}

/// Brings a counter up to what was counted elsewhere.
fn raise(counter: &IntCounter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}

fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    add(registry, IntCounter::new(name, help))
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    add(registry, IntGauge::new(name, help))
}

fn add<T: Collector + Clone + 'static>(registry: &Registry, metric: prometheus::Result<T>) -> T {
    let metric = metric.expect("the name and the labels are well formed");
    registry.register(Box::new(metric.clone())).expect("no other has this name");
    metric
}

#[cfg(test)]
mod tests {
    use ports::set_aside::Place;

    use super::*;

    #[test]
    fn every_figure_is_rendered() {
        let metrics = Metrics::new();
        metrics.request("GET", Some("/api/rooms/{roomId}"), 200, Duration::from_millis(3));
        metrics.refused("SEAT_TAKEN");
        metrics.action_committed();
        metrics.hub(&HubFigures { rooms: 2, listeners: 3, longest_queue: 7, cut: 1, delivered: 40 });
        metrics.store(&StoreFigures {
            connections: 16,
            idle: 9,
            waiting: 5,
            waited: Duration::from_millis(1500),
            confirmed: 30,
            unconfirmed: 6,
        });
        metrics.password_queue(4);
        metrics.bus(BusFigures { connected: true, sent: 5, received: 6, dropped: 7 });
        metrics.lagged(Duration::from_millis(30));
        metrics.set_aside(&SetAsideFigures { rooms: 3, failures: Place::ALL.map(|place| (place, 8)) });
        metrics.clock(&Rounds::default());
        let text = metrics.render();
        for line in [
            r#"holdfast_http_requests_total{method="GET",route="/api/rooms/{roomId}",status="200"} 1"#,
            r#"holdfast_http_request_duration_seconds_bucket{method="GET",route="/api/rooms/{roomId}",le="0.005"} 1"#,
            r#"holdfast_refusals_total{code="SEAT_TAKEN"} 1"#,
            "holdfast_actions_total 1",
            "holdfast_sockets_open 3",
            "holdfast_sockets_cut_total 1",
            "holdfast_events_delivered_total 40",
            "holdfast_password_queue 4",
            "holdfast_rooms_live 2",
            "holdfast_socket_queue 7",
            "holdfast_database_connections 16",
            "holdfast_database_idle 9",
            "holdfast_database_waiting 5",
            "holdfast_database_waited_seconds_total 1.5",
            "holdfast_actions_confirmed_total 30",
            "holdfast_actions_unconfirmed_total 6",
            "holdfast_bus_connected 1",
            "holdfast_bus_messages_sent_total 5",
            "holdfast_bus_messages_received_total 6",
            "holdfast_bus_messages_dropped_total 7",
            "holdfast_rooms_set_aside 3",
            r#"holdfast_set_aside_total{place="clock"} 8"#,
            r#"holdfast_set_aside_total{place="delivery"} 8"#,
            r#"holdfast_other_nodes_lag_seconds_bucket{le="0.05"} 1"#,
        ] {
            assert!(text.lines().any(|rendered| rendered == line), "{line} is missing in:\n{text}");
        }
        for name in ["holdfast_clock_look_age_seconds", "holdfast_clock_pulse_age_seconds"] {
            assert!(text.contains(&format!("\n{name} ")), "{name} is missing in:\n{text}");
        }
    }

    /// The dashboard in `docs/` asks for figures by their names.
    #[test]
    fn the_dashboard_asks_for_figures_that_there_are() {
        let metrics = Metrics::new();
        metrics.request("POST", Some("/api/games/{gameId}/actions"), 200, Duration::ZERO);
        metrics.refused("NOT_YOUR_TURN");
        let rendered = metrics.render();
        let dashboard = include_str!("../../../docs/grafana.json");
        let mut asked = 0;
        for (at, _) in dashboard.match_indices("holdfast_") {
            let rest = &dashboard[at..];
            let name = &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())];
            assert!(rendered.contains(&format!("\n{name}")), "there is no {name}");
            asked += 1;
        }
        assert!(asked >= 20, "{asked}");
    }

    #[test]
    fn made_up_methods_and_paths_share_a_line() {
        let metrics = Metrics::new();
        for number in 0..50 {
            metrics.request(&format!("M{number}"), None, 404, Duration::ZERO);
        }
        assert!(metrics.render().contains(r#"{method="other",route="none",status="404"} 50"#));
    }

    #[test]
    fn what_is_counted_elsewhere_never_goes_back() {
        let metrics = Metrics::new();
        for (cut, delivered) in [(5, 9), (5, 7), (6, 10)] {
            metrics.hub(&HubFigures { cut, delivered, ..HubFigures::default() });
        }
        let text = metrics.render();
        assert!(
            text.contains("holdfast_sockets_cut_total 6\n") && text.contains("holdfast_events_delivered_total 10\n")
        );
    }
}
