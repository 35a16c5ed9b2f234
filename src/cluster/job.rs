//! What is to be handed in.

use std::num::{NonZeroU32, NonZeroUsize};

use super::{Tasks, shell};

/// A sweep in shards and its merge, as words of command lines.
#[derive(Debug, Clone)]
pub struct ArrayJob {
    /// The experiment's name, of a-z, 0-9, _ and -: the job's, too.
    pub name: String,
    /// The vgrun that the tasks start.
    pub program: String,
    /// Where they start it.
    pub folder: String,
    /// The config and what goes with it, for `sweep` and `merge`.
    pub experiment: Vec<String>,
    /// More arguments of `sweep`.
    pub sweep: Vec<String>,
    /// Runs at the same time in a shard.
    pub jobs: Option<NonZeroUsize>,
    /// How many shards there are.
    pub shards: NonZeroU32,
    /// How many of them a task of an array trains, one after the other.
    pub shards_per_task: NonZeroU32,
    /// The shards that are handed in where the script is told nothing else.
    pub tasks: Tasks,
    /// Options of the scheduler's own.
    pub options: Vec<String>,
}

impl ArrayJob {
    /// Writes the lines that every script begins with.
    pub(super) fn head(&self, array: &str) -> String {
        format!(
            "#!/bin/bash\n\
             # {name}: {shards} as {array}, and their merge. Written by `vgrun submit`.\n\
             #   bash THIS-FILE {tasks}    hands in these shards; without a list it does the same\n\
             set -euo pipefail\n\
             cd -- {folder}\n\
             tasks=${{1:-{tasks}}}\n",
            name = self.name,
            shards = if self.shards.get() == 1 { "1 shard".into() } else { format!("{} shards", self.shards) },
            tasks = self.tasks,
            folder = shell::quoted(&self.folder),
        )
    }

    /// Returns the tasks of an array that train the shards which are handed in.
    pub fn array(&self) -> Tasks {
        self.tasks.grouped(self.shards_per_task)
    }

    /// Writes the command that trains a shard, named by more words of the shell.
    pub(super) fn sweep_line(&self, shard: &str) -> String {
        let words = [self.program.as_str(), "sweep"].into_iter().chain(self.experiment.iter().map(String::as_str));
        let jobs = self.jobs.map(|jobs| ["--jobs".to_owned(), jobs.to_string()]);
        let more = self.sweep.iter().chain(jobs.iter().flatten()).map(String::as_str);
        format!("{} {shard}", shell::line(words.chain(more)))
    }

    /// Writes the command that merges the shards.
    pub(super) fn merge_line(&self) -> String {
        let words = [self.program.as_str(), "merge"].into_iter().chain(self.experiment.iter().map(String::as_str));
        shell::line(words)
    }

    /// Writes the scheduler's own options, behind a space.
    pub(super) fn options_line(&self) -> String {
        let words = shell::line(self.options.iter().map(String::as_str));
        if words.is_empty() { words } else { format!(" {words}") }
    }
}
