//! What makes an error shrink or grow on its way back: a part of a layer, its branches, or time.

use super::why::{Cause, Evidence, PerLayer, Why};
use crate::analysis::Verdict;
use crate::analysis::step::{Step, Time};
use crate::metric::{Gains, LayerReading, RowStatus, gradient_decades, time_decades};
use crate::stats::mean;

/// What makes an error shrink or grow on its way back.
pub(super) fn way_back(verdict: Verdict, step: &Step<'_>) -> Why {
    let (cause, evidence) = match step.time {
        // Of depth and time the one that has the verdict; where both have it, time, which is what such nets are about.
        Some(time) if Verdict::of_decades(step.through_time(time_decades)) == Some(verdict) => {
            (Cause::Recurrence, through_time(&time))
        }
        Some(_) => (Cause::Stack, Evidence::Stack(per_layer(step.hidden()))),
        None => across_layers(verdict, step.hidden()),
    };
    Why::at(step, cause, evidence)
}

fn through_time(time: &Time<'_>) -> Evidence {
    let Time { kind, times, first_answer, gates } = *time;
    let mut named = kind.gates().iter().zip(gates);
    Evidence::Time {
        decades: time_decades(times, first_answer),
        steps: first_answer.saturating_sub(2),
        gate: kind
            .remembers_by()
            .and_then(|name| named.find(|(gate, _)| **gate == name).map(|(_, reading)| (name, reading.mean))),
    }
}

/// Decades from layer L to layer 1, on average over the steps between them.
fn per_layer(hidden: &[LayerReading]) -> f64 {
    gradient_decades(hidden) / (hidden.len() - 1) as f64
}

fn across_layers(verdict: Verdict, hidden: &[LayerReading]) -> (Cause, Evidence) {
    // The step of layer L is that from the head, which `gradient_decades` does not count.
    let below_top = &hidden[..hidden.len() - 1];
    let gains: Vec<Gains> = below_top.iter().filter_map(|layer| layer.gains).collect();
    // NaN of a layer that gets nothing differs from 1 as well.
    if gains.iter().any(|gains| gains.branch_share != 1.0) {
        let share = mean(gains.iter().map(|gains| gains.branch_share).filter(|share| share.is_finite()));
        return (Cause::Branches, Evidence::Branches { per_layer: per_layer(hidden), share });
    }
    let underflows_at = hidden.iter().rposition(is_below_precision).map(|l| l + 1);
    let is_finite = |g: &&Gains| [g.weight, g.activation, g.norm].iter().all(|gain| gain.is_finite());
    let finite: Vec<&Gains> = gains.iter().filter(is_finite).collect();
    if finite.is_empty() {
        return (Cause::Underflow, Evidence::Underflow(underflows_at.unwrap_or(hidden.len())));
    }
    let mean = |gain: fn(&Gains) -> f64| mean(finite.iter().map(|gains| gain(gains)));
    let mean = PerLayer { weight: mean(|g| g.weight), activation: mean(|g| g.activation), norm: mean(|g| g.norm) };
    (mean.cause(verdict), Evidence::Gains { mean, underflows_at })
}

impl PerLayer {
    /// The parts that can be told apart. A norm divides by what the weights multiply with: of the same net in other
    /// scales, their gains differ, and the sum does not.
    pub(in crate::analysis) fn parts(self) -> [(Cause, f64); 2] {
        let scales =
            if self.norm == 0.0 { (Cause::Weights, self.weight) } else { (Cause::Norm, self.weight + self.norm) };
        [(Cause::Activation, self.activation), scales]
    }

    /// The part with the largest gain in the verdict's direction.
    fn cause(self, verdict: Verdict) -> Cause {
        let [activation, scales] = self.parts();
        let activation_is_larger = activation.1 > scales.1;
        if activation_is_larger == (verdict == Verdict::Exploding) { activation.0 } else { scales.0 }
    }
}

/// Whether a layer's error is below what its precision holds, and not the gradient of its weights alone. (Of a row's status f32
/// is the first to end, at 1e-36 times the batch size.)
fn is_below_precision(layer: &LayerReading) -> bool {
    layer.status == RowStatus::Underflow && layer.log10_delta_rms < -32.0
}
