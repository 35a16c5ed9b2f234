//! Array jobs: which of a scheduler's tasks this process is, and the scripts that hand shards in and merge them.
//!
//! Text in, text out: starts no process, reads no file and no environment. Must not know what a run is.

mod array_limit;
mod engine;
mod hyperqueue;
mod job;
mod parallel;
mod shell;
mod slurm;
mod task;
mod tasks;

#[cfg(test)]
mod tests;

pub use array_limit::{ArrayLimit, ArrayTooLarge};
pub use engine::Engine;
pub use job::ArrayJob;
pub(crate) use shell::{line, quoted_path};
pub use task::{Task, TaskError, TaskVariable, shard_count, task};
pub use tasks::{Tasks, TasksError};
