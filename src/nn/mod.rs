//! Networks: what they are made of, their losses and update rules, forward and backward.
//!
//! [`describe()`] turns a spec into a [`Description`]: ops, residual parts, repeated parts, and the sites where errors are
//! read. [`Schedule`] puts that in order and says which arrays it needs; [`Network`] is built from both, and
//! [`Description::size`] counts what it takes. `op` says what an op is.
//!
//! | letter | meaning | letter | meaning |
//! |---|---|---|---|
//! | x | input of the net | W | weights of a dense layer, (fan_in, fan_out) |
//! | z | pre-activation, a dense layer's output | b | its biases |
//! | u | argument of the activation: norm(z), or z itself | h | activation phi(u) |
//! | B | examples in a batch | D | units of a layer |
//! | L | hidden layers, each with a site; the head is site L + 1 | dx | dLoss/dx, for any x |
//! | T, t | time steps of a sequence, from 1 | M | how many of the last ones are answered |
//! | W_x, W_h | a recurrent layer's weights, (fan_in, gates H) and (H, gates H) | H | its units |
//! | c | the cell state of an lstm | y | what a recurrent layer hands on: h, or the residual stream |
//!
//! In every backward, the gradients of parameters, which were 0, accumulate (`dw += ..`) and those of inputs are assigned
//! (`dx = ..`). An error travels as entries and an exponent: [`crate::kernels::settle`]'s module says how.
//! Arrays are row-major, one row per example; of sequences, one row per example and time step, all examples of t = 1
//! first.

mod activation;
mod cell;
mod describe;
mod init;
mod loss;
mod model_spec;
mod net;
mod op;
mod optimizer;
mod rows;
mod schedule;
mod size;
mod state;
#[cfg(test)]
mod tests;

pub use activation::{Activation, Formulas};
pub use cell::Cell;
pub use describe::{Belongs, Description, Node, Part, SiteName, describe};
pub use init::{Init, Origin};
pub use loss::{Answered, Loss, Target};
pub use model_spec::{BatchShape, ModelKind, ModelSpec, NormKind, ResidualScaling};
pub use net::{Buffers, Gradients, Mode, Network, Probe};
pub use op::norm::EPS as NORM_EPS;
pub use op::{
    Flow, GainOf, Op, OpForm, OpPlace, Param, ParamForm, Precise, Role, Saved, Shared, States, Units, Way, Work,
};
pub use optimizer::{Optimizer, OptimizerKind, OptimizerSpec};
pub use rows::{Errors, Extent, LINE, Rows, RowsOf, fit, rms, zeros};
pub use schedule::{OpAt, Schedule};
pub use size::{Counted, Size};
pub use state::Tensor;
