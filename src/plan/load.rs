//! Makes a plan of a file, with all errors of both at once.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::index::Plan;
use crate::config::{self, Diagnostic, ReadError, Source, has_errors, sort_by_place};
use crate::data::Catalog;

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Errors of the config and of what it asks for, in the order of the text.
    #[error("{}", config::render(.0, false).trim_end())]
    Config(Vec<Diagnostic>),
}

/// The plan of the config at `path`, with each `KEY=VALUE` of `sets` on top.
pub fn load(path: &Path, sets: &[String]) -> Result<Plan, LoadError> {
    plan(&config::read(path)?, sets).map_err(LoadError::Config)
}

/// The plan of a config's text, with each `KEY=VALUE` of `sets` on top, or every error of the text: where values are
/// wrong, what is right is still expanded, so that clashes are reported with them.
pub fn plan(source: &Arc<Source>, sets: &[String]) -> Result<Plan, Vec<Diagnostic>> {
    plan_with(source, sets, Catalog::new(source.folder()))
}

/// Plans as [`plan`] does, with what is known of the data files, such as a results folder keeps.
pub fn plan_with(source: &Arc<Source>, sets: &[String], catalog: Catalog) -> Result<Plan, Vec<Diagnostic>> {
    let (experiment, mut diagnostics) = config::parse(source, sets);
    if !has_errors(&diagnostics) {
        return Plan::expand_with(experiment, catalog);
    }
    if let Err(more) = Plan::expand_with(experiment, catalog) {
        diagnostics.extend(more);
        sort_by_place(&mut diagnostics, sets);
    }
    Err(diagnostics)
}
