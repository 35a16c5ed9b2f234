//! A traced step as analysis sees it: the readings of all layers and, of a recurrent net, of the top one through time.

use super::Verdict;
use crate::metric::{GateReading, LayerReading, TimeReading, time_decades};
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

/// Of a recurrent net the top layer through time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time<'a> {
    pub(super) kind: ModelKind,
    /// t = 1, .., T.
    pub(super) times: &'a [TimeReading],
    pub(super) first_answer: usize,
    /// In the order of [`ModelKind::gates`].
    pub(super) gates: &'a [GateReading],
}

/// Of a run, the positions among its traced steps of the two that its summary is taken from: the first and the last with
/// finite gradients. None where there is no such step.
pub fn telling_steps(trace: &Trace) -> Option<[usize; 2]> {
    let finite = Step::finite(trace);
    let position = |step: &Step<'_>| trace.steps.iter().position(|reading| reading.step == step.number);
    Some([position(finite.first()?)?, position(finite.last()?)?])
}

impl<'a> Step<'a> {
    /// The traced steps at which all gradients are finite, those of every layer and time step.
    pub(super) fn finite(trace: &'a Trace) -> Vec<Self> {
        let layers = trace.layers_per_step().saturating_sub(1);
        let is_finite = |i: usize, rows: &[LayerReading]| {
            let all_times = |time: &ThroughTime| time.times(i, layers).flatten().all(|r| r.status.is_finite());
            rows.iter().all(|r| r.status.is_finite()) && trace.through_time.as_ref().is_none_or(all_times)
        };
        let mut finite: Vec<Self> = Vec::new();
        for (i, (reading, rows)) in trace.by_step().enumerate() {
            if is_finite(i, rows) {
                let time = trace.through_time.as_ref().map(|time| Time::of(time, i, layers));
                finite.push(Self { number: reading.step, rows, time });
            }
        }
        // A batch that was answered perfectly sends nothing back and says nothing about the way back, so such steps
        // count only where there are no others.
        let sends = |step: &Self| step.rows.last().is_some_and(|head| head.delta_rms > 0.0);
        if finite.iter().any(sends) {
            finite.retain(sends);
        }
        finite
    }

    /// Layers 1, .., L.
    pub(super) fn hidden(&self) -> &'a [LayerReading] {
        &self.rows[..self.rows.len() - 1]
    }

    /// A metric of the top layer's time steps up to the first answer; NaN for a feed-forward net.
    pub(super) fn through_time(&self, metric: fn(&[TimeReading], usize) -> f64) -> f64 {
        self.time.map_or(f64::NAN, |time| metric(time.times, time.first_answer))
    }

    pub(super) fn verdict(&self) -> Verdict {
        Verdict::of_step(self.hidden(), self.through_time(time_decades))
    }
}

impl<'a> Time<'a> {
    /// Of traced step number `i` (from 0) of a net of so many layers.
    fn of(time: &'a ThroughTime, i: usize, layers: usize) -> Self {
        const HIDDEN: &str = "a net has a hidden layer";
        let times = time.times(i, layers).next_back().expect(HIDDEN);
        let gates = time.gates(i, layers).next_back().expect(HIDDEN);
        Self { kind: time.kind, times, first_answer: time.first_answer, gates }
    }
}
