//! What a few runs of one cell say together: mean, spread and how far the mean can be trusted.
//!
//! Numbers in, numbers out, in a fixed order of operations and without the platform's maths library.

use crate::kernels::sqrt;

/// Statistics over the finite ones of some values, and how many the others are. All but the counts are NaN where there is
/// no finite value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Number of finite values, over which everything else was taken.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation, with n - 1 in the denominator; NaN for n = 1.
    pub sd: f64,
    /// Lower end of the 95 % confidence interval of the mean, by Student's t; NaN for n = 1.
    pub ci95_low: f64,
    /// Upper end of the same interval.
    pub ci95_high: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// Values that are -inf, as log10 of a gradient of 0.
    pub n_minus_inf: usize,
    /// Values that are NaN.
    pub n_nan: usize,
    /// Values that are +inf.
    pub n_plus_inf: usize,
}

impl Statistics {
    /// Takes the finite ones of `values`, in their order.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut finite, [mut n_minus_inf, mut n_nan, mut n_plus_inf]) = (Vec::new(), [0; 3]);
        for value in values {
            match value {
                x if x.is_nan() => n_nan += 1,
                f64::INFINITY => n_plus_inf += 1,
                f64::NEG_INFINITY => n_minus_inf += 1,
                x => finite.push(x),
            }
        }
        let n = finite.len();
        let nan = f64::NAN;
        let of_none = Self {
            n,
            mean: nan,
            sd: nan,
            ci95_low: nan,
            ci95_high: nan,
            min: nan,
            max: nan,
            n_minus_inf,
            n_nan,
            n_plus_inf,
        };
        if n == 0 {
            return of_none;
        }
        let min = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let max = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Scaled by a power of two, which is exact, so that squares of 1e-200 are not 0 and sums of 1e308 not inf.
        let scale = power_of_two_of(max.abs().max(min.abs()));
        let mean = finite.iter().map(|x| x / scale).sum::<f64>() / n as f64;
        let squares: f64 = finite.iter().map(|x| x / scale - mean).map(|d| d * d).sum();
        let sd = if n > 1 { sqrt(squares / (n - 1) as f64) } else { f64::NAN };
        let half_width = if n > 1 { student_t_975(n - 1) * sd / sqrt(n as f64) } else { f64::NAN };
        Self {
            n,
            // A mean lies between its values; rounding must not say otherwise.
            mean: (mean * scale).clamp(min, max),
            sd: sd * scale,
            ci95_low: (mean - half_width) * scale,
            ci95_high: (mean + half_width) * scale,
            min,
            max,
            ..of_none
        }
    }
}

impl Statistics {
    /// How many standard errors the mean is away from 0; NaN for n = 1.
    pub fn z(&self) -> f64 {
        self.mean * sqrt(self.n as f64) / self.sd
    }
}

/// The largest power of two that is not above x >= 0, and a normal number.
fn power_of_two_of(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
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

/// The 97.5 % quantile of Student's t. Above the table, Fisher and Cornish's expansion in 1/df (Abramowitz & Stegun
/// 26.7.5) with the normal quantile put in: wrong by 3e-8 at 31 degrees of freedom, and by less above.
///
/// # Panics
/// If there is no degree of freedom.
fn student_t_975(degrees_of_freedom: usize) -> f64 {
    if let Some(&t) = STUDENT_T_975.get(degrees_of_freedom - 1) {
        return t;
    }
    let x = 1.0 / degrees_of_freedom as f64;
    let z = 1.959_963_984_540_054; // the normal distribution's 97.5 % quantile
    let (g1, g2, g3, g4) =
        (2.372_271_230_298_562, 2.822_498_615_739_611_2, 2.555_849_679_507_722, 1.589_534_053_393_822_5);
    z + x * (g1 + x * (g2 + x * (g3 + x * g4)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs()
    }

    #[test]
    fn five_values_by_hand() {
        // mean 3, squares 4 + 1 + 0 + 1 + 4 = 10, sd sqrt(10 / 4), t(4) = 2.7764451051977943
        let s = Statistics::of([1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!((s.n, s.mean, s.min, s.max), (5, 3.0, 1.0, 5.0));
        assert!(close(s.sd, 1.581_138_830_084_189_7));
        let half_width = 2.776_445_105_197_794_3 * 1.581_138_830_084_189_7 / 2.236_067_977_499_79;
        assert!(close(s.ci95_low, 3.0 - half_width) && close(s.ci95_high, 3.0 + half_width));
    }

    #[test]
    fn z_counts_standard_errors() {
        // sd 1, so the standard error is 1 / sqrt(4).
        let s = Statistics::of([1.0, 2.0, 2.0, 3.0]);
        assert!(close(s.z(), 2.0 * 2.0 / (2.0_f64 / 3.0).sqrt()));
        assert!(Statistics::of([5.0]).z().is_nan() && Statistics::of([]).z().is_nan());
    }

    #[test]
    fn only_finite_values_are_taken() {
        let s = Statistics::of([f64::NAN, 2.0, f64::INFINITY, 4.0, f64::NEG_INFINITY]);
        assert_eq!(s, Statistics { n_minus_inf: 1, n_nan: 1, n_plus_inf: 1, ..Statistics::of([2.0, 4.0]) });
        assert_eq!((s.n, s.mean), (2, 3.0));
    }

    #[test]
    fn one_value_has_no_spread_and_none_has_nothing() {
        let one = Statistics::of([-2.5]);
        assert_eq!((one.n, one.mean, one.min, one.max), (1, -2.5, -2.5, -2.5));
        assert!(one.sd.is_nan() && one.ci95_low.is_nan() && one.ci95_high.is_nan());
        let none = Statistics::of([f64::NAN]);
        assert_eq!(none.n, 0);
        assert!(none.mean.is_nan() && none.min.is_nan() && none.max.is_nan());
    }

    #[test]
    fn very_small_and_very_large_values_keep_their_spread() {
        for scale in [1e-320, 1e-300, 1e-200, 1e200, 1e307] {
            let s = Statistics::of([1.0, 2.0, 3.0, 4.0, 5.0].map(|x| x * scale));
            let tolerance = if scale < 1e-307 { 0.01 } else { 1e-12 };
            assert!((s.sd / scale / 1.581_138_830_084_189_7 - 1.0).abs() < tolerance, "{scale}: {s:?}");
            assert!((s.mean / scale / 3.0 - 1.0).abs() < tolerance, "{scale}: {s:?}");
        }
        assert_eq!(Statistics::of([f64::MAX, f64::MAX]).mean, f64::MAX);
        assert_eq!(Statistics::of([0.0, -0.0]).sd, 0.0);
    }

    #[test]
    fn equal_values_have_themselves_as_mean() {
        let s = Statistics::of([0.1; 3]);
        assert_eq!((s.mean, s.min, s.max), (0.1, 0.1, 0.1));
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // NIST/SEMATECH e-Handbook 1.3.6.7.2, t(0.975), three decimals; then the same bisection as for the table.
        for (df, t) in [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (40, 2.021), (100, 1.984)] {
            assert!((student_t_975(df) - t).abs() < 5.1e-4, "{df}");
        }
        for (df, t) in [
            (31, 2.039_513_446_396_408_6),
            (40, 2.021_075_390_306_273),
            (60, 2.000_297_822_014_26),
            (1000, 1.962_339_080_826_408_5),
        ] {
            assert!((student_t_975(df) - t).abs() < 3e-8, "{df}");
        }
        let falling = (1..200).map(student_t_975).collect::<Vec<_>>();
        assert!(falling.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
