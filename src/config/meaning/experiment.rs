//! What a config says, as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::axis::{Axis, Include, Rule};
use super::expectation::{Check, Expectation};
use super::table::OutputTables;
use crate::config::text::{Place, Source};
use crate::spec::{Draft, KeySet};

/// What a config says, with `--set` applied. Every value in it is one of its key's.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Names the folder of its results: [a-z0-9_-]+.
    pub name: String,
    /// Why it exists; may be empty.
    pub why: String,
    /// The most points that are expanded.
    pub max_runs: u64,
    /// `output.tables`.
    pub tables: OutputTables,
    /// `[run]`.
    pub base: Draft,
    /// Where each key of `base` was last said, by its index in [`crate::spec::KEYS`].
    pub said: BTreeMap<usize, Place>,
    /// `[grid]` and `[[zip]]`, the slowest first.
    pub axes: Vec<Axis>,
    /// `[[exclude]]`.
    pub excludes: Vec<Rule>,
    /// `[[include]]`.
    pub includes: Vec<Include>,
    /// `[[expect]]`, in the order of the text.
    pub expectations: Vec<Expectation>,
    /// `[check]`.
    pub check: Check,
    /// Keys that an error left with a value the user did not mean. Empty in a config without errors.
    pub doubtful: KeySet,
    /// The file's text.
    pub source: Arc<Source>,
    /// The arguments of `--set`.
    pub sets: Vec<String>,
}
