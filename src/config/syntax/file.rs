//! The tree of a file, with the errors of its syntax: which of the parser's messages to show.
//!
//! The parser goes on after an error, so that a file's errors come all at once; but one bracket that is never closed
//! makes an error of every line below it. What such a bracket swallowed is left out here.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::de::{DeTable, Error};

use super::given_twice::group_of;
use super::lines::LineEnds;
use super::message::{diagnostic, is_local, is_missing_quotes};
use super::repair::{Meaning, of_lines, repair_error};
use super::unclosed::{never_closed, unclosed};
use crate::config::diagnose::{Diagnostic, Notes, sort_by_place};
use crate::config::text::{Entry, Place, Source, entries};
use crate::spec::{KeySet, grouped};

/// Errors of syntax that are looked at; a file that is no TOML at all may have a hundred thousand.
const MOST_ERRORS: usize = 200;

/// The tree of a file and the errors of its syntax, one for each line.
pub(in crate::config) fn read(source: &Arc<Source>, meaning: Meaning<'_>) -> File {
    let (table, mut errors) = DeTable::parse_recoverable(source.text());
    let entries = entries(source, 0, table.get_ref());
    let text = source.text();
    let lines_of_text = LineEnds::of(text);
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
    let repairs = of_lines(text, &errors.iter().map(|error| lines_of_text.number(at_of(error))).collect(), meaning);
    for (number, repaired) in &repairs {
        lines.insert(*number);
        shown.push(repair_error(source, lines_of_text.span(*number, text), repaired));
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

/// The tree of a file, with the errors of its syntax.
pub(in crate::config) struct File {
    pub(in crate::config) entries: Vec<Entry>,
    /// Errors that come before all others.
    pub(in crate::config) errors: Vec<Diagnostic>,
    /// Words without quotes, each of which has its error. They are read as strings.
    pub(in crate::config) unquoted: Vec<Place>,
    /// Where in the text errors of meaning can still be believed.
    pub(in crate::config) believed: Box<dyn Fn(&Place) -> bool>,
}

impl File {
    /// All errors in the order of the text, and the keys in doubt. Beside an error of syntax, an error of meaning counts
    /// only where that syntax cannot have caused it.
    pub(in crate::config) fn with(self, notes: Notes, sets: &[String]) -> (Vec<Diagnostic>, KeySet) {
        let Self { mut errors, unquoted, believed, .. } = self;
        let doubtful = if errors.is_empty() { notes.doubtful } else { KeySet::all() };
        let mut all = notes.diagnostics;
        // Quotes around a word that is no value of its key would not help: what is said of the value does.
        let is_refused = |place: &Place| unquoted.contains(place);
        all.retain(|d| {
            d.place().is_none_or(|place| place.source.is_argument() || believed(place) || is_refused(place))
        });
        errors.retain(|error| {
            error.place().is_none_or(|place| !is_refused(place) || all.iter().all(|d| d.place() != Some(place)))
        });
        all.extend(errors);
        sort_by_place(&mut all, sets);
        (all, doubtful)
    }
}
