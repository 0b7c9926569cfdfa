//! The application's parts.

use std::path::PathBuf;
use std::sync::Arc;

use adapters_pg::Fingerprints;
use adapters_ws::relay::Relay;
use adapters_ws::renderer::Renderer;
use adapters_ws::socket::Sockets;
use domain::ids::{RoomId, UserId};
use domain::room::Room;
use domain::view::event::{EventView, Own};
use ports::Ports;
use ports::bus::EventBus;
use serde_json::value::RawValue;

use crate::http::origin::Origins;
use crate::http::proxy::Proxies;
use crate::http::rate_limit::RateLimits;
use crate::identity::{Argon2Passwords, Verifier};
use crate::rounds::Rounds;
use crate::telemetry::Metrics;

/// The application's parts, shared by all workers.
pub struct App {
    /// The edge.
    pub ports: Ports,
    /// Whose queue is counted.
    pub passwords: Arc<Argon2Passwords>,
    /// Who checks bearer tokens.
    pub verifier: Verifier,
    /// Who recognises repeated commands.
    pub fingerprints: Fingerprints,
    /// How much of everything.
    pub limits: RateLimits,
    /// What is counted.
    pub metrics: Metrics,
    /// What sockets share.
    pub sockets: Sockets,
    /// Who brings them other nodes' events.
    pub relay: Arc<Relay>,
    /// How other nodes are told.
    pub bus: Arc<dyn EventBus>,
    /// How events are written.
    pub renderer: Renderer,
    /// Whose word about a client's address counts.
    pub proxies: Proxies,
    /// Which pages may speak to us.
    pub origins: Origins,
    /// Where the client is served from, in development.
    pub web_dir: Option<PathBuf>,
    /// How the clock does.
    pub clock: Arc<Rounds>,
}

/// Events as one reader sees them.
pub struct RawEvents {
    /// As JSON.
    pub events: Vec<Box<RawValue>>,
    /// Whether there are cards in them that others may not see.
    pub hidden: bool,
}

impl App {
    /// A member's own token, as text.
    pub fn token_text(&self, room: &Room, user: UserId) -> Option<String> {
        usecases::membership::token_of(room, user).map(|id| self.ports.rejoin_tokens.text(id))
    }

    /// Events as JSON: the same bytes as on a socket.
    pub fn raw_events<'a>(&self, room: RoomId, events: impl Iterator<Item = EventView<'a>>) -> RawEvents {
        let mut raw = RawEvents { events: Vec::new(), hidden: false };
        for view in events {
            raw.hidden |= matches!(view.own, Some(Own::Cards(_)));
            raw.events.push(RawValue::from_string(self.renderer.text(room, &view)).expect("events are valid JSON"));
        }
        raw
    }
}
