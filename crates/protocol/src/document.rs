//! A whole room as one reader may see it. It mirrors the database, so its names are written in snake_case.

use serde::Serialize;
use uuid::Uuid;

use crate::names::{
    ActionName, Card, GameStatus, HandKind, MembershipStatus, Owed, Phase, QuestionKind, Role, RoomStatus, SeatStatus,
    Street, Variant, WaitsFor,
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
    /// The room and its settings.
    pub room: DocumentRoom,
    /// The game.
    pub game: DocumentGame,
    /// The hand being played, or the last one.
    pub hand: Option<DocumentHand>,
    /// Every seat.
    pub seats: Vec<DocumentSeat>,
    /// What is about the reader alone.
    pub me: DocumentMe,
    /// The last actions, oldest first.
    pub recent_actions: Vec<DocumentAction>,
    /// Whose turn it is.
    pub timer: Option<DocumentTimer>,
    /// How many watch.
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
    /// Its id.
    pub id: Uuid,
    /// By which people find it.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Its host.
    pub host_id: Uuid,
    /// Open or closed.
    pub status: RoomStatus,
    /// Whether newcomers need a password.
    pub has_password: bool,
    /// What the host has chosen.
    pub settings: WireSettings,
}

/// The game.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentGame {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub status: GameStatus,
    /// Whether it ends with the hand being played.
    pub ending: bool,
    /// The hand being played.
    pub current_hand_id: Option<Uuid>,
    /// Hands dealt so far.
    pub hand_number: u64,
    /// When the next hand is due, in Unix milliseconds.
    pub next_hand_at: Option<i64>,
    /// What is played, or was played last.
    pub variant: Variant,
    /// In a rotation: what is played after it.
    pub next_variant: Option<Variant>,
    /// In a rotation: after how many more hands.
    pub hands_to_next_variant: Option<u16>,
    /// In how many hands the next bomb pot comes: 1 for the next hand. Null where that isn't known.
    pub next_bomb_pot: Option<u64>,
}

/// A pot of the finished streets.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentPot {
    /// How many chips.
    pub amount: u64,
    /// Who can win it.
    pub eligible_seats: Vec<u8>,
}

/// What somebody won.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentWinner {
    /// The user.
    pub user_id: Uuid,
    /// The seat, from 0.
    pub seat_index: u8,
    /// Chips from all the pots.
    pub amount: u64,
    /// What was won with, in words; null without a showdown.
    pub hand_rank: Option<String>,
}

/// The hand.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentHand {
    /// Its id.
    pub id: Uuid,
    /// Its number, from 1.
    pub number: u64,
    /// The game that is played.
    pub variant: Variant,
    /// When it began, in Unix milliseconds.
    pub started_at: i64,
    /// `preflop`, `flop`, `turn`, `river`, `showdown` or `complete`.
    pub phase: Phase,
    /// Ordinary, or a bomb pot.
    pub kind: HandKind,
    /// The first board.
    pub board: Vec<Card>,
    /// All boards, or the board of each run.
    pub boards: Vec<Vec<Card>>,
    /// How often the missing cards were run, where that was decided.
    pub runs: Option<u8>,
    /// Every chip in the middle; 0 once the hand is complete.
    pub pot: u64,
    /// The pots so far, the main pot first.
    pub pots: Vec<DocumentPot>,
    /// The highest bet of the street, in chips.
    pub current_bet: u64,
    /// The smallest total that a raise may have; null where nobody may raise.
    pub min_raise_to: Option<u64>,
    /// The seat with the button.
    pub button_seat: u8,
    /// Whether nobody has the button: then it lies at a place where nobody was dealt in.
    pub button_dead: bool,
    /// The small blind's seat; null where it is dead, or where no blinds are.
    pub small_blind_seat: Option<u8>,
    /// The seat of the big blind; null where nobody posts it.
    pub big_blind_seat: Option<u8>,
    /// The small blind, in chips.
    pub small_blind: u64,
    /// The big blind, in chips.
    pub big_blind: u64,
    /// The ante, in chips; 0 for none.
    pub ante: u64,
    /// What the button posts in place of blinds; 0 where blinds are posted.
    pub button_blind: u64,
    /// What players are asked beside actions, while they are.
    pub question: Option<DocumentQuestion>,
    /// Once the hand is complete.
    pub winners: Vec<DocumentWinner>,
}

/// How often to run the missing cards, asked of those still in.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentQuestion {
    /// What is asked: `runs`.
    pub kind: QuestionKind,
    /// Who is asked.
    pub seats: Vec<u8>,
    /// The most that can be answered, 2 or 3.
    pub max_runs: u8,
    /// The number of the turn.
    pub turn: u64,
    /// When a player who hasn't answered counts as 1; `null` while the game is paused.
    pub expires_at: Option<i64>,
    /// Who has answered; never what.
    pub answered: Vec<u8>,
}

/// An action, short.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentLastAction {
    /// Which action.
    pub action: ActionName,
    /// As in `player_action`.
    pub amount: u64,
}

/// A seat; an empty one has `user_id` null.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentSeat {
    /// The seat, from 0.
    pub seat_index: u8,
    /// Who has it; null for an empty one.
    pub user_id: Option<Uuid>,
    /// Their name in the room.
    pub display_name: Option<String>,
    /// Chips in front of them.
    pub chips: u64,
    /// Their total on this street.
    pub bet: u64,
    /// `empty`, `active`, `sitting_out`, `disconnected` or `leaving`.
    pub status: SeatStatus,
    /// Whether they were dealt into the hand that is shown.
    pub in_hand: bool,
    /// Whether they have folded it.
    pub has_folded: bool,
    /// Whether they have no chips left to bet in it.
    pub is_all_in: bool,
    /// Whether a socket of theirs is open.
    pub online: bool,
    /// When they were last heard of, in Unix milliseconds.
    pub last_seen_at: Option<i64>,
    /// Cards they turned over.
    pub shown_cards: Option<Vec<Card>>,
    /// Their last action in this hand.
    pub last_action: Option<DocumentLastAction>,
    /// The blinds that its player owes.
    pub owes: Vec<Owed>,
    /// Why its player isn't dealt in, who would play: waits for the big blind, or for the button to pass.
    pub waits_for: Option<WaitsFor>,
}

/// What is legal, on the reader's turn.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentLegal {
    /// What may be done.
    pub actions: Vec<ActionName>,
    /// What a call adds, in chips.
    pub call_amount: u64,
    /// The smallest total that a raise may have; null where nobody may raise.
    pub min_raise_to: Option<u64>,
    /// The greatest total that a raise may have; null where nobody may raise.
    pub max_raise_to: Option<u64>,
}

/// The reader.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentMe {
    /// The reader.
    pub user_id: Uuid,
    /// `player`, `spectator`, `host` (without a seat) or `approved`.
    pub role: Role,
    /// How far the reader is let in.
    pub status: MembershipStatus,
    /// The reader's name in the room.
    pub display_name: String,
    /// Whether the reader is the host.
    pub is_host: bool,
    /// Lets the reader back in without signing in.
    pub rejoin_token: Option<String>,
    /// A stack that waits from an earlier seat.
    pub waiting_chips: u64,
    /// The reader's own standing choices in this room.
    pub preferences: WirePreferences,
    /// The reader's seat, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub seat_index: Option<u8>,
    /// The reader's own cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hole_cards: Option<Vec<Card>>,
    /// The reader's hand in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub hand_label: Option<String>,
    /// What the reader may do; null while it isn't their turn.
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
    /// The number of its event.
    pub seq: u64,
    /// The user.
    pub user_id: Uuid,
    /// The seat, from 0.
    pub seat_index: u8,
    /// The street.
    pub street: Street,
    /// What was done.
    pub action: ActionName,
    /// As in `player_action`.
    pub amount: u64,
    /// When, in Unix milliseconds.
    pub at: i64,
}

/// Whose turn it is. `deadline_at` ends the normal time, later the time bank; `expires_at` always the time bank. Both are
/// null without a clock and while the game is paused.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentTimer {
    /// Who is to act.
    pub actor_seat: u8,
    /// Its number in the game.
    pub turn: u64,
    /// When it began, in Unix milliseconds.
    pub started_at: i64,
    /// When the normal time ends, in Unix milliseconds.
    pub deadline_at: Option<i64>,
    /// In whole seconds.
    pub timebank_remaining: i64,
    /// When the time bank ends too, in Unix milliseconds.
    pub expires_at: Option<i64>,
}

/// An open request.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentRequest {
    /// The user.
    pub user_id: Uuid,
    /// The name they go by in the room.
    pub display_name: String,
    /// Since when, in Unix milliseconds.
    pub requested_at: i64,
}

/// Somebody who is banned.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentBanned {
    /// The user.
    pub user_id: Uuid,
    /// The name they go by in the room.
    pub display_name: String,
}

/// A member who is let in.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentMember {
    /// The user.
    pub user_id: Uuid,
    /// The name they go by in the room.
    pub display_name: String,
    /// What they do in the room.
    pub role: Role,
    /// Whether a socket of theirs is open.
    pub online: bool,
}

/// What the host can do.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DocumentControls {
    /// Whether the game can be paused now.
    pub can_pause: bool,
    /// Whether members can be removed now.
    pub can_kick: bool,
    /// Whether stacks can be changed now.
    pub can_adjust_chips: bool,
}
