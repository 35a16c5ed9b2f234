//! An [`Experiment`](crate::config::Experiment) -> a [`Plan`]: which runs there are, in which order, what they cost,
//! what memory they take, and how they are dealt out to shards.
//!
//! Looks into data files for their sizes; knows nothing of training or results. A later room may use an earlier one:
//! `grid` (points), `cost` (of one run), `index` (the plan), `expect` and `describe` (what is asked and said of it),
//! `expand` (from an experiment to a plan), `load` (from a file), `advise` (what else could be run).

mod advise;
mod cost;
mod describe;
mod expand;
mod expect;
mod grid;
mod index;
mod load;

pub use advise::{GridLine, GridLines};
pub use cost::{Cost, Memory, Remedy, cost, memory, remedies, shorter};
pub use describe::{Change, LeftOver, MOST_SHEET_ROWS, SweepAxis, TableSize, changed_keys};
pub use expect::MatchedCell;
pub use grid::{AxisColumn, MEASURED};
pub(crate) use index::RunIds;
pub use index::{Cells, Counts, Job, Plan, Shard, ShardError};
pub use load::{LoadError, load, plan, plan_with};
