//! A room's settings: columns of `rooms`, and part of the event that changes them; and a member's preferences.
//!
//! The settings of the first release have columns of their own. All others are in one, by the names that clients use.

use std::collections::BTreeMap;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use domain::settings::{Declared, Preferences, PreferencesPatch, SETTINGS, Setting, Settings, SettingsPatch, Value};
use ports::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::event_row::Json;
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
    #[serde(default, skip_serializing_if = "ByName::is_empty")]
    pub(super) house_rules: ByName,
}

/// The settings that have columns of their own, by the contract's names.
const IN_COLUMNS: [&str; 12] = [
    "seats",
    "smallBlind",
    "bigBlind",
    "ante",
    "minBuyIn",
    "maxBuyIn",
    "actionTimeoutSecs",
    "timebankSecs",
    "betweenHandsSecs",
    "maxMembers",
    "autoApprove",
    "spectatorsAllowed",
];

/// Settings or preferences, by the contract's names. Names that this version doesn't know are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Jsonb)]
#[serde(transparent)]
pub(crate) struct ByName(BTreeMap<String, serde_json::Value>);

impl ByName {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of<'a, D: Declared>(values: &D, list: impl Iterator<Item = &'a Setting<D>>) -> Self {
        Self(list.map(|setting| (setting.name.to_owned(), to_json(setting.of(values)))).collect())
    }

    /// What is absent is as it was before the setting was there.
    fn patch<'a, D: Declared>(
        &self,
        patch: &mut D::Patch,
        list: impl Iterator<Item = &'a Setting<D>>,
    ) -> Result<(), StoreError> {
        for setting in list {
            let stored = self.0.get(setting.name).map(from_json);
            let value = stored.unwrap_or_else(|| Some(setting.before())).ok_or(StoreError::Corrupt("setting"))?;
            setting.put(patch, value).map_err(|_| StoreError::Corrupt("setting"))?;
        }
        Ok(())
    }

    /// Nothing where nothing was chosen.
    pub(super) fn of_preferences(preferences: &Preferences) -> Option<Self> {
        (*preferences != Preferences::default()).then(|| Self::of(preferences, Preferences::LIST.iter()))
    }

    pub(super) fn preferences(&self) -> Result<Preferences, StoreError> {
        let mut patch = PreferencesPatch::default();
        self.patch(&mut patch, Preferences::LIST.iter()).map_err(|_| StoreError::Corrupt("preference"))?;
        Preferences::default().patched(&patch).map_err(|_| StoreError::Corrupt("preference"))
    }

    pub(super) fn json(&self) -> Json {
        Json::of(self)
    }
}

impl FromSql<Jsonb, Pg> for ByName {
    fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
        let json = <Json as FromSql<Jsonb, Pg>>::from_sql(bytes)?;
        json.parse().map_err(Into::into)
    }
}

fn without_column() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| !IN_COLUMNS.contains(&setting.name))
}

impl SettingsRow {
    /// All of them.
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
            house_rules: ByName::of(settings, without_column()),
        }
    }

    /// As part of an event, which doesn't have what is as it was before the setting was there.
    pub(crate) fn in_event(settings: &Settings) -> Self {
        let mut row = Self::of(settings);
        for setting in without_column() {
            if setting.of(settings) == setting.before() {
                row.house_rules.0.remove(setting.name);
            }
        }
        row
    }

    /// Checked again: the domain has no other way to make settings.
    pub(crate) fn settings(&self) -> Result<Settings, StoreError> {
        let mut patch = SettingsPatch {
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
            ..SettingsPatch::default()
        };
        self.house_rules.patch(&mut patch, without_column())?;
        Settings::default().patched(&patch).map_err(|_| StoreError::Corrupt("setting"))
    }

    /// The same, if they are these to the millisecond: of times that are set in whole seconds the rest isn't read. House rules may
    /// have more names than this version knows.
    pub(crate) fn exactly(&self) -> Result<Settings, StoreError> {
        let settings = self.settings()?;
        if (Self { house_rules: self.house_rules.clone(), ..Self::of(&settings) }) == *self {
            Ok(settings)
        } else {
            Err(StoreError::Corrupt("setting"))
        }
    }
}

fn to_json(value: Value) -> serde_json::Value {
    match value {
        Value::Whole(value) => value.into(),
        Value::Number(value) => value.into(),
        Value::Flag(value) => value.into(),
        Value::Name(name) => name.into(),
        Value::Names(names) => names.into(),
        Value::Nothing => serde_json::Value::Null,
    }
}

/// `None`: no setting is like this.
fn from_json(value: &serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => Value::Nothing,
        serde_json::Value::Bool(value) => Value::Flag(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Whole(whole),
            None => Value::Number(number.as_f64()?),
        },
        serde_json::Value::String(name) => Value::Name(name.clone()),
        serde_json::Value::Array(names) => {
            let names = names.iter().map(|name| name.as_str().map(str::to_owned));
            Value::Names(names.collect::<Option<_>>()?)
        }
        serde_json::Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_before_is_read_and_a_setting_of_a_later_version_is_passed_over() {
        let mut row = SettingsRow::of(&Settings::default());
        row.house_rules.0.clear();
        let before = SettingsPatch { button_rule: Some("simple".to_owned()), ..SettingsPatch::default() };
        let before = Settings::default().patched(&before).ok();
        assert_eq!(row.settings().ok(), before);
        row.house_rules.0.insert("ofTomorrow".to_owned(), 7.into());
        assert_eq!(row.settings().ok(), before);
        row.house_rules.0.insert("variant".to_owned(), 7.into());
        assert!(row.settings().is_err());
    }

    #[test]
    fn preferences_are_read_as_they_were_written_and_nothing_else_is() {
        assert!(ByName::of_preferences(&Preferences::default()).is_none());
        let patch = PreferencesPatch { auto_muck: Some(false), max_runs: Some(Some(3)), ..Default::default() };
        let chosen = Preferences::default().patched(&patch).unwrap();
        let mut row = ByName::of_preferences(&chosen).unwrap();
        assert_eq!(row.preferences().ok(), Some(chosen));
        row.0.insert("ofTomorrow".to_owned(), 7.into());
        row.0.remove("maxRuns");
        assert_eq!(row.preferences().ok().map(|read| (read.auto_muck, read.max_runs)), Some((false, None)));
        for wrong in ["never".into(), serde_json::Value::Null, 1.into()] {
            row.0.insert("entry".to_owned(), wrong);
            assert!(row.preferences().is_err());
        }
    }

    #[test]
    fn every_setting_has_one_place() {
        let known: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert!(IN_COLUMNS.iter().all(|name| known.contains(name)), "{known:?}");
        let kept: Vec<_> = SettingsRow::of(&Settings::default()).house_rules.0.into_keys().collect();
        assert!(without_column().all(|setting| kept.iter().any(|name| name == setting.name)), "{kept:?}");
    }
}
