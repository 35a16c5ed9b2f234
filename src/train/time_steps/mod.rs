//! Reads the time steps and gates of a recurrent net at a traced step.

use crate::kernels::{Real, all_zero};
use crate::metric::{
    GateReading, LayerReading, RowStatus, TimeReading, least_rms, owes_gradient, read_gate, read_time, settle_times,
};
use crate::nn::{Activation, Buffers, ModelKind, Network};
use crate::spec::Precision;
use crate::trace::ThroughTime;

/// The readings so far.
#[derive(Debug)]
pub(super) struct TimeSteps<F> {
    layers: usize,
    kind: ModelKind,
    length: usize,
    first_answer: usize,
    /// Readings by step, layer and time step.
    times: Vec<TimeReading>,
    /// Readings by step, layer and gate.
    gates: Vec<GateReading>,
    /// The ways by layer and time step, of the step that is being read.
    ways: Vec<Ways>,
    /// Whether all of dLoss/dW_h is zero, by layer.
    idle: Vec<bool>,
    /// Where the readings of the step begin that is being read.
    start: usize,
    /// A gate's arguments and its values.
    arguments: Vec<F>,
    values: Vec<F>,
}

/// The ways of the derivatives to and from one time step of a layer, as mathematics has them.
#[derive(Debug, Clone, Copy, Default)]
struct Ways {
    /// Whether not all slopes between h_t and z_t are 0.
    has_slope: bool,
    /// Whether something of the derivatives gets to h_{t-1}.
    passes: bool,
    /// Whether no derivative comes from the layer above because slopes on its way to z_t were too small there.
    lost_above: bool,
}

/// What the gates of a layer say of it, over batch, units and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct GatesRead {
    /// The mean of the gates' shares of saturated values.
    pub(super) saturated_fraction: f64,
    /// Whether the arguments of all candidates for the state are 0.
    pub(super) candidates_are_zero: bool,
}

impl<F: Real> TimeSteps<F> {
    /// Prepares to read a net of `layers` layers of this kind at `steps` traced steps, for batches of sequences of
    /// `length` time steps of which the last `answers` are answered.
    pub(super) fn new(kind: ModelKind, layers: usize, (length, answers): (usize, usize), steps: usize) -> Self {
        Self {
            layers,
            kind,
            length,
            first_answer: length - answers + 1,
            times: Vec::with_capacity(steps * layers * length),
            gates: Vec::with_capacity(steps * layers * kind.gates().len()),
            ways: vec![Ways::default(); layers * length],
            idle: vec![false; layers],
            start: 0,
            arguments: vec![],
            values: vec![],
        }
    }

    /// Reads site `l` once its backward is done, from L down to 1; returns what its gates say, where it has any.
    pub(super) fn read(
        &mut self,
        l: usize,
        examples: usize,
        net: &Network<F>,
        buffers: &Buffers<F>,
    ) -> Option<GatesRead> {
        const UNREAD: TimeReading = TimeReading {
            dh_rms: 0.0,
            dc_rms: 0.0,
            h_rms: 0.0,
            log10_dh_rms: f64::NEG_INFINITY,
            log10_state_rms: f64::NEG_INFINITY,
            status: RowStatus::Ok,
        };
        let at = net.states(l, buffers)?;
        let gates = at.cell.gates();
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
        let weighs = !all_zero(at.w_h);
        self.idle[l - 1] = all_zero(at.dw_h);
        let above_weighs = l < self.layers && !net.weights(l + 1).next().is_none_or(all_zero);
        for t in 1..=self.length {
            let slot = (l - 1) * self.length + t - 1;
            let reading = read_time((at.dh_at(t), at.dc_at(t)), at.exponents[t], at.h_at(t), examples);
            let (has_slope, passes) = (at.has_slope(t), at.passes(t, weighs));
            let lost_above = reading.log10_dh_rms == f64::NEG_INFINITY && above_weighs && {
                let above = slot + self.length;
                self.times[self.start + above].sends() && self.ways[above].has_slope
            };
            self.times[self.start + slot] = reading;
            self.ways[slot] = Ways { has_slope, passes, lost_above };
        }
        let mut candidates_are_zero = false;
        let mut saturated = 0.0;
        for (gate, phi) in gates.iter().enumerate() {
            at.gate_arguments(gate, &mut self.arguments);
            self.values.resize(self.arguments.len(), F::zero());
            phi.forward(&self.arguments, F::zero(), &mut self.values);
            // The one gate with tanh.
            candidates_are_zero |= *phi == Activation::Tanh && all_zero(&self.arguments);
            let share = phi.saturated_fraction(&self.arguments);
            self.gates[first_gate + gate] = read_gate(std::iter::once(self.values.as_slice()), share);
            saturated += share;
        }
        let saturated_fraction = saturated / gates.len() as f64;
        (!gates.is_empty()).then_some(GatesRead { saturated_fraction, candidates_are_zero })
    }

    /// Whether somewhere in layer number `l`, from 0, the derivative of an h_t that has one meets a slope, or none has
    /// one.
    pub(super) fn has_slope(&self, l: usize) -> bool {
        let layer = l * self.length..(l + 1) * self.length;
        let times = self.times[self.start..][layer.clone()].iter().zip(&self.ways[layer]);
        let mut sending = times.filter(|(time, _)| time.sends()).peekable();
        sending.peek().is_none() || sending.any(|(_, ways)| ways.has_slope)
    }

    /// Ends a step, once all its layers were read. `rows` are their readings, the head's last, settled but for what
    /// time steps tell of them: a layer whose W_h ought to have a gradient and has none underflows.
    pub(super) fn end_step(&mut self, rows: &mut [LayerReading], precision: Precision) {
        let head = rows.last().expect("a net has a head").status;
        let times = &mut self.times[self.start..];
        let (length, first_answer) = (self.length, self.first_answer);
        for l in (1..=self.layers).rev() {
            let ways = &self.ways[(l - 1) * length..];
            let (up_to, above) = times.split_at_mut(l * length);
            let lost_above = |t: usize| match above.get(t - 1) {
                Some(above) => above.status == RowStatus::Underflow || ways[t - 1].lost_above,
                None => head == RowStatus::Underflow && t >= first_answer,
            };
            let times = &mut up_to[(l - 1) * length..];
            settle_times(times, least_rms::<F>(), lost_above, |t| ways[t - 1].passes);
            let row = &mut rows[l - 1];
            if self.idle[l - 1] && row.status.is_finite() && owes_gradient(times, |t| ways[t - 1].has_slope) {
                row.status = RowStatus::Underflow;
            }
        }
        for reading in times {
            *reading = reading.recorded(|x| precision.recorded(x));
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

#[cfg(test)]
mod tests;
