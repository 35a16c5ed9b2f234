//! The records of a plan's runs with what analysis says of them, as rows of the tables, one after the other, on all cores.

use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::table_rows::{TableRows, Texts};
use super::{Headline, Measured, Store, StoreError, TableRun, Tables};
use crate::analysis::{Prediction, Predictor, Summary};
use crate::config::Table;
use crate::plan::Plan;
use crate::spec::{RunSpec, Shown};
use crate::trace::{Outcome, Record};

/// Bytes of text that may wait for the tables.
const MOST_WAITING: u64 = 16 << 20;

/// Of a byte of a record so many bytes of text are made, or a few more.
const TEXT: u64 = 3;

/// Runs that are handed over together, and the bytes of their records.
const MOST_TOGETHER: (u64, u64) = (64, 256 << 10);

/// More threads than this wait for the one that writes.
const MOST_THREADS: usize = 8;

/// Some runs, none of those without a record, and their rows in the tables.
struct Block {
    runs: Vec<Option<Seen>>,
    texts: Texts,
}

/// What tables over several runs need to know of one.
pub(super) struct Seen {
    pub(super) axes: Vec<Shown>,
    pub(super) headline: Headline,
    pub(super) came: Came,
}

/// What came of a run that has a record.
pub(super) enum Came {
    /// It ended by itself.
    Ended(Box<Summary>, Outcome),
    /// Why it failed.
    Failed(String),
}

impl Seen {
    /// Of a run that ended by itself.
    pub(super) fn summary(&self) -> Option<&Summary> {
        match &self.came {
            Came::Ended(summary, _) => Some(summary),
            Came::Failed(_) => None,
        }
    }
}

/// How records are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Threads beside the one that writes; none where it reads, too.
    pub(super) threads: usize,
    /// Runs that are handed over together.
    pub(super) together: usize,
}

impl Reading {
    /// As far as it is worth it and memory allows.
    pub(super) fn of(store: &Store, plan: &Plan) -> Self {
        let (longest, all) = store.index.payloads();
        let mean = (all / plan.len() as u64).max(1);
        let (most, bytes) = MOST_TOGETHER;
        let together = usize::try_from((bytes / mean).clamp(1, most)).expect("a few");
        let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        // Of each thread one block is being made, one waits, and one is shown.
        let waiting = |threads: usize| 3 * threads as u64 * together as u64 * TEXT * u64::from(longest);
        let is_worth_it = cores > 1 && plan.len() > 2 * together;
        let threads = (1..=cores).rev().find(|&threads| is_worth_it && waiting(threads) <= MOST_WAITING);
        Self { threads: threads.unwrap_or(0), together }
    }

    /// The runs of block `block` of a plan.
    fn runs(self, plan: &Plan, block: usize) -> Range<usize> {
        block * self.together..((block + 1) * self.together).min(plan.len())
    }
}

/// Writes the rows of every run of the plan in order, and shows it; none of those without a record.
pub(super) fn in_order(
    store: &Store,
    plan: &Plan,
    how: Reading,
    tables: &mut Tables,
    show: &mut Show<'_>,
) -> Result<(), StoreError> {
    if how.threads > 0 {
        return beside(store, plan, how, tables, show);
    }
    let mut predictor = Predictor::default();
    plan.runs().try_for_each(|run| {
        let stored = read(store, plan, run, &mut predictor)?;
        if let Some(stored) = &stored {
            tables.run(&stored.row(plan, run))?;
        }
        show(run, stored.map(|stored| stored.seen(plan, run)), tables)
    })
}

/// What looks at a run.
pub(super) type Show<'a> = dyn FnMut(usize, Option<Seen>, &mut Tables) -> Result<(), StoreError> + 'a;

/// Thread `t` of T reads blocks t, t + T, t + 2T, ..; so the next block in order is always that of a known thread.
fn beside(
    store: &Store,
    plan: &Plan,
    how: Reading,
    tables: &mut Tables,
    show: &mut Show<'_>,
) -> Result<(), StoreError> {
    let blocks = plan.len().div_ceil(how.together);
    thread::scope(|scope| {
        let mut receivers = Vec::new();
        for first in 0..how.threads {
            let (send, receive) = sync_channel(1);
            receivers.push(receive);
            scope.spawn(move || read_blocks(store, plan, how, (first..blocks).step_by(how.threads), &send));
        }
        for block in 0..blocks {
            let read = receivers[block % how.threads].recv().expect("a thread sends all of its blocks, or an error");
            let Block { runs, texts } = read?;
            tables.append(&texts)?;
            for (run, seen) in how.runs(plan, block).zip(runs) {
                show(run, seen, tables)?;
            }
        }
        Ok(())
    })
}

fn read_blocks(
    store: &Store,
    plan: &Plan,
    how: Reading,
    blocks: impl Iterator<Item = usize>,
    send: &SyncSender<Result<Block, StoreError>>,
) {
    // The others have no rows of a run.
    let has_runs = |table: &Table| !matches!(table, Table::Summary | Table::Effects);
    let which: Vec<Table> = plan.tables().into_iter().filter(has_runs).collect();
    let mut predictor = Predictor::default();
    for block in blocks {
        let read = read_block(store, plan, how.runs(plan, block), &which, &mut predictor);
        let is_over = read.is_err();
        // Nobody receives after an error.
        if send.send(read).is_err() || is_over {
            break;
        }
    }
}

fn read_block(
    store: &Store,
    plan: &Plan,
    runs: Range<usize>,
    which: &[Table],
    predictor: &mut Predictor,
) -> Result<Block, StoreError> {
    let mut rows = TableRows::in_memory(which);
    let mut seen = Vec::with_capacity(runs.len());
    for run in runs {
        let stored = read(store, plan, run, predictor)?;
        if let Some(stored) = &stored {
            rows.run(&stored.row(plan, run))?;
        }
        seen.push(stored.map(|stored| stored.seen(plan, run)));
    }
    Ok(Block { runs: seen, texts: rows.into_texts()? })
}

/// A record with what analysis says of it.
pub(super) struct Stored {
    record: Record,
    said: Option<(Summary, Prediction)>,
    axes: Vec<Shown>,
    spec: RunSpec,
}

/// Run number `run`, if it has a record.
pub(super) fn read(
    store: &Store,
    plan: &Plan,
    run: usize,
    predictor: &mut Predictor,
) -> Result<Option<Stored>, StoreError> {
    let (spec, axes) = plan.spec_and_cells(run);
    let Some(record) = store.read_of(plan, run, &spec)? else { return Ok(None) };
    let said = match &record {
        Record::Done(trace) => {
            let smaller = || plan.smaller_rates(&spec);
            let summary = Summary::of_run(trace, &spec, smaller, |other| store.read_run(plan, other))?;
            Some((summary, predictor.predict(&spec, trace.inputs)))
        }
        Record::Failed(_) => None,
    };
    Ok(Some(Stored { record, said, axes, spec }))
}

impl Stored {
    /// What summary.csv takes of it.
    pub(super) fn headline(&self, plan: &Plan, run: usize) -> Headline {
        Headline::of(&self.row(plan, run))
    }

    /// What is left of it once its rows are written.
    fn seen(self, plan: &Plan, run: usize) -> Seen {
        let headline = self.headline(plan, run);
        let came = match (self.record, self.said) {
            (Record::Done(trace), Some((summary, _))) => Came::Ended(Box::new(summary), trace.outcome),
            (Record::Failed(message), _) => Came::Failed(message),
            (Record::Done(_), None) => unreachable!("analysis has seen every run that ended"),
        };
        Seen { axes: self.axes, headline, came }
    }

    /// As the tables show it.
    fn row(&self, plan: &Plan, run: usize) -> TableRun<'_> {
        let measured = match (&self.record, &self.said) {
            (Record::Done(trace), Some((summary, prediction))) => Measured::Done(trace, summary, prediction),
            (Record::Done(_), None) | (Record::Failed(_), _) => Measured::Failed,
        };
        let spec = &self.spec;
        TableRun {
            run,
            id: plan.id(run),
            axes: &self.axes,
            precision: spec.train.precision,
            target: spec.data.target(),
            test_examples: spec.data.test_examples(),
            measured,
        }
    }
}
