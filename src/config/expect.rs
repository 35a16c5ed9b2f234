//! `[[expect]]`: which points each speaks of, and what it claims of their runs.

use std::collections::{BTreeMap, HashMap};

use super::claim::claim;
use super::fields::{Fields, words};
use super::flatten::{flatten, groups};
use super::notes::Notes;
use super::sections::{Block, blocks, unknown_key};
use super::setting::{Holds, Part, Setting, Values, setting};
use super::suggest::shown;
use super::tree::{Entry, Node, NodeKind};
use super::values::one_or_several;
use super::{Column, Diagnostic, Expectation, Place};
use crate::metric::Verdict;
use crate::spec::{Choice, Interval, Metric, Shape, Share, Text};

/// What an `[[expect]]` may hold.
pub(super) static KEYS: [Setting; 18] = [
    setting("name", "what reports call it by; no other has it", Holds::Value(|| Shape::Text(Text::Line))).required(),
    setting(
        "where",
        "the points that it speaks of: those that match every key (a list means any of); all points where not given",
        Holds::Table(Part::Run(Values::Any)),
    ),
    setting(
        "metric",
        "the number that it is about: a headline metric of runs.csv, one of trace.csv (with layer), or of time.csv \
         (with lag)",
        Holds::Value(|| of_names(Metric::ALL.into_iter().map(Metric::name))),
    ),
    setting(
        "layer",
        "the layer of the metric: a hidden one by its number, \"last\" (hidden) or \"head\"",
        Holds::Value(|| Shape::AnyOf(vec![whole_from(1), of_names(["last", "head"])])),
    ),
    setting(
        "step",
        "the traced step of the metric: its number, \"first\" (at initialisation) or \"last\"",
        Holds::Value(|| Shape::AnyOf(vec![whole_from(0), of_names(["first", "last"])])),
    )
    .or(|| "first".into()),
    setting(
        "lag",
        "the time step of the metric, counted back from the last one, which has lag 0",
        Holds::Value(|| whole_from(0)),
    ),
    setting(
        "verdict",
        "the verdict of the runs, or a list: any of these",
        Holds::Value(|| {
            let verdict = || of_names(Verdict::ALL.map(Verdict::name));
            Shape::AnyOf(vec![verdict(), Shape::List(Box::new(verdict()))])
        }),
    ),
    setting("learned", "whether the nets learn: a loss below 0.9 of chance", Holds::Value(|| Shape::Flag)),
    setting("min", "the least that the metric may be", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("max", "the most that the metric may be", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("equals", "what the metric is, within tolerance", Holds::Value(|| Shape::Number(Interval::ANY))),
    setting("tolerance", "how far from equals is still equal", Holds::Value(|| Shape::Number(Interval::NOT_NEGATIVE))),
    setting(
        "versus",
        "the keys in which the run differs that each run is compared with",
        Holds::Table(Part::Run(Values::One)),
    ),
    setting(
        "min_difference",
        "the least that the metric, less that of the other run, may be",
        Holds::Value(|| Shape::Number(Interval::ANY)),
    ),
    setting(
        "decades",
        "the least that log10 of the norm over that of the other run may be",
        Holds::Value(|| Shape::Number(Interval::ANY)),
    ),
    setting(
        "every_seed",
        "whether it is about each run by itself: no mean over seeds, no statistics",
        Holds::Value(|| Shape::Flag),
    )
    .or(|| false.into()),
    setting(
        "at_least",
        "the share of a cell's runs that have the verdict, or learned",
        Holds::Value(|| Shape::Number(Interval::SHARE)),
    )
    .or(|| Share::ALL.get().into()),
    setting(
        "expected_failure",
        "why it is known not to hold: then it fails when it does hold",
        Holds::Value(|| Shape::Text(Text::Line)),
    ),
];

/// Any of these names.
fn of_names(names: impl IntoIterator<Item = &'static str>) -> Shape {
    Shape::Name(names.into_iter().map(|name| Choice { name, aliases: &[], doc: String::new() }).collect())
}

fn whole_from(least: u64) -> Shape {
    Shape::Whole { least, most: i64::MAX as u64 }
}

/// What messages call the tables of keys of the run in it.
pub(super) const WHERE: &str = "`where`";
pub(super) const VERSUS: &str = "`versus`";

/// The expectations that are right; of the others each error is noted. None of these puts a key of the run in doubt.
pub(super) fn expectations(node: &Node, most: u64, notes: &mut Notes) -> Vec<Expectation> {
    let mut own = Notes::default();
    let mut first: HashMap<String, Place> = HashMap::new();
    let mut all = Vec::new();
    for block in blocks(node, "expect", &mut own) {
        all.extend(expectation(&block, most, &mut first, &mut own));
    }
    notes.diagnostics.append(&mut own.diagnostics);
    all
}

fn expectation(
    block: &Block<'_>,
    most: u64,
    first: &mut HashMap<String, Place>,
    notes: &mut Notes,
) -> Option<Expectation> {
    let fields = Fields { section: "[[expect]]", place: &block.place, entries: block.entries, keys: &KEYS };
    let before = notes.diagnostics.len();
    for entry in fields.unknown() {
        notes.push(unknown(entry));
    }
    let name = name(&fields, first, notes);
    let points = fields.get("where").and_then(|entry| points(entry, most, notes)).unwrap_or_default();
    let failure = "a reason in words: why it does not hold yet";
    let expected_failure = fields.get("expected_failure").and_then(|entry| words(entry, failure, notes));
    let claim = claim(&fields, notes);
    let keys: BTreeMap<String, Place> =
        block.entries.iter().map(|entry| (entry.key.clone(), entry.place.clone())).collect();
    let (name, claim) = (name?, claim?);
    (notes.diagnostics.len() == before).then(|| Expectation {
        place: block.place.clone(),
        name,
        points,
        claim,
        expected_failure,
        keys,
    })
}

fn name(fields: &Fields<'_>, first: &mut HashMap<String, Place>, notes: &mut Notes) -> Option<String> {
    let Some(entry) = fields.get("name") else {
        if !fields.has_slip_of(&["name"]) {
            let error = Diagnostic::error("this [[expect]] has no name").at(fields.place, "");
            notes.push(error.help("add a line such as name = \"sigmoid vanishes\": reports call it by that"));
        }
        return None;
    };
    let name = words(entry, "a name on one line", notes)?;
    match first.get(&name) {
        Some(earlier) => {
            let error = Diagnostic::error(format!("two expectations have the name \"{}\"", shown(&name)));
            let error = error.at(&entry.node.place, "again here").at(earlier, "first here");
            notes.push(error.help("give each a name of its own: reports tell them apart by it"));
        }
        None => {
            first.insert(name.clone(), entry.node.place.clone());
        }
    }
    Some(name)
}

/// The rule of `where`, read as one of `[[exclude]]`.
fn points(entry: &Entry, most: u64, notes: &mut Notes) -> Option<Vec<Column>> {
    let entries = inner(entry, notes)?;
    let said = flatten(WHERE, entries, notes);
    Some(said.iter().filter_map(|key| one_or_several(key, most, notes)).collect())
}

/// The entries of a key whose value is a table of keys of the run.
pub(super) fn inner<'a>(entry: &'a Entry, notes: &mut Notes) -> Option<&'a [Entry]> {
    match &entry.node.kind {
        NodeKind::Table(entries) => Some(entries),
        NodeKind::List(_) | NodeKind::Scalar(_) => {
            let error = Diagnostic::error(format!("`{}` must be a table of keys of the run", entry.key));
            notes.push(error.at(&entry.node.place, "expected such as { model.depth = 10 }"));
            None
        }
    }
}

fn unknown(entry: &Entry) -> Diagnostic {
    let error = unknown_key(entry, "[[expect]]", &KEYS);
    if groups().any(|group| group == entry.key) || entry.key == "seed" {
        let help = format!("the points that it speaks of: where = {{ {} = .. }}", entry_path(entry));
        return Diagnostic { help: vec![help], ..error };
    }
    error
}

/// `model.depth` of the entry `model` that holds `depth`.
fn entry_path(entry: &Entry) -> String {
    match &entry.node.kind {
        NodeKind::Table(inner) => {
            inner.first().map_or_else(|| entry.key.clone(), |inner| format!("{}.{}", entry.key, inner.key))
        }
        NodeKind::List(_) | NodeKind::Scalar(_) => entry.key.clone(),
    }
}
