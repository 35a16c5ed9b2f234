//! What one number per layer and time step means: the definitions behind the columns of trace.csv, time.csv and
//! gates.csv.
//!
//! Gradients here are those of the loss, the mean over the batch. `delta` is dLoss/dz, the backpropagated error; `dh` and
//! `dc` are dLoss/dh_t and dLoss/dc_t, total derivatives. Also the verdicts that a run can get, by name.

mod gains;
mod layer;
mod profile;
mod status;
mod time;
mod verdict;
mod words;

pub use gains::{Gains, WayBack};
pub use layer::{
    ActivationReading, GradientReading, LayerReading, norm_of_norms, read_activation, read_gradient, read_logits,
    recorded_log10, settle_underflow,
};
pub use profile::{
    decades_per_layer, decades_per_step, gradient_decades, slope_across_layers, slope_through_time, time_decades,
};
pub use status::{RowStatus, least_rms};
pub use time::{GateReading, TimeReading, owes_gradient, read_gate, read_time, saturated_share, settle_times};
pub use verdict::Verdict;
pub use words::{WORDS, meaning};
