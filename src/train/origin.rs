//! Where the weights began, and how far they have come since.

use crate::kernels::{Real, difference_norm, norm};
use crate::metric::norm_of_norms;
use crate::nn::Network;

/// Every W of a net before its first update.
#[derive(Debug)]
pub(super) struct Origin<'a, F> {
    /// Layer 1 first, the head last.
    weights: &'a [F],
    layers: Vec<Layer>,
}

/// The W of one layer.
#[derive(Debug, Clone, Copy)]
struct Layer {
    /// Where it begins among the weights.
    begin: usize,
    norm: f64,
}

impl<'a, F: Real> Origin<'a, F> {
    /// Keeps the weights of a net that was not updated yet; `room` is for the copy.
    pub(super) fn of(net: &Network<F>, room: &'a mut Vec<F>) -> Self {
        room.clear();
        let all = || (1..=net.hidden_layers() + 1).map(|l| net.weights(l));
        room.reserve_exact(all().flatten().map(<[F]>::len).sum());
        let mut layers = Vec::with_capacity(net.hidden_layers() + 1);
        for layer in all() {
            let begin = room.len();
            let norm = norm_of_norms(layer.map(|w| {
                room.extend_from_slice(w);
                norm(w)
            }));
            layers.push(Layer { begin, norm });
        }
        Self { weights: room, layers }
    }

    /// Returns how far the W of layer `l` have moved: the norm of their change over the norm of what they were; NaN
    /// where that is 0.
    pub(super) fn moved(&self, l: usize, net: &Network<F>) -> f64 {
        let Layer { begin, norm } = self.layers[l - 1];
        let mut then = &self.weights[begin..];
        let moved = norm_of_norms(net.weights(l).map(|now| {
            let (was, rest) = then.split_at(now.len());
            then = rest;
            difference_norm(now, was)
        }));
        if norm == 0.0 { f64::NAN } else { moved / norm }
    }
}
