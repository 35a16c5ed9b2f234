//! What is said of a plan before it runs: its knobs, its tables and their sizes, examples that are left over, and why
//! earlier runs are of no use to it.

mod left_over;
mod reuse;
mod rows;
mod sweep_axis;
mod tables;

pub use left_over::LeftOver;
pub use reuse::{Change, changed_keys};
pub use rows::{MOST_SHEET_ROWS, TableSize};
pub use sweep_axis::SweepAxis;
pub(in crate::plan) use tables::empty_tables;
