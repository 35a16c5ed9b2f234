//! The difference of two means with its 95 % interval: of pairs, or of two samples that have nothing to do with each other.

use super::statistics::Statistics;
use super::student::{quantile_975, quantile_975_between};
use crate::kernels::sqrt;

/// A difference of two means, the second less the first, and half the width of its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The difference; NaN where one of the means is.
    pub mean: f64,
    /// The distance from the mean to either end of its 95 % interval; NaN where the values are too few to tell.
    pub half_width: f64,
}

impl Difference {
    /// Returns the mean of the pairs' differences with Student's t interval of it; takes the pairs of which both are
    /// finite. The interval needs two of them.
    pub fn paired(pairs: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let of_pair = |(old, new): (f64, f64)| if old.is_finite() && new.is_finite() { new - old } else { f64::NAN };
        let s = Statistics::of(pairs.into_iter().map(of_pair));
        let half_width = if s.n > 1 { quantile_975(s.n - 1) * s.sd / sqrt(s.n as f64) } else { f64::NAN };
        Self { mean: s.mean, half_width }
    }

    /// Returns the difference of two means with Welch's interval of it (Welch 1947, "The generalization of Student's
    /// problem when several different population variances are involved"), which needs two finite values on each side.
    pub fn unpaired(old: &Statistics, new: &Statistics) -> Self {
        let mean = new.mean - old.mean;
        if old.n < 2 || new.n < 2 {
            return Self { mean, half_width: f64::NAN };
        }
        let [a, b] = [old, new].map(|s| s.sd / sqrt(s.n as f64));
        let larger = a.max(b);
        if larger == 0.0 {
            return Self { mean, half_width: 0.0 };
        }
        // Relative to the larger, so that squares of 1e-200 are not 0.
        let [a, b] = [a / larger, b / larger].map(|error| error * error);
        let of = |square: f64, s: &Statistics| square * square / (s.n - 1) as f64;
        let degrees_of_freedom = (a + b) * (a + b) / (of(a, old) + of(b, new));
        Self { mean, half_width: quantile_975_between(degrees_of_freedom) * sqrt(a + b) * larger }
    }

    /// Returns the end of the interval that is nearest to 0 as a distance: the change that is left after all that chance
    /// may have added. It is 0 where the interval has 0 in it, or where there is none.
    pub fn certain(&self) -> f64 {
        (self.mean.abs() - self.half_width).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-4 * b.abs()
    }

    #[test]
    fn pairs_are_judged_by_their_differences() {
        // Differences 1, 2, 3: mean 2, sd 1, t(2) = 4.302652729749464.
        let d = Difference::paired([(10.0, 11.0), (-5.0, -3.0), (0.0, 3.0)]);
        assert_eq!(d.mean, 2.0);
        assert!(close(d.half_width, 4.302_652_729_749_464 / 3.0_f64.sqrt()));
        assert_eq!(d.certain(), 0.0);
        assert_eq!(Difference::paired([(1.0, 2.0), (5.0, 6.0)]), Difference { mean: 1.0, half_width: 0.0 });
    }

    #[test]
    fn a_pair_of_which_one_is_not_finite_is_left_out() {
        let minus_inf = f64::NEG_INFINITY;
        let d = Difference::paired([(1.0, 2.0), (minus_inf, minus_inf), (f64::NAN, 3.0), (2.0, minus_inf)]);
        assert!(d.mean == 1.0 && d.half_width.is_nan() && d.certain() == 0.0, "{d:?}");
        assert!(Difference::paired([]).mean.is_nan());
    }

    /// The digits are those of mpmath with 30 digits, which has the quantile as the root of betainc(df / 2, 1 / 2, 0,
    /// df / (df + t * t), regularized=True) - 0.05, at Welch's 5.88, 6.05 and 6 degrees of freedom.
    #[test]
    fn samples_without_pairs_have_welchs_interval() {
        for (a, b, mean, half_width) in [
            (&[1.0, 2.0, 3.0, 4.0, 5.0][..], &[3.0, 5.0, 7.0, 9.0, 11.0][..], 4.0, 3.887_741_643_736_976_3),
            (&[0.0, 0.1, 0.2], &[5.0, 9.0, 2.0, 4.0, 4.0, 6.0, 7.0], 5.185_714_285_714_286, 2.116_880_689_139_123),
            (&[0.0, 1.0, 2.0, 3.0], &[0.5, 1.5, 2.5, 3.5], 0.5, 2.233_714_695_164_705_5),
        ] {
            for scale in [1.0, 1e-200, 1e200] {
                let [a, b] = [a, b].map(|values| Statistics::of(values.iter().map(|x| x * scale)));
                let d = Difference::unpaired(&a, &b);
                assert!((d.mean / scale - mean).abs() < 1e-12, "{d:?}");
                let half_width = half_width * scale;
                // Between two whole degrees of freedom it is a little wide.
                assert!(
                    d.half_width > 0.9999 * half_width && d.half_width < 1.0005 * half_width,
                    "{d:?}, {half_width}"
                );
            }
        }
    }

    #[test]
    fn too_few_values_have_no_interval_and_equal_ones_a_point() {
        let [none, one, two] = [&[][..], &[1.0], &[3.0, 3.0]].map(|v: &[f64]| Statistics::of(v.iter().copied()));
        assert!(
            Difference::unpaired(&one, &two).half_width.is_nan() && Difference::unpaired(&none, &two).mean.is_nan()
        );
        assert_eq!(Difference::unpaired(&two, &two), Difference { mean: 0.0, half_width: 0.0 });
        let five = Statistics::of([5.0, 5.0]);
        assert_eq!(Difference::unpaired(&two, &five).certain(), 2.0);
    }

    /// 4,000 pairs of samples of normal numbers with unequal spreads, of which nothing differs.
    #[test]
    fn of_samples_that_do_not_differ_the_interval_has_0_in_95_percent() {
        let mut state = 1_u64;
        // Sums of twelve uniform numbers: nearly normal.
        let mut normal = || {
            let mut uniform = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64
            };
            (0..12).map(|_| uniform()).sum::<f64>() - 6.0
        };
        let mut inside = 0;
        for _ in 0..4000 {
            let a: Vec<f64> = (0..5).map(|_| normal()).collect();
            let b: Vec<f64> = (0..4).map(|_| 3.0 * normal()).collect();
            let d = Difference::unpaired(&Statistics::of(a), &Statistics::of(b));
            inside += usize::from(d.certain() == 0.0);
        }
        assert!((3740..3860).contains(&inside), "{inside} of 4000");
    }
}
