//! Values of keys: each is tried before anything runs, and each bad one is noted at its own place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use toml::Value;

use super::flatten::Said;
use super::notes::Notes;
use super::range_table::range;
use super::set_argument::ORIGIN;
use super::suggest::alike::{escape, plain, plain_text};
use super::suggest::elsewhere::in_place_of_value;
use super::suggest::number::plain_numbers;
use super::suggest::{closest, shown};
use super::tree::{Node, NodeKind, is_not_zero};
use super::{Column, Diagnostic, Item, Values};
use crate::spec::{KEYS, Key, RunSpec, grouped};

/// The one value of a key of `[run]`.
pub(super) fn single(said: &Said<'_>, notes: &mut Notes) -> Option<Value> {
    let value = said.node.value().filter(|value| accepts(said.key, value));
    if value.is_none() {
        let error = bad_value(said.key, said.node);
        let error = match &said.node.kind {
            NodeKind::List(_) if !KEYS[said.key].is_list => error.help("several values go to [grid]"),
            NodeKind::Table(entries) if entries.iter().any(|entry| entry.key == "from") => {
                error.help("a range goes to [grid]")
            }
            NodeKind::Table(_) | NodeKind::List(_) | NodeKind::Scalar(_) => error,
        };
        notes.doubt(said.key, error);
    }
    value
}

/// The values of an axis: a list or a range, each value once.
pub(super) fn axis(said: &Said<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    let key = &KEYS[said.key];
    let column = several(said, most, notes)?;
    if let Values::Listed(items) = &column.values
        && let Some(error) = repeated(said, key, items, notes)
    {
        notes.doubt(said.key, error);
    }
    Some(column)
}

/// The error of a list that holds values more than once, in whatever spelling.
fn repeated(said: &Said<'_>, key: &Key, items: &[Item], notes: &Notes) -> Option<Diagnostic> {
    const LABELS: usize = 8;
    let mut first: HashMap<String, usize> = HashMap::new();
    let (mut again, mut once) = (Vec::new(), Vec::new());
    for (i, item) in items.iter().enumerate() {
        match first.entry(show(said.key, &item.value)) {
            Entry::Occupied(earlier) => again.push((i, *earlier.get())),
            Entry::Vacant(vacant) => {
                once.push(item.place.text());
                vacant.insert(i);
            }
        }
    }
    let &(second, earliest) = again.first()?;
    let value = show(said.key, &items[second].value);
    let count = 1 + again.iter().filter(|(_, earlier)| *earlier == earliest).count();
    let times = if count == 2 { "twice".to_owned() } else { format!("{count} times") };
    let others = match again.len() + 1 - count {
        0 => "",
        _ => ", and others again too",
    };
    let error = Diagnostic::error(format!("`{}` lists {value} {times}{others}", key.name));
    let error = again.iter().take(LABELS).fold(error, |error, (i, _)| error.at(&items[*i].place, "again here"));
    let error = error.at(&items[earliest].place, "first here");
    // A list of lists, and one that no line holds, is the user's to shorten.
    let list = format!("[{}]", once.join(", "));
    let list = if list.len() <= 60 && !list.contains('\n') { list } else { "the list with each value once".to_owned() };
    let is_argument = said.place.source.name() == ORIGIN;
    let shortened = match (is_argument, list.starts_with('[')) {
        (true, true) => format!("--set 'grid.{}={list}'", key.name),
        (false, true) => format!("{} = {list}", said.place.text()),
        (_, false) => list,
    };
    let repeats =
        again.iter().all(|(_, earlier)| again.iter().filter(|(_, other)| other == earlier).count() + 1 == count)
            && again.len() == once.len() * (count - 1);
    if key.name == "seed" || notes.sweeps_seed || !repeats {
        let by_seed = key.name == "seed" && once.len() == 1;
        let other = if by_seed {
            format!(", or for {count} seeds seed = {{ from = 0, count = {count} }}")
        } else {
            String::new()
        };
        return Some(error.help(format!("write {shortened}{other}")));
    }
    let seed = if is_argument {
        format!("--set 'grid.seed={{ from = 0, count = {count} }}'")
    } else {
        format!("seed = {{ from = 0, count = {count} }} in [grid]")
    };
    Some(error.help(format!("write {shortened}; to run each of them {count} times, add {seed}")))
}

/// The values of a key where one may stand for a list of one, and repetition does no harm.
pub(super) fn one_or_several(said: &Said<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
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
fn is_one_list(said: &Said<'_>) -> bool {
    let NodeKind::List(items) = &said.node.kind else { return false };
    KEYS[said.key].is_list
        && said.node.value().is_some_and(|value| accepts(said.key, &value))
        && !items.iter().any(|item| item.value().is_some_and(|value| accepts(said.key, &value)))
}

fn several(said: &Said<'_>, most: u64, notes: &mut Notes) -> Option<Column> {
    let name = KEYS[said.key].name;
    let place = &said.node.place;
    let values = match &said.node.kind {
        NodeKind::Scalar(_) => {
            let error = Diagnostic::error(format!("the values of `{name}` must be a list"));
            let help = format!("a list of one is [{}]; a value that never changes goes to [run]", shown(place.text()));
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
            if !fits(said, items.len() as u64, most, notes) {
                return None;
            }
            Values::Listed(items.iter().filter_map(|item| try_item(said.key, item, notes)).collect())
        }
    };
    (!values.is_empty()).then(|| Column { key: said.key, place: said.place.clone(), values })
}

fn try_item(key: usize, node: &Node, notes: &mut Notes) -> Option<Item> {
    let value = node.value().filter(|value| accepts(key, value));
    if value.is_none() {
        notes.doubt(key, bad_value(key, node));
    }
    Some(Item { value: value?, place: node.place.clone() })
}

pub(super) fn fits(said: &Said<'_>, count: u64, most: u64, notes: &mut Notes) -> bool {
    if count > most {
        let count = grouped(count.into());
        let error =
            Diagnostic::error(format!("`{}` has {count} values, more than max_runs = {most}", KEYS[said.key].name));
        let error = error.at(&said.node.place, format!("{count} values"));
        notes.doubt(said.key, error.help("take fewer values, or raise max_runs at the top of the file"));
    }
    count <= most
}

pub(super) fn accepts(key: usize, value: &Value) -> bool {
    (KEYS[key].set)(&mut RunSpec::default(), value)
}

/// A value as tables show it, so that aliases and spellings of one number are one.
pub(super) fn show(key: usize, value: &Value) -> String {
    let mut spec = RunSpec::default();
    (KEYS[key].set)(&mut spec, value);
    (KEYS[key].show)(&spec).to_string()
}

fn bad_value(key: usize, node: &Node) -> Diagnostic {
    let key = &KEYS[key];
    let text = shown(node.place.text());
    Diagnostic::error(format!("{text} is not a value of `{}`", key.name))
        .at(&node.place, format!("expected {}", (key.expected)()))
        .help_if(remedy(key, &node.kind).or_else(|| too_small(node)))
}

/// Why a number is none that a computer holds.
fn too_small(node: &Node) -> Option<String> {
    let text = node.place.text().replace('_', "");
    let is_lost = text.parse::<f64>().is_ok_and(|number| number == 0.0) && is_not_zero(&text);
    is_lost.then(|| "it is so small that a computer holds 0 in its place; the smallest number above 0 is 5e-324".into())
}

/// What the user most likely meant by a bad value.
fn remedy(key: &Key, kind: &NodeKind) -> Option<String> {
    let NodeKind::Scalar(value) = kind else { return None };
    let accepts = |value: &Value| (key.set)(&mut RunSpec::default(), value);
    let try_instead = |value: Value| accepts(&value).then(|| format!("write {value}"));
    match value {
        Value::String(text) => in_plain_characters(text, accepts)
            .or_else(|| in_place_of_value(key, text))
            .or_else(|| in_plain_numbers(text, accepts))
            .or_else(|| closest(text, (key.shape)().names()).map(|name| format!("did you mean \"{name}\"?")))
            .or_else(|| try_instead(Value::Integer(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Float(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Boolean(text.to_lowercase().parse().ok()?))),
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        Value::Float(x) if x.fract() == 0.0 => try_instead(Value::Integer(*x as i64)),
        Value::Integer(flag @ (0 | 1)) => try_instead(Value::Boolean(*flag == 1)),
        _ => None,
    }
}

/// A text without the characters that only look like those of a value, where that makes it one.
fn in_plain_characters(text: &str, accepts: impl Fn(&Value) -> bool) -> Option<String> {
    let written = plain_text(text)?;
    let written = written.trim().trim_matches(['"', '\'']).to_owned();
    let (at, odd) = text.chars().enumerate().find(|(_, c)| plain(*c).is_some())?;
    let value = Value::String(written);
    accepts(&value).then(|| format!("write {value}: character {} is {}", at + 1, escape(odd)))
}

/// A number as TOML writes it, where another language's is one of the key's values.
fn in_plain_numbers(text: &str, accepts: impl Fn(&Value) -> bool) -> Option<String> {
    let is_value = |number: &String| {
        let value = format!("x = {number}").parse::<toml::Table>().ok()?.remove("x")?;
        accepts(&value).then_some(())
    };
    let numbers: Vec<String> = plain_numbers(text).into_iter().filter(|number| is_value(number).is_some()).collect();
    (!numbers.is_empty()).then(|| format!("write {}", numbers.join(" or ")))
}
