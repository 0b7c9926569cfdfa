use async_trait::async_trait;
use domain::card::Card;
use domain::card::deck::Deck;
use domain::card::seed::Seed;
use domain::chips::Chips;
use domain::event::{Committed, Share};
use domain::hand::HandRules;
use domain::ids::{Epoch, HandId, RoomId, SeatIndex, UserId};
use domain::time::Timestamp;

use super::StoreError;

/// A part of a room's log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// Consecutive events.
    pub events: Vec<Committed>,
    /// Which log they are of, read in the same snapshot.
    pub epoch: Epoch,
    /// The number of the room's last event, read in the same snapshot.
    pub seq: u64,
}

/// A finished hand, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastHand {
    /// Its id.
    pub id: HandId,
    /// Its number in the game.
    pub number: u64,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// When it was over.
    pub completed_at: Timestamp,
    /// All that was won.
    pub pot: Chips,
    /// Who won.
    pub winners: Vec<Share>,
}

/// A hand with all of its events.
#[derive(Clone, Debug)]
pub struct RecordedHand {
    /// In which room.
    pub room: RoomId,
    /// Its id.
    pub id: HandId,
    /// Its number in the game.
    pub number: u64,
    /// When it was dealt.
    pub started_at: Timestamp,
    /// When it was over, if it is.
    pub completed_at: Option<Timestamp>,
    /// Where the button was.
    pub button: SeatIndex,
    /// Its stakes.
    pub rules: HandRules,
    /// Who played, with which chips before the hand.
    pub players: Vec<(SeatIndex, UserId, String, Chips)>,
    /// The deck.
    pub deck: Deck,
    /// What the deck and its proofs follow from; none in hands from before there were proofs.
    pub seed: Option<Seed>,
    /// Each board so far, one or more.
    pub boards: Vec<Vec<Card>>,
    /// What was won, once it is over.
    pub pot: Chips,
    /// Its events.
    pub events: Vec<Committed>,
}

/// The log of what happened, and the hands in it.
#[async_trait]
pub trait Journal: Send + Sync {
    /// The events after `after`, oldest first, at most `limit`. [`StoreError::Missing`] if there is no such room.
    async fn events_after(&self, room: RoomId, after: u64, limit: u32) -> Result<LogPage, StoreError>;
    /// The number of the last event of each of these rooms.
    async fn seqs(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>, StoreError>;
    /// Finished hands of a room with numbers below `before`, newest first, at most `limit`; with `played_by` only those
    /// that this user was dealt into.
    async fn hands_before(
        &self,
        room: RoomId,
        played_by: Option<UserId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PastHand>, StoreError>;
    /// One hand. [`StoreError::Missing`] if there is none.
    async fn read_hand(&self, id: HandId) -> Result<RecordedHand, StoreError>;
}
