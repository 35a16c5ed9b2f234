//! `Plan` -> events: a queue, longest run first, pulled by as many long-lived workers as there are jobs.
//!
//! Not a parallel iterator: a worker that waits inside a product split over idle cores must not start another run.
//! Knows no files and prints nothing.

mod calibrate;
mod datasets;
mod room;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use crate::data::{DataError, Dataset};
use crate::kernels::ThreadBudget;
use crate::plan::{Job, Plan};
use crate::spec::RunSpec;
use crate::trace::{Kept, Record, Trained};
use crate::train::{self, Workspace};

pub use calibrate::calibrate;
use datasets::Datasets;
use room::{MOST_WAITING, Room};

/// Names of worker threads begin so; a panic in one of them is a run's result.
pub const WORKER_NAME: &str = "vgrun-worker";

/// How a sweep runs.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Runs at the same time.
    pub jobs: NonZeroUsize,
    /// Whether the first failed run stops the others.
    pub fail_fast: bool,
    /// Bytes that a job may take; infinite where there is no limit. Whether every run fits is the caller's to check.
    pub memory: f64,
}

/// What a sweep tells while it runs; what is shared with whoever watches or stops it.
#[derive(Debug, Default)]
pub struct Control {
    /// Set from outside to stop all runs between two of their steps.
    pub stop: AtomicBool,
    /// Cost of all steps taken so far, in 10^-12 of the plan's seconds.
    done: AtomicU64,
    /// Runs that ended so far.
    ended: AtomicUsize,
}

impl Control {
    /// Cost of all steps taken so far, in seconds of the plan's cost model.
    pub fn done(&self) -> f64 {
        self.done.load(Ordering::Relaxed) as f64 * 1e-12
    }

    /// Runs that ended so far.
    pub fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cost is positive and far below 200 days"
    )]
    fn advance(&self, cost: f64) {
        self.done.fetch_add((cost * 1e12) as u64, Ordering::Relaxed);
    }
}

/// A run that ended.
#[derive(Debug)]
pub struct Ended {
    /// What was trained.
    pub job: Job,
    /// What it measured, or why it failed.
    pub record: Record,
    /// What it was asked to keep; nothing where it failed.
    pub kept: Kept,
}

/// A run that ended, on its way to whoever stores it.
struct Message {
    ended: Ended,
    /// Dropped when it is stored, where its worker waits for that.
    stored: Option<SyncSender<()>>,
}

/// How a sweep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Every run of the queue ended.
    Complete,
    /// Some did not: the sweep was stopped.
    Stopped,
}

/// Why a sweep could not start.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The operating system refused worker threads.
    #[error("cannot start {jobs} worker threads: {source}; try a smaller --jobs")]
    Threads {
        /// How many were asked for.
        jobs: NonZeroUsize,
        /// What it said.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Trains the runs in `queue` (numbers of the plan, longest first). `on_end` sees every run that ended, on the calling
/// thread, and may stop the sweep.
pub fn run(
    plan: &Plan,
    queue: &[usize],
    options: Options,
    control: &Control,
    on_end: &mut dyn FnMut(Ended) -> ControlFlow<()>,
) -> Result<Conclusion, SweepError> {
    run_with(&train::run_in, plan, queue, options, control, on_end)
}

/// A training function: `train::run_in`, or a test's own.
type Trainer<'a> =
    dyn Fn(&mut Workspace, &RunSpec, &Dataset, &mut dyn FnMut(usize) -> ControlFlow<()>) -> Option<Trained> + Sync + 'a;

fn run_with(
    trainer: &Trainer<'_>,
    plan: &Plan,
    queue: &[usize],
    options: Options,
    control: &Control,
    on_end: &mut dyn FnMut(Ended) -> ControlFlow<()>,
) -> Result<Conclusion, SweepError> {
    let jobs = options.jobs;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.get())
        .thread_name(|i| format!("{WORKER_NAME}-{i}"))
        .build()
        .map_err(|source| SweepError::Threads { jobs, source })?;
    let workers = Workers {
        trainer,
        plan,
        queue,
        control,
        next: AtomicUsize::new(0),
        idle: Arc::default(),
        datasets: Datasets::default(),
        memory: options.memory,
    };
    // Bounded, so that traces cannot pile up before a slow disk; large ones do not even wait.
    let (send, receive) = sync_channel(2 * jobs.get());
    let mut ended = 0;
    pool.in_place_scope(|scope| {
        for _ in 0..jobs.get() {
            let (send, workers) = (send.clone(), &workers);
            scope.spawn(move |_| workers.work(&send));
        }
        drop(send);
        for Message { ended: end, stored } in receive {
            ended += 1;
            control.ended.store(ended, Ordering::Relaxed);
            let failed = matches!(end.record, Record::Failed(_));
            if on_end(end).is_break() || (failed && options.fail_fast) {
                control.stop.store(true, Ordering::Relaxed);
            }
            drop(stored);
        }
    });
    Ok(if ended == queue.len() { Conclusion::Complete } else { Conclusion::Stopped })
}

/// What all workers share.
struct Workers<'a> {
    trainer: &'a Trainer<'a>,
    plan: &'a Plan,
    queue: &'a [usize],
    control: &'a Control,
    /// Position in the queue of the next run.
    next: AtomicUsize,
    /// How many workers found the queue empty.
    idle: Arc<AtomicUsize>,
    datasets: Datasets,
    /// Bytes that each of them may take.
    memory: f64,
}

impl Workers<'_> {
    /// Takes runs from the queue until it is empty or the sweep stops, and then leaves its thread to those who still
    /// work: it takes halves of their large products.
    fn work(&self, send: &SyncSender<Message>) {
        let new_workspace = || Workspace::new(&ThreadBudget::with(Arc::clone(&self.idle)));
        let (mut workspace, mut room) = (new_workspace(), Room::new(self.memory));
        while !self.control.stop.load(Ordering::Relaxed) {
            let Some(&run) = self.queue.get(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            let job = self.plan.job(run);
            if !room.admits(&job.memory) {
                workspace = new_workspace();
            }
            let is_large = job.memory.results > MOST_WAITING;
            let Some(ended) = self.train(job, &mut workspace) else { break };
            let (stored, until_stored) = sync_channel(0);
            let stored = Some(stored).filter(|_| is_large);
            let waits = stored.is_some();
            if send.send(Message { ended, stored }).is_err() {
                break;
            }
            if waits {
                // Nothing comes: the other end is dropped.
                let _ = until_stored.recv();
            }
        }
        self.idle.fetch_add(1, Ordering::Relaxed);
    }

    /// One run; `None` if it was stopped.
    fn train(&self, job: Job, workspace: &mut Workspace) -> Option<Ended> {
        let spec = &job.spec;
        let step_cost = job.cost.seconds / spec.train.steps.get() as f64;
        let mut steps_taken = 0;
        let mut on_step = |step: usize| {
            steps_taken = step + 1;
            self.control.advance(step_cost);
            if self.control.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let trained = catch_unwind(AssertUnwindSafe(|| {
            let data = self.datasets.get(&spec.data)?;
            Ok((self.trainer)(workspace, spec, &data, &mut on_step))
        }));
        let (record, kept) = match trained {
            Ok(Ok(trained)) => {
                let Trained { trace, kept } = trained?;
                (Record::Done(trace), kept)
            }
            Ok(Err(error)) => (Record::Failed(data_message(&error)), Kept::default()),
            Err(panic) => (Record::Failed(panic_message(panic.as_ref())), Kept::default()),
        };
        // A run that ended early is as done as the others.
        self.control.advance(step_cost * (spec.train.steps.get() - steps_taken) as f64);
        Some(Ended { job, record, kept })
    }
}

fn data_message(error: &DataError) -> String {
    let remedy = error.problem.remedy().map(|remedy| format!("; {remedy}")).unwrap_or_default();
    format!("cannot load the data: {error}{remedy}")
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.unwrap_or_else(|| "without a message".into()))
}

#[cfg(test)]
mod tests;
