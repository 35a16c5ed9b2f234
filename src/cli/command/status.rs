//! `vgrun status`: what of a plan is done, missing and failed, shard by shard, and who is writing now.

use crate::cli::arguments::{Experiment, whole};
use crate::store::Store;
use clap::Args;
use std::num::NonZeroU32;

use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::gaps::Gaps;
use crate::cli::view::shard_states::{ShardStates, count_text};

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pub(crate) experiment: Experiment,
    /// Show what is missing of each of N shards, too
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>)]
    pub(crate) shards: Option<NonZeroU32>,
}

/// Ends with code 0 where every run has a result, and with 3 where something is left to do.
pub(crate) fn run(arguments: &StatusArguments) -> Result<Exit, CliError> {
    let (plan, folder) = load(&arguments.experiment, false)?;
    let store = Store::open(&folder, &plan)?;
    store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
    let (gaps, states, hash) = (Gaps::of(&plan, &store), ShardStates::of(&folder)?, plan.hash());
    for (path, manifest) in &states.manifests {
        // Their runs may be of use all the same, and `merge` refuses them.
        if let Err(why) = manifest.must_fit(path, &plan, &hash) {
            note(&format!("note: {why}"));
        }
    }
    out(&format!("{}: {}", plan.experiment().name, count_text(gaps.count())))?;
    let mut counts = states.counts();
    counts.extend(arguments.shards);
    if !gaps.count().is_done() {
        for count in counts {
            for line in states.unfinished(&gaps, count) {
                out(&format!("  {line}"))?;
            }
        }
    }
    for holder in states.writing() {
        out(&format!("  writing now: {}, {}", holder.shard, holder.name))?;
    }
    Ok(if gaps.count().is_done() { Exit::Fine } else { Exit::RunsFailed })
}
