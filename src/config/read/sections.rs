//! The sections that say which runs there are: `[run]`, `[grid]`, `[[zip]]`, `[[exclude]]` and `[[include]]`.

use std::collections::{BTreeMap, HashMap};

use super::accepted::show;
use super::flatten::{Flat, KeyAssignment, flatten};
use super::shape::{Block, blocks, table};
use super::values::{axis, bad_single, one_or_several, value};
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::meaning::{Axis, Column, Include, Rule};
use crate::config::text::{Node, NodeKind, Place};
use crate::spec::{Draft, KEYS, KeySet};

/// The keys of `[run]`, into a draft and the places where they were said; a later section speaks over an earlier one.
/// Values first: advice about what is wrong must be able to stand beside what is right.
pub(in crate::config) fn run(node: &Node, base: &mut Draft, said: &mut BTreeMap<usize, Place>, notes: &mut Notes) {
    let flat = Flat::of(table(node, "[run]", notes));
    let mut bad = Vec::new();
    for key in &flat.keys {
        said.insert(key.key, key.place.clone());
        match value(key) {
            Some(value) => {
                base.set(key.key, &value);
            }
            None => bad.push(key),
        }
    }
    notes.said = base.clone();
    flat.note_others("[run]", notes);
    bad.into_iter().for_each(|key| bad_single(key, notes));
}

/// The axes of `[grid]`, one for each key.
pub(in crate::config) fn grid(node: &Node, most: u64, notes: &mut Notes) -> Vec<Axis> {
    let said = flatten("[grid]", table(node, "[grid]", notes), notes);
    said.iter().filter_map(|key| Some(alone(axis(key, most, notes)?))).collect()
}

/// The axes of all `[[zip]]` blocks, one for each block.
pub(in crate::config) fn zips(node: &Node, most: u64, notes: &mut Notes) -> Vec<Axis> {
    let blocks = blocks(node, "zip", notes);
    blocks.iter().filter_map(|block| zip(block, most, notes)).collect()
}

fn zip(block: &Block<'_>, most: u64, notes: &mut Notes) -> Option<Axis> {
    let said = flatten("[[zip]]", block.entries, notes);
    let before = notes.diagnostics.len();
    let columns: Vec<Column> = said.iter().filter_map(|key| several_in_zip(key, most, notes)).collect();
    let first = columns.first()?;
    // Lengths count what was written: a bad value that was left out does not make a second error.
    let length = |said: &KeyAssignment<'_>, column: &Column| match &said.node.kind {
        NodeKind::List(items) => items.len() as u64,
        NodeKind::Table(_) | NodeKind::Scalar(_) => column.values.len(),
    };
    if notes.diagnostics.len() == before {
        let lengths: Vec<u64> = said.iter().zip(&columns).map(|(said, column)| length(said, column)).collect();
        if lengths.iter().any(|n| *n != lengths[0]) {
            let mut error = Diagnostic::error("the lists of a [[zip]] must be of one length");
            for (column, n) in columns.iter().zip(&lengths) {
                notes.doubtful.insert(column.key);
                error = error.at(&column.place, format!("{n} value{}", if *n == 1 { "" } else { "s" }));
            }
            notes.push(
                error.help("their first values make the first point of the axis, their second values the second, .."),
            );
            return None;
        }
        repeated_rows(&columns, notes);
    } else if columns.iter().any(|column| column.values.len() != first.values.len()) {
        return None;
    }
    Some(Axis { place: block.place.clone(), columns })
}

/// Reads a key of a `[[zip]]`: an axis in which a value may come twice, beside another value of the next key.
fn several_in_zip(said: &KeyAssignment<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    match &said.node.kind {
        NodeKind::List(_) | NodeKind::Table(_) => one_or_several(said, most, notes),
        NodeKind::Scalar(_) => axis(said, most, notes),
    }
}

fn repeated_rows(columns: &[Column], notes: &mut Notes) {
    let mut first: HashMap<Vec<String>, u64> = HashMap::new();
    for i in 0..columns[0].values.len() {
        let row: Vec<String> = columns.iter().map(|c| show(c.key, &c.values.get(i))).collect();
        let Some(earlier) = first.insert(row.clone(), i) else { continue };
        let mut error = Diagnostic::error(format!("a [[zip]] holds {} twice", row.join(", ")));
        for column in columns {
            notes.doubtful.insert(column.key);
            error = error.at(column.values.place(i), "again here").at(column.values.place(earlier), "first here");
        }
        notes.push(error);
    }
}

/// The rules of all `[[exclude]]` blocks.
pub(in crate::config) fn excludes(node: &Node, most: u64, notes: &mut Notes) -> Vec<Rule> {
    let mut rules = Vec::new();
    for block in blocks(node, "exclude", notes) {
        let before = notes.diagnostics.len();
        let said = flatten("[[exclude]]", block.entries, notes);
        let columns: Vec<Column> = said.iter().filter_map(|key| one_or_several(key, most, notes)).collect();
        if notes.diagnostics.len() > before {
            // What the rule would have dropped is unknown, so nothing may be said of the points that are left.
            notes.doubtful = KeySet::all();
        } else {
            rules.push(Rule { place: block.place, columns });
        }
    }
    rules
}

/// The points of all `[[include]]` blocks.
pub(in crate::config) fn includes(node: &Node, most: u64, notes: &mut Notes) -> Vec<Include> {
    let mut includes = Vec::new();
    for block in blocks(node, "include", notes) {
        let said = flatten("[[include]]", block.entries, notes);
        let axes: Vec<Axis> = said.iter().filter_map(|key| Some(alone(one_or_several(key, most, notes)?))).collect();
        if !axes.is_empty() {
            includes.push(Include { place: block.place, axes });
        }
    }
    includes
}

/// An axis of one key.
pub(in crate::config) fn alone(column: Column) -> Axis {
    Axis { place: column.place.clone(), columns: vec![column] }
}

/// Two axes of one key: which of them should count?
pub(in crate::config) fn duplicate_axes(axes: &mut Vec<Axis>, notes: &mut Notes) {
    let mut first: BTreeMap<usize, Place> = BTreeMap::new();
    axes.retain(|axis| {
        let mut is_new = true;
        for column in &axis.columns {
            let Some(earlier) = first.get(&column.key) else {
                first.insert(column.key, column.place.clone());
                continue;
            };
            is_new = false;
            let error = Diagnostic::error(format!("`{}` is in two axes", KEYS[column.key].name));
            let error = error.at(&column.place, "again here").at(earlier, "first here");
            notes.doubt(column.key, error.help("a key belongs to [grid] or to one [[zip]]: leave one of the two out"));
        }
        is_new
    });
}
