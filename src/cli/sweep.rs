//! `vgrun sweep`: expand, train what is missing, write the tables, say what came out.

use std::path::Path;

use crate::plan::Plan;
use crate::store::{self, Store, Writer};
use crate::sweep::Options;
use crate::tables::{self, Overview};
use crate::trace::Record;

use super::args::SweepArguments;
use super::error::CliError;
use super::exit::Exit;
use super::memory::{Budget, Share};
use super::number::{counted, thousands};
use super::plan::short_hash;
use super::print::{note, out};
use super::report::{command, draw};
use super::results;
use super::shard::shard;
use super::signals::Signals;
use super::start::load;
use super::sweep_shard::sweep_shard;
use super::training::{Session, exit, note_failures, result_file, train, write_data};

pub(super) fn sweep(arguments: &SweepArguments) -> Result<Exit, CliError> {
    if let Some(shard) = shard(arguments)? {
        return sweep_shard(arguments, shard);
    }
    let signals = Signals::listen()?;
    let plan = load(&arguments.experiment, arguments.quiet)?;
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let (jobs, all) = (arguments.resources.jobs(), plan.runs().collect::<Vec<_>>());
    let share = admit(arguments, &plan, &all, &folder)?;
    let (mut writer, notices) = Writer::create(&folder, "main", &plan)?;
    let queue = queue(&plan, &all, writer.store(), arguments.fresh);
    let mut session = Session::begin(&plan, jobs.get());
    session.open(&folder, writer.store(), &plan)?;
    if !arguments.quiet {
        notices.iter().for_each(|notice| note(&format!("note: {notice}")));
        for shard in store::writers(&folder)?.iter().filter(|holder| holder.dead.is_none() && holder.shard != "main") {
            note(&format!("note: {} is being written by {}: its runs are trained twice", shard.shard, shard.name));
        }
        note(&announcement(&plan.experiment().name, plan.len(), queue.len(), jobs.get()));
    }
    let options = Options { jobs, fail_fast: arguments.fail_fast, memory: share.bytes() };
    write_data(&plan, &all, &signals, &writer)?;
    let mut seen = |_, _: &Record| session.run_ended(&folder);
    let conclusion = train(&plan, &queue, options, arguments.quiet, &signals, &mut writer, &mut seen)?;
    // Eight bytes a run, of which nothing needs any more.
    drop((all, queue));
    writer.compact()?;
    let overview = tables::rebuild(writer.store(), &plan)?;
    let exit = exit(conclusion, &signals, overview.failed.len());
    session.end(&folder, &overview)?;
    result_file(&plan, &overview, exit).write(&folder)?;
    writer.finish()?;
    if !arguments.quiet {
        report(arguments, &plan, &overview, exit, &folder, session.manifest.seconds)?;
        if session.left_the_folder() {
            note(&format!("{} still holds the results of an earlier plan: no run of this one ended", folder.display()));
        }
    }
    let has_ended = matches!(exit, Exit::Fine | Exit::RunsFailed);
    if arguments.report && has_ended && overview.done() > 0 {
        let written = draw(&plan, &folder)?;
        written.iter().filter(|_| !arguments.quiet).try_for_each(|path| out(&format!("wrote {}", path.display())))?;
    }
    Ok(exit)
}

/// Those of `runs` that lack their result or a file that they were asked to keep, the longest first; with `fresh` all.
pub(super) fn queue(plan: &Plan, runs: &[usize], store: &Store, fresh: bool) -> Vec<usize> {
    plan.order_of(runs, |run| fresh || !store.is_complete(plan, run))
}

/// What each job may take, if that is enough for every one of `runs` that is to be trained.
pub(super) fn admit(arguments: &SweepArguments, plan: &Plan, runs: &[usize], folder: &Path) -> Result<Share, CliError> {
    let (config, budget, jobs) =
        (&arguments.experiment.config.path, Budget::of(&arguments.resources), arguments.resources.jobs());
    let share = budget.share(jobs, runs.len());
    if runs.is_empty() {
        return Ok(share);
    }
    let admitted = share.admit(config, plan, runs);
    if admitted.is_ok() || arguments.fresh {
        return admitted.map(|_| share);
    }
    // Stored runs make a difference only here, and to look for them takes time where there are many.
    let left = queue(plan, runs, &Store::open(folder, plan)?, arguments.fresh);
    let share = budget.share(jobs, left.len());
    if !left.is_empty() {
        share.admit(config, plan, &left)?;
    }
    Ok(share)
}

/// `what` is the experiment, or its shard.
pub(super) fn announcement(what: &str, runs: usize, queued: usize, jobs: usize) -> String {
    let reused = match runs - queued {
        0 => String::new(),
        n => format!("{} reused, ", thousands(n as u64)),
    };
    let (runs, queued, jobs) = (counted(runs, "run"), thousands(queued as u64), counted(jobs, "job"));
    format!("{what}: {runs}, {reused}{queued} to train with {jobs}")
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
    if overview.done() > 0 && !arguments.report {
        out(&format!("to see it: {}", command(folder)))?;
    }
    note_failures(plan, overview.failed.len(), overview.failed.iter().map(|(run, why)| (*run, why.as_str())));
    match exit {
        Exit::Interrupted | Exit::StoppedByScheduler => {
            let (done, all) = (thousands(overview.done() as u64), thousands(plan.len() as u64));
            let fresh = if arguments.fresh { ", some perhaps not yet run again" } else { "" };
            note(&format!("stopped: {done} of {all} runs are stored{fresh}; run the same command again to go on"));
        }
        Exit::RunsFailed => note("run the same command again to try the failed runs once more"),
        Exit::Fine | Exit::CheckFailed | Exit::Error => {}
    }
    Ok(())
}
