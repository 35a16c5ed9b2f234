//! Claims as tests: what a few seeds say of a statement about gradients, and what differs from an accepted baseline or
//! from another sweep. Runs in, cases out: of files it reads baselines and traces alone; it trains and prints nothing.
//!
//! # Three outcomes
//!
//! A claim says that the mean over seeds of some quantity lies in [low, high]. It *holds* if the 95 % interval of the
//! mean (two-sided, Student's t) lies within; it is *violated* if the interval at the level of Holm's procedure over
//! all claims of the file lies outside; else the seeds leave it *undecided*, and it is told about how many would do.
//! A claim about several cells is as many members of that family as it has cells, each judged by itself.
//! Claims over every seed and over shares of runs draw no conclusion from a sample, so they are not part of Holm's
//! family.
//!
//! Values that are all equal have a point for an interval: within the bounds they hold, outside they are violated, with
//! no further test. That is right for quantities without chance, and rash for counts of which a few seeds show one
//! value by luck: verdicts and the like are claims over shares of runs, not over means.
//!
//! # Values that are no numbers
//!
//! A broken run must never make a check greener. The first step is step 0 and no other, the last step is the last traced
//! one, also where the tables fall back on an earlier one. A run whose gradients are not finite there, whose loss
//! diverged, or that is not there at all, violates its claim outright: dropped, it would leave the healthy seeds to pass.
//! So does +inf, which is never "at least" anything, and -inf where there is a lower bound. The -inf decades of a dead
//! gradient satisfy a claim with an upper bound only, and have no place in a mean: they are left out of the statistics and
//! counted in [`Judged::n_not_finite`]. Where all of two or more values are such, the claim holds.
//!
//! A run that tells nothing of a claim leaves it undecided, and [`Absent`] says why: step 0 of a trace that begins later,
//! a step at which no error comes from the loss, or a comparison with a run whose gradient is 0. A check in which nothing
//! was decided is not green.
//!
//! A baseline takes the mean of the seeds where a number is finite and counts the others ([`SeedCounts`]): one dead seed hides
//! no other, and no tolerance allows a changed count.
//!
//! # How often it errs, and what it sees
//!
//! Measured on 2,000 simulated files of normal values. False violations among true claims with an upper bound, that is
//! the share of files with one or more (at most 5 % is promised):
//!
//! * 50 claims on the border: 2.45 % with 3 seeds, 2.70 % with 5, 2.35 % with 10
//! * 25 claims on the border beside 25 far outside: 3.20 % with 3 seeds, 2.35 % with 5, 3.00 % with 10
//!
//! The power: how often a claim is violated whose true mean lies outside its bound by so many standard deviations of
//! its values from seed to seed, alone and in a file of 25 or 50 claims of which all others hold. With three seeds only
//! large changes are seen in a file of many claims; the better bargain is more seeds for those claims that can move.
//!
//! | seeds | claims | 1 sd | 2 sd | 3 sd | 5 sd | 10 sd |
//! |---|---|---|---|---|---|---|
//! | 3 | 1 | 17 % | 46 % | 72 % | 98 % | 100 % |
//! | 3 | 25 | 1 % | 3 % | 6 % | 14 % | 43 % |
//! | 3 | 50 | 0 % | 1 % | 3 % | 7 % | 25 % |
//! | 5 | 1 | 40 % | 90 % | 100 % | 100 % | 100 % |
//! | 5 | 25 | 3 % | 18 % | 50 % | 94 % | 100 % |
//! | 5 | 50 | 2 % | 11 % | 35 % | 82 % | 100 % |
//! | 10 | 1 | 81 % | 100 % | 100 % | 100 % | 100 % |
//! | 10 | 25 | 24 % | 93 % | 100 % | 100 % | 100 % |
//! | 10 | 50 | 16 % | 87 % | 100 % | 100 % | 100 % |
//! | 20 | 1 | 99 % | 100 % | 100 % | 100 % | 100 % |
//! | 20 | 25 | 79 % | 100 % | 100 % | 100 % | 100 % |
//! | 20 | 50 | 71 % | 100 % | 100 % | 100 % | 100 % |
//!
//! Student's t takes values for normal. Of skewed ones (here log-normal ones, by the standard deviation of their
//! logarithm; 50 claims on the border, 200 files) the mean is too often taken to be too low: files are red with a bound
//! *at least*, and claims hold with a bound *at most*, more often than promised, and more seeds help slowly. A claim
//! over a quantity that spans decades is therefore better made in decades: there these very values are normal.
//!
//! | spread | seeds | red, at most | red, at least | holds, at most | holds, at least |
//! |---|---|---|---|---|---|
//! | 0.25 | 3 | 2 % | 4 % | 4 % | 1 % |
//! | 0.25 | 5 | 1 % | 6 % | 5 % | 1 % |
//! | 0.25 | 10 | 0 % | 10 % | 4 % | 1 % |
//! | 1 | 3 | 0 % | 26 % | 15 % | 0 % |
//! | 1 | 5 | 0 % | 75 % | 18 % | 0 % |
//! | 1 | 10 | 0 % | 83 % | 16 % | 0 % |
//!
//! Decisions come from [`crate::kernels`]' arithmetic, so the same numbers are decided alike on every machine.

mod baseline;
mod case;
mod claim;
mod comparison;
mod decide;
mod each;
mod foreign;
mod judge;
mod known;
mod measured;
mod outcome;
mod sweeps;
#[cfg(test)]
mod tests;
mod value;

pub use baseline::{AxisValue, Baseline, BaselineError, BaselineKey, OverSeeds, SeedCounts};
pub use case::{Case, CaseKind, Measurement, Status, leave_untold, of_baseline, of_expectations, of_nothing_decided};
pub use claim::StatisticalClaim;
pub use comparison::{Allowed, Comparison, Offender};
pub use decide::{Decision, Judged, decide};
pub use each::{EverySeed, every_seed, share};
pub use foreign::{Foreign, ForeignError, read_foreign};
pub use judge::{Checked, CheckedCell, Finding, judge};
pub use known::{Columns, Known};
pub use measured::{Measured, Runs};
pub use outcome::CaseOutcome;
pub use sweeps::{
    CellChange, CellPair, CellPairs, ChangedSetting, MetricChange, NothingAgrees, PartialKey, changed_settings, changes,
};
pub use value::{Absent, LayerName, Scale, Value};
