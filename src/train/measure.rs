//! Reads every layer at a traced step: what the gradient is before the update, and what the update then changed.

use ndarray::Array2;

use crate::kernels::{Real, difference_norm, norm};
use crate::metric::{
    ActivationReading, LayerReading, least_rms, read_activation, read_gradient, read_logits, settle_underflow,
};
use crate::nn::{Cache, Dense, Loss, Network, fit};
use crate::spec::Precision;

/// The readings so far, and the weights as they were before the update that is being measured.
#[derive(Debug)]
pub(super) struct Measure<'a, F> {
    precision: Precision,
    /// W of layers 1, .., L, head.
    before: &'a mut Vec<Array2<F>>,
    readings: Vec<LayerReading>,
}

impl<'a, F: Real> Measure<'a, F> {
    /// Will read `net` at `steps` traced steps, and fits `before` to it.
    pub(super) fn new(net: &Network<F>, precision: Precision, steps: usize, before: &'a mut Vec<Array2<F>>) -> Self {
        before.resize_with(net.hidden.len() + 1, || Array2::zeros((0, 0)));
        before.iter_mut().zip(layers(net)).for_each(|(before, dense)| fit(before, dense.w.dim()));
        let readings = Vec::with_capacity(steps * before.len());
        Self { precision, before, readings }
    }

    /// To be called after the backward and before clipping.
    pub(super) fn before_update(&mut self, net: &Network<F>, cache: &Cache<F>, loss: Loss) {
        for (before, dense) in self.before.iter_mut().zip(layers(net)) {
            before.assign(&dense.w);
        }
        let start = self.readings.len();
        let batch = cache.logits.nrows();
        for (layer, at) in net.hidden.iter().zip(&cache.hidden) {
            let activation = read_activation(net.activation(), layer.slope(), entries(at.u()), entries(&at.h));
            self.readings.push(read(&layer.dense, &at.dz, batch, activation));
        }
        self.readings.push(read(&net.head, &cache.dlogits, batch, read_logits(entries(&cache.logits))));
        settle_underflow(&mut self.readings[start..], loss == Loss::SoftmaxCrossEntropy, least_rms::<F>());
    }

    /// To be called after the update.
    pub(super) fn after_update(&mut self, net: &Network<F>) {
        let start = self.readings.len() - self.before.len();
        for ((reading, before), dense) in self.readings[start..].iter_mut().zip(&*self.before).zip(layers(net)) {
            reading.update_norm = difference_norm(entries(&dense.w), entries(before));
            *reading = recorded(reading, self.precision);
        }
    }

    pub(super) fn into_readings(self) -> Vec<LayerReading> {
        self.readings
    }
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
