//! Whether the first row of a table names its columns.
//!
//! The rows below tell: a word above a column of numbers is a name. Where no column tells, the first row is an example,
//! unless its answer alone is a word: an example that passes for a header would be lost without a word. Numbers that
//! count the columns are the names that pandas gives, unless other rows are like them.
//!
//! [`by_first_row`] is the rule of earlier versions, which looked at the first row and at the other answers. The ids of
//! runs say how a header was told only where that rule does not tell it, so that no id changes.

use super::cell::{CellForm, TableCell, is_missing};
use super::shown::shown;
use crate::data::file::error::Unclear;
use crate::data::spec::TargetKind;

/// Numbers of a first row that counts that are shown.
const COUNTED: usize = 4;

/// What is known of a table that may begin with a header.
#[derive(Debug)]
pub(super) struct Clues<'a> {
    /// The cells of the first row.
    pub(super) first: &'a [String],
    /// The column of answers, from 0.
    pub(super) label: usize,
    pub(super) target: TargetKind,
    /// How many rows come behind the first.
    pub(super) others: usize,
    /// Whether one of them has the first row's answer.
    pub(super) is_same_answer: bool,
    /// The columns that hold numbers in all other rows, apart from missing ones; true or false count as numbers.
    pub(super) numeric: &'a [bool],
    /// The columns that hold true or false in some other row.
    pub(super) flags: &'a [bool],
    /// Whether the first row counts its columns, and no other row is like it.
    pub(super) counts_alone: bool,
}

/// Whether a row counts its columns: two from 0 or from 1, three and more from any whole number, as years do; the column of
/// row numbers has no name.
pub(super) fn counts_columns(first: &[String]) -> bool {
    let numbers = || behind_index(first).iter().map(|cell| cell.parse::<f64>().unwrap_or(f64::NAN));
    let counts_on = numbers().zip(numbers().skip(1)).all(|(a, b)| b - a == 1.0 && a.fract() == 0.0);
    counts_on && (counts_from_the_start(first) && numbers().count() > 1 || numbers().count() > 2)
}

/// Whether its first number is 0 or 1.
pub(super) fn counts_from_the_start(first: &[String]) -> bool {
    behind_index(first).first().and_then(|cell| cell.parse::<f64>().ok()).is_some_and(|x| x == 0.0 || x == 1.0)
}

/// Whether some number of a row is not whole.
pub(super) fn is_fractional(row: &csv::StringRecord) -> bool {
    row.iter().any(|cell| cell.parse::<f64>().is_ok_and(|x| x.fract() != 0.0))
}

/// Whether a row may be an example like a first row that counts its columns: it counts on, or, as two numbers count often
/// enough, its inputs are whole numbers.
pub(super) fn is_like_counting(first: &[String], row: &csv::StringRecord, label: usize) -> bool {
    let numbers = || row.iter().map(|cell| cell.parse::<f64>().unwrap_or(f64::NAN));
    match first.len() {
        2 if !first[0].is_empty() => numbers().enumerate().any(|(column, x)| column != label && x.fract() == 0.0),
        _ => numbers().zip(numbers().skip(1)).all(|(a, b)| b - a == 1.0),
    }
}

fn behind_index(first: &[String]) -> &[String] {
    match first {
        [index, rest @ ..] if index.is_empty() => rest,
        _ => first,
    }
}

/// Tells a header by the other rows.
pub(super) fn by_columns(clues: &Clues) -> Result<bool, Unclear> {
    if clues.others == 0 {
        return by_first_row(clues);
    }
    if clues.counts_alone {
        let cells: Vec<&str> = behind_index(clues.first).iter().take(COUNTED).map(String::as_str).collect();
        return Err(Unclear::Counts(cells.join(", ")));
    }
    // A number that is written in another way is none of a header.
    let is_name = |column: usize| match TableCell::of(&clues.first[column], true) {
        TableCell::Word(form) => matches!(form, CellForm::Word | CellForm::Date | CellForm::Time),
        TableCell::Flag(_) => !clues.flags[column],
        TableCell::Number(_) | TableCell::DecimalComma(_) | TableCell::Missing | TableCell::Infinite => false,
    };
    let name = (0..clues.first.len()).find(|&column| clues.numeric[column] && is_name(column));
    let answer = clues.first[clues.label].as_str();
    match name {
        Some(name) if clues.is_same_answer => Err(Unclear::Answer(shown(&clues.first[name]), shown(answer))),
        Some(_) => Ok(true),
        None if clues.is_same_answer => Ok(false),
        None => {
            let is_answer_a_word = clues.target == TargetKind::Class && TableCell::of(answer, true).is_word();
            let mut inputs = clues.first.iter().enumerate().filter(|(column, _)| *column != clues.label);
            let marks =
                clues.first.iter().enumerate().filter(|(c, cell)| *c != clues.label && is_missing(cell)).count();
            if !is_answer_a_word || inputs.clone().any(|(_, cell)| TableCell::of(cell, true).is_word()) {
                Ok(false)
            } else if marks == clues.first.len() - 1 {
                let (_, mark) = inputs.next().expect("a table has inputs");
                Err(Unclear::OnlyMarks(shown(mark), shown(answer)))
            } else if marks > 0 {
                Ok(false)
            } else {
                Err(Unclear::OnlyAnswer(shown(answer)))
            }
        }
    }
}

/// Tells a header by its own cells and, where these leave it open, by the other rows' answers.
pub(super) fn by_first_row(clues: &Clues) -> Result<bool, Unclear> {
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let is_word = |cell: &str| !cell.is_empty() && !is_number(cell);
    let others = clues.first.iter().enumerate().filter(|(column, _)| *column != clues.label);
    let inputs = || others.clone().map(|(_, cell)| cell.as_str());
    let (word, number) = (inputs().find(|cell| is_word(cell)), inputs().find(|cell| is_number(cell)));
    let answer = clues.first[clues.label].as_str();
    Err(match (word, number, clues.target) {
        (None, _, TargetKind::Regression) => return Ok(is_word(answer)),
        (None, _, TargetKind::Class) if !is_word(answer) || clues.others == 0 || clues.is_same_answer => {
            return Ok(false);
        }
        (None, _, TargetKind::Class) => Unclear::OnlyAnswer(shown(answer)),
        (Some(word), Some(number), TargetKind::Class | TargetKind::Regression) => {
            Unclear::Number(shown(word), shown(number))
        }
        (Some(word), None, TargetKind::Regression) if is_number(answer) => Unclear::Number(shown(word), shown(answer)),
        (Some(word), None, TargetKind::Class) if clues.is_same_answer => Unclear::Answer(shown(word), shown(answer)),
        (Some(_), None, TargetKind::Class | TargetKind::Regression) => return Ok(true),
    })
}
