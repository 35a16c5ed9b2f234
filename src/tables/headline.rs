//! The numbers of a run that summary.csv takes statistics of, and which runs they say anything of.

use super::rows::{MeasuredRun, RunRow, TableRun};
use crate::analysis::Verdict;
use crate::data::TargetKind;
use crate::trace::Trace;

/// A number of a run under its name in runs.csv, and the runs that it says anything of.
type HeadlineMetric = (&'static str, fn(&RunRow) -> f64, Applies);

/// The columns of runs.csv that summary.csv takes statistics of.
pub(super) const HEADLINE: [HeadlineMetric; 14] = [
    ("loss_last", |r| r.outcome.loss_last, Applies::Always),
    ("accuracy_last", |r| r.outcome.accuracy_last, Applies::Classes),
    ("test_loss", |r| r.outcome.test_loss, Applies::Tested),
    ("test_accuracy", |r| r.outcome.test_accuracy, Applies::TestedClasses),
    ("init_decades_per_layer", |r| r.init_decades_per_layer, Applies::AcrossLayers),
    ("last_decades_per_layer", |r| r.last_decades_per_layer, Applies::AcrossLayers),
    ("init_gradient_decades", |r| r.init_gradient_decades, Applies::Always),
    ("last_gradient_decades", |r| r.last_gradient_decades, Applies::Always),
    ("init_decades_per_step", |r| r.init_decades_per_step, Applies::ThroughTime),
    ("last_decades_per_step", |r| r.last_decades_per_step, Applies::ThroughTime),
    ("init_time_decades", |r| r.init_time_decades, Applies::ThroughTime),
    ("last_time_decades", |r| r.last_time_decades, Applies::ThroughTime),
    ("first_moved", |r| r.first_moved, Applies::Always),
    ("first_over_last_moved", |r| r.first_over_last_moved, Applies::Always),
];

/// The name of a measured number of runs.csv behind `init_`, its prediction, and the number.
type PredictedMetric = (&'static str, fn(&RunRow) -> f64, fn(&RunRow) -> f64);

/// The columns of runs.csv that theory predicts.
pub(super) const PREDICTED: [PredictedMetric; 2] = [
    ("decades_per_layer", |r| r.predicted_decades_per_layer, |r| r.init_decades_per_layer),
    ("decades_per_step", |r| r.predicted_decades_per_step, |r| r.init_decades_per_step),
];

/// A number of a run under its name in runs.csv.
type MeanOnly = (&'static str, fn(&RunRow) -> f64);

/// The columns of runs.csv for which summary.csv has nothing but the mean.
pub(super) const OF_ONE_SEED: [MeanOnly; 3] = [
    ("predicted_gradient_decades", |r| r.predicted_gradient_decades),
    ("predicted_time_decades", |r| r.predicted_time_decades),
    ("theory_z", |r| r.theory_z),
];

/// The numbers of a run that summary.csv takes statistics of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Headline {
    /// The headline metrics as runs.csv shows them.
    pub(super) values: [f64; HEADLINE.len()],
    /// Whether all of them that say something of the run's net and data are finite.
    pub(super) is_finite: bool,
    /// The predictions of some of them, and how far they are from these.
    pub(super) predicted: [Predicted; PREDICTED.len()],
    /// The predictions for one seed, and how far it is from theory.
    pub(super) of_one_seed: [f64; OF_ONE_SEED.len()],
    /// None for a failed run.
    pub(super) verdict: Option<Verdict>,
    pub(super) learned: bool,
}

/// A prediction, and the measured value less it; NaN where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Predicted {
    pub(super) value: f64,
    pub(super) deviation: f64,
}

impl Headline {
    /// Takes the numbers from a run.
    pub(super) fn of(run: &TableRun<'_>) -> Self {
        let row = RunRow::of(run);
        let values = HEADLINE.map(|(_, value, _)| run.precision.recorded(value(&row)));
        let is_finite = match run.measured {
            MeasuredRun::Done(trace, _, _) => HEADLINE
                .iter()
                .zip(&values)
                .all(|((_, _, applies), value)| value.is_finite() || !applies.to(run, trace)),
            MeasuredRun::Failed => false,
        };
        let predicted = PREDICTED.map(|(_, value, measured)| {
            let value = value(&row);
            Predicted { value, deviation: run.precision.recorded(measured(&row)) - value }
        });
        let of_one_seed = OF_ONE_SEED.map(|(_, value)| run.precision.recorded(value(&row)));
        Self { values, is_finite, predicted, of_one_seed, verdict: row.verdict, learned: row.learned }
    }
}

/// The runs that a headline metric says anything of. For any other run it is NaN, which tells of no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applies {
    /// All runs.
    Always,
    /// Nets of more than one hidden layer.
    AcrossLayers,
    /// Recurrent nets whose first answer comes after the first time step.
    ThroughTime,
    /// Runs that learn classes.
    Classes,
    /// Runs whose data have examples for testing.
    Tested,
    /// Runs that learn classes and are tested.
    TestedClasses,
}

impl Applies {
    fn to(self, run: &TableRun<'_>, trace: &Trace) -> bool {
        match self {
            Self::Always => true,
            Self::AcrossLayers => trace.layers_per_step() > 2,
            Self::ThroughTime => trace.through_time.as_ref().is_some_and(|time| time.first_answer > 1),
            Self::Classes => run.target == TargetKind::Class,
            Self::Tested => run.test_examples > 0,
            Self::TestedClasses => Self::Classes.to(run, trace) && Self::Tested.to(run, trace),
        }
    }
}
