//! `vgrun completions`: what a shell needs to complete vgrun's commands, options and names.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::out;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: Shell,
}

pub(crate) fn run(arguments: &CompletionsArguments, mut whole: Command) -> Result<Exit, CliError> {
    // The generator would panic where nobody reads any more, so it writes to memory.
    let mut script = Vec::new();
    generate(arguments.shell, &mut whole, "vgrun", &mut script);
    out(String::from_utf8(script).expect("scripts are UTF-8").trim_end())?;
    Ok(Exit::Fine)
}
