//! A room's settings: columns of `rooms`, and part of the event that changes them.

use diesel::prelude::*;
use domain::settings::{Settings, SettingsPatch};
use ports::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::schema::rooms;

#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Serialize, Deserialize)]
#[diesel(table_name = rooms)]
pub(crate) struct SettingsRow {
    pub(super) seats: i16,
    pub(super) small_blind: i64,
    pub(super) big_blind: i64,
    pub(super) ante: i64,
    pub(super) min_buy_in: i64,
    pub(super) max_buy_in: i64,
    pub(super) action_timeout_ms: i64,
    pub(super) timebank_ms: i64,
    pub(super) between_hands_ms: i64,
    pub(super) max_members: i32,
    pub(super) auto_approve: bool,
    pub(super) spectators_allowed: bool,
}

impl SettingsRow {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            seats: settings.seats.into(),
            small_blind: settings.small_blind.signed(),
            big_blind: settings.big_blind.signed(),
            ante: settings.ante.signed(),
            min_buy_in: settings.min_buy_in.signed(),
            max_buy_in: settings.max_buy_in.signed(),
            action_timeout_ms: settings.action_timeout.0,
            timebank_ms: settings.timebank.0,
            between_hands_ms: settings.between_hands.0,
            max_members: settings.max_members.try_into().expect("settings allow 1,000 members at most"),
            auto_approve: settings.auto_approve,
            spectators_allowed: settings.spectators_allowed,
        }
    }

    /// Checked again: the domain has no other way to make settings.
    pub(crate) fn settings(&self) -> Result<Settings, StoreError> {
        let patch = SettingsPatch {
            seats: Some(self.seats.into()),
            small_blind: Some(self.small_blind),
            big_blind: Some(self.big_blind),
            ante: Some(self.ante),
            min_buy_in: Some(self.min_buy_in),
            max_buy_in: Some(self.max_buy_in),
            action_timeout_secs: Some(self.action_timeout_ms / 1000),
            timebank_secs: Some(self.timebank_ms / 1000),
            between_hands_secs: Some(self.between_hands_ms as f64 / 1000.0),
            max_members: Some(self.max_members.into()),
            auto_approve: Some(self.auto_approve),
            spectators_allowed: Some(self.spectators_allowed),
            variant: None,
        };
        Settings::default().patched(&patch).map_err(|_| StoreError::Corrupt("setting"))
    }
}
