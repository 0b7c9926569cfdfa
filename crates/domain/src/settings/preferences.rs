//! A player's standing choices.

use super::setting::{Kind, Maybe, OneOf, Switch, Whole};
use super::{Declared, InvalidSettings, Setting};
use crate::button::Entry;

crate::named! {
    /// What a player answers when it is asked how often to run the missing cards.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum RunPreference {
        /// Decides each time.
        Ask = "ask",
        /// As often as they may be run.
        Always = "always",
        /// Once.
        Never = "never",
    }
}

settings! {
    /// What a player has chosen for good, always valid: made by [`Preferences::default`] and [`Preferences::patched`] alone.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    Preferences, PreferencesPatch, PREFERENCES;

    /// Who is new or has missed blinds posts them as soon as they may, or waits for the big blind.
    entry, entry, "entry": OneOf<Entry> = Entry::Post; "the entry"
    /// Whether they straddle whenever they may.
    auto_straddle, auto_straddle, "autoStraddle": Switch = false; "the straddle"
    /// What they answer when it is asked how often to run the missing cards.
    run_preference, run_preference, "runPreference": OneOf<RunPreference> = RunPreference::Ask; "the answer about runs"
    /// Whether a beaten hand is mucked at the showdown unless they show it.
    auto_muck, auto_muck, "autoMuck": Switch = true; "mucking"
    /// Whether they sit out when the big blind comes to them next, which takes this back.
    sit_out_next_big_blind, sit_out_next_big_blind, "sitOutNextBigBlind": Switch = false; "sitting out"
    /// The most runs that they accept by a standing answer; null for as many as the room allows.
    max_runs, max_runs, "maxRuns": Maybe<Whole<u8, 1, 3>> = None; "the most runs"
}

/// A preference out of its range. Says which and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidPreference(pub String);

impl Preferences {
    /// These preferences with some changed.
    ///
    /// # Errors
    ///
    /// - [`InvalidPreference`]: a value is out of its range.
    pub fn patched(self, patch: &PreferencesPatch) -> Result<Self, InvalidPreference> {
        self.with_each(patch).map_err(|InvalidSettings(why)| InvalidPreference(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_stays_and_what_is_out_of_range_is_named() {
        let patch =
            PreferencesPatch { entry: Some("wait".to_owned()), max_runs: Some(Some(2)), ..PreferencesPatch::default() };
        let changed = Preferences::default().patched(&patch).unwrap();
        assert_eq!((changed.entry, changed.max_runs, changed.auto_muck), (Entry::Wait, Some(2), true));
        let room_s = PreferencesPatch { max_runs: Some(None), ..PreferencesPatch::default() };
        assert_eq!(changed.patched(&room_s).unwrap().max_runs, None);
        let refused = |patch: PreferencesPatch| changed.patched(&patch).unwrap_err().0;
        assert!(
            refused(PreferencesPatch { entry: Some("later".to_owned()), ..Default::default() }).contains("post, wait")
        );
        assert!(
            refused(PreferencesPatch { run_preference: Some("Ask".to_owned()), ..Default::default() })
                .contains("never")
        );
        assert!(
            refused(PreferencesPatch { max_runs: Some(Some(4)), ..Default::default() }).contains("between 1 and 3")
        );
    }
}
