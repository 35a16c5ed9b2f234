//! `vgrun completions`: what a shell needs to complete vgrun's commands, options and names.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::generate;

use super::args::{Arguments, CompletionsArguments};
use super::error::CliError;
use super::exit::Exit;

pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, CliError> {
    // The generator would panic where nobody reads any more, so it writes to memory.
    let mut script = Vec::new();
    generate(arguments.shell, &mut Arguments::command(), "vgrun", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Exit::Fine)
}
