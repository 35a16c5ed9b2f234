//! `vgrun theory`: the prediction of every point, as scripts get it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::experiment::Experiment;

/// The rows of what `theory` prints where nobody watches, which must succeed.
fn rows(experiment: &Experiment, arguments: &[&str]) -> Vec<BTreeMap<String, String>> {
    let outcome = experiment.run(&[&["theory"], arguments].concat());
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let mut reader = csv::Reader::from_reader(outcome.stdout.as_bytes());
    reader.deserialize().map(|row| row.expect("a row of as many cells as the header")).collect()
}

fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} = {}", row[column]))
}

/// Plain nets with the published fixed points.
fn plain() -> Experiment {
    Experiment::new()
        .key("model.depth", "12")
        .key("model.width", "128")
        .axis("model.activation", "[\"sigmoid\", \"relu\", \"tanh\"]")
        .axis("model.init", "[\"xavier\", \"he\"]")
        .axis("seed", "[0, 1]")
}

#[test]
fn the_rows_are_the_plans_runs_and_hold_the_published_numbers() {
    let experiment = plain();
    let rows = rows(&experiment, &[]);
    let columns = "run,activation,init,seed,run_id,fate,q_star,chi,factor_per_layer,depth_scale_layers,trainable_depth,\
                   predicted_decades_per_layer,predicted_gradient_decades,predicted_bias,predicted_spread,predicted_decades_per_step,\
                   predicted_time_decades";
    assert!(experiment.run(&["theory", "--csv"]).stdout.starts_with(&format!("{columns}\n")));
    assert_eq!(rows.len(), 12);
    let plan = experiment.run(&["plan", "--csv"]).stdout;
    let planned: Vec<&str> = plan.lines().skip(1).map(|line| line.split(',').nth(4).expect("an id")).collect();
    assert_eq!(rows.iter().map(|row| row["run_id"].as_str()).collect::<Vec<_>>(), planned);
    let near = |row: usize, column: &str, want: f64, tolerance: f64| {
        let got = number(&rows[row], column);
        assert!((got - want).abs() <= tolerance, "{column} of {:?}: {got}", rows[row]);
    };
    // Sigmoid with Xavier's init, to the digits of the theory's public table.
    assert_eq!(rows[0]["fate"], "fixed_point");
    near(0, "q_star", 0.264_687, 5.1e-7);
    near(0, "chi", 0.055_721, 5.1e-7);
    near(0, "factor_per_layer", 0.236_05, 5.1e-6);
    near(0, "depth_scale_layers", 0.346, 5.1e-4);
    near(0, "trainable_depth", 6.0 * 0.346, 3e-3);
    near(0, "predicted_decades_per_layer", 0.236_05_f64.log10(), 0.01);
    // Relu with He's keeps everything.
    let relu = &rows[6];
    assert_eq!(
        (relu["activation"].as_str(), relu["init"].as_str(), relu["fate"].as_str()),
        ("relu", "he_normal", "neutral")
    );
    assert_eq!(
        (relu["q_star"].as_str(), relu["chi"].as_str(), relu["trainable_depth"].as_str()),
        ("NaN", "1.0", "inf")
    );
    near(6, "predicted_gradient_decades", 0.0, 1e-9);
    // Tanh with Xavier's goes to 0 as a power of the depth.
    assert_eq!((rows[8]["fate"].as_str(), rows[8]["q_star"].as_str()), ("vanishes_slowly", "0.0"));
    assert!(rows.iter().all(|row| row["predicted_decades_per_step"] == "NaN" && number(row, "predicted_spread") > 0.0));
}

#[test]
fn recurrent_nets_have_a_rate_per_time_step_and_no_fate() {
    let experiment = Experiment::new()
        .key("data.source", "\"noise\"")
        .key("data.std", "0.0")
        .key("data.length", "40")
        .key("model.depth", "1")
        .key("model.width", "64")
        .key("model.init", "\"orthogonal\"")
        .key("model.kind", "\"gru\"")
        .axis("model.update_bias", "[0, 2]");
    for (row, want) in rows(&experiment, &[]).iter().zip([0.7342_f64, 0.9257]) {
        assert_eq!((row["fate"].as_str(), row["chi"].as_str()), ("none", "NaN"));
        // The published rate is that over 60 steps back, this one the slope over 39.
        let got = number(row, "predicted_decades_per_step");
        assert!((got - want.log10()).abs() < 0.006, "{got} for {want}");
        assert!((number(row, "predicted_time_decades") - 38.0 * want.log10()).abs() < 0.35, "{row:?}");
        assert!(
            (0.01..0.3).contains(&number(row, "predicted_spread")) && number(row, "predicted_bias") == 0.0,
            "{row:?}"
        );
    }
}

#[test]
fn a_key_of_the_command_line_counts_and_nothing_is_trained_or_written() {
    let experiment = plain().without_axis("seed");
    let deep = rows(&experiment, &["--set", "run.model.depth=24"]);
    let slope = |row: &BTreeMap<String, String>| number(row, "predicted_gradient_decades");
    let shallow = rows(&experiment, &[]);
    assert!(slope(&deep[0]) < 1.9 * slope(&shallow[0]), "{} {}", slope(&deep[0]), slope(&shallow[0]));
    let files = std::fs::read_dir(experiment.folder()).expect("a folder");
    assert_eq!(files.map(|file| file.expect("a file").file_name()).collect::<Vec<_>>(), ["test.toml"]);
}

#[test]
fn where_the_theory_has_no_number_the_table_says_so() {
    let moons = Experiment::new()
        .key("data.source", "\"moons\"")
        .key("model.depth", "10")
        .key("model.width", "64")
        .key("model.batch_norm", "true");
    let rows = rows(&moons, &[]);
    // Two inputs leave batch norm two directions; the limit of many layers knows nothing of the data.
    assert_eq!((rows[0]["predicted_decades_per_layer"].as_str(), rows[0]["trainable_depth"].as_str()), ("NaN", "NaN"));
    assert_eq!(rows[0]["fate"], "fixed_point");
}

#[test]
fn errors_are_those_of_a_plan() {
    let wrong = Experiment::new().axis("model.activation", "[\"sigmoyd\"]");
    let (theory, plan) = (wrong.run(&["theory"]), wrong.run(&["plan"]));
    assert_eq!((theory.code, &theory.stderr), (2, &plan.stderr));
    assert!(theory.stderr.contains("sigmoid") && theory.stdout.is_empty());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // More rows than a pipe holds.
    let experiment = plain().axis("model.depth", "{ from = 2, count = 60 }");
    let mut command = experiment.command(&["theory"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("vgrun starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a header");
    let output = child.wait_with_output().expect("vgrun ends");
    assert!(line.starts_with("run,"));
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
