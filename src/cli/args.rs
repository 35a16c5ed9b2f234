//! The arguments of every command, as clap reads them.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cluster::Tasks;

use super::shard::ShardArgument;
use super::size::parse_size;
use super::start::available_jobs;

/// Batch experiments on vanishing and exploding gradients: a TOML grid of networks in, the gradient norms of every
/// layer out, as CSV.
#[derive(Debug, Parser)]
#[command(name = "vgrun", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 fine; 1 a check failed; 2 a usage, config or I/O error; 3 some runs failed or are missing; \
                        75 stopped by SIGUSR1, resumable; 130 interrupted, resumable."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Expand the grid, train every network, write the tables; run it again to resume
    #[command(after_help = "Example: vgrun sweep configs/depth.toml --set run.train.steps=50 --jobs 4")]
    Sweep(SweepArguments),
    /// What would run and what it costs; nothing is trained or written
    #[command(after_help = "Example: vgrun plan configs/depth.toml --list | head")]
    Plan(PlanArguments),
    /// What the mean field predicts of every point; nothing is trained or written
    #[command(after_help = "Example: vgrun theory configs/depth.toml --set grid.model.depth=[10,50,100]")]
    Theory(TheoryArguments),
    /// Train every run afresh and hold the expectations and the baseline against it
    #[command(after_help = "Example: vgrun check configs/ci.toml --junit check.xml --github")]
    Check(CheckArguments),
    /// Make what the last check or sweep measured the baseline
    #[command(after_help = "Example: vgrun accept configs/ci.toml --yes")]
    Accept(AcceptArguments),
    /// Compare two baselines, or two results folders, in decades
    #[command(after_help = "Example: vgrun diff results/before results/after --csv")]
    Diff(DiffArguments),
    /// Draw figures of what is stored; nothing is trained
    #[command(after_help = "Example: vgrun report configs/depth.toml")]
    Report(ReportArguments),
    /// Put the shards of a sweep together: check that every run is there once and whole, and write the tables
    #[command(after_help = "Example: vgrun merge configs/depth.toml")]
    Merge(MergeArguments),
    /// What is done, missing and failed, shard by shard, and who is writing now
    #[command(after_help = "Example: vgrun status configs/depth.toml")]
    Status(StatusArguments),
    /// Print, or hand in, an array job with a task for each shard, and the merge that follows it
    #[command(
        after_help = "Example: vgrun submit configs/depth.toml --engine slurm --shards 8 --run -- --time=1:00:00"
    )]
    Submit(SubmitArguments),
    /// The catalogue: what a config can name, and what every column means
    #[command(after_help = "Example: vgrun list inits")]
    List(ListArguments),
}

/// What an experiment's config says.
#[derive(Debug, Args)]
pub(super) struct Config {
    /// The experiment's TOML file
    #[arg(value_name = "CONFIG")]
    pub(super) path: PathBuf,
    // Help texts with brackets stand in the attribute: the docs would take them for links.
    #[arg(
        long = "set",
        value_name = "KEY=VALUE",
        help = "Set a key of the config, such as run.train.steps=50 or grid.model.depth=[5,10]; repeatable"
    )]
    pub(super) sets: Vec<String>,
}

/// The folder that holds results where nothing else is said.
const RESULTS: &str = "results";

/// Which experiment, and where its results are.
#[derive(Debug, Args)]
pub(super) struct Experiment {
    #[command(flatten)]
    pub(super) config: Config,
    /// The folder that holds results
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    pub(super) out: PathBuf,
    #[arg(long, help = "The experiment's folder in it [default: the config's name; with --set also the plan's hash]")]
    pub(super) name: Option<String>,
}

/// What of the machine a sweep may use.
#[derive(Debug, Args)]
pub(super) struct Resources {
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_jobs,
        help = "Runs at the same time [default: the cores this process may use]"
    )]
    pub(super) jobs: Option<NonZeroUsize>,
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = parse_size,
        help = "Memory that all jobs share, such as 500MB, 2GB or 2GiB; a run that may take more than its job's part is \
                refused before anything runs [default: 80 % of what this process may use]"
    )]
    pub(super) max_memory: Option<u64>,
}

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's flags")]
pub(super) struct SweepArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    #[command(flatten)]
    pub(super) resources: Resources,
    #[arg(
        long,
        value_name = "I/N|auto",
        help = "Train only the runs of shard I of N, from 0/N on, and write no tables; auto asks the scheduler's \
                variables for I, and --shards or VGRUN_SHARDS for N"
    )]
    pub(super) shard: Option<ShardArgument>,
    /// How many shards there are, with --shard auto
    #[arg(long, value_name = "N", requires = "shard")]
    pub(super) shards: Option<NonZeroU32>,
    /// Run again what is already stored
    #[arg(long)]
    pub(super) fresh: bool,
    /// Stop at the first run that fails
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// Print the table of results at every depth
    #[arg(long)]
    pub(super) all: bool,
    /// Draw the figures of the report at the end
    #[arg(long)]
    pub(super) report: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are the command's flags")]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    #[command(flatten)]
    pub(super) resources: Resources,
    /// Judge what is stored, and train nothing
    #[arg(long)]
    pub(super) stored: bool,
    /// Judge the gradient norms that another program wrote as CSV, and train nothing
    #[arg(long, value_name = "FILE", conflicts_with = "stored")]
    pub(super) traces: Option<PathBuf>,
    /// Let what the seeds leave undecided fail
    #[arg(long)]
    pub(super) strict: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Annotate the config's lines and write the job summary, in a GitHub workflow
    #[arg(long)]
    pub(super) github: bool,
    /// Write every case as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// Arguments of `accept`.
#[derive(Debug, Args)]
pub(super) struct AcceptArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// Write it without a question
    #[arg(long)]
    pub(super) yes: bool,
    /// Take the gradient norms that another program wrote as CSV
    #[arg(long, value_name = "FILE")]
    pub(super) traces: Option<PathBuf>,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// A baseline's file or a results folder
    pub(super) a: PathBuf,
    /// Another
    pub(super) b: PathBuf,
    /// Print one CSV row per difference
    #[arg(long)]
    pub(super) csv: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    #[command(flatten)]
    pub(super) resources: Resources,
    /// Print one line per run
    #[arg(long)]
    pub(super) list: bool,
    /// Print one CSV row per run
    #[arg(long, conflicts_with = "list")]
    pub(super) csv: bool,
    /// Also say what each of N shards would take
    #[arg(long, value_name = "N", conflicts_with_all = ["list", "csv"])]
    pub(super) shards: Option<NonZeroU32>,
}

/// Arguments of `merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// Folders whose runs are copied in first: what shards had as --out, or an experiment's folder in it
    pub(super) folders: Vec<PathBuf>,
    /// Write the tables of what there is, also where runs are missing
    #[arg(long)]
    pub(super) partial: bool,
    /// Print nothing but errors and what is missing
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// Also say what is missing of each of N shards
    #[arg(long, value_name = "N")]
    pub(super) shards: Option<NonZeroU32>,
}

/// Arguments of `submit`.
#[derive(Debug, Args)]
pub(super) struct SubmitArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    #[command(flatten)]
    pub(super) resources: Resources,
    /// Who runs the shards
    #[arg(long)]
    pub(super) engine: EngineArgument,
    /// How many shards there are
    #[arg(long, value_name = "N")]
    pub(super) shards: NonZeroU32,
    /// Hand in these shards alone, such as 3,7
    #[arg(long, value_name = "LIST")]
    pub(super) array: Option<Tasks>,
    /// Run the script instead of printing it
    #[arg(long)]
    pub(super) run: bool,
    /// Options for sbatch, hq submit or parallel, behind --
    #[arg(last = true, value_name = "OPTIONS")]
    pub(super) options: Vec<String>,
}

/// Who runs the shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum EngineArgument {
    /// Slurm's job arrays
    Slurm,
    /// HyperQueue's task arrays
    #[value(name = "hyperqueue")]
    HyperQueue,
    /// GNU parallel
    Parallel,
}

/// Arguments of `theory`.
#[derive(Debug, Args)]
pub(super) struct TheoryArguments {
    #[command(flatten)]
    pub(super) config: Config,
    /// Print one CSV row per run, as is done where standard output is no terminal
    #[arg(long)]
    pub(super) csv: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// A results folder will do, too, without its config
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// Draw profile and heat map in the terminal, and write nothing
    #[arg(long)]
    pub(super) terminal: bool,
}

/// Arguments of `list`.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// A section of the catalogue [default: all]
    pub(super) section: Option<Section>,
    /// Print it as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A section of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Section {
    /// Activations, with formula and derivative
    Activations,
    /// Distributions of the initial weights
    Inits,
    /// Update rules, with their keys and defaults
    Optimizers,
    /// Data sets
    Data,
    /// The columns of every table
    Metrics,
}

/// Each job is a thread with memory of its own, and no machine has so many cores.
const MOST_JOBS: usize = 4096;

fn parse_jobs(text: &str) -> Result<NonZeroUsize, String> {
    let jobs = text.parse().ok().filter(|jobs: &NonZeroUsize| jobs.get() <= MOST_JOBS);
    jobs.ok_or_else(|| format!("expected a whole number from 1 to {MOST_JOBS}"))
}

impl Resources {
    /// Runs at the same time.
    pub(super) fn jobs(&self) -> NonZeroUsize {
        self.jobs.unwrap_or_else(available_jobs)
    }
}

impl Experiment {
    /// The same on another command's line, as words; none where a path is not UTF-8.
    pub(super) fn words(&self) -> Option<Vec<String>> {
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

    /// The experiment's folder: `--name`, else the config's name, with the plan's hash where `--set` changed it.
    pub(super) fn folder(&self, name: &str, plan_hash: &str) -> PathBuf {
        match &self.name {
            Some(given) => self.out.join(given),
            None if self.config.sets.is_empty() => self.out.join(name),
            None => self.out.join(format!("{name}-{plan_hash}")),
        }
    }
}
