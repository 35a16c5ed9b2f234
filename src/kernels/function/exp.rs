//! e^x and what is made of it: e^x - 1, sigmoid, tanh.
//!
//! e^x = 2^n (1 + r + tail) with x = n ln 2 + r, |r| <= ln(2)/2; tail = r^2 P(r) plus what r lost in rounding.
//! The polynomials are minimax by Remez's exchange, made by `coefficients.py`.

use super::float::{Float, Two, at_least, at_most, polynomial};

/// What is particular to a precision.
pub trait Exponential: Float {
    /// 1 / ln 2.
    const LOG2_E: Self;
    /// ln 2 in two parts; a multiple of the first by any n is exact.
    const LN_2: (Self, Self);
    /// 1.5 * 2^p plus twice the exponent's bias. Added to a number, the first rounds it to a whole number and leaves
    /// that in the lowest bits, where the second is added. Halved, these bits are two biased exponents, neither of
    /// which leaves the normal range.
    const ROUND: Self;
    /// P(r) = (e^r - 1 - r) / r^2 for |r| <= ln(2)/2.
    const SERIES: &'static [Self];
    /// Two bounds of x. Below the first, e^x is below the smallest normal number and counts as 0; from the second up,
    /// it is infinite.
    const RANGE: (Self, Self);
    /// tanh x is 1 from this x up.
    const TANH_IS_1: Self;
    /// e^x - 1 is x below this |x|.
    const TINY: Self;

    /// tanh x is x below this |x|.
    const NOTHING: Self;

    /// Returns two powers of two whose product is 2^n, from a sum with `ROUND`.
    fn powers(rounded: Self) -> (Self, Self);

    /// Returns 2^(n - less) from a sum with `ROUND`, where that is a normal number.
    fn power(rounded: Self, less: u8) -> Self;

    /// The whole number k, to be added to a sum with `ROUND`; |k| < 2^20.
    fn whole(k: i32) -> Self;
}

impl Exponential for f32 {
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2: (Self, Self) = (355.0 / 512.0, -0.000_212_194_44);
    const ROUND: Self = 12_582_912.0 + 254.0;
    const SERIES: &'static [Self] = &[0.5, 0.166_665_18, 0.041_666_206, 0.008_368_889, 0.001_395_049_2];
    const RANGE: (Self, Self) = (-87.336_54, 89.0);
    const TANH_IS_1: Self = 10.0;
    const TINY: Self = 1.0 / 33_554_432.0; // 2^-25
    const NOTHING: Self = 1.0 / 281_474_976_710_656.0; // 2^-48

    #[inline(always)]
    fn powers(rounded: Self) -> (Self, Self) {
        let sum = rounded.to_bits();
        let half = sum >> 1;
        (Self::from_bits(half << 23), Self::from_bits(sum.wrapping_sub(half) << 23))
    }

    #[inline(always)]
    fn power(rounded: Self, less: u8) -> Self {
        Self::from_bits(rounded.to_bits().wrapping_sub(127 + u32::from(less)) << 23)
    }

    #[inline(always)]
    fn whole(k: i32) -> Self {
        k as Self
    }
}

impl Exponential for f64 {
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2: (Self, Self) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
    const ROUND: Self = 6_755_399_441_055_744.0 + 2046.0;
    const SERIES: &'static [Self] = &[
        0.500_000_000_000_001_2,
        0.166_666_666_666_667,
        0.041_666_666_666_515_42,
        0.008_333_333_333_307_207,
        0.001_388_888_894_701_636_8,
        0.000_198_412_699_173_797_2,
        2.480_148_994_185_174e-5,
        2.755_721_630_538_756e-6,
        2.763_128_043_963_150_4e-7,
        2.511_785_937_455_091_7e-8,
    ];
    const RANGE: (Self, Self) = (-708.396_418_532_264_1, 710.0);
    const TANH_IS_1: Self = 20.0;
    const TINY: Self = 1.0 / 18_014_398_509_481_984.0; // 2^-54
    const NOTHING: Self = Self::TINY * Self::TINY;

    #[inline(always)]
    fn powers(rounded: Self) -> (Self, Self) {
        let sum = rounded.to_bits();
        let half = sum >> 1;
        (Self::from_bits(half << 52), Self::from_bits(sum.wrapping_sub(half) << 52))
    }

    #[inline(always)]
    fn power(rounded: Self, less: u8) -> Self {
        Self::from_bits(rounded.to_bits().wrapping_sub(1023 + u64::from(less)) << 52)
    }

    #[inline(always)]
    fn whole(k: i32) -> Self {
        Self::from(k)
    }
}

/// e^x = 2^n (1 + r + tail), with n as a sum with `ROUND`.
#[derive(Clone, Copy)]
pub(super) struct Reduced<F> {
    rounded: F,
    r: F,
    tail: F,
}

impl<F: Exponential> Reduced<F> {
    /// Reduces an argument in `RANGE`, given in two parts.
    #[inline(always)]
    pub(super) fn new(x: Two<F>) -> Self {
        let rounded = x.high.mul_add(F::LOG2_E, F::ROUND);
        let n = rounded - F::ROUND;
        let high = n.mul_add(-F::LN_2.0, x.high); // exact: neighbours cancel
        let low = n.mul_add(-F::LN_2.1, x.low);
        let Two { high: r, low: lost } = Two::sum(high, low);
        Self { rounded, r, tail: (r * r).mul_add(polynomial(F::SERIES, r), lost) }
    }

    #[inline(always)]
    fn of(x: F) -> Self {
        Self::new(Two { high: x, low: F::ZERO })
    }

    /// 1 + r + tail, in two parts.
    #[inline(always)]
    pub(super) fn fraction(self) -> Two<F> {
        Two::sum(F::ONE, self.r).plus(self.tail)
    }

    /// 2^n y; rounded a second time where the result is subnormal.
    #[inline(always)]
    pub(super) fn scale(self, y: F) -> F {
        let (first, second) = F::powers(self.rounded);
        y * first * second
    }
}

/// e^x; 0 where that is below the smallest normal number.
#[inline(always)]
pub fn exp<F: Exponential>(x: F) -> F {
    let e = Reduced::of(at_least(at_most(x, F::RANGE.1), F::RANGE.0));
    let y = e.scale(F::ONE + (e.r + e.tail));
    if x < F::RANGE.0 { F::ZERO } else { y }
}

/// 10^x, to about as many digits as x has behind its point.
pub fn exp10(x: f64) -> f64 {
    exp(x * std::f64::consts::LN_10)
}

/// 2^k e^x of x up to 0 and k from 0, with the digits of e^x; where that is below the smallest normal number it is 0.
#[inline(always)]
pub fn exp_times_power<F: Exponential>(x: F, k: i32) -> F {
    let least = F::RANGE.0 - F::whole(k) * F::LN_2.0 - F::whole(k) * F::LN_2.1;
    let e = Reduced::of(at_least(x, least));
    let y = Reduced { rounded: e.rounded + F::whole(k), ..e }.scale(F::ONE + (e.r + e.tail));
    if x < least { F::ZERO } else { y }
}

/// e^x in two parts, for x <= 0; 0 where it is below the smallest normal number.
#[inline(always)]
pub(super) fn exp_in_parts<F: Exponential>(x: F) -> Two<F> {
    let e = Reduced::of(at_least(x, F::RANGE.0));
    let Two { high, low } = e.fraction().normal();
    let part = |y: F| if x < F::RANGE.0 { F::ZERO } else { e.scale(y) };
    Two { high: part(high), low: part(low) }
}

/// e^x - 1, without cancellation near 0.
#[inline(always)]
pub fn exp_m1<F: Exponential>(x: F) -> F {
    // At RANGE.0 / 2 the result has long been -1. Half of it is made first: 2^n itself may be infinite.
    let e = Reduced::of(at_least(at_most(x, F::RANGE.1), F::HALF * F::RANGE.0));
    let power = F::power(e.rounded, 1);
    let y = Two::sum(power - F::HALF, power * e.r).plus(power * e.tail).round();
    if x.magnitude() < F::TINY { x } else { F::TWO * y }
}

/// 1 / (1 + e^-x), without cancellation in the lower tail.
#[inline(always)]
pub fn sigmoid<F: Exponential>(x: F) -> F {
    let e = exp(-x.magnitude());
    let numerator = Two { high: if x < F::ZERO { e } else { F::ONE }, low: F::ZERO };
    numerator.over(Two::sum(F::ONE, e)).round()
}

/// Hyperbolic tangent: (1 - e) / (1 + e) with e = e^(-2 abs(x)).
#[inline(always)]
pub fn tanh<F: Exponential>(x: F) -> F {
    let e = Reduced::of(-F::TWO * at_most(x.magnitude(), F::TANH_IS_1));
    // e = power + less; near 0 the power is 1, and 1 - power takes nothing from the digits of `less`.
    let power = F::power(e.rounded, 0);
    let less = power * (e.r + e.tail);
    let above = Two { high: (F::ONE - power) - less, low: F::ZERO };
    let y = above.over(Two::sum(F::ONE + power, less)).round().signed_as(x);
    if x.magnitude() < F::NOTHING { x } else { y }
}
