//! The arguments that several commands have: the config, the experiment with its folder, and what of the machine may be
//! used.

use std::num::NonZeroUsize;
use std::path::{self, Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use crate::cluster::line;
use crate::plan::Plan;

use crate::cli::limits::machine::available_jobs;
use crate::cli::terminal::size::parse_size;

/// What an experiment's config says.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// The experiment's TOML file
    #[arg(value_name = "CONFIG")]
    pub(crate) path: PathBuf,
    // Help texts with brackets stand in the attribute: the docs would take them for links.
    #[arg(
        long = "set",
        value_name = "KEY=VALUE",
        help = "Set a key of the config, such as run.train.steps=50 or 'grid.model.depth=[5,10]'; repeatable"
    )]
    pub(crate) sets: Vec<String>,
}

/// Where a command can do without the config.
pub(crate) const OR_FOLDER: &str =
    "The experiment's TOML file, or its results folder, which holds all that the file says";

/// The folder that holds results where nothing else is said.
pub(crate) const RESULTS: &str = "results";

/// Which experiment, and where its results are.
#[derive(Debug, Args)]
pub(crate) struct Experiment {
    #[command(flatten)]
    pub(crate) config: Config,
    /// The folder that holds results
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    pub(crate) out: PathBuf,
    #[arg(long, help = "The experiment's folder in it [default: the config's name; with --set also the plan's hash]")]
    pub(crate) name: Option<String>,
}

/// What of the machine a sweep may use.
#[derive(Debug, Args)]
pub(crate) struct Resources {
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_jobs,
        help = "Runs at the same time [default: the cores this process may use]"
    )]
    pub(crate) jobs: Option<NonZeroUsize>,
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = parse_size,
        help = "Memory that all jobs share, such as 500MB, 2GB or 2GiB; a run that may take more than its job's part is \
                refused before anything runs [default: 80 % of what this process may use]"
    )]
    pub(crate) max_memory: Option<u64>,
}

/// Reads a count as an option has it.
pub(crate) fn whole<N: FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| "expected a whole number of at least 1")
}

/// Each job is a thread with memory of its own, and no machine has so many cores.
const MOST_JOBS: usize = 4096;

fn parse_jobs(text: &str) -> Result<NonZeroUsize, String> {
    let jobs = text.parse().ok().filter(|jobs: &NonZeroUsize| jobs.get() <= MOST_JOBS);
    jobs.ok_or_else(|| format!("expected a whole number from 1 to {MOST_JOBS}"))
}

impl Resources {
    /// Returns how many runs are trained at the same time.
    pub(crate) fn jobs(&self) -> NonZeroUsize {
        self.jobs.unwrap_or_else(available_jobs)
    }
}

impl Experiment {
    /// Returns the experiment as words of another command's line; none where a path is not UTF-8.
    pub(crate) fn words(&self) -> Option<Vec<String>> {
        let mut words = vec![self.config.path.to_str()?.to_owned()];
        words.extend(self.config.sets.iter().flat_map(|set| ["--set".to_owned(), set.clone()]));
        if self.out != Path::new(RESULTS) {
            words.extend(["--out".to_owned(), self.out.to_str()?.to_owned()]);
        }
        words.extend(self.name.iter().flat_map(|name| ["--name".to_owned(), name.clone()]));
        // A path that begins with a dash would be taken for an option.
        if words[0].starts_with('-') {
            words[0].insert_str(0, "./");
        }
        Some(words)
    }

    /// Quotes the words for a shell, on one line; empty where a path is not UTF-8.
    pub(crate) fn line(&self) -> String {
        line(self.words().unwrap_or_default().iter().map(String::as_str))
    }

    /// Makes the words for a line that works in any folder.
    pub(crate) fn words_anywhere(&self) -> Option<Vec<String>> {
        let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let config = Config { path: absolute(&self.config.path), sets: self.config.sets.clone() };
        Self { config, out: absolute(&self.out), name: self.name.clone() }.words()
    }

    /// Returns the folder of the experiment, whose plan is this.
    pub(crate) fn folder_of(&self, plan: &Plan) -> PathBuf {
        // Eight digits tell the folders of differently set plans apart.
        self.folder(&plan.experiment().name, &plan.hash()[..8])
    }

    /// Returns the experiment's folder: `--name`, else the config's name, with the plan's hash where `--set` changed
    /// it.
    pub(crate) fn folder(&self, name: &str, plan_hash: &str) -> PathBuf {
        match &self.name {
            Some(given) => self.out.join(given),
            None if self.config.sets.is_empty() => self.out.join(name),
            None => self.out.join(format!("{name}-{plan_hash}")),
        }
    }
}
