//! The columns of the swept axes, which every table carries so that it opens and pivots on its own.

use std::collections::BTreeSet;

use super::columns::{RUN, Table};

/// The swept keys' columns, in the order of the axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axes {
    names: Vec<String>,
    /// Which of them is the run's seed, which a cell is taken over.
    seed: Option<usize>,
}

impl Axes {
    /// The columns of the keys at these dotted paths (`train.learning_rate`): a key's last part, unless another axis
    /// or any table has a column of that name; then the whole path with `_` for dots.
    pub fn of<S: AsRef<str>>(paths: &[S]) -> Self {
        let short = |path: &str| path.rsplit('.').next().expect("a split has a last part").to_owned();
        let mut taken: BTreeSet<String> = Table::ALL.iter().flat_map(|t| t.fields()).map(|f| f.name).collect();
        taken.insert(RUN.to_owned());
        let shorts: Vec<String> = paths.iter().map(|path| short(path.as_ref())).collect();
        let is_free = |name: &String| !taken.contains(name) && shorts.iter().filter(|s| *s == name).count() == 1;
        let name = |(path, short): (&S, &String)| {
            if is_free(short) { short.clone() } else { path.as_ref().replace('.', "_") }
        };
        let names = paths.iter().zip(&shorts).map(name).collect();
        Self { names, seed: paths.iter().position(|path| path.as_ref() == "seed") }
    }

    /// The columns' names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Of one thing per axis, those of the axes that tell cells apart: all but the seed.
    pub fn of_cell<'a, T>(&self, per_axis: &'a [T]) -> impl Iterator<Item = &'a T> {
        let seed = self.seed;
        per_axis.iter().enumerate().filter(move |(i, _)| Some(*i) != seed).map(|(_, x)| x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_the_keys_last_part_unless_that_is_taken() {
        let axes =
            Axes::of(&["model.depth", "seed", "data.seed", "train.learning_rate", "x.status", "y.layer", "z.run"]);
        assert_eq!(axes.names(), ["depth", "seed", "data_seed", "learning_rate", "x_status", "y_layer", "z_run"]);
        assert_eq!(Axes::of(&["data.seed"]).names(), ["seed"]);
    }

    #[test]
    fn no_two_columns_of_any_sweep_have_the_same_name() {
        let every: Vec<&str> = crate::spec::KEYS.iter().map(|key| key.name).collect();
        for table in Table::ALL {
            let fields = table.fields().into_iter().map(|f| f.name);
            let mut names: Vec<String> = fields.chain(Axes::of(&every).names().to_vec()).collect();
            names.push(RUN.to_owned());
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{table:?}");
        }
    }

    #[test]
    fn only_the_runs_own_seed_is_taken_over() {
        let axes = Axes::of(&["model.depth", "seed", "data.seed"]);
        assert_eq!(axes.of_cell(axes.names()).collect::<Vec<_>>(), ["depth", "data_seed"]);
        let axes = Axes::of(&["data.seed"]);
        assert_eq!(axes.of_cell(&[1]).count(), 1);
    }
}
