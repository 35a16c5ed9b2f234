//! The plan that a results folder keeps beside its runs, so that it can be read without the config and its data files,
//! also elsewhere.

use std::path::{Path, PathBuf};

use crate::config::{self, Source};
use crate::data::Catalog;
use crate::plan::{LoadError, Plan, plan, plan_with};
use crate::store::Manifest;

use crate::cli::arguments::{Experiment, RESULTS};
use crate::cli::session::error::CliError;
use crate::cli::session::load::load;
use crate::cli::session::nearby::results_near;
use crate::cli::terminal::print::note;

/// Reads the plan of a results folder, and how it was swept. Nothing but the folder is read, unless an older vgrun
/// wrote it, which did not keep what was in the data files: these are then looked for from the current folder on.
pub(crate) fn stored_plan(folder: &Path) -> Result<(Plan, Manifest), CliError> {
    plan_in(folder, Path::new(""))
}

/// Reads the plan of a results folder; `data` is what paths of data files are relative to, where they have to be looked
/// at.
fn plan_in(folder: &Path, data: &Path) -> Result<(Plan, Manifest), CliError> {
    let manifest = Manifest::read(folder)?.ok_or_else(|| CliError::NoResults(folder.into()))?;
    let name = folder.join("manifest.json").display().to_string();
    let source = Source::in_folder(data, name, manifest.config.clone());
    if manifest.lacks_data() {
        return match plan(&source, &manifest.overrides) {
            // Ids hold the contents: with other data than those of the runs, this would be another plan.
            Ok(plan) if plan.hash() == manifest.plan => Ok((plan, manifest)),
            Ok(_) | Err(_) => Err(CliError::OlderFolder(folder.into())),
        };
    }
    let catalog = Catalog::closed(&manifest.data);
    Ok((plan_with(&source, &manifest.overrides, catalog).map_err(LoadError::Config)?, manifest))
}

/// Reads the plan of a results folder, and returns the folder: that of a config, or one that is named by itself, as of
/// another machine.
pub(crate) fn of_experiment(experiment: &Experiment) -> Result<(Plan, PathBuf), CliError> {
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
    let (plan, folder) = load(experiment, false).map_err(|error| or_by_folder(error, experiment))?;
    must_have_the_data(experiment, &plan, &folder)?;
    let (stored, _) = plan_in(&folder, data_folder(experiment))?;
    if stored.hash() != plan.hash() {
        note(&format!(
            "note: {} has other runs than were swept: this shows what is in {}; vgrun sweep {} trains the others",
            path.display(),
            folder.display(),
            experiment.line()
        ));
    }
    Ok((stored, folder))
}

/// Refuses a config whose data files have changed since the runs in its results folder were trained.
pub(crate) fn must_have_the_data(experiment: &Experiment, plan: &Plan, folder: &Path) -> Result<(), CliError> {
    // Without a manifest nothing is known of a folder, or there is none; one that is damaged is shown by who needs it.
    let (folder, manifest) = match Manifest::read(folder) {
        Ok(Some(manifest)) => (folder.to_path_buf(), manifest),
        Ok(None) => match with_other_data(experiment, plan) {
            Some(found) => found,
            None => return Ok(()),
        },
        Err(_) => return Ok(()),
    };
    for known in plan.known_files() {
        let (now, stored) = (known.short_content(), manifest.contents_for(&known));
        if !stored.is_empty() && !stored.contains(&now) {
            let name = known.files.path.as_deref().unwrap_or_default();
            return Err(CliError::OtherData {
                file: data_folder(experiment).join(name),
                now,
                folder,
                stored: stored.join(" or "),
                words: experiment.line(),
            });
        }
    }
    Ok(())
}

/// Finds the folder of the same config and the same `--set`s that was swept with other data: its name ends with the
/// hash of that plan, and not of this one.
fn with_other_data(experiment: &Experiment, plan: &Plan) -> Option<(PathBuf, Manifest)> {
    if experiment.name.is_some() || experiment.config.sets.is_empty() {
        return None;
    }
    let (name, source) = (format!("{}-", plan.experiment().name), plan.experiment().source.text());
    let beside = std::fs::read_dir(&experiment.out).ok()?.flatten();
    let folders =
        beside.filter(|entry| entry.file_name().to_string_lossy().starts_with(&name)).map(|entry| entry.path());
    let manifests = folders.filter_map(|folder| Some((Manifest::read(&folder).ok()??, folder)));
    let mut same =
        manifests.filter(|(manifest, _)| manifest.config == source && manifest.overrides == experiment.config.sets);
    same.next().map(|(manifest, folder)| (folder, manifest))
}

/// Returns what a config's paths are relative to.
fn data_folder(experiment: &Experiment) -> &Path {
    experiment.config.path.parent().unwrap_or(Path::new(""))
}

/// Returns the error. Where the config is right but cannot be planned, as without its data file, the error also advises
/// to give the results folder instead, if there is one.
fn or_by_folder(error: CliError, experiment: &Experiment) -> CliError {
    let CliError::Load(LoadError::Config(mut diagnostics)) = error else { return error };
    let path = &experiment.config.path;
    if let Ok(source) = config::read(path)
        && let (parsed, errors) = config::parse(&source, &experiment.config.sets)
        && !config::has_errors(&errors)
        // With --set, the folder's name tells the plan's hash, which is not known.
        && (experiment.name.is_some() || experiment.config.sets.is_empty())
        && let folder = experiment.folder(&parsed.name, "")
        && folder.join("manifest.json").exists()
        && let Some(last) = diagnostics.last_mut()
    {
        let (folder, config) = (folder.display(), path.display());
        last.help.push(format!("what is stored needs no data file: give {folder} instead of {config}"));
    }
    CliError::Load(LoadError::Config(diagnostics))
}
