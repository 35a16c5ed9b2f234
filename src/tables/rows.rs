//! The rows of the tables as plain values: what was measured, and what analysis says of it.

use crate::analysis::{Cause, LayerSummary, Prediction, Summary, Verdict};
use crate::data::TargetKind;
use crate::metric::{GateReading, LayerReading, TimeReading};
use crate::names::named;
use crate::nn::SiteName;
use crate::spec::{Precision, RunId, Shown};
use crate::trace::{Outcome, Trace};

/// One run with a record, ready for the tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableRun<'a> {
    /// The run's number in the plan.
    pub(super) run: usize,
    /// The run's id.
    pub(super) id: RunId,
    /// Its values on the swept axes, in the order of [`super::axes::SweptAxes`].
    pub(super) axes: &'a [Shown],
    /// The precision in which its numbers are written.
    pub(super) precision: Precision,
    /// The kind of target that it was to learn.
    pub(super) target: TargetKind,
    /// The number of examples of its data that are for testing.
    pub(super) test_examples: usize,
    /// The names of its net's sites.
    pub(super) sites: &'a [SiteName],
    /// How it ended and what it measured.
    pub(super) measured: MeasuredRun<'a>,
}

/// How a run ended and what it measured.
#[derive(Debug, Clone, Copy)]
pub(super) enum MeasuredRun<'a> {
    /// It ended by itself, with what it measured, what that comes down to, and what theory says of it.
    Done(&'a Trace, &'a Summary, &'a Prediction),
    /// It panicked or met an I/O error.
    Failed,
}

named! {
    /// How a run ended, as runs.csv names it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum RunStatus {
        /// All its losses were finite.
        Ok = "ok",
        /// A loss was not finite.
        Diverged = "diverged",
        /// A panic or an I/O error ended it.
        Failed = "failed",
    }
}

impl RunStatus {
    /// Returns the status of a run that ended by itself.
    pub(super) fn of(outcome: &Outcome) -> Self {
        if outcome.diverged_at.is_some() { Self::Diverged } else { Self::Ok }
    }
}

/// A row of runs.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunRow {
    pub(super) id: RunId,
    pub(super) status: RunStatus,
    /// None for a failed run.
    pub(super) verdict: Option<Verdict>,
    pub(super) learned: bool,
    pub(super) outcome: Outcome,
    pub(super) init_decades_per_layer: f64,
    pub(super) last_decades_per_layer: f64,
    pub(super) init_gradient_decades: f64,
    pub(super) last_gradient_decades: f64,
    pub(super) init_decades_per_step: f64,
    pub(super) last_decades_per_step: f64,
    pub(super) init_time_decades: f64,
    pub(super) last_time_decades: f64,
    pub(super) first_moved: f64,
    pub(super) first_over_last_moved: f64,
    /// None for a failed run.
    pub(super) parameters: Option<usize>,
    pub(super) predicted_decades_per_layer: f64,
    pub(super) predicted_decades_per_step: f64,
    pub(super) predicted_gradient_decades: f64,
    pub(super) predicted_time_decades: f64,
    pub(super) theory_z: f64,
    pub(super) cause: Cause,
}

impl RunRow {
    pub(super) fn of(run: &TableRun<'_>) -> Self {
        match run.measured {
            MeasuredRun::Done(trace, summary, prediction) => Self {
                id: run.id,
                status: RunStatus::of(&trace.outcome),
                verdict: Some(summary.verdict),
                learned: summary.learned,
                outcome: trace.outcome,
                init_decades_per_layer: summary.init_decades_per_layer,
                last_decades_per_layer: summary.last_decades_per_layer,
                init_gradient_decades: summary.init_gradient_decades,
                last_gradient_decades: summary.last_gradient_decades,
                init_decades_per_step: summary.init_decades_per_step,
                last_decades_per_step: summary.last_decades_per_step,
                init_time_decades: summary.init_time_decades,
                last_time_decades: summary.last_time_decades,
                first_moved: summary.first_moved,
                first_over_last_moved: summary.first_over_last_moved,
                parameters: Some(trace.outcome.parameters),
                predicted_decades_per_layer: prediction.decades_per_layer,
                predicted_decades_per_step: prediction.decades_per_step,
                predicted_gradient_decades: prediction.gradient_decades,
                predicted_time_decades: prediction.time_decades,
                theory_z: prediction.z(summary.init_gradient_decades, summary.init_time_decades),
                cause: summary.why.cause,
            },
            MeasuredRun::Failed => Self::failed(run.id),
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
            init_decades_per_step: nan,
            last_decades_per_step: nan,
            init_time_decades: nan,
            last_time_decades: nan,
            first_moved: nan,
            first_over_last_moved: nan,
            parameters: None,
            predicted_decades_per_layer: nan,
            predicted_decades_per_step: nan,
            predicted_gradient_decades: nan,
            predicted_time_decades: nan,
            theory_z: nan,
            cause: Cause::None,
        }
    }
}

/// The layer that a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct LayerPlace {
    /// What its site is called; its number is 1..L, and L + 1 for the head.
    pub(super) site: SiteName,
    pub(super) role: &'static str,
}

impl LayerPlace {
    /// The roles of layers.
    pub(super) const ROLES: [&'static str; 2] = ["hidden", "head"];

    /// Returns the places of a net's rows, the last of which is the head's.
    pub(super) fn all(sites: &[SiteName]) -> impl Iterator<Item = Self> {
        let role = |site: &SiteName| Self::ROLES[usize::from(site.number == sites.len())];
        sites.iter().map(move |site| Self { site: *site, role: role(site) })
    }
}

/// A row of layers.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct LayerRow {
    pub(super) place: LayerPlace,
    pub(super) summary: LayerSummary,
    /// The predicted log10 of delta_rms relative to layer L; NaN for the head, and where theory has no number.
    pub(super) predicted: f64,
    /// The measured value less the predicted one.
    pub(super) deviation: f64,
}

impl LayerRow {
    /// Makes the rows of the layers of a run, first layer to head.
    pub(super) fn of<'a>(
        sites: &'a [SiteName],
        layers: &'a [LayerSummary],
        prediction: &'a Prediction,
    ) -> impl Iterator<Item = Self> + 'a {
        // The value of layer L, which is below the head.
        let top = layers.iter().rev().nth(1).map_or(f64::NAN, |top| top.log10_delta_rms_init);
        LayerPlace::all(sites).zip(layers).enumerate().map(move |(i, (place, summary))| {
            let predicted = prediction.log10_delta.get(i).copied().unwrap_or(f64::NAN);
            let deviation = summary.log10_delta_rms_init - top - predicted;
            Self { place, summary: *summary, predicted, deviation }
        })
    }
}

/// A row of trace.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct TraceRow {
    pub(super) step: usize,
    pub(super) place: LayerPlace,
    pub(super) reading: LayerReading,
}

/// A row of time.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeRow {
    pub(super) step: usize,
    /// 1..L.
    pub(super) layer: usize,
    /// 1..T.
    pub(super) t: usize,
    /// T - t.
    pub(super) lag: usize,
    pub(super) reading: TimeReading,
}

impl TimeRow {
    /// Makes the rows of layer `layer` at a traced step, t = 1 first.
    pub(super) fn of_layer(step: usize, layer: usize, times: &[TimeReading]) -> impl Iterator<Item = Self> {
        let row = move |(i, reading): (usize, &TimeReading)| Self {
            step,
            layer,
            t: i + 1,
            lag: times.len() - (i + 1),
            reading: *reading,
        };
        times.iter().enumerate().map(row)
    }
}

/// A row of gates.csv.
#[derive(Debug, Clone, Copy)]
pub(super) struct GateRow {
    pub(super) step: usize,
    /// 1..L.
    pub(super) layer: usize,
    pub(super) gate: &'static str,
    pub(super) reading: GateReading,
}
