//! A few values in numbers: mean, spread, the 95 % interval of the mean, and how many are not finite.

use super::student::quantile_975;
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
    /// Returns the statistics of the finite ones of `values`, in their order.
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
        let half_width = if n > 1 { quantile_975(n - 1) * sd / sqrt(n as f64) } else { f64::NAN };
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

    /// Returns how many standard errors the mean is away from 0; NaN for n = 1.
    pub fn z(&self) -> f64 {
        self.mean * sqrt(self.n as f64) / self.sd
    }
}

/// Returns the largest power of two that is not above x >= 0, and a normal number.
fn power_of_two_of(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
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
}
