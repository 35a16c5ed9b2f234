//! Which cells of two sweeps are compared: those that agree in every key that varies in either of the two.
//!
//! A key that one of the two sweeps and the other holds fixed is compared at the fixed value, and an axis of which the two
//! have different values at the values that both have. What both hold fixed, at whatever values, tells no cells apart: it is
//! what the comparison is about.

use std::collections::{BTreeSet, HashMap};

use crate::plan::Plan;
use crate::spec::{KEYS, RunSpec, Shown};

/// The cells of two sweeps that are compared, and what is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct CellPairs {
    /// The keys that vary in either of the two: the index of each in [`KEYS`] and the name of its column.
    pub axes: Vec<(usize, String)>,
    /// The cells, in the order of the first plan.
    pub pairs: Vec<CellPair>,
    /// The keys of which not all values are compared.
    pub partial: Vec<PartialKey>,
    /// The cells of each plan that the other one does not have.
    pub left_out: [usize; 2],
}

/// A cell of one sweep and the cell of another that agrees with it.
#[derive(Debug, Clone, PartialEq)]
pub struct CellPair {
    /// The cell's number in the first plan.
    pub old: usize,
    /// Its number in the second.
    pub new: usize,
    /// Its value for each of [`CellPairs::axes`].
    pub values: Vec<Shown>,
}

/// A key of which the two sweeps have different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialKey {
    /// The dotted key.
    pub key: &'static str,
    /// The values that both have.
    pub common: Vec<String>,
    /// The values that the first and the second have alone.
    pub alone: [Vec<String>; 2],
}

/// Two sweeps of which no cell of the one agrees with a cell of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NothingAgrees {
    /// A key that has no value in common, if there is one, with its values in the first and in the second.
    pub key: Option<(&'static str, [Vec<String>; 2])>,
    /// An argument of `--set` that gives the second sweep the values of the first; none where that is no single line.
    pub advice: Option<String>,
}

/// What a cell has of a key: none where its nets do not use it.
type KeyValue = Option<String>;

impl CellPairs {
    /// Finds the cells that agree.
    ///
    /// # Errors
    /// Fails where there is none.
    pub fn of(old: &Plan, new: &Plan) -> Result<Self, NothingAgrees> {
        let mut axes: Vec<(usize, String)> = Vec::new();
        for column in old.columns().iter().chain(new.columns()) {
            if KEYS[column.key].name != "seed" && axes.iter().all(|(key, _)| *key != column.key) {
                axes.push((column.key, column.name.clone()));
            }
        }
        let (old_points, new_points) = (points(old), points(new));
        axes.retain(|(key, _)| [&old_points, &new_points].iter().any(|points| values(points, *key).len() > 1));
        let cell = |point: &RunSpec| axes.iter().map(|(key, _)| value(point, *key)).collect::<Vec<KeyValue>>();
        let known: HashMap<Vec<KeyValue>, usize> =
            new_points.iter().enumerate().rev().map(|(number, point)| (cell(point), number)).collect();
        let pair = |(number, point): (usize, &RunSpec)| {
            let values = axes.iter().map(|(key, _)| (KEYS[*key].show)(point)).collect();
            Some(CellPair { old: number, new: *known.get(&cell(point))?, values })
        };
        let pairs: Vec<CellPair> = old_points.iter().enumerate().filter_map(pair).collect();
        if pairs.is_empty() {
            return Err(NothingAgrees::of(&axes, &old_points, (new, &new_points)));
        }
        let partial = axes.iter().filter_map(|(key, _)| PartialKey::of(*key, &old_points, &new_points));
        let compared: BTreeSet<usize> = pairs.iter().map(|pair| pair.new).collect();
        let left_out = [old_points.len() - pairs.len(), new_points.len() - compared.len()];
        Ok(Self { partial: partial.collect(), left_out, pairs, axes })
    }
}

impl PartialKey {
    /// Splits a key's values; none where both have the same.
    fn of(key: usize, old: &[RunSpec], new: &[RunSpec]) -> Option<Self> {
        let [old, new] = [old, new].map(|points| values(points, key));
        let (common, only_old): (Vec<String>, Vec<String>) = old.into_iter().partition(|value| new.contains(value));
        let only_new: Vec<String> = new.into_iter().filter(|value| !common.contains(value)).collect();
        let is_partial = !only_old.is_empty() || !only_new.is_empty();
        is_partial.then_some(Self { key: KEYS[key].name, common, alone: [only_old, only_new] })
    }
}

impl NothingAgrees {
    fn of(axes: &[(usize, String)], old: &[RunSpec], (plan, new): (&Plan, &[RunSpec])) -> Self {
        let partial = axes.iter().filter_map(|(key, _)| Some((*key, PartialKey::of(*key, old, new)?)));
        let Some((key, disjoint)) = partial.into_iter().find(|(_, partial)| partial.common.is_empty()) else {
            return Self { key: None, advice: None };
        };
        let texts: Vec<String> = disjoint.alone[0].clone();
        let is_text = matches!((KEYS[key].show)(&old[0]), Shown::Text(_));
        let written = texts.iter().map(|value| if is_text { format!("{value:?}") } else { value.clone() });
        let list = written.collect::<Vec<_>>().join(",");
        // What a zip moves cannot be set from outside of the file.
        let of_key = |column: &usize| plan.columns()[*column].key == key;
        let is_zipped = plan.knobs().iter().any(|knob| knob.columns.len() > 1 && knob.columns.iter().any(of_key));
        let is_short = texts.len() <= MOST_ADVISED && !KEYS[key].is_list && !is_zipped;
        let advice = is_short.then(|| format!("grid.{}=[{list}]", KEYS[key].name));
        Self { key: Some((disjoint.key, disjoint.alone)), advice }
    }
}

/// The most values that an advice lists.
const MOST_ADVISED: usize = 12;

/// The first run of each cell, as it was asked for.
fn points(plan: &Plan) -> Vec<RunSpec> {
    plan.cells().iter().map(|mut runs| plan.point(runs.next().expect("a cell has a run"))).collect()
}

fn value(point: &RunSpec, key: usize) -> KeyValue {
    (KEYS[key].used)(point).then(|| (KEYS[key].show)(point).to_string())
}

/// The values of a key in the cells that use it, each once and in their order.
fn values(points: &[RunSpec], key: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    points.iter().filter_map(|point| value(point, key)).filter(|value| seen.insert(value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn pairs(old: &str, new: &str) -> Result<CellPairs, NothingAgrees> {
        let plan = |text: &str| {
            let text = format!("name = \"t\"\n[run]\nmodel.width = 8\n{text}");
            crate::plan::plan(&Source::new("t.toml", text), &[]).expect("a valid config")
        };
        CellPairs::of(&plan(old), &plan(new))
    }

    fn numbers(pairs: &CellPairs) -> Vec<(usize, usize)> {
        pairs.pairs.iter().map(|pair| (pair.old, pair.new)).collect()
    }

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).into()).collect()
    }

    #[test]
    fn a_key_that_one_sweeps_is_compared_at_the_value_that_the_other_holds() {
        let old = "[grid]\ntrain.learning_rate = [0.02, 0.1]\nmodel.depth = [2, 3]\nseed = [0, 1]";
        let found = pairs(old, "train.learning_rate = 0.1\n[grid]\nmodel.depth = [3, 2]").expect("two cells agree");
        assert_eq!((numbers(&found), found.left_out), (vec![(2, 1), (3, 0)], [2, 0]));
        let partial =
            PartialKey { key: "train.learning_rate", common: texts(&["0.1"]), alone: [texts(&["0.02"]), vec![]] };
        assert_eq!(found.partial, [partial]);
    }

    #[test]
    fn an_axis_of_other_values_is_compared_where_they_agree_and_a_fixed_key_that_differs_is_not_asked_for() {
        let found =
            pairs("[grid]\nmodel.depth = [2, 3, 5]", "train.learning_rate = 0.5\n[grid]\nmodel.depth = [5, 7, 2]")
                .expect("two cells agree");
        assert_eq!((numbers(&found), found.left_out), (vec![(0, 2), (2, 0)], [1, 1]));
        assert_eq!(found.partial[0].common, ["2", "5"]);
        assert_eq!(found.partial[0].alone, [texts(&["3"]), texts(&["7"])]);
        let same = pairs("train.learning_rate = 0.1", "train.learning_rate = 0.5").expect("one cell each");
        assert_eq!((numbers(&same), same.partial), (vec![(0, 0)], vec![]));
    }

    #[test]
    fn a_key_that_a_net_does_not_use_does_not_part_it_from_its_like() {
        let old = "[grid]\nmodel.activation = [\"relu\", \"leaky_relu\"]\nmodel.negative_slope = [0.3, 0.01]";
        let found = pairs(old, "[grid]\nmodel.activation = [\"relu\", \"leaky_relu\"]").expect("both agree");
        // Of relu there is one cell; of leaky_relu the one with the default slope.
        assert_eq!((numbers(&found), found.left_out), (vec![(0, 0), (2, 1)], [1, 0]));
    }

    #[test]
    fn where_nothing_agrees_the_key_is_named_with_an_advice() {
        let nothing = pairs("[grid]\nmodel.depth = [2, 3]", "model.depth = 5").expect_err("no cell agrees");
        assert_eq!(nothing.key, Some(("model.depth", [texts(&["2", "3"]), texts(&["5"])])));
        assert_eq!(nothing.advice.as_deref(), Some("grid.model.depth=[2,3]"));
        let names = pairs("model.activation = \"tanh\"", "[grid]\nmodel.activation = [\"relu\", \"gelu\"]");
        let advice = names.expect_err("no cell agrees").advice;
        assert_eq!(advice.as_deref(), Some("grid.model.activation=[\"tanh\"]"));
        let zip = "[[zip]]\nmodel.depth = [5, 6]\ntrain.batch_size = [16, 32]";
        let nothing =
            pairs("[grid]\nmodel.depth = [2, 3]\ntrain.batch_size = [16, 32]", zip).expect_err("no cell agrees");
        assert_eq!((nothing.key.map(|(key, _)| key), nothing.advice), (Some("model.depth"), None));
    }
}
