//! The net as a whole: layers stacked, the head on top.

use ndarray::Array2;

use super::{RecurrentCache, RecurrentLayer};
use crate::kernels::{NOTHING, Real, ThreadBudget, add_errors, add_scaled, scale, settle};
use crate::nn::dense::{BiasStart, as_slice, as_slice_mut};
use crate::nn::norm::Affine;
use crate::nn::{Activity, BatchShape, Cell, Dense, Init, Mode, Model, ModelSpec, Norm, Probe, Scaled, Tensor, state};

/// A recurrent net with its parameters and their gradients.
#[derive(Debug)]
pub struct Recurrent<F> {
    cell: Cell,
    /// s, in a residual net of more than one layer.
    pub(in crate::nn) residual: Option<F>,
    /// Layers 1..L.
    pub layers: Vec<RecurrentLayer<F>>,
    /// Layer L + 1.
    pub head: Dense<F>,
}

impl<F: Real> Recurrent<F> {
    /// The net at initialisation: weights from `seed`, the head always Xavier.
    ///
    /// # Panics
    /// If the model is feed-forward, or has batch norm.
    pub fn new(spec: &ModelSpec, inputs: usize, outputs: usize, seed: u64) -> Self {
        assert!(!spec.batch_norm, "batch norm is for feed-forward nets");
        let widths = spec.hidden_widths();
        let mut fan_in = inputs;
        let mut layers = Vec::with_capacity(widths.len());
        for (l, &width) in (1..).zip(&widths) {
            layers.push(RecurrentLayer::new(spec, (fan_in, width), seed, l));
            fan_in = width;
        }
        let head_bias = if spec.bias { BiasStart::Normal(0.0) } else { BiasStart::Absent };
        let head = Dense::new((fan_in, outputs), (Init::XavierNormal, 1.0), head_bias, seed, widths.len() + 1);
        let adds = spec.residual && widths.len() > 1;
        let residual = adds.then(|| F::from_f64(spec.residual_scaling.factor(widths.len())));
        Self { cell: Cell::of(spec), residual, layers, head }
    }

    /// The cell of every layer.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// Whether the slopes of the activation are parameters.
    pub fn trains_slopes(&self) -> bool {
        matches!(self.cell, Cell::Rnn(phi) if phi.is_trained())
    }

    /// Arrays for batches of this shape.
    pub fn cache(&self, shape: BatchShape) -> RecurrentCache<F> {
        let mut cache = RecurrentCache::new(ThreadBudget::alone());
        cache.fit(self, shape);
        cache
    }
}

impl<F: Real> Model<F> for Recurrent<F> {
    type Cache = RecurrentCache<F>;

    fn hidden_layers(&self) -> usize {
        self.layers.len()
    }

    fn fit(&self, cache: &mut RecurrentCache<F>, shape: BatchShape) {
        cache.fit(self, shape);
    }

    fn answers(cache: &mut RecurrentCache<F>) -> (&Array2<F>, &mut Scaled<F>) {
        (&cache.logits, &mut cache.dlogits)
    }

    /// Does the same for training and for evaluation: a layer norm keeps no running statistics.
    fn forward(&mut self, x: &Array2<F>, _mode: Mode, cache: &mut RecurrentCache<F>) {
        let RecurrentCache { layers, logits, p, shape, budget, .. } = cache;
        assert_eq!(x.nrows(), shape.rows(), "one row per time step and example");
        for (l, layer) in self.layers.iter().enumerate() {
            let (below, at) = layers.split_at_mut(l);
            let at = &mut at[0];
            let input = below.last().map_or(as_slice(x), |below| below.output());
            layer.forward(self.cell, input, at, p, budget);
            if let (Some(s), Some(below)) = (self.residual, below.last()) {
                let stream = as_slice_mut(&mut at.stream);
                stream.copy_from_slice(&as_slice(&at.h)[at.batch * layer.units()..]);
                add_scaled(below.output(), s, stream);
            }
        }
        let top = layers.last().expect("a net has a hidden layer");
        let answered = last_rows(top.output(), shape.answered_rows() * self.head.w.nrows());
        self.head.forward_rows(answered, as_slice_mut(logits), budget);
    }

    fn backward_layer(&mut self, l: usize, x: &Array2<F>, cache: &mut RecurrentCache<F>, _probe: &mut impl Probe<F>) {
        let RecurrentCache { layers, dlogits, dstream, of_stream, transposed, p, shape, budget, .. } = cache;
        let (cell, residual) = (self.cell, self.residual);
        if l > self.layers.len() {
            // forward was: logits = y_L W_{L+1} + b_{L+1} at the last M time steps
            let top = layers.last_mut().expect("a net has a hidden layer");
            let units = self.head.w.nrows();
            let entries = shape.answered_rows() * units;
            let (dy, of_dy) = if residual.is_some() {
                (&mut as_slice_mut(dstream)[..shape.rows() * units], &mut *of_stream)
            } else {
                (&mut as_slice_mut(&mut top.dh)[shape.examples * units..], &mut top.of_state)
            };
            let (unanswered, answered) = dy.split_at_mut(shape.rows() * units - entries);
            unanswered.fill(F::zero());
            of_dy.fill(NOTHING);
            of_dy.iter_mut().rev().take(shape.answers).for_each(|exponent| *exponent = dlogits.exponent);
            let y =
                if top.stream.is_empty() { &as_slice(&top.h)[shape.examples * units..] } else { as_slice(&top.stream) };
            self.head.backward_weights(last_rows(y, entries), (dlogits.slice(), dlogits.exponent), budget);
            self.head.backward_input(dlogits.slice(), answered, budget);
            // forward was: y_L = y_{L-1} + s h_L
            if let Some(s) = residual {
                scale(as_slice(dstream), s, &mut as_slice_mut(&mut top.dh)[shape.examples * units..]);
                top.of_state[1..].copy_from_slice(of_stream);
            }
            return;
        }
        let (up_to, _) = layers.split_at_mut(l);
        let (at, below) = up_to.split_last_mut().expect("layers count from 1");
        let layer = &mut self.layers[l - 1];
        let Some(below) = below.last_mut() else {
            layer.backward(cell, as_slice(x), at, None, (transposed, p), budget);
            return;
        };
        let first = shape.examples * below.h.ncols();
        let y_below = if below.stream.is_empty() { &as_slice(&below.h)[first..] } else { as_slice(&below.stream) };
        let (dy_below, of_below) = (&mut as_slice_mut(&mut below.dh)[first..], &mut below.of_state[1..]);
        layer.backward(cell, y_below, at, Some((&mut *dy_below, &mut *of_below)), (transposed, p), budget);
        if let Some(s) = residual {
            // forward was: y_l = y_{l-1} + s h_l, and before it h_l from y_{l-1}
            let dy = as_slice_mut(dstream);
            let steps = dy_below.chunks_exact_mut(first).zip(dy.chunks_exact_mut(first));
            for ((dy_below, dy), (of_below, of_dy)) in steps.zip(of_below.iter_mut().zip(&mut *of_stream)) {
                settle([&mut *dy_below], of_below);
                add_errors((dy_below, *of_below), dy, of_dy);
            }
            // forward was: y_{l-1} = y_{l-2} + s h_{l-1}, or h_1
            let s = if l - 1 > 1 { s } else { F::one() };
            scale(dy, s, dy_below);
            of_below.copy_from_slice(of_stream);
        }
    }

    fn visit_layer(&mut self, l: usize, mut visit: impl FnMut(usize, &mut [F], (&mut [F], i32))) {
        // Layer by layer W_x, W_h, b, gain, shift, slope.
        const FLAT: &str = "one dimension is contiguous";
        let with_bias = usize::from(!self.head.b.is_empty());
        let of_layer = |layer: &RecurrentLayer<F>| {
            2 + with_bias + 2 * usize::from(layer.norm.is_some()) + usize::from(self.trains_slopes())
        };
        let mut number: usize = self.layers[..l - 1].iter().map(of_layer).sum();
        let mut each = |values: &mut [F], gradients: (&mut [F], i32)| {
            if !values.is_empty() {
                visit(number, values, gradients);
                number += 1;
            }
        };
        let trains_slopes = self.trains_slopes();
        let Some(layer) = self.layers.get_mut(l - 1) else {
            let Dense { w, b, dw, db, exponent } = &mut self.head;
            each(as_slice_mut(w), (as_slice_mut(dw), *exponent));
            each(b.as_slice_mut().expect(FLAT), (db.as_slice_mut().expect(FLAT), *exponent));
            return;
        };
        let Dense { w, b, dw, db, exponent } = &mut layer.input;
        each(as_slice_mut(w), (as_slice_mut(dw), *exponent));
        each(as_slice_mut(&mut layer.w_h), (as_slice_mut(&mut layer.dw_h), layer.w_h_exponent));
        each(b.as_slice_mut().expect(FLAT), (db.as_slice_mut().expect(FLAT), *exponent));
        if let Some(norm) = &mut layer.norm {
            let Affine { gain, shift, dgain, dshift, exponent } = norm.affine();
            each(gain.as_slice_mut().expect(FLAT), (dgain.as_slice_mut().expect(FLAT), *exponent));
            each(shift.as_slice_mut().expect(FLAT), (dshift.as_slice_mut().expect(FLAT), *exponent));
        }
        if trains_slopes {
            each(&mut layer.slope, (&mut layer.dslope, layer.slope_exponent));
        }
    }

    fn weights(&self, l: usize) -> impl Iterator<Item = (&[F], (&[F], i32))> {
        let layer = self.layers.get(l - 1);
        let dense = layer.map_or(&self.head, |layer| &layer.input);
        let w_h = layer.map(|layer| (as_slice(&layer.w_h), (as_slice(&layer.dw_h), layer.w_h_exponent)));
        std::iter::once((as_slice(&dense.w), (as_slice(&dense.dw), dense.exponent))).chain(w_h)
    }

    fn activity<'a>(&self, l: usize, cache: &'a RecurrentCache<F>) -> Activity<'a, F> {
        let (Some(layer), Some(at)) = (self.layers.get(l - 1), cache.layers.get(l - 1)) else {
            return Activity { h: as_slice(&cache.logits), dz: cache.dlogits.rms(), phi: None };
        };
        let phi = match self.cell {
            Cell::Rnn(phi) => Some((phi, layer.slope(), at.z())),
            Cell::Lstm | Cell::Gru => None,
        };
        Activity { h: at.h(), dz: at.dz_rms(), phi }
    }

    fn through_time<'a>(&'a self, cache: &'a RecurrentCache<F>) -> Option<(&'a Self, &'a RecurrentCache<F>)> {
        Some((self, cache))
    }

    fn tensors(&self) -> Vec<Tensor> {
        state::of_recurrent(self)
    }
}

/// The last entries.
fn last_rows<F>(x: &[F], entries: usize) -> &[F] {
    &x[x.len() - entries..]
}
