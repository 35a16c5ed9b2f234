//! The plan that a results folder keeps beside its runs, so that it can be read without the config, also elsewhere.

use std::path::Path;

use crate::config::Source;
use crate::plan::{LoadError, Plan, plan};
use crate::store::Manifest;

use super::error::CliError;

/// The plan of a results folder, and how it was swept; data files that it names are looked for from the current folder on.
pub(super) fn stored_plan(folder: &Path) -> Result<(Plan, Manifest), CliError> {
    plan_in(folder, Path::new(""))
}

/// The same with the folder that paths of data files are relative to.
pub(super) fn plan_in(folder: &Path, data: &Path) -> Result<(Plan, Manifest), CliError> {
    let manifest = Manifest::read(folder)?.ok_or_else(|| CliError::NoResults(folder.into()))?;
    let name = folder.join("manifest.json").display().to_string();
    let source = Source::in_folder(data, name, manifest.config.clone());
    Ok((plan(&source, &manifest.overrides).map_err(LoadError::Config)?, manifest))
}
