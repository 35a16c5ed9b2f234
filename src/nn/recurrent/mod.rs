//! The recurrent network: L stacked layers of one cell, with a dense head on the last M time steps.
//!
//! y_0 = x; of layer l: h_t = cell_l(u_t, h_{t-1}), h_0 = 0 (and c_0 = 0), where u = y_{l-1}, or, with layer norm and
//! l >= 2, norm_l(y_{l-1}) over the units of each example and time step.
//! plain:    y_l = h_l.
//! residual: y_1 = h_1; y_l = y_{l-1} + s h_l for l >= 2, s = 1 or 1/sqrt(L).
//! logits = y_L W_{L+1} + b_{L+1} at t = T - M + 1, .., T.
//!
//! The next layer and the head read y; the next time step of a layer reads its h. Gradients go back through all T time
//! steps. dLoss/dh_t and dLoss/dc_t are total: all ways on which h_t reaches the loss, of this and of later time steps,
//! this layer and those above.
//!
//! Whatever has no time in it is one product over all T B rows; what has is one product of all gates per time step.

mod cache;
mod layer;
mod net;

pub use cache::{RecurrentCache, RecurrentLayerCache};
pub use layer::RecurrentLayer;
pub use net::Recurrent;
