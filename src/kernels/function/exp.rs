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
    /// 1.5 * 2^p, which added rounds to a whole number and leaves it in the lowest bits, plus twice the exponent's
    /// bias: halved, these are two biased exponents, neither of which leaves the normal range.
    const ROUND: Self;
    /// P(r) = (e^r - 1 - r) / r^2 for |r| <= ln(2)/2.
    const SERIES: &'static [Self];
    /// From here down e^x is 0, and from here up infinite.
    const RANGE: (Self, Self);
    /// From here up tanh is 1.
    const TANH_IS_1: Self;
    /// Below this magnitude e^x - 1 is x.
    const TINY: Self;

    /// Below this magnitude e^x is 1, even in the digits of one more number, and tanh x is x.
    const NOTHING: Self;

    /// Below this magnitude e^(x^2) is 1 likewise, e^x - 1 is x, and the square of x^2 may be subnormal.
    const NO_SQUARE: Self;

    /// From a sum with `ROUND`: two powers of two whose product is 2^n.
    fn powers(rounded: Self) -> (Self, Self);

    /// From a sum with `ROUND`: 2^(n - less), where that is a normal number.
    fn power(rounded: Self, less: u8) -> Self;

    /// From a sum with `ROUND` of an n up to 0: 2^(n + 64).
    fn raised_power(rounded: Self) -> Self;

    /// 2^64 times the smallest normal number.
    const RAISED_LEAST: Self;
}

impl Exponential for f32 {
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2: (Self, Self) = (355.0 / 512.0, -0.000_212_194_44);
    const ROUND: Self = 12_582_912.0 + 254.0;
    const SERIES: &'static [Self] = &[0.5, 0.166_665_18, 0.041_666_206, 0.008_368_889, 0.001_395_049_2];
    const RANGE: (Self, Self) = (-104.0, 89.0);
    const TANH_IS_1: Self = 10.0;
    const TINY: Self = 1.0 / 33_554_432.0; // 2^-25
    const NOTHING: Self = 1.0 / 281_474_976_710_656.0; // 2^-48
    const NO_SQUARE: Self = 1.0 / 536_870_912.0; // 2^-29
    const RAISED_LEAST: Self = Self::from_bits((1 + 64) << 23);

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
    fn raised_power(rounded: Self) -> Self {
        Self::from_bits(rounded.to_bits().wrapping_sub(127 - 64) << 23)
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
    const RANGE: (Self, Self) = (-746.0, 710.0);
    const TANH_IS_1: Self = 20.0;
    const TINY: Self = 1.0 / 18_014_398_509_481_984.0; // 2^-54
    const NOTHING: Self = Self::TINY * Self::TINY;
    const NO_SQUARE: Self = Self::NOTHING;
    const RAISED_LEAST: Self = Self::from_bits((1 + 64) << 52);

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
    fn raised_power(rounded: Self) -> Self {
        Self::from_bits(rounded.to_bits().wrapping_sub(1023 - 64) << 52)
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
    /// Of an argument in `RANGE`, in two parts.
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

/// x, or 0 where x is nothing beside 1, and its square is nothing but a subnormal number, over which CPUs take long.
#[inline(always)]
pub(super) fn beside_1<F: Exponential>(x: F) -> F {
    if x.is_below(F::NOTHING) { F::ZERO } else { x }
}

/// e^x.
#[inline(always)]
pub fn exp<F: Exponential>(x: F) -> F {
    let e = Reduced::of(at_least(at_most(beside_1(x), F::RANGE.1), F::RANGE.0));
    e.scale(F::ONE + (e.r + e.tail))
}

/// 2^64 e^x of x up to 0, rounded as e^x is: what is subnormal there is none here.
#[inline(always)]
pub(crate) fn raised_exp<F: Exponential>(x: F) -> F {
    let e = Reduced::of(at_least(beside_1(x), F::RANGE.0));
    let raised = (F::ONE + (e.r + e.tail)) * F::raised_power(e.rounded);
    // From here to twice as far, neighbours are as far apart as subnormal numbers, raised.
    let rounded = (raised + F::RAISED_LEAST) - F::RAISED_LEAST;
    if raised.is_below(F::RAISED_LEAST) { rounded } else { raised }
}

/// x, or 0 where x^2 is nothing beside 1, and its square a subnormal number.
#[inline(always)]
pub(super) fn with_square<F: Exponential>(x: F) -> F {
    if x.is_below(F::NO_SQUARE) { F::ZERO } else { x }
}

/// e^x in two parts, for x <= 0 that is subnormal or normal.
#[inline(always)]
pub(super) fn exp_in_parts<F: Exponential>(x: F) -> Two<F> {
    let e = Reduced::of(at_least(x, F::RANGE.0));
    let Two { high, low } = e.fraction().normal();
    Two { high: e.scale(high), low: e.scale(low) }
}

/// e^x - 1, without cancellation near 0.
#[inline(always)]
pub fn exp_m1<F: Exponential>(x: F) -> F {
    // At RANGE.0 / 2 the result has long been -1. Half of it is made first: 2^n itself may be infinite.
    let e = Reduced::of(at_least(at_most(with_square(x), F::RANGE.1), F::HALF * F::RANGE.0));
    let power = F::power(e.rounded, 1);
    let y = Two::sum(power - F::HALF, power * e.r).plus(power * e.tail).round();
    if x.magnitude() < F::TINY { x } else { F::TWO * y }
}

/// 1 / (1 + e^-x), without cancellation in the lower tail.
#[inline(always)]
pub fn sigmoid<F: Exponential>(x: F) -> F {
    sigmoid_from(exp(-x.magnitude()), x)
}

/// The same from e = e^-|x|, or where that counts for nothing beside 1 from any other e that does not.
#[inline(always)]
pub(crate) fn sigmoid_from<F: Exponential>(e: F, x: F) -> F {
    let numerator = Two { high: if x < F::ZERO { e } else { F::ONE }, low: F::ZERO };
    numerator.over(Two::sum(F::ONE, e)).round()
}

/// Hyperbolic tangent: (1 - e) / (1 + e) with e = e^(-2 abs(x)).
#[inline(always)]
pub fn tanh<F: Exponential>(x: F) -> F {
    let e = Reduced::of(-F::TWO * at_most(beside_1(x).magnitude(), F::TANH_IS_1));
    // e = power + less; near 0 the power is 1, and 1 - power takes nothing from the digits of `less`.
    let power = F::power(e.rounded, 0);
    let less = power * (e.r + e.tail);
    let above = Two { high: (F::ONE - power) - less, low: F::ZERO };
    let y = above.over(Two::sum(F::ONE + power, less)).round().signed_as(x);
    if x.magnitude() < F::NOTHING { x } else { y }
}
