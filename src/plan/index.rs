//! The plan itself: 12 bytes for each run, and 4 more from the first point on that is
//! not a run of its own; everything else computed from a run's number.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::thread;

use super::columns::AxisColumn;
use super::cost::{Cost, cost};
use super::first_points::FirstPoints;
use super::grid::Grid;
use super::ids::RunIds;
use super::memory::{Memory, memory};
use crate::config::{Diagnostic, Experiment};
use crate::data::{Catalog, Found, KnownFiles};
use crate::nn::ModelKind;
use crate::spec::{Draft, KEYS, KeySet, RunId, RunSpec, Shown, key_index};

/// So many runs are worth a thread of their own.
const RUNS_OF_A_THREAD: usize = 8192;

/// Runs of which something is made on all cores before it is put together.
const RUNS_TOGETHER: usize = 1 << 16;

/// More threads than this have to wait for the memory.
const MOST_THREADS: usize = 8;

/// Which runs an experiment has, in order.
#[derive(Debug)]
pub struct Plan {
    pub(super) experiment: Experiment,
    /// The grid, then each include.
    pub(super) grids: Vec<Grid>,
    pub(super) catalog: Catalog,
    pub(super) columns: Vec<AxisColumn>,
    /// Of each run, the number of its first point over all grids.
    pub(super) points: FirstPoints,
    pub(super) ids: Arc<RunIds>,
    pub(super) counts: Counts,
    /// The kinds of nets that some run trains.
    pub(super) kinds: Vec<ModelKind>,
    /// Whether two runs differ in a swept key other than the seed.
    pub(super) varies: bool,
    /// Keys that some run uses.
    pub(super) used: KeySet,
    pub(super) warnings: Vec<Diagnostic>,
    /// Once it was asked for.
    pub(super) hash: OnceLock<String>,
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

    /// Never: a plan without runs is an error of its config.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Something of every run, in plan order; on all cores where there are many runs.
    pub(super) fn of_each<T: Send>(&self, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
        // Some at a time, as what the threads have made is copied.
        let mut all = Vec::with_capacity(self.len());
        for first in self.runs().step_by(RUNS_TOGETHER) {
            let runs = first..self.len().min(first + RUNS_TOGETHER);
            let parts = in_parts(runs, RUNS_OF_A_THREAD, |part| part.map(&of).collect::<Vec<T>>());
            parts.into_iter().for_each(|part| all.extend(part));
        }
        all
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

    /// The same in the form that results folders keep, sorted by the files' names.
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

    /// The same values as the tables' axis columns hold them: see [`crate::spec::Key::cell`].
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

    /// All runs, the longest first: a long run that begins last would leave all other cores idle. Of equals those that
    /// share their data one after the other, so that data sets need not be made again; then in plan order.
    pub fn order(&self) -> Vec<usize> {
        self.order_of(&self.runs().collect::<Vec<_>>(), |_| true)
    }

    /// The same of those of some runs that are wanted; asks on all cores.
    pub fn order_of(&self, some: &[usize], is_wanted: impl Fn(usize) -> bool + Sync) -> Vec<usize> {
        let cost_and_data = |run: usize| {
            let spec = self.spec(run);
            let seconds = cost(&spec).seconds;
            (seconds, RunSpec { data: spec.data, ..RunSpec::default() }.id(), run)
        };
        let mut order: Vec<(f64, RunId, usize)> = Vec::with_capacity(some.len());
        for some in some.chunks(RUNS_TOGETHER) {
            let of_part = |part: Range<usize>| {
                let wanted = some[part].iter().filter(|run| is_wanted(**run));
                wanted.map(|&run| cost_and_data(run)).collect::<Vec<_>>()
            };
            in_parts(0..some.len(), RUNS_OF_A_THREAD, of_part).into_iter().for_each(|part| order.extend(part));
        }
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut runs: Vec<usize> = order.into_iter().map(|(_, _, run)| run).collect();
        // Collected in place, it has room for three times as many.
        runs.shrink_to_fit();
        runs
    }

    /// What runs share that differ in nothing but their seed: the id of the run with seed 0, and with the data of seed 0
    /// where the data follow the seed.
    pub fn cell(&self, run: usize) -> RunId {
        self.cell_of(self.draft(self.points.of(run)))
    }

    /// The same of a point, whether or not the plan has its run.
    pub(super) fn cell_of(&self, draft: Draft) -> RunId {
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

    /// 16 hex digits over the runs' ids in order, the columns, and what they show: plans with the same hash give the same
    /// tables.
    pub fn hash(&self) -> String {
        self.hash.get_or_init(|| self.hash_anew()).clone()
    }

    fn hash_anew(&self) -> String {
        let mut hash = blake3::Hasher::new();
        let mut line = String::new();
        for column in &self.columns {
            writeln!(line, "{}", column.name).expect("a String takes all text");
        }
        hash.update(line.as_bytes());
        let lines = |runs: Range<usize>| {
            let mut lines = String::new();
            for run in runs {
                write!(lines, "{}", self.id(run)).expect("a String takes all text");
                for value in self.axis_values(run) {
                    write!(lines, ",{value}").expect("a String takes all text");
                }
                lines.push('\n');
            }
            lines
        };
        for first in self.runs().step_by(RUNS_TOGETHER) {
            for lines in in_parts(first..self.len().min(first + RUNS_TOGETHER), RUNS_OF_A_THREAD, lines) {
                hash.update(lines.as_bytes());
            }
        }
        hash.finalize().to_hex().as_str()[..16].to_string()
    }

    fn draft(&self, point: u64) -> Draft {
        Grid::draft_of(&self.grids, point)
    }
}

/// Something of each of a few parts of `runs`, in order: of as many as there are cores, if each is of `enough` runs.
pub(super) fn in_parts<T: Send>(runs: Range<usize>, enough: usize, of: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let threads = (runs.len() / enough).clamp(1, cores);
    if threads == 1 {
        return vec![of(runs)];
    }
    let (each, end, of) = (runs.len().div_ceil(threads), runs.end, &of);
    thread::scope(|scope| {
        let part = |first: usize| scope.spawn(move || of(first..end.min(first + each)));
        let parts: Vec<_> = runs.step_by(each).map(part).collect();
        parts.into_iter().map(|part| part.join().expect("what is said of a run does not panic")).collect()
    })
}

fn index_of(name: &str) -> usize {
    key_index(name).expect("a key of the table")
}

#[cfg(test)]
mod tests {
    use crate::config::Source;

    /// More runs than are put together at once.
    #[test]
    fn of_many_runs_what_is_said_of_each_stands_in_order() {
        let text = "name = \"t\"\n[run]\nmodel.width = 4\n[grid]\nmodel.depth = [2, 3]\n\
                    train.learning_rate = { from = 0.1, to = 0.2, count = 17500 }\nseed = [0, 1]\n";
        let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).expect("a valid config");
        let seconds = plan.of_each(|run| plan.cost(run).seconds);
        assert_eq!((plan.len(), seconds.len()), (70_000, 70_000));
        assert!((0..70_000).step_by(501).all(|run| seconds[run].to_bits() == plan.cost(run).seconds.to_bits()));
        let order = plan.order();
        assert!(order.is_sorted_by(|&a, &b| seconds[a] > seconds[b] || seconds[a].to_bits() == seconds[b].to_bits()));
        let mut all = order.clone();
        all.sort_unstable();
        assert!(all.into_iter().eq(plan.runs()));
        let some: Vec<usize> = plan.runs().rev().collect();
        let third = |run: usize| run % 3 == 1;
        assert_eq!(plan.order_of(&some, third), order.into_iter().filter(|&run| third(run)).collect::<Vec<_>>());
    }
}
