//! The tables as a view of the records: rebuilt at the end of every sweep, also of one that was interrupted.

use std::collections::BTreeMap;

use super::effects::EffectsBuilder;
use super::{Axes, Headline, MainEffect, Measured, RunStatus, Store, StoreError, TableRun, Tables, package};
use crate::analysis::{Cell, CellBuilder, Prediction, Predictor, Sick, Summary, Verdict, cures};
use crate::plan::Plan;
use crate::spec::{RunSpec, Shown};
use crate::trace::Record;

/// More cells than this are not kept for the terminal, which could not show them.
const MOST_SHOWN_CELLS: usize = 20_000;

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

/// Writes the plan's tables, and what describes them, from the store's records. Holds one record at a time.
pub fn rebuild(store: &Store, plan: &Plan) -> Result<Overview, StoreError> {
    let axes = Axes::new(plan.columns());
    let mut tables = Tables::create(store.folder(), &plan.tables(), axes.clone())?;
    let (mut overview, mut predictor) = (Overview::default(), Predictor::default());
    let mut effects = EffectsBuilder::new(plan, &axes);
    for run in plan.runs() {
        match read(store, plan, run, &mut predictor)? {
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
    }
    overview.effects = effects.write(plan.columns(), &mut tables)?;
    drop(effects);
    let cells = plan.cells();
    let mut shown = Vec::new();
    let is_shown = cells.len() <= MOST_SHOWN_CELLS;
    for runs in &cells {
        let (mut headlines, mut cell) = (Vec::new(), CellBuilder::default());
        for &run in runs {
            let Some(stored) = read(store, plan, run as usize, &mut predictor)? else { continue };
            headlines.push(Headline::of(&stored.row(plan, run as usize)));
            if let (Record::Done(trace), Some((summary, _))) = (stored.record, stored.said) {
                cell.add(&summary, &trace.outcome);
            }
        }
        let values = plan.axis_values(runs[0] as usize);
        if !headlines.is_empty() {
            tables.cell(&plan.axis_cells(runs[0] as usize), plan.spec(runs[0] as usize).train.precision, &headlines)?;
        }
        if is_shown {
            shown.push((axes.of_cell(&values).cloned().collect(), cell.cell(&plan.spec(runs[0] as usize).model)));
        }
    }
    tables.finish()?;
    package::write(store.folder(), plan, &axes)?;
    overview.sick = cures(&shown, &plan.knobs_of_cells());
    overview.cells = is_shown.then_some(shown);
    Ok(overview)
}

/// A record with what analysis says of it.
struct Stored {
    record: Record,
    said: Option<(Summary, Prediction)>,
    axes: Vec<Shown>,
    spec: RunSpec,
}

fn read(store: &Store, plan: &Plan, run: usize, predictor: &mut Predictor) -> Result<Option<Stored>, StoreError> {
    let Some(record) = store.read(plan.id(run))? else { return Ok(None) };
    let spec = plan.spec(run);
    let said = match &record {
        Record::Done(trace) => Some((Summary::of(trace), predictor.predict(&spec, trace.inputs))),
        Record::Failed(_) => None,
    };
    Ok(Some(Stored { record, said, axes: plan.axis_cells(run), spec }))
}

impl Stored {
    /// Of a run that ended by itself.
    fn summary(&self) -> Option<&Summary> {
        self.said.as_ref().map(|(summary, _)| summary)
    }

    fn row(&self, plan: &Plan, run: usize) -> TableRun<'_> {
        let measured = match (&self.record, &self.said) {
            (Record::Done(trace), Some((summary, prediction))) => Measured::Done(trace, summary, prediction),
            (Record::Done(_), None) | (Record::Failed(_), _) => Measured::Failed,
        };
        let spec = &self.spec;
        TableRun {
            run,
            id: plan.id(run),
            axes: &self.axes,
            precision: spec.train.precision,
            target: spec.data.target(),
            test_examples: spec.data.test_examples(),
            measured,
        }
    }
}
