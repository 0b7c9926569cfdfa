//! The rule book that a hand is played by.
//!
//! Each hand carries its own, and is replayed by it for ever: a rule that changes gets a new [`Revision`], and what was played
//! before stays as it was.

use std::fmt;

crate::named! {
    /// A game.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Variant {
        /// No-limit Texas hold'em.
        HoldEm = "nlhe",
    }
}

/// A version of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Revision {
    /// Short all-ins close the betting only after a full bet or raise on the street.
    First,
    /// Short all-ins close the betting for all who have acted (Poker TDA, "Re-opening the Bet").
    Second,
}

impl Revision {
    /// All of them, oldest first.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// By which new hands are played.
    pub const CURRENT: Self = Self::Second;

    /// Its number, from 1.
    pub const fn number(self) -> u16 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }
}

/// A game and the version of its rules. As text: `nlhe/2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleBook {
    /// The game.
    pub variant: Variant,
    /// The version.
    pub revision: Revision,
}

impl RuleBook {
    /// Of hands that were stored without a rule book.
    pub const OLDEST: Self = Self { variant: Variant::HoldEm, revision: Revision::First };

    /// By which new hands of this game are played.
    pub const fn current(variant: Variant) -> Self {
        Self { variant, revision: Revision::CURRENT }
    }

    /// The one with this text; `None` if there is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let (variant, revision) = text.split_once('/')?;
        Some(Self {
            variant: Variant::of_name(variant)?,
            revision: Revision::ALL.into_iter().find(|known| known.number().to_string() == revision)?,
        })
    }
}

impl fmt::Display for RuleBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.variant.name(), self.revision.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_book_is_the_same_after_its_text() {
        for variant in Variant::ALL {
            for revision in Revision::ALL {
                let book = RuleBook { variant, revision };
                assert_eq!(RuleBook::from_text(&book.to_string()), Some(book));
            }
        }
        assert_eq!(RuleBook::current(Variant::HoldEm).to_string(), "nlhe/2");
        assert_eq!(RuleBook::OLDEST.to_string(), "nlhe/1");
    }

    #[test]
    fn an_unknown_rule_book_is_none() {
        for text in
            ["", "nlhe", "nlhe/", "nlhe/0", "nlhe/3", "nlhe/02", "nlhe/+2", "NLHE/2", "plo/1", "nlhe/2/1", " nlhe/2"]
        {
            assert_eq!(RuleBook::from_text(text), None, "{text}");
        }
    }
}
