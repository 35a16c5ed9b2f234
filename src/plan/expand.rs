//! Every point once: dropped, in conflict, folded into an earlier run, or a run of its own.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::clash::Clashes;
use super::columns::{AxisColumn, columns};
use super::exclude::{Matcher, is_dropped};
use super::few_examples::few_examples;
use super::files::BadFiles;
use super::first_points::FirstPoints;
use super::grid::Grid;
use super::ids::RunIds;
use super::index::in_parts;
use super::knobs::Variation;
use super::tables::empty_tables;
use super::unused::unused_keys;
use super::{Counts, Plan};
use crate::config::{Axis, Diagnostic, Experiment, Include, has_errors, sort_by_place};
use crate::data::Catalog;
use crate::nn::ModelKind;
use crate::spec::{Draft, KeySet, RunId, RunSpec, grouped};

impl Plan {
    /// Expands what a config says; every reason why that cannot be run is reported. Of an experiment with doubtful keys
    /// only such errors are reported as these keys cannot have caused.
    pub fn expand(experiment: Experiment) -> Result<Self, Vec<Diagnostic>> {
        let catalog = Catalog::new(experiment.source.folder());
        Self::expand_with(experiment, catalog)
    }

    /// The same with what is known of the data files.
    pub fn expand_with(experiment: Experiment, catalog: Catalog) -> Result<Self, Vec<Diagnostic>> {
        if let Some(too_large) = too_large(&experiment) {
            return Err(vec![too_large]);
        }
        let grids = grids(&experiment);
        let columns = columns(&swept_keys(&grids));
        let walk = Walk::over(&experiment, &grids, &columns, catalog)?;
        let mut diagnostics = walk.impossible(&experiment, &grids);
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

/// A grid of so many points is worth the memory that threads take.
const MANY: u64 = 1 << 16;

/// Points that are made together, of a grid of many and of another.
const TOGETHER: [u16; 2] = [1 << 10, 1 << 4];

/// So many of them are worth a thread of their own.
const POINTS_OF_A_THREAD: usize = 1 << 8;

/// A point with what it alone decides.
struct Made {
    /// The keys that were named for it.
    named: KeySet,
    /// As it was asked for.
    point: RunSpec,
    /// The run that it describes, and the keys that this run uses; not yet right where files are to be looked into.
    run: (RunSpec, KeySet),
    /// The run's id.
    id: RunId,
}

impl Made {
    /// These points of a grid in their order, made on all cores where they are many: hashing takes most of the time.
    fn all(grid: &Grid, numbers: Range<u64>) -> Vec<Self> {
        let make = |i| {
            let draft = grid.draft(i);
            let (named, point) = (draft.named(), draft.point());
            let run = Draft::run(&point);
            // Of files, only those who have looked into them can tell.
            let id = if point.data.source.has_files() { RunId(0) } else { run.0.id() };
            Self { named, point, run, id }
        };
        let part = |part: Range<usize>| part.map(|i| make(numbers.start + i as u64)).collect::<Vec<_>>();
        let count = usize::try_from(numbers.end - numbers.start).expect("few are made together");
        in_parts(0..count, POINTS_OF_A_THREAD, part).into_iter().flatten().collect()
    }
}

/// Every point once.
struct Walk<'a> {
    rules: Vec<Matcher<'a>>,
    clashes: Clashes<'a>,
    catalog: Catalog,
    bad_files: BadFiles,
    /// The keys that each grid's points use.
    used: Vec<KeySet>,
    runs: Runs,
    variation: Variation,
    counts: Counts,
}

impl<'a> Walk<'a> {
    fn over(
        experiment: &'a Experiment,
        grids: &'a [Grid],
        columns: &[AxisColumn],
        catalog: Catalog,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut walk = Self {
            rules: experiment.excludes.iter().map(Matcher::new).collect(),
            clashes: Clashes::new(grids),
            catalog,
            bad_files: BadFiles::default(),
            used: vec![KeySet::default(); grids.len()],
            runs: Runs::with_room(grids),
            variation: Variation::of(columns),
            counts: Counts { points: grids[0].len(), ..Counts::default() },
        };
        // No overflow: the plan's size is at most max_runs, which has 32 bits.
        let mut number: u32 = 0;
        for (g, grid) in grids.iter().enumerate() {
            let most = TOGETHER[usize::from(grid.len() < MANY)];
            for first in (0..grid.len()).step_by(most.into()) {
                let together = first..grid.len().min(first + u64::from(most));
                for (i, made) in together.clone().zip(Made::all(grid, together)) {
                    if let Some((first, spec)) = walk.visit(number, g, made, i)
                        && run_of(grids, &walk.catalog, first) != spec
                    {
                        return Err(vec![collision(experiment, &spec)]);
                    }
                    number += 1;
                }
            }
        }
        Ok(walk)
    }

    /// Point `number` over all grids, which is number `i` of grid `g`. If it describes a run again, that run and the
    /// number of its first point.
    fn visit(&mut self, number: u32, g: usize, made: Made, i: u64) -> Option<(u32, RunSpec)> {
        let Made { named, mut point, run: (mut spec, mut used), mut id } = made;
        if g == 0 && is_dropped(&mut self.rules, &point) {
            self.counts.excluded += 1;
            return None;
        }
        self.counts.included += u64::from(g > 0);
        let looked = self.catalog.look(&mut point.data);
        if point.data.source.has_files() {
            // Only now is known what is in the files.
            (spec, used) = Draft::run(&point);
            id = spec.id();
        }
        self.used[g] = self.used[g].union(used);
        let clashes = self.clashes.note(g, i, named, &point);
        if let Err(error) = looked {
            self.bad_files.note(g, i, error);
            return None;
        }
        if clashes {
            return None;
        }
        let Some(first) = self.runs.add(number, id, &spec) else {
            self.variation.note(&point);
            return None;
        };
        self.counts.folded += 1;
        Some((first, spec))
    }

    /// Why some points have no run.
    fn impossible(&self, experiment: &Experiment, grids: &[Grid]) -> Vec<Diagnostic> {
        let mut errors = self.clashes.diagnostics(experiment, grids, self.counts);
        errors.extend(self.bad_files.diagnostics(experiment, grids));
        errors.extend(nothing_left(experiment, self.counts));
        errors
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

/// The runs so far.
#[derive(Debug)]
struct Runs {
    points: FirstPoints,
    ids: Vec<u64>,
    /// The kinds of their nets, each once.
    kinds: Vec<ModelKind>,
    first: HashMap<u64, u32>,
}

/// Runs that room is made for at once, where there may be as many.
const MOST_ROOM: u64 = 1 << 20;

impl Runs {
    /// With room for the points of the grids: what grows in steps leaves holes behind it.
    fn with_room(grids: &[Grid]) -> Self {
        let points = grids.iter().map(Grid::len).sum::<u64>().min(MOST_ROOM);
        let points = usize::try_from(points).expect("a million");
        let (ids, first) = (Vec::with_capacity(points), HashMap::with_capacity(points));
        Self { points: FirstPoints::with_room(points), ids, kinds: Vec::new(), first }
    }

    /// The number of the first point with this run, if it is known.
    fn add(&mut self, point: u32, RunId(id): RunId, spec: &RunSpec) -> Option<u32> {
        match self.first.entry(id) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(point);
                self.points.push(point);
                self.ids.push(id);
                if !self.kinds.contains(&spec.model.kind) {
                    self.kinds.push(spec.model.kind);
                }
                None
            }
        }
    }
}

/// The run of a point by its number over all grids.
fn run_of(grids: &[Grid], catalog: &Catalog, number: u32) -> RunSpec {
    let mut point = Grid::draft_of(grids, number.into()).point();
    catalog.complete(&mut point.data);
    Draft::run(&point).0
}

fn collision(experiment: &Experiment, spec: &RunSpec) -> Diagnostic {
    let message = format!("two different runs have the id {}: a coincidence of the hash", spec.id());
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
