//! The whole protocol beside the events, in two enums.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::ErrorCode;
use crate::names::{MembershipStatus, SocketRole};

/// What a client may say. Unknown fields are ignored, unknown types are an error.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// First of all, within 10 s.
    #[serde(rename_all = "camelCase")]
    Authenticate {
        /// Which room.
        room_id: Uuid,
        /// A bearer token.
        token: Option<String>,
        /// Or the room's rejoin token.
        rejoin_token: Option<String>,
        /// The number of the last event that the client has.
        last_seq: Option<u64>,
        /// The epoch of the log that this is a number of.
        epoch: Option<Uuid>,
    },
    /// At least every 30 s.
    #[serde(rename_all = "camelCase")]
    Heartbeat {},
}

/// The most characters of what is wrong with a message: errors quote the client's input, so they are length-limited.
const LONGEST_DETAIL: usize = 200;

impl ClientFrame {
    /// A message of a client.
    ///
    /// # Errors
    ///
    /// - What is wrong with it, in words, 200 characters at most.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| {
            let detail = format!("not a message of this protocol: {error}");
            detail.chars().take(LONGEST_DETAIL).collect()
        })
    }
}

/// What the server says, besides events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame<'a> {
    /// The client is who it says. Missed events follow, or `resync_required`, then live ones.
    #[serde(rename_all = "camelCase")]
    Authenticated {
        /// `player`, `spectator`, `host` (without a seat) or `approved`; `guest` for somebody who isn't let in.
        role: SocketRole,
        /// `approved`, `pending` or `rejected`.
        status: MembershipStatus,
        /// Who the client is.
        user_id: Uuid,
        /// Their seat.
        seat_index: Option<u8>,
        /// Which log its number is of: another one after the server was restored from a backup.
        epoch: Uuid,
        /// The number of the room's last event.
        seq: u64,
        /// How often to send a heartbeat, at least.
        heartbeat_secs: u32,
        /// The server's clock, in milliseconds since the Unix epoch.
        server_time: i64,
    },
    /// The missed events are too many, were not asked for or are of a log that is lost: hydrate, then go on with live events.
    /// Comes later too, if the server is restored from a backup.
    #[serde(rename_all = "camelCase")]
    ResyncRequired {
        /// Which log the number is of.
        epoch: Uuid,
        /// The number of the room's last event.
        seq: u64,
    },
    /// The answer to a heartbeat.
    #[serde(rename_all = "camelCase")]
    HeartbeatAck {
        /// The number of the room's last event.
        seq: u64,
        /// The server's clock, in milliseconds since the Unix epoch.
        server_time: i64,
    },
    /// Somebody's line came up or went down. A hint, without a number.
    #[serde(rename_all = "camelCase")]
    Presence {
        /// Who.
        user_id: Uuid,
        /// Whether it is up.
        online: bool,
    },
    /// What the client said was no good.
    #[serde(rename_all = "camelCase")]
    Error {
        /// The contract's name.
        code: ErrorCode,
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
pub enum Closing {
    /// The credential is none, or ended.
    Unauthenticated,
    /// Not in the room, or not any more.
    Removed,
    /// Read too slowly: come back and catch up.
    Slow,
    /// The user has opened too many others since.
    Replaced,
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

impl Closing {
    /// The close code.
    pub const fn code(self) -> u16 {
        match self {
            Self::Unauthenticated => 4001,
            Self::Removed => 4003,
            Self::Silent => 4004,
            Self::Slow => 4008,
            Self::Replaced => 4009,
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
            Self::Replaced => "too many sockets",
            Self::Abuse => "too many messages",
            Self::NotText => "text frames only",
            Self::TooBig => "frame over 8.5 KiB",
            Self::ServerAway => "try again",
        }
    }
}
