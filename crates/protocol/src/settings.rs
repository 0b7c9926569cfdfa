//! A room's settings and a player's preferences on the wire, and a change of some: made from the domain's lists.

use std::fmt;
use std::marker::PhantomData;

use domain::settings::{Declared, Preferences, Settings, Shape, Value};
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ArrayBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};

/// All of a list on the wire, and a change of some.
macro_rules! wire {
    ($($declared:ident: $whole:ident, $about:literal; $body:ident, $change:literal)*) => {$(
        #[doc = $about]
        #[derive(Clone, Debug)]
        pub struct $whole($declared);

        impl From<&$declared> for $whole {
            fn from(values: &$declared) -> Self {
                Self(values.clone())
            }
        }

        impl Serialize for $whole {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_all(&self.0, serializer)
            }
        }

        #[doc = $change]
        #[derive(Default)]
        pub struct $body(pub <$declared as Declared>::Patch);

        impl<'de> Deserialize<'de> for $body {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map(PatchVisitor::<$declared>(PhantomData)).map(Self)
            }
        }

        impl utoipa::PartialSchema for $whole {
            fn schema() -> RefOr<Schema> {
                object::<$declared>($about, true)
            }
        }

        impl utoipa::ToSchema for $whole {}

        impl utoipa::PartialSchema for $body {
            fn schema() -> RefOr<Schema> {
                object::<$declared>($change, false)
            }
        }

        impl utoipa::ToSchema for $body {}
    )*};
}

wire! {
    Settings: WireSettings, "A room's settings."; SettingsRequest, "Settings to change; what is absent stays."
    Preferences: WirePreferences, "A player's standing choices."; PreferencesRequest, "Preferences to change; what is absent stays."
}

fn serialize_all<D: Declared, S: Serializer>(values: &D, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(D::LIST.len()))?;
    for setting in D::LIST {
        match setting.of(values) {
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

struct PatchVisitor<D>(PhantomData<D>);

impl<'de, D: Declared> Visitor<'de> for PatchVisitor<D> {
    type Value = D::Patch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with what to change")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<D::Patch, A::Error> {
        let mut patch = D::Patch::default();
        let mut seen = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let Some(setting) = D::LIST.iter().find(|setting| setting.name == name) else {
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
        Ok(patch)
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

/// A change may have `null` for what stays.
fn shaped(shape: &Shape, about: &str, or_null: bool) -> RefOr<Schema> {
    let object = ObjectBuilder::new().description(Some(about));
    let types = |kind| if or_null { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::new(kind) };
    match *shape {
        Shape::Whole { min, max } => {
            object.schema_type(types(Type::Integer)).minimum(Some(min as f64)).maximum(Some(max as f64)).into()
        }
        Shape::Number { min, max } => {
            object.schema_type(types(Type::Number)).minimum(Some(min)).maximum(Some(max)).into()
        }
        Shape::Flag => object.schema_type(types(Type::Boolean)).into(),
        Shape::Name(names) => {
            let names = names.iter().map(|name| Some(*name)).chain(or_null.then_some(None));
            object.schema_type(types(Type::String)).enum_values(Some(names)).into()
        }
        Shape::Names { of, max, .. } => {
            let item = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(of.iter().copied()));
            let array = ArrayBuilder::new().description(Some(about)).items(item).max_items(Some(max));
            array.schema_type(types(Type::Array)).into()
        }
        Shape::Maybe(inner) => shaped(inner, about, true),
    }
}

fn object<D: Declared>(about: &str, is_whole: bool) -> RefOr<Schema> {
    let mut object = ObjectBuilder::new().description(Some(about));
    for setting in D::LIST {
        object = object.property(setting.name, shaped(&setting.shape, setting.about.trim(), !is_whole));
        if is_whole {
            object = object.required(setting.name);
        }
    }
    object.into()
}

#[cfg(feature = "typescript")]
mod typescript {
    //! The same for the web client, with the limits of its forms.

    use domain::settings::{Declared, Preferences, SETTINGS, Settings, Shape, Value};
    use ts_rs::{Config, TS};

    use super::{PreferencesRequest, SettingsRequest, WirePreferences, WireSettings};
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

    fn fields<D: Declared>(mark: &str) -> String {
        let fields = D::LIST.iter().map(|setting| {
            format!("\n  /** {} */\n  {}{mark}: {};", setting.about.trim(), setting.name, type_of(&setting.shape))
        });
        format!("{{{}\n}}", fields.collect::<String>())
    }

    macro_rules! declared {
        ($($name:ident, $of:ident, $mark:literal;)*) => {$(
            impl TS for $name {
                type WithoutGenerics = Self;
                type OptionInnerType = Self;

                fn name(_: &Config) -> String {
                    stringify!($name).to_owned()
                }

                fn inline(_: &Config) -> String {
                    fields::<$of>($mark)
                }

                fn decl(config: &Config) -> String {
                    format!("type {} = {};", stringify!($name), Self::inline(config))
                }
            }
        )*};
    }

    declared! {
        WireSettings, Settings, "";
        SettingsRequest, Settings, "?";
        WirePreferences, Preferences, "";
        PreferencesRequest, Preferences, "?";
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
    use domain::settings::SettingsPatch;

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
