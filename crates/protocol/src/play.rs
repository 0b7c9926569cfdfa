//! Actions, the log, and the hands that were played.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::event::{WireCommitment, WireEvent, WireWinner};
use crate::names::{ActionName, Card, Variant};

/// A player's action.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ActionRequest {
    /// The caller, if it is said at all.
    pub user_id: Option<Uuid>,
    /// What to do.
    pub action: ActionName,
    /// For `BET` and `RAISE`: the total on this street after it.
    pub amount: Option<i64>,
    /// The same one again gets the first answer and changes nothing. Or the `Idempotency-Key` header.
    pub action_id: Option<Uuid>,
    /// The number of the turn that is answered.
    pub turn: Option<u64>,
}

/// The action was taken.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ActionResponse {
    /// True: what was refused has an error instead.
    pub success: bool,
    /// The number of the last event that it caused.
    pub seq: u64,
}

/// The most runs that the player accepts.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct RunsRequest {
    /// From 1 to `maxRuns` of the question.
    #[schema(minimum = 1, maximum = 3)]
    pub runs: i64,
    /// The number of the turn that is answered.
    pub turn: u64,
    /// The same one again gets the first answer and changes nothing. Or the `Idempotency-Key` header.
    pub action_id: Option<Uuid>,
}

/// Some of the player's own cards.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ShowRequest {
    /// The hand, which is over.
    pub hand_id: Uuid,
    /// Each once.
    #[schema(value_type = Vec<Card>, min_items = 1, max_items = 5)]
    #[cfg_attr(feature = "typescript", ts(as = "Vec<Card>"))]
    pub cards: Vec<String>,
}

/// Which hand.
#[derive(Deserialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RabbitRequest {
    /// The hand, which is over.
    pub hand_id: Uuid,
}

/// What would have come: each whole board.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RabbitResponse {
    /// Each board or the one there is, five cards each.
    pub boards: Vec<Vec<Card>>,
}

/// Events, and the number of the room's last one.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EventsResponse {
    /// In the order of their numbers.
    #[schema(value_type = Vec<WireEvent>)]
    #[cfg_attr(feature = "typescript", ts(type = "WireEvent[]"))]
    pub events: Vec<Box<RawValue>>,
    /// Which log they are of: another one after the server was restored from a backup.
    pub epoch: Uuid,
    /// The number of the last event of the room.
    pub seq: u64,
}

/// A finished hand, in a list.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PastHandSummary {
    /// The hand.
    pub hand_id: Uuid,
    /// Its number, from 1.
    pub hand_number: u64,
    /// When it began, in Unix milliseconds.
    pub started_at: i64,
    /// When it was over, in Unix milliseconds.
    pub completed_at: i64,
    /// All the chips that were in the pots.
    pub pot: u64,
    /// Who won, and how much.
    pub winners: Vec<WireWinner>,
}

/// Finished hands, newest first.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HandsResponse {
    /// The newest first.
    pub hands: Vec<PastHandSummary>,
}

/// A player of a hand, with the chips before it.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedSeat {
    /// The seat, from 0.
    pub seat_index: u8,
    /// The user.
    pub user_id: Uuid,
    /// The name they go by in the room.
    pub display_name: String,
    /// Chips they began the hand with.
    pub chips: u64,
}

/// A hand as it was set up, and its board so far.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedHandResponse {
    /// Its id.
    pub id: Uuid,
    /// Its number, from 1.
    pub number: u64,
    /// When it began, in Unix milliseconds.
    pub started_at: i64,
    /// When it was over, in Unix milliseconds.
    pub completed_at: Option<i64>,
    /// The seat with the button.
    pub button_seat: u8,
    /// The small blind, in chips.
    pub small_blind: u64,
    /// The big blind, in chips.
    pub big_blind: u64,
    /// The ante, in chips; 0 for none.
    pub ante: u64,
    /// What the button posts in place of blinds; 0 where blinds are posted.
    pub button_blind: u64,
    /// The game that is played.
    pub variant: Variant,
    /// The revision of its rules.
    pub rules: u16,
    /// Each player who was dealt in, by seat.
    pub seats: Vec<RecordedSeat>,
    /// The first board.
    pub board: Vec<Card>,
    /// All boards, or the board of each run.
    pub boards: Vec<Vec<Card>>,
    /// All the chips that were in the pots.
    pub pot: u64,
}

/// A hand with its events as the reader may see them.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HandResponse {
    /// The hand.
    pub hand: RecordedHandResponse,
    /// In the order of their numbers.
    #[schema(value_type = Vec<WireEvent>)]
    #[cfg_attr(feature = "typescript", ts(type = "WireEvent[]"))]
    pub events: Vec<Box<RawValue>>,
}

/// That a card was at a place of the deck.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct CardProof {
    /// From the top of the deck, from 0.
    pub place: u8,
    /// The card.
    pub card: Card,
    /// 16 bytes in hexadecimal.
    pub salt: String,
    /// The hashes beside the way from the leaf to the root, in hexadecimal.
    pub path: Vec<String>,
}

/// Proofs for the cards that the caller knows of a hand.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ProofsResponse {
    /// The room.
    pub room_id: Uuid,
    /// Its number, from 1.
    pub hand_number: u64,
    /// As in `hand_started`; `null` in hands from before there were proofs.
    pub commitment: Option<WireCommitment>,
    /// One for each card that the caller has seen.
    pub proofs: Vec<CardProof>,
}
