//! Reads every layer at a traced step: what the gradient is before the update, and what the update then changed.

use super::origin::Origin;
use super::time_steps::TimeSteps;
use super::workspace::Room;
use crate::kernels::{Magnitude, Real, WeightChange, all_zero, largest_magnitude, norm};
use crate::metric::{
    Gains, LayerReading, WayBack, least_rms, norm_of_norms, read_activation, read_gradient, read_logits,
    recorded_log10, settle_underflow,
};
use crate::nn::{Buffers, Errors, GainOf, Loss, Network, Probe};
use crate::spec::Precision;
use crate::trace::ThroughTime;

/// The readings so far, and the weights as they were before the update that is being measured.
#[derive(Debug)]
pub(super) struct Measure<'a, F> {
    precision: Precision,
    /// Room for a W as it was before its update.
    before: &'a mut Vec<F>,
    origin: Origin<'a, F>,
    /// What the update changed in every W of the layer that is being updated.
    changes: Vec<WeightChange>,
    /// The norm of every dLoss/dW of the layer that was read last, and its number of entries.
    gradients: Vec<(Magnitude, usize)>,
    /// The errors between the site that is being read and the one above.
    errors: ErrorNorms,
    /// `delta_rms` of the layer that was read last.
    above: Magnitude,
    /// Whether a layer's activations are 0 and its arguments, or its gates, too small; one per layer of the step that is
    /// being read, layer 1 first.
    are_small: Vec<bool>,
    /// The readings of each step, and within it of layers 1, .., L, head.
    readings: Vec<LayerReading>,
    /// Where the step that is being read begins.
    start: usize,
    /// The readings of a recurrent net's time steps and gates.
    time_steps: Option<TimeSteps<F>>,
}

impl<'a, F: Real> Measure<'a, F> {
    /// Prepares to read `net` at `steps` traced steps. There is room for the weights of a layer, and for those of all.
    pub(super) fn new(
        net: &Network<F>,
        precision: Precision,
        steps: usize,
        Room { before, origin }: &'a mut Room<F>,
        time_steps: Option<TimeSteps<F>>,
    ) -> Self {
        let layers = net.hidden_layers() + 1;
        let largest = (1..=layers).flat_map(|l| net.weights(l)).map(<[F]>::len).max();
        let most_weights = (1..=layers).map(|l| net.count_weights(l)).max().unwrap_or(0);
        before.resize(largest.unwrap_or(0), F::zero());
        Self {
            precision,
            before,
            origin: Origin::of(net, origin),
            changes: Vec::with_capacity(most_weights),
            gradients: Vec::with_capacity(most_weights),
            errors: ErrorNorms::default(),
            above: Magnitude::from(f64::NAN),
            are_small: vec![false; layers],
            readings: Vec::with_capacity(steps * layers),
            start: 0,
            time_steps,
        }
    }

    /// Returns what looks at the errors while the way back comes to a site, before the site is read.
    pub(super) fn errors(&mut self) -> &mut ErrorNorms {
        &mut self.errors
    }

    /// Reads layer `l` when its gradients are there, before they are clipped.
    pub(super) fn read(&mut self, l: usize, examples: usize, net: &Network<F>, buffers: &Buffers<F>) {
        self.gradients.clear();
        self.gradients.extend(net.weight_gradients(l, buffers).map(|(dw, exponent)| {
            let entries = norm(dw);
            (Magnitude { entries, exponent }, dw.len())
        }));
        let (activity, delta) = (net.units(l, buffers), net.error_rms(l, buffers));
        let is_head = l > net.hidden_layers();
        let gates = self.time_steps.as_mut().and_then(|time_steps| time_steps.read(l, examples, net, buffers));
        let mut units = match activity.phi {
            Some((phi, slope, u)) => read_activation(phi, slope, u, activity.h),
            None => read_logits(activity.h),
        };
        if let Some(gates) = gates {
            units.saturated_fraction = gates.saturated_fraction;
        }
        let (are_small, none) = match (activity.phi, gates) {
            (Some((_, _, u)), _) => (are_small(u), all_zero(u)),
            // Only their factors, the gates, can make 0 of candidates that are not.
            (None, Some(gates)) => (true, gates.candidates_are_zero),
            (None, None) => (false, false),
        };
        // Of layer 1, inputs and weights may be 0.
        self.are_small[l - 1] = units.mean == 0.0 && units.std == 0.0 && are_small && (l > 1 || !none);
        let gradient = read_gradient::<F>(&self.gradients, delta, examples);
        let above = std::mem::replace(&mut self.above, gradient.delta_rms);
        // The head is where a step's way back begins.
        let gains = if is_head { None } else { self.errors.gains(examples, above, gradient.delta_rms) };
        let reading = LayerReading {
            grad_norm: gradient.grad_norm.value(),
            delta_rms: gradient.delta_rms.value(),
            log10_grad_norm: gradient.grad_norm.decades(),
            log10_delta_rms: gradient.delta_rms.decades(),
            // The update tells these.
            weight_norm: f64::NAN,
            update_norm: f64::NAN,
            moved: f64::NAN,
            act_mean: units.mean,
            act_std: units.std,
            zero_fraction: units.zero_fraction,
            saturated_fraction: units.saturated_fraction,
            gains,
            status: gradient.status,
        };
        if is_head {
            // The head is where a step's way back begins.
            self.start = self.readings.len();
            self.readings.resize(self.start + l, reading);
        }
        self.readings[self.start + l - 1] = reading;
    }

    /// The unrounded norm of every dLoss/dW of the layer that was read last.
    pub(super) fn norms_of_gradients(&self) -> impl Iterator<Item = f64> {
        self.gradients.iter().map(|gradient| gradient.0.value())
    }

    /// Keeps what an update changed in a W of `entries` entries; the update gets room for W as it was.
    pub(super) fn update(&mut self, entries: usize, update: impl FnOnce(&mut [F]) -> WeightChange) {
        self.changes.push(update(&mut self.before[..entries]));
    }

    /// Ends the update of layer `l` of the net, once every W of it was updated.
    pub(super) fn end_update(&mut self, l: usize, net: &Network<F>) {
        let moved = self.origin.moved(l, net);
        let reading = &mut self.readings[self.start + l - 1];
        reading.weight_norm = norm_of_norms(self.changes.iter().map(|change| change.before));
        reading.update_norm = norm_of_norms(self.changes.iter().map(|change| change.update));
        reading.moved = moved;
        self.changes.clear();
    }

    /// Ends a step, once all its layers were read and updated.
    pub(super) fn end_step(&mut self, loss: Loss) {
        let rows = &mut self.readings[self.start..];
        let has_slope = |l: usize| self.time_steps.as_ref().is_none_or(|time_steps| time_steps.has_slope(l));
        let softmax = loss == Loss::SoftmaxCrossEntropy;
        settle_underflow(rows, softmax, least_rms::<F>(), |l| self.are_small[l], has_slope);
        if let Some(time_steps) = &mut self.time_steps {
            time_steps.end_step(rows, self.precision);
        }
        rows.iter_mut().for_each(|reading| *reading = recorded(reading, self.precision));
    }

    pub(super) fn into_readings(self) -> (Vec<LayerReading>, Option<ThroughTime>) {
        (self.readings, self.time_steps.map(TimeSteps::into_readings))
    }
}

/// RMS of the errors between the sites that the way back has come to last.
#[derive(Debug, Clone, Default)]
pub(super) struct ErrorNorms {
    /// What was seen on the way from the site above to the one that is read.
    done: OnTheWay,
    /// What was seen on the way from there.
    begun: OnTheWay,
}

/// RMS of errors on the way from one site to the next.
#[derive(Debug, Clone, Default)]
struct OnTheWay {
    /// The factors with the errors before them; the first one's is that of the site, and is told where it is read.
    factors: Vec<(GainOf, Magnitude)>,
    /// Whether there is an op of which no number says what it does to an error.
    is_unknown: bool,
    /// A residual branch's alone.
    branch: Option<Magnitude>,
}

impl<F: Real> Probe<F> for ErrorNorms {
    fn before(&mut self, gain: Option<GainOf>, error: &Errors<F>) {
        let OnTheWay { factors, is_unknown, .. } = &mut self.begun;
        // Where every time step has an exponent of its own, so has its gain.
        *is_unknown |= gain.is_none() || error.steps().1.len() > 1;
        // Neighbours of one kind are one factor.
        if let Some(kind) = gain.filter(|kind| !*is_unknown && factors.last().is_none_or(|(last, _)| last != kind)) {
            let rms = if factors.is_empty() { Magnitude::from(f64::NAN) } else { error.rms() };
            factors.push((kind, rms));
        }
    }

    fn branch(&mut self, error: &Errors<F>) {
        self.begun.branch = (!self.begun.is_unknown).then(|| error.rms());
    }

    fn site(&mut self) {
        std::mem::swap(&mut self.done, &mut self.begun);
        let OnTheWay { factors, is_unknown, branch } = &mut self.begun;
        factors.clear();
        (*is_unknown, *branch) = (false, None);
    }
}

impl ErrorNorms {
    /// Computes the gains between sites of these `delta_rms`; none where nothing is between, or no number says what that
    /// does.
    fn gains(&mut self, examples: usize, above: Magnitude, below: Magnitude) -> Option<Gains> {
        let OnTheWay { factors, is_unknown, branch } = &mut self.done;
        if *is_unknown {
            return None;
        }
        // delta is that of each example's own loss.
        let of_own_loss = |rms: Magnitude| rms.times(examples as f64);
        factors.iter_mut().for_each(|(_, rms)| *rms = of_own_loss(*rms));
        factors.first_mut()?.1 = above;
        Gains::of(&WayBack { factors, branch: branch.map(of_own_loss), below })
    }
}

/// Whether all of these arguments are so small that none becomes a normal number.
fn are_small<F: Real>(u: &[F]) -> bool {
    largest_magnitude(u).f64() < least_rms::<F>()
}

fn recorded(r: &LayerReading, precision: Precision) -> LayerReading {
    let round = |x: f64| precision.recorded(x);
    let (grad_norm, delta_rms) = (round(r.grad_norm), round(r.delta_rms));
    LayerReading {
        grad_norm,
        delta_rms,
        log10_grad_norm: recorded_log10(grad_norm, r.log10_grad_norm),
        log10_delta_rms: recorded_log10(delta_rms, r.log10_delta_rms),
        weight_norm: round(r.weight_norm),
        update_norm: round(r.update_norm),
        moved: round(r.moved),
        act_mean: round(r.act_mean),
        act_std: round(r.act_std),
        zero_fraction: round(r.zero_fraction),
        saturated_fraction: round(r.saturated_fraction),
        gains: r.gains.map(|gains| gains.map(round)),
        status: r.status,
    }
}
