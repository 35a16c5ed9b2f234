//! The tables as a view of the records: rebuilt at the end of every sweep, also of one that was interrupted.

use std::collections::BTreeMap;

use super::cell_rows::CellRows;
use super::effects::EffectsBuilder;
use super::stored::in_order;
use super::{Axes, MainEffect, RunStatus, Store, StoreError, Tables, package};
use crate::analysis::{Cell, Sick, Summary, Verdict, cures};
use crate::plan::Plan;
use crate::spec::Shown;
use crate::trace::Record;

/// What a folder holds of a plan.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// Runs that ended with finite losses.
    pub ok: usize,
    /// Runs with a loss that was not finite.
    pub diverged: usize,
    /// Runs that a panic or an I/O error ended, with why.
    pub failed: Vec<(usize, String)>,
    /// Runs without a record.
    pub missing: usize,
    /// Runs that learned.
    pub learned: usize,
    /// How many runs have each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// The cells over their seeds, with the values of the axes other than the seed, in plan order; none where there
    /// are too many to show.
    pub cells: Option<Vec<(Vec<Shown>, Cell)>>,
    /// The sick ones of the cells, with what cures them.
    pub sick: Vec<Sick>,
    /// Of each axis but the seed the change that does the most to the gradients before training, in the axes' order; none
    /// of an axis in which alone no two runs differ.
    pub effects: Vec<MainEffect>,
}

impl Overview {
    /// Runs that have a result.
    pub fn done(&self) -> usize {
        self.ok + self.diverged
    }

    fn count(&mut self, run: usize, record: &Record, summary: Option<&Summary>) {
        match record {
            Record::Done(trace) => match RunStatus::of(trace) {
                RunStatus::Ok => self.ok += 1,
                RunStatus::Diverged => self.diverged += 1,
                RunStatus::Failed => unreachable!("a failed run has no trace"),
            },
            Record::Failed(message) => self.failed.push((run, message.clone())),
        }
        if let Some(summary) = summary {
            *self.verdicts.entry(summary.verdict).or_default() += 1;
            self.learned += usize::from(summary.learned);
        }
    }
}

/// Writes the plan's tables, and what describes them, from the store's records. Holds a few records at a time.
pub fn rebuild(store: &Store, plan: &Plan) -> Result<Overview, StoreError> {
    let axes = Axes::new(plan.columns());
    let mut tables = Tables::create(store.folder(), &plan.tables(), axes.clone())?;
    let mut overview = Overview::default();
    let mut effects = EffectsBuilder::new(plan, &axes);
    let mut cells = CellRows::new(store, plan, &axes);
    in_order(store, plan, &mut |run, stored| {
        match &stored {
            None => {
                overview.missing += 1;
                effects.add(plan, run, &plan.axis_cells(run), None);
            }
            Some(stored) => {
                overview.count(run, &stored.record, stored.summary());
                tables.run(&stored.row(plan, run))?;
                effects.add(plan, run, &stored.axes, stored.summary());
            }
        }
        cells.add(run, stored.as_ref(), &mut tables)
    })?;
    overview.effects = effects.write(plan.columns(), &mut tables)?;
    drop(effects);
    let shown = cells.shown;
    tables.finish()?;
    package::write(store.folder(), plan, &axes)?;
    overview.sick = cures(shown.as_deref().unwrap_or_default(), &plan.knobs_of_cells());
    overview.cells = shown;
    Ok(overview)
}
