//! Errors of TOML itself: which of the parser's messages to show, and in which words.
//!
//! The parser goes on after an error, so that a file's errors come all at once; but one bracket that is never closed
//! makes an error of every line below it. What such a bracket swallowed is left out here.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue, Error};

use super::parse::File;
use super::suggest::shown;
use super::{Diagnostic, Place, Source, tree};
use crate::spec::grouped;

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
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        if open.iter().any(|(span, _)| span.contains(&at) || span.end == at) {
            continue;
        }
        if error.message() == "duplicate key" && is_in_repeated_section(text, at, &errors) {
            continue;
        }
        if lines.insert(lines_of_text.number(at)) {
            shown.push(diagnostic(source, 0, error));
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
    File { entries, errors: shown, believed: Box::new(believed) }
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
            _ => error.help(format!("a string needs quotes: \"{}\"", shown(&given))),
        };
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

/// The error for a key or a header that came before.
fn given_twice(place: &Place) -> Diagnostic {
    let line = place.source.text()[place.line_start()..].lines().next().unwrap_or_default().trim();
    let first = first_given(place);
    if !line.starts_with('[') {
        let error = Diagnostic::error(format!("`{}` is given twice", place.text()));
        return match first {
            Some(first) => error.at(place, "again here").at(&first, "first here").help("keep one of the two"),
            None => error.at(place, "").help("keep one of them"),
        };
    }
    let name = place.text();
    match first {
        Some(first) => Diagnostic::error(format!("the section [{name}] is given twice"))
            .at(place, "again here")
            .at(&first, "first here")
            .help("put all its keys below one header"),
        None if place.source.text().contains(&format!("[[{name}]]")) => {
            Diagnostic::error(format!("[{name}] comes beside [[{name}]]")).at(place, format!("expected [[{name}]]"))
        }
        None => Diagnostic::error(format!("the section [{name}] has already begun above, without this header"))
            .at(place, "")
            .help("write its keys in one way: all below the header, or all dotted"),
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

/// The first place of a key or header that comes again at `again`: the nearest line above with the same one.
fn first_given(again: &Place) -> Option<Place> {
    let text = again.source.text();
    let head = |line: &str| match line.trim_start() {
        header if header.starts_with('[') => header.split(']').next().map(|h| format!("{h}]")),
        keyed => keyed.split_once('=').map(|(key, _)| key.chars().filter(|c| !c.is_whitespace()).collect()),
    };
    let start = again.line_start();
    let wanted = head(text[start..].lines().next()?)?;
    let is_header = wanted.starts_with('[');
    let mut end = start;
    while end > 0 {
        let begin = text[..end - 1].rfind('\n').map_or(0, |i| i + 1);
        let line = &text[begin..end];
        let found = head(line);
        if found.as_ref() == Some(&wanted) {
            let indent = line.len() - line.trim_start().len();
            let length = if is_header { wanted.len() } else { line.find('=').unwrap_or(line.len()) - indent };
            let length = text[begin + indent..begin + indent + length].trim_end().len();
            return Some(Place::new(&again.source, begin + indent..begin + indent + length));
        }
        if !is_header && line.trim_start().starts_with('[') {
            return None;
        }
        end = begin;
    }
    None
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
}
