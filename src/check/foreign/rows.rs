//! The rows of a trace: what separates their cells, on which line each begins, and whether the last one is finished.

use std::io::Read;

use csv::{ErrorKind, StringRecord};

use super::error::Problem;
use super::lines::Lines;
use crate::data::{BoundedRecords, MOST_COLUMNS};

/// What may separate cells; of those that do so equally often the first. Blanks do where nothing else does.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The rows of a file, the header among them.
pub(super) struct Rows<R> {
    reader: csv::Reader<BoundedRecords<Lines<R>>>,
    /// The row that was read last.
    pub(super) row: StringRecord,
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// What separates its cells.
    pub(super) separator: u8,
}

impl<R: Read> Rows<R> {
    /// The rows of what is read from `from`, which begins with `begin`.
    pub(super) fn new(from: R, begin: &[u8]) -> Self {
        let separator = separator(begin);
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(separator);
        let reader = builder.from_reader(BoundedRecords::new(Lines::new(from)));
        Self { reader, row: StringRecord::new(), line: 1, separator }
    }

    /// Reads the next row; false where there is none.
    pub(super) fn next(&mut self) -> Result<bool, Problem> {
        let begin = self.reader.position().byte();
        let read = BoundedRecords::next(&mut self.reader, &mut self.row);
        self.line = self.reader.get_mut().source().line_at(begin);
        read.map_err(|error| {
            let text = match error.kind() {
                ErrorKind::Utf8 { .. } => "it is not UTF-8 text: save the file as UTF-8".to_owned(),
                _ => error.to_string(),
            };
            Problem::at(self.line, text)
        })
    }

    /// Reads the header: the first row that is not Excel's word for its separator.
    pub(super) fn header(&mut self) -> Result<Vec<String>, Problem> {
        loop {
            if !self.next()? {
                return Err(Problem::at(1, "there is no column, for it is empty: its first line names its columns"));
            }
            let is_separator =
                self.row.len() == 2 && self.row[0].eq_ignore_ascii_case("sep=") && self.row[1].is_empty();
            if !is_separator && !self.is_blank() {
                break;
            }
        }
        if self.row.len() > MOST_COLUMNS {
            return Err(Problem::at(self.line, format!("it has {} columns, more than {MOST_COLUMNS}", self.row.len())));
        }
        let mut names: Vec<String> = (0..self.row.len()).map(|i| cell(&self.row, i).to_owned()).collect();
        // As NumPy writes it, and other programs that take the header for a comment.
        if let Some(name) = names[0].strip_prefix('#') {
            names[0] = String::from(name.trim_start());
        }
        Ok(names)
    }

    /// Whether the row is the last one and does not end with the end of a line: what was to follow is not known.
    pub(super) fn is_unfinished(&mut self) -> bool {
        let end = self.reader.position().byte();
        self.reader.get_mut().source().is_unfinished(end)
    }

    /// Whether no cell of the row holds anything.
    pub(super) fn is_blank(&self) -> bool {
        (0..self.row.len()).all(|i| cell(&self.row, i).is_empty())
    }
}

/// A cell without the blanks and quotes around it; an empty one where the row has no such cell.
pub(super) fn cell(row: &StringRecord, i: usize) -> &str {
    let cell = row.get(i).unwrap_or_default().trim();
    // Quotes behind a blank are part of the cell to the parser.
    let inside = |mark: char| cell.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    inside('"').or_else(|| inside('\'')).map_or(cell, str::trim)
}

/// What separates the cells of a file, by its first line that is not blank.
fn separator(begin: &[u8]) -> u8 {
    let blank = begin.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let begin = &begin[blank..];
    if let [s, e, p, b'=', separator, b'\r' | b'\n', ..] = begin
        && [*s, *e, *p].eq_ignore_ascii_case(b"sep")
    {
        return *separator;
    }
    let (mut counts, mut blanks, mut is_quoted) = ([0_usize; SEPARATORS.len()], 0, false);
    for byte in begin {
        match byte {
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'\n' | b'\r' => break,
            b' ' => blanks += 1,
            _ => {
                if let Some(at) = SEPARATORS.iter().position(|separator| separator == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    match counts.iter().position(|count| *count == most) {
        Some(at) if most > 0 || blanks == 0 => SEPARATORS[at],
        Some(_) | None => b' ',
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_the_header_has_most_of_outside_quotes() {
        for (header, found) in [
            ("a,b,c\n1;2;3;4;5", b','),
            ("a;b;c\n", b';'),
            ("\r\n a\tb, c\td\r\n", b'\t'),
            ("a|b|c", b'|'),
            ("\"\" \"a,b;c\" \"d\"\n", b' '),
            ("\"Step\",\"a; b; c\"", b','),
            ("sep=;\r\na,b;c,d,e\n", b';'),
            ("SEP=\t\na,b,c\td\n", b'\t'),
            ("a\n1,2\n", b','),
            ("", b','),
        ] {
            assert_eq!(char::from(separator(header.as_bytes())), char::from(found), "{header:?}");
        }
    }

    #[test]
    fn every_row_has_the_line_on_which_it_begins() {
        let text = "\r\na,b\r\n\r\n1,\"x\r\ny\"\r\n2,\"z\"\r\n  \r\n3,w";
        let mut rows = Rows::new(text.as_bytes(), text.as_bytes());
        assert_eq!(rows.header().unwrap(), ["a", "b"]);
        let mut lines = vec![rows.line];
        while rows.next().unwrap() {
            lines.push(rows.line);
            assert_eq!(rows.is_unfinished(), &rows.row[0] == "3");
        }
        assert_eq!(lines, [2, 4, 6, 7, 8]);
    }

    #[test]
    fn a_cell_has_no_blanks_and_quotes_around_it() {
        let row = StringRecord::from(vec![" a ", " \"b\"", "'c'", "\"", "d\"", ""]);
        let cells: Vec<&str> = (0..7).map(|i| cell(&row, i)).collect();
        assert_eq!(cells, ["a", "b", "c", "\"", "d\"", "", ""]);
    }
}
