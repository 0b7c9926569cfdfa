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
    pub user_id: Option<Uuid>,
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
    pub success: bool,
    /// The number of the last event that it caused.
    pub seq: u64,
}

/// Events, and the number of the room's last one.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EventsResponse {
    #[schema(value_type = Vec<WireEvent>)]
    #[cfg_attr(feature = "typescript", ts(type = "WireEvent[]"))]
    pub events: Vec<Box<RawValue>>,
    /// Which log they are of: another one after the server was restored from a backup.
    pub epoch: Uuid,
    pub seq: u64,
}

/// A finished hand, in a list.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PastHandSummary {
    pub hand_id: Uuid,
    pub hand_number: u64,
    pub started_at: i64,
    pub completed_at: i64,
    pub pot: u64,
    pub winners: Vec<WireWinner>,
}

/// Finished hands, newest first.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HandsResponse {
    pub hands: Vec<PastHandSummary>,
}

/// A player of a hand, with the chips before it.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedSeat {
    pub seat_index: u8,
    pub user_id: Uuid,
    pub display_name: String,
    pub chips: u64,
}

/// A hand as it was set up, and its board so far.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecordedHandResponse {
    pub id: Uuid,
    pub number: u64,
    pub started_at: i64,
    pub completed_at: Option<i64>,
    pub button_seat: u8,
    pub small_blind: u64,
    pub big_blind: u64,
    pub ante: u64,
    /// What the button posts in place of blinds; 0 where blinds are posted.
    pub button_blind: u64,
    pub variant: Variant,
    /// The revision of its rules.
    pub rules: u16,
    pub seats: Vec<RecordedSeat>,
    /// The first board.
    pub board: Vec<Card>,
    /// All boards, or the board of each run.
    pub boards: Vec<Vec<Card>>,
    pub pot: u64,
}

/// A hand with its events as the reader may see them.
#[derive(Serialize, utoipa::ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HandResponse {
    pub hand: RecordedHandResponse,
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
    pub room_id: Uuid,
    pub hand_number: u64,
    /// As in `hand_started`; `null` in hands from before there were proofs.
    pub commitment: Option<WireCommitment>,
    pub proofs: Vec<CardProof>,
}
