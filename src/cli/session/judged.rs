//! The runs and the baseline that `check`, `accept` and `diff` judge.

use std::path::{Path, PathBuf};

use crate::check::{Foreign, Known, Runs, read_foreign};
use crate::plan::Plan;
use crate::store::Store;

use crate::cli::arguments::Config;
use crate::cli::session::error::CliError;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::number::counted;
use crate::cli::terminal::print::note;

/// The runs that another program's trace tells of, and how much it tells.
pub(crate) fn foreign(plan: &Plan, file: &Path) -> Result<(Runs, Known), CliError> {
    let Foreign { runs, columns, notes } = read_foreign(plan, file)?;
    notes.iter().for_each(|text| note(&format!("note: {text}")));
    Ok((runs, Known::Trace(columns)))
}

/// The baseline's path: what the config says, else beside it.
pub(crate) fn baseline_path(config: &Config, plan: &Plan) -> PathBuf {
    match &plan.experiment().check.baseline {
        Some(path) => config.path.parent().unwrap_or(Path::new("")).join(path),
        None => config.path.with_extension("baseline.csv"),
    }
}

/// What is to be said of a baseline of the old form.
pub(crate) fn of_the_old_form(path: &Path) -> String {
    format!(
        "note: {} is of an old form, which does not count the seeds whose numbers are not finite: it is compared as far as \
         it goes, and where one seed is not finite the others are not seen; vgrun accept writes the new form",
        path.display()
    )
}

/// Reads what an earlier sweep or check left. Trains nothing; a run that is not there is missing.
pub(crate) fn stored(plan: &Plan, folder: &Path) -> Result<(Runs, Exit), CliError> {
    let store = Store::open(folder, plan)?;
    store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
    let mut runs = Runs::new(plan);
    for run in plan.runs() {
        if let Some(record) = store.read_run(plan, run)? {
            runs.add(plan, run, &record);
        }
    }
    let ended = if runs.missing() > 0 {
        let (lacking, all) = (runs.missing(), counted(plan.len(), "run"));
        note(&format!("{lacking} of {all} are not in {}: vgrun sweep trains what is missing", folder.display()));
        Exit::RunsFailed
    } else {
        Exit::Fine
    };
    Ok((runs, ended))
}
