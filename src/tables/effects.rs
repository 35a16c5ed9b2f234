//! What each axis of a grid does: a row of effects.csv for each pair of its values and, for the terminal, the pair of each
//! axis that does the most.

use super::axes::SweptAxes;
use super::effect_row::EffectRow;
use super::table_files::TableFiles;
use crate::analysis::{AxisEffects, Effect, Effects, Saving, Summary};
use crate::plan::{AxisColumn, Plan, SweepAxis};
use crate::spec::Shown;
use crate::store::StoreError;

/// The change of an axis that does the most, and what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct MainEffect {
    /// The axis, as effects.csv names it.
    pub axis: String,
    /// The axis' value before, for each key that moves with it.
    pub from: Vec<Shown>,
    /// The axis' value after.
    pub to: Vec<Shown>,
    /// The effect, over all else.
    pub effect: Effect,
    /// The change of the axis that saves most runs from being lost, if some change saves many.
    pub saving: Option<SavingChange>,
}

/// A change of an axis that saves runs from being lost.
#[derive(Debug, Clone, PartialEq)]
pub struct SavingChange {
    /// The value that loses them, for each key that moves with the axis.
    pub from: Vec<Shown>,
    /// The value that does not lose them.
    pub to: Vec<Shown>,
    /// The number of runs that are saved.
    pub saving: Saving,
}

/// Takes in the runs of a plan, one by one, and then says what its axes do.
#[derive(Debug)]
pub(super) struct EffectsBuilder {
    knobs: Vec<SweepAxis>,
    effects: Effects,
}

impl EffectsBuilder {
    pub(super) fn new(plan: &Plan, axes: &SweptAxes) -> Self {
        let knobs = plan.knobs();
        let positions = knobs.iter().map(|knob| knob.columns.clone()).collect();
        let mut effects = Effects::new(positions, axes.seed());
        effects.reserve(plan.len());
        Self { knobs, effects }
    }

    /// Adds a run with its axis cells, and its summary if it ended.
    pub(super) fn add(&mut self, plan: &Plan, run: usize, cells: &[Shown], summary: Option<&Summary>) {
        self.effects.add(cells, &plan.listed(&self.knobs, run), summary);
    }

    /// Writes the table. Returns the change that does the most for each axis in which alone some two runs differ.
    pub(super) fn write(&self, columns: &[AxisColumn], tables: &mut TableFiles) -> Result<Vec<MainEffect>, StoreError> {
        let mut largest = Vec::new();
        for (i, knob) in self.knobs.iter().enumerate() {
            let axis = self.effects.axis(i);
            let (mut best, mut saving): (Option<MainEffect>, Option<Saving>) = (None, None);
            for (from, to) in Plan::compared(axis.len()) {
                let effect = axis.effect(from, to);
                let label = |i: usize| label(columns, knob, axis.values(i));
                tables.effect(&EffectRow { axis: &knob.name, from: &label(from), to: &label(to), effect })?;
                saving = [saving, effect.saving(from, to)].into_iter().flatten().reduce(Saving::or_larger);
                if effect.pairs > 0 && best.as_ref().is_none_or(|best| effect.does_more_than(&best.effect)) {
                    best = Some(main_effect(knob, &axis, (from, to), effect));
                }
            }
            let saving = saving.map(|saving| SavingChange {
                from: axis.values(saving.from).into(),
                to: axis.values(saving.to).into(),
                saving,
            });
            largest.extend(best.map(|best| MainEffect { saving, ..best }));
        }
        Ok(largest)
    }
}

fn main_effect(knob: &SweepAxis, axis: &AxisEffects<'_>, (from, to): (usize, usize), effect: Effect) -> MainEffect {
    let (from, to) = (axis.values(from).into(), axis.values(to).into());
    MainEffect { axis: knob.name.clone(), from, to, effect, saving: None }
}

/// Labels the value of an axis: `depth=5`, `batch_size=16+learning_rate=0.1`. A value by itself would be a number in one
/// row and a name in another, and readers take a column for what its first rows are.
fn label(columns: &[AxisColumn], knob: &SweepAxis, values: &[Shown]) -> String {
    let pairs = knob.columns.iter().zip(values).map(|(&i, value)| format!("{}={value}", columns[i].name));
    pairs.collect::<Vec<_>>().join("+")
}
