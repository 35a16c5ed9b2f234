//! The feed-forward network, with or without norms and residual connections.
//!
//! plain:    z_l = h_{l-1} W_l + b_l, h_l = phi(norm_l(z_l)), h_0 = x; logits = h_L W_{L+1} + b_{L+1}.
//! residual: z_1 = x W_1 + b_1; z_{l+1} = z_l + s (h_l W_{l+1} + b_{l+1}) for l < L, the rest as above: the
//! pre-activation form (He et al. 2016, "Identity mappings"). z_l is the residual stream, and every layer has one
//! norm, one activation and one slope.

use ndarray::Array2;

use super::dense::{BiasStart, as_slice, as_slice_mut};
use super::norm::{Affine, BatchNorm, LayerNorm};
use super::{
    Activation, Activity, BatchShape, Cache, Dense, Init, Model, ModelSpec, Norm, NormKind, Probe, Recurrent,
    RecurrentCache, Scaled, Site, Tensor, state,
};
use crate::kernels::{Real, ThreadBudget, add_errors, add_scaled, scale, settle};

/// Which statistics norms use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The batch's own.
    Train,
    /// The running averages.
    Eval,
}

/// A hidden layer: dense, norm, activation.
#[derive(Debug)]
pub struct Hidden<F> {
    /// W_l and b_l.
    pub dense: Dense<F>,
    pub(super) norm: Option<Box<dyn Norm<F>>>,
    /// The activation's slope for negative arguments, and dLoss/dslope; arrays of one, as all parameters are arrays.
    slope: [F; 1],
    pub(super) dslope: [F; 1],
    /// The exponent of dslope.
    pub(super) slope_exponent: i32,
}

impl<F: Real> Hidden<F> {
    /// The activation's slope for negative arguments.
    pub fn slope(&self) -> F {
        self.slope[0]
    }
}

/// A network with its parameters and their gradients.
#[derive(Debug)]
pub struct Network<F> {
    phi: Activation,
    /// s, in a residual net.
    pub(super) residual: Option<F>,
    /// Layers 1..L.
    pub hidden: Vec<Hidden<F>>,
    /// Layer L + 1.
    pub head: Dense<F>,
}

impl<F: Real> Network<F> {
    /// The net at initialisation: weights from `seed`, the head always Xavier.
    pub fn new(spec: &ModelSpec, inputs: usize, outputs: usize, seed: u64) -> Self {
        let bias = match (spec.bias, spec.init) {
            (false, _) => BiasStart::Absent,
            (true, Init::PytorchDefault) => BiasStart::Uniform,
            (true, _) => BiasStart::Normal(spec.bias_std),
        };
        let widths = spec.hidden_widths();
        let mut fan_in = inputs;
        let mut hidden = Vec::with_capacity(widths.len());
        for (l, &width) in (1..).zip(&widths) {
            let dense = Dense::new((fan_in, width), (spec.init, spec.init_gain), bias, seed, l);
            let norm: Option<Box<dyn Norm<F>>> = match spec.norm() {
                NormKind::None => None,
                NormKind::Batch => Some(Box::new(BatchNorm::new(width))),
                NormKind::Layer => Some(Box::new(LayerNorm::new(width))),
            };
            hidden.push(Hidden {
                dense,
                norm,
                slope: [F::from_f64(spec.negative_slope)],
                dslope: [F::zero()],
                slope_exponent: 0,
            });
            fan_in = width;
        }
        let head_bias = if spec.bias { BiasStart::Normal(0.0) } else { BiasStart::Absent };
        let head = Dense::new((fan_in, outputs), (Init::XavierNormal, 1.0), head_bias, seed, widths.len() + 1);
        let residual = spec.residual.then(|| F::from_f64(spec.residual_scaling.factor(widths.len())));
        Self { phi: spec.activation, residual, hidden, head }
    }

    /// The activation of every hidden layer.
    pub fn activation(&self) -> Activation {
        self.phi
    }

    /// Arrays for batches of `batch` examples.
    pub fn cache(&self, batch: usize) -> Cache<F> {
        let mut cache = Cache::new(ThreadBudget::alone());
        cache.fit(self, batch);
        cache
    }
}

impl<F: Real> Model<F> for Network<F> {
    type Cache = Cache<F>;

    fn hidden_layers(&self) -> usize {
        self.hidden.len()
    }

    fn fit(&self, cache: &mut Cache<F>, shape: BatchShape) {
        cache.fit(self, shape.examples);
    }

    fn answers(cache: &mut Cache<F>) -> (&Array2<F>, &mut Scaled<F>) {
        (&cache.logits, &mut cache.dlogits)
    }

    fn forward(&mut self, x: &Array2<F>, mode: Mode, cache: &mut Cache<F>) {
        for l in 0..self.hidden.len() {
            let (below, at) = cache.hidden.split_at_mut(l);
            let (layer, at) = (&mut self.hidden[l], &mut at[0]);
            let input = below.last().map_or(x, |below| &below.h);
            layer.dense.forward(input, &mut at.z, &cache.budget);
            if let (Some(s), Some(below)) = (self.residual, below.last()) {
                add_scaled(as_slice(&below.z), s, as_slice_mut(&mut at.z));
            }
            if let Some(norm) = &mut layer.norm {
                match mode {
                    Mode::Train => norm.forward(&at.z, &mut at.normed, &mut at.statistics),
                    Mode::Eval => norm.evaluate(&at.z, &mut at.normed),
                }
            }
            let u = if layer.norm.is_some() { &at.normed } else { &at.z };
            self.phi.forward(as_slice(u), layer.slope[0], as_slice_mut(&mut at.h));
        }
        let last = cache.hidden.last().expect("a net has a hidden layer");
        self.head.forward(&last.h, &mut cache.logits, &cache.budget);
    }

    fn backward_layer(&mut self, l: usize, x: &Array2<F>, cache: &mut Cache<F>, probe: &mut impl Probe<F>) {
        if l > self.hidden.len() {
            let top = cache.hidden.last_mut().expect("a net has a hidden layer");
            // forward was: logits = h_L W_{L+1} + b_{L+1}
            self.head.backward(&top.h, &cache.dlogits, Some(&mut top.dz), &cache.budget);
            return;
        }
        let (up_to, above) = cache.hidden.split_at_mut(l);
        let (at, below) = up_to.split_last_mut().expect("layers count from 1");
        let layer = &mut self.hidden[l - 1];
        let grad = &mut at.dz; // dh here, then du, then dz
        probe.observe(Site::Activation, grad);
        // forward was: h = phi(u)
        let u = as_slice(if layer.norm.is_some() { &at.normed } else { &at.z });
        if self.phi.is_trained() {
            layer.dslope[0] += F::from_f64(self.phi.slope_gradient(u, grad.slice()));
            layer.slope_exponent = grad.exponent;
        }
        self.phi.backward(u, layer.slope[0], grad.parts());
        // forward was: u = norm(z)
        if let Some(norm) = &mut layer.norm {
            probe.observe(Site::Argument, grad);
            norm.backward(&at.z, grad, &at.statistics);
        }
        // forward was: z_{l+1} = z_l + ..
        if let (Some(_), Some(above)) = (self.residual, above.first()) {
            probe.observe(Site::Branch, grad);
            let (entries, exponent) = grad.parts();
            add_errors((above.dz.slice(), above.dz.exponent), entries, exponent);
        }
        let (entries, exponent) = grad.parts();
        settle([entries], exponent);
        // forward was: z_l = [z_{l-1} +] s (h_{l-1} W_l + b_l), s = 1 in the stem
        let Some(below) = below.last_mut() else {
            layer.dense.backward(x, grad, None, &cache.budget);
            return;
        };
        let branch = match self.residual {
            Some(s) if s != F::one() => {
                let (entries, exponent) = cache.branch.parts();
                scale(grad.slice(), s, entries);
                *exponent = grad.exponent;
                &cache.branch
            }
            Some(_) | None => grad,
        };
        layer.dense.backward(&below.h, branch, Some(&mut below.dz), &cache.budget);
    }

    fn hand_down(&mut self, l: usize, cache: &mut Cache<F>) {
        // The layer below is at work in its own dz, and a residual one adds that of layer l: what is free is the dz of
        // the layer above, and what has not begun is two below.
        if let Some(at) = cache.hidden.get_mut(..=l).and_then(|up_to| up_to.last_chunk_mut::<4>()) {
            let [lower, _, _, upper] = at.each_mut().map(|at| &mut at.dz);
            if lower.entries.dim() == upper.entries.dim() {
                std::mem::swap(lower, upper);
            }
        }
        if let Some(dw) = self.hidden.get_mut(..l).and_then(|up_to| up_to.last_chunk_mut::<2>()) {
            let [lower, upper] = dw.each_mut().map(|layer| &mut layer.dense.dw);
            swap_if_alike(lower, upper);
        }
    }

    fn visit_layer(&mut self, l: usize, mut visit: impl FnMut(usize, &mut [F], (&mut [F], i32))) {
        // Layer by layer W, b, gain, shift, slope.
        const FLAT: &str = "one dimension is contiguous";
        // The hidden layers have the same tensors each.
        let with_bias = 1 + usize::from(!self.head.b.is_empty());
        let per_layer = with_bias + 2 * usize::from(self.hidden[0].norm.is_some()) + usize::from(self.phi.is_trained());
        let mut number = (l - 1) * per_layer;
        let mut each = |values: &mut [F], gradients: (&mut [F], i32)| {
            if !values.is_empty() {
                visit(number, values, gradients);
                number += 1;
            }
        };
        let mut hidden = self.hidden.get_mut(l - 1);
        let Dense { w, b, dw, db, exponent } = hidden.as_mut().map_or(&mut self.head, |layer| &mut layer.dense);
        each(as_slice_mut(w), (as_slice_mut(dw), *exponent));
        each(b.as_slice_mut().expect(FLAT), (db.as_slice_mut().expect(FLAT), *exponent));
        let Some(layer) = hidden else { return };
        if let Some(norm) = &mut layer.norm {
            let Affine { gain, shift, dgain, dshift, exponent } = norm.affine();
            each(gain.as_slice_mut().expect(FLAT), (dgain.as_slice_mut().expect(FLAT), *exponent));
            each(shift.as_slice_mut().expect(FLAT), (dshift.as_slice_mut().expect(FLAT), *exponent));
        }
        if self.phi.is_trained() {
            each(&mut layer.slope, (&mut layer.dslope, layer.slope_exponent));
        }
    }

    fn weights(&self, l: usize) -> impl Iterator<Item = (&[F], (&[F], i32))> {
        let dense = self.hidden.get(l - 1).map_or(&self.head, |layer| &layer.dense);
        std::iter::once((as_slice(&dense.w), (as_slice(&dense.dw), dense.exponent)))
    }

    fn activity<'a>(&self, l: usize, cache: &'a Cache<F>) -> Activity<'a, F> {
        match (self.hidden.get(l - 1), cache.hidden.get(l - 1)) {
            (Some(layer), Some(at)) => {
                let phi = Some((self.phi, layer.slope(), as_slice(at.u())));
                Activity { h: as_slice(&at.h), dz: at.dz.rms(), phi }
            }
            (None, _) | (_, None) => Activity { h: as_slice(&cache.logits), dz: cache.dlogits.rms(), phi: None },
        }
    }

    fn through_time<'a>(&'a self, _cache: &'a Cache<F>) -> Option<(&'a Recurrent<F>, &'a RecurrentCache<F>)> {
        None
    }

    fn tensors(&self) -> Vec<Tensor> {
        state::of_network(self)
    }
}

/// Exchanges the memory of two matrices of one shape.
fn swap_if_alike<F>(a: &mut Array2<F>, b: &mut Array2<F>) {
    if a.dim() == b.dim() {
        std::mem::swap(a, b);
    }
}
