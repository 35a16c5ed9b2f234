//! `[[expect]]`: which points each speaks of, and what it claims of their runs.

use std::collections::{BTreeMap, HashMap};

use super::claim::claim;
use super::fields::{Fields, inner, words};
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::{EXPECT, WHERE};
use crate::config::meaning::{Column, Expectation};
use crate::config::read::{Block, blocks, flatten, groups, one_or_several, unknown_key};
use crate::config::spelling::shown;
use crate::config::text::{Entry, Node, NodeKind, Place};

/// The expectations that are right; of the others each error is noted. None of these puts a key of the run in doubt.
pub(in crate::config) fn expectations(node: &Node, most: u64, notes: &mut Notes) -> Vec<Expectation> {
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
    let fields = Fields { section: "[[expect]]", place: &block.place, entries: block.entries, keys: &EXPECT };
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

fn unknown(entry: &Entry) -> Diagnostic {
    let error = unknown_key(entry, "[[expect]]", &EXPECT);
    if groups().any(|group| group == entry.key) || entry.key == "seed" {
        let help = format!("to choose the runs that this is about, write where = {{ {} = .. }}", entry_path(entry));
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
