//! Slices in, slices out: scalar functions, products, elementwise loops and reductions.
//!
//! Every sum here has a fixed order, whatever the width of the CPU's vectors, and the functions are made of operations
//! that IEEE 754 fixes to the bit, so that the same input gives the same bits on any machine and every tier. No function
//! calls a maths library, the platform's or another, but for one operation: where the target has no instruction for the
//! fused multiply-add, as in the portable tier of x86_64, `mul_add` is the platform's `fma`, whose every bit IEEE 754
//! fixes, too. Each function is right to 2 units in the last place over its whole range; [`exp`] and what is made of it give 0 below
//! the smallest normal number.
//! Loops over slices run with the fastest instructions that the CPU has ([`Tier`]).
//! Knows nothing of layers, networks or shapes beyond rows and columns.
//!
//! # Unsafe code
//!
//! All of vgrun's stands in the files below, and a comment before each block says why it is sound. `tests/tidy.rs` counts
//! the blocks; `tests/sanitize.sh` runs them under `AddressSanitizer`.
//!
//! | file | blocks | why it takes any |
//! |---|---|---|
//! | `product/blocks.rs` | 14 | pieces of three matrices are read and written through pointers, which slices would check at every step |
//! | `product/dispatch.rs` | 5 | a function with vector instructions is called where the CPU has them |
//! | `product/peak.rs` | 3 | multiply-adds on vectors alone, for benchmarks |
//! | `product/pointer.rs` | 2 | hints about memory that is read soon |
//! | `product/room.rs` | 5 | room on the stack is written before it is read |
//! | `product/tile.rs` | 10 | a tile's rows are apart by the width of its matrix |
//! | `product/transpose.rs` | 5 | the same of a square |
//! | `product/vector.rs` | 7 | the portable vector loads and stores as the others do |
//! | `product/x86.rs` | 22 | loads, stores and arithmetic of AVX2 and AVX-512 |
//! | `tier.rs` | 2 | a function with vector instructions is called where the CPU has them |

mod elementwise;
mod function;
mod product;
mod real;
mod reduce;
mod scaled;
mod thread_budget;
mod tier;
mod update;

pub use elementwise::{Binary, Unary, add_scaled, map, map_zip, scale, zip};
pub use function::{
    cos, erf, erfc, exp, exp_m1, exp_times_power, exp10, ln, ln_1p, log10, normal_cdf, normal_pdf, sigmoid, sin,
    softplus, sqrt, tanh,
};
pub use product::{Form, Start, peak, product, product_add, product_in_pieces, transpose};
pub use real::Real;
pub use reduce::{
    add_column_sums, all, all_finite, all_zero, count, difference_norm, largest_magnitude, mean_and_std, norm, sum,
    sum_of, sum_of_zip,
};
pub use scaled::{Magnitude, NOTHING, add_errors, bring_to, bring_to_sum, is_faint, lowered, multiply_by_map, settle};
pub use thread_budget::ThreadBudget;
pub(crate) use tier::Pass;
pub use tier::{Tier, TierError};
pub use update::{UpdateRule, WeightChange, measured_update, update};
