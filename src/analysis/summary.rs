//! A run's trace in the few numbers that runs.csv and layers.csv show.

use super::step::Step;
use super::verdict::LEARNED_BELOW;
use super::{Verdict, Why};
use crate::data::DataSource;
use crate::kernels::log10;
use crate::metric::{LayerReading, TimeReading, decades_per_layer, decades_per_step, gradient_decades, time_decades};
use crate::spec::{RunMetric, RunSpec};
use crate::trace::{Outcome, Record, Trace};

/// What a run's trace comes down to.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The verdict on its gradients.
    pub verdict: Verdict,
    /// What it is due to.
    pub why: Why,
    /// Whether `loss_last` is below 0.9 of the loss of chance: not the same question.
    pub learned: bool,
    /// Slope of log10 `delta_rms` at step 0; NaN where step 0 has a gradient that is not finite, or none at all.
    pub init_decades_per_layer: f64,
    /// This slope at the last traced step with finite gradients; NaN without one.
    pub last_decades_per_layer: f64,
    /// log10(`delta_rms` of layer 1 / of layer L) at step 0; NaN as above.
    pub init_gradient_decades: f64,
    /// These decades at the last traced step with finite gradients; NaN without one.
    pub last_gradient_decades: f64,
    /// Slope of log10 `dh_rms` of the top recurrent layer over the lag, at step 0; NaN as above, and for a feed-forward
    /// net.
    pub init_decades_per_step: f64,
    /// This slope at the last traced step with finite gradients; NaN as above.
    pub last_decades_per_step: f64,
    /// log10(`state_rms` of the top recurrent layer at t = 1 / one time step before the first answer) at step 0; NaN as
    /// above, where the first time step has an answer of its own, and for a feed-forward net.
    pub init_time_decades: f64,
    /// These decades at the last traced step with finite gradients; NaN as above.
    pub last_time_decades: f64,
    /// `moved` of layer 1 at the end.
    pub first_moved: f64,
    /// `moved` of layer 1 over that of layer L, at the end; NaN where layer L did not move.
    pub first_over_last_moved: f64,
    /// Layers 1, .., L, head.
    pub layers: Vec<LayerSummary>,
}

/// A layer's gradients over the run, as log10: at step 0 (NaN where a gradient of that step is not finite, or all are
/// 0), and the mean and the last over the traced steps with finite gradients, -inf for a gradient of 0. It also tells
/// how fast and how far the layer's weights moved.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "layers.csv's columns say what each one is")]
pub struct LayerSummary {
    pub log10_delta_rms_init: f64,
    pub log10_delta_rms_mean: f64,
    pub log10_delta_rms_last: f64,
    pub log10_grad_norm_init: f64,
    pub log10_grad_norm_mean: f64,
    pub log10_grad_norm_last: f64,
    pub log10_relative_update_mean: f64,
    pub moved: f64,
}

impl Summary {
    /// Sums up a trace.
    pub fn of(trace: &Trace) -> Self {
        let finite = Step::finite(trace);
        let (last, initial) = (finite.last(), Step::initial(trace));
        let initial = initial.as_ref();
        let verdict = Verdict::of(trace, &finite);
        let learned = trace.outcome.loss_last < LEARNED_BELOW * trace.outcome.loss_of_chance;
        let layers: Vec<LayerSummary> =
            (0..trace.layers_per_step()).map(|l| LayerSummary::of(initial, &finite, trace, l)).collect();
        let moved = |l: Option<usize>| l.and_then(|l| layers.get(l)).map_or(f64::NAN, |layer| layer.moved);
        let (first_moved, last_moved) = (moved(Some(0)), moved(layers.len().checked_sub(2)));
        let across = |step: Option<&Step<'_>>, metric: fn(&[LayerReading]) -> f64| {
            step.map_or(f64::NAN, |step| metric(step.hidden()))
        };
        let through = |step: Option<&Step<'_>>, metric: fn(&[TimeReading], usize) -> f64| {
            step.map_or(f64::NAN, |step| step.through_time(metric))
        };
        Self {
            verdict,
            why: Why::of(verdict, &finite, trace, learned),
            learned,
            init_decades_per_layer: across(initial, decades_per_layer),
            last_decades_per_layer: across(last, decades_per_layer),
            init_gradient_decades: across(initial, gradient_decades),
            last_gradient_decades: across(last, gradient_decades),
            init_decades_per_step: through(initial, decades_per_step),
            last_decades_per_step: through(last, decades_per_step),
            init_time_decades: through(initial, time_decades),
            last_time_decades: through(last, time_decades),
            first_moved,
            first_over_last_moved: if last_moved == 0.0 { f64::NAN } else { first_moved / last_moved },
            layers,
        }
    }

    /// Sums up the trace of a run with this spec, and adds what the trace does not tell: that the run's labels are
    /// noise, and that it would not have diverged at a smaller learning rate. `smaller` are the runs that differ in
    /// their rate alone, the largest rate first, each with its rate; `read` gives their records.
    ///
    /// # Errors
    /// Returns the errors of `read`.
    pub fn of_run<E>(
        trace: &Trace,
        spec: &RunSpec,
        smaller: impl FnOnce() -> Vec<(usize, f64)>,
        mut read: impl FnMut(usize) -> Result<Option<Record>, E>,
    ) -> Result<Self, E> {
        let mut summary = Self::of(trace);
        match summary.verdict {
            Verdict::Diverged => {
                let smaller = smaller();
                summary.why.rate_is_untried = smaller.is_empty();
                for (run, rate) in smaller {
                    if let Some(Record::Done(other)) = read(run)?
                        && other.outcome.diverged_at.is_none()
                    {
                        summary.why = summary.why.with_smaller_rate(rate);
                        break;
                    }
                }
            }
            Verdict::Recovered | Verdict::Healthy if !summary.learned && spec.data.source == DataSource::Noise => {
                summary.why = summary.why.of_random_labels();
            }
            _ => {}
        }
        Ok(summary)
    }

    /// Returns a headline metric of the run with this outcome, as it was computed: not rounded to the run's precision.
    pub fn metric(&self, metric: RunMetric, outcome: &Outcome) -> f64 {
        match metric {
            RunMetric::LossLast => outcome.loss_last,
            RunMetric::AccuracyLast => outcome.accuracy_last,
            RunMetric::TestLoss => outcome.test_loss,
            RunMetric::TestAccuracy => outcome.test_accuracy,
            RunMetric::InitDecadesPerLayer => self.init_decades_per_layer,
            RunMetric::LastDecadesPerLayer => self.last_decades_per_layer,
            RunMetric::InitGradientDecades => self.init_gradient_decades,
            RunMetric::LastGradientDecades => self.last_gradient_decades,
            RunMetric::InitDecadesPerStep => self.init_decades_per_step,
            RunMetric::LastDecadesPerStep => self.last_decades_per_step,
            RunMetric::InitTimeDecades => self.init_time_decades,
            RunMetric::LastTimeDecades => self.last_time_decades,
            RunMetric::FirstMoved => self.first_moved,
            RunMetric::FirstOverLastMoved => self.first_over_last_moved,
        }
    }
}

impl LayerSummary {
    /// Sums up layer number `l` (from 0) over step 0 and the finite steps.
    fn of(initial: Option<&Step<'_>>, finite: &[Step<'_>], trace: &Trace, l: usize) -> Self {
        let profile = |log10_of: fn(&LayerReading) -> f64| {
            let logs: Vec<f64> = finite.iter().map(|step| log10_of(&step.rows[l])).collect();
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            let init = initial.map_or(f64::NAN, |step| log10_of(&step.rows[l]));
            (init, mean, logs.last().copied().unwrap_or(f64::NAN))
        };
        let (delta_init, delta_mean, delta_last) = profile(|r| r.log10_delta_rms);
        let (grad_init, grad_mean, grad_last) = profile(|r| r.log10_grad_norm);
        let (_, update_mean, _) = profile(|r| log10(r.relative_update()));
        let at_the_end = trace.by_step().next_back();
        Self {
            log10_delta_rms_init: delta_init,
            log10_delta_rms_mean: delta_mean,
            log10_delta_rms_last: delta_last,
            log10_grad_norm_init: grad_init,
            log10_grad_norm_mean: grad_mean,
            log10_grad_norm_last: grad_last,
            log10_relative_update_mean: update_mean,
            moved: at_the_end.map_or(f64::NAN, |(_, rows)| rows[l].moved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Moments;
    use crate::metric::RowStatus;
    use crate::nn::ModelKind;
    use crate::trace::{StepReading, ThroughTime};

    fn row(delta_rms: f64, status: RowStatus) -> LayerReading {
        LayerReading::with_norms(10.0 * delta_rms, delta_rms, status)
    }

    fn trace(diverged_at: Option<usize>, loss_last: f64, layers: Vec<LayerReading>) -> Trace {
        let step = |step| StepReading { step, loss: 1.0, accuracy: 0.1, total_grad_norm: 1.0, clip_factor: 1.0 };
        let outcome = Outcome {
            diverged_at,
            loss_first: 2.3,
            loss_last,
            accuracy_last: 0.1,
            loss_of_chance: 2.0,
            test_loss: 1.0,
            test_accuracy: 0.1,
            parameters: 9,
        };
        let inputs = Moments { inputs: 3, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 3.0 };
        Trace { outcome, inputs, steps: (0..layers.len() / 3).map(step).collect(), layers, through_time: None }
    }

    #[test]
    fn the_last_step_counts_and_a_net_that_was_sick_has_recovered() {
        let (ok, faint) = (row(1.0, RowStatus::Ok), row(1e-3, RowStatus::Ok));
        let sick = Summary::of(&trace(None, 1.79, vec![ok, ok, ok, faint, ok, ok]));
        assert_eq!(sick.verdict, Verdict::Vanishing);
        assert!(sick.learned);
        assert_eq!((sick.init_gradient_decades, sick.last_gradient_decades), (0.0, -3.0));
        assert_eq!(sick.layers[0].log10_delta_rms_mean, -1.5);
        assert_eq!(sick.layers[0].log10_grad_norm_init, 1.0);
        assert!(!Summary::of(&trace(None, 1.81, vec![ok; 3])).learned);
        assert_eq!(Summary::of(&trace(None, 1.79, vec![ok; 6])).verdict, Verdict::Healthy);
        let dead = LayerReading { zero_fraction: 1.0, ..ok };
        for first in [faint, row(1e3, RowStatus::Ok), dead, row(f64::NAN, RowStatus::Nan)] {
            let recovered = trace(None, 1.79, vec![first, ok, ok, ok, ok, ok]);
            assert_eq!(Summary::of(&recovered).verdict, Verdict::Recovered, "{first:?}");
            let mut later = recovered.clone();
            (later.steps[0].step, later.steps[1].step) = (10, 11);
            assert_eq!(Summary::of(&later).verdict, Verdict::Healthy, "step 0 is not known");
            let both = trace(None, 1.79, vec![first, ok, ok, faint, ok, ok]);
            assert_eq!(Summary::of(&both).verdict, Verdict::Vanishing);
        }
    }

    #[test]
    fn how_fast_and_how_far_each_layer_moved_is_that_of_the_whole_run() {
        let moving = |update_norm, moved| LayerReading { update_norm, moved, ..row(1.0, RowStatus::Ok) };
        let steps = vec![
            moving(1e-4, 0.0),
            moving(1e-2, 0.0),
            moving(1e-1, 0.0),
            moving(1e-2, 0.25),
            moving(1e-2, 0.5),
            moving(1e-1, 9.0),
        ];
        let summary = Summary::of(&trace(None, 1.0, steps));
        assert_eq!(summary.layers[0].log10_relative_update_mean, -3.0);
        let moved: Vec<f64> = summary.layers.iter().map(|layer| layer.moved).collect();
        assert_eq!(moved, [0.25, 0.5, 9.0]);
        assert_eq!((summary.first_moved, summary.first_over_last_moved), (0.25, 0.5), "the last hidden layer's");
        let still = Summary::of(&trace(None, 1.0, vec![moving(0.0, 0.0); 3]));
        assert!(still.first_over_last_moved.is_nan() && still.first_moved == 0.0);
    }

    #[test]
    fn a_perfectly_answered_batch_does_not_make_a_net_dead() {
        let (ok, none) = (row(1.0, RowStatus::Ok), row(0.0, RowStatus::Underflow));
        let summary = Summary::of(&trace(None, 0.1, vec![ok, ok, ok, none, none, none]));
        assert_eq!((summary.verdict, summary.last_gradient_decades), (Verdict::Healthy, 0.0));
        assert_eq!(summary.layers[0].log10_delta_rms_mean, 0.0);
    }

    #[test]
    fn steps_without_finite_gradients_are_left_out() {
        let rows = vec![
            row(1.0, RowStatus::Ok),
            row(1.0, RowStatus::Ok),
            row(1.0, RowStatus::Ok),
            row(f64::NAN, RowStatus::Nan),
            row(1.0, RowStatus::Ok),
            row(1.0, RowStatus::Ok),
        ];
        let summary = Summary::of(&trace(Some(1), f64::NAN, rows));
        assert_eq!(summary.verdict, Verdict::Diverged);
        assert!(!summary.learned);
        assert_eq!(summary.last_gradient_decades, 0.0);
        let ok = row(1.0, RowStatus::Ok);
        let broken = row(f64::NAN, RowStatus::Nan);
        let summary = Summary::of(&trace(None, 1.0, vec![ok, ok, ok, ok, broken, ok]));
        assert_eq!((summary.verdict, summary.why.cause), (Verdict::Exploding, crate::analysis::Cause::Overflow));
        let first = vec![ok, broken, ok, ok, ok, ok];
        assert_eq!(Summary::of(&trace(None, 1.0, first)).verdict, Verdict::Recovered);
        let between = vec![ok, ok, ok, ok, broken, ok, ok, ok, ok];
        assert_eq!(Summary::of(&trace(None, 1.0, between)).verdict, Verdict::Healthy);
        let none = Summary::of(&trace(None, 1.0, vec![row(f64::INFINITY, RowStatus::Inf); 3]));
        assert_eq!(none.verdict, Verdict::Exploding);
        assert!(none.init_gradient_decades.is_nan() && none.layers[2].log10_delta_rms_mean.is_nan());
    }

    /// One row of a time step for each of these log10 of `dh_rms`; a NaN stands for a derivative that is not finite.
    fn times(log10: &[f64]) -> Vec<TimeReading> {
        let status = |e: f64| if e.is_nan() { RowStatus::Nan } else { RowStatus::Ok };
        let at = |&e: &f64| TimeReading::new([10_f64.powf(e), f64::NAN, 1.0], status(e));
        log10.iter().map(at).collect()
    }

    /// Two layers and the head, all flat across, at as many traced steps as `log10` has pairs of profiles.
    fn recurrent(length: usize, first_answer: usize, log10: &[&[f64]]) -> Trace {
        let ok = row(1.0, RowStatus::Ok);
        let mut trace = trace(None, 0.1, vec![ok; log10.len() / 2 * 3]);
        let times = log10.iter().flat_map(|profile| times(profile)).collect();
        trace.through_time = Some(ThroughTime { kind: ModelKind::Rnn, length, first_answer, times, gates: Vec::new() });
        trace
    }

    #[test]
    fn the_way_through_time_is_that_of_the_top_layer_up_to_the_first_answer() {
        let (bottom, top): (&[f64], &[f64]) = (&[-9.0, -9.0, -9.0, -9.0], &[-0.8, -0.4, 0.0, 5.0]);
        let later: &[f64] = &[-2.0, -1.0, 0.0, 5.0];
        let summary = Summary::of(&recurrent(4, 3, &[bottom, top, bottom, later]));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(summary.init_decades_per_step, -0.4) && close(summary.last_decades_per_step, -1.0));
        assert!(close(summary.init_time_decades, -0.4) && close(summary.last_time_decades, -1.0), "from t = 2");
        assert_eq!((summary.init_gradient_decades, summary.verdict), (0.0, Verdict::Healthy));
        let vanishing: &[f64] = &[-2.2, -1.0, 0.0, 5.0];
        assert_eq!(Summary::of(&recurrent(4, 3, &[bottom, vanishing])).verdict, Verdict::Vanishing);
        let mended = Summary::of(&recurrent(4, 3, &[bottom, vanishing, bottom, top]));
        assert_eq!(mended.verdict, Verdict::Recovered);
        let exploding: &[f64] = &[2.5, 0.0, 0.0];
        assert_eq!(Summary::of(&recurrent(3, 3, &[exploding, exploding])).verdict, Verdict::Exploding);
    }

    #[test]
    fn a_step_with_a_time_step_that_is_not_finite_is_left_out() {
        let (ok, broken): (&[f64], &[f64]) = (&[-0.5, 0.0, 0.0], &[f64::NAN, 0.0, 0.0]);
        let summary = Summary::of(&recurrent(3, 3, &[ok, ok, broken, ok]));
        // Of the step before it; that the last step has such an error is told by the verdict.
        assert_eq!((summary.last_time_decades, summary.verdict), (summary.init_time_decades, Verdict::Exploding));
        let none = Summary::of(&recurrent(3, 3, &[broken, ok]));
        assert!(none.init_time_decades.is_nan() && none.verdict == Verdict::Exploding);
    }

    #[test]
    fn a_feed_forward_net_has_no_way_through_time() {
        let summary = Summary::of(&trace(None, 1.0, vec![row(1.0, RowStatus::Ok); 3]));
        let all = [summary.init_decades_per_step, summary.last_decades_per_step];
        assert!(all.iter().chain(&[summary.init_time_decades, summary.last_time_decades]).all(|x| x.is_nan()));
    }
}
