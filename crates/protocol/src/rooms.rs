//! Rooms: made and found.

use domain::room::Room;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::names::{GameStatus, MembershipStatus, Role, RoomStatus};
use crate::settings::{SettingsRequest, WireSettings};

/// A new room.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct CreateRoomRequest {
    pub name: Option<String>,
    pub display_name: String,
    /// What people have to know besides the code, 1 to 200 characters.
    pub password: Option<String>,
    pub settings: Option<SettingsRequest>,
}

/// A room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoomResponse {
    pub id: Uuid,
    /// What people type to find it.
    pub code: String,
    pub name: String,
    pub host_id: Uuid,
    /// `open` or `closed`.
    pub status: RoomStatus,
    pub has_password: bool,
    pub settings: WireSettings,
}

/// A room that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CreateRoomResponse {
    pub room: RoomResponse,
    pub game_id: Uuid,
    pub rejoin_token: Option<String>,
}

/// A seat, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbySeat {
    pub seat_index: usize,
    pub user_id: Option<Uuid>,
    pub display_name: Option<String>,
}

/// A room, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbyResponse {
    pub room: RoomResponse,
    pub seats: Vec<LobbySeat>,
    pub host_display_name: String,
    pub host_online: bool,
    pub member_count: usize,
    pub game_status: GameStatus,
    /// Whether the host has blocked the caller, who can't ask to come in.
    pub banned: bool,
}

/// A room that the caller belongs to.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MyRoom {
    #[serde(flatten)]
    pub room: RoomResponse,
    pub member_status: MembershipStatus,
    pub role: Option<Role>,
    pub seat_index: Option<u8>,
    pub is_host: bool,
    pub game_status: GameStatus,
    pub your_turn: bool,
    /// Open requests, for the host.
    pub pending_requests: usize,
    pub member_count: usize,
}

/// The caller's rooms, the latest first.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MyRooms {
    pub rooms: Vec<MyRoom>,
}

impl From<&Room> for RoomResponse {
    fn from(room: &Room) -> Self {
        Self {
            id: room.id.0,
            code: room.code.clone(),
            name: room.name.to_string(),
            host_id: room.host.0,
            status: room.status.into(),
            has_password: room.has_password,
            settings: (&room.settings).into(),
        }
    }
}
