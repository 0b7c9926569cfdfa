//! A room's settings on the wire, and a change of some: made from the domain's list of settings.

use std::fmt;

use domain::settings::{SETTINGS, Setting, Settings, SettingsPatch, Shape, Value};
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ArrayBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};

/// A room's settings.
#[derive(Clone, Debug)]
pub struct WireSettings(Settings);

impl From<&Settings> for WireSettings {
    fn from(settings: &Settings) -> Self {
        Self(settings.clone())
    }
}

impl Serialize for WireSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(SETTINGS.len()))?;
        for setting in SETTINGS {
            match setting.of(&self.0) {
                Value::Whole(value) => map.serialize_entry(setting.name, &value)?,
                // 4 is `4`, not `4.0`, and 0.5 is `0.5`.
                Value::Number(value) if value.fract() == 0.0 => map.serialize_entry(setting.name, &(value as i64))?,
                Value::Number(value) => map.serialize_entry(setting.name, &value)?,
                Value::Flag(value) => map.serialize_entry(setting.name, &value)?,
                Value::Name(name) => map.serialize_entry(setting.name, &name)?,
                Value::Names(names) => map.serialize_entry(setting.name, &names)?,
                Value::Nothing => map.serialize_entry(setting.name, &())?,
            }
        }
        map.end()
    }
}

/// Settings to change; what is absent stays.
#[derive(Default)]
pub struct SettingsRequest(pub SettingsPatch);

impl<'de> Deserialize<'de> for SettingsRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PatchVisitor)
    }
}

struct PatchVisitor;

impl<'de> Visitor<'de> for PatchVisitor {
    type Value = SettingsRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings to change")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SettingsRequest, A::Error> {
        let mut patch = SettingsPatch::default();
        let mut seen = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen.contains(&setting.name) {
                return Err(de::Error::duplicate_field(setting.name));
            }
            seen.push(setting.name);
            let Some(value) = map.next_value_seed(ValueOf(setting.shape))? else { continue };
            setting
                .put(&mut patch, value)
                .map_err(|_| de::Error::custom(format!("{} has another type", setting.name)))?;
        }
        Ok(SettingsRequest(patch))
    }
}

/// A value of this shape; `None` for `null`, which is the same as absent, unless nothing is a value of the setting's.
struct ValueOf(Shape);

impl<'de> DeserializeSeed<'de> for ValueOf {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        Ok(match self.0 {
            Shape::Whole { .. } => Option::<i64>::deserialize(deserializer)?.map(Value::Whole),
            Shape::Number { .. } => Option::<f64>::deserialize(deserializer)?.map(Value::Number),
            Shape::Flag => Option::<bool>::deserialize(deserializer)?.map(Value::Flag),
            Shape::Name(_) => Option::<String>::deserialize(deserializer)?.map(Value::Name),
            Shape::Names { .. } => Option::<Vec<String>>::deserialize(deserializer)?.map(Value::Names),
            Shape::Maybe(shape) => Some(Self(*shape).deserialize(deserializer)?.unwrap_or(Value::Nothing)),
        })
    }
}

fn schema_of(setting: &Setting) -> RefOr<Schema> {
    shaped(&setting.shape, Some(setting.about.trim().to_owned()))
}

fn shaped(shape: &Shape, about: Option<String>) -> RefOr<Schema> {
    let object = ObjectBuilder::new().description(about.clone());
    match *shape {
        Shape::Whole { min, max } => {
            object.schema_type(Type::Integer).minimum(Some(min as f64)).maximum(Some(max as f64)).into()
        }
        Shape::Number { min, max } => object.schema_type(Type::Number).minimum(Some(min)).maximum(Some(max)).into(),
        Shape::Flag => object.schema_type(Type::Boolean).into(),
        Shape::Name(names) => object.schema_type(Type::String).enum_values(Some(names.iter().copied())).into(),
        Shape::Names { of, max, .. } => {
            let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(of.iter().copied()));
            ArrayBuilder::new().description(about).items(item).max_items(Some(max)).into()
        }
        Shape::Maybe(inner) => {
            let types = |kind| SchemaType::from_iter([kind, Type::Null]);
            match *inner {
                Shape::Name(names) => {
                    let names = names.iter().map(|name| Some(*name)).chain([None]);
                    object.schema_type(types(Type::String)).enum_values(Some(names)).into()
                }
                Shape::Whole { min, max } => {
                    object.schema_type(types(Type::Integer)).minimum(Some(min as f64)).maximum(Some(max as f64)).into()
                }
                Shape::Number { .. } | Shape::Flag | Shape::Names { .. } | Shape::Maybe(_) => shaped(inner, about),
            }
        }
    }
}

fn object(about: &str, is_whole: bool) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(about));
    for setting in SETTINGS {
        object = object.property(setting.name, schema_of(setting));
        if is_whole {
            object = object.required(setting.name);
        }
    }
    object.into()
}

impl utoipa::PartialSchema for WireSettings {
    fn schema() -> RefOr<Schema> {
        object("A room's settings.", true)
    }
}

impl utoipa::ToSchema for WireSettings {}

impl utoipa::PartialSchema for SettingsRequest {
    fn schema() -> RefOr<Schema> {
        object("Settings to change; what is absent stays.", false)
    }
}

impl utoipa::ToSchema for SettingsRequest {}

#[cfg(feature = "typescript")]
mod typescript {
    //! The same for the web client, with the limits of its forms.

    use domain::settings::{SETTINGS, Settings, Shape, Value};
    use ts_rs::{Config, TS};

    use super::{SettingsRequest, WireSettings};
    use crate::names::union;

    fn type_of(shape: &Shape) -> String {
        match shape {
            Shape::Whole { .. } | Shape::Number { .. } => "number".to_owned(),
            Shape::Flag => "boolean".to_owned(),
            Shape::Name(names) => union(names),
            Shape::Names { of, .. } => format!("({})[]", union(of)),
            Shape::Maybe(shape) => format!("{} | null", type_of(shape)),
        }
    }

    fn fields(mark: &str) -> String {
        let fields = SETTINGS.iter().map(|setting| {
            format!("\n  /** {} */\n  {}{mark}: {};", setting.about.trim(), setting.name, type_of(&setting.shape))
        });
        format!("{{{}\n}}", fields.collect::<String>())
    }

    macro_rules! declared {
        ($($name:ident, $mark:literal;)*) => {$(
            impl TS for $name {
                type WithoutGenerics = Self;
                type OptionInnerType = Self;

                fn name(_: &Config) -> String {
                    stringify!($name).to_owned()
                }

                fn inline(_: &Config) -> String {
                    fields($mark)
                }

                fn decl(config: &Config) -> String {
                    format!("type {} = {};", stringify!($name), Self::inline(config))
                }
            }
        )*};
    }

    declared! {
        WireSettings, "";
        SettingsRequest, "?";
    }

    /// `SETTING_LIMITS` and `SETTING_DEFAULTS`: what forms take, and what a new room starts with.
    pub fn forms() -> String {
        let mut limits = String::new();
        for setting in SETTINGS {
            let (min, max) = match setting.shape {
                Shape::Whole { min, max } => (min.to_string(), max.to_string()),
                Shape::Number { min, max } => (min.to_string(), max.to_string()),
                Shape::Flag | Shape::Name(_) | Shape::Names { .. } | Shape::Maybe(_) => continue,
            };
            limits.push_str(&format!(" {}: [{min}, {max}],", setting.name));
        }
        let defaults = SETTINGS.iter().map(|setting| {
            let value = match setting.of(&Settings::default()) {
                Value::Whole(value) => value.to_string(),
                Value::Number(value) => value.to_string(),
                Value::Flag(value) => value.to_string(),
                Value::Name(name) => format!("\"{name}\""),
                Value::Names(names) => format!("{names:?}"),
                Value::Nothing => "null".to_owned(),
            };
            format!(" {}: {value},", setting.name)
        });
        let defaults: String = defaults.collect();
        format!(
            "\n/** The smallest and the largest value that the server takes. */\n\
             export const SETTING_LIMITS = {{{limits} }} as const;\n\
             \n/** What a new room starts with. */\nexport const SETTING_DEFAULTS: WireSettings = {{{defaults} }};\n"
        )
    }
}

#[cfg(feature = "typescript")]
pub use typescript::forms;

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(json: &str) -> Result<SettingsPatch, String> {
        serde_json::from_str::<SettingsRequest>(json).map(|body| body.0).map_err(|err| err.to_string())
    }

    #[test]
    fn settings_come_back_as_they_were_sent() {
        let changed = SettingsPatch { seats: Some(4), between_hands_secs: Some(0.25), ..SettingsPatch::default() };
        let settings = Settings::default().patched(&changed).unwrap();
        let sent = serde_json::to_string(&WireSettings::from(&settings)).unwrap();
        assert!(sent.contains("\"betweenHandsSecs\":0.25,") && sent.contains("\"seats\":4,"), "{sent}");
        assert_eq!(Settings::default().patched(&patch(&sent).unwrap()), Ok(settings));
    }

    #[test]
    fn null_and_unknown_names_change_nothing_and_other_types_are_refused() {
        assert_eq!(patch(r#"{"seats":null,"ofTomorrow":{"a":1}}"#), Ok(SettingsPatch::default()));
        for wrong in [r#"{"seats":"4"}"#, r#"{"autoApprove":1}"#, r#"{"variant":4}"#, r#"{"seats":4,"seats":5}"#, "[]"]
        {
            assert!(patch(wrong).is_err(), "{wrong}");
        }
    }
}
