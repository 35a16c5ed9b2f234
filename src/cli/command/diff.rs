//! `vgrun diff`: two results folders, cell by cell with intervals over the seeds, or two baselines, number by number.

use crate::cli::arguments::RESULTS;
use clap::Args;
use std::path::Path;
use std::path::PathBuf;

use crate::check::{Allowed, AxisValue, Baseline, CellPair, CellPairs, Comparison, Runs, changed_settings, changes};
use crate::plan::Plan;
use crate::store::{Manifest, Store};

use crate::cli::session::difference_report::DifferenceReport;
use crate::cli::session::error::CliError;
use crate::cli::session::judged::of_the_old_form;
use crate::cli::session::nearby::results_near;
use crate::cli::session::stored::stored_plan;
use crate::cli::terminal::exit::Exit;
use crate::cli::terminal::print::{note, out};
use crate::cli::view::differences::{csv, text};
use crate::cli::view::sweep_changes;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// A baseline's file or a results folder
    pub(crate) a: PathBuf,
    /// Another
    pub(crate) b: PathBuf,
    /// Print every cell of two results folders, and the differences of their layers
    #[arg(long, conflicts_with = "csv")]
    pub(crate) all: bool,
    /// Print one CSV row per difference
    #[arg(long)]
    pub(crate) csv: bool,
    /// Write a page with both profiles of two results folders; only the picture where FILE ends in .svg
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    pub(crate) report: Option<PathBuf>,
}

pub(crate) fn run(arguments: &DiffArguments) -> Result<Exit, CliError> {
    let paths = [&arguments.a, &arguments.b].map(PathBuf::as_path);
    if !arguments.csv && paths.iter().all(|path| path.is_dir()) {
        return sweeps(paths, arguments);
    }
    if let Some(file) = paths.into_iter().find(|path| path.is_file()) {
        for (option, is_given) in [("--all", arguments.all), ("--report", arguments.report.is_some())] {
            if is_given {
                return Err(CliError::OnlyFolders { option, path: file.into() });
            }
        }
    }
    let [old, new] = paths.map(numbers);
    let (old, new) = (old?, new?);
    let Some(old) = old.with_axes(&new.axes) else {
        let axes = |b: &Baseline| if b.axes.is_empty() { "none".into() } else { b.axes.join(", ") };
        return Err(CliError::OtherAxes { a: axes(&old), b: axes(&new) });
    };
    note_versions("numerics", &old.numerics, &new.numerics);
    let comparison = Comparison::of(&old, &new, |_| Allowed::Decades(0.0));
    if arguments.csv {
        csv(&comparison, &old, &new)?;
    } else {
        out(text(&comparison, &old, &new).trim_end())?;
    }
    Ok(Exit::Fine)
}

/// Compares two results folders.
fn sweeps(paths: [&Path; 2], arguments: &DiffArguments) -> Result<Exit, CliError> {
    let report = arguments.report.as_deref().map(|path| DifferenceReport::at(path, paths)).transpose()?;
    let [old, new] = paths.map(Swept::read);
    let (old, new) = (old?, new?);
    note_versions("numerics", &old.manifest.numerics, &new.manifest.numerics);
    note_versions("vgrun", &old.manifest.vgrun, &new.manifest.vgrun);
    let names = paths.map(|path| path.display().to_string());
    let names = [names[0].as_str(), &names[1]];
    let settings = sweep_changes::settings(&changed_settings(&old.plan, &new.plan), names);
    let pairs = CellPairs::of(&old.plan, &new.plan).map_err(|nothing| {
        let [a, b] = paths.map(Path::to_path_buf);
        CliError::NothingAgrees { why: sweep_changes::nothing(&nothing), a, b }
    })?;
    let changes = changes((&old.plan, &old.runs), (&new.plan, &new.runs), &pairs);
    let cells = sweep_changes::cells(&changes, &pairs, names, arguments.all);
    let mut text = [settings, sweep_changes::compared(&pairs, names), cells].concat();
    if arguments.all {
        let (old, new) = (old.layers(&pairs, |pair| pair.old), new.layers(&pairs, |pair| pair.new));
        let comparison = Comparison::of(&old, &new, |_| Allowed::Decades(0.0));
        text += "\nlayers, the largest difference first:\n";
        text += &self::text(&comparison, &old, &new);
    }
    out(text.trim_end())?;
    if let Some(report) = report {
        report.write([(&old.plan, &old.store), (&new.plan, &new.store)], &pairs, &text)?;
        out(&format!("wrote {}", report.path().display()))?;
    }
    Ok(Exit::Fine)
}

fn note_versions<T: PartialEq + std::fmt::Display + ?Sized>(of: &str, old: &T, new: &T) {
    if old != new {
        note(&format!("note: {of} versions {old} and {new}"));
    }
}

/// What a results folder holds.
struct Swept {
    plan: Plan,
    manifest: Manifest,
    store: Store,
    runs: Runs,
}

impl Swept {
    /// Reads a folder, whose stored plan tells what its runs are.
    fn read(path: &Path) -> Result<Self, CliError> {
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
        Ok(Self { plan, manifest, store, runs })
    }

    /// Returns the numbers of the compared cells, which both sides name alike.
    fn layers(&self, pairs: &CellPairs, number: impl Fn(&CellPair) -> usize) -> Baseline {
        let axes = pairs.axes.iter().map(|(_, name)| name.clone()).collect();
        let values = |pair: &CellPair| pair.values.iter().map(|value| AxisValue(value.to_string())).collect();
        self.runs.baseline_of(&self.plan, axes, pairs.pairs.iter().map(|pair| (number(pair), values(pair))))
    }
}

/// Reads the numbers of a baseline's file, or of a results folder.
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
    let swept = Swept::read(path)?;
    let baseline = swept.runs.baseline(&swept.plan);
    Ok(Baseline { numerics: swept.manifest.numerics, ..baseline })
}
