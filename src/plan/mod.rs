//! An [`Experiment`](crate::config::Experiment) -> a [`Plan`]: which runs there are, in which order, what they cost,
//! what memory they take, and how they are dealt out to shards.
//!
//! A plan is an index: a point is computed from its number, never stored. Looks into data files for their sizes; knows nothing of training or
//! results.

mod cells;
mod clash;
mod columns;
mod cost;
mod exclude;
mod expand;
mod expect;
mod few_examples;
mod files;
mod first_points;
mod grid;
mod grid_line;
mod ids;
mod index;
mod knobs;
mod layers;
mod left_over;
mod load;
mod matched;
mod memory;
mod pattern;
mod reuse;
mod rows;
mod shard;
mod smaller;
mod smaller_rates;
mod tables;
mod unused;

pub use cells::Cells;
pub use columns::{AxisColumn, MEASURED};
pub use cost::{Cost, cost};
pub use grid_line::{GridLine, GridLines};
pub(crate) use ids::RunIds;
pub use index::{Counts, Plan};
pub use knobs::Knob;
pub use left_over::LeftOver;
pub use load::{LoadError, load, plan, plan_with};
pub use matched::MatchedCell;
pub use memory::{Memory, memory};
pub use reuse::{Change, changed_keys};
pub use rows::{MOST_SHEET_ROWS, TableSize};
pub use shard::{Shard, ShardError};
pub use smaller::{Remedy, remedies, shorter};
