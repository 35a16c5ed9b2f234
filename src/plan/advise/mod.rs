//! Runs that a plan could have beside its own: lines to add to `[grid]`, and runs at smaller learning rates.

mod grid_line;
mod smaller_rates;

pub use grid_line::{GridLine, GridLines};
