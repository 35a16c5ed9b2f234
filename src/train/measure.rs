//! Reads every layer at a traced step: what the gradient is before the update, and what the update then changed.

use ndarray::Array2;

use crate::kernels::{Real, difference_norm, norm};
use crate::metric::{
    ActivationReading, LayerReading, least_rms, read_activation, read_gradient, read_logits, settle_underflow,
};
use crate::nn::{Cache, Dense, Loss, Network};
use crate::spec::Precision;

/// The readings so far, and the weights as they were before the update that is being measured.
#[derive(Debug)]
pub(super) struct Measure<'a, F> {
    precision: Precision,
    /// W of the layer that is being updated.
    before: &'a mut Vec<F>,
    /// By step, and within it for layers 1, .., L, head.
    readings: Vec<LayerReading>,
    /// Where the step that is being read begins.
    start: usize,
}

impl<'a, F: Real> Measure<'a, F> {
    /// Will read `net` at `steps` traced steps; `before` is room for the weights of a layer.
    pub(super) fn new(net: &Network<F>, precision: Precision, steps: usize, before: &'a mut Vec<F>) -> Self {
        before.reserve(layers(net).map(|dense| dense.w.len()).max().unwrap_or(0));
        Self { precision, before, readings: Vec::with_capacity(steps * (net.hidden.len() + 1)), start: 0 }
    }

    /// Reads layer `l` when its gradients are there, before they are clipped; returns the unrounded norm of dLoss/dW.
    pub(super) fn read(&mut self, l: usize, net: &Network<F>, cache: &Cache<F>) -> f64 {
        let batch = cache.logits.nrows();
        let reading = if let Some(layer) = net.hidden.get(l - 1) {
            let at = &cache.hidden[l - 1];
            let activation = read_activation(net.activation(), layer.slope(), entries(at.u()), entries(&at.h));
            read(&layer.dense, &at.dz, batch, activation)
        } else {
            let reading = read(&net.head, &cache.dlogits, batch, read_logits(entries(&cache.logits)));
            // The head is where a step's way back begins.
            self.start = self.readings.len();
            self.readings.resize(self.start + l, reading);
            reading
        };
        self.readings[self.start + l - 1] = reading;
        reading.grad_norm
    }

    /// To be called before layer `l` is updated.
    pub(super) fn before_update(&mut self, l: usize, net: &Network<F>) {
        self.before.clear();
        self.before.extend_from_slice(entries(&dense(net, l).w));
    }

    /// To be called after layer `l` was updated.
    pub(super) fn after_update(&mut self, l: usize, net: &Network<F>) {
        self.readings[self.start + l - 1].update_norm = difference_norm(entries(&dense(net, l).w), self.before);
    }

    /// To be called when all layers of a step were read and updated.
    pub(super) fn end_step(&mut self, loss: Loss) {
        let rows = &mut self.readings[self.start..];
        settle_underflow(rows, loss == Loss::SoftmaxCrossEntropy, least_rms::<F>());
        rows.iter_mut().for_each(|reading| *reading = recorded(reading, self.precision));
    }

    pub(super) fn into_readings(self) -> Vec<LayerReading> {
        self.readings
    }
}

/// Layer `l` of 1, .., L, head.
fn dense<F: Real>(net: &Network<F>, l: usize) -> &Dense<F> {
    net.hidden.get(l - 1).map_or(&net.head, |layer| &layer.dense)
}

/// Layers 1, .., L, head.
fn layers<F: Real>(net: &Network<F>) -> impl Iterator<Item = &Dense<F>> {
    net.hidden.iter().map(|layer| &layer.dense).chain(std::iter::once(&net.head))
}

fn entries<F>(a: &Array2<F>) -> &[F] {
    a.as_slice().expect("arrays of a net are row-major")
}

fn read<F: Real>(dense: &Dense<F>, dz: &Array2<F>, batch: usize, activation: ActivationReading) -> LayerReading {
    let gradient = read_gradient(entries(&dense.dw), entries(dz), batch);
    LayerReading {
        grad_norm: gradient.grad_norm,
        delta_rms: gradient.delta_rms,
        weight_norm: norm(entries(&dense.w)),
        update_norm: f64::NAN,
        act_mean: activation.mean,
        act_std: activation.std,
        zero_fraction: activation.zero_fraction,
        saturated_fraction: activation.saturated_fraction,
        status: gradient.status,
    }
}

fn recorded(r: &LayerReading, precision: Precision) -> LayerReading {
    let round = |x: f64| precision.recorded(x);
    LayerReading {
        grad_norm: round(r.grad_norm),
        delta_rms: round(r.delta_rms),
        weight_norm: round(r.weight_norm),
        update_norm: round(r.update_norm),
        act_mean: round(r.act_mean),
        act_std: round(r.act_std),
        zero_fraction: round(r.zero_fraction),
        saturated_fraction: round(r.saturated_fraction),
        status: r.status,
    }
}
