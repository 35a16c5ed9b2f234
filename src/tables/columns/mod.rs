//! The columns of the tables that have rows of single runs: name, type, unit, meaning and value of each, in the order in
//! which they are written. Headers, rows and the data package's description all come from here.

mod column;
mod of_runs;
mod of_steps;
mod of_time;
#[cfg(test)]
pub(super) mod tests;

pub(super) use column::{TableColumn, integer, number};
pub(super) use of_runs::RUNS;
pub(super) use of_steps::{LAYERS, STEPS, TRACE};
pub(super) use of_time::{GATES, TIME};
