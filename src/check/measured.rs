//! What a check knows of the runs: each run's trace and what analysis makes of it, and the numbers that claims speak of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::baseline::{AxisValue, Baseline, Key};
use crate::analysis::Summary;
use crate::metric::{LayerReading, TimeReading};
use crate::plan::Plan;
use crate::spec::{Claim, KEYS, LayerAt, NUMERICS, Precision, Reading, RunMetric, StepAt};
use crate::trace::{Outcome, Record, Trace};

/// A run that ended by itself. Its trace is not kept, which may be large: what claims read in it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    summary: Summary,
    outcome: Outcome,
    precision: Precision,
    /// What the plan's claims speak of, and the number of each in this run.
    readings: Arc<[Reading]>,
    values: Vec<f64>,
}

/// The runs of a plan by their numbers; none of those that failed or are not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs {
    runs: Vec<Option<Measured>>,
    readings: Arc<[Reading]>,
}

impl Runs {
    /// Room for a plan's runs, none of which is there yet.
    pub fn new(plan: &Plan) -> Self {
        let mut readings: Vec<Reading> = Vec::new();
        for expectation in plan.expectations() {
            if let Claim::Number { reading, .. } = &expectation.claim
                && !readings.contains(reading)
            {
                readings.push(*reading);
            }
        }
        Self { runs: vec![None; plan.len()], readings: readings.into() }
    }

    /// Takes what came of a run. A failed one takes the place of an earlier result.
    pub fn add(&mut self, plan: &Plan, run: usize, record: &Record) {
        self.runs[run] = match record {
            Record::Done(trace) => {
                let precision = plan.spec(run).train.precision;
                Some(Measured::of(trace, precision, Arc::clone(&self.readings)))
            }
            Record::Failed(_) => None,
        };
    }

    /// A run that ended by itself.
    pub fn get(&self, run: usize) -> Option<&Measured> {
        self.runs[run].as_ref()
    }

    /// How many did not.
    pub fn missing(&self) -> usize {
        self.runs.iter().filter(|run| run.is_none()).count()
    }

    /// The axes of a plan's cells, by the names of their columns.
    pub fn axes(plan: &Plan) -> Vec<String> {
        let columns = plan.columns().iter().filter(|column| KEYS[column.key].name != "seed");
        columns.map(|column| column.name.clone()).collect()
    }

    /// Means over the seeds of every cell, to be compared with others or to be kept.
    pub fn baseline(&self, plan: &Plan) -> Baseline {
        let is_seed = |i: usize| KEYS[plan.columns()[i].key].name == "seed";
        let columns: Vec<usize> = (0..plan.columns().len()).filter(|&i| !is_seed(i)).collect();
        let mut values = BTreeMap::new();
        for runs in plan.cells().iter() {
            let runs: Vec<usize> = runs.collect();
            let of_axes = plan.axis_cells(runs[0]);
            let cell: Vec<AxisValue> = columns.iter().map(|&i| AxisValue(of_axes[i].to_string())).collect();
            let measured: Vec<Option<&Measured>> = runs.iter().map(|&run| self.get(run)).collect();
            let mut put = |layer: usize, metric: &str, of: &dyn Fn(&Measured) -> f64| {
                let sum: f64 = measured.iter().map(|run| run.map_or(f64::NAN, of)).sum();
                let key = Key { cell: cell.clone(), layer, metric: metric.into() };
                values.insert(key, sum / measured.len() as f64);
            };
            let spec = plan.spec(runs[0]);
            // The others are NaN whatever happens.
            for metric in RunMetric::ALL.into_iter().filter(|metric| metric.says_nothing_of(&spec).is_none()) {
                put(0, metric.name(), &|run| run.metric(metric));
            }
            let layers = measured.iter().flatten().map(|run| run.summary.layers.len()).max().unwrap_or(0);
            for l in 0..layers {
                let mut put = |name: &str, of: fn(&crate::analysis::LayerSummary) -> f64| {
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
        Baseline { numerics: NUMERICS, axes: Self::axes(plan), values }
    }
}

impl Measured {
    fn of(trace: &Trace, precision: Precision, readings: Arc<[Reading]>) -> Self {
        let summary = Summary::of(trace);
        let values = readings.iter().map(|&reading| value(trace, &summary, precision, reading)).collect();
        Self { summary, outcome: trace.outcome, precision, readings, values }
    }

    /// What analysis makes of it.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The number that a claim of the plan speaks of; NaN where the run has none, as one that ended early, and where what
    /// it speaks of broke: `init_` and `last_` are the first and the last traced step, and not the next one whose
    /// gradients were finite.
    ///
    /// # Panics
    /// If no claim of the plan speaks of it.
    pub fn value(&self, reading: Reading) -> f64 {
        let position = self.readings.iter().position(|known| *known == reading);
        self.values[position.expect("the plan's claims have all readings")]
    }

    /// As runs.csv shows it.
    fn metric(&self, metric: RunMetric) -> f64 {
        self.recorded(self.summary.metric(metric, &self.outcome))
    }

    fn recorded(&self, value: f64) -> f64 {
        self.precision.recorded(value)
    }
}

fn value(trace: &Trace, summary: &Summary, precision: Precision, reading: Reading) -> f64 {
    match reading {
        Reading::Run(metric) if is_broken(trace, metric) => f64::NAN,
        Reading::Run(metric) => precision.recorded(summary.metric(metric, &trace.outcome)),
        Reading::Layer { metric, layer, step } => layer_at(trace, layer, step).map_or(f64::NAN, |row| metric.of(row)),
        Reading::Lag { metric, lag, step } => lag_at(trace, lag, step).map_or(f64::NAN, |row| metric.of(row)),
    }
}

/// Whether the step that a metric is named for had gradients that were not finite, or a loss that ended the run.
fn is_broken(trace: &Trace, metric: RunMetric) -> bool {
    let is_finite = |step: StepAt| {
        step_at(trace, step).is_some_and(|at| {
            let per_step = trace.layers_per_step();
            trace.layers[at * per_step..(at + 1) * per_step].iter().all(|row| row.status.is_finite())
        })
    };
    match metric {
        RunMetric::LossLast | RunMetric::AccuracyLast | RunMetric::TestLoss | RunMetric::TestAccuracy => false,
        RunMetric::InitDecadesPerLayer | RunMetric::InitGradientDecades | RunMetric::InitDecadesPerStep => {
            !is_finite(StepAt::First)
        }
        RunMetric::LastDecadesPerLayer | RunMetric::LastGradientDecades | RunMetric::LastDecadesPerStep => {
            trace.outcome.diverged_at.is_some() || !is_finite(StepAt::Last)
        }
    }
}

/// Which of the traced steps, from 0.
fn step_at(trace: &Trace, step: StepAt) -> Option<usize> {
    match step {
        StepAt::First => (!trace.steps.is_empty()).then_some(0),
        StepAt::Last => trace.steps.len().checked_sub(1),
        StepAt::Number(number) => trace.steps.iter().position(|reading| reading.step == number),
    }
}

fn layer_at(trace: &Trace, layer: LayerAt, step: StepAt) -> Option<&LayerReading> {
    let per_step = trace.layers_per_step();
    let at = layer.index(per_step.checked_sub(1)?)?;
    trace.layers.get(step_at(trace, step)? * per_step + at)
}

/// Of the top recurrent layer.
fn lag_at(trace: &Trace, lag: usize, step: StepAt) -> Option<&TimeReading> {
    let time = trace.through_time.as_ref()?;
    let layers = trace.layers_per_step().checked_sub(1)?;
    let times = time.times(step_at(trace, step)?, layers).next_back()?;
    times.len().checked_sub(lag + 1).map(|t| &times[t])
}
