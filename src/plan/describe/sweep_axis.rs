//! The knobs of a grid: its axes other than the seed. Tables of effects say whether each of them matters.

use std::collections::HashSet;

use crate::plan::grid::Grid;
use crate::plan::index::Plan;

/// The most values of an axis of which all are compared with all; of more, the first is compared with each other one.
const MOST_COMPARED: usize = 24;

/// An axis other than the seed: a key, or the keys of a `[[zip]]`, which move together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepAxis {
    /// The names of its columns, joined by `+`.
    pub name: String,
    /// Positions of its columns among [`Plan::columns`].
    pub columns: Vec<usize>,
    /// Index of its first key in [`crate::spec::KEYS`].
    key: usize,
}

impl Plan {
    /// The axes other than the seed, those of the grid first. A key that includes alone move is one of its own.
    pub fn knobs(&self) -> Vec<SweepAxis> {
        let mut knobs: Vec<SweepAxis> = Vec::new();
        let mut axes: Vec<Option<usize>> = Vec::new();
        for (position, column) in self.columns.iter().enumerate().filter(|(_, column)| !column.is_seed()) {
            let axis = self.grids[0].sweeps(column.key).map(|(axis, _)| axis);
            if let Some(known) = axes.iter().position(|other| axis.is_some() && *other == axis) {
                knobs[known].name = format!("{}+{}", knobs[known].name, column.name);
                knobs[known].columns.push(position);
            } else {
                knobs.push(SweepAxis { name: column.name.clone(), columns: vec![position], key: column.key });
                axes.push(axis);
            }
        }
        knobs
    }

    /// The positions of each knob's columns among those that tell cells apart: all but the seed's.
    pub fn axes_of_cells(&self) -> Vec<Vec<usize>> {
        let before = |at: usize| self.columns[..at].iter().filter(|column| !column.is_seed()).count();
        self.knobs().iter().map(|knob| knob.columns.iter().map(|&at| before(at)).collect()).collect()
    }

    /// Tells for each knob which of its listed values run number `run` has; `None` for a run that an include added.
    pub fn listed(&self, knobs: &[SweepAxis], run: usize) -> Vec<Option<u64>> {
        let (grid, point): (&Grid, u64) = (&self.grids[0], self.points.of(run));
        knobs.iter().map(|knob| if point < grid.len() { grid.value_number(knob.key, point) } else { None }).collect()
    }

    /// The pairs of a knob's `values` values that are compared, each the earlier listed first: all, or of more than 24
    /// the first value with each other one.
    pub fn compared(values: usize) -> impl Iterator<Item = (usize, usize)> {
        let last_from = if values > MOST_COMPARED { 1 } else { values };
        (0..last_from).flat_map(move |from| (from + 1..values).map(move |to| (from, to)))
    }

    /// How many pairs of values are compared over all knobs: the rows of effects.csv.
    pub(super) fn compared_values(&self) -> u64 {
        let knobs = self.knobs();
        let mut values = vec![HashSet::new(); knobs.len()];
        for run in self.runs() {
            let cells = self.axis_cells(run);
            for (knob, values) in knobs.iter().zip(&mut values) {
                values.insert(knob.columns.iter().map(|&i| cells[i].to_string()).collect::<Vec<_>>());
            }
        }
        values.iter().map(|values| Self::compared(values.len()).count() as u64).sum()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::config::{Source, Table};

    fn plan(grid: &str) -> Plan {
        crate::plan::plan(&Source::new("test.toml", format!("name = \"a\"\n{grid}\n").as_str()), &[]).unwrap()
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.knobs().into_iter().map(|knob| knob.name).collect()
    }

    #[test]
    fn a_zip_is_one_knob_and_the_seed_is_none() {
        let plan = plan(
            "[grid]\nmodel.depth = [2, 3]\nseed = [0, 1]\n[[zip]]\ntrain.batch_size = [16, 32]\n\
             train.learning_rate = [0.1, 0.2]\n[[include]]\nmodel.width = 7\ntrain.learning_rate = 0.3",
        );
        assert_eq!(names(&plan), ["depth", "batch_size+learning_rate", "width"]);
        let columns: Vec<Vec<usize>> = plan.knobs().into_iter().map(|knob| knob.columns).collect();
        assert_eq!(columns, [vec![0], vec![2, 3], vec![4]]);
        assert_eq!(plan.axes_of_cells(), [vec![0], vec![1, 2], vec![3]]);
        let knobs = plan.knobs();
        assert_eq!(plan.listed(&knobs, 0), [Some(0), Some(0), None]);
        assert_eq!(plan.listed(&knobs, 7), [Some(1), Some(1), None]);
        assert_eq!(plan.listed(&knobs, 8), [None; 3], "an include lists its own values");
    }

    #[test]
    fn a_seed_that_moves_with_another_key_leaves_that_key_a_knob() {
        assert_eq!(names(&plan("[[zip]]\nseed = [0, 1]\nmodel.depth = [2, 3]")), ["depth"]);
    }

    #[test]
    fn of_many_values_the_first_is_compared_with_each_other_one() {
        let all: Vec<(usize, usize)> = Plan::compared(3).collect();
        assert_eq!(all, [(0, 1), (0, 2), (1, 2)]);
        assert_eq!((Plan::compared(0).count(), Plan::compared(1).count()), (0, 0));
        assert_eq!(Plan::compared(24).count(), 24 * 23 / 2);
        assert_eq!(Plan::compared(25).collect::<Vec<_>>(), (1..25).map(|to| (0, to)).collect::<Vec<_>>());
    }

    #[test]
    fn effects_are_a_table_where_some_key_other_than_the_seed_has_two_values() {
        let has_effects = |grid: &str| plan(grid).tables().contains(&Table::Effects);
        assert!(has_effects("[grid]\nseed = [0, 1, 2]\nmodel.depth = [2, 3]"));
        assert!(has_effects("[[include]]\nmodel.depth = 2\n[[include]]\nmodel.depth = 3"));
        for none in [
            "",
            "[grid]\nseed = [0, 1]",
            "[grid]\nmodel.depth = [2]\nseed = [0, 1]",
            "[grid]\nmodel.depth = [2, 3]\nseed = [0, 1]\n[[exclude]]\nmodel.depth = 3",
        ] {
            assert!(!has_effects(none), "{none}");
        }
    }

    #[test]
    fn the_rows_are_the_pairs_of_values_that_some_run_has() {
        let rows = |grid: &str| plan(grid).compared_values();
        assert_eq!(rows("[grid]\nmodel.depth = [2, 3, 4]\nmodel.residual = [false, true]\nseed = [0, 1]"), 3 + 1);
        assert_eq!(rows("[grid]\nmodel.depth = [2, 3, 4]\n[[exclude]]\nmodel.depth = 3"), 1);
        assert_eq!(rows("[grid]\nmodel.depth = { from = 1, count = 30 }\nseed = [0, 1]"), 29);
    }
}
