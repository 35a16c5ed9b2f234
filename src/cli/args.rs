//! The arguments of every command, as clap reads them.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{self, Path, PathBuf};
use std::str::FromStr;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::cluster::{Tasks, line};
use crate::guide::{PAGES, Page};

use super::shard::ShardArgument;
use super::size::parse_size;
use super::start::available_jobs;
use super::version::version;

/// Batch experiments on vanishing and exploding gradients: a TOML grid of networks in, the gradient norms of every
/// layer out, as CSV.
#[derive(Debug, Parser)]
#[command(name = "vgrun", version, long_version = version(), arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:\n  vgrun init\n  vgrun sweep depth.toml\n  vgrun guide\n\n\
                  Exit codes: 0 fine; 1 a check failed; 2 a usage, config or I/O error; 3 some runs failed or are missing; \
                  75 stopped by SIGUSR1, resumable; 130 interrupted, resumable.")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented starter config into this folder
    #[command(after_help = "Examples:\n  vgrun init\n  vgrun init ci")]
    Init(InitArguments),
    /// Expand the grid, train every network, write the tables; run it again to resume
    #[command(
        after_help = "Examples:\n  vgrun sweep configs/depth.toml\n  vgrun sweep configs/depth.toml --set run.train.steps=50 --set 'grid.model.depth=[5,10]' --jobs 4\n  vgrun sweep configs/depth.toml --shard 0/8"
    )]
    Sweep(SweepArguments),
    /// What would run and what it costs; nothing is trained or written
    #[command(after_help = "Examples:\n  vgrun plan configs/depth.toml\n  vgrun plan configs/depth.toml --list | head")]
    Plan(PlanArguments),
    /// What the mean field predicts of every point; nothing is trained or written
    #[command(
        after_help = "Examples:\n  vgrun theory configs/depth.toml\n  vgrun theory configs/depth.toml --set 'grid.model.depth=[10,50,100]' --csv"
    )]
    Theory(TheoryArguments),
    /// Train every run afresh and hold the expectations and the baseline against it
    #[command(
        after_help = "Examples:\n  vgrun check configs/ci.toml --junit check.xml --github\n  vgrun check configs/ci.toml --stored\n  vgrun check configs/ci.toml --traces mine.csv"
    )]
    Check(CheckArguments),
    /// Make what the last check or sweep measured the baseline
    #[command(after_help = "Examples:\n  vgrun accept configs/ci.toml\n  vgrun accept configs/ci.toml --yes")]
    Accept(AcceptArguments),
    /// Compare two baselines, or two results folders, in decades
    #[command(
        after_help = "Examples:\n  vgrun diff results/before results/after\n  vgrun diff old.baseline.csv configs/ci.baseline.csv --csv"
    )]
    Diff(DiffArguments),
    /// Draw figures of what is stored; nothing is trained
    #[command(after_help = "Examples:\n  vgrun report configs/depth.toml\n  vgrun report results/depth --terminal")]
    Report(ReportArguments),
    /// Put the shards of a sweep together: check that every run is there once and whole, and write the tables
    #[command(
        after_help = "Examples:\n  vgrun merge configs/depth.toml\n  vgrun merge configs/depth.toml /scratch/first /scratch/second --partial"
    )]
    Merge(MergeArguments),
    /// What is done, missing and failed, shard by shard, and who is writing now
    #[command(after_help = "Examples:\n  vgrun status configs/depth.toml --shards 8")]
    Status(StatusArguments),
    /// Print, or hand in, an array job with a task for each shard, and the merge that follows it
    #[command(
        after_help = "Examples:\n  vgrun submit configs/depth.toml --engine slurm --shards 8\n  vgrun submit configs/depth.toml --engine slurm --shards 8 --run -- --time=1:00:00"
    )]
    Submit(SubmitArguments),
    /// The catalogue: what a config can name, and what every column means
    #[command(after_help = "Examples:\n  vgrun list\n  vgrun list inits\n  vgrun list metrics --json")]
    List(ListArguments),
    /// Print the JSON Schema of a config, by which editors complete and check it
    #[command(after_help = "Examples:\n  vgrun schema > vgrun.schema.json")]
    Schema,
    /// Write the tables as a spreadsheet reads them
    #[command(after_help = "Examples:\n  vgrun export configs/depth.toml --excel-locale\n  \
                            vgrun export results/depth --excel-locale --to sheets")]
    Export(ExportArguments),
    /// Show the documentation: its topics, a page, or the lines that have a word
    #[command(after_help = "Examples:\n  vgrun guide\n  vgrun guide verdict\n  vgrun guide --find decade")]
    Guide(GuideArguments),
    /// Print what a shell needs to complete commands, options and names
    #[command(
        after_help = "Examples:\n  vgrun completions bash > ~/.local/share/bash-completion/completions/vgrun\n  \
                            vgrun completions zsh > ~/.zfunc/_vgrun\n  \
                            vgrun completions fish > ~/.config/fish/completions/vgrun.fish\n\n\
                            A folder that is not there yet is made by mkdir -p."
    )]
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "Examples:\n  vgrun man > ~/.local/share/man/man1/vgrun.1\n\n\
                            A folder that is not there yet is made by mkdir -p.")]
    Man,
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
        help = "Set a key of the config, such as run.train.steps=50 or 'grid.model.depth=[5,10]'; repeatable"
    )]
    pub(super) sets: Vec<String>,
}

/// Where a command can do without the config.
const OR_FOLDER: &str = "The experiment's TOML file, or its results folder, which holds all that the file says";

/// The folder that holds results where nothing else is said.
pub(super) const RESULTS: &str = "results";

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
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>, requires = "shard")]
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
    /// Judge the gradients that another program wrote as CSV, and train nothing
    ///
    /// The file has a row for each run, step and layer, with the config's swept axes, `step`, `layer` (numbers, or names
    /// in the order of the net; the last is the head) and `grad_norm`. The other metrics of trace.csv, above all
    /// `delta_rms`, and `loss` and `role` are read where they are there.
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
    /// Take the gradients that another program wrote as CSV, as `check --traces` reads them
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
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>, conflicts_with_all = ["list", "csv"])]
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
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>)]
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
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroU32>)]
    pub(super) shards: NonZeroU32,
    /// How many shards each task of Slurm's array trains, one after the other [default: 1]
    #[arg(long, value_name = "K", value_parser = whole::<NonZeroU32>)]
    pub(super) shards_per_task: Option<NonZeroU32>,
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
#[command(mut_arg("path", |path| path.help(OR_FOLDER)))]
pub(super) struct ReportArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// Draw profiles, across layers and through time, and heat maps in the terminal, and write nothing
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
    /// The words of tables, pages and messages
    Words,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// A starter [default: depth]
    pub(super) name: Option<Starter>,
}

/// A starter config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Starter {
    /// Does the gradient shrink with depth, and what keeps it alive?
    Depth,
    /// Why do residual nets explode, and what tames them?
    Residual,
    /// How far back in time does a recurrent net's gradient reach?
    Memory,
    /// Claims and a baseline that vgrun check holds a change against
    Ci,
}

/// Arguments of `guide`.
#[derive(Debug, Args)]
pub(super) struct GuideArguments {
    /// The page to show [default: the list of all]
    #[arg(value_parser = page())]
    pub(super) topic: Option<Page>,
    /// Show the lines that contain a word, and the page and the heading under which they stand
    #[arg(long, value_name = "WORD", value_parser = NonEmptyStringValueParser::new())]
    pub(super) find: Option<String>,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub(super) shell: Shell,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(mut_arg("path", |path| path.help(OR_FOLDER)))]
pub(super) struct ExportArguments {
    #[command(flatten)]
    pub(super) experiment: Experiment,
    /// For a spreadsheet whose language writes a decimal comma: cells between semicolons, 0,5 for 0.5
    #[arg(long, required = true)]
    pub(super) excel_locale: bool,
    #[arg(long, value_name = "DIR", help = "The folder of the copies [default: excel in the experiment's folder]")]
    pub(super) to: Option<PathBuf>,
}

/// A count as an option has it.
fn whole<N: FromStr>(text: &str) -> Result<N, &'static str> {
    text.parse().map_err(|_| "expected a whole number of at least 1")
}

/// Reads the name of a page; shells complete it, and a slip is answered with the nearest.
fn page() -> impl TypedValueParser<Value = Page> {
    let names = PossibleValuesParser::new(PAGES.iter().map(|page| page.name));
    names.map(|name| *PAGES.iter().find(|page| page.name == name).expect("one of the names"))
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

    /// Quotes the words for a shell, on one line; empty where a path is not UTF-8.
    pub(super) fn line(&self) -> String {
        line(self.words().unwrap_or_default().iter().map(String::as_str))
    }

    /// Makes the words for a line that works in any folder.
    pub(super) fn words_anywhere(&self) -> Option<Vec<String>> {
        let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let config = Config { path: absolute(&self.config.path), sets: self.config.sets.clone() };
        Self { config, out: absolute(&self.out), name: self.name.clone() }.words()
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

#[cfg(test)]
mod tests;
