//! What pandas, polars, pyarrow, duckdb and frictionless make of the tables, with their defaults.
//!
//! They are asked by a Python that `VGRUN_PYTHON` names; `tests/run.sh` installs one, and sets `VGRUN_REQUIRE_PYTHON`,
//! with which a missing one is a failure.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

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

#[test]
fn every_reader_reads_every_table_as_the_package_describes_it() {
    let experiment = hard_to_read();
    experiment.sweep(&["--quiet"]);
    let trace = &experiment.tables()["trace.csv"];
    for hard in [",NaN,", ",inf,", ",0.0,", "e-30", ",not_a_number\n", ",underflow\n"] {
        assert!(trace.contains(hard), "there is no {hard:?} to be read");
    }
    assert!(experiment.tables()["layers.csv"].contains(",-inf"));
    match ask(&experiment.results()) {
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
