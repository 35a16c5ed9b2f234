//! Matrix products over row-major slices: every element of C is one chain of fused multiply-adds over k in increasing
//! order, starting from 0, or from C's own entry.
//!
//! A chain is never split or reordered. Where numbers are so small that its sums may be subnormal, all of them are raised by
//! powers of two before, and the sum is lowered behind ([`raised`]). So the bits of a product depend on its factors and on
//! what it starts from alone: not on blocks, the width of vectors, the tier, or the number of threads. (Which NaN a NaN is,
//! is left open.) Nothing here allocates but room for raised factors.
//! What is left to choose is which chains run side by side: a tile's rows and lanes ([`tile`]); and that those of rows that
//! are alike run once ([`alike`]).

mod alike;
mod blocks;
mod dispatch;
mod factor;
mod multiply;
mod peak;
mod pointer;
mod raised;
mod room;
#[cfg(test)]
mod tests;
mod tile;
mod transpose;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use factor::{Extremes, Factor};
pub use multiply::{Form, Start, product, product_add, product_in_pieces};
pub use peak::peak;
pub use transpose::transpose;
pub(super) use vector::Lanes;
