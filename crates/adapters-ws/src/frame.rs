//! The whole protocol beside the events, in two enums.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a client may say. Unknown fields are ignored, unknown types are an error.
#[derive(Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ClientFrame {
    /// First of all, within 10 s.
    Authenticate {
        /// Which room.
        room_id: Uuid,
        /// A bearer token.
        token: Option<String>,
        /// Or the room's rejoin token.
        rejoin_token: Option<String>,
        /// The number of the last event that the client has.
        last_seq: Option<u64>,
    },
    /// At least every 30 s.
    Heartbeat {},
}

/// What the server says, besides events.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum ServerFrame<'a> {
    /// The client is who it says. Missed events follow, or `resync_required`, then live ones.
    Authenticated {
        /// `player`, `spectator`, `host` (without a chair) or `approved`; `guest` for somebody who isn't let in.
        #[cfg_attr(feature = "typescript", ts(type = "Role | \"guest\""))]
        role: &'a str,
        /// `approved`, `pending` or `rejected`.
        #[cfg_attr(feature = "typescript", ts(type = "Standing"))]
        status: &'a str,
        /// Who the client is.
        user_id: Uuid,
        /// Their chair.
        seat_index: Option<u8>,
        /// The number of the room's last event.
        seq: u64,
        /// How often to send a heartbeat, at least.
        heartbeat_secs: u32,
        /// The server's clock, in milliseconds since the Unix epoch.
        server_time: i64,
    },
    /// The missed events are too many or were not asked for: hydrate, then go on with live events.
    ResyncRequired {
        /// The number of the room's last event.
        seq: u64,
    },
    /// The answer to a heartbeat.
    HeartbeatAck {
        /// The number of the room's last event.
        seq: u64,
        /// The server's clock, in milliseconds since the Unix epoch.
        server_time: i64,
    },
    /// Somebody's line came up or went down. A hint, without a number.
    Presence {
        /// Who.
        user_id: Uuid,
        /// Whether it is up.
        online: bool,
    },
    /// What the client said was no good.
    Error {
        /// The contract's name.
        code: &'a str,
        /// For people.
        detail: &'a str,
    },
}

impl ServerFrame<'_> {
    /// As text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("frames have string keys and finite numbers only")
    }
}

/// Why a socket was closed by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goodbye {
    /// The credential is none, or ended.
    Unauthenticated,
    /// Not in the room, or not any more.
    Removed,
    /// Read too slowly: come back and catch up.
    Slow,
    /// Was silent for too long.
    Silent,
    /// Said too much or nonsense.
    Abuse,
    /// Sent something other than text.
    NotText,
    /// Sent a frame over the limit.
    TooBig,
    /// The server stops or its database is away: come back later.
    ServerAway,
}

impl Goodbye {
    /// The close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::Unauthenticated => 4001,
            Self::Removed => 4003,
            Self::Silent => 4004,
            Self::Slow => 4008,
            Self::Abuse => 1008,
            Self::NotText => 1003,
            Self::TooBig => 1009,
            Self::ServerAway => 1001,
        }
    }

    /// The reason in words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unauthenticated => "not authenticated",
            Self::Removed => "no longer in the room",
            Self::Silent => "no heartbeat",
            Self::Slow => "too slow, catch up",
            Self::Abuse => "too many messages",
            Self::NotText => "text frames only",
            Self::TooBig => "frame over 8 KiB",
            Self::ServerAway => "try again",
        }
    }
}
