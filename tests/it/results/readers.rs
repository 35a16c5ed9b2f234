//! What pandas, polars, pyarrow, duckdb and frictionless make of the tables, with their defaults.
//!
//! They are asked by a Python that `VGRUN_PYTHON` names; `tests/run.sh` installs one, and sets `VGRUN_REQUIRE_PYTHON`,
//! with which a missing one is a failure.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use vgrun::config::Source;
use vgrun::metric::{GateReading, LayerReading, RowStatus, TimeReading};
use vgrun::nn::ModelKind;
use vgrun::plan::plan;
use vgrun::store::Writer;
use vgrun::tables::rebuild;
use vgrun::trace::{Record, StepReading, ThroughTime, Trace};

use crate::experiment::{Experiment, Outcome};

/// What `readers.py` ends with where a module is missing.
const MODULE_MISSING: i32 = 3;

/// Nets with numbers that readers get wrong: a deep sigmoid net of tiny weights (gradients of 1e-300, and zeros), nets
/// that diverge and go on, dead relu layers; and axes of which the first hundred rows do not show the type.
fn hard_to_read() -> Experiment {
    let deep = vec!["4"; 36].join(", ");
    Experiment::new()
        .without("model.depth")
        .without("model.width")
        .without("trace.every")
        .key("train.precision", "\"f64\"")
        .key("train.stop_when_diverged", "false")
        .axis("train.batch_size", "[16, \"full\"]")
        .axis("trace.every", "[2, \"log\", [0, 3]]")
        .axis("model.widths", "[[4], [4, 4]]")
        .axis("train.learning_rate", "[1, 1e160]")
        .axis("model.activation", "[\"relu\", \"sigmoid\", \"linear\"]")
        .axis("seed", "{ from = 0, count = 2 }")
        .text(&format!(
            "[[include]]\nmodel.widths = [[{deep}]]\nmodel.init_gain = 1e-9\nmodel.activation = [\"sigmoid\", \"relu\"]"
        ))
}

/// What an rnn or lstm of one layer and `length` time steps would have measured at two steps: numbers that readers get
/// wrong, and no `dc_rms` in any of an rnn's rows.
fn recurrent(kind: ModelKind, length: usize) -> Trace {
    let layer = LayerReading {
        grad_norm: 1.0,
        delta_rms: 1.0,
        log10_grad_norm: 0.0,
        log10_delta_rms: 0.0,
        weight_norm: 1.0,
        update_norm: 0.5,
        moved: 0.25,
        act_mean: 0.0,
        act_std: 1.0,
        zero_fraction: 0.0,
        saturated_fraction: 0.0,
        gains: None,
        status: RowStatus::Ok,
    };
    let time = |t: usize| {
        let (dh_rms, status) = match t % 4 {
            0 => (0.0, RowStatus::Zero),
            1 => (1e-300, RowStatus::Underflow),
            2 => (f64::INFINITY, RowStatus::Inf),
            _ => (0.25, RowStatus::Ok),
        };
        let dc_rms = if kind == ModelKind::Lstm { 2.0 * dh_rms } else { f64::NAN };
        TimeReading::new([dh_rms, dc_rms, 0.5], status)
    };
    let step = |step| StepReading { step, loss: 0.5, accuracy: f64::NAN, total_grad_norm: 1.0, clip_factor: 1.0 };
    Trace {
        inputs: vgrun::data::Moments { inputs: 3, square: 1.0, variance: 1.0, unevenness: 0.0, directions: 3.0 },
        outcome: vgrun::trace::Outcome {
            diverged_at: None,
            loss_first: 1.0,
            loss_last: 0.5,
            accuracy_last: f64::NAN,
            loss_of_chance: 1.0,
            test_loss: 0.5,
            test_accuracy: f64::NAN,
            parameters: 10,
        },
        steps: vec![step(0), step(1)],
        layers: vec![layer; 4],
        through_time: Some(ThroughTime {
            kind,
            length,
            first_answer: length,
            times: (3..2 * length + 3).map(time).collect(),
            gates: vec![GateReading { mean: 0.5, saturated_fraction: 0.0 }; 2 * kind.gates().len()],
        }),
    }
}

#[test]
fn every_reader_reads_the_tables_of_time_steps_and_gates() {
    let config = "name = \"test\"\nrun.data = { source = \"adding\", length = 150 }\nrun.model.depth = 1\n[grid]\nmodel.kind = [\"rnn\", \"lstm\", \"gru\"]\n";
    let plan = plan(&Source::new("test.toml", config), &[]).expect("a plan");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut writer, _) = Writer::create(folder.path(), "main", &plan).expect("a writer");
    for run in plan.runs() {
        let trace = recurrent(plan.spec(run).model.kind, 150);
        writer.append(plan.id(run), &Record::Done(trace)).expect("room on the disk");
    }
    rebuild(writer.store(), &plan).expect("tables");
    let table = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a table");
    // The first 300 rows of dc_rms have no number.
    assert!(table("time.csv").lines().nth(300).expect("a row").contains(",NaN,"));
    assert!(table("time.csv").contains(",inf,inf,0.5,infinite\n") && table("gates.csv").contains(",forget,"));
    is_read(folder.path());
}

#[test]
fn every_reader_reads_every_table_as_the_package_describes_it() {
    let experiment = hard_to_read();
    experiment.sweep(&["--quiet"]);
    let trace = &experiment.tables()["trace.csv"];
    for hard in [",NaN,", ",inf,", ",0.0,", "e-30", ",not_a_number\n", ",underflow\n"] {
        assert!(trace.contains(hard), "there is no {hard:?} to be read");
    }
    assert!(experiment.tables()["layers.csv"].contains(",-inf"));
    is_read(&experiment.results());
}

/// Holds what the readers make of a results folder against its package, where they can be asked.
fn is_read(results: &Path) {
    match ask(results) {
        Ok(outcome) => assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr),
        Err(why) => {
            assert!(env::var_os("VGRUN_REQUIRE_PYTHON").is_none(), "{why}");
            // Past the capture of a test's output, which nobody sees of a test that passes.
            let _ = writeln!(io::stderr(), "SKIPPED, no reader was asked: {why}; tests/run.sh installs what it needs");
        }
    }
}

/// What the readers say, or why they cannot be asked.
fn ask(results: &Path) -> Result<Outcome, String> {
    let python = env::var_os("VGRUN_PYTHON").ok_or("VGRUN_PYTHON names no Python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/readers.py");
    let output = Command::new(&python).arg(script).arg(results).output();
    let outcome = Outcome::of(&output.map_err(|e| format!("cannot start {}: {e}", python.display()))?);
    if outcome.code == MODULE_MISSING { Err(outcome.stdout.trim().to_owned()) } else { Ok(outcome) }
}
