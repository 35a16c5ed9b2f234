//! The columns of the swept axes, which every table carries so that it opens and pivots on its own.

use super::field::{Field, FieldKind};
use crate::plan::AxisColumn;
use crate::spec::{KEYS, RunSpec, Shown};

/// The swept keys' columns, in the order of the axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SweptAxes {
    names: Vec<String>,
    /// Indices in [`KEYS`].
    keys: Vec<usize>,
    /// The position of the run's seed among them; a cell is taken over it.
    seed: Option<usize>,
}

impl SweptAxes {
    /// Takes the columns of a plan.
    pub(super) fn new(columns: &[AxisColumn]) -> Self {
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let keys = columns.iter().map(|column| column.key).collect();
        Self { names, keys, seed: columns.iter().position(|column| KEYS[column.key].name == "seed") }
    }

    /// Returns the columns' names.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the position of the run's seed among the axes.
    pub(super) fn seed(&self) -> Option<usize> {
        self.seed
    }

    /// Describes the columns.
    pub(super) fn fields(&self) -> Vec<Field> {
        // A key's cells are of one kind, so any run tells it.
        let run = RunSpec::default();
        let field = |(name, &key): (&String, &usize)| {
            let key = &KEYS[key];
            let kind = match (key.cell)(&run) {
                Shown::Bool(_) => FieldKind::Boolean,
                Shown::Int(_) => FieldKind::Integer,
                Shown::Float(_) => FieldKind::Number,
                Shown::Text(_) => FieldKind::Text,
            };
            let is_name = kind == FieldKind::Text && !key.is_list;
            let names = if is_name { (key.names)() } else { Vec::new() };
            let doc = format!("{}: {}.", key.name, key.doc);
            Field { name: name.clone(), kind, group: Field::AXES, unit: "", doc, names }
        };
        self.names.iter().zip(&self.keys).map(field).collect()
    }

    /// Takes one thing per axis and returns those of the axes that tell cells apart: all but the seed.
    pub(super) fn of_cell<'a, T>(&self, per_axis: &'a [T]) -> impl Iterator<Item = &'a T> {
        let seed = self.seed;
        per_axis.iter().enumerate().filter(move |(i, _)| Some(*i) != seed).map(|(_, x)| x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::key_index;

    fn axes(keys: &[&str]) -> SweptAxes {
        let column = |key: &&str| AxisColumn { key: key_index(key).expect(key), name: (*key).into() };
        SweptAxes::new(&keys.iter().map(column).collect::<Vec<_>>())
    }

    #[test]
    fn only_the_runs_own_seed_is_taken_over() {
        let axes = axes(&["model.depth", "seed", "data.seed"]);
        assert_eq!(axes.of_cell(axes.names()).collect::<Vec<_>>(), ["model.depth", "data.seed"]);
    }
}
