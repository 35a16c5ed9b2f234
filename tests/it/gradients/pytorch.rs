//! vgrun against PyTorch: the nets of tests/pytorch/nets.toml, from the same weights and batches, step by step.
//!
//! The numbers in tests/pytorch/numbers.csv are PyTorch's; tests/pytorch/reference.py made them from vgrun's initial
//! weights (`reference.py store VGRUN`) and says what is compared. Where a python3 with PyTorch is at hand (VGRUN_PYTHON
//! names another), the script runs live as well, and so do the guide's scripts.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::documents::blocks;
use crate::experiment::{Experiment, Outcome};

pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pytorch").join(name)
}

/// Says what a test did, also where the output of passed tests is not shown.
pub(crate) fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("a standard error");
}

/// A Python that has these modules.
pub(crate) fn python_with(modules: &str) -> Option<String> {
    let python = std::env::var("VGRUN_PYTHON").unwrap_or_else(|_| "python3".into());
    let found = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    found.is_ok_and(|output| output.status.success()).then_some(python)
}

type Row = HashMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.deserialize().map(|row| row.expect("a row of as many cells as the header")).collect()
}

fn number<T: std::str::FromStr>(row: &Row, column: &str) -> T {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

/// What vgrun measured of (run, step, layer), 0 for the whole net: loss and total gradient norm, or gradient norm and
/// delta.
fn measured(results: &Path) -> HashMap<(usize, usize, usize), [f64; 2]> {
    let key = |row: &Row, layer| (number(row, "run"), number(row, "step"), layer);
    let pair = |row: &Row, columns: [&str; 2]| columns.map(|column| number(row, column));
    let of_nets = rows(&results.join("steps.csv"));
    let of_nets = of_nets.iter().map(|row| (key(row, 0), pair(row, ["loss", "total_grad_norm"])));
    let of_layers = rows(&results.join("trace.csv"));
    let of_layers = of_layers.iter().map(|row| (key(row, number(row, "layer")), pair(row, ["grad_norm", "delta_rms"])));
    of_nets.chain(of_layers).collect()
}

#[test]
fn losses_and_gradients_are_those_that_pytorch_measured_from_the_same_weights() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut sweep = Command::new(env!("CARGO_BIN_EXE_vgrun"));
    sweep.arg("sweep").arg(file("nets.toml")).arg("--quiet").arg("--out").arg(folder.path());
    let outcome = Outcome::of(&sweep.output().expect("vgrun starts"));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let measured = measured(&folder.path().join("pytorch"));
    let (mut compared, mut bad) = (0, Vec::new());
    for row in rows(&file("numbers.csv")) {
        let at = (number(&row, "run"), number(&row, "step"), number(&row, "layer"));
        let columns = if at.2 == 0 { ["loss", "total_grad_norm"] } else { ["grad_norm", "delta_rms"] };
        let tolerance: f64 = number(&row, "tolerance");
        for (column, ours) in columns.into_iter().zip(measured[&at]) {
            let theirs: f64 = number(&row, column);
            compared += 1;
            // A NaN is not within any tolerance.
            let is_within = (ours - theirs).abs() <= tolerance * ours.abs().max(theirs.abs());
            if !is_within {
                bad.push(format!("{at:?} {column}: vgrun {ours:e}, PyTorch {theirs:e}"));
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
    assert!(
        bad.is_empty(),
        "{} of {compared}, the first (run, step, layer):\n{}",
        bad.len(),
        bad[..8.min(bad.len())].join("\n")
    );
    say(&format!("vgrun against PyTorch: {compared} stored numbers agree"));
}

#[test]
fn pytorch_agrees_live_where_it_is_installed() {
    let Some(python) = python_with("torch, tomllib") else {
        say("vgrun against PyTorch: NOT live, for no python3 with PyTorch was found (VGRUN_PYTHON may name one)");
        return;
    };
    let check = Command::new(python).arg(file("reference.py")).args(["check", env!("CARGO_BIN_EXE_vgrun")]).output();
    let outcome = Outcome::of(&check.expect("Python starts"));
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    say(&format!("vgrun against PyTorch: {}", outcome.stdout.lines().last().unwrap_or_default()));
}

/// The Python of a document that has `word` in it.
fn of_the_guide(word: &str) -> String {
    let mut scripts = blocks("python").into_iter().map(|(_, script)| script);
    scripts.find(|script| script.contains(word)).expect("a script with this word")
}

#[test]
fn the_script_of_the_guide_prints_the_same_norms_twice() {
    let script = of_the_guide("safetensors");
    assert!(script.contains("results/torch"), "the folder that the test replaces");
    let Some(python) = python_with("torch, safetensors, numpy") else {
        say("the guide's PyTorch script: NOT run, for no python3 with torch and safetensors was found");
        return;
    };
    let experiment = Experiment::new().key("trace.weights", "\"init\"").key("trace.order", "true");
    experiment.sweep(&[]);
    let mut run = Command::new(python);
    run.current_dir(experiment.folder()).args(["-c", &script.replace("results/torch", "results/test")]);
    let outcome = Outcome::of(&run.output().expect("Python starts"));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let lines: Vec<Vec<f64>> = outcome
        .stdout
        .lines()
        .map(|line| line.split_whitespace().filter_map(|word| word.parse().ok()).collect())
        .collect();
    assert_eq!(lines.len(), 3, "two layers and the head: {}", outcome.stdout);
    for line in lines {
        let [_, torch_grad, grad, torch_delta, delta] = line[..] else { panic!("{}", outcome.stdout) };
        assert!((torch_grad / grad - 1.0).abs() < 1e-4 && (torch_delta / delta - 1.0).abs() < 1e-4);
    }
    say("the guide's PyTorch script: run, and its norms are vgrun's");
}

/// Trains nothing: one backward pass of each net of a grid, whose second argument is what relu's nets really compute.
const NETS: &str = "
import pathlib, sys
act = {'sigmoid': torch.nn.Sigmoid, 'relu': getattr(torch.nn, sys.argv[2])}
for activation in act:
    for seed in range(3):
        torch.manual_seed(seed)
        layers = [torch.nn.Linear(32, 32) for _ in range(10)]
        for layer in layers:
            torch.nn.init.kaiming_normal_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
        model = torch.nn.Sequential(*[m for l in layers for m in (l, act[activation]())], torch.nn.Linear(32, 10))
        write = trace_gradients(model, pathlib.Path(sys.argv[1]), activation=activation, seed=seed)
        loss = torch.nn.functional.cross_entropy(model(torch.randn(256, 32)), torch.randint(10, (256,)))
        loss.backward()
        write(0)
";

#[test]
fn the_hook_of_the_guide_writes_traces_that_check_holds_against_the_claims() {
    let hook = of_the_guide("trace_gradients");
    let code = hook.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(code <= 15, "a hook of 15 lines has {code}");
    let Some(python) = python_with("torch") else {
        say("the guide's PyTorch hook: NOT run, for no python3 with torch was found");
        return;
    };
    let claim = |activation: &str, bounds: &str| {
        let of = format!("where = {{ model.activation = \"{activation}\" }}\nmetric = \"init_decades_per_layer\"");
        format!("[[expect]]\nname = \"{activation}\"\n{of}\n{bounds}\nevery_seed = true\n")
    };
    let experiment = Experiment::new()
        .key("model.depth", "10")
        .axis("model.activation", "[\"sigmoid\", \"relu\"]")
        .axis("seed", "[0, 1, 2]")
        .text(&claim("sigmoid", "equals = -0.5\ntolerance = 0.1"))
        .text(&claim("relu", "equals = 0\ntolerance = 0.1"));
    let check = |relu: &str| {
        let file = format!("{relu}.csv");
        let mut run = Command::new(&python);
        run.current_dir(experiment.folder()).args(["-c", &format!("{hook}{NETS}"), &file, relu]);
        let outcome = Outcome::of(&run.output().expect("Python starts"));
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        experiment.run(&["check", "--traces", &file])
    };
    let right = check("ReLU");
    assert_eq!(right.code, 0, "{}{}", right.stdout, right.stderr);
    assert!(right.stdout.ends_with("2 cases checked: 2 passed\n"), "{}", right.stdout);
    let wrong = check("Sigmoid");
    assert_eq!(wrong.code, 1, "{}{}", wrong.stdout, wrong.stderr);
    assert!(wrong.stdout.contains("relu"), "{}", wrong.stdout);
    say("the guide's PyTorch hook: run, and check judges its traces");
}
