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
        .axis("model.activation", "[\"sigmoid\", \"tanh\", \"relu\"]")
        .axis("model.init_gain", "[0.3, 1.0, 20.0]")
        .axis("model.depth", "[2, 12]")
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
