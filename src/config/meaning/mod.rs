//! What a config says, typed: the run that all points share, the axes, the rules, the claims; and where each part was said.
//! Holds no value that is not one of its key's.

mod axis;
mod expectation;
mod experiment;
mod range;
mod table;

pub use axis::{Axis, Column, Include, Item, Rule, Values};
pub use expectation::{Check, Expectation};
pub use experiment::Experiment;
pub(in crate::config) use range::Number;
pub use range::Range;
pub use table::{OutputTables, Table};
