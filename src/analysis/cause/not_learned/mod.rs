//! Why a net that is not sick did not learn, by what its trace shows.
//!
//! | code | when | what helps |
//! |---|---|---|
//! | random_labels | `data.source` is `noise` | other data |
//! | large_steps | some hidden layer moved further than its own norm, or a step changed a tenth of it on average, and the loss rises and falls without falling on the whole | a tenth of the learning rate |
//! | few_steps | the loss falls, so that it would reach the threshold within ten times as many steps, and the weights have moved | ten times as many steps |
//! | small_gradients | no hidden layer moved by a tenth of its norm, and the signal of layer L is less than a tenth of that of layer 1, so that all gradients are small alike | an init with a larger gain |
//! | small_steps | no hidden layer moved by a tenth of its norm | a rate with which one would move by about its norm |
//! | unexplained | none of these | |
//!
//! The first row that holds is the cause. The loss falls where the slope of a line through the losses of the traced
//! steps is more than three of its standard errors below 0. A loss above that of chance counts as chance: what falls
//! from a bad start to chance has not begun to learn.

use super::why::{Evidence, NotLearned, Why};
use crate::analysis::step::Step;
use crate::analysis::verdict::LEARNED_BELOW;
use crate::kernels::{exp10, log10, sqrt};
use crate::metric::LayerReading;
use crate::stats::mean;
use crate::trace::{StepReading, Trace};

/// Weights that moved further than their own norm have nothing left of the init; steps that do so are too large.
const FAR: f64 = 1.0;

/// A step that changes this share of the weights' norm on average is too large as well.
const LARGE_STEP: f64 = 0.1;

/// Weights that moved less than this share of their norm learn only what a kernel of the initial net would.
const NEAR: f64 = 0.1;

/// Weights that moved less than this share did not move at all: a fall of the loss then tells nothing of a longer run.
const AT_ALL: f64 = 0.01;

/// How far nets that learned had moved, in their norm, to a factor of three.
const ENOUGH: f64 = 1.0;

/// Ten times as many steps are worth trying, and more are another experiment.
const LONGER: f64 = 10.0;

/// How many standard errors below 0 a slope must be to count.
const CERTAIN: f64 = 3.0;

/// A signal has faded when that of layer L is below this share of layer 1's.
const FADED: f64 = 0.1;

/// Explains a run whose last traced step is not sick.
pub(super) fn why(finite: &[Step<'_>], trace: &Trace) -> Why {
    let shows = shows(finite, trace);
    let step = finite.last().map_or(0, |step| step.number);
    Why { cause: shows.cause(), step, evidence: Evidence::NotLearned(shows), ..Why::NONE }
}

fn shows(finite: &[Step<'_>], trace: &Trace) -> NotLearned {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.filter(|x| x.is_finite()).fold(f64::NAN, f64::max);
    let hidden = match trace.by_step().next_back() {
        Some((_, [hidden @ .., _])) => hidden,
        _ => &[],
    };
    let moved = largest(&mut hidden.iter().map(|row| row.moved));
    let relative_update = largest(&mut (0..hidden.len()).map(|l| mean_update(finite, l)));
    let threshold = LEARNED_BELOW * trace.outcome.loss_of_chance;
    let fall = Fall::of(trace);
    let falls = fall.is_some_and(|fall| fall.is_certain());
    if (moved > FAR || relative_update > LARGE_STEP) && !falls {
        let losses: Vec<f64> = second_half(trace).iter().map(|step| step.loss).collect();
        let rises = losses.windows(2).any(|pair| pair[1] > pair[0]);
        let losses = (losses.iter().copied().fold(f64::NAN, f64::min), losses.iter().copied().fold(f64::NAN, f64::max));
        // Of fewer losses nobody knows whether they fall.
        return if fall.is_some() && rises {
            NotLearned::LargeSteps { moved, relative_update, losses }
        } else {
            NotLearned::Unexplained
        };
    }
    if let Some(fall) = fall.filter(|_| falls && moved > AT_ALL) {
        let learned_at = fall.reaches(threshold);
        if learned_at < LONGER * fall.steps {
            let is_ahead = learned_at > fall.steps;
            return NotLearned::FewSteps { learned_at: is_ahead.then_some(learned_at) };
        }
    }
    if moved > NEAR || moved.is_nan() {
        return NotLearned::Unexplained;
    }
    let signal = signal(trace);
    if signal < FADED {
        return NotLearned::SmallGradients { signal, relative_update };
    }
    NotLearned::SmallSteps { moved, factor: power_of_ten(ENOUGH / moved) }
}

/// Returns the second half of the traced steps, where a bad start is over.
fn second_half(trace: &Trace) -> &[StepReading] {
    &trace.steps[trace.steps.len() / 2..]
}

/// Returns the mean of the relative updates of layer number `l`, from 0.
fn mean_update(finite: &[Step<'_>], l: usize) -> f64 {
    mean(finite.iter().map(|step| step.rows[l].relative_update()))
}

/// Returns how much of the signal of layer 1 is left in layer L at the first traced step, before the head.
fn signal(trace: &Trace) -> f64 {
    let Some((_, [hidden @ .., _])) = trace.by_step().next() else { return f64::NAN };
    let rms = |row: &LayerReading| sqrt(row.act_mean * row.act_mean + row.act_std * row.act_std);
    match hidden {
        [first, .., last] => rms(last) / rms(first),
        _ => f64::NAN,
    }
}

/// Returns the nearest power of ten; what is not finite stays as it is.
fn power_of_ten(x: f64) -> f64 {
    let exponent = log10(x).round();
    if exponent.is_finite() { exp10(exponent) } else { x }
}

/// A line through the losses of the traced steps, where those above chance count as chance.
#[derive(Debug, Clone, Copy)]
struct Fall {
    /// Steps of the run, of which the last is traced.
    steps: f64,
    /// The slope per step.
    slope: f64,
    /// The standard error of the slope.
    standard_error: f64,
    /// The line's loss at the last step.
    end: f64,
}

impl Fall {
    /// Fits the line; none where the traced steps are too few to tell a slope from chance.
    fn of(trace: &Trace) -> Option<Self> {
        let chance = trace.outcome.loss_of_chance;
        let points: Vec<(f64, f64)> = trace.steps.iter().map(|at| (at.step as f64, at.loss.min(chance))).collect();
        let n = points.len() as f64;
        let last = points.last()?.0;
        if points.len() < 6 {
            return None;
        }
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
        let (x, y) = (mean(|p| p.0), mean(|p| p.1));
        let spread: f64 = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum();
        let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread;
        let residual: f64 = points.iter().map(|p| p.1 - y - slope * (p.0 - x)).map(|r| r * r).sum();
        let standard_error = sqrt(residual / (n - 2.0) / spread);
        Some(Self { steps: last + 1.0, slope, standard_error, end: y + slope * (last - x) })
    }

    fn is_certain(&self) -> bool {
        self.slope < -CERTAIN * self.standard_error
    }

    /// Returns the step at which the line reaches a loss; the last step where it is below the loss already.
    fn reaches(&self, loss: f64) -> f64 {
        self.steps - 1.0 + ((loss - self.end) / self.slope).max(0.0)
    }
}

#[cfg(test)]
mod tests;
