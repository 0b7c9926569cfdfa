//! A room's settings.

use crate::button::{ButtonRule, Entry, NewPlayers};
use crate::chips::Chips;
use crate::rules::Variant;
use crate::time::Millis;

pub use self::games::{Place, RabbitHunt, RunItTwice};
pub use self::house::{BombPotMode, DoubleBoard, Straddle};
pub use self::preferences::{InvalidPreference, PREFERENCES, Preferences, PreferencesPatch, RunPreference};
pub use self::setting::{Choice, Declared, Setting, Shape, Value, WrongType};
use self::setting::{Kind, Maybe, OneOf, Pause, Secs, Several, Stake, Switch, Whole};

mod games;
mod house;
mod setting;

/// Says each setting once: field, name in a patch, contract's name, kind with its range, default, and how an error calls it; and
/// with `before`, what it is in rooms that were stored before it was there, where that isn't the default.
macro_rules! settings {
    (@before $default:expr) => { $default };
    (@before $default:expr, $before:expr) => { $before };
    ($(#[$meta:meta])* $all:ident, $change:ident, $list:ident;
     $($(#[doc = $doc:literal])+ $field:ident, $patch:ident, $name:literal: $kind:ty = $default:expr $(, before $before:expr)?; $what:literal)+) => {
        $(#[$meta])*
        #[non_exhaustive]
        pub struct $all {
            $($(#[doc = $doc])+ pub $field: <$kind as Kind>::Field,)+
        }

        impl Default for $all {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// A change of some, as it came from outside: nothing is checked yet.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $change {
            $(#[doc = concat!("See [`", stringify!($all), "::", stringify!($field), "`].")] pub $patch: Option<<$kind as Kind>::Raw>,)+
        }

        /// All of them, in the order in which they are shown.
        pub const $list: &[Setting<$all>] = &[$(Setting {
            name: $name,
            about: concat!($($doc),+),
            shape: <$kind as Kind>::SHAPE,
            get: |settings| <$kind as Kind>::value(<$kind as Kind>::raw(&settings.$field)),
            put: |patch, value| {
                patch.$patch = Some(<$kind as Kind>::of_value(value)?);
                Ok(())
            },
            before: || <$kind as Kind>::value(<$kind as Kind>::raw(&settings!(@before $default $(, $before)?))),
        },)+];

        impl Declared for $all {
            type Patch = $change;
            const LIST: &'static [Setting<Self>] = $list;
        }

        impl $all {
            /// Each value that `patch` has, if it is in its own range.
            fn with_each(mut self, patch: &$change) -> Result<Self, InvalidSettings> {
                $(if let Some(raw) = patch.$patch.clone() {
                    self.$field = <$kind as Kind>::checked(raw).ok_or_else(|| <$kind as Kind>::complaint($what))?;
                })+
                Ok(self)
            }
        }
    };
}

// After the macro, which it uses.
mod preferences;

settings! {
    /// What a host may choose, always a valid combination: made by [`Settings::default`] and [`Settings::patched`] alone.
    #[derive(Clone, Debug, PartialEq, Eq)]
    Settings, SettingsPatch, SETTINGS;

    /// Seats at the table.
    seats, seats, "seats": Whole<u8, 2, 10> = 9; "seats"
    /// The small blind, in chips.
    small_blind, small_blind, "smallBlind": Stake<1> = Chips::new(1); "the small blind"
    /// The big blind, at least the small blind.
    big_blind, big_blind, "bigBlind": Stake<1> = Chips::new(2); "the big blind"
    /// Posted by everybody who is dealt in, at most the big blind; 0 for none.
    ante, ante, "ante": Stake<0> = Chips::ZERO; "the ante"
    /// The fewest chips to sit down with.
    min_buy_in, min_buy_in, "minBuyIn": Stake<1> = Chips::new(40); "the smallest buy-in"
    /// The most chips to sit down with, and the most a top-up may lead to.
    max_buy_in, max_buy_in, "maxBuyIn": Stake<1> = Chips::new(400); "the largest buy-in"
    /// Time for a decision, in whole seconds; 0 for no clock.
    action_timeout, action_timeout_secs, "actionTimeoutSecs": Secs<0, 600> = Millis::from_secs(30); "the action time in seconds"
    /// Extra time for a whole stay in the room, in whole seconds, used when a decision takes too long. What was used stays used,
    /// whatever a player or the host does; a change counts from the next hand.
    timebank, timebank_secs, "timebankSecs": Secs<0, 600> = Millis::from_secs(60); "the time bank in seconds"
    /// Time between the end of a hand and the next deal, in seconds, whole or a fraction.
    between_hands, between_hands_secs, "betweenHandsSecs": Pause<30> = Millis::from_secs(4); "the time between hands in seconds"
    /// The most approved members.
    max_members, max_members, "maxMembers": Whole<u32, 2, 1000> = 50; "the number of members"
    /// Whether everybody who asks is let in at once.
    auto_approve, auto_approve, "autoApprove": Switch = false; "letting everybody in"
    /// Whether members may watch without a seat.
    spectators_allowed, spectators_allowed, "spectatorsAllowed": Switch = true; "letting spectators watch"
    /// The game, where there is no rotation.
    variant, variant, "variant": OneOf<Variant> = Variant::HoldEm; "the variant"
    /// Games that are played in turn; none for a single one.
    rotation, rotation, "rotation": Several<Variant, 2, 5> = Vec::new(); "the rotation"
    /// How many hands of each game of a rotation; 0 for as many as players are dealt into its first one.
    rotation_hands, rotation_hands, "rotationHands": Whole<u16, 0, 500> = 0; "the hands of each game of a rotation"
    /// Whether the missing cards are run more than once when the betting is over early: never, if all players in the hand want
    /// it, or always.
    run_it_twice, run_it_twice, "runItTwice": OneOf<RunItTwice> = RunItTwice::Off; "running it twice"
    /// How often at most.
    max_runs, max_runs, "maxRuns": Whole<u8, 2, 3> = 2; "the number of runs"
    /// Time for the question how often, in whole seconds.
    run_vote, run_vote_secs, "runVoteSecs": Secs<5, 30> = Millis::from_secs(10); "the time to choose the runs in seconds"
    /// Who may see what would have come, after a hand that ended before its board was complete: nobody, the player who asks, or
    /// everybody when a player asks.
    rabbit_hunt, rabbit_hunt, "rabbitHunt": OneOf<RabbitHunt> = RabbitHunt::Asker; "the rabbit hunt"
    /// What the button posts in a short deck, in chips: one or two antes. Null for one.
    button_blind, button_blind, "buttonBlind": Maybe<Stake<1>> = None; "the button blind"
    /// How the button moves: `dead` follows the big blind, and who misses blinds owes them; `simple` goes to the next player who is
    /// dealt in, and nobody owes anything.
    button_rule, button_rule, "buttonRule": OneOf<ButtonRule> = ButtonRule::Dead, before ButtonRule::Simple; "the button rule"
    /// What somebody does who sits down during the game, and by `wait_for_bb` everybody who owes blinds.
    new_players, new_players, "newPlayers": OneOf<NewPlayers> = NewPlayers::PostOrWait; "the rule for new players"
    /// Who may straddle: post twice the big blind before the cards, and act last before the flop.
    straddle, straddle, "straddle": OneOf<Straddle> = Straddle::Off; "the straddle"
    /// The most straddles, each by the player left of the one before and twice as large. The button straddles alone.
    max_straddles, max_straddles, "maxStraddles": Whole<u8, 1, 3> = 1; "the number of straddles"
    /// When hands have two boards.
    double_board, double_board, "doubleBoard": OneOf<DoubleBoard> = DoubleBoard::Off; "the second board"
    /// Which hands are bomb pots: an ante by everybody, and the flop at once.
    bomb_pot_mode, bomb_pot_mode, "bombPotMode": OneOf<BombPotMode> = BombPotMode::Off; "the way bomb pots come"
    /// Every so many hands one is a bomb pot, where they come by number.
    bomb_pot_every, bomb_pot_every, "bombPotEvery": Whole<u16, 1, 500> = 20; "the number of hands to a bomb pot"
    /// The chance of a hand to be a bomb pot, in percent, where they come by chance.
    bomb_pot_percent, bomb_pot_percent, "bombPotPercent": Whole<u8, 1, 100> = 5; "the chance of a bomb pot in percent"
    /// The ante of a bomb pot, in big blinds.
    bomb_pot_ante, bomb_pot_ante, "bombPotAnte": Whole<u8, 1, 20> = 5; "the ante of a bomb pot in big blinds"
    /// The game of bomb pots. Null for the one that is next.
    bomb_pot_variant, bomb_pot_variant, "bombPotVariant": Maybe<OneOf<Variant>> = None; "the variant of bomb pots"
    /// What each other player pays to who wins the main pot alone with a seven and a deuce, in chips; 0 for no bounty.
    bounty72, bounty72, "bounty72": Stake<0> = Chips::ZERO; "the seven-deuce bounty"
}

/// Enums whose names are said by [`named!`](crate::named!).
macro_rules! choices {
    ($($name:ident)*) => {$(
        impl Choice for $name {
            const CHOICES: &'static [Self] = &Self::ALL;
            const NAMES: &'static [&'static str] = &Self::NAMES;
        }
    )*};
}

choices! { ButtonRule Entry NewPlayers RabbitHunt RunItTwice RunPreference Variant }

/// A setting out of range, or two that don't fit together. Says which and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSettings(pub String);

impl Settings {
    /// These settings with some changed.
    ///
    /// # Errors
    ///
    /// - [`InvalidSettings`]: a value is out of its range, or the combination makes no game.
    pub fn patched(&self, patch: &SettingsPatch) -> Result<Self, InvalidSettings> {
        self.clone().with_each(patch)?.checked()
    }

    fn checked(self) -> Result<Self, InvalidSettings> {
        if self.big_blind < self.small_blind {
            return Err(InvalidSettings("the big blind can't be smaller than the small blind".to_owned()));
        }
        if self.ante > self.big_blind {
            return Err(InvalidSettings("the ante can't be larger than the big blind".to_owned()));
        }
        if self.max_buy_in < self.min_buy_in {
            return Err(InvalidSettings("the largest buy-in can't be smaller than the smallest".to_owned()));
        }
        self.games_fit()?;
        Ok(self)
    }

    /// What a player sits down with who names no buy-in: 100 big blinds, within the room's limits.
    pub fn default_buy_in(&self) -> Chips {
        Chips::new(self.big_blind.get().saturating_mul(100)).clamp(self.min_buy_in, self.max_buy_in)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(patch: SettingsPatch) -> String {
        Settings::default().patched(&patch).unwrap_err().0
    }

    #[test]
    fn an_empty_patch_changes_nothing() {
        assert_eq!(Settings::default().patched(&SettingsPatch::default()), Ok(Settings::default()));
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        assert!(refused(SettingsPatch { seats: Some(11), ..Default::default() }).contains("seats"));
        assert!(refused(SettingsPatch { seats: Some(1), ..Default::default() }).contains("seats"));
        assert!(refused(SettingsPatch { small_blind: Some(-1), ..Default::default() }).contains("small blind"));
        assert!(refused(SettingsPatch { max_buy_in: Some(i64::MAX), ..Default::default() }).contains("1000000000000"));
        assert!(
            refused(SettingsPatch { between_hands_secs: Some(30.1), ..Default::default() }).contains("between hands")
        );
        assert!(
            refused(SettingsPatch { between_hands_secs: Some(f64::NAN), ..Default::default() }).contains("between")
        );
    }

    #[test]
    fn a_setting_is_read_and_written_by_its_name_alone() {
        let patch = SettingsPatch {
            seats: Some(2),
            between_hands_secs: Some(0.25),
            auto_approve: Some(true),
            ..Default::default()
        };
        let changed = Settings::default().patched(&patch).unwrap();
        let mut copy = SettingsPatch::default();
        for setting in SETTINGS {
            setting.put(&mut copy, setting.of(&changed)).unwrap();
            let may_be_none = matches!(setting.shape, Shape::Maybe(_));
            let put = setting.put(&mut SettingsPatch::default(), Value::Nothing);
            assert_eq!(put.is_ok(), may_be_none, "{}", setting.name);
        }
        assert_eq!(Settings::default().patched(&copy).unwrap(), changed);
    }

    #[test]
    fn settings_that_do_not_fit_together_are_refused() {
        assert!(
            refused(SettingsPatch { big_blind: Some(1), small_blind: Some(2), ..Default::default() }).contains("big")
        );
        assert!(refused(SettingsPatch { max_buy_in: Some(39), ..Default::default() }).contains("buy-in"));
        assert!(refused(SettingsPatch { ante: Some(3), ..Default::default() }).contains("ante"));
    }

    #[test]
    fn the_time_between_hands_may_be_a_fraction() {
        let patch = SettingsPatch { between_hands_secs: Some(0.25), ..Default::default() };
        assert_eq!(Settings::default().patched(&patch).unwrap().between_hands, Millis(250));
    }

    #[test]
    fn the_default_buy_in_is_100_big_blinds_within_the_limits() {
        assert_eq!(Settings::default().default_buy_in(), Chips::new(200));
        let short = SettingsPatch { max_buy_in: Some(50), ..Default::default() };
        assert_eq!(Settings::default().patched(&short).unwrap().default_buy_in(), Chips::new(50));
    }
}
