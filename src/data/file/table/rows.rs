//! The text of a table as rows of cells, with the lines on which they begin.

use crate::data::file::bytes::is_gzip;
use crate::data::file::error::Problem;
use crate::data::file::format::Format;
use crate::data::file::records::BoundedRecords;

/// The text of a file, without the mark that some programs put before it.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if is_gzip(bytes) {
        return Err(Problem::Gzipped);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Problem::Zipped);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Problem::Utf16);
    }
    if let Some(format) = Format::of_no_table(bytes) {
        return Err(Problem::NoTable(format));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        Problem::NotText { line: 1 + line_ends(&bytes[..byte]), byte }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Line ends of any system.
fn line_ends(bytes: &[u8]) -> usize {
    let is_end = |i: usize| bytes[i] == b'\n' || bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n');
    (0..bytes.len()).filter(|&i| is_end(i)).count()
}

/// The rows of a table.
pub(super) struct Rows<'a> {
    reader: csv::Reader<BoundedRecords<&'a [u8]>>,
    /// The last row.
    pub(super) record: csv::StringRecord,
    /// Counts lines.
    pub(super) lines: Lines<'a>,
}

impl<'a> Rows<'a> {
    /// The rows of `text` from byte `begin` on, whose cells are told apart by `separator`.
    pub(super) fn new(text: &'a str, begin: usize, separator: u8) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).trim(csv::Trim::All).delimiter(separator);
        let reader = builder.from_reader(BoundedRecords::new(&text.as_bytes()[begin..]));
        let lines = Lines { text: text.as_bytes(), begin, counted: (0, 0) };
        Self { reader, record: csv::StringRecord::new(), lines }
    }

    /// Reads the next row; false where there is none.
    pub(super) fn next(&mut self) -> Result<bool, Problem> {
        loop {
            let begin = self.reader.position().byte();
            // The text is in memory and is UTF-8, and rows may have any number of cells: nothing is left that the reader
            // refuses, but for a row without end.
            let is_row = BoundedRecords::next(&mut self.reader, &mut self.record);
            if !is_row.map_err(|_| Problem::LongRow { line: self.lines.at(begin) })? {
                return Ok(false);
            }
            // The reader leaves out empty lines, and not those of spaces.
            let is_blank = self.record.len() == 1 && self.record[0].is_empty();
            if !is_blank {
                return Ok(true);
            }
        }
    }

    /// The line of the last row, from 1.
    pub(super) fn line(&mut self) -> usize {
        self.lines.of(&self.record)
    }
}

/// Counts lines as an editor does. The reader's own count knows one kind of line end, and no blank lines.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    /// Where the rows begin.
    begin: usize,
    /// How far lines are counted, and how many line ends there were.
    counted: (usize, usize),
}

impl Lines<'_> {
    /// The line of a row, from 1. Rows are asked for in their order.
    pub(super) fn of(&mut self, record: &csv::StringRecord) -> usize {
        self.at(record.position().map_or(0, csv::Position::byte))
    }

    /// The line of the row that begins at a byte or behind the blank lines there.
    fn at(&mut self, byte: u64) -> usize {
        let begin = self.begin + usize::try_from(byte).expect("the text is in memory");
        let blank = self.text[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (from, lines) = self.counted;
        self.counted = (begin + blank, lines + line_ends(&self.text[from..begin + blank]));
        self.counted.1 + 1
    }
}
