//! What the numbers of a run say: its verdict, whether it learned, its profile in a few numbers; cells over seeds;
//! what cures a sick cell, and what each axis of a grid does.
//!
//! Knows traces and specs; opens no file and prints nothing.

mod cell;
mod cure;
mod effects;
mod levels;
mod reach;
mod statistics;
mod summary;
mod verdict;

pub use cell::{Cell, CellBuilder};
pub use cure::{Cure, Sick, cures};
pub use effects::{AxisEffects, Effect, Effects, Estimate};
pub use reach::{Family, largest_that_learned};
pub use statistics::Statistics;
pub use summary::{LayerSummary, Summary};
pub use verdict::Verdict;
