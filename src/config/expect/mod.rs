//! What is expected of the runs: the claims of `[[expect]]`, and `[check]`, the baseline that they are held against.

mod check;
mod claim;
mod expectations;
mod fields;
mod relation;

pub(in crate::config) use check::check;
pub(in crate::config) use expectations::expectations;
