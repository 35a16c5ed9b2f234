//! What a check knows of the runs: what analysis makes of each run's trace, and the numbers that claims speak of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::baseline::{AxisValue, Baseline, BaselineKey, OverSeeds};
use super::value::{Absent, LayerName, Scale, Value};
use crate::analysis::{LayerSummary, Summary, Untold, untold};
use crate::metric::{LayerReading, TimeReading};
use crate::plan::Plan;
use crate::spec::{Claim, KEYS, LayerAt, LayerMetric, NUMERICS, Precision, Reading, RunMetric, StepAt};
use crate::trace::{Outcome, Record, Trace};

/// A run that ended by itself. Its trace is not kept, which may be large: what claims read in it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    summary: Summary,
    outcome: Outcome,
    precision: Precision,
    /// What the plan's claims speak of with its scale, and the number of each in this run.
    readings: Arc<[(Reading, Scale)]>,
    values: Vec<Value>,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq)]
enum RunOutcome {
    NotTrained,
    Failed,
    Ended(Box<Measured>),
}

/// The runs of a plan by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    runs: Vec<RunOutcome>,
    readings: Arc<[(Reading, Scale)]>,
}

impl Runs {
    /// Makes room for a plan's runs, none of which is trained yet.
    pub fn new(plan: &Plan) -> Self {
        let mut readings: Vec<(Reading, Scale)> = Vec::new();
        for expectation in plan.expectations() {
            if let Claim::Number { reading, says, .. } = &expectation.claim {
                let spoken = (*reading, Scale::of(*reading, says));
                if !readings.contains(&spoken) {
                    readings.push(spoken);
                }
            }
        }
        Self { runs: vec![RunOutcome::NotTrained; plan.len()], readings: readings.into() }
    }

    /// Takes what came of a run. A failed one takes the place of an earlier result.
    pub fn add(&mut self, plan: &Plan, run: usize, record: &Record) {
        self.runs[run] = match record {
            Record::Done(trace) => {
                let precision = plan.spec(run).train.precision;
                RunOutcome::Ended(Box::new(Measured::of(trace, precision, Arc::clone(&self.readings))))
            }
            Record::Failed(_) => RunOutcome::Failed,
        };
    }

    /// Returns a run that ended by itself, or why there is none.
    pub fn get(&self, run: usize) -> Result<&Measured, Absent> {
        match &self.runs[run] {
            RunOutcome::NotTrained => Err(Absent::NotTrained),
            RunOutcome::Failed => Err(Absent::Failed),
            RunOutcome::Ended(measured) => Ok(measured),
        }
    }

    /// Returns how many did not end by themselves.
    pub fn missing(&self) -> usize {
        (0..self.runs.len()).filter(|&run| self.get(run).is_err()).count()
    }

    /// Returns the axes of a plan's cells, by the names of their columns.
    pub fn axes(plan: &Plan) -> Vec<String> {
        let columns = plan.columns().iter().filter(|column| KEYS[column.key].name != "seed");
        columns.map(|column| column.name.clone()).collect()
    }

    /// Returns a cell of the plan as baselines name it.
    fn cell(plan: &Plan, run: usize) -> Vec<AxisValue> {
        let columns = plan.columns().iter().zip(plan.axis_cells(run));
        let own = columns.filter(|(column, _)| KEYS[column.key].name != "seed");
        own.map(|(_, value)| AxisValue(value.to_string())).collect()
    }

    /// Returns the runs that did not end by themselves, by the cell that a baseline would have them in.
    pub(super) fn absent(&self, plan: &Plan) -> BTreeMap<Vec<AxisValue>, Vec<(usize, Absent)>> {
        let mut absent: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for run in plan.runs() {
            if let Err(why) = self.get(run) {
                absent.entry(Self::cell(plan, run)).or_default().push((run, why));
            }
        }
        absent
    }

    /// Returns every number of every cell over the seeds, to be compared with others or to be kept. Runs that did not
    /// end by themselves have no part in it.
    pub fn baseline(&self, plan: &Plan) -> Baseline {
        let cells = plan.cells();
        let named = (0..cells.len()).map(|number| {
            let first = cells.runs(number).next().expect("a cell has a run");
            (number, Self::cell(plan, first))
        });
        self.baseline_of(plan, Self::axes(plan), named)
    }

    /// Returns the numbers of some cells alone, given by their numbers in the plan, under other values of other axes.
    pub fn baseline_of(
        &self,
        plan: &Plan,
        axes: Vec<String>,
        named: impl IntoIterator<Item = (usize, Vec<AxisValue>)>,
    ) -> Baseline {
        let cells = plan.cells();
        let mut values = BTreeMap::new();
        for (number, cell) in named {
            let runs: Vec<usize> = cells.runs(number).collect();
            let measured: Vec<&Measured> = runs.iter().filter_map(|&run| self.get(run).ok()).collect();
            if measured.is_empty() {
                continue;
            }
            let mut put = |layer: usize, metric: &str, of: &dyn Fn(&Measured) -> f64| {
                let key = BaselineKey { cell: cell.clone(), layer, metric: metric.into() };
                values.insert(key, OverSeeds::of(measured.iter().map(|run| of(run))));
            };
            let spec = plan.spec(runs[0]);
            // The others are NaN whatever happens.
            for metric in
                RunMetric::ALL.into_iter().filter(|m| m.is_in_baseline() && m.says_nothing_of(&spec).is_none())
            {
                put(0, metric.name(), &|run| run.metric(metric));
            }
            let layers = measured.iter().map(|run| run.summary.layers.len()).max().unwrap_or(0);
            for l in 0..layers {
                let mut put = |name: &str, of: fn(&LayerSummary) -> f64| {
                    put(l + 1, name, &|run| {
                        run.summary.layers.get(l).map_or(f64::NAN, |layer| run.recorded(of(layer)))
                    });
                };
                put("log10_delta_rms_init", |layer| layer.log10_delta_rms_init);
                put("log10_delta_rms_last", |layer| layer.log10_delta_rms_last);
                put("log10_grad_norm_init", |layer| layer.log10_grad_norm_init);
                put("log10_grad_norm_last", |layer| layer.log10_grad_norm_last);
            }
        }
        Baseline { numerics: NUMERICS, axes, tolerance_decades: None, values }
    }
}

impl Measured {
    fn of(trace: &Trace, precision: Precision, readings: Arc<[(Reading, Scale)]>) -> Self {
        let summary = Summary::of(trace);
        let values = readings.iter().map(|&spoken| value(trace, &summary, precision, spoken)).collect();
        Self { summary, outcome: trace.outcome, precision, readings, values }
    }

    /// Returns what analysis makes of the run.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Returns the number of the run that a claim of the plan speaks of, on the claim's scale. `init_` and the first
    /// step are step 0. `last_` and the last step are the last traced step, even where its gradients are not finite.
    ///
    /// # Panics
    /// If no claim of the plan speaks of it.
    pub fn value(&self, reading: Reading, scale: Scale) -> Value {
        let position = self.readings.iter().position(|known| *known == (reading, scale));
        self.values[position.expect("the plan's claims have all readings")]
    }

    /// Returns how the run ended.
    pub(super) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Returns a metric as runs.csv shows it.
    pub(super) fn metric(&self, metric: RunMetric) -> f64 {
        self.recorded(self.summary.metric(metric, &self.outcome))
    }

    fn recorded(&self, value: f64) -> f64 {
        self.precision.recorded(value)
    }
}

fn value(trace: &Trace, summary: &Summary, precision: Precision, (reading, scale): (Reading, Scale)) -> Value {
    let found = match reading {
        Reading::Run(metric) => of_run(trace, summary, precision, metric).map(|number| scale.value(number)),
        Reading::Layer { metric, layer, step } => of_layer(trace, metric, layer, step).map(|row| match scale {
            Scale::Itself => metric.of(row),
            Scale::Log10 => metric.log10_of(row),
        }),
        Reading::Lag { metric, lag, step } => of_lag(trace, lag, step).and_then(|(row, step)| {
            let layer = LayerName::Hidden(trace.layers_per_step() - 1);
            finite(metric.of(row), Absent::NotFinite { step, what: "error through time", layer })?;
            Ok(match scale {
                Scale::Itself => metric.of(row),
                Scale::Log10 => metric.log10_of(row),
            })
        }),
    };
    found.map_or_else(Value::Absent, Value::Number)
}

/// Whether a number is neither NaN nor infinite, or why it is.
fn finite(number: f64, otherwise: Absent) -> Result<(), Absent> {
    if number.is_finite() { Ok(()) } else { Err(otherwise) }
}

/// Returns a headline metric, if the step that it is named for tells it.
fn of_run(trace: &Trace, summary: &Summary, precision: Precision, metric: RunMetric) -> Result<f64, Absent> {
    let diverged = trace.outcome.diverged_at.map(|step| Absent::Diverged { step });
    match metric {
        RunMetric::LossLast | RunMetric::AccuracyLast | RunMetric::TestLoss | RunMetric::TestAccuracy => {}
        // A net that diverged has moved, and nowhere.
        RunMetric::FirstMoved | RunMetric::FirstOverLastMoved => diverged.map_or(Ok(()), Err)?,
        RunMetric::InitDecadesPerLayer
        | RunMetric::InitGradientDecades
        | RunMetric::InitDecadesPerStep
        | RunMetric::InitTimeDecades => {
            let at = position(trace, StepAt::First)?;
            telling(trace, at).map_or(Ok(()), Err)?;
        }
        RunMetric::LastDecadesPerLayer
        | RunMetric::LastGradientDecades
        | RunMetric::LastDecadesPerStep
        | RunMetric::LastTimeDecades => {
            diverged.map_or(Ok(()), Err)?;
            let at = position(trace, StepAt::Last)?;
            // A batch that was answered perfectly is no fault; the summary takes the step before it.
            telling(trace, at).filter(|why| why.violates()).map_or(Ok(()), Err)?;
        }
    }
    match precision.recorded(summary.metric(metric, &trace.outcome)) {
        number if number.is_nan() => Err(diverged.unwrap_or(Absent::NotANumber)),
        number => Ok(number),
    }
}

/// Returns what was read at the layer and step of a claim, if the metric is finite there.
fn of_layer(trace: &Trace, metric: LayerMetric, layer: LayerAt, step: StepAt) -> Result<&LayerReading, Absent> {
    let at = position(trace, step)?;
    let per_step = trace.layers_per_step();
    let hidden = per_step.saturating_sub(1);
    let row = layer.index(hidden).and_then(|l| trace.layers.get(at * per_step + l)).ok_or(Absent::NotANumber)?;
    let what = match metric {
        LayerMetric::GradNorm | LayerMetric::DeltaRms => "gradient",
        LayerMetric::WeightNorm
        | LayerMetric::UpdateNorm
        | LayerMetric::RelativeUpdate
        | LayerMetric::Moved
        | LayerMetric::ActMean
        | LayerMetric::ActStd
        | LayerMetric::ZeroFraction
        | LayerMetric::SaturatedFraction => metric.name(),
    };
    let number = trace.steps[at].step;
    if number == 0 && what == "gradient" && untold(trace, at) == Some(Untold::Silent) {
        return Err(Absent::Silent { step: number });
    }
    finite(metric.of(row), Absent::NotFinite { step: number, what, layer: LayerName::at(layer, hidden) })?;
    Ok(row)
}

/// Reads the top recurrent layer; with the number of the step.
fn of_lag(trace: &Trace, lag: usize, step: StepAt) -> Result<(&TimeReading, usize), Absent> {
    let at = position(trace, step)?;
    let layers = trace.layers_per_step().saturating_sub(1);
    let times = trace.through_time.as_ref().and_then(|time| time.times(at, layers).next_back());
    let row = times.and_then(|times| times.get(times.len().checked_sub(lag + 1)?));
    row.map(|row| (row, trace.steps[at].step)).ok_or(Absent::NotANumber)
}

/// Says why the traced step at a position tells nothing of the way back, if it does not.
fn telling(trace: &Trace, at: usize) -> Option<Absent> {
    let step = trace.steps[at].step;
    untold(trace, at).map(|untold| match untold {
        Untold::NotFinite { layer } => {
            let layer = LayerName::of(layer, trace.layers_per_step().saturating_sub(1));
            Absent::NotFinite { step, what: "gradient", layer }
        }
        Untold::Silent => Absent::Silent { step },
    })
}

/// Returns which of the traced steps it is, from 0. The first step is step 0 and no other.
fn position(trace: &Trace, step: StepAt) -> Result<usize, Absent> {
    let Some(first) = trace.steps.first() else { return Err(Absent::NotANumber) };
    match step {
        StepAt::First if first.step > 0 => Err(Absent::BeginsLater { first: first.step }),
        StepAt::First => Ok(0),
        StepAt::Last => Ok(trace.steps.len() - 1),
        StepAt::Number(number) => {
            let found = trace.steps.iter().position(|reading| reading.step == number);
            let ended = trace.outcome.diverged_at.filter(|&step| step < number);
            found.ok_or(ended.map_or(Absent::NotTraced { step: number }, |step| Absent::Diverged { step }))
        }
    }
}
