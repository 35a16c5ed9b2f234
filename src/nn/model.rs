//! What training needs of a net, whatever its make.

use ndarray::Array2;

use super::{Activation, Mode, Probe, Recurrent, RecurrentCache, Scaled, Tensor};
use crate::kernels::{Magnitude, Real};

/// How many rows the arrays of a batch have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchShape {
    /// Examples B.
    pub examples: usize,
    /// Time steps T of each example; 1 for a feed-forward net.
    pub length: usize,
    /// M: how many of the last time steps are answered; 1 for a feed-forward net, and where the last step alone is.
    pub answers: usize,
}

impl BatchShape {
    /// A batch of examples without time.
    pub fn of_examples(examples: usize) -> Self {
        Self { examples, length: 1, answers: 1 }
    }

    /// T B, the rows of x: time step after time step, the examples of each in order.
    pub fn rows(self) -> usize {
        self.length * self.examples
    }

    /// M B, the rows of the logits and of the right answers: the last M time steps in the same order.
    pub fn answered_rows(self) -> usize {
        self.answers * self.examples
    }
}

/// What a layer's units did in the batch that a cache holds, once its backward is done.
#[derive(Debug, Clone, Copy)]
pub struct Activity<'a, F> {
    /// h, over the batch (and time); of the head the logits.
    pub h: &'a [F],
    /// The root mean square of dLoss/dz over the batch (and time), of all gates where there are any; of the head that
    /// of dLoss/dlogits.
    pub dz: Magnitude,
    /// Activation, slope and u where h = phi(u); none for the head and for cells with gates.
    pub phi: Option<(Activation, F, &'a [F])>,
}

/// A net with its parameters and their gradients: layers 1, .., L, then the head, number L + 1. In the batch x one row
/// is one example, or one time step of one, as [`BatchShape::rows`] says; the logits have [`BatchShape::answered_rows`].
pub trait Model<F: Real> {
    /// The arrays of one batch's way forward and back.
    type Cache;

    /// L.
    fn hidden_layers(&self) -> usize;

    /// Makes the cache's arrays fit batches of this shape on their way through this net, and reuses their memory as far
    /// as it goes. They hold nothing of meaning until a forward has filled them.
    fn fit(&self, cache: &mut Self::Cache, shape: BatchShape);

    /// The logits (M B, outputs) that a forward left in the cache, and room for dLoss/dlogits, to be filled before the
    /// way back.
    fn answers(cache: &mut Self::Cache) -> (&Array2<F>, &mut Scaled<F>);

    /// Logits of the batch x (T B, inputs), left in the cache with all that the backward needs.
    fn forward(&mut self, x: &Array2<F>, mode: Mode, cache: &mut Self::Cache);

    /// Goes back through layer `l`; called from the head, L + 1, down to 1. Computes the gradients of the layer's
    /// parameters, and the gradient of the layer below up to what only that layer knows. The layer's own weights are
    /// not read again until the next forward, so they may be updated between two layers. `probe` sees the error at its
    /// sites in a dense layer.
    fn backward_layer(&mut self, l: usize, x: &Array2<F>, cache: &mut Self::Cache, probe: &mut impl Probe<F>);

    /// Reuses the memory of finished gradients for the layers further down, once layer `l` was updated and the
    /// gradients of its parameters are 0 again. The way back then stays within the caches however deep the net.
    fn hand_down(&mut self, _l: usize, _cache: &mut Self::Cache) {}

    /// Calls `visit(number, values, (gradients, exponent))` on every parameter tensor of layer `l`: its [`Model::weights`]
    /// first, in that order. The numbers go through all layers, the head last.
    fn visit_layer(&mut self, l: usize, visit: impl FnMut(usize, &mut [F], (&mut [F], i32)));

    /// Every W of layer `l` with dLoss/dW and its exponent: one of a dense layer, W_x and W_h of a recurrent one.
    fn weights(&self, l: usize) -> impl Iterator<Item = (&[F], (&[F], i32))>;

    /// What layer `l` did in the batch that the cache holds.
    fn activity<'a>(&self, l: usize, cache: &'a Self::Cache) -> Activity<'a, F>;

    /// Returns the net and its cache if the net is recurrent: what is read of time steps and gates has no counterpart
    /// in other nets.
    fn through_time<'a>(&'a self, cache: &'a Self::Cache) -> Option<(&'a Recurrent<F>, &'a RecurrentCache<F>)>;

    /// Every parameter and running statistic as it is now, under PyTorch's names, layer by layer, the head last.
    fn tensors(&self) -> Vec<Tensor>;

    /// Computes the gradients of all parameters, which were 0, from dLoss/dlogits in the cache. Those of every layer
    /// stay in the cache. The parameters must be those of the forward.
    fn backward(&mut self, x: &Array2<F>, cache: &mut Self::Cache) {
        for l in (1..=self.hidden_layers() + 1).rev() {
            self.backward_layer(l, x, cache, &mut ());
        }
    }

    /// Calls `visit(number, values, (gradients, exponent))` on every parameter tensor in the order of their numbers.
    fn visit(&mut self, mut visit: impl FnMut(usize, &mut [F], (&mut [F], i32))) {
        for l in 1..=self.hidden_layers() + 1 {
            self.visit_layer(l, &mut visit);
        }
    }

    /// Multiplies the gradients of all parameters by `factor`.
    fn scale_gradients(&mut self, factor: f64) {
        let factor = F::from_f64(factor);
        self.visit(|_, _, (gradients, _)| gradients.iter_mut().for_each(|g| *g *= factor));
    }

    /// How many numbers training changes.
    fn parameters(&mut self) -> usize {
        let mut n = 0;
        self.visit(|_, values, _| n += values.len());
        n
    }

    /// Puts every gradient to 0, before a backward adds to them.
    fn zero_gradients(&mut self) {
        self.visit(|_, _, (gradients, _)| gradients.fill(F::zero()));
    }
}
