//! What one cell holds: a number, nothing, or a word of some form.

use crate::data::file::decimal_comma::decimal_comma;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TableCell {
    Number(f64),
    /// `true` or `false`, as 1 or 0.
    Flag(f64),
    /// A number with a decimal comma, where these are read.
    DecimalComma(f64),
    /// A mark for a missing value.
    Missing,
    /// A number without bounds, or beyond those of f64.
    Infinite,
    Word(CellForm),
}

/// What a cell looks like that is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CellForm {
    Word,
    Date,
    Percent,
    /// A number with a comma for a point, in a table whose columns are separated by commas.
    DecimalComma,
    /// A number whose thousands are set apart.
    Thousands,
    /// A number with a minus sign or a dash of Unicode.
    Minus,
    /// A number whose exponent stands behind a D, as in Fortran.
    Exponent,
    Money,
    /// A time of day, or minutes and seconds.
    Time,
    /// Numbers that another separator parts, which may be cells of their own.
    Several,
}

/// What stands in tables where a value is missing, in small letters. A cell without text is another such mark.
const MARKS: [&str; 17] = [
    "?", "na", "n/a", "nan", "null", "none", "nil", "-", "--", ".", "#n/a", "<na>", "-nan", "#div/0!", "#value!",
    "#num!", "#ref!",
];

/// What editors and web pages write for a minus.
const DASHES: [char; 4] = ['\u{2212}', '\u{2013}', '\u{2010}', '\u{2011}'];

const CURRENCIES: [char; 4] = ['$', '\u{20ac}', '\u{a3}', '\u{a5}'];

impl TableCell {
    /// Reads a cell; `has_commas` says whether a comma may stand for the decimal point.
    pub(super) fn of(cell: &str, has_commas: bool) -> Self {
        if is_missing(cell) {
            return Self::Missing;
        }
        match cell {
            "true" | "True" | "TRUE" => return Self::Flag(1.0),
            "false" | "False" | "FALSE" => return Self::Flag(0.0),
            _ => {}
        }
        match cell.parse::<f64>() {
            Ok(number) if number.is_finite() => return Self::Number(number),
            Ok(_) => return Self::Infinite,
            Err(_) => {}
        }
        match decimal_comma(cell) {
            Some(number) if has_commas => Self::DecimalComma(number),
            found => Self::Word(CellForm::of(cell, found.is_some())),
        }
    }

    /// Whether the cell cannot belong to a column of numbers.
    pub(super) fn is_word(self) -> bool {
        match self {
            Self::Word(_) => true,
            Self::Number(_) | Self::Flag(_) | Self::DecimalComma(_) | Self::Missing | Self::Infinite => false,
        }
    }
}

impl CellForm {
    fn of(cell: &str, has_decimal_comma: bool) -> Self {
        let is_number = |text: &str| text.parse::<f64>().is_ok() || decimal_comma(text).is_some();
        if cell.strip_suffix('%').is_some_and(|number| is_number(number.trim_end())) {
            Self::Percent
        } else if [',', '.', '\'', ' ', '\u{a0}', '\u{202f}'].iter().any(|&mark| has_thousands(cell, mark)) {
            Self::Thousands
        } else if has_decimal_comma {
            Self::DecimalComma
        } else if is_date(cell) {
            Self::Date
        } else if cell.starts_with(DASHES) && is_number(cell.trim_start_matches(DASHES)) {
            Self::Minus
        } else if cell.contains(['D', 'd']) && is_number(&cell.replacen(['D', 'd'], "e", 1)) {
            Self::Exponent
        } else if cell.contains(CURRENCIES)
            && is_number(cell.trim_matches(|c: char| c == ' ' || CURRENCIES.contains(&c)))
        {
            Self::Money
        } else if is_time(cell) {
            Self::Time
        } else if [',', ';', '|', '\t', ' ', ':'].iter().any(|&mark| {
            let mut parts = cell.split(mark).filter(|part| !part.is_empty());
            cell.contains(mark) && parts.clone().count() > 1 && parts.all(|part| part.trim().parse::<f64>().is_ok())
        }) {
            Self::Several
        } else {
            Self::Word
        }
    }
}

/// Whether a cell says that its value is missing.
pub(super) fn is_missing(cell: &str) -> bool {
    cell.is_empty() || (cell.len() <= 8 && MARKS.contains(&cell.to_ascii_lowercase().as_str()))
}

/// Whether every three digits before the decimal point have this mark between them: `1,234` or `1.234.567,8`.
pub(super) fn has_thousands(cell: &str, mark: char) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let mut parts: Vec<&str> = unsigned.split(mark).collect();
    let last = parts.pop().unwrap_or_default();
    let (last, rest) = last.split_once(|c| matches!(c, '.' | ',') && c != mark).unwrap_or((last, "0"));
    let [first, middle @ ..] = parts.as_slice() else { return false };
    first.len() <= 3
        && is_digits(first)
        && middle.iter().chain([&last]).all(|part| part.len() == 3 && is_digits(part))
        && is_digits(rest)
}

/// Whether a cell begins as a date: two marks of one kind between three numbers, such as `2020-01-31` or `1/2/20`.
fn is_date(cell: &str) -> bool {
    let day = cell.split(['T', ' ']).next().unwrap_or_default();
    ['-', '/', '.'].iter().any(|&mark| {
        let parts: Vec<&str> = day.split(mark).collect();
        parts.len() == 3 && parts.iter().all(|p| (1..=4).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Whether a cell is a time such as `12:30` or `1:02:03.5`.
fn is_time(cell: &str) -> bool {
    let parts: Vec<&str> = cell.split(':').collect();
    let is_of_two = |part: &&str| {
        let whole = part.split('.').next().unwrap_or_default();
        whole.len() == 2 && part.parse::<f64>().is_ok_and(|number| number < 60.0)
    };
    let [first, rest @ ..] = parts.as_slice() else { return false };
    (1..=2).contains(&first.len())
        && first.parse::<u8>().is_ok()
        && (1..=2).contains(&rest.len())
        && rest.iter().all(is_of_two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart_by_their_form() {
        let of = |cell: &str| TableCell::of(cell, false);
        for mark in ["", "?", "NA", "nan", "NaN", "N/A", "null", "None", ".", "-", "#DIV/0!"] {
            assert_eq!(of(mark), TableCell::Missing, "{mark:?}");
        }
        assert_eq!(
            (of("1e3"), of("TRUE"), of("False")),
            (TableCell::Number(1e3), TableCell::Flag(1.0), TableCell::Flag(0.0))
        );
        assert_eq!((of("inf"), of("1e999")), (TableCell::Infinite, TableCell::Infinite));
        for (cell, form) in [
            ("four", CellForm::Word),
            ("1-2", CellForm::Word),
            ("T", CellForm::Word),
            ("45%", CellForm::Percent),
            ("4,5 %", CellForm::Percent),
            ("4,7", CellForm::DecimalComma),
            ("1,2345", CellForm::DecimalComma),
            ("1,234", CellForm::Thousands),
            ("-1,234,567.5", CellForm::Thousands),
            ("1.234.567", CellForm::Thousands),
            ("1'234", CellForm::Thousands),
            ("1.234,5", CellForm::Thousands),
            ("2020-01-31", CellForm::Date),
            ("2020-01-31 12:00", CellForm::Date),
            ("31.01.2020", CellForm::Date),
            ("1/2/20", CellForm::Date),
            ("\u{2212}5", CellForm::Minus),
            ("\u{2013}0,5", CellForm::Minus),
            ("1.0D+02", CellForm::Exponent),
            ("$3", CellForm::Money),
            ("3,50 \u{20ac}", CellForm::Money),
            ("12:30", CellForm::Time),
            ("1:02:03.5", CellForm::Time),
            ("1:0", CellForm::Several),
            ("1;2", CellForm::Several),
            ("1,2,3", CellForm::Several),
            ("Dd", CellForm::Word),
            ("a:1", CellForm::Word),
            ("$", CellForm::Word),
        ] {
            assert_eq!(of(cell), TableCell::Word(form), "{cell:?}");
        }
        assert_eq!(
            (TableCell::of("4,7", true), TableCell::of("1,234", true)),
            (TableCell::DecimalComma(4.7), TableCell::DecimalComma(1.234))
        );
        assert_eq!(TableCell::of("1.234,5", true), TableCell::Word(CellForm::Thousands));
    }
}
