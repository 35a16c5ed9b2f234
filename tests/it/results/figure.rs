//! `vgrun figure` through the binary: one figure of chosen cells, in the format and size that was asked for, and the
//! numbers behind it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::experiment::{Experiment, Outcome};

/// The exit code of the script where a program that it asks is missing.
const MISSING: i32 = 3;

fn swept() -> Experiment {
    let experiment = Experiment::new()
        .key("model.init", "\"xavier\"")
        .axis("model.depth", "[2, 4, 8]")
        .axis("model.init_gain", "[0.5, 1.0, 2.0]")
        .axis("model.activation", "[\"tanh\", \"relu\"]")
        .axis("seed", "[0, 1]");
    experiment.sweep(&[]);
    experiment
}

fn file(experiment: &Experiment, name: &str) -> PathBuf {
    experiment.folder().join(name)
}

/// A table that `--data` wrote.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn succeeds(experiment: &Experiment, arguments: &[&str]) -> String {
    let Outcome { code, stdout, stderr, .. } = experiment.run(&[&["figure"], arguments].concat());
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    stdout
}

fn is_refused(experiment: &Experiment, arguments: &[&str], words: &[&str]) {
    let Outcome { code, stderr, .. } = experiment.run(&[&["figure"], arguments].concat());
    assert_eq!(code, 2, "{arguments:?}");
    words.iter().for_each(|word| assert!(stderr.contains(word), "{arguments:?}: {stderr}"));
}

#[test]
fn the_list_says_which_figures_these_results_have() {
    let experiment = Experiment::new();
    experiment.sweep(&[]);
    let list = succeeds(&experiment, &["--list"]);
    assert_eq!(list.lines().count(), 8, "{list}");
    for (name, is_there) in
        [("profile", true), ("learning", true), ("matrix", false), ("phase", false), ("lags", false)]
    {
        let line = list.lines().find(|line| line.starts_with(name)).expect("every figure");
        assert_eq!(line.contains("not here: it is of "), !is_there, "{line}");
    }
    is_refused(
        &experiment,
        &["phase"],
        &["nothing to draw in the figure phase", "grids that sweep two numbers", "--list"],
    );
    is_refused(&experiment, &["fase"], &["no figure \"fase\"", "profile, speed, heatmap"]);
}

#[test]
fn the_table_of_a_profile_has_the_numbers_of_layers_csv_of_the_cells_that_were_chosen() {
    let experiment = swept();
    let chosen = ["--where", "activation=tanh", "--where", "depth=8", "--where", "model.init_gain=[0.5, 2]"];
    let out = succeeds(&experiment, &[&["profile", "--data", "profile.csv"], &chosen[..]].concat());
    assert_eq!(out, "wrote profile.svg\nwrote profile.csv\n");
    let table = rows(&file(&experiment, "profile.csv"));
    assert_eq!(table.len(), 2 * 2 * 8, "two cells of 8 layers, at two steps");
    let layers = experiment.rows("layers");
    for row in table.iter().filter(|row| row["panel"] == "at initialisation") {
        let gain = row["line"].strip_prefix("init_gain ").expect("the axis");
        let of_seeds: Vec<f64> = layers
            .iter()
            .filter(|r| r["activation"] == "tanh" && r["depth"] == "8" && r["init_gain"] == gain)
            .filter(|r| r["layer"] == row["layer"])
            .map(|r| r["log10_delta_rms_init"].parse().expect("a number"))
            .collect();
        let mean: f64 = row["log10_mean"].parse().expect("a number");
        assert_eq!((of_seeds.len(), row["n"].as_str()), (2, "2"));
        assert!((mean - of_seeds.iter().sum::<f64>() / 2.0).abs() < 1e-6, "{row:?}");
    }
}

#[test]
fn cells_that_cannot_be_chosen_are_refused_with_what_there_is() {
    let experiment = swept();
    for (condition, words) in [
        ("depth", &["expected KEY=VALUE"][..]),
        ("dpth=2", &["no such key (did you mean depth?)", "sweeps depth, init_gain, activation"]),
        ("depth=3", &["no cell has it", "here depth is 2, 4, 8"]),
        ("depth=deep", &["depth has no such value", "whole number"]),
        ("seed=0", &["a figure is over all seeds"]),
    ] {
        is_refused(&experiment, &["profile", "--where", condition], words);
    }
    assert!(!file(&experiment, "profile.svg").exists(), "nothing is written");
    let none = ["matrix", "--where", "depth=2", "--where", "depth=4"];
    is_refused(&experiment, &none, &["no cell has all of these values: depth=2, depth=4"]);
}

#[test]
fn the_format_is_that_of_the_ending_and_the_same_figure_has_the_same_bytes() {
    let experiment = swept();
    let beginnings: [(&str, &[u8]); 3] = [("a.svg", b"<svg"), ("a.pdf", b"%PDF-"), ("a.png", b"\x89PNG")];
    for (name, beginning) in beginnings {
        succeeds(&experiment, &["phase", "-o", name]);
        let first = fs::read(file(&experiment, name)).expect("written");
        assert!(first.starts_with(beginning), "{name}");
        succeeds(&experiment, &["phase", "-o", name]);
        assert_eq!(fs::read(file(&experiment, name)).expect("written"), first, "{name}");
    }
    for arguments in [&["phase", "-o", "a.jpg"][..], &["phase", "-o", "b.svg", "--format", "png"]] {
        is_refused(&experiment, arguments, &["ends in .svg, .pdf or .png"]);
        assert!(!file(&experiment, arguments[2]).exists());
    }
    succeeds(&experiment, &["matrix", "--format", "pdf"]);
    assert!(file(&experiment, "matrix.pdf").exists());
}

#[test]
fn a_figure_has_the_size_that_was_asked_for_and_may_leave_its_words_to_the_text_around_it() {
    let experiment = swept();
    for name in ["profile", "heatmap", "learning", "matrix", "phase", "effects"] {
        succeeds(&experiment, &[name, "--size", "500x640"]);
        let svg = fs::read_to_string(file(&experiment, &format!("{name}.svg"))).expect("written");
        assert!(svg.contains("width=\"500\" height=\"640\""), "{name}: {}", &svg[..300]);
    }
    is_refused(&experiment, &["profile", "--size", "400x200"], &["--size: at a width of 400", "a height of at least"]);
    is_refused(&experiment, &["profile", "--size", "10x10"], &["from 200 to 10000 pixels, such as 480x320"]);
    let out = succeeds(&experiment, &["phase", "--no-title"]);
    let svg = fs::read_to_string(file(&experiment, "phase.svg")).expect("written");
    assert!(out.contains("Which nets learned, over init_gain and depth. A tile is a cell"), "{out}");
    assert!(!svg.contains(">A tile is a cell"), "the caption is printed, not drawn");
}

#[test]
fn the_least_height_that_an_error_names_is_enough() {
    let experiment = swept();
    let outcome = experiment.run(&["figure", "profile", "--size", "400x200"]);
    let least =
        outcome.stderr.split("at least ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a number");
    succeeds(&experiment, &["profile", "--size", &format!("400x{least}")]);
}

#[test]
fn nothing_that_is_no_such_figure_is_replaced() {
    let experiment = swept();
    fs::write(file(&experiment, "thesis.pdf"), "my thesis").expect("a writable folder");
    is_refused(&experiment, &["profile", "-o", "thesis.pdf"], &["-o", "thesis.pdf"]);
    is_refused(&experiment, &["profile", "-o", "a.svg", "--data", "a.svg"], &["-o and --data both name a.svg"]);
    is_refused(&experiment, &["profile", "-o", "results/test/profile.svg"], &["in the folder of the results"]);
    assert_eq!(fs::read_to_string(file(&experiment, "thesis.pdf")).expect("there"), "my thesis");
    assert!(!file(&experiment, "a.svg").exists());
}

#[test]
fn theorys_border_is_dense_and_has_relus_and_tanhs_critical_gains() {
    let experiment = swept();
    succeeds(&experiment, &["phase", "--data", "phase.csv"]);
    let table = rows(&file(&experiment, "phase.csv"));
    for (activation, critical) in [("tanh", 1.0), ("relu", 2_f64.sqrt())] {
        let of = |what: &str| {
            table.iter().filter(|row| row["panel"] == activation && row["what"] == what).collect::<Vec<_>>()
        };
        assert_eq!(of("cell").len(), 9, "all cells");
        assert!(of("theory").len() > 200, "not only the values of the grid");
        let at: Vec<f64> = of("critical").iter().map(|row| row["x"].parse().expect("a number")).collect();
        assert!(at.len() == 1 && (at[0] - critical).abs() < 1e-6, "{activation}: {at:?}");
        // 6 / |ln chi|, where chi is the square of the gain over the critical one, as long as errors vanish.
        for row in of("theory") {
            let number = |column: &str| row[column].parse::<f64>().expect("a number");
            let (gain, depth) = (number("x"), number("y"));
            let expected = 3.0 / (gain / critical).ln().abs();
            if gain < 0.95 * critical {
                assert!((depth / expected - 1.0).abs() < 1e-6, "{activation} at {gain}: {depth}, not {expected}");
            }
        }
    }
}

#[test]
fn every_figure_is_what_matplotlib_and_poppler_make_of_its_table_and_its_pdf() {
    let experiment = swept();
    let recurrent = Experiment::new()
        .key("data.source", "\"adding\"")
        .key("data.length", "12")
        .axis("model.kind", "[\"rnn\", \"lstm\"]");
    recurrent.sweep(&[]);
    let all = ["profile", "speed", "heatmap", "learning", "matrix", "phase", "effects"];
    for (experiment, names) in [(experiment, &all[..]), (recurrent, &["lags"])] {
        match ask(&experiment.results(), names) {
            Ok(outcome) => assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr),
            Err(why) => {
                assert!(env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "{why}");
                let _ = writeln!(io::stderr(), "SKIPPED, nothing was drawn again: {why}");
            }
        }
    }
}

/// What other programs say of the figures, or why they cannot be asked.
fn ask(results: &Path, names: &[&str]) -> Result<Outcome, String> {
    let python = env::var_os("VGRUN_PYTHON").ok_or("VGRUN_PYTHON names no Python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/figures.py");
    let mut command = Command::new(&python);
    command.arg(script).arg(env!("CARGO_BIN_EXE_vgrun")).arg(results).args(names);
    let outcome = Outcome::of(&command.output().map_err(|e| format!("cannot start {}: {e}", python.display()))?);
    if outcome.code == MISSING { Err(outcome.stdout.trim().to_owned()) } else { Ok(outcome) }
}
