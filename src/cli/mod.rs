//! The command line: from the arguments to a command and its exit code.
//!
//! | room | what lives there | may use |
//! |---|---|---|
//! | `terminal` | the two streams, numbers and tables as a person reads them, exit codes; the only place that prints | - |
//! | `view` | what results, cells, checks and shards look like as text and JSON | terminal |
//! | `limits` | what the machine allows, and the refusal of runs that would take more | terminal, view |
//! | `arguments` | the arguments that several commands have | terminal, limits |
//! | `session` | what several commands do: load a plan, train it, read what is stored; progress, signals; `CliError` | all above |
//! | `command` | a file for each command, with its own arguments and its `run` | all above |

use std::ffi::OsString;
use std::process::ExitCode;
use std::thread;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser};

use crate::config::closest;
use crate::kernels::Tier;
use crate::sweep::WORKER_NAME;

mod arguments;
mod command;
mod limits;
mod session;
mod terminal;
mod view;

use command::Command;
use session::error::CliError;
use session::signals::survive_the_file_limit;
use terminal::exit::Exit;
use terminal::print::{colour, colour_out, is_order, note, note_coloured, one_line, out_coloured};
use terminal::version::version;

/// Batch experiments on vanishing and exploding gradients: a TOML grid of networks in, the gradient norms of every
/// layer out, as CSV.
#[derive(Debug, Parser)]
#[command(name = "vgrun", version, long_version = version(), arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:\n  vgrun init\n  vgrun sweep depth.toml\n  vgrun guide\n\n\
                  Exit codes: 0 fine; 1 a check failed; 2 a usage, config or I/O error; 3 some runs failed or are missing; \
                  75 stopped by SIGUSR1, resumable; 130 interrupted, resumable.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

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
    command.run(Arguments::command())
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

#[cfg(test)]
mod tests;
