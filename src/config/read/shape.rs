//! The outer shape of a section: a table, a list of blocks, a string; and the error for a key that it does not have.

use toml::Value;

use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::{Setting, names};
use crate::config::spelling::{closest, shown};
use crate::config::text::{Entry, Node, NodeKind, Place};

/// The entries of a node that must be a table.
pub(in crate::config) fn table<'a>(node: &'a Node, section: &str, notes: &mut Notes) -> &'a [Entry] {
    match &node.kind {
        NodeKind::Table(entries) => entries,
        NodeKind::List(_) | NodeKind::Scalar(_) => {
            let label = format!("expected a table: the header {section}, keys below it");
            notes.doubt_all(
                Diagnostic::error(format!("`{}` must be a table", section.trim_matches(['[', ']'])))
                    .at(&node.place, label),
            );
            &[]
        }
    }
}

/// One block of an array of tables.
pub(in crate::config) struct Block<'a> {
    pub(in crate::config) place: Place,
    pub(in crate::config) entries: &'a [Entry],
}

pub(in crate::config) fn blocks<'a>(node: &'a Node, section: &str, notes: &mut Notes) -> Vec<Block<'a>> {
    let items = match &node.kind {
        NodeKind::List(items) => items.as_slice(),
        NodeKind::Table(_) | NodeKind::Scalar(_) => {
            let error = Diagnostic::error(format!("`{section}` is a list of blocks"));
            notes.doubt_all(
                error
                    .at(&node.place, format!("expected [[{section}]]"))
                    .help(format!("write the header [[{section}]], with two brackets, before each block")),
            );
            return Vec::new();
        }
    };
    let mut blocks = Vec::new();
    for item in items {
        let entries = table(item, &format!("[[{section}]]"), notes);
        if matches!(&item.kind, NodeKind::Table(inner) if inner.is_empty()) {
            notes.push(
                Diagnostic::error(format!("this [[{section}]] is empty")).at(&item.place, "expected a key below it"),
            );
        } else if !entries.is_empty() {
            blocks.push(Block { place: item.place.clone(), entries });
        }
    }
    blocks
}

/// The string of a key, or an error.
pub(in crate::config) fn text(key: &str, node: &Node, notes: &mut Notes) -> Option<String> {
    if let NodeKind::Scalar(Value::String(text)) = &node.kind {
        return Some(text.clone());
    }
    let given = shown(node.place.text());
    notes.push(Diagnostic::error(format!("{given} is not a value of `{key}`")).at(&node.place, "expected a string"));
    None
}

/// An error for a key that `section` does not have.
pub(in crate::config) fn unknown_key(entry: &Entry, section: &str, keys: &[Setting]) -> Diagnostic {
    let error = Diagnostic::error(format!("unknown key `{}` in {section}", shown(&entry.key))).at(&entry.place, "");
    match closest(&entry.key, names(keys)) {
        Some(name) => error.help(format!("did you mean `{name}`?")),
        None => error.help(format!("its keys are {}", names(keys).join(", "))),
    }
}
