//! Training a plan, or a shard of it, into its folder: what `sweep`, its shards and `check` have in common.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use crate::data::Dataset;
use crate::plan::Plan;
use crate::store::{Notice, Store, StoreError, Writer};
use crate::sweep::{self, Conclusion, Control, Ended, Options};
use crate::tables::{self, Overview};
use crate::trace::Record;

use crate::cli::arguments::Resources;
use crate::cli::limits::memory::{Budget, Share};
use crate::cli::limits::{self, Refusal};
use crate::cli::session::error::CliError;
use crate::cli::session::manifest::{OpenManifest, result_file};
use crate::cli::session::progress::watched;
use crate::cli::session::signals::Signals;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{counted, thousands};
use crate::cli::terminal::print::{note, one_line};

/// The runs to train, and how.
pub(crate) struct Request<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) folder: &'a Path,
    /// The config's file, for messages.
    pub(crate) config: &'a Path,
    pub(crate) resources: &'a Resources,
    /// What the writer is called: `main`, or a shard's name.
    pub(crate) writer: &'a str,
    /// All runs of the plan, or those of a shard.
    pub(crate) runs: Vec<usize>,
    /// Whether runs with a result are trained again.
    pub(crate) fresh: bool,
    pub(crate) fail_fast: bool,
    pub(crate) quiet: bool,
}

/// A folder that is being written.
pub(crate) struct Session<'a> {
    pub(crate) request: Request<'a>,
    signals: &'a Signals,
    pub(crate) jobs: NonZeroUsize,
    share: Share,
    pub(crate) writer: Writer,
    notices: Vec<Notice>,
    /// Runs that lack their result or a file that they were asked to keep, the longest first.
    pub(crate) queue: Vec<usize>,
    pub(crate) manifest: OpenManifest,
    /// Whether the folder's manifest is this session's, which a shard's is not.
    owns_manifest: bool,
}

/// What a session left of a whole plan.
pub(crate) struct Finished {
    pub(crate) overview: Overview,
    pub(crate) exit: Exit,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Whether the folder still holds the results of another plan, as no run of this one has ended.
    pub(crate) left_the_folder: bool,
}

impl<'a> Session<'a> {
    /// Opens the folder once it is certain that every run may begin.
    pub(crate) fn begin(request: Request<'a>, signals: &'a Signals) -> Result<Self, CliError> {
        let jobs = request.resources.jobs();
        let share = share(&request, jobs)?;
        let (writer, notices) = Writer::create(request.folder, request.writer, request.plan)?;
        let queue = queue(request.plan, &request.runs, writer.store(), request.fresh);
        let manifest = OpenManifest::begin(request.plan, jobs.get());
        Ok(Self { request, signals, jobs, share, writer, notices, queue, manifest, owns_manifest: false })
    }

    /// Writes the folder's manifest, or leaves that to the first run that ends.
    pub(crate) fn open(&mut self) -> Result<(), StoreError> {
        self.owns_manifest = true;
        self.manifest.open(self.request.folder, self.writer.store(), self.request.plan)
    }

    /// Says what the store noticed, and what is to be trained; `what` is the experiment, or its shard.
    pub(crate) fn announce(&self, what: &str) {
        let (runs, queued) = (self.request.runs.len(), self.queue.len());
        let reused = match runs - queued {
            0 => String::new(),
            n => format!("{} reused, ", thousands(n as u64)),
        };
        let (runs, queued) = (counted(runs, "run"), thousands(queued as u64));
        self.announce_as(&format!(
            "{what}: {runs}, {reused}{queued} to train with {}",
            counted(self.jobs.get(), "job")
        ));
    }

    /// Says what the store noticed, and then `text`.
    pub(crate) fn announce_as(&self, text: &str) {
        if !self.request.quiet {
            self.notices.iter().for_each(|notice| note(&format!("note: {notice}")));
            note(text);
        }
    }

    /// Trains the queue, stores every run as it ends, and lets `seen` look at it.
    pub(crate) fn train(&mut self, seen: &mut (dyn FnMut(usize, &Record) + Send)) -> Result<Conclusion, CliError> {
        self.write_data()?;
        let Self { request, signals, jobs, share, writer, queue, manifest, owns_manifest, .. } = self;
        let Request { plan, folder, fail_fast, quiet, .. } = *request;
        let options = Options { jobs: *jobs, fail_fast, memory: share.bytes() };
        let control = Control::default();
        let cost = queue.iter().map(|&run| plan.cost(run).seconds).sum();
        let mut failure: Option<StoreError> = None;
        let conclusion = watched(quiet, queue.len(), cost, &control, signals, || {
            sweep::run(plan, queue, options, &control, &mut |ended| match store_run(&ended, writer) {
                Ok(()) => {
                    if *owns_manifest {
                        manifest.run_ended(folder);
                    }
                    seen(ended.job.run, &ended.record);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            })
        })?;
        failure.map_or(Ok(conclusion), |error| Err(error.into()))
    }

    /// Writes the data of those runs that keep the order of their examples, each once and one at a time.
    fn write_data(&self) -> Result<(), StoreError> {
        for spec in self.request.runs.iter().map(|&run| self.request.plan.spec(run)) {
            if self.signals.stop().is_some() {
                break;
            }
            if self.writer.store().lacks_data(&spec) {
                // Where the data cannot be loaded, the runs say so themselves.
                if let Ok(data) = Dataset::load(&spec.data) {
                    self.writer.keep_data(&spec, &data)?;
                }
            }
        }
        Ok(())
    }

    /// Returns how the process ends. A signal that stopped the sweep decides, otherwise a failed run. A signal that
    /// came after the last run had ended interrupted nothing.
    pub(crate) fn exit(&self, conclusion: Conclusion, failed: usize) -> Exit {
        match (conclusion, self.signals.stop()) {
            (Conclusion::Stopped, Some(stopped)) => stopped,
            (Conclusion::Stopped, None) => Exit::RunsFailed,
            (Conclusion::Complete, _) if failed > 0 => Exit::RunsFailed,
            (Conclusion::Complete, _) => Exit::Fine,
        }
    }

    /// Writes the tables, the manifest and the result of a whole plan. `settle` may change how the process is to end.
    pub(crate) fn finish(
        mut self,
        conclusion: Conclusion,
        settle: impl FnOnce(Exit) -> Exit,
    ) -> Result<Finished, CliError> {
        // Eight bytes a run, of which nothing needs any more.
        (self.queue, self.request.runs) = (Vec::new(), Vec::new());
        self.writer.compact()?;
        let Request { plan, folder, .. } = self.request;
        let overview = tables::rebuild(self.writer.store(), plan)?;
        let exit = settle(self.exit(conclusion, overview.failed.len()));
        self.manifest.end(folder, &overview)?;
        result_file(plan, &overview, exit).write(folder)?;
        self.writer.finish()?;
        let (seconds, left_the_folder) = (self.manifest.manifest.seconds, self.manifest.left_the_folder());
        Ok(Finished { overview, exit, seconds, left_the_folder })
    }
}

/// The files come first: where there is a record, there are the files that go with it.
fn store_run(ended: &Ended, writer: &mut Writer) -> Result<(), StoreError> {
    let Ended { job, record, kept } = ended;
    writer.keep(job.id, &job.spec, kept)?;
    writer.append(job.id, record)
}

/// Returns those of `runs` that lack their result or a file that they were asked to keep, the longest first; with
/// `fresh` all.
pub(crate) fn queue(plan: &Plan, runs: &[usize], store: &Store, fresh: bool) -> Vec<usize> {
    plan.order_of(runs, |run| fresh || !store.is_complete(plan, run))
}

/// Returns what each job may take, if that is enough for every run that is to be trained.
fn share(request: &Request<'_>, jobs: NonZeroUsize) -> Result<Share, CliError> {
    let Request { plan, folder, config, resources, fresh, .. } = *request;
    let (runs, budget) = (&request.runs, Budget::of(resources.max_memory));
    let share = budget.share(jobs, runs.len());
    if runs.is_empty() {
        return Ok(share);
    }
    let admitted: Result<_, Refusal> = limits::check_limits(share, config, plan, runs);
    if admitted.is_ok() || fresh {
        admitted?;
        return Ok(share);
    }
    // Stored runs make a difference only here, and to look for them takes time where there are many.
    let left = queue(plan, runs, &Store::open(folder, plan)?, fresh);
    let share = budget.share(jobs, left.len());
    if !left.is_empty() {
        limits::check_limits(share, config, plan, &left)?;
    }
    Ok(share)
}

/// How many failed runs are told with their reasons.
pub(crate) const MOST_FAILURES: usize = 5;

/// Notes the first of `all` runs that failed, each with why.
pub(crate) fn note_failures<'a>(plan: &Plan, all: usize, some: impl Iterator<Item = (usize, &'a str)>) {
    for (run, message) in some.take(MOST_FAILURES) {
        note(&format!("run {run} ({}) failed: {}", plan.id(run), one_line(message)));
    }
    if all > MOST_FAILURES {
        note(&format!("and {} more failed; runs.csv lists them", all - MOST_FAILURES));
    }
}
