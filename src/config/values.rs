//! Values of keys: each is tried before anything runs, and each bad one is noted at its own place.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use toml::Value;

use super::flatten::Said;
use super::notes::{Notes, SeedAxis};
use super::range_table::range;
use super::set_argument::ORIGIN;
use super::suggest::alike::{escape, plain, plain_text};
use super::suggest::elsewhere::in_place_of_value;
use super::suggest::list::{decimal_pairs, lists};
use super::suggest::number::{any_numbers, plain_numbers};
use super::suggest::{closest, shown};
use super::tree::{Node, NodeKind, is_not_zero};
use super::{Column, Diagnostic, Item, Values};
use crate::spec::{Draft, KEYS, Key, RunSpec, Shape, grouped};

/// The one value of a key of `[run]`.
pub(super) fn single(said: &Said<'_>, notes: &mut Notes) -> Option<Value> {
    let value = said.node.value().filter(|value| accepts(said.key, value));
    if value.is_none() {
        let error = bad_value(said.key, said.node, notes);
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
    if let Some(decimals) = decimals(said) {
        return Some(error.help(format!("if these are decimals, they have a point: {decimals}")));
    }
    if key.name == "seed" {
        let others = once.len() > 1;
        let count = if others { items.len() } else { count };
        let seeds = format!("{{ from = 0, count = {count} }}");
        let seeds = if is_argument { format!("--set 'grid.seed={seeds}'") } else { format!("seed = {seeds}") };
        return Some(error.help(format!("write {shortened}, or for {count} seeds {seeds}")));
    }
    let repeats =
        again.iter().all(|(_, earlier)| again.iter().filter(|(_, other)| other == earlier).count() + 1 == count)
            && again.len() == once.len() * (count - 1);
    // What repeats runs is another seed of each.
    let seed = match notes.seed {
        SeedAxis::None if repeats && is_argument => {
            format!("; to run each of them {count} times, add --set 'grid.seed={{ from = 0, count = {count} }}'")
        }
        SeedAxis::None if repeats => {
            format!("; to run each of them {count} times, add seed = {{ from = 0, count = {count} }} in [grid]")
        }
        SeedAxis::Grid if repeats => "; to run each of them more often, give seed more values in [grid]".to_owned(),
        SeedAxis::None | SeedAxis::Fixed | SeedAxis::Grid | SeedAxis::Zip => String::new(),
    };
    Some(error.help(format!("write {shortened}{seed}")))
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

/// The list with points, where its commas are those of decimals that the key takes.
fn decimals(said: &Said<'_>) -> Option<String> {
    decimal_pairs(said.node.place.text()).filter(|list| is_axis(said.key, list))
}

/// Whether a text of TOML is a list of different values of a key, or a range for it.
fn is_axis(key: usize, text: &str) -> bool {
    match format!("x = {text}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x")) {
        Some(Value::Array(items)) => {
            let mut once = HashSet::new();
            items.iter().all(|item| accepts(key, item) && once.insert(show(key, item)))
        }
        Some(Value::Table(_)) => (KEYS[key].shape)().has_numbers(),
        _ => false,
    }
}

/// What to write in place of one value where a list belongs.
fn in_list(said: &Said<'_>, notes: &Notes) -> String {
    let text = said.node.place.text();
    if said.node.value().is_some_and(|value| accepts(said.key, &value)) {
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
        let error = bad_value(key, node, notes);
        notes.doubt(key, error);
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

fn bad_value(key: usize, node: &Node, notes: &Notes) -> Diagnostic {
    let key = &KEYS[key];
    let text = shown(node.place.text());
    Diagnostic::error(format!("{text} is not a value of `{}`", key.name))
        .at(&node.place, format!("expected {}", (key.expected)()))
        .help_if(remedy(key, &node.kind, &notes.said).or_else(|| too_small(node)))
}

/// Why a number is none that a computer holds.
fn too_small(node: &Node) -> Option<String> {
    let text = node.place.text().replace('_', "");
    let is_lost = text.parse::<f64>().is_ok_and(|number| number == 0.0) && is_not_zero(&text);
    is_lost.then(|| "it is so small that a computer holds 0 in its place; the smallest number above 0 is 5e-324".into())
}

/// What the user most likely meant by a bad value.
fn remedy(key: &Key, kind: &NodeKind, said: &Draft) -> Option<String> {
    let NodeKind::Scalar(value) = kind else { return None };
    let accepts = |value: &Value| (key.set)(&mut RunSpec::default(), value);
    let try_instead = |value: Value| accepts(&value).then(|| format!("write {value}"));
    match value {
        Value::String(text) => in_plain_characters(text, accepts)
            .or_else(|| in_place_of_value(key, text, said))
            .or_else(|| in_plain_numbers(text, accepts))
            .or_else(|| percent(key, text.strip_suffix('%')?.trim().parse().ok()?))
            .or_else(|| closest(text, (key.shape)().names()).map(|name| format!("did you mean \"{name}\"?")))
            .or_else(|| try_instead(Value::Integer(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Float(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Boolean(text.to_lowercase().parse().ok()?))),
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        Value::Float(x) if x.fract() == 0.0 => try_instead(Value::Integer(*x as i64)),
        Value::Integer(flag @ (0 | 1)) => try_instead(Value::Boolean(*flag == 1)),
        Value::Integer(n) => percent(key, *n as f64),
        _ => None,
    }
}

/// A share that was given in percent.
fn percent(key: &Key, given: f64) -> Option<String> {
    let is_share = (key.shape)().parts().any(|shape| matches!(shape, Shape::Number(interval) if interval.most <= 1.0));
    let share = Value::Float(given / 100.0);
    (is_share && (key.set)(&mut RunSpec::default(), &share)).then(|| format!("{given} % is written {share}"))
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
        let value = format!("x = {number}").parse::<toml::Table>().ok().and_then(|mut table| table.remove("x"));
        value.is_some_and(|value| accepts(&value))
    };
    // 2.0 and 2 are one number: the whole one is for keys that take no other.
    let numbers =
        [plain_numbers(text), any_numbers(text)].map(|all| all.into_iter().filter(is_value).collect::<Vec<_>>());
    let numbers = numbers.into_iter().find(|numbers| !numbers.is_empty())?;
    Some(format!("write {}", numbers.join(" or ")))
}
