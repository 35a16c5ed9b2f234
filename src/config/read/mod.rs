//! Reads what a config says from its tree: the keys by their dotted names, their values, the sections, and arguments of
//! `--set`. Each error is noted at its own place.

mod accepted;
mod flatten;
pub(in crate::config) mod head;
mod range_table;
mod repeated;
pub(in crate::config) mod sections;
pub(in crate::config) mod set_argument;
mod shape;
mod values;

pub(in crate::config) use flatten::{flatten, groups};
pub(in crate::config) use shape::{Block, blocks, table, unknown_key};
pub(in crate::config) use values::{one_or_several, single};
