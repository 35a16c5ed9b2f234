//! Values of keys: each is tried before anything runs, and each bad one is noted at its own place.

use toml::Value;

use super::accepted::accepts;
use super::flatten::KeyAssignment;
use super::range_table::{fits, range};
use super::repeated::{decimals, is_axis, repeated};
use crate::config::diagnose::{Diagnostic, Notes, bad_value, remedy};
use crate::config::meaning::{Column, Item, Values};
use crate::config::spelling::list::lists;
use crate::config::spelling::shown;
use crate::config::text::{Node, NodeKind};
use crate::spec::KEYS;

/// The one value of a key, if it takes it.
pub(in crate::config) fn value(said: &KeyAssignment<'_>) -> Option<Value> {
    said.node.value().filter(|value| accepts(said.key, value))
}

/// Notes that a key of `[run]` does not take its value.
pub(in crate::config) fn bad_single(said: &KeyAssignment<'_>, notes: &mut Notes) {
    let error = bad_value(said.key, said.node, &notes.said);
    let error = match &said.node.kind {
        NodeKind::List(_) if !KEYS[said.key].is_list => error.help("several values go to [grid]"),
        NodeKind::Table(entries) if entries.iter().any(|entry| entry.key == "from") => {
            error.help("a range goes to [grid]")
        }
        NodeKind::Table(_) | NodeKind::List(_) | NodeKind::Scalar(_) => error,
    };
    notes.doubt(said.key, error);
}

/// The one value of a key that takes no more; a bad one is noted.
pub(in crate::config) fn single(said: &KeyAssignment<'_>, notes: &mut Notes) -> Option<Value> {
    let value = value(said);
    if value.is_none() {
        bad_single(said, notes);
    }
    value
}

/// The values of an axis: a list or a range, each value once.
pub(in crate::config) fn axis(said: &KeyAssignment<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    let key = &KEYS[said.key];
    let column = several(said, most, notes)?;
    if let Values::Listed(items) = &column.values
        && let Some(error) = repeated(said, key, items, notes)
    {
        notes.doubt(said.key, error);
    }
    Some(column)
}

/// The values of a key where one may stand for a list of one, and repetition does no harm.
pub(in crate::config) fn one_or_several(said: &KeyAssignment<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    let alone = match &said.node.kind {
        NodeKind::Scalar(_) => true,
        NodeKind::List(_) => is_one_list(said),
        NodeKind::Table(_) => false,
    };
    if !alone {
        return several(said, most, notes);
    }
    let item = Item { value: single(said, notes)?, place: said.node.place.clone() };
    Some(Column { key: said.key, place: said.place.clone(), values: Values::Listed(vec![item]) })
}

/// Whether a list is one value of a key whose values are lists: none of its items is a value by itself.
fn is_one_list(said: &KeyAssignment<'_>) -> bool {
    let NodeKind::List(items) = &said.node.kind else { return false };
    KEYS[said.key].is_list
        && value(said).is_some()
        && !items.iter().any(|item| item.value().is_some_and(|value| accepts(said.key, &value)))
}

fn several(said: &KeyAssignment<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    let name = KEYS[said.key].name;
    let place = &said.node.place;
    let values = match &said.node.kind {
        NodeKind::Scalar(_) => {
            let error = Diagnostic::error(format!("the values of `{name}` must be a list"));
            let help = in_list(said, notes);
            notes.doubt(said.key, error.at(place, "expected a list or a range").help(help));
            return None;
        }
        NodeKind::Table(entries) => {
            let range = range(said, entries, most, notes)?;
            Values::Range(range, place.clone())
        }
        NodeKind::List(items) if items.is_empty() => {
            let error = Diagnostic::error(format!("the list of `{name}` is empty"));
            notes.doubt(said.key, error.at(place, "expected at least one value"));
            return None;
        }
        NodeKind::List(_) if is_one_list(said) => {
            let error =
                Diagnostic::error(format!("a value of `{name}` is itself a list, so several are a list of lists"));
            let help = format!("one value is [{}]", shown(place.text()));
            notes.doubt(said.key, error.at(place, "expected a list of lists").help(help));
            return None;
        }
        NodeKind::List(items) => {
            if items.iter().any(|item| item.value().is_none_or(|value| !accepts(said.key, &value)))
                && let Some(decimals) = decimals(said)
            {
                let error = Diagnostic::error(format!("not all of {} are values of `{name}`", shown(place.text())));
                let error = error.at(place, format!("each is to be {}", (KEYS[said.key].expected)()));
                notes.doubt(said.key, error.help(format!("decimals have a point: write {decimals}")));
                return None;
            }
            if !fits(said, items.len() as u64, most, notes) {
                return None;
            }
            Values::Listed(items.iter().filter_map(|item| try_item(said.key, item, notes)).collect())
        }
    };
    (!values.is_empty()).then(|| Column { key: said.key, place: said.place.clone(), values })
}

/// What to write in place of one value where a list belongs.
fn in_list(said: &KeyAssignment<'_>, notes: &Notes) -> String {
    let text = said.node.place.text();
    if value(said).is_some() {
        return format!("a list of one is [{}]; a value that never changes goes to [run]", shown(text));
    }
    let mut meant = lists(text).into_iter().map(|all| all.into_iter().filter(|list| is_axis(said.key, list)).collect());
    if let Some(all) = meant.find(|all: &Vec<String>| !all.is_empty()) {
        return format!("write {}", all.join(" or "));
    }
    let expected = (KEYS[said.key].expected)();
    let remedy = remedy(&KEYS[said.key], &said.node.kind, &notes.said).map(|remedy| format!(": {remedy}"));
    format!("each value is {expected}{}", remedy.unwrap_or_default())
}

fn try_item(key: usize, node: &Node, notes: &mut Notes) -> Option<Item> {
    let value = node.value().filter(|value| accepts(key, value));
    if value.is_none() {
        let error = bad_value(key, node, &notes.said);
        notes.doubt(key, error);
    }
    Some(Item { value: value?, place: node.place.clone() })
}
