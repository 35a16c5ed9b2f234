//! The interval of a share: how many of few runs did something, and how many of all such runs do.

use super::student::NORMAL_975;
use crate::kernels::sqrt;

/// Returns the ends of the 95 % confidence interval of a share of which `hits` of `n` were seen; NaN where `n` is 0.
///
/// It is Wilson's score interval (Wilson 1927, "Probable inference, the law of succession, and statistical inference"):
/// the shares p from which hits / n is at most z standard errors sqrt(p (1 - p) / n) away. Unlike an interval of
/// Student's t, it never leaves 0 to 1, and where all of few runs agree it does not shrink to a point.
pub(crate) fn share_interval(hits: usize, n: usize) -> [f64; 2] {
    let z2 = NORMAL_975 * NORMAL_975;
    let low = |hits: usize| {
        let (hits, misses, n) = (hits as f64, (n - hits) as f64, n as f64);
        (hits + z2 / 2.0 - NORMAL_975 * sqrt(hits * misses / n + z2 / 4.0)) / (n + z2)
    };
    // What is left of the upper end are the misses' lower one: so 0 and 1 are met exactly.
    [low(hits), 1.0 - low(n - hits)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_that_are_published() {
        for (hits, n, low, high) in [
            // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
            // Solved by hand: of no hits the upper end is z^2 / (n + z^2), z^2 = 3.8415.
            (0, 10, 0.0, 0.2775),
            (5, 10, 0.2366, 0.7634),
            (10, 10, 0.7225, 1.0),
            (0, 1, 0.0, 0.7935),
            (1, 1, 0.2065, 1.0),
        ] {
            let [found_low, found_high] = share_interval(hits, n);
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{hits} of {n}: {found_low}");
        }
    }

    #[test]
    fn an_interval_holds_its_share_stays_within_0_and_1_and_is_the_mirror_of_that_of_the_misses() {
        for n in 1..=200 {
            assert_eq!((share_interval(0, n)[0], share_interval(n, n)[1]), (0.0, 1.0), "{n}");
            for hits in 0..=n {
                let ([low, high], share) = (share_interval(hits, n), hits as f64 / n as f64);
                assert!((0.0..=share).contains(&low) && (share..=1.0).contains(&high) && low < high, "{hits} of {n}");
                assert_eq!(1.0 - share_interval(n - hits, n)[0], high, "{hits} of {n}");
            }
        }
        assert!(share_interval(0, 0).iter().all(|end| end.is_nan()));
    }
}
