//! `[check]`: which baseline the runs are held against, and how closely.

use std::collections::BTreeMap;

use super::fields::{Fields, distance, one_of, words};
use super::notes::Notes;
use super::sections::{table, unknown_key};
use super::setting::{Holds, Part, Setting, setting};
use super::tree::{Node, NodeKind};
use super::{Check, Diagnostic};
use crate::spec::{Interval, Metric, Shape, Text};

/// What `[check]` may hold.
pub(super) static KEYS: [Setting; 3] = [
    setting(
        "baseline",
        "the file of the baseline, relative to the config's folder; NAME.baseline.csv beside NAME.toml where not given",
        Holds::Value(|| Shape::Text(Text::Line)),
    ),
    setting(
        "tolerance_decades",
        "by how many decades a number may differ from the baseline; 0 is exact; a baseline of another program's traces \
         says 0.01 where not given",
        Holds::Value(|| Shape::Number(Interval::NOT_NEGATIVE)),
    ),
    setting(
        "tolerance",
        "by how much one metric may differ instead: decades of a norm, else its own unit",
        Holds::Table(Part::Each(|| held().map(Metric::name).collect(), || Shape::Number(Interval::NOT_NEGATIVE))),
    ),
];

/// The metrics of a baseline.
fn held() -> impl Iterator<Item = Metric> {
    Metric::ALL.into_iter().filter(|metric| metric.is_in_baseline())
}

/// The settings. None of its errors puts a key of the run in doubt.
pub(super) fn check(node: &Node, notes: &mut Notes) -> Check {
    let mut own = Notes::default();
    let entries = table(node, "[check]", &mut own);
    let fields = Fields { section: "[check]", place: &node.place, entries, keys: &KEYS };
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
    let all: Vec<(&'static str, Metric)> = held().map(|metric| (metric.name(), metric)).collect();
    let mut tolerances = BTreeMap::new();
    for entry in entries {
        let name = Node { place: entry.place.clone(), kind: NodeKind::Scalar(toml::Value::String(entry.key.clone())) };
        let metric = one_of(&name, "metric of a baseline", &all, notes);
        let tolerance = distance(&entry.key, &entry.node, notes);
        tolerances.extend(metric.zip(tolerance));
    }
    tolerances
}
