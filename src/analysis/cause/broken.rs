//! Finds where a run's first NaN or infinity arose: in which step, in which layer and in which pass.

use crate::analysis::step::{Untold, untold};
use crate::metric::LayerReading;
use crate::trace::Trace;

/// The place where a run's numbers first became NaN or infinite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Broken {
    /// The first traced step that shows it.
    pub step: usize,
    /// What is not finite there.
    pub place: BrokenPlace,
}

/// What is not finite. Layers count from 1, the head is L + 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BrokenPlace {
    /// A gradient, on the way back.
    Gradient {
        /// The highest such layer.
        layer: usize,
        /// How much the error grew per layer on average on its way there, in decades; NaN where at most one layer above
        /// it is finite.
        per_layer: f64,
    },
    /// A layer's output, on the way forward.
    Activations {
        /// The lowest such layer.
        layer: usize,
    },
    /// The weights with which the step began: an update that was not traced broke them.
    Weights {
        /// The highest such layer.
        layer: usize,
    },
    /// The loss, of logits that are finite.
    Loss,
    /// The loss of a step that was not traced.
    Untraced,
}

impl Broken {
    /// Finds the first such place. The traced steps are looked at in their order, and in each step the weights, the way
    /// forward, the loss, and the way back.
    pub(super) fn first(trace: &Trace) -> Option<Self> {
        let seen = Self::seen(trace);
        match trace.outcome.diverged_at {
            Some(step) if seen.is_none_or(|seen| step < seen.step) => Some(Self { step, place: BrokenPlace::Untraced }),
            _ => seen,
        }
    }

    fn seen(trace: &Trace) -> Option<Self> {
        let given = Given::of(trace);
        trace.by_step().enumerate().find_map(|(position, (reading, rows))| {
            let weights = |row: &LayerReading| given.weights && !row.weight_norm.is_finite();
            let outputs = |row: &LayerReading| given.outputs && !(row.act_mean.is_finite() && row.act_std.is_finite());
            let lost = given.loss && !reading.loss.is_finite();
            let place = if let Some(l) = rows.iter().rposition(weights) {
                BrokenPlace::Weights { layer: l + 1 }
            } else if let Some(l) = rows.iter().position(outputs) {
                BrokenPlace::Activations { layer: l + 1 }
            } else if lost {
                BrokenPlace::Loss
            } else if let Some(Untold::NotFinite { .. }) = untold(trace, position) {
                gradient(trace, position, rows)
            } else {
                return None;
            };
            Some(Self { step: reading.step, place })
        })
    }
}

/// Which numbers a trace has. A trace of another program, whose inputs are unknown, may lack a column, which is then
/// NaN in all rows.
struct Given {
    weights: bool,
    outputs: bool,
    loss: bool,
}

impl Given {
    fn of(trace: &Trace) -> Self {
        let is_own = trace.inputs.inputs > 0;
        let has = |number: fn(&LayerReading) -> f64| is_own || trace.layers.iter().any(|row| number(row).is_finite());
        Self {
            weights: has(|row| row.weight_norm),
            outputs: has(|row| row.act_std) && has(|row| row.act_mean),
            loss: is_own || trace.steps.iter().any(|step| step.loss.is_finite()),
        }
    }
}

/// Finds the highest layer of a step whose gradient is not finite: the error comes from above.
fn gradient(trace: &Trace, position: usize, rows: &[LayerReading]) -> BrokenPlace {
    let hidden = rows.len() - 1;
    let in_time = |l: usize| {
        let Some(time) = trace.through_time.as_ref().filter(|_| l < hidden) else { return false };
        time.times(position, hidden).nth(l).is_some_and(|times| times.iter().any(|t| !t.status.is_finite()))
    };
    let broken = |l: &usize| !rows[*l].status.is_finite() || in_time(*l);
    let at = (0..rows.len()).rev().find(broken).unwrap_or(0);
    // The layers between the head and it, whose errors are numbers.
    let above = &rows[(at + 1).min(hidden)..hidden];
    let per_layer = match above {
        [lowest, .., highest] => (lowest.log10_delta_rms - highest.log10_delta_rms) / (above.len() - 1) as f64,
        _ => f64::NAN,
    };
    BrokenPlace::Gradient { layer: at + 1, per_layer }
}
