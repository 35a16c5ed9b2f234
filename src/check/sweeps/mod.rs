//! How two sweeps differ: what their configs say, and what became of the cells in which they agree.
//!
//! `settings` (the configs), `pairs` (which cells are compared), `changes` (of each pair of cells).

mod changes;
mod pairs;
mod settings;

pub use changes::{CellChange, MetricChange, changes};
pub use pairs::{CellPair, CellPairs, NothingAgrees, PartialKey};
pub use settings::{ChangedSetting, changed_settings};
