//! An experiment -> a plan, or every reason why it is none.

use std::sync::{Arc, OnceLock};

use super::few_examples::few_examples;
use super::runs::Runs;
use super::unused::unused_keys;
use super::walk::Walk;
use crate::config::{Axis, Diagnostic, Experiment, Include, has_errors, sort_by_place};
use crate::data::Catalog;
use crate::plan::describe::empty_tables;
use crate::plan::grid::{Grid, columns};
use crate::plan::index::{Counts, Plan, RunIds};
use crate::spec::{KeySet, RunId, grouped};

impl Plan {
    /// Expands what a config says; every reason why that cannot be run is reported. If keys of the
    /// experiment are doubtful, only such errors are reported as these keys cannot have caused.
    pub fn expand(experiment: Experiment) -> Result<Self, Vec<Diagnostic>> {
        let catalog = Catalog::new(experiment.source.folder());
        Self::expand_with(experiment, catalog)
    }

    /// Expands as [`Plan::expand`] does, with what is known of the data files.
    pub fn expand_with(experiment: Experiment, catalog: Catalog) -> Result<Self, Vec<Diagnostic>> {
        if let Some(too_large) = too_large(&experiment) {
            return Err(vec![too_large]);
        }
        let grids = grids(&experiment);
        let columns = columns(&swept_keys(&grids));
        let walk = Walk::over(&experiment, &grids, &columns, catalog).map_err(|id| vec![collision(&experiment, id)])?;
        let mut diagnostics = impossible(&walk, &experiment, &grids);
        let every_point_has_a_run = !has_errors(&diagnostics);
        if every_point_has_a_run {
            diagnostics.extend(unused_keys(&experiment, &grids, &walk.used));
            diagnostics.extend(empty_tables(&experiment, &walk.runs.kinds, walk.variation.found));
        }
        if experiment.doubtful.is_empty() {
            diagnostics.extend(walk.rules.iter().filter_map(|rule| rule.idle(&experiment)));
        }
        let used = walk.used.iter().fold(KeySet::default(), |all, set| all.union(*set));
        let Walk { runs: Runs { points, ids, kinds, first }, counts, catalog, variation, .. } = walk;
        // The largest thing there is, and needed no more.
        drop(first);
        let varies = variation.found;
        let ids = Arc::new(RunIds::new(ids));
        let (warnings, hash) = (Vec::new(), OnceLock::new());
        let mut plan =
            Self { experiment, grids, catalog, columns, points, ids, counts, kinds, varies, used, warnings, hash };
        if every_point_has_a_run && plan.experiment.doubtful.is_empty() {
            diagnostics.extend(plan.unanswered());
        }
        if !has_errors(&diagnostics) {
            diagnostics.extend(few_examples(&plan.experiment, &plan.grids, &plan.catalog));
        }
        sort_by_place(&mut diagnostics, &plan.experiment.sets);
        if has_errors(&diagnostics) {
            return Err(diagnostics);
        }
        plan.warnings = diagnostics;
        Ok(plan)
    }
}

/// The grid, then each include. Where there are includes and no axis, the includes are all there is: a config that lists
/// its runs one by one does not mean `[run]` as one more.
fn grids(experiment: &Experiment) -> Vec<Grid> {
    let lists_its_runs = experiment.axes.is_empty() && !experiment.includes.is_empty();
    let grid = if lists_its_runs { Grid::empty() } else { Grid::new(&experiment.base, &experiment.axes) };
    let include = |include: &Include| Grid::new(&experiment.base, &include.axes);
    Grid::in_a_row(std::iter::once(grid).chain(experiment.includes.iter().map(include)))
}

/// The refusal of a plan that is larger than `max_runs`, before any point is made.
fn too_large(experiment: &Experiment) -> Option<Diagnostic> {
    let size = |axes: &[Axis]| axes.iter().fold(1_u128, |size, axis| size.saturating_mul(axis.len().into()));
    let grid = size(&experiment.axes);
    let includes = experiment.includes.iter().fold(0_u128, |sum, include| sum.saturating_add(size(&include.axes)));
    let points = grid.saturating_add(includes);
    if points <= experiment.max_runs.into() {
        return None;
    }
    let message = format!("the plan has {} points, more than max_runs = {}", grouped(points), experiment.max_runs);
    let mut error = Diagnostic::error(message);
    for axis in experiment.axes.iter().chain(experiment.includes.iter().flat_map(|include| &include.axes)) {
        if axis.len() > 1 {
            error = error.at(&axis.place, format!("{} values", grouped(axis.len().into())));
        }
    }
    let sizes: Vec<String> = experiment.axes.iter().map(|axis| grouped(axis.len().into())).collect();
    if sizes.len() > 1 {
        error = error.help(format!("{} = {}", sizes.join(" x "), grouped(grid)));
    }
    Some(error.help("take fewer values, or raise max_runs at the top of the file"))
}

fn collision(experiment: &Experiment, id: RunId) -> Diagnostic {
    let message = format!("two different runs have the id {id}: a coincidence of the hash");
    Diagnostic::error(message).in_source(&experiment.source).help("change any value of one of them")
}

fn nothing_left(experiment: &Experiment, counts: Counts) -> Option<Diagnostic> {
    let rule = experiment.excludes.first()?;
    let nothing = counts.points == counts.excluded && counts.included == 0 && experiment.doubtful.is_empty();
    nothing.then(|| {
        let points = if counts.points == 1 { "the only point".into() } else { format!("all {} points", counts.points) };
        Diagnostic::error(format!("the rules exclude {points}: nothing is left to run")).at(&rule.place, "")
    })
}

/// The keys that any axis or include moves, each once, in the order of the grid and then of the includes.
fn swept_keys(grids: &[Grid]) -> Vec<usize> {
    let mut keys: Vec<usize> = Vec::new();
    for (key, _) in grids.iter().flat_map(Grid::swept) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Why some points have no run.
fn impossible(walk: &Walk<'_>, experiment: &Experiment, grids: &[Grid]) -> Vec<Diagnostic> {
    let mut errors = walk.clashes.diagnostics(experiment, grids, walk.counts);
    errors.extend(walk.bad_files.diagnostics(experiment, grids));
    errors.extend(nothing_left(experiment, walk.counts));
    errors
}
