//! Student's t distribution: how often the mean of few normal numbers lies as far off as it was seen to, and how far off it
//! lies in 95 % of all cases.
//!
//! Everything is made of [`crate::kernels`]' functions, so that a claim on the verge is decided alike everywhere. Crates of
//! statistics call the platform's maths library, which differs between machines.

use crate::kernels::{exp, ln_1p, sqrt};

/// Returns P(|T| >= t) of Student's t, to about 1e-12 relative also far in the tail, for t >= 0 and one degree of freedom or
/// more. NaN for a t that is no number.
///
/// It is the regularised incomplete beta function I_x(df/2, 1/2) at x = df / (df + t^2) (Abramowitz & Stegun 26.7.1 and
/// 26.5.27), whose part before the continued fraction has a closed form for a whole number of degrees of freedom.
pub(crate) fn two_sided_tail(t: f64, degrees_of_freedom: usize) -> f64 {
    let df = degrees_of_freedom as f64;
    let (a, b) = (0.5 * df, 0.5);
    // x and 1 - x, neither by subtraction: the lesser of the two keeps its digits.
    let (x, rest) = (1.0 / (1.0 + t * t / df), 1.0 / (1.0 + df / (t * t)));
    // x^a (1 - x)^b / B(a, b)
    let front = exp(-a * ln_1p(t * t / df)) * sqrt(rest) * density_at_0(degrees_of_freedom);
    if x < (a + 1.0) / (a + b + 2.0) {
        front / a * continued_fraction(x, a, b)
    } else {
        1.0 - front / b * continued_fraction(rest, b, a)
    }
}

/// Returns 1 / B(df/2, 1/2): 1 / pi for one degree of freedom, 1/2 for two, and from df to df + 2 by the factor (df + 1)
/// / df of the gamma function's recurrence. (Over sqrt(df) it is the density of Student's t at 0.)
fn density_at_0(degrees_of_freedom: usize) -> f64 {
    let (first, start) = if degrees_of_freedom % 2 == 1 { (1, std::f64::consts::FRAC_1_PI) } else { (2, 0.5) };
    (first..degrees_of_freedom).step_by(2).fold(start, |product, df| product * ((df + 1) as f64 / df as f64))
}

/// Returns the continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method as Thompson and Barnett
/// (1986) have it. For x < (a + 1) / (a + b + 2) it takes some sqrt(max(a, b)) steps.
fn continued_fraction(x: f64, a: f64, b: f64) -> f64 {
    // No denominator comes near 0 for these x, so none is guarded against it; 10,000 steps are beyond any need.
    let (mut c, mut d) = (1.0, 1.0 / (1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = value;
        for term in [even, odd] {
            (c, d) = (1.0 + term / c, 1.0 / (1.0 + term * d));
            value *= c * d;
        }
        if (value - before).abs() <= 1e-15 * value.abs() {
            break;
        }
    }
    value
}

/// The 97.5 % quantiles of Student's t for 1..=30 degrees of freedom, from its distribution function in closed form
/// (Abramowitz & Stegun 26.7.3 and 26.7.4), bisected with 60 digits.
#[rustfmt::skip]
const STUDENT_T_975: [f64; 30] = [
    12.706_204_736_174_705, 4.302_652_729_749_464, 3.182_446_305_283_709_5, 2.776_445_105_197_794_3,
    2.570_581_835_636_315_5, 2.446_911_851_144_97, 2.364_624_251_592_785_3, 2.306_004_135_204_166_7,
    2.262_157_162_798_205_3, 2.228_138_851_986_275, 2.200_985_160_091_639_7, 2.178_812_829_667_229,
    2.160_368_656_462_792_6, 2.144_786_687_917_804, 2.131_449_545_559_775_5, 2.119_905_299_221_254_6,
    2.109_815_577_833_317, 2.100_922_040_241_038_7, 2.093_024_054_408_309_6, 2.085_963_447_265_865,
    2.079_613_844_727_680_4, 2.073_873_067_904_026_3, 2.068_657_610_419_048_6, 2.063_898_561_628_026,
    2.059_538_552_753_297_7, 2.055_529_438_642_873, 2.051_830_516_480_285_5, 2.048_407_141_795_245,
    2.045_229_642_132_704_3, 2.042_272_456_301_238,
];

/// The 97.5 % quantile of the normal distribution.
pub(super) const NORMAL_975: f64 = 1.959_963_984_540_054;

/// Returns the 97.5 % quantile of Student's t. Above the table, Fisher and Cornish's expansion in 1/df (Abramowitz & Stegun
/// 26.7.5) with the normal quantile put in: wrong by 3e-8 at 31 degrees of freedom, and by less above.
///
/// # Panics
/// If there is no degree of freedom.
pub(super) fn quantile_975(degrees_of_freedom: usize) -> f64 {
    if let Some(&t) = STUDENT_T_975.get(degrees_of_freedom - 1) {
        return t;
    }
    let x = 1.0 / degrees_of_freedom as f64;
    let (g1, g2, g3, g4) =
        (2.372_271_230_298_562, 2.822_498_615_739_611_2, 2.555_849_679_507_722, 1.589_534_053_393_822_5);
    NORMAL_975 + x * (g1 + x * (g2 + x * (g3 + x * g4)))
}

/// Returns the 97.5 % quantile for degrees of freedom of 1 or more that need not be whole, as Welch's are: between two whole
/// numbers it lies on a line in 1/df. The quantile is convex in that, so the line is never below it: too high by a fifth
/// between 1 and 2 degrees of freedom, by 2 % between 2 and 3, and by less above.
pub(super) fn quantile_975_between(degrees_of_freedom: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a saturating cast ends at the normal")]
    let below = degrees_of_freedom.max(1.0) as usize;
    let above = below.saturating_add(1);
    let [from, to] = [below, above].map(|df| 1.0 / df as f64);
    let [least, most] = [above, below].map(quantile_975);
    let share = ((1.0 / degrees_of_freedom.max(1.0) - to) / (from - to)).clamp(0.0, 1.0);
    if share.is_nan() { least } else { least + share * (most - least) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Statistics;

    /// The digits are those of Python:
    /// ```text
    /// from mpmath import mp, mpf, betainc
    /// mp.dps = 40
    /// def tail(t, df):
    ///     t, df = mpf(t), mpf(df)
    ///     return mp.nstr(betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True), 17)
    /// ```
    #[test]
    fn tails_are_those_of_an_independent_computation_with_40_digits() {
        for (t, df, p) in [
            (1e-9, 1, 0.999_999_999_363_380_2),
            (0.5, 1, 0.704_832_764_699_133_5),
            (1.0, 3, 0.391_002_218_955_770_64),
            (1.5, 2, 0.272_393_124_891_001_1),
            (2.5, 4, 0.066_766_544_811_988_15),
            (31.599, 2, 0.001_000_003_449_137_822_2),
            (1e8, 1, 6.366_197_723_675_813e-9),
            (1e6, 4, 5.999_999_999_96e-24),
            (4.0, 9, 0.003_110_428_310_385_855),
            (12.0, 29, 9.060_708_333_137_18e-13),
            (0.3, 100, 0.764_799_880_300_303_5),
            (3.0, 99, 0.003_415_507_921_578_868),
            (8.0, 999, 3.429_998_257_763_596e-15),
            (1.96, 9999, 0.050_023_523_005_210_21),
            (5.0, 9999, 5.830_336_410_228_319e-7),
        ] {
            let got = two_sided_tail(t, df);
            assert!((got / p - 1.0).abs() < 1e-12, "t = {t}, {df} degrees of freedom: {got:e}, not {p:e}");
        }
    }

    #[test]
    fn the_ends_of_the_interval_of_a_cell_have_a_tail_of_5_percent() {
        for n in 2..=200 {
            // With a mean of 0, the upper end over the standard error is the 97.5 % quantile.
            let s = Statistics::of((0..n).map(|i| f64::from(2 * i - (n - 1))));
            let quantile = s.ci95_high / (s.sd / f64::from(n).sqrt());
            let df = usize::try_from(n - 1).expect("positive");
            // The table for up to 30 degrees of freedom is exact, the expansion above it good to 3e-8.
            let tolerance = if df <= 30 { 1e-9 } else { 3e-8 };
            let (inside, outside) = (quantile * (1.0 - tolerance), quantile * (1.0 + tolerance));
            assert!(two_sided_tail(inside, df) > 0.05 && two_sided_tail(outside, df) < 0.05, "{df}");
        }
    }

    #[test]
    fn tails_fall_from_1_to_0() {
        for df in [1, 2, 3, 4, 7, 30, 1000] {
            assert_eq!(two_sided_tail(0.0, df), 1.0);
            assert_eq!(two_sided_tail(1e-200, df), 1.0);
            assert_eq!(two_sided_tail(f64::INFINITY, df), 0.0);
            assert!(two_sided_tail(f64::NAN, df).is_nan());
            let tails: Vec<f64> = (0..400).map(|i| two_sided_tail(f64::from(i) * 0.02, df)).collect();
            assert!(tails.windows(2).all(|pair| pair[0] > pair[1]), "{df}");
        }
    }

    /// The digits are those of mpmath: the root of `tail` above less 0.05.
    #[test]
    fn quantiles_between_whole_degrees_of_freedom_are_never_too_low() {
        for (df, t, too_high) in [
            (1.5, 6.016_663_104_43, 0.2),
            (2.5, 3.574_654_842, 0.02),
            (4.5, 2.658_912_347_2, 0.002),
            (10.5, 2.213_840_292_92, 2e-4),
            (29.5, 2.043_724_967_06, 2e-5),
        ] {
            let excess = quantile_975_between(df) / t - 1.0;
            assert!((0.0..too_high).contains(&excess), "{df}: {excess}");
        }
        for df in [1, 2, 7, 31, 400] {
            assert!((quantile_975_between(df as f64) / quantile_975(df) - 1.0).abs() < 1e-14, "{df}");
        }
        assert!((quantile_975_between(1e300) - 1.959_964).abs() < 1e-6);
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // NIST/SEMATECH e-Handbook 1.3.6.7.2, t(0.975), three decimals; then the same bisection as for the table.
        for (df, t) in [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (40, 2.021), (100, 1.984)] {
            assert!((quantile_975(df) - t).abs() < 5.1e-4, "{df}");
        }
        for (df, t) in [
            (31, 2.039_513_446_396_408_6),
            (40, 2.021_075_390_306_273),
            (60, 2.000_297_822_014_26),
            (1000, 1.962_339_080_826_408_5),
        ] {
            assert!((quantile_975(df) - t).abs() < 3e-8, "{df}");
        }
        let falling = (1..200).map(quantile_975).collect::<Vec<_>>();
        assert!(falling.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
