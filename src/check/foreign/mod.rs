//! Traces of other programs: the gradient norms of each layer at some steps, as CSV, in place of our own runs.
//!
//! Needed columns: every swept axis by its name in our tables, the seed included, `step`, `layer` and `grad_norm`. Read
//! where they are there: the other metrics of a layer by their names in trace.csv (`delta_rms`, `weight_norm`,
//! `update_norm`, `act_mean`, `act_std`, `zero_fraction`, `saturated_fraction`), `loss`, `role`, and log10 of the
//! two norms of a gradient (`log10_grad_norm`, `log10_delta_rms`), which count where the norm is too small for its own
//! column. A note lists the columns that are not used.
//!
//! # What a cell may look like
//!
//! The same trace is read whichever program saved it: separated by commas, semicolons, tabs, bars or blanks; with decimal
//! commas where the separator is no comma; with or without quotes, a byte order mark, carriage returns, row names or an
//! index. `TRUE`, `True` and `1` are true, `1e+05` and `100000.0` are the step 100000, and `0.10000000149011612`, which is
//! 0.1 as a float32, is the axis value 0.1. An empty cell, `NA` and `None` are no number, while `NaN` is one: it says that
//! a gradient went wrong. The header may come again where files were joined.
//!
//! # Which rows there must be
//!
//! Every run with the steps of all others, and of each step every layer, once: what is left out could be what went wrong.
//! The steps may begin anywhere. A run has no more steps than its spec, so that no file holds more than its plan has room
//! for. Layers are numbers (1..L, and L + 1 for the head) or names, in the order of their first appearance in the first
//! step of each run; the last is the head, unless `role` says `head` of another. Rows of role `block` are left out.
//!
//! # A writer that was killed
//!
//! A last line without a line break is no row, whatever it holds: `0.` may be what is left of `0.0086`, and nobody can
//! tell `1.5` from the beginning of `1.5e-07`. A note says so. If the run of the file's last row then lacks layers of its
//! last step, that step is left out, too, provided that no other run has it. Else the trace is refused.

mod axes;
mod cells;
mod error;
mod exports;
mod header;
mod kinds;
mod layers;
mod lines;
mod read;
mod row;
mod rows;
mod runs;
mod trace;

pub use error::ForeignError;
pub use read::{Foreign, read_foreign};
