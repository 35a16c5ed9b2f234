//! The script that counts how good the verdict is: its rules on a trace made by hand, and that it reads real tables.
//!
//! It needs nothing but a Python: that which `VGRUN_PYTHON` names, or `python3`.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use vgrun::plan::load;

use crate::experiment::{Experiment, Outcome};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verdict").join(name)
}

/// The rows that the script prints for a results folder, cell by cell; `None` without a Python, which is said.
fn rows(results: &Path) -> Option<Vec<Vec<String>>> {
    let python = env::var_os("VGRUN_PYTHON").unwrap_or_else(|| "python3".into());
    let output = match Command::new(&python).arg(path("quality.py")).arg(results).output() {
        Ok(output) => Outcome::of(&output),
        Err(error) => {
            let why = format!("cannot start {}: {error}", Path::new(&python).display());
            assert!(env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "{why}");
            // Past the capture of a test's output, which nobody sees of a test that passes.
            let _ = writeln!(io::stderr(), "SKIPPED, the verdict's quality was not counted: {why}");
            return None;
        }
    };
    assert_eq!(output.code, 0, "{}{}", output.stdout, output.stderr);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    Some(output.stdout.lines().skip(2).map(cells).collect())
}

/// One traced step of a net of one hidden layer: dLoss/dW of the first layer and of the head, and the share of flat slopes.
type Step = (f64, f64, f64);

const FLAT: Step = (0.1, 0.1, 0.5);

#[test]
fn each_rule_finds_what_it_says_in_a_trace_made_by_hand() {
    // Verdict, status, learned, and three steps.
    let runs: [(&str, &str, bool, [Step; 3]); 6] = [
        ("healthy", "ok", true, [FLAT; 3]),
        ("vanishing", "ok", false, [(1e-5, 0.1, 0.5), FLAT, FLAT]),
        // Its ratio is below 1e-3, and its first layer's gradient is not below 1e-4.
        ("vanishing", "ok", false, [(5e-4, 1.0, 0.5); 3]),
        // A ratio above 70, in the middle alone.
        ("healthy", "ok", true, [FLAT, (7.1, 0.1, 0.5), FLAT]),
        ("healthy", "ok", false, [FLAT, FLAT, (0.1, 0.1, 0.7)]),
        ("diverged", "diverged", false, [FLAT; 3]),
    ];
    let mut table = vec!["run,status,verdict,learned".to_owned()];
    let mut trace = vec!["run,step,layer,role,grad_norm,delta_rms,zero_fraction,saturated_fraction,status".to_owned()];
    for (run, (verdict, status, learned, steps)) in runs.into_iter().enumerate() {
        table.push(format!("{run},{status},{verdict},{learned}"));
        for (step, (first, head, flat)) in steps.into_iter().enumerate() {
            trace.push(format!("{run},{step},1,hidden,{first:?},{first:?},{flat:?},0.0,ok"));
            trace.push(format!("{run},{step},2,head,{head:?},{head:?},0.0,0.0,ok"));
        }
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let results = folder.path().join("hand");
    fs::create_dir(&results).expect("a folder");
    fs::write(results.join("runs.csv"), table.join("\n")).expect("a table");
    fs::write(results.join("trace.csv"), trace.join("\n")).expect("a table");
    let Some(rows) = rows(&results) else { return };
    #[rustfmt::skip]
    let want = [
        ["hand", "vgrun's verdict", "6", "3", "0", "1", "2", "1.00", "0.75"],
        // Of one hidden layer no error is lost between layers.
        ["hand", "worse of the ends", "6", "1", "0", "3", "2", "1.00", "0.25"],
        ["hand", "AUTOTRAINER, ever", "6", "3", "1", "1", "1", "0.75", "0.75"],
        ["hand", "AUTOTRAINER, first or last", "6", "3", "0", "1", "2", "1.00", "0.75"],
        ["hand", "AUTOTRAINER without dying, ever", "6", "2", "1", "2", "1", "0.67", "0.50"],
        ["hand, not diverged", "vgrun's verdict", "5", "2", "0", "1", "2", "1.00", "0.67"],
        ["hand, not diverged", "worse of the ends", "5", "0", "0", "3", "2", "-", "0.00"],
        ["hand, not diverged", "AUTOTRAINER, ever", "5", "2", "1", "1", "1", "0.67", "0.67"],
        ["hand, not diverged", "AUTOTRAINER, first or last", "5", "2", "0", "1", "2", "1.00", "0.67"],
        ["hand, not diverged", "AUTOTRAINER without dying, ever", "5", "1", "1", "2", "1", "0.50", "0.33"],
    ];
    assert_eq!(rows, want);
}

#[test]
fn the_quality_of_the_verdict_is_counted_from_the_tables_as_they_are() {
    let experiment = Experiment::new().axis("train.learning_rate", "[0.1, 1e30]");
    experiment.sweep(&["--quiet"]);
    let Some(rows) = rows(&experiment.results()) else { return };
    let counted: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(counted, ["2", "2", "2", "2", "2", "1", "1", "1", "1", "1"], "one of two runs diverges");
}

#[test]
fn the_second_set_of_nets_is_a_plan_of_some_hundred_runs() {
    let plan = load(&path("grid.toml"), &[]).unwrap_or_else(|error| panic!("{error}"));
    assert!(plan.warnings().is_empty() && plan.len() >= 300, "{} runs", plan.len());
}

/// Parts of configs/depth.toml and configs/memory.toml, so few nets that they are trained in seconds: the counts of the
/// table in the guide are those of the whole.
#[test]
fn the_verdict_tells_who_learned_and_the_former_rule_does_not() {
    let config = |name: &str| format!("{}/configs/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let counted = |name: &str, sets: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vgrun"));
        command.current_dir(folder.path()).args(["sweep", &config(name), "--quiet", "--name", name]);
        for set in sets {
            command.args(["--set", set]);
        }
        let outcome = Outcome::of(&command.output().expect("vgrun starts"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let rows = rows(&folder.path().join("results").join(name))?;
        Some(rows[..2].iter().map(|row| row[2..7].join(" ")).collect::<Vec<_>>())
    };
    // n, then TP, FP, FN, TN: a positive is a sick net, and true that it did not learn. The verdict, then the worse of the
    // ends.
    let depth = [
        "grid.model.depth=[10, 50]",
        "grid.model.activation=[\"sigmoid\", \"tanh\", \"relu\"]",
        "grid.model.init=[\"he_normal\"]",
        "grid.model.residual=[false]",
        "grid.seed=[0]",
    ];
    let Some(depth) = counted("depth", &depth) else { return };
    assert_eq!(depth, ["12 2 0 1 9", "12 3 1 0 8"]);
    let memory = ["grid.data.length=[10, 40]", "grid.seed=[0]", "run.train.steps=800", "run.model.width=16"];
    assert_eq!(counted("memory", &memory).expect("a Python"), ["6 1 0 0 5", "6 1 4 0 1"]);
}
