//! Statistics of a few numbers: mean, spread, 95 % intervals of means, shares and differences, Student's t, and Holm's procedure
//! over many claims.
//!
//! Numbers in, numbers out, in a fixed order of operations and with the maths of [`crate::kernels`] alone, whose bits are
//! the same on any machine. Must not know what the numbers measure.

mod difference;
mod holm;
mod running;
mod share;
mod statistics;
mod student;

pub use difference::Difference;
pub(crate) use holm::step_down;
pub(crate) use running::{RunningMean, RunningSpread, mean};
pub(crate) use share::share_interval;
pub use statistics::Statistics;
pub(crate) use student::two_sided_tail;
