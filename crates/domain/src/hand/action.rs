//! What a player can do, and why it may be refused.

use crate::chips::Chips;

/// What a player does on his turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Gives up the hand; always legal.
    Fold,
    /// Stays in without paying, where there is nothing to pay.
    Check,
    /// Pays what is missing, or what he has if that is less.
    Call,
    /// Opens the street's betting, to this total.
    Bet(Chips),
    /// Raises to this total on the street.
    Raise(Chips),
    /// Puts in everything: a call where that isn't more, otherwise a bet or a raise.
    AllIn,
}

impl Action {
    /// Without its amount.
    pub const fn kind(self) -> ActionKind {
        match self {
            Self::Fold => ActionKind::Fold,
            Self::Check => ActionKind::Check,
            Self::Call => ActionKind::Call,
            Self::Bet(_) => ActionKind::Bet,
            Self::Raise(_) => ActionKind::Raise,
            Self::AllIn => ActionKind::AllIn,
        }
    }
}

crate::named! {
    /// The name of an [`Action`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum ActionKind {
        /// [`Action::Fold`]
        Fold = "FOLD",
        /// [`Action::Check`]
        Check = "CHECK",
        /// [`Action::Call`]
        Call = "CALL",
        /// [`Action::Bet`]
        Bet = "BET",
        /// [`Action::Raise`]
        Raise = "RAISE",
        /// [`Action::AllIn`]
        AllIn = "ALL_IN",
    }
}

/// What the player whose turn it is may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalActions {
    /// In [`ActionKind::ALL`]'s order.
    pub actions: Vec<ActionKind>,
    /// What a call adds, in chips: never more than the stack; none where a check is free.
    pub call_amount: Chips,
    /// The smallest total to bet or raise to on this street; `None` where neither is legal.
    ///
    /// Where the stack doesn't reach a full raise this is all-in, the only raise there is.
    pub min_raise_to: Option<Chips>,
    /// The greatest total to bet or raise to: all-in.
    pub max_raise_to: Option<Chips>,
}

impl LegalActions {
    /// Whether this kind of action is legal.
    pub fn allows(&self, kind: ActionKind) -> bool {
        self.actions.contains(&kind)
    }
}

/// Why an action is refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// Somebody else is to act.
    #[error("it is not your turn")]
    NotYourTurn,
    /// The hand is complete.
    #[error("the hand is over")]
    NoBetting,
    /// This kind of action isn't possible now.
    #[error("this action is not possible now")]
    IllegalAction {
        /// What is.
        legal: LegalActions,
    },
    /// A bet or a raise to less than the minimum, or to more than the player has.
    #[error("this amount is not possible now")]
    IllegalAmount {
        /// What is.
        legal: LegalActions,
    },
}
