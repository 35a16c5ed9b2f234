//! What the figures and the page are drawn from: an experiment's grid, cell by cell, in plain numbers and words.

use std::collections::BTreeMap;

use super::detail::Detail;
use super::plane::Plane;
use crate::analysis::{CellSummary, Cure, Effect, Saving, SpeedFinding, Verdict};
use crate::nn::ModelKind;
use crate::plan::GridLine;
use crate::spec::{RunMetric, Shown};
use crate::stats::Statistics;

/// The name and the key of the axis that tells the cells of two experiments apart.
pub(super) const SIDES: &str = "folder";

/// An experiment's stored runs, cell by cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Gathered {
    /// The experiment's name.
    pub name: String,
    /// Why it exists; may be empty.
    pub why: String,
    /// The axes that tell cells apart: all but the seed. Empty of a single cell.
    pub axes: Vec<GridAxis>,
    /// The cells, in plan order; also those of which no run ended.
    pub cells: Vec<CellRow>,
    /// The changes that do the most to the gradients before training, one per axis and in the order of the axes. An
    /// axis has none if no two runs differ in it alone.
    pub effects: Vec<AxisEffect>,
    /// Two numbers that the grid sweeps, and the cells over them; none where it does not sweep two.
    pub plane: Option<Plane>,
    /// How the runs ended.
    pub counts: RunCounts,
    /// The first runs that failed, by number, with why: at most 20.
    pub failures: Vec<(usize, String)>,
    /// The cells from the first on that have a [`Detail`] if any of their runs ended: all, unless there are more than
    /// 10,000.
    pub detailed: usize,
}

/// An axis of the grid: a key, or the keys of a `[[zip]]`, which move together.
#[derive(Debug, Clone, PartialEq)]
pub struct GridAxis {
    /// The names of its columns in the tables, joined by `+`.
    pub name: String,
    /// Its keys, such as `model.depth`.
    pub keys: Vec<&'static str>,
    /// Its values, one for each key; numbers ascending, others as the config lists them.
    pub values: Vec<Vec<Shown>>,
}

impl GridAxis {
    /// Returns one of its values in words: `20`, or `16, 0.1` of keys that move together. If one of these has names,
    /// numbers and flags are told only where they differ from those of the first value, as in `lstm, forget_bias 1.0`.
    pub fn label(&self, level: usize) -> String {
        let values = &self.values[level];
        if values.len() == 1 || !values.iter().any(|value| matches!(value, Shown::Text(_))) {
            return label(values);
        }
        let words =
            self.name.split('+').zip(values).zip(&self.values[0]).filter_map(|((name, value), first)| match value {
                Shown::Text(text) => Some(text.clone()),
                Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) => {
                    (value != first).then(|| format!("{name} {}", short(value)))
                }
            });
        words.collect::<Vec<_>>().join(", ")
    }

    /// Whether it is the axis of this key alone.
    pub fn is(&self, key: &str) -> bool {
        self.keys == [key]
    }

    /// Its values as numbers, where they are that.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        self.values.iter().map(|values| if let [value] = &values[..] { number(value) } else { None }).collect()
    }
}

/// Values of keys that move together, in words.
pub(super) fn label(values: &[Shown]) -> String {
    values.iter().map(short).collect::<Vec<_>>().join(", ")
}

/// A value as people read it: of a number with very many digits the first four that count.
fn short(value: &Shown) -> String {
    let text = value.to_string();
    match value {
        Shown::Float(x) if text.len() > 8 => {
            let text = if (1e-3..1e4).contains(&x.abs()) { format!("{x:.4}") } else { format!("{x:.3e}") };
            if text.contains('e') { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
        }
        Shown::Bool(_) | Shown::Int(_) | Shown::Float(_) | Shown::Text(_) => text,
    }
}

/// A value as a number, if it is one.
pub(super) fn number(value: &Shown) -> Option<f64> {
    match value {
        Shown::Int(n) => Some(*n as f64),
        Shown::Float(x) => Some(*x),
        Shown::Bool(_) | Shown::Text(_) => None,
    }
}

/// One grid cell over its seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct CellRow {
    /// Its value on each axis of [`Gathered::axes`], by number.
    pub levels: Vec<usize>,
    /// The numbers of its runs in the plan: `run` in the tables.
    pub runs: Vec<usize>,
    /// How its runs ended.
    pub counts: RunCounts,
    /// The verdict, the cause in a sentence and the means that the terminal shows.
    pub cell: CellSummary,
    /// How fast its layers learn, where there is something to say of it.
    pub speed: Option<SpeedFinding>,
    /// What cures it, the best first. [`Cure::to`] is a position in [`Gathered::cells`], [`Cure::axis`] one in
    /// [`Gathered::axes`]. Empty for a cell that every seed learned, and for one that no single change cures.
    pub cures: Vec<Cure>,
    /// A line to add to the grid, for a cell in which not every seed learned and that nothing in the grid cures.
    pub line: Option<GridLine>,
    /// The headline metrics over the seeds, in the order of [`RunMetric::ALL`].
    pub headline: Vec<Statistics>,
    /// What its nets are.
    pub net: NetFacts,
    /// What theory says of them.
    pub theory: Outlooks,
    /// Its curves; none where no run ended, and beyond [`Gathered::detailed`].
    pub detail: Option<Detail>,
}

impl CellRow {
    /// A headline metric over the seeds.
    pub fn headline(&self, metric: RunMetric) -> &Statistics {
        let position = RunMetric::ALL.iter().position(|known| *known == metric).expect("ALL has every metric");
        &self.headline[position]
    }
}

/// How some runs ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Runs with finite losses.
    pub ok: usize,
    /// Runs with a loss that was not finite.
    pub diverged: usize,
    /// Runs that a panic or an I/O error ended.
    pub failed: usize,
    /// Runs without a record: they have not ended.
    pub missing: usize,
    /// Runs among `ok` and `diverged` that learned.
    pub learned: usize,
    /// How many of `ok` and `diverged` have each verdict, worst first.
    pub verdicts: BTreeMap<Verdict, usize>,
}

impl RunCounts {
    /// Runs that have a result.
    pub fn done(&self) -> usize {
        self.ok + self.diverged
    }

    /// All runs.
    pub fn all(&self) -> usize {
        self.done() + self.failed + self.missing
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.ok += other.ok;
        self.diverged += other.diverged;
        self.failed += other.failed;
        self.missing += other.missing;
        self.learned += other.learned;
        for (verdict, n) in &other.verdicts {
            *self.verdicts.entry(*verdict).or_default() += n;
        }
    }
}

/// What the nets of a cell are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetFacts {
    /// Feed-forward, or the kind of recurrent layer.
    pub kind: ModelKind,
    /// Hidden layers L.
    pub hidden: usize,
    /// Time steps T of a sequence; 1 for a feed-forward net.
    pub length: usize,
    /// Whether norms or residual connections change what an error meets on its way back.
    pub is_plain: bool,
}

/// What theory says of a cell's nets, with the data of its first run that ended; NaN where it gives no number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlooks {
    /// log10(`delta_rms` of layer 1 / of layer L).
    pub gradient_decades: f64,
    /// Decades per layer.
    pub decades_per_layer: f64,
    /// log10(`dh_rms` at t = 1 / at T).
    pub time_decades: f64,
    /// Decades per time step.
    pub decades_per_step: f64,
    /// The number of layers over which an error's mean square changes by a factor of e, in the limit of many layers.
    pub depth_scale: f64,
    /// The depth to which such a net can be trained: 6 depth scales, of plain nets alone.
    pub trainable_depth: f64,
}

impl Outlooks {
    pub(super) const NONE: Self = Self {
        gradient_decades: f64::NAN,
        decades_per_layer: f64::NAN,
        time_decades: f64::NAN,
        decades_per_step: f64::NAN,
        depth_scale: f64::NAN,
        trainable_depth: f64::NAN,
    };
}

/// What a change of an axis does.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisEffect {
    /// The axis, by its position in [`Gathered::axes`].
    pub axis: usize,
    /// Its value before, for each key that moves with it.
    pub from: Vec<Shown>,
    /// Its value after.
    pub to: Vec<Shown>,
    /// The effect, over all else.
    pub effect: Effect,
    /// The change of the axis that saves most runs from being lost, if some change saves many.
    pub saving: Option<AxisSaving>,
}

/// A change of an axis that saves runs from being lost.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisSaving {
    /// The value that loses them, for each key that moves with the axis.
    pub from: Vec<Shown>,
    /// The value that does not.
    pub to: Vec<Shown>,
    /// How many they are.
    pub saving: Saving,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, values: Vec<Vec<Shown>>) -> GridAxis {
        GridAxis { name: name.into(), keys: vec!["model.kind"], values }
    }

    #[test]
    fn a_value_of_keys_that_move_together_is_told_by_its_name_and_what_is_not_as_in_the_first() {
        let value = |kind: &str, forget: f64| vec![Shown::Text(kind.into()), Shown::Float(forget)];
        let kinds = axis("kind+forget_bias", vec![value("rnn", 0.0), value("lstm", 0.0), value("lstm", 1.0)]);
        assert_eq!([0, 1, 2].map(|level| kinds.label(level)), ["rnn", "lstm", "lstm, forget_bias 1.0"]);
        let numbers = axis("batch_size+learning_rate", vec![vec![Shown::Int(16), Shown::Float(0.1)]]);
        assert_eq!(numbers.label(0), "16, 0.1");
    }

    #[test]
    fn a_number_of_many_digits_is_shortened_for_people() {
        let label = |x: f64| axis("gain", vec![vec![Shown::Float(x)]]).label(0);
        assert_eq!([0.604_166_666_666_7, 0.1, 1e-12 / 3.0, 12.0].map(label), ["0.6042", "0.1", "3.333e-13", "12.0"]);
    }
}
