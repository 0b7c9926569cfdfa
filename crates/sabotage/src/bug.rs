//! Bugs that a poker server could have, each a known way to break a promise.

use std::str::FromStr;

domain::named! {
    /// One bug. The doubles of this crate make it, but for those marked as made where they are: these have no port to hide behind.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Bug {
        /// Readers are told before the transaction is committed.
        PublishBeforeCommit = "publish_before_commit",
        /// A client that resets its connection stops its command, and nobody looks for events that nobody was told of. Made in
        /// `app`: `http/finish.rs`, `timers.rs`; and in `adapters-ws`: `hub.rs`.
        PublishInHandler = "publish_in_handler",
        /// Decisions are made on a room that was read before it was locked.
        DecideWithoutLock = "decide_without_lock",
        /// The room's number of the last event is written after the commit, by itself.
        SeqOutsideTransaction = "seq_outside_transaction",
        /// The database acknowledges before it has written.
        AsynchronousCommit = "asynchronous_commit",
        /// An action's id isn't remembered.
        ForgetActionId = "forget_action_id",
        /// The clock decides for whoever is to act, due or not.
        TimerWithoutCheck = "timer_without_check",
        /// Time is the node's own.
        NodeClock = "node_clock",
        /// A document is made from memory.
        HydrateFromCache = "hydrate_from_cache",
        /// A document's number and its room are read one after the other.
        HydrateInTwoReads = "hydrate_in_two_reads",
        /// Some events never reach the node's readers, and it doesn't notice. Made in `adapters-ws`: `hub.rs`.
        NoGapCheck = "no_gap_check",
        /// An event in which somebody has a private part is sent to nobody else. Made in `adapters-ws`: `socket.rs`.
        SkipPrivateEvents = "skip_private_events",
        /// Spectators get a player's cards with the deal.
        SpectatorSeesCards = "spectator_sees_cards",
        /// Everybody's cards are in a finished hand's record.
        FoldedCardsInHistory = "folded_cards_in_history",
        /// A silent player's seat is emptied, whether a hand is on or not.
        FreeSeatInLiveHand = "free_seat_in_live_hand",
        /// A player who comes back has the stack once more, waiting for the next seat.
        ChipsTwiceOnReconnect = "chips_twice_on_reconnect",
        /// A rejoin token opens every room. Made in `app`: `http/caller.rs`.
        TokenForEveryRoom = "token_for_every_room",
        /// The host's copy of an approval has the player's token.
        TokenToHost = "token_to_host",
        /// A hand that outlived a crash goes on with other cards.
        ReshuffleOnRecovery = "reshuffle_on_recovery",
        /// A pot of a hand that outlived a crash is paid twice.
        PotTwiceOnRecovery = "pot_twice_on_recovery",
        /// What was decided on a remembered room is saved whether or not anything has happened in it since.
        TrustMemory = "trust_memory",
        /// Time banks are full again after each hand.
        RefilledTimeBank = "refilled_time_bank",
        /// The clock serves the room that has waited longest, and no other before it, whether it can be served or not.
        RoomStopsClock = "room_stops_clock",
        /// A server opens a database with another key than it was sealed with. Made in `adapters-pg`: `key_check.rs`; and in `app`:
        /// `wiring.rs`.
        WrongKey = "wrong_key",
        /// A player who acts right after an outage of ours has lost the time.
        OutageCharged = "outage_charged",
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::of_name(name).ok_or_else(|| format!("HOLDFAST_BUG: there is no bug `{name}`"))
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
