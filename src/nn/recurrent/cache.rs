//! The arrays of one batch of sequences on its way forward and back.

use ndarray::Array2;

use super::Recurrent;
use crate::kernels::{Magnitude, NOTHING, Real, ThreadBudget, bring_to_sum};
use crate::nn::dense::{as_slice, as_slice_mut};
use crate::nn::{BatchShape, NormStatistics, Scaled, fit, rms};

/// What a recurrent layer's backward needs of its forward, and what it leaves behind: dh, dc and dz of every time step.
/// Arrays with a state of t = 0 hold it in their first B rows.
#[derive(Debug)]
pub struct RecurrentLayerCache<F> {
    /// B.
    pub(super) batch: usize,
    /// The norm of the layer's input (T B, fan_in); without a norm (0, 0).
    pub(super) normed: Array2<F>,
    pub(super) statistics: NormStatistics<F>,
    /// The arguments of the gates, or of the rnn's activation (T B, gates H).
    pub(super) z: Array2<F>,
    /// h of t = 0, .., T ((T + 1) B, H).
    pub(super) h: Array2<F>,
    /// y (T B, H) where it is not h, else (0, 0).
    pub(super) stream: Array2<F>,
    /// c of t = 0, .., T ((T + 1) B, H); (0, 0) but for an lstm.
    pub(super) c: Array2<F>,
    /// tanh(c) (T B, H); (0, 0) but for an lstm.
    pub(super) tanh_c: Array2<F>,
    /// h_{t-1} W_h of the new gate (T B, H); (0, 0) but for a gru.
    pub(super) q: Array2<F>,
    /// dLoss/dh of t = 0, .., T ((T + 1) B, H).
    pub(super) dh: Array2<F>,
    /// dLoss/dc of t = 0, .., T ((T + 1) B, H); (0, 0) but for an lstm.
    pub(super) dc: Array2<F>,
    /// The exponents of dh and dc at t = 0, .., T.
    pub(super) of_state: Vec<i32>,
    /// dLoss/dz (T B, gates H).
    pub(super) dz: Array2<F>,
    /// The exponents of dz and dp at t = 1, .., T, on their way back. Afterwards they all have the exponent `exponent`.
    pub(super) of_z: Vec<i32>,
    pub(super) exponent: i32,
    /// dLoss/d(h_{t-1} W_h) (T B, 3 H) of a gru; (0, 0) where it is dz.
    pub(super) dp: Array2<F>,
}

impl<F: Real> RecurrentLayerCache<F> {
    fn empty() -> Self {
        let none = || Array2::zeros((0, 0));
        Self {
            batch: 0,
            normed: none(),
            statistics: NormStatistics::new(0, 0),
            z: none(),
            h: none(),
            stream: none(),
            c: none(),
            tanh_c: none(),
            q: none(),
            dh: none(),
            dc: none(),
            of_state: vec![],
            dz: none(),
            of_z: vec![],
            exponent: 0,
            dp: none(),
        }
    }

    /// h of t = 1, .., T (T B, H).
    pub fn h(&self) -> &[F] {
        &as_slice(&self.h)[self.batch * self.h.ncols()..]
    }

    /// h_t (B, H), t = 0, .., T; 0 at t = 0.
    pub fn h_at(&self, t: usize) -> &[F] {
        time_step(&self.h, t, self.batch)
    }

    /// c_t (B, H) of an lstm, t = 0, .., T; 0 at t = 0. Empty for other cells.
    pub fn c_at(&self, t: usize) -> &[F] {
        time_step(&self.c, t, self.batch)
    }

    /// The entries of dLoss/dh_t (B, H), all of it, t = 0, .., T, once the layer's backward is done.
    pub fn dh_at(&self, t: usize) -> &[F] {
        time_step(&self.dh, t, self.batch)
    }

    /// The entries of dLoss/dc_t (B, H) of an lstm, all of it, t = 0, .., T, once the layer's backward is done. Empty for
    /// other cells.
    pub fn dc_at(&self, t: usize) -> &[F] {
        time_step(&self.dc, t, self.batch)
    }

    /// The exponent of dh_t and dc_t.
    pub fn exponent_at(&self, t: usize) -> i32 {
        self.of_state[t]
    }

    /// The arguments of all gates, or of the rnn's activation, at t = 1, .., T (B, gates H).
    pub fn z_at(&self, t: usize) -> &[F] {
        time_step(&self.z, t - 1, self.batch)
    }

    /// The arguments of all gates, or of the rnn's activation, over batch and time (T B, gates H).
    pub fn z(&self) -> &[F] {
        as_slice(&self.z)
    }

    /// The root mean square of dLoss/dz over batch and time, of all gates.
    pub fn dz_rms(&self) -> Magnitude {
        rms(as_slice(&self.dz), self.exponent)
    }

    /// Copies the arguments of one gate, counted from 0, over batch and time (T B, H), one after the other.
    pub fn gate_arguments(&self, gate: usize, arguments: &mut Vec<F>) {
        let units = self.h.ncols();
        arguments.clear();
        // Else it would grow by doubling, to up to twice what it holds.
        arguments.reserve(self.z.nrows() * units);
        arguments.extend(as_slice(&self.z).chunks_exact(self.z.ncols()).flat_map(|row| &row[gate * units..][..units]));
    }

    /// Brings dz, and dp where there is one, of the time steps after the first `after` to the largest of their
    /// exponents, and returns that.
    pub(super) fn unite_exponents(&mut self, after: usize) -> i32 {
        let largest = self.of_z[after..].iter().copied().max().unwrap_or(NOTHING);
        for entries in [&mut self.dz, &mut self.dp] {
            let step = self.batch * entries.ncols();
            if step > 0 {
                let steps = as_slice_mut(entries).chunks_exact_mut(step).zip(&self.of_z).skip(after);
                steps.for_each(|(step, &of_step)| bring_to_sum(step, of_step, largest));
            }
        }
        self.of_z[after..].fill(largest);
        largest
    }

    /// y (T B, H): what the next layer and the head read.
    pub(super) fn output(&self) -> &[F] {
        if self.stream.is_empty() { self.h() } else { as_slice(&self.stream) }
    }
}

/// Returns the rows of time step t in an array that begins with t = 0; no rows of a (0, 0) array.
fn time_step<F>(array: &Array2<F>, t: usize, batch: usize) -> &[F] {
    let entries = batch * array.ncols();
    &as_slice(array)[t * entries..][..entries]
}

/// The arrays of one batch's way forward and back, used for every batch of the same shape, and again by the next net.
#[derive(Debug)]
pub struct RecurrentCache<F> {
    /// One cache per layer, 1..L.
    pub layers: Vec<RecurrentLayerCache<F>>,
    /// (M B, outputs).
    pub logits: Array2<F>,
    /// dLoss/dlogits (M B, outputs), to be filled between forward and backward.
    pub dlogits: Scaled<F>,
    /// dLoss/dy of the layer that the way back has reached (T B, H) in a residual net, else (0, 0).
    pub(super) dstream: Array2<F>,
    /// Its exponents at t = 1, .., T.
    pub(super) of_stream: Vec<i32>,
    /// h_{t-1} W_h of one time step of a gru, and dz or dp of one with another exponent (B, gates H); of the widest layer.
    pub(super) p: Array2<F>,
    /// W_h transposed (gates H, H), of the widest layer.
    pub(super) transposed: Array2<F>,
    /// B, T and M.
    pub(super) shape: BatchShape,
    /// Who helps with large products.
    pub(super) budget: ThreadBudget,
}

impl<F: Real> RecurrentCache<F> {
    /// No arrays yet; large products will be split over `budget`.
    pub fn new(budget: ThreadBudget) -> Self {
        let none = || Array2::zeros((0, 0));
        Self {
            layers: vec![],
            logits: none(),
            dlogits: Scaled::empty(),
            dstream: none(),
            of_stream: vec![],
            p: none(),
            transposed: none(),
            shape: BatchShape::of_examples(0),
            budget,
        }
    }

    /// B, T and M of the batches that fit.
    pub fn shape(&self) -> BatchShape {
        self.shape
    }

    /// Makes the arrays fit batches of this shape on their way through `net`.
    pub(super) fn fit(&mut self, net: &Recurrent<F>, shape: BatchShape) {
        assert!((1..=shape.length).contains(&shape.answers), "answers are given at some of the time steps");
        self.shape = shape;
        let (rows, with_start, none) = (shape.rows(), shape.rows() + shape.examples, (0, 0));
        let blocks = net.cell().blocks();
        let only_if = |condition, shape| if condition { shape } else { none };
        let (has_c, has_q) = (net.cell().has_memory(), net.cell().resets_a_product());
        self.layers.resize_with(net.layers.len(), RecurrentLayerCache::empty);
        for (l, (layer, at)) in net.layers.iter().zip(&mut self.layers).enumerate() {
            let units = layer.units();
            at.batch = shape.examples;
            let input = only_if(layer.norm.is_some(), (rows, layer.input.w.nrows()));
            fit(&mut at.normed, input);
            at.statistics.fit(input);
            fit(&mut at.z, (rows, blocks * units));
            fit(&mut at.h, (with_start, units));
            fit(&mut at.stream, only_if(l > 0 && net.residual.is_some(), (rows, units)));
            fit(&mut at.c, only_if(has_c, (with_start, units)));
            fit(&mut at.tanh_c, only_if(has_c, (rows, units)));
            fit(&mut at.q, only_if(has_q, (rows, units)));
            fit(&mut at.dh, (with_start, units));
            fit(&mut at.dc, only_if(has_c, (with_start, units)));
            at.of_state.resize(shape.length + 1, NOTHING);
            at.of_z.resize(shape.length, NOTHING);
            fit(&mut at.dz, (rows, blocks * units));
            fit(&mut at.dp, only_if(has_q, (rows, blocks * units)));
        }
        let widest = net.layers.iter().map(super::RecurrentLayer::units).max().unwrap_or(0);
        fit(&mut self.transposed, (blocks * widest, widest));
        fit(&mut self.p, (shape.examples, blocks * widest));
        fit(&mut self.dstream, only_if(net.residual.is_some(), (rows, widest)));
        self.of_stream.resize(shape.length, NOTHING);
        let outputs = (shape.answered_rows(), net.head.w.ncols());
        fit(&mut self.logits, outputs);
        fit(&mut self.dlogits.entries, outputs);
    }
}
