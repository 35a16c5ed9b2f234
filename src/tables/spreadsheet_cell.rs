//! A table's cell as a spreadsheet with decimal commas reads it back: a number as a number, and nothing else as one.
//!
//! What a spreadsheet would take for a date, a truth value or a formula stands in brackets, `[5-10]` and `[-inf]`, which any
//! other text never does. A spreadsheet keeps 15 digits of a number and writes zeros for the others, so that a longer whole
//! number, as a seed may be, is such a text: `[9007199254740993]`. `NaN` and `inf` are text in every spreadsheet.

use std::borrow::Cow;

use super::field::FieldKind;

/// The digits of a whole number that a spreadsheet keeps.
const MOST_DIGITS: usize = 15;

/// Returns a cell as the spreadsheet is to read it.
pub(super) fn localised(cell: &str, kind: FieldKind) -> Cow<'_, str> {
    match kind {
        FieldKind::Number if cell == "-inf" => format!("[{cell}]").into(),
        FieldKind::Number => cell.replace('.', ",").into(),
        FieldKind::Text if may_be_no_text(cell) => format!("[{cell}]").into(),
        FieldKind::Integer if cell.trim_start_matches('-').len() > MOST_DIGITS => format!("[{cell}]").into(),
        FieldKind::Integer | FieldKind::Boolean | FieldKind::Text => cell.into(),
    }
}

/// Months and parts of the day, as English, French and German spreadsheets know them; what has digits beside no other
/// letters than these may be a date or a time.
const OF_TIME: [&str; 60] = [
    "",
    "e",
    "h",
    "t",
    "z",
    "am",
    "pm",
    "uhr",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "mrz",
    "mär",
    "mai",
    "okt",
    "dez",
    "januar",
    "februar",
    "märz",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "janv",
    "févr",
    "mars",
    "avr",
    "juil",
    "déc",
    "janvier",
    "février",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// Truth values, as English, German and French spreadsheets know them.
const TRUTHS: [&str; 6] = ["true", "false", "wahr", "falsch", "vrai", "faux"];

/// Returns whether a spreadsheet may take a text for something else.
fn may_be_no_text(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let is_marked = text.starts_with(['[', '"']);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let is_time = text.contains(|c: char| c.is_ascii_digit()) && OF_TIME.contains(&letters.as_str());
    is_formula || !is_marked && (is_time || TRUTHS.contains(&text.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_and_what_is_no_number_stays_text() {
        let number = |cell| localised(cell, FieldKind::Number).into_owned();
        assert_eq!(
            ["1.5", "-1.5e-300", "1e16", "5e-324", "0.0", "NaN", "inf", "-inf"].map(number),
            ["1,5", "-1,5e-300", "1e16", "5e-324", "0,0", "NaN", "inf", "[-inf]"]
        );
        let text = |cell| localised(cell, FieldKind::Text).into_owned();
        for cell in ["relu", "r0123456789abcdef", "every-10", "step-0", "[64]", "depth=5", "\"2020-01-01\"", "a.1.csv"]
        {
            assert_eq!(text(cell), cell);
        }
        for cell in ["512-256-128", "5-10", "1.5", "10:30", "3 May", "2-Mär", "1/2", "wahr", "=1", "-x"] {
            assert_eq!(text(cell), format!("[{cell}]"));
        }
        for months in [
            "january février märz april mai juin juillet august september octobre novembre dezember",
            "janvier february mars avril may june july août septembre october november décembre",
            "januar februar march avr juni juli juil oktober déc janv févr",
        ] {
            for month in months.split(' ') {
                for date in [format!("3 {month}"), format!("{}-12", month.to_uppercase())] {
                    assert!(may_be_no_text(&date), "{date}");
                }
            }
        }
    }

    #[test]
    fn a_whole_number_of_more_digits_than_a_spreadsheet_keeps_is_text() {
        let whole = |cell| localised(cell, FieldKind::Integer).into_owned();
        for cell in ["0", "-1", "999999999999999", "-999999999999999"] {
            assert_eq!(whole(cell), cell);
        }
        for cell in ["1000000000000000", "9007199254740993", "18446744073709551615", "-9223372036854775808"] {
            assert_eq!(whole(cell), format!("[{cell}]"));
        }
    }
}
