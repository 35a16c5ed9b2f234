//! Reads the time steps and gates of a recurrent net at a traced step.

use crate::kernels::{Real, norm};
use crate::metric::{GateReading, RowStatus, TimeReading, least_rms, read_gate, read_time, settle_times};
use crate::nn::{Cell, ModelKind, Recurrent, RecurrentCache};
use crate::spec::Precision;
use crate::trace::ThroughTime;

/// The readings so far.
#[derive(Debug)]
pub(super) struct TimeSteps<F> {
    layers: usize,
    kind: ModelKind,
    length: usize,
    first_answer: usize,
    /// By step, layer and time step, and by step, layer and gate.
    times: Vec<TimeReading>,
    gates: Vec<GateReading>,
    /// By layer and time step: whether mathematics lets a derivative through.
    passes: Vec<bool>,
    /// Where the readings of the step begin that is being read.
    start: usize,
    /// A gate's arguments and its values.
    arguments: Vec<F>,
    values: Vec<F>,
}

impl<F: Real> TimeSteps<F> {
    /// Will read a net of so many layers of this kind at `steps` traced steps, for batches of sequences of `length` time
    /// steps of which the last `answers` are answered.
    pub(super) fn new(kind: ModelKind, layers: usize, (length, answers): (usize, usize), steps: usize) -> Self {
        Self {
            layers,
            kind,
            length,
            first_answer: length - answers + 1,
            times: Vec::with_capacity(steps * layers * length),
            gates: Vec::with_capacity(steps * layers * kind.gates().len()),
            passes: vec![false; layers * length],
            start: 0,
            arguments: vec![],
            values: vec![],
        }
    }

    /// Reads layer `l` once its backward is done, from L down to 1; returns the share of saturated values over all
    /// gates.
    pub(super) fn read(&mut self, l: usize, net: &Recurrent<F>, cache: &RecurrentCache<F>) -> f64 {
        const UNREAD: TimeReading = TimeReading { dh_rms: 0.0, dc_rms: 0.0, h_rms: 0.0, status: RowStatus::Ok };
        let gates = net.cell().gates();
        let first_gate = if l == self.layers {
            self.start = self.times.len();
            self.times.resize(self.start + self.layers * self.length, UNREAD);
            self.gates.resize(
                self.gates.len() + self.layers * gates.len(),
                GateReading { mean: 0.0, saturated_fraction: 0.0 },
            );
            self.gates.len() - gates.len()
        } else {
            self.gates.len() - (self.layers - l + 1) * gates.len()
        };
        let (layer, at) = (&net.layers[l - 1], &cache.layers[l - 1]);
        let examples = cache.shape().examples;
        let weighs = net_weight(layer) > 0.0;
        let entries = at.z().len() / self.length;
        for t in 1..=self.length {
            let slot = (l - 1) * self.length + t - 1;
            self.times[self.start + slot] = read_time(at.dh_at(t), at.dc_at(t), at.h_at(t), examples);
            let is_flat = match net.cell() {
                Cell::Rnn(phi) => phi.zero_fraction(&at.z()[(t - 1) * entries..][..entries], layer.slope()) >= 1.0,
                Cell::Lstm | Cell::Gru => false,
            };
            self.passes[slot] = weighs && !is_flat;
        }
        let mut saturated = 0.0;
        for (gate, phi) in gates.iter().enumerate() {
            at.gate_arguments(gate, &mut self.arguments);
            self.values.resize(self.arguments.len(), F::zero());
            phi.forward(&self.arguments, F::zero(), &mut self.values);
            let share = phi.saturated_fraction(&self.arguments);
            self.gates[first_gate + gate] = read_gate(std::iter::once(self.values.as_slice()), share);
            saturated += share;
        }
        if gates.is_empty() { 0.0 } else { saturated / gates.len() as f64 }
    }

    /// To be called when all layers of a step were read; `head` is the state of the head's gradient.
    pub(super) fn end_step(&mut self, head: RowStatus, precision: Precision) {
        let times = &mut self.times[self.start..];
        let (length, first_answer, passes) = (self.length, self.first_answer, &self.passes);
        for l in (1..=self.layers).rev() {
            let (up_to, above) = times.split_at_mut(l * length);
            let lost_above = |t: usize| match above.get(t - 1) {
                Some(above) => above.status == RowStatus::Underflow,
                None => head == RowStatus::Underflow && t >= first_answer,
            };
            let layer = (l - 1) * length;
            settle_times(&mut up_to[layer..], least_rms::<F>(), lost_above, |t| passes[layer + t - 1]);
        }
        for reading in times {
            for x in [&mut reading.dh_rms, &mut reading.dc_rms, &mut reading.h_rms] {
                *x = precision.recorded(*x);
            }
        }
        let gates = self.layers * self.kind.gates().len();
        let first_gate = self.gates.len() - gates;
        for reading in &mut self.gates[first_gate..] {
            reading.mean = precision.recorded(reading.mean);
            reading.saturated_fraction = precision.recorded(reading.saturated_fraction);
        }
    }

    pub(super) fn into_readings(self) -> ThroughTime {
        let Self { kind, length, first_answer, times, gates, .. } = self;
        ThroughTime { kind, length, first_answer, times, gates }
    }
}

/// The norm of W_h, through which one time step reaches the one before.
fn net_weight<F: Real>(layer: &crate::nn::RecurrentLayer<F>) -> f64 {
    norm(layer.w_h.as_slice().expect("arrays of a net are row-major"))
}
