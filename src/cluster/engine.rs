//! Who runs the shards: each scheduler with its script.

use super::job::ArrayJob;
use super::{hyperqueue, parallel, slurm};

/// Who runs the shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Slurm's job arrays.
    Slurm,
    /// HyperQueue's task arrays.
    HyperQueue,
    /// GNU parallel, on this machine or, with its own options, on others.
    Parallel,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Slurm, Self::HyperQueue, Self::Parallel];

    /// Returns the name that the command line has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slurm => "slurm",
            Self::HyperQueue => "hyperqueue",
            Self::Parallel => "parallel",
        }
    }

    /// Writes a bash script that hands in the shards and, when they have ended, their merge. Its only argument, where
    /// it has one, is the list of the shards to hand in.
    pub fn script(self, job: &ArrayJob) -> String {
        match self {
            Self::Slurm => slurm::script(job),
            Self::HyperQueue => hyperqueue::script(job),
            Self::Parallel => parallel::script(job),
        }
    }
}
