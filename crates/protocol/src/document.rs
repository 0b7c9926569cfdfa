//! A whole room as one reader may see it. It mirrors the database, so its names are written in snake_case.

use serde::Serialize;
use uuid::Uuid;

use crate::names::{
    ActionName, Card, GameStatus, HandKind, MembershipStatus, Phase, Role, RoomStatus, SeatStatus, Street, Variant,
};
use crate::settings::{WirePreferences, WireSettings};

/// The room, its game, hand, seats and people as the reader may see them, after the event `seq`.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Document {
    /// Which log `seq` is a number of: another one after the server was restored from a backup.
    pub epoch: Uuid,
    /// The number of the last event in it.
    pub seq: u64,
    /// The database's clock.
    pub timestamp: i64,
    pub room: DocumentRoom,
    pub game: DocumentGame,
    /// The hand being played, or the last one.
    pub hand: Option<DocumentHand>,
    /// Every seat.
    pub seats: Vec<DocumentSeat>,
    pub me: DocumentMe,
    /// The last actions, oldest first.
    pub recent_actions: Vec<DocumentAction>,
    /// Whose turn it is.
    pub timer: Option<DocumentTimer>,
    pub spectator_count: usize,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub pending_requests: Option<Vec<DocumentRequest>>,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub members: Option<Vec<DocumentMember>>,
    /// Who may not ask to join until the ban is lifted. For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub banned: Option<Vec<DocumentBanned>>,
    /// For the host only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub host_controls: Option<DocumentControls>,
}

/// The room.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentRoom {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub host_id: Uuid,
    pub status: RoomStatus,
    pub has_password: bool,
    pub settings: WireSettings,
}

/// The game.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentGame {
    pub id: Uuid,
    pub status: GameStatus,
    /// Whether it ends with the hand being played.
    pub ending: bool,
    pub current_hand_id: Option<Uuid>,
    pub hand_number: u64,
    pub next_hand_at: Option<i64>,
    /// What is played, or was played last.
    pub variant: Variant,
    /// In a rotation: what is played after it.
    pub next_variant: Option<Variant>,
    /// In a rotation: after how many more hands.
    pub hands_to_next_variant: Option<u16>,
}

/// A pot of the finished streets.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentPot {
    pub amount: u64,
    pub eligible_seats: Vec<u8>,
}

/// What somebody won.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentWinner {
    pub user_id: Uuid,
    pub seat_index: u8,
    pub amount: u64,
    pub hand_rank: Option<String>,
}

/// The hand.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentHand {
    pub id: Uuid,
    pub number: u64,
    pub variant: Variant,
    pub started_at: i64,
    /// `preflop`, `flop`, `turn`, `river`, `showdown` or `complete`.
    pub phase: Phase,
    pub kind: HandKind,
    /// The first board.
    pub board: Vec<Card>,
    /// All boards, or the board of each run.
    pub boards: Vec<Vec<Card>>,
    /// How often the missing cards were run, where that was decided.
    pub runs: Option<u8>,
    /// Every chip in the middle; 0 once the hand is complete.
    pub pot: u64,
    pub pots: Vec<DocumentPot>,
    pub current_bet: u64,
    pub min_raise_to: Option<u64>,
    pub button_seat: u8,
    pub small_blind_seat: Option<u8>,
    pub big_blind_seat: Option<u8>,
    pub small_blind: u64,
    pub big_blind: u64,
    pub ante: u64,
    /// What the button posts in place of blinds; 0 where blinds are posted.
    pub button_blind: u64,
    /// Once the hand is complete.
    pub winners: Vec<DocumentWinner>,
}

/// An action, short.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentLastAction {
    pub action: ActionName,
    pub amount: u64,
}

/// A seat; an empty one has `user_id` null.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentSeat {
    pub seat_index: u8,
    pub user_id: Option<Uuid>,
    pub display_name: Option<String>,
    pub chips: u64,
    pub bet: u64,
    /// `empty`, `active`, `sitting_out`, `disconnected` or `leaving`.
    pub status: SeatStatus,
    pub in_hand: bool,
    pub has_folded: bool,
    pub is_all_in: bool,
    pub online: bool,
    pub last_seen_at: Option<i64>,
    pub shown_cards: Option<Vec<Card>>,
    pub last_action: Option<DocumentLastAction>,
}

/// What is legal, on the reader's turn.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentLegal {
    pub actions: Vec<ActionName>,
    pub call_amount: u64,
    pub min_raise_to: Option<u64>,
    pub max_raise_to: Option<u64>,
}

/// The reader.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentMe {
    pub user_id: Uuid,
    /// `player`, `spectator`, `host` (without a seat) or `approved`.
    pub role: Role,
    pub status: MembershipStatus,
    pub display_name: String,
    pub is_host: bool,
    pub rejoin_token: Option<String>,
    /// A stack that waits from an earlier seat.
    pub waiting_chips: u64,
    /// The reader's own standing choices in this room.
    pub preferences: WirePreferences,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub seat_index: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hole_cards: Option<Vec<Card>>,
    /// The reader's hand in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hand_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub legal_actions: Option<DocumentLegal>,
    /// In whole seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub timebank_remaining: Option<i64>,
}

/// An action that was taken.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentAction {
    pub seq: u64,
    pub user_id: Uuid,
    pub seat_index: u8,
    pub street: Street,
    pub action: ActionName,
    pub amount: u64,
    pub at: i64,
}

/// Whose turn it is. `deadline_at` ends the normal time, later the time bank; `expires_at` always the time bank. Both are
/// null without a clock and while the game is paused.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentTimer {
    pub actor_seat: u8,
    pub turn: u64,
    pub started_at: i64,
    pub deadline_at: Option<i64>,
    /// In whole seconds.
    pub timebank_remaining: i64,
    pub expires_at: Option<i64>,
}

/// An open request.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentRequest {
    pub user_id: Uuid,
    pub display_name: String,
    pub requested_at: i64,
}

/// Somebody who is banned.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentBanned {
    pub user_id: Uuid,
    pub display_name: String,
}

/// A member who is let in.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentMember {
    pub user_id: Uuid,
    pub display_name: String,
    pub role: Role,
    pub online: bool,
}

/// What the host can do.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentControls {
    pub can_pause: bool,
    pub can_kick: bool,
    pub can_adjust_chips: bool,
}
