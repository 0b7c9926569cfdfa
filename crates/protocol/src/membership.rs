//! Who is in a room: asking in, deciding, watching, leaving.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::names::{MembershipStatus, Role};

/// Asks to join.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    pub user_id: Option<Uuid>,
    pub display_name: String,
    pub password: Option<String>,
}

/// Somebody.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct UserRequest {
    pub user_id: Uuid,
}

/// The host's word on a request.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ApproveRequest {
    pub user_id: Uuid,
    pub approved: bool,
}

/// A new display name, if any.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct SpectateRequest {
    pub display_name: Option<String>,
}

/// What came of asking to join.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct JoinResponse {
    pub status: MembershipStatus,
    pub waiting_for_approval: bool,
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
    pub seat_index: Option<u8>,
    pub rejoin_token: Option<String>,
    pub is_host: bool,
}

/// The host's word.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ApproveResponse {
    pub approved: bool,
}

/// A role, and the token that goes with it.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoleResponse {
    pub role: Role,
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
    pub user_id: Uuid,
    pub display_name: String,
    pub online: bool,
    pub last_seen_at: i64,
}

/// Who watches.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SpectatorsResponse {
    pub spectators: Vec<SpectatorEntry>,
}

/// The caller has gone.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LeaveResponse {
    pub status: MembershipStatus,
}

/// The server's answer to a sign of life.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HeartbeatResponse {
    pub seq: u64,
    pub server_time: i64,
}
