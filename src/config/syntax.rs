//! Errors of TOML itself: which of the parser's messages to show, and in which words.
//!
//! The parser goes on after an error, so that a file's errors come all at once; but one bracket that is never closed
//! makes an error of every line below it. What such a bracket swallowed is left out here.

mod given_twice;
mod repair;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue, Error};

use super::parse::File;
use super::suggest::alike::plain_text;
use super::suggest::number::plain_numbers;
use super::suggest::shown;
use super::{Diagnostic, Place, Source, tree};
use crate::spec::grouped;
use given_twice::{below_a_value, given_twice, group_of};

/// Errors of syntax that are looked at; a file that is no TOML at all may have a hundred thousand.
const MOST_ERRORS: usize = 200;

/// Whether an error only says that a string stands there without quotes. The parser takes a word that begins like
/// `true`, `false`, `inf` or `nan` for a slip of that: `tanh`, `full`, `inv_sqrt_depth`, `none`.
pub(super) fn is_missing_quotes(error: &Error) -> bool {
    const WORDS: [&str; 4] = [
        "string values must be quoted",
        "invalid boolean",
        "invalid float, expected `inf`",
        "invalid float, expected `nan`",
    ];
    WORDS.iter().any(|message| error.message().starts_with(message))
}

/// The error of an argument that is TOML but for a few characters of its value, which stands at `value`.
pub(super) fn repaired_value(source: &Arc<Source>, value: Range<usize>) -> Option<Diagnostic> {
    let mut found = repair::of_lines(source.text(), &BTreeSet::from([0]));
    let repaired = found.remove(&0)?;
    let is_inside = |repair: &repair::Repair| value.start <= repair.span.start && repair.span.end <= value.end;
    repaired.repairs.iter().all(is_inside).then(|| repair::error(source, value.clone(), &repaired))
}

/// The tree of a file and the errors of its syntax, one for each line.
pub(super) fn read(source: &Arc<Source>) -> File {
    let (table, mut errors) = DeTable::parse_recoverable(source.text());
    let entries = tree::entries(source, 0, table.get_ref());
    let text = source.text();
    let lines_of_text = Lines::of(text);
    let more = errors.split_off(errors.len().min(MOST_ERRORS));
    let mut open = Vec::new();
    unclosed(text, &errors, table.get_ref(), &mut open);

    let mut shown: Vec<Diagnostic> = open.iter().map(|(span, what)| never_closed(source, span, what)).collect();
    let mut lines: BTreeSet<usize> = open.iter().map(|(span, _)| lines_of_text.number(span.start)).collect();
    let starts = |errors: &[Error]| errors.iter().map(|error| error.span().map_or(0, |span| span.start)).min();
    // From here on a broken structure may have changed what the text means.
    let mut broken_from = open.iter().map(|(span, _)| span.start).chain(starts(&more)).min().unwrap_or(usize::MAX);
    if !more.is_empty() {
        let message = format!("and {} more errors of syntax", grouped(more.len() as u128));
        shown.push(Diagnostic::error(message).at(&Place::new(source, text.len()..text.len()), ""));
    }
    let at_of = |error: &Error| error.span().map_or(0, |span| span.start);
    let repairs = repair::of_lines(text, &errors.iter().map(|error| lines_of_text.number(at_of(error))).collect());
    for (number, repaired) in &repairs {
        lines.insert(*number);
        shown.push(repair::error(source, lines_of_text.span(*number, text), repaired));
    }
    let mut unquoted = Vec::new();
    let mut groups = BTreeSet::new();
    for error in &errors {
        let at = at_of(error);
        if open.iter().any(|(span, _)| span.contains(&at) || span.end == at) {
            continue;
        }
        if error.message() == "duplicate key" && is_in_repeated_section(text, at, &errors) {
            continue;
        }
        if lines.insert(lines_of_text.number(at)) {
            let diagnostic = diagnostic(source, 0, error);
            if is_missing_quotes(error) {
                unquoted.extend(diagnostic.place().cloned());
            }
            let is_below = error.message().starts_with("cannot extend value");
            // All lines below one value have one message.
            if !is_below || groups.insert(diagnostic.place().map(group_of)) {
                shown.push(diagnostic);
            }
        }
        if !is_local(error) {
            broken_from = broken_from.min(text[..at.min(text.len())].rfind('\n').map_or(0, |i| i + 1));
        }
    }
    let is_sound = shown.is_empty();
    let believed = move |place: &Place| {
        // The parser puts an empty value where it found none.
        let is_there = !place.span.is_empty() && place.span.start < broken_from;
        is_sound || is_there && !lines.contains(&lines_of_text.number(place.span.start))
    };
    File { entries, errors: shown, unquoted, believed: Box::new(believed) }
}

/// Whether what follows the error's line is read as if the error were not there.
fn is_local(error: &Error) -> bool {
    const LOCAL: [&str; 7] = [
        "invalid basic string",
        "invalid literal string",
        "missing comma",
        "extra comma",
        "unexpected leading zero",
        "duplicate key",
        "extra `=`",
    ];
    is_missing_quotes(error) || LOCAL.iter().any(|message| error.message().starts_with(message))
}

/// One error of the parser; its text begins at `offset` of the source's.
pub(super) fn diagnostic(source: &Arc<Source>, offset: usize, error: &Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let place = Place::new(source, span.start + offset..span.end + offset);
    let (message, label) = match error.message().split_once(", expected ") {
        Some((message, expected)) if expected != "nothing" => (message, format!("expected {expected}")),
        _ => (error.message().trim_end_matches(", expected nothing"), String::new()),
    };
    let given = place.text().to_string();
    if is_missing_quotes(error) {
        let error = Diagnostic::error(format!("{} is not a value of TOML", shown(&given))).at(&place, "");
        return match given.to_lowercase().as_str() {
            truth @ ("true" | "false" | "inf" | "nan") => error.help(format!("write {truth}, in lower case")),
            "yes" | "on" | "no" | "off" => error.help("the truth values are true and false"),
            // A number that its key takes has been repaired before.
            _ if !plain_numbers(&given).is_empty() => error,
            _ => error.help(format!("a string needs quotes: \"{}\"", shown(&plain_text(&given).unwrap_or(given)))),
        };
    }
    if message.starts_with("cannot extend value")
        && let Some(error) = below_a_value(&place.with_path())
    {
        return error;
    }
    match message {
        "duplicate key" => given_twice(&place.with_path()),
        "unclosed array" => Diagnostic::error("this list is never closed").at(&place, label),
        "unclosed inline table" => Diagnostic::error("this table is never closed").at(&place, label),
        "extra `=`" => Diagnostic::error(message).at(&place, "expected a value"),
        _ if message.starts_with("invalid") && message.ends_with("string") && given.is_empty() => {
            Diagnostic::error("this string is never closed").at(&place, label)
        }
        _ => Diagnostic::error(message).at(&place, label),
    }
}

/// Whether `at` lies in a section whose header is given twice: then so are its keys.
fn is_in_repeated_section(text: &str, at: usize, errors: &[Error]) -> bool {
    let header = text[..at].rfind("\n[").map_or(0, |i| i + 1);
    let end = text[header..].find('\n').map_or(text.len(), |i| header + i);
    text[header..].starts_with('[')
        && at > end
        && errors
            .iter()
            .any(|e| e.message() == "duplicate key" && e.span().is_some_and(|s| (header..end).contains(&s.start)))
}

fn never_closed(source: &Arc<Source>, span: &Range<usize>, what: &str) -> Diagnostic {
    let place = Place::new(source, span.start..span.start + 1);
    let closer = if what == "list" { "]" } else { "}" };
    Diagnostic::error(format!("this {what} is never closed")).at(&place, format!("expected a `{closer}` further on"))
}

/// The outermost lists and inline tables that lack their closing bracket.
fn unclosed(text: &str, errors: &[Error], table: &DeTable<'_>, found: &mut Vec<(Range<usize>, &'static str)>) {
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

/// Where the lines of a text end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The number of the line, from 0, on which the byte at `at` stands.
    fn number(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at)
    }

    /// Where a line of `text` stands, without its end.
    fn span(&self, number: usize, text: &str) -> Range<usize> {
        let start = number.checked_sub(1).map_or(0, |before| self.0[before] + 1);
        start..self.0.get(number).copied().unwrap_or(text.len())
    }
}
