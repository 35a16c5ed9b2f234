//! From the arguments to a command and its exit code.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};

use crate::config::{closest, render};
use crate::kernels::Tier;
use crate::plan::{self, Plan};
use crate::spec::Text;
use crate::sweep::WORKER_NAME;

use super::args::{Arguments, Command, Config, Experiment};
use super::error::CliError;
use super::exit::Exit;
use super::print::{colour, colour_out, is_order, note, note_coloured, one_line, out_coloured};
use super::signals::survive_the_file_limit;
use super::{
    accept, check, completions, diff, export, guide, init, list, man, merge, plan as plan_command, report, schema,
    status, submit, sweep as sweep_command, theory as theory_command,
};

/// Runs the command that the arguments name. Prints; never panics for a user's mistake.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(bad) = with_orders(&arguments) {
        let bad = one_line(&bad.to_string_lossy()).into_owned();
        note(&format!("error: \"{bad}\": an argument, such as a file's name, may not hold control characters"));
        return Exit::Error.into();
    }
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return refused(error).into(),
    };
    keep_worker_panics_quiet();
    match run(&arguments.command) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_pipe() => Exit::Fine.into(),
        Err(error) => {
            note_coloured(&error.text());
            Exit::Error.into()
        }
    }
}

fn run(command: &Command) -> Result<Exit, CliError> {
    survive_the_file_limit()?;
    // Before any number is computed: later the kernels could only panic.
    Tier::from_environment()?;
    match command {
        Command::Sweep(arguments) => sweep_command::sweep(arguments),
        Command::Plan(arguments) => plan_command::plan(arguments),
        Command::Theory(arguments) => theory_command::theory(arguments),
        Command::Accept(arguments) => accept::accept(arguments),
        Command::Diff(arguments) => diff::diff(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Report(arguments) => report::report(arguments),
        Command::Merge(arguments) => merge::merge(arguments),
        Command::Status(arguments) => status::status(arguments),
        Command::Submit(arguments) => submit::submit(arguments),
        Command::List(arguments) => list::list(arguments),
        Command::Init(arguments) => init::init(arguments),
        Command::Schema => schema::schema(),
        Command::Export(arguments) => export::export(arguments),
        Command::Guide(arguments) => guide::guide(arguments),
        Command::Completions(arguments) => completions::completions(arguments),
        Command::Man => man::man(),
    }
}

/// The first argument that would be more than a word where a message or a log shows it: a file's name with a line break in
/// it could pass for a line of ours. A value of TOML may have several lines.
fn with_orders(arguments: &[OsString]) -> Option<&OsString> {
    let is_set = |i: usize| i > 0 && arguments[i - 1] == "--set";
    let mut all = arguments.iter().enumerate();
    let found = all.find(|(i, argument)| {
        let text = argument.to_string_lossy();
        text.contains(is_order) && !is_set(*i) && !text.starts_with("--set=")
    });
    found.map(|(_, argument)| argument)
}

/// `--help` and `--version` are answers; anything else is a usage error.
fn refused(error: clap::Error) -> Exit {
    let error = with_suggestion(error);
    let (text, is_coloured) = (error.render(), if error.use_stderr() { colour() } else { colour_out() });
    let text = if is_coloured { text.ansi().to_string() } else { text.to_string() };
    if error.use_stderr() {
        note_coloured(text.trim_end());
    } else if let Err(error) = out_coloured(text.trim_end()) {
        note(&CliError::Output(error).text());
        return Exit::Error;
    }
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Fine,
        _ => Exit::Error,
    }
}

/// Names the command that was meant where only its letters' size is wrong, which clap takes for another word.
fn with_suggestion(mut error: clap::Error) -> clap::Error {
    if let (Some(ContextValue::String(given)), None) =
        (error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    {
        let commands = Arguments::command();
        let meant = closest(given, commands.get_subcommands().map(clap::Command::get_name)).map(str::to_owned);
        let suggested = meant.map(|meant| ContextValue::Strings(vec![meant]));
        suggested.and_then(|suggested| error.insert(ContextKind::SuggestedSubcommand, suggested));
    }
    error
}

/// A panic in a worker is its run's result and is shown with the others; elsewhere it is a bug and is shown at once.
fn keep_worker_panics_quiet() {
    let show = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !thread::current().name().is_some_and(|name| name.starts_with(WORKER_NAME)) {
            show(panic);
        }
    }));
}

/// The plan of an experiment; its warnings are shown unless they are not wanted.
pub(super) fn load(experiment: &Experiment, quiet: bool) -> Result<Plan, CliError> {
    if let Some(name) = experiment.name.as_ref().filter(|name| !Text::Slug.accepts(name)) {
        return Err(CliError::Name(name.clone()));
    }
    load_config(&experiment.config, quiet)
}

/// The plan of a config; its warnings are shown unless they are not wanted.
pub(super) fn load_config(config: &Config, quiet: bool) -> Result<Plan, CliError> {
    let plan = plan::load(&config.path, &config.sets)?;
    if !quiet && !plan.warnings().is_empty() {
        note_coloured(render(plan.warnings(), colour()).trim_end());
    }
    Ok(plan)
}

/// The cores this process may use: affinity, control groups, and what Slurm gave to the task.
pub(super) fn available_jobs() -> NonZeroUsize {
    let here = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let slurm = std::env::var("SLURM_CPUS_PER_TASK").ok().and_then(|cpus| cpus.parse().ok());
    slurm.map_or(here, |slurm: NonZeroUsize| slurm.min(here))
}
