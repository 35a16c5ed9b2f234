//! What makes the difference: the cures that a sweep names and the effects of its axes, held against its runs.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::experiment::Experiment;

type Row = BTreeMap<String, String>;

/// Nets of which some are sick. The plain sigmoid net of 12 layers has a residual twin that was excluded.
fn grid() -> Experiment {
    Experiment::new()
        .without("model.depth")
        .key("train.learning_rate", "0.1")
        .key("train.steps", "60")
        .axis("model.depth", "[2, 4, 12]")
        .axis("model.activation", "[\"sigmoid\", \"tanh\", \"relu\"]")
        .axis("model.residual", "[false, true]")
        .axis("seed", "[0, 1, 2]")
        .text(
            "[[zip]]\nmodel.batch_norm = [false, true]\nmodel.init_gain = [1.0, 0.5]\n\
             [[exclude]]\nmodel.depth = 12\nmodel.activation = \"sigmoid\"\nmodel.residual = true\n\
             [[include]]\nmodel.depth = 12\nmodel.activation = \"linear\"\nmodel.init_gain = 0.25",
        )
}

const AXES: [&str; 5] = ["depth", "activation", "residual", "batch_norm", "init_gain"];

fn result(experiment: &Experiment) -> Value {
    let text = fs::read_to_string(experiment.results().join("result.json")).expect("result.json");
    serde_json::from_str(&text).expect("JSON")
}

/// As the tables write a value.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// The runs of a cell.
fn runs_of<'a>(runs: &'a [Row], cell: &BTreeMap<String, String>) -> Vec<&'a Row> {
    runs.iter().filter(|run| AXES.iter().all(|axis| run[*axis] == cell[*axis])).collect()
}

#[test]
fn every_cure_is_a_cell_that_learns_better_and_differs_in_one_axis() {
    let experiment = grid();
    let stdout = experiment.sweep(&["--all"]).stdout;
    let (runs, result) = (experiment.rows("runs"), result(&experiment));
    let sick = result["sick"].as_array().expect("a list");
    let mut cures = 0;
    for sick in sick {
        let cell: BTreeMap<String, String> =
            sick["cell"].as_object().expect("axes").iter().map(|(axis, value)| (axis.clone(), text(value))).collect();
        let of_sick = runs_of(&runs, &cell);
        assert!(of_sick.iter().any(|run| run["verdict"] == sick["verdict"].as_str().expect("a word")), "{sick}");
        let decades = of_sick.iter().map(|run| run["init_gradient_decades"].parse::<f64>().expect("a number"));
        let finite: Vec<f64> = decades.filter(|decades| decades.is_finite()).collect();
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        let said = sick["decades"].as_f64();
        assert!(said.map_or(finite.is_empty(), |said| (said - mean).abs() < 1e-6), "{sick}");
        for cure in sick["cures"].as_array().expect("a list") {
            let axes: Vec<&str> = cure["axis"].as_str().expect("a name").split('+').collect();
            let values = cure["value"].as_array().cloned().unwrap_or_else(|| vec![cure["value"].clone()]);
            let mut cured = cell.clone();
            for (axis, value) in axes.iter().zip(&values) {
                cured.insert((*axis).into(), text(value));
            }
            assert_ne!(cured, cell, "{cure}");
            let of_cure = runs_of(&runs, &cured);
            assert_eq!(of_cure.len(), 3, "{cure} is no cell of the grid");
            let learned = |runs: &[&Row]| runs.iter().filter(|run| run["learned"] == "true").count();
            assert!(learned(&of_cure) > learned(&of_sick), "{cure}");
            let is_sound = of_cure.iter().all(|run| ["healthy", "recovered"].contains(&run["verdict"].as_str()));
            assert!(is_sound || learned(&of_cure) == 3, "{cure}");
            assert_eq!(cure["learned"], format!("{}/3", learned(&of_cure)));
            let loss = |of: &Value| of["loss"].as_f64().unwrap_or(f64::INFINITY);
            assert!(loss(cure) <= loss(sick), "{cure}");
            cures += 1;
        }
        let unlearned = of_sick.iter().any(|run| run["learned"] == "false");
        let has_cures = sick["cures"].as_array().is_some_and(|cures| !cures.is_empty());
        assert!(unlearned || !has_cures, "{sick}");
        // No line of [grid] does anything for a point that an [[include]] added, of which there is one run.
        assert_eq!(sick["add"].is_string(), unlearned && !has_cures && of_sick.len() == 3, "{sick}");
        let zipped = ["batch_norm", "init_gain"].map(|axis| cell[axis].as_str());
        if zipped == ["false", "1.0"] && cell["activation"] == "sigmoid" && cell["depth"] == "12" {
            let axes: Vec<&str> = sick["cures"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|cure| cure["axis"].as_str().expect("a name"))
                .collect();
            assert!(!axes.contains(&"residual") && axes.contains(&"batch_norm+init_gain"), "{sick}");
        }
    }
    assert!(sick.len() >= 4 && cures >= 6, "{} sick cells, {cures} cures", sick.len());
    let said = stdout.lines().filter(|line| line.contains(" decades, ") && line.contains(" -> ")).count();
    assert_eq!(said, cures, "{stdout}");
    assert!(stdout.contains("sigmoid, depth 12, init_gain 1.0 (vanishing, does not learn)\n"), "{stdout}");
}

#[test]
fn without_all_the_cures_are_a_few_lines_after_the_axes() {
    let stdout = grid().sweep(&[]).stdout;
    let lines: Vec<&str> = stdout.lines().collect();
    let at = |start: &str| lines.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{stdout}"));
    let (knobs, cures, end) = (at("which knob matters"), at("cures: "), at("open "));
    assert!(at("deepest net that learned") < knobs && knobs < cures && cures < end);
    assert!(end - cures <= 14, "{stdout}");
}

/// The advice is followed: the line is pasted, and the nets that it adds cure the cell that it was given for.
#[test]
fn the_line_that_is_to_be_added_to_the_grid_cures() {
    let nets = |depth: &str| {
        Experiment::new()
            .without("model.depth")
            .key("model.activation", "\"sigmoid\"")
            .key("train.learning_rate", "0.1")
            .key("train.steps", "100")
            .axis("seed", "[0, 1]")
            .axis("model.depth", depth)
    };
    let before = nets("[11, 12]");
    let stdout = before.sweep(&[]).stdout;
    let line = result(&before)["sick"][0]["add"].as_str().expect("a line").to_owned();
    assert!(stdout.contains(&format!("; to try, add to [grid]: {line}\n")), "{stdout}");
    let (key, values) = line.split_once(" = ").expect("a key and its values");
    let after = nets("[11, 12]").axis(key, values);
    after.sweep(&["--quiet"]);
    for sick in result(&after)["sick"].as_array().expect("a list") {
        assert!(sick["learned"] == "2/2" || !sick["cures"].as_array().expect("a list").is_empty(), "{sick}");
    }
}

/// Whether a column of effects.csv is that of a verdict.
fn is_verdict(column: &str) -> bool {
    let known = ["diverged", "dead", "saturated", "exploding", "vanishing", "recovered", "healthy"];
    column.strip_suffix("_effect").is_some_and(|name| known.contains(&name))
}

/// What effects.csv says against pairs that are looked for one by one.
#[test]
fn effects_are_the_mean_differences_of_the_runs_in_runs_csv() {
    let experiment = grid();
    experiment.sweep(&["--quiet"]);
    let (runs, effects) = (experiment.rows("runs"), experiment.rows("effects"));
    // Depths, activations with the included one, residual, and the three pairs of norm and gain.
    assert_eq!(effects.len(), 3 + 6 + 1 + 3);
    for row in &effects {
        let axes: Vec<&str> = row["axis"].split('+').collect();
        let value = |run: &Row| axes.iter().map(|axis| format!("{axis}={}", run[*axis])).collect::<Vec<_>>().join("+");
        let agree = |a: &Row, b: &Row| {
            ["seed"].iter().chain(&AXES).filter(|axis| !axes.contains(axis)).all(|axis| a[*axis] == b[*axis])
        };
        let number = |run: &Row, metric: &str| match run[metric].as_str() {
            "true" => 1.0,
            "false" => 0.0,
            number => number.parse::<f64>().expect("a number"),
        };
        let mut pairs = Vec::new();
        for a in runs.iter().filter(|run| value(run) == row["from"]) {
            pairs.extend(runs.iter().filter(|b| value(b) == row["to"] && agree(a, b)).map(|b| (a, b)));
        }
        assert_eq!(row["n"], pairs.len().to_string(), "{row:?}");
        let decades = ["init_gradient_decades", "last_gradient_decades"];
        let is_finite = |run: &Row| decades.iter().all(|metric| number(run, metric).is_finite());
        let finite: Vec<_> = pairs.iter().copied().filter(|(a, b)| is_finite(a) && is_finite(b)).collect();
        assert_eq!(row["n_not_finite"], (pairs.len() - finite.len()).to_string(), "{row:?}");
        for (metric, pairs) in decades.map(|metric| (metric, &finite)).into_iter().chain([("learned", &pairs)]) {
            let differences = pairs.iter().map(|(a, b)| number(b, metric) - number(a, metric));
            let mean = differences.sum::<f64>() / pairs.len() as f64;
            let said = number(row, &format!("{metric}_effect"));
            // What runs.csv shows has the 24 bits of an f32.
            assert!((said - mean).abs() < 1e-5 || said.is_nan() && pairs.is_empty(), "{metric}: {said} is not {mean}");
            let [low, high] = ["low", "high"].map(|end| number(row, &format!("{metric}_ci95_{end}")));
            assert!(low <= said && said <= high || pairs.is_empty(), "{row:?}");
        }
    }
    for row in &effects {
        let of_verdicts: Vec<&str> = row.iter().filter(|(name, _)| is_verdict(name)).map(|(_, x)| x.as_str()).collect();
        let sum: f64 = of_verdicts.iter().map(|share| share.parse::<f64>().expect("a number")).sum();
        assert!(of_verdicts.len() == 7 && (sum.abs() < 1e-9 || row["n"] == "0"), "what one gains others lose: {row:?}");
    }
    let of = |from: &str, to: &str| effects.iter().find(|row| row["from"] == from && row["to"] == to).expect("a row");
    assert_eq!(of("depth=4", "depth=12")["n"], "30", "two of twelve cells were excluded");
    assert_eq!(of("activation=relu", "activation=linear")["n"], "0", "it has a gain of its own");
    assert_eq!(of("residual=false", "residual=true")["n_seeds"], "3");
}

#[test]
fn plan_knows_how_many_effects_there_are_also_of_an_axis_of_many_values() {
    let experiment = Experiment::new()
        .axis("train.learning_rate", "{ from = 0.01, to = 0.1, count = 26 }")
        .axis("model.bias", "[true, false]");
    let planned = experiment.run(&["plan"]).stdout;
    experiment.sweep(&["--quiet"]);
    assert_eq!(experiment.rows("effects").len(), 25 + 1);
    let line = planned.lines().find(|line| line.starts_with("  effects.csv ")).expect("a line");
    assert_eq!(line.split_whitespace().nth(1), Some("26"));
    assert!(experiment.rows("effects")[..25].iter().all(|row| row["from"] == "learning_rate=0.01"));
}

#[test]
fn a_sweep_of_seeds_alone_has_no_effects() {
    let experiment = Experiment::new().axis("seed", "[0, 1]");
    let stdout = experiment.sweep(&[]).stdout;
    assert!(!experiment.tables().contains_key("effects.csv") && !stdout.contains("which knob"));
    assert_eq!(result(&experiment)["effects"], Value::Array(vec![]));
}
