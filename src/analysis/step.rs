//! A traced step as analysis sees it: the readings of all layers and, for a recurrent net, those of the top layer
//! through time.

use super::Verdict;
use crate::metric::{GateReading, LayerReading, TimeReading, gradient_decades, time_decades};
use crate::nn::ModelKind;
use crate::trace::{ThroughTime, Trace};

/// What was read at one traced step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    /// Its number.
    pub(super) number: usize,
    /// Layers 1, .., L, head.
    pub(super) rows: &'a [LayerReading],
    pub(super) time: Option<Time<'a>>,
}

/// The readings of a recurrent net's top layer through time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time<'a> {
    pub(super) kind: ModelKind,
    /// The time steps t = 1, .., T.
    pub(super) times: &'a [TimeReading],
    pub(super) first_answer: usize,
    /// The readings of the gates, in the order of [`ModelKind::gates`].
    pub(super) gates: &'a [GateReading],
}

/// Why a traced step tells nothing of the way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// A gradient of this layer, or an error at one of its time steps, is NaN or infinite; from 1, the head is L + 1.
    NotFinite {
        /// The lowest such layer.
        layer: usize,
    },
    /// No error comes from the loss: every gradient is 0.
    Silent,
}

/// Says why the traced step at a position tells nothing of the way back; none where it tells something.
pub fn untold(trace: &Trace, position: usize) -> Option<Untold> {
    let per_step = trace.layers_per_step();
    let rows = &trace.layers[position * per_step..(position + 1) * per_step];
    let hidden = per_step.saturating_sub(1);
    let time_is_finite = |l: usize| {
        let Some(time) = trace.through_time.as_ref().filter(|_| l < hidden) else { return true };
        time.times(position, hidden).nth(l).is_none_or(|times| times.iter().all(|r| r.status.is_finite()))
    };
    let broken = (0..per_step).find(|&l| !rows[l].status.is_finite() || !time_is_finite(l));
    match broken {
        Some(l) => Some(Untold::NotFinite { layer: l + 1 }),
        None => is_silent(rows).then_some(Untold::Silent),
    }
}

/// Whether nothing comes back from the loss. Without `delta_rms`, as in traces of other programs, the gradients tell.
fn is_silent(rows: &[LayerReading]) -> bool {
    match rows.last().map_or(f64::NAN, |head| head.log10_delta_rms) {
        delta if delta.is_nan() => rows.iter().all(|row| row.log10_grad_norm == f64::NEG_INFINITY),
        delta => delta == f64::NEG_INFINITY,
    }
}

/// Finds the last of a run's traced steps that tells something of the way back, or else the last with finite gradients.
/// Returns its position; none where no step has finite gradients.
pub fn last_telling_step(trace: &Trace) -> Option<usize> {
    let last = Step::finite(trace).last()?.number;
    trace.steps.iter().position(|reading| reading.step == last)
}

impl<'a> Step<'a> {
    /// Returns the traced steps at which all gradients are finite, those of every layer and time step.
    pub(super) fn finite(trace: &'a Trace) -> Vec<Self> {
        let told: Vec<Option<Untold>> = (0..trace.steps.len()).map(|i| untold(trace, i)).collect();
        // A batch that was answered perfectly sends nothing back and says nothing about the way back, so such steps
        // count only where there are no others.
        let sends = told.contains(&None);
        let is_taken = |untold: &Option<Untold>| match untold {
            None => true,
            Some(Untold::Silent) => !sends,
            Some(Untold::NotFinite { .. }) => false,
        };
        let taken = told.iter().enumerate().filter(|(_, untold)| is_taken(untold));
        taken.map(|(i, _)| Self::at(trace, i)).collect()
    }

    /// Returns step 0, where it tells something of the way back: what holds at initialisation is read there and nowhere
    /// else.
    pub(super) fn initial(trace: &'a Trace) -> Option<Self> {
        let is_first = trace.steps.first().is_some_and(|reading| reading.step == 0);
        (is_first && untold(trace, 0).is_none()).then(|| Self::at(trace, 0))
    }

    /// Returns the number of the last traced step, if its gradients are not finite.
    pub(super) fn broken_end(trace: &Trace) -> Option<usize> {
        let last = trace.steps.len().checked_sub(1)?;
        matches!(untold(trace, last), Some(Untold::NotFinite { .. })).then(|| trace.steps[last].step)
    }

    /// Returns the traced step at a position.
    fn at(trace: &'a Trace, position: usize) -> Self {
        let per_step = trace.layers_per_step();
        let rows = &trace.layers[position * per_step..(position + 1) * per_step];
        let time = trace.through_time.as_ref().map(|time| Time::of(time, position, per_step - 1));
        Self { number: trace.steps[position].step, rows, time }
    }

    /// Returns layers 1, .., L.
    pub(super) fn hidden(&self) -> &'a [LayerReading] {
        &self.rows[..self.rows.len() - 1]
    }

    /// Returns a metric of the top layer's time steps up to the first answer; NaN for a feed-forward net.
    pub(super) fn through_time(&self, metric: fn(&[TimeReading], usize) -> f64) -> f64 {
        self.time.map_or(f64::NAN, |time| metric(time.times, time.first_answer))
    }

    /// Whether the error grows too much on its way back, whatever else ails the layers.
    pub(super) fn explodes(&self) -> bool {
        let decades = [gradient_decades(self.hidden()), self.through_time(time_decades)];
        decades.into_iter().any(|decades| Verdict::of_decades(decades) == Some(Verdict::Exploding))
    }

    pub(super) fn verdict(&self) -> Verdict {
        Verdict::of_step(self.hidden(), self.through_time(time_decades))
    }
}

impl<'a> Time<'a> {
    /// Returns the readings of traced step number `i` (from 0) of a net of so many layers.
    fn of(time: &'a ThroughTime, i: usize, layers: usize) -> Self {
        const HIDDEN: &str = "a net has a hidden layer";
        let times = time.times(i, layers).next_back().expect(HIDDEN);
        let gates = time.gates(i, layers).next_back().expect(HIDDEN);
        Self { kind: time.kind, times, first_answer: time.first_answer, gates }
    }
}
