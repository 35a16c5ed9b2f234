//! The error function and the normal distribution.
//!
//! The tail is erfc(z) = e^(-z^2) p(t) / (1 + 2 z) with t = (z - c) / (z + c), one polynomial for all z >= 0 (Shepherd
//! and Laframboise 1981); z^2 enters in two parts, since e^(-z^2) multiplies its relative error by z^2. The coefficients
//! are minimax by Remez's exchange, made by `coefficients.py`.

use super::exp::{Exponential, Reduced};
use super::float::{Two, at_most, polynomial};

/// What is particular to a precision.
pub trait ErrorFunction: Exponential {
    /// c, and c sqrt 2.
    const CENTRES: (Self, Self);
    /// p(t) without its first coefficient.
    const TAIL: &'static [Self];
    /// The first coefficient of p in two parts.
    const TAIL_FIRST: (Self, Self);
    /// p'(t) for t in -1..-1/2, roughly.
    const TAIL_SLOPE: Self;
    /// erfc x is 0 from this x up.
    const ERFC_IS_0: Self;
    /// The normal density is 0 from this |x| up.
    const NORMAL_IS_0: Self;
    /// erf(x) / x - 1 over x^2, for |x| <= 1.
    const NEAR_0: &'static [Self];
    /// sqrt 2 in two parts.
    const SQRT_2: (Self, Self);
    /// 1 / sqrt(2 pi) in two parts.
    const DENSITY_AT_0: (Self, Self);
}

impl ErrorFunction for f32 {
    const CENTRES: (Self, Self) = (3.0, 4.242_640_5);
    const TAIL: &'static [Self] = &[
        -0.135_621_15,
        -0.047_562_413,
        0.129_646_42,
        -0.119_270_69,
        0.068_295_896,
        -0.023_799_183,
        0.002_565_453_5,
        0.002_004_227_6,
        -0.000_772_685_2,
        -0.000_266_042_7,
    ];
    const TAIL_FIRST: (Self, Self) = (1.253_008, 5.121_769_7e-8);
    const TAIL_SLOPE: Self = 1.0;
    const ERFC_IS_0: Self = 11.0;
    const NORMAL_IS_0: Self = 15.0;
    const NEAR_0: &'static [Self] =
        &[0.128_379_17, -0.376_126_26, 0.112_836, -0.026_854_444, 0.005_189_535_7, -0.000_802_084_3, 7.889_124e-5];
    const SQRT_2: (Self, Self) = (std::f32::consts::SQRT_2, 2.420_323_5e-8);
    const DENSITY_AT_0: (Self, Self) = (0.398_942_3, -1.133_517e-8);
}

impl ErrorFunction for f64 {
    const CENTRES: (Self, Self) = (4.0, 5.656_854_249_492_381);
    const TAIL: &'static [Self] = &[
        -0.139_621_116_840_562_53,
        0.015_379_652_102_619_676,
        0.068_097_054_254_695_38,
        -0.101_039_066_036_300_8,
        0.093_732_834_998_253_37,
        -0.066_330_365_812_292_35,
        0.037_167_515_539_046_84,
        -0.016_197_734_056_955_17,
        0.005_031_969_964_010_822,
        -0.000_757_773_294_601_247,
        -0.000_199_256_619_204_679_45,
        0.000_150_621_706_605_941_35,
        -2.439_946_976_799_362e-5,
        -1.122_214_841_708_837_1e-5,
        5.710_269_825_550_469e-6,
        2.941_301_596_001_996e-7,
        -8.260_808_996_764_581e-7,
        7.409_482_661_457_679e-8,
        1.104_275_135_982_015_7e-7,
        -1.742_437_855_278_244e-8,
        -1.409_760_502_341_010_8e-8,
        1.650_965_696_537_872e-9,
        1.192_479_174_905_256e-9,
    ];
    const TAIL_FIRST: (Self, Self) = (1.232_995_118_625_552_6, -4.532_043_005_459_969_4e-17);
    const TAIL_SLOPE: Self = 1.25;
    const ERFC_IS_0: Self = 28.0;
    const NORMAL_IS_0: Self = 40.0;
    const NEAR_0: &'static [Self] = &[
        0.128_379_167_095_512_6,
        -0.376_126_389_031_837_5,
        0.112_837_916_709_548_85,
        -0.026_866_170_645_077_87,
        0.005_223_977_624_828_387,
        -0.000_854_832_698_142_350_9,
        0.000_120_553_311_328_964_7,
        -1.492_559_577_106_658_5e-5,
        1.646_100_846_433_106_5e-6,
        -1.635_039_612_126_012_2e-7,
        1.466_032_828_466_722_7e-8,
        -1.137_495_488_383_811_7e-9,
        5.960_685_161_303_348e-11,
    ];
    const SQRT_2: (Self, Self) = (std::f64::consts::SQRT_2, -9.667_293_313_452_913e-17);
    const DENSITY_AT_0: (Self, Self) = (0.398_942_280_401_432_7, -2.492_327_202_277_73e-17);
}

/// p(t) / (1 + 2 z) for z = a / b, where `centre` is b c and `double` is 2 / b.
#[inline(always)]
fn scaled_tail<F: ErrorFunction>(a: F, centre: F, double: (F, F)) -> Two<F> {
    // t's error counts near -1, where p is steep: t = 2 v - 1 with v to its last digit, and what that rounds away.
    let v = a / (a + centre);
    let t = F::TWO.mul_add(v, -F::ONE);
    let t_low = F::TWO.mul_add(v, -F::ONE - t);
    let slope = polynomial(F::TAIL, t);
    let p = t.mul_add(slope, F::TAIL_FIRST.0);
    let p_low = t.mul_add(slope, F::TAIL_FIRST.0 - p) + t_low.mul_add(F::TAIL_SLOPE, F::TAIL_FIRST.1);
    let d = a.mul_add(double.0, F::ONE);
    let d_low = a.mul_add(double.1, a.mul_add(double.0, F::ONE - d));
    Two { high: p, low: p_low }.over(Two { high: d, low: d_low })
}

/// y e^(-square).
#[inline(always)]
fn damped<F: ErrorFunction>(y: Two<F>, square: Two<F>) -> F {
    let e = Reduced::new(Two { high: -square.high, low: -square.low });
    e.scale(y.times(e.fraction()).round())
}

/// erfc of |x|.
#[inline(always)]
fn upper<F: ErrorFunction>(x: F) -> F {
    let a = at_most(x.magnitude(), F::ERFC_IS_0);
    damped(scaled_tail(a, F::CENTRES.0, (F::TWO, F::ZERO)), Two::product(a, a))
}

/// The complementary error function 1 - erf(x), without cancellation in the upper tail.
#[inline(always)]
pub fn erfc<F: ErrorFunction>(x: F) -> F {
    let tail = upper(x);
    if x < F::ZERO { F::TWO - tail } else { tail }
}

/// The error function 2 / sqrt(pi) times the integral of e^(-t^2) over t = 0..x.
#[inline(always)]
pub fn erf<F: ErrorFunction>(x: F) -> F {
    let far = (F::ONE - upper(x)).signed_as(x);
    let near = x.mul_add(polynomial(F::NEAR_0, x * x), x);
    if x.magnitude() < F::ONE { near } else { far }
}

/// x^2 / 2 in two parts, with |x| cut to where e^(-x^2 / 2) is 0.
#[inline(always)]
fn half_square<F: ErrorFunction>(x: F) -> Two<F> {
    let a = at_most(x.magnitude(), F::NORMAL_IS_0);
    Two::product(F::HALF * a, a)
}

/// Standard normal distribution function, erfc(-x / sqrt 2) / 2, without cancellation in the lower tail.
#[inline(always)]
pub fn normal_cdf<F: ErrorFunction>(x: F) -> F {
    let a = at_most(x.magnitude(), F::NORMAL_IS_0);
    // z = a / sqrt 2 is never formed: its rounding error would count z^2-fold.
    let scaled = scaled_tail(a, F::CENTRES.1, F::SQRT_2);
    let half = Two { high: F::HALF * scaled.high, low: F::HALF * scaled.low };
    let tail = damped(half, half_square(x));
    if x > F::ZERO { F::ONE - tail } else { tail }
}

/// Standard normal density.
#[inline(always)]
pub fn normal_pdf<F: ErrorFunction>(x: F) -> F {
    let (high, low) = F::DENSITY_AT_0;
    damped(Two { high, low }, half_square(x))
}
