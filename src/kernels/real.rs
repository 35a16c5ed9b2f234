//! The two floating-point types that everything is generic over.

use std::fmt::{Debug, Display};
use std::ops::{AddAssign, DivAssign, MulAssign, Neg, SubAssign};

use ndarray::{LinalgScalar, ScalarOperand};

use super::function::Functions;
use super::gradual::Gradual;
use super::product::Lanes;
use super::units::Units;

/// f32 or f64.
pub trait Real:
    LinalgScalar
    + ScalarOperand
    + Functions
    + Gradual
    + Lanes
    + Units
    + PartialOrd
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + Debug
    + Display
    + Default
    + Send
    + Sync
{
    /// The smallest positive normal number; below it a value loses digits.
    const MIN_NORMAL: f64;

    /// The gap between 1 and the next greater number: 2^-23 of f32.
    const GAP_AT_1: f64;

    /// The nearest value to `x`.
    fn of(x: f64) -> Self;

    /// The same value as an f64; exact.
    fn f64(self) -> f64;

    /// |x|.
    fn abs(self) -> Self;

    /// The greater of two numbers that are not NaN.
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
}

impl Real for f32 {
    const MIN_NORMAL: f64 = f32::MIN_POSITIVE as f64;
    const GAP_AT_1: f64 = f32::EPSILON as f64;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the run's precision is the purpose")]
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f32::abs(self)
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
}

impl Real for f64 {
    const MIN_NORMAL: f64 = f64::MIN_POSITIVE;
    const GAP_AT_1: f64 = f64::EPSILON;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
}
