//! The error for a value that is not one of its key's, with what the user most likely meant.

use toml::Value;

use super::diagnostic::Diagnostic;
use super::elsewhere::in_place_of_value;
use crate::config::spelling::alike::{escape, plain, plain_text};
use crate::config::spelling::number::{any_numbers, plain_numbers};
use crate::config::spelling::{closest, shown};
use crate::config::text::{Node, NodeKind, is_not_zero};
use crate::spec::{Draft, KEYS, Key, RunSpec, Shape};

/// The error for a node that is no value of the key at `key`, in a config that says `said` of its run.
pub(in crate::config) fn bad_value(key: usize, node: &Node, said: &Draft) -> Diagnostic {
    let key = &KEYS[key];
    let text = shown(node.place.text());
    Diagnostic::error(format!("{text} is not a value of `{}`", key.name))
        .at(&node.place, format!("expected {}", (key.expected)()))
        .help_if(remedy(key, &node.kind, said).or_else(|| too_small(node)))
}

/// Why a number is none that a computer holds.
fn too_small(node: &Node) -> Option<String> {
    let text = node.place.text().replace('_', "");
    let is_lost = text.parse::<f64>().is_ok_and(|number| number == 0.0) && is_not_zero(&text);
    is_lost.then(|| "it is so small that a computer holds 0 in its place; the smallest number above 0 is 5e-324".into())
}

/// What the user most likely meant by a bad value.
pub(in crate::config) fn remedy(key: &Key, kind: &NodeKind, said: &Draft) -> Option<String> {
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
