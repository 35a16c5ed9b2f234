//! The three outcomes of a claim over seeds: it holds, it is violated, or the seeds do not decide it.

use super::claim::{ALPHA, Measured, StatisticalClaim};
use crate::stats::step_down;

/// What the seeds say of a claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The 95 % interval of the mean (two-sided, Student's t) lies within the bounds.
    Holds,
    /// The interval at the level of Holm's procedure over all claims of the file lies outside the bounds.
    Violated {
        /// The p-value before any correction; 0 where no statistics were needed.
        p: f64,
    },
    /// Neither.
    Undecided {
        /// About how many seeds would decide it, if their mean and spread stayed as they are; None where more than
        /// 10,000 would be needed, or where the mean lies on a bound and no number would help.
        seeds: Option<usize>,
    },
}

/// A claim's decision, with the numbers that it came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// What the seeds say.
    pub decision: Decision,
    /// Mean over the finite values; where there is none, the infinity that all values are, or else NaN.
    pub mean: f64,
    /// Their sample standard deviation; NaN for a single one.
    pub sd: f64,
    /// Lower end of the 95 % interval of the mean; NaN for a single value.
    pub ci95_low: f64,
    /// Upper end of the same interval.
    pub ci95_high: f64,
    /// Number of finite values, over which the others were taken.
    pub n: usize,
    /// Number of values that are NaN or infinite.
    pub n_not_finite: usize,
}

impl Judged {
    pub(super) fn new(measured: &Measured, decision: Decision) -> Self {
        let s = &measured.statistics;
        let (n, n_not_finite) = (s.n, measured.n_not_finite());
        Self { decision, mean: s.mean, sd: s.sd, ci95_low: s.ci95_low, ci95_high: s.ci95_high, n, n_not_finite }
    }
}

/// Decides all claims of a file together, in their order: the more claims a file has, the surer each violation must be,
/// so that a file whose claims are all true is red in at most 5 % of all cases.
///
/// # Panics
/// If no number could satisfy a claim, because a bound is NaN or low is above high.
pub fn decide(claims: &[StatisticalClaim]) -> Vec<Judged> {
    let measured: Vec<Measured> = claims.iter().map(Measured::of).collect();
    let p: Vec<f64> = measured.iter().map(Measured::p).collect();
    let family = step_down(&p, ALPHA);
    let judge = |(i, measured): (usize, &Measured)| {
        let decision = if family.rejected[i] {
            Decision::Violated { p: p[i] }
        } else if measured.holds() {
            Decision::Holds
        } else {
            Decision::Undecided { seeds: measured.seeds_to_decide(family.level) }
        };
        Judged::new(measured, decision)
    };
    measured.iter().enumerate().map(judge).collect()
}
