//! What a claim says, what its seeds say of it by themselves, and how far outside they lie.

use crate::kernels::sqrt;
use crate::stats::{Statistics, two_sided_tail};

/// The level of the interval that must lie inside for a claim to hold, and of the whole file for violations.
pub(super) const ALPHA: f64 = 0.05;

/// More seeds than anybody will run: a claim that needs more is undecidable in practice.
const MOST_SEEDS: usize = 10_000;

/// A claim that the mean over seeds of a quantity lies in [low, high], and what the seeds measured.
#[derive(Debug, Clone, PartialEq)]
pub struct StatisticalClaim {
    /// One per seed, in the order of seeds; for a relation between two cells the paired differences.
    pub values: Vec<f64>,
    /// The least mean that satisfies the claim; -inf where none is too low.
    pub low: f64,
    /// The greatest mean that satisfies the claim, not below `low`; +inf where none is too high.
    pub high: f64,
}

impl StatisticalClaim {
    /// Whether a value lies within the bounds. NaN does not, nor does +inf, which is no measurement. The logarithm of a
    /// gradient of 0, -inf, does where there is no lower bound.
    pub(super) fn admits(&self, value: f64) -> bool {
        is_within(value, self.low, self.high)
    }
}

/// Whether a value lies within these bounds, by the rule of [`StatisticalClaim::admits`].
pub(super) fn is_within(value: f64, low: f64, high: f64) -> bool {
    low <= value && value <= high && value != f64::INFINITY
}

/// What values are as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// A value is NaN or +inf, or -inf where the bounds do not admit it.
    Broken,
    /// Fewer than two finite values: nothing is known of their spread.
    TooFew,
    /// Two or more values, all the same: a quantity without chance, or one of which chance was not seen. Also two or
    /// more -inf, all admitted.
    Constant,
    /// Finite values that differ.
    Spread,
}

/// A claim with what its values say.
#[derive(Debug, Clone)]
pub(super) struct Measured<'a> {
    claim: &'a StatisticalClaim,
    evidence: Evidence,
    /// The statistics of the finite values. Where all values are the same, the mean and the ends of its interval are
    /// that value.
    pub statistics: Statistics,
}

impl<'a> Measured<'a> {
    /// # Panics
    /// If no number could satisfy the claim, because a bound is NaN or low is above high.
    pub(super) fn of(claim: &'a StatisticalClaim) -> Self {
        assert!(claim.low <= claim.high, "no number lies in [{}, {}]", claim.low, claim.high);
        let values = &claim.values;
        let mut statistics = Statistics::of(values.iter().copied());
        if statistics.n == 0 && values.windows(2).all(|pair| pair[0] == pair[1]) {
            statistics.mean = values.first().copied().unwrap_or(f64::NAN);
        }
        let is_constant = match statistics.n {
            0 => values.len() > 1,
            n => n > 1 && statistics.min == statistics.max,
        };
        if is_constant {
            // The interval is a point, which rounding must not widen.
            let point = statistics.mean;
            (statistics.sd, statistics.ci95_low, statistics.ci95_high) = (0.0, point, point);
        }
        let evidence = if values.iter().any(|&value| !value.is_finite() && !claim.admits(value)) {
            Evidence::Broken
        } else if is_constant {
            Evidence::Constant
        } else if statistics.n < 2 {
            Evidence::TooFew
        } else {
            Evidence::Spread
        };
        Self { claim, evidence, statistics }
    }

    /// Returns how many values are NaN or infinite.
    pub(super) fn n_not_finite(&self) -> usize {
        self.claim.values.len() - self.statistics.n
    }

    /// Returns how far the mean lies below the lower bound or above the upper one; at most 0 for a mean within both.
    fn distance_outside(&self) -> f64 {
        (self.claim.low - self.statistics.mean).max(self.statistics.mean - self.claim.high)
    }

    /// Returns the p-value of the claim: the two-sided interval of the mean at level 1 - a lies outside the bounds if
    /// and only if p <= a. So it is 1 for a mean within them.
    pub(super) fn p(&self) -> f64 {
        match self.evidence {
            Evidence::Broken => 0.0,
            Evidence::TooFew => 1.0,
            Evidence::Constant => f64::from(self.claim.values.iter().all(|&value| self.claim.admits(value))),
            Evidence::Spread => self.tail(self.distance_outside(), self.statistics.n),
        }
    }

    /// Returns how often the mean of n values of this spread lies at least as far as `distance` from the true one.
    fn tail(&self, distance: f64, n: usize) -> f64 {
        let standard_errors = distance * sqrt(n as f64) / self.statistics.sd;
        // A distance of 0, and the NaN of values so large that their spread is not finite, say nothing.
        if standard_errors > 0.0 { two_sided_tail(standard_errors, n - 1) } else { 1.0 }
    }

    /// Whether the 95 % interval of the mean lies within the bounds.
    pub(super) fn holds(&self) -> bool {
        match self.evidence {
            Evidence::Broken | Evidence::TooFew => false,
            Evidence::Constant => self.p() > 0.0,
            Evidence::Spread => {
                self.claim.low <= self.statistics.ci95_low && self.statistics.ci95_high <= self.claim.high
            }
        }
    }

    /// Returns about how many seeds would decide the claim, if their mean and spread and the share of finite ones
    /// stayed as they are: violated at `level`, or holding at 5 %. None where that is beyond 10,000 or, with the mean
    /// on the border, beyond any number.
    pub(super) fn seeds_to_decide(&self, level: f64) -> Option<usize> {
        let (all, finite) = (self.claim.values.len(), self.statistics.n);
        if self.evidence == Evidence::TooFew {
            return Some(if finite == 0 { 2 } else { 2 * all });
        }
        let outside = self.distance_outside();
        let (distance, level) = if outside > 0.0 { (outside, level) } else { (-outside, ALPHA) };
        let decides = |n: usize| self.tail(distance, n) <= level;
        // More seeds always decide more: doubled until they do, then the least such number is found by halving.
        let (mut too_few, mut enough) = (finite, finite + 1);
        while !decides(enough) {
            if enough >= MOST_SEEDS {
                return None;
            }
            (too_few, enough) = (enough, (2 * enough).min(MOST_SEEDS));
        }
        while enough - too_few > 1 {
            let middle = usize::midpoint(too_few, enough);
            if decides(middle) { enough = middle } else { too_few = middle }
        }
        Some((enough * all).div_ceil(finite)).filter(|seeds| *seeds <= MOST_SEEDS)
    }
}
