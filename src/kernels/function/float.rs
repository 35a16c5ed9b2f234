//! What the functions need of a floating-point type, and the sums they are made of.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// Arithmetic and the bits of one precision.
pub trait Float:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1/2.
    const HALF: Self;
    /// 1.
    const ONE: Self;
    /// 2.
    const TWO: Self;
    /// Infinity.
    const INFINITY: Self;
    /// NaN.
    const NAN: Self;

    /// self a + b, rounded once; where the target has no such instruction, by the platform's `fma`.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// |self|.
    fn magnitude(self) -> Self;

    /// Whether |self| < limit, by their bits; not of NaN. What is chosen by it is not computed, whereas compilers drop a
    /// choice by a comparison of numbers where another one, later, makes it idle.
    fn is_below(self, limit: Self) -> bool;

    /// |self| with the sign of `sign`.
    fn signed_as(self, sign: Self) -> Self;

    /// Square root, exact to the last bit by IEEE 754.
    fn root(self) -> Self;
}

macro_rules! float {
    ($type:ident) => {
        impl Float for $type {
            const ZERO: Self = 0.0;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const INFINITY: Self = $type::INFINITY;
            const NAN: Self = $type::NAN;

            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $type::mul_add(self, a, b)
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                $type::abs(self)
            }

            #[inline(always)]
            fn is_below(self, limit: Self) -> bool {
                // Numbers of one sign are ordered as their bits are.
                self.to_bits() << 1 < limit.to_bits() << 1
            }

            #[inline(always)]
            fn signed_as(self, sign: Self) -> Self {
                $type::copysign(self, sign)
            }

            #[inline(always)]
            fn root(self) -> Self {
                $type::sqrt(self)
            }
        }
    };
}

float!(f32);
float!(f64);

/// Square root.
#[inline(always)]
pub fn sqrt<F: Float>(x: F) -> F {
    x.root()
}

/// The smaller; x itself where it is NaN. Comparisons, as the standard library's `min` drops NaN.
#[inline(always)]
pub(super) fn at_most<F: Float>(x: F, bound: F) -> F {
    if x > bound { bound } else { x }
}

/// The greater; x itself where it is NaN.
#[inline(always)]
pub(super) fn at_least<F: Float>(x: F, bound: F) -> F {
    if x < bound { bound } else { x }
}

/// sum of c_i x^i, by Horner's rule.
#[inline(always)]
pub(super) fn polynomial<F: Float>(coefficients: &[F], x: F) -> F {
    let mut sum = coefficients[coefficients.len() - 1];
    for &c in coefficients[..coefficients.len() - 1].iter().rev() {
        sum = sum.mul_add(x, c);
    }
    sum
}

/// A number in two parts, the second below the rounding error of the first.
#[derive(Clone, Copy)]
pub(super) struct Two<F> {
    pub(super) high: F,
    pub(super) low: F,
}

impl<F: Float> Two<F> {
    /// a + b to the last digit, where |a| >= |b| or a = 0 (Dekker 1971).
    #[inline(always)]
    pub(super) fn sum(a: F, b: F) -> Self {
        let high = a + b;
        Self { high, low: (a - high) + b }
    }

    /// a b to the last digit, unless the low part underflows.
    #[inline(always)]
    pub(super) fn product(a: F, b: F) -> Self {
        let high = a * b;
        Self { high, low: a.mul_add(b, -high) }
    }

    /// This plus a number that is small beside `high`.
    #[inline(always)]
    pub(super) fn plus(self, small: F) -> Self {
        Self { high: self.high, low: self.low + small }
    }

    /// Returns the same number, its second part again below the rounding error of the first.
    #[inline(always)]
    pub(super) fn normal(self) -> Self {
        Self::sum(self.high, self.low)
    }

    /// The product, to about twice the digits.
    #[inline(always)]
    pub(super) fn times(self, other: Self) -> Self {
        let Self { high, low } = Self::product(self.high, other.high);
        Self { high, low: low + self.high.mul_add(other.low, self.low * other.high) }
    }

    /// The quotient, to about twice the digits, from one division.
    #[inline(always)]
    pub(super) fn over(self, other: Self) -> Self {
        let inverse = F::ONE / other.high;
        let high = self.high * inverse;
        let remainder = (-high).mul_add(other.high, self.high) + (-high).mul_add(other.low, self.low);
        Self { high, low: remainder * inverse }
    }

    /// The nearest number of one part.
    #[inline(always)]
    pub(super) fn round(self) -> F {
        self.high + self.low
    }
}
