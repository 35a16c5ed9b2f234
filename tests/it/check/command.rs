//! `vgrun check`, `accept` and `diff` end to end: what is judged, what a red check says, and every exit code.

use std::fs;

use crate::experiment::{Experiment, Outcome};

/// Ten layers of sigmoid and of relu, three seeds.
fn nets() -> Experiment {
    Experiment::new()
        .key("model.depth", "10")
        .key("model.width", "32")
        .key("model.init", "\"he\"")
        .axis("model.activation", "[\"sigmoid\", \"relu\"]")
        .axis("seed", "[0, 1, 2]")
}

/// A claim about the slope of sigmoid's nets.
fn slope(name: &str, claim: &str) -> String {
    format!(
        "[[expect]]\nname = \"{name}\"\nwhere = {{ model.activation = \"sigmoid\" }}\nmetric = \"init_decades_per_layer\"\n{claim}\n"
    )
}

fn check(nets: &Experiment, arguments: &[&str]) -> Outcome {
    nets.run(&[&["check"], arguments].concat())
}

#[test]
fn claims_that_hold_are_green_and_one_that_is_violated_is_red_with_its_cell_its_numbers_and_its_line() {
    let green = nets()
        .text(&slope("sigmoid vanishes", "max = -0.4"))
        .text("[[expect]]\nname = \"verdict\"\nwhere = { model.activation = \"sigmoid\" }\nverdict = \"vanishing\"\n")
        .text(
            "[[expect]]\nname = \"relu has more\"\nwhere = { model.activation = \"relu\" }\nversus = { model.activation = \
             \"sigmoid\" }\nmetric = \"delta_rms\"\nlayer = 1\ndecades = 3\n",
        )
        .text("[[expect]]\nname = \"not yet\"\nlearned = true\nexpected_failure = \"six steps teach nothing\"\n");
    let outcome = check(&green, &[]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.ends_with("4 cases checked: 3 passed, 1 known to fail\n"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("no baseline: `vgrun accept test.toml` would write test.baseline.csv"));

    let red = nets().text(&slope("sigmoid keeps it", "min = -0.4"));
    let outcome = check(&red, &[]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.starts_with("FAILED: expect \"sigmoid keeps it\" (line "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("activation=sigmoid: init_decades_per_layer is -0.5"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("over 3 seeds, and should be at least -0.4000"), "{}", outcome.stdout);
    let result = fs::read_to_string(red.results().join("result.json")).expect("a result file");
    let result: serde_json::Value = serde_json::from_str(&result).expect("JSON");
    assert_eq!((&result["exit_code"], &result["check"][0]["status"]), (&1.into(), &"failed".into()));
}

#[test]
fn an_expected_failure_that_holds_is_red() {
    let nets = nets().text(&slope("fixed by now", "max = -0.4\nexpected_failure = \"no cure yet\""));
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("it holds, although it is known not to (no cure yet)"), "{}", outcome.stdout);
}

#[test]
fn what_the_seeds_leave_undecided_warns_and_fails_where_that_is_asked_for() {
    // The mean lies within, and the interval does not.
    let nets = nets()
        .text(&slope("about a half", "equals = -0.5093\ntolerance = 0.0003"))
        .text(&slope("sigmoid vanishes", "max = -0.4"));
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("\nundecided: expect \"about a half\""), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("seeds would decide"), "{}", outcome.stdout);
    assert_eq!(check(&nets, &["--strict"]).code, 1);
}

#[test]
fn every_seed_is_judged_by_itself_and_named_where_it_fails() {
    let nets = nets().text(&slope("each", "max = -0.4\nevery_seed = true"));
    assert_eq!(check(&nets, &[]).code, 0);
    let nets = self::nets().text(&slope("each", "min = -0.4\nevery_seed = true"));
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("in every seed; not so seed=0, seed=1, seed=2\n"), "{}", outcome.stdout);
}

#[test]
fn a_check_trains_afresh_whatever_is_stored_and_a_stored_one_trains_nothing() {
    let nets = nets().text(&slope("sigmoid vanishes", "max = -0.4"));
    let stored = check(&nets, &["--stored"]);
    assert_eq!(stored.code, 3, "{}", stored.stderr);
    assert!(stored.stderr.contains("6 of 6 runs are not in"), "{}", stored.stderr);
    assert!(!nets.results().exists(), "nothing was trained");
    nets.sweep(&["--quiet"]);
    let swept = nets.segments();
    assert_eq!(check(&nets, &["--stored"]).code, 0);
    assert_eq!(nets.segments(), swept);
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stderr.contains("6 runs to train afresh"), "{}", outcome.stderr);
    let [checked] = &nets.segments()[..] else { panic!("what nobody reads any more is gone") };
    assert!(!swept.contains(checked), "every run was trained again");
}

#[test]
fn nothing_to_check_is_an_error_and_so_is_a_claim_about_no_run() {
    let outcome = check(&nets(), &[]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("there is nothing to check: write an [[expect]], or let vgrun accept"));
    let nets = nets().text("[[expect]]\nname = \"a\"\nwhere = { model.activation = \"tanh\" }\nlearned = true\n");
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("`where` of \"a\" matches no run"), "{}", outcome.stderr);
    assert!(!nets.results().exists(), "nothing was trained");
}

#[test]
fn a_baseline_holds_to_the_last_bit_and_names_what_changed_worst_first() {
    let nets = nets();
    let outcome = nets.run(&["accept", "--yes"]);
    assert_eq!(outcome.code, 2, "there is nothing to accept");
    assert!(
        outcome
            .stderr
            .contains("6 runs have no stored result; run `vgrun check test.toml` or `vgrun sweep test.toml` first"),
        "{}",
        outcome.stderr
    );
    nets.sweep(&["--quiet"]);
    let outcome = nets.run(&["accept"]);
    assert_eq!(outcome.code, 2, "nobody is there to say yes");
    let path = nets.folder().join("test.baseline.csv");
    assert!(outcome.stderr.contains("--yes writes it") && !path.exists(), "{}", outcome.stderr);
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
    let accepted = fs::read_to_string(&path).expect("a baseline");
    assert!(
        accepted.starts_with(
            "numerics,activation,layer,metric,mean,n,n_minus_inf,n_nan,n_plus_inf\n5,relu,0,accuracy_last,"
        ),
        "{accepted}"
    );
    for jobs in ["1", "2"] {
        let outcome = check(&nets, &["--jobs", jobs]);
        assert_eq!(outcome.code, 0, "{}", outcome.stdout);
        assert_eq!(outcome.stdout, "2 cases checked: 2 passed\n");
    }
    assert!(nets.run(&["accept"]).stdout.contains("nothing changes"));

    // Another number in one row, one row gone, one that was never measured.
    let mut rows: Vec<String> = accepted.lines().map(str::to_owned).collect();
    let at = rows.iter().position(|row| row.contains("sigmoid,1,log10_delta_rms_init")).expect("a row");
    rows[at] = "5,sigmoid,1,log10_delta_rms_init,-1.5,3,0,0,0".into();
    let gone = rows.remove(1);
    rows.push("5,tanh,0,loss_last,1.0,3,0,0,0".into());
    fs::write(&path, rows.join("\n") + "\n").expect("a writable folder");
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("log10_delta_rms_init of layer 1 was -1.5, is -"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("accuracy_last was measured, and is not in the baseline"), "{gone}");
    assert!(outcome.stdout.contains("loss_last is in the baseline, and was not measured"), "{}", outcome.stdout);
    let diff = nets.run_alone(&["diff", "test.baseline.csv", "results/test"]);
    assert_eq!(diff.code, 0, "{}", diff.stderr);
    assert!(diff.stdout.contains("sigmoid: log10_delta_rms_init of layer 1: -1.5 -> -"), "{}", diff.stdout);
    assert!(diff.stdout.contains("1 differ"), "{}", diff.stdout);
    let diff = nets.run_alone(&["diff", "test.baseline.csv", "results/test", "--csv"]);
    assert!(diff.stdout.starts_with("activation,layer,metric,old,new,decades,old_n,old_n_minus_inf,"));

    // Version 4 has other numbers only where something underflows.
    fs::write(&path, accepted.replace("\n5,", "\n4,")).expect("a writable folder");
    let outcome = check(&nets, &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "2 cases checked: 2 passed\n"));
    assert!(outcome.stderr.contains("is of numerics version 4, and this vgrun has version 5"), "{}", outcome.stderr);

    let of_other_numerics = accepted.replace("\n5,", "\n3,");
    fs::write(&path, of_other_numerics).expect("a writable folder");
    let outcome = check(&nets, &[]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("numerics version 3, and this vgrun has version 5"), "{}", outcome.stderr);
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0, "accept makes a new one");
    assert_eq!(fs::read_to_string(&path).expect("a baseline"), accepted);
}

#[test]
fn a_tolerance_forgives_what_is_below_it() {
    let nets = |tolerance: &str| nets().text(&format!("[check]\n{tolerance}\n"));
    let exact = nets("tolerance_decades = 0.0");
    exact.sweep(&["--quiet"]);
    assert_eq!(exact.run(&["accept", "--yes"]).code, 0);
    let path = exact.folder().join("test.baseline.csv");
    let shifted: String = fs::read_to_string(&path)
        .expect("a baseline")
        .lines()
        .map(|row| {
            let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            if row.contains("log10_grad_norm_init") {
                cells[4] = format!("{:?}", cells[4].parse::<f64>().expect("a number") + 0.01);
            }
            cells.join(",") + "\n"
        })
        .collect();
    fs::write(&path, &shifted).expect("a writable folder");
    assert_eq!(check(&exact, &["--stored"]).code, 1);
    for (tolerance, code) in [
        ("tolerance_decades = 0.02", 0),
        ("tolerance = { grad_norm = 0.02 }", 0),
        ("tolerance = { delta_rms = 0.02 }", 1),
    ] {
        let nets = nets(tolerance);
        nets.sweep(&["--quiet"]);
        fs::write(nets.folder().join("test.baseline.csv"), &shifted).expect("a writable folder");
        assert_eq!(check(&nets, &["--stored"]).code, code, "{tolerance}");
    }
}

#[test]
fn reports_for_other_programs_hold_every_case() {
    let nets = nets().text(&slope("a <b> & \\\"c\\\"", "min = -0.4")).text(&slope("holds", "max = -0.4"));
    let outcome = check(&nets, &["--quiet", "--junit", "junit.xml", "--json", "check.json", "--github"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.starts_with("::error file=test.toml,line="), "{}", outcome.stdout);
    let json = fs::read_to_string(nets.folder().join("check.json")).expect("a file");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((json[0]["status"].as_str(), json[1]["status"].as_str()), (Some("failed"), Some("passed")));
    let xml = fs::read_to_string(nets.folder().join("junit.xml")).expect("a file");
    assert!(xml.contains("tests=\"2\"") && xml.contains("failures=\"1\""), "{xml}");
    let Some(python) = std::env::var_os("VGRUN_PYTHON") else { return };
    let script = "import junitparser, sys\nx = junitparser.JUnitXml.fromfile(sys.argv[1])\n\
                  print([(c.name, [type(r).__name__ for r in c.result]) for s in x for c in s])";
    let read = std::process::Command::new(python).args(["-c", script]).arg(nets.folder().join("junit.xml")).output();
    let read = Outcome::of(&read.expect("python starts"));
    assert_eq!(read.stdout.trim(), "[('a <b> & \"c\"', ['Failure']), ('holds', [])]", "{}", read.stderr);
}

/// Claims that the norms of a trace tell, and one that they do not.
fn with_claims_on_norms() -> Experiment {
    nets()
        .text(&slope("sigmoid vanishes", "max = -0.4"))
        .text("[[expect]]\nname = \"norm\"\nmetric = \"grad_norm\"\nlayer = \"head\"\nmin = 1e-3\n")
        .text("[[expect]]\nname = \"loss\"\nmetric = \"loss_last\"\nmax = 9\n")
}

#[test]
fn a_trace_from_elsewhere_is_held_against_the_same_claims_and_baseline() {
    let nets = with_claims_on_norms();
    nets.sweep(&["--quiet"]);
    assert_eq!(nets.run(&["accept", "--yes"]).code, 0);
    // What we wrote ourselves is a trace like any other.
    let own = fs::read_to_string(nets.results().join("trace.csv")).expect("a table");
    let path = nets.folder().join("trace.csv");
    fs::write(&path, own.replace("sigmoid", "sigmoid ")).expect("a writable folder");
    fs::remove_dir_all(nets.results()).expect("they were there");
    let outcome = check(&nets, &["--traces", "trace.csv"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stdout.contains("undecided: expect \"loss\""), "{}", outcome.stdout);
    // The baseline's cells are right as far as the trace goes, and what it does not tell is not forgotten.
    let untold = "not compared, as the trace does not tell them: accuracy_last, ";
    assert_eq!(outcome.stdout.matches(untold).count(), 2, "{}", outcome.stdout);
    assert!(outcome.stdout.ends_with("5 cases checked: 2 passed, 3 undecided\n"), "{}", outcome.stdout);
    assert!(!nets.results().exists(), "nothing was trained or written");

    // Twice the gradient in one layer of one run.
    let mut rows: Vec<String> = own.lines().map(str::to_owned).collect();
    let mut cells: Vec<&str> = rows[1].split(',').collect();
    let at = rows[0].split(',').position(|column| column == "grad_norm").expect("a column");
    let doubled = format!("{:?}", 2.0 * cells[at].parse::<f64>().expect("a number"));
    cells[at] = &doubled;
    rows[1] = cells.join(",");
    fs::write(&path, rows.join("\n") + "\n").expect("a writable folder");
    let outcome = check(&nets, &["--traces", "trace.csv"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("log10_grad_norm_init of layer 1 was"), "{}", outcome.stdout);
}

#[test]
fn a_trace_that_is_not_whole_is_refused_with_its_line_and_what_is_missing() {
    let nets = with_claims_on_norms();
    nets.sweep(&["--quiet"]);
    let own = fs::read_to_string(nets.results().join("trace.csv")).expect("a table");
    let rows: Vec<&str> = own.lines().collect();
    let path = nets.folder().join("trace.csv");
    let refused = |text: String, message: &str| {
        fs::write(&path, text).expect("a writable folder");
        let outcome = check(&nets, &["--traces", "trace.csv"]);
        assert_eq!(outcome.code, 2);
        assert!(outcome.stderr.contains(message), "{message}: {}", outcome.stderr);
    };
    refused(
        own.replacen("grad_norm", "norm", 1),
        "trace.csv, line 1: there is no column `grad_norm`; needed are activation, seed",
    );
    refused(own.replacen("sigmoid", "tanh", 1), "trace.csv, line 2: the config has no run with activation=tanh seed=0");
    refused(
        [&rows[..1], &rows[2..]].concat().join("\n"),
        "layer 1 of step 0 is not there for the run with activation=sigmoid",
    );
    refused([&rows[..2], &rows[1..]].concat().join("\n"), "trace.csv, line 3: layer 1 of step 0 comes twice");
    refused(rows[..=4 * 11].join("\n"), "there is no row of the run with activation=");
    refused(own.replacen(",1,layers.1,", ",77,layers.1,", 1), "layer 77: layers are 1 to 10, and 11 is the head");
    fs::remove_file(&path).expect("it is there");
    assert_eq!(check(&nets, &["--traces", "trace.csv"]).code, 2);
}
