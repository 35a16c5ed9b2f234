//! The one integration binary: vgrun as a library and as a command.

mod experiment;
mod gradients;
mod sweeps;
