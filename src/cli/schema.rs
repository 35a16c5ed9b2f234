//! `vgrun schema`: the JSON Schema of a config, for editors.

use serde_json::Value;

use crate::config::schema as of_config;

use super::error::CliError;
use super::exit::Exit;
use super::print::out;

pub(super) fn schema() -> Result<Exit, CliError> {
    out(&text(&of_config()))?;
    Ok(Exit::Fine)
}

/// A schema as a file of its own holds it, without the last line's end.
pub(super) fn text(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).expect("a JSON value always serializes")
}
