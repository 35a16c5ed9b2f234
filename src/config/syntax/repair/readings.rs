//! What a line may have been meant as: every reading of its commas, numbers, lists and backslashes.

use std::ops::Range;

use super::scanner::{Numbers, Readings, scan};
use super::written::{Repair, moved};
use crate::config::spelling::list::lists;
use crate::config::spelling::number::any_numbers;

/// Everything that a line may have been meant as, the likeliest first.
pub(super) fn readings(line: &str, start: usize) -> Vec<Vec<Repair>> {
    let mut all = Vec::new();
    for numbers in [Numbers::AsWritten, Numbers::Whole] {
        for readings in [Readings::Plain, Readings::DecimalCommas, Readings::LeadingZeros] {
            all.push(moved(scan(line, readings, numbers), start));
        }
    }
    all.extend(of_list(line, start));
    all.extend(of_backslashes(line, start));
    all.retain(|repairs| !repairs.is_empty());
    let mut once: Vec<Vec<Repair>> = Vec::new();
    for repairs in all {
        if !once.contains(&repairs) {
            once.push(repairs);
        }
    }
    once
}

/// Where the value of a line stands, without a comment behind it; none where it may go on below.
fn value_of(line: &str) -> Option<Range<usize>> {
    let start = line.find('=')? + 1;
    let value = &line[start..];
    let end = if value.contains(['"', '\'']) { value.len() } else { value.find('#').unwrap_or(value.len()) };
    let value = &value[..end];
    let start = start + value.len() - value.trim_start().len();
    (!value.trim().is_empty()).then(|| start..start + value.trim().len())
}

/// A line whose value is a number, or a list, as other languages write it.
fn of_list(line: &str, start: usize) -> Vec<Vec<Repair>> {
    let Some(value) = value_of(line) else { return Vec::new() };
    let span = start + value.start..start + value.end;
    let numbers = any_numbers(&line[value.clone()]).into_iter().map(|number| vec![number]);
    numbers.chain(lists(&line[value])).map(|write| vec![Repair { span: span.clone(), write }]).collect()
}

/// A line whose value is a string in which `\` is no escape, such as a path of Windows: in single quotes it stays as it is.
fn of_backslashes(line: &str, start: usize) -> Option<Vec<Repair>> {
    let value = value_of(line)?;
    let text = line[value.clone()].strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = text.contains('\\') && !text.contains(['"', '\'']);
    let span = start + value.start..start + value.end;
    is_plain.then(|| vec![Repair { span, write: vec![format!("'{text}'")] }])
}
