//! Seats and stacks.

use serde::{Deserialize, Serialize};

use crate::names::Role;
use crate::settings::WirePreferences;

/// A seat to take.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TakeSeatRequest {
    /// From 0.
    pub seat_index: i64,
    /// A new display name.
    pub display_name: Option<String>,
    /// Absent: the stack that waits from earlier, else 100 big blinds within the room's limits. Never less than what waits.
    pub buy_in: Option<i64>,
}

/// A seat that was taken.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TakeSeatResponse {
    /// What they do in the room.
    pub role: Role,
    /// The caller's seat, from 0.
    pub seat_index: u8,
    /// Chips in front of the caller.
    pub chips: u64,
    /// Lets its owner back in without signing in. Null for everybody else.
    pub rejoin_token: Option<String>,
}

/// Chips to buy.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct TopUpRequest {
    /// At least 1, with no chips left the smallest buy-in; the stack may not exceed the largest buy-in.
    pub amount: i64,
}

/// All of the caller's preferences, as they are now.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PreferencesResponse {
    /// All of them, as they are now.
    pub preferences: WirePreferences,
}
