//! A run's trace in the few numbers that runs.csv and layers.csv show.

use super::Verdict;
use crate::kernels::log10;
use crate::metric::{LayerReading, decades_per_layer, gradient_decades};
use crate::trace::Trace;

/// A run counts as having learned below this share of the loss of chance.
const LEARNED_BELOW: f64 = 0.9;

/// What a run's trace comes down to.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The verdict on its gradients.
    pub verdict: Verdict,
    /// Whether `loss_last` is below 0.9 of the loss of chance: not the same question.
    pub learned: bool,
    /// Slope of log10 `delta_rms` at the first traced step with finite gradients; NaN without one.
    pub init_decades_per_layer: f64,
    /// The same at the last one.
    pub last_decades_per_layer: f64,
    /// log10(`delta_rms` of layer 1 / of layer L) at the first traced step with finite gradients; NaN without one.
    pub init_gradient_decades: f64,
    /// The same at the last one.
    pub last_gradient_decades: f64,
    /// Layers 1, .., L, head.
    pub layers: Vec<LayerSummary>,
}

/// A layer's gradients over the run, as log10, over the traced steps with finite gradients: the first, the mean, the
/// last. -inf for a gradient of 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the struct's sentence names them all")]
pub struct LayerSummary {
    pub log10_delta_rms_init: f64,
    pub log10_delta_rms_mean: f64,
    pub log10_delta_rms_last: f64,
    pub log10_grad_norm_init: f64,
    pub log10_grad_norm_mean: f64,
    pub log10_grad_norm_last: f64,
}

impl Summary {
    /// Sums up a trace.
    pub fn of(trace: &Trace) -> Self {
        let is_finite = |rows: &&[LayerReading]| rows.iter().all(|r| r.status.is_finite());
        let mut finite: Vec<&[LayerReading]> = trace.by_step().map(|(_, rows)| rows).filter(is_finite).collect();
        // A batch that was answered perfectly sends nothing back and says nothing about the way back, so such steps
        // count only where there are no others.
        let sends = |rows: &&[LayerReading]| rows.last().is_some_and(|head| head.delta_rms > 0.0);
        if finite.iter().any(sends) {
            finite.retain(sends);
        }
        let hidden = |rows: &&'_ [LayerReading]| rows[..rows.len() - 1].to_vec();
        let (first, last) = (finite.first().map(hidden), finite.last().map(hidden));
        let of = |rows: &Option<Vec<LayerReading>>, metric: fn(&[LayerReading]) -> f64| {
            rows.as_deref().map_or(f64::NAN, metric)
        };
        let worst = match (&first, &last) {
            _ if trace.outcome.diverged_at.is_some() => Verdict::Diverged,
            (Some(first), Some(last)) => Verdict::of_step(first).min(Verdict::of_step(last)),
            (None, _) | (_, None) => Verdict::Exploding,
        };
        Self {
            verdict: worst,
            learned: trace.outcome.loss_last < LEARNED_BELOW * trace.outcome.loss_of_chance,
            init_decades_per_layer: of(&first, decades_per_layer),
            last_decades_per_layer: of(&last, decades_per_layer),
            init_gradient_decades: of(&first, gradient_decades),
            last_gradient_decades: of(&last, gradient_decades),
            layers: (0..trace.layers_per_step()).map(|l| LayerSummary::of(&finite, l)).collect(),
        }
    }
}

impl LayerSummary {
    /// Layer number `l` (from 0) of the finite steps.
    fn of(finite: &[&[LayerReading]], l: usize) -> Self {
        let profile = |metric: fn(&LayerReading) -> f64| {
            let logs: Vec<f64> = finite.iter().map(|rows| log10(metric(&rows[l]))).collect();
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            let at = |log: Option<&f64>| log.copied().unwrap_or(f64::NAN);
            (at(logs.first()), mean, at(logs.last()))
        };
        let (delta_init, delta_mean, delta_last) = profile(|r| r.delta_rms);
        let (grad_init, grad_mean, grad_last) = profile(|r| r.grad_norm);
        Self {
            log10_delta_rms_init: delta_init,
            log10_delta_rms_mean: delta_mean,
            log10_delta_rms_last: delta_last,
            log10_grad_norm_init: grad_init,
            log10_grad_norm_mean: grad_mean,
            log10_grad_norm_last: grad_last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::RowStatus;
    use crate::trace::{Outcome, StepReading};

    fn row(delta_rms: f64, status: RowStatus) -> LayerReading {
        LayerReading {
            grad_norm: 10.0 * delta_rms,
            delta_rms,
            weight_norm: 1.0,
            update_norm: 1.0,
            act_mean: 0.0,
            act_std: 1.0,
            zero_fraction: 0.0,
            saturated_fraction: 0.0,
            status,
        }
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
        Trace { outcome, steps: (0..layers.len() / 3).map(step).collect(), layers, through_time: None }
    }

    #[test]
    fn the_worse_of_the_first_and_last_step_counts() {
        let ok = |d| row(d, RowStatus::Ok);
        let summary = Summary::of(&trace(None, 1.79, vec![ok(1.0), ok(1.0), ok(1.0), ok(1e-3), ok(1.0), ok(1.0)]));
        assert_eq!(summary.verdict, Verdict::Vanishing);
        assert!(summary.learned);
        assert_eq!((summary.init_gradient_decades, summary.last_gradient_decades), (0.0, -3.0));
        assert_eq!(summary.layers[0].log10_delta_rms_mean, -1.5);
        assert_eq!(summary.layers[0].log10_grad_norm_init, 1.0);
        assert!(!Summary::of(&trace(None, 1.81, vec![ok(1.0); 3])).learned);
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
        let none = Summary::of(&trace(None, 1.0, vec![row(f64::INFINITY, RowStatus::Inf); 3]));
        assert_eq!(none.verdict, Verdict::Exploding);
        assert!(none.init_gradient_decades.is_nan() && none.layers[2].log10_delta_rms_mean.is_nan());
    }
}
