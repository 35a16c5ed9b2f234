//! The plan that a results folder keeps beside its runs, so that it can be read without the config, also elsewhere.

use std::path::{Path, PathBuf};

use crate::config::Source;
use crate::plan::{LoadError, Plan, plan};
use crate::store::Manifest;

use super::args::{Experiment, RESULTS};
use super::error::CliError;
use super::nearby::results_near;
use super::plan::short_hash;
use super::print::note;
use super::start::load;

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

/// The plan of a results folder, and the folder: that of a config, or one that is named by itself, as of another machine.
pub(super) fn of_experiment(experiment: &Experiment) -> Result<(Plan, PathBuf), CliError> {
    let path = &experiment.config.path;
    if path.is_dir() {
        for (option, is_given) in [
            ("--set", !experiment.config.sets.is_empty()),
            ("--name", experiment.name.is_some()),
            ("--out", experiment.out != Path::new(RESULTS)),
        ] {
            if is_given {
                return Err(CliError::OfConfig { option, folder: path.clone() });
            }
        }
        return Ok((stored_plan(path)?.0, path.clone()));
    }
    if !path.exists()
        && let Some(near) = results_near(path, &experiment.out)
    {
        return Err(CliError::NotThere { path: path.clone(), near: Some(near) });
    }
    let plan = load(experiment, false)?;
    let folder = experiment.folder(&plan.experiment().name, &short_hash(&plan));
    let data = path.parent().unwrap_or(Path::new(""));
    let (stored, _) = plan_in(&folder, data)?;
    if stored.hash() != plan.hash() {
        note(&format!(
            "note: {} has other runs than were swept: this shows what is in {}; vgrun sweep {} trains the others",
            path.display(),
            folder.display(),
            path.display()
        ));
    }
    Ok((stored, folder))
}
