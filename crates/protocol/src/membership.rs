//! Who is in a room: asking in, deciding, watching, leaving.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::names::{MembershipStatus, Role};

/// Asks to join.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    /// The caller, if it is said at all.
    pub user_id: Option<Uuid>,
    /// The name they go by in the room.
    pub display_name: String,
    /// The room's password, where it has one.
    pub password: Option<String>,
}

/// Somebody.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct UserRequest {
    /// Whom it is about.
    pub user_id: Uuid,
}

/// The host's word on a request.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ApproveRequest {
    /// Who asked.
    pub user_id: Uuid,
    /// Whether they are let in.
    pub approved: bool,
}

/// A new display name, if any.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SpectateRequest {
    /// A new name for the room.
    pub display_name: Option<String>,
}

/// What came of asking to join.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct JoinResponse {
    /// How far they are let in.
    pub status: MembershipStatus,
    /// Whether the host has to decide.
    pub waiting_for_approval: bool,
    /// Lets its owner back in without signing in. Null for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub rejoin_token: Option<String>,
}

/// How the caller stands with a room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MembershipResponse {
    /// `pending`, `approved`, `rejected`, `left`, `kicked` or `banned`.
    pub status: MembershipStatus,
    /// `player`, `spectator`, `host` (without a seat) or `approved`; `null` for somebody who isn't let in.
    pub role: Option<Role>,
    /// Their seat, from 0; null without one.
    pub seat_index: Option<u8>,
    /// Lets its owner back in without signing in. Null for everybody else.
    pub rejoin_token: Option<String>,
    /// Whether they are its host.
    pub is_host: bool,
}

/// The host's word.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ApproveResponse {
    /// Whether they are let in.
    pub approved: bool,
}

/// A role, and the token that goes with it.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoleResponse {
    /// What they do in the room.
    pub role: Role,
    /// Lets its owner back in without signing in. Null for everybody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub rejoin_token: Option<String>,
}

/// Somebody who watches.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SpectatorEntry {
    /// The user.
    pub user_id: Uuid,
    /// The name they go by in the room.
    pub display_name: String,
    /// Whether a socket of theirs is open.
    pub online: bool,
    /// When they were last heard of, in Unix milliseconds.
    pub last_seen_at: i64,
}

/// Who watches.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SpectatorsResponse {
    /// Each member who watches.
    pub spectators: Vec<SpectatorEntry>,
}

/// The caller has gone.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LeaveResponse {
    /// How far they are let in.
    pub status: MembershipStatus,
}

/// The server's answer to a sign of life.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HeartbeatResponse {
    /// The number of the last event of the room.
    pub seq: u64,
    /// The server's clock, in Unix milliseconds.
    pub server_time: i64,
}
