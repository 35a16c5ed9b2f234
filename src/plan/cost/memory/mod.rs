//! What memory a run takes before it has run, so that one which is too large is refused before anything runs.
//!
//! The estimate follows the arrays as training makes them, but for the allocator's own overhead; the tests hold it
//! against what training really asks for.

mod net;
mod peak;
mod sizes;
#[cfg(test)]
mod tests;
mod workspace;

pub use peak::{Memory, memory};
