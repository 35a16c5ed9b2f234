//! Claims as tests: what a few seeds say of a statement about gradients, and what differs from an accepted baseline. Runs
//! in, cases out: of files it reads baselines alone, and it trains and prints nothing.
//!
//! # Three outcomes
//!
//! A claim says that the mean over seeds of some quantity lies in [low, high]. It *holds* if the 95 % interval of the
//! mean (two-sided, Student's t) lies within; it is *violated* if the interval at the level of Holm's procedure over all
//! claims of the file lies outside; else the seeds leave it *undecided*, and it is told about how many would do. Claims
//! over every seed and over shares of runs draw no conclusion from a sample, so they are not part of Holm's family.
//!
//! Values that are all equal have a point for an interval: within the bounds they hold, outside they are violated, with no
//! further test. That is right for quantities without chance, and rash for counts of which a few seeds show one value by
//! luck: verdicts and the like are claims over shares of runs, not over means.
//!
//! # Values that are no numbers
//!
//! A broken run must never make a check greener. So a value that is NaN, or an infinity that the bounds do not admit
//! (-inf where there is a lower bound), violates its claim outright: dropped, it would leave the healthy seeds to pass.
//! An infinity that the bounds admit (the -inf decades of a dead gradient, where the claim has an upper bound only)
//! satisfies the claim by itself and has no place in a mean: it is left out of the statistics and counted in
//! [`Judged::n_not_finite`]. Where every value is one of these, the claim holds. Differences of two infinities are NaN.
//!
//! Decisions come from [`crate::kernels`]' arithmetic, so the same numbers are decided alike on every machine.

mod baseline;
mod case;
mod claim;
mod decide;
mod each;
mod foreign;
mod holm;
mod judge;
mod measured;
mod outcome;
mod student;
#[cfg(test)]
mod tests;

pub use baseline::{Allowed, AxisValue, Baseline, BaselineError, Comparison, Key, Offender};
pub use case::{Case, Kind, Status, of_baseline, of_expectations};
pub use claim::Claim;
pub use decide::{Decision, Judged, decide};
pub use each::{EverySeed, every_seed, share};
pub use foreign::{Foreign, ForeignError, read_foreign};
pub use judge::{Checked, CheckedCell, Finding, Known, judge};
pub use measured::{Measured, Runs};
pub use outcome::Outcome;
