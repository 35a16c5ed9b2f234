//! What a check knows of the runs: each run's trace and what analysis makes of it, and the numbers that claims speak of.

use std::collections::BTreeMap;

use super::baseline::{AxisValue, Baseline, Key};
use crate::analysis::Summary;
use crate::plan::Plan;
use crate::spec::{KEYS, LayerAt, NUMERICS, Precision, Reading, RunMetric, StepAt};
use crate::trace::{Record, Trace};

/// A run that ended by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    trace: Trace,
    summary: Summary,
    precision: Precision,
}

/// The runs of a plan by their numbers; none of those that failed or are not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Runs(Vec<Option<Measured>>);

impl Runs {
    /// Room for a plan's runs, none of which is there yet.
    pub fn new(plan: &Plan) -> Self {
        Self(vec![None; plan.len()])
    }

    /// Takes what came of a run. A failed one takes the place of an earlier result.
    pub fn add(&mut self, plan: &Plan, run: usize, record: Record) {
        self.0[run] = match record {
            Record::Done(trace) => {
                let summary = Summary::of(&trace);
                Some(Measured { trace, summary, precision: plan.spec(run).train.precision })
            }
            Record::Failed(_) => None,
        };
    }

    /// A run that ended by itself.
    pub fn get(&self, run: usize) -> Option<&Measured> {
        self.0[run].as_ref()
    }

    /// How many did not.
    pub fn missing(&self) -> usize {
        self.0.iter().filter(|run| run.is_none()).count()
    }

    /// Means over the seeds of every cell, to be compared with others or to be kept.
    pub fn baseline(&self, plan: &Plan) -> Baseline {
        let is_seed = |i: usize| KEYS[plan.columns()[i].key].name == "seed";
        let columns: Vec<usize> = (0..plan.columns().len()).filter(|&i| !is_seed(i)).collect();
        let mut values = BTreeMap::new();
        for runs in plan.cells().iter() {
            let of_axes = plan.axis_cells(runs[0] as usize);
            let cell: Vec<AxisValue> = columns.iter().map(|&i| AxisValue(of_axes[i].to_string())).collect();
            let measured: Vec<Option<&Measured>> = runs.iter().map(|&run| self.get(run as usize)).collect();
            let mut put = |layer: usize, metric: &str, of: &dyn Fn(&Measured) -> f64| {
                let sum: f64 = measured.iter().map(|run| run.map_or(f64::NAN, of)).sum();
                let key = Key { cell: cell.clone(), layer, metric: metric.into() };
                values.insert(key, sum / measured.len() as f64);
            };
            let spec = plan.spec(runs[0] as usize);
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
        let axes = columns.iter().map(|&i| plan.columns()[i].name.clone()).collect();
        Baseline { numerics: NUMERICS, axes, values }
    }
}

impl Measured {
    /// What analysis makes of it.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The number that a claim speaks of; NaN where the run has none, as one that ended early.
    pub fn value(&self, reading: Reading) -> f64 {
        match reading {
            Reading::Run(metric) => self.metric(metric),
            Reading::Layer { metric, layer, step } => self.layer(layer, step).map_or(f64::NAN, |row| metric.of(row)),
            Reading::Lag { metric, lag, step } => self.lag(lag, step).map_or(f64::NAN, |row| metric.of(row)),
        }
    }

    /// As runs.csv shows it.
    fn metric(&self, metric: RunMetric) -> f64 {
        let (outcome, summary) = (&self.trace.outcome, &self.summary);
        self.recorded(match metric {
            RunMetric::LossLast => outcome.loss_last,
            RunMetric::AccuracyLast => outcome.accuracy_last,
            RunMetric::TestLoss => outcome.test_loss,
            RunMetric::TestAccuracy => outcome.test_accuracy,
            RunMetric::InitDecadesPerLayer => summary.init_decades_per_layer,
            RunMetric::LastDecadesPerLayer => summary.last_decades_per_layer,
            RunMetric::InitGradientDecades => summary.init_gradient_decades,
            RunMetric::LastGradientDecades => summary.last_gradient_decades,
            RunMetric::InitDecadesPerStep => summary.init_decades_per_step,
            RunMetric::LastDecadesPerStep => summary.last_decades_per_step,
        })
    }

    fn recorded(&self, value: f64) -> f64 {
        self.precision.recorded(value)
    }

    /// Which of the traced steps, from 0.
    fn step(&self, step: StepAt) -> Option<usize> {
        match step {
            StepAt::First => (!self.trace.steps.is_empty()).then_some(0),
            StepAt::Last => self.trace.steps.len().checked_sub(1),
            StepAt::Number(number) => self.trace.steps.iter().position(|reading| reading.step == number),
        }
    }

    fn layer(&self, layer: LayerAt, step: StepAt) -> Option<&crate::metric::LayerReading> {
        let per_step = self.trace.layers_per_step();
        let at = layer.index(per_step.checked_sub(1)?)?;
        self.trace.layers.get(self.step(step)? * per_step + at)
    }

    /// Of the top recurrent layer.
    fn lag(&self, lag: usize, step: StepAt) -> Option<&crate::metric::TimeReading> {
        let time = self.trace.through_time.as_ref()?;
        let layers = self.trace.layers_per_step().checked_sub(1)?;
        let times = time.times(self.step(step)?, layers).next_back()?;
        times.len().checked_sub(lag + 1).map(|t| &times[t])
    }
}
