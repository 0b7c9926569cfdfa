//! What a setting is: its name, what it may be, and how it is read and written by whoever has no types for it.

use std::fmt::Debug;
use std::marker::PhantomData;

use crate::chips::Chips;
use crate::settings::{InvalidSettings, Settings};
use crate::time::Millis;

/// A setting's value as clients write it and stores keep it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// A number, whole or not.
    Number(f64),
    /// On or off.
    Flag(bool),
    /// One of a few names.
    Name(String),
    /// Several names, in order.
    Names(Vec<String>),
    /// None.
    Nothing,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A whole number in a range, ends included.
    Whole {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A number in a range, ends included, whole or not.
    Number {
        /// The least.
        min: f64,
        /// The most.
        max: f64,
    },
    /// On or off.
    Flag,
    /// One of these names.
    Name(&'static [&'static str]),
    /// None, or so many of these names at most.
    Names {
        /// The names.
        of: &'static [&'static str],
        /// The fewest, where there are any.
        min: usize,
        /// The most.
        max: usize,
    },
    /// What it says, or nothing.
    Maybe(&'static Shape),
}

/// What is declared as one list by `settings!`: a room's settings, a player's preferences.
pub trait Declared: Clone + Debug + Default + PartialEq + Send + 'static {
    /// A change of some of them, as it came from outside.
    type Patch: Clone + Debug + Default + PartialEq + Send + 'static;
    /// All of them, in the order in which they are shown.
    const LIST: &'static [Setting<Self>];
}

/// A setting, known by its name.
#[derive(Debug)]
pub struct Setting<S: Declared = Settings> {
    /// The contract's name: `maxBuyIn`. Stores keep it under this name too, where it has no column of its own.
    pub name: &'static str,
    /// What it is, in one or two sentences.
    pub about: &'static str,
    /// What it may be.
    pub shape: Shape,
    pub(super) get: fn(&S) -> Value,
    pub(super) put: fn(&mut S::Patch, Value) -> Result<(), WrongType>,
    pub(super) before: fn() -> Value,
}

/// A value of another type than the setting's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongType;

impl<S: Declared> Setting<S> {
    /// What it is in `settings`.
    pub fn of(&self, settings: &S) -> Value {
        (self.get)(settings)
    }

    /// What it is in a room that was stored before this setting was there.
    pub fn before(&self) -> Value {
        (self.before)()
    }

    /// Has `patch` change it.
    ///
    /// # Errors
    ///
    /// - [`WrongType`]: a name where a number is asked for, or the like. Ranges are checked when it is [patched](Settings::patched).
    pub fn put(&self, patch: &mut S::Patch, value: Value) -> Result<(), WrongType> {
        (self.put)(patch, value)
    }
}

/// A kind of setting: from what was asked for to what holds, and back.
pub trait Kind {
    /// What the domain works with.
    type Field;
    /// What is asked for, unchecked.
    type Raw;
    const SHAPE: Shape;

    /// `None`: out of range.
    fn checked(raw: Self::Raw) -> Option<Self::Field>;
    fn raw(field: &Self::Field) -> Self::Raw;
    fn value(raw: Self::Raw) -> Value;
    fn of_value(value: Value) -> Result<Self::Raw, WrongType>;

    /// What is wrong with a value that isn't taken; `what` begins the sentence.
    fn complaint(what: &str) -> InvalidSettings {
        InvalidSettings(match Self::SHAPE {
            Shape::Whole { min, max: i64::MAX } => format!("{what} must be at least {min}"),
            Shape::Whole { min, max } => format!("{what} must be between {min} and {max}"),
            Shape::Number { min, max } => format!("{what} must be between {min} and {max}"),
            Shape::Flag => format!("{what} must be on or off"),
            Shape::Name(names) => format!("{what} must be one of {}", names.join(", ")),
            Shape::Names { of, min, max } => format!("{what} must be {min} to {max} of {}, or none", of.join(", ")),
            Shape::Maybe(_) => format!("{what} is out of its range"),
        })
    }
}

impl Value {
    fn whole(self) -> Result<i64, WrongType> {
        match self {
            Self::Whole(value) => Ok(value),
            Self::Number(_) | Self::Flag(_) | Self::Name(_) | Self::Names(_) | Self::Nothing => Err(WrongType),
        }
    }
}

/// A whole number that fits into `T`.
pub struct Whole<T, const MIN: i64, const MAX: i64>(PhantomData<T>);

impl<T: Copy + TryFrom<i64> + Into<i64>, const MIN: i64, const MAX: i64> Kind for Whole<T, MIN, MAX> {
    type Field = T;
    type Raw = i64;
    const SHAPE: Shape = Shape::Whole { min: MIN, max: MAX };

    fn checked(raw: i64) -> Option<T> {
        if (MIN..=MAX).contains(&raw) { raw.try_into().ok() } else { None }
    }

    fn raw(field: &T) -> i64 {
        (*field).into()
    }

    fn value(raw: i64) -> Value {
        Value::Whole(raw)
    }

    fn of_value(value: Value) -> Result<i64, WrongType> {
        value.whole()
    }
}

/// A number of chips, up to [`Chips::MAX`].
pub struct Stake<const MIN: i64>;

impl<const MIN: i64> Kind for Stake<MIN> {
    type Field = Chips;
    type Raw = i64;
    const SHAPE: Shape = Shape::Whole { min: MIN, max: Chips::MAX.get() as i64 };

    fn checked(raw: i64) -> Option<Chips> {
        Chips::from_signed(raw).filter(|chips| raw >= MIN && *chips <= Chips::MAX)
    }

    fn raw(field: &Chips) -> i64 {
        field.signed()
    }

    fn value(raw: i64) -> Value {
        Value::Whole(raw)
    }

    fn of_value(value: Value) -> Result<i64, WrongType> {
        value.whole()
    }
}

/// Whole seconds.
pub struct Secs<const MIN: i64, const MAX: i64>;

impl<const MIN: i64, const MAX: i64> Kind for Secs<MIN, MAX> {
    type Field = Millis;
    type Raw = i64;
    const SHAPE: Shape = Shape::Whole { min: MIN, max: MAX };

    fn checked(raw: i64) -> Option<Millis> {
        (MIN..=MAX).contains(&raw).then(|| Millis(raw * 1000))
    }

    fn raw(field: &Millis) -> i64 {
        field.0 / 1000
    }

    fn value(raw: i64) -> Value {
        Value::Whole(raw)
    }

    fn of_value(value: Value) -> Result<i64, WrongType> {
        value.whole()
    }
}

/// Seconds, whole or a fraction, to the millisecond.
pub struct Pause<const MAX: i64>;

impl<const MAX: i64> Kind for Pause<MAX> {
    type Field = Millis;
    type Raw = f64;
    const SHAPE: Shape = Shape::Number { min: 0.0, max: MAX as f64 };

    fn checked(raw: f64) -> Option<Millis> {
        (0.0..=MAX as f64).contains(&raw).then(|| Millis((raw * 1000.0).round() as i64))
    }

    fn raw(field: &Millis) -> f64 {
        field.0 as f64 / 1000.0
    }

    fn value(raw: f64) -> Value {
        Value::Number(raw)
    }

    fn of_value(value: Value) -> Result<f64, WrongType> {
        match value {
            Value::Number(value) => Ok(value),
            Value::Whole(value) => Ok(value as f64),
            Value::Flag(_) | Value::Name(_) | Value::Names(_) | Value::Nothing => Err(WrongType),
        }
    }
}

/// On or off.
pub struct Switch;

impl Kind for Switch {
    type Field = bool;
    type Raw = bool;
    const SHAPE: Shape = Shape::Flag;

    fn checked(raw: bool) -> Option<bool> {
        Some(raw)
    }

    fn raw(field: &bool) -> bool {
        *field
    }

    fn value(raw: bool) -> Value {
        Value::Flag(raw)
    }

    fn of_value(value: Value) -> Result<bool, WrongType> {
        match value {
            Value::Flag(value) => Ok(value),
            Value::Whole(_) | Value::Number(_) | Value::Name(_) | Value::Names(_) | Value::Nothing => Err(WrongType),
        }
    }
}

/// An enum of which every value has a name.
pub trait Choice: Copy + Eq + 'static {
    /// All there are.
    const CHOICES: &'static [Self];
    /// Their names, in the same order.
    const NAMES: &'static [&'static str];

    /// The one with this name; `None` if there is none.
    fn chosen(name: &str) -> Option<Self> {
        Self::NAMES.iter().position(|known| *known == name).map(|at| Self::CHOICES[at])
    }

    /// Its name.
    fn choice(self) -> &'static str {
        let at = Self::CHOICES.iter().position(|known| *known == self).expect("every choice is in the list");
        Self::NAMES[at]
    }
}

/// One of an enum's values, by name.
pub struct OneOf<T>(PhantomData<T>);

impl<T: Choice> Kind for OneOf<T> {
    type Field = T;
    type Raw = String;
    const SHAPE: Shape = Shape::Name(T::NAMES);

    fn checked(raw: String) -> Option<T> {
        T::chosen(&raw)
    }

    fn raw(field: &T) -> String {
        field.choice().to_owned()
    }

    fn value(raw: String) -> Value {
        Value::Name(raw)
    }

    fn of_value(value: Value) -> Result<String, WrongType> {
        match value {
            Value::Name(name) => Ok(name),
            Value::Whole(_) | Value::Number(_) | Value::Flag(_) | Value::Names(_) | Value::Nothing => Err(WrongType),
        }
    }
}

/// Several of an enum's values in order, `MIN` to `MAX`, or none.
pub struct Several<T, const MIN: usize, const MAX: usize>(PhantomData<T>);

impl<T: Choice, const MIN: usize, const MAX: usize> Kind for Several<T, MIN, MAX> {
    type Field = Vec<T>;
    type Raw = Vec<String>;
    const SHAPE: Shape = Shape::Names { of: T::NAMES, min: MIN, max: MAX };

    fn checked(raw: Vec<String>) -> Option<Vec<T>> {
        let fits = raw.is_empty() || (MIN..=MAX).contains(&raw.len());
        fits.then(|| raw.iter().map(|name| T::chosen(name)).collect()).flatten()
    }

    fn raw(field: &Vec<T>) -> Vec<String> {
        field.iter().map(|one| one.choice().to_owned()).collect()
    }

    fn value(raw: Vec<String>) -> Value {
        Value::Names(raw)
    }

    fn of_value(value: Value) -> Result<Vec<String>, WrongType> {
        match value {
            Value::Names(names) => Ok(names),
            Value::Whole(_) | Value::Number(_) | Value::Flag(_) | Value::Name(_) | Value::Nothing => Err(WrongType),
        }
    }
}

/// A setting of another kind, or none.
pub struct Maybe<K>(PhantomData<K>);

impl<K: Kind> Kind for Maybe<K> {
    type Field = Option<K::Field>;
    type Raw = Option<K::Raw>;
    const SHAPE: Shape = Shape::Maybe(&K::SHAPE);

    fn checked(raw: Option<K::Raw>) -> Option<Option<K::Field>> {
        raw.map_or(Some(None), |raw| K::checked(raw).map(Some))
    }

    fn raw(field: &Option<K::Field>) -> Option<K::Raw> {
        field.as_ref().map(K::raw)
    }

    fn value(raw: Option<K::Raw>) -> Value {
        raw.map_or(Value::Nothing, K::value)
    }

    fn of_value(value: Value) -> Result<Option<K::Raw>, WrongType> {
        match value {
            Value::Nothing => Ok(None),
            some @ (Value::Whole(_) | Value::Number(_) | Value::Flag(_) | Value::Name(_) | Value::Names(_)) => {
                K::of_value(some).map(Some)
            }
        }
    }

    fn complaint(what: &str) -> InvalidSettings {
        K::complaint(what)
    }
}
