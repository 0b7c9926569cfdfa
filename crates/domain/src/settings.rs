//! A room's settings.

use crate::chips::Chips;
use crate::rules::Variant;
use crate::time::Millis;

/// What a host may choose, always a valid combination: made by [`Settings::default`] and [`Settings::patched`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Chairs at the table, 2 to 10.
    pub seats: u8,
    /// The small blind, at least 1 chip.
    pub small_blind: Chips,
    /// The big blind, at least the small blind.
    pub big_blind: Chips,
    /// Posted by everybody who is dealt in, at most the big blind; 0 for none.
    pub ante: Chips,
    /// The fewest chips to sit down with.
    pub min_buy_in: Chips,
    /// The most chips to sit down with, and the most a top-up may lead to.
    pub max_buy_in: Chips,
    /// Time for a decision, 0 to 600 s; zero for no clock.
    pub action_timeout: Millis,
    /// Extra time for a whole stay in the room, 0 to 600 s, used when a decision takes too long. What was used stays used,
    /// whatever a player or the host does; a change counts from the next hand.
    pub timebank: Millis,
    /// Time between the end of a hand and the next deal, 0 to 30 s.
    pub between_hands: Millis,
    /// The most approved members, 2 to 1,000.
    pub max_members: u32,
    /// Whether everybody who asks is let in at once.
    pub auto_approve: bool,
    /// Whether members may watch without a seat.
    pub spectators_allowed: bool,
}

/// The only game there is: no-limit hold'em.
pub const VARIANT: Variant = Variant::HoldEm;

impl Default for Settings {
    fn default() -> Self {
        Self {
            seats: 9,
            small_blind: Chips::new(1),
            big_blind: Chips::new(2),
            ante: Chips::ZERO,
            min_buy_in: Chips::new(40),
            max_buy_in: Chips::new(400),
            action_timeout: Millis::from_secs(30),
            timebank: Millis::from_secs(60),
            between_hands: Millis::from_secs(4),
            max_members: 50,
            auto_approve: false,
            spectators_allowed: true,
        }
    }
}

/// A change of some settings, as it came from outside: nothing is checked yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsPatch {
    /// See [`Settings::seats`].
    pub seats: Option<i64>,
    /// See [`Settings::small_blind`].
    pub small_blind: Option<i64>,
    /// See [`Settings::big_blind`].
    pub big_blind: Option<i64>,
    /// See [`Settings::ante`].
    pub ante: Option<i64>,
    /// See [`Settings::min_buy_in`].
    pub min_buy_in: Option<i64>,
    /// See [`Settings::max_buy_in`].
    pub max_buy_in: Option<i64>,
    /// See [`Settings::action_timeout`], in whole seconds.
    pub action_timeout_secs: Option<i64>,
    /// See [`Settings::timebank`], in whole seconds.
    pub timebank_secs: Option<i64>,
    /// See [`Settings::between_hands`], in seconds, whole or a fraction.
    pub between_hands_secs: Option<f64>,
    /// See [`Settings::max_members`].
    pub max_members: Option<i64>,
    /// See [`Settings::auto_approve`].
    pub auto_approve: Option<bool>,
    /// See [`Settings::spectators_allowed`].
    pub spectators_allowed: Option<bool>,
    /// Must be [`VARIANT`].
    pub variant: Option<String>,
}

/// A setting out of range, or two that don't fit together. Says which and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSettings(pub &'static str);

impl Settings {
    /// These settings with some changed.
    ///
    /// # Errors
    ///
    /// - [`InvalidSettings`]: a value is out of its range, or the combination makes no game.
    pub fn patched(&self, patch: &SettingsPatch) -> Result<Self, InvalidSettings> {
        let mut new = self.clone();
        if let Some(seats) = patch.seats {
            new.seats = ranged(seats, 2, 10, "seats must be between 2 and 10")? as u8;
        }
        if let Some(blind) = patch.small_blind {
            new.small_blind = chips(blind, 1, "the small blind must be at least 1 chip")?;
        }
        if let Some(blind) = patch.big_blind {
            new.big_blind = chips(blind, 1, "the big blind must be at least 1 chip")?;
        }
        if let Some(ante) = patch.ante {
            new.ante = chips(ante, 0, "the ante can't be negative")?;
        }
        if let Some(buy_in) = patch.min_buy_in {
            new.min_buy_in = chips(buy_in, 1, "the smallest buy-in must be at least 1 chip")?;
        }
        if let Some(buy_in) = patch.max_buy_in {
            new.max_buy_in = chips(buy_in, 1, "the largest buy-in must be at least 1 chip")?;
        }
        if let Some(secs) = patch.action_timeout_secs {
            new.action_timeout = secs_up_to_600(secs, "the action time must be between 0 and 600 seconds")?;
        }
        if let Some(secs) = patch.timebank_secs {
            new.timebank = secs_up_to_600(secs, "the time bank must be between 0 and 600 seconds")?;
        }
        if let Some(secs) = patch.between_hands_secs {
            if !(0.0..=30.0).contains(&secs) {
                return Err(InvalidSettings("the time between hands must be between 0 and 30 seconds"));
            }
            new.between_hands = Millis((secs * 1000.0).round() as i64);
        }
        if let Some(members) = patch.max_members {
            new.max_members = ranged(members, 2, 1000, "the room must allow between 2 and 1,000 members")? as u32;
        }
        new.auto_approve = patch.auto_approve.unwrap_or(new.auto_approve);
        new.spectators_allowed = patch.spectators_allowed.unwrap_or(new.spectators_allowed);
        if patch.variant.as_deref().is_some_and(|variant| variant != VARIANT.name()) {
            return Err(InvalidSettings("the only variant is nlhe"));
        }
        new.checked()
    }

    fn checked(self) -> Result<Self, InvalidSettings> {
        if self.big_blind < self.small_blind {
            return Err(InvalidSettings("the big blind can't be smaller than the small blind"));
        }
        if self.ante > self.big_blind {
            return Err(InvalidSettings("the ante can't be larger than the big blind"));
        }
        if self.max_buy_in < self.min_buy_in {
            return Err(InvalidSettings("the largest buy-in can't be smaller than the smallest"));
        }
        Ok(self)
    }

    /// What a player sits down with who names no buy-in: 100 big blinds, within the room's limits.
    pub fn default_buy_in(&self) -> Chips {
        Chips::new(self.big_blind.get().saturating_mul(100)).clamp(self.min_buy_in, self.max_buy_in)
    }
}

fn ranged(value: i64, min: i64, max: i64, otherwise: &'static str) -> Result<i64, InvalidSettings> {
    if (min..=max).contains(&value) { Ok(value) } else { Err(InvalidSettings(otherwise)) }
}

fn chips(value: i64, min: i64, otherwise: &'static str) -> Result<Chips, InvalidSettings> {
    let value = ranged(value, min, i64::MAX, otherwise)?;
    Chips::from_signed(value)
        .filter(|chips| *chips <= Chips::MAX)
        .ok_or(InvalidSettings("a number of chips can't be above 1,000,000,000,000"))
}

fn secs_up_to_600(value: i64, otherwise: &'static str) -> Result<Millis, InvalidSettings> {
    Ok(Millis::from_secs(ranged(value, 0, 600, otherwise)? as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(patch: SettingsPatch) -> &'static str {
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
        assert!(refused(SettingsPatch { max_buy_in: Some(i64::MAX), ..Default::default() }).contains("above"));
        assert!(
            refused(SettingsPatch { between_hands_secs: Some(30.1), ..Default::default() }).contains("between hands")
        );
        assert!(
            refused(SettingsPatch { between_hands_secs: Some(f64::NAN), ..Default::default() }).contains("between")
        );
        assert!(refused(SettingsPatch { variant: Some("plo".into()), ..Default::default() }).contains("nlhe"));
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
