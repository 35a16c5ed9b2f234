//! What every command that trains does: keep a session's record, train a queue into a folder, say how it ended.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Instant, SystemTime};

use crate::data::Dataset;
use crate::kernels::Tier;
use crate::plan::Plan;
use crate::spec::NUMERICS;
use crate::store::{self, Manifest, ResultFile, Store, StoreError, Writer, host_name, utc};
use crate::sweep::{self, Conclusion, Control, Ended, Options};
use crate::tables::Overview;
use crate::trace::Record;

use super::cures::Cures;
use super::error::CliError;
use super::exit::Exit;
use super::print::{note, one_line};
use super::progress::watched;
use super::signals::Signals;
use super::start::available_jobs;
use super::{effects, reach};

/// Trains the queue, stores every run as it ends, and lets `seen` look at it.
pub(super) fn train(
    plan: &Plan,
    queue: &[usize],
    options: Options,
    quiet: bool,
    signals: &Signals,
    writer: &mut Writer,
    seen: &mut (dyn FnMut(usize, &Record) + Send),
) -> Result<Conclusion, CliError> {
    let control = Control::default();
    let cost = queue.iter().map(|&run| plan.cost(run).seconds).sum();
    let mut failure: Option<StoreError> = None;
    let conclusion = watched(quiet, queue.len(), cost, &control, signals, || {
        sweep::run(plan, queue, options, &control, &mut |ended| match store_run(plan, &ended, writer) {
            Ok(()) => {
                seen(ended.run, &ended.record);
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

/// The files come first: where there is a record, there are the files that go with it.
fn store_run(plan: &Plan, ended: &Ended, writer: &mut Writer) -> Result<(), StoreError> {
    let id = plan.id(ended.run);
    writer.keep(id, &plan.spec(ended.run), &ended.kept)?;
    writer.append(id, &ended.record)
}

/// Writes the data of those of `runs` that keep the order of their examples, each once and one at a time.
pub(super) fn write_data(plan: &Plan, runs: &[usize], signals: &Signals, writer: &Writer) -> Result<(), StoreError> {
    for spec in runs.iter().map(|&run| plan.spec(run)) {
        if signals.stop().is_some() {
            break;
        }
        if writer.store().lacks_data(&spec) {
            // Where the data cannot be loaded, the runs say so themselves.
            if let Ok(data) = Dataset::load(&spec.data) {
                writer.keep_data(&spec, &data)?;
            }
        }
    }
    Ok(())
}

/// A signal that stopped the sweep says how the process ends; otherwise a failed run does. A signal that came after the
/// last run had ended interrupted nothing.
pub(super) fn exit(conclusion: Conclusion, signals: &Signals, failed: usize) -> Exit {
    match (conclusion, signals.stop()) {
        (Conclusion::Stopped, Some(stopped)) => stopped,
        (Conclusion::Stopped, None) => Exit::RunsFailed,
        (Conclusion::Complete, _) if failed > 0 => Exit::RunsFailed,
        (Conclusion::Complete, _) => Exit::Fine,
    }
}

/// So many failed runs are told with their reasons.
pub(super) const MOST_FAILURES: usize = 5;

/// The first of `all` runs that failed, each with why.
pub(super) fn note_failures<'a>(plan: &Plan, all: usize, some: impl Iterator<Item = (usize, &'a str)>) {
    for (run, message) in some.take(MOST_FAILURES) {
        note(&format!("run {run} ({}) failed: {}", plan.id(run), one_line(message)));
    }
    if all > MOST_FAILURES {
        note(&format!("and {} more failed; runs.csv lists them", all - MOST_FAILURES));
    }
}

/// When a sweep began, and what is known of it from then on.
pub(super) struct Session {
    clock: Instant,
    pub(super) manifest: Manifest,
    /// Whether the results folder has this manifest.
    has_folder: bool,
}

impl Session {
    pub(super) fn begin(plan: &Plan, jobs: usize) -> Self {
        let experiment = plan.experiment();
        let manifest = Manifest {
            schema: Manifest::SCHEMA,
            vgrun: env!("CARGO_PKG_VERSION").into(),
            numerics: NUMERICS,
            config: experiment.source.text().to_owned(),
            overrides: experiment.sets.clone(),
            plan: plan.hash(),
            values: plan.value_sets(),
            data: plan.known_files(),
            host: host_name(),
            cpus: available_jobs().get(),
            tier: Tier::current().name().into(),
            jobs,
            started: utc(SystemTime::now()),
            ended: None,
            seconds: 0.0,
            peak_memory_bytes: None,
        };
        Self { clock: Instant::now(), manifest, has_folder: false }
    }

    /// Writes the manifest, unless the folder holds the results of another plan and no run of this one: its tables and its
    /// report go with the manifest that is there, and stay until the first run of this plan has ended.
    pub(super) fn open(&mut self, folder: &Path, store: &Store, plan: &Plan) -> Result<(), StoreError> {
        // One that is damaged is replaced as late as one of another plan.
        let is_free =
            Manifest::read(folder).is_ok_and(|earlier| earlier.is_none_or(|it| it.plan == self.manifest.plan));
        if is_free || plan.runs().any(|run| store.ending_of(plan, run).is_some()) {
            self.manifest.write(folder)?;
            self.has_folder = true;
        }
        Ok(())
    }

    /// Writes the manifest that waited for the first run to end.
    pub(super) fn run_ended(&mut self, folder: &Path) {
        // What keeps it from being written shows when it is written at the end.
        self.has_folder = self.has_folder || self.manifest.write(folder).is_ok();
    }

    /// Stops the clock and writes the manifest; of a plan without a record only into a folder that has no other results.
    pub(super) fn end(&mut self, folder: &Path, overview: &Overview) -> Result<(), StoreError> {
        self.stop_clock();
        self.has_folder |= !overview.is_empty();
        if self.has_folder { self.manifest.write(folder) } else { Ok(()) }
    }

    /// Whether the folder still holds the results of another plan, as no run of this one has ended.
    pub(super) fn left_the_folder(&self) -> bool {
        !self.has_folder
    }

    pub(super) fn stop_clock(&mut self) {
        self.manifest.seconds = self.clock.elapsed().as_secs_f64();
        self.manifest.ended = Some(utc(SystemTime::now()));
        self.manifest.peak_memory_bytes = store::peak_memory();
    }
}

/// What the folder's result.json says.
pub(super) fn result_file(plan: &Plan, overview: &Overview, exit: Exit) -> ResultFile {
    ResultFile {
        schema: ResultFile::SCHEMA,
        plan: plan.hash(),
        runs: plan.len(),
        done: overview.done(),
        ok: overview.ok,
        diverged: overview.diverged,
        failed: overview.failed.len(),
        missing: overview.missing,
        verdicts: overview.verdicts.iter().map(|(verdict, n)| (verdict.name().into(), *n)).collect(),
        exit_code: exit.code(),
        headline: reach::headline(plan, overview),
        sick: Cures::of(plan, overview).map_or(serde_json::Value::Null, |cures| cures.json()),
        effects: effects::json(&overview.effects),
        check: serde_json::Value::Null,
    }
}
