//! Gradients against central differences, PyTorch and other tiers.

mod answers;
mod differences;
mod feed_forward;
mod gains;
pub(crate) mod pytorch;
mod recurrent;
mod recurrent_learning;
mod recurrent_pytorch;
pub(crate) mod recurrent_reference;
mod tiers;
