//! The rows that a run has in each table, as CSV text that goes into a file or waits in memory.

use std::io::Write;
use std::path::PathBuf;

use super::cell::{CellValue, RowOfCells};
use super::columns::{GATES, LAYERS, RUNS, STEPS, TIME, TRACE};
use super::rows::{GateRow, LayerPlace, LayerRow, MeasuredRun, RunRow, TableRun, TimeRow, TraceRow};
use crate::config::Table;
use crate::spec::Precision;
use crate::store::{AtomicFile, StoreError};
use crate::trace::{ThroughTime, Trace};

/// Bytes of text that are written together, to a file and to memory. In memory, a buffer is made for every few runs.
const BUFFERS: [usize; 2] = [1 << 16, 1 << 12];

/// Rows without a header, by the number of their table in [`Table::ALL`]; empty where there is no such table.
pub(super) type TableTexts = [Vec<u8>; Table::ALL.len()];

/// Several tables being written.
#[derive(Debug)]
pub(super) struct TableRows<W: Write> {
    /// None for tables that were not asked for.
    writers: [Option<TableWriter<W>>; Table::ALL.len()],
}

impl<W: Write> TableRows<W> {
    pub(super) fn new() -> Self {
        Self { writers: [const { None }; Table::ALL.len()] }
    }

    fn insert(&mut self, table: Table, to: W, path: PathBuf, buffer: usize) -> &mut TableWriter<W> {
        let csv = csv::WriterBuilder::new().has_headers(false).buffer_capacity(buffer).from_writer(to);
        self.writers[index(table)].insert(TableWriter { csv, path })
    }

    /// Returns one of the tables, if it was begun.
    pub(super) fn table(&mut self, table: Table) -> Option<&mut TableWriter<W>> {
        self.writers[index(table)].as_mut()
    }

    /// Writes everything about one run.
    pub(super) fn run(&mut self, run: &TableRun<'_>) -> Result<(), StoreError> {
        if let Some(runs) = self.table(Table::Runs) {
            let row = RunRow::of(run);
            runs.row_of(run, RUNS.iter().map(|column| (column.cell)(&row)))?;
        }
        let MeasuredRun::Done(trace, summary, prediction) = run.measured else { return Ok(()) };
        if let Some(layers) = self.table(Table::Layers) {
            for row in LayerRow::of(run.sites, &summary.layers, prediction) {
                layers.row_of(run, LAYERS.iter().map(|column| (column.cell)(&row)))?;
            }
        }
        if let Some(steps) = self.table(Table::Steps) {
            for row in &trace.steps {
                steps.row_of(run, STEPS.iter().map(|column| (column.cell)(row)))?;
            }
        }
        if let Some(table) = self.table(Table::Trace) {
            for (step, layers) in trace.by_step() {
                for (place, &reading) in LayerPlace::all(run.sites).zip(layers) {
                    let row = TraceRow { step: step.step, place, reading };
                    table.row_of(run, TRACE.iter().map(|column| (column.cell)(&row)))?;
                }
            }
        }
        trace.through_time.as_ref().map_or(Ok(()), |time| self.through_time(run, trace, time))
    }

    /// Writes the time steps and gates of a recurrent run.
    fn through_time(&mut self, run: &TableRun<'_>, trace: &Trace, time: &ThroughTime) -> Result<(), StoreError> {
        let layers = trace.layers_per_step() - 1;
        let steps = || trace.steps.iter().map(|step| step.step).enumerate();
        if let Some(table) = self.table(Table::Time) {
            for (i, step) in steps() {
                for (l, times) in time.times(i, layers).enumerate() {
                    for row in TimeRow::of_layer(step, l + 1, times) {
                        table.row_of(run, TIME.iter().map(|column| (column.cell)(&row)))?;
                    }
                }
            }
        }
        if let Some(table) = self.table(Table::Gates) {
            for (i, step) in steps() {
                for (l, gates) in time.gates(i, layers).enumerate() {
                    for (&gate, &reading) in time.kind.gates().iter().zip(gates) {
                        let row = GateRow { step, layer: l + 1, gate, reading };
                        table.row_of(run, GATES.iter().map(|column| (column.cell)(&row)))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends all tables and returns what they were written to.
    pub(super) fn into_sinks(self) -> Result<Vec<W>, StoreError> {
        self.writers.into_iter().flatten().map(TableWriter::into_sink).collect()
    }
}

impl TableRows<Vec<u8>> {
    /// Begins these tables in memory, without headers.
    pub(super) fn in_memory(which: &[Table]) -> Self {
        let mut rows = Self::new();
        for &table in which {
            rows.insert(table, Vec::new(), PathBuf::new(), BUFFERS[1]);
        }
        rows
    }

    /// Returns what was written.
    pub(super) fn into_texts(self) -> Result<TableTexts, StoreError> {
        let mut texts = [const { Vec::new() }; Table::ALL.len()];
        for (text, writer) in texts.iter_mut().zip(self.writers) {
            if let Some(writer) = writer {
                *text = writer.into_sink()?;
            }
        }
        Ok(texts)
    }
}

impl TableRows<AtomicFile> {
    /// Begins a table in a file.
    pub(super) fn open(&mut self, table: Table, file: AtomicFile) -> &mut TableWriter<AtomicFile> {
        let path = file.path().to_path_buf();
        self.insert(table, file, path, BUFFERS[0])
    }

    /// Writes rows that are text already.
    pub(super) fn append(&mut self, texts: &TableTexts) -> Result<(), StoreError> {
        let writers = self.writers.iter_mut().zip(texts).filter(|(_, text)| !text.is_empty());
        for (writer, text) in writers {
            let writer = writer.as_mut().expect("text was made of the tables that there are");
            let written = writer.csv.flush().and_then(|()| writer.csv.get_ref().write_all(text));
            written.map_err(StoreError::io("write", &writer.path))?;
        }
        Ok(())
    }
}

/// One table being written.
#[derive(Debug)]
pub(super) struct TableWriter<W: Write> {
    csv: csv::Writer<W>,
    path: PathBuf,
}

impl<W: Write> TableWriter<W> {
    /// Writes a row of text.
    pub(super) fn record(&mut self, record: &[String]) -> Result<(), StoreError> {
        let written = self.csv.write_record(record);
        self.explain(written)
    }

    /// Writes a row of cells.
    pub(super) fn row<'a>(
        &mut self,
        precision: Precision,
        cells: impl Iterator<Item = CellValue<'a>>,
    ) -> Result<(), StoreError> {
        let cells: Vec<CellValue<'a>> = cells.collect();
        let written = self.csv.serialize(RowOfCells { cells: &cells, precision });
        self.explain(written)
    }

    /// Writes a row that begins with the run's number and axes.
    fn row_of<'a>(&mut self, run: &TableRun<'a>, cells: impl Iterator<Item = CellValue<'a>>) -> Result<(), StoreError> {
        let keys = std::iter::once(CellValue::count(run.run)).chain(run.axes.iter().map(CellValue::from));
        self.row(run.precision, keys.chain(cells))
    }

    fn into_sink(self) -> Result<W, StoreError> {
        let path = self.path;
        self.csv.into_inner().map_err(|e| StoreError::io("write", &path)(e.into_error()))
    }

    /// Makes an error of the csv crate one of the store, which names the table.
    fn explain(&self, written: Result<(), csv::Error>) -> Result<(), StoreError> {
        written.map_err(|e| match e.into_kind() {
            csv::ErrorKind::Io(e) => StoreError::io("write", &self.path)(e),
            kind => unreachable!("every row has its header's columns, and every cell is plain: {kind:?}"),
        })
    }
}

fn index(table: Table) -> usize {
    Table::ALL.iter().position(|t| *t == table).expect("ALL has every table")
}
