//! `vgrun schema`: the JSON Schema of a config, for editors.

use serde_json::Value;

use crate::config::schema as of_config;

use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::out;

pub(crate) fn run() -> Result<Exit, CliError> {
    out(&text(&of_config()))?;
    Ok(Exit::Fine)
}

/// A schema as a file of its own holds it, without the last line's end.
pub(crate) fn text(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).expect("a JSON value always serializes")
}
