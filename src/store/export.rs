//! Copies of the tables for a spreadsheet whose language writes a decimal comma: semicolons between cells, `0,5` for 0.5.
//!
//! Opened there, `layers.csv` itself is a single column, and after an import by hand `1.5` is the first of May. In the
//! copies every number is a number of that language, and nothing else is: what a spreadsheet would take for a date, a
//! truth value or a formula stands in brackets, `[5-10]` and `[-inf]`, which any other text never does. A spreadsheet keeps
//! 15 digits of a number and writes zeros for the others, so that a longer whole number, as a seed may be, is such a text:
//! `[9007199254740993]`. `NaN` and `inf` are text in every spreadsheet. A byte order mark says that the text is UTF-8.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::atomic::AtomicFile;
use super::columns::{FieldKind, table_fields};
use super::subfolder::subfolder;
use super::{Axes, Manifest, StoreError};
use crate::config::{Table, open_file};
use crate::data::BoundedRecords;
use crate::plan::Plan;

/// The folder of the copies, in that of the results.
const FOLDER: &str = "excel";

/// The digits of a whole number that a spreadsheet keeps.
const MOST_DIGITS: usize = 15;

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// A copy of a table.
#[derive(Debug)]
pub struct Sheet {
    /// The file.
    pub path: PathBuf,
    /// Its rows, without the header.
    pub rows: u64,
}

/// Copies every table of a results folder that is there, one after the other and row by row, into `to`, or into a folder
/// of the results where none is given; all appear together at the end. Copies that an earlier export left in the folder
/// of the results, of tables that are not there any more, go.
///
/// # Errors
/// Where there is no table, where no table has a row, where a table is not that of the plan, and where `to` holds results or other files of the
/// tables' names, which are no copies.
pub fn export(plan: &Plan, folder: &Path, to: Option<&Path>) -> Result<Vec<Sheet>, StoreError> {
    let target = to.map_or_else(|| subfolder(folder, FOLDER), |to| Ok(to.into()))?;
    if target.join(Manifest::FILE).exists() {
        return Err(StoreError::OverResults { folder: target });
    }
    if to.is_some() {
        only_copies(&target)?;
    }
    let axes = Axes::new(plan.columns());
    let mut copies = Vec::new();
    for table in Table::ALL {
        let path = folder.join(table.file());
        match open_file(&path) {
            Ok(file) => copies.push(copy(table, &axes, &path, file, &target)?),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(StoreError::io("read", &path)(e)),
        }
    }
    if copies.is_empty() {
        return Err(StoreError::NoTables { folder: folder.into() });
    }
    // A header is a row.
    if copies.iter().all(|(_, rows)| *rows == 1) {
        return Err(StoreError::EmptyTables { folder: folder.into() });
    }
    let mut sheets = Vec::new();
    for (file, rows) in copies {
        sheets.push(Sheet { path: file.path().into(), rows: rows - 1 });
        file.publish()?;
    }
    if to.is_none() {
        remove_others(&target, &sheets)?;
    }
    Ok(sheets)
}

/// That no file of a table's name in `to` is other than an earlier copy, or empty.
fn only_copies(to: &Path) -> Result<(), StoreError> {
    for table in Table::ALL {
        let path = to.join(table.file());
        let beginning = match open_file(&path).and_then(beginning) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            beginning => beginning.map_err(StoreError::io("replace", &path))?,
        };
        if !beginning.is_empty() && !begins_a_copy(table, &beginning) {
            return Err(StoreError::NoCopy { path });
        }
    }
    Ok(())
}

/// The first line of a file, as far as a header may be long.
fn beginning(file: File) -> io::Result<String> {
    let mut line = Vec::new();
    BufReader::new(file.take(1 << 20)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Whether a header is that of a copy, whatever was swept: spreadsheets write a byte order mark and semicolons, too.
fn begins_a_copy(table: Table, header: &str) -> bool {
    let Some(header) = header.strip_prefix(MARK) else { return false };
    let names: Vec<&str> = header.trim_end().split(';').collect();
    let measured = table_fields(table, &Axes::new(&[]));
    measured.iter().all(|field| names.contains(&field.name.as_str()))
}

fn copy(table: Table, axes: &Axes, path: &Path, file: File, to: &Path) -> Result<(AtomicFile, u64), StoreError> {
    let fields = table_fields(table, axes);
    let mut copy = BufWriter::new(AtomicFile::create(to, table.file())?);
    let target = copy.get_ref().path().to_path_buf();
    let write = |e: csv::Error| StoreError::io("write", &target)(e.into());
    copy.write_all(MARK.as_bytes()).map_err(StoreError::io("write", &target))?;
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(BoundedRecords::new(file));
    let mut writer = WriterBuilder::new().delimiter(b';').from_writer(copy);
    let mut row = StringRecord::new();
    let mut rows = 0;
    // Cells between commas that are not the plan's, or a torn row, are the mistake of whoever edited the file.
    let damaged = |_| StoreError::OtherTable { path: path.into() };
    while BoundedRecords::next(&mut reader, &mut row).map_err(damaged)? {
        if rows == 0 {
            if !row.iter().eq(fields.iter().map(|field| field.name.as_str())) {
                return Err(StoreError::OtherTable { path: path.into() });
            }
            writer.write_record(&row).map_err(write)?;
        } else {
            let cells = row.iter().zip(&fields).map(|(cell, field)| localised(cell, field.kind));
            writer.write_record(cells.map(Cow::into_owned)).map_err(write)?;
        }
        rows += 1;
    }
    let copy = writer.into_inner().map_err(|e| StoreError::io("write", &target)(e.into_error()))?;
    let copy = copy.into_inner().map_err(|e| StoreError::io("write", &target)(e.into_error()))?;
    if rows == 0 {
        return Err(StoreError::OtherTable { path: path.into() });
    }
    Ok((copy, rows))
}

/// A cell as the spreadsheet is to read it.
fn localised(cell: &str, kind: FieldKind) -> Cow<'_, str> {
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

const TRUTHS: [&str; 6] = ["true", "false", "wahr", "falsch", "vrai", "faux"];

/// Whether a spreadsheet may take a text for something else.
fn may_be_no_text(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let is_marked = text.starts_with(['[', '"']);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let is_time = text.contains(|c: char| c.is_ascii_digit()) && OF_TIME.contains(&letters.as_str());
    is_formula || !is_marked && (is_time || TRUTHS.contains(&text.to_lowercase().as_str()))
}

/// Removes the copies that are not among those just made.
fn remove_others(folder: &Path, made: &[Sheet]) -> Result<(), StoreError> {
    for path in Table::ALL.map(|table| folder.join(table.file())) {
        if made.iter().any(|sheet| sheet.path == path) {
            continue;
        }
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::io("remove", &path)(e)),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
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
