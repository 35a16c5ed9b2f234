//! `vgrun sweep --shard`: train a shard's runs, and leave the tables to `vgrun merge`.

use crate::cluster::line;
use crate::plan::{Plan, Shard};
use crate::store::{Ending, ShardManifest, Store};
use crate::trace::Record;

use crate::cli::command::sweep::arguments::SweepArguments;
use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::session::signals::Signals;
use crate::cli::session::training::{MOST_FAILURES, Request, Session, note_failures};
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{counted, duration, thousands};
use crate::cli::terminal::print::{note, out};

pub(crate) fn run(arguments: &SweepArguments, shard: Shard) -> Result<Exit, CliError> {
    let signals = Signals::listen()?;
    let (plan, folder) = load(&arguments.experiment, arguments.quiet)?;
    let runs = plan.shard(shard);
    let request = Request {
        plan: &plan,
        folder: &folder,
        config: &arguments.experiment.config.path,
        resources: &arguments.resources,
        writer: &shard.file_stem(),
        runs: runs.clone(),
        fresh: arguments.fresh,
        fail_fast: arguments.fail_fast,
        quiet: arguments.quiet,
    };
    let mut session = Session::begin(request, &signals)?;
    let begun = ShardManifest::begin(shard, runs.len(), session.manifest.manifest.clone());
    counted_in(&begun, session.writer.store(), &plan, &runs).write(&folder)?;
    session.announce(&format!("{}, {shard}", plan.experiment().name));
    let conclusion = session.train(&mut |_, _| {})?;
    session.manifest.stop_clock();
    let ended = counted_in(&begun, session.writer.store(), &plan, &runs);
    let exit = session.exit(conclusion, ended.failed);
    let Session { writer, manifest, .. } = session;
    let ended = ShardManifest { exit_code: Some(exit.code()), sweep: manifest.manifest, ..ended };
    // The records come to the disk, and the lock stands, before the manifest says that the shard has ended.
    writer.sync()?;
    ended.write(&folder)?;
    let store = writer.finish()?;
    if !arguments.quiet {
        report(arguments, &plan, &store, &runs, shard, &ended, exit)?;
    }
    Ok(exit)
}

/// Returns the manifest with the counts of what the store holds of the shard's runs.
fn counted_in(manifest: &ShardManifest, store: &Store, plan: &Plan, runs: &[usize]) -> ShardManifest {
    let count = |ending| runs.iter().filter(|&&run| store.ending_of(plan, run) == Some(ending)).count();
    ShardManifest { done: count(Ending::Done), failed: count(Ending::Failed), ..manifest.clone() }
}

/// Says how much of the shard is stored, why runs failed, and what comes next.
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
