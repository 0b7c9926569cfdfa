//! The chips' account: every event that moves chips into, out of or between stacks, as rows that add up.

use crate::event::{AdjustedBy, FinalStack, Happened, Moved};
use crate::ids::{HandId, UserId};

crate::named! {
    /// Why chips moved.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum EntryKind {
        /// Sat down with them.
        BuyIn = "buy_in",
        /// Bought more.
        TopUp = "top_up",
        /// Given or taken by the host.
        Adjustment = "adjustment",
        /// Left the table.
        CashOut = "cash_out",
        /// Won or lost in a hand; a hand's entries add up to zero.
        HandResult = "hand_result",
        /// Paid or got for a pot that was won with a seven and a deuce; a bounty's entries add up to zero.
        Bounty = "bounty",
    }
}

/// One row: the sum of a user's rows is the stack in front of them between hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose chips.
    pub user: UserId,
    /// Why.
    pub kind: EntryKind,
    /// How many came (positive) or went.
    pub delta: i64,
    /// In which hand.
    pub hand: Option<HandId>,
    /// What the host said about it.
    pub reason: Option<String>,
}

/// The rows that an event makes.
pub fn entries(what: &Happened) -> Vec<Entry> {
    let one = |user, kind, delta, reason| vec![Entry { user, kind, delta, hand: None, reason }];
    match what.facts().moved {
        Moved::Nothing => Vec::new(),
        Moved::SatDown(user, chips) => one(user, EntryKind::BuyIn, chips.signed(), None),
        Moved::GotUp(user, chips) => one(user, EntryKind::CashOut, -chips.signed(), None),
        Moved::Adjusted { user, delta, by: AdjustedBy::TopUp, .. } => one(user, EntryKind::TopUp, delta, None),
        Moved::Adjusted { user, delta, by: AdjustedBy::Host { reason }, .. } => {
            one(user, EntryKind::Adjustment, delta, reason.clone())
        }
        Moved::Hand(done) => {
            let result = |stack: &FinalStack| Entry {
                user: stack.user,
                kind: EntryKind::HandResult,
                delta: stack.net,
                hand: Some(done.hand),
                reason: None,
            };
            done.stacks.iter().map(result).collect()
        }
        Moved::Bounty(paid) => {
            let entry =
                |user, delta| Entry { user, kind: EntryKind::Bounty, delta, hand: Some(paid.hand), reason: None };
            let from = paid.from.iter().map(|payer| entry(payer.user, -payer.amount.signed()));
            std::iter::once(entry(paid.user, paid.amount.signed())).chain(from).collect()
        }
    }
}
