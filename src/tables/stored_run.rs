//! One stored run with what analysis says of its record, and what is left of it once its rows are written.

use super::headline::Headline;
use super::rows::{MeasuredRun, TableRun};
use crate::analysis::{Prediction, Predictor, Summary};
use crate::nn::SiteName;
use crate::plan::Plan;
use crate::spec::{RunSpec, Shown};
use crate::store::{Store, StoreError};
use crate::trace::{Outcome, Record};

/// A record with what analysis says of it.
pub(super) struct StoredRun {
    record: Record,
    said: Option<(Summary, Prediction)>,
    axes: Vec<Shown>,
    spec: RunSpec,
    sites: Vec<SiteName>,
}

/// Reads run number `run`, if it has a record.
pub(super) fn read(
    store: &Store,
    plan: &Plan,
    run: usize,
    predictor: &mut Predictor,
) -> Result<Option<StoredRun>, StoreError> {
    let (spec, axes) = plan.spec_and_cells(run);
    let Some(record) = store.read_of(plan, run, &spec)? else { return Ok(None) };
    let said = match &record {
        Record::Done(trace) => {
            let smaller = || plan.smaller_rates(&spec);
            let summary = Summary::of_run(trace, &spec, smaller, |other| store.read_run(plan, other))?;
            Some((summary, predictor.predict(&spec, trace.inputs)))
        }
        Record::Failed(_) => None,
    };
    let sites = spec.model.sites();
    Ok(Some(StoredRun { record, said, axes, spec, sites }))
}

impl StoredRun {
    /// Returns the numbers that summary.csv takes statistics of.
    pub(super) fn headline(&self, plan: &Plan, run: usize) -> Headline {
        Headline::of(&self.row(plan, run))
    }

    /// Reduces the run to what is needed once its rows are written.
    pub(super) fn seen(self, plan: &Plan, run: usize) -> SeenRun {
        let headline = self.headline(plan, run);
        let end = match (self.record, self.said) {
            (Record::Done(trace), Some((summary, _))) => RunEnd::Ended(Box::new(summary), trace.outcome),
            (Record::Failed(message), _) => RunEnd::Failed(message),
            (Record::Done(_), None) => unreachable!("analysis has seen every run that ended"),
        };
        SeenRun { axes: self.axes, headline, end }
    }

    /// Returns the run as the tables show it.
    pub(super) fn row(&self, plan: &Plan, run: usize) -> TableRun<'_> {
        let measured = match (&self.record, &self.said) {
            (Record::Done(trace), Some((summary, prediction))) => MeasuredRun::Done(trace, summary, prediction),
            (Record::Done(_), None) | (Record::Failed(_), _) => MeasuredRun::Failed,
        };
        let spec = &self.spec;
        TableRun {
            run,
            id: plan.id(run),
            axes: &self.axes,
            precision: spec.train.precision,
            target: spec.data.target(),
            test_examples: spec.data.test_examples(),
            sites: &self.sites,
            measured,
        }
    }
}

/// What is left of a run once its rows are written: all that tables over several runs, and the overview, take of it.
pub(super) struct SeenRun {
    pub(super) axes: Vec<Shown>,
    pub(super) headline: Headline,
    pub(super) end: RunEnd,
}

/// How a run that has a record ended.
pub(super) enum RunEnd {
    /// It ended by itself.
    Ended(Box<Summary>, Outcome),
    /// It failed, with this message.
    Failed(String),
}

impl SeenRun {
    /// Returns the summary of a run that ended by itself.
    pub(super) fn summary(&self) -> Option<&Summary> {
        match &self.end {
            RunEnd::Ended(summary, _) => Some(summary),
            RunEnd::Failed(_) => None,
        }
    }
}
