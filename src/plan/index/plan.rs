//! The plan itself. It takes 12 bytes for each run, and 4 more from the first point on that is not a run of its own;
//! everything else is computed from a run's number.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::ids::RunIds;
use crate::config::{Diagnostic, Experiment};
use crate::data::{Catalog, Found, KnownFiles};
use crate::nn::ModelKind;
use crate::plan::cost::{Cost, Memory, cost, memory};
use crate::plan::grid::{AxisColumn, FirstPoints, Grid};
use crate::spec::{Draft, KEYS, KeySet, RunId, RunSpec, Shown, key_index};

/// Which runs an experiment has, in order.
#[derive(Debug)]
pub struct Plan {
    pub(in crate::plan) experiment: Experiment,
    /// The grid, then each include.
    pub(in crate::plan) grids: Vec<Grid>,
    pub(in crate::plan) catalog: Catalog,
    pub(in crate::plan) columns: Vec<AxisColumn>,
    /// The number of each run's first point over all grids.
    pub(in crate::plan) points: FirstPoints,
    pub(in crate::plan) ids: Arc<RunIds>,
    pub(in crate::plan) counts: Counts,
    /// The kinds of nets that some run trains.
    pub(in crate::plan) kinds: Vec<ModelKind>,
    /// Whether two runs differ in a swept key other than the seed.
    pub(in crate::plan) varies: bool,
    /// Keys that some run uses.
    pub(in crate::plan) used: KeySet,
    pub(in crate::plan) warnings: Vec<Diagnostic>,
    /// The hash, once it was asked for.
    pub(in crate::plan) hash: OnceLock<String>,
}

/// How the points of a config became runs: runs = points - excluded + included - folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The product of all axes.
    pub points: u64,
    /// Points of the product that a rule dropped.
    pub excluded: u64,
    /// Points that includes added.
    pub included: u64,
    /// Points that describe the run of an earlier point.
    pub folded: u64,
}

impl Plan {
    /// The number of runs.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// False: a plan without runs is an error of its config.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The runs' numbers, in plan order.
    pub fn runs(&self) -> Range<usize> {
        0..self.len()
    }

    /// What the config says.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The run that `[run]` alone describes: what every point of the grid begins as.
    pub fn base(&self) -> RunSpec {
        self.experiment.base.clone().point()
    }

    /// What was found in the data files that points name, in no particular order.
    pub fn files(&self) -> impl Iterator<Item = &Found> {
        self.catalog.found()
    }

    /// What was found in the data files, in the form that results folders keep, sorted by the files' names.
    pub fn known_files(&self) -> Vec<KnownFiles> {
        self.catalog.known()
    }

    /// How the points became runs.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// What is worth a look before the runs begin.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The keys that some run uses.
    pub fn used(&self) -> KeySet {
        self.used
    }

    /// Run number `run`, resolved: what is trained.
    pub fn spec(&self, run: usize) -> RunSpec {
        Draft::run(&self.point(run)).0
    }

    /// Run number `run` as its first point asked for it: what axis columns show, and what rules match.
    pub fn point(&self, run: usize) -> RunSpec {
        self.point_number(self.points.of(run))
    }

    /// The id of run number `run`.
    pub fn id(&self, run: usize) -> RunId {
        self.ids.id(run)
    }

    /// The run with an id, if the plan has it.
    pub fn find(&self, id: RunId) -> Option<usize> {
        self.ids.find(id)
    }

    /// The ids of all runs.
    pub(crate) fn ids(&self) -> &Arc<RunIds> {
        &self.ids
    }

    /// The number of points: the grid's, then the includes'; excluded and folded ones too.
    pub fn points(&self) -> u64 {
        self.grids.iter().map(Grid::len).sum()
    }

    /// Point number `point` as it was asked for.
    ///
    /// # Panics
    /// If `point` is not below [`Plan::points`].
    pub fn point_number(&self, point: u64) -> RunSpec {
        let mut point = self.draft(point).point();
        self.catalog.complete(&mut point.data);
        point
    }

    /// The run that stands for a point, its own or that of a twin; none where a rule dropped it and no other asked for
    /// the same run.
    pub fn run_of(&self, point: &RunSpec) -> Option<usize> {
        self.find(Draft::run(point).0.id())
    }

    /// The swept keys, in the order of the tables' columns.
    pub fn columns(&self) -> &[AxisColumn] {
        &self.columns
    }

    /// The values of the swept keys in run number `run`, one for each column.
    pub fn axis_values(&self, run: usize) -> Vec<Shown> {
        let point = self.point(run);
        self.columns.iter().map(|column| (KEYS[column.key].show)(&point)).collect()
    }

    /// The values of the swept keys as the tables' axis columns hold them: see [`crate::spec::Key::cell`].
    pub fn axis_cells(&self, run: usize) -> Vec<Shown> {
        self.cells_of_point(&self.point(run))
    }

    /// [`Plan::spec`] and [`Plan::axis_cells`] in one go.
    pub fn spec_and_cells(&self, run: usize) -> (RunSpec, Vec<Shown>) {
        let point = self.point(run);
        (Draft::run(&point).0, self.cells_of_point(&point))
    }

    fn cells_of_point(&self, point: &RunSpec) -> Vec<Shown> {
        self.columns.iter().map(|column| (KEYS[column.key].cell)(point)).collect()
    }

    /// What run number `run` costs.
    pub fn cost(&self, run: usize) -> Cost {
        cost(&self.spec(run))
    }

    /// What memory run number `run` takes.
    pub fn memory(&self, run: usize) -> Memory {
        memory(&self.spec(run))
    }

    /// What runs share that differ in nothing but their seed: the id of the run with seed 0, and with the data of seed 0
    /// where the data follow the seed.
    pub fn cell(&self, run: usize) -> RunId {
        self.cell_of(self.draft(self.points.of(run)))
    }

    /// The cell of a point, whether or not the plan has its run.
    pub(in crate::plan) fn cell_of(&self, draft: Draft) -> RunId {
        let data_seed = index_of("data.seed");
        let follows = !draft.named().contains(data_seed);
        let mut point = draft.point();
        point.seed = 0;
        if follows {
            (KEYS[data_seed].reset)(&mut point);
        }
        self.catalog.complete(&mut point.data);
        Draft::run(&point).0.id()
    }

    fn draft(&self, point: u64) -> Draft {
        Grid::draft_of(&self.grids, point)
    }
}

fn index_of(name: &str) -> usize {
    key_index(name).expect("a key of the table")
}
