//! All rows of a table, read once: numbers and answers, and what of them cannot be used.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use super::super::classes::Classes;
use super::super::records::MOST_COLUMNS;
use super::super::{CellPlace, FileSpec, Header, Label, Problem, Separator, TargetKind};
use super::cell::Cell;
use super::faults::{Faults, Table, column_in, shown};
use super::header::{
    Clues, by_columns, by_first_row, counts_columns, counts_from_the_start, is_fractional, is_like_counting,
};
use super::separator::Layout;

/// Who tells a header that the config does not tell.
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
            && first.iter().all(|name| !matches!(Cell::of(name, true), Cell::Number(_) | Cell::DecimalComma(_)))
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
        let mut cells = Cells::new(columns, label, has_row_names, spec.target, layout.separator);
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
        let Cells { x, examples, values, classes, faults, .. } = cells;
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

/// The cells of a table as they are read.
struct Cells {
    columns: usize,
    label: usize,
    has_row_names: bool,
    target: TargetKind,
    /// Whether a comma may stand for the decimal point.
    has_commas: bool,
    x: Vec<f64>,
    values: Vec<f64>,
    classes: Classes,
    examples: usize,
    /// Whether the row is the first, which is read after the others.
    is_first_row: bool,
    faults: Faults,
}

impl Cells {
    fn new(columns: usize, label: usize, has_row_names: bool, target: TargetKind, separator: Separator) -> Self {
        let has_commas = match separator {
            Separator::Auto | Separator::Comma => false,
            Separator::Semicolon | Separator::Tab | Separator::Pipe | Separator::Blank => true,
        };
        let (x, values, classes, faults) = (Vec::new(), Vec::new(), Classes::default(), Faults::default());
        Self {
            columns,
            label,
            has_row_names,
            target,
            has_commas,
            x,
            values,
            classes,
            examples: 0,
            is_first_row: false,
            faults,
        }
    }

    /// Reads a row; `line` tells its line, which takes time.
    fn add(&mut self, row: &csv::StringRecord, mut line: impl FnMut() -> usize) -> Result<(), Problem> {
        if row.len() != self.columns {
            self.faults.ragged(line(), row.len());
            return Ok(());
        }
        for (column, cell) in row.iter().enumerate() {
            self.cell(column, cell, &mut line)?;
        }
        self.examples += 1;
        Ok(())
    }

    /// Reads the first row, which comes before all that were read so far.
    fn add_first(&mut self, row: &[String], line: usize) -> Result<(), Problem> {
        self.is_first_row = true;
        for (column, cell) in row.iter().enumerate() {
            self.cell(column, cell, &mut || line)?;
        }
        self.examples += 1;
        let inputs = self.x.len() / self.examples;
        self.x.rotate_right(inputs);
        let values = usize::from(!self.values.is_empty());
        self.values.rotate_right(values);
        self.classes.last_comes_first();
        Ok(())
    }

    #[inline]
    fn cell(&mut self, column: usize, cell: &str, line: &mut impl FnMut() -> usize) -> Result<(), Problem> {
        if column == self.label {
            return self.answer(cell, line);
        }
        if column > 0 || !self.has_row_names {
            let number = self.number(column, cell, line);
            self.x.push(number);
        }
        Ok(())
    }

    fn answer(&mut self, cell: &str, line: &mut impl FnMut() -> usize) -> Result<(), Problem> {
        match self.target {
            TargetKind::Regression => {
                let number = self.number(self.label, cell, line);
                self.values.push(number);
            }
            TargetKind::Class if cell.is_empty() => self.faults.missing(self.label, line(), cell),
            TargetKind::Class if cell.contains(['\n', '\r']) => self.faults.line_break(self.label, line()),
            TargetKind::Class => self.classes.push(cell)?,
        }
        Ok(())
    }

    /// A number, or 0 where the cell is none, which is noted.
    #[inline]
    fn number(&mut self, column: usize, cell: &str, line: &mut impl FnMut() -> usize) -> f64 {
        match cell.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                if self.has_commas && (self.is_first_row || !self.faults.has_point()) && cell.contains('.') {
                    self.faults.point(column, line(), cell);
                }
                number
            }
            Ok(_) | Err(_) => self.odd(column, cell, line),
        }
    }

    /// What a cell holds that is not written as a number, or 0.
    #[cold]
    fn odd(&mut self, column: usize, cell: &str, line: &mut impl FnMut() -> usize) -> f64 {
        match Cell::of(cell, self.has_commas) {
            Cell::Number(number) => return number,
            Cell::DecimalComma(number) => {
                if self.is_first_row || !self.faults.knows_commas() {
                    self.faults.comma(column, line(), cell);
                }
                return number;
            }
            Cell::Flag(number) => {
                self.faults.flag(column, line(), cell);
                return number;
            }
            _ if cell.contains(['\n', '\r']) => self.faults.line_break(column, line()),
            Cell::Missing => self.faults.missing(column, line(), cell),
            Cell::Infinite => self.faults.infinite(column, line(), cell),
            Cell::Word(form) => self.faults.word(column, line(), cell, form),
        }
        0.0
    }

    /// The columns whose cells are all numbers, some of them perhaps missing.
    fn numeric(&self) -> Vec<bool> {
        let is_numeric = |column: usize| {
            if column == self.label && self.target == TargetKind::Class {
                return self.classes.are_numbers();
            }
            self.examples > 0 && self.faults.is_numeric(column, self.examples)
        };
        (0..self.columns).map(is_numeric).collect()
    }

    /// Whether some row has this answer.
    fn has_answer(&self, answer: &str) -> bool {
        match self.target {
            TargetKind::Class => self.classes.has(answer),
            TargetKind::Regression => answer.parse().is_ok_and(|answer: f64| self.values.contains(&answer)),
        }
    }

    /// What cannot be used of the table.
    fn problem(&self, names: &[String], is_first_row_alike: bool, layout: &Layout, spec: &FileSpec) -> Option<Problem> {
        if let Some((line, column)) = self.faults.first_line_break() {
            let name = names.get(column).map(|name| shown(name));
            return Some(Problem::LineBreak(CellPlace { line, column: column + 1, name }));
        }
        let are_numbers = self.target == TargetKind::Class && self.classes.are_numbers();
        let table = Table {
            names,
            columns: self.columns,
            examples: self.examples,
            is_first_row_alike,
            separator: layout.separator,
            is_label_a_guess: spec.label == Label::Last && are_numbers,
        };
        self.faults.problem(&table, &self.mixed_columns())
    }

    /// The columns that hold true or false beside numbers other than 1 and 0.
    fn mixed_columns(&self) -> Vec<usize> {
        let first = usize::from(self.has_row_names);
        let inputs = (self.columns - first).saturating_sub(1);
        let is_mixed = |&column: &usize| {
            let is_other = |x: &f64| *x != 0.0 && *x != 1.0;
            if column == self.label {
                return self.values.iter().any(is_other);
            }
            let input = column - first - usize::from(column > self.label);
            self.x.iter().skip(input).step_by(inputs.max(1)).any(is_other)
        };
        self.faults.flag_columns().into_iter().filter(is_mixed).collect()
    }
}

/// Whether the first column may hold the names of the rows, as R writes them: words or numbers from 1 on, none twice.
fn names_rows(layout: &Layout) -> Result<bool, Problem> {
    const ROWS: usize = 1000;
    let mut rows = layout.rows();
    rows.next()?;
    let mut names = HashSet::new();
    while names.len() < ROWS && rows.next()? {
        let name = rows.record.get(0).unwrap_or_default().to_owned();
        let is_name = match Cell::of(&name, true) {
            Cell::Number(number) => number >= 1.0 && number.fract() == 0.0,
            Cell::DecimalComma(_) => false,
            _ => !name.is_empty(),
        };
        if !is_name || !names.insert(name) {
            return Ok(false);
        }
    }
    Ok(true)
}
