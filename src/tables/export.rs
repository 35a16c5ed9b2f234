//! Copies of the tables for a spreadsheet whose language writes a decimal comma: semicolons between cells, `0,5` for 0.5.
//!
//! Opened there, `layers.csv` itself is a single column, and after an import by hand `1.5` is the first of May. In the
//! copies every number is a number of that language, and nothing else is. A byte order mark says that the text is UTF-8.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::axes::SweptAxes;
use super::fields::table_fields;
use super::spreadsheet_cell::localised;
use crate::config::{Table, open_file};
use crate::data::BoundedRecords;
use crate::plan::Plan;
use crate::store::{AtomicFile, Manifest, StoreError, subfolder};

/// The folder of the copies, in that of the results.
const FOLDER: &str = "excel";

/// The byte order mark.
const MARK: &str = "\u{feff}";

/// An error of copying tables.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file or folder that cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Tables that are not there to be copied.
    #[error("{}: there are no tables yet; vgrun sweep, or vgrun merge, writes them", folder.display())]
    NoTables {
        /// The results folder.
        folder: PathBuf,
    },
    /// Tables of zero runs.
    #[error("{}: its tables hold no run; vgrun sweep, or vgrun merge, writes them anew", folder.display())]
    EmptyTables {
        /// The results folder.
        folder: PathBuf,
    },
    /// A table that a plan did not write.
    #[error("{}: its columns are not those of the stored plan; vgrun sweep writes it anew", path.display())]
    OtherTable {
        /// The table.
        path: PathBuf,
    },
    /// Copies of tables where tables are.
    #[error("{}: a results folder, whose tables the copies would replace; name another folder", folder.display())]
    OverResults {
        /// The folder.
        folder: PathBuf,
    },
    /// A copy of a table in the place of a file that is none.
    #[error("{}: there is a file that is no copy by vgrun export: move it away, or name another folder", path.display())]
    NoCopy {
        /// The file.
        path: PathBuf,
    },
}

/// A copy of a table for a spreadsheet.
#[derive(Debug)]
pub struct TableCopy {
    /// The file.
    pub path: PathBuf,
    /// The number of its rows, without the header.
    pub rows: u64,
}

/// Copies every table of a results folder that is there, one after the other and row by row, into `to`, or into a folder
/// of the results where none is given; all copies appear together at the end. In the folder of the results, copies of tables
/// that are not there any more are removed.
///
/// # Errors
/// Fails where there is no table, where no table has a row, where a table is not that of the plan, and where `to` holds
/// results or files with the names of tables which are no copies.
pub fn export(plan: &Plan, folder: &Path, to: Option<&Path>) -> Result<Vec<TableCopy>, ExportError> {
    let target = match to {
        Some(to) => to.into(),
        None => subfolder(folder, FOLDER)?,
    };
    if target.join(Manifest::FILE).exists() {
        return Err(ExportError::OverResults { folder: target });
    }
    if to.is_some() {
        only_copies(&target)?;
    }
    let axes = SweptAxes::new(plan.columns());
    let mut copies = Vec::new();
    for table in Table::ALL {
        let path = folder.join(table.file());
        match open_file(&path) {
            Ok(file) => copies.push(copy(table, &axes, &path, file, &target)?),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(StoreError::io("read", &path)(e).into()),
        }
    }
    if copies.is_empty() {
        return Err(ExportError::NoTables { folder: folder.into() });
    }
    // A header is a row.
    if copies.iter().all(|(_, rows)| *rows == 1) {
        return Err(ExportError::EmptyTables { folder: folder.into() });
    }
    let mut sheets = Vec::new();
    for (file, rows) in copies {
        sheets.push(TableCopy { path: file.path().into(), rows: rows - 1 });
        file.publish()?;
    }
    if to.is_none() {
        remove_others(&target, &sheets)?;
    }
    Ok(sheets)
}

/// Refuses a folder in which a file with the name of a table is neither an earlier copy nor empty.
fn only_copies(to: &Path) -> Result<(), ExportError> {
    for table in Table::ALL {
        let path = to.join(table.file());
        let beginning = match open_file(&path).and_then(beginning) {
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            beginning => beginning.map_err(StoreError::io("replace", &path))?,
        };
        if !beginning.is_empty() && !begins_a_copy(table, &beginning) {
            return Err(ExportError::NoCopy { path });
        }
    }
    Ok(())
}

/// Reads the first line of a file, up to the length that a header may have.
fn beginning(file: File) -> io::Result<String> {
    let mut line = Vec::new();
    BufReader::new(file.take(1 << 20)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Returns whether a header is that of a copy, whatever was swept: spreadsheets write a byte order mark and semicolons, too.
fn begins_a_copy(table: Table, header: &str) -> bool {
    let Some(header) = header.strip_prefix(MARK) else { return false };
    let names: Vec<&str> = header.trim_end().split(';').collect();
    let measured = table_fields(table, &SweptAxes::new(&[]));
    measured.iter().all(|field| names.contains(&field.name.as_str()))
}

fn copy(table: Table, axes: &SweptAxes, path: &Path, file: File, to: &Path) -> Result<(AtomicFile, u64), ExportError> {
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
    let damaged = |_| ExportError::OtherTable { path: path.into() };
    while BoundedRecords::next(&mut reader, &mut row).map_err(damaged)? {
        if rows == 0 {
            if !row.iter().eq(fields.iter().map(|field| field.name.as_str())) {
                return Err(ExportError::OtherTable { path: path.into() });
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
        return Err(ExportError::OtherTable { path: path.into() });
    }
    Ok((copy, rows))
}

/// Removes the copies that are not among those just made.
fn remove_others(folder: &Path, made: &[TableCopy]) -> Result<(), ExportError> {
    for path in Table::ALL.map(|table| folder.join(table.file())) {
        if made.iter().any(|sheet| sheet.path == path) {
            continue;
        }
        match fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(StoreError::io("remove", &path)(e).into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
