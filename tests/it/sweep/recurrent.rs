//! Sweeps over recurrent nets: what `plan` says of them beforehand, and what the terminal shows at their end.

use crate::experiment::Experiment;

/// Every cell on sequences of two lengths.
fn cells() -> Experiment {
    Experiment::new()
        .key("data.source", "\"adding\"")
        .without("model.depth")
        .axis("model.kind", "[\"rnn\", \"gru\", \"lstm\"]")
        .axis("data.length", "[8, 30]")
        .axis("seed", "[0, 1]")
}

#[test]
fn plan_knows_the_rows_of_every_table() {
    let stacked = cells().axis("model.depth", "[1, 3]");
    let text = stacked.run(&["plan"]).stdout;
    stacked.sweep(&["--quiet"]);
    for table in ["runs", "summary", "layers", "steps", "trace", "time", "gates", "effects"] {
        let start = format!("  {table}.csv ");
        let line = text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{table}:\n{text}"));
        let planned: usize = line.split_whitespace().nth(1).expect("rows").replace(',', "").parse().expect("a number");
        assert_eq!(planned, stacked.rows(table).len(), "{table}");
    }
    // Steps 0, 2, 4, 5 of three kinds and two seeds: 1 + 3 layers, 8 + 30 time steps; 3 + 4 gates at two lengths.
    assert_eq!(stacked.rows("time").len(), 4 * 3 * 2 * 4 * 38);
    assert_eq!(stacked.rows("gates").len(), 4 * 2 * 4 * 2 * 7);
    let data =
        "  data      adding: new examples at every step + 512 for testing, 8 to 30 time steps of 2 inputs -> a number";
    assert!(text.contains(data), "{text}");
}

#[test]
fn the_table_of_recurrent_nets_is_about_time_and_says_what_chance_is() {
    let text = cells().sweep(&[]).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "rows: kind; columns: length; each cell shows: verdict, decades through time at initialisation, loss at the end (means \
             over the seeds where they are finite)",
            "cell: the runs that differ in their seed alone; decade: a factor of ten, so -2 means that a hundredth arrives",
            "decades through time: log10 of the error at the top layer's state (state_rms) at t = 1 over that one time step \
             before the first answer",
            "verdict: the state of the gradients at the last traced step, the worst of layers and time; recovered: sick at step 0 \
             and not at the last",
            "chance: a net that gives every example the same answer has a loss of 0.17 at best; a net has learned below 0.9 of it",
        ]
    );
    assert_eq!(lines[5].split_whitespace().collect::<Vec<_>>(), ["kind", "length", "8", "length", "30"]);
    for (line, kind) in lines[6..9].iter().zip(["rnn", "gru", "lstm"]) {
        assert!(line.starts_with(kind) && !line.contains("NaN"), "{line}");
    }
    let at = lines.iter().position(|line| line.starts_with("longest sequence that was learned")).expect("a headline");
    assert_eq!(lines[at + 1].split_whitespace().collect::<Vec<_>>(), ["kind", "length"]);
    assert!(text.contains("results/test/time.csv first"), "{text}");
}

#[test]
fn a_table_of_nets_with_and_without_time_shows_of_each_its_own_way_back() {
    let mixed = Experiment::new()
        .key("data.source", "\"noise\"")
        .axis("model.kind", "[\"mlp\", \"lstm\"]")
        .axis("model.residual", "[false, true]");
    let text = mixed.sweep(&[]).stdout;
    assert!(
        text.starts_with("rows: kind; columns: residual; each cell shows: verdict, decades at initialisation, loss"),
        "{text}"
    );
    assert!(text.contains("\ndecades of an mlp: gradient_decades: log10 of the error (delta_rms) at layer 1"));
    let decades = |kind: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with(kind)).expect("a row");
        line.split_whitespace().nth(2).expect("decades").parse().expect("a number")
    };
    let runs = mixed.rows("runs");
    let measured: f64 = runs[0]["init_gradient_decades"].parse().expect("a number");
    assert!((decades("mlp") - measured).abs() <= 0.05);
    let of_step = |t: &str| -> f64 {
        let rows = mixed.rows("time").into_iter();
        let of_top = |row: &std::collections::BTreeMap<String, String>| {
            row["run"] == "2" && row["step"] == "0" && row["layer"] == "2" && row["t"] == t
        };
        rows.filter(of_top).map(|row| row["state_rms"].parse().expect("a number")).next().expect("a row")
    };
    assert!((decades("lstm") - (of_step("1") / of_step("19")).log10()).abs() <= 0.05);
}
