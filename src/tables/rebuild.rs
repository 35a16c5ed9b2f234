//! The tables as a view of the records. They are rebuilt at the end of every sweep, also of one that was interrupted, as
//! soon as a run of the plan has a record.

use std::collections::BTreeMap;

use super::axes::SweptAxes;
use super::cell_rows::{CellRows, MOST_RECENT};
use super::effects::{EffectsBuilder, MainEffect};
use super::in_order::{ReadAhead, in_order};
use super::package;
use super::rows::RunStatus;
use super::stored_run::{RunEnd, SeenRun};
use super::table_files::TableFiles;
use crate::analysis::{CellSummary, Patient, SpeedFinding, Verdict, cures};
use crate::plan::Plan;
use crate::spec::Shown;
use crate::store::{Store, StoreError};

/// The runs of a plan that a folder holds, in numbers and findings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overview {
    /// Runs that ended with finite losses.
    pub ok: usize,
    /// Runs with a loss that was not finite.
    pub diverged: usize,
    /// Runs that a panic or an I/O error ended, each with its message.
    pub failed: Vec<(usize, String)>,
    /// Runs without a record.
    pub missing: usize,
    /// Runs that learned.
    pub learned: usize,
    /// The number of runs with each verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// The cells over their seeds, with the values of the axes other than the seed, in plan order; none where there
    /// are too many to show.
    pub cells: Option<Vec<(Vec<Shown>, CellSummary)>>,
    /// The cells that are sick or that some seed did not learn, with what cures them.
    pub patients: Vec<Patient>,
    /// Findings about how fast layers learn, by the position of the cells of which there is something to say.
    pub speeds: Vec<(usize, SpeedFinding)>,
    /// The change of each axis but the seed that does the most to the gradients before training, in the axes' order; none
    /// for an axis in which alone no two runs differ.
    pub effects: Vec<MainEffect>,
}

impl Overview {
    /// Counts the runs that have a result.
    pub fn done(&self) -> usize {
        self.ok + self.diverged
    }

    /// Returns whether no run has a record.
    pub fn is_empty(&self) -> bool {
        self.done() + self.failed.len() == 0
    }

    fn count(&mut self, run: usize, seen: &SeenRun) {
        match &seen.end {
            RunEnd::Ended(summary, outcome) => {
                match RunStatus::of(outcome) {
                    RunStatus::Ok => self.ok += 1,
                    RunStatus::Diverged => self.diverged += 1,
                    RunStatus::Failed => unreachable!("a failed run has no outcome"),
                }
                *self.verdicts.entry(summary.verdict).or_default() += 1;
                self.learned += usize::from(summary.learned);
            }
            RunEnd::Failed(message) => self.failed.push((run, message.clone())),
        }
    }
}

/// Writes the plan's tables, and what describes them, from the store's records. Holds a few records at a time. Where no run
/// has a record, no table is written: tables that are there may be of an earlier plan, and are worth more than empty ones.
pub fn rebuild(store: &Store, plan: &Plan) -> Result<Overview, StoreError> {
    if plan.runs().all(|run| store.ending_of(plan, run).is_none()) {
        return Ok(Overview { missing: plan.len(), cells: Some(Vec::new()), ..Overview::default() });
    }
    rebuild_with(store, plan, ReadAhead::of(store, plan), MOST_RECENT)
}

/// Does what [`rebuild`] does, with some way of reading and with so many headlines remembered; neither changes a byte.
fn rebuild_with(store: &Store, plan: &Plan, how: ReadAhead, most_recent: usize) -> Result<Overview, StoreError> {
    let axes = SweptAxes::new(plan.columns());
    let mut tables = TableFiles::create(store.folder(), &plan.tables(), axes.clone())?;
    let mut overview = Overview::default();
    let mut effects = EffectsBuilder::new(plan, &axes);
    let mut cells = CellRows::new(store, plan, &axes, most_recent);
    in_order(store, plan, how, &mut tables, &mut |run, seen, tables| {
        match &seen {
            None => {
                overview.missing += 1;
                effects.add(plan, run, &plan.axis_cells(run), None);
            }
            Some(seen) => {
                overview.count(run, seen);
                effects.add(plan, run, &seen.axes, seen.summary());
            }
        }
        cells.add(run, seen.as_ref(), tables)
    })?;
    let shown = cells.shown.take();
    overview.speeds = std::mem::take(&mut cells.speeds);
    drop(cells);
    overview.effects = effects.write(plan.columns(), &mut tables)?;
    drop(effects);
    tables.finish()?;
    package::write(store.folder(), plan, &axes)?;
    overview.patients = cures(shown.as_deref().unwrap_or_default(), &plan.axes_of_cells());
    overview.cells = shown;
    Ok(overview)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::config::Source;
    use crate::store::Writer;
    use crate::store::fixtures::{failed, trace};
    use crate::trace::Record;
    use std::fs;
    use tempfile::TempDir;

    /// Cells whose runs lie far apart, as the seed varies slowest; each third run failed, each seventh is missing.
    fn stored() -> (TempDir, Plan, Store) {
        let text = "name = \"t\"\n[run]\nmodel.depth = 1\n[grid]\nseed = { from = 0, count = 15 }\n\
                    model.activation = [\"relu\", \"tanh\", \"gelu\"]\n";
        let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, _) = Writer::create(folder.path(), "main", &plan).unwrap();
        for run in plan.runs().filter(|run| run % 7 != 3) {
            let record = if run % 3 == 2 { failed("x") } else { Record::Done(trace(1.0 / (run + 1) as f64)) };
            writer.append(plan.id(run), &record).unwrap();
        }
        let store = writer.finish().unwrap();
        (folder, plan, store)
    }

    fn tables(folder: &TempDir) -> Vec<(String, String)> {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "csv"));
        let mut tables: Vec<_> =
            files.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect();
        tables.sort();
        tables
    }

    #[test]
    fn neither_threads_nor_what_is_remembered_changes_a_byte() {
        let (folder, plan, store) = stored();
        let alone = ReadAhead { threads: 0, together: 1 };
        let overview = rebuild_with(&store, &plan, alone, MOST_RECENT).unwrap();
        let expected = tables(&folder);
        assert_eq!((expected.len(), overview.missing, overview.failed.len()), (6, 6, 13));
        for (threads, together) in [(1, 1), (2, 1), (3, 7), (4, 100), (8, 5)] {
            for recent in [1, 4, 1000] {
                let again = rebuild_with(&store, &plan, ReadAhead { threads, together }, recent).unwrap();
                assert_eq!(format!("{again:?}"), format!("{overview:?}"));
                assert_eq!(tables(&folder), expected, "{threads} threads, {together} together, {recent} remembered");
            }
        }
    }

    #[test]
    fn a_damaged_record_ends_all_threads() {
        let (folder, plan, store) = stored();
        let segment = folder.path().join("runs/000001.seg");
        let mut bytes = fs::read(&segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&segment, bytes).unwrap();
        for threads in [0, 1, 3] {
            let error = rebuild_with(&store, &plan, ReadAhead { threads, together: 2 }, MOST_RECENT).unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
        }
        assert_eq!(tables(&folder), [], "no table is replaced");
    }

    /// Tries what the docs of the effects say, with 20,000 runs.
    #[test]
    fn the_effects_take_few_bytes_a_run_until_the_tables_are_written() {
        let text = "name = \"t\"\n[run]\nmodel.depth = 1\n[grid]\nmodel.activation = [\"relu\", \"tanh\"]\n\
                    train.learning_rate = { from = 0.1, to = 0.2, count = 1000 }\nseed = { from = 0, count = 10 }\n";
        let plan = crate::plan::plan(&Source::new("t.toml", text), &[]).unwrap();
        let axes = SweptAxes::new(plan.columns());
        let summary = crate::analysis::Summary::of(&trace(0.5));
        let mut kept = None;
        let taken = allocation_counter::measure(|| {
            let mut effects = EffectsBuilder::new(&plan, &axes);
            plan.runs().for_each(|run| effects.add(&plan, run, &plan.axis_cells(run), Some(&summary)));
            kept = Some(effects);
        });
        // 24, and what 1,002 values of axes take.
        let bytes = taken.bytes_max as f64 / plan.len() as f64;
        assert!((24.0..30.0).contains(&bytes), "{bytes} bytes a run");
    }
}
