//! effects.csv: its columns, and the cells of a row for a pair of values of an axis.

use super::cell::CellValue;
use super::field::{Field, FieldKind};
use crate::analysis::{Effect, Estimate, Verdict};

/// A row of effects.csv.
#[derive(Debug)]
pub(super) struct EffectRow<'a> {
    pub(super) axis: &'a str,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) effect: Effect,
}

/// A metric's name, its unit, what it is in words, and its estimate.
type EffectMetric = (&'static str, &'static str, &'static str, fn(&Effect) -> Estimate);

const METRICS: [EffectMetric; 3] = [
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
    ("learned", "share", "learned (as 0 and 1)", |effect| effect.learned),
];

/// The name of a number of an estimate behind `<metric>_`, what it says of the metric in words, and the number.
type EstimatePart = (&'static str, &'static str, fn(&Estimate) -> f64);

const ESTIMATE_PARTS: [EstimatePart; 4] = [
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

/// Lists the columns of effects.csv, in the order of [`EffectRow::cells`].
pub(super) fn fields() -> Vec<Field> {
    let text = |name: &str, doc: &str| Field {
        name: name.into(),
        kind: FieldKind::Text,
        group: Field::AXES,
        unit: "",
        doc: doc.into(),
        names: Vec::new(),
    };
    let count = |name, unit, doc| Field { kind: FieldKind::Integer, group: "counts", unit, ..text(name, doc) };
    let number = |group, name: &str, unit, doc: &str| Field { kind: FieldKind::Number, group, unit, ..text(name, doc) };
    let mut fields = vec![
        text("axis", "The axis, named as its column is in other tables; keys that move together are joined by +."),
        text("from", "Its value before the change, as key=value."),
        text("to", "Its value after the change."),
        count(
            "n",
            "pairs",
            "Pairs of runs with these values that ended and agree in everything else, the seed included; 0 where there are none.",
        ),
        count(
            "n_not_finite",
            "pairs",
            "Those of them with a number of decades that is not finite: they are left out of the effects on decades.",
        ),
        count("n_seeds", "seeds", "Different seeds among the pairs."),
    ];
    for (metric, unit, words, _) in METRICS {
        let of_metric = |(part, doc, _): EstimatePart| {
            number(metric, &format!("{metric}_{part}"), unit, &format!("{doc} {words}."))
        };
        fields.extend(ESTIMATE_PARTS.map(of_metric));
    }
    let of_verdict = |verdict: Verdict| {
        let name = verdict.name();
        let doc = format!(
            "Change of the share of runs whose verdict is {name}, over all pairs: -0.5 where the change saves half of them."
        );
        number("verdicts", &format!("{name}_effect"), "share", &doc)
    };
    fields.extend(Verdict::ALL.map(of_verdict));
    fields
}

impl EffectRow<'_> {
    /// Returns the cells of the row.
    pub(super) fn cells(&self) -> Vec<CellValue<'_>> {
        let Effect { pairs, not_finite, seeds, .. } = self.effect;
        let mut cells = [self.axis, self.from, self.to].map(CellValue::Text).to_vec();
        cells.extend([pairs, not_finite, seeds].map(CellValue::count));
        for (_, _, _, estimate) in METRICS {
            let estimate = estimate(&self.effect);
            cells.extend(ESTIMATE_PARTS.map(|(_, _, part)| CellValue::Float(part(&estimate))));
        }
        cells.extend(Verdict::ALL.map(|verdict| CellValue::Float(self.effect.share(verdict))));
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
        assert_eq!((cell("to"), cell("n_not_finite")), (&CellValue::Text("depth=10"), &CellValue::Int(2)));
        assert_eq!(cell("init_gradient_decades_effect"), &CellValue::Float(10.0));
        assert_eq!(cell("last_gradient_decades_ci95_low"), &CellValue::Float(19.0));
        assert_eq!(cell("learned_ci95_high"), &CellValue::Float(31.0));
        assert_eq!(cell("learned_sd"), &CellValue::Float(0.5));
        assert_eq!(cell("dead_effect"), &CellValue::Float(-6.0 / 9.0));
        assert_eq!(cell("healthy_effect"), &CellValue::Float(6.0 / 9.0));
        assert_eq!(cell("vanishing_effect"), &CellValue::Float(0.0));
        for (field, cell) in fields.iter().zip(&cells) {
            let kind = match cell {
                CellValue::Text(_) => FieldKind::Text,
                CellValue::Int(_) => FieldKind::Integer,
                CellValue::Float(_) => FieldKind::Number,
                CellValue::Bool(_)
                | CellValue::Recorded(_)
                | CellValue::Name(_)
                | CellValue::Site(_)
                | CellValue::Id(_) => {
                    panic!("{}", field.name)
                }
            };
            assert_eq!(kind, field.kind, "{}", field.name);
        }
    }
}
