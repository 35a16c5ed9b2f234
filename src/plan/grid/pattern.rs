//! Which points agree with one value of each of a few keys: how `[[exclude]]` and `where` match.

use crate::config::Column;
use crate::spec::{Draft, KEYS, RunSpec};

/// Keys with their values, ready to be compared.
#[derive(Debug)]
pub(in crate::plan) struct Pattern {
    columns: Vec<(usize, Vec<RunSpec>)>,
}

impl Pattern {
    pub(in crate::plan) fn new(columns: &[Column]) -> Self {
        let specs = |column: &Column| {
            (0..column.values.len())
                .map(|i| {
                    let mut draft = Draft::default();
                    draft.set(column.key, &column.values.get(i));
                    draft.point()
                })
                .collect()
        };
        Self { columns: columns.iter().map(|column| (column.key, specs(column))).collect() }
    }

    /// Whether a point agrees with one value of each key.
    pub(in crate::plan) fn matches(&self, point: &RunSpec) -> bool {
        self.columns.iter().all(|(key, values)| values.iter().any(|value| (KEYS[*key].same)(point, value)))
    }
}
