//! TOML text as a tree in which every key and value has its place.

use std::sync::Arc;

use toml::Value;
use toml::de::{DeTable, DeValue};

use super::source::{Place, Source};

/// A key with its value.
#[derive(Debug, Clone)]
pub(in crate::config) struct Entry {
    pub(in crate::config) key: String,
    /// Where the key stands: the whole of it if it is dotted.
    pub(in crate::config) place: Place,
    pub(in crate::config) node: Node,
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(in crate::config) struct Node {
    pub(in crate::config) place: Place,
    pub(in crate::config) kind: NodeKind,
}

/// The three shapes of a value.
#[derive(Debug, Clone)]
pub(in crate::config) enum NodeKind {
    /// The entries in the order of the text.
    Table(Vec<Entry>),
    List(Vec<Node>),
    /// Neither a table nor a list.
    Scalar(Value),
}

impl Node {
    /// The value without places; none for tables and for lists that hold one.
    pub(in crate::config) fn value(&self) -> Option<Value> {
        match &self.kind {
            NodeKind::Table(_) => None,
            NodeKind::List(items) => items.iter().map(Self::value).collect::<Option<Vec<_>>>().map(Value::Array),
            NodeKind::Scalar(value) => Some(value.clone()),
        }
    }
}

/// The entries of a table of `source`, whose text begins at `offset` of the source's.
pub(in crate::config) fn entries(source: &Arc<Source>, offset: usize, table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            place: place(source, offset, key.span()).with_path(),
            node: node(source, offset, value.span(), value.get_ref()),
        })
        .collect();
    entries.sort_by_key(|entry| entry.place.span.end);
    entries
}

/// One value of `source`, whose text begins at `offset` of the source's.
pub(in crate::config) fn node(
    source: &Arc<Source>,
    offset: usize,
    span: std::ops::Range<usize>,
    value: &DeValue<'_>,
) -> Node {
    let place = place(source, offset, span);
    let kind = match value {
        DeValue::Table(table) => NodeKind::Table(entries(source, offset, table)),
        DeValue::Array(items) => {
            NodeKind::List(items.iter().map(|item| node(source, offset, item.span(), item.get_ref())).collect())
        }
        DeValue::String(text) => NodeKind::Scalar(Value::String(text.to_string())),
        // A word without quotes that begins like `true` or `nan` comes as that, beside an error: here it stays the word.
        DeValue::Boolean(flag) if place.text() == flag.to_string() => NodeKind::Scalar(Value::Boolean(*flag)),
        DeValue::Float(digits)
            if matches!(digits.as_str(), "inf" | "nan") && !place.text().ends_with(digits.as_str()) =>
        {
            NodeKind::Scalar(Value::String(place.text().to_string()))
        }
        DeValue::Boolean(_) => NodeKind::Scalar(Value::String(place.text().to_string())),
        DeValue::Datetime(date) => NodeKind::Scalar(Value::Datetime(*date)),
        DeValue::Integer(digits) => {
            // NaN is no key's value: what does not fit an i64 is refused where it is used, with what is expected there.
            let number = i64::from_str_radix(digits.as_str(), digits.radix());
            NodeKind::Scalar(number.map_or(Value::Float(f64::NAN), Value::Integer))
        }
        DeValue::Float(digits) => NodeKind::Scalar(Value::Float(float(digits.as_str()))),
    };
    Node { place, kind }
}

/// The number that is written; NaN, as of a whole number that does not fit, where it is so small that only 0 would be left
/// of it, which turns many a key off.
fn float(digits: &str) -> f64 {
    let number = digits.parse().unwrap_or(f64::NAN);
    if number == 0.0 && is_not_zero(digits) { f64::NAN } else { number }
}

/// Whether the digits before the exponent are those of another number than 0.
pub(in crate::config) fn is_not_zero(digits: &str) -> bool {
    digits.split(['e', 'E']).next().is_some_and(|mantissa| mantissa.contains(|c| matches!(c, '1'..='9')))
}

fn place(source: &Arc<Source>, offset: usize, span: std::ops::Range<usize>) -> Place {
    Place::new(source, span.start + offset..span.end + offset)
}
