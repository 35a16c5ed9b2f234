//! `--set KEY=VALUE`: one more line of the config, under a full path, with the argument as its text.

use std::sync::Arc;

use toml::Value;
use toml::de::DeValue;

use super::accepted::accepts;
use super::flatten::flatten;
use super::sections::alone;
use super::shape::table;
use super::values::{axis, single};
use crate::config::diagnose::{Diagnostic, Notes, closest_key, in_place_of_key};
use crate::config::keys::{TOP, names};
use crate::config::meaning::Axis;
use crate::config::spelling::number::any_numbers;
use crate::config::spelling::{closest, shown};
use crate::config::syntax::{Meaning, diagnostic, is_missing_quotes, repaired_value};
use crate::config::text::{Entry, Node, NodeKind, Place, Source, node};
use crate::spec::{Draft, KEYS, KeySet, key_index};

/// The keys that the file sweeps.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::config) struct Swept {
    grid: KeySet,
    zip: KeySet,
}

impl Swept {
    /// Finds the keys of `[grid]` and of all `[[zip]]`.
    pub(in crate::config) fn of(grid: Option<&Node>, zip: Option<&Node>) -> Self {
        let keys = |node: Option<&Node>| {
            let mut found = KeySet::default();
            let blocks = match node.map(|node| (&node.kind, node)) {
                Some((NodeKind::List(blocks), _)) => blocks.as_slice(),
                Some((NodeKind::Table(_), node)) => std::slice::from_ref(node),
                Some((NodeKind::Scalar(_), _)) | None => &[],
            };
            for block in blocks {
                if let NodeKind::Table(entries) = &block.kind {
                    flatten("[grid]", entries, &mut Notes::default()).iter().for_each(|said| found.insert(said.key));
                }
            }
            found
        };
        Self { grid: keys(grid), zip: keys(zip) }
    }
}

/// An argument as a tree: `run.train.steps=50` is `run = { train = { steps = 50 } }`. A value that is not TOML is a
/// string: shells eat quotes.
pub(in crate::config) fn read(argument: &str, swept: Swept, meaning: Meaning<'_>, notes: &mut Notes) -> Option<Entry> {
    let source = Source::argument(argument);
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
        notes.doubt_all(unknown_path(path.trim(), text.trim(), &whole, swept, &notes.said));
        return None;
    }
    if text.trim().is_empty() {
        let error = Diagnostic::error(format!("`--set {}` has no value", shown(argument)));
        notes.doubt_all(error.at(&Place::new(&source, argument.len()..argument.len()), "expected a value"));
        return None;
    }
    let offset = path.len() + 1;
    let mut tree = value(&source, offset, text, meaning, notes)?;
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

fn value(source: &Arc<Source>, offset: usize, text: &str, meaning: Meaning<'_>, notes: &mut Notes) -> Option<Node> {
    let start = offset + text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let as_string = Node {
        place: Place::new(source, start..start + trimmed.len()),
        kind: NodeKind::Scalar(Value::String(trimmed.to_string())),
    };
    let (parsed, errors) = DeValue::parse_recoverable(trimmed);
    if errors.iter().all(is_missing_quotes) {
        return Some(node(source, start, parsed.span(), parsed.get_ref()));
    }
    if trimmed.starts_with(['[', '{', '"', '\'']) {
        if let Some(error) = repaired_value(source, start..start + trimmed.len(), meaning) {
            notes.doubt_all(error);
            return None;
        }
        for error in errors {
            notes.doubt_all(diagnostic(source, start, &error));
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

fn unknown_path(path: &str, value: &str, place: &Place, swept: Swept, said: &Draft) -> Diagnostic {
    let error = Diagnostic::error(format!("`{}` is not the path of a setting", shown(path))).at(place, "");
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_key = KEYS.iter().any(|key| key.short_name() == last);
    if let (false, Some(help)) = (is_key, in_place_of_key(last, said)) {
        return error.help(help);
    }
    let takes = |key: usize| is_value(key, value);
    if let Some(key) = key_index(path).or_else(|| closest_key(path, takes)) {
        return error.help(full_path(key, value, swept));
    }
    match closest(path, names(&TOP)) {
        Some("exclude" | "include" | "zip") => error.help("rules and zips are changed in the file"),
        Some("expect" | "check") => error.help("what is expected is changed in the file"),
        _ => error.help("paths are name, why, max_runs, output.tables, run.KEY and grid.KEY, such as run.train.steps"),
    }
}

/// The argument that sets a key to what somebody wrote; where that is no value of it, what its values are.
fn full_path(key: usize, value: &str, swept: Swept) -> String {
    let name = KEYS[key].name;
    if swept.zip.contains(key) {
        return format!("`{name}` moves together with other keys in a [[zip]]: change that in the file");
    }
    let parsed = DeValue::parse(value).map(toml::Spanned::into_inner);
    let is_value = |text: &str| is_value(key, text);
    let is_axis = matches!(parsed, Ok(DeValue::Array(_) | DeValue::Table(_))) && !is_value(value);
    let write = match any_numbers(value).into_iter().find(|number| is_value(number)) {
        Some(number) if !is_value(value) => number,
        _ => value.to_owned(),
    };
    match (is_axis, is_value(&write), swept.grid.contains(key)) {
        (true, ..) => format!("did you mean --set grid.{name}={value}?"),
        (false, true, false) => format!("did you mean --set run.{name}={write}?"),
        (false, true, true) => format!("did you mean --set grid.{name}=[{write}]?"),
        (false, false, is_swept) => {
            let part = if is_swept { "grid" } else { "run" };
            format!("did you mean {part}.{name}? its values are {}", (KEYS[key].expected)())
        }
    }
}

/// Whether an argument's text, TOML or a string without quotes, is a value of a key.
fn is_value(key: usize, text: &str) -> bool {
    let value = format!("x = {text}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x"));
    accepts(key, &value.unwrap_or_else(|| Value::String(text.to_owned())))
}

/// Two arguments for one key: which of them should count?
pub(in crate::config) fn repeated(sets: &[Entry], notes: &mut Notes) {
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
pub(in crate::config) fn apply_axis(set: &Entry, most: u64, axes: &mut Vec<Axis>, notes: &mut Notes) {
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
pub(in crate::config) fn is_swept(set: &Entry, axes: &[Axis], notes: &mut Notes) -> bool {
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
        let help = if axis.columns.len() > 1 {
            Some("it moves together with other keys in a [[zip]]: change that in the file".to_string())
        } else {
            // A value that is none has its own error.
            let value = said.node.place.text();
            single(&said, notes).map(|_| format!("to run this value alone: --set grid.{name}=[{value}]"))
        };
        notes.doubt(said.key, error.help_if(help));
    }
    is_swept
}
