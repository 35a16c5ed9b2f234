//! Why a run is sick: which part of the way back takes most of the error, or adds most to it, where and how much.
//!
//! | code | which runs | what it says |
//! |---|---|---|
//! | none | those that learned and are not sick, and failed ones | |
//! | activation, weights, norm | exploding or vanishing, without residual connections | the part whose gain, on average over the steps from layer L to layer 1, is the largest in the verdict's direction; a norm counts with the weights that it undoes |
//! | branches | exploding or vanishing, with residual connections | what the branches bring is too much beside the stream, or cancels it |
//! | recurrence | exploding or vanishing through time | one derivative per time step |
//! | stack | a recurrent net, across its layers | |
//! | underflow | vanishing, with no layer left whose gains are numbers | the precision cannot hold the error |
//! | dead_units | dead | units whose derivative is 0, of the highest such layer |
//! | zero_weights | dead | weights that are all 0 |
//! | saturation | saturated, and no traced step before exploded | the most saturated layer |
//! | learning_rate | diverged, after a step as large as the weights, or where a smaller rate alone does not diverge | |
//! | overflow | no loss, or no gradient, was ever finite, or no gradient of the last traced step | where the first NaN or infinity arose |
//! | small_steps, few_steps, small_gradients, large_steps, random_labels, unexplained | not sick, and did not learn | see [`not_learned`] |
//!
//! A diverged run has the cause of what left the healthy band first among its traced steps: the error through time, the
//! error across layers, or the size of a step beside the weights. A run that saturates or vanishes at the end has the
//! same cause if that happened before. The names of activations are not known here: `sentence` puts them in.

mod broken;
mod not_learned;
mod way_back;
mod why;

pub use broken::{Broken, BrokenPlace};
pub use why::{Cause, Evidence, NotLearned, PerLayer, Why};

use super::Verdict;
use super::step::Step;
use super::verdict::{is_dead, is_saturated};
use crate::metric::LayerReading;
use crate::trace::Trace;
use way_back::way_back;

impl Why {
    /// Finds the cause for a run with that verdict, from its traced steps with finite gradients.
    pub(super) fn of(verdict: Verdict, finite: &[Step<'_>], trace: &Trace, learned: bool) -> Self {
        let broken = Broken::first(trace);
        let Some(last) = finite.last() else { return Self::overflow(broken) };
        match verdict {
            Verdict::Recovered | Verdict::Healthy if learned => Self::NONE,
            Verdict::Recovered | Verdict::Healthy => not_learned::why(finite, trace),
            Verdict::Dead => dead(last),
            Verdict::Saturated => came_before(verdict, finite).unwrap_or_else(|| saturated(last)),
            Verdict::Exploding if last.verdict() != verdict => Self::overflow(broken),
            Verdict::Exploding => way_back(verdict, last),
            Verdict::Vanishing => came_before(verdict, finite).unwrap_or_else(|| way_back(verdict, last)),
            Verdict::Diverged => diverged(finite, trace, broken),
        }
    }

    /// Blames the rate of a run that diverged and does not at this smaller one.
    pub fn with_smaller_rate(self, rate: f64) -> Self {
        Self { cause: Cause::LearningRate, evidence: Evidence::SmallerRate(rate), ..self }
    }

    /// Says that the run's labels tell nothing of its inputs.
    pub fn of_random_labels(self) -> Self {
        Self { cause: Cause::RandomLabels, evidence: Evidence::NotLearned(NotLearned::RandomLabels), ..self }
    }

    /// Returns the factor on the learning rate that would move the weights far enough, where steps were too small.
    pub fn rate_factor(&self) -> Option<f64> {
        match self.evidence {
            Evidence::NotLearned(NotLearned::SmallSteps { factor, .. }) if factor.is_finite() => Some(factor),
            _ => None,
        }
    }

    fn overflow(broken: Option<Broken>) -> Self {
        let step = broken.map_or(0, |broken| broken.step);
        Self { cause: Cause::Overflow, step, broken, ..Self::NONE }
    }
}

/// Blames the highest layer that is dead: those below it get nothing because of it.
fn dead(step: &Step<'_>) -> Why {
    let hidden = step.hidden();
    let at = hidden.iter().rposition(is_dead).expect("a dead net has a dead layer");
    let above = &step.rows[at + 1];
    let (cause, evidence) = if above.weight_norm == 0.0 {
        (Cause::ZeroWeights, Evidence::Weights(at + 2))
    } else {
        (Cause::DeadUnits, Evidence::Units { layer: at + 1, share: hidden[at].zero_fraction })
    };
    Why::at(step, cause, evidence)
}

fn saturated(step: &Step<'_>) -> Why {
    let layers = step.hidden().iter().enumerate().filter(|(_, layer)| is_saturated(layer));
    let most = layers.max_by(|a, b| a.1.saturated_fraction.total_cmp(&b.1.saturated_fraction));
    let (at, layer) = most.expect("a saturated net has a saturated layer");
    let evidence = Evidence::Units { layer: at + 1, share: layer.saturated_fraction };
    Why::at(step, Cause::Saturation, evidence)
}

/// Finds what left the healthy band before a net came to its verdict: an error that explodes on its way back, or a step
/// that is too large.
fn came_before(verdict: Verdict, finite: &[Step<'_>]) -> Option<Why> {
    let why = left_first(finite.iter().take_while(|step| step.verdict() != verdict))?;
    Some(Why { came_before: true, ..why })
}

/// Finds the first of these steps that leaves the healthy band. The step is made of the same gradient as the
/// error, so the error is looked at first.
fn left_first<'a>(mut steps: impl Iterator<Item = &'a Step<'a>>) -> Option<Why> {
    steps.find_map(|step| {
        if step.explodes() {
            return Some(way_back(Verdict::Exploding, step));
        }
        update(step).filter(|(_, ratio)| *ratio > TOO_LARGE).map(|largest| step_too_large(step, largest))
    })
}

/// A step is too large above this share of the weights' norm.
const TOO_LARGE: f64 = 1.0;

/// The largest such share in a run that goes well, apart from its first steps.
const NOTABLE: f64 = 0.1;

/// Blames what left the healthy band first, or else a last step that was large.
fn diverged(finite: &[Step<'_>], trace: &Trace, broken: Option<Broken>) -> Why {
    let is_before = |step: &&Step<'_>| trace.outcome.diverged_at.is_none_or(|end| step.number < end);
    let mut before = finite.iter().filter(is_before);
    let left = left_first(before.clone());
    let last = before.next_back().and_then(|step| {
        let largest = update(step).filter(|(_, ratio)| *ratio > NOTABLE)?;
        Some(step_too_large(step, largest))
    });
    match left.or(last) {
        Some(why) => Why { broken, ..why },
        None => Why::overflow(broken),
    }
}

/// Returns the layer whose weights a step changed most, from 1, and by what share of their norm.
fn update(step: &Step<'_>) -> Option<(usize, f64)> {
    let relative = step.rows.iter().map(LayerReading::relative_update).enumerate();
    let largest = relative.filter(|(_, ratio)| ratio.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some((largest.0 + 1, largest.1))
}

fn step_too_large(step: &Step<'_>, (layer, ratio): (usize, f64)) -> Why {
    Why::at(step, Cause::LearningRate, Evidence::Update { layer, ratio })
}

#[cfg(test)]
mod tests;
