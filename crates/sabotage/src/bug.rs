//! Bugs that a poker server could have, each a known way to break a promise.

use std::str::FromStr;

/// One bug. The doubles of this crate make it, but for those marked as made where they are: these have no port to hide behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Readers are told before the transaction is committed.
    PublishBeforeCommit,
    /// A client that resets its connection stops its command, and nobody looks for events that nobody was told of. Made in
    /// `app`: `http/finish.rs`, `clockwork.rs`; and in `adapters-ws`: `hub.rs`.
    PublishInHandler,
    /// Decisions are made on a room that was read before it was locked.
    DecideWithoutLock,
    /// The room's number of the last event is written after the commit, by itself.
    SeqOutsideTransaction,
    /// The database acknowledges before it has written.
    AsynchronousCommit,
    /// An action's id isn't remembered.
    ForgetActionId,
    /// The clock decides for whoever is to act, due or not.
    TimerWithoutCheck,
    /// Time is the node's own.
    NodeClock,
    /// A document is made from memory.
    HydrateFromCache,
    /// A document's number and its room are read one after the other.
    HydrateInTwoReads,
    /// Some events never reach the node's readers, and it doesn't notice. Made in `adapters-ws`: `hub.rs`.
    NoGapCheck,
    /// An event in which somebody has a private part is sent to nobody else. Made in `adapters-ws`: `socket.rs`.
    SkipPrivateEvents,
    /// Spectators get a player's cards with the deal.
    SpectatorSeesCards,
    /// Everybody's cards are in a finished hand's record.
    FoldedCardsInHistory,
    /// A silent player's chair is emptied, whether a hand is on or not.
    FreeSeatInLiveHand,
    /// A player who comes back has the stack once more, waiting for the next chair.
    ChipsTwiceOnReconnect,
    /// A rejoin token opens every room. Made in `app`: `http/caller.rs`.
    TokenForEveryRoom,
    /// The host's copy of an approval has the player's token.
    TokenToHost,
    /// A hand that outlived a crash goes on with other cards.
    ReshuffleOnRecovery,
    /// A pot of a hand that outlived a crash is paid twice.
    PotTwiceOnRecovery,
    /// What was decided on a remembered room is saved whether or not anything has happened in it since.
    TrustMemory,
    /// Time banks are full again after each hand.
    RefilledTimeBank,
    /// The clock serves the room that has waited longest, and no other before it, whether it can be served or not.
    RoomStopsClock,
    /// A server opens a database with another key than it was sealed with. Made in `adapters-pg`: `key_check.rs`; and in `app`:
    /// `wiring.rs`.
    WrongKey,
    /// A player who acts right after an outage of ours has lost the time.
    OutageCharged,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::PublishBeforeCommit,
        Self::PublishInHandler,
        Self::DecideWithoutLock,
        Self::SeqOutsideTransaction,
        Self::AsynchronousCommit,
        Self::ForgetActionId,
        Self::TimerWithoutCheck,
        Self::NodeClock,
        Self::HydrateFromCache,
        Self::HydrateInTwoReads,
        Self::NoGapCheck,
        Self::SkipPrivateEvents,
        Self::SpectatorSeesCards,
        Self::FoldedCardsInHistory,
        Self::FreeSeatInLiveHand,
        Self::ChipsTwiceOnReconnect,
        Self::TokenForEveryRoom,
        Self::TokenToHost,
        Self::ReshuffleOnRecovery,
        Self::PotTwiceOnRecovery,
        Self::TrustMemory,
        Self::RefilledTimeBank,
        Self::RoomStopsClock,
        Self::WrongKey,
        Self::OutageCharged,
    ];

    /// How the environment names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublishBeforeCommit => "publish_before_commit",
            Self::PublishInHandler => "publish_in_handler",
            Self::DecideWithoutLock => "decide_without_lock",
            Self::SeqOutsideTransaction => "seq_outside_transaction",
            Self::AsynchronousCommit => "asynchronous_commit",
            Self::ForgetActionId => "forget_action_id",
            Self::TimerWithoutCheck => "timer_without_check",
            Self::NodeClock => "node_clock",
            Self::HydrateFromCache => "hydrate_from_cache",
            Self::HydrateInTwoReads => "hydrate_in_two_reads",
            Self::NoGapCheck => "no_gap_check",
            Self::SkipPrivateEvents => "skip_private_events",
            Self::SpectatorSeesCards => "spectator_sees_cards",
            Self::FoldedCardsInHistory => "folded_cards_in_history",
            Self::FreeSeatInLiveHand => "free_seat_in_live_hand",
            Self::ChipsTwiceOnReconnect => "chips_twice_on_reconnect",
            Self::TokenForEveryRoom => "token_for_every_room",
            Self::TokenToHost => "token_to_host",
            Self::ReshuffleOnRecovery => "reshuffle_on_recovery",
            Self::PotTwiceOnRecovery => "pot_twice_on_recovery",
            Self::TrustMemory => "trust_memory",
            Self::RefilledTimeBank => "refilled_time_bank",
            Self::RoomStopsClock => "room_stops_clock",
            Self::WrongKey => "wrong_key",
            Self::OutageCharged => "outage_charged",
        }
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let bug = Self::ALL.into_iter().find(|bug| bug.name() == name);
        bug.ok_or_else(|| format!("HOLDFAST_BUG: there is no bug `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_can_be_named() {
        for bug in Bug::ALL {
            assert_eq!(bug.name().parse(), Ok(bug));
        }
        assert!("none".parse::<Bug>().is_err());
    }
}
