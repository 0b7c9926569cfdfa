//! House rules: straddles, second boards, bomb pots.

use super::{Choice, InvalidSettings, Settings};
use crate::chips::Chips;
use crate::hand::{HandKind, HandRules};
use crate::rules::{Posting, RuleBook, Variant};

macro_rules! choices {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $about:literal])+ $choice:ident = $text:literal,)+ })+) => {$(
        crate::named! {
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $name { $($(#[doc = $about])+ $choice = $text,)+ }
        }

        impl Choice for $name {
            const CHOICES: &'static [Self] = &Self::ALL;
            const NAMES: &'static [&'static str] = &Self::NAMES;
        }
    )+};
}

choices! {
    /// Who may straddle.
    Straddle {
        /// Nobody.
        Off = "off",
        /// The player left of the big blind, and those left of them after them.
        Utg = "utg",
        /// The button.
        Button = "button",
    }
    /// When a hand has two boards.
    DoubleBoard {
        /// Never.
        Off = "off",
        /// In bomb pots.
        BombPots = "bomb_pots",
        /// In every hand.
        Always = "always",
    }
    /// Which hands are bomb pots.
    BombPotMode {
        /// None.
        Off = "off",
        /// Those whose number in the game is a multiple of the setting.
        Every = "every",
        /// Each one with this chance.
        Percent = "percent",
        /// Those that the host asks for.
        Manual = "manual",
    }
}

/// Numbers of seats.
const IN_WORDS: [&str; 11] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

impl Settings {
    /// How many boards a hand of this kind has.
    pub fn boards(&self, kind: HandKind) -> u8 {
        match (self.double_board, kind) {
            (DoubleBoard::Always, _) | (DoubleBoard::BombPots, HandKind::BombPot) => 2,
            (DoubleBoard::Off, _) | (DoubleBoard::BombPots, HandKind::Ordinary) => 1,
        }
    }

    /// The games that a bomb pot can be.
    pub fn bomb_pot_games(&self) -> &[Variant] {
        self.bomb_pot_variant.as_ref().map_or_else(|| self.games(), std::slice::from_ref)
    }

    /// The ante of a bomb pot.
    fn bomb_pot_ante(&self) -> Chips {
        Chips::new(self.big_blind.get() * u64::from(self.bomb_pot_ante))
    }

    /// What a bomb pot is played for by this rule book: an ante by everybody; the smallest bet is the big blind.
    pub(super) fn bomb_pot_stakes(&self, book: RuleBook) -> HandRules {
        HandRules {
            book,
            small_blind: self.small_blind,
            big_blind: self.big_blind,
            ante: self.bomb_pot_ante(),
            button_blind: Chips::ZERO,
        }
    }

    /// In how many hands the next bomb pot comes, after so many hands of the game: 1 for the next one. `None` where that isn't
    /// known beforehand.
    pub fn hands_to_bomb_pot(&self, dealt: u64, is_queued: bool) -> Option<u64> {
        let every = u64::from(self.bomb_pot_every);
        match self.bomb_pot_mode {
            BombPotMode::Every => Some(every - dealt % every),
            BombPotMode::Manual => is_queued.then_some(1),
            BombPotMode::Off | BombPotMode::Percent => None,
        }
    }

    /// The bounty of a hand of this game.
    pub fn bounty(&self, book: RuleBook) -> Chips {
        if book.game().has_bounty { self.bounty72 } else { Chips::ZERO }
    }

    /// Whether these games can have the bounty. Bomb pots may be of any game: those of others have none.
    pub(super) fn bounty_fits(&self) -> Result<(), InvalidSettings> {
        if !self.bounty72.is_zero() && self.games().iter().any(|variant| !variant.game().has_bounty) {
            let why = "the seven-deuce bounty is for hold'em alone: no other game of the room can have it";
            return Err(InvalidSettings(why.to_owned()));
        }
        Ok(())
    }

    /// Whether these games can be straddled.
    pub(super) fn can_be_straddled(&self) -> Result<(), InvalidSettings> {
        let has_none = |variant: &Variant| variant.game().posting != Posting::Blinds;
        if self.straddle != Straddle::Off && self.games().iter().any(has_none) {
            let why = "a short deck can't be straddled: the button posts in place of blinds";
            return Err(InvalidSettings(why.to_owned()));
        }
        Ok(())
    }

    /// Whether there are cards for all seats.
    pub(super) fn cards_suffice(&self) -> Result<(), InvalidSettings> {
        let ordinary = self.games().iter().map(|variant| (variant, HandKind::Ordinary));
        let bomb_pots = self.bomb_pot_games().iter().map(|variant| (variant, HandKind::BombPot));
        for (variant, kind) in ordinary.chain(bomb_pots) {
            let boards = self.boards(kind);
            let game = variant.game();
            let most = game.most_players(boards.into());
            if most < usize::from(self.seats) {
                let (seats, on_two) = (IN_WORDS[most], if boards > 1 { " on two boards" } else { "" });
                let why = format!("{} hole cards: there are cards for {seats} seats at most{on_two}", game.hole_cards);
                return Err(InvalidSettings(format!("{} has {why}", variant.name())));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::SettingsPatch;
    use super::*;

    fn with(patch: &SettingsPatch) -> Settings {
        Settings::default().patched(patch).unwrap()
    }

    fn refused(patch: &SettingsPatch) -> String {
        Settings::default().patched(patch).unwrap_err().0
    }

    fn name(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_second_board_needs_its_cards() {
        let two = |when, variant, seats| SettingsPatch {
            double_board: name(when),
            variant: name(variant),
            seats: Some(seats),
            ..Default::default()
        };
        assert!(refused(&two("always", "plo5", 9)).contains("eight seats at most on two boards"));
        assert!(refused(&two("bomb_pots", "plo5", 9)).contains("eight seats"), "bomb pots are of the room's game");
        assert_eq!(with(&two("always", "plo5", 8)).boards(HandKind::Ordinary), 2);
        assert_eq!(with(&two("always", "plo", 10)).boards(HandKind::BombPot), 2);
        let bomb = |seats| SettingsPatch {
            bomb_pot_variant: Some(name("plo5")),
            double_board: name("bomb_pots"),
            seats: Some(seats),
            ..Default::default()
        };
        assert!(refused(&bomb(9)).contains("eight seats"));
        let settings = with(&bomb(8));
        assert_eq!([HandKind::Ordinary, HandKind::BombPot].map(|kind| settings.boards(kind)), [1, 2]);
        let one = SettingsPatch { seats: Some(10), double_board: name("off"), ..bomb(10) };
        assert!(refused(&one).contains("nine seats at most"));
    }

    #[test]
    fn a_short_deck_has_no_straddle() {
        let straddle =
            |who, variant| SettingsPatch { straddle: name(who), variant: name(variant), ..Default::default() };
        for who in ["utg", "button"] {
            assert!(refused(&straddle(who, "shortdeck")).contains("straddle"));
            assert_eq!(with(&straddle(who, "plo")).max_straddles, 1);
            let rotation = Some(vec!["nlhe".to_owned(), "shortdeck".to_owned()]);
            assert!(refused(&SettingsPatch { rotation, ..straddle(who, "nlhe") }).contains("short deck"));
            // Nobody straddles in bomb pots: they may be of any game.
            let bomb_pots = SettingsPatch { bomb_pot_variant: Some(name("shortdeck")), ..straddle(who, "nlhe") };
            assert_eq!(with(&bomb_pots).bomb_pot_variant, Some(Variant::ShortDeck));
        }
        assert_eq!(with(&straddle("off", "shortdeck")).straddle, Straddle::Off);
        assert!(refused(&SettingsPatch { max_straddles: Some(4), ..Default::default() }).contains("between 1 and 3"));
    }

    #[test]
    fn the_seven_deuce_bounty_is_for_hold_em_alone() {
        let bounty = |variant| SettingsPatch { bounty72: Some(5), variant: name(variant), ..Default::default() };
        for variant in ["plo", "plo5", "plo8", "shortdeck"] {
            assert!(refused(&bounty(variant)).contains("hold'em alone"), "{variant}");
        }
        let rotation = Some(vec!["nlhe".to_owned(), "plo".to_owned()]);
        assert!(refused(&SettingsPatch { rotation, ..bounty("nlhe") }).contains("hold'em alone"));
        assert!(refused(&SettingsPatch { bounty72: Some(-1), ..Default::default() }).contains("bounty"));
        let mixed = with(&SettingsPatch { bomb_pot_variant: Some(name("plo")), ..bounty("nlhe") });
        let of = |variant| mixed.bounty(RuleBook::current(variant)).get();
        assert_eq!((of(Variant::HoldEm), of(Variant::Omaha)), (5, 0));
    }

    #[test]
    fn every_so_many_hands_one_is_a_bomb_pot() {
        let every =
            |hands| SettingsPatch { bomb_pot_mode: name("every"), bomb_pot_every: Some(hands), ..Default::default() };
        let settings = with(&every(3));
        let left: Vec<_> = (0..5).map(|dealt| settings.hands_to_bomb_pot(dealt, false)).collect();
        assert_eq!(left, [3, 2, 1, 3, 2].map(Some));
        assert_eq!(with(&every(1)).hands_to_bomb_pot(7, false), Some(1));
        let manual = with(&SettingsPatch { bomb_pot_mode: name("manual"), ..Default::default() });
        assert_eq!([false, true].map(|queued| manual.hands_to_bomb_pot(7, queued)), [None, Some(1)]);
        let percent = with(&SettingsPatch { bomb_pot_mode: name("percent"), ..Default::default() });
        assert_eq!(percent.hands_to_bomb_pot(7, false), None);
        for (patch, what) in [(every(0), "500"), (every(501), "500")] {
            assert!(refused(&patch).contains(what));
        }
    }
}
