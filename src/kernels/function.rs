//! exp, ln, sin and their kin, the same bits everywhere.
//!
//! f64 goes through the pure-Rust `libm` crate. f32 goes through f64: the argument is exact, the result is rounded
//! once, and the exponential is a polynomial without branches that compilers turn into vector code. Only additions,
//! multiplications and divisions occur, which IEEE 754 fixes to the bit.

use super::Real;

const INV_SQRT_2_PI: f64 = 0.398_942_280_401_432_7;

/// The transcendental functions of one floating-point type.
pub trait Functions: Sized {
    /// e^x.
    fn e_to(self) -> Self;
    /// e^x - 1, without cancellation near 0.
    fn e_to_less_1(self) -> Self;
    /// Natural logarithm.
    fn natural_log(self) -> Self;
    /// ln(1 + x), without cancellation near 0.
    fn natural_log_1p(self) -> Self;
    /// Standard normal distribution function, without cancellation in the lower tail.
    fn normal_cdf(self) -> Self;
    /// Standard normal density.
    fn normal_pdf(self) -> Self;
    /// Square root; exact to the last bit on every machine by IEEE 754.
    fn root(self) -> Self;
}

impl Functions for f64 {
    #[inline]
    fn e_to(self) -> Self {
        libm::exp(self)
    }
    #[inline]
    fn e_to_less_1(self) -> Self {
        libm::expm1(self)
    }
    #[inline]
    fn natural_log(self) -> Self {
        libm::log(self)
    }
    #[inline]
    fn natural_log_1p(self) -> Self {
        libm::log1p(self)
    }
    #[inline]
    fn normal_cdf(self) -> Self {
        0.5 * libm::erfc(-self * std::f64::consts::FRAC_1_SQRT_2)
    }
    #[inline]
    fn normal_pdf(self) -> Self {
        INV_SQRT_2_PI * libm::exp(-0.5 * self * self)
    }
    #[inline]
    fn root(self) -> Self {
        f64::sqrt(self)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "one rounding from f64 to f32 is the method")]
impl Functions for f32 {
    #[inline(always)]
    fn e_to(self) -> Self {
        let (whole, less_1) = reduced_exp(f64::from(self));
        (whole + whole * less_1) as f32
    }
    #[inline(always)]
    fn e_to_less_1(self) -> Self {
        let (whole, less_1) = reduced_exp(f64::from(self));
        // For |x| < ln(2)/2 `whole` is 1 and the sum is `less_1` itself, with its full relative accuracy.
        let y = ((whole - 1.0) + whole * less_1) as f32;
        // The polynomial turns -0 into +0; x itself is exact there, and for NaN.
        if self == 0.0 { self } else { y }
    }
    #[inline]
    fn natural_log(self) -> Self {
        libm::log(f64::from(self)) as f32
    }
    #[inline]
    fn natural_log_1p(self) -> Self {
        libm::log1p(f64::from(self)) as f32
    }
    // In f64 to the end: an argument rounded to f32 costs u^2 times its rounding error in the tail.
    #[inline]
    fn normal_cdf(self) -> Self {
        f64::from(self).normal_cdf() as f32
    }
    #[inline]
    fn normal_pdf(self) -> Self {
        f64::from(self).normal_pdf() as f32
    }
    #[inline(always)]
    fn root(self) -> Self {
        f32::sqrt(self)
    }
}

/// (2^n, e^r - 1) with x = n ln 2 + r and |r| <= ln(2)/2, to about 2^-33 relative to r: for results that are rounded
/// to f32. Arguments beyond f32's range of exponents are clamped where f32 is 0 or infinite anyway.
#[inline(always)]
fn reduced_exp(x: f64) -> (f64, f64) {
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding and taking away 1.5 * 2^52 rounds to the nearest whole number, and leaves it in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // Comparisons, not f64::clamp: NaN must come through, and the compiler must see two selects.
    let x = if x > 300.0 { 300.0 } else { x };
    let x = if x < -300.0 { -300.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    // 2^n by its exponent bits; |n| <= 433 stays far inside f64's range.
    let whole = f64::from_bits((shifted.to_bits().wrapping_add(1023)) << 52);
    // Taylor's series: the first term left out is r^10/10! < 7e-12 of r at |r| = ln(2)/2.
    let tail = 1.0 / 40_320.0 + r * (1.0 / 362_880.0);
    let tail = 1.0 / 5_040.0 + r * tail;
    let tail = 1.0 / 720.0 + r * tail;
    let tail = 1.0 / 120.0 + r * tail;
    let tail = 1.0 / 24.0 + r * tail;
    let tail = 1.0 / 6.0 + r * tail;
    let tail = 0.5 + r * tail;
    (whole, r + (r * r) * tail)
}

/// e^x.
#[inline(always)]
pub fn exp<F: Real>(x: F) -> F {
    x.e_to()
}

/// e^x - 1, without cancellation near 0.
#[inline(always)]
pub fn exp_m1<F: Real>(x: F) -> F {
    x.e_to_less_1()
}

/// Natural logarithm.
#[inline]
pub fn ln<F: Real>(x: F) -> F {
    x.natural_log()
}

/// ln(1 + x), without cancellation near 0.
#[inline]
pub fn ln_1p<F: Real>(x: F) -> F {
    x.natural_log_1p()
}

/// Logarithm to base 10; -inf at 0.
#[inline]
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// Sine of an angle in radians.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
#[inline]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Standard normal distribution function, without cancellation in the lower tail.
#[inline]
pub fn normal_cdf<F: Real>(x: F) -> F {
    x.normal_cdf()
}

/// Standard normal density.
#[inline]
pub fn normal_pdf<F: Real>(x: F) -> F {
    x.normal_pdf()
}

/// Square root.
#[inline(always)]
pub fn sqrt<F: Real>(x: F) -> F {
    x.root()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distance of two f32 in units in the last place.
    fn ulps(a: f32, b: f32) -> u32 {
        let ordered = |x: f32| {
            let bits = x.to_bits().cast_signed();
            if bits < 0 { i32::MIN - bits } else { bits }
        };
        ordered(a).abs_diff(ordered(b))
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "the reference is rounded to f32")]
    fn f32_exponentials_are_within_one_ulp_over_all_magnitudes() {
        for bits in (0..=u32::MAX).step_by(9973) {
            let x = f32::from_bits(bits);
            if x.is_nan() {
                assert!(exp(x).is_nan() && exp_m1(x).is_nan());
                continue;
            }
            let (e, m) = (libm::exp(f64::from(x)) as f32, libm::expm1(f64::from(x)) as f32);
            assert!(ulps(exp(x), e) <= 1, "exp({x:e}) = {:e}, not {e:e}", exp(x));
            assert!(ulps(exp_m1(x), m) <= 1, "expm1({x:e}) = {:e}, not {m:e}", exp_m1(x));
        }
    }

    #[test]
    fn exponentials_are_right_at_the_edges() {
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0_f32), 1.0);
        assert_eq!(exp_m1(f32::NEG_INFINITY), -1.0);
        assert_eq!(exp_m1(-0.0_f32).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(exp(-100.0_f32), 3.783_5e-44, "subnormal results are kept");
    }
}
