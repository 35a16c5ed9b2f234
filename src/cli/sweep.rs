//! `vgrun sweep`: expand, train what is missing, write the tables, say what came out.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Instant, SystemTime};

use crate::data::Dataset;
use crate::kernels::Tier;
use crate::plan::Plan;
use crate::spec::NUMERICS;
use crate::store::{self, Manifest, Overview, ResultFile, Store, StoreError, Writer, host_name, utc};
use crate::sweep::{self, Conclusion, Control, Ended, Options};

use super::args::SweepArguments;
use super::cures::Cures;
use super::error::CliError;
use super::exit::Exit;
use super::memory::{Budget, Share};
use super::number::{counted, thousands};
use super::plan::short_hash;
use super::print::{note, out};
use super::progress::watched;
use super::signals::Signals;
use super::start::{available_jobs, load};
use super::{effects, reach, results};

pub(super) fn sweep(arguments: &SweepArguments) -> Result<Exit, CliError> {
    let signals = Signals::listen()?;
    let plan = load(&arguments.experiment, arguments.quiet)?;
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let jobs = arguments.resources.jobs();
    let share = admit(arguments, &plan, &folder)?;
    let (mut writer, notices) = Writer::create(&folder, "main")?;
    let queue = queue(&plan, writer.store(), arguments.fresh);
    let mut session = Session::begin(&plan, jobs.get());
    session.manifest.write(&folder)?;
    if !arguments.quiet {
        notices.iter().for_each(|notice| note(&format!("note: {notice}")));
        note(&announcement(&plan, queue.len(), jobs.get()));
    }
    let options = Options { jobs, fail_fast: arguments.fail_fast, memory: share.bytes() };
    write_data(&plan, &signals, &writer)?;
    let conclusion = train(&plan, &queue, options, arguments.quiet, &signals, &mut writer)?;
    writer.compact()?;
    let overview = store::rebuild(writer.store(), &plan)?;
    let exit = exit(conclusion, &signals, &overview);
    session.end();
    session.manifest.write(&folder)?;
    result_file(&plan, &overview, exit).write(&folder)?;
    writer.finish()?;
    if !arguments.quiet {
        report(arguments, &plan, &overview, exit, &folder, session.manifest.seconds)?;
    }
    Ok(exit)
}

/// The runs that lack their result or a file that they were asked to keep, the longest first; with `fresh` all of them.
fn queue(plan: &Plan, store: &Store, fresh: bool) -> Vec<usize> {
    let is_complete = |run: usize| store.is_complete(plan.id(run), &plan.spec(run));
    plan.order().into_iter().filter(|&run| fresh || !is_complete(run)).collect()
}

/// What each job may take, if that is enough for every run that is to be trained.
fn admit(arguments: &SweepArguments, plan: &Plan, folder: &Path) -> Result<Share, CliError> {
    let (config, budget, jobs) =
        (&arguments.experiment.config.path, Budget::of(&arguments.resources), arguments.resources.jobs());
    let all: Vec<usize> = plan.runs().collect();
    let share = budget.share(jobs, all.len());
    let admitted = share.admit(config, plan, &all);
    if admitted.is_ok() || arguments.fresh {
        return Ok(admitted.map(|_| share)?);
    }
    // Stored runs make a difference only here, and to look for them takes time where there are many.
    let left = queue(plan, &Store::open(folder)?, arguments.fresh);
    let share = budget.share(jobs, left.len());
    if !left.is_empty() {
        share.admit(config, plan, &left)?;
    }
    Ok(share)
}

fn announcement(plan: &Plan, queued: usize, jobs: usize) -> String {
    let name = &plan.experiment().name;
    let reused = match plan.len() - queued {
        0 => String::new(),
        n => format!("{} reused, ", thousands(n as u64)),
    };
    let (runs, queued, jobs) = (counted(plan.len(), "run"), thousands(queued as u64), counted(jobs, "job"));
    format!("{name}: {runs}, {reused}{queued} to train with {jobs}")
}

/// Trains the queue and stores every run as it ends.
fn train(
    plan: &Plan,
    queue: &[usize],
    options: Options,
    quiet: bool,
    signals: &Signals,
    writer: &mut Writer,
) -> Result<Conclusion, CliError> {
    let control = Control::default();
    let cost = queue.iter().map(|&run| plan.cost(run).seconds).sum();
    let mut failure: Option<StoreError> = None;
    let conclusion = watched(quiet, queue.len(), cost, &control, signals, || {
        sweep::run(plan, queue, options, &control, &mut |ended| match store_run(plan, &ended, writer) {
            Ok(()) => ControlFlow::Continue(()),
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

/// Writes the data of the runs that keep the order of their examples, each once and one at a time.
fn write_data(plan: &Plan, signals: &Signals, writer: &Writer) -> Result<(), StoreError> {
    for spec in plan.runs().map(|run| plan.spec(run)) {
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
fn exit(conclusion: Conclusion, signals: &Signals, overview: &Overview) -> Exit {
    match (conclusion, signals.stop()) {
        (Conclusion::Stopped, Some(stopped)) => stopped,
        (Conclusion::Stopped, None) => Exit::RunsFailed,
        (Conclusion::Complete, _) if !overview.failed.is_empty() => Exit::RunsFailed,
        (Conclusion::Complete, _) => Exit::Fine,
    }
}

/// When a sweep began, and what is known of it from then on.
struct Session {
    clock: Instant,
    manifest: Manifest,
}

impl Session {
    fn begin(plan: &Plan, jobs: usize) -> Self {
        let experiment = plan.experiment();
        let manifest = Manifest {
            schema: Manifest::SCHEMA,
            vgrun: env!("CARGO_PKG_VERSION").into(),
            numerics: NUMERICS,
            config: experiment.source.text().to_owned(),
            overrides: experiment.sets.clone(),
            plan: plan.hash(),
            values: plan.value_sets(),
            host: host_name(),
            cpus: available_jobs().get(),
            tier: Tier::current().name().into(),
            jobs,
            started: utc(SystemTime::now()),
            ended: None,
            seconds: 0.0,
            peak_memory_bytes: None,
        };
        Self { clock: Instant::now(), manifest }
    }

    fn end(&mut self) {
        self.manifest.seconds = self.clock.elapsed().as_secs_f64();
        self.manifest.ended = Some(utc(SystemTime::now()));
        self.manifest.peak_memory_bytes = store::peak_memory();
    }
}

fn result_file(plan: &Plan, overview: &Overview, exit: Exit) -> ResultFile {
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
    }
}

/// What came out: the table, the headline, the failures, the paths; and how to go on where it is not over.
fn report(
    arguments: &SweepArguments,
    plan: &Plan,
    overview: &Overview,
    exit: Exit,
    folder: &Path,
    seconds: f64,
) -> Result<(), CliError> {
    out(results::text(plan, overview, arguments.all, folder, seconds).trim_end())?;
    for (run, message) in overview.failed.iter().take(5) {
        note(&format!("run {run} ({}) failed: {message}", plan.id(*run)));
    }
    if overview.failed.len() > 5 {
        note(&format!("and {} more failed; runs.csv lists them", overview.failed.len() - 5));
    }
    match exit {
        Exit::Interrupted | Exit::StoppedByScheduler => {
            let (done, all) = (thousands(overview.done() as u64), thousands(plan.len() as u64));
            let fresh = if arguments.fresh { ", some perhaps not yet run again" } else { "" };
            note(&format!("stopped: {done} of {all} runs are stored{fresh}; run the same command again to go on"));
        }
        Exit::RunsFailed => note("run the same command again to try the failed runs once more"),
        Exit::Fine | Exit::Error => {}
    }
    Ok(())
}
