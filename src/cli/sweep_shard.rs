//! `vgrun sweep --shard`: train a shard's runs, and leave the tables to `vgrun merge`.

use crate::cluster::line;
use crate::plan::{Plan, Shard};
use crate::store::{Ending, ShardManifest, Store, Writer};
use crate::sweep::Options;
use crate::trace::Record;

use super::args::SweepArguments;
use super::error::CliError;
use super::exit::Exit;
use super::number::{counted, duration, thousands};
use super::plan::short_hash;
use super::print::{note, out};
use super::signals::Signals;
use super::start::load;
use super::sweep::{admit, announcement, queue};
use super::training::{MOST_FAILURES, Session, exit, note_failures, train, write_data};

pub(super) fn sweep_shard(arguments: &SweepArguments, shard: Shard) -> Result<Exit, CliError> {
    let signals = Signals::listen()?;
    let plan = load(&arguments.experiment, arguments.quiet)?;
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let (jobs, runs) = (arguments.resources.jobs(), plan.shard(shard));
    let share = admit(arguments, &plan, &runs, &folder)?;
    let (mut writer, notices) = Writer::create(&folder, &shard.file_stem(), &plan)?;
    let queue = queue(&plan, &runs, writer.store(), arguments.fresh);
    let mut session = Session::begin(&plan, jobs.get());
    let begun = ShardManifest::begin(shard, runs.len(), session.manifest.clone());
    counted_in(&begun, writer.store(), &plan, &runs).write(&folder)?;
    if !arguments.quiet {
        notices.iter().for_each(|notice| note(&format!("note: {notice}")));
        let what = format!("{}, {shard}", plan.experiment().name);
        note(&announcement(&what, runs.len(), queue.len(), jobs.get()));
    }
    let options = Options { jobs, fail_fast: arguments.fail_fast, memory: share.bytes() };
    write_data(&plan, &runs, &signals, &writer)?;
    let conclusion = train(&plan, &queue, options, arguments.quiet, &signals, &mut writer, &mut |_, _| {})?;
    session.stop_clock();
    let ended = counted_in(&begun, writer.store(), &plan, &runs);
    let exit = exit(conclusion, &signals, ended.failed);
    let ended = ShardManifest { exit_code: Some(exit.code()), sweep: session.manifest, ..ended };
    // The records come to the disk, and the lock stands, before the manifest says that the shard has ended.
    writer.sync()?;
    ended.write(&folder)?;
    let store = writer.finish()?;
    if !arguments.quiet {
        report(arguments, &plan, &store, &runs, shard, &ended, exit)?;
    }
    Ok(exit)
}

/// With what the store holds of the shard's runs.
fn counted_in(manifest: &ShardManifest, store: &Store, plan: &Plan, runs: &[usize]) -> ShardManifest {
    let count = |ending| runs.iter().filter(|&&run| store.ending_of(plan, run) == Some(ending)).count();
    ShardManifest { done: count(Ending::Done), failed: count(Ending::Failed), ..manifest.clone() }
}

/// How much of the shard is stored, why runs failed, and what comes next.
fn report(
    arguments: &SweepArguments,
    plan: &Plan,
    store: &Store,
    runs: &[usize],
    shard: Shard,
    ended: &ShardManifest,
    exit: Exit,
) -> Result<(), CliError> {
    let (done, all) = (thousands(ended.done as u64), counted(runs.len(), "run"));
    out(&format!("{shard}: {done} of {all} done; took {}", duration(ended.sweep.seconds)))?;
    let failed = runs.iter().copied().filter(|&run| store.ending_of(plan, run) == Some(Ending::Failed));
    let mut messages = Vec::new();
    for run in failed.take(MOST_FAILURES) {
        if let Some(Record::Failed(message)) = store.read_run(plan, run)? {
            messages.push((run, message));
        }
    }
    note_failures(plan, ended.failed, messages.iter().map(|(run, message)| (*run, message.as_str())));
    match exit {
        Exit::Interrupted | Exit::StoppedByScheduler => note("stopped: run the same command again to go on"),
        Exit::RunsFailed => note("run the same command again to try the failed runs once more"),
        Exit::Fine | Exit::CheckFailed | Exit::Error => {
            let words = arguments.experiment.words_anywhere().unwrap_or_default();
            let words = line(words.iter().map(String::as_str));
            note(&format!("when all {} shards are done: vgrun merge {words}", shard.count()));
        }
    }
    Ok(())
}
