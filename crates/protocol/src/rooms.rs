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
    /// What it is called, 1 to 50 characters.
    pub name: Option<String>,
    /// The host's name in the room.
    pub display_name: String,
    /// What people have to know besides the code, 1 to 200 characters.
    pub password: Option<String>,
    /// What differs from the defaults.
    pub settings: Option<SettingsRequest>,
}

/// A room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoomResponse {
    /// Its id.
    pub id: Uuid,
    /// What people type to find it.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Its host.
    pub host_id: Uuid,
    /// `open` or `closed`.
    pub status: RoomStatus,
    /// Whether newcomers need a password.
    pub has_password: bool,
    /// What the host has chosen.
    pub settings: WireSettings,
}

/// A room that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct CreateRoomResponse {
    /// The room.
    pub room: RoomResponse,
    /// The game.
    pub game_id: Uuid,
    /// Lets its owner back in without signing in. Null for everybody else.
    pub rejoin_token: Option<String>,
}

/// A seat, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbySeat {
    /// The seat, from 0.
    pub seat_index: usize,
    /// Who has it; null for an empty one.
    pub user_id: Option<Uuid>,
    /// Their name in the room.
    pub display_name: Option<String>,
}

/// A room, seen from the lobby.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LobbyResponse {
    /// The room.
    pub room: RoomResponse,
    /// Every seat, in order.
    pub seats: Vec<LobbySeat>,
    /// The host's name in the room.
    pub host_display_name: String,
    /// Whether a socket of the host is open.
    pub host_online: bool,
    /// How many were let in.
    pub member_count: usize,
    /// Where the game stands.
    pub game_status: GameStatus,
    /// Whether the host has blocked the caller, who can't ask to come in.
    pub banned: bool,
}

/// A room that the caller belongs to.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MyRoom {
    /// The room.
    #[serde(flatten)]
    pub room: RoomResponse,
    /// How far the caller is let in.
    pub member_status: MembershipStatus,
    /// What the caller does in it; null for who isn't in it.
    pub role: Option<Role>,
    /// The caller's seat, from 0; null without one.
    pub seat_index: Option<u8>,
    /// Whether the caller is its host.
    pub is_host: bool,
    /// Where the game stands.
    pub game_status: GameStatus,
    /// Whether the caller is to act.
    pub your_turn: bool,
    /// Open requests, for the host.
    pub pending_requests: usize,
    /// How many were let in.
    pub member_count: usize,
}

/// The caller's rooms, the latest first.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MyRooms {
    /// Those that the caller came into last come first.
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
