//! Instants and lengths of time, always given by the caller: the domain has no clock.

use std::ops::{Add, Sub};

/// An instant by the database's clock, in milliseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// A length of time in milliseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many whole seconds.
    pub const fn from_secs(secs: u32) -> Self {
        Self(secs as i64 * 1000)
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, length: Millis) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub for Timestamp {
    type Output = Millis;
    /// The time from `earlier` to `self`; none if `earlier` is later.
    fn sub(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0).max(0))
    }
}

impl Sub for Millis {
    type Output = Self;
    /// What is left of `self` when `other` is used up; never negative.
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }
}
