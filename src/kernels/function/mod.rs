//! exp, ln, erfc and their kin, the same bits everywhere.
//!
//! Each is one formula for both precisions and for all arguments, made of what IEEE 754 fixes to the bit: sums,
//! products, quotients, fused multiply-adds, comparisons and the bits of an exponent. There is neither a branch nor a
//! table, so that a loop over a slice becomes vector code; what overflows, underflows or is no number is chosen by
//! selects. Errors are below 2 units in the last place over all arguments, and below 1 in most functions:
//! `tests.rs` holds the numbers.

mod erf;
mod exp;
mod float;
mod log;
#[cfg(test)]
mod tests;
mod trig;

use erf::ErrorFunction;
use float::Float;
use log::Logarithm;

pub use erf::{erf, erfc, normal_cdf, normal_pdf};
pub use exp::{exp, exp_m1, exp_times_power, exp10, sigmoid, tanh};
pub use float::sqrt;
pub use log::{ln, ln_1p, log10, softplus};
pub use trig::{cos, sin};

/// The precisions that have all functions.
pub trait Functions: Float + Logarithm + ErrorFunction {}

impl Functions for f32 {}
impl Functions for f64 {}
