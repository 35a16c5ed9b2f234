//! Laws of the columns: cells are of their column's type, and metrics that others speak of are columns.

use super::*;
use crate::analysis::{LayerSummary, Summary, Verdict};
use crate::config::Table;
use crate::data::TargetKind;
use crate::store::fixtures::{recurrent_trace, trace};
use crate::tables::cell::CellValue;
use crate::tables::field::{Field, FieldKind};
use crate::tables::fields::fields;
use crate::tables::headline::{HEADLINE, Headline};
use crate::tables::rows::{GateRow, LayerPlace, LayerRow, MeasuredRun, RunRow, TableRun, TimeRow, TraceRow};

/// Fails where a cell of a row is not of its column's type.
pub(in crate::tables) fn must_be_of_their_kinds<R>(columns: &[TableColumn<R>], row: &R) {
    for column in columns {
        let kind = match (column.cell)(row) {
            CellValue::Bool(_) => FieldKind::Boolean,
            CellValue::Int(_) => FieldKind::Integer,
            CellValue::Float(_) | CellValue::Recorded(_) => FieldKind::Number,
            CellValue::Name(_) | CellValue::Site(_) | CellValue::Text(_) | CellValue::Id(_) => FieldKind::Text,
        };
        assert_eq!(kind, column.kind, "{}", column.name);
    }
}

/// A net of one hidden layer.
fn sites() -> Vec<crate::nn::SiteName> {
    let mut model = crate::spec::RunSpec::default().model;
    model.depth = std::num::NonZeroUsize::MIN;
    model.sites()
}

#[test]
fn every_cell_is_of_its_columns_kind() {
    let trace = trace(0.5);
    let place = LayerPlace::all(&sites()).next().expect("a layer");
    let summary = LayerSummary {
        log10_delta_rms_init: 1.0,
        log10_delta_rms_mean: 2.0,
        log10_delta_rms_last: 3.0,
        log10_grad_norm_init: 4.0,
        log10_grad_norm_mean: 5.0,
        log10_grad_norm_last: 6.0,
        log10_relative_update_mean: 9.0,
        moved: 10.0,
    };
    must_be_of_their_kinds(&LAYERS, &LayerRow { place, summary, predicted: 7.0, deviation: 8.0 });
    must_be_of_their_kinds(&STEPS, &trace.steps[0]);
    must_be_of_their_kinds(&TRACE, &TraceRow { step: 0, place, reading: trace.layers[0] });
    let through_time = recurrent_trace(0.5).through_time.expect("it is there");
    must_be_of_their_kinds(&TIME, &TimeRow { step: 0, layer: 1, t: 1, lag: 2, reading: through_time.times[0] });
    must_be_of_their_kinds(&GATES, &GateRow { step: 0, layer: 1, gate: "input", reading: through_time.gates[0] });
    let summary = Summary {
        verdict: Verdict::Healthy,
        why: crate::analysis::Why::NONE,
        learned: true,
        init_decades_per_layer: 1.0,
        last_decades_per_layer: 2.0,
        init_gradient_decades: 3.0,
        last_gradient_decades: 4.0,
        init_decades_per_step: 5.0,
        last_decades_per_step: 6.0,
        init_time_decades: 7.0,
        last_time_decades: 8.0,
        first_moved: 9.0,
        first_over_last_moved: 10.0,
        layers: Vec::new(),
    };
    let none = crate::analysis::Prediction::NONE;
    for measured in [MeasuredRun::Done(&trace, &summary, &none), MeasuredRun::Failed] {
        let precision = crate::spec::Precision::F64;
        let run = TableRun {
            run: 0,
            id: crate::spec::RunId(1),
            axes: &[],
            precision,
            target: TargetKind::Class,
            test_examples: 9,
            sites: &sites(),
            measured,
        };
        let row = RunRow::of(&run);
        must_be_of_their_kinds(&RUNS, &row);
        // The headline is what runs.csv shows under the same names.
        for ((name, _, _), value) in HEADLINE.iter().zip(Headline::of(&run).values) {
            let column = RUNS.iter().find(|c| c.name == *name).expect("it is there");
            assert_eq!(format!("{:?}", (column.cell)(&row)), format!("{:?}", CellValue::Recorded(value)));
        }
    }
}

#[test]
fn what_expectations_speak_of_are_columns_with_the_same_numbers() {
    use crate::spec::{LagMetric, LayerMetric, RunMetric};

    assert_eq!(HEADLINE.map(|(name, _, _)| name), RunMetric::ALL.map(RunMetric::name));
    let trace = recurrent_trace(0.5);
    let shown = |cell: CellValue<'_>| format!("{cell:?}");
    let row = TraceRow { step: 0, place: LayerPlace::all(&sites()).next().expect("a layer"), reading: trace.layers[0] };
    for metric in LayerMetric::ALL {
        let column = TRACE.iter().find(|c| c.name == metric.name()).expect("it is there");
        assert_eq!(shown((column.cell)(&row)), shown(CellValue::Recorded(metric.of(&row.reading))), "{metric:?}");
    }
    let row = TimeRow { step: 0, layer: 1, t: 1, lag: 2, reading: trace.through_time.expect("it is there").times[0] };
    for metric in LagMetric::ALL {
        let column = TIME.iter().find(|c| c.name == metric.name()).expect("it is there");
        assert_eq!(shown((column.cell)(&row)), shown(CellValue::Recorded(metric.of(&row.reading))), "{metric:?}");
    }
    let names = |all: Vec<Field>| -> Vec<String> { all.into_iter().map(|field| field.name).collect() };
    let (runs, trace, time) = (fields(Table::Runs), fields(Table::Trace), fields(Table::Time));
    let (runs, trace, time) = (names(runs), names(trace), names(time));
    for metric in crate::spec::Metric::ALL {
        let columns = match metric {
            crate::spec::Metric::Run(_) => &runs,
            crate::spec::Metric::Layer(_) => &trace,
            crate::spec::Metric::Lag(_) => &time,
        };
        assert!(columns.iter().any(|name| name == metric.name()), "{metric:?}");
    }
}
