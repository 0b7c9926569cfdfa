//! What the host does.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::names::GameStatus;
use crate::settings::WireSettings;

/// It was done.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CommandResponse {
    /// True: what was refused has an error instead.
    pub success: bool,
    /// The number of the last event that it caused, or of the room's last event if it changed nothing.
    pub seq: u64,
    /// Where the game stands.
    pub game_status: GameStatus,
}

/// A stack was changed, or will be.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StackResponse {
    /// True: what was refused has an error instead.
    pub success: bool,
    /// The number of the room's last event.
    pub seq: u64,
    /// Whether it waits for the end of the hand.
    pub queued: bool,
    /// Chips in front of the player now.
    pub chips: u64,
}

/// Somebody to remove.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct KickRequest {
    /// Whom it is about.
    pub user_id: Uuid,
    /// Refuses later joins too.
    pub ban: Option<bool>,
}

/// Chips to give or take.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ChipsRequest {
    /// Whom it is about.
    pub user_id: Uuid,
    /// Positive to give, negative to take.
    pub delta: i64,
    /// At most 200 characters.
    pub reason: Option<String>,
}

/// All settings.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SettingsResponse {
    /// What the host has chosen.
    pub settings: WireSettings,
}
