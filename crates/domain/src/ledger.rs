//! The chips' account: every event that moves chips into, out of or between stacks, as rows that add up.

use crate::event::{AdjustedBy, Happened};
use crate::ids::{HandId, UserId};

/// Why chips moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Sat down with them.
    BuyIn,
    /// Bought more.
    TopUp,
    /// Given or taken by the host.
    Adjustment,
    /// Left the table.
    CashOut,
    /// Won or lost in a hand; a hand's entries add up to zero.
    HandResult,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::BuyIn, Self::TopUp, Self::Adjustment, Self::CashOut, Self::HandResult];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuyIn => "buy_in",
            Self::TopUp => "top_up",
            Self::Adjustment => "adjustment",
            Self::CashOut => "cash_out",
            Self::HandResult => "hand_result",
        }
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
    match what {
        Happened::Seated { user, chips, .. } => one(*user, EntryKind::BuyIn, chips.signed(), None),
        Happened::SeatFreed { user, chips, .. } => one(*user, EntryKind::CashOut, -chips.signed(), None),
        Happened::ChipsAdjusted { user, delta, by: AdjustedBy::TopUp, .. } => {
            one(*user, EntryKind::TopUp, *delta, None)
        }
        Happened::ChipsAdjusted { user, delta, by: AdjustedBy::Host { reason }, .. } => {
            one(*user, EntryKind::Adjustment, *delta, reason.clone())
        }
        Happened::HandCompleted(done) => done
            .stacks
            .iter()
            .map(|stack| Entry {
                user: stack.user,
                kind: EntryKind::HandResult,
                delta: stack.net,
                hand: Some(done.hand),
                reason: None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
