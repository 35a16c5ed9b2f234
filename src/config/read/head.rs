//! What stands at the top of a config, and `[output]`: the experiment's own settings.

use std::sync::Arc;

use toml::Value;

use super::flatten::groups;
use super::shape::{table, text, unknown_key};
use crate::config::diagnose::{Diagnostic, Notes, closest_key, in_place_of_key};
use crate::config::keys::{DEFAULT_MAX_RUNS, MOST_RUNS, OUTPUT, TOP, names};
use crate::config::meaning::{OutputTables, Table};
use crate::config::spelling::{closest, shown};
use crate::config::text::{Entry, Node, NodeKind, Source};
use crate::spec::{KEYS, Text};

/// The settings, each at its default until it is said.
#[derive(Debug)]
pub(in crate::config) struct Head {
    pub(in crate::config) name: Option<String>,
    pub(in crate::config) why: String,
    pub(in crate::config) max_runs: u64,
    pub(in crate::config) tables: OutputTables,
    /// Whether `name` was said at all, rightly or not.
    named: Named,
}

#[derive(Debug, PartialEq)]
enum Named {
    No,
    Yes,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            name: None,
            why: String::new(),
            max_runs: DEFAULT_MAX_RUNS.into(),
            tables: OutputTables::NotSaid,
            named: Named::No,
        }
    }
}

impl Head {
    /// Reads the settings among the entries of a top level; notes what may not stand there.
    pub(in crate::config) fn read(&mut self, entries: &[Entry], notes: &mut Notes) {
        for entry in entries {
            match entry.key.as_str() {
                "name" => {
                    self.named = Named::Yes;
                    self.name = text("name", &entry.node, notes).filter(|name| is_name(name, &entry.node, notes));
                }
                "why" => self.why = text("why", &entry.node, notes).unwrap_or_default(),
                "max_runs" => self.max_runs = most_runs(&entry.node, notes).unwrap_or(self.max_runs),
                "output" => self.output(&entry.node, notes),
                "run" | "grid" | "zip" | "exclude" | "include" | "expect" | "check" => {}
                _ => unknown(entry, notes),
            }
        }
    }

    /// Reads the settings among the arguments of `--set`. A name or a reason is taken as it stands there: `--set name=7`.
    pub(in crate::config) fn read_sets(&mut self, sets: &[Entry], notes: &mut Notes) {
        for set in sets {
            let mut set = set.clone();
            let is_text = matches!(&set.node.kind, NodeKind::Scalar(Value::String(_)));
            if matches!(set.key.as_str(), "name" | "why") && !is_text {
                set.node.kind = NodeKind::Scalar(Value::String(set.node.place.text().to_string()));
            }
            self.read(&[set], notes);
        }
    }

    /// Notes what the whole config left out.
    pub(in crate::config) fn finish(&self, source: &Arc<Source>, entries: &[Entry], notes: &mut Notes) {
        // A name below a section has its own error.
        let is_name = |entry: &Entry| entry.key == "name";
        let misplaced = |entry: &Entry| matches!(&entry.node.kind, NodeKind::Table(inner) if inner.iter().any(is_name));
        if self.named == Named::No && !entries.iter().any(misplaced) {
            let error = Diagnostic::error("the experiment has no name").in_source(source);
            notes.push(
                error.help("begin the file with a line such as name = \"depth\": it names the folder of the results"),
            );
        }
    }

    fn output(&mut self, node: &Node, notes: &mut Notes) {
        for entry in table(node, "[output]", notes) {
            if entry.key == "tables" {
                self.tables = tables(&entry.node, notes);
            } else {
                notes.push(unknown_key(entry, "[output]", &OUTPUT));
            }
        }
    }
}

fn is_name(name: &str, node: &Node, notes: &mut Notes) -> bool {
    let is_allowed = |c: char| Text::Slug.accepts(c.encode_utf8(&mut [0; 4]));
    let is_name = Text::Slug.accepts(name);
    if !is_name {
        let error = Diagnostic::error(format!("{} is not a name for an experiment", shown(node.place.text())));
        let lower = name.to_lowercase();
        let words: Vec<&str> = lower.split(|c| !is_allowed(c)).filter(|word| !word.is_empty()).collect();
        let slug = words.join("_");
        // A whole page is no slip of a name.
        let help = (1..100).contains(&slug.len()).then(|| format!("write \"{slug}\""));
        notes.push(
            error.at(&node.place, "expected at most 100 letters a-z, digits, _ and -: it names a folder").help_if(help),
        );
    }
    is_name
}

fn most_runs(node: &Node, notes: &mut Notes) -> Option<u64> {
    let value = node.value().and_then(|value| value.as_integer()).and_then(|n| u64::try_from(n).ok());
    let value = value.filter(|n| (1..=MOST_RUNS).contains(n));
    if value.is_none() {
        let error = Diagnostic::error(format!("{} is not a value of `max_runs`", shown(node.place.text())));
        notes.push(error.at(&node.place, format!("expected a whole number from 1 to {MOST_RUNS}")));
    }
    value
}

fn tables(node: &Node, notes: &mut Notes) -> OutputTables {
    let names = Table::ALL.map(Table::name);
    let NodeKind::List(items) = &node.kind else {
        let error = Diagnostic::error(format!("{} is not a value of `output.tables`", shown(node.place.text())));
        notes.push(error.at(&node.place, "expected a list of tables").help(format!("all are {names:?}")));
        return OutputTables::NotSaid;
    };
    let mut tables = Vec::new();
    for item in items {
        let given = item.value();
        let given = given.as_ref().and_then(Value::as_str);
        match Table::ALL.into_iter().find(|table| Some(table.name()) == given) {
            Some(table) => tables.push((table, item.place.clone())),
            None => notes.push(
                Diagnostic::error(format!("{} is not a table", shown(item.place.text())))
                    .at(&item.place, format!("expected one of {}", names.join(", ")))
                    .help_if(closest(given.unwrap_or_default(), names).map(|name| format!("did you mean \"{name}\"?"))),
            ),
        }
    }
    if items.is_empty() {
        let error = Diagnostic::error("the list of `output.tables` is empty");
        notes.push(error.at(&node.place, format!("expected at least one of {}", names.join(", "))));
    }
    // Stable: of a table that is named twice, the first place stays.
    tables.sort_by_key(|(table, _)| *table);
    tables.dedup_by_key(|(table, _)| *table);
    OutputTables::Named(tables)
}

/// Notes a key or section that no config has.
fn unknown(entry: &Entry, notes: &mut Notes) {
    let key = entry.key.as_str();
    let is_table = match &entry.node.kind {
        NodeKind::Table(_) => true,
        NodeKind::List(items) => items.iter().any(|item| matches!(item.kind, NodeKind::Table(_))),
        NodeKind::Scalar(_) => false,
    };
    let what = if is_table { "section" } else { "key" };
    let error = Diagnostic::error(format!("unknown {what} `{}`", shown(key))).at(&entry.place, "");
    if groups().any(|group| group == key) {
        let help = format!("did you mean `run.{key}`? the keys of a run stand below [run]");
        return notes.doubt_all(error.help(help));
    }
    if let Some(help) = in_place_of_key(key, &notes.said) {
        return notes.push(error.help(help));
    }
    if let Some(near) = closest(key, names(&TOP)) {
        let error = error.help(format!("did you mean `{near}`?"));
        return if is_table { notes.doubt_all(error) } else { notes.push(error) };
    }
    match closest_key(key, |_| true) {
        Some(index) if !is_table => {
            let help = format!("did you mean `run.{}`? the keys of a run stand below [run]", KEYS[index].name);
            notes.doubt(index, error.help(help));
        }
        _ => notes.push(error.help(format!("a config holds {}", names(&TOP).join(", ")))),
    }
}
