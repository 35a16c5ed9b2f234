//! Slices in, slices out: scalar functions, products, elementwise loops and reductions.
//!
//! Every sum here has a fixed order and no function calls the platform's maths library, so that the same input gives
//! the same bits on any machine.
//! Knows nothing of layers, networks or shapes beyond rows and columns.

mod elementwise;
mod function;
mod product;
mod real;
mod reduce;
mod team;
mod tier;

pub use elementwise::{add_assign, add_scaled, map, map_zip, scale};
pub use function::{cos, exp, exp_m1, ln, ln_1p, log10, normal_cdf, normal_pdf, sin, sqrt};
pub use product::{Form, Start, peak, product, product_add, product_in_pieces, product_rows, transpose};
pub use real::Real;
pub use reduce::{add_column_sums, all_finite, all_zero, difference_norm, mean_and_std, norm, sum, sum_of};
pub use team::Team;
pub(crate) use tier::Pass;
pub use tier::{Tier, TierError};
