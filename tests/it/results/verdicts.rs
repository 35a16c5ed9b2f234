//! Verdicts and causes of nets that were trained: the same word for a run and for its trace, the sentence of each cause, and
//! that the words are right about who learned.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::experiment::Experiment;

/// A table's rows by run and step, as text.
type Row = BTreeMap<String, String>;

#[test]
fn a_trace_gets_the_verdict_of_the_run_that_wrote_it() {
    let nets = Experiment::new()
        .key("train.steps", "30")
        .key("trace.every", "5")
        // Every run of a trace needs the same steps.
        .key("train.stop_when_diverged", "false")
        .axis("model.activation", "[\"sigmoid\", \"tanh\", \"relu\"]")
        .axis("model.init_gain", "[0.3, 1.0, 20.0]")
        // At the largest depth the error underflows.
        .axis("model.depth", "[2, 12, 110]")
        .axis("train.learning_rate", "[0.1, 30.0]");
    nets.sweep(&["--quiet"]);
    let runs = nets.rows("runs");
    let mut words: Vec<&str> = runs.iter().map(|run| run["verdict"].as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert!(words.len() >= 6, "{words:?}");
    // trace.csv, with the loss of each step beside.
    let losses: BTreeMap<(String, String), String> =
        nets.rows("steps").iter().map(|row| ((row["run"].clone(), row["step"].clone()), row["loss"].clone())).collect();
    let table = fs::read_to_string(nets.results().join("trace.csv")).expect("a table");
    let mut lines = table.lines();
    let header = lines.next().expect("a header");
    let mut trace = format!("{header},loss\n");
    for (line, row) in lines.zip(nets.rows("trace")) {
        writeln!(trace, "{line},{}", losses[&(row["run"].clone(), row["step"].clone())]).expect("a String");
    }
    let claim = |run: &Row| {
        let keys = ["model.activation", "model.init_gain", "model.depth", "train.learning_rate"];
        let value = |key: &str| {
            let value = &run[key.rsplit('.').next().expect("a last part")];
            if key == "model.activation" { format!("{key} = \"{value}\"") } else { format!("{key} = {value}") }
        };
        let place = keys.map(value).join(", ");
        format!("[[expect]]\nname = \"{}\"\nwhere = {{ {place} }}\nverdict = \"{}\"\n", run["run"], run["verdict"])
    };
    let again = nets.again().text(&runs.iter().map(claim).collect::<String>());
    fs::write(again.folder().join("t.csv"), trace).expect("a writable folder");
    let outcome = again.run(&["check", "--traces", "t.csv"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains(&format!("{} passed", runs.len())), "{}", outcome.stdout);
}

/// What a sweep of one net says of it: its verdict, the word of its cause, and the sentence.
fn said(keys: &[(&str, &str)]) -> String {
    let nets = Experiment::new().key("train.steps", "60").key("trace.every", "5");
    let nets = keys.iter().fold(nets, |nets, (key, value)| nets.key(key, value)).axis("seed", "[1]");
    nets.sweep(&["--quiet"]);
    let text = fs::read_to_string(nets.results().join("result.json")).expect("a result");
    let result: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let word = |name: &str| result["sick"][0][name].as_str().unwrap_or("-").to_owned();
    format!("{}, {}: {}", word("verdict"), word("cause"), word("why"))
}

#[test]
fn each_cause_has_its_sentence() {
    let deep = |activation, more: &[(&'static str, &'static str)]| {
        [&[("model.activation", activation), ("model.depth", "20"), ("model.width", "16")], more].concat()
    };
    let nets = [
        ("activation", deep("\"sigmoid\"", &[])),
        ("weights", deep("\"linear\"", &[("model.init_gain", "0.5")])),
        (
            "norm",
            deep("\"relu\"", &[("model.batch_norm", "true"), ("model.depth", "40"), ("train.learning_rate", "1e-4")]),
        ),
        ("branches", deep("\"relu\"", &[("model.residual", "true"), ("train.learning_rate", "1e-5")])),
        (
            "recurrence",
            vec![("data.source", "\"adding\""), ("data.length", "40"), ("model.kind", "\"rnn\""), ("model.depth", "1")],
        ),
        ("dead_units", deep("\"relu\"", &[("model.width", "2"), ("train.learning_rate", "0.5")])),
        ("saturation", deep("\"tanh\"", &[("model.init_gain", "30.0"), ("model.depth", "3")])),
        ("learning_rate", deep("\"relu\"", &[("train.learning_rate", "100.0"), ("model.depth", "4")])),
        ("overflow", deep("\"linear\"", &[("model.init_gain", "1000.0")])),
        ("what underflows", deep("\"linear\"", &[("model.init_gain", "0.001")])),
        ("small_steps", deep("\"tanh\"", &[("train.learning_rate", "1e-6")])),
        (
            "few_steps",
            deep(
                "\"sigmoid\"",
                &[
                    ("model.depth", "3"),
                    ("model.batch_norm", "true"),
                    ("train.learning_rate", "0.05"),
                    ("train.batch_size", "64"),
                    ("trace.every", "1"),
                ],
            ),
        ),
        (
            "large_steps",
            deep(
                "\"elu\"",
                &[
                    ("model.depth", "6"),
                    ("model.batch_norm", "true"),
                    ("train.optimizer", "\"adam\""),
                    ("train.learning_rate", "1.0"),
                ],
            ),
        ),
        ("random_labels", deep("\"tanh\"", &[("data.source", "\"noise\"")])),
    ];
    let lines: Vec<String> = nets.iter().map(|(name, keys)| format!("{name}\n  {}", said(keys))).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_run_that_does_not_diverge_at_a_smaller_rate_has_the_rate_to_blame() {
    let rnn = Experiment::new()
        .key("data.source", "\"adding\"")
        .key("data.length", "30")
        .key("model.kind", "\"rnn\"")
        .key("model.depth", "1")
        .key("model.activation", "\"relu\"")
        .key("model.init_gain", "1.5")
        .key("train.steps", "60")
        .axis("train.learning_rate", "[1e-12, 10.0]");
    rnn.sweep(&["--quiet"]);
    let causes: Vec<(String, String)> =
        rnn.rows("runs").iter().map(|run| (run["status"].clone(), run["cause"].clone())).collect();
    assert_eq!(causes[1], ("diverged".into(), "learning_rate".into()), "{causes:?}");
    let alone = rnn.again().without_axis("train.learning_rate").key("train.learning_rate", "10.0");
    alone.sweep(&["--quiet"]);
    assert_eq!(alone.rows("runs")[0]["cause"], "recurrence", "its error explodes through time at step 0");
}
