//! All rows of a table, read once: numbers and answers, and what of them cannot be used.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use super::cell::TableCell;
use super::cells::CellReader;
use super::header::{
    Clues, by_columns, by_first_row, counts_columns, counts_from_the_start, is_fractional, is_like_counting,
};
use super::separator::Layout;
use super::shown::column_in;
use crate::data::file::classes::Classes;
use crate::data::file::error::Problem;
use crate::data::file::records::MOST_COLUMNS;
use crate::data::spec::{FileSpec, Header, Label};

/// What tells a header that the config does not tell.
#[derive(Debug, Clone, Copy)]
pub(super) enum TellHeader {
    /// The other rows: for the first time.
    ByColumns,
    /// The first row, as what was found before says.
    ByFirstRow,
}

/// A table that can be used, in the order of the file.
#[derive(Debug)]
pub(super) struct Body {
    /// The names of the columns; empty where there is no header.
    pub(super) names: Vec<String>,
    pub(super) columns: usize,
    /// The column of answers, from 0.
    pub(super) label: usize,
    /// Whether the first column names the rows and is no input.
    pub(super) has_row_names: bool,
    /// How the header is to be told another time.
    pub(super) header: Header,
    /// The inputs, row after row.
    pub(super) x: Vec<f64>,
    /// How many examples there are.
    pub(super) examples: usize,
    /// The answers where they are numbers to learn.
    pub(super) values: Vec<f64>,
    /// The answers where they are classes.
    pub(super) classes: Classes,
    /// A number that was read with its decimal comma.
    pub(super) decimal_comma: Option<String>,
    /// The columns that hold true or false.
    pub(super) flags: Vec<usize>,
}

impl Body {
    pub(super) fn read(layout: &Layout, spec: &FileSpec, tell: TellHeader) -> Result<Self, Problem> {
        let mut rows = layout.rows();
        if !rows.next()? {
            return Err(Problem::Empty);
        }
        let mut first: Vec<String> = rows.record.iter().map(str::to_owned).collect();
        let first_line = rows.line();
        if first.len() > MOST_COLUMNS {
            return Err(Problem::TooManyColumns { columns: first.len(), limit: MOST_COLUMNS });
        }
        let columns = layout.columns.unwrap_or(first.len());
        // R leaves out the name of the rows' names.
        let has_row_names = first.len() + 1 == columns
            && spec.header != Header::Absent
            && first
                .iter()
                .all(|name| !matches!(TableCell::of(name, true), TableCell::Number(_) | TableCell::DecimalComma(_)))
            && names_rows(layout)?;
        if columns == 1 + usize::from(has_row_names) {
            return Err(Problem::OneColumn { separator: None });
        }
        if has_row_names {
            first.insert(0, String::new());
        }
        let first_cells = first.len();
        first.resize(columns, String::new());
        let label = label(spec, &first, has_row_names)?;
        let mut cells = CellReader::new(columns, label, has_row_names, spec.target, layout.separator);
        let mut counts_alone = spec.header == Header::Auto && counts_columns(&first);
        let mut has_fractions = counts_from_the_start(&first);
        while rows.next()? {
            counts_alone = counts_alone && !is_like_counting(&first, &rows.record, label);
            // Whole numbers above whole numbers that count from anywhere are an example as likely as not.
            has_fractions = has_fractions || counts_alone && is_fractional(&rows.record);
            cells.add(&rows.record, || rows.lines.of(&rows.record))?;
        }
        let clues = Clues {
            first: &first,
            label,
            target: spec.target,
            others: cells.examples,
            is_same_answer: cells.has_answer(&first[label]),
            numeric: &cells.numeric(),
            flags: &(0..columns).map(|column| cells.faults.has_flags(column)).collect::<Vec<_>>(),
            counts_alone: counts_alone && has_fractions,
        };
        let by_first_row = by_first_row(&clues);
        let told = match (spec.header, &spec.label, tell) {
            (Header::Present, ..) | (Header::Auto, Label::Name(_), _) => Ok(true),
            (Header::Absent, ..) => Ok(false),
            (Header::Auto, ..) if has_row_names => Ok(true),
            (Header::Auto, _, TellHeader::ByColumns) => by_columns(&clues),
            (Header::Auto, _, TellHeader::ByFirstRow) => by_first_row.clone(),
        };
        let is_alike = first_cells == columns;
        let has_header = match told {
            Ok(has_header) => has_header,
            Err(unclear) => {
                let unclear = Problem::UnclearHeader(unclear);
                return Err(match cells.problem(&[], is_alike, layout, spec) {
                    Some(Problem::Cells { mut findings, mut remedies }) => {
                        findings.push(unclear.to_string());
                        remedies.extend(unclear.remedy());
                        Problem::Cells { findings, remedies }
                    }
                    Some(other) => other,
                    None => unclear,
                });
            }
        };
        let header = match has_header {
            _ if by_first_row == Ok(has_header) || has_row_names => Header::Auto,
            true => Header::Present,
            false => Header::Absent,
        };
        if !is_alike {
            cells.faults.ragged(first_line, first_cells);
        } else if !has_header {
            cells.add_first(&first, first_line)?;
        }
        let names = if has_header { named(first) } else { Vec::new() };
        if let Some(problem) = cells.problem(&names, is_alike, layout, spec) {
            return Err(problem);
        }
        if cells.examples == 0 {
            return Err(if has_header { Problem::HeaderOnly } else { Problem::Empty });
        }
        let CellReader { x, examples, values, classes, faults, .. } = cells;
        let decimal_comma = faults.decimal_comma().map(str::to_owned);
        let flags = faults.flag_columns();
        Ok(Self { names, columns, label, has_row_names, header, x, examples, values, classes, decimal_comma, flags })
    }

    /// The number of the column of answers as the config would write it; the last one where it is.
    pub(super) fn label(&self) -> Label {
        match NonZeroUsize::new(self.label + 1) {
            Some(number) if number.get() < self.columns => Label::Number(number),
            _ => Label::Last,
        }
    }

    /// The columns that are inputs, from 0.
    pub(super) fn inputs(&self) -> impl Iterator<Item = usize> {
        (usize::from(self.has_row_names)..self.columns).filter(|&column| column != self.label)
    }

    /// A column for messages.
    pub(super) fn column(&self, column: usize) -> String {
        column_in(&self.names, column)
    }
}

/// The names of the columns. What writes a comment sign before the header does not mean it as a part of the name.
fn named(mut first: Vec<String>) -> Vec<String> {
    if let Some(name) = without_comment_sign(&first[0]) {
        first[0] = name;
    }
    first
}

fn without_comment_sign(name: &str) -> Option<String> {
    let name = name.strip_prefix('#')?.trim_start_matches('#').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The column of answers, from 0.
fn label(spec: &FileSpec, first: &[String], has_row_names: bool) -> Result<usize, Problem> {
    let columns = first.len();
    let label = match &spec.label {
        Label::Last => columns - 1,
        Label::Number(number) if number.get() > columns => {
            return Err(Problem::NoColumnNumbered { number: number.get(), columns });
        }
        Label::Number(number) => number.get() - 1,
        Label::Name(name) if spec.header == Header::Absent => {
            return Err(Problem::NameWithoutHeader { name: name.as_ref().into() });
        }
        Label::Name(name) => {
            let is_called = |(column, cell): &(usize, &String)| {
                *cell == name.as_ref()
                    || *column == 0 && without_comment_sign(cell).is_some_and(|cell| cell == name.as_ref())
            };
            let mut found = first.iter().enumerate().filter(is_called);
            match (found.next(), found.count()) {
                (None, _) => {
                    let columns = named(first.to_vec()).split_off(usize::from(has_row_names));
                    return Err(Problem::NoColumnNamed { name: name.as_ref().into(), columns });
                }
                (Some((column, _)), 0) => column,
                (Some(_), more) => {
                    return Err(Problem::SeveralColumnsNamed { name: name.as_ref().into(), count: more + 1 });
                }
            }
        }
    };
    if label == 0 && has_row_names { Err(Problem::RowNames) } else { Ok(label) }
}

/// Whether the first column may hold the names of the rows, as R writes them: words or numbers from 1 on, none twice.
fn names_rows(layout: &Layout) -> Result<bool, Problem> {
    const ROWS: usize = 1000;
    let mut rows = layout.rows();
    rows.next()?;
    let mut names = HashSet::new();
    while names.len() < ROWS && rows.next()? {
        let name = rows.record.get(0).unwrap_or_default().to_owned();
        let is_name = match TableCell::of(&name, true) {
            TableCell::Number(number) => number >= 1.0 && number.fract() == 0.0,
            TableCell::DecimalComma(_) => false,
            _ => !name.is_empty(),
        };
        if !is_name || !names.insert(name) {
            return Ok(false);
        }
    }
    Ok(true)
}
