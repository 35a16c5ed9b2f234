//! Why a run is sick: which part of the way back takes most of the error, or adds most to it, where and how much.
//!
//! | code | which runs | what it says |
//! |---|---|---|
//! | none | healthy and failed ones | |
//! | activation, weights, norm | exploding or vanishing, without residual connections | the part whose gain, on average over the steps from layer L to layer 1, is the largest in the verdict's direction; a norm counts with the weights that it undoes |
//! | branches | exploding or vanishing, with residual connections | what the branches bring is too much beside the stream, or cancels it |
//! | recurrence | exploding or vanishing through time | one derivative per time step |
//! | stack | a recurrent net, across its layers | |
//! | underflow | vanishing, with no layer left whose gains are numbers | the precision cannot hold the error |
//! | dead_units | dead | units whose derivative is 0, of the highest such layer |
//! | zero_weights | dead | weights that are all 0 |
//! | saturation | saturated | the most saturated layer |
//! | learning_rate | diverged, though its gradients did not explode at first | the last traced update is what there is to see |
//! | overflow | no loss, or no gradient, was ever finite, or no gradient of the first or the last traced step | |
//!
//! A diverged run whose gradients explode at its first traced step has the cause of that. Knows no names of activations:
//! `sentence` puts them in.

use super::Verdict;
use super::step::{Step, Time};
use super::verdict::{is_dead, is_saturated};
use crate::metric::{Gains, LayerReading, RowStatus, decades_per_step, gradient_decades, time_decades};
use crate::nn::ModelKind;
use crate::trace::Trace;

/// What a verdict is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the module's table says what each one is")]
pub enum Cause {
    None,
    Activation,
    Weights,
    Norm,
    Branches,
    Recurrence,
    Stack,
    Underflow,
    DeadUnits,
    ZeroWeights,
    Saturation,
    LearningRate,
    Overflow,
}

impl Cause {
    /// Every cause, in the order in which docs list them.
    pub const ALL: [Self; 13] = [
        Self::None,
        Self::Activation,
        Self::Weights,
        Self::Norm,
        Self::Branches,
        Self::Recurrence,
        Self::Stack,
        Self::Underflow,
        Self::DeadUnits,
        Self::ZeroWeights,
        Self::Saturation,
        Self::LearningRate,
        Self::Overflow,
    ];

    /// The code in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Activation => "activation",
            Self::Weights => "weights",
            Self::Norm => "norm",
            Self::Branches => "branches",
            Self::Recurrence => "recurrence",
            Self::Stack => "stack",
            Self::Underflow => "underflow",
            Self::DeadUnits => "dead_units",
            Self::ZeroWeights => "zero_weights",
            Self::Saturation => "saturation",
            Self::LearningRate => "learning_rate",
            Self::Overflow => "overflow",
        }
    }
}

/// A cause with what was seen of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// The cause.
    pub cause: Cause,
    /// The traced step that shows it.
    pub step: usize,
    /// What it shows.
    pub evidence: Evidence,
}

/// What was seen of a cause. Layers count from 1, the head is L + 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// Nothing.
    None,
    /// Mean gains per layer from layer L to layer 1.
    Gains {
        /// The gains.
        mean: PerLayer,
        /// The highest layer whose error the precision cannot hold.
        underflows_at: Option<usize>,
    },
    /// A residual net.
    Branches {
        /// Decades per layer from layer L to layer 1.
        per_layer: f64,
        /// How much of its layer's error a branch brings, on average.
        share: f64,
    },
    /// The top layer of a recurrent net through time.
    Time {
        /// Decades per time step.
        per_step: f64,
        /// Decades from the first answer to t = 1.
        decades: f64,
        /// Time steps between them.
        steps: usize,
        /// The mean value of the gate through which the state passes, where there is one.
        gate: Option<(&'static str, f64)>,
    },
    /// The layers of a recurrent net: decades per layer from layer L to layer 1.
    Stack(f64),
    /// The error underflows at this layer.
    Underflow(usize),
    /// Units of a layer.
    Units {
        /// The layer.
        layer: usize,
        /// The share of its units that are dead or saturated.
        share: f64,
    },
    /// All weights of a layer are 0.
    Weights(usize),
    /// The last traced update before a loss was not finite.
    Update {
        /// The layer whose weights it changed most.
        layer: usize,
        /// Norm of that change over the norm of the weights.
        ratio: f64,
        /// The step of the first loss that was not finite.
        diverged_at: usize,
    },
}

/// Mean gains over the layers of a net, in decades per layer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "they are those of `metric::Gains`")]
pub struct PerLayer {
    pub weight: f64,
    pub activation: f64,
    pub norm: f64,
}

impl Why {
    /// Of a healthy run.
    pub const NONE: Self = Self { cause: Cause::None, step: 0, evidence: Evidence::None };

    /// Of a run with that verdict, from its traced steps with finite gradients.
    pub(super) fn of(verdict: Verdict, finite: &[Step<'_>], trace: &Trace) -> Self {
        let (Some(first), Some(last)) = (finite.first(), finite.last()) else {
            return Self::overflow(trace.outcome.diverged_at.unwrap_or(0));
        };
        let shows = last;
        match verdict {
            Verdict::Recovered | Verdict::Healthy => Self::NONE,
            Verdict::Dead => dead(shows),
            Verdict::Saturated => saturated(shows),
            Verdict::Exploding if shows.verdict() != verdict => Self::overflow(Step::broken_end(trace).unwrap_or(0)),
            Verdict::Exploding | Verdict::Vanishing => way_back(verdict, shows),
            Verdict::Diverged if first.verdict() == Verdict::Exploding => way_back(Verdict::Exploding, first),
            Verdict::Diverged => diverged(trace),
        }
    }

    fn overflow(step: usize) -> Self {
        Self { cause: Cause::Overflow, step, evidence: Evidence::None }
    }
}

/// What makes an error shrink or grow on its way back.
fn way_back(verdict: Verdict, step: &Step<'_>) -> Why {
    let (cause, evidence) = match step.time {
        // Of depth and time the one that has the verdict; where both have it, time, which is what such nets are about.
        Some(time) if Verdict::of_decades(step.through_time(time_decades)) == Some(verdict) => {
            (Cause::Recurrence, through_time(&time))
        }
        Some(_) => (Cause::Stack, Evidence::Stack(per_layer(step.hidden()))),
        None => across_layers(verdict, step.hidden()),
    };
    Why { cause, step: step.number, evidence }
}

fn through_time(time: &Time<'_>) -> Evidence {
    let Time { kind, times, first_answer, gates } = *time;
    let keeps = match kind {
        ModelKind::Lstm => Some("forget"),
        ModelKind::Gru => Some("update"),
        ModelKind::Mlp | ModelKind::Rnn => None,
    };
    let mut named = kind.gates().iter().zip(gates);
    Evidence::Time {
        per_step: decades_per_step(times, first_answer),
        decades: time_decades(times, first_answer),
        steps: first_answer - 1,
        gate: keeps.and_then(|name| named.find(|(gate, _)| **gate == name).map(|(_, reading)| (name, reading.mean))),
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
    let underflows_at = hidden.iter().rposition(|layer| layer.status == RowStatus::Underflow).map(|l| l + 1);
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
    pub(super) fn parts(self) -> [(Cause, f64); 2] {
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

/// NaN of none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), x| (sum + x, n + 1));
    sum / f64::from(n)
}

/// The highest layer that is dead: those below it get nothing because of it.
fn dead(step: &Step<'_>) -> Why {
    let hidden = step.hidden();
    let at = hidden.iter().rposition(is_dead).expect("a dead net has a dead layer");
    let above = &step.rows[at + 1];
    let (cause, evidence) = if above.weight_norm == 0.0 {
        (Cause::ZeroWeights, Evidence::Weights(at + 2))
    } else {
        (Cause::DeadUnits, Evidence::Units { layer: at + 1, share: hidden[at].zero_fraction })
    };
    Why { cause, step: step.number, evidence }
}

fn saturated(step: &Step<'_>) -> Why {
    let layers = step.hidden().iter().enumerate().filter(|(_, layer)| is_saturated(layer));
    let most = layers.max_by(|a, b| a.1.saturated_fraction.total_cmp(&b.1.saturated_fraction));
    let (at, layer) = most.expect("a saturated net has a saturated layer");
    let evidence = Evidence::Units { layer: at + 1, share: layer.saturated_fraction };
    Why { cause: Cause::Saturation, step: step.number, evidence }
}

/// Of a run whose gradients did not explode at first.
fn diverged(trace: &Trace) -> Why {
    let diverged_at = trace.outcome.diverged_at.unwrap_or(0);
    let relative = |layer: &LayerReading| layer.update_norm / layer.weight_norm;
    let updates = trace.by_step().filter(|(reading, _)| reading.step < diverged_at);
    let largest = updates.rev().find_map(|(reading, rows)| {
        let (at, layer) = rows.iter().enumerate().max_by(|a, b| relative(a.1).total_cmp(&relative(b.1)))?;
        let ratio = relative(layer);
        ratio.is_finite().then_some((reading.step, Evidence::Update { layer: at + 1, ratio, diverged_at }))
    });
    match largest {
        Some((step, evidence)) => Why { cause: Cause::LearningRate, step, evidence },
        None => Why::overflow(diverged_at),
    }
}

#[cfg(test)]
mod tests;
