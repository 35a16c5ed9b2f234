//! effects.csv: what each axis of a grid does, a row for each pair of its values; and, for the terminal, the pair of each
//! axis that does the most.

use super::cell::Cell;
use super::columns::{Field, FieldKind};
use super::{Axes, StoreError, Tables};
use crate::analysis::{AxisEffects, Effect, Effects, Estimate, Saving, Verdict};
use crate::plan::{AxisColumn, Knob, Plan};
use crate::spec::Shown;

/// What a change of an axis does.
#[derive(Debug, Clone, PartialEq)]
pub struct MainEffect {
    /// The axis, as effects.csv names it.
    pub axis: String,
    /// Its value before, for each key that moves with it.
    pub from: Vec<Shown>,
    /// Its value after.
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
    /// The value that does not.
    pub to: Vec<Shown>,
    /// How many they are.
    pub saving: Saving,
}

/// Takes the runs of a plan in, one by one, and then tells what its axes do.
#[derive(Debug)]
pub(super) struct EffectsBuilder {
    knobs: Vec<Knob>,
    effects: Effects,
}

impl EffectsBuilder {
    pub(super) fn new(plan: &Plan, axes: &Axes) -> Self {
        let knobs = plan.knobs();
        let positions = knobs.iter().map(|knob| knob.columns.clone()).collect();
        let mut effects = Effects::new(positions, axes.seed());
        effects.reserve(plan.len());
        Self { knobs, effects }
    }

    /// Adds a run with its axis cells, and its summary if it ended.
    pub(super) fn add(&mut self, plan: &Plan, run: usize, cells: &[Shown], summary: Option<&crate::analysis::Summary>) {
        self.effects.add(cells, &plan.listed(&self.knobs, run), summary);
    }

    /// Writes the table; of each axis of which two runs differ in nothing else, the change that does the most.
    pub(super) fn write(&self, columns: &[AxisColumn], tables: &mut Tables) -> Result<Vec<MainEffect>, StoreError> {
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

fn main_effect(knob: &Knob, axis: &AxisEffects<'_>, (from, to): (usize, usize), effect: Effect) -> MainEffect {
    let (from, to) = (axis.values(from).into(), axis.values(to).into());
    MainEffect { axis: knob.name.clone(), from, to, effect, saving: None }
}

/// `depth=5`, `batch_size=16+learning_rate=0.1`. A value by itself would be a number in one row and a name in another, and
/// readers take a column for what its first rows are.
fn label(columns: &[AxisColumn], knob: &Knob, values: &[Shown]) -> String {
    let pairs = knob.columns.iter().zip(values).map(|(&i, value)| format!("{}={value}", columns[i].name));
    pairs.collect::<Vec<_>>().join("+")
}

/// A row of effects.csv.
#[derive(Debug)]
pub(super) struct EffectRow<'a> {
    pub(super) axis: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) effect: Effect,
}

/// A metric's name, its unit, what it is in words, and its estimate.
type Metric = (&'static str, &'static str, &'static str, fn(&Effect) -> Estimate);

const METRICS: [Metric; 3] = [
    (
        "init_gradient_decades",
        "decades",
        "init_gradient_decades (of recurrent nets the decades through time)",
        |effect| effect.init_decades,
    ),
    (
        "last_gradient_decades",
        "decades",
        "last_gradient_decades (of recurrent nets the decades through time)",
        |effect| effect.last_decades,
    ),
    ("learned", "", "learned (as 0 and 1)", |effect| effect.learned),
];

/// A number of an estimate, its name behind `<metric>_`, and what it is of the metric in words.
type Part = (&'static str, &'static str, fn(&Estimate) -> f64);

const PARTS: [Part; 4] = [
    ("effect", "Mean over the pairs of the difference, `to` minus `from`, in", |estimate| estimate.effect),
    (
        "ci95_low",
        "Lower end of the 95 % confidence interval (Student's t over the seeds' mean differences; NaN for one seed) of the effect on",
        |estimate| estimate.ci95_low,
    ),
    ("ci95_high", "Upper end of the same interval of the effect on", |estimate| estimate.ci95_high),
    (
        "sd",
        "Sample standard deviation over the grid's cells (the mean of each over its seeds; NaN for one cell) of the difference in",
        |estimate| estimate.sd,
    ),
];

/// The columns of effects.csv, in the order of [`EffectRow::cells`].
pub(super) fn fields() -> Vec<Field> {
    let field = |name: &str, kind, unit, doc: String| Field { name: name.into(), kind, unit, doc, names: Vec::new() };
    let text = |name, doc: &str| field(name, FieldKind::Text, "", doc.into());
    let count = |name, doc: &str| field(name, FieldKind::Integer, "", doc.into());
    let mut fields = vec![
        text("axis", "The axis, named as its column is in other tables; keys that move together are joined by +."),
        text("from", "Its value before the change, as key=value."),
        text("to", "Its value after the change."),
        count(
            "n",
            "Pairs of runs with these values that ended and agree in everything else, the seed included; 0 where there are none.",
        ),
        count(
            "n_not_finite",
            "Those of them with a number of decades that is not finite: they are left out of the effects on decades.",
        ),
        count("n_seeds", "Different seeds among the pairs."),
    ];
    for (metric, unit, words, _) in METRICS {
        let of_metric = |(part, doc, _): Part| {
            field(&format!("{metric}_{part}"), FieldKind::Number, unit, format!("{doc} {words}."))
        };
        fields.extend(PARTS.map(of_metric));
    }
    let of_verdict = |verdict: Verdict| {
        let name = verdict.name();
        let doc = format!(
            "Change of the share of runs whose verdict is {name}, over all pairs: -0.5 where the change saves half of them."
        );
        field(&format!("{name}_effect"), FieldKind::Number, "", doc)
    };
    fields.extend(Verdict::ALL.map(of_verdict));
    fields
}

impl EffectRow<'_> {
    pub(super) fn cells(&self) -> Vec<Cell<'_>> {
        let Effect { pairs, not_finite, seeds, .. } = self.effect;
        let mut cells = [self.axis, self.from, self.to].map(Cell::Text).to_vec();
        cells.extend([pairs, not_finite, seeds].map(Cell::count));
        for (_, _, _, estimate) in METRICS {
            let estimate = estimate(&self.effect);
            cells.extend(PARTS.map(|(_, _, part)| Cell::Float(part(&estimate))));
        }
        cells.extend(Verdict::ALL.map(|verdict| Cell::Float(self.effect.share(verdict))));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Shift;

    #[test]
    fn cells_stand_below_their_columns() {
        let estimate = |effect: f64| Estimate { effect, ci95_low: effect - 1.0, ci95_high: effect + 1.0, sd: 0.5 };
        let effect = Effect {
            pairs: 9,
            not_finite: 2,
            seeds: 3,
            init_decades: estimate(10.0),
            last_decades: estimate(20.0),
            learned: estimate(30.0),
            verdicts: Verdict::ALL.map(|verdict| match verdict {
                Verdict::Dead => Shift { before: 6, after: 0 },
                Verdict::Healthy => Shift { before: 3, after: 9 },
                Verdict::Diverged
                | Verdict::Saturated
                | Verdict::Exploding
                | Verdict::Vanishing
                | Verdict::Recovered => Shift::default(),
            }),
        };
        let row = EffectRow { axis: "depth", from: "depth=5", to: "depth=10", effect };
        let cells = row.cells();
        let fields = fields();
        assert_eq!(cells.len(), fields.len());
        let cell = |name: &str| &cells[fields.iter().position(|field| field.name == name).expect(name)];
        assert_eq!((cell("to"), cell("n_not_finite")), (&Cell::Text("depth=10"), &Cell::Int(2)));
        assert_eq!(cell("init_gradient_decades_effect"), &Cell::Float(10.0));
        assert_eq!(cell("last_gradient_decades_ci95_low"), &Cell::Float(19.0));
        assert_eq!(cell("learned_ci95_high"), &Cell::Float(31.0));
        assert_eq!(cell("learned_sd"), &Cell::Float(0.5));
        assert_eq!(cell("dead_effect"), &Cell::Float(-6.0 / 9.0));
        assert_eq!(cell("healthy_effect"), &Cell::Float(6.0 / 9.0));
        assert_eq!(cell("vanishing_effect"), &Cell::Float(0.0));
        for (field, cell) in fields.iter().zip(&cells) {
            let kind = match cell {
                Cell::Text(_) => FieldKind::Text,
                Cell::Int(_) => FieldKind::Integer,
                Cell::Float(_) => FieldKind::Number,
                Cell::Bool(_) | Cell::Recorded(_) | Cell::Name(_) | Cell::Id(_) => panic!("{}", field.name),
            };
            assert_eq!(kind, field.kind, "{}", field.name);
        }
    }
}
