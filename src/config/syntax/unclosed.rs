//! Lists and inline tables that are never closed.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue, Error};

use crate::config::diagnose::Diagnostic;
use crate::config::text::{Place, Source};

/// The error for a list or an inline table that is never closed.
pub(super) fn never_closed(source: &Arc<Source>, span: &Range<usize>, what: &str) -> Diagnostic {
    let place = Place::new(source, span.start..span.start + 1);
    let closer = if what == "list" { "]" } else { "}" };
    Diagnostic::error(format!("this {what} is never closed")).at(&place, format!("expected a `{closer}` further on"))
}

/// The outermost lists and inline tables that lack their closing bracket.
pub(super) fn unclosed(
    text: &str,
    errors: &[Error],
    table: &DeTable<'_>,
    found: &mut Vec<(Range<usize>, &'static str)>,
) {
    for value in table.values() {
        unclosed_value(text, errors, value.get_ref(), value.span(), found);
    }
}

fn unclosed_value(
    text: &str,
    errors: &[Error],
    value: &DeValue<'_>,
    span: Range<usize>,
    found: &mut Vec<(Range<usize>, &'static str)>,
) {
    let lacks = |open: &str, message: &str| {
        text[span.clone()].starts_with(open)
            && errors.iter().any(|e| e.message().starts_with(message) && e.span().is_some_and(|s| s.start == span.end))
    };
    match value {
        // A [[header]] begins with a bracket too, and never lacks this message.
        DeValue::Array(_) if lacks("[", "unclosed array") => found.push((span, "list")),
        DeValue::Table(_) if lacks("{", "unclosed inline table") => found.push((span, "inline table")),
        DeValue::Array(items) => {
            for item in items {
                unclosed_value(text, errors, item.get_ref(), item.span(), found);
            }
        }
        DeValue::Table(table) => unclosed(text, errors, table, found),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}
