//! `--set KEY=VALUE`: one more line of the config, under a full path, with the argument as its text.

use std::sync::Arc;

use toml::Value;
use toml::de::DeValue;

use super::flatten::flatten;
use super::head::TOP;
use super::notes::Notes;
use super::sections::{alone, table};
use super::setting::names;
use super::suggest::{closest, closest_key, shown};
use super::tree::{Entry, Node, NodeKind, node};
use super::values::axis;
use super::{Axis, Diagnostic, Place, Source, syntax};
use crate::spec::{KEYS, key_index};

/// The name under which messages show an argument.
pub(super) const ORIGIN: &str = "--set";

/// An argument as a tree: `run.train.steps=50` is `run = { train = { steps = 50 } }`. A value that is not TOML is a
/// string: shells eat quotes.
pub(super) fn read(argument: &str, notes: &mut Notes) -> Option<Entry> {
    let source = Source::new(ORIGIN, argument);
    let Some((path, text)) = argument.split_once('=') else {
        let error = Diagnostic::error(format!("`--set {}` has no value", shown(argument)));
        let error = error.at(&Place::new(&source, 0..argument.len()), "expected KEY=VALUE");
        notes.doubt_all(error.help("such as --set run.train.steps=50"));
        return None;
    };
    let mut parts = Vec::new();
    let mut at = 0;
    for part in path.split('.') {
        let start = at + part.len() - part.trim_start().len();
        parts.push((part.trim().to_string(), Place::new(&source, start..start + part.trim().len())));
        at += part.len() + 1;
    }
    let whole = Place::new(&source, parts[0].1.span.start..path.trim_end().len());
    if !is_path(&parts.iter().map(|(part, _)| part.as_str()).collect::<Vec<_>>()) {
        notes.doubt_all(unknown_path(path.trim(), text.trim(), &whole));
        return None;
    }
    if text.trim().is_empty() {
        let error = Diagnostic::error(format!("`--set {}` has no value", shown(argument)));
        notes.doubt_all(error.at(&Place::new(&source, argument.len()..argument.len()), "expected a value"));
        return None;
    }
    let offset = path.len() + 1;
    let mut tree = value(&source, offset, text, notes)?;
    let count = parts.len();
    for (i, (key, place)) in parts.into_iter().enumerate().rev() {
        let place = if i + 1 == count { whole.clone() } else { place };
        let entry = Entry { key, place: place.clone(), node: tree };
        if i == 0 {
            return Some(entry);
        }
        tree = Node { place, kind: NodeKind::Table(vec![entry]) };
    }
    None
}

fn value(source: &Arc<Source>, offset: usize, text: &str, notes: &mut Notes) -> Option<Node> {
    let start = offset + text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let as_string = Node {
        place: Place::new(source, start..start + trimmed.len()),
        kind: NodeKind::Scalar(Value::String(trimmed.to_string())),
    };
    let (parsed, errors) = DeValue::parse_recoverable(trimmed);
    if errors.iter().all(syntax::is_missing_quotes) {
        return Some(node(source, start, parsed.span(), parsed.get_ref()));
    }
    if trimmed.starts_with(['[', '{', '"', '\'']) {
        for error in errors {
            notes.doubt_all(syntax::diagnostic(source, start, &error));
        }
        return None;
    }
    Some(as_string)
}

fn is_path(parts: &[&str]) -> bool {
    match parts {
        ["name" | "why" | "max_runs"] | ["output", "tables"] => true,
        ["run" | "grid", rest @ ..] => !rest.is_empty(),
        _ => false,
    }
}

fn unknown_path(path: &str, value: &str, place: &Place) -> Diagnostic {
    let error = Diagnostic::error(format!("`{}` is not the path of a setting", shown(path))).at(place, "");
    let is_list = value.starts_with(['[', '{']);
    let key = key_index(path).or_else(|| closest_key(path));
    if let Some(key) = key {
        let full = format!("{}.{}", if is_list { "grid" } else { "run" }, KEYS[key].name);
        return error.help(format!("did you mean --set {full}={value}?"));
    }
    match closest(path, names(&TOP)) {
        Some("exclude" | "include" | "zip") => error.help("rules and zips are changed in the file"),
        Some("expect" | "check") => error.help("what is expected is changed in the file"),
        _ => error.help("paths are name, why, max_runs, output.tables, run.KEY and grid.KEY, such as run.train.steps"),
    }
}

/// Two arguments for one key: which of them should count?
pub(super) fn repeated(sets: &[Entry], notes: &mut Notes) {
    let path = |set: &Entry| {
        let mut leaf = set;
        let mut path = leaf.key.clone();
        while let NodeKind::Table(inner) = &leaf.node.kind
            && let [only] = inner.as_slice()
            && leaf.place.span != only.node.place.span
        {
            leaf = only;
            path = format!("{path}.{}", leaf.key);
        }
        path
    };
    for (i, set) in sets.iter().enumerate() {
        if sets[..i].iter().any(|earlier| path(earlier) == path(set)) {
            let error = Diagnostic::error(format!("`{}` is set twice", path(set)));
            let source = &set.place.source;
            let whole = Place::new(source, 0..source.text().len());
            notes.doubt_all(error.at(&whole, "").help("give one --set for each key"));
        }
    }
}

/// Puts the axis of `grid.KEY=[..]` in the place of the file's axis of that key, or after all axes.
pub(super) fn apply_axis(set: &Entry, most: u64, axes: &mut Vec<Axis>, notes: &mut Notes) {
    for said in flatten("grid", table(&set.node, "grid", notes), notes) {
        let Some(column) = axis(&said, most, notes) else { continue };
        match axes.iter_mut().find(|axis| axis.columns.iter().any(|c| c.key == said.key)) {
            Some(axis) if axis.columns.len() > 1 => {
                let name = KEYS[said.key].name;
                let error = Diagnostic::error(format!("`{name}` moves together with other keys in a [[zip]]"));
                let column = axis.columns.iter().find(|c| c.key == said.key).expect("it was just found");
                let error = error.at(said.place, "").at(&column.place, "in this [[zip]]");
                notes.doubt(said.key, error.help("change the [[zip]] in the file"));
            }
            Some(axis) => *axis = alone(column),
            None => axes.push(alone(column)),
        }
    }
}

/// Whether an axis moves a key of `run.KEY=..`; then that is noted, with the form that does what was meant.
pub(super) fn is_swept(set: &Entry, axes: &[Axis], notes: &mut Notes) -> bool {
    let mut scratch = Notes::default();
    let said = flatten("run", table(&set.node, "run", &mut scratch), &mut scratch);
    let mut is_swept = false;
    for said in said {
        let Some(axis) = axes.iter().find(|axis| axis.columns.iter().any(|c| c.key == said.key)) else { continue };
        is_swept = true;
        let column = axis.columns.iter().find(|c| c.key == said.key).expect("it was just found");
        let name = KEYS[said.key].name;
        let error = Diagnostic::error(format!("`{name}` is swept, so a value of [run] would change nothing"));
        let error = error.at(said.place, "").at(&column.place, "swept here");
        notes.doubt(
            said.key,
            error.help(if axis.columns.len() > 1 {
                "it moves together with other keys in a [[zip]]: change that in the file".to_string()
            } else {
                format!("to run this value alone: --set grid.{name}=[{}]", shown(said.node.place.text()))
            }),
        );
    }
    is_swept
}
