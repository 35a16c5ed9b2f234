//! The error for a line, or an argument, that is TOML but for a few characters.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::tried::{Meaning, Repaired, of_lines};
use super::written::{Repair, applied};
use crate::config::diagnose::Diagnostic;
use crate::config::spelling::alike::{escape, plain};
use crate::config::spelling::shown;
use crate::config::text::{Place, Source};

/// The error of a line or of an argument that is TOML but for some repairs; its text is at `line`.
pub(in crate::config) fn repair_error(source: &Arc<Source>, line: Range<usize>, repaired: &Repaired) -> Diagnostic {
    const LABELS: usize = 8;
    let repairs = &repaired.repairs;
    let text = source.text();
    let odd = |repair: &Repair| {
        let mut given = text[repair.span.clone()].chars();
        given.find(|c| plain(*c).is_some()).filter(|_| repair.span.len() <= 4 || repair.write.len() == 1)
    };
    let given = |repair: &Repair| shown(&text[repair.span.clone()]);
    let first = &repairs[0];
    let place = |repair: &Repair| Place::new(source, repair.span.clone());
    if let (None, Some(left)) = (odd(first), &repaired.left) {
        // No number and no list of TOML that the key takes.
        let error = Diagnostic::error(left.message.clone());
        let label = left.labels.first().map_or("", |label| &label.text);
        return left.help.iter().fold(error.at(&place(first), label), |error, help| error.help(help.clone()));
    }
    let message = match odd(first) {
        Some(c) if repairs.len() == 1 => format!("{} is no character of TOML here", escape(c)),
        Some(_) => format!("{} characters are none of TOML here", repairs.len()),
        None => format!("{} is not written as TOML has it", given(first)),
    };
    let label = |repair: &Repair| {
        let write = match repair.write.as_slice() {
            [nothing] if nothing.is_empty() => "leave it out".to_owned(),
            [space] if space == " " => "write a space".to_owned(),
            [line] if line == "\n" => "write a line break".to_owned(),
            choices => format!("write {}", choices.join(" or ")),
        };
        odd(repair).map_or_else(|| write.clone(), |c| format!("{}: {write}", escape(c)))
    };
    let error = repairs
        .iter()
        .take(LABELS)
        .fold(Diagnostic::error(message), |error, repair| error.at(&place(repair), label(repair)));
    if let Some(left) = &repaired.left {
        let expected = left.labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
        let expected = expected.map(|text| format!(": {text}")).unwrap_or_default();
        let error = error.help(format!("after that {}{expected}", left.message));
        return left.help.iter().fold(error, |error, help| error.help(help.clone()));
    }
    // Where there is a choice, the labels name it.
    if repairs.iter().any(|repair| repair.write.len() > 1) {
        return error;
    }
    let before = line.start;
    let moved: Vec<Repair> = repairs
        .iter()
        .map(|repair| Repair { span: repair.span.start - before..repair.span.end - before, ..repair.clone() })
        .collect();
    let whole = applied(&text[line], moved.iter());
    let whole = Some(whole.trim()).filter(|whole| !whole.contains('\n'));
    error.help_if(whole.map(|whole| format!("write {whole}")))
}

/// The error of an argument that is TOML but for a few characters of its value, which stands at `value`.
pub(in crate::config) fn repaired_value(
    source: &Arc<Source>,
    value: Range<usize>,
    meaning: Meaning<'_>,
) -> Option<Diagnostic> {
    let mut found = of_lines(source.text(), &BTreeSet::from([0]), meaning);
    let repaired = found.remove(&0)?;
    let is_inside = |repair: &Repair| value.start <= repair.span.start && repair.span.end <= value.end;
    repaired.repairs.iter().all(is_inside).then(|| repair_error(source, value.clone(), &repaired))
}
