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
        /// Pot-limit Omaha.
        Omaha = "plo",
        /// Pot-limit Omaha with five hole cards.
        OmahaFive = "plo5",
        /// Pot-limit Omaha, high and low, eight or better.
        OmahaEight = "plo8",
        /// No-limit hold'em without the cards below six.
        ShortDeck = "shortdeck",
    }
}

impl Variant {
    /// What is played. The only place that asks which variant it is: everything else asks the [`Game`].
    pub const fn game(self) -> Game {
        let hold_em = Game {
            hole_cards: 2,
            makes: Makes::AnyFive,
            limit: Limit::None,
            pack: Pack::Full,
            splits_low: false,
            posting: Posting::Blinds,
            has_bounty: true,
        };
        let others = Game { has_bounty: false, ..hold_em };
        let omaha = Game { hole_cards: 4, makes: Makes::TwoAndThree, limit: Limit::Pot, ..others };
        match self {
            Self::HoldEm => hold_em,
            Self::Omaha => omaha,
            Self::OmahaFive => Game { hole_cards: 5, ..omaha },
            Self::OmahaEight => Game { splits_low: true, ..omaha },
            Self::ShortDeck => Game { pack: Pack::SixPlus, posting: Posting::ButtonBlind, ..others },
        }
    }

    /// The revision by which new hands are played.
    const fn newest(self) -> Revision {
        match self {
            Self::HoldEm => Revision::Second,
            Self::Omaha | Self::OmahaFive | Self::OmahaEight | Self::ShortDeck => Revision::First,
        }
    }
}

/// Which cards make a hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Makes {
    /// The best five of hand and board.
    AnyFive,
    /// Exactly two of the hand and three of the board.
    TwoAndThree,
}

/// How much may be bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// Everything one has.
    None,
    /// As much as would be in the middle after a call.
    Pot,
}

/// Which cards there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pack {
    /// All 52.
    Full,
    /// The 36 from the six up; a flush beats a full house, and A-9-8-7-6 is the lowest straight.
    SixPlus,
}

impl Pack {
    /// How many cards.
    pub const fn len(self) -> usize {
        match self {
            Self::Full => 52,
            Self::SixPlus => 36,
        }
    }

    /// Whether there are no cards: never.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// What is posted before the cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Posting {
    /// A small and a big blind; an ante, if the room has one.
    Blinds,
    /// An ante by everybody, and a blind by the button.
    ButtonBlind,
}

/// What distinguishes one game from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Game {
    /// How many cards everybody is dealt.
    pub hole_cards: usize,
    /// Which of them count.
    pub makes: Makes,
    /// How much may be bet.
    pub limit: Limit,
    /// What it is dealt from.
    pub pack: Pack,
    /// Whether half the pot goes to the best low hand.
    pub splits_low: bool,
    /// What is posted.
    pub posting: Posting,
    /// Whether a pot that is won with a seven and a deuce may have a bounty.
    pub has_bounty: bool,
}

impl Game {
    /// The most players for whom the cards suffice, without burns, on so many boards: at most 10.
    pub const fn most_players(self, boards: usize) -> usize {
        let most = (self.pack.len() - 5 * boards) / self.hole_cards;
        if most < 10 { most } else { 10 }
    }
}

/// A version of a game's rules: each game counts its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Revision {
    /// The first. In hold'em, short all-ins close the betting only after a full bet or raise on the street.
    First,
    /// The second, of hold'em: short all-ins close the betting for all who have acted.
    Second,
}

impl Revision {
    /// All of them, oldest first.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

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
        Self { variant, revision: variant.newest() }
    }

    /// The game.
    pub const fn game(self) -> Game {
        self.variant.game()
    }

    /// Whether a short all-in closes the betting for all who have acted, also where nobody has made a full bet or raise on
    /// the street: everywhere but in the first hold'em.
    pub const fn short_all_ins_close(self) -> bool {
        !matches!((self.variant, self.revision), (Variant::HoldEm, Revision::First))
    }

    /// The one with this text; `None` if there is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let (variant, revision) = text.split_once('/')?;
        let variant = Variant::of_name(variant)?;
        let revision = Revision::ALL.into_iter().find(|known| known.number().to_string() == revision)?;
        (revision <= variant.newest()).then_some(Self { variant, revision })
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
            for revision in Revision::ALL.into_iter().filter(|revision| *revision <= variant.newest()) {
                let book = RuleBook { variant, revision };
                assert_eq!(RuleBook::from_text(&book.to_string()), Some(book));
            }
        }
        assert_eq!(RuleBook::current(Variant::HoldEm).to_string(), "nlhe/2");
        assert_eq!(RuleBook::OLDEST.to_string(), "nlhe/1");
        assert_eq!(RuleBook::current(Variant::OmahaEight).to_string(), "plo8/1");
    }

    #[test]
    fn there_are_cards_for_as_many_players_as_the_rules_say() {
        let most = Variant::ALL.map(|variant| [1, 2].map(|boards| variant.game().most_players(boards)));
        assert_eq!(most, [[10, 10], [10, 10], [9, 8], [10, 10], [10, 10]]);
    }

    #[test]
    fn an_unknown_rule_book_is_none() {
        for text in [
            "", "nlhe", "nlhe/", "nlhe/0", "nlhe/3", "nlhe/02", "nlhe/+2", "NLHE/2", "plo/2", "stud/1", "nlhe/2/1",
            " nlhe/2",
        ] {
            assert_eq!(RuleBook::from_text(text), None, "{text}");
        }
    }
}
