//! The runs that a walk over the points has found.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::nn::ModelKind;
use crate::plan::grid::{FirstPoints, Grid};
use crate::spec::{RunId, RunSpec};

/// The runs so far.
#[derive(Debug)]
pub(super) struct Runs {
    pub(super) points: FirstPoints,
    pub(super) ids: Vec<u64>,
    /// The kinds of their nets, each once.
    pub(super) kinds: Vec<ModelKind>,
    pub(super) first: HashMap<u64, u32>,
}

/// Runs that room is made for at once, where there may be as many.
const MOST_ROOM: u64 = 1 << 20;

impl Runs {
    /// Makes room for the points of the grids: what grows in steps leaves holes behind it.
    pub(super) fn with_room(grids: &[Grid]) -> Self {
        let points = grids.iter().map(Grid::len).sum::<u64>().min(MOST_ROOM);
        let points = usize::try_from(points).expect("a million");
        let (ids, first) = (Vec::with_capacity(points), HashMap::with_capacity(points));
        Self { points: FirstPoints::with_room(points), ids, kinds: Vec::new(), first }
    }

    /// The number of the first point with this run, if it is known.
    pub(super) fn add(&mut self, point: u32, RunId(id): RunId, spec: &RunSpec) -> Option<u32> {
        match self.first.entry(id) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(point);
                self.points.push(point);
                self.ids.push(id);
                if !self.kinds.contains(&spec.model.kind) {
                    self.kinds.push(spec.model.kind);
                }
                None
            }
        }
    }
}
