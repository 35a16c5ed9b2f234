//! A walk over all points: each is dropped, in conflict, folded into an earlier run, or a run of its own.

use std::ops::Range;

use super::bad_files::BadFiles;
use super::clash::Clashes;
use super::runs::Runs;
use super::variation::Variation;
use crate::config::Experiment;
use crate::data::Catalog;
use crate::plan::grid::{AxisColumn, Grid, Matcher, is_dropped};
use crate::plan::index::{Counts, in_parts};
use crate::spec::{Draft, KeySet, RunId, RunSpec};

/// A grid of so many points is worth the memory that threads take.
const MANY: u64 = 1 << 16;

/// Points that are made together, of a grid of many and of another.
const TOGETHER: [u16; 2] = [1 << 10, 1 << 4];

/// Points that are worth a thread of their own.
const POINTS_OF_A_THREAD: usize = 1 << 8;

/// A point with what it alone decides.
struct Made {
    /// The keys that were named for it.
    named: KeySet,
    /// The point as it was asked for.
    point: RunSpec,
    /// The run that it describes, and the keys that this run uses; not yet right where files are to be looked into.
    run: (RunSpec, KeySet),
    /// The run's id.
    id: RunId,
}

impl Made {
    /// Makes these points of a grid in their order, on all cores where they are many: hashing takes most of the time.
    fn all(grid: &Grid, numbers: Range<u64>) -> Vec<Self> {
        let make = |i| {
            let draft = grid.draft(i);
            let (named, point) = (draft.named(), draft.point());
            let run = Draft::run(&point);
            // What a run with files is, is known only after a look into them.
            let id = if point.data.source.has_files() { RunId(0) } else { run.0.id() };
            Self { named, point, run, id }
        };
        let part = |part: Range<usize>| part.map(|i| make(numbers.start + i as u64)).collect::<Vec<_>>();
        let count = usize::try_from(numbers.end - numbers.start).expect("few are made together");
        in_parts(0..count, POINTS_OF_A_THREAD, part).into_iter().flatten().collect()
    }
}

/// What is known of the points so far.
pub(super) struct Walk<'a> {
    pub(super) rules: Vec<Matcher<'a>>,
    pub(super) clashes: Clashes<'a>,
    pub(super) catalog: Catalog,
    pub(super) bad_files: BadFiles,
    /// The keys that each grid's points use.
    pub(super) used: Vec<KeySet>,
    pub(super) runs: Runs,
    pub(super) variation: Variation,
    pub(super) counts: Counts,
}

impl<'a> Walk<'a> {
    /// Visits every point; the error is the id that two different runs have.
    pub(super) fn over(
        experiment: &'a Experiment,
        grids: &'a [Grid],
        columns: &[AxisColumn],
        catalog: Catalog,
    ) -> Result<Self, RunId> {
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
                        return Err(spec.id());
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
}

/// The run of a point by its number over all grids.
fn run_of(grids: &[Grid], catalog: &Catalog, number: u32) -> RunSpec {
    let mut point = Grid::draft_of(grids, number.into()).point();
    catalog.complete(&mut point.data);
    Draft::run(&point).0
}
