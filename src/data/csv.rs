//! A table in a file: comma-separated numbers, and a column of answers. RFC 4180, UTF-8, with or without a header; space
//! around a cell does not count, and blank lines are left out.
//!
//! The first row is a header if its input cells are words, or if the column of answers is asked for by name. Where only
//! its answer is a word, it is a header if numbers are to be learned, and an example if another row has the same answer.
//! Else it may be either, and the config must say: a word among numbers may well be a cell that somebody left open (`?`,
//! `NA`), and an example that passes for a header would be lost without a word.
//!
//! Every fifth example is for testing, in each class; for regression, in the order of the file. Inputs are standardised
//! by the training part, and so is a number that is to be learned: the loss of chance is 1.

use ndarray::Array2;

use super::classes::Classes;
use super::file::is_gzip;
use super::found::NamedFile;
use super::records::{BoundedRecords, MOST_COLUMNS};
use super::split::{Split, check_classes, standardise};
use super::{Answers, CellPlace, DataError, Dataset, FileSpec, Found, Header, Label, Problem, TargetKind, Unclear};

/// Reads the file for the first time.
pub(super) fn look(spec: &FileSpec, file: NamedFile) -> Result<Found, DataError> {
    let read = || {
        let bytes = file.read()?;
        let (content, text) = (blake3::hash(&bytes), text(&bytes)?);
        let layout = Layout::of(text, spec)?;
        let sizes = layout.read(text)?.sizes();
        let label = if layout.label + 1 == layout.columns {
            Label::Last
        } else {
            Label::Number((layout.label + 1).try_into().expect("it counts from 1"))
        };
        let header = if tells_a_header(text, &layout.first, layout.label, layout.target) == Ok(layout.has_header) {
            Header::Auto
        } else if layout.has_header {
            Header::Present
        } else {
            Header::Absent
        };
        Ok((content, sizes, label, header))
    };
    match read() {
        Ok((content, sizes, label, header)) => Ok(Found { content, sizes, label, header, files: vec![file] }),
        Err(problem) => Err(DataError { key: key(&problem).unwrap_or(file.key), ..file.error(problem) }),
    }
}

/// Reads the file again.
pub(super) fn load(found: &Found, target: TargetKind) -> Result<Dataset, DataError> {
    let [file] = found.files.as_slice() else { unreachable!("a table is one file") };
    let read = || {
        let bytes = file.read()?;
        if blake3::hash(&bytes) != found.content {
            return Err(Problem::Changed);
        }
        let text = text(&bytes)?;
        let spec = FileSpec { label: found.label.clone(), header: found.header, target, ..FileSpec::default() };
        Layout::of(text, &spec)?.read(text)
    };
    read().map_err(|problem| file.error(problem))
}

/// The key that a problem with how the file is read belongs to.
fn key(problem: &Problem) -> Option<&'static str> {
    let is_label = matches!(
        problem,
        Problem::NoColumnNamed { .. } | Problem::SeveralColumnsNamed { .. } | Problem::NoColumnNumbered { .. }
    );
    let is_header = matches!(problem, Problem::NameWithoutHeader { .. } | Problem::UnclearHeader(_));
    is_label.then_some("data.label").or(is_header.then_some("data.header"))
}

fn text(bytes: &[u8]) -> Result<&str, Problem> {
    if is_gzip(bytes) {
        return Err(Problem::Gzipped);
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

/// The rows of a table with the lines on which they begin.
struct Rows<'a> {
    text: &'a [u8],
    reader: csv::Reader<BoundedRecords<&'a [u8]>>,
    record: csv::StringRecord,
    /// How far lines are counted, and how many line ends there were.
    counted: (usize, usize),
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).trim(csv::Trim::All);
        let (reader, record) = (builder.from_reader(BoundedRecords::new(text.as_bytes())), csv::StringRecord::new());
        Self { text: text.as_bytes(), reader, record, counted: (0, 0) }
    }

    fn next(&mut self) -> Result<Option<&csv::StringRecord>, Problem> {
        loop {
            let begin = self.reader.position().byte();
            // The text is in memory and is UTF-8, and rows may have any number of cells: nothing is left that the reader
            // refuses, but for a row without end.
            let is_row = BoundedRecords::next(&mut self.reader, &mut self.record);
            if !is_row.map_err(|_| Problem::LongRow { line: self.line_at(begin) })? {
                return Ok(None);
            }
            // The reader leaves out empty lines, and not those of spaces.
            let is_blank = self.record.len() == 1 && self.record[0].is_empty();
            if !is_blank {
                return Ok(Some(&self.record));
            }
        }
    }

    /// The line of the last row, from 1. The reader's own count knows one kind of line end, and no blank lines.
    fn line(&mut self) -> usize {
        self.line_at(self.record.position().map_or(0, csv::Position::byte))
    }

    /// The line of the row that begins at a byte or behind the blank lines there.
    fn line_at(&mut self, byte: u64) -> usize {
        let begin = usize::try_from(byte).expect("the text is in memory");
        let blank = self.text[begin..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (from, lines) = self.counted;
        self.counted = (begin + blank, lines + line_ends(&self.text[from..begin + blank]));
        self.counted.1 + 1
    }
}

/// Where a table has what.
struct Layout {
    first: Vec<String>,
    columns: usize,
    /// The column of answers, from 0.
    label: usize,
    has_header: bool,
    target: TargetKind,
}

impl Layout {
    fn of(text: &str, spec: &FileSpec) -> Result<Self, Problem> {
        let mut rows = Rows::new(text);
        let first = rows.next()?.ok_or(Problem::Empty)?;
        let (columns, target) = (first.len(), spec.target);
        if columns > MOST_COLUMNS {
            return Err(Problem::TooManyColumns { columns, limit: MOST_COLUMNS });
        }
        let first: Vec<String> = first.iter().map(str::to_owned).collect();
        if columns == 1 {
            return Err(Problem::OneColumn);
        }
        let label = match &spec.label {
            Label::Last => columns - 1,
            Label::Number(number) if number.get() > columns => {
                return Err(Problem::NoColumnNumbered { number: number.get(), columns });
            }
            Label::Number(number) => number.get() - 1,
            Label::Name(name) => named(name, &first, spec.header)?,
        };
        let has_header = match (spec.header, &spec.label) {
            (Header::Present, _) | (Header::Auto, Label::Name(_)) => true,
            (Header::Absent, _) => false,
            (Header::Auto, Label::Last | Label::Number(_)) => tells_a_header(text, &first, label, target)?,
        };
        Ok(Self { first, columns, label, has_header, target })
    }

    fn read(&self, text: &str) -> Result<Dataset, Problem> {
        let mut rows = Rows::new(text);
        if self.has_header {
            rows.next()?;
        }
        let (mut x, mut values, mut classes) = (Vec::new(), Vec::new(), Classes::default());
        let mut examples = 0;
        while rows.next()?.is_some() {
            let line = rows.line();
            let row = &rows.record;
            if row.len() != self.columns {
                return Err(Problem::Ragged { line, cells: row.len(), expected: self.columns });
            }
            for (column, cell) in row.iter().enumerate() {
                let problem = if cell.is_empty() {
                    Problem::EmptyCell
                } else if cell.contains(['\n', '\r']) {
                    Problem::LineBreak
                } else if column != self.label {
                    x.push(number(cell, || self.place(line, column))?);
                    continue;
                } else if self.target == TargetKind::Regression {
                    values.push(number(cell, || self.place(line, column))?);
                    continue;
                } else {
                    classes.push(cell)?;
                    continue;
                };
                return Err(problem(self.place(line, column)));
            }
            examples += 1;
        }
        if examples == 0 {
            return Err(if self.has_header { Problem::HeaderOnly } else { Problem::Empty });
        }
        let x = Array2::from_shape_vec((examples, self.columns - 1), x).expect("every row is complete");
        match self.target {
            TargetKind::Class => self.class(&x, classes),
            TargetKind::Regression => self.regression(&x, values),
        }
    }

    fn class(&self, x: &Array2<f64>, classes: Classes) -> Result<Dataset, Problem> {
        let (names, labels) = classes.sorted();
        let split = Split::stratified(&labels);
        check_classes(&labels, names.len(), &split.train, |class| shown(&names[class])).map_err(rare_number)?;
        let mut data = split.of(x, &Answers::Classes { labels, count: names.len() });
        self.standardise_inputs(&mut data)?;
        Ok(data)
    }

    fn regression(&self, x: &Array2<f64>, values: Vec<f64>) -> Result<Dataset, Problem> {
        let examples = values.len();
        let values = Array2::from_shape_vec((examples, 1), values).expect("one value for each example");
        let split = Split::evenly_spaced(&(0..examples).collect::<Vec<_>>());
        let Some(&first) = split.train.first() else { return Err(Problem::TooFewExamples { examples }) };
        let value = values[[first, 0]];
        if split.train.iter().all(|&row| values[[row, 0]] == value) {
            return Err(Problem::ConstantTarget { value: value.to_string() });
        }
        let mut data = split.of(x, &Answers::Values(values));
        self.standardise_inputs(&mut data)?;
        if let (Answers::Values(train), Answers::Values(test)) = (&mut data.train.answers, &mut data.test.answers) {
            standardise(train, test).map_err(|_| Problem::Spread { column: self.column(self.label) })?;
        }
        Ok(data)
    }

    fn standardise_inputs(&self, data: &mut Dataset) -> Result<(), Problem> {
        let column = |input: usize| self.column(input + usize::from(input >= self.label));
        standardise(&mut data.train.x, &mut data.test.x).map_err(|input| Problem::Spread { column: column(input) })
    }

    fn place(&self, line: usize, column: usize) -> CellPlace {
        CellPlace { line, column: column + 1, name: self.has_header.then(|| shown(&self.first[column])) }
    }

    /// A column for messages.
    fn column(&self, column: usize) -> String {
        if self.has_header {
            format!("{} (`{}`)", column + 1, shown(&self.first[column]).escape_debug())
        } else {
            (column + 1).to_string()
        }
    }
}

/// The column that the header calls `name`.
fn named(name: &str, first: &[String], header: Header) -> Result<usize, Problem> {
    if header == Header::Absent {
        return Err(Problem::NameWithoutHeader { name: name.into() });
    }
    match first.iter().filter(|column| *column == name).count() {
        0 => Err(Problem::NoColumnNamed { name: name.into(), columns: first.to_vec() }),
        1 => Ok(first.iter().position(|column| column == name).expect("there is one")),
        count => Err(Problem::SeveralColumnsNamed { name: name.into(), count }),
    }
}

/// Whether the first row is a header, by its cells and, where these leave it open, by the other rows' answers.
fn tells_a_header(text: &str, first: &[String], label: usize, target: TargetKind) -> Result<bool, Problem> {
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let is_word = |cell: &str| !cell.is_empty() && !is_number(cell);
    let inputs = || first.iter().enumerate().filter(|(column, _)| *column != label).map(|(_, cell)| cell.as_str());
    let (word, number) = (inputs().find(|cell| is_word(cell)), inputs().find(|cell| is_number(cell)));
    let answer = first[label].as_str();
    let mut rows = Rows::new(text);
    rows.next()?;
    // Whoever reads on meets a row without end again.
    let mut next = || Some(rows.next().ok()??.get(label) == Some(answer));
    let mut others = std::iter::from_fn(&mut next).peekable();
    let unclear = match (word, number, target) {
        (None, _, TargetKind::Regression) => return Ok(is_word(answer)),
        (None, _, TargetKind::Class) if !is_word(answer) => return Ok(false),
        (None, _, TargetKind::Class) if others.peek().is_none() || others.any(|is_same| is_same) => return Ok(false),
        (None, _, TargetKind::Class) => Unclear::OnlyAnswer(shown(answer)),
        (Some(word), Some(number), TargetKind::Class | TargetKind::Regression) => {
            Unclear::Number(shown(word), shown(number))
        }
        (Some(word), None, TargetKind::Regression) if is_number(answer) => Unclear::Number(shown(word), shown(answer)),
        (Some(word), None, TargetKind::Class) if others.any(|is_same| is_same) => {
            Unclear::Answer(shown(word), shown(answer))
        }
        (Some(_), None, TargetKind::Class | TargetKind::Regression) => return Ok(true),
    };
    Err(Problem::UnclearHeader(unclear))
}

/// A cell in a message: it may be a whole page, and its beginning is enough.
fn shown(cell: &str) -> String {
    const SHOWN: usize = 40;
    cell.chars().take(SHOWN).collect()
}

/// A class that is a number and has few examples may be a number to learn.
fn rare_number(problem: Problem) -> Problem {
    match problem {
        Problem::NotInTraining { class: number, examples } if number.parse::<f64>().is_ok() => {
            Problem::NumberNotInTraining { number, examples }
        }
        other => other,
    }
}

fn number(cell: &str, place: impl Fn() -> CellPlace) -> Result<f64, Problem> {
    let number: f64 = cell.parse().map_err(|_| Problem::NotANumber(place(), shown(cell)))?;
    if number.is_finite() { Ok(number) } else { Err(Problem::NotFinite(place(), shown(cell))) }
}

#[cfg(test)]
mod tests;
