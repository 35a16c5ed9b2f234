//! What stands between the columns of a table, told by its first rows: all of them have as many cells.
//!
//! Commas, semicolons and tabs are tried first, then vertical bars, then blanks. Where two of them cut every row alike,
//! the one wins whose cells hold no number together with another separator: `4,7;setosa` is 4.7 and a word. Where that
//! leaves a doubt, the config must say.

use std::borrow::Cow;

use super::rows::Rows;
use super::sample::{Sample, byte, squeezed};
use crate::data::file::error::Problem;
use crate::data::spec::Separator;

/// How the text of a table is cut into rows and cells.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// The text, in which one byte stands between two cells.
    pub(super) text: Cow<'a, str>,
    /// Where the rows begin.
    pub(super) begin: usize,
    /// What stands between the columns; never `Auto`.
    pub(super) separator: Separator,
    /// How many cells a row has; none where the first row must tell.
    pub(super) columns: Option<usize>,
    /// How many lines before the table are left out.
    pub(super) left_out: usize,
}

impl<'a> Layout<'a> {
    /// The layout of a text; `Auto` asks the text itself.
    pub(super) fn of(text: &'a str, asked: Separator) -> Result<Self, Problem> {
        if is_arff(text) {
            return Err(Problem::Arff);
        }
        if is_libsvm(text) {
            return Err(Problem::Libsvm);
        }
        let (told, begin) = told_by_excel(text);
        let separator = if asked == Separator::Auto { told.unwrap_or(asked) } else { asked };
        let layout = match separator {
            Separator::Auto => Self::detect(text, begin)?,
            Separator::Comma | Separator::Semicolon | Separator::Tab | Separator::Pipe | Separator::Blank => {
                Self::of_sample(text, begin, &Sample::of(text, begin, separator))?
            }
        };
        match layout.columns {
            Some(1) => Err(Problem::OneColumn { separator: (asked != Separator::Auto).then_some(asked) }),
            _ => Ok(layout),
        }
    }

    fn detect(text: &'a str, begin: usize) -> Result<Self, Problem> {
        let usual = [Separator::Comma, Separator::Semicolon, Separator::Tab];
        let samples = usual.map(|separator| Sample::of(text, begin, separator));
        if samples[0].rows.is_empty() {
            return Self::of_sample(text, begin, &samples[0]);
        }
        let has_one_row = samples.iter().all(|sample| sample.rows.len() < 2);
        let mut even: Vec<&Sample> = samples.iter().filter(|sample| sample.is_even()).collect();
        if even.first().is_some_and(|sample| sample.separator == Separator::Comma) {
            // A quote within a cell is one that belongs to a cell of another table.
            even.retain(|sample| sample.separator == Separator::Comma || !sample.holds('"'));
        }
        let others = [Separator::Pipe, Separator::Blank].map(|separator| Sample::of(text, begin, separator));
        if even.iter().all(|sample| sample.cuts_wrongly()) {
            // Beside semicolons or tabs that cut every row alike, blanks belong to the cells, unless these hold numbers.
            let is_for_blanks =
                |sample: &&Sample| sample.separator == Separator::Comma || sample.first_doubt().1 == Separator::Blank;
            let may_be_blanks = !has_one_row && even.iter().all(is_for_blanks);
            let is_told = |sample: &&Sample| sample.is_even() && (may_be_blanks || sample.separator == Separator::Pipe);
            if let Some(sample) = others.iter().find(|sample| is_told(sample) && sample.has_numbers()) {
                return Self::of_sample(text, begin, sample);
            }
        }
        if even.is_empty() {
            // Some rows have other numbers of cells, which whoever reads them says.
            even = samples.iter().chain(&others[..1]).filter(|sample| sample.columns() > 1).collect();
            let most = even.iter().map(|sample| sample.rows_alike()).max();
            even.retain(|sample| Some(sample.rows_alike()) == most);
        }
        let clean = even.iter().find(|sample| !sample.cuts_wrongly());
        match (clean, even.as_slice()) {
            (Some(sample), _) => Self::of_sample(text, begin, sample),
            (None, []) => Err(Problem::OneColumn { separator: None }),
            (None, [sample, ..]) => Err(sample.doubt()),
        }
    }

    fn of_sample(text: &'a str, begin: usize, sample: &Sample) -> Result<Self, Problem> {
        if sample.ends_empty() {
            return Err(Problem::TrailingSeparator { separator: sample.separator });
        }
        let text = match sample.separator {
            Separator::Blank => Cow::Owned(squeezed(text)),
            Separator::Auto | Separator::Comma | Separator::Semicolon | Separator::Tab | Separator::Pipe => {
                Cow::Borrowed(text)
            }
        };
        let left_out = sample.left_out + usize::from(begin > 0);
        let begin = behind_lines(&text, left_out);
        let columns = (!sample.is_part_of_a_row && !sample.rows.is_empty()).then(|| sample.columns());
        Ok(Self { text, begin, separator: sample.separator, columns, left_out })
    }

    /// The rows from the first on.
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows::new(&self.text, self.begin, byte(self.separator))
    }
}

/// The separator that Excel's line `sep=;` tells, and where the line behind it begins.
fn told_by_excel(text: &str) -> (Option<Separator>, usize) {
    let first = line(text);
    let content = first.trim_end_matches(['\n', '\r']).trim_matches('"');
    let told = match content.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("sep=") => &content[4..],
        _ => return (None, 0),
    };
    let is_told = |separator: &Separator| separator.aliases().contains(&told);
    match Separator::ALL.into_iter().find(is_told) {
        Some(separator) => (Some(separator), first.len()),
        None => (None, 0),
    }
}

/// Whether a text is a file of Weka's, whose rows come behind a description.
fn is_arff(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).take(1000);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('%')).unwrap_or_default();
    first.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("@relation"))
}

/// Whether the first lines are those of a sparse table: an answer, and each value behind the number of its column.
fn is_libsvm(text: &str) -> bool {
    const LINES: usize = 5;
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES);
    let is_pair = |cell: &str| {
        let pair = cell.split_once(':');
        pair.is_some_and(|(column, value)| column.parse::<u32>().is_ok() && value.parse::<f64>().is_ok())
    };
    let is_row = |line: &str| {
        let mut cells = line.split_ascii_whitespace();
        cells.next().is_some_and(|answer| answer.parse::<f64>().is_ok()) && cells.all(is_pair)
    };
    let pairs = lines().map(|line| line.split_ascii_whitespace().skip(1).count()).max();
    // Two numbers of a row may be an answer and a time.
    pairs.is_some_and(|pairs| pairs > 1) && lines().all(is_row)
}

/// The first line with its end.
fn line(text: &str) -> &str {
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(text.len(), |end| end + 1 + usize::from(bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n')));
    &text[..end]
}

/// Where so many lines that are not blank end.
fn behind_lines(text: &str, count: usize) -> usize {
    let (mut begin, mut left) = (0, count);
    while left > 0 && begin < text.len() {
        let line = line(&text[begin..]);
        left -= usize::from(!line.trim().is_empty());
        begin += line.len();
    }
    begin
}
