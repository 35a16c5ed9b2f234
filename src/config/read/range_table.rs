//! A range as it is written, `{ from = 0, count = 3 }`: its forms, and what can be wrong with each part.

use toml::Value;

use super::accepted::accepts;
use super::flatten::KeyAssignment;
use crate::config::diagnose::{Diagnostic, Notes};
use crate::config::keys::{RANGE, RANGE_FORMS, names};
use crate::config::meaning::{Number, Range};
use crate::config::spelling::{closest, ordinal, shown};
use crate::config::text::{Entry, NodeKind, Place};
use crate::spec::{KEYS, RunSpec, grouped};

/// The range that a table writes, every value of it one of the key's.
pub(super) fn range(said: &KeyAssignment<'_>, entries: &[Entry], most: u64, notes: &mut Notes) -> Option<Range> {
    let range = read_range(said, entries, most, notes)?;
    try_range(said, entries, &range, notes)?;
    Some(range)
}

/// Tries every value of a range; notes the first bad one alone, since its neighbours are mostly as bad. Where whole
/// numbers are expected, that is the first fraction: a 5.0 before it is no slip of the user's.
fn try_range(said: &KeyAssignment<'_>, entries: &[Entry], range: &Range, notes: &mut Notes) -> Option<()> {
    let key = &KEYS[said.key];
    let mut scratch = RunSpec::default();
    let mut before: Option<Value> = None;
    let mut bad: Option<(u64, Value)> = None;
    for i in 0..range.len() {
        let value = range.get(i);
        if before.as_ref() == Some(&value) {
            let error = Diagnostic::error(format!("the range of `{}` holds {value} twice", key.name));
            let label = format!("the {} and {} values are equal", ordinal(i), ordinal(i + 1));
            notes.doubt(said.key, error.at(&said.node.place, label).help("take larger steps"));
            return None;
        }
        let is_whole = value.as_float().is_none_or(|x| x.fract() == 0.0);
        if !(key.set)(&mut scratch, &value) && (bad.is_none() || !is_whole) {
            bad = Some((i, value.clone()));
            if !is_whole || value.is_integer() {
                break;
            }
        }
        before = Some(value);
    }
    let Some((i, value)) = bad else { return Some(()) };
    let error = format!("{value}, the {} value of the range, is not a value of `{}`", ordinal(i + 1), key.name);
    let error = Diagnostic::error(error).at(&said.node.place, format!("expected {}", (key.expected)()));
    let is_point = value.as_float().is_some_and(|x| x.fract() == 0.0) && accepts(said.key, &Value::Integer(1));
    let is_written = entries.iter().any(|entry| matches!(entry.node.kind, NodeKind::Scalar(Value::Float(_))));
    let help = if is_written {
        "write its numbers without a point"
    } else {
        "its distances are no whole numbers: give a step"
    };
    notes.doubt(said.key, error.help_if(is_point.then_some(help)));
    None
}

/// The forms, for messages.
fn forms() -> String {
    let form = |parts: &[&str]| format!("{{ {} }}", parts.join(", ")).replace("scale", "scale = \"log\"");
    let [others @ .., last] = RANGE_FORMS.map(form);
    format!("a range is {} or {last}", others.join(", "))
}

/// A range, refused where it holds more than `most` values: before any of them is made.
fn read_range(said: &KeyAssignment<'_>, entries: &[Entry], most: u64, notes: &mut Notes) -> Option<Range> {
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
                let near = closest(unknown, names(&RANGE));
                let help = near.map_or_else(forms, |near| format!("did you mean `{near}`?"));
                let message = format!("unknown key `{}` in the range of `{name}`", shown(unknown));
                fail(message, &entry.place, "", Some(help));
            }
        }
    }
    if let (Some((low, _)), Some((high, place))) = (from, to)
        && low.f64() > high.f64()
    {
        let text = shown(said.node.place.text());
        let (from, to) = (entries.iter().find(|e| e.key == "from"), entries.iter().find(|e| e.key == "to"));
        let ends = from.zip(to).map(|(from, to)| (from.node.place.text(), to.node.place.text()));
        let help = ends.map_or(text, |(from, to)| format!("ranges go up: write from = {to} and to = {from}"));
        let error = format!("the range of `{name}` ends before it begins");
        fail(error, place, "expected a number that is at least `from`", Some(help));
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
            notes.doubt(said.key, error.at(&said.node.place, "").help(forms()));
            return None;
        }
    };
    if range.is_none() {
        let error = Diagnostic::error(format!("the range of `{name}` leaves the numbers that a computer holds"));
        notes.doubt(said.key, error.at(&said.node.place, ""));
    }
    range
}

/// Whether a key may have so many values; notes it where there are more than `most`.
pub(super) fn fits(said: &KeyAssignment<'_>, count: u64, most: u64, notes: &mut Notes) -> bool {
    if count > most {
        let count = grouped(count.into());
        let error =
            Diagnostic::error(format!("`{}` has {count} values, more than max_runs = {most}", KEYS[said.key].name));
        let error = error.at(&said.node.place, format!("{count} values"));
        notes.doubt(said.key, error.help("take fewer values, or raise max_runs at the top of the file"));
    }
    count <= most
}
