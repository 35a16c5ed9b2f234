//! The columns of the page's table behind those of the axes: text for people, and what it is sorted by.

use std::collections::BTreeMap;

use super::groups::Group;
use super::words::{plain, signed};
use crate::analysis::Verdict;
use crate::report::gathered::{CellRow, Gathered, NetFacts};
use crate::spec::RunMetric;

/// A column.
#[derive(Debug)]
pub(super) struct PageColumn {
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    /// Whether it says anything of such nets; a column that says nothing of any net is left out.
    is_of: fn(NetFacts) -> bool,
    text: fn(&Row<'_>) -> String,
    /// NaN where there is nothing to sort by: such rows come last.
    key: fn(&Row<'_>) -> f64,
}

/// All of them. The first is the verdict.
const COLUMNS: [PageColumn; 8] = [
    PageColumn {
        title: "verdict",
        meaning: "the most frequent verdict on the gradients",
        is_of: |_| true,
        text: |row| row.verdict_text(),
        key: |row| row.verdict_key(),
    },
    PageColumn {
        title: "learned",
        meaning: "runs whose loss fell below 0.9 of chance",
        is_of: |_| true,
        text: |row| row.learned_text(),
        key: |row| row.learned_share(),
    },
    PageColumn {
        title: "decades",
        meaning: "log10 of the error that reaches the first layer (or time step) over that of the last, at initialisation",
        is_of: |_| true,
        text: |row| signed(row.decades(), 1),
        key: |row| row.decades(),
    },
    PageColumn {
        title: "theory",
        meaning: "the same, as mean-field theory predicts it",
        is_of: |_| true,
        text: |row| signed(row.predicted(), 1),
        key: |row| row.predicted(),
    },
    PageColumn {
        title: "per layer",
        meaning: "decades per layer, at initialisation",
        is_of: |net| !net.kind.is_recurrent() || net.hidden > 1,
        text: |row| signed(row.slope(RunMetric::InitDecadesPerLayer), 3),
        key: |row| row.slope(RunMetric::InitDecadesPerLayer),
    },
    PageColumn {
        title: "per time step",
        meaning: "decades per time step, at initialisation",
        is_of: |net| net.kind.is_recurrent(),
        text: |row| signed(row.slope(RunMetric::InitDecadesPerStep), 3),
        key: |row| row.slope(RunMetric::InitDecadesPerStep),
    },
    PageColumn {
        title: "loss",
        meaning: "mean training loss of the last steps",
        is_of: |_| true,
        text: |row| plain(row.loss()),
        key: |row| row.loss(),
    },
    PageColumn {
        title: "test accuracy",
        meaning: "accuracy on the test set",
        is_of: |_| true,
        text: |row| plain(row.accuracy()),
        key: |row| row.accuracy(),
    },
];

/// The columns that say anything of an experiment's nets.
pub(super) fn columns(gathered: &Gathered) -> Vec<&'static PageColumn> {
    COLUMNS.iter().filter(|column| gathered.cells.iter().any(|cell| (column.is_of)(cell.net))).collect()
}

/// A row: the cells of a group, taken together.
#[derive(Debug)]
pub(super) struct Row<'a> {
    cells: Vec<&'a CellRow>,
    verdicts: BTreeMap<Verdict, usize>,
}

impl<'a> Row<'a> {
    pub(super) fn of(gathered: &'a Gathered, group: &Group) -> Self {
        let cells: Vec<&CellRow> = group.cells.iter().map(|&i| &gathered.cells[i]).collect();
        let mut verdicts = BTreeMap::new();
        for (verdict, n) in cells.iter().flat_map(|cell| &cell.counts.verdicts) {
            *verdicts.entry(*verdict).or_default() += n;
        }
        Self { cells, verdicts }
    }

    pub(super) fn texts(&self, columns: &[&PageColumn]) -> Vec<String> {
        columns.iter().map(|column| (column.text)(self)).collect()
    }

    pub(super) fn keys(&self, columns: &[&PageColumn]) -> Vec<f64> {
        columns.iter().map(|column| (column.key)(self)).collect()
    }

    /// The most frequent verdict in a word, for the style.
    pub(super) fn class(&self) -> &'static str {
        self.verdict().map_or("none", Verdict::name)
    }

    /// Returns the most frequent verdict; the worst of those that are equally frequent.
    fn verdict(&self) -> Option<Verdict> {
        self.verdicts.iter().rev().max_by_key(|(_, n)| **n).map(|(verdict, _)| *verdict)
    }

    pub(super) fn is_sick(&self) -> bool {
        self.verdict().is_some_and(Verdict::is_sick)
    }

    /// Returns by how many decades its gradients vanish or explode; 0 where they are not finite.
    pub(super) fn size(&self) -> f64 {
        let decades = self.decades().abs();
        if decades.is_finite() { decades } else { 0.0 }
    }

    fn done(&self) -> usize {
        self.cells.iter().map(|cell| cell.counts.done()).sum()
    }

    fn learned(&self) -> usize {
        self.cells.iter().map(|cell| cell.counts.learned).sum()
    }

    /// `vanishing`; where runs disagree `vanishing 2/3`.
    fn verdict_text(&self) -> String {
        let Some(verdict) = self.verdict() else { return "no result".into() };
        match (self.verdicts[&verdict], self.done()) {
            (n, done) if n == done => verdict.name().into(),
            (n, done) => format!("{} {n}/{done}", verdict.name()),
        }
    }

    fn verdict_key(&self) -> f64 {
        let position = self.verdict().and_then(|verdict| Verdict::ALL.iter().position(|v| *v == verdict));
        position.map_or(f64::NAN, |position| position as f64)
    }

    fn learned_text(&self) -> String {
        format!("{}/{}", self.learned(), self.done())
    }

    fn learned_share(&self) -> f64 {
        self.learned() as f64 / self.done() as f64
    }

    /// Returns the decades through time for recurrent nets, across the layers for others.
    fn decades(&self) -> f64 {
        self.mean(|cell| cell.cell.decades())
    }

    fn predicted(&self) -> f64 {
        self.mean(
            |cell| if cell.net.kind.is_recurrent() { cell.theory.time_decades } else { cell.theory.gradient_decades },
        )
    }

    /// A slope of the error on its way back; NaN of nets that have none of this kind.
    fn slope(&self, metric: RunMetric) -> f64 {
        self.mean(|cell| cell.headline(metric).mean)
    }

    fn loss(&self) -> f64 {
        self.mean(|cell| cell.cell.loss)
    }

    fn accuracy(&self) -> f64 {
        self.mean(|cell| cell.headline(RunMetric::TestAccuracy).mean)
    }

    /// Returns the mean over the cells where the number is finite; the first cell's where it is finite in none.
    fn mean(&self, of: impl Fn(&CellRow) -> f64) -> f64 {
        let (mut sum, mut n) = (0.0, 0);
        for x in self.cells.iter().map(|cell| of(cell)).filter(|x| x.is_finite()) {
            sum += x;
            n += 1;
        }
        if n > 0 { sum / f64::from(n) } else { of(self.cells[0]) }
    }
}
