//! Every run of a plan in order: its record read, its rows written, and what is left of it shown. Records are read on all
//! cores.

use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::stored_run::{SeenRun, read};
use super::table_files::TableFiles;
use super::table_rows::{TableRows, TableTexts};
use crate::analysis::Predictor;
use crate::config::Table;
use crate::plan::Plan;
use crate::store::{Store, StoreError};

/// Bytes of text that may wait for the tables.
const MOST_WAITING: u64 = 16 << 20;

/// Bytes of text that one byte of a record makes, but for a few more.
const TEXT: u64 = 3;

/// Runs that are handed over together, and the bytes of their records.
const MOST_TOGETHER: (u64, u64) = (64, 256 << 10);

/// The most threads that are of use: more would wait for the one that writes.
const MOST_THREADS: usize = 8;

/// Some runs of the plan, with none for those without a record, and their rows in the tables.
struct RunBlock {
    runs: Vec<Option<SeenRun>>,
    texts: TableTexts,
}

/// How many threads read records, and how many runs each reads at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadAhead {
    /// Threads beside the one that writes; none where it reads, too.
    pub(super) threads: usize,
    /// Runs that are handed over together.
    pub(super) together: usize,
}

impl ReadAhead {
    /// Chooses as many threads as are worth it and as memory allows.
    pub(super) fn of(store: &Store, plan: &Plan) -> Self {
        let (longest, all) = store.payloads();
        let mean = (all / plan.len() as u64).max(1);
        let (most, bytes) = MOST_TOGETHER;
        let together = usize::try_from((bytes / mean).clamp(1, most)).expect("a few");
        let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        // For each thread one block is being made, one waits, and one is shown.
        let waiting = |threads: usize| 3 * threads as u64 * together as u64 * TEXT * u64::from(longest);
        let is_worth_it = cores > 1 && plan.len() > 2 * together;
        let threads = (1..=cores).rev().find(|&threads| is_worth_it && waiting(threads) <= MOST_WAITING);
        Self { threads: threads.unwrap_or(0), together }
    }

    /// Returns the runs of block `block` of a plan.
    fn runs(self, plan: &Plan, block: usize) -> Range<usize> {
        block * self.together..((block + 1) * self.together).min(plan.len())
    }
}

/// Writes the rows of every run of the plan in order, and shows each run; none for one without a record.
pub(super) fn in_order(
    store: &Store,
    plan: &Plan,
    how: ReadAhead,
    tables: &mut TableFiles,
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

/// The function that is called for every run, in order.
pub(super) type Show<'a> = dyn FnMut(usize, Option<SeenRun>, &mut TableFiles) -> Result<(), StoreError> + 'a;

/// Reads on several threads. Thread `t` of T reads blocks t, t + T, t + 2T, ..; so the next block in order is always that
/// of a known thread.
fn beside(
    store: &Store,
    plan: &Plan,
    how: ReadAhead,
    tables: &mut TableFiles,
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
            let RunBlock { runs, texts } = read?;
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
    how: ReadAhead,
    blocks: impl Iterator<Item = usize>,
    send: &SyncSender<Result<RunBlock, StoreError>>,
) {
    // The other tables have no rows of single runs.
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
) -> Result<RunBlock, StoreError> {
    let mut rows = TableRows::in_memory(which);
    let mut seen = Vec::with_capacity(runs.len());
    for run in runs {
        let stored = read(store, plan, run, predictor)?;
        if let Some(stored) = &stored {
            rows.run(&stored.row(plan, run))?;
        }
        seen.push(stored.map(|stored| stored.seen(plan, run)));
    }
    Ok(RunBlock { runs: seen, texts: rows.into_texts()? })
}
