//! `vgrun diff`: two baselines, or two results folders, in decades.

use crate::cli::arguments::RESULTS;
use clap::Args;
use std::path::Path;
use std::path::PathBuf;

use crate::check::{Allowed, Baseline, Comparison, Runs};
use crate::store::Store;

use crate::cli::session::error::CliError;
use crate::cli::session::judged::of_the_old_form;
use crate::cli::session::nearby::results_near;
use crate::cli::session::stored::stored_plan;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::differences::{csv, text};

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// A baseline's file or a results folder
    pub(crate) a: PathBuf,
    /// Another
    pub(crate) b: PathBuf,
    /// Print one CSV row per difference
    #[arg(long)]
    pub(crate) csv: bool,
}

pub(crate) fn run(arguments: &DiffArguments) -> Result<Exit, CliError> {
    let [old, new] = [&arguments.a, &arguments.b].map(|path| numbers(path));
    let (old, new) = (old?, new?);
    let Some(old) = old.with_axes(&new.axes) else {
        let axes = |b: &Baseline| if b.axes.is_empty() { "none".into() } else { b.axes.join(", ") };
        return Err(CliError::OtherAxes { a: axes(&old), b: axes(&new) });
    };
    if old.numerics != new.numerics {
        note(&format!("note: numerics versions {} and {}", old.numerics, new.numerics));
    }
    let comparison = Comparison::of(&old, &new, |_| Allowed::Decades(0.0));
    if arguments.csv {
        csv(&comparison, &old, &new)?;
    } else {
        out(text(&comparison, &old, &new).trim_end())?;
    }
    Ok(Exit::Fine)
}

/// Reads the numbers of a baseline's file, or of a results folder, whose stored plan tells what its runs are.
fn numbers(path: &Path) -> Result<Baseline, CliError> {
    if !path.exists() {
        return Err(CliError::NotThere { path: path.into(), near: results_near(path, Path::new(RESULTS)) });
    }
    if !path.is_dir() {
        let baseline = Baseline::read(path)?;
        if baseline.is_of_the_old_form() {
            note(&of_the_old_form(path));
        }
        return Ok(baseline);
    }
    let (plan, manifest) = stored_plan(path)?;
    let store = Store::open(path, &plan)?;
    let mut runs = Runs::new(&plan);
    for run in plan.runs() {
        if let Some(record) = store.read_run(&plan, run)? {
            runs.add(&plan, run, &record);
        }
    }
    if runs.missing() == plan.len() {
        store.notices().iter().for_each(|notice| note(&format!("note: {notice}")));
        return Err(CliError::NoneStored(path.into()));
    }
    if runs.missing() > 0 {
        note(&format!("note: {}: {} of {} runs are missing", path.display(), runs.missing(), plan.len()));
    }
    let mut baseline = runs.baseline(&plan);
    baseline.numerics = manifest.numerics;
    Ok(baseline)
}
