//! Makes [`Gathered`] of records, in one pass, cell by cell.

mod border;
mod choice;

use std::collections::HashMap;

use super::collect::CellCollector;
use super::gathered::{AxisEffect, AxisSaving, CellRow, Gathered, GridAxis, RunCounts, number};
use super::plane::Plane;
use crate::analysis::{Effects, Predictor, Saving, Summary, cures, proposals};
use crate::data::Moments;
use crate::plan::{GridLines, Plan, SweepAxis};
use crate::spec::{KEYS, Shown};
use crate::trace::Record;

/// Cells whose curves are kept, which bounds the memory to some hundred megabytes.
const MOST_DETAILED: usize = 10_000;

/// Failed runs whose messages are kept.
const MOST_FAILURES: usize = 20;

/// Gathers a plan's runs, of the cells whose first run `is_wanted` wants; `read` gives the record of each by its number, or
/// none. Every record is asked for once, and again where another run diverged that differs in a larger learning rate
/// alone; none is kept.
pub fn gather<E>(
    plan: &Plan,
    is_wanted: impl Fn(usize) -> bool,
    mut read: impl FnMut(usize) -> Result<Option<Record>, E>,
) -> Result<Gathered, E> {
    let knobs = plan.knobs();
    let seed = plan.columns().iter().position(|column| KEYS[column.key].name == "seed");
    let mut effects = Effects::new(knobs.iter().map(|knob| knob.columns.clone()).collect(), seed);
    let mut levels: Vec<Levels> = knobs.iter().map(|_| Levels::default()).collect();
    let (mut predictor, mut cells, mut failures) = (Predictor::default(), Vec::new(), Vec::new());
    let (mut values, mut inputs): (Vec<Vec<Shown>>, Vec<Option<Moments>>) = (Vec::new(), Vec::new());
    let all = plan.cells();
    let wanted = all.iter().map(Iterator::collect::<Vec<usize>>).filter(|runs| is_wanted(runs[0]));
    for (i, runs) in wanted.enumerate() {
        let first = plan.spec(runs[0]);
        let mut cell = CellCollector::new(&first, i < MOST_DETAILED);
        for &run in &runs {
            let record = read(run)?;
            if let Some(Record::Failed(message)) = &record {
                failures.push((run, message.clone()));
            }
            let spec = plan.spec(run);
            let summary = cell.add((&spec, record.as_ref()), &mut predictor, |trace| {
                Summary::of_run(trace, &spec, || plan.smaller_rates(&spec), &mut read)
            })?;
            effects.add(&plan.axis_cells(run), &plan.listed(&knobs, run), summary.as_ref());
        }
        let shown = plan.axis_values(runs[0]);
        inputs.push(cell.inputs());
        let mut row = cell.finish(&first, runs);
        let of_knob = |(knob, levels): (&SweepAxis, &mut Levels)| {
            levels.number(knob.columns.iter().map(|&column| shown[column].clone()).collect())
        };
        row.levels = knobs.iter().zip(&mut levels).map(of_knob).collect();
        values.push(shown.into_iter().enumerate().filter(|(i, _)| Some(*i) != seed).map(|(_, value)| value).collect());
        cells.push(row);
    }
    cure(plan, &mut cells, values);
    let axes = knobs.iter().zip(levels).enumerate().map(|(i, (knob, levels))| {
        let (values, ranks) = levels.sorted();
        cells.iter_mut().for_each(|cell: &mut CellRow| cell.levels[i] = ranks[cell.levels[i]]);
        let keys = knob.columns.iter().map(|&column| KEYS[plan.columns()[column].key].name).collect();
        GridAxis { name: knob.name.clone(), keys, values }
    });
    let axes: Vec<GridAxis> = axes.collect();
    let mut plane = Plane::of(&axes, &cells);
    if let Some(plane) = &mut plane {
        draw_borders(plan, plane, (&axes, &cells), &inputs, &mut predictor);
    }
    let mut counts = RunCounts::default();
    cells.iter().for_each(|cell| counts.add(&cell.counts));
    failures.sort_unstable();
    failures.truncate(MOST_FAILURES);
    Ok(Gathered {
        name: plan.experiment().name.clone(),
        why: plan.experiment().why.clone(),
        axes,
        detailed: cells.len().min(MOST_DETAILED),
        cells,
        plane,
        effects: (0..knobs.len()).filter_map(|axis| largest(&effects, axis)).collect(),
        counts,
        failures,
    })
}

/// Puts theory's border into every family of a plane over depth.
fn draw_borders(
    plan: &Plan,
    plane: &mut Plane,
    (axes, cells): (&[GridAxis], &[CellRow]),
    inputs: &[Option<Moments>],
    predictor: &mut Predictor,
) {
    let (x, Some(scale)) = (&axes[plane.x], Plane::scale(axes, plane.x)) else { return };
    if !axes[plane.y].is("model.depth") {
        return;
    }
    for family in &mut plane.families {
        let known = family.cells.iter().find_map(|&cell| Some((plan.spec(cells[cell].runs[0]), inputs[cell]?)));
        family.border = known.and_then(|(spec, inputs)| {
            border::border((&spec, inputs), (x.keys[0], &x.values[0][0]), &scale, predictor)
        });
    }
}

/// Puts its cures into every cell that some seed did not learn, or a line to add to the grid; `values` are those of all
/// axes but the seed.
fn cure(plan: &Plan, cells: &mut [CellRow], values: Vec<Vec<Shown>>) {
    let all: Vec<_> = values.into_iter().zip(cells.iter().map(|cell| cell.cell.clone())).collect();
    let mut lines = GridLines::new(plan);
    for patient in cures(&all, &plan.axes_of_cells()) {
        let row = &mut cells[patient.cell];
        if patient.cures.is_empty() && !row.cell.all_learned() {
            row.line = lines.first(row.runs[0], &proposals(&row.cell, &plan.point(row.runs[0])));
        }
        row.cures = patient.cures;
    }
}

/// The change of an axis that does the most; of equals the first.
fn largest(effects: &Effects, axis: usize) -> Option<AxisEffect> {
    let of_axis = effects.axis(axis);
    let (mut largest, mut saving): (Option<AxisEffect>, Option<Saving>) = (None, None);
    for (from, to) in Plan::compared(of_axis.len()) {
        let effect = of_axis.effect(from, to);
        saving = [saving, effect.saving(from, to)].into_iter().flatten().reduce(Saving::or_larger);
        if effect.pairs > 0 && largest.as_ref().is_none_or(|known| effect.does_more_than(&known.effect)) {
            let (from, to) = (of_axis.values(from).to_vec(), of_axis.values(to).to_vec());
            largest = Some(AxisEffect { axis, from, to, effect, saving: None });
        }
    }
    let saving = saving.map(|saving| AxisSaving {
        from: of_axis.values(saving.from).to_vec(),
        to: of_axis.values(saving.to).to_vec(),
        saving,
    });
    largest.map(|largest| AxisEffect { saving, ..largest })
}

/// The values of an axis, numbered as they come.
#[derive(Debug, Default)]
struct Levels {
    numbers: HashMap<String, usize>,
    values: Vec<Vec<Shown>>,
}

impl Levels {
    fn number(&mut self, values: Vec<Shown>) -> usize {
        // Shown holds floats, so its text stands in as the key; names of files have no line breaks.
        let text = values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let number = *self.numbers.entry(text).or_insert(self.values.len());
        if number == self.values.len() {
            self.values.push(values);
        }
        number
    }

    /// The values, numbers ascending, and the place there of each number given out.
    fn sorted(self) -> (Vec<Vec<Shown>>, Vec<usize>) {
        let numbers = |values: &Vec<Shown>| values.iter().map(number).collect::<Option<Vec<f64>>>();
        let mut order: Vec<usize> = (0..self.values.len()).collect();
        if let Some(numbers) = self.values.iter().map(numbers).collect::<Option<Vec<_>>>() {
            order.sort_by(|&a, &b| {
                let by_key = numbers[a].iter().zip(&numbers[b]).map(|(x, y)| x.total_cmp(y));
                by_key.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
            });
        }
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, &number)| ranks[number] = rank);
        (order.into_iter().map(|number| self.values[number].clone()).collect(), ranks)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests;
