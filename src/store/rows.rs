//! What the tables are written from: plain values, all judged by analysis before they come here.

use super::columns::HEADLINE;
use crate::analysis::{LayerSummary, Summary, Verdict};
use crate::metric::LayerReading;
use crate::spec::{Precision, RunId, Shown};
use crate::trace::{Outcome, Trace};

/// One run as the tables take it.
#[derive(Debug, Clone, Copy)]
pub struct TableRun<'a> {
    /// The run's number in the plan.
    pub run: usize,
    /// Its id.
    pub id: RunId,
    /// Its value on each swept axis, in the order of [`super::Axes`].
    pub axes: &'a [Shown],
    /// The precision in which its numbers are written.
    pub precision: Precision,
    /// What came of it.
    pub measured: Measured<'a>,
}

/// What came of a run that has a record.
#[derive(Debug, Clone, Copy)]
pub enum Measured<'a> {
    /// It ended by itself.
    Done(&'a Trace, &'a Summary),
    /// It panicked or met an I/O error.
    Failed,
}

/// How a run ended, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// All its losses were finite.
    Ok,
    /// A loss was not finite.
    Diverged,
    /// A panic or an I/O error ended it.
    Failed,
}

impl RunStatus {
    /// Every status, in the order in which docs list them.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Diverged, Self::Failed];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }

    /// Of a run that ended by itself.
    pub fn of(trace: &Trace) -> Self {
        if trace.outcome.diverged_at.is_some() { Self::Diverged } else { Self::Ok }
    }
}

/// What a cell of the grid needs to know of each of its runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Headline {
    /// The headline metrics as runs.csv shows them.
    pub(super) values: [f64; HEADLINE.len()],
    /// None of a failed run.
    pub(super) verdict: Option<Verdict>,
    pub(super) learned: bool,
}

impl Headline {
    /// Takes them from a run.
    pub fn of(run: &TableRun<'_>) -> Self {
        let row = RunRow::of(run);
        let values = HEADLINE.map(|(_, value)| run.precision.recorded(value(&row)));
        Self { values, verdict: row.verdict, learned: row.learned }
    }
}

/// A row of runs.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunRow {
    pub(super) id: RunId,
    pub(super) status: RunStatus,
    /// None of a failed run.
    pub(super) verdict: Option<Verdict>,
    pub(super) learned: bool,
    pub(super) outcome: Outcome,
    pub(super) init_decades_per_layer: f64,
    pub(super) last_decades_per_layer: f64,
    pub(super) init_gradient_decades: f64,
    pub(super) last_gradient_decades: f64,
    /// None of a failed run.
    pub(super) parameters: Option<usize>,
}

impl RunRow {
    pub(super) fn of(run: &TableRun<'_>) -> Self {
        match run.measured {
            Measured::Done(trace, summary) => Self {
                id: run.id,
                status: RunStatus::of(trace),
                verdict: Some(summary.verdict),
                learned: summary.learned,
                outcome: trace.outcome,
                init_decades_per_layer: summary.init_decades_per_layer,
                last_decades_per_layer: summary.last_decades_per_layer,
                init_gradient_decades: summary.init_gradient_decades,
                last_gradient_decades: summary.last_gradient_decades,
                parameters: Some(trace.outcome.parameters),
            },
            Measured::Failed => Self::failed(run.id),
        }
    }

    fn failed(id: RunId) -> Self {
        let nan = f64::NAN;
        Self {
            id,
            status: RunStatus::Failed,
            verdict: None,
            learned: false,
            outcome: Outcome {
                diverged_at: None,
                loss_first: nan,
                loss_last: nan,
                accuracy_last: nan,
                loss_of_chance: nan,
                test_loss: nan,
                test_accuracy: nan,
                parameters: 0,
            },
            init_decades_per_layer: nan,
            last_decades_per_layer: nan,
            init_gradient_decades: nan,
            last_gradient_decades: nan,
            parameters: None,
        }
    }
}

/// Which layer a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct LayerPlace {
    /// 1..L, and L + 1 for the head.
    pub(super) layer: usize,
    pub(super) role: &'static str,
}

impl LayerPlace {
    /// What a layer can be.
    pub(super) const ROLES: [&'static str; 2] = ["hidden", "head"];

    /// Of the `index`-th of `count` rows, the last of which is the head's.
    pub(super) fn of(index: usize, count: usize) -> Self {
        Self { layer: index + 1, role: Self::ROLES[usize::from(index + 1 == count)] }
    }
}

/// A row of layers.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct LayerRow {
    pub(super) place: LayerPlace,
    pub(super) summary: LayerSummary,
}

/// A row of trace.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceRow {
    pub(super) step: usize,
    pub(super) place: LayerPlace,
    pub(super) reading: LayerReading,
}
