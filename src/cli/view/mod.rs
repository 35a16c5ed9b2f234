//! What results, cells, checks and shards look like: text for a terminal, and JSON and XML for programs.

pub(crate) mod causes;
pub(crate) mod cell_names;
pub(crate) mod check;
pub(crate) mod cures;
pub(crate) mod data_lines;
pub(crate) mod differences;
pub(crate) mod effects;
pub(crate) mod gaps;
pub(crate) mod matrix;
pub(crate) mod reach;
pub(crate) mod results;
pub(crate) mod run_name;
pub(crate) mod shard_plan;
pub(crate) mod shard_states;
pub(crate) mod speeds;
pub(crate) mod sweep_changes;
