//! The first rows of a table, cut by one separator: whether it cuts all of them alike, and no cell in two.

use std::borrow::Cow;

use super::cell::has_thousands;
use super::rows::Rows;
use crate::data::file::decimal_comma::decimal_comma;
use crate::data::file::error::Problem;
use crate::data::spec::Separator;

/// The first rows of a table, cut by one separator.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) separator: Separator,
    pub(super) rows: Vec<Vec<String>>,
    /// Lines before the first row that are comments.
    pub(super) left_out: usize,
    /// Whether not even the first row is complete.
    pub(super) is_part_of_a_row: bool,
}

impl Sample {
    pub(super) fn of(text: &str, begin: usize, separator: Separator) -> Self {
        let (bytes, most_rows) = SAMPLE;
        let all = &text[begin..];
        let end = (0..=bytes.min(all.len())).rev().find(|&end| all.is_char_boundary(end)).unwrap_or_default();
        let is_cut = end < all.len();
        let whole_lines = if is_cut { all[..end].rfind(['\n', '\r']).map(|end| end + 1) } else { Some(end) };
        let sample = &all[..whole_lines.unwrap_or(end)];
        let sample = if separator == Separator::Blank { Cow::Owned(squeezed(sample)) } else { Cow::Borrowed(sample) };
        let mut reader = Rows::new(&sample, 0, byte(separator));
        let mut rows: Vec<Vec<String>> = Vec::new();
        // A row without end is met again by whoever reads all rows.
        while rows.len() < most_rows && reader.next().unwrap_or(false) {
            rows.push(reader.record.iter().map(str::to_owned).collect());
        }
        if is_cut && rows.len() > 1 && rows.last().is_some_and(|row| row.iter().any(|cell| cell.contains('\n'))) {
            // It may be cut within quotes.
            rows.pop();
        }
        let mut sample = Self { separator, rows, left_out: 0, is_part_of_a_row: whole_lines.is_none() };
        sample.leave_comments_out();
        sample
    }

    /// Leaves out the lines before the table that are no rows of it: those of another length that begin as comments do.
    pub(super) fn leave_comments_out(&mut self) {
        let columns = self.columns();
        let is_comment = |row: &&Vec<String>| {
            row.len() < columns && ["#", "|", "%", "//"].iter().any(|mark| row[0].starts_with(mark))
        };
        let comments = self.rows.iter().take_while(is_comment).count();
        self.rows.drain(..comments);
        self.left_out = comments;
    }

    /// How many cells most rows have; of two numbers the one that comes first.
    pub(super) fn columns(&self) -> usize {
        let with = |count: usize| self.rows.iter().filter(|row| row.len() == count).count();
        let counts = self.rows.iter().map(Vec::len);
        counts.fold((1, 0), |most, count| if with(count) > most.1 { (count, with(count)) } else { most }).0
    }

    /// How many rows have as many cells as most.
    pub(super) fn rows_alike(&self) -> usize {
        let columns = self.columns();
        self.rows.iter().filter(|row| row.len() == columns).count()
    }

    /// Whether every row has as many cells, more than one; the first may lack the name of the rows' names.
    pub(super) fn is_even(&self) -> bool {
        let columns = self.columns();
        let Some((first, others)) = self.rows.split_first() else { return false };
        let lacks_one = columns > 2 && first.len() + 1 == columns && !others.is_empty();
        columns > 1 && (first.len() == columns || lacks_one) && others.iter().all(|row| row.len() == columns)
    }

    /// Whether every row ends with a separator, but for a header of one cell less.
    pub(super) fn ends_empty(&self) -> bool {
        let columns = self.columns();
        let Some((first, others)) = self.rows.split_first() else { return false };
        let is_empty = |row: &Vec<String>| row.len() == columns && row.last().is_some_and(String::is_empty);
        columns > 1
            && !others.is_empty()
            && others.iter().all(is_empty)
            && (is_empty(first) || first.len() + 1 == columns)
    }

    pub(super) fn holds(&self, mark: char) -> bool {
        self.rows.iter().flatten().any(|cell| cell.contains(mark))
    }

    /// Whether some column is of numbers, from the second row on.
    pub(super) fn has_numbers(&self) -> bool {
        let is_number = |cell: &String| cell.parse::<f64>().is_ok() || decimal_comma(cell).is_some();
        let rows = &self.rows[1.min(self.rows.len().saturating_sub(1))..];
        (0..self.columns()).any(|column| rows.iter().all(|row| row.get(column).is_some_and(is_number)))
    }

    /// What other separator stands in a cell beside a number, so that the cell may be two.
    pub(super) fn another_in(&self, cell: &str) -> Option<Separator> {
        let others = [(',', Separator::Comma), (';', Separator::Semicolon), ('\t', Separator::Tab)];
        let is_number = |part: &str| part.trim().parse::<f64>().is_ok();
        let is_number_of = |part: &&str| is_number(part);
        let stands_in = |(mark, other): &(char, Separator)| {
            let is_decimal = *other == Separator::Comma && (decimal_comma(cell).is_some() || has_thousands(cell, ','));
            let is_own = *other == self.separator || self.separator == Separator::Blank && *mark == '\t';
            !is_own && cell.contains(*mark) && !is_decimal && cell.split(*mark).any(is_number)
        };
        let has_blanks = self.separator == Separator::Tab && cell.split_whitespace().filter(is_number_of).count() > 1;
        let other = others.iter().find(|other| stands_in(other)).map(|(_, other)| *other);
        other.or(has_blanks.then_some(Separator::Blank))
    }

    /// Whether at least half of the rows have a cell that may be two.
    pub(super) fn cuts_wrongly(&self) -> bool {
        let wrong = self.rows.iter().filter(|row| row.iter().any(|cell| self.another_in(cell).is_some())).count();
        2 * wrong >= self.rows.len()
    }

    /// The first cell that may be two, and by which separator, of a table that is cut wrongly.
    pub(super) fn first_doubt(&self) -> (&str, Separator) {
        let first = self.rows.iter().flatten().find_map(|cell| Some((cell.as_str(), self.another_in(cell)?)));
        first.expect("some rows are cut wrongly")
    }

    /// Why nobody can tell whether this is the separator.
    pub(super) fn doubt(&self) -> Problem {
        let (cell, other) = self.first_doubt();
        let cell = cell.chars().take(40).collect();
        Problem::UnclearSeparator { one: self.separator, other, cell, is_in_label: false }
    }
}

/// The bytes of a table that tell its separator, and the rows.
const SAMPLE: (usize, usize) = (64 << 10, 100);

/// The text with a tab for all blanks between two cells; lines stay where they are.
pub(super) fn squeezed(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    let (mut is_quoted, mut gap, mut begins) = (false, false, true);
    for c in text.chars() {
        match c {
            '\n' | '\r' => {
                (is_quoted, gap, begins) = (false, false, true);
                squeezed.push(c);
            }
            ' ' | '\t' if !is_quoted => gap = !begins,
            _ => {
                if gap {
                    squeezed.push('\t');
                }
                is_quoted ^= c == '"';
                (gap, begins) = (false, false);
                squeezed.push(c);
            }
        }
    }
    squeezed
}

/// What stands between two cells of the text.
pub(super) fn byte(separator: Separator) -> u8 {
    match separator {
        Separator::Auto | Separator::Comma => b',',
        Separator::Semicolon => b';',
        Separator::Tab | Separator::Blank => b'\t',
        Separator::Pipe => b'|',
    }
}
