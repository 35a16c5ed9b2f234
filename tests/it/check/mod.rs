//! Claims as tests: `check`, `accept`, `diff`.

mod command;
mod differences;
mod expect_errors;
mod expectations;
mod honest;
mod reports;
pub(crate) mod seeds;
mod simulated;
mod sweeps;
