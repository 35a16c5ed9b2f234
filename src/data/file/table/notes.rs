//! What was taken for what in a table that can be used, and what in it looks odd: a sentence each.

use std::collections::BTreeMap;

use super::cell::is_missing;
use super::examples::NumberTable;
use super::separator::Layout;
use super::shown::shown;
use crate::data::examples::Answers;
use crate::data::spec::TestFraction;

/// Columns or classes that one note lists.
const LISTED: usize = 5;

/// All notes on a table.
pub(super) fn notes(layout: &Layout, table: &NumberTable, share: TestFraction) -> Vec<String> {
    let mut notes = vec![reading(layout, table)];
    notes.extend(left_out(layout));
    if let Some(number) = &table.body.decimal_comma {
        notes.push(format!("commas are decimal points: {} is {}", number, number.replace(',', ".")));
    }
    if table.body.has_row_names {
        notes.push("the header leaves out the name of column 1, which names the rows and is no input".into());
    }
    if !table.body.flags.is_empty() {
        notes.push(format!("true and false are 1 and 0 in {}", columns(table, &table.body.flags)));
    }
    notes.extend(classes(table));
    notes.extend(nothing_held_out(table, share));
    notes.extend(inputs(table));
    notes
}

/// The separator, the header and the column of answers.
fn reading(layout: &Layout, table: &NumberTable) -> String {
    let header = if table.body.names.is_empty() { "no header" } else { "a header" };
    let answer = match &table.answers {
        Answers::Classes { .. } => "the class",
        Answers::Values(_) => "the number to learn",
    };
    let column = table.body.column(table.body.label);
    format!("read with {} between the columns and {header}; {answer} is column {column}", layout.separator.plural())
}

fn left_out(layout: &Layout) -> Option<String> {
    match layout.left_out {
        0 => None,
        1 => Some("the first line is no row and is left out".into()),
        lines => Some(format!("the first {lines} lines are no rows and are left out")),
    }
}

/// `column 2`, or `columns 2 (`x`), 3 (`y`), ..`.
fn columns(table: &NumberTable, columns: &[usize]) -> String {
    let names: Vec<String> = columns.iter().take(LISTED).map(|&column| table.body.column(column)).collect();
    let more = if columns.len() > LISTED { ", .." } else { "" };
    format!("column{} {}{more}", if columns.len() == 1 { "" } else { "s" }, names.join(", "))
}

/// Classes that may be one, or none.
fn classes(table: &NumberTable) -> Vec<String> {
    let mut notes = Vec::new();
    if table.has_aliases {
        notes.push("equal numbers are one class, however they are written".into());
    }
    let mut alike: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in &table.names {
        let plain = name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        alike.entry(plain).or_default().push(name);
    }
    for names in alike.values().filter(|names| names.len() > 1).take(LISTED) {
        let names: Vec<String> = names.iter().map(|name| format!("{:?}", shown(name))).collect();
        notes.push(format!("the classes {} differ in blanks or capital letters alone", names.join(" and ")));
    }
    for (word, number) in [("true", 1.0), ("false", 0.0)] {
        let word = table.names.iter().find(|name| name.eq_ignore_ascii_case(word));
        let number = table.names.iter().find(|name| name.parse() == Ok(number));
        if let (Some(word), Some(number)) = (word, number) {
            notes.push(format!("the classes {number:?} and {word:?} are two"));
        }
    }
    if let Answers::Classes { labels, .. } = &table.answers {
        let is_infinite = |name: &str| name.parse::<f64>().is_ok_and(f64::is_infinite);
        for (class, name) in table.names.iter().enumerate() {
            let other = match name {
                name if is_missing(name) => "a missing value",
                name if is_infinite(name) => "a number",
                _ => continue,
            };
            let examples = labels.iter().filter(|&&label| label == class).count();
            let more = if examples == 1 { "" } else { "s" };
            notes.push(format!("{:?} is a class like the others ({examples} example{more}), not {other}", shown(name)));
        }
        notes.truncate(2 * LISTED);
    }
    notes
}

/// A table so small that a part of it would not test much, where no part does.
fn nothing_held_out(table: &NumberTable, share: TestFraction) -> Option<String> {
    const CLASS: usize = 5;
    const EXAMPLES: usize = 10;
    if share.get() > 0.0 {
        return None;
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let examples = table.x.nrows();
    let sizes = table.class_sizes();
    let few = match (0..sizes.len()).min_by_key(|&class| sizes[class]) {
        Some(class) if sizes[class] < CLASS => {
            format!("class {:?} has {} example{}", shown(&table.names[class]), sizes[class], plural(sizes[class]))
        }
        _ if examples < EXAMPLES => format!("it has {examples} example{}", plural(examples)),
        _ => return None,
    };
    Some(format!("{few}, and none are held out for testing"))
}

/// Inputs that say nothing, or too much.
fn inputs(table: &NumberTable) -> Vec<String> {
    let (mut notes, mut constant, mut counting, mut telling) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut equal = Vec::new();
    let is_sorted = are_classes_in_blocks(&table.answers);
    if table.x.nrows() < 3 {
        return notes;
    }
    for (input, column) in table.body.inputs().enumerate() {
        let x = table.x.column(input);
        let pairs = || x.iter().zip(x.iter().skip(1));
        if pairs().all(|(a, b)| a == b) {
            constant.push(column);
        } else if is_the_answer(table, input) {
            equal.push(column);
        } else if pairs().all(|(a, b)| b - a == 1.0) {
            counting.push(column);
        } else if is_sorted && (pairs().all(|(a, b)| a < b) || pairs().all(|(a, b)| a > b)) {
            telling.push(column);
        }
    }
    let verb = |columns: &[usize], one: &'static str, several: &'static str| {
        if columns.len() == 1 { one } else { several }
    };
    if !constant.is_empty() {
        let says = verb(&constant, "has one value and says", "have one value each and say");
        notes.push(format!("{} {says} nothing", columns(table, &constant)));
    }
    if !equal.is_empty() {
        let says = verb(&equal, "alone tells the answer", "each alone tell the answer");
        notes.push(format!(
            "{} {says}: it has one value for each; leave it out unless it is known before the answer is",
            columns(table, &equal)
        ));
    }
    if !counting.is_empty() {
        let counts = verb(&counting, "counts the rows and is an input", "count the rows and are inputs");
        let tells = match (is_sorted, counting.len()) {
            (false, _) => "",
            (true, 1) => ": as the rows are sorted by class, it alone tells the class",
            (true, _) => ": as the rows are sorted by class, each of them alone tells the class",
        };
        notes.push(format!("{} {counts}{tells}; leave it out unless it means something", columns(table, &counting)));
    }
    if !telling.is_empty() {
        let tells = verb(&telling, "alone tells", "each alone tell");
        notes.push(format!(
            "{} {tells} the class by order: the rows are sorted by both; leave it out unless it means something",
            columns(table, &telling)
        ));
    }
    notes
}

/// Whether an input is the answer in other words: the number to learn, or one value for each class of several examples.
fn is_the_answer(table: &NumberTable, input: usize) -> bool {
    let x = table.x.column(input);
    match &table.answers {
        Answers::Values(values) => x.iter().eq(values.iter()),
        Answers::Classes { labels, count } => {
            let mut value_of: Vec<Option<f64>> = vec![None; *count];
            let is_one = |(&label, &x): (&usize, &f64)| *value_of[label].get_or_insert(x) == x;
            if labels.len() < 2 * count || !labels.iter().zip(x).all(is_one) {
                return false;
            }
            let mut values: Vec<f64> = value_of.into_iter().flatten().collect();
            values.sort_by(f64::total_cmp);
            values.windows(2).all(|pair| pair[0] != pair[1])
        }
    }
}

/// Whether the rows of every class follow each other.
fn are_classes_in_blocks(answers: &Answers) -> bool {
    match answers {
        Answers::Classes { labels, count } => {
            labels.len() > 2 * count && labels.windows(2).filter(|pair| pair[0] != pair[1]).count() + 1 == *count
        }
        Answers::Values(_) => false,
    }
}
