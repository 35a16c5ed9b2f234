//! Reads every layer at a traced step: what the gradient is before the update, and what the update then changed.

use super::origin::Origin;
use super::time_steps::TimeSteps;
use super::workspace::Room;
use crate::kernels::{Magnitude, Real, WeightChange, all_zero, largest_magnitude, norm};
use crate::metric::{
    Gains, LayerErrors, LayerReading, least_rms, norm_of_norms, read_activation, read_gradient, read_logits,
    recorded_log10, settle_underflow,
};
use crate::nn::{Loss, Model, Probe, Scaled, Site};
use crate::spec::Precision;
use crate::trace::ThroughTime;

/// W of a dense layer, or W_x and W_h of a recurrent one.
const MOST_WEIGHTS: usize = 2;

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
    /// The error at the sites of the layer that is being read.
    sites: SiteNorms,
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
    pub(super) fn new<N: Model<F>>(
        net: &N,
        precision: Precision,
        steps: usize,
        Room { before, origin }: &'a mut Room<F>,
        time_steps: Option<TimeSteps<F>>,
    ) -> Self {
        let layers = net.hidden_layers() + 1;
        let largest = (1..=layers).flat_map(|l| net.weights(l)).map(|(w, _)| w.len()).max();
        before.resize(largest.unwrap_or(0), F::zero());
        Self {
            precision,
            before,
            origin: Origin::of(net, origin),
            changes: Vec::with_capacity(MOST_WEIGHTS),
            gradients: Vec::with_capacity(MOST_WEIGHTS),
            sites: SiteNorms::default(),
            above: Magnitude::from(f64::NAN),
            are_small: vec![false; layers],
            readings: Vec::with_capacity(steps * layers),
            start: 0,
            time_steps,
        }
    }

    /// Returns what looks at the error while a layer's backward runs, before the layer is read.
    pub(super) fn sites(&mut self) -> &mut SiteNorms {
        self.sites = SiteNorms::default();
        &mut self.sites
    }

    /// Reads layer `l` when its gradients are there, before they are clipped.
    pub(super) fn read<N: Model<F>>(&mut self, l: usize, examples: usize, net: &N, cache: &N::Cache) {
        self.gradients.clear();
        self.gradients.extend(net.weights(l).map(|(_, (dw, exponent))| {
            let entries = norm(dw);
            (Magnitude { entries, exponent }, dw.len())
        }));
        let activity = net.activity(l, cache);
        let is_head = l > net.hidden_layers();
        let gates = match (&mut self.time_steps, net.through_time(cache)) {
            (Some(time_steps), Some((net, cache))) if !is_head => time_steps.read(l, net, cache),
            (_, _) => None,
        };
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
        let gradient = read_gradient::<F>(&self.gradients, activity.dz, examples);
        let above = std::mem::replace(&mut self.above, gradient.delta_rms);
        let gains = if is_head { None } else { self.sites.gains(examples, above, gradient.delta_rms) };
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
    pub(super) fn end_update<N: Model<F>>(&mut self, l: usize, net: &N) {
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

/// RMS of dLoss/dx at the sites that a layer has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SiteNorms {
    dh: Option<Magnitude>,
    du: Option<Magnitude>,
    branch: Option<Magnitude>,
}

impl<F: Real> Probe<F> for SiteNorms {
    fn observe(&mut self, site: Site, error: &Scaled<F>) {
        let rms = Some(error.rms());
        match site {
            Site::Activation => self.dh = rms,
            Site::Argument => self.du = rms,
            Site::Branch => self.branch = rms,
        }
    }
}

impl SiteNorms {
    /// Computes the gains of the layer between these `delta_rms`, where it has sites.
    fn gains(&self, examples: usize, above: Magnitude, dz: Magnitude) -> Option<Gains> {
        // delta is that of each example's own loss.
        let of_own_loss = |rms: Magnitude| rms.times(examples as f64);
        let dh = self.dh.map(of_own_loss)?;
        Some(Gains::of(&LayerErrors {
            above,
            dh,
            du: self.du.map(of_own_loss),
            branch: self.branch.map(of_own_loss),
            dz,
        }))
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
