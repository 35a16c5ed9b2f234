//! Gathered rows that no physics made, for tests of what is drawn of them.

use std::collections::BTreeMap;

use super::band::{Band, BandBuilder, Mark, Marks};
use super::detail::{Curves, Detail, Heat, Lags, LayerSpeeds, ProfileCurves};
use super::gathered::{AxisEffect, CellRow, Gathered, GridAxis, NetFacts, Outlooks, RunCounts};
use super::plane::{Border, Plane};
use crate::analysis::{Cause, CellSummary, Effect, Estimate, Verdict};
use crate::nn::ModelKind;
use crate::spec::{RunMetric, Shown};
use crate::stats::Statistics;

/// Makes the band of seeds with these values.
pub(super) fn band(values: &[f64]) -> Band {
    let mut builder = BandBuilder::default();
    values.iter().for_each(|x| builder.add(*x));
    builder.band()
}

/// Makes the band of one seed that has a mark and no finite value.
pub(super) fn marked(mark: Mark) -> Band {
    let mut marks = Marks::default();
    marks.add(Some(mark));
    Band { n: 0, mean: f64::NAN, low: f64::NAN, high: f64::NAN, marks }
}

/// Layers 1, 2, 3 and a head, steps 0, 10, 19; `slope` decades per layer.
fn detail(slope: f64) -> Detail {
    let at = |layer: usize| slope * (3 - layer) as f64;
    let bands = |shift: f64| (1..=3).map(|l| band(&[at(l) - 0.25 + shift, at(l) + 0.25 + shift])).collect::<Vec<_>>();
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let value = |layer: usize, step: usize| (slope * (4 - layer) as f64 - step as f64) as f32;
    Detail {
        profile: ProfileCurves {
            layers: vec![1, 2, 3],
            init: bands(-1.0),
            last: bands(-1.5),
            predicted: (1..=3).map(at).collect(),
        },
        speeds: LayerSpeeds { layers: vec![1, 2, 3], bands: bands(-2.0) },
        heat: Heat {
            layers: vec![1, 2, 3, 4],
            steps: vec![0, 10, 19],
            values: (1..=4).flat_map(|layer| (0..3).map(move |step| value(layer, step))).collect(),
            marks: vec![None; 12],
        },
        curves: Curves {
            steps: vec![0, 10, 19],
            loss: vec![band(&[2.25, 2.5]), band(&[2.0, 2.25]), band(&[1.0, 2.0])],
            accuracy: vec![band(&[0.0, 0.25]), band(&[0.25, 0.25]), band(&[0.5, 0.75])],
        },
        lags: None,
        thinned: None,
    }
}

/// A cell of two seeds at these levels, with so many decades in all.
pub(super) fn cell(levels: &[usize], hidden: usize, decades: f64, learned: usize) -> CellRow {
    let verdict = if decades < -1.0 { Verdict::Vanishing } else { Verdict::Healthy };
    CellRow {
        levels: levels.to_vec(),
        runs: vec![0, 1],
        counts: RunCounts { ok: 2, learned, verdicts: BTreeMap::from([(verdict, 2)]), ..RunCounts::default() },
        cell: CellSummary {
            runs: 2,
            verdict: Some(verdict),
            agree: 2,
            without_result: 0,
            cause: Cause::None,
            subject: "",
            why: String::new(),
            rate_factor: None,
            diverged: 0,
            learned,
            gradient_decades: decades,
            time_decades: f64::NAN,
            loss: 1.5,
            loss_of_chance: 2.25,
        },
        speed: None,
        cures: Vec::new(),
        line: None,
        headline: RunMetric::ALL.map(|_| Statistics::of([1.0, 2.0])).to_vec(),
        net: NetFacts { kind: ModelKind::Mlp, hidden, length: 1, is_plain: true },
        theory: Outlooks { trainable_depth: 4.0 * (levels[0] + 1) as f64, ..Outlooks::NONE },
        detail: Some(detail(decades / 2.0)),
    }
}

/// An axis of one key.
pub(super) fn axis(key: &'static str, values: Vec<Shown>) -> GridAxis {
    let name = key.rsplit('.').next().unwrap().into();
    GridAxis { name, keys: vec![key], values: values.into_iter().map(|value| vec![value]).collect() }
}

/// An experiment of these cells, whose effects are made up.
pub(super) fn gathered(axes: Vec<GridAxis>, cells: Vec<CellRow>) -> Gathered {
    let mut counts = RunCounts::default();
    cells.iter().for_each(|cell| counts.add(&cell.counts));
    let estimate = |effect: f64| Estimate { effect, ci95_low: effect - 0.5, ci95_high: effect + 0.5, sd: 0.1 };
    let effect = |axis: usize| Effect {
        pairs: 4,
        not_finite: 0,
        seeds: 2,
        init_decades: estimate(2.0 - axis as f64),
        last_decades: estimate(1.0),
        learned: estimate(0.5),
        verdicts: Default::default(),
    };
    let knob = |(i, axis): (usize, &GridAxis)| {
        let (from, to) = (axis.values.first()?.clone(), axis.values.last()?.clone());
        (axis.values.len() > 1).then(|| AxisEffect { axis: i, from, to, effect: effect(i), saving: None })
    };
    let effects = axes.iter().enumerate().filter_map(knob).collect();
    Gathered {
        name: "test".into(),
        why: "because".into(),
        detailed: cells.len(),
        plane: Plane::of(&axes, &cells),
        axes,
        cells,
        effects,
        counts,
        failures: Vec::new(),
    }
}

/// Two gains by depths 2 and 8.
pub(super) fn grid() -> Gathered {
    let axes = vec![
        axis("model.init_gain", vec![Shown::Float(0.5), Shown::Float(1.0)]),
        axis("model.depth", vec![Shown::Int(2), Shown::Int(8)]),
    ];
    let cells =
        vec![cell(&[0, 0], 3, -0.5, 2), cell(&[0, 1], 3, -8.0, 0), cell(&[1, 0], 3, 0.25, 2), cell(&[1, 1], 3, 0.5, 1)];
    let mut grid = gathered(axes, cells);
    let depths = vec![(0.25, 1.0), (0.75, 4.0), (0.9, f64::INFINITY), (1.25, 6.0)];
    grid.plane.as_mut().unwrap().families[0].border = Some(Border { depths, critical: vec![0.9] });
    grid
}

/// An rnn and an lstm.
pub(super) fn recurrent() -> Gathered {
    let kind = |level: usize, kind: ModelKind, slope: f64| {
        let mut row = cell(&[level], 1, 0.0, 2);
        row.net = NetFacts { kind, hidden: 1, length: 4, is_plain: true };
        row.cell.time_decades = 3.0 * slope;
        let bands: Vec<Band> = (0..4).map(|lag| band(&[slope * f64::from(lag)])).collect();
        let predicted = (0..4).map(|lag| slope * f64::from(lag)).collect();
        let lags = Lags { lags: vec![0, 1, 2, 3], first_answer: 0, init: bands.clone(), last: bands, predicted };
        row.detail.as_mut().unwrap().lags = Some(lags);
        row
    };
    let names = ["rnn", "lstm"].map(|name| Shown::Text(name.into())).to_vec();
    let cells = vec![kind(0, ModelKind::Rnn, -1.0), kind(1, ModelKind::Lstm, -0.25)];
    gathered(vec![axis("model.kind", names)], cells)
}
