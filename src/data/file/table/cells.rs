//! The cells of a table as they are read: numbers and answers, and what of them cannot be used.

use super::cell::TableCell;
use super::faults::Faults;
use super::message::TableShape;
use super::separator::Layout;
use super::shown::shown;
use crate::data::file::classes::Classes;
use crate::data::file::error::{CellPlace, Problem};
use crate::data::spec::{FileSpec, Label, Separator, TargetKind};

/// The cells of a table as they are read.
pub(super) struct CellReader {
    columns: usize,
    label: usize,
    has_row_names: bool,
    target: TargetKind,
    /// Whether a comma may stand for the decimal point.
    has_commas: bool,
    pub(super) x: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) classes: Classes,
    pub(super) examples: usize,
    /// Whether the row is the first, which is read after the others.
    is_first_row: bool,
    pub(super) faults: Faults,
}

impl CellReader {
    pub(super) fn new(
        columns: usize,
        label: usize,
        has_row_names: bool,
        target: TargetKind,
        separator: Separator,
    ) -> Self {
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
    pub(super) fn add(&mut self, row: &csv::StringRecord, mut line: impl FnMut() -> usize) -> Result<(), Problem> {
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
    pub(super) fn add_first(&mut self, row: &[String], line: usize) -> Result<(), Problem> {
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
        match TableCell::of(cell, self.has_commas) {
            TableCell::Number(number) => return number,
            TableCell::DecimalComma(number) => {
                if self.is_first_row || !self.faults.knows_commas() {
                    self.faults.comma(column, line(), cell);
                }
                return number;
            }
            TableCell::Flag(number) => {
                self.faults.flag(column, line(), cell);
                return number;
            }
            _ if cell.contains(['\n', '\r']) => self.faults.line_break(column, line()),
            TableCell::Missing => self.faults.missing(column, line(), cell),
            TableCell::Infinite => self.faults.infinite(column, line(), cell),
            TableCell::Word(form) => self.faults.word(column, line(), cell, form),
        }
        0.0
    }

    /// The columns whose cells are all numbers, some of them perhaps missing.
    pub(super) fn numeric(&self) -> Vec<bool> {
        let is_numeric = |column: usize| {
            if column == self.label && self.target == TargetKind::Class {
                return self.classes.are_numbers();
            }
            self.examples > 0 && self.faults.is_numeric(column, self.examples)
        };
        (0..self.columns).map(is_numeric).collect()
    }

    /// Whether some row has this answer.
    pub(super) fn has_answer(&self, answer: &str) -> bool {
        match self.target {
            TargetKind::Class => self.classes.has(answer),
            TargetKind::Regression => answer.parse().is_ok_and(|answer: f64| self.values.contains(&answer)),
        }
    }

    /// What cannot be used of the table.
    pub(super) fn problem(
        &self,
        names: &[String],
        is_first_row_alike: bool,
        layout: &Layout,
        spec: &FileSpec,
    ) -> Option<Problem> {
        if let Some((line, column)) = self.faults.first_line_break() {
            let name = names.get(column).map(|name| shown(name));
            return Some(Problem::LineBreak(CellPlace { line, column: column + 1, name }));
        }
        let are_numbers = self.target == TargetKind::Class && self.classes.are_numbers();
        let table = TableShape {
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
