//! The bus between nodes: a NATS that can be killed, a link to it for each node, and somebody who writes down all that is said.

use std::fs::OpenOptions;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures_util::StreamExt;
use testkit::Nats;
use tokio::time::timeout;

use crate::node::Node;
use crate::proxy::Link;

/// A bus that is up, or was.
#[derive(Debug)]
pub struct Bus {
    nats: Nats,
    /// From each node to NATS.
    links: Vec<Arc<Link>>,
    is_up: bool,
}

/// What nodes say of the bus, all of it counted since their start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// What one node has heard.
    heard: f64,
    /// What the others have said.
    said: f64,
    /// What nobody could be told.
    dropped: f64,
}

impl Figures {
    /// Whether, since `earlier`, something was said that nobody heard.
    pub fn show_harm_since(&self, earlier: &Self) -> bool {
        self.dropped > earlier.dropped || self.said > earlier.said && self.heard <= earlier.heard
    }
}

impl Bus {
    /// Starts NATS; `None` where it isn't installed. All that is said on it goes to `tap`, a log like the others: what must
    /// be in no log must not be on the bus.
    ///
    /// # Errors
    ///
    /// - The file can't be written.
    pub fn start(tap: PathBuf) -> anyhow::Result<Option<Self>> {
        let Some(nats) = Nats::start() else { return Ok(None) };
        let file = OpenOptions::new().create(true).append(true).open(&tap);
        let file = file.with_context(|| format!("can't write {}", tap.display()))?;
        tokio::spawn(write_down(nats.port(), nats.credentials(), file));
        Ok(Some(Self { nats, links: Vec::new(), is_up: true }))
    }

    /// A way to it for one more node. Returns its address, with a user and a password.
    ///
    /// # Errors
    ///
    /// - There is no free port.
    pub async fn link(&mut self, node: &str) -> anyhow::Result<String> {
        let nats = SocketAddr::from((Ipv4Addr::LOCALHOST, self.nats.port()));
        let link = Link::open(format!("node {node} to nats"), nats).await?;
        let url = self.nats.url_through(link.address().port());
        self.links.push(Arc::new(link));
        Ok(url)
    }

    /// The nodes' ways to it.
    pub fn links(&self) -> &[Arc<Link>] {
        &self.links
    }

    /// Kills it. One that was down already is started first.
    pub fn kill(&mut self) {
        self.bring_back();
        self.nats.kill();
        self.is_up = false;
    }

    /// Starts it if it is down.
    pub fn bring_back(&mut self) {
        if !self.is_up {
            self.nats.start_again();
            self.is_up = true;
        }
    }
}

/// How long a node may take to say what it has counted: one that is frozen never does.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// What the nodes say of the bus, seen from one of them.
///
/// # Errors
///
/// - A node doesn't say.
pub async fn figures(nodes: &[Node], from: usize) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    for (index, node) in nodes.iter().enumerate() {
        let asked = async { reqwest::get(format!("http://{}/metrics", node.address())).await?.text().await };
        let metrics = timeout(ANSWERS_WITHIN, asked).await.context("a server that doesn't answer")??;
        let figure = |name: &str| -> anyhow::Result<f64> {
            let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.parse().ok()).with_context(|| format!("a server without {name}"))
        };
        if index == from {
            figures.heard = figure("holdfast_bus_messages_received_total")?;
        } else {
            figures.said += figure("holdfast_bus_messages_sent_total")?;
        }
        figures.dropped += figure("holdfast_bus_messages_dropped_total")?;
    }
    Ok(figures)
}

async fn write_down(port: u16, (user, password): (&str, &str), mut file: std::fs::File) -> anyhow::Result<()> {
    let options = async_nats::ConnectOptions::new().user_and_password(user.to_owned(), password.to_owned());
    let client = options.retry_on_initial_connect().connect(format!("127.0.0.1:{port}")).await?;
    let mut all = client.subscribe(">").await?;
    while let Some(message) = all.next().await {
        writeln!(file, "{} {}", message.subject, String::from_utf8_lossy(&message.payload))?;
    }
    Ok(())
}
