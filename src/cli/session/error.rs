//! Everything that ends a command with exit code 2, as it is shown.

use std::io;
use std::num::NonZeroU32;
use std::path::PathBuf;

use thiserror::Error;

use crate::check::{BaselineError, ForeignError};
use crate::cluster::{ArrayTooLarge, TaskError, TasksError, quoted_path};
use crate::config::render;
use crate::data::DataError;
use crate::kernels::TierError;
use crate::plan::{LoadError, Shard};
use crate::report::{ConvertError, TooSmall};
use crate::store::StoreError;
use crate::sweep::SweepError;
use crate::tables::ExportError;

use crate::cli::limits::Refusal;
use crate::cli::limits::theory::TheoryError;
use crate::cli::session::chosen::ChoiceError;
use crate::cli::terminal::print::colour;

/// Why a command could not do its work.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    /// The config cannot be read, or is wrong.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The results folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Cells that cannot be chosen.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// A figure in a format that it cannot be converted to.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A file whose ending is of no format, or of another one than was asked for.
    #[error("-o {}: a figure goes to a file that ends in .svg, .pdf or .png, as its format does (--format)", path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
    },
    /// A figure that does not exist.
    #[error("there is no figure {name:?}; there are {known}")]
    NoFigure {
        /// What was asked for.
        name: String,
        /// The names of all figures.
        known: String,
    },
    /// A figure in which there is nothing to draw.
    #[error("{}: there is nothing to draw in the figure {name}, which is of {of}; vgrun figure {} --list names those that there are", folder.display(), quoted_path(folder))]
    EmptyFigure {
        /// The figure.
        name: &'static str,
        /// The results folder.
        folder: PathBuf,
        /// What the figure is of.
        of: &'static str,
    },
    /// A figure that does not fit.
    #[error("--size: {0}")]
    Size(#[from] TooSmall),
    /// Tables that cannot be copied.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A data file that cannot be read, or changed since the plan looked into it.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The workers.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// The tier that the environment asks for.
    #[error(transparent)]
    Tier(#[from] TierError),
    /// Standard output was closed or is full.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// CSV to standard output.
    #[error("cannot write to standard output: {0}")]
    Csv(#[from] csv::Error),
    /// Runs that would take more memory or time than there is.
    #[error(transparent)]
    Limit(#[from] Refusal),
    /// Nets and data beyond what the theory goes through.
    #[error(transparent)]
    Theory(#[from] TheoryError),
    /// A baseline that cannot be used.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// A trace of another program that cannot be used.
    #[error(transparent)]
    Foreign(#[from] ForeignError),
    /// A baseline of other numerics.
    #[error(
        "{}: this baseline has numerics version {theirs}, and this vgrun has version {ours}, which computes different numbers: \
         train again with vgrun sweep, compare with vgrun diff, and write a new baseline with vgrun accept",
        path.display()
    )]
    BaselineNumerics {
        /// The file.
        path: PathBuf,
        /// Its version.
        theirs: u32,
        /// The version of this program.
        ours: u32,
    },
    /// A baseline over other axes.
    #[error(
        "{}: this baseline has the axes {theirs}, and the config sweeps {ours}: look at what changed, and write a new baseline \
         with vgrun accept",
        path.display()
    )]
    BaselineAxes {
        /// The file.
        path: PathBuf,
        /// Its axes.
        theirs: String,
        /// The axes of the config.
        ours: String,
    },
    /// A config that claims nothing, without a baseline.
    #[error(
        "{}: there is nothing to check: write an [[expect]], or let vgrun accept {} write {}",
        config.display(), config.display(), baseline.display()
    )]
    NothingToCheck {
        /// The config.
        config: PathBuf,
        /// Where its baseline would be.
        baseline: PathBuf,
    },
    /// Runs that a baseline would need.
    #[error("{}: {runs} runs have no stored result; run `vgrun check {words}` or `vgrun sweep {words}` first", config.display())]
    NotMeasured {
        /// The config.
        config: PathBuf,
        /// The experiment on a command line.
        words: String,
        /// How many.
        runs: usize,
    },
    /// Results that a check or a sweep did not end with.
    #[error(
        "{}: the last check or sweep did not end, or had runs that failed: run `vgrun check {words}` to its end first",
        config.display()
    )]
    NotFinished {
        /// The config.
        config: PathBuf,
        /// The experiment on a command line.
        words: String,
    },
    /// Two sweeps without a common cell.
    #[error("{} and {} have no cell in common: {why}", a.display(), b.display())]
    NothingAgrees {
        /// The first folder.
        a: PathBuf,
        /// The second.
        b: PathBuf,
        /// Which key has no common value, and what to do.
        why: String,
    },
    /// An option of a comparison of folders, beside a baseline.
    #[error("{option} is for two results folders, and {} is a baseline's file: leave the option out", path.display())]
    OnlyFolders {
        /// The option.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A picture of nets that have no layers between which an error could change.
    #[error(
        "{option} {}: the nets of both folders have one hidden layer or no result, so there is no profile to draw: name a \
         file that ends in .html for the text alone",
        path.display()
    )]
    NoProfile {
        /// The option that asks for it.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Two sets of numbers over different axes.
    #[error(
        "the two sides sweep different axes, so no number of one is in the other: {a}; {b}: give two results folders \
         without --csv, and the cells in which both agree are compared"
    )]
    OtherAxes {
        /// The first's axes.
        a: String,
        /// The second's.
        b: String,
    },
    /// A folder or a file that was to be read.
    #[error("{}: there is no such file or folder{}", path.display(), near.as_ref().map(|near| format!(": did you mean {}?", near.display())).unwrap_or_default())]
    NotThere {
        /// The path as it was given.
        path: PathBuf,
        /// What was most likely meant.
        near: Option<PathBuf>,
    },
    /// A starter's file that is there.
    #[error(
        "{} is there already, and vgrun init overwrites nothing: rename it, go to another folder{}",
        config.display(), if free.is_empty() { String::new() } else { format!(", or take another starter: {}", free.join(", ")) }
    )]
    Exists {
        /// The file.
        config: PathBuf,
        /// The starters that would be new here.
        free: Vec<String>,
    },
    /// A folder without results.
    #[error("{}: no results of vgrun: there is no manifest.json", .0.display())]
    NoResults(PathBuf),
    /// A folder in which no run has a result.
    #[error(
        "{}: no run of its plan has a result, so there is nothing to show: run `vgrun sweep` with its config first",
        .0.display()
    )]
    NoneStored(PathBuf),
    /// A folder of an older vgrun, and other data than those of its runs.
    #[error(
        "{}: an older vgrun wrote this folder and did not keep what was in the data files, and the files that its runs \
         read are not here: `vgrun report CONFIG` looks for them beside the config, and `vgrun sweep CONFIG` keeps what \
         is needed of them, without repeating finished runs",
        .0.display()
    )]
    OlderFolder(PathBuf),
    /// A data file that has changed since the runs were trained.
    #[error(
        "{} has content {now}, and the runs in {} were trained on content {stored}: `vgrun sweep {words}` trains them on \
         the file as it is now, and `vgrun report {}` shows what is stored",
        file.display(), folder.display(), quoted_path(folder)
    )]
    OtherData {
        /// The data file.
        file: PathBuf,
        /// 16 hex digits of its content.
        now: String,
        /// The results folder.
        folder: PathBuf,
        /// The digits of the data that the runs were trained on.
        stored: String,
        /// The experiment on a command line.
        words: String,
    },
    /// A file that was asked for.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An option that says which folder a config's results are in, beside such a folder.
    #[error(
        "{option} says where the results of a config are, and {} is itself a folder of results: leave the option out, or give \
         the config",
        folder.display()
    )]
    OfConfig {
        /// The option.
        option: &'static str,
        /// The folder.
        folder: PathBuf,
    },
    /// A report for standard output, where other text goes.
    #[error("{option} -: a report goes to a file of its own: name one")]
    NoFile {
        /// The option that asks for it.
        option: &'static str,
    },
    /// A report in the place of what the command reads, or has stored.
    #[error("{option} {}: this is {what}, which the report would replace: name another file", path.display())]
    Precious {
        /// The option that asks for it.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A report in the place of a link to a file.
    #[error("{option} {}: this is a link: name the file that it leads to, or another one", path.display())]
    LinkedFile {
        /// The option that asks for it.
        option: &'static str,
        /// The link.
        path: PathBuf,
    },
    /// A report in the place of a file that is no report.
    #[error(
        "{option} {}: there is a file that is no such report of vgrun: move it away, or name another one",
        path.display()
    )]
    OtherFile {
        /// The option that asks for it.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Two reports in one place.
    #[error("{options} both name {}: each needs a file of its own", path.display())]
    OneFile {
        /// The two options.
        options: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// `--shard auto` outside of an array.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// `--shard I/N` and another `--shards`.
    #[error("--shards {count} and --shard {}/{} do not agree; --shards is for --shard auto", shard.index(), shard.count())]
    Counts {
        /// The shard.
        shard: Shard,
        /// The other count.
        count: NonZeroU32,
    },
    /// A list of tasks that the array does not have.
    #[error("--array: {0}")]
    Tasks(#[from] TasksError),
    /// An array that Slurm does not take.
    #[error(transparent)]
    Array(#[from] ArrayTooLarge),
    /// `--shards-per-task` for a scheduler without a limit.
    #[error(
        "--shards-per-task is for Slurm, which limits the size of an array: {engine} takes any number of shards; leave it out"
    )]
    ShardsPerTask {
        /// The scheduler.
        engine: &'static str,
    },
    /// A folder to merge that has no runs.
    #[error("{}: there is nothing to merge: no shard has begun, and no other folder was named", .0.display())]
    NothingToMerge(PathBuf),
    /// A folder that a merge was given.
    #[error(
        "{}: there are no stored runs: expected an experiment's folder, with runs/ in it, or the folder that holds {name}/",
        folder.display()
    )]
    NoRuns {
        /// The folder.
        folder: PathBuf,
        /// The experiment's folder in an `--out`.
        name: String,
    },
    /// A path that cannot be written into a script.
    #[error("{}: a script needs a path in UTF-8", .0.display())]
    NotText(PathBuf),
    /// The script of `submit --run`.
    #[error("{engine}: the script that hands in the shards ended with {ended}; `vgrun submit` without --run prints it")]
    Submit {
        /// The engine's name.
        engine: &'static str,
        /// How it ended.
        ended: String,
    },
    /// `--name` with a character that a folder should not have.
    #[error("--name {0:?}: a folder's name is made of at most 100 of a-z, 0-9, _ and -")]
    Name(String),
    /// A word that no page of the guide has.
    #[error("no line of the guide contains {0:?}; vgrun guide lists its pages")]
    NotInGuide(String),
}

impl CliError {
    /// Returns the message for the terminal.
    pub(crate) fn text(&self) -> String {
        match self {
            // Diagnostics are rendered with their snippets, and in colour where that is possible.
            Self::Load(LoadError::Config(diagnostics)) => render(diagnostics, colour()).trim_end().to_owned(),
            other => format!("error: {other}"),
        }
    }

    /// Whether the reader of a pipe went away, which is how `| head` ends and no error.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let kind = match self {
            Self::Output(error) => error.kind(),
            Self::Csv(error) => match error.kind() {
                csv::ErrorKind::Io(error) => error.kind(),
                _ => return false,
            },
            _ => return false,
        };
        kind == io::ErrorKind::BrokenPipe
    }
}
