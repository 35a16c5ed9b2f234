//! `[check]`: which baseline the runs are held against, and how closely.

use std::collections::BTreeMap;

use super::fields::{Fields, distance, one_of, words};
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::{CHECK, metrics_of_baselines};
use crate::config::meaning::Check;
use crate::config::read::{table, unknown_key};
use crate::config::text::{Node, NodeKind};
use crate::spec::Metric;

/// The settings. None of its errors puts a key of the run in doubt.
pub(in crate::config) fn check(node: &Node, notes: &mut Notes) -> Check {
    let mut own = Notes::default();
    let entries = table(node, "[check]", &mut own);
    let fields = Fields { section: "[check]", place: &node.place, entries, keys: &CHECK };
    for entry in fields.unknown() {
        own.push(unknown_key(entry, fields.section, fields.keys));
    }
    let path = "the path of a file, relative to the config's folder";
    let baseline = fields.get("baseline").and_then(|entry| words(entry, path, &mut own));
    let decades = fields.get("tolerance_decades").and_then(|e| distance(&e.key, &e.node, &mut own));
    let tolerances = fields.get("tolerance").map(|entry| tolerances(&entry.node, &mut own)).unwrap_or_default();
    notes.diagnostics.append(&mut own.diagnostics);
    Check { baseline, tolerance_decades: decades, tolerances }
}

/// `tolerance = { test_accuracy = 0.02 }`.
fn tolerances(node: &Node, notes: &mut Notes) -> BTreeMap<Metric, f64> {
    let NodeKind::Table(entries) = &node.kind else {
        let error = Diagnostic::error("`tolerance` is a table of metrics").at(&node.place, "expected a table");
        notes.push(error.help("such as { test_accuracy = 0.02 }; one number for all decades is tolerance_decades"));
        return BTreeMap::new();
    };
    let all: Vec<(&'static str, Metric)> = metrics_of_baselines().map(|metric| (metric.name(), metric)).collect();
    let mut tolerances = BTreeMap::new();
    for entry in entries {
        let name = Node { place: entry.place.clone(), kind: NodeKind::Scalar(toml::Value::String(entry.key.clone())) };
        let metric = one_of(&name, "metric of a baseline", &all, notes);
        let tolerance = distance(&entry.key, &entry.node, notes);
        tolerances.extend(metric.zip(tolerance));
    }
    tolerances
}
