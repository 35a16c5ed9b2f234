//! summary.csv and the terminal's cells, written as soon as the last run of a cell has come.

use std::collections::{HashMap, VecDeque};

use super::axes::SweptAxes;
use super::headline::Headline;
use super::stored_run::{RunEnd, SeenRun, read};
use super::table_files::TableFiles;
use crate::analysis::{CellBuilder, CellSummary, Predictor, SpeedBuilder, SpeedFinding};
use crate::plan::{Cells, Plan};
use crate::spec::Shown;
use crate::store::{Store, StoreError};

/// More cells than this are not kept for the terminal, which could not show them.
const MOST_SHOWN_CELLS: usize = 20_000;

/// The most runs whose headlines are remembered, in some 0.4 MB. For a cell whose runs lie farther apart, their records are
/// read again.
pub(super) const MOST_RECENT: usize = 1024;

/// Takes the runs of a plan in order, and writes the rows of their cells.
pub(super) struct CellRows<'a> {
    store: &'a Store,
    plan: &'a Plan,
    axes: &'a SweptAxes,
    cells: Cells,
    /// The next cell to be written: all before it are.
    next: usize,
    /// The headlines of the last runs; none for a run without a record.
    recent: VecDeque<Option<Headline>>,
    /// The most headlines that are remembered.
    most_recent: usize,
    /// The number of runs that have come.
    end: usize,
    /// Cells that are to be shown, of which some run came and that are not written yet.
    open: HashMap<usize, (CellBuilder, SpeedBuilder)>,
    /// The cells over their seeds, with the values of the axes other than the seed; none where there are too many.
    pub(super) shown: Option<Vec<(Vec<Shown>, CellSummary)>>,
    /// Findings about how fast layers learn, by the position of the shown cells of which there is something to say.
    pub(super) speeds: Vec<(usize, SpeedFinding)>,
    predictor: Predictor,
}

impl<'a> CellRows<'a> {
    pub(super) fn new(store: &'a Store, plan: &'a Plan, axes: &'a SweptAxes, most_recent: usize) -> Self {
        let cells = plan.cells();
        let shown = (cells.len() <= MOST_SHOWN_CELLS).then(Vec::new);
        let (recent, open, predictor) = (VecDeque::new(), HashMap::new(), Predictor::default());
        let speeds = Vec::new();
        Self { store, plan, axes, cells, next: 0, recent, most_recent, end: 0, open, shown, speeds, predictor }
    }

    /// Takes the next run, and writes the cells that are complete with it.
    pub(super) fn add(
        &mut self,
        run: usize,
        seen: Option<&SeenRun>,
        tables: &mut TableFiles,
    ) -> Result<(), StoreError> {
        assert_eq!(run, self.end, "runs come in order");
        self.end += 1;
        if self.recent.len() == self.most_recent {
            self.recent.pop_front();
        }
        self.recent.push_back(seen.map(|seen| seen.headline));
        if self.shown.is_some() {
            let (cell, speed) = self.open.entry(self.cells.of(run)).or_default();
            match seen {
                Some(SeenRun { end: RunEnd::Ended(summary, outcome), .. }) => {
                    cell.add(summary, outcome);
                    speed.add(summary);
                }
                Some(SeenRun { end: RunEnd::Failed(_), .. }) | None => cell.add_without_result(),
            }
        }
        while self.next < self.cells.len() && self.cells.runs(self.next).next_back().is_none_or(|last| last <= run) {
            self.write(tables)?;
            self.next += 1;
        }
        Ok(())
    }

    fn write(&mut self, tables: &mut TableFiles) -> Result<(), StoreError> {
        let first = self.cells.runs(self.next).next().expect("a cell has a run");
        let (spec, cells) = self.plan.spec_and_cells(first);
        let mut headlines = Vec::new();
        for run in self.cells.runs(self.next) {
            let first_recent = self.end - self.recent.len();
            let headline = match run.checked_sub(first_recent) {
                Some(at) => self.recent[at],
                None => {
                    read(self.store, self.plan, run, &mut self.predictor)?.map(|stored| stored.headline(self.plan, run))
                }
            };
            headlines.extend(headline);
        }
        if !headlines.is_empty() {
            tables.cell(&cells, spec.train.precision, &headlines)?;
        }
        if let Some(shown) = &mut self.shown {
            let values = self.plan.axis_values(first);
            let (cell, speed) = self.open.remove(&self.next).unwrap_or_default();
            self.speeds.extend(speed.finding().map(|finding| (shown.len(), finding)));
            shown.push((self.axes.of_cell(&values).cloned().collect(), cell.cell(&spec.model)));
        }
        Ok(())
    }
}
