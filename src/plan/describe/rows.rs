//! How large the tables will be: rows and bytes, and a word of warning where no spreadsheet opens them.

use std::array;
use std::collections::HashSet;

use crate::config::Table;
use crate::plan::index::Plan;
use crate::spec::{RunSpec, grouped};

/// A spreadsheet's sheet holds 1,048,576 rows, one of them the header.
pub const MOST_SHEET_ROWS: u64 = 1_048_575;

/// The size of a table before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSize {
    /// Which table.
    pub table: Table,
    /// Rows without the header.
    pub rows: u64,
    /// An estimate from average widths of columns.
    pub bytes: u64,
}

impl TableSize {
    /// What to say where the table is larger than a sheet.
    pub fn warning(&self) -> Option<String> {
        let name = self.table.name();
        let remedy = match self.table {
            Table::Runs | Table::Summary | Table::Effects => "analyse it in a notebook, or run a smaller grid",
            Table::Layers => "leave it out of output.tables, or run a smaller grid",
            Table::Steps | Table::Trace | Table::Time | Table::Gates => {
                "raise trace.every, or leave it out of output.tables"
            }
        };
        let rows = self.rows;
        (rows > MOST_SHEET_ROWS).then(|| {
            let (rows, most) = (grouped(rows.into()), grouped(MOST_SHEET_ROWS.into()));
            format!("{name}.csv will have {rows} rows, and a spreadsheet holds {most} below the header: {remedy}")
        })
    }
}

/// Average bytes of the measured columns of a row, separators included: 9 digits, a point and an exponent for a
/// recorded number, fewer for counts and words.
fn measured_bytes(table: Table) -> u64 {
    match table {
        Table::Runs => 180,
        Table::Summary => 440,
        Table::Layers => 100,
        Table::Steps => 55,
        Table::Trace => 140,
        Table::Time => 45,
        Table::Gates => 35,
        Table::Effects => 300,
    }
}

/// Average bytes of an axis column: `0.02`, `sigmoid`, `64`.
const AXIS_BYTES: u64 = 5;

/// Time steps that a run's net reads of an example: none if it is not recurrent.
fn time_steps(spec: &RunSpec) -> u64 {
    if spec.model.kind.is_recurrent() { spec.data.length() as u64 } else { 0 }
}

impl Plan {
    /// The sizes of the tables that are written.
    pub fn table_sizes(&self) -> Vec<TableSize> {
        let of_run = |run: usize| {
            let spec = self.spec(run);
            let per_step = spec.model.hidden_layers() as u64 + 1;
            let traced = spec.every.count(spec.train.steps) as u64;
            let read = traced.saturating_mul(spec.model.hidden_layers() as u64);
            let time = read.saturating_mul(time_steps(&spec));
            let gates = read.saturating_mul(spec.model.kind.gates().len() as u64);
            [per_step, traced, per_step.saturating_mul(traced), time, gates]
        };
        let sum = |a: [u64; 5], b: [u64; 5]| array::from_fn(|i| a[i].saturating_add(b[i]));
        let [layers, steps, trace, time, gates] = self.of_each(of_run).into_iter().fold([0; 5], sum);
        let rows = |table: Table| match table {
            Table::Runs => self.len() as u64,
            Table::Summary => self.of_each(|run| self.cell(run)).into_iter().collect::<HashSet<_>>().len() as u64,
            Table::Layers => layers,
            Table::Steps => steps,
            Table::Trace => trace,
            Table::Time => time,
            Table::Gates => gates,
            Table::Effects => self.compared_values(),
        };
        let number = self.len().to_string().len() as u64;
        let axes = self.columns().len() as u64 * AXIS_BYTES;
        self.tables()
            .into_iter()
            .map(|table| {
                let rows = rows(table);
                TableSize { table, rows, bytes: rows.saturating_mul(number + axes + measured_bytes(table)) }
            })
            .collect()
    }
}
