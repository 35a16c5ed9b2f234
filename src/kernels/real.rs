//! The two floating-point types that everything is generic over.

use std::fmt::{Debug, Display};
use std::ops::{AddAssign, DivAssign, MulAssign, Neg, SubAssign};

use ndarray::{LinalgScalar, ScalarOperand};

use super::function::Functions;
use super::product::Lanes;

/// f32 or f64.
pub trait Real:
    LinalgScalar
    + ScalarOperand
    + Functions
    + Lanes
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

    /// The largest exponent of a power of two: 127 in f32.
    const BIAS: i32;

    /// The gap between 1 and the next greater number: 2^-23 of f32.
    const GAP_AT_1: f64;

    /// The nearest value to `x`.
    fn from_f64(x: f64) -> Self;

    /// 2^exponent; 0 where that is below the smallest normal number.
    fn power_of_two(exponent: i32) -> Self;

    /// Converts the value to f64, exactly.
    fn f64(self) -> f64;

    /// |x|.
    fn abs(self) -> Self;

    /// The number itself, or 0 where it is below the smallest normal one: there digits are lost, and many CPUs take a hundred
    /// times as long. Whatever is computed and kept goes through here, on every tier alike.
    #[inline(always)]
    fn flush(self) -> Self {
        // Of a number in f64 that is exactly the smallest one.
        if self.is_below(Self::from_f64(Self::MIN_NORMAL)) { Self::zero() } else { self }
    }

    /// The one of larger magnitude, without its sign; NaN is the largest.
    fn larger(self, other: Self) -> Self;

    /// The greater of two numbers that are not NaN.
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
}

impl Real for f32 {
    const MIN_NORMAL: f64 = f32::MIN_POSITIVE as f64;
    const BIAS: i32 = 127;
    const GAP_AT_1: f64 = f32::EPSILON as f64;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the run's precision is the purpose")]
    fn from_f64(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn power_of_two(exponent: i32) -> Self {
        let biased = exponent + Self::BIAS;
        if biased < 1 { 0.0 } else { Self::from_bits(biased.unsigned_abs() << 23) }
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
    fn larger(self, other: Self) -> Self {
        // Numbers of one sign are ordered as their bits are.
        Self::from_bits((self.to_bits() << 1 >> 1).max(other.to_bits() << 1 >> 1))
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }
}

impl Real for f64 {
    const MIN_NORMAL: f64 = f64::MIN_POSITIVE;
    const BIAS: i32 = 1023;
    const GAP_AT_1: f64 = f64::EPSILON;

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn power_of_two(exponent: i32) -> Self {
        let biased = exponent + Self::BIAS;
        if biased < 1 { 0.0 } else { Self::from_bits(u64::from(biased.unsigned_abs()) << 52) }
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
    fn larger(self, other: Self) -> Self {
        // Numbers of one sign are ordered as their bits are.
        Self::from_bits((self.to_bits() << 1 >> 1).max(other.to_bits() << 1 >> 1))
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
}
