//! Values of keys: each is tried before anything runs, and each bad one is noted at its own place.

use std::collections::HashMap;

use toml::Value;

use super::flatten::Said;
use super::notes::Notes;
use super::range::{Number, Range};
use super::suggest::{closest, ordinal, shown};
use super::tree::{Entry, Node, NodeKind};
use super::{Column, Diagnostic, Item, Place, Values};
use crate::spec::{KEYS, Key, RunSpec};

/// The one value of a key of `[run]`.
pub(super) fn single(said: &Said<'_>, notes: &mut Notes) -> Option<Value> {
    let value = said.node.value().filter(|value| accepts(said.key, value));
    if value.is_none() {
        let error = bad_value(said.key, said.node);
        let error = match &said.node.kind {
            NodeKind::Table(_) | NodeKind::List(_) if !KEYS[said.key].is_list => {
                error.help("several values, or a range, go to [grid]")
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
    if let Values::Listed(items) = &column.values {
        let mut first: HashMap<String, &Item> = HashMap::new();
        for item in items {
            let shown = show(said.key, &item.value);
            let Some(earlier) = first.insert(shown.clone(), item) else { continue };
            let error = Diagnostic::error(format!("`{}` lists {shown} twice", key.name));
            notes.doubt(said.key, error.at(&item.place, "again here").at(&earlier.place, "first here"));
        }
    }
    Some(column)
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
            let range = read_range(said, entries, most, notes)?;
            try_range(said, &range, notes)?;
            Values::Range(range, place.clone())
        }
        NodeKind::List(items) if items.is_empty() => {
            let error = Diagnostic::error(format!("the list of `{name}` is empty"));
            notes.doubt(said.key, error.at(place, "expected at least one value"));
            return None;
        }
        NodeKind::List(_) if is_one_list(said) => {
            let error = Diagnostic::error(format!("a value of `{name}` is itself a list, so several are a list of lists"));
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

fn fits(said: &Said<'_>, count: u64, most: u64, notes: &mut Notes) -> bool {
    if count > most {
        let count = grouped(count.into());
        let error = Diagnostic::error(format!("`{}` has {count} values, more than max_runs = {most}", KEYS[said.key].name));
        let error = error.at(&said.node.place, format!("{count} values"));
        notes.doubt(said.key, error.help("take fewer values, or raise max_runs at the top of the file"));
    }
    count <= most
}

/// Tries every value of a range; notes the first bad one alone, since its neighbours are mostly as bad.
fn try_range(said: &Said<'_>, range: &Range, notes: &mut Notes) -> Option<()> {
    let key = &KEYS[said.key];
    let mut scratch = RunSpec::default();
    let mut before: Option<Value> = None;
    for i in 0..range.len() {
        let value = range.get(i);
        if before.as_ref() == Some(&value) {
            let error = Diagnostic::error(format!("the range of `{}` holds {value} twice", key.name));
            let label = format!("the {} and {} values are equal", ordinal(i), ordinal(i + 1));
            notes.doubt(said.key, error.at(&said.node.place, label).help("take larger steps"));
            return None;
        }
        if !(key.set)(&mut scratch, &value) {
            let which = ordinal(i + 1);
            let error = Diagnostic::error(format!("{value}, the {which} of the range, is not a value of `{}`", key.name));
            notes.doubt(said.key, error.at(&said.node.place, format!("expected {}", (key.expected)())));
            return None;
        }
        before = Some(value);
    }
    Some(())
}

const FORMS: &str = "a range is { from, count }, { from, to, step }, { from, to, count } or \
                     { from, to, count, scale = \"log\" }";

/// A range, refused where it holds more than `most` values: before any of them is made.
fn read_range(said: &Said<'_>, entries: &[Entry], most: u64, notes: &mut Notes) -> Option<Range> {
    let name = KEYS[said.key].name;
    let before = notes.diagnostics.len();
    let mut fail = |message: String, place: &Place, label: &str, help: Option<String>| {
        notes.doubt(said.key, Diagnostic::error(message).at(place, label).help_if(help));
    };
    let (mut from, mut to, mut step, mut count, mut log) = (None, None, None, None, None);
    for entry in entries {
        let place = &entry.node.place;
        let number = match &entry.node.kind {
            NodeKind::Scalar(Value::Integer(n)) => Some(Number::Whole(*n)),
            NodeKind::Scalar(Value::Float(x)) if x.is_finite() => Some(Number::Float(*x)),
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Table(_) => None,
        };
        let text = shown(place.text());
        match (entry.key.as_str(), number) {
            ("from", Some(number)) => from = Some((number, place)),
            ("to", Some(number)) => to = Some((number, place)),
            ("step", Some(number)) if number.f64() > 0.0 => step = Some(number),
            ("step", Some(_)) => {
                fail(format!("the step of `{name}` is {text}"), place, "expected a number above 0", None);
            }
            ("count", Some(Number::Whole(n))) if n > 0 => count = Some((n.unsigned_abs(), place)),
            ("count", _) => {
                let label = "expected a whole number of at least 1";
                fail(format!("the count of `{name}` is {text}"), place, label, None);
            }
            ("from" | "to" | "step", None) => {
                fail(format!("the {} of `{name}` is {text}", entry.key), place, "expected a number", None);
            }
            ("scale", _) if place.text().trim_matches(['"', '\'']) == "log" => log = Some(place),
            ("scale", _) => {
                let help = "without scale the values have even distances".to_string();
                fail(format!("the scale of `{name}` is {text}"), place, "expected \"log\"", Some(help));
            }
            (unknown, _) => {
                let near = closest(unknown, ["from", "to", "step", "count", "scale"]);
                let help = near.map_or(FORMS.into(), |near| format!("did you mean `{near}`?"));
                let message = format!("unknown key `{}` in the range of `{name}`", shown(unknown));
                fail(message, &entry.place, "", Some(help));
            }
        }
    }
    if let (Some((low, _)), Some((high, place))) = (from, to)
        && low.f64() > high.f64()
    {
        let help = "ranges go up; list the values to have them go down".to_string();
        fail(format!("the range of `{name}` ends before it begins"), place, "expected at least from", Some(help));
    }
    if let (Some((low, place)), Some(_)) = (from, log)
        && low.f64() <= 0.0
    {
        let message = format!("a logarithmic range of `{name}` cannot begin at {}", shown(place.text()));
        fail(message, place, "expected a number above 0", None);
    }
    if let (Some((low, _)), Some((high, _)), Some((1, place))) = (from, to, count)
        && low.f64() < high.f64()
    {
        let message = format!("one value of `{name}` cannot be both from and to");
        fail(message, place, "expected at least 2", None);
    }
    if notes.diagnostics.len() > before {
        return None;
    }
    let whole_only = log.is_some() && !accepts(said.key, &Value::Float(0.5));
    let size = |n: u64, notes: &mut Notes| fits(said, n, most, notes);
    let range = match (from, to, step, count, log) {
        (Some((from, _)), None, None, Some((count, _)), None) => {
            size(count, notes).then(|| Range::counted(from, count))?
        }
        (Some((from, _)), Some((to, _)), Some(step), None, None) => {
            let range = Range::stepped(from, to, step);
            if !range.as_ref().is_none_or(|range| size(range.len(), notes)) {
                return None;
            }
            range
        }
        (Some((from, _)), Some((to, _)), None, Some((count, _)), None) => {
            size(count, notes).then(|| Range::between(from, to, count))?
        }
        (Some((from, _)), Some((to, _)), None, Some((count, _)), Some(_)) => {
            let range = size(count, notes).then(|| Range::logarithmic(from, to, count))?;
            Some(if whole_only { range.rounded() } else { range })
        }
        _ => {
            let error = Diagnostic::error(format!("this range does not say which values `{name}` takes"));
            notes.doubt(said.key, error.at(&said.node.place, "").help(FORMS));
            return None;
        }
    };
    if range.is_none() {
        let error = Diagnostic::error(format!("the range of `{name}` leaves the numbers that a computer holds"));
        notes.doubt(said.key, error.at(&said.node.place, ""));
    }
    range
}

fn accepts(key: usize, value: &Value) -> bool {
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
        .help_if(remedy(key, &node.kind))
}

/// What the user most likely meant by a bad value.
fn remedy(key: &Key, kind: &NodeKind) -> Option<String> {
    let NodeKind::Scalar(value) = kind else { return None };
    let accepts = |value: &Value| (key.set)(&mut RunSpec::default(), value);
    let try_instead = |value: Value| accepts(&value).then(|| format!("write {value}"));
    match value {
        Value::String(text) => closest(text, (key.names)())
            .map(|name| format!("did you mean \"{name}\"?"))
            .or_else(|| try_instead(Value::Integer(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Float(text.parse().ok()?)))
            .or_else(|| try_instead(Value::Boolean(text.to_lowercase().parse().ok()?))),
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        Value::Float(x) if x.fract() == 0.0 => try_instead(Value::Integer(*x as i64)),
        Value::Integer(flag @ (0 | 1)) => try_instead(Value::Boolean(*flag == 1)),
        _ => None,
    }
}

/// A number with commas between its thousands.
pub(super) fn grouped(n: u128) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
