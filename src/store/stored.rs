//! The records of a plan's runs with what analysis says of them, one after the other, on all cores.

use std::ops::Range;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::{Measured, Store, StoreError, TableRun};
use crate::analysis::{Prediction, Predictor, Summary};
use crate::plan::Plan;
use crate::spec::{RunSpec, Shown};
use crate::trace::Record;

/// Bytes of records that may wait for the tables.
const MOST_WAITING: u64 = 16 << 20;

/// Runs that are handed over together, and the bytes of their records.
const MOST_TOGETHER: (u64, u64) = (64, 256 << 10);

/// More threads than this wait for the one that writes.
const MOST_THREADS: usize = 8;

/// What a thread hands over: some runs, or why it could not read them.
type Block = Result<Vec<Option<Stored>>, StoreError>;

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
        let waiting = |threads: usize| 3 * threads as u64 * together as u64 * u64::from(longest);
        let is_worth_it = cores > 1 && plan.len() > 2 * together;
        let threads = (1..=cores).rev().find(|&threads| is_worth_it && waiting(threads) <= MOST_WAITING);
        Self { threads: threads.unwrap_or(0), together }
    }

    /// The runs of block `block` of a plan.
    fn runs(self, plan: &Plan, block: usize) -> Range<usize> {
        block * self.together..((block + 1) * self.together).min(plan.len())
    }
}

/// Shows every run of the plan in order; none of those without a record.
pub(super) fn in_order(
    store: &Store,
    plan: &Plan,
    how: Reading,
    show: &mut dyn FnMut(usize, Option<Stored>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if how.threads > 0 {
        return beside(store, plan, how, show);
    }
    let mut predictor = Predictor::default();
    plan.runs().try_for_each(|run| show(run, read(store, plan, run, &mut predictor)?))
}

/// Thread `t` of T reads blocks t, t + T, t + 2T, ..; so the next block in order is always that of a known thread.
fn beside(
    store: &Store,
    plan: &Plan,
    how: Reading,
    show: &mut dyn FnMut(usize, Option<Stored>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let blocks = plan.len().div_ceil(how.together);
    thread::scope(|scope| {
        let mut receivers = Vec::new();
        for first in 0..how.threads {
            let (send, receive) = sync_channel::<Block>(1);
            receivers.push(receive);
            scope.spawn(move || read_blocks(store, plan, how, (first..blocks).step_by(how.threads), &send));
        }
        for block in 0..blocks {
            let read = receivers[block % how.threads].recv().expect("a thread sends all of its blocks, or an error");
            for (run, stored) in how.runs(plan, block).zip(read?) {
                show(run, stored)?;
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
    send: &SyncSender<Block>,
) {
    let mut predictor = Predictor::default();
    for block in blocks {
        let read: Block = how.runs(plan, block).map(|run| read(store, plan, run, &mut predictor)).collect();
        let is_over = read.is_err();
        // Nobody receives after an error.
        if send.send(read).is_err() || is_over {
            break;
        }
    }
}

/// A record with what analysis says of it.
pub(super) struct Stored {
    pub(super) record: Record,
    said: Option<(Summary, Prediction)>,
    pub(super) axes: Vec<Shown>,
    pub(super) spec: RunSpec,
}

/// Run number `run`, if it has a record.
pub(super) fn read(
    store: &Store,
    plan: &Plan,
    run: usize,
    predictor: &mut Predictor,
) -> Result<Option<Stored>, StoreError> {
    let Some(record) = store.read_run(plan, run)? else { return Ok(None) };
    let (spec, axes) = plan.spec_and_cells(run);
    let said = match &record {
        Record::Done(trace) => Some((Summary::of(trace), predictor.predict(&spec, trace.inputs))),
        Record::Failed(_) => None,
    };
    Ok(Some(Stored { record, said, axes, spec }))
}

impl Stored {
    /// Of a run that ended by itself.
    pub(super) fn summary(&self) -> Option<&Summary> {
        self.said.as_ref().map(|(summary, _)| summary)
    }

    /// As the tables show it.
    pub(super) fn row(&self, plan: &Plan, run: usize) -> TableRun<'_> {
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
