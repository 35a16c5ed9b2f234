//! Labels that may be two cells: `2|a` between commas may be the number 2 and the class a. Cells that are to be numbers
//! need no such look, as two of them in one are no number.

use std::collections::{BTreeMap, BTreeSet};

use super::examples::NumberTable;
use super::shown::shown;
use crate::data::examples::Answers;
use crate::data::file::decimal_comma::decimal_comma;
use crate::data::file::error::Problem;
use crate::data::spec::Separator;

/// Marks that may stand between two cells of one label.
const MARKS: [(char, Separator); 4] =
    [(',', Separator::Comma), (';', Separator::Semicolon), ('\t', Separator::Tab), ('|', Separator::Pipe)];

/// Refuses a table of which at least half of the labels may be two cells, or whose header says so.
pub(super) fn check(separator: Separator, table: &NumberTable) -> Result<(), Problem> {
    let doubt = |other: Separator, cell: &str| Problem::UnclearSeparator {
        one: separator,
        other,
        cell: shown(cell),
        is_in_label: true,
    };
    let has_joined_name = |name: &&String| {
        let mut parts = name.split(',');
        separator != Separator::Comma
            && name.contains(',')
            && parts.all(|part| !part.is_empty() && !part.starts_with(' '))
    };
    let name = table.body.names.iter().find(has_joined_name);
    if let (Some(name), Some(_)) = (name, &table.body.decimal_comma) {
        return Err(doubt(Separator::Comma, name));
    }
    let Answers::Classes { labels, count } = &table.answers else { return Ok(()) };
    let is_named_so = table.body.names.get(table.body.label).is_some_and(|name| has_joined_name(&name));
    let examples = table.class_sizes();
    for (mark, other) in MARKS.into_iter().filter(|(_, other)| *other != separator) {
        let is_joined = |name: &str| {
            let is_decimal = mark == ',' && decimal_comma(name).is_some_and(|x| x.fract() == 0.0 && !is_named_so);
            let is_number = |part: &str| part.trim().parse::<f64>().is_ok();
            name.contains(mark) && !is_decimal && name.split(mark).any(is_number)
        };
        let joined = || (0..*count).filter(|&class| is_joined(&table.names[class]));
        if 2 * joined().map(|class| examples[class]).sum::<usize>() >= labels.len()
            && let Some(class) = joined().next()
        {
            return Err(doubt(other, &table.names[class]));
        }
    }
    match numbers_before_words(&table.names) {
        Some(name) if separator != Separator::Blank => Err(doubt(Separator::Blank, name)),
        _ => Ok(()),
    }
}

/// A label of a table in which nearly all are a number, a blank and something else, in any combination: `5 stars` and
/// `1 star` are none such, as each of them stands for its number.
fn numbers_before_words(names: &[Box<str>]) -> Option<&str> {
    let mut numbers_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut first = None;
    for name in names {
        let (number, rest) = name.split_once(' ').unwrap_or_default();
        if number.parse::<f64>().is_ok() && !rest.trim().contains(' ') {
            numbers_of.entry(rest.trim()).or_default().insert(number);
            first = first.or(Some(name.as_ref()));
        }
    }
    let pairs: usize = numbers_of.values().map(BTreeSet::len).sum();
    let are_combined = numbers_of.values().filter(|numbers| numbers.len() > 1).count() > 1;
    first.filter(|_| are_combined && 2 * pairs >= names.len())
}
