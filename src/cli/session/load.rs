//! Loads an experiment of the command line: its plan and its folder.

use std::path::PathBuf;

use crate::config::render;
use crate::plan::{self, Plan};
use crate::spec::Text;

use crate::cli::arguments::{Config, Experiment};
use crate::cli::session::error::CliError;
use crate::cli::terminal::print::{colour, note_coloured};

/// The plan of an experiment and the folder of its results; the plan's warnings are shown unless they are not wanted.
pub(crate) fn load(experiment: &Experiment, quiet: bool) -> Result<(Plan, PathBuf), CliError> {
    if let Some(name) = experiment.name.as_ref().filter(|name| !Text::Slug.accepts(name)) {
        return Err(CliError::Name(name.clone()));
    }
    let plan = load_config(&experiment.config, quiet)?;
    let folder = experiment.folder_of(&plan);
    Ok((plan, folder))
}

/// The plan of a config; its warnings are shown unless they are not wanted.
pub(crate) fn load_config(config: &Config, quiet: bool) -> Result<Plan, CliError> {
    let plan = plan::load(&config.path, &config.sets)?;
    if !quiet && !plan.warnings().is_empty() {
        note_coloured(render(plan.warnings(), colour()).trim_end());
    }
    Ok(plan)
}
