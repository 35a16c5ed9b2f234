//! Nested tables of keys -> dotted names: `[run.model] depth`, `model.depth` and `model = { depth = .. }` are one key.

use super::accepted::accepts;
use crate::config::diagnose::{Diagnostic, Notes, closest_key, in_place_of_key};
use crate::config::keys::{EXPECT, VERSUS, WHERE};
use crate::config::spelling::{closest, shown};
use crate::config::text::{Entry, Node, NodeKind, Place};
use crate::spec::{GROUPS, KEYS, Key, key_index};

/// A key of the run with what was said of it.
pub(in crate::config) struct KeyAssignment<'a> {
    /// Index in [`KEYS`].
    pub(in crate::config) key: usize,
    pub(in crate::config) place: &'a Place,
    pub(in crate::config) node: &'a Node,
}

/// What stands in a section where a key of the run belongs, and is none.
struct NoKey<'a> {
    path: String,
    place: &'a Place,
    node: &'a Node,
}

/// The keys of a section, and what else stands there.
pub(in crate::config) struct Flat<'a> {
    /// The keys, in the order of the text.
    pub(in crate::config) keys: Vec<KeyAssignment<'a>>,
    others: Vec<NoKey<'a>>,
}

impl<'a> Flat<'a> {
    /// Finds the keys in the tables of a section.
    pub(in crate::config) fn of(entries: &'a [Entry]) -> Self {
        let mut flat = Self { keys: Vec::new(), others: Vec::new() };
        flat.walk("", entries);
        flat.keys.sort_by_key(|said| said.place.span.end);
        flat
    }

    fn walk(&mut self, prefix: &str, entries: &'a [Entry]) {
        for Entry { key, place, node } in entries {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match (key_index(&path), &node.kind) {
                (Some(index), _) => self.keys.push(KeyAssignment { key: index, place, node }),
                (None, NodeKind::Table(inner)) if is_group(&path) => self.walk(&path, inner),
                (None, _) => self.others.push(NoKey { path, place, node }),
            }
        }
    }

    /// Notes what is no key of `section` (such as `[run]`, for messages).
    pub(in crate::config) fn note_others(&self, section: &str, notes: &mut Notes) {
        for NoKey { path, place, node } in &self.others {
            if is_group(path) {
                notes.push(
                    Diagnostic::error(format!("`{path}` is a group of keys, not a key of its own"))
                        .at(&node.place, "expected a key below it")
                        .help(format!("its keys are {}", keys_of(path))),
                );
            } else {
                unknown(section, path, place, node, notes);
            }
        }
    }
}

/// The keys of `section` (such as `[run]`, for messages), in the order of the text; the unknown ones are noted.
pub(in crate::config) fn flatten<'a>(section: &str, entries: &'a [Entry], notes: &mut Notes) -> Vec<KeyAssignment<'a>> {
    let flat = Flat::of(entries);
    flat.note_others(section, notes);
    flat.keys
}

/// The name of a table in an `[[expect]]`, whose header takes in all keys below it; none for other sections.
fn table_of_expect(section: &str) -> Option<&str> {
    [WHERE, VERSUS].contains(&section).then(|| section.trim_matches('`'))
}

fn unknown(section: &str, path: &str, place: &Place, node: &Node, notes: &mut Notes) {
    if let NodeKind::Table(_) = &node.kind
        && !path.contains('.')
    {
        // One error for the section, not one for each of its keys.
        let help = match (in_place_of_key(path, &notes.said), closest(path, groups())) {
            (Some(help), _) => help,
            (None, Some(group)) => {
                let above = place.text().rsplit_once('.').map(|(above, _)| format!("{above}.")).unwrap_or_default();
                format!("did you mean `{above}{group}`?")
            }
            (None, None) => format!("the groups of {section} are {}", groups().collect::<Vec<_>>().join(", ")),
        };
        let error = Diagnostic::error(format!("unknown group `{}` in {section}", shown(path)));
        return notes.doubt_all(error.at(place, "").help(help));
    }
    let error = Diagnostic::error(format!("unknown key `{}` in {section}", shown(path))).at(place, "");
    if let (Some(table), true) = (table_of_expect(section), EXPECT.iter().any(|key| key.name == path)) {
        let help = format!("`{path}` is a key of [[expect]]: write it above [expect.{table}], or {table} = {{ .. }}");
        return notes.push(error.help(help));
    }
    if ["name", "why", "max_runs"].contains(&path) {
        return notes.push(error.help(format!("`{path}` stands at the top of the file, before the first [section]")));
    }
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_key = KEYS.iter().any(|key| key.short_name() == last);
    if let (false, Some(help)) = (is_key, in_place_of_key(last, &notes.said)) {
        return notes.push(error.help(help));
    }
    let takes = |key: usize| takes(section, key, node);
    match closest_key(path, takes) {
        Some(key) => {
            let help = did_you_mean(section, path, place, &KEYS[key]);
            let expected = (KEYS[key].expected)();
            let help = if takes(key) { help } else { format!("{help} its values are {expected}") };
            notes.doubt(key, error.help(help));
        }
        None => notes.push(match path.split_once('.') {
            Some((group, _)) if groups().any(|g| g == group) => {
                error.help(format!("the keys of {group} are {}", keys_of(group)))
            }
            _ => error,
        }),
    }
}

/// Whether what was written may stand beside a key: one value in `[run]`, elsewhere several too.
fn takes(section: &str, key: usize, node: &Node) -> bool {
    let is_value = |node: &Node| node.value().is_some_and(|value| accepts(key, &value));
    match &node.kind {
        NodeKind::Table(_) => section != "[run]" && (KEYS[key].shape)().has_numbers(),
        NodeKind::List(items) => is_value(node) || section != "[run]" && items.iter().all(is_value),
        NodeKind::Scalar(_) => is_value(node),
    }
}

/// The key as it is to be written where the wrong one stands: below a header its group is said already.
fn did_you_mean(section: &str, path: &str, place: &Place, key: &Key) -> String {
    let part = section.trim_matches(['[', ']', '`']);
    if place.source.is_argument() {
        return format!("did you mean `{part}.{}`?", key.name);
    }
    let Some((group, _)) = path.split_once('.').filter(|_| !place.text().contains('.')) else {
        return format!("did you mean `{}`?", key.name);
    };
    match key.name.split_once('.') {
        Some((of, short)) if of == group => format!("did you mean `{short}`?"),
        Some((of, short)) if place.source.text().contains(&format!("[{part}.{of}]")) => {
            format!("did you mean `{}`? write {short} below [{part}.{of}]", key.name)
        }
        _ => format!("did you mean `{}`? write it below {section}, before any [{part}.{group}]", key.name),
    }
}

/// `data`, `model`, ..: the first parts of the dotted keys.
pub(in crate::config) fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|group| group.name)
}

fn is_group(path: &str) -> bool {
    groups().any(|group| group == path)
}

/// The keys of a group, for messages.
fn keys_of(group: &str) -> String {
    let names = KEYS.iter().filter(|k| k.name.split_once('.').is_some_and(|(g, _)| g == group));
    names.map(Key::short_name).collect::<Vec<_>>().join(", ")
}
