//! A run on its way from the queue to its record.

use super::Plan;
use crate::plan::cost::{Cost, Memory, cost, memory};
use crate::spec::{RunId, RunSpec};

/// A run of a plan with all that its training and its record need: made once, when its turn comes.
#[derive(Debug, Clone)]
pub struct Job {
    /// The run's number in the plan.
    pub run: usize,
    /// Its id, under which it is stored.
    pub id: RunId,
    /// What is trained.
    pub spec: RunSpec,
    /// What that costs.
    pub cost: Cost,
    /// What memory it takes.
    pub memory: Memory,
}

impl Plan {
    /// Makes the job of run number `run`.
    pub fn job(&self, run: usize) -> Job {
        let spec = self.spec(run);
        Job { run, id: self.id(run), cost: cost(&spec), memory: memory(&spec), spec }
    }
}
