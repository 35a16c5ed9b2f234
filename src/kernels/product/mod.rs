//! Matrix products over row-major slices: every element of C is one chain of fused multiply-adds over k in increasing
//! order, starting from 0, or from C's own entry.
//!
//! A chain is never split or reordered. So the bits of a product depend on its factors and on what it starts from alone: not
//! on blocks, the width of vectors, the tier, or the number of threads. (Which NaN a NaN is, is left open.) Nothing here
//! allocates. What is left to choose is which chains run side by side: a tile's rows and lanes ([`tile`]).

mod blocks;
mod dispatch;
mod multiply;
mod peak;
mod pointer;
mod room;
#[cfg(test)]
mod tests;
mod tile;
mod transpose;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use blocks::Start;
pub use multiply::{Form, product, product_add, product_in_pieces};
pub use peak::peak;
pub use transpose::transpose;
pub(super) use vector::Lanes;
