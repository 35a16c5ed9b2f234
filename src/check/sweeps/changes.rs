//! What became of the cells of a sweep in another one: the changes of their headline metrics, with intervals over the
//! seeds, and of their verdicts.

use std::collections::BTreeMap;

use super::pairs::{CellPair, CellPairs};
use crate::analysis::{CellBuilder, CellSummary};
use crate::check::baseline::{OverSeeds, SeedCounts};
use crate::check::measured::{Measured, Runs};
use crate::plan::Plan;
use crate::spec::{RunMetric, RunSpec, Shown};
use crate::stats::{Difference, Statistics};

/// How a cell of the one sweep differs from the cell of the other that agrees with it.
#[derive(Debug, Clone, PartialEq)]
pub struct CellChange {
    /// The cell's value for each of [`CellPairs::axes`].
    pub values: Vec<Shown>,
    /// The cell in the older sweep.
    pub old: CellSummary,
    /// The cell in the newer one.
    pub new: CellSummary,
    /// Whether both have the same seeds, so that changes are taken seed by seed; else intervals are Welch's.
    pub is_paired: bool,
    /// The decades before training and at the end, through time for recurrent nets and across layers for others; the
    /// loss at the end, and that of the test where there is one.
    pub metrics: Vec<MetricChange>,
}

/// How a headline metric changed.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricChange {
    /// The metric.
    pub metric: RunMetric,
    /// The metric over the seeds in the older sweep; runs without a result are not among them.
    pub old: OverSeeds,
    /// The metric in the newer one.
    pub new: OverSeeds,
    /// The newer less the older, over the seeds in which it is finite.
    pub change: Difference,
    /// What a change of 1 is worth beside the others: 1 for decades, one over the loss of chance for a loss.
    weight: f64,
}

/// A plan and what became of its runs.
type Sweep<'a> = (&'a Plan, &'a Runs);

/// Compares every pair of cells. Cells with another verdict come first, then those of which other seeds are finite; then
/// the cell goes first whose largest change is the most certain: the end of the interval that is nearest to 0, in decades
/// or, of a loss, in units of the loss of chance. Where no interval tells, the larger change goes first.
pub fn changes(old: Sweep<'_>, new: Sweep<'_>, pairs: &CellPairs) -> Vec<CellChange> {
    let (old_cells, new_cells) = (old.0.cells(), new.0.cells());
    let of_pair = |pair: &CellPair| {
        let (of_old, of_new) = (seeds(old, old_cells.runs(pair.old)), seeds(new, new_cells.runs(pair.new)));
        change(&of_old, &of_new, pair)
    };
    let mut all: Vec<CellChange> = pairs.pairs.iter().map(of_pair).collect();
    all.sort_by(|a, b| {
        let by_kind = |c: &CellChange| (c.has_other_verdict(), c.has_other_counts());
        let by_kind = by_kind(b).cmp(&by_kind(a));
        by_kind.then(b.certain().total_cmp(&a.certain())).then(b.size().total_cmp(&a.size()))
    });
    all
}

/// The runs of a cell: its model and, by its seed, each run that ended, or none where it did not.
struct CellRuns<'a> {
    spec: RunSpec,
    by_seed: BTreeMap<u64, Option<&'a Measured>>,
}

impl CellRuns<'_> {
    fn summary(&self) -> CellSummary {
        let mut cell = CellBuilder::default();
        for run in self.by_seed.values() {
            match run {
                Some(run) => cell.add(run.summary(), run.outcome()),
                None => cell.add_without_result(),
            }
        }
        cell.cell(&self.spec.model)
    }

    /// The metric in each seed; none where the run did not end.
    fn numbers(&self, metric: RunMetric) -> impl Iterator<Item = Option<f64>> {
        self.by_seed.values().map(move |run| run.map(|run| run.metric(metric)))
    }
}

fn seeds((plan, runs): Sweep<'_>, of_cell: impl Iterator<Item = usize>) -> CellRuns<'_> {
    let mut cell = CellRuns { spec: RunSpec::default(), by_seed: BTreeMap::new() };
    for run in of_cell {
        cell.spec = plan.spec(run);
        cell.by_seed.insert(cell.spec.seed, runs.get(run).ok());
    }
    cell
}

fn change(old: &CellRuns<'_>, new: &CellRuns<'_>, pair: &CellPair) -> CellChange {
    let is_paired = old.by_seed.keys().eq(new.by_seed.keys());
    let (of_old, of_new) = (old.summary(), new.summary());
    let is_told = |metric: &RunMetric| [old, new].iter().all(|cell| metric.says_nothing_of(&cell.spec).is_none());
    let decades = if is_told(&RunMetric::InitTimeDecades) {
        [RunMetric::InitTimeDecades, RunMetric::LastTimeDecades]
    } else {
        [RunMetric::InitGradientDecades, RunMetric::LastGradientDecades]
    };
    let of_metric = |metric: RunMetric, weight: f64| {
        let [before, after] = [old, new].map(|cell| OverSeeds::of(cell.numbers(metric).flatten()));
        let numbers = |cell: &CellRuns<'_>| cell.numbers(metric).map(|x| x.unwrap_or(f64::NAN)).collect::<Vec<f64>>();
        let change = if is_paired {
            Difference::paired(numbers(old).into_iter().zip(numbers(new)))
        } else {
            let [old, new] = [old, new].map(|cell| Statistics::of(cell.numbers(metric).flatten()));
            Difference::unpaired(&old, &new)
        };
        MetricChange { metric, old: before, new: after, change, weight }
    };
    let losses = [RunMetric::LossLast, RunMetric::TestLoss].into_iter().filter(is_told);
    let metrics = decades.into_iter().map(|metric| of_metric(metric, 1.0));
    let metrics = metrics.chain(losses.map(|metric| of_metric(metric, 1.0 / of_old.loss_of_chance)));
    CellChange { metrics: metrics.collect(), values: pair.values.clone(), old: of_old, new: of_new, is_paired }
}

impl CellChange {
    /// Whether the verdict that most seeds have is another one.
    pub fn has_other_verdict(&self) -> bool {
        self.old.verdict != self.new.verdict
    }

    /// Whether more or fewer seeds lack a result, or a finite number in some metric.
    pub fn has_other_counts(&self) -> bool {
        self.old.without_result != self.new.without_result || self.metrics.iter().any(MetricChange::has_other_counts)
    }

    /// Whether anything differs.
    pub fn is_changed(&self) -> bool {
        let of = |cell: &CellSummary| (cell.verdict, cell.agree, cell.learned, cell.runs);
        of(&self.old) != of(&self.new) || self.has_other_counts() || self.metrics.iter().any(MetricChange::is_changed)
    }

    /// How large its most certain change is.
    fn certain(&self) -> f64 {
        largest(self.metrics.iter().map(|m| m.weight * m.change.certain()))
    }

    /// How large its largest change is.
    fn size(&self) -> f64 {
        largest(self.metrics.iter().map(|m| m.weight * m.change.mean.abs()))
    }
}

impl MetricChange {
    /// The seeds in which it is not finite, in the older sweep and in the newer one.
    pub fn not_finite(&self) -> [usize; 2] {
        self.counts().map(|counts| counts.all() - counts.finite)
    }

    /// Whether it is another number.
    pub fn is_changed(&self) -> bool {
        let is_same = self.change.mean == 0.0 && (self.change.half_width == 0.0 || self.change.half_width.is_nan());
        let is_none = self.counts().iter().all(|counts| counts.finite == 0);
        !is_same && !is_none || self.has_other_counts()
    }

    /// Whether 0 is outside of the interval.
    pub fn is_certain(&self) -> bool {
        self.change.certain() > 0.0
    }

    fn has_other_counts(&self) -> bool {
        let [old, new] = self.counts().map(|counts| SeedCounts { finite: 0, ..counts });
        old != new
    }

    fn counts(&self) -> [SeedCounts; 2] {
        [self.old, self.new].map(|side| side.counts.unwrap_or_default())
    }
}

/// The largest of some numbers; 0 where none is a number.
fn largest(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, f64::max)
}
