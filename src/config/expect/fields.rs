//! The plain keys of a section. Each is found by its name, and read as a number, a flag, a text or a table.

use toml::Value;

use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::{Setting, names};
use crate::config::spelling::{closest, shown};
use crate::config::text::{Entry, Node, NodeKind, Place};
use crate::spec::{Interval, Text};

/// The entries of one table, whose keys are all known by name.
pub(super) struct Fields<'a> {
    /// What messages call the table: `[[expect]]`.
    pub(super) section: &'static str,
    /// Where the table begins.
    pub(super) place: &'a Place,
    pub(super) entries: &'a [Entry],
    /// The keys it may have.
    pub(super) keys: &'static [Setting],
}

impl<'a> Fields<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entries of these keys, in their order.
    pub(super) fn all(&self, keys: &[&str]) -> Vec<&'a Entry> {
        keys.iter().filter_map(|key| self.get(key)).collect()
    }

    /// The keys that the table may not have.
    pub(super) fn unknown(&self) -> impl Iterator<Item = &'a Entry> {
        let keys = self.keys;
        self.entries.iter().filter(move |entry| keys.iter().all(|key| key.name != entry.key))
    }

    /// Whether an unknown key is most likely a slip of one of these: then it is no second error that they are missing.
    pub(super) fn has_slip_of(&self, keys: &[&str]) -> bool {
        self.unknown().any(|entry| closest(&entry.key, names(self.keys)).is_some_and(|key| keys.contains(&key)))
    }
}

/// Reads a finite number.
pub(super) fn number(entry: &Entry, notes: &mut Notes) -> Option<f64> {
    number_of(&entry.key, &entry.node, notes)
}

/// Reads a finite number from a value; `key` is its key, for messages.
pub(super) fn number_of(key: &str, node: &Node, notes: &mut Notes) -> Option<f64> {
    let value = match node.value() {
        Some(Value::Integer(n)) => Some(n as f64),
        Some(Value::Float(x)) => Some(x).filter(|x| Interval::ANY.contains(*x)),
        _ => None,
    };
    if value.is_none() {
        notes.push(bad(key, node, "a finite number"));
    }
    value
}

/// Reads a finite number that is not negative.
pub(super) fn distance(key: &str, node: &Node, notes: &mut Notes) -> Option<f64> {
    let value = number_of(key, node, notes)?;
    let is_one = Interval::NOT_NEGATIVE.contains(value);
    if !is_one {
        notes.push(bad(key, node, "a number of at least 0"));
    }
    is_one.then_some(value)
}

/// Reads `true` or `false`.
pub(super) fn flag(entry: &Entry, notes: &mut Notes) -> Option<bool> {
    let value = entry.node.value().and_then(|value| value.as_bool());
    if value.is_none() {
        notes.push(bad(&entry.key, &entry.node, "true or false"));
    }
    value
}

/// Reads a string that says something: not empty, and on one line.
pub(super) fn words(entry: &Entry, what: &str, notes: &mut Notes) -> Option<String> {
    if let NodeKind::Scalar(Value::String(text)) = &entry.node.kind
        && Text::Line.accepts(text)
    {
        return Some(text.trim().to_string());
    }
    notes.push(bad(&entry.key, &entry.node, what));
    None
}

/// Reads one of a few known strings; `what` they are, for messages.
pub(super) fn one_of<T: Copy>(node: &Node, what: &str, all: &[(&'static str, T)], notes: &mut Notes) -> Option<T> {
    let given = node.value();
    let given = given.as_ref().and_then(Value::as_str).unwrap_or_default();
    let found = all.iter().find(|(name, _)| *name == given).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let near = closest(given, names.iter().copied());
        let error = Diagnostic::error(format!("{} is not a {what}", shown(node.place.text())));
        let error = error.at(&node.place, format!("expected one of {}", names.join(", ")));
        notes.push(error.help_if(near.map(|name| format!("did you mean \"{name}\"?"))));
    }
    found
}

/// An error for a value that is not one of the key's.
pub(super) fn bad(key: &str, node: &Node, expected: &str) -> Diagnostic {
    let given = shown(node.place.text());
    Diagnostic::error(format!("{given} is not a value of `{key}`")).at(&node.place, format!("expected {expected}"))
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
