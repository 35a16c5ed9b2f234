//! All cells and rows of a table that cannot be used, counted by column.

use std::collections::BTreeMap;

use super::cell::{CellForm, has_thousands};
use super::shown::shown;

const LINES: usize = 3;

/// How often something occurs, and its first lines.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    pub(super) count: usize,
    pub(super) lines: Vec<usize>,
    /// The text on the first line.
    pub(super) text: String,
}

impl Occurrences {
    fn add(&mut self, line: usize, text: &str) {
        if self.lines.first().is_none_or(|&first| line < first) {
            self.text = shown(text);
        }
        self.count += 1;
        self.lines.push(line);
        self.lines.sort_unstable();
        self.lines.truncate(LINES);
    }

    /// `line 3`, or `lines 3, 4, 7, ..`.
    pub(super) fn places(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        let more = if self.count > lines.len() { ", .." } else { "" };
        format!("line{} {}{more}", if self.count == 1 { "" } else { "s" }, lines.join(", "))
    }
}

/// What is odd in one column.
#[derive(Debug, Default)]
pub(super) struct ColumnFaults {
    /// Missing values, by the mark that stands for them.
    pub(super) missing: BTreeMap<String, Occurrences>,
    pub(super) words: Occurrences,
    pub(super) form: Option<CellForm>,
    /// Whether the first word comes again.
    pub(super) is_repeated: bool,
    pub(super) infinite: Occurrences,
    pub(super) flags: Occurrences,
    /// Numbers such as `1,234`, whose comma may be a decimal point or stand before thousands.
    pub(super) unclear_commas: Occurrences,
}

/// What cannot be used of a table, and the few cells that say how the others are to be read.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) columns: BTreeMap<usize, ColumnFaults>,
    pub(super) ragged: Occurrences,
    pub(super) ragged_cells: usize,
    line_break: Option<(usize, usize)>,
    /// The first number with a decimal comma, and the first with a point: column, line and text.
    pub(super) comma: Option<(usize, usize, String)>,
    pub(super) point: Option<(usize, usize, String)>,
    /// Whether some comma can be nothing but a decimal point.
    pub(super) has_clear_comma: bool,
}

impl Faults {
    pub(super) fn ragged(&mut self, line: usize, cells: usize) {
        if self.ragged.lines.first().is_none_or(|&first| line < first) {
            self.ragged_cells = cells;
        }
        self.ragged.add(line, "");
    }

    pub(super) fn line_break(&mut self, column: usize, line: usize) {
        self.line_break = Some(self.line_break.map_or((line, column), |known| known.min((line, column))));
    }

    /// The line and the column of the first cell that holds a line break.
    pub(super) fn first_line_break(&self) -> Option<(usize, usize)> {
        self.line_break
    }

    pub(super) fn missing(&mut self, column: usize, line: usize, mark: &str) {
        self.columns.entry(column).or_default().missing.entry(mark.to_owned()).or_default().add(line, mark);
    }

    pub(super) fn word(&mut self, column: usize, line: usize, word: &str, form: CellForm) {
        let column = self.columns.entry(column).or_default();
        column.is_repeated |= column.words.count > 0 && column.words.text == shown(word);
        column.words.add(line, word);
        column.form = column.form.or(Some(form));
    }

    pub(super) fn infinite(&mut self, column: usize, line: usize, cell: &str) {
        self.columns.entry(column).or_default().infinite.add(line, cell);
    }

    pub(super) fn flag(&mut self, column: usize, line: usize, cell: &str) {
        self.columns.entry(column).or_default().flags.add(line, cell);
    }

    /// A number with a decimal comma, which may be one before thousands.
    pub(super) fn comma(&mut self, column: usize, line: usize, cell: &str) {
        keep_first(&mut self.comma, (column, line, shown(cell)));
        if is_thousands_perhaps(cell) {
            self.columns.entry(column).or_default().unclear_commas.add(line, cell);
        } else {
            self.has_clear_comma = true;
        }
    }

    /// Whether all that is to be known of decimal commas is known.
    pub(super) fn knows_commas(&self) -> bool {
        self.has_clear_comma && self.comma.is_some()
    }

    pub(super) fn point(&mut self, column: usize, line: usize, cell: &str) {
        keep_first(&mut self.point, (column, line, shown(cell)));
    }

    /// A number with a decimal comma.
    pub(super) fn decimal_comma(&self) -> Option<&str> {
        self.comma.as_ref().map(|(_, _, cell)| cell.as_str())
    }

    pub(super) fn has_point(&self) -> bool {
        self.point.is_some()
    }

    /// Whether a column of so many cells holds numbers, apart from missing ones and a few words.
    pub(super) fn is_numeric(&self, column: usize, cells: usize) -> bool {
        self.columns.get(&column).is_none_or(|column| {
            let missing: usize = column.missing.values().map(|mark| mark.count).sum();
            2 * column.words.count <= cells && missing + column.infinite.count + column.words.count < cells
        })
    }

    pub(super) fn has_flags(&self, column: usize) -> bool {
        self.columns.get(&column).is_some_and(|column| column.flags.count > 0)
    }

    /// The columns that hold true or false.
    pub(super) fn flag_columns(&self) -> Vec<usize> {
        self.columns.iter().filter(|(_, column)| column.flags.count > 0).map(|(&column, _)| column).collect()
    }
}

/// Whether a comma that may be a decimal point may as well stand before thousands; no such number begins with 0.
fn is_thousands_perhaps(cell: &str) -> bool {
    has_thousands(cell, ',') && !cell.trim_start_matches(['-', '+']).starts_with('0')
}

/// Keeps what stands on the first line: the first row may be read after the others.
fn keep_first(known: &mut Option<(usize, usize, String)>, new: (usize, usize, String)) {
    if known.as_ref().is_none_or(|(_, line, _)| new.1 < *line) {
        *known = Some(new);
    }
}
