//! What is known of the shards that wrote to a folder: what they said of themselves, and who holds their locks.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use crate::plan::Shard;
use crate::store::{Holder, ShardManifest, StoreError, writers};

use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::{counted, thousands};
use crate::cli::terminal::print::one_line;
use crate::cli::view::gaps::{Count, Gaps};

/// More shards than this are not listed one by one: their numbers say enough.
const MOST_LISTED: usize = 20;

/// The shards of a folder.
pub(crate) struct ShardStates {
    pub(crate) manifests: Vec<(PathBuf, ShardManifest)>,
    holders: Vec<Holder>,
}

impl ShardStates {
    pub(crate) fn of(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self { manifests: ShardManifest::read_all(folder)?, holders: writers(folder)? })
    }

    /// Returns into how many shards the plan was dealt: usually one number, and none where there were no shards.
    pub(crate) fn counts(&self) -> BTreeSet<NonZeroU32> {
        self.manifests.iter().filter_map(|(_, manifest)| manifest.shard()).map(Shard::count).collect()
    }

    /// Returns the writers that are at work now.
    pub(crate) fn writing(&self) -> impl Iterator<Item = &Holder> {
        self.holders.iter().filter(|holder| holder.dead.is_none())
    }

    /// Writes one line on each of `count` shards that has something left to do, and how to hand them in again.
    pub(crate) fn unfinished(&self, gaps: &Gaps, count: NonZeroU32) -> Vec<String> {
        let unfinished: Vec<(Shard, Count)> = gaps.shards(count).filter(|(_, count)| !count.is_done()).collect();
        let mut lines: Vec<String> = unfinished
            .iter()
            .take(MOST_LISTED)
            .map(|(shard, count)| format!("{shard}: {}; {}", count_text(*count), self.state(*shard)))
            .collect();
        if unfinished.len() > MOST_LISTED {
            lines.push(format!("and {} more shards", thousands((unfinished.len() - MOST_LISTED) as u64)));
        }
        lines.push(format!(
            "of {}, hand in again: --array={}",
            counted(count.get() as usize, "shard"),
            gaps.unfinished(count)
        ));
        lines
    }

    /// Says what became of a shard.
    fn state(&self, shard: Shard) -> String {
        let holder = self.holders.iter().find(|holder| holder.shard == shard.file_stem());
        match holder {
            Some(Holder { name, dead: None, .. }) => return format!("{name} is writing"),
            Some(Holder { name, dead: Some(why), .. }) => return format!("killed: {name} held its lock, and {why}"),
            None => {}
        }
        let Some((_, manifest)) = self.manifests.iter().find(|(_, manifest)| manifest.shard() == Some(shard)) else {
            return "it never began".into();
        };
        let host = one_line(&manifest.sweep.host);
        let ended = one_line(manifest.sweep.ended.as_deref().unwrap_or("an unknown time"));
        match manifest.exit_code {
            None => format!("killed on {host}: it began at {} and never ended", one_line(&manifest.sweep.started)),
            Some(code) if code == Exit::StoppedByScheduler.code() => {
                format!("stopped by its scheduler on {host} at {ended}")
            }
            Some(code) if code == Exit::Interrupted.code() => format!("interrupted on {host} at {ended}"),
            Some(_) => format!("it ended on {host} at {ended}"),
        }
    }
}

/// Writes `12 of 60 runs done, 1 failed, 47 missing`.
pub(crate) fn count_text(count: Count) -> String {
    let rest = [(count.failed, "failed"), (count.missing, "missing")];
    let rest = rest.into_iter().filter(|(number, _)| *number > 0);
    let mut parts = vec![format!("{} of {} done", thousands(count.done as u64), counted(count.all(), "run"))];
    parts.extend(rest.map(|(number, what)| format!("{} {what}", thousands(number as u64))));
    parts.join(", ")
}
