//! One cell's runs, taken in one after the other. What is kept does not grow with their number, apart from the headline
//! metrics.

use std::collections::BTreeMap;

use super::band::BandBuilder;
use super::detail::{
    Curves, Detail, Heat, Lags, LayerSpeeds, MOST_LAGS, MOST_LAYERS, MOST_STEPS, ProfileCurves, Thinned, kept,
};
use super::gathered::{CellRow, NetFacts, Outlooks, RunCounts};
use crate::analysis::{CellBuilder, Prediction, Predictor, SpeedBuilder, Summary, last_telling_step};
use crate::data::{Moments, TargetKind};
use crate::nn::NormKind;
use crate::spec::{RunMetric, RunSpec};
use crate::stats::Statistics;
use crate::trace::{Record, Trace};

/// A cell whose runs come one by one.
#[derive(Debug)]
pub(super) struct CellCollector {
    counts: RunCounts,
    cell: CellBuilder,
    speed: SpeedBuilder,
    headline: Vec<Vec<f64>>,
    theory: Option<(Moments, Outlooks)>,
    /// None of a cell whose curves are not kept.
    detail: Option<DetailCollector>,
}

impl CellCollector {
    /// Makes a collector for runs that differ from `spec` in their seed alone.
    pub(super) fn new(spec: &RunSpec, is_detailed: bool) -> Self {
        Self {
            counts: RunCounts::default(),
            cell: CellBuilder::default(),
            speed: SpeedBuilder::default(),
            headline: vec![Vec::new(); RunMetric::ALL.len()],
            theory: None,
            detail: is_detailed.then(|| DetailCollector::new(spec)),
        }
    }

    /// Adds what came of a run of this spec; returns its summary, if it ended by itself.
    pub(super) fn add<E>(
        &mut self,
        (spec, record): (&RunSpec, Option<&Record>),
        predictor: &mut Predictor,
        sum_up: impl FnOnce(&Trace) -> Result<Summary, E>,
    ) -> Result<Option<Summary>, E> {
        let trace = match record {
            None => {
                self.counts.missing += 1;
                self.cell.add_without_result();
                return Ok(None);
            }
            Some(Record::Failed(_)) => {
                self.counts.failed += 1;
                self.cell.add_without_result();
                return Ok(None);
            }
            Some(Record::Done(trace)) => trace,
        };
        let summary = sum_up(trace)?;
        let ended = if trace.outcome.diverged_at.is_some() { &mut self.counts.diverged } else { &mut self.counts.ok };
        *ended += 1;
        self.counts.learned += usize::from(summary.learned);
        *self.counts.verdicts.entry(summary.verdict).or_default() += 1;
        self.cell.add(&summary, &trace.outcome);
        self.speed.add(&summary);
        for (values, metric) in self.headline.iter_mut().zip(RunMetric::ALL) {
            values.push(spec.train.precision.recorded(summary.metric(metric, &trace.outcome)));
        }
        let prediction = self.predict(spec, trace, predictor);
        if let Some(detail) = &mut self.detail {
            detail.add(spec, trace, &summary, &prediction);
        }
        Ok(Some(summary))
    }

    fn predict(&mut self, spec: &RunSpec, trace: &Trace, predictor: &mut Predictor) -> Prediction {
        if self.theory.is_some() {
            return predictor.predict(spec, trace.inputs);
        }
        let outlook = predictor.outlook(spec, trace.inputs);
        let prediction = &outlook.prediction;
        let outlooks = Outlooks {
            gradient_decades: prediction.gradient_decades,
            decades_per_layer: prediction.decades_per_layer,
            time_decades: prediction.time_decades,
            decades_per_step: prediction.decades_per_step,
            depth_scale: outlook.depth_scale(),
            trainable_depth: outlook.trainable_depth,
        };
        self.theory = Some((trace.inputs, outlooks));
        outlook.prediction
    }

    /// The moments of the data of its first run that ended.
    pub(super) fn inputs(&self) -> Option<Moments> {
        self.theory.map(|(inputs, _)| inputs)
    }

    /// Returns the cell's row without its levels and cures, which only the other cells tell.
    pub(super) fn finish(self, spec: &RunSpec, runs: Vec<usize>) -> CellRow {
        let done = self.counts.done();
        CellRow {
            levels: Vec::new(),
            runs,
            counts: self.counts,
            cell: self.cell.cell(&spec.model),
            speed: self.speed.finding(),
            cures: Vec::new(),
            line: None,
            headline: self.headline.into_iter().map(Statistics::of).collect(),
            net: NetFacts {
                kind: spec.model.kind,
                hidden: spec.model.hidden_layers(),
                length: if spec.model.kind.is_recurrent() { spec.data.length() } else { 1 },
                is_plain: spec.model.norm() == NormKind::None && !spec.model.residual,
            },
            theory: self.theory.map_or(Outlooks::NONE, |(_, outlooks)| outlooks),
            detail: self.detail.filter(|_| done > 0).map(DetailCollector::finish),
        }
    }
}

/// The curves of a cell, with the positions that are drawn.
#[derive(Debug)]
struct DetailCollector {
    /// Hidden layers L.
    hidden: usize,
    /// Whether answers are classes.
    has_accuracy: bool,
    /// The hidden layers that are drawn, counted from 0.
    layers: Vec<usize>,
    /// Lags drawn; empty of a feed-forward net.
    lags: Vec<usize>,
    first_answer: usize,
    thinned: Option<Thinned>,
    steps: BTreeMap<usize, StepCollector>,
    profile: [Vec<BandBuilder>; 2],
    speeds: Vec<BandBuilder>,
    times: [Vec<BandBuilder>; 2],
    predicted_layers: Means,
    predicted_lags: Means,
}

#[derive(Debug, Clone)]
struct StepCollector {
    loss: BandBuilder,
    accuracy: BandBuilder,
    /// The gradients of each layer drawn, and of the head.
    gradients: Vec<BandBuilder>,
}

impl DetailCollector {
    fn new(spec: &RunSpec) -> Self {
        let (hidden, length) = (spec.model.hidden_layers(), spec.data.length());
        let traced = spec.every.traced(spec.train.steps);
        let layers = kept(hidden, MOST_LAYERS);
        let lags = if spec.model.kind.is_recurrent() { kept(length, MOST_LAGS) } else { Vec::new() };
        let step = StepCollector::new(layers.len() + 1);
        let steps = kept(traced.len(), MOST_STEPS).into_iter().map(|i| (traced[i], step.clone())).collect();
        Self {
            hidden,
            has_accuracy: spec.data.target() == TargetKind::Class,
            first_answer: 0,
            thinned: Thinned::of(hidden, traced.len(), if lags.is_empty() { 0 } else { length }),
            steps,
            profile: [(); 2].map(|()| vec![BandBuilder::default(); layers.len()]),
            speeds: vec![BandBuilder::default(); layers.len()],
            times: [(); 2].map(|()| vec![BandBuilder::default(); lags.len()]),
            predicted_layers: Means::default(),
            predicted_lags: Means::default(),
            layers,
            lags,
        }
    }

    fn add(&mut self, spec: &RunSpec, trace: &Trace, summary: &Summary, prediction: &Prediction) {
        let recorded = |x: f64| spec.train.precision.recorded(x);
        if trace.outcome.diverged_at.is_some()
            && let Some(last) = trace.steps.last()
        {
            // Where it went wrong is never thinned out, unless there are very many such steps.
            let has_room = self.steps.len() < 2 * MOST_STEPS;
            if has_room && !self.steps.contains_key(&last.step) {
                self.steps.insert(last.step, StepCollector::new(self.layers.len() + 1));
            }
        }
        let (layers, hidden) = (&self.layers, self.hidden);
        for (reading, rows) in trace.by_step() {
            let Some(step) = self.steps.get_mut(&reading.step) else { continue };
            step.loss.add(reading.loss);
            // Logits that are no numbers name no class: what is recorded as 0 answers that are right is no accuracy.
            let has_answers = reading.loss.is_finite();
            step.accuracy.add(if has_answers { reading.accuracy } else { f64::NAN });
            for (at, gradient) in layers.iter().chain([&hidden]).zip(&mut step.gradients) {
                gradient.add_norm(rows[*at].log10_grad_norm, rows[*at].status, recorded);
            }
        }
        for (at, speed) in layers.iter().zip(&mut self.speeds) {
            speed.add_log10(summary.layers[*at].log10_relative_update_mean, recorded);
        }
        let ends = [0, last_telling_step(trace).unwrap_or(trace.steps.len().saturating_sub(1))];
        for ((bands, times), position) in self.profile.iter_mut().zip(&mut self.times).zip(ends) {
            let Some((_, rows)) = trace.by_step().nth(position) else { continue };
            for (at, band) in layers.iter().zip(bands) {
                band.add_norm(rows[*at].log10_delta_rms, rows[*at].status, recorded);
            }
            let Some(time) = &trace.through_time else { continue };
            self.first_answer = time.length - time.first_answer;
            let Some(top) = time.times(position, hidden).next_back() else { continue };
            for (lag, band) in self.lags.iter().zip(times) {
                let row = &top[time.length - 1 - lag];
                band.add_norm(row.log10_dh_rms, row.status, recorded);
            }
        }
        self.predicted_layers.add(layers.iter().map(|&at| prediction.log10_delta.get(at)));
        let through_time = &prediction.log10_dh;
        self.predicted_lags
            .add(self.lags.iter().map(|lag| through_time.len().checked_sub(lag + 1).map(|t| &through_time[t])));
    }

    fn finish(self) -> Detail {
        let bands = |builders: &[BandBuilder]| builders.iter().map(BandBuilder::band).collect();
        let steps: Vec<usize> = self.steps.keys().copied().collect();
        let rows = || self.steps.values();
        let per_layer: Vec<&BandBuilder> =
            (0..=self.layers.len()).flat_map(|l| rows().map(move |step| &step.gradients[l])).collect();
        let numbers: Vec<usize> = self.layers.iter().map(|at| at + 1).collect();
        let [init, last] = &self.profile;
        let [time_init, time_last] = &self.times;
        Detail {
            heat: Heat {
                layers: numbers.iter().copied().chain([self.hidden + 1]).collect(),
                steps: steps.clone(),
                values: per_layer.iter().map(|builder| narrow(builder.mean())).collect(),
                marks: per_layer.iter().map(|builder| builder.marks().worst()).collect(),
            },
            curves: Curves {
                loss: rows().map(|step| step.loss.band()).collect(),
                accuracy: rows().filter(|_| self.has_accuracy).map(|step| step.accuracy.band()).collect(),
                steps,
            },
            speeds: LayerSpeeds { layers: numbers.clone(), bands: bands(&self.speeds) },
            profile: ProfileCurves {
                init: bands(init),
                last: bands(last),
                predicted: self.predicted_layers.values(),
                layers: numbers,
            },
            lags: (!self.lags.is_empty()).then(|| Lags {
                first_answer: self.first_answer,
                init: bands(time_init),
                last: bands(time_last),
                predicted: self.predicted_lags.values(),
                lags: self.lags.clone(),
            }),
            thinned: self.thinned,
        }
    }
}

impl StepCollector {
    fn new(layers: usize) -> Self {
        let gradients = vec![BandBuilder::default(); layers];
        Self { loss: BandBuilder::default(), accuracy: BandBuilder::default(), gradients }
    }
}

/// Means of predicted numbers, over the runs of which theory says anything.
#[derive(Debug, Default)]
struct Means {
    sums: Vec<f64>,
    n: usize,
}

impl Means {
    /// Adds a run's numbers, unless any of them is not there or is not finite.
    fn add<'a>(&mut self, values: impl Iterator<Item = Option<&'a f64>>) {
        let Some(values) = values.map(|x| x.copied().filter(|x| x.is_finite())).collect::<Option<Vec<f64>>>() else {
            return;
        };
        self.sums.resize(values.len(), 0.0);
        self.sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
        self.n += 1;
    }

    /// Empty of no runs.
    fn values(&self) -> Vec<f64> {
        self.sums.iter().map(|sum| sum / self.n as f64).collect()
    }
}

/// Rounds a logarithm to the seven digits that drawing needs.
#[expect(clippy::cast_possible_truncation, reason = "less memory is the purpose")]
fn narrow(x: f64) -> f32 {
    x as f32
}
