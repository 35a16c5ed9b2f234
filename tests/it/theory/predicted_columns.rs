//! Theory beside the measurement, in the tables: one source of predictions, and what the columns are by definition.

use std::collections::BTreeMap;

use vgrun::analysis::Prediction;
use vgrun::config::Source;
use vgrun::data::Dataset;
use vgrun::plan::plan;

use crate::experiment::Experiment;

type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance || (a.is_nan() && b.is_nan())
}

/// Nets that the theory speaks of, and one that it does not: gelu with He's init.
fn nets() -> Experiment {
    Experiment::new()
        .key("data.source", "\"noise\"")
        .key("model.depth", "20")
        .key("model.width", "64")
        .key("model.init", "\"he\"")
        .key("train.steps", "1")
        .key("train.precision", "\"f64\"")
        .axis("model.activation", "[\"sigmoid\", \"tanh\", \"gelu\"]")
        .axis("seed", "[0, 1, 2, 3]")
}

#[test]
fn the_tables_show_what_the_theory_says_of_each_run() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    let text = std::fs::read_to_string(nets.folder().join("test.toml")).expect("the config");
    let plan = plan(&Source::new("test.toml", text), &[]).expect("a good config");
    let (runs, layers) = (nets.rows("runs"), nets.rows("layers"));
    assert_eq!((runs.len(), layers.len()), (12, 12 * 21));
    for (run, row) in runs.iter().enumerate() {
        let spec = plan.spec(run);
        let inputs = Dataset::load(&spec.data).expect("no files").moments();
        let Prediction { log10_delta, decades_per_layer, .. } = Prediction::of(&spec, inputs);
        assert_eq!(log10_delta.is_empty(), row["activation"] == "gelu");
        assert!(close(number(row, "predicted_decades_per_layer"), decades_per_layer, 0.0), "{row:?}");
        assert!(number(row, "predicted_decades_per_step").is_nan());
        let layers = &layers[21 * run..][..21];
        let top = number(&layers[19], "log10_delta_rms_init");
        for (l, layer) in layers.iter().enumerate() {
            let predicted = log10_delta.get(l).copied().unwrap_or(f64::NAN);
            assert!(close(number(layer, "predicted_log10_delta"), predicted, 0.0), "{layer:?}");
            let deviation = number(layer, "log10_delta_rms_init") - top - predicted;
            assert!(close(number(layer, "deviation_decades"), deviation, 1e-12), "{layer:?}");
            assert!(deviation.is_nan() || deviation.abs() < 0.5, "{layer:?}");
        }
        assert_eq!(layers[20]["role"], "head");
    }
}

#[test]
fn z_is_the_deviation_in_standard_errors_of_the_seeds() {
    let nets = nets();
    nets.sweep(&["--quiet"]);
    let (runs, summary) = (nets.rows("runs"), nets.rows("summary"));
    for (cell, row) in summary.iter().enumerate() {
        let runs = &runs[4 * cell..][..4];
        let of = |column: &str| runs.iter().map(|row| number(row, column)).collect::<Vec<_>>();
        let (measured, predicted) = (of("init_decades_per_layer"), of("predicted_decades_per_layer"));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / 4.0;
        assert!(close(number(row, "predicted_decades_per_layer"), mean(&predicted), 1e-12));
        let deviations: Vec<f64> = measured.iter().zip(&predicted).map(|(m, p)| m - p).collect();
        let squares: f64 = deviations.iter().map(|d| (d - mean(&deviations)).powi(2)).sum();
        let z = mean(&deviations) / ((squares / 3.0).sqrt() / 2.0);
        assert!(close(number(row, "init_decades_per_layer_z"), z, 1e-9 * z.abs()), "{z}: {row:?}");
        assert_eq!(z.is_nan(), row["activation"] == "gelu", "no number, no z");
    }
}

#[test]
fn recurrent_nets_are_predicted_per_time_step() {
    let nets = Experiment::new()
        .key("data.source", "\"noise\"")
        .key("data.std", "0.1")
        .key("data.length", "20")
        .key("model.depth", "1")
        .key("model.width", "64")
        .key("train.steps", "1")
        .axis("model.kind", "[\"rnn\", \"lstm\", \"gru\"]")
        .axis("seed", "[0, 1, 2]");
    nets.sweep(&["--quiet"]);
    for row in nets.rows("summary") {
        let (predicted, measured) = (number(&row, "predicted_decades_per_step"), "init_decades_per_step");
        assert!(close(number(&row, &format!("{measured}_mean")), predicted, 0.02), "{row:?}");
        assert!(
            number(&row, &format!("{measured}_z")).is_finite() && number(&row, "predicted_decades_per_layer").is_nan()
        );
    }
}

#[test]
fn what_is_dead_is_counted_and_never_dropped() {
    let nets = nets()
        .without_axis("model.activation")
        .key("model.activation", "\"relu\"")
        .key("model.width", "1")
        .axis("model.bias", "[true]");
    nets.sweep(&["--quiet"]);
    let (runs, summary) = (nets.rows("runs"), nets.rows("summary"));
    let dead = runs.iter().filter(|row| row["verdict"] == "dead" && row["cause"] == "dead_units").count();
    assert!(dead > 0, "a unit of relu after another mostly never fires");
    assert_eq!(summary[0]["n_dead"], dead.to_string());
    let infinite = runs.iter().filter(|row| number(row, "init_decades_per_layer") == f64::NEG_INFINITY).count();
    assert_eq!(summary[0]["init_decades_per_layer_n"], (4 - infinite).to_string());
    assert!(summary[0]["n_not_finite"].parse::<usize>().expect("a count") >= infinite);
}
