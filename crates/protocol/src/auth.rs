//! Signing in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new guest.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct GuestRequest {
    /// 1 to 50 characters.
    pub display_name: String,
}

/// A new account.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// The address that the account goes by.
    pub email: String,
    /// 8 to 200 characters.
    pub password: String,
    /// 1 to 50 characters.
    pub display_name: String,
}

/// A log-in.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    /// The address that the account goes by.
    pub email: String,
    /// As it was typed.
    pub password: String,
}

/// Somebody is signed in.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The JWT for `Authorization: Bearer`.
    pub token: String,
    /// Whom the token is for.
    pub user_id: Uuid,
    /// The name that rooms show where none is given.
    pub display_name: String,
    /// When the token ends, in milliseconds since the Unix epoch.
    pub expires_at: i64,
}

/// Who the caller is.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The caller.
    pub user_id: Uuid,
    /// The name that rooms show where none is given.
    pub display_name: String,
    /// Without an account.
    pub guest: bool,
}
