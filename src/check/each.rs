//! Claims without statistics: every seed by itself, and the share of runs that match.

use super::claim::{Measured, StatisticalClaim};
use super::decide::{Decision, Judged};

/// What `every_seed = true` found.
#[derive(Debug, Clone, PartialEq)]
pub struct EverySeed {
    /// Violated (with a p of 0) as soon as one seed lies outside; else it holds. Undecided only without any seed.
    pub judged: Judged,
    /// Places in the values, in their order, of those that lie outside the bounds or are NaN.
    pub offenders: Vec<usize>,
}

/// Holds every value by itself against [low, high]. -inf satisfies a claim without a lower bound; NaN and +inf satisfy
/// nothing. No seed at all is no pass.
///
/// # Panics
/// If no number could satisfy the claim, because a bound is NaN or low is above high.
pub fn every_seed(values: &[f64], low: f64, high: f64) -> EverySeed {
    let claim = StatisticalClaim { values: values.to_vec(), low, high };
    let offenders: Vec<usize> = (0..values.len()).filter(|&i| !claim.admits(values[i])).collect();
    let decision = match (values.is_empty(), offenders.is_empty()) {
        (true, _) => Decision::Undecided { seeds: Some(1) },
        (false, true) => Decision::Holds,
        (false, false) => Decision::Violated { p: 0.0 },
    };
    EverySeed { judged: Judged::new(&Measured::of(&claim), decision), offenders }
}

/// Whether a share of at least `at_least` of `of` runs match, as in `verdict = "vanishing"` or `learned = true` (all of
/// them for 1.0). No run at all is no match.
pub fn share(matches: usize, of: usize, at_least: f64) -> bool {
    // The quotient is rounded once, as the decimal in the file was: 4 of 5 are 0.8. (0.8 * 5 would be rounded twice.)
    matches as f64 / of as f64 >= at_least
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn every_seed_tells_which_ones_lie_outside() {
        let found = every_seed(&[1.0, 3.5, 2.0, -PI, f64::NAN, 3.0, INF], 1.0, 3.0);
        assert_eq!(found.offenders, [1, 3, 4, 6]);
        assert_eq!(found.judged.decision, Decision::Violated { p: 0.0 });
        assert_eq!((found.judged.n, found.judged.n_not_finite), (5, 2));
    }

    #[test]
    fn a_single_seed_is_enough_and_none_is_not() {
        assert_eq!(every_seed(&[2.0], 1.0, 3.0).judged.decision, Decision::Holds);
        assert_eq!(every_seed(&[4.0], 1.0, 3.0).judged.decision, Decision::Violated { p: 0.0 });
        assert_eq!(every_seed(&[], 1.0, 3.0).judged.decision, Decision::Undecided { seeds: Some(1) });
    }

    #[test]
    fn minus_infinity_satisfies_an_unbounded_side_only_and_plus_infinity_nothing() {
        assert_eq!(every_seed(&[-INF, -20.0], -INF, -5.0).judged.decision, Decision::Holds);
        assert_eq!(every_seed(&[-INF, -20.0], -1e300, -5.0).offenders, [0]);
        assert_eq!(every_seed(&[INF], -INF, -5.0).offenders, [0]);
        assert_eq!(every_seed(&[INF], 0.0, INF).offenders, [0]);
        assert_eq!(every_seed(&[f64::NAN], -INF, INF).offenders, [0]);
    }

    #[test]
    fn shares_are_those_of_the_decimals_in_the_file() {
        for (matches, of, at_least) in [(4, 5, 0.8), (7, 10, 0.7), (3, 30, 0.1), (9, 30, 0.3), (2, 2, 1.0), (0, 3, 0.0)]
        {
            assert!(share(matches, of, at_least), "{matches} of {of} are {at_least}");
        }
        assert!(!share(3, 5, 0.8) && !share(2, 3, 0.67) && !share(4, 5, 1.0) && !share(0, 0, 0.0));
    }
}
