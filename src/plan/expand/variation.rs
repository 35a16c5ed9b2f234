//! Whether runs differ in more than their seed.

use crate::plan::grid::AxisColumn;
use crate::spec::{KEYS, RunSpec, Shown};

/// Watches points for two that differ in a swept key other than the seed.
#[derive(Debug)]
pub(super) struct Variation {
    keys: Vec<usize>,
    first: Option<Vec<Shown>>,
    pub(in crate::plan) found: bool,
}

impl Variation {
    /// Watches these columns but the seed's.
    pub(in crate::plan) fn of(columns: &[AxisColumn]) -> Self {
        let keys = columns.iter().filter(|column| !column.is_seed()).map(|column| column.key).collect();
        Self { keys, first: None, found: false }
    }

    /// Looks at a point that is a run of its own.
    pub(super) fn note(&mut self, point: &RunSpec) {
        if self.found {
            return;
        }
        let values: Vec<Shown> = self.keys.iter().map(|key| (KEYS[*key].cell)(point)).collect();
        self.found = *self.first.get_or_insert_with(|| values.clone()) != values;
    }
}
