//! The plan: which runs there are, found by number and by id; their order, their cells, and how they are dealt out.
//!
//! A plan is an index: a point is computed from its number, never stored.

mod cells;
mod hash;
mod ids;
mod job;
mod order;
mod parts;
mod plan;
mod shard;

pub use cells::Cells;
pub(crate) use ids::RunIds;
pub use job::Job;
pub(in crate::plan) use parts::in_parts;
pub use plan::{Counts, Plan};
pub use shard::{Shard, ShardError};
