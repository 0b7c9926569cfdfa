//! What is played in a room: one game, or several in turn.

use super::{InvalidSettings, Settings};
use crate::chips::Chips;
use crate::hand::{HandKind, HandRules};
use crate::rules::{Posting, RuleBook, Variant};
use crate::time::Millis;

crate::named! {
    /// Whether the missing cards are run more than once.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RunItTwice {
        /// They are run once.
        Off = "off",
        /// Those who are still in are asked.
        Ask = "ask",
        /// As often as the room allows, and nobody is asked.
        Always = "always",
    }
}

crate::named! {
    /// Who may see what would have come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RabbitHunt {
        /// Nobody.
        Off = "off",
        /// The player who asks, and nobody else.
        Asker = "asker",
        /// Everybody, when a player asks.
        Room = "room",
    }
}

/// Where a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which of the games is played, or was played last.
    pub index: u8,
    /// How many more hands of it there will be.
    pub left: u16,
}

impl Settings {
    /// The games that can be played.
    pub fn games(&self) -> &[Variant] {
        if self.rotation.is_empty() { std::slice::from_ref(&self.variant) } else { &self.rotation }
    }

    /// Which game is played at this place of the rotation, and which one comes after it, if there are several.
    pub fn game_at(&self, place: Option<Place>) -> (Variant, Option<Variant>) {
        let games = self.games();
        let index = place.map_or(0, |place| usize::from(place.index)) % games.len();
        let next = (games.len() > 1).then(|| games[(index + 1) % games.len()]);
        (games[index], next)
    }

    /// How many hands of a game of a rotation are played that begins with so many players.
    pub fn hands_each(&self, players: usize) -> u16 {
        if self.rotation_hands > 0 { self.rotation_hands } else { players as u16 }
    }

    /// The game of the next hand, dealt to so many players, and where the rotation is with it.
    pub fn next_game(&self, place: Option<Place>, players: usize) -> (Variant, Option<Place>) {
        if self.rotation.is_empty() {
            return (self.variant, None);
        }
        let place = match place {
            Some(Place { index, left }) if left > 0 => Place { index, left: left - 1 },
            place => {
                let index = place.map_or(0, |place| usize::from(place.index) + 1) % self.rotation.len();
                Place { index: index as u8, left: self.hands_each(players) - 1 }
            }
        };
        (self.game_at(Some(place)).0, Some(place))
    }

    /// What everybody posts in a short deck: the ante, or the big blind in a room without antes.
    pub fn short_deck_ante(&self) -> Chips {
        if self.ante.is_zero() { self.big_blind } else { self.ante }
    }

    /// What the button posts in a short deck.
    pub fn short_deck_button_blind(&self) -> Chips {
        self.button_blind.unwrap_or_else(|| self.short_deck_ante())
    }

    /// What a hand is played for by this rule book (R-33, R-34: in a short deck, the ante is also the smallest bet).
    pub fn stakes(&self, kind: HandKind, book: RuleBook) -> HandRules {
        if kind == HandKind::BombPot {
            return self.bomb_pot_stakes(book);
        }
        let (small_blind, big_blind, ante, button_blind) = match book.game().posting {
            Posting::Blinds => (self.small_blind, self.big_blind, self.ante, Chips::ZERO),
            Posting::ButtonBlind => {
                let ante = self.short_deck_ante();
                (Chips::ZERO, ante, ante, self.short_deck_button_blind())
            }
        };
        HandRules { book, small_blind, big_blind, ante, button_blind }
    }

    /// How often the missing cards of the next hand may be run, and how long that is asked for: `None` where nobody is asked.
    pub fn runs(&self) -> (u8, Option<Millis>) {
        match self.run_it_twice {
            RunItTwice::Off => (1, None),
            RunItTwice::Ask => (self.max_runs, Some(self.run_vote)),
            RunItTwice::Always => (self.max_runs, None),
        }
    }

    /// Whether the games can be played at this table and with these antes.
    pub(super) fn games_fit(&self) -> Result<(), InvalidSettings> {
        let no = |why: &str| Err(InvalidSettings(why.to_owned()));
        let games = || self.games().iter().map(|variant| variant.game());
        self.cards_suffice()?;
        self.can_be_straddled()?;
        self.bounty_fits()?;
        let ante = self.short_deck_ante();
        let fits = |blind: Chips| blind == ante || blind == ante + ante;
        if games().any(|game| game.posting == Posting::ButtonBlind) && !self.button_blind.is_none_or(fits) {
            return no("the button blind of a short deck must be one or two antes");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::SettingsPatch;
    use super::*;

    fn variant(name: &str) -> SettingsPatch {
        SettingsPatch { variant: Some(name.to_owned()), ..Default::default() }
    }

    fn rotation(names: &[&str]) -> SettingsPatch {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        SettingsPatch { rotation: Some(names), ..Default::default() }
    }

    fn with(patch: &SettingsPatch) -> Settings {
        Settings::default().patched(patch).unwrap()
    }

    fn refused(patch: &SettingsPatch) -> String {
        Settings::default().patched(patch).unwrap_err().0
    }

    #[test]
    fn each_variant_can_be_chosen_by_its_name_and_nothing_else_can() {
        for each in Variant::ALL {
            assert_eq!(with(&variant(each.name())).variant, each);
        }
        assert!(refused(&variant("stud")).contains("plo8"));
    }

    #[test]
    fn what_does_not_fit_together_is_refused_in_words() {
        let seats = |seats, patch| SettingsPatch { seats: Some(seats), ..patch };
        assert_eq!(with(&seats(9, variant("plo5"))).seats, 9);
        assert!(refused(&seats(10, variant("plo5"))).contains("nine seats"));
        assert!(refused(&seats(10, rotation(&["nlhe", "plo5"]))).contains("nine seats"));
        assert!(refused(&rotation(&["nlhe"])).contains("2 to 5"));
        assert!(refused(&rotation(&["nlhe", "plo", "plo5", "plo8", "shortdeck", "nlhe"])).contains("2 to 5"));
        assert!(refused(&rotation(&["nlhe", "razz"])).contains("shortdeck"));
        let short = |blind| SettingsPatch { button_blind: Some(Some(blind)), ..variant("shortdeck") };
        assert_eq!(with(&short(4)).short_deck_button_blind(), Chips::new(4), "two antes of a big blind each");
        assert!(refused(&short(3)).contains("button blind"));
        assert!(refused(&SettingsPatch { rotation_hands: Some(501), ..Default::default() }).contains("500"));
    }

    #[test]
    fn a_rotation_plays_each_game_for_its_hands_and_begins_again() {
        let patch = SettingsPatch { rotation_hands: Some(2), ..rotation(&["nlhe", "plo8", "shortdeck"]) };
        let settings = with(&patch);
        let (mut place, mut played) = (None, Vec::new());
        for _ in 0..8 {
            let next = settings.next_game(place, 4);
            place = next.1;
            played.push(next.0.name());
        }
        assert_eq!(played, ["nlhe", "nlhe", "plo8", "plo8", "shortdeck", "shortdeck", "nlhe", "nlhe"]);
        assert_eq!(settings.game_at(place), (Variant::HoldEm, Some(Variant::OmahaEight)));
    }

    #[test]
    fn without_a_number_of_hands_a_game_lasts_an_orbit() {
        let settings = with(&rotation(&["nlhe", "plo"]));
        let (_, place) = settings.next_game(None, 3);
        assert_eq!(place, Some(Place { index: 0, left: 2 }));
        let (variant, place) = settings.next_game(Some(Place { index: 0, left: 0 }), 4);
        assert_eq!((variant, place), (Variant::Omaha, Some(Place { index: 1, left: 3 })));
    }
}
