//! ln x and what is made of it: ln(1 + x), log10 x, softplus.
//!
//! x = 2^k m with sqrt(1/2) <= m < sqrt 2, and ln m = 2 atanh(s) with s = f / (2 + f), f = m - 1. With h = f^2 / 2 that
//! is f - h + s (h + s^2 Q(s^2)), where only the last and smallest term is rounded on its way (as in Tang 1990 and the
//! C libraries since). Q is minimax by Remez's exchange, made by `coefficients.py`.

use super::exp::{Exponential, exp_in_parts};
use super::float::{Two, at_least, polynomial};

/// What is particular to a precision.
pub trait Logarithm: Exponential {
    /// The smallest normal number.
    const LEAST_NORMAL: Self;
    /// A power of two that makes every subnormal number normal, and its exponent.
    const LIFT: (Self, Self);
    /// Q(z) = (ln((1 + s) / (1 - s)) - 2 s) / s^3 over z = s^2, for |s| <= (sqrt 2 - 1) / (sqrt 2 + 1).
    const ATANH: &'static [Self];

    /// k and m of a positive normal number.
    fn exponent_and_fraction(self) -> (Self, Self);

    /// The logarithm to base 10.
    fn decimal_log(self) -> Self;
}

impl Logarithm for f32 {
    const LEAST_NORMAL: Self = Self::MIN_POSITIVE;
    const LIFT: (Self, Self) = (33_554_432.0, 25.0);
    const ATANH: &'static [Self] = &[0.666_667_76, 0.399_775_36, 0.298_718_63];

    #[inline(always)]
    fn exponent_and_fraction(self) -> (Self, Self) {
        const ROOT_HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
        // Counted from sqrt(1/2), the exponent's field is k + 127 and the rest is m's distance from there.
        let from_root = self.to_bits().wrapping_add((127 << 23) - ROOT_HALF);
        // The field below the bits of 2^23 is 2^23 plus the field.
        let k = Self::from_bits(0x4b00_0000 | (from_root >> 23)) - (8_388_608.0 + 127.0);
        (k, Self::from_bits((from_root & 0x007f_ffff) + ROOT_HALF))
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "one rounding from f64 to f32 is the method")]
    fn decimal_log(self) -> Self {
        f64::from(self).decimal_log() as f32
    }
}

impl Logarithm for f64 {
    const LEAST_NORMAL: Self = Self::MIN_POSITIVE;
    const LIFT: (Self, Self) = (18_014_398_509_481_984.0, 54.0);
    const ATANH: &'static [Self] = &[
        0.666_666_666_666_673_4,
        0.399_999_999_994_143_2,
        0.285_714_287_424_745_64,
        0.222_221_985_635_183_4,
        0.181_835_648_649_673_58,
        0.153_140_358_784_102_15,
        0.147_961_050_153_310_38,
    ];

    #[inline(always)]
    fn exponent_and_fraction(self) -> (Self, Self) {
        const ROOT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
        // As for f32, with the field below the bits of 2^52.
        let from_root = self.to_bits().wrapping_add((1023 << 52) - ROOT_HALF);
        let k = Self::from_bits(0x4330_0000_0000_0000 | (from_root >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
        (k, Self::from_bits((from_root & 0x000f_ffff_ffff_ffff) + ROOT_HALF))
    }

    #[inline(always)]
    fn decimal_log(self) -> Self {
        const LOG10_E: Two<f64> = Two { high: std::f64::consts::LOG10_E, low: 1.098_319_650_216_765e-17 };
        // Twice the digits before the one rounding, so that a power of ten gives its exponent.
        at_the_ends(self, positive(self).times(LOG10_E).round())
    }
}

/// k ln 2 + ln m in two parts, to several digits more than one part holds.
#[inline(always)]
fn of_parts<F: Logarithm>(k: F, m: F) -> Two<F> {
    let f = m - F::ONE;
    let s = f / (F::TWO + f);
    let Two { high: h, low: h_low } = Two::product(F::HALF * f, f);
    let z = s * s;
    let small = s.mul_add(z.mul_add(polynomial(F::ATANH, z), h), k.mul_add(F::LN_2.1, -h_low));
    let whole = Two::sum(k * F::LN_2.0, f);
    Two::sum(whole.high, -h).plus(whole.low + small)
}

/// ln x in two parts for a positive x, subnormal or not.
#[inline(always)]
fn positive<F: Logarithm>(x: F) -> Two<F> {
    let subnormal = x < F::LEAST_NORMAL;
    let (lift, lifted) = if subnormal { F::LIFT } else { (F::ONE, F::ZERO) };
    let (k, m) = (x * lift).exponent_and_fraction();
    of_parts(k - lifted, m)
}

/// The logarithm y of x, or what it is where x is not a positive number.
#[inline(always)]
fn at_the_ends<F: Logarithm>(x: F, y: F) -> F {
    let ends = if x == F::ZERO { -F::INFINITY } else { F::NAN };
    let ends = if x == F::INFINITY { x } else { ends };
    if x > F::ZERO && x < F::INFINITY { y } else { ends }
}

/// Natural logarithm; -inf at 0.
#[inline(always)]
pub fn ln<F: Logarithm>(x: F) -> F {
    at_the_ends(x, positive(x).round())
}

/// ln(1 + x + low) in two parts, where 1 + x is positive and finite.
#[inline(always)]
fn one_plus<F: Logarithm>(x: F, low: F) -> Two<F> {
    let (greater, less) = if x > F::ONE { (x, F::ONE) } else { (F::ONE, x) };
    let Two { high: u, low: lost } = Two::sum(greater, less);
    let (k, m) = u.exponent_and_fraction();
    of_parts(k, m).plus((lost + low) / u)
}

/// ln(1 + x), without cancellation near 0; -inf at -1.
#[inline(always)]
pub fn ln_1p<F: Logarithm>(x: F) -> F {
    let y = at_the_ends(F::ONE + x, one_plus(x, F::ZERO).round());
    if x.magnitude() < F::TINY { x } else { y }
}

/// Logarithm to base 10; -inf at 0, and a whole number at every power of ten that f64 holds exactly.
#[inline(always)]
pub fn log10<F: Logarithm>(x: F) -> F {
    x.decimal_log()
}

/// ln(1 + e^x), without cancellation in the lower tail.
#[inline(always)]
pub fn softplus<F: Logarithm>(x: F) -> F {
    let e = exp_in_parts(-x.magnitude());
    at_least(x, F::ZERO) + one_plus(e.high, e.low).round()
}
