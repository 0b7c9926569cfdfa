//! Whole chips with checked sums.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// A number of chips, never negative.
///
/// Every number that enters from outside is at most [`Chips::MAX`], so that sums over a table can't overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chips(u64);

impl Chips {
    /// No chips.
    pub const ZERO: Self = Self(0);
    /// The most that a stack, a blind or an amount from outside may be: 10^12, exact in every client's number type.
    pub const MAX: Self = Self(1_000_000_000_000);

    /// So many chips.
    pub const fn new(count: u64) -> Self {
        Self(count)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number, signed, for ledgers. Exact: sums stay far below the sign bit.
    pub fn signed(self) -> i64 {
        i64::try_from(self.0).expect("chips are bounded far below i64::MAX")
    }

    /// `None` for a negative number.
    pub fn from_signed(count: i64) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }

    /// `self - other`, or none left.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether there are none.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Chips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Chips {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.checked_add(other.0).expect("chips are bounded far below u64::MAX"))
    }
}

impl Sub for Chips {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.checked_sub(other.0).expect("chips never go below zero"))
    }
}

impl AddAssign for Chips {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Chips {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Chips {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}
