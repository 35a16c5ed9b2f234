//! Reads what a file says of a plan's runs.

use std::fs::{self, File};
use std::io::{self, Cursor, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use super::axes::{Axes, Shape, named_run};
use super::cells::{Numbers, hint, is_missing};
use super::error::{ForeignError, Problem};
use super::header::Header;
use super::kinds;
use super::layers::Labels;
use super::row::Row;
use super::rows::{Rows, cell};
use super::runs::{Found, unfinished_line, whole};
use super::trace::{Chance, Table};
use crate::check::known::Columns;
use crate::check::measured::Runs;
use crate::config::{Bounded, quoted};
use crate::plan::Plan;
use crate::spec::LayerMetric;
use crate::trace::Record;

/// What a trace says of a plan's runs.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// The runs.
    pub runs: Runs,
    /// What the trace tells of them.
    pub columns: Columns,
    /// What is worth saying of it, a sentence each.
    pub notes: Vec<String>,
}

/// The most bytes of a trace.
const MOST_BYTES: u64 = 256 << 20;

/// The most rows of a trace, which take 20 bytes each and 8 for each number, and as what they tell of a run some more.
const MOST_ROWS: usize = 4_000_000;

/// Bytes by which a file is recognised.
const BEGIN: u64 = 64 << 10;

/// Reads the file at `path` as the runs of `plan`, each of which must be there. It may be a pipe, which the other
/// program writes into, and no device.
pub fn read_foreign(plan: &Plan, path: &Path) -> Result<Foreign, ForeignError> {
    let opened = || {
        let kind = fs::metadata(path)?.file_type();
        if !kind.is_file() && !kind.is_fifo() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is neither a file nor a pipe"));
        }
        let mut file = Bounded::new(File::open(path)?, MOST_BYTES);
        let mut begin = Vec::new();
        (&mut file).take(BEGIN).read_to_end(&mut begin)?;
        Ok((begin, file))
    };
    let (begin, file) = opened().map_err(|source| ForeignError::Io { path: path.into(), source })?;
    // As it was given, for what a message says to run must find it.
    let name = path.to_string_lossy();
    let read = parse(plan, &begin, file, &name);
    let mut foreign =
        read.map_err(|Problem { line, text }| ForeignError::Format { path: path.into(), line, problem: text })?;
    foreign.notes.iter_mut().for_each(|note| *note = format!("{}: {note}", path.display()));
    Ok(foreign)
}

/// Parses what begins with `begin` and goes on with `rest`.
fn parse(plan: &Plan, begin: &[u8], rest: impl Read, name: &str) -> Result<Foreign, Problem> {
    if let Some(what) = kinds::what_it_is(begin, name) {
        return Err(Problem::of_file(what));
    }
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let mut rows = Rows::new(Cursor::new(begin).chain(rest), begin);
    let names = rows.header()?;
    let header = Header::of(plan, names, rows.line, name)?;
    let mut reading = Reading::of(plan, &header, rows.separator);
    reading.read_all(&mut rows)?;
    let Reading { found, table, headers, .. } = reading;
    let mut notes: Vec<String> = header.unused().into_iter().collect();
    if headers > 0 {
        notes.push(format!("the header comes again {headers} times and was read over"));
    }
    if found.blocks > 0 {
        notes.push(format!("{} rows whose role is block were left out: a block is no layer", found.blocks));
    }
    notes.extend(found.unfinished.map(unfinished_line));
    let whole = whole(plan, found, |run| Shape::of(plan, run).layers)?;
    notes.extend(whole.notes);
    let (mut runs, mut chance) = (Runs::new(plan), Chance::default());
    for (run, (rows, order)) in whole.rows.iter().zip(&whole.orders).enumerate() {
        let trace = table.trace(plan, run, (rows, order), &mut chance)?;
        runs.add(plan, run, &Record::Done(trace));
    }
    let columns = Columns {
        layer: table.metrics,
        loss: table.has_loss,
        first_step: whole.first_step,
        has_time: plan.is_recurrent(),
    };
    Ok(Foreign { runs, columns, notes })
}

/// A file that is being read.
struct Reading<'a> {
    plan: &'a Plan,
    header: &'a Header,
    axes: Axes<'a>,
    numbers: Numbers,
    /// How far cells stand to the right of their names: by one where rows begin with a name whose column has none.
    shift: usize,
    found: Found,
    table: Table,
    /// How often the header came again.
    headers: usize,
}

impl<'a> Reading<'a> {
    fn of(plan: &'a Plan, header: &'a Header, separator: u8) -> Self {
        let names = |columns: &[(LayerMetric, usize)]| columns.iter().map(|(metric, _)| *metric).collect();
        let (metrics, logarithms) = (names(&header.metrics), names(&header.logarithms));
        Self {
            plan,
            header,
            axes: Axes::of(plan, header.axes.clone()),
            numbers: Numbers::of(separator),
            shift: 0,
            found: Found {
                rows: vec![Vec::new(); plan.len()],
                labels: Labels::default(),
                last: None,
                overfull: None,
                unfinished: None,
                blocks: 0,
            },
            table: Table { metrics, logarithms, has_loss: header.loss.is_some(), numbers: Vec::new() },
            headers: 0,
        }
    }

    /// Reads the rows below the header.
    fn read_all(&mut self, rows: &mut Rows<impl Read>) -> Result<(), Problem> {
        let (mut width, mut count) = (None, 0);
        while rows.next()? {
            let cells = rows.row.len();
            if cells <= self.header.names.len() + 1 && rows.is_blank() {
                continue;
            }
            let width = *width.get_or_insert_with(|| self.width(rows));
            if cells <= width && rows.is_unfinished() {
                // What follows an open quote may be more than a line.
                if rows.row.iter().any(|cell| cell.contains(['\n', '\r'])) {
                    return Err(Problem::at(rows.line, "a quote is opened and not closed"));
                }
                self.found.unfinished = Some(rows.line);
                break;
            }
            match self.read_row(rows, width) {
                Ok(()) => count += 1,
                Err(_) if self.is_header(rows) => self.headers += 1,
                Err(_) if rows.row.iter().any(|cell| cell.trim() == LayerMetric::GradNorm.name()) => {
                    let text = "it is another header: only files with the same columns in the same order are joined";
                    return Err(Problem::at(rows.line, text));
                }
                Err(text) => return Err(Problem::at(rows.line, text)),
            }
            if count > MOST_ROWS {
                return Err(Problem::at(rows.line, format!("there are more than {MOST_ROWS} rows: leave steps out")));
            }
            if self.found.overfull.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Returns how many cells each row has, by the first one: R leaves out the name of the column with the names of
    /// rows, and other programs write a separator behind the last cell.
    fn width(&mut self, rows: &Rows<impl Read>) -> usize {
        let names = self.header.names.len();
        if rows.row.len() != names + 1 {
            return names;
        }
        self.shift = usize::from(!cell(&rows.row, names).is_empty());
        names + 1
    }

    /// Whether a row says what the header says, as where files were joined.
    fn is_header(&self, rows: &Rows<impl Read>) -> bool {
        let name = |i: usize| cell(&rows.row, i).trim_start_matches(['\u{feff}', '#', '"', ' ']).trim_end_matches('"');
        let names = &self.header.names;
        rows.row.len() >= names.len() && names.iter().enumerate().all(|(i, own)| name(i) == own)
    }

    fn read_row(&mut self, rows: &Rows<impl Read>, width: usize) -> Result<(), String> {
        if rows.row.len() != width {
            // The csv crate's own words for it begin so, too.
            return Err(format!("CSV error: the row has {} cells, and the header {width}", rows.row.len()));
        }
        let (row, line, header) = (&rows.row, rows.line, self.header);
        let shift = self.shift;
        let cell = |column: usize| cell(row, column + shift);
        let shape = self.axes.run(row, shift, &self.numbers)?;
        let role = header.role.map_or("", cell);
        let step = self.step(cell(header.step), shape)?;
        if role.eq_ignore_ascii_case("block") {
            self.found.blocks += 1;
            return Ok(());
        }
        let layer = self.found.labels.id(cell(header.layer), &self.numbers)?;
        let written = self.table.numbers.len();
        let (mut has_delta, mut has_loss) = (true, false);
        for (metric, column) in &header.metrics {
            match self.metric(*metric, cell(*column), line) {
                Ok(number) => {
                    has_delta &= number.is_some() || *metric != LayerMetric::DeltaRms;
                    self.table.numbers.push(shape.precision.recorded(number.unwrap_or(f64::NAN)));
                }
                Err(text) => {
                    self.table.numbers.truncate(written);
                    return Err(text);
                }
            }
        }
        for (_, column) in &header.logarithms {
            // log10 of 0 is -inf; what has none, such as an empty cell, tells nothing.
            let number = self.numbers.measured(cell(*column), line)?;
            self.table.numbers.push(number.unwrap_or(f64::NAN));
        }
        if let Some(column) = header.loss {
            let loss = self.loss(cell(column), line)?;
            has_loss = loss.is_some();
            self.table.numbers.push(shape.precision.recorded(loss.unwrap_or(f64::NAN)));
        }
        let width = self.table.width();
        let narrow = |n: usize| u32::try_from(n).expect("a trace has fewer than 2^32 bytes");
        let is_head = role.eq_ignore_ascii_case("head");
        let of_run = &mut self.found.rows[shape.run];
        let (at, line) = (narrow(written / width), u32::try_from(line).expect("a trace has fewer than 2^32 bytes"));
        of_run.push(Row { step, layer, line, at, is_head, has_loss, has_delta });
        self.found.last = Some(shape.run);
        // There are no more without one that comes twice, and why should the others be read?
        if of_run.len() > shape.layers.saturating_mul(shape.steps) {
            self.found.overfull = Some(shape.run);
        }
        Ok(())
    }

    fn step(&self, cell: &str, shape: Shape) -> Result<u32, String> {
        let Some(step) = self.numbers.whole(cell) else {
            return Err(format!("{} is no step: expected a whole number{}", quoted(cell), hint(cell)));
        };
        match u32::try_from(step) {
            Ok(step) if (step as usize) < shape.steps => Ok(step),
            Ok(_) | Err(_) => {
                let (run, last) = (named_run(self.plan, shape.run), shape.steps - 1);
                Err(format!(
                    "step {step}: the last of {run} is {last}; train.steps says so, and steps are counted from 0"
                ))
            }
        }
    }

    /// Reads a metric's number; none where the cell has none, which a gradient always has.
    fn metric(&mut self, metric: LayerMetric, cell: &str, line: u64) -> Result<Option<f64>, String> {
        let Some(number) = self.numbers.measured(cell, line)? else {
            return if !is_missing(cell) {
                Err(no_number(metric.name(), cell))
            } else if metric != LayerMetric::GradNorm {
                Ok(None)
            } else {
                Err(format!(
                    "there is no gradient ({}): is the layer frozen? Leave frozen layers out at every step, and give the \
                     config as many layers as are left. A gradient that is not a number is written NaN, which pandas does \
                     with `na_rep=\"NaN\"`",
                    quoted(cell)
                ))
            };
        };
        match metric {
            LayerMetric::ActMean => {}
            LayerMetric::ZeroFraction | LayerMetric::SaturatedFraction => {
                if !number.is_nan() && !(0.0..=1.0).contains(&number) {
                    return Err(format!("{cell} is no {}: a share is a number from 0 to 1", metric.name()));
                }
            }
            LayerMetric::GradNorm
            | LayerMetric::DeltaRms
            | LayerMetric::WeightNorm
            | LayerMetric::UpdateNorm
            | LayerMetric::RelativeUpdate
            | LayerMetric::Moved
            | LayerMetric::ActStd => {
                if number < 0.0 {
                    return Err(format!(
                        "{cell} is no norm, for it is negative: norms are written as they are, not as log10"
                    ));
                }
            }
        }
        Ok(Some(number))
    }

    fn loss(&mut self, cell: &str, line: u64) -> Result<Option<f64>, String> {
        match self.numbers.measured(cell, line)? {
            Some(loss) if loss < 0.0 => Err(format!(
                "{cell} is no loss of classes or of squares, for it is negative: give the column another name, and it is \
                 not read"
            )),
            Some(loss) => Ok(Some(loss)),
            None if is_missing(cell) => Ok(None),
            None => Err(no_number("loss", cell)),
        }
    }
}

fn no_number(column: &str, cell: &str) -> String {
    let quoted = quoted(cell);
    format!("{quoted} in the column {column} is no number; NaN and inf are written so{}", hint(cell))
}
