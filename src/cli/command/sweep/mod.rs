//! `vgrun sweep`: expand, train what is missing, write the tables, say what came out.

use std::path::Path;

use crate::plan::Plan;
use crate::store;
use crate::tables::Overview;

use crate::cli::session::drawing::{command, draw};
use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::session::signals::Signals;
use crate::cli::session::training::{Finished, Request, Session, note_failures};
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::thousands;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::results;

pub(crate) mod arguments;
mod shard;
mod shard_argument;

use arguments::SweepArguments;

pub(crate) fn run(arguments: &SweepArguments) -> Result<Exit, CliError> {
    if let Some(shard) = shard_argument::shard(arguments.shard, arguments.shards)? {
        return shard::run(arguments, shard);
    }
    let signals = Signals::listen()?;
    let (plan, folder) = load(&arguments.experiment, arguments.quiet)?;
    let request = Request {
        plan: &plan,
        folder: &folder,
        config: &arguments.experiment.config.path,
        resources: &arguments.resources,
        writer: "main",
        runs: plan.runs().collect(),
        fresh: arguments.fresh,
        fail_fast: arguments.fail_fast,
        quiet: arguments.quiet,
    };
    let mut session = Session::begin(request, &signals)?;
    session.open()?;
    session.announce(&plan.experiment().name);
    if !arguments.quiet {
        for shard in store::writers(&folder)?.iter().filter(|holder| holder.dead.is_none() && holder.shard != "main") {
            note(&format!("note: {} is being written by {}: its runs are trained twice", shard.shard, shard.name));
        }
    }
    let conclusion = session.train(&mut |_, _| {})?;
    let Finished { overview, exit, seconds, left_the_folder } = session.finish(conclusion, |exit| exit)?;
    if !arguments.quiet {
        report(arguments, &plan, &overview, exit, &folder, seconds)?;
        if left_the_folder {
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
