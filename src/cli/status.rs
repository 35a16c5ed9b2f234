//! `vgrun status`: what of a plan is done, missing and failed, shard by shard, and who is writing now.

use crate::store::Store;

use super::args::StatusArguments;
use super::error::CliError;
use super::exit::Exit;
use super::gaps::Gaps;
use super::plan::short_hash;
use super::print::{note, out};
use super::shard_states::{ShardStates, count_text};
use super::start::load;

/// Code 0 where every run has a result, 3 where something is left to do.
pub(super) fn status(arguments: &StatusArguments) -> Result<Exit, CliError> {
    let plan = load(&arguments.experiment, false)?;
    let folder = arguments.experiment.folder(&plan.experiment().name, &short_hash(&plan));
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
