//! The commands, a file for each: its arguments, as clap reads them, and its `run`.

use clap::Subcommand;

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;

mod accept;
mod check;
mod completions;
mod diff;
mod export;
mod figure;
mod guide;
mod init;
mod list;
mod man;
mod merge;
mod plan;
mod report;
mod schema;
mod status;
mod submit;
mod sweep;
mod theory;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a commented starter config into this folder
    #[command(after_help = "Examples:\n  vgrun init\n  vgrun init ci")]
    Init(init::InitArguments),
    /// Expand the grid, train every network, write the tables; run it again to resume
    #[command(
        after_help = "Examples:\n  vgrun sweep configs/depth.toml\n  vgrun sweep configs/depth.toml --set run.train.steps=50 --set 'grid.model.depth=[5,10]' --jobs 4\n  vgrun sweep configs/depth.toml --shard 0/8"
    )]
    Sweep(sweep::arguments::SweepArguments),
    /// Show what would run and what it costs; nothing is trained or written
    #[command(after_help = "Examples:\n  vgrun plan configs/depth.toml\n  vgrun plan configs/depth.toml --list | head")]
    Plan(plan::PlanArguments),
    /// Show what mean-field theory predicts for every run; nothing is trained or written
    #[command(
        after_help = "Examples:\n  vgrun theory configs/depth.toml\n  vgrun theory configs/depth.toml --set 'grid.model.depth=[10,50,100]' --csv"
    )]
    Theory(theory::TheoryArguments),
    /// Train every run afresh and compare it with the expectations and the baseline
    #[command(
        after_help = "Examples:\n  vgrun check configs/ci.toml --junit check.xml --github\n  vgrun check configs/ci.toml --stored\n  vgrun check configs/ci.toml --traces mine.csv"
    )]
    Check(check::CheckArguments),
    /// Write the numbers of the last check or sweep as the new baseline
    #[command(after_help = "Examples:\n  vgrun accept configs/ci.toml\n  vgrun accept configs/ci.toml --yes")]
    Accept(accept::AcceptArguments),
    /// Compare two results folders, with intervals over the seeds, or two baselines
    #[command(
        after_help = "Examples:\n  vgrun diff results/before results/after\n  vgrun diff results/before results/after --all --report both.html\n  vgrun diff old.baseline.csv configs/ci.baseline.csv --csv"
    )]
    Diff(diff::DiffArguments),
    /// Draw figures of what is stored; nothing is trained
    #[command(after_help = "Examples:\n  vgrun report configs/depth.toml\n  vgrun report results/depth --terminal")]
    Report(report::ReportArguments),
    /// Draw one figure as SVG, PDF or PNG, of chosen cells, and write the numbers behind it
    #[command(
        after_help = "Examples:\n  vgrun figure results/depth --list\n  vgrun figure results/depth profile --where depth=20 --size 640x480 -o profile.pdf --data profile.csv"
    )]
    Figure(figure::FigureArguments),
    /// Put the shards of a sweep together: check that every run is there once and whole, and write the tables
    #[command(
        after_help = "Examples:\n  vgrun merge configs/depth.toml\n  vgrun merge configs/depth.toml /scratch/first /scratch/second --partial"
    )]
    Merge(merge::MergeArguments),
    /// Show what is done, missing and failed, shard by shard, and who is writing now
    #[command(after_help = "Examples:\n  vgrun status configs/depth.toml --shards 8")]
    Status(status::StatusArguments),
    /// Print, or hand in, an array job with a task for each shard, and the merge that follows it
    #[command(
        after_help = "Examples:\n  vgrun submit configs/depth.toml --engine slurm --shards 8\n  vgrun submit configs/depth.toml --engine slurm --shards 8 --run -- --time=1:00:00"
    )]
    Submit(submit::SubmitArguments),
    /// The catalogue: what a config can name, and what every column means
    #[command(after_help = "Examples:\n  vgrun list\n  vgrun list inits\n  vgrun list metrics --json")]
    List(list::ListArguments),
    /// Print the JSON Schema of a config, by which editors complete and check it
    #[command(after_help = "Examples:\n  vgrun schema > vgrun.schema.json")]
    Schema,
    /// Write the tables as a spreadsheet reads them
    #[command(after_help = "Examples:\n  vgrun export configs/depth.toml --excel-locale\n  \
                            vgrun export results/depth --excel-locale --to sheets")]
    Export(export::ExportArguments),
    /// Show the documentation: its topics, a page, or the lines that have a word
    #[command(after_help = "Examples:\n  vgrun guide\n  vgrun guide verdict\n  vgrun guide --find decade")]
    Guide(guide::GuideArguments),
    /// Print what a shell needs to complete commands, options and names
    #[command(
        after_help = "Examples:\n  vgrun completions bash > ~/.local/share/bash-completion/completions/vgrun\n  \
                            vgrun completions zsh > ~/.zfunc/_vgrun\n  \
                            vgrun completions fish > ~/.config/fish/completions/vgrun.fish\n\n\
                            A folder that is not there yet is made by mkdir -p."
    )]
    Completions(completions::CompletionsArguments),
    /// Print the manual page
    #[command(after_help = "Examples:\n  vgrun man > ~/.local/share/man/man1/vgrun.1\n\n\
                            A folder that is not there yet is made by mkdir -p.")]
    Man,
}

impl Command {
    /// Runs it. `whole` is the program's own command line, which completions and the manual describe.
    pub(crate) fn run(&self, whole: clap::Command) -> Result<Exit, CliError> {
        match self {
            Self::Init(arguments) => init::run(arguments),
            Self::Sweep(arguments) => sweep::run(arguments),
            Self::Plan(arguments) => plan::run(arguments),
            Self::Theory(arguments) => theory::run(arguments),
            Self::Check(arguments) => check::run(arguments),
            Self::Accept(arguments) => accept::run(arguments),
            Self::Diff(arguments) => diff::run(arguments),
            Self::Report(arguments) => report::run(arguments),
            Self::Figure(arguments) => figure::run(arguments),
            Self::Merge(arguments) => merge::run(arguments),
            Self::Status(arguments) => status::run(arguments),
            Self::Submit(arguments) => submit::run(arguments),
            Self::List(arguments) => list::run(arguments),
            Self::Schema => schema::run(),
            Self::Export(arguments) => export::run(arguments),
            Self::Guide(arguments) => guide::run(arguments),
            Self::Completions(arguments) => completions::run(arguments, whole),
            Self::Man => man::run(whole),
        }
    }
}
