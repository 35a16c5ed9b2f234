//! The memory of a worker's runs: planned once per run, used at every step, and again by the next run.

use super::batches::Batch;
use crate::kernels::{Real, ThreadBudget};
use crate::nn;

/// What a worker keeps between its runs: room, no information. A run gives the same numbers in any workspace.
#[derive(Debug)]
pub struct Workspace {
    pub(super) single: Buffers<f32>,
    pub(super) double: Buffers<f64>,
}

impl Workspace {
    /// An empty workspace; large products will be split over `budget`.
    pub fn new(budget: &ThreadBudget) -> Self {
        Self { single: Buffers::new(budget), double: Buffers::new(budget) }
    }
}

/// The arrays of one precision.
#[derive(Debug)]
pub(super) struct Buffers<F> {
    pub(super) net: nn::Buffers<F>,
    pub(super) batch: Batch<F>,
    pub(super) room: Room<F>,
}

/// What weights are compared with.
#[derive(Debug)]
pub(super) struct Room<F> {
    /// A W as it was before its update.
    pub(super) before: Vec<F>,
    /// Every W as it was before the first one.
    pub(super) origin: Vec<F>,
}

impl<F: Real> Buffers<F> {
    fn new(budget: &ThreadBudget) -> Self {
        Self {
            net: nn::Buffers::new(budget.clone()),
            batch: Batch::empty(),
            room: Room { before: vec![], origin: vec![] },
        }
    }
}
