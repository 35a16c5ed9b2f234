//! The arrays of one batch's way forward and back.

use ndarray::Array2;

use super::{Network, NormStatistics, Scaled, fit};
use crate::kernels::{Real, ThreadBudget};

/// What a hidden layer's backward needs of its forward, and what it leaves behind: dz.
#[derive(Debug)]
pub struct HiddenCache<F> {
    /// z (B, D).
    pub(super) z: Array2<F>,
    /// norm(z); without a norm (0, 0), for then it is z.
    pub(super) normed: Array2<F>,
    pub(super) statistics: NormStatistics<F>,
    /// h (B, D).
    pub h: Array2<F>,
    /// dLoss/dz (B, D).
    pub dz: Scaled<F>,
}

impl<F: Real> HiddenCache<F> {
    /// u (B, D), the activation's argument.
    pub fn u(&self) -> &Array2<F> {
        if self.normed.is_empty() { &self.z } else { &self.normed }
    }
}

/// The arrays of one batch's way forward and back, used for every batch of the same size, and again by the next net.
#[derive(Debug)]
pub struct Cache<F> {
    /// One cache per hidden layer, 1..L.
    pub hidden: Vec<HiddenCache<F>>,
    /// (B, outputs).
    pub logits: Array2<F>,
    /// dLoss/dlogits (B, outputs), to be filled between forward and backward.
    pub dlogits: Scaled<F>,
    /// s dz (B, D) in a residual net with s != 1, else (0, 0).
    pub(super) branch: Scaled<F>,
    /// Who helps with large products.
    pub(super) budget: ThreadBudget,
}

impl<F: Real> Cache<F> {
    /// No arrays yet; large products will be split over `budget`.
    pub fn new(budget: ThreadBudget) -> Self {
        Self {
            hidden: vec![],
            logits: Array2::zeros((0, 0)),
            dlogits: Scaled::empty(),
            branch: Scaled::empty(),
            budget,
        }
    }

    /// Makes the arrays fit batches of `batch` examples on their way through `net`, and reuses their memory as far as
    /// it goes. They hold nothing of meaning until a forward has filled them.
    pub fn fit(&mut self, net: &Network<F>, batch: usize) {
        self.hidden.resize_with(net.hidden.len(), || HiddenCache {
            z: Array2::zeros((0, 0)),
            normed: Array2::zeros((0, 0)),
            statistics: NormStatistics::new(0, 0),
            h: Array2::zeros((0, 0)),
            dz: Scaled::empty(),
        });
        for (layer, at) in net.hidden.iter().zip(&mut self.hidden) {
            let (shape, none) = ((batch, layer.dense.w.ncols()), (0, 0)); // (B, D)
            let has_norm = layer.norm.is_some();
            fit(&mut at.z, shape);
            fit(&mut at.normed, if has_norm { shape } else { none });
            at.statistics.fit(if has_norm { shape } else { none });
            fit(&mut at.h, shape);
            fit(&mut at.dz.entries, shape);
        }
        let outputs = (batch, net.head.w.ncols());
        fit(&mut self.logits, outputs);
        fit(&mut self.dlogits.entries, outputs);
        let is_scaled = net.residual.is_some_and(|s| s != F::one());
        fit(&mut self.branch.entries, if is_scaled { self.hidden[0].z.dim() } else { (0, 0) });
    }
}
