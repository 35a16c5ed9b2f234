//! `vgrun completions`: what a shell needs to complete vgrun's commands, options and names.

use clap::CommandFactory as _;
use clap_complete::generate;

use super::args::{Arguments, CompletionsArguments};
use super::error::CliError;
use super::exit::Exit;
use super::print::out;

pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, CliError> {
    // The generator would panic where nobody reads any more, so it writes to memory.
    let mut script = Vec::new();
    generate(arguments.shell, &mut Arguments::command(), "vgrun", &mut script);
    out(String::from_utf8(script).expect("scripts are UTF-8").trim_end())?;
    Ok(Exit::Fine)
}
