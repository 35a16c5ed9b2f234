//! Who runs the shards: each scheduler with its script.

use super::job::ArrayJob;
use super::{hyperqueue, parallel, slurm};
use crate::names::named;

named! {
    /// Who runs the shards.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Engine {
        /// Slurm's job arrays.
        Slurm = "slurm",
        /// HyperQueue's task arrays.
        HyperQueue = "hyperqueue",
        /// GNU parallel, on this machine or, with its own options, on others.
        Parallel = "parallel",
    }
}

impl Engine {
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
