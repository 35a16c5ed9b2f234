//! Looking at an error on its way back through a layer, where the cache keeps it for a moment only.

use super::Scaled;

/// Where an error is in its layer. The last site, dLoss/dz, is in the cache when the layer's backward is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site {
    /// dLoss/dh, as it comes from the layer above.
    Activation,
    /// dLoss/du, past the activation: of a layer with a norm.
    Argument,
    /// What the branch alone gives of dLoss/dz, past the norm: of a layer whose z a residual stream carries on.
    Branch,
}

/// Who looks. Backwards are compiled for each, so that those that nobody looks at do nothing for it.
pub trait Probe<F> {
    /// The error at a site, (batch, units).
    fn observe(&mut self, site: Site, error: &Scaled<F>);
}

/// Nobody.
impl<F> Probe<F> for () {
    #[inline(always)]
    fn observe(&mut self, _station: Site, _error: &Scaled<F>) {}
}
