//! The second half of a step: the way back, the readings, the update.

use super::measure::Measure;
use crate::kernels::{Magnitude, Real, norm};
use crate::nn::{Buffers, Network, Optimizer};

/// PyTorch's `clip_grad_norm_` adds this to the norm before it divides.
const CLIP_EPSILON: f64 = 1e-6;

/// A net and what changes it.
#[derive(Debug)]
pub(super) struct Descent<F> {
    pub(super) net: Network<F>,
    optimizer: Optimizer<F>,
    /// The norm of each tensor's gradient.
    norms: Vec<f64>,
    /// Largest total norm of an update's gradients; 0 for any.
    clip_norm: f64,
}

/// The gradients of a step as a whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Descended {
    /// Euclidean norm of the gradient of all parameters, biases and norms included, before clipping; NaN where nobody
    /// asked for it.
    pub(super) total_norm: f64,
    /// What clipping multiplied them with.
    pub(super) clip_factor: f64,
}

impl<F: Real> Descent<F> {
    pub(super) fn new(net: Network<F>, spec: &crate::spec::TrainSpec) -> Self {
        let sizes = net.tensor_sizes();
        let optimizer = Optimizer::new(&spec.optimizer, sizes.iter().copied());
        Self { net, optimizer, norms: vec![0.0; sizes.len()], clip_norm: spec.clip_norm }
    }

    /// Goes back from dLoss/dlogits to the first site and updates the net; `measure` reads every site on the way.
    ///
    /// Where nothing is clipped, a site is read and updated as soon as its gradients are there, while the caches still
    /// hold its arrays; otherwise only when all are.
    pub(super) fn step(
        &mut self,
        examples: usize,
        buffers: &mut Buffers<F>,
        mut measure: Option<&mut Measure<'_, F>>,
    ) -> Descended {
        let clips = self.clip_norm > 0.0;
        let wants_norms = clips || measure.is_some();
        let sites = (1..=self.net.hidden_layers() + 1).rev();
        self.optimizer.next_step();
        for l in sites.clone() {
            match &mut measure {
                Some(measure) => {
                    self.net.backward_site(l, buffers, Some(measure.errors()));
                    measure.read(l, examples, &self.net, buffers);
                }
                None => self.net.backward_site(l, buffers, None),
            }
            if wants_norms {
                // Every W comes first.
                let mut known = measure.iter().flat_map(|measure| measure.norms_of_gradients());
                self.net.visit_site(l, buffers, |number, _, (g, exponent)| {
                    let norm = || Magnitude { entries: norm(g), exponent }.value();
                    self.norms[number] = known.next().unwrap_or_else(norm);
                });
            }
            if !clips {
                self.update(l, buffers, measure.as_deref_mut());
            }
        }
        let total_norm = if wants_norms { norm(&self.norms) } else { f64::NAN };
        let mut clip_factor = 1.0;
        if clips {
            clip_factor = self.clip(total_norm, buffers);
            sites.for_each(|l| self.update(l, buffers, measure.as_deref_mut()));
        }
        Descended { total_norm, clip_factor }
    }

    /// Updates a site and forgets its gradients.
    fn update(&mut self, l: usize, buffers: &mut Buffers<F>, mut measure: Option<&mut Measure<'_, F>>) {
        let Self { net, optimizer, .. } = self;
        // Every W comes first, and is measured.
        let mut weights = net.count_weights(l);
        net.visit_site(l, buffers, |number, values, gradients| {
            let is_weight = weights > 0;
            weights = weights.saturating_sub(1);
            match &mut measure {
                Some(measure) if is_weight => {
                    measure.update(values.len(), |before| optimizer.measured_update(number, values, gradients, before));
                }
                _ => optimizer.update(number, values, gradients),
            }
        });
        if let Some(measure) = measure {
            measure.end_update(l, net);
        }
    }

    /// Scales every gradient so that the total norm is at most `clip_norm` (`torch.nn.utils.clip_grad_norm_`), and
    /// returns the factor.
    fn clip(&mut self, total: f64, buffers: &mut Buffers<F>) -> f64 {
        let factor = self.clip_norm / (total + CLIP_EPSILON);
        // Not `if factor < 1.0`: a norm that is NaN must reach the weights, as it would without clipping.
        if factor >= 1.0 {
            return 1.0;
        }
        self.net.scale_gradients(buffers, factor);
        factor
    }
}
