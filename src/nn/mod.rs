//! Networks: their layers, losses and update rules, forward and backward.
//!
//! | letter | meaning | letter | meaning |
//! |---|---|---|---|
//! | x | input of the net | W | weights of a dense layer, (fan_in, fan_out) |
//! | z | pre-activation, a dense layer's output | b | its biases |
//! | u | argument of the activation: norm(z), or z itself | h | activation phi(u) |
//! | B | examples in a batch | D | units of a layer |
//! | L | hidden layers; the head is layer L + 1 | dx | dLoss/dx, for any x |
//! | T, t | time steps of a sequence, from 1 | M | how many of the last ones are answered |
//! | W_x, W_h | a recurrent layer's weights, (fan_in, gates H) and (H, gates H) | H | its units |
//! | c | the cell state of an lstm | y | what a recurrent layer hands on: h, or the residual stream |
//!
//! In every backward, the gradients of parameters, which were 0, accumulate (`dw += ..`) and those of inputs are assigned
//! (`dx = ..`). An error travels as entries and an exponent: [`crate::kernels::settle`]'s module says how.
//! What a backward needs of its forward is in an explicit cache. Arrays are row-major, one row per example;
//! of sequences, one row per example and time step, all examples of t = 1 first.

mod activation;
mod array;
mod cache;
mod cell;
mod dense;
mod init;
mod loss;
mod model;
mod model_spec;
mod network;
mod norm;
mod optimizer;
mod probe;
mod recurrent;
mod state;
#[cfg(test)]
mod tests;

pub use activation::{Activation, Formulas};
pub use array::{LINE, Scaled, fit, rms, zeros};
pub use cache::{Cache, HiddenCache};
pub use cell::Cell;
pub use dense::Dense;
pub use init::{Init, Origin};
pub use loss::{Answered, Loss, Target};
pub use model::{Activity, BatchShape, Model};
pub use model_spec::{ModelKind, ModelSpec, NormKind, ResidualScaling};
pub use network::{Hidden, Mode, Network};
pub use norm::{Affine, EPS as NORM_EPS, Norm, NormStatistics};
pub use optimizer::{Optimizer, OptimizerKind, OptimizerSpec};
pub use probe::{Probe, Site};
pub use recurrent::{Recurrent, RecurrentCache, RecurrentLayer, RecurrentLayerCache};
pub use state::Tensor;
