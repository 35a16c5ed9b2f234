//! What is expected of the runs: the claims of `[[expect]]`, and the baseline of `[check]`.

use std::collections::BTreeMap;

use super::axis::Column;
use crate::config::text::Place;
use crate::spec::{Claim, Metric};

/// `[[expect]]`: a claim about the runs of some points.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Where the block begins.
    pub place: Place,
    /// No other of the config has it.
    pub name: String,
    /// `where`: the points that agree with one value of each key; all where it is empty.
    pub points: Vec<Column>,
    /// What is claimed.
    pub claim: Claim,
    /// Why it is known not to hold; none where it is to hold.
    pub expected_failure: Option<String>,
    /// Where each key of the block was said.
    pub(in crate::config) keys: BTreeMap<String, Place>,
}

impl Expectation {
    /// Where a key of the block was said; where the block begins if it was not.
    pub fn place_of(&self, key: &str) -> &Place {
        self.keys.get(key).unwrap_or(&self.place)
    }
}

/// `[check]`: what the runs are held against.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Check {
    /// The baseline's path as it was written, relative to the config's folder; beside the config where it is not said.
    pub baseline: Option<String>,
    /// The decades by which a run may differ from the baseline; 0 is exact. Where it is not said, the baseline may say it.
    pub tolerance_decades: Option<f64>,
    /// What a metric may differ by instead: decades of a norm, else its own unit.
    pub tolerances: BTreeMap<Metric, f64>,
}
